package reach

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/flowdeed/flowdeed/iam"
	"github.com/flowdeed/flowdeed/reach/cut"
)

// maxCandidates bounds how many statements of one hop are weighed against each other.
// With more, all of them together count as the only way to end it.
const maxCandidates = 6

// Severance is the smallest change of policies that ends every unintended way to some
// stores and keeps the declared ones.
type Severance struct {
	Stores     []string `json:"stores"`
	Access     []string `json:"access"`
	Unintended int      `json:"unintended"` // pairs of principal and store to end
	Declared   int      `json:"declared"`   // pairs to keep
	Changes    []Change `json:"changes"`
	// Lower is how many changes any solution needs; Gap is by how many this one may be
	// more than the least.
	Lower int `json:"lower"`
	Gap   int `json:"gap"`
	// Left are pairs that no change of a statement ends: they go over declared hops, or
	// over hops that no statement carries alone.
	Left []LeftPair `json:"left"`
}

// Change is one statement to remove or to narrow.
type Change struct {
	Layer     iam.Layer `json:"layer"`
	Policy    string    `json:"policy"`
	Statement int       `json:"statement"`
	Sid       string    `json:"sid"`
	Pointer   string    `json:"pointer"`
	Hash      string    `json:"hash"`
	Holder    string    `json:"holder,omitempty"` // whose attachment of an AWS-managed policy it is
	Do        string    `json:"do"`               // "remove" or "narrow"
	TooWide   []string  `json:"tooWide"`          // what it grants beyond what is declared
	Keep      []string  `json:"keep"`             // declared hops it carries
	Instead   string    `json:"instead"`          // what to write
}

// LeftPair is an unintended pair that stays.
type LeftPair struct {
	Principal string `json:"principal"`
	Store     string `json:"store"`
}

// severing collects the problem.
type severing struct {
	*Finder
	nodes   map[string]int
	names   []string
	refs    map[string]int // statements by identity
	stmts   []Change
	problem cut.Problem
	words   []hopWords // of edges
	edited  map[string]*iam.Policy
}

// hopWords says what an edge is: who may do what on what.
type hopWords struct{ who, does, on string }

// Sever finds the cut for stores and kinds of access. declared says which principals
// are meant to have it.
func (f *Finder) Sever(stores []string, access []iam.Access, declared func(principal, store string) bool) *Severance {
	s := &severing{Finder: f, nodes: map[string]int{}, refs: map[string]int{}, edited: map[string]*iam.Policy{}}
	out := &Severance{Stores: stores, Changes: []Change{}, Left: []LeftPair{}}
	for _, x := range access {
		out.Access = append(out.Access, string(x))
	}
	var queue []string
	for _, store := range stores {
		if a := f.assets[store]; a != nil {
			queue = append(queue, s.onto(a, access)...)
		}
	}
	seen := map[string]bool{}
	for len(queue) > 0 {
		who := queue[0]
		if queue = queue[1:]; !seen[who] {
			seen[who] = true
			queue = append(queue, s.becoming(who)...)
		}
	}
	s.pairs(stores, declared)
	s.problem.Nodes = len(s.names)
	out.Unintended, out.Declared = len(s.problem.Unintended), len(s.problem.Declared)
	r := cut.Solve(&s.problem)
	out.Lower, out.Gap = r.Lower, r.Gap()
	kept := map[int]bool{}
	for _, e := range r.Kept {
		kept[e] = true
	}
	for _, x := range r.Touched {
		out.Changes = append(out.Changes, s.change(x, kept))
	}
	for _, p := range r.Left {
		out.Left = append(out.Left, LeftPair{s.names[p.From], s.names[p.To]})
	}
	return out
}

func (s *severing) node(name string) int {
	n, ok := s.nodes[name]
	if !ok {
		n = len(s.names)
		s.nodes[name], s.names = n, append(s.names, name)
	}
	return n
}

// onto adds the edges into a store, and returns from whom.
func (s *severing) onto(a *iam.Asset, access []iam.Access) (who []string) {
	for _, c := range s.callers(a) {
		any := false
		for _, d := range iam.DataActions(a.ARN) {
			if !slices.Contains(access, d.Access) || !s.possible(c, a, d) {
				continue
			}
			ask := s.question(c, a, d)
			if got := ask(nil); got.Outcome.Reaches() {
				s.edge(c, a.ARN, hopWords{c.id(), d.Action, a.ARN}, ask, got)
				any = true
			}
		}
		if any {
			who = append(who, c.id())
		}
	}
	return who
}

// becoming adds the edges into a principal: by assuming it, and by rules.
func (s *severing) becoming(who string) (from []string) {
	target := s.holders[who]
	if target == nil {
		return nil
	}
	for _, e := range s.assumers(who) {
		if !e.Outcome.Reaches() {
			continue
		}
		for _, action := range []string{"sts:AssumeRole", "sts:AssumeRoleWithWebIdentity", "sts:AssumeRoleWithSAML"} {
			ask := s.question(e.from, s.assets[who], iam.DataAction{Access: iam.Invoke, Action: action})
			if got := ask(nil); got.Outcome.Reaches() {
				s.edge(e.from, who, hopWords{e.from.id(), action, who}, ask, got)
				from = append(from, e.from.id())
			}
		}
	}
	works := s.workloads(who)
	for _, e := range s.escalators(who) {
		if e.from.holder == nil || !e.Outcome.Reaches() {
			continue
		}
		ask := func(gone map[string]bool) iam.Decision {
			x, _ := s.escalation(callerOf(s.holderWithout(e.from.holder, gone)), target, works)
			return x.Decision
		}
		s.edge(e.from, who, hopWords{e.from.id(), e.how + ", to become", who}, ask, e.Decision)
		from = append(from, e.from.id())
	}
	return from
}

// question asks the same again when statements are gone.
func (s *severing) question(c caller, a *iam.Asset, d iam.DataAction) func(map[string]bool) iam.Decision {
	h := c.holder
	if h == nil {
		h = &iam.Holder{Principal: c.principal}
		if c.principal.Account != "" {
			h.Missing = map[iam.Layer]string{iam.LayerIdentity: "account " + c.principal.Account + " was not scanned"}
		}
	}
	return func(gone map[string]bool) iam.Decision {
		w := &iam.World{Accounts: s.world.Accounts}
		asset := s.assetWithout(a, gone)
		w.Assets = append(w.Assets, asset)
		if k := s.assets[a.Key]; k != nil && k != a {
			w.Assets = append(w.Assets, s.assetWithout(k, gone))
			slices.SortFunc(w.Assets, func(x, y *iam.Asset) int { return strings.Compare(x.ARN, y.ARN) })
		}
		return doubted(c, asset, w.Decide(s.holderWithout(h, gone), asset, d))
	}
}

func (s *severing) holderWithout(h *iam.Holder, gone map[string]bool) *iam.Holder {
	if len(gone) == 0 {
		return h
	}
	out := *h
	out.Policies = nil
	for _, p := range h.Policies {
		out.Policies = append(out.Policies, s.without(p, h.Principal.ARN, gone))
	}
	return &out
}

func (s *severing) assetWithout(a *iam.Asset, gone map[string]bool) *iam.Asset {
	if len(gone) == 0 {
		return a
	}
	out := *a
	if a.Policy != nil {
		out.Policy = s.without(a.Policy, "", gone)
	}
	out.Grants = slices.DeleteFunc(slices.Clone(a.Grants), func(g iam.KeyGrant) bool { return gone[identity("grant "+g.ID, 0, "")] })
	return &out
}

// identity names a statement. One of a policy of AWS itself cannot be changed, only
// taken from whoever has it.
func identity(policy string, index int, holder string) string {
	key := fmt.Sprintf("%s\x00%d", policy, index)
	if strings.Contains(policy, ":iam::aws:policy/") {
		key += "\x00" + holder
	}
	return key
}

// without is a policy less some statements.
func (s *severing) without(p *iam.Policy, holder string, gone map[string]bool) *iam.Policy {
	var left []int
	for i := range p.Statements {
		if !gone[identity(p.ID, i, holder)] {
			left = append(left, i)
		}
	}
	if len(left) == len(p.Statements) {
		return p
	}
	key := fmt.Sprint(p.ID, left)
	if q := s.edited[key]; q != nil {
		return q
	}
	var doc struct{ Version, Statement json.RawMessage }
	var list []json.RawMessage
	if json.Unmarshal([]byte(p.Document), &doc) != nil || json.Unmarshal(doc.Statement, &list) != nil || len(list) != len(p.Statements) {
		list = []json.RawMessage{doc.Statement}
	}
	text := []json.RawMessage{}
	for _, i := range left {
		text = append(text, list[i])
	}
	if len(doc.Version) == 0 {
		doc.Version = json.RawMessage(`"2008-10-17"`)
	}
	data, err := json.Marshal(map[string]any{"Version": doc.Version, "Statement": text})
	if err != nil {
		return p // it was JSON before
	}
	q, err := iam.ParsePolicy(string(data))
	if err != nil {
		return p
	}
	q = q.Named(p.ID)
	s.edited[key] = q
	return q
}

// edge adds one hop with the sets of statements whose loss ends it.
func (s *severing) edge(c caller, to string, words hopWords, ask func(map[string]bool) iam.Decision, got iam.Decision) {
	holder := c.principal.ARN
	gone := map[string]bool{}
	var all []string
	for got.Outcome.Reaches() {
		before := len(all)
		for _, r := range got.Because {
			if r.Effect == iam.Deny || !slices.Contains([]iam.Layer{iam.LayerIdentity, iam.LayerResource, iam.LayerKey, iam.LayerGrant}, r.Layer) {
				continue
			}
			if r.Layer == iam.LayerGrant {
				r.Index = 0 // a grant is one statement
			}
			key := identity(r.Policy, r.Index, holder)
			if !gone[key] {
				gone[key] = true
				all = append(all, key)
				s.statement(key, r, holder)
			}
		}
		if len(all) == before {
			break // nothing that can be changed carries it
		}
		got = ask(gone)
	}
	e := cut.Edge{From: s.node(c.id()), To: s.node(to)}
	if !got.Outcome.Reaches() {
		e.Needs = s.needs(all, ask)
	}
	s.problem.Edges, s.words = append(s.problem.Edges, e), append(s.words, words)
}

func (s *severing) statement(key string, r iam.Reason, holder string) {
	if _, ok := s.refs[key]; ok {
		return
	}
	s.refs[key] = len(s.stmts)
	x := Change{Layer: r.Layer, Policy: r.Policy, Statement: r.Index, Sid: r.Sid, Pointer: r.Pointer}
	if p := s.policies[r.Policy]; p != nil {
		x.Hash = p.Hash
	}
	if strings.Contains(r.Policy, ":iam::aws:policy/") {
		x.Holder = holder
	}
	s.stmts, s.problem.Costs = append(s.stmts, x), append(s.problem.Costs, 1)
}

// needs lists the smallest sets of statements whose loss ends a hop, by asking again
// without each set.
func (s *severing) needs(all []string, ask func(map[string]bool) iam.Decision) (out [][]int) {
	number := func(keys []string) (list []int) {
		for _, k := range keys {
			list = append(list, s.refs[k])
		}
		return list
	}
	if len(all) > maxCandidates {
		return [][]int{number(all)}
	}
	var dead []int // sets as bits
	for size := 1; size <= len(all); size++ {
		for set := range 1 << len(all) {
			var keys []string
			gone := map[string]bool{}
			for i, k := range all {
				if set>>i&1 == 1 {
					keys, gone[k] = append(keys, k), true
				}
			}
			if len(keys) != size || slices.ContainsFunc(dead, func(d int) bool { return d&set == d }) {
				continue
			}
			if !ask(gone).Outcome.Reaches() {
				dead, out = append(dead, set), append(out, number(keys))
			}
		}
	}
	return out
}

// pairs splits all principals that get at a store by whether they are meant to.
func (s *severing) pairs(stores []string, declared func(string, string) bool) {
	into := make([][]int, len(s.names))
	for _, e := range s.problem.Edges {
		into[e.To] = append(into[e.To], e.From)
	}
	for _, store := range stores {
		to, ok := s.nodes[store]
		if !ok {
			continue
		}
		seen, queue := map[int]bool{to: true}, []int{to}
		for len(queue) > 0 {
			v := queue[0]
			queue = queue[1:]
			for _, u := range into[v] {
				if seen[u] {
					continue
				}
				seen[u] = true
				queue = append(queue, u)
				if p := (cut.Pair{From: u, To: to}); declared(s.names[u], store) {
					s.problem.Declared = append(s.problem.Declared, p)
					s.keep(p)
				} else {
					s.problem.Unintended = append(s.problem.Unintended, p)
				}
			}
		}
	}
}

// keep keeps all that a declared principal does to the store by itself.
func (s *severing) keep(p cut.Pair) {
	for i, e := range s.problem.Edges {
		if e.From == p.From && e.To == p.To {
			s.problem.Keep = append(s.problem.Keep, i)
		}
	}
}
