package classify

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/flowdeed/flowdeed/annotations"
	"github.com/flowdeed/flowdeed/graph"
)

// Recipient is somebody outside who gets data, or may: a host, an address, another
// account, or a company that a name hints at.
type Recipient struct {
	ID       string   // "host:api.example.com", "account:111122223333", "address:...", "vendor:Stripe"
	Name     string   // as a person would call it
	Declared string   // key of the declared party; empty when there is none
	Known    string   // why an account is no stranger: "scanned with it", "declared"
	Party    string   // proposed company, to be confirmed
	Country  string   // of its head office, or of the declared party
	Role     string   // usual role, to be confirmed, or of the declared party
	Evidence []string // what it was seen by, sorted
	// Hint is true where only names speak of it.
	Hint bool
}

// recipients is what is being put together.
type recipients struct {
	m       *graph.Model
	set     *annotations.Set
	known   map[string]string
	byWord  map[string]*vendor
	found   map[string]*Recipient
	evident map[string]map[string]bool
}

// Recipients lists who else gets data, by the flows that leave, the policies that admit
// other accounts, and the names that hint at companies; compared with the declared
// parties. known are accounts that are no strangers, with why.
func Recipients(m *graph.Model, set *annotations.Set, known map[string]string) []Recipient {
	r := &recipients{m, set, known, map[string]*vendor{}, map[string]*Recipient{}, map[string]map[string]bool{}}
	for i := range vendors {
		for _, w := range strings.Fields(vendors[i].words) {
			r.byWord[w] = &vendors[i]
		}
	}
	for _, f := range m.Flows() {
		r.flow(f)
	}
	for _, n := range m.Nodes() {
		r.policies(n)
		r.names(n)
	}
	var out []Recipient
	for _, id := range slices.Sorted(maps.Keys(r.found)) {
		x := r.found[id]
		x.Evidence = slices.Sorted(maps.Keys(r.evident[id]))
		out = append(out, *x)
	}
	slices.SortStableFunc(out, func(a, b Recipient) int {
		return cmp.Or(annotations.FalseFirst(a.Hint, b.Hint)*-1, cmp.Compare(a.ID, b.ID))
	})
	return out
}

// add notes a recipient with one piece of evidence.
func (r *recipients) add(id, name string, hint bool, why string) *Recipient {
	x := r.found[id]
	if x == nil {
		x = &Recipient{ID: id, Name: name, Hint: hint}
		r.found[id], r.evident[id] = x, map[string]bool{}
	}
	x.Hint = x.Hint && hint
	r.evident[id][why] = true
	return x
}

// flow finds what leaves along a flow: to hosts and addresses, and from one account to
// another.
func (r *recipients) flow(f *graph.Flow) {
	from, to := r.m.Node(f.From), r.m.Node(f.To)
	if from == nil || to == nil || !f.Kind.Carries() && f.Kind != graph.Invokes {
		return
	}
	why := fmt.Sprintf("%s %s %s", nameOrID(from), f.Kind, cmp.Or(f.Via, "(no route)"))
	forward, _ := f.Kind.DataMoves()
	switch {
	case to.Class == graph.ExternalEndpoint && to.External && (forward || f.Kind == graph.Invokes):
		r.endpoint(to, why)
	case from.Account != "" && to.Account != "" && from.Account != to.Account && forward:
		r.account(to.Account, why+" "+nameOrID(to))
	}
}

func nameOrID(n *graph.Node) string { return cmp.Or(n.Name, string(n.ID)) }

func (r *recipients) endpoint(n *graph.Node, why string) {
	name := nameOrID(n)
	id := "host:" + strings.ToLower(name)
	if strings.Contains(name, "@") {
		id = "address:" + name
	}
	x := r.add(id, name, false, why)
	host := strings.ToLower(name)
	if _, domain, ok := strings.Cut(host, "@"); ok {
		host = domain
	}
	for _, p := range r.set.Parties() {
		for _, h := range p.Hosts {
			if h = strings.ToLower(h); host == h || strings.HasSuffix(host, "."+h) {
				x.Declared, x.Party, x.Country, x.Role = p.Key, p.Name, p.Country, p.Role
			}
		}
	}
	if x.Declared == "" {
		x.propose(r.vendorIn(host, ".-"))
	}
}

// propose names the company that words speak of.
func (x *Recipient) propose(v *vendor) {
	if v != nil {
		x.Party, x.Country, x.Role = v.name, v.country, v.role
	}
}

// vendorIn finds a company by whole words between separators.
func (r *recipients) vendorIn(name, separators string) *vendor {
	for _, w := range strings.FieldsFunc(strings.ToLower(name), func(c rune) bool { return strings.ContainsRune(separators, c) }) {
		if v := r.byWord[w]; v != nil {
			return v
		}
	}
	return nil
}

func (r *recipients) account(id, why string) {
	x := r.add("account:"+id, "account "+id, false, why)
	x.Known = r.known[id]
	for _, p := range r.set.Parties() {
		if slices.Contains(p.Accounts, id) {
			x.Declared, x.Party, x.Country, x.Role = p.Key, p.Name, p.Country, p.Role
		}
	}
}

// policies finds accounts that a resource's policy admits: they may get what it keeps.
func (r *recipients) policies(n *graph.Node) {
	admitted := graph.ForeignPrincipals.Get(&n.Facts)
	if !admitted.Known {
		return
	}
	for _, p := range admitted.V {
		if id := accountOf(p); id != "" && id != n.Account {
			r.account(id, "policy of "+nameOrID(n))
		}
	}
}

// accountOf is the account of a principal given as ARN or account id.
func accountOf(principal string) string {
	if part := strings.Split(principal, ":"); len(part) > 4 && part[0] == "arn" {
		principal = part[4]
	}
	if len(principal) == 12 && strings.Trim(principal, "0123456789") == "" {
		return principal
	}
	return ""
}

// names finds companies by the names of variables, secrets, parameters, layers, buses and
// destinations. A name is a hint, no more.
func (r *recipients) names(n *graph.Node) {
	const between = "_-./: "
	for _, x := range n.Names {
		if v := r.vendorIn(x.Name, between); v != nil && (x.Of == "environment variable" || x.Of == "stage variable") {
			r.hint(v, fmt.Sprintf("%s %s of %s", x.Of, x.Name, nameOrID(n)))
		}
	}
	switch n.Class {
	case graph.Secret, graph.Parameter, graph.EventBus, graph.FunctionLayer, graph.EventRule:
		if v := r.vendorIn(n.Name, between); v != nil {
			r.hint(v, fmt.Sprintf("%s %s", n.Class, n.Name))
		}
	}
	if n.Class == graph.FunctionLayer && n.External {
		if id := n.Account; id != "" && r.known[id] == "" {
			r.account(id, "layer "+nameOrID(n))
		}
	}
	// Source: Amazon EventBridge User Guide, "Receiving events from a SaaS partner".
	if n.Class == graph.EventBus && strings.HasPrefix(n.Name, "aws.partner/") {
		domain, _, _ := strings.Cut(strings.TrimPrefix(n.Name, "aws.partner/"), "/")
		x := r.add("host:"+strings.ToLower(domain), domain, false, "partner event bus "+n.Name)
		x.propose(r.vendorIn(domain, ".-"))
	}
}

func (r *recipients) hint(v *vendor, why string) {
	for id, x := range r.found {
		if x.Party == v.name && !x.Hint {
			r.evident[id][why] = true // already there with better evidence
			return
		}
	}
	x := r.add("vendor:"+v.name, v.name, true, why)
	x.propose(v)
	for _, p := range r.set.Parties() {
		if strings.EqualFold(p.Name, v.name) || strings.HasPrefix(strings.ToLower(p.Name), strings.ToLower(v.name)+" ") {
			x.Declared, x.Country, x.Role = p.Key, p.Country, p.Role
		}
	}
}
