package classify

import (
	"slices"
	"strings"
	"time"

	"github.com/flowdeed/flowdeed/annotations"
	"github.com/flowdeed/flowdeed/graph"
)

// Propagate says what every node holds: what people declared, and what arrives from
// there along the flows. Labels that arrive are kept apart from declared ones by
// their state. The model must be frozen, and must not change afterwards.
//
// It over-approximates: a function passes on everything it receives or reads, unless
// an annotation narrows what a flow carries or a reviewed protection stops it. A
// protection acts on what leaves its node, so a category that also arrives by a way
// around that node arrives as it was.
func Propagate(m *graph.Model, set *annotations.Set, now time.Time) *Labels {
	p := newPropagation(m, set, now)
	p.declare()
	p.walk()
	closeTurns(&p.atoms, p.turns)
	a := &answer{propagation: p}
	a.connect()
	a.carry()
	return newAnswer(a)
}

// Target describes a node to the annotations.
func Target(n *graph.Node) annotations.Target {
	t := annotations.Target{
		ARN: string(n.ID), Kind: n.Kind, Name: n.Name, Stack: n.Stack, LogicalID: n.Logical, Account: n.Account, Region: n.Region, Tags: n.Tags,
	}
	for _, f := range n.Fields {
		t.Fields = append(t.Fields, annotations.Field{Path: f.Path, Type: f.Type})
	}
	return t
}

// propagation is what is read from the graph and the annotations.
type propagation struct {
	m          *graph.Model
	set        *annotations.Set
	now        time.Time
	nodes      []*graph.Node
	rank       map[graph.ID]int32
	targets    []annotations.Target
	statements []annotations.Statement
	narrow     []narrowing
	atoms      atoms
	seeds      []seed
	steps      []step
	turns      []*turn
	told       map[string]int32 // turns that tell of a request, by what they tell
	flows      int              // how many the graph has
}

func newPropagation(m *graph.Model, set *annotations.Set, now time.Time) *propagation {
	nodes := m.Nodes()
	set = set.AsOf(now)
	p := &propagation{
		m: m, set: set, now: now, nodes: nodes, rank: make(map[graph.ID]int32, len(nodes)), atoms: atoms{number: map[atom]int32{}}, told: map[string]int32{}, flows: len(m.Flows()),
		targets: make([]annotations.Target, len(nodes)), statements: make([]annotations.Statement, len(nodes)),
	}
	for i, n := range nodes {
		p.rank[n.ID] = int32(i)
		p.targets[i] = Target(n)
		p.statements[i] = set.For(p.targets[i])
	}
	p.narrow = p.narrowings()
	return p
}

// declare lists the stated atoms at their nodes.
func (p *propagation) declare() {
	for i := range p.nodes {
		p.stateAt(int32(i))
	}
	for _, f := range p.m.Flows() {
		p.accompany(f)
	}
}

// stateAt lists what is stated at one node.
func (p *propagation) stateAt(v int32) {
	st, n := &p.statements[v], p.nodes[v]
	for _, c := range st.Categories {
		p.seed(v, c, c.State, false)
	}
	for _, c := range poolAttributes(n) {
		if len(st.Subjects) > 0 {
			c.Subjects = st.Subjects // whose accounts these are, people know better
		}
		p.seed(v, c, Inferred, false)
	}
	for _, c := range st.Passes {
		p.seed(v, annotations.Stated{Category: c, Subjects: st.Subjects, Origin: "declared to pass", Rank: 1}, p.declared(st), true)
	}
	p.variables(v, n)
}

func (p *propagation) seed(node int32, c annotations.Stated, s State, passing bool) {
	if !annotations.Personal(c.Category) {
		return
	}
	people := slices.Compact(slices.Sorted(slices.Values(c.Subjects)))
	// A schema of events tells of one kind of event on a bus. Where that kind goes from
	// there has its fields, too: they need not be carried to where it does not go.
	local := p.nodes[node].Class == graph.EventBus && c.Field != "" && c.Rank == annotations.RankSchema
	a := p.atoms.of(atom{category: c.Category, subjects: strings.Join(people, ","), may: c.MayContain, local: local})
	p.seeds = append(p.seeds, seed{node: node, atom: a, state: s, origin: c.Origin, passing: passing, removable: c.Rank > 2})
}

// declared is the state of what a person said of a node.
func (p *propagation) declared(st *annotations.Statement) State {
	if st.Review.Expired(p.now) {
		return Stale
	}
	return Declared
}

// split parts the seeds that labels may be inferred from from the weak ones.
func (p *propagation) split() (firm, weak []seed) {
	for _, s := range p.seeds {
		if s.state == Weak {
			weak = append(weak, s)
		} else {
			firm = append(firm, s)
		}
	}
	return firm, weak
}

// contradictable tells whether anybody said that something is not there.
func (p *propagation) contradictable() bool {
	return slices.ContainsFunc(p.statements, func(st annotations.Statement) bool { return st.None || len(st.Removed) > 0 })
}

// walk lists the steps data takes and what becomes of it there. Turn 0 is empty: it
// stands for no change.
func (p *propagation) walk() {
	p.turns = []*turn{nil}
	for i, f := range p.m.Flows() {
		p.over(f, int32(i))
	}
}

// over lists the steps over one flow, where both ends are in the graph.
func (p *propagation) over(f *graph.Flow, number int32) {
	from, okFrom := p.rank[f.From]
	to, okTo := p.rank[f.To]
	if okFrom && okTo {
		p.ways(f, number, from, to)
	}
}

// ways lists the steps data takes over one flow.
func (p *propagation) ways(f *graph.Flow, flow, from, to int32) {
	c := confidence(f)
	if c >= floor && answersBack(f) {
		p.step(step{from: to, to: from, flow: flow}, p.ruleOf(f, to, from, nil), c)
	}
	switch {
	case c < floor:
	case carriesContent(p.m, f):
		forward, backward := f.Kind.DataMoves()
		if forward {
			p.forward(f, step{from: from, to: to, flow: flow}, c)
		}
		if backward {
			p.step(step{from: to, to: from, flow: flow}, p.ruleOf(f, to, from, p.keeps(f, to)), c)
		}
	case f.Kind == graph.LogsTo && logsCallers(f):
		// Whose data passes here, from there the request came.
		p.tells(step{from: from, to: to, flow: flow}, loggedOf(f), c)
	case f.Kind == graph.LogsTo:
		p.tells(step{from: from, to: to, flow: flow}, []string{requestCategory}, floor)
	case namesObject(p.nodes[from], f):
		// The event holds the address of whoever wrote the object: often a program's.
		p.tells(step{from: from, to: to, flow: flow}, []string{addressCategory}, floor)
	}
}

// forward adds the steps of what moves with a flow. What a program writes to a store
// whose fields people listed is what the list names; more than that is a weak hint.
func (p *propagation) forward(f *graph.Flow, s step, c float64) {
	rule := p.ruleOf(f, s.from, s.to, p.keeps(f, s.from))
	listed := p.listed(s.to)
	if len(listed) == 0 || !programs[p.nodes[s.from].Class] || verbatim[f.Kind] {
		p.step(s, rule, c)
		return
	}
	p.step(s, func(k string) []string {
		out := []string{k}
		if rule != nil {
			out = rule(k)
		}
		return limit(out, listed)
	}, c)
	p.step(s, rule, floor)
}

// listed are the categories of a node whose fields people listed; nil where nobody did,
// or the review has expired.
func (p *propagation) listed(v int32) []string {
	st := &p.statements[v]
	if !p.nodes[v].Class.KeepsData() || st.Review.Expired(p.now) {
		return nil
	}
	var out []string
	fields := false
	for _, c := range st.Categories {
		if c.Rank <= annotations.RankPattern {
			out = append(out, c.Category)
			fields = fields || c.Field != ""
		}
	}
	if !fields {
		return nil
	}
	return out
}

// tells adds a step that tells of a request and not of its content. Many share one turn.
func (p *propagation) tells(s step, out []string, c float64) {
	key := strings.Join(out, " ")
	number, ok := p.told[key]
	if !ok {
		number = p.turn(func(string) []string { return out })
		p.told[key] = number
	}
	s.turn = number
	p.add(s, c)
}

func (p *propagation) step(s step, rule func(string) []string, c float64) {
	if rule != nil {
		s.turn = p.turn(rule)
	}
	p.add(s, c)
}

func (p *propagation) turn(rule func(string) []string) int32 {
	p.turns = append(p.turns, &turn{rule: rule})
	return int32(len(p.turns) - 1)
}

func (p *propagation) add(s step, c float64) {
	switch {
	case c >= sure && s.turn == 0 && !programs[p.nodes[s.from].Class]:
		s.strength = sureStep
	case c >= strong:
		s.strength = strongStep
	}
	p.steps = append(p.steps, s)
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
