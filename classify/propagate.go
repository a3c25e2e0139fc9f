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
	turns := p.walk()
	closeTurns(&p.atoms, turns)
	n := newNetwork(len(p.nodes), p.steps, turns, p.atoms.words())
	firm, weak := p.split()
	a := &answer{propagation: p, net: n, firm: n.run(firm, strongStep, nil)}
	a.weak = n.run(weak, weakStep, a.firm)
	if p.contradictable() {
		a.sure = n.run(firm, sureStep, nil)
	}
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
}

func newPropagation(m *graph.Model, set *annotations.Set, now time.Time) *propagation {
	nodes := m.Nodes()
	set = set.AsOf(now)
	p := &propagation{
		m: m, set: set, now: now, nodes: nodes, rank: make(map[graph.ID]int32, len(nodes)), atoms: atoms{number: map[atom]int32{}},
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
	for i, n := range p.nodes {
		st := &p.statements[i]
		for _, c := range st.Categories {
			p.seed(int32(i), c, c.State, false)
		}
		for _, c := range poolAttributes(n) {
			if len(st.Subjects) > 0 {
				c.Subjects = st.Subjects // whose accounts these are, people know better
			}
			p.seed(int32(i), c, Inferred, false)
		}
		for _, c := range st.Passes {
			p.seed(int32(i), annotations.Stated{Category: c, Subjects: st.Subjects, Origin: "declared to pass", Rank: 1}, p.declared(st), true)
		}
	}
	for _, f := range p.m.Flows() {
		from, to := p.m.Node(f.From), p.m.Node(f.To)
		if from != nil && to != nil && logsCallers(f) && !carriesContent(p.m, f) && facesInternet(p.m, from) {
			p.seeds = append(p.seeds, seed{
				node: p.rank[f.To], atom: p.atoms.of(atom{category: addressCategory}), state: Inferred, origin: "access log of " + from.Name, removable: true, via: f,
			})
		}
	}
}

func (p *propagation) seed(node int32, c annotations.Stated, s State, passing bool) {
	if !annotations.Personal(c.Category) {
		return
	}
	people := slices.Compact(slices.Sorted(slices.Values(c.Subjects)))
	a := p.atoms.of(atom{c.Category, strings.Join(people, ","), c.MayContain})
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
func (p *propagation) walk() []*turn {
	turns := []*turn{nil}
	for i, f := range p.m.Flows() {
		if !carriesContent(p.m, f) && !(logsCallers(f) && p.m.Node(f.From) != nil && p.m.Node(f.To) != nil) {
			continue
		}
		c := confidence(f)
		if c < floor {
			continue
		}
		from, to := p.rank[f.From], p.rank[f.To]
		forward, backward := f.Kind.DataMoves()
		if forward {
			turns = p.step(turns, f, int32(i), from, to, c)
		}
		if backward {
			turns = p.step(turns, f, int32(i), to, from, c)
		}
	}
	return turns
}

func (p *propagation) step(turns []*turn, f *graph.Flow, flow, from, to int32, c float64) []*turn {
	s := step{from: from, to: to, flow: flow}
	if rule := p.ruleOf(f, from, to); rule != nil {
		s.turn = int32(len(turns))
		turns = append(turns, &turn{rule: rule})
	}
	switch {
	case c >= sure && s.turn == 0 && !programs[p.nodes[from].Class]:
		s.strength = sureStep
	case c >= strong:
		s.strength = strongStep
	}
	p.steps = append(p.steps, s)
	return turns
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
