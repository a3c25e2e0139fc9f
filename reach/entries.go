package reach

import (
	"slices"
	"strings"

	"github.com/flowdeed/flowdeed/graph"
	"github.com/flowdeed/flowdeed/iam"
	"github.com/flowdeed/flowdeed/reach/proof"
)

// SignedIn stands for everybody who signed in with a user pool or token that an entry
// point asks for.
const SignedIn = proof.SignedIn

// entryKinds are who may come in by an entry point, by the proof it asks for.
var entryKinds = []struct {
	who  string
	auth graph.Auth
}{{string(graph.Internet), graph.AuthNone}, {SignedIn, graph.AuthToken}}

// hop is one step of a walk along the flows, with the way back.
type hop struct {
	node  graph.ID
	route string // the only route open at this node; empty when all are
	flow  *graph.Flow
	prev  *hop
	// answers: every step so far hands an answer back to who started it, so that what
	// is read at the end can come out.
	answers bool
}

// walk is what can be started from outside by one kind of caller: breadth first, in
// the order of the flows, every node once for each route.
type walk struct {
	graph     *graph.Model
	auth      graph.Auth
	seen      map[[2]string]bool
	queue     []*hop
	started   []*hop            // in the order they were found
	running   []*hop            // of these, what runs code under a role; nil before it is asked for
	runningIn map[string][]int  // places in running, by account of the role
	arrivals  map[graph.ID]*hop // the shortest way into each store and channel by a configured flow
}

// walks walks once for each kind of caller.
func (f *Finder) walks() []*walk {
	if f.walked == nil {
		for _, k := range entryKinds {
			f.walked = append(f.walked, walkFrom(f.graph, k.auth))
		}
	}
	return f.walked
}

func walkFrom(m *graph.Model, auth graph.Auth) *walk {
	w := &walk{graph: m, auth: auth, seen: map[[2]string]bool{}, arrivals: map[graph.ID]*hop{}}
	for _, fl := range m.Out(graph.Internet) {
		if fl.Kind == graph.Exposes && w.admits(fl) {
			w.arrive(fl, nil)
		}
	}
	for len(w.queue) > 0 {
		h := w.queue[0]
		w.queue = w.queue[1:]
		w.started = append(w.started, h)
		w.expand(h)
	}
	return w
}

func (w *walk) admits(fl *graph.Flow) bool {
	return !off(fl) && graph.Is(graph.EntryAuth.Get(&fl.Facts), w.auth)
}

func off(fl *graph.Flow) bool { return graph.Is(graph.StateOn.Get(&fl.Facts), false) }

func (w *walk) push(h *hop) {
	k := [2]string{string(h.node), h.route}
	if w.seen[k] || w.seen[[2]string{string(h.node), ""}] {
		return
	}
	w.seen[k] = true
	w.queue = append(w.queue, h)
}

// arrive takes one flow. What enters an API by a route leaves it by that route only,
// and an entry behind another entry asks for its own proof.
func (w *walk) arrive(fl *graph.Flow, prev *hop) {
	to := w.graph.Node(fl.To)
	if to == nil || off(fl) {
		return
	}
	h := &hop{node: to.ID, flow: fl, prev: prev, answers: w.handsBack(fl, prev)}
	if to.Class.KeepsData() && w.arrivals[to.ID] == nil {
		w.arrivals[to.ID] = h
	}
	switch {
	case fl.Kind == graph.Reads: // what is read starts nothing
	case fl.Kind == graph.Exposes && fl.Via != "" && w.routed(to, fl.Via):
		h.route = fl.Via
		w.push(h)
	case fl.Kind == graph.RoutesTo && asksItself(to.Class):
		for _, e := range w.graph.In(to.ID) {
			if e.Kind == graph.Exposes && w.admits(e) {
				x := *h
				if w.routed(to, e.Via) {
					x.route = e.Via
				}
				w.push(&x)
			}
		}
	default:
		w.push(h)
	}
}

// handsBack tells whether the answer of what a flow calls goes back to where the way
// began. Messages and events bring none.
func (w *walk) handsBack(fl *graph.Flow, prev *hop) bool {
	if prev == nil {
		return true
	}
	from := w.graph.Node(fl.From)
	switch {
	case !prev.answers || graph.Is(graph.Asynchronous.Get(&fl.Facts), true) || from == nil || from.Class.KeepsData():
		return false
	case from.Class == graph.EventRule, from.Class == graph.ScheduleClass, from.Class == graph.Pipe:
		return false
	}
	return fl.Kind == graph.RoutesTo || fl.Kind == graph.Invokes || fl.Kind == graph.Reads || fl.Kind == graph.Accesses || fl.Kind == graph.Triggers
}

func asksItself(c graph.Class) bool {
	return c == graph.API || c == graph.GraphQLAPI || c == graph.LoadBalancer
}

func (w *walk) routed(n *graph.Node, route string) bool {
	return route != "" && (n.Class == graph.API || slices.ContainsFunc(w.graph.Out(n.ID), func(fl *graph.Flow) bool { return fl.Via == route }))
}

// carriesOn are the kinds of flow that start or feed what they lead to.
var carriesOn = []graph.FlowKind{
	graph.Triggers, graph.Invokes, graph.Delivers, graph.RoutesTo, graph.Publishes, graph.Streams, graph.Writes, graph.Reads, graph.Accesses, graph.Mounts,
}

func (w *walk) expand(h *hop) {
	for _, fl := range w.graph.Out(h.node) {
		if slices.Contains(carriesOn, fl.Kind) && (h.route == "" || fl.Via == h.route) {
			w.arrive(fl, h)
		}
	}
}

// steps turns the way to a hop into steps.
func (h *hop) steps() []Step {
	var out []Step
	for x := h; x != nil; x = x.prev {
		how := string(x.flow.Kind)
		if x.flow.Via != "" {
			how += " (" + x.flow.Via + ")"
		}
		out = append(out, Step{To: string(x.node), How: how, flow: x.flow})
	}
	slices.Reverse(out)
	return out
}

// fromOutside lists how callers from the internet get at a store along the flows: by
// flows that are configured, and by code on the way that has the permission.
func (f *Finder) fromOutside(arn string, access []iam.Access) Result {
	var r Result
	n := f.graph.Node(graph.ID(arn))
	if n == nil {
		return r
	}
	for _, x := range access {
		if a := f.assets[arn]; a != nil && f.openDecision(a, x).Outcome == iam.Allowed {
			continue // open to everybody: nobody needs a way around
		}
		for i, w := range f.walks() {
			a, ok := f.outside(w, n, x)
			a.Principal = entryKinds[i].who
			switch {
			case ok:
				r.Answers = append(r.Answers, a)
			case len(a.Steps) > 0:
				r.Undecided = append(r.Undecided, a)
			}
		}
	}
	return r
}

// outside is the shortest way from outside to a store for one kind of access; not ok and
// with steps: the way there that is not decided.
func (f *Finder) outside(w *walk, n *graph.Node, access iam.Access) (Answer, bool) {
	a := Answer{Store: string(n.ID), Access: []iam.Access{access}, Via: Public, Decision: iam.Allowed}
	asset := f.assets[string(n.ID)]
	var open Answer // what is not decided
	if h := w.arrivals[n.ID]; h != nil {
		switch d := f.configured(h, n, access); {
		case d.Outcome.Reaches():
			a.Steps = h.steps()
			last := &a.Steps[len(a.Steps)-1]
			last.If, last.Because = d.If, d.Because
			return a.weighed(), true
		case d.Outcome == iam.Unknown:
			open = a
			open.Steps, open.Decision, open.Why, open.BlockedBy = h.steps(), iam.Unknown, d.Why, d.BlockedBy
		}
	}
	started := w.started
	if access != iam.Invoke {
		started = f.runningFor(w, asset)
	}
	for _, h := range started {
		if access == iam.Invoke && h.node == n.ID {
			a.Steps = h.steps()
			return a.weighed(), true
		}
		code := f.graph.Node(h.node)
		if asset == nil || code == nil || !runsCode(code.Class) || takesOut(access) && !h.answers {
			continue
		}
		for _, role := range f.rolesOf(h.node) {
			if account := role.Principal.Account; account != asset.Account && !f.admitsAccount(asset, account) {
				continue
			}
			if d, asked := f.access(callerOf(role), asset, access); asked && d.Outcome.Reaches() {
				a.Steps = append(h.steps(), f.asCode(code, role.Principal.ARN), Step{To: asset.ARN, How: string(access), If: d.If, Because: d.Because})
				return a.weighed(), true
			}
		}
	}
	return open, false
}

// running are the started nodes that run code under a scanned role.
func (f *Finder) running(w *walk) []*hop {
	if w.running == nil {
		w.running, w.runningIn = []*hop{}, map[string][]int{}
		for _, h := range w.started {
			n := f.graph.Node(h.node)
			if n == nil || !runsCode(n.Class) || len(f.rolesOf(h.node)) == 0 {
				continue
			}
			for _, r := range f.rolesOf(h.node) {
				w.runningIn[r.Principal.Account] = append(w.runningIn[r.Principal.Account], len(w.running))
			}
			w.running = append(w.running, h)
		}
	}
	return w.running
}

// runningFor are those whose roles may come into question for an asset, in the same order.
func (f *Finder) runningFor(w *walk, a *iam.Asset) []*hop {
	all := f.running(w)
	if a == nil {
		return nil
	}
	if f.doorOf(a).open {
		return all
	}
	var places []int
	for _, id := range f.accountsIn(a) {
		places = append(places, w.runningIn[id]...)
	}
	slices.Sort(places)
	var out []*hop
	for _, i := range slices.Compact(places) {
		out = append(out, all[i])
	}
	return out
}

// takesOut are the kinds of access that are worth nothing without an answer.
func takesOut(a iam.Access) bool {
	return a == iam.Read || a == iam.List || a == iam.Stream || a == iam.Decrypt
}

// configured decides whether the last hop gives the access by configuration alone: code
// does what its permissions say instead, and a workflow no more than its role may, under
// the conditions that its role may.
func (f *Finder) configured(h *hop, store *graph.Node, access iam.Access) iam.Decision {
	if !slices.Contains(accessOf(h.flow.Kind), access) || takesOut(access) && !h.answers || f.ownPermission(h, store) {
		return iam.Decision{Outcome: iam.Denied}
	}
	asset := f.assets[string(store.ID)]
	if h.prev == nil || asset == nil {
		return iam.Decision{Outcome: iam.Allowed}
	}
	roles, unread := f.rolesOf(h.prev.node), f.unreadRole(h.prev.node)
	switch {
	case len(roles) == 0 && unread != "":
		return unknown(iam.LayerIdentity, "the permissions of "+unread+", under which "+string(h.prev.node)+" runs, were not read")
	case len(roles) == 0:
		return iam.Decision{Outcome: iam.Allowed}
	}
	best := iam.Decision{Outcome: iam.Denied}
	for _, r := range roles {
		if d, asked := f.access(callerOf(r), asset, access); asked && rank(d.Outcome) > rank(best.Outcome) {
			best = d
		}
	}
	return best
}

// unreadRole is a role that something runs under and that no scan read; empty when there
// is none.
func (f *Finder) unreadRole(id graph.ID) string {
	for _, fl := range f.graph.Out(id) {
		if fl.Kind == graph.Assumes && f.holders[string(fl.To)] == nil {
			return string(fl.To)
		}
	}
	return ""
}

// ownPermission tells whether the last hop is code whose permissions say what it may
// do there: they decide then, not the sign that it does.
func (f *Finder) ownPermission(h *hop, store *graph.Node) bool {
	if h.prev == nil || f.assets[string(store.ID)] == nil {
		return false
	}
	n := f.graph.Node(h.prev.node)
	return n != nil && runsCode(n.Class) && len(f.rolesOf(n.ID)) > 0
}

// runsUnder is how code comes to its role, in words.
const runsUnder = "runs under"

// asCode is the step from code to its role. That the code does for whoever starts it
// what its role may is the condition.
func (f *Finder) asCode(n *graph.Node, role string) Step {
	text := "the code of " + n.Name + " does it for who starts it"
	return Step{To: role, How: runsUnder, If: []iam.Alternative{{{Key: "code", Operator: "does", Values: []string{n.Name}, Text: text}}}}
}

func (a Answer) weighed() Answer {
	a.If = Conditions(a.Steps)
	if len(a.If) > 0 {
		a.Decision = iam.AllowedIf
	}
	return a
}

// accessOf is what a flow into a store does there.
func accessOf(k graph.FlowKind) []iam.Access {
	switch k {
	case graph.Reads:
		return []iam.Access{iam.Read}
	case graph.Accesses, graph.Mounts:
		return []iam.Access{iam.Read, iam.Write}
	case graph.Writes: // of which some are deletions
		return []iam.Access{iam.Write, iam.Delete}
	case graph.Publishes, graph.Delivers, graph.Streams, graph.Triggers:
		return []iam.Access{iam.Write}
	}
	return nil
}

// runsCode tells whether a node of this class runs code of its owner, which may do
// whatever its role may.
func runsCode(c graph.Class) bool {
	return c == graph.Function || c == graph.ContainerService || c == graph.Instance || c == graph.ETLJob
}

// rolesOf are the scanned roles a node runs under, sorted.
func (f *Finder) rolesOf(id graph.ID) []*iam.Holder {
	if list, known := f.runsUnder[id]; known {
		return list
	}
	var out []*iam.Holder
	for _, fl := range f.graph.Out(id) {
		if fl.Kind == graph.Assumes {
			if h := f.holders[string(fl.To)]; h != nil && !slices.Contains(out, h) {
				out = append(out, h)
			}
		}
	}
	slices.SortFunc(out, func(x, y *iam.Holder) int { return strings.Compare(x.Principal.ARN, y.Principal.ARN) })
	f.runsUnder[id] = out
	return out
}
