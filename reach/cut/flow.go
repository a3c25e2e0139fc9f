package cut

import (
	"math"
	"slices"
)

// scale turns shares of a statement into whole capacities: it divides by all small
// numbers of copies.
const scale = 2520

// flow is a network whose least cut ends every way from sources that have nothing
// declared. A statement is an arc of its cost. One that supports edges of several nodes
// has a copy for each, because a common arc would join ways that do not exist.
type flow struct {
	to, room []int // arcs; arc i^1 is its contrary
	arcs     [][]int
	copies   map[[2]int]int // statement and place to the arc
	of       []int          // statement of an arc, -1 for none
	level    []int
	at       []int
}

func (f *flow) node() int {
	f.arcs = append(f.arcs, nil)
	return len(f.arcs) - 1
}

func (f *flow) arc(from, to, room, statement int) int {
	i := len(f.to)
	f.to, f.room, f.of = append(f.to, to, from), append(f.room, room, 0), append(f.of, statement, -1)
	f.arcs[from], f.arcs[to] = append(f.arcs[from], i), append(f.arcs[to], i+1)
	return i
}

const endless = math.MaxInt / 4

// network builds the flow of all edges that stand.
func (s *state) network() (f *flow, source, sink int) {
	f = &flow{copies: map[[2]int]int{}}
	for range s.Nodes {
		f.node()
	}
	source, sink = f.node(), f.node()
	for i, e := range s.Edges {
		if !s.stands(i) {
			continue
		}
		from := e.From
		needs := slices.Clone(e.Needs)
		if s.kept[i] {
			needs = nil
		}
		needs = slices.DeleteFunc(needs, func(need []int) bool { return len(need) == 0 })
		for n, need := range needs {
			to := e.To
			if n < len(needs)-1 {
				to = f.node()
			}
			for _, x := range need {
				if s.touched[x] {
					continue
				}
				// The first need meets the node it starts from, the last the node it leads to.
				switch {
				case n == 0 && (len(needs) > 1 || !s.oneHead(x)):
					f.arc(f.to[f.copy(x, from, true)], to, endless, -1)
				case n == len(needs)-1:
					f.arc(from, f.to[f.copy(x, to, false)^1], endless, -1)
				default:
					f.arc(from, to, s.Costs[x]*scale, x)
				}
			}
			from = to
		}
		if len(needs) == 0 {
			f.arc(from, e.To, endless, -1)
		}
	}
	return f, source, sink
}

// copy returns the arc of a statement at a node: it leaves the node, or leads to it.
func (f *flow) copy(x, v int, leaves bool) int {
	key := [2]int{x, 2 * v}
	if leaves {
		key[1]++
	}
	if a, ok := f.copies[key]; ok {
		return a
	}
	other := f.node()
	a := 0
	if leaves {
		a = f.arc(v, other, scale, x)
	} else {
		a = f.arc(other, v, scale, x)
	}
	f.copies[key] = a
	return a
}

// oneHead tells whether all edges of a statement lead to one node.
func (g *net) oneHead(x int) bool {
	for _, e := range g.supports[x] {
		if g.Edges[e].To != g.Edges[g.supports[x][0]].To {
			return false
		}
	}
	return true
}

// max sends as much as it can (Dinic's algorithm).
func (f *flow) max(source, sink int) (sum int) {
	for f.levels(source); f.level[sink] >= 0; f.levels(source) {
		f.at = make([]int, len(f.arcs))
		for x := f.push(source, sink, endless); x > 0; x = f.push(source, sink, endless) {
			if sum += x; sum >= endless/2 {
				return sum
			}
		}
	}
	return sum
}

func (f *flow) levels(source int) {
	f.level = make([]int, len(f.arcs))
	for i := range f.level {
		f.level[i] = -1
	}
	f.level[source] = 0
	for queue := []int{source}; len(queue) > 0; queue = queue[1:] {
		for _, a := range f.arcs[queue[0]] {
			if v := f.to[a]; f.room[a] > 0 && f.level[v] < 0 {
				f.level[v] = f.level[queue[0]] + 1
				queue = append(queue, v)
			}
		}
	}
}

func (f *flow) push(v, sink, most int) int {
	if v == sink {
		return most
	}
	for ; f.at[v] < len(f.arcs[v]); f.at[v]++ {
		a := f.arcs[v][f.at[v]]
		if u := f.to[a]; f.room[a] > 0 && f.level[u] == f.level[v]+1 {
			if x := f.push(u, sink, min(most, f.room[a])); x > 0 {
				f.room[a] -= x
				f.room[a^1] += x
				return x
			}
		}
	}
	return 0
}

// common lists the sources that no target has declared, and for which nothing is left.
func (s *state) common() (list []int) {
	if len(s.targets) == 0 {
		return nil
	}
	for _, v := range s.sources[s.targets[0]] {
		if !slices.ContainsFunc(s.targets, func(t int) bool {
			return v == t || s.left[Pair{v, t}] || !s.asked[Pair{v, t}]
		}) {
			list = append(list, v)
		}
	}
	slices.Sort(list)
	return slices.Compact(list)
}

// byFlow touches the statements of the least cut for the common sources, and returns
// what every cut must cost at least.
func (s *state) byFlow() (lower int) {
	from := s.common()
	if len(from) == 0 {
		return 0
	}
	run := func(share bool) (*flow, int, int) {
		f, source, sink := s.network()
		for _, v := range from {
			f.arc(source, v, endless, -1)
		}
		for _, t := range s.targets {
			f.arc(t, sink, endless, -1)
		}
		count := make([]int, len(s.Costs))
		for _, x := range f.of {
			if x >= 0 {
				count[x]++
			}
		}
		for a, x := range f.of {
			if x >= 0 && share {
				f.room[a] = s.Costs[x] * scale / count[x]
			} else if x >= 0 {
				f.room[a] = s.Costs[x] * scale
			}
		}
		return f, source, f.max(source, sink)
	}
	_, _, sum := run(true)
	lower = (sum + scale - 1) / scale
	f, source, sum := run(false)
	if sum >= endless/2 {
		return 0
	}
	f.levels(source)
	for a, x := range f.of {
		if x >= 0 && f.level[f.to[a^1]] >= 0 && f.level[f.to[a]] < 0 {
			s.touched[x] = true
		}
	}
	return lower
}
