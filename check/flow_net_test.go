package check

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/flowdeed/flowdeed/graph"
)

// tangle is a random system of APIs, functions, queues and tables.
func tangle(r *rand.Rand, nodes, flows int) *scene {
	s := newScene()
	s.internet()
	classes := []graph.Class{graph.Function, graph.Function, graph.Queue, graph.Table, graph.API, graph.CDN}
	kinds := []graph.FlowKind{graph.Triggers, graph.Invokes, graph.Publishes, graph.Reads, graph.Writes, graph.RoutesTo, graph.LogsTo}
	id := func(i int) graph.ID { return graph.ID(fmt.Sprintf("n%06d", i)) }
	for i := range nodes {
		n := s.node(id(i), classes[r.IntN(len(classes))], with(graph.RoleARN, "role"))
		if n.Class == graph.Table {
			s.holds(n.ID, email)
		}
	}
	s.node("role", graph.Principal)
	routes := []string{"GET /a", "GET /b", "POST /c"}
	auths := []graph.Auth{graph.AuthNone, graph.AuthToken, graph.AuthIAM}
	for range nodes/10 + 2 {
		s.flow(graph.Exposes, graph.Internet, id(r.IntN(nodes)), via(routes[r.IntN(3)]), on(graph.EntryAuth, auths[r.IntN(3)]))
	}
	for range flows {
		s.flow(kinds[r.IntN(len(kinds))], id(r.IntN(nodes)), id(r.IntN(nodes)), via(routes[r.IntN(3)]))
	}
	s.m.Freeze()
	return s
}

// relaxed is the oracle: it relaxes every flow until nothing changes and gives the
// fewest hops to every store.
func relaxed(s *scene) map[graph.ID]int {
	dist, stores := map[place]int{}, map[graph.ID]int{}
	lower := func(p place, d int) bool {
		if old, ok := dist[p]; ok && old <= d {
			return false
		}
		dist[p] = d
		return true
	}
	open := func(f *graph.Flow) bool {
		return f.Kind == graph.Exposes && graph.Is(graph.EntryAuth.Get(&f.Facts), graph.AuthNone)
	}
	step := func(f *graph.Flow, d int) (changed bool) {
		to := s.m.Node(f.To)
		switch {
		case to.Class == graph.Table:
			if old, ok := stores[to.ID]; !ok || old > d {
				stores[to.ID], changed = d, true
			}
			return f.Kind != graph.Reads && f.Kind != graph.Exposes && lower(place{to.ID, ""}, d) || changed
		case to.Class == graph.API && f.Kind == graph.Exposes:
			return lower(place{to.ID, f.Via}, d)
		case to.Class == graph.API && f.Kind == graph.RoutesTo:
			for _, e := range s.m.In(to.ID) {
				if open(e) && lower(place{to.ID, e.Via}, d) {
					changed = true
				}
			}
			return changed
		}
		route := ""
		if f.Kind == graph.Exposes && slices.ContainsFunc(s.m.Out(to.ID), func(o *graph.Flow) bool { return o.Via == f.Via }) {
			route = f.Via
		}
		return lower(place{to.ID, route}, d)
	}
	for changed := true; changed; {
		changed = false
		for _, f := range s.m.Flows() {
			if f.From == graph.Internet && open(f) && step(f, 1) {
				changed = true
			}
			for _, route := range []string{"", f.Via} {
				d, ok := dist[place{f.From, route}]
				if ok && f.Kind != graph.LogsTo && f.Kind != graph.Exposes && step(f, d+1) {
					changed = true
				}
			}
		}
	}
	return stores
}

func TestWalkAgreesWithOracle(t *testing.T) {
	reached := 0
	for seed := range uint64(300) {
		r := rand.New(rand.NewPCG(seed, 7))
		n := 4 + r.IntN(30)
		s := tangle(r, n, n+r.IntN(2*n))
		want, got := relaxed(s), walkIn(s.Input, false).stores
		if len(want) != len(got) {
			t.Fatalf("seed %d: the oracle reaches %d stores, the walk %d", seed, len(want), len(got))
		}
		for id, hops := range want {
			if h := got[id]; h == nil || len(h.way()) != hops {
				t.Fatalf("seed %d: %s in %d hops, want %d", seed, id, len(h.way()), hops)
			}
			reached++
		}
	}
	if reached < 200 {
		t.Fatalf("only %d stores were reached: the cases say nothing", reached)
	}
}

// TestWalkIsStable holds that the same system gives the same paths.
func TestWalkIsStable(t *testing.T) {
	print := func() string {
		s := tangle(rand.New(rand.NewPCG(3, 7)), 60, 150)
		out := ""
		for _, f := range Run(s.Input, flowControls) {
			out += fmt.Sprintln(f.Control.ID, f.Subject, f.Status, f.Reason, f.Path)
		}
		return out
	}
	if a, b := print(), print(); a != b || len(a) < 1000 {
		t.Errorf("two runs differ:\n%s\n%s", a, b)
	}
}

func BenchmarkPathControls(b *testing.B) {
	for _, id := range []string{"FLOW-NET-001", "FLOW-BLAST-001", "FLOW-DOWN-001", "XFER-EDGE-001"} {
		c, _ := ByID(id)
		for _, n := range []int{1_000, 10_000, 100_000} {
			s := tangle(rand.New(rand.NewPCG(1, 2)), n, 3*n)
			b.Run(fmt.Sprintf("%s/%d", id, n), func(b *testing.B) {
				for b.Loop() {
					if len(Run(s.Input, []*Control{c})) == 0 {
						b.Fatal("no findings")
					}
				}
			})
		}
	}
}

// BenchmarkOneRole is the worst case of the blast radius: every function under one
// role, with a store of its own.
func BenchmarkOneRole(b *testing.B) {
	c, _ := ByID("FLOW-BLAST-001")
	for _, n := range []int{1_000, 10_000, 100_000} {
		s := newScene()
		s.node("role", graph.Principal)
		for i := range n {
			f, t := graph.ID(fmt.Sprintf("f%06d", i)), graph.ID(fmt.Sprintf("t%06d", i))
			s.node(f, graph.Function, with(graph.RoleARN, "role"))
			s.node(t, graph.Table)
			s.holds(t, email)
			s.flow(graph.Assumes, f, "role")
			s.flow(graph.Reads, f, t)
		}
		s.m.Freeze()
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			for b.Loop() {
				Run(s.Input, []*Control{c})
			}
		})
	}
}
