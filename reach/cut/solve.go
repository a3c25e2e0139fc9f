package cut

import (
	"slices"
)

// cut ends all unintended ways that can be ended while the kept edges stay: first by a
// primal and a dual solution that grow together, then, where they differ and the
// problem is small, by a search for the least.
func (g *net) cut(kept []int) *Result {
	s := g.state(kept)
	s.findLeft()
	lower := s.ascend()
	other := g.state(kept)
	other.left = s.left
	if lower < s.cost() {
		lower = max(lower, other.byFlow())
		if other.ascend(); other.cost() < s.cost() {
			s = other
		}
	}
	r := &Result{Kept: kept, Cost: s.cost()}
	if lower < r.Cost {
		b := &bound{state: g.state(kept), best: r.Cost, limit: g.work + maxWork}
		b.left = s.left
		if lower = max(lower, b.packing()); lower < r.Cost {
			if b.branch(0); b.found != nil {
				s.touched, r.Cost = b.found, b.best
			}
			if !b.stopped {
				lower = r.Cost
			}
		}
	}
	r.Lower = lower
	for x, t := range s.touched {
		if t {
			r.Touched = append(r.Touched, x)
		}
	}
	for p := range s.left {
		r.Left = append(r.Left, p)
	}
	slices.SortFunc(r.Left, byPair)
	return r
}

// findLeft notes the pairs that stay connected with every statement touched.
func (s *state) findLeft() {
	all := s.net.state(nil)
	all.kept = s.kept
	for x := range all.touched {
		all.touched[x] = true
	}
	for _, t := range s.targets {
		_, dist := all.search(t)
		for _, from := range s.sources[t] {
			if dist[from] >= 0 && from != t {
				s.left[Pair{from, t}] = true
			}
		}
	}
}

// ascend touches statements until nothing unintended is left, and returns what any cut
// must cost. Each way that stands adds to the bound by as much as the cheapest of its
// statements has left, which is used up and touched; at the end what turned out
// needless is taken back, last touched first.
func (s *state) ascend() (lower int) {
	room := slices.Clone(s.Costs)
	var order []int
	for x, t := range s.touched {
		if t {
			order = append(order, x)
		}
	}
	for _, t := range s.targets {
		for way := s.violated(t); way != nil; way = s.violated(t) {
			var all []int
			for _, o := range s.options(way) {
				all = append(all, o...)
			}
			slices.Sort(all)
			all = slices.Compact(all)
			least := slices.MinFunc(all, func(a, b int) int { return room[a] - room[b] })
			step := room[least]
			lower += step
			for _, x := range all {
				if room[x] -= step; room[x] == 0 {
					s.touched[x] = true
					order = append(order, x)
				}
			}
		}
	}
	for i := len(order) - 1; i >= 0; i-- {
		if s.touched[order[i]] = false; s.opens(order[i]) {
			s.touched[order[i]] = true
		}
	}
	return lower
}

// opens tells whether a statement that is not touched any more opens an unintended way:
// one over an edge that it brings back.
func (s *state) opens(x int) bool {
	for _, e := range s.supports[x] {
		if s.kept[e] || !s.stands(e) {
			continue
		}
		after := s.reached(s.Edges[e].To, s.out, func(e Edge) int { return e.To })
		if !slices.ContainsFunc(s.targets, func(t int) bool { return after[t] }) {
			continue
		}
		before := s.reached(s.Edges[e].From, s.in, func(e Edge) int { return e.From })
		for _, t := range s.targets {
			if !after[t] {
				continue
			}
			for _, from := range s.sources[t] {
				if before[from] && from != t && !s.left[Pair{from, t}] {
					return true
				}
			}
		}
	}
	return false
}

func (s *state) reached(start int, edges [][]int, far func(Edge) int) []bool {
	seen := make([]bool, s.Nodes)
	seen[start] = true
	queue := []int{start}
	for len(queue) > 0 {
		v := queue[len(queue)-1]
		queue = queue[:len(queue)-1]
		for _, e := range edges[v] {
			if u := far(s.Edges[e]); !seen[u] && s.stands(e) {
				seen[u] = true
				queue = append(queue, u)
			}
		}
	}
	return seen
}

// bound is the search for the least cut.
type bound struct {
	*state
	barred  map[int]bool // statements that this branch does not touch
	best    int
	found   []bool
	limit   int
	stopped bool
}

// branch tries every way to end the first unintended way that stands.
func (b *bound) branch(cost int) {
	if b.work > b.limit {
		b.stopped = true
		return
	}
	way := b.first()
	if way == nil {
		if cost < b.best {
			b.best, b.found = cost, slices.Clone(b.touched)
		}
		return
	}
	if cost+b.packing() >= b.best {
		return
	}
	barred := b.barred
	for _, o := range b.options(way) {
		if slices.ContainsFunc(o, func(x int) bool { return b.barred[x] }) {
			continue
		}
		more := 0
		for _, x := range o {
			b.touched[x] = true
			more += b.Costs[x]
		}
		if cost+more < b.best {
			b.branch(cost + more)
		}
		for _, x := range o {
			b.touched[x] = false
		}
		if len(o) == 1 { // the branches to come do without it
			b.barred = with(b.barred, o[0])
		}
	}
	b.barred = barred
}

func with(m map[int]bool, x int) map[int]bool {
	out := map[int]bool{x: true}
	for k := range m {
		out[k] = true
	}
	return out
}

func (b *bound) first() []int {
	for _, t := range b.targets {
		if way := b.violated(t); way != nil {
			return way
		}
	}
	return nil
}

// packing is a lower bound for what is still to be paid: ways that share no statement,
// each with its cheapest end.
func (b *bound) packing() (sum int) {
	b.blocked = make([]bool, len(b.Costs))
	defer func() { b.blocked = nil }()
	for _, t := range b.targets {
		for way := b.violated(t); way != nil; way = b.violated(t) {
			least := -1
			for _, o := range b.options(way) {
				c := 0
				for _, x := range o {
					c += b.Costs[x]
					b.blocked[x] = true
				}
				if least < 0 || c < least {
					least = c
				}
			}
			sum += least
		}
	}
	return sum
}
