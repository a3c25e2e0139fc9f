package graph

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
)

// fixpoint is the oracle of a sweep: unite over all steps until nothing changes.
func fixpoint(m *Model, mask Mask, labels []uint64, words int, backward bool) []uint64 {
	sets := slices.Clone(labels)
	number := map[ID]int{}
	steps := map[ID][]ID{}
	for i, n := range m.Nodes() {
		number[n.ID] = i
		steps[n.ID] = next(m, n.ID, mask)
	}
	for changed := true; changed; {
		changed = false
		for from, list := range steps {
			for _, to := range list {
				into, out := number[to], number[from]
				if backward {
					into, out = out, into
				}
				for w := range words {
					if x := sets[into*words+w] | sets[out*words+w]; x != sets[into*words+w] {
						sets[into*words+w], changed = x, true
					}
				}
			}
		}
	}
	return sets
}

func TestSweepAgreesWithFixpoint(t *testing.T) {
	for seed := range uint64(20) {
		m := randomModel(30+int(seed)*5, []float64{0.5, 1, 2, 4}[seed%4], seed, seed%3 == 0)
		x, err := m.Index()
		if err != nil {
			t.Fatal(err)
		}
		r := rand.New(rand.NewPCG(seed, 2))
		for name, mask := range masks {
			c := x.Condense(mask)
			checkNumbers(t, c)
			for _, words := range []int{1, 3} {
				labels := make([]uint64, x.Len()*words)
				for range 20 {
					labels[r.IntN(len(labels))] |= 1 << r.IntN(64)
				}
				what := fmt.Sprintf("seed %d, %s, %d words", seed, name, words)
				if got, want := c.Spread(labels, words), fixpoint(m, mask, labels, words, false); !slices.Equal(got, want) {
					t.Fatalf("%s: what reaches a node differs from the fixpoint", what)
				}
				if got, want := c.Gather(labels, words), fixpoint(m, mask, labels, words, true); !slices.Equal(got, want) {
					t.Fatalf("%s: what a node reaches differs from the fixpoint", what)
				}
			}
		}
	}
}

func checkNumbers(t *testing.T, c *Condensation) {
	t.Helper()
	for k := range c.Len() {
		row := c.adj[c.off[k]:c.off[k+1]]
		for i, to := range row {
			if int(to) >= k || i > 0 && row[i-1] >= to {
				t.Fatalf("component %d has the edges %v: they must be sorted, once each, and lead to lower numbers", k, row)
			}
		}
	}
}

// TestCondenseLongChains would need a deep call stack if anything were recursive.
func TestCondenseLongChains(t *testing.T) {
	const n = 1_000_000
	off, adj := make([]int32, n+1), make([]int32, 0, n)
	for v := range n - 1 {
		adj = append(adj, int32(v+1))
		off[v+1] = int32(len(adj))
	}
	off[n] = int32(len(adj))
	if c := CondenseRows(off, adj); c.Len() != n || c.Component[0] != n-1 {
		t.Errorf("a chain has %d components, its head is %d", c.Len(), c.Component[0])
	}
	adj = append(adj, 0)
	off[n] = int32(len(adj))
	if c := CondenseRows(off, adj); c.Len() != 1 {
		t.Errorf("a ring has %d components", c.Len())
	}
}

func TestCondenseNothing(t *testing.T) {
	c := CondenseRows([]int32{0}, nil)
	if c.Len() != 0 || len(c.Spread(nil, 1)) != 0 {
		t.Errorf("an empty graph has %d components", c.Len())
	}
}
