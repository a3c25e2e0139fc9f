package graph

import (
	"errors"
	"fmt"
	"runtime"
	"slices"
	"testing"

	dgraph "github.com/dominikbraun/graph"
)

func TestGraphEqualsModel(t *testing.T) {
	m := randomModel(300, 4, 5, true)
	g, err := m.Graph()
	if err != nil {
		t.Fatal(err)
	}
	if n, err := g.Order(); err != nil || n != len(m.Nodes()) {
		t.Errorf("%d nodes, %v; want %d", n, err, len(m.Nodes()))
	}
	edges, err := g.Edges()
	if err != nil {
		t.Fatal(err)
	}
	var flows []*Flow
	for _, e := range edges {
		list := e.Properties.Data.([]*Flow)
		for _, f := range list {
			if f.From != e.Source || f.To != e.Target {
				t.Fatalf("the flow %s lies on the edge from %s to %s", f.ID(), e.Source, e.Target)
			}
		}
		flows = append(flows, list...)
	}
	if !slices.Equal(flows, m.Flows()) {
		t.Errorf("%d flows on the edges, in order; the model has %d", len(flows), len(m.Flows()))
	}
	for _, n := range m.Nodes() {
		if v, err := g.Vertex(n.ID); err != nil || v != n {
			t.Fatalf("%s: %v, %v", n.ID, v, err)
		}
	}
}

// TestGraphSearchAgreesWithIndex holds the library's search on our store to ours.
func TestGraphSearchAgreesWithIndex(t *testing.T) {
	m := randomModel(200, 1.2, 9, true)
	g, err := m.View(func(*Node) bool { return true })
	if err != nil {
		t.Fatal(err)
	}
	x, err := m.Index()
	if err != nil {
		t.Fatal(err)
	}
	for _, start := range m.Nodes()[:40] {
		var seen []ID
		if err := dgraph.BFS(g, start.ID, func(id ID) bool { seen = append(seen, id); return false }); err != nil {
			t.Fatal(err)
		}
		slices.Sort(seen)
		var want []ID
		for _, n := range x.Reach(Reach{Targets: []ID{start.ID}}).Nodes() {
			want = append(want, n.ID)
		}
		if !slices.Equal(seen, want) {
			t.Fatalf("from %s the library reaches %d nodes, the index %d", start.ID, len(seen), len(want))
		}
	}
}

// TestStoreActsLikeTheLibrarys does the same to our store and to the library's.
func TestStoreActsLikeTheLibrarys(t *testing.T) {
	hash := func(n *Node) ID { return n.ID }
	ours := dgraph.NewWithStore[ID, *Node](hash, NewStore(), dgraph.Directed())
	theirs := dgraph.New(hash, dgraph.Directed())
	id := func(i int) ID { return ID(fmt.Sprint("n", i)) }
	do := func(what string, f func(g dgraph.Graph[ID, *Node]) error) {
		t.Helper()
		a, b := f(ours), f(theirs)
		if (a == nil) != (b == nil) || b != nil && !errors.Is(a, errors.Unwrap(b)) && a.Error() != b.Error() {
			t.Errorf("%s: ours says %v, the library's %v", what, a, b)
		}
	}
	const n = 200
	for i := range n {
		do("add", func(g dgraph.Graph[ID, *Node]) error { return g.AddVertex(&Node{ID: id(i)}, dgraph.VertexWeight(i%3)) })
		do("hub", func(g dgraph.Graph[ID, *Node]) error { return g.AddEdge(id(0), id(i), dgraph.EdgeWeight(i)) })
		do("back", func(g dgraph.Graph[ID, *Node]) error { return g.AddEdge(id(i), id(i/2)) })
	}
	for i := range n {
		do("again", func(g dgraph.Graph[ID, *Node]) error { return g.AddVertex(&Node{ID: id(i)}) })
		do("edge again", func(g dgraph.Graph[ID, *Node]) error { return g.AddEdge(id(0), id(i)) })
		do("in use", func(g dgraph.Graph[ID, *Node]) error { return g.RemoveVertex(id(i)) })
		if i%3 == 0 {
			do("cut", func(g dgraph.Graph[ID, *Node]) error { return g.RemoveEdge(id(0), id(i)) })
			do("cut again", func(g dgraph.Graph[ID, *Node]) error { return g.RemoveEdge(id(0), id(i)) })
		}
		do("update", func(g dgraph.Graph[ID, *Node]) error {
			return g.UpdateEdge(id(i), id(i/2), dgraph.EdgeAttribute("a", "b"), dgraph.EdgeData(i))
		})
	}
	do("cut last", func(g dgraph.Graph[ID, *Node]) error { return g.RemoveEdge(id(199), id(99)) })
	do("cut last in", func(g dgraph.Graph[ID, *Node]) error { return g.RemoveEdge(id(0), id(199)) })
	do("remove", func(g dgraph.Graph[ID, *Node]) error { return g.RemoveVertex(id(199)) })
	do("remove again", func(g dgraph.Graph[ID, *Node]) error { return g.RemoveVertex(id(199)) })
	do("edge to nobody", func(g dgraph.Graph[ID, *Node]) error { return g.AddEdge(id(1), "nobody") })
	do("add anew", func(g dgraph.Graph[ID, *Node]) error { return g.AddVertex(&Node{ID: id(500)}) })
	a, err := ours.AdjacencyMap()
	b, err2 := theirs.AdjacencyMap()
	if err != nil || err2 != nil || len(a) != len(b) {
		t.Fatalf("%d and %d nodes, %v, %v", len(a), len(b), err, err2)
	}
	for from, row := range b {
		if len(a[from]) != len(row) {
			t.Fatalf("%s has %d edges in ours, %d in the library's", from, len(a[from]), len(row))
		}
		for to, e := range row {
			have := a[from][to].Properties
			if have.Weight != e.Properties.Weight || have.Data != e.Properties.Data || have.Attributes["a"] != e.Properties.Attributes["a"] {
				t.Fatalf("%s to %s: %+v, want %+v", from, to, have, e.Properties)
			}
		}
	}
	for i := range n - 1 {
		_, p, _ := ours.VertexWithProperties(id(i))
		if p.Weight != i%3 {
			t.Fatalf("%s weighs %d", id(i), p.Weight)
		}
	}
}

func TestGraphRefusesLooseEnds(t *testing.T) {
	m := NewModel()
	m.AddNode(Node{ID: "a"})
	m.AddFlow(Flow{From: "a", To: "b", Kind: Writes})
	m.Freeze()
	if _, err := m.Graph(); err == nil {
		t.Error("a flow to a node that is not there was taken")
	}
	if x, err := m.Index(); err != nil || x.Edges() != 0 {
		t.Errorf("the index has %d flows, %v", x.Edges(), err)
	}
}

func TestViewsAreBounded(t *testing.T) {
	m := randomModel(ViewLimit+1, 0.1, 1, false)
	if _, err := m.View(func(*Node) bool { return true }); err == nil {
		t.Error("a view of more nodes than the limit was made")
	}
	few := m.Nodes()[:50]
	g, err := m.View(func(n *Node) bool { return slices.Contains(few, n) })
	if err != nil {
		t.Fatal(err)
	}
	if n, _ := g.Order(); n != 50 {
		t.Errorf("%d nodes", n)
	}
}

// live returns the bytes in use by what a function makes.
func live[T any](make func() T) (T, float64) {
	var before, after runtime.MemStats
	runtime.GC()
	runtime.GC()
	runtime.ReadMemStats(&before)
	v := make()
	runtime.GC()
	runtime.GC()
	runtime.ReadMemStats(&after)
	return v, float64(after.HeapAlloc) - float64(before.HeapAlloc)
}

// libraryCopy builds the same graph over the library's own store.
func libraryCopy(m *Model) dgraph.Graph[ID, *Node] {
	g := dgraph.New(func(n *Node) ID { return n.ID }, dgraph.Directed())
	for _, n := range m.Nodes() {
		if err := g.AddVertex(n); err != nil {
			panic(err)
		}
	}
	for i := 0; i < len(m.order); {
		j := i + 1
		for j < len(m.order) && m.order[j].From == m.order[i].From && m.order[j].To == m.order[i].To {
			j++
		}
		if err := g.AddEdge(m.order[i].From, m.order[i].To, dgraph.EdgeData(m.order[i:j:j])); err != nil {
			panic(err)
		}
		i = j
	}
	return g
}

// TestStoreIsSmall compares live memory with the library's store: at most an eighth.
func TestStoreIsSmall(t *testing.T) {
	m := randomModel(20_000, 5, 11, false)
	ours, small := live(func() dgraph.Graph[ID, *Node] { g, _ := m.Graph(); return g })
	theirs, large := live(func() dgraph.Graph[ID, *Node] { return libraryCopy(m) })
	if small > large/8 {
		t.Errorf("our store uses %.0f bytes a node, the library's %.0f: at most an eighth is planned", small/20_000, large/20_000)
	}
	runtime.KeepAlive(ours)
	runtime.KeepAlive(theirs)
}
