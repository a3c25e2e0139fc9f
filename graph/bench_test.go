package graph

import (
	"fmt"
	"testing"
	"time"

	dgraph "github.com/dominikbraun/graph"
)

// sizes are the numbers of nodes the benchmarks run at, with 5 flows a node.
var sizes = []int{1_000, 10_000, 100_000}

func atSizes(b *testing.B, f func(b *testing.B, m *Model, x *Index)) {
	for _, n := range sizes {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			m := randomModel(n, 5, 1, false)
			x, err := m.Index()
			if err != nil {
				b.Fatal(err)
			}
			b.ResetTimer()
			f(b, m, x)
		})
	}
}

// once is the time one call takes, as the best of a few.
func once(f func()) float64 {
	best := time.Hour
	for range 3 {
		start := time.Now()
		f()
		best = min(best, time.Since(start))
	}
	return float64(best)
}

// BenchmarkSearch reports how many times faster a search on the index is than the
// library's on the same graph.
func BenchmarkSearch(b *testing.B) {
	atSizes(b, func(b *testing.B, m *Model, x *Index) {
		q := Reach{Targets: []ID{m.Nodes()[0].ID}}
		for b.Loop() {
			x.Reach(q)
		}
		ours := once(func() { x.Reach(q) })
		g := libraryCopy(m)
		theirs := once(func() { _ = dgraph.BFS(g, q.Targets[0], func(ID) bool { return false }) })
		b.ReportMetric(theirs/ours, "times-library")
	})
}

// BenchmarkNearest is the search from many targets with a mask, against one pass that
// reads every neighbour.
func BenchmarkNearest(b *testing.B) {
	atSizes(b, func(b *testing.B, m *Model, x *Index) {
		q := Reach{Backward: true, Mask: Mask{Data: true}}
		for i := 0; i < x.Len(); i += 1 + x.Len()/1000 {
			q.Targets = append(q.Targets, m.Nodes()[i].ID)
		}
		for b.Loop() {
			x.Reach(q)
		}
		b.ReportMetric(once(func() { x.Reach(q) })/once(func() { pass(x) }), "times-pass")
	})
}

// pass unites one word of every neighbour: about what any answer must read.
func pass(x *Index) []uint64 {
	words := make([]uint64, x.Len())
	for v := range words {
		var w uint64
		for _, u := range x.out.adj[x.out.off[v]:x.out.off[v+1]] {
			w |= words[u]
		}
		words[v] = w | uint64(v)
	}
	return words
}

func BenchmarkSweep64(b *testing.B) {
	atSizes(b, func(b *testing.B, _ *Model, x *Index) {
		c := x.Condense(Mask{})
		labels := make([]uint64, x.Len())
		for i := range labels {
			labels[i] = 1 << (i % 64)
		}
		for b.Loop() {
			c.Gather(labels, 1)
		}
		b.ReportMetric(once(func() { c.Gather(labels, 1) })/once(func() { pass(x) }), "times-pass")
	})
}

func BenchmarkCondense(b *testing.B) {
	atSizes(b, func(b *testing.B, _ *Model, x *Index) {
		for b.Loop() {
			x.Condense(Mask{Data: true})
		}
	})
}

func BenchmarkIndex(b *testing.B) {
	atSizes(b, func(b *testing.B, m *Model, x *Index) {
		for b.Loop() {
			if _, err := m.Index(); err != nil {
				b.Fatal(err)
			}
		}
		b.ReportMetric(float64(x.Bytes())/float64(x.Edges()), "B/edge")
	})
}

// BenchmarkStore reports live memory of the library's store against ours.
func BenchmarkStore(b *testing.B) {
	atSizes(b, func(b *testing.B, m *Model, _ *Index) {
		var g dgraph.Graph[ID, *Node]
		for b.Loop() {
			var err error
			if g, err = m.Graph(); err != nil {
				b.Fatal(err)
			}
		}
		_ = g
		ours, small := live(func() dgraph.Graph[ID, *Node] { g, _ := m.Graph(); return g })
		theirs, large := live(func() dgraph.Graph[ID, *Node] { return libraryCopy(m) })
		b.ReportMetric(small/float64(len(m.Nodes())), "B/node")
		b.ReportMetric(large/small, "times-smaller")
		_, _ = ours.Order()
		_, _ = theirs.Order()
	})
}
