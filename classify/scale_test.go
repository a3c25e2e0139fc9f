package classify

import (
	"fmt"
	"math/rand/v2"
	"runtime"
	"slices"
	"testing"
	"time"
)

// shapes are the graphs the benchmarks of scale run on, each of about five steps a node,
// written straight as a network: no model, no names.
//
// "random" joins any two nodes. "cloud" is applications of forty nodes: within one, data
// mostly moves on from what takes it in to what keeps it, one step in ten leads back; one
// in fifty leads to another application, half of these to one of few that everybody uses.
var shapes = map[string]func(r *rand.Rand, nodes int) (from, to int32){
	"random": func(r *rand.Rand, nodes int) (int32, int32) { return int32(r.IntN(nodes)), int32(r.IntN(nodes)) },
	"cloud": func(r *rand.Rand, nodes int) (int32, int32) {
		from := r.IntN(nodes)
		to := min(from/40*40+r.IntN(40), nodes-1)
		if to < from && r.IntN(10) > 0 {
			from, to = to, from
		}
		switch r.IntN(100) {
		case 0:
			to = r.IntN(nodes)
		case 1:
			to = r.IntN(1 + nodes/1000)
		}
		return int32(from), int32(to)
	},
}

// large makes a network of a shape with 5 steps a node, categories stated at every 50th
// node, three in a hundred steps that drop or change something.
func large(shape string, nodes, categories int) (*network, []seed) {
	r := rand.New(rand.NewPCG(uint64(nodes), uint64(categories)))
	x := atoms{number: map[atom]int32{}}
	for i := range categories {
		x.of(atom{category: fmt.Sprintf("user.c%03d", i)})
	}
	turns := []*turn{nil}
	for i := range 8 { // protections that drop an eighth, or change it to one category
		turns = append(turns, &turn{rule: func(c string) []string {
			var k int
			fmt.Sscanf(c, "user.c%d", &k)
			switch {
			case k%8 != i:
				return []string{c}
			case i%2 == 0:
				return nil
			}
			return []string{fmt.Sprintf("user.c%03d", i)}
		}})
	}
	closeTurns(&x, turns)
	steps := make([]step, 0, 5*nodes)
	for range 5 * nodes {
		from, to := shapes[shape](r, nodes)
		s := step{from: from, to: to, flow: int32(len(steps)), strength: strongStep}
		if r.IntN(33) == 0 {
			s.turn = int32(1 + r.IntN(8))
		}
		steps = append(steps, s)
	}
	var seeds []seed
	for v := 0; v < nodes; v += 50 {
		for range 2 {
			seeds = append(seeds, seed{node: int32(v), atom: int32(r.IntN(categories)), state: Declared})
		}
	}
	return newNetwork(nodes, steps, turns, x.words()), seeds
}

// naive is the fixpoint nobody needs to think about: pass over all steps and unite what
// comes over them, until a pass changes nothing.
func naive(n *network, seeds []seed) (seen []uint64, passes int) {
	seen = make([]uint64, n.nodes*n.words)
	for _, s := range seeds {
		seen[int(s.node)*n.words+int(s.atom/64)] |= 1 << (s.atom % 64)
	}
	buf := make([]uint64, n.words)
	for changed := true; changed; passes++ {
		changed = false
		for i := range n.steps {
			s := &n.steps[i]
			n.turned(s, seen[int(s.from)*n.words:(int(s.from)+1)*n.words], buf)
			own := seen[int(s.to)*n.words : (int(s.to)+1)*n.words]
			for j, w := range buf {
				if own[j]|w != own[j] {
					own[j] |= w
					changed = true
				}
			}
		}
	}
	return seen, passes
}

func timed(f func()) time.Duration {
	start := time.Now()
	f()
	return time.Since(start)
}

// BenchmarkScale finds which labels come to which node, over graphs of up to a million
// nodes and five million steps. It reports, from the same run: the parts (drawing the
// graph together, and one sweep, which is also what a changed annotation costs), the
// memory of the answer, and how many times as long the naive fixpoint takes.
func BenchmarkScale(b *testing.B) {
	for _, shape := range []string{"random", "cloud"} {
		for _, categories := range []int{64, 256} {
			for _, nodes := range []int{10_000, 100_000, 1_000_000} {
				b.Run(fmt.Sprintf("%s/%d/%d", shape, categories, nodes), func(b *testing.B) {
					n, seeds := large(shape, nodes, categories)
					runtime.GC()
					var before, after runtime.MemStats
					runtime.ReadMemStats(&before)
					var l *layer
					var r *reach
					for b.Loop() {
						l = n.layer(strongStep)
						r = l.closure(seeds)
					}
					runtime.GC()
					runtime.ReadMemStats(&after)
					b.ReportMetric(float64(after.HeapAlloc-before.HeapAlloc)/float64(nodes), "live-B/node")
					runtime.KeepAlive(l)
					runtime.KeepAlive(r)
					drawn := timed(func() { l = n.layer(strongStep) })
					swept := timed(func() { r = l.closure(seeds) })
					passes := 0
					theirs := timed(func() { _, passes = naive(n, seeds) })
					b.ReportMetric(drawn.Seconds()*1000, "draw-ms")
					b.ReportMetric(swept.Seconds()*1000, "sweep-ms")
					b.ReportMetric(theirs.Seconds()/(drawn+swept).Seconds(), "naive/whole")
					b.ReportMetric(theirs.Seconds()/swept.Seconds(), "naive/sweep")
					b.ReportMetric(float64(passes), "naive-passes")
					b.ReportMetric(float64(l.c.Len())/float64(nodes), "cells/node")
				})
			}
		}
	}
}

// TestNaiveAgrees holds the naive fixpoint of the benchmark to the answer it is compared with.
func TestNaiveAgrees(t *testing.T) {
	for shape := range shapes {
		n, seeds := large(shape, 2000, 100)
		got := n.layer(strongStep).closure(seeds)
		want, _ := naive(n, seeds)
		for v := range int32(n.nodes) {
			if w := want[int(v)*n.words : (int(v)+1)*n.words]; !slices.Equal(got.of(v), w) {
				t.Fatalf("%s: node %d has %x, the naive fixpoint says %x", shape, v, got.of(v), w)
			}
		}
	}
}
