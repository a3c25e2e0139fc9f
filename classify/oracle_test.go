package classify

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/flowdeed/flowdeed/annotations"
	"github.com/flowdeed/flowdeed/graph"
)

// randomNetwork is a network with turns: some steps drop atoms, some change them.
func randomNetwork(r *rand.Rand, nodes, steps, kinds int) (*network, []seed) {
	x := atoms{number: map[atom]int32{}}
	for i := range kinds {
		x.of(atom{category: fmt.Sprintf("user.c%03d", i)})
	}
	turns := []*turn{nil}
	for range 6 {
		becomes := map[string][]string{}
		for i := range kinds {
			c := fmt.Sprintf("user.c%03d", i)
			switch r.IntN(4) {
			case 0: // dropped
			case 1:
				becomes[c] = []string{fmt.Sprintf("user.c%03d", r.IntN(kinds))}
			case 2:
				becomes[c] = []string{fmt.Sprintf("user.new%d", r.IntN(3)), c}
			default:
				becomes[c] = []string{c}
			}
		}
		turns = append(turns, &turn{rule: func(c string) []string { return becomes[c] }})
	}
	closeTurns(&x, turns)
	var list []step
	for i := range steps {
		s := step{from: int32(r.IntN(nodes)), to: int32(r.IntN(nodes)), flow: int32(i), strength: strength(r.IntN(3))}
		if r.IntN(3) == 0 {
			s.turn = int32(1 + r.IntN(6))
		}
		list = append(list, s)
	}
	var seeds []seed
	for range 1 + nodes/10 {
		seeds = append(seeds, seed{node: int32(r.IntN(nodes)), atom: int32(r.IntN(kinds)), state: Declared})
	}
	return newNetwork(nodes, list, turns, x.words()), seeds
}

// distance returns how many steps an atom has come, -1 when it is not there.
func (s *spread) distance(v, a int32) int32 {
	for i := s.last[v]; i >= 0; i = s.records[i].before {
		if s.bits[int(i)*s.words+int(a/64)]>>(a%64)&1 != 0 {
			return s.records[i].dist
		}
	}
	return -1
}

// rounds is the oracle: it follows single atoms over single steps until nothing
// changes, by the words of the rules alone.
func rounds(n *network, start map[place]int32, least strength) map[place]int32 {
	dist := map[place]int32{}
	for p, d := range start {
		dist[p] = d
	}
	for changed := true; changed; {
		changed = false
		for p, d := range dist {
			for _, s := range n.steps {
				if s.from != p.node || s.strength < least {
					continue
				}
				to := []int32{p.atom}
				if s.turn > 0 {
					to = n.turns[s.turn].out[p.atom]
				}
				for _, a := range to {
					q := place{s.to, a}
					if _, fixed := start[q]; fixed && start[q] <= d+1 {
						continue
					}
					if have, ok := dist[q]; !ok || d+1 < have {
						dist[q], changed = d+1, true
					}
				}
			}
		}
	}
	return dist
}

func TestRunAgreesWithRounds(t *testing.T) {
	for round := range uint64(60) {
		r := rand.New(rand.NewPCG(round, 3))
		kinds := []int{5, 40, 150}[round%3]
		n, seeds := randomNetwork(r, 12+int(round%20), 20+int(round), kinds)
		start := map[place]int32{}
		for _, s := range seeds {
			start[place{s.node, s.atom}] = 0
		}
		firm := n.run(seeds, strongStep, nil)
		want := rounds(n, start, strongStep)
		compare(t, fmt.Sprintf("round %d", round), n, firm, want)

		// Weak arrivals set out from everything firm, at the distance it has.
		late := []seed{{node: int32(r.IntN(n.nodes)), atom: int32(r.IntN(kinds)), state: Weak}}
		weak := n.run(late, weakStep, firm)
		fixed := map[place]int32{}
		for p, d := range want {
			fixed[p] = d
		}
		p := place{late[0].node, late[0].atom}
		if _, ok := fixed[p]; !ok {
			fixed[p] = 0
		}
		all := weakRounds(n, want, fixed)
		for p := range all {
			if _, ok := want[p]; ok {
				delete(all, p)
			}
		}
		for v := range int32(n.nodes) {
			each(weak.of(v), func(a int32) {
				d := weak.distance(v, a)
				w, ok := all[place{v, a}]
				if firm.has(v, a) == (d >= 0) || d >= 0 && (!ok || w != d) {
					t.Fatalf("round %d: weak atom %d at node %d is %d steps away, want %d, %v", round, a, v, d, w, ok)
				}
			})
		}
		checkHops(t, n, firm, want)
	}
}

// weakRounds keeps the distances of what is firm.
func weakRounds(n *network, firm, start map[place]int32) map[place]int32 {
	dist := map[place]int32{}
	for p, d := range start {
		dist[p] = d
	}
	for changed := true; changed; {
		changed = false
		for p, d := range dist {
			for _, s := range n.steps {
				if s.from != p.node {
					continue
				}
				to := []int32{p.atom}
				if s.turn > 0 {
					to = n.turns[s.turn].out[p.atom]
				}
				for _, a := range to {
					q := place{s.to, a}
					if _, ok := firm[q]; ok {
						continue
					}
					if have, ok := dist[q]; !ok || d+1 < have {
						dist[q], changed = d+1, true
					}
				}
			}
		}
	}
	return dist
}

func compare(t *testing.T, what string, n *network, s *spread, want map[place]int32) {
	t.Helper()
	count := 0
	for v := range int32(n.nodes) {
		each(s.of(v), func(a int32) {
			count++
			if d, ok := want[place{v, a}]; !ok || d != s.distance(v, a) {
				t.Fatalf("%s: atom %d at node %d is %d steps away, want %d, %v", what, a, v, s.distance(v, a), d, ok)
			}
		})
	}
	if count != len(want) {
		t.Fatalf("%s: %d atoms at nodes, want %d", what, count, len(want))
	}
}

// checkHops holds the way back to the tie rule: every atom has a hop, to the smallest
// node that is one step nearer.
func checkHops(t *testing.T, n *network, s *spread, want map[place]int32) {
	t.Helper()
	got := map[place]hop{}
	for v := range int32(n.nodes) {
		n.hops(v, s, strongStep, []*spread{s}, func(a int32, h hop) { got[place{v, a}] = h })
	}
	for p, d := range want {
		h, ok := got[p]
		if ok != (d > 0) {
			t.Fatalf("atom %d at node %d, %d steps away, has a hop: %v", p.atom, p.node, d, ok)
		}
		if !ok {
			continue
		}
		least := int32(1 << 30)
		for _, x := range n.steps {
			for a := range int32(64 * n.words) {
				if e, ok := want[place{x.from, a}]; !ok || e != d-1 || x.to != p.node || x.strength < strongStep {
					continue
				}
				if x.turn == 0 && a == p.atom || x.turn > 0 && n.turns[x.turn].makes(a, p.atom) {
					least = min(least, x.from)
				}
			}
		}
		x := n.steps[h.step]
		from, there := want[place{x.from, h.atom}]
		if x.from != least || !there || from != d-1 || x.to != p.node || x.turn == 0 && h.atom != p.atom || x.turn > 0 && !n.turns[x.turn].makes(h.atom, p.atom) {
			t.Fatalf("atom %d at node %d: the hop is %+v over %+v, want one from node %d", p.atom, p.node, h, x, least)
		}
	}
}

// TestSameInputSameLabels propagates twice and compares every label with its path.
func TestSameInputSameLabels(t *testing.T) {
	print := func() string {
		m, set := cloud(400, 25)
		l := Propagate(m, set, today)
		out := ""
		for _, n := range m.Nodes() {
			out += fmt.Sprintf("%s %+v %s\n", n.ID, *l.At(n.ID), l.Profile(n.ID))
		}
		return out
	}
	a, b := print(), print()
	if a != b {
		t.Error("two runs over the same input differ")
	}
	if len(a) < 10_000 {
		t.Errorf("hardly anything was labelled:\n%s", a)
	}
}

// TestPathsAreWalks holds every path of a larger graph to its flows.
func TestPathsAreWalks(t *testing.T) {
	m, set := cloud(600, 10)
	l := Propagate(m, set, today)
	flows := map[string]*graph.Flow{}
	for _, f := range m.Flows() {
		flows[f.ID()] = f
	}
	labels := 0
	for _, n := range m.Nodes() {
		for _, x := range l.At(n.ID).Labels {
			labels++
			if len(x.Path) != len(x.Flows)+1 || x.Path[len(x.Path)-1] != n.ID {
				t.Fatalf("%s at %s: path %v, flows %v", x.Category, n.ID, x.Path, x.Flows)
			}
			for i, id := range x.Flows {
				f := flows[id]
				forward, backward := f.Kind.DataMoves()
				if !(forward && f.From == x.Path[i] && f.To == x.Path[i+1]) && !(backward && f.To == x.Path[i] && f.From == x.Path[i+1]) {
					t.Fatalf("the flow %s does not move data from %s to %s", id, x.Path[i], x.Path[i+1])
				}
			}
			if at := l.At(x.Path[0]); !slices.ContainsFunc(at.Labels, func(y Label) bool {
				return (y.Category == x.Category || x.Category == requestCategory) && len(y.Path) == 1
			}) {
				t.Fatalf("%s at %s comes from %s, which does not state it", x.Category, n.ID, x.Path[0])
			}
		}
	}
	if labels < 1000 {
		t.Errorf("only %d labels", labels)
	}
}

func sorted(list []string) []string { slices.Sort(list); return list }

// TestSpreadAgreesWithSweep holds which atoms arrive to the sweep over components of
// the same steps: two algorithms, one answer.
func TestSpreadAgreesWithSweep(t *testing.T) {
	m, set := cloud(2000, 30)
	p := newPropagation(m, set, today)
	p.declare()
	p.walk()
	closeTurns(&p.atoms, p.turns)
	n := newNetwork(len(p.nodes), p.steps, p.turns, p.atoms.words())
	firm, _ := p.split()
	got := n.run(firm, strongStep, nil)

	off, adj := []int32{0}, []int32(nil)
	for v := range n.nodes {
		for _, s := range n.steps[n.off[v]:n.off[v+1]] {
			if s.strength >= strongStep {
				if s.turn != 0 {
					t.Fatal("this graph is to have no turns")
				}
				adj = append(adj, s.to)
			}
		}
		off = append(off, int32(len(adj)))
	}
	labels := make([]uint64, n.nodes*n.words)
	for _, s := range firm {
		labels[int(s.node)*n.words+int(s.atom/64)] |= 1 << (s.atom % 64)
	}
	if want := graph.CondenseRows(off, adj).Spread(labels, n.words); !slices.Equal(got.seen, want) {
		t.Error("the sweep over components gives other labels")
	}
}

// TestClosureAgreesWithRun holds the sweep over cells, turned steps included, to the
// search step by step.
func TestClosureAgreesWithRun(t *testing.T) {
	for round := range uint64(120) {
		r := rand.New(rand.NewPCG(round, 4))
		n, seeds := randomNetwork(r, 12+int(round%40), 20+int(round), []int{5, 40, 150}[round%3])
		if round%2 == 0 {
			n.local = make([]uint64, n.words)
			n.local[0] = 1                  // atom 0 does not leave its node
			for _, t := range n.turns[1:] { // and no rule makes one that stays
				for i := range t.out {
					t.out[i] = slices.DeleteFunc(t.out[i], func(a int32) bool { return a == 0 })
				}
				t.out[0], t.pass[0] = nil, t.pass[0]&^1
				t.change = slices.DeleteFunc(t.change, func(a int32) bool { return a == 0 })
			}
		}
		for _, least := range []strength{weakStep, strongStep, sureStep} {
			want, got := n.run(seeds, least, nil), n.layer(least).closure(seeds)
			for v := range int32(n.nodes) {
				if !slices.Equal(got.of(v), want.of(v)) {
					t.Fatalf("round %d, strength %d: node %d has %x, want %x", round, least, v, got.of(v), want.of(v))
				}
			}
		}
	}
}

// randomStatements declares things at random nodes: categories, passes, protections,
// removals, none.
func randomStatements(r *rand.Rand, m *graph.Model, k int) string {
	categories := []string{"user.name", "user.contact.email", "user.financial.bank_account", "user.unique_id", "user.health_and_medical"}
	pick := func() string { return categories[r.IntN(len(categories))] }
	var b strings.Builder
	b.WriteString("resources:\n")
	nodes := m.Nodes()
	for range k {
		n := nodes[r.IntN(len(nodes))]
		entry := ""
		switch r.IntN(9) {
		case 8:
			entry = "fields: {x: " + pick() + "}"
		case 0:
			entry = "passes: [" + pick() + "]"
		case 1:
			entry = "protects: [{state: pseudonymised, inputs: [" + pick() + ", user.contact], becomes: [user.unique_id.pseudonymous], method: HMAC, key_or_table_location: k" + vouched + "}]"
		case 2:
			entry = "not: [{category: " + pick() + ", reason: masked, by: privacy, expires: 2027-01-01}]"
		case 3:
			entry = "data: none, reason: numbers, review: {by: privacy, expires: 2027-01-01}"
		case 4:
			entry = "data: [" + pick() + "], subjects: [minor]"
		default:
			entry = "data: [" + pick() + ", " + pick() + "], subjects: [customer]"
		}
		fmt.Fprintf(&b, "  - {id: %s-%d, match: {arn: %q}, %s}\n", n.Name, r.IntN(1_000_000), n.ID, entry)
	}
	return b.String()
}

// mixedSystem is a random system of which some flows are weakly believed.
func mixedSystem(seed uint64, nodes, flows int) *graph.Model {
	m := randomSystem(seed, nodes, flows)
	r := rand.New(rand.NewPCG(seed, 11))
	for _, f := range m.Flows() {
		f.Evidence[0].Confidence = []float64{0.99, 0.99, 0.7, 0.45}[r.IntN(4)]
	}
	return m
}

// loose reads annotations whatever is wrong with them.
func loose(text string) *annotations.Set {
	set, _ := annotations.LoadFS(fstest.MapFS{"a.yaml": {Data: []byte(head + text)}}, "")
	return set
}

// TestTracesAgree: a search backwards for one label and the distances of all labels tell
// the same way.
func TestTracesAgree(t *testing.T) {
	ways := 0
	for round := range uint64(60) {
		m := mixedSystem(round, 10+int(round%30), 20+int(round))
		set := loose(randomStatements(rand.New(rand.NewPCG(round, 12)), m, 6))
		a := Propagate(m, set, today).source
		for v := range int32(len(a.nodes)) {
			each(a.weak.of(v), func(x int32) {
				p := place{v, x}
				s := &search{a: a, level: map[place]int32{p: 0}, good: map[place]bool{}}
				got, want := s.run(p), a.tracer.looked(p)
				if !slices.Equal(got.steps, want.steps) || got.from != want.from {
					t.Fatalf("round %d: atom %d at node %d: the search says %+v, the distances %+v", round, x, v, got, want)
				}
				if len(got.steps) > 1 {
					ways++
				}
			})
		}
	}
	if ways < 500 {
		t.Errorf("only %d ways of more than one step", ways)
	}
}
