package cut

import (
	"math"
	"slices"
)

// net is a problem made ready for searches.
type net struct {
	*Problem
	out, in  [][]int // edges by node
	supports [][]int // edges by statement
	targets  []int   // of unintended pairs, sorted
	sources  map[int][]int
	asked    map[Pair]bool
	work     int // edges looked at
}

func newNet(p *Problem) *net {
	g := &net{Problem: p, out: make([][]int, p.Nodes), in: make([][]int, p.Nodes), supports: make([][]int, len(p.Costs)), sources: map[int][]int{}, asked: map[Pair]bool{}}
	for i, e := range p.Edges {
		g.out[e.From] = append(g.out[e.From], i)
		g.in[e.To] = append(g.in[e.To], i)
		for _, need := range e.Needs {
			for _, s := range need {
				if l := g.supports[s]; len(l) == 0 || l[len(l)-1] != i {
					g.supports[s] = append(l, i)
				}
			}
		}
	}
	for _, u := range p.Unintended {
		if g.sources[u.To] == nil {
			g.targets = append(g.targets, u.To)
		}
		g.sources[u.To] = append(g.sources[u.To], u.From)
		g.asked[u] = true
	}
	slices.Sort(g.targets)
	return g
}

// state is a choice of statements to touch, on the way to a cut.
type state struct {
	*net
	kept    []bool // edges
	touched []bool // statements
	blocked []bool // statements all of whose edges count as gone; nil: none
	left    map[Pair]bool
}

func (g *net) state(kept []int) *state {
	s := &state{net: g, kept: make([]bool, len(g.Edges)), touched: make([]bool, len(g.Costs)), left: map[Pair]bool{}}
	for _, e := range kept {
		s.kept[e] = true
	}
	return s
}

// stands tells whether an edge is still there.
func (s *state) stands(i int) bool {
	if s.kept[i] {
		return true
	}
	for _, need := range s.Edges[i].Needs {
		gone := len(need) > 0
		for _, x := range need {
			if s.blocked != nil && s.blocked[x] {
				return false
			}
			gone = gone && s.touched[x]
		}
		if gone {
			return false
		}
	}
	return true
}

// violated finds the shortest unintended way to a target, as edges; nil when there is
// none. Of several it takes the one from the smallest source.
func (s *state) violated(target int) []int {
	next, dist := s.search(target)
	best, at := math.MaxInt, -1
	for _, from := range s.sources[target] {
		if d := dist[from]; d >= 0 && from != target && !s.left[Pair{from, target}] && (d < best || d == best && from < at) {
			best, at = d, from
		}
	}
	if at < 0 {
		return nil
	}
	var way []int
	for v := at; v != target; v = s.Edges[next[v]].To {
		way = append(way, next[v])
	}
	return way
}

// search goes back from a target over standing edges: next is the edge to take from a
// node, dist the number of edges, -1 for nodes that do not get there.
func (s *state) search(target int) (next, dist []int) {
	next, dist = make([]int, s.Nodes), make([]int, s.Nodes)
	for i := range dist {
		dist[i] = -1
	}
	dist[target] = 0
	queue := []int{target}
	for len(queue) > 0 {
		v := queue[0]
		queue = queue[1:]
		for _, e := range s.in[v] {
			s.work++
			if u := s.Edges[e].From; dist[u] < 0 && s.stands(e) {
				dist[u], next[u] = dist[v]+1, e
				queue = append(queue, u)
			}
		}
	}
	return next, dist
}

// options are the ways to end a way: for each need of each edge that is not kept, the
// statements that have to be touched.
func (s *state) options(way []int) [][]int {
	var out [][]int
	for _, e := range way {
		if s.kept[e] {
			continue
		}
		for _, need := range s.Edges[e].Needs {
			var rest []int
			for _, x := range need {
				if !s.touched[x] && !slices.Contains(rest, x) {
					rest = append(rest, x)
				}
			}
			if len(rest) > 0 {
				out = append(out, rest)
			}
		}
	}
	return out
}

func (s *state) cost() (c int) {
	for x, t := range s.touched {
		if t {
			c += s.Costs[x]
		}
	}
	return c
}
