package graph

import (
	"fmt"
	"slices"
	"testing"
)

// distances is the oracle of a search: rounds over all nodes until nothing changes.
func distances(m *Model, q Reach) map[ID]int {
	steps := map[ID][]ID{}
	for _, n := range m.Nodes() {
		for _, to := range next(m, n.ID, q.Mask) {
			from := n.ID
			if q.Backward {
				from, to = to, from
			}
			steps[from] = append(steps[from], to)
		}
	}
	dist := map[ID]int{}
	for _, t := range q.Targets {
		if m.Node(t) != nil {
			dist[t] = 0
		}
	}
	for changed := true; changed; {
		changed = false
		for from, d := range dist {
			for _, to := range steps[from] {
				if have, ok := dist[to]; !ok || d+1 < have {
					dist[to], changed = d+1, true
				}
			}
		}
	}
	return dist
}

func TestReachAgreesWithRounds(t *testing.T) {
	for seed := range uint64(12) {
		m := randomModel(40, 1+float64(seed%4), seed, seed%2 == 0)
		x, err := m.Index()
		if err != nil {
			t.Fatal(err)
		}
		for name, mask := range masks {
			for _, backward := range []bool{false, true} {
				q := Reach{Targets: []ID{m.Nodes()[3].ID, m.Nodes()[17].ID, "not there", m.Nodes()[3].ID}, Mask: mask, Backward: backward}
				checkReach(t, fmt.Sprintf("seed %d, %s, backward %v", seed, name, backward), m, x, q)
			}
		}
	}
}

func checkReach(t *testing.T, what string, m *Model, x *Index, q Reach) {
	t.Helper()
	want := distances(m, q)
	got := x.Reach(q)
	if got.Len() != len(want) || len(got.Nodes()) != len(want) {
		t.Fatalf("%s: %d nodes reached, want %d", what, got.Len(), len(want))
	}
	for _, n := range m.Nodes() {
		d, ok := got.Distance(n.ID)
		if w, has := want[n.ID]; has != ok || w != d {
			t.Fatalf("%s: distance of %s is %d, %v; want %d, %v", what, n.ID, d, ok, w, has)
		}
		if way, has := got.Way(n.ID); has != ok {
			t.Fatalf("%s: a way to %s: %v, reached: %v", what, n.ID, has, ok)
		} else if ok {
			checkWay(t, what, m, q, want, n.ID, way)
		}
	}
}

// checkWay holds a way to the tie rule, hop by hop from the node to the target.
func checkWay(t *testing.T, what string, m *Model, q Reach, dist map[ID]int, id ID, w Way) {
	t.Helper()
	if len(w.Nodes) != dist[id]+1 || len(w.Flows) != dist[id] {
		t.Fatalf("%s: way of %s has %d nodes and %d flows, want %d and %d", what, id, len(w.Nodes), len(w.Flows), dist[id]+1, dist[id])
	}
	for i, f := range w.Flows {
		if !slices.Contains(next(m, w.Nodes[i], q.Mask), w.Nodes[i+1]) {
			t.Fatalf("%s: no step from %s to %s", what, w.Nodes[i], w.Nodes[i+1])
		}
		if !(f.From == w.Nodes[i] && f.To == w.Nodes[i+1]) && !(q.Mask.Data && f.To == w.Nodes[i] && f.From == w.Nodes[i+1]) {
			t.Fatalf("%s: the flow %s does not join %s and %s", what, f.ID(), w.Nodes[i], w.Nodes[i+1])
		}
	}
	nodes := slices.Clone(w.Nodes)
	if !q.Backward {
		slices.Reverse(nodes)
	}
	if nodes[0] != id {
		t.Fatalf("%s: the way of %s begins at %s", what, id, nodes[0])
	}
	for i := 1; i < len(nodes); i++ {
		for _, n := range m.Nodes() { // sorted: the first that fits is the one
			a, b := nodes[i-1], n.ID
			if !q.Backward {
				a, b = b, a
			}
			if d, ok := dist[n.ID]; ok && d == dist[nodes[i-1]]-1 && slices.Contains(next(m, a, q.Mask), b) {
				if n.ID != nodes[i] {
					t.Fatalf("%s: hop %d of %s is %s, the tie rule says %s", what, i, id, nodes[i], n.ID)
				}
				break
			}
		}
	}
}

func TestFlagsKeepWhatAFlowIs(t *testing.T) {
	for _, k := range flowKinds {
		for _, v := range transits {
			f := Flow{Kind: k, Layers: Declared | Observed}
			InTransit.Set(&f.Facts, v, "here")
			CrossAcct.Set(&f.Facts, k == Reads, "here")
			w := flagsOf(&f)
			if w.Kind() != k || w.Layers() != f.Layers || w.Transit() != v || w.Carries() != k.Carries() || w.CrossAccount() != (k == Reads) {
				t.Errorf("%s, %s: %016b", k, v, w)
			}
		}
	}
	if w := flagsOf(&Flow{Kind: "new"}); w.Kind() != "" || w.Transit() != TransitUnknown {
		t.Errorf("a kind that is not listed: %016b", w)
	}
}

// TestEveryKindHasANumber holds the list of kinds to those that flow.go knows.
func TestEveryKindHasANumber(t *testing.T) {
	for k := range relations {
		if !slices.Contains(flowKinds, k) {
			t.Errorf("%s is not in flowKinds", k)
		}
	}
	if len(flowKinds) > 31 {
		t.Error("the kind of a flow no longer fits five bits")
	}
}

func TestPathFollowsDataAgainstReads(t *testing.T) {
	m := NewModel()
	for _, id := range []ID{"table", "function", "topic"} {
		m.AddNode(Node{ID: id})
	}
	m.AddFlow(Flow{From: "function", To: "table", Kind: Reads})
	m.AddFlow(Flow{From: "function", To: "topic", Kind: Publishes})
	m.Freeze()
	x, err := m.Index()
	if err != nil {
		t.Fatal(err)
	}
	if _, ok := x.Path("table", "topic", Mask{}); ok {
		t.Error("the flows alone do not lead from the table")
	}
	w, ok := x.Path("table", "topic", Mask{Data: true})
	if !ok || !slices.Equal(w.Nodes, []ID{"table", "function", "topic"}) || w.Flows[0].Kind != Reads || w.Flows[1].Kind != Publishes {
		t.Errorf("the way of the data: %v", w)
	}
	if _, ok := x.Path("topic", "table", Mask{Data: true}); ok {
		t.Error("the data does not move back")
	}
	if _, ok := x.Path("nobody", "table", Mask{}); ok {
		t.Error("a way from a node that is not there")
	}
}

// TestSearchAllocates holds a search to allocations that do not grow with the graph.
func TestSearchAllocates(t *testing.T) {
	count := func(n int) float64 {
		m := randomModel(n, 5, 7, false)
		x, err := m.Index()
		if err != nil {
			t.Fatal(err)
		}
		q := Reach{Targets: []ID{m.Nodes()[0].ID}, Backward: true, Mask: Mask{Data: true}}
		return testing.AllocsPerRun(5, func() { x.Reach(q) })
	}
	if small, large := count(200), count(4000); large > small {
		t.Errorf("%v allocations for 200 nodes, %v for 4000", small, large)
	}
}

func TestIndexIsSmall(t *testing.T) {
	m := randomModel(2000, 5, 3, false)
	x, err := m.Index()
	if err != nil {
		t.Fatal(err)
	}
	rowsOnly := 4 * (len(x.out.off) + len(x.out.adj) + len(x.in.off) + len(x.in.adj))
	if each := float64(rowsOnly) / float64(x.Len()); each > 52 {
		t.Errorf("%.1f bytes a node in rows of both directions, at most 52 are planned", each)
	}
	if x.Bytes() <= rowsOnly || x.Edges() != len(m.Flows()) {
		t.Errorf("%d bytes, %d flows", x.Bytes(), x.Edges())
	}
}
