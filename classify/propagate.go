package classify

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/flowdeed/flowdeed/annotations"
	"github.com/flowdeed/flowdeed/graph"
)

// strong is the confidence from which a flow is good enough to infer a label; below
// it a label that arrives is weak. Source: the bands of the privacy model.
const strong = 0.6

// Propagate says what every node holds: what people declared, and what arrives from
// there along the flows. Labels that arrive are kept apart from declared ones by
// their state.
//
// It over-approximates: a function passes on everything it receives or reads, unless
// an annotation narrows what a flow carries or a reviewed protection stops it.
func Propagate(m *graph.Model, set *annotations.Set, now time.Time) *Labels {
	p := newPropagation(m, set, now)
	p.declare()
	p.spread(func(confidence float64) bool { return confidence >= strong }, Inferred)
	p.spread(func(confidence float64) bool { return true }, Weak)
	return p.labels()
}

// Target describes a node to the annotations.
func Target(n *graph.Node) annotations.Target {
	return annotations.Target{
		ARN: string(n.ID), Kind: n.Kind, Name: n.Name, Stack: n.Stack, LogicalID: n.Logical, Account: n.Account, Region: n.Region, Tags: n.Tags,
	}
}

// arrival is how a category came to a node: over which flow, from which node.
// origin is set where it was stated.
type arrival struct {
	from   int32 // node it came from, -1 where it was stated
	flow   *graph.Flow
	state  State
	stated *annotations.Stated
	hops   int32
}

type propagation struct {
	m          *graph.Model
	set        *annotations.Set
	now        time.Time
	nodes      []*graph.Node
	rank       map[graph.ID]int32
	statements []annotations.Statement
	categories []string
	number     map[string]int32
	at         []map[int32]*arrival // node -> category -> first arrival
	queue      []item
	carries    map[*graph.Flow][]string // narrowed by annotations; nil: everything
	steps      [][]step                 // node -> ways data leaves it
}

type item struct{ node, category int32 }

// step is one way data leaves a node, with the flow and where it leads.
type step struct {
	flow       *graph.Flow
	to         int32
	confidence float64
}

func newPropagation(m *graph.Model, set *annotations.Set, now time.Time) *propagation {
	p := &propagation{
		m: m, set: set, now: now, nodes: m.Nodes(), rank: map[graph.ID]int32{}, number: map[string]int32{}, carries: map[*graph.Flow][]string{},
	}
	for i, n := range p.nodes {
		p.rank[n.ID] = int32(i)
	}
	p.statements = make([]annotations.Statement, len(p.nodes))
	p.at = make([]map[int32]*arrival, len(p.nodes))
	for i, n := range p.nodes {
		p.statements[i] = set.For(Target(n))
	}
	p.narrow()
	p.steps = make([][]step, len(p.nodes))
	for _, f := range m.Flows() {
		if !carriesContent(m, f) {
			continue
		}
		from, to := p.rank[f.From], p.rank[f.To]
		forward, backward := f.Kind.DataMoves()
		c := f.Confidence()
		if forward {
			p.steps[from] = append(p.steps[from], step{f, to, c})
		}
		if backward {
			p.steps[to] = append(p.steps[to], step{f, from, c})
		}
	}
	return p
}

// carriesContent applies the carry rules that depend on the kind of flow alone.
// Source: privacy model, "Propagation and declassification".
func carriesContent(m *graph.Model, f *graph.Flow) bool {
	if !f.Kind.Carries() || graph.Is(graph.StateOn.Get(&f.Facts), false) {
		return false
	}
	from := m.Node(f.From)
	switch f.Kind {
	case graph.Exposes:
		return false // what comes in from outside is not known
	case graph.LogsTo:
		// Request metadata always, the body only where it is logged.
		return graph.Is(graph.PayloadLogging.Get(&from.Facts), true)
	case graph.Triggers, graph.Delivers:
		if from.Class == graph.Bucket {
			return false // an object notification names the object, it does not hold it
		}
	}
	if t := graph.Transformed.Get(&f.Facts); t.Known && len(t.V) == 0 {
		return false // a constant input replaces the event
	}
	return true
}

// narrow notes what annotations say a flow carries.
func (p *propagation) narrow() {
	rules := p.set.Flows()
	if len(rules) == 0 {
		return
	}
	for _, f := range p.m.Flows() {
		for _, r := range rules {
			if r.Carries != nil && p.selects(r.From, f.From) && p.selects(r.To, f.To) {
				p.carries[f] = r.Carries
			}
		}
	}
}

func (p *propagation) selects(s annotations.Selector, id graph.ID) bool {
	if s.Party != "" {
		return id == PartyNode(s.Party)
	}
	return p.set.Selects(s, Target(p.m.Node(id)))
}

func (p *propagation) category(key string) int32 {
	n, ok := p.number[key]
	if !ok {
		n = int32(len(p.categories))
		p.number[key] = n
		p.categories = append(p.categories, key)
	}
	return n
}

// put records the first arrival of a category at a node and queues it.
func (p *propagation) put(node, category int32, a *arrival) {
	if p.at[node] == nil {
		p.at[node] = map[int32]*arrival{}
	}
	if _, ok := p.at[node][category]; ok {
		return
	}
	p.at[node][category] = a
	p.queue = append(p.queue, item{node, category})
}

// declare puts the stated categories at their nodes.
func (p *propagation) declare() {
	for i, n := range p.nodes {
		st := &p.statements[i]
		state := Declared
		if st.Review.Expired(p.now) {
			state = Stale
		}
		for j := range st.Categories {
			c := &st.Categories[j]
			if !annotations.Personal(c.Category) {
				continue
			}
			s := state
			if c.Rank > 2 && c.Confidence < strong {
				s = Weak
			} else if c.Rank > 2 && c.Confidence < 0.9 {
				s = Inferred
			}
			p.put(int32(i), p.category(c.Category), &arrival{from: -1, state: s, stated: c})
		}
		for _, x := range poolAttributes(n) {
			p.put(int32(i), p.category(x.Category), &arrival{from: -1, state: Inferred, stated: &x})
		}
	}
}

// spread carries labels on, breadth first, over the flows that are good enough.
func (p *propagation) spread(enough func(float64) bool, state State) {
	if state == Weak {
		// A second pass starts from everything known so far.
		for i := range p.at {
			for _, c := range slices.Sorted(maps.Keys(p.at[i])) {
				p.queue = append(p.queue, item{int32(i), c})
			}
		}
	}
	for len(p.queue) > 0 {
		x := p.queue[0]
		p.queue = p.queue[1:]
		a := p.at[x.node][x.category]
		if a.state == Weak && state != Weak {
			continue
		}
		for _, s := range p.steps[x.node] {
			if !enough(s.confidence) {
				continue
			}
			for _, c := range p.leaving(x, s) {
				p.put(s.to, c, &arrival{from: x.node, flow: s.flow, state: state, hops: a.hops + 1})
			}
		}
	}
}

// leaving lists what becomes of a category on its way out of a node over a flow.
func (p *propagation) leaving(x item, s step) []int32 {
	key := p.categories[x.category]
	if only := p.carries[s.flow]; only != nil && !slices.ContainsFunc(only, func(c string) bool { return annotations.Covers(c, key) }) {
		return nil
	}
	st := &p.statements[x.node]
	if len(st.Passes) > 0 && !slices.ContainsFunc(st.Passes, func(c string) bool { return annotations.Covers(c, key) }) {
		return nil
	}
	for i := range st.Protects {
		pr := &st.Protects[i]
		if !pr.Believed(p.now) || !p.appliesTo(pr, s.to) {
			continue
		}
		if covered(pr.Drops, key) {
			return nil
		}
		if len(pr.Inputs) > 0 && !covered(pr.Inputs, key) {
			continue
		}
		switch pr.Effect {
		case "drop":
			return nil
		case "reduce":
			var out []int32
			for _, b := range pr.Becomes {
				out = append(out, p.category(b))
			}
			return out
		}
	}
	return []int32{x.category}
}

// appliesTo tells whether a protection covers the flow to a target: all, or those named.
func (p *propagation) appliesTo(pr *annotations.Protection, to int32) bool {
	if len(pr.On) == 0 {
		return true
	}
	return slices.ContainsFunc(p.statements[to].ResourceIDs, func(id string) bool { return slices.Contains(pr.On, id) })
}

func covered(list []string, key string) bool {
	return slices.ContainsFunc(list, func(c string) bool { return annotations.Covers(c, key) })
}

// labels turns the arrivals into labels with their paths.
func (p *propagation) labels() *Labels {
	out := make(map[graph.ID]*Held, len(p.nodes))
	for i, n := range p.nodes {
		h := &Held{State: Unknown}
		st := &p.statements[i]
		h.Stated, h.Activities, h.Owner = st.Stated, st.Activities, st.Owner
		if st.Retention != nil {
			h.Retention = st.Retention.Days
		}
		for _, c := range slices.Sorted(maps.Keys(p.at[i])) {
			h.Labels = append(h.Labels, p.label(int32(i), c))
		}
		slices.SortFunc(h.Labels, func(a, b Label) int {
			return cmp.Or(cmp.Compare(a.Category, b.Category), cmp.Compare(a.Origin, b.Origin))
		})
		h.State, h.Why = p.state(n, st, h)
		out[n.ID] = h
	}
	return NewLabels(out, Grader(p.set.Taxonomy()))
}

func (p *propagation) label(node, category int32) Label {
	a := p.at[node][category]
	l := Label{Category: p.categories[category], State: a.state}
	for {
		l.Path = append(l.Path, p.nodes[node].ID)
		if a.from < 0 {
			break
		}
		l.Flows = append(l.Flows, a.flow.ID())
		node, category, a = p.before(a, category)
	}
	slices.Reverse(l.Path)
	slices.Reverse(l.Flows)
	l.Subjects, l.MayContain = a.stated.Subjects, a.stated.MayContain
	l.Origin = a.stated.Origin
	if p.statements[p.rank[l.Path[len(l.Path)-1]]].None && l.State == Inferred {
		l.State = Weak // a person says: none. The path is shown, and FLOW-UNTAG-001 asks.
	}
	return l
}

// before finds what a label was at the node it came from: the same category, or the
// one a protection there made it of.
func (p *propagation) before(a *arrival, category int32) (int32, int32, *arrival) {
	prev := p.at[a.from]
	if b, ok := prev[category]; ok && b.hops < a.hops {
		return a.from, category, b
	}
	best := int32(-1)
	for _, c := range slices.Sorted(maps.Keys(prev)) {
		if prev[c].hops < a.hops && (best < 0 || prev[c].hops < prev[best].hops) && slices.Contains(p.leaving(item{a.from, c}, step{flow: a.flow, to: p.target(a)}), category) {
			best = c
		}
	}
	if best < 0 {
		panic(fmt.Sprintf("classify: no origin for %s at %s", p.categories[category], p.nodes[a.from].ID))
	}
	return a.from, best, prev[best]
}

// target is the node an arrival's flow led to.
func (p *propagation) target(a *arrival) int32 {
	if p.rank[a.flow.From] == a.from {
		return p.rank[a.flow.To]
	}
	return p.rank[a.flow.From]
}

// state is the state of a node as a whole.
func (p *propagation) state(n *graph.Node, st *annotations.Statement, h *Held) (State, string) {
	best := Unknown
	for _, l := range h.Labels {
		best = stronger(best, l.State)
	}
	switch {
	case st.None && st.Review.Expired(p.now):
		return Stale, "the statement \"no personal data\" has expired: " + st.NoneReason
	case st.None && best != Declared:
		return None, st.NoneReason
	case best != Unknown:
		return best, ""
	}
	if rest, ok := n.Facts.Lookup(graph.AtRest.Name); ok && !rest.Known && n.Class.KeepsData() {
		return Unreadable, rest.Why
	}
	return Unknown, ""
}

var order = []State{Unknown, Weak, Inferred, Stale, Declared}

func stronger(a, b State) State {
	if slices.Index(order, b) > slices.Index(order, a) {
		return b
	}
	return a
}

// Grader gives the profile of a label by the flags of its category and subjects.
func Grader(t *annotations.Taxonomy) func(Label) Profile {
	return func(l Label) Profile {
		switch {
		case !annotations.Personal(l.Category):
			return ProfileUnlabelled
		case t.SpecialCategory(l.Category) && !l.MayContain:
			return ProfileSpecial
		case t.CriminalCategory(l.Category) && !l.MayContain:
			return ProfileCriminal
		case slices.ContainsFunc(l.Subjects, t.ChildSubject):
			return ProfileChildren
		}
		return ProfilePersonal
	}
}
