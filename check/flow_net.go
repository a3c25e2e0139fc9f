package check

import (
	"fmt"
	"slices"
	"strings"

	"github.com/flowdeed/flowdeed/classify"
	"github.com/flowdeed/flowdeed/graph"
)

var openPaths = &Control{
	ID: "FLOW-NET-001", Title: "No unauthenticated path from the internet to personal data",
	Doc: "Walks from every entry point that asks the internet for no proof of identity, along what starts, calls, routes and publishes, to the stores that are read or written at the end. " +
		"From an API only the integration of the open route is followed; behind a content network or load balancer the API's own proof counts. An API key is no proof, but is not counted as open here. " +
		"A store that code on the way may reach by the permissions of its role, without a sign that it does, counts one step less.",
	Why:      "Art. 25 and 32(1)(b): whatever anybody on the internet can start can be made to read or change the records at its end; each resource looks well configured, only the path shows it.",
	Severity: High, Moves: WithData, Articles: []string{"25", "32(1)(b)"},
	Fix:   "Break the path at its weakest hop: put an authoriser on the route, AWS_IAM on the function URL, or take the right to the store from the role.",
	Reads: []Read{{"apigateway:GetResources", "items[].resourceMethods{}.authorizationType"}, {"apigatewayv2:GetRoutes", "Items[].AuthorizationType"}, {"lambda:ListFunctionUrlConfigs", "FunctionUrlConfigs[].AuthType"}},

	System: func(in *Input) []SystemResult {
		sure, unsure := walkIn(in, false), walkIn(in, true)
		var out []SystemResult
		for _, n := range in.Graph.Nodes() {
			if n.External || n.Class.Role() != graph.RoleStore {
				continue
			}
			if r, asked := openPath(in, n, sure, unsure); asked {
				out = append(out, SystemResult{Subject: string(n.ID), Result: r})
			}
		}
		return out
	},
}

// openPath is the answer for one store. A store of which nobody says anything and to
// which no open path leads is not asked about.
func openPath(in *Input, n *graph.Node, sure, unsure *walk) (Result, bool) {
	p := in.Labels.Profile(n.ID)
	open, doubtful := sure.stores[n.ID], unsure.stores[n.ID]
	right, conditional := sure.rights[n.ID], unsure.rights[n.ID]
	switch {
	case p == classify.ProfileNone:
		return doesNotApply("it is declared to hold no personal data"), true
	case !p.Personal() && doubtful == nil:
		return Result{}, false
	case open != nil && p.Personal():
		r := fails(describe(in, open), open.way()[0].proof())
		r.Path = open.nodes()
		return r, true
	case open != nil:
		r := cannotTell(describe(in, open) + "; nobody says whether it holds personal data")
		r.Path = open.nodes()
		return r, true
	case right != nil && p.Personal():
		r := failsBy(-1, describe(in, right)+"; nothing shows that the permission of the last hop is used", right.way()[0].proof())
		r.Path = right.nodes()
		return r, true
	case doubtful != nil:
		r := cannotTell("a path leads here from " + name(in, doubtful.way()[0].node) + ", of which it is not known whether it is open to everybody: " + doubtful.doubt())
		r.Path = doubtful.nodes()
		return r, true
	case conditional != nil:
		r := cannotTell("it is not known whether permissions or entries on the way are open: " + describe(in, conditional))
		r.Path = conditional.nodes()
		return r, true
	case unsure.blind != "":
		return cannotTell(name(in, unsure.blind) + " can be started from the internet, and what its role may reach is not known in full"), true
	}
	if lost := in.lost("", "", pathServices); lost != "" {
		return cannotTell("no open path was seen, but not every entry and hop is known: " + lost), true
	}
	return passes("no path from the internet without proof of identity leads here"), true
}

// pathServices are the services whose resources are entries from the internet or hops on
// a way to a store: without one of their answers the absence of a path shows nothing.
var pathServices = []string{
	"iam:*", "lambda:*", "apigateway:*", "apigatewayv2:*", "appsync:*", "elbv2:*", "cloudfront:*", "cognito-idp:*", "cognito-identity:*", "sqs:*", "sns:*",
	"events:*", "pipes:*", "scheduler:*", "stepfunctions:*", "kinesis:*", "firehose:*", "s3:*", "dynamodb:*", "logs:*", "ec2:*", "secretsmanager:*",
}

// hop is one step of a walk, with the way back.
type hop struct {
	node graph.ID
	// route is the only route open at this node; empty when all are.
	route string
	flow  *graph.Flow // nil for an entry that no flow shows
	prev  *hop
	fact  graph.Fact // for an entry without a flow: the fact that makes it one
}

// walk is a breadth-first search from the internet: every node is expanded once, so
// it takes time linear in nodes and flows.
type walk struct {
	in     *Input
	unsure bool // entry points whose proof is not known count as open
	queue  []*hop
	seen   map[place]bool
	stores map[graph.ID]*hop // the shortest way to each store
	rights map[graph.ID]*hop // the same where only a permission makes the last hop
	roles  map[graph.ID]bool // the roles met
	routes map[graph.ID]map[string][]*graph.Flow
	blind  graph.ID // the first node on the way of whose role not all is known
}

type place struct {
	node  graph.ID
	route string
}

// walkIn walks from every open entry point. Fewest hops first, then in the order of
// the sorted flows, so that every run finds the same paths.
func walkIn(in *Input, unsure bool) *walk {
	w := &walk{in: in, unsure: unsure, seen: map[place]bool{}, stores: map[graph.ID]*hop{}, rights: map[graph.ID]*hop{}, roles: map[graph.ID]bool{}, routes: map[graph.ID]map[string][]*graph.Flow{}}
	for _, f := range in.Graph.Out(graph.Internet) {
		if f.Kind == graph.Exposes && w.open(f) {
			w.arrive(f, nil)
		}
	}
	for _, n := range in.Graph.Nodes() {
		if x, ok := w.openByItself(n); ok {
			h := &hop{node: n.ID, fact: x}
			if n.Class.Role() != graph.RoleStore {
				w.push(h)
			} else if w.stores[n.ID] == nil {
				w.stores[n.ID] = h
			}
		}
	}
	for len(w.queue) > 0 {
		h := w.queue[0]
		w.queue = w.queue[1:]
		w.expand(h)
	}
	return w
}

// open tells whether an entry asks for no proof of identity.
func (w *walk) open(f *graph.Flow) bool {
	if graph.Is(graph.StateOn.Get(&f.Facts), false) {
		return false
	}
	auth := graph.EntryAuth.Get(&f.Facts)
	return graph.Is(auth, graph.AuthNone) || w.unsure && !auth.Known
}

// callable are the classes whose resource policy may let anybody start, send or read.
var callable = []graph.Class{graph.Function, graph.Queue, graph.Topic, graph.EventBus, graph.Bucket}

// openByItself tells whether a node is open to everybody by its own policy, with the
// fact that says so. In an unsure walk what could not be read counts as open.
func (w *walk) openByItself(n *graph.Node) (graph.Fact, bool) {
	if facing := graph.InternetFacing.Get(&n.Facts); w.unsure && n.Class.Role() == graph.RoleProcess && askedInVain(&n.Facts, facing.Name) {
		return facing.Fact, true
	}
	if n.External || !slices.Contains(callable, n.Class) || graph.Is(graph.PublicBlocked.Get(&n.Facts), true) {
		return graph.Fact{}, false
	}
	for _, a := range []graph.Answer[[]string]{graph.PublicStatements.Get(&n.Facts), graph.PublicACL.Get(&n.Facts)} {
		if len(a.V) > 0 || w.unsure && askedInVain(&n.Facts, a.Name) {
			return a.Fact, true
		}
	}
	return graph.Fact{}, false
}

func (w *walk) push(h *hop) {
	if w.seen[place{h.node, ""}] || w.seen[place{h.node, h.route}] {
		return
	}
	w.seen[place{h.node, h.route}] = true
	w.queue = append(w.queue, h)
}

// arrive takes one flow: to a store, which is noted, or to something that acts.
func (w *walk) arrive(f *graph.Flow, prev *hop) {
	to := w.in.Graph.Node(f.To)
	if to == nil || graph.Is(graph.StateOn.Get(&f.Facts), false) {
		return
	}
	h := &hop{node: to.ID, flow: f, prev: prev}
	if to.Class.Role() == graph.RoleStore {
		if w.stores[to.ID] == nil {
			w.stores[to.ID] = h
		}
		if f.Kind != graph.Reads && f.Kind != graph.Exposes { // a write may set something off
			w.push(h)
		}
		return
	}
	switch {
	case f.Kind == graph.Exposes && f.Via != "" && w.routed(to, f.Via):
		h.route = f.Via
		w.push(h)
	case f.Kind == graph.RoutesTo && asksItself(to.Class):
		w.handedOn(to, h)
	default:
		w.push(h)
	}
}

// handedOn opens the routes of an entry behind another entry: those that ask for no
// proof themselves. An entry of which no route was read is open when unsure.
func (w *walk) handedOn(to *graph.Node, h *hop) {
	read := false
	for _, e := range w.in.Graph.In(to.ID) {
		if e.Kind != graph.Exposes {
			continue
		}
		read = true
		if w.open(e) {
			x := *h
			if w.routed(to, e.Via) {
				x.route = e.Via
			}
			w.push(&x)
		}
	}
	if !read && w.unsure {
		w.push(h)
	}
}

// asksItself tells whether a node of this class asks for proof itself, whoever hands
// the request on to it.
func asksItself(c graph.Class) bool {
	return c == graph.API || c == graph.GraphQLAPI || c == graph.LoadBalancer
}

// routed tells whether what enters a node by a route leaves it by that route only.
func (w *walk) routed(n *graph.Node, route string) bool {
	return route != "" && (n.Class == graph.API || len(w.byRoute(n.ID)[route]) > 0)
}

// byRoute sorts the flows that leave a node by what carries them.
func (w *walk) byRoute(id graph.ID) map[string][]*graph.Flow {
	if m, ok := w.routes[id]; ok {
		return m
	}
	m := map[string][]*graph.Flow{}
	for _, f := range w.in.Graph.Out(id) {
		m[f.Via] = append(m[f.Via], f)
	}
	w.routes[id] = m
	return m
}

func (w *walk) expand(h *hop) {
	n := w.in.Graph.Node(h.node)
	if runsCode(n.Class) {
		w.permitted(h, n)
	}
	flows := w.in.Graph.Out(h.node)
	if h.route != "" {
		flows = w.byRoute(h.node)[h.route]
	}
	for _, f := range flows {
		switch f.Kind {
		case graph.Triggers, graph.Invokes, graph.Delivers, graph.RoutesTo, graph.Publishes, graph.Streams, graph.Reads, graph.Writes, graph.Accesses, graph.Mounts:
			w.arrive(f, h)
		}
	}
}

// runsCode tells whether a node of this class runs code of its owner, which may do
// whatever its role may.
func runsCode(c graph.Class) bool {
	return c == graph.Function || c == graph.ContainerService || c == graph.Instance || c == graph.ETLJob
}

// permitted notes the stores that code on the way may reach by its permissions.
func (w *walk) permitted(h *hop, n *graph.Node) {
	roles := rolesOf(w.in, n)
	if len(roles) == 0 && n.Class == graph.Function && w.blind == "" {
		w.blind = n.ID
	}
	for _, role := range roles {
		if w.roles[role] {
			continue
		}
		w.roles[role] = true
		rights, complete := w.in.mayUse(role)
		if !complete && w.blind == "" {
			w.blind = n.ID
		}
		for _, r := range rights {
			if w.rights[r.Store] == nil && (w.unsure || !r.Conditional) {
				w.rights[r.Store] = &hop{node: r.Store, prev: h}
			}
		}
	}
}

// rolesOf are the roles a node runs under.
func rolesOf(in *Input, n *graph.Node) []graph.ID {
	var out []graph.ID
	for _, f := range in.Graph.Out(n.ID) {
		if f.Kind == graph.Assumes {
			out = append(out, f.To)
		}
	}
	if role := graph.RoleARN.Get(&n.Facts); role.V != "" {
		out = append(out, graph.ID(role.V))
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// mayUse is what a role may do to stores; complete is false when that is not known in full.
func (in *Input) mayUse(role graph.ID) (rights []Right, complete bool) {
	if in.Rights == nil || !in.roleRead(string(role)) {
		return nil, false
	}
	return in.Rights(role)
}

// way is the row of hops from the entry to this one.
func (h *hop) way() []*hop {
	var out []*hop
	for x := h; x != nil; x = x.prev {
		out = append(out, x)
	}
	slices.Reverse(out)
	return out
}

// nodes are the nodes of the way, the internet first.
func (h *hop) nodes() []graph.ID {
	out := []graph.ID{graph.Internet}
	for _, x := range h.way() {
		out = append(out, x.node)
	}
	return out
}

// proof is the fact that says what an entry asks for.
func (h *hop) proof() graph.Fact {
	if h.flow == nil {
		return h.fact
	}
	return graph.EntryAuth.Get(&h.flow.Facts).Fact
}

// doubt says why the way may not be open.
func (h *hop) doubt() string {
	if x := h.way()[0].proof(); !x.Known {
		return x.Why
	}
	return "what an entry behind it asks for could not be read"
}

// describe puts an open path in a sentence: the hops, the weakest and the least sure.
func describe(in *Input, h *hop) string {
	way := h.way()
	var b strings.Builder
	fmt.Fprintf(&b, "anybody on the internet gets here in %s without proof of identity: internet", plural(len(way), "hop"))
	weakest, least := way[0], (*graph.Flow)(nil)
	for _, x := range way {
		b.WriteString(" → " + name(in, x.node))
		if x.flow != nil && x.flow.Kind == graph.Exposes && x.flow.Via != "" {
			b.WriteString(" (" + x.flow.Via + ")")
		}
		if x.strength() < weakest.strength() {
			weakest = x
		}
		if x.flow != nil && len(x.flow.Evidence) > 0 && (least == nil || x.flow.Confidence() < least.Confidence()) {
			least = x.flow
		}
	}
	from := graph.Internet
	if weakest.prev != nil {
		from = weakest.prev.node
	}
	fmt.Fprintf(&b, "; weakest hop: %s → %s, %s", name(in, from), name(in, weakest.node), weakest.weakness())
	if least != nil && least.Confidence() < sureHop {
		fmt.Fprintf(&b, "; least certain hop: %s → %s, confidence %.2f", name(in, least.From), name(in, least.To), least.Confidence())
	}
	return b.String()
}

// sureHop is the confidence from which a flow is stated by configuration.
const sureHop = 0.98

// strength orders hops by what stands in the way: plaintext, an open entry, the rest.
func (h *hop) strength() int {
	switch {
	case h.flow == nil && h.prev == nil:
		return 1
	case h.flow == nil:
		return 2
	case graph.Is(graph.InTransit.Get(&h.flow.Facts), graph.TransitPlain):
		return 0
	case h.flow.Kind == graph.Exposes:
		return 1
	}
	return 2
}

func (h *hop) weakness() string {
	if h.strength() == 0 {
		return "in plaintext"
	}
	return "open to everybody"
}
