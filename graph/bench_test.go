package graph

import (
	"fmt"
	"math/rand/v2"
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
		floor := once(func() { pass(x) })
		b.ReportMetric(once(func() { x.Reach(q) })/floor, "data-times-pass") // looks at both sides of a node, and at the flags
		q.Mask = Mask{}
		b.ReportMetric(once(func() { x.Reach(q) })/floor, "times-pass")
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

// BenchmarkCondense draws the graph together along the data, against making the rows of
// both directions anew.
func BenchmarkCondense(b *testing.B) {
	atSizes(b, func(b *testing.B, m *Model, x *Index) {
		for b.Loop() {
			x.Condense(Mask{Data: true})
		}
		from, to, flag := (&Index{nodes: x.nodes}).ends(m)
		rows := once(func() { newRows(x.Len(), from, to, flag); newRows(x.Len(), to, from, flag) })
		b.ReportMetric(once(func() { x.Condense(Mask{}) })/rows, "times-rows")
		b.ReportMetric(once(func() { x.Condense(Mask{Data: true}) })/rows, "data-times-rows")
	})
}

// cloudRows are rows of the shape of accounts: applications of forty nodes in which data
// mostly moves on and one edge in ten leads back, 4.4 edges a node; one in fifty leads to
// another application, half of these to one of few that everybody uses.
func cloudRows(n int) (from, to []int32) {
	r := rand.New(rand.NewPCG(uint64(n), 8))
	for range n * 44 / 10 {
		a := r.IntN(n)
		b := min(a/40*40+r.IntN(40), n-1)
		if b < a && r.IntN(10) > 0 {
			a, b = b, a
		}
		switch r.IntN(100) {
		case 0:
			b = r.IntN(n)
		case 1:
			b = r.IntN(1 + n/1000)
		}
		from, to = append(from, int32(a)), append(to, int32(b))
	}
	return from, to
}

// BenchmarkCloud holds the parts of a label question on the cloud shape, up to a million
// nodes, to what they are budgeted against: drawing together to making the rows of both
// directions (at most 10 times), a sweep of 1, 4 or 16 words to a pass over every
// neighbour with as many words (at most 2 times).
func BenchmarkCloud(b *testing.B) {
	for _, n := range []int{10_000, 100_000, 1_000_000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			from, to := cloudRows(n)
			flag := make([]Flags, len(from))
			var out rows
			making := once(func() { out = newRows(n, from, to, flag); newRows(n, to, from, flag) })
			var c *Condensation
			for b.Loop() {
				c = CondenseRows(out.off, out.adj)
			}
			b.ReportMetric(once(func() { CondenseRows(out.off, out.adj) })/making, "condense/rows")
			b.ReportMetric(float64(c.Len())/float64(n), "components/node")
			for _, words := range []int{1, 4, 16} {
				labels := make([]uint64, n*words)
				for v := range n {
					labels[v*words+v%words] = 1 << (v % 64)
				}
				sweep, floor := once(func() { c.Gather(labels, words) }), once(func() { passOver(&out, labels, words) })
				b.ReportMetric(sweep/floor, fmt.Sprintf("sweep%d/pass", 64*words))
			}
		})
	}
}

// passOver unites the words of every neighbour: about what any answer must read.
func passOver(r *rows, labels []uint64, words int) []uint64 {
	out := make([]uint64, len(labels))
	for v := range len(r.off) - 1 {
		own := out[v*words : (v+1)*words]
		for _, u := range r.adj[r.off[v]:r.off[v+1]] {
			unite(own, labels[int(u)*words:(int(u)+1)*words])
		}
	}
	return out
}

// BenchmarkStores says exactly which of 1,000 stores each node reaches, in one sweep of 16
// words, against one search for each of the first ten stores, times a hundred.
func BenchmarkStores(b *testing.B) {
	atSizes(b, func(b *testing.B, m *Model, x *Index) {
		labels := make([]uint64, x.Len()*16)
		var stores []ID
		for k := range 1000 {
			v := k * x.Len() / 1000
			labels[v*16+k/64] |= 1 << (k % 64)
			stores = append(stores, m.Nodes()[v].ID)
		}
		var c *Condensation
		for b.Loop() {
			c = x.Condense(Mask{})
			c.Gather(labels, 16)
		}
		ours := once(func() { x.Condense(Mask{}).Gather(labels, 16) })
		theirs := once(func() {
			for _, s := range stores[:10] {
				x.Reach(Reach{Targets: []ID{s}, Backward: true})
			}
		})
		b.ReportMetric(100*theirs/ours, "times-searches")
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
		rowsOnly := 4 * (len(x.out.off) + len(x.out.adj) + len(x.in.off) + len(x.in.adj))
		b.ReportMetric(float64(rowsOnly)/float64(x.Len()), "rows-B/node")
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
