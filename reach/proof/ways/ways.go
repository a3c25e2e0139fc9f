// Package ways is the part of the proof checker that no policy decides: it holds a step of
// a proof against the table of rules by which rights are got, or against the flows of the
// inventory, and says which permissions, by whom and on what, the step must show. Whether
// they are granted is for package verify to derive.
//
// It is written a second time, like package terms, and shares no code with package reach.
package ways

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"

	"github.com/flowdeed/flowdeed/reach/proof"
)

// Map is the inventory with its flows by node.
type Map struct {
	inv     *proof.Inventory
	out, in map[string][]*proof.Flow
}

// Of makes the map of an inventory, whose flows must not change any more.
func Of(inv *proof.Inventory) *Map {
	m := &Map{inv: inv, out: map[string][]*proof.Flow{}, in: map[string][]*proof.Flow{}}
	for i := range inv.Flows {
		f := &inv.Flows[i]
		m.out[f.From], m.in[f.To] = append(m.out[f.From], f), append(m.in[f.To], f)
	}
	return m
}

// From begins a way on which the kinds of access are claimed.
func (m *Map) From(access []string) *Way { return &Way{Map: m, access: access} }

// Way is a proof as far as it has been followed.
type Way struct {
	*Map
	access []string // kinds of access that are claimed
	// Assumed: a step rests on what somebody's code does.
	Assumed bool
	before  *proof.Step
	auth    string   // proof of identity of the entry point, once the way follows flows
	routes  []string // open at the node the last flow leads to; "" is all
	answers bool     // every flow so far hands an answer back
}

// parts are the parts that a step of a kind has: Grants, Rule, Workload, reQuires,
// Lifted, Flow, If, Joined. Those in capitals must be there.
var parts = map[string]string{"access": "Glj", "assume-role": "Glj", "escalation": "RwQ", "opening": "GRq", "flow": "Fq", "runs-under": "I", "permission": "G"}

// Starter is who takes the first step of a proof: whoever the entry point admits.
func Starter(s *proof.Step) string {
	if s.Flow != nil && s.Principal == "internet" {
		return map[string]string{"none": "*", "token": proof.SignedIn}[s.Flow.Auth]
	}
	return s.Principal
}

// Take checks what a step rests on beside its grants.
func (w *Way) Take(s *proof.Step) (err error) {
	if err := shaped(s); err != nil {
		return err
	}
	last, lift, joined := s.Becomes == "", false, ""
	if w.before != nil && w.before.Kind == "escalation" {
		form := proof.Rules[w.before.Rule].Form
		if lift = form == "lift" || form == "raise"; form == "join" {
			joined = w.before.Workload
		}
	}
	w.before = s
	switch {
	case s.Lifted != lift || s.Joined != joined:
		return errors.New("the principal has the permissions it was given in the step after, and in no other")
	case s.Opened || s.Listed || s.Kind == "permission" || last != (s.Kind == "access" || s.Kind == "opening" || s.Kind == "flow" && last):
		return errors.New("the step is not of a kind for this place")
	case s.Kind == "access":
		return w.covers(w.access, s)
	case s.Kind == "assume-role":
		return assumes(s)
	case s.Kind == "escalation":
		return w.escalation(s)
	case s.Kind == "opening":
		return w.opening(s)
	case s.Kind == "flow":
		return w.flow(s, last)
	}
	w.Assumed = true
	code := []proof.Literal{{Key: "code", Operator: "does", Values: []string{s.Asset}, Holds: true}}
	return unless(w.auth != "" && s.Asset == s.Principal && proof.RunsCode[w.inv.Nodes[s.Asset].Class] && slices.Contains(w.roles(s.Asset), s.Becomes) &&
		reflect.DeepEqual(s.If, code) && w.comesOut(), "%s does not run under %s for whoever starts it, on the assumption that its code does it", s.Asset, s.Becomes)
}

func unless(ok bool, reason string, args ...any) error {
	if ok {
		return nil
	}
	return fmt.Errorf(reason, args...)
}

// shaped tells whether a step has the parts of its kind and no others.
func shaped(s *proof.Step) error {
	want, ok := parts[s.Kind]
	for i, has := range []bool{len(s.Grants) > 0, s.Rule != "", s.Workload != "", len(s.Requires) > 0, s.Lifted, s.Flow != nil, len(s.If) > 0, s.Joined != ""} {
		part := "GRWQLFIJ"[i : i+1]
		ok = ok && (has || !strings.Contains(want, part)) && (!has || strings.Contains(strings.ToUpper(want), part))
	}
	return unless(ok, "a step of kind %q has other parts", s.Kind)
}

func assumes(s *proof.Step) error {
	return unless(s.Kind == "assume-role" && s.Becomes == s.Asset && !slices.ContainsFunc(s.Grants, func(g proof.Grant) bool {
		return !slices.Contains([]string{"sts:AssumeRole", "sts:AssumeRoleWithWebIdentity", "sts:AssumeRoleWithSAML"}, g.Action)
	}), "the role is not assumed")
}

// covers tells whether the grants of the steps give every kind of access.
func (w *Way) covers(access []string, steps ...*proof.Step) error {
	for _, kind := range access {
		if !slices.ContainsFunc(steps, func(s *proof.Step) bool {
			return slices.ContainsFunc(s.Grants, func(g proof.Grant) bool {
				return slices.Contains(strings.Fields(proof.Accesses[kind]), strings.ToLower(g.Action))
			})
		}) {
			return errors.New("nothing that is granted gives the access: " + kind)
		}
	}
	return nil
}

// has takes the next step off a list of required ones, which must be of a kind, by
// somebody, on one of some objects, and shaped like it. supposed: the object is "opened"
// or "listed" to everybody; empty: neither.
func has(list *[]proof.Step, kind string, supposed string, who string, objects ...string) (*proof.Step, error) {
	if len(*list) > 0 {
		s := (*list)[0]
		leads := map[bool]string{true: s.Asset}[kind == "assume-role"]
		if s.Kind == kind && s.Principal == who && slices.Contains(objects, s.Asset) && !s.Lifted && s.Joined == "" && s.Opened == (supposed == "opened") && s.Listed == (supposed == "listed") && s.Becomes == leads {
			*list = (*list)[1:]
			return &s, shaped(&s)
		}
	}
	return nil, fmt.Errorf("a step is required: %s by %s on one of %q", kind, who, objects)
}

// may takes a permission off a list of required steps.
func may(list *[]proof.Step, who, action string, given proof.Keys, objects ...string) error {
	s, err := has(list, "permission", "", who, objects...)
	given = maps.Clone(given)
	given["aws:securetransport"] = []string{"true"}
	for i := 0; err == nil && i < len(s.Grants); i++ {
		g := &s.Grants[i]
		err = unless(g.Action == action && reflect.DeepEqual(proof.Keys(g.Given), given) && !g.Closed && g.Through == "",
			"the rule takes %s given %v", action, given)
	}
	return err
}

// passes takes off a list what it takes to hand a role to a service that it trusts.
func passes(list *[]proof.Step, who, role, service string) error {
	if err := may(list, who, "iam:PassRole", proof.Keys{"iam:passedtoservice": {service}}, role); err != nil {
		return err
	}
	s, err := has(list, "assume-role", "", service, role)
	if err != nil {
		return err
	}
	return assumes(s)
}

// roles are the scanned principals a node runs under.
func (x *Map) roles(node string) (out []string) {
	for _, f := range x.out[node] {
		if _, ok := x.inv.Holders[f.To]; ok && f.Kind == "assumes" {
			out = append(out, f.To)
		}
	}
	return out
}

func service(arn string) string { return strings.Split(arn+":::", ":")[2] }

// ofKind tells whether a workload is of the service and the kind that a rule names.
func ofKind(arn, named string) bool {
	at, begin, _ := strings.Cut(named, " ")
	p := strings.SplitN(arn, ":", 6)
	return len(p) == 6 && p[2] == at && strings.HasPrefix(p[5], begin)
}

// escalation holds a step against the table of rules.
func (w *Way) escalation(s *proof.Step) error {
	r, ok := proof.Rules[s.Rule]
	me, target, self := w.inv.Holders[s.Principal], w.inv.Holders[s.Becomes], s.Becomes == s.Principal
	either := ok && strings.HasSuffix(r.Needs[0].Object, "policies") // users and roles have them
	if !ok || s.Asset != s.Becomes || self != (r.Form == "lift" || r.Form == "join") || me.Account == "" || me.Account != target.Account ||
		(r.Form == "workload" || r.Form == "join") != (s.Workload != "") || r.User != (target.Kind == "user") && !either ||
		r.Form == "join" && w.inv.Groups[s.Workload].Account != me.Account ||
		r.Form == "workload" && (!ofKind(s.Workload, r.Service) || !slices.Contains(w.roles(s.Workload), s.Becomes)) {
		return fmt.Errorf("the rule %q does not lead from %s to %s", s.Rule, s.Principal, s.Becomes)
	}
	rest := s.Requires
	if r.Form == "pass" {
		if err := passes(&rest, s.Principal, s.Becomes, r.Service); err != nil {
			return err
		}
	}
	for _, n := range r.Needs {
		at, end, typed := strings.Cut(n.On, " ")
		objects := map[string][]string{"target": {s.Becomes}, "workload": {s.Workload}, "group": {s.Workload}, "self": {s.Principal}, "groups": me.Groups,
			"policies": managed(me), "target policies": managed(target), "new": {"arn:aws:" + at + ":*:" + me.Account + ":" + end}}[n.Object]
		if n.Object == "new" && !typed { // the action takes no resource
			objects = []string{n.On}
		}
		if err := may(&rest, s.Principal, n.Action, proof.Keys{}, objects...); err != nil {
			return err
		}
	}
	if r.Form == "raise" {
		return w.raised(s, rest)
	}
	return unless(len(rest) == 0, "the rule takes less")
}

// raised holds what is left of a step by which the target was given every permission:
// the principal must be able to become it.
func (w *Way) raised(s *proof.Step, rest []proof.Step) error {
	if len(rest) != 1 || rest[0].Principal != s.Principal || rest[0].Becomes != s.Becomes || rest[0].Asset != s.Becomes || rest[0].Lifted || rest[0].Joined != "" || rest[0].Opened || rest[0].Listed {
		return errors.New("a way to become " + s.Becomes + " is required")
	}
	if err := shaped(&rest[0]); err != nil {
		return err
	}
	if rest[0].Kind == "assume-role" {
		return assumes(&rest[0])
	}
	if form := proof.Rules[rest[0].Rule].Form; rest[0].Kind != "escalation" || form == "raise" {
		return errors.New("the principal does not become " + s.Becomes)
	}
	return w.escalation(&rest[0])
}

// managed are the policies of a principal that its account manages.
func managed(h proof.Holder) (out []string) {
	for _, p := range h.Policies {
		if strings.Contains(p.Policy, ":policy/") && !strings.Contains(p.Policy, ":iam::aws:") {
			out = append(out, p.Policy)
		}
	}
	return out
}

// opening holds a step against the table of openings.
func (w *Way) opening(s *proof.Step) error {
	o, ok := proof.Openings[s.Rule]
	gives := func(list []string) bool {
		return len(list) > 0 && !slices.ContainsFunc(list, func(k string) bool { return !slices.Contains(strings.Fields(o.Gives), k) })
	}
	at, _, _ := strings.Cut(s.Rule, ":")
	me, store := w.inv.Holders[s.Principal], w.inv.Assets[s.Asset]
	if !ok || !gives(w.access) || !ofKind(s.Asset, at+" "+o.Kind) || o.Plain && (store.Key != "" || store.AWSKey) || w.inv.Holders[s.Principal].Account != w.inv.Assets[s.Asset].Account ||
		slices.ContainsFunc(s.Grants, func(g proof.Grant) bool { return g.Action != s.Rule }) {
		return fmt.Errorf("%q does not open %s to %v", s.Rule, s.Asset, w.access)
	}
	rest := s.Requires
	for _, n := range o.Needs {
		objects := []string{s.Asset + n.On}
		if n.Object == "new" {
			at, end, _ := strings.Cut(n.On, " ")
			objects = []string{"arn:aws:" + at + ":*:" + me.Account + ":" + end}
		}
		if err := may(&rest, s.Principal, n.Action, proof.Keys{}, objects...); err != nil {
			return err
		}
	}
	if o.Lists {
		anybody, err := has(&rest, "access", "listed", proof.AnyAccount, s.Asset)
		if err == nil {
			err = w.covers(w.access, anybody)
		}
		if err != nil {
			return err
		}
	}
	if o.Key {
		key, err := has(&rest, "access", "opened", s.Principal, s.Asset)
		if err == nil {
			err = w.covers(w.access, key)
		}
		if err != nil {
			return err
		}
	}
	if o.Pass != "" {
		if len(rest) != 3 {
			return errors.New("no role is handed over")
		}
		role := rest[0].Asset
		if err := passes(&rest, s.Principal, role, o.Pass); err != nil {
			return err
		}
		uses, err := has(&rest, "access", "", role, s.Asset)
		if err == nil {
			err = w.covers(w.access, uses)
		}
		if err != nil {
			return err
		}
	}
	return unless(len(rest) == 0, "the opening takes less")
}

// comesOut tells whether what is read can come out at the entry point.
func (w *Way) comesOut() bool {
	return len(w.access) > 0 && (w.answers || !slices.ContainsFunc(w.access, func(k string) bool { return slices.Contains([]string{"read", "list", "stream", "decrypt"}, k) }))
}

// route is what stays open behind a node that is entered by a route.
func (x *Map) route(node, via string) string {
	if x.inv.Nodes[node].Class == "api" || slices.ContainsFunc(x.out[node], func(f *proof.Flow) bool { return f.Via == via }) {
		return via
	}
	return ""
}

// flow follows one flow of the inventory.
func (w *Way) flow(s *proof.Step, last bool) error {
	f, from, to, first := s.Flow, w.inv.Nodes[s.Principal], w.inv.Nodes[s.Asset], w.auth == ""
	known := f.From == s.Principal && f.To == s.Asset && slices.ContainsFunc(w.out[f.From], func(y *proof.Flow) bool { return reflect.DeepEqual(y, f) })
	goesOn := slices.Contains(proof.GoesOn, f.Kind) && (slices.Contains(w.routes, "") || slices.Contains(w.routes, f.Via))
	switch {
	case !known || f.Off:
		return errors.New("there is no such flow, or it is off")
	case first && (f.Kind != "exposes" || f.From != "internet" || Starter(s) == ""), !first && !goesOn, !last && (f.Kind == "reads" || s.Becomes != s.Asset):
		return errors.New("the way does not go on by this flow")
	}
	w.answers = first || w.answers && !f.Async && !from.Keeps && slices.Contains(proof.HandsBack, f.Kind) && !slices.Contains(proof.Quiet, from.Class)
	if first {
		w.auth = f.Auth
	}
	w.routes = []string{""}
	switch {
	case f.Kind == "exposes":
		w.routes[0] = w.route(f.To, f.Via)
	case f.Kind == "routes-to" && slices.Contains(proof.AsksItself, to.Class):
		w.routes = nil
		for _, e := range w.in[f.To] {
			if e.Kind == "exposes" && e.Auth == w.auth && !e.Off {
				w.routes = append(w.routes, w.route(f.To, e.Via))
			}
		}
	}
	if !last {
		return nil
	}
	return w.arrival(s, to.Keeps)
}

// arrival weighs what the last flow does: it starts what it leads to, or reads or writes
// a store, as far as a role behind it may. Code does what its role may, and no more.
func (w *Way) arrival(s *proof.Step, keeps bool) error {
	rest := s.Requires
	roles := w.roles(s.Principal)
	_, known := w.inv.Assets[s.Asset]
	var uses []*proof.Step
	for len(rest) > 0 {
		u, err := has(&rest, "access", "", rest[0].Principal, s.Asset)
		if err != nil || !slices.Contains(roles, u.Principal) {
			return cmp.Or(err, errors.New("what brings the data does not run under the role"))
		}
		uses = append(uses, u)
	}
	for _, k := range w.access {
		switch {
		case k == "invoke" && s.Flow.Kind != "reads" && len(w.routes) > 0:
		case !keeps || !slices.Contains(strings.Fields(proof.FlowGives[s.Flow.Kind]), k) || known && len(roles) > 0 && proof.RunsCode[w.inv.Nodes[s.Principal].Class]:
			return errors.New("the flow does not give the access: " + k)
		case known && len(roles) > 0:
			if err := w.covers([]string{k}, uses...); err != nil {
				return err
			}
		}
	}
	return unless(w.comesOut(), "nothing comes back to who started it")
}
