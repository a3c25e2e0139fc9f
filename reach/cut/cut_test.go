package cut

import (
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"
)

// small draws a problem that can be solved by trying everything.
func small(seed uint64) *Problem {
	d := rand.New(rand.NewPCG(seed, 5))
	p := &Problem{Nodes: 4 + d.IntN(4)}
	for range 3 + d.IntN(6) {
		p.Costs = append(p.Costs, 1+d.IntN(2)*d.IntN(3))
	}
	for range p.Nodes + d.IntN(5) {
		e := Edge{From: d.IntN(p.Nodes), To: d.IntN(p.Nodes)}
		if e.From == e.To {
			continue
		}
		for range d.IntN(3) {
			var need []int
			for range 1 + d.IntN(2) {
				need = append(need, d.IntN(len(p.Costs)))
			}
			e.Needs = append(e.Needs, need)
		}
		p.Edges = append(p.Edges, e)
	}
	if len(p.Edges) > 0 && d.IntN(3) == 0 {
		p.Keep = []int{d.IntN(min(len(p.Edges), 9))}
	}
	for range 4 {
		a, b := d.IntN(p.Nodes/2), p.Nodes/2+d.IntN(p.Nodes-p.Nodes/2)
		switch d.IntN(3) {
		case 0:
			if !slices.Contains(p.Unintended, Pair{a, b}) {
				p.Declared = append(p.Declared, Pair{a, b})
			}
		default:
			if !slices.Contains(p.Declared, Pair{a, b}) {
				p.Unintended = append(p.Unintended, Pair{a, b})
			}
		}
	}
	return p
}

// brute tries all sets of touched statements and all sets of kept edges.
func brute(p *Problem) (left, cost int) {
	left, cost = 1<<30, 1<<30
	connected := func(stands func(int) bool, u Pair) bool {
		seen := map[int]bool{u.From: true}
		for grown := true; grown; {
			grown = false
			for i, e := range p.Edges {
				if seen[e.From] && !seen[e.To] && stands(i) {
					seen[e.To], grown = true, true
				}
			}
		}
		return seen[u.To]
	}
	all := func(int) bool { return true }
	var declared []Pair
	for _, d := range p.Declared {
		if connected(all, d) {
			declared = append(declared, d)
		}
	}
	for kept := range 1 << len(p.Edges) {
		in := func(i int) bool { return kept>>i&1 == 1 || slices.Contains(p.Keep, i) }
		if slices.ContainsFunc(declared, func(d Pair) bool { return !connected(in, d) }) {
			continue
		}
		for touched := range 1 << len(p.Costs) {
			c := 0
			for x, k := range p.Costs {
				c += k * (touched >> x & 1)
			}
			stands := func(i int) bool {
				return in(i) || !slices.ContainsFunc(p.Edges[i].Needs, func(need []int) bool {
					return len(need) > 0 && !slices.ContainsFunc(need, func(x int) bool { return touched>>x&1 == 0 })
				})
			}
			seen, n := map[Pair]bool{}, 0
			for _, u := range p.Unintended {
				if !seen[u] && u.From != u.To && connected(stands, u) {
					n++
				}
				seen[u] = true
			}
			if n < left || n == left && c < cost {
				left, cost = n, c
			}
		}
	}
	return left, cost
}

// TestBruteForce holds cuts of drawn problems against trying everything.
func TestBruteForce(t *testing.T) {
	n := 400
	if testing.Short() {
		n = 60
	}
	costly, leaving := 0, 0
	for seed := range uint64(n) {
		p := small(seed)
		if len(p.Edges) > 9 {
			p.Edges = p.Edges[:9]
		}
		if len(p.Costs) > 7 {
			continue
		}
		r := Solve(p)
		left, cost := brute(p)
		if len(r.Left) != left || r.Cost != cost || r.Lower != cost {
			t.Fatalf("seed %d: cost %d, bound %d, %d left; least is %d with %d left\n%+v\n%+v", seed, r.Cost, r.Lower, len(r.Left), cost, left, p, r)
		}
		if cost > 0 {
			costly++
		}
		if left > 0 {
			leaving++
		}
		holdsCut(t, p, r)
	}
	if costly < n/10 || leaving < n/20 {
		t.Errorf("too few problems with something to do: %d of %d cost, %d leave", costly, n, leaving)
	}
	t.Logf("%d problems: %d cost something, %d leave pairs", n, costly, leaving)
}

// holdsCut demands that a cut does what it says.
func holdsCut(t testing.TB, p *Problem, r *Result) {
	g := newNet(p)
	s := g.state(r.Kept)
	cost := 0
	for _, x := range r.Touched {
		s.touched[x] = true
		cost += p.Costs[x]
	}
	if cost != r.Cost || r.Lower > r.Cost {
		t.Fatalf("cost %d, said %d, bound %d", cost, r.Cost, r.Lower)
	}
	for _, u := range p.Unintended {
		_, dist := s.search(u.To)
		if dist[u.From] >= 0 && u.From != u.To && !slices.Contains(r.Left, u) {
			t.Fatalf("%v is still connected", u)
		}
	}
	for _, d := range p.Declared {
		_, dist := s.search(d.To)
		if dist[d.From] < 0 && !slices.Contains(r.Broken, d) {
			t.Fatalf("%v is cut off", d)
		}
	}
}

// large is an account: people and roles assume roles, which takes a statement of theirs
// and one of the trust policy; roles reach stores by a statement of theirs, some by one
// of the store as well; managed policies are shared. Of each store with the category two
// readers are declared, and everybody else is not.
func large(nodes, edges int, seed uint64) *Problem {
	d := rand.New(rand.NewPCG(seed, 9))
	p := &Problem{Nodes: nodes}
	roles, stores := nodes*6/10, nodes/10
	people := nodes - roles - stores
	statement := func() int { p.Costs = append(p.Costs, 1); return len(p.Costs) - 1 }
	var own, trust, shared []int
	for range nodes {
		own, trust = append(own, statement()), append(trust, statement())
	}
	for range nodes / 20 {
		shared = append(shared, statement())
	}
	allow := func(from int) int {
		if d.IntN(3) == 0 {
			return shared[from%len(shared)]
		}
		return own[from]
	}
	declared := map[int][]int{}
	first := people + roles
	for len(p.Edges) < edges {
		from, role, store := d.IntN(first), people+d.IntN(roles), first+d.IntN(stores)
		need := []int{allow(role)}
		switch d.IntN(6) {
		case 0, 1:
			p.Edges = append(p.Edges, Edge{from, role, [][]int{{allow(from)}, {trust[role]}}})
			continue
		case 2:
			need = append(need, trust[store])
		}
		p.Edges = append(p.Edges, Edge{role, store, [][]int{need}})
		if len(declared[store]) < 2 && store < first+20 {
			declared[store] = append(declared[store], role)
			p.Declared = append(p.Declared, Pair{role, store})
		}
	}
	for store := first; store < first+20; store++ {
		for from := range first {
			if !slices.Contains(declared[store], from) {
				p.Unintended = append(p.Unintended, Pair{from, store})
			}
		}
	}
	return p
}

func TestLargeCut(t *testing.T) {
	p := large(1000, 4000, 1)
	r := Solve(p)
	holdsCut(t, p, r)
	if again := Solve(p); !reflect.DeepEqual(r, again) {
		t.Error("the second answer is another one")
	}
	t.Logf("%d statements, at least %d, %d pairs left of %d", r.Cost, r.Lower, len(r.Left), len(p.Unintended))
}

func BenchmarkSolve(b *testing.B) {
	for _, n := range []int{500, 5000} {
		p := large(n, 4*n, 1)
		b.Run(fmt.Sprintf("%dnodes", n), func(b *testing.B) {
			var r *Result
			for b.Loop() {
				r = Solve(p)
			}
			b.ReportMetric(float64(r.Cost), "cost")
			b.ReportMetric(float64(r.Lower), "lower")
			b.ReportMetric(float64(len(r.Left)), "left")
		})
	}
}
