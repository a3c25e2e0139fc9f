package cut

import (
	"cmp"
	"slices"
)

func byPair(a, b Pair) int { return cmp.Or(cmp.Compare(a.From, b.From), cmp.Compare(a.To, b.To)) }

// choices lists sets of edges that keep every declared pair: all that are made of simple
// ways where they are few, else one that takes the shortest way and shares what it can.
func (g *net) choices(most int) (sets [][]int, all bool, broken []Pair) {
	var ways [][][]int
	total := 1
	declared := slices.Clone(g.Declared)
	slices.SortFunc(declared, byPair)
	declared = slices.Compact(declared)
	whole := g.state(nil)
	for _, d := range declared {
		if d.From == d.To {
			continue
		}
		if _, dist := whole.search(d.To); dist[d.From] < 0 {
			broken = append(broken, d)
			continue
		}
		if total <= most {
			list, few := g.simple(d, most/total+1)
			if total *= max(len(list), 1); !few {
				total = most + 1
			}
			ways = append(ways, list)
		}
	}
	if total > most {
		return [][]int{g.shared(declared)}, false, broken
	}
	sets = [][]int{nil}
	for _, list := range ways {
		var longer [][]int
		for _, set := range sets {
			for _, way := range list {
				longer = append(longer, union(set, way))
			}
		}
		slices.SortFunc(longer, slices.Compare)
		sets = slices.CompactFunc(longer, slices.Equal)
	}
	return sets, true, broken
}

func union(a, b []int) []int {
	out := slices.Concat(a, b)
	slices.Sort(out)
	return slices.Compact(out)
}

// simple lists the ways of a pair that visit no node twice, at most limit; few is false
// when not all were looked at.
func (g *net) simple(d Pair, limit int) (list [][]int, few bool) {
	_, dist := g.state(nil).search(d.To)
	seen := make([]bool, g.Nodes)
	steps := 0
	var walk func(v int, way []int)
	walk = func(v int, way []int) {
		if steps++; len(list) >= limit || steps > 1<<14 {
			return
		}
		if v == d.To {
			list = append(list, slices.Clone(way))
			return
		}
		seen[v] = true
		for _, e := range g.out[v] {
			if u := g.Edges[e].To; !seen[u] && dist[u] >= 0 {
				walk(u, append(way, e))
			}
		}
		seen[v] = false
	}
	walk(d.From, nil)
	return list, len(list) < limit && steps <= 1<<14
}

// shared keeps a shortest way for each pair; of equally short ones that which goes over
// kept edges.
func (g *net) shared(declared []Pair) []int {
	whole := g.state(nil)
	kept := map[int]bool{}
	for i, d := range declared {
		_, dist := whole.search(d.To)
		if dist[d.From] < 0 || i > 0 && d == declared[i-1] {
			continue
		}
		for v := d.From; v != d.To; {
			take := -1
			for _, e := range g.out[v] {
				if dist[g.Edges[e].To] == dist[v]-1 && (take < 0 || kept[e] && !kept[take]) {
					take = e
				}
			}
			kept[take] = true
			v = g.Edges[take].To
		}
	}
	out := make([]int, 0, len(kept))
	for e := range kept {
		out = append(out, e)
	}
	slices.Sort(out)
	return out
}

// needed lists the edges that every way of some declared pair takes: whatever is chosen
// keeps them.
func (g *net) needed() []int {
	whole := g.state(nil)
	var out []int
	for _, d := range g.Declared {
		next, dist := whole.search(d.To)
		if dist[d.From] < 0 {
			continue
		}
		for v := d.From; v != d.To; v = g.Edges[next[v]].To {
			e := next[v]
			if g.detour(d, e) {
				continue
			}
			out = append(out, e)
		}
	}
	return union(out, g.Keep)
}

// detour tells whether a pair stays connected without an edge.
func (g *net) detour(d Pair, without int) bool {
	seen := make([]bool, g.Nodes)
	seen[d.From] = true
	queue := []int{d.From}
	for len(queue) > 0 {
		v := queue[0]
		queue = queue[1:]
		for _, e := range g.out[v] {
			if u := g.Edges[e].To; e != without && !seen[u] {
				if u == d.To {
					return true
				}
				seen[u] = true
				queue = append(queue, u)
			}
		}
	}
	return false
}

// relaxed is a lower bound for every choice of kept edges: only what all of them keep is
// kept, and what the answer leaves is not asked for.
func (g *net) relaxed(left []Pair) int {
	s := g.state(g.needed())
	s.findLeft()
	for _, p := range left {
		s.left[p] = true
	}
	return s.ascend()
}
