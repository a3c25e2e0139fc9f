package graph

import "slices"

// Reach asks which nodes the targets reach, or with Backward which nodes reach any of
// the targets. It is plain data: nothing in it is a function.
type Reach struct {
	Targets  []ID
	Mask     Mask
	Backward bool
}

// Reached answers a Reach: how many flows each node is away from the nearest target,
// and the way there. It may be read by any number of goroutines.
type Reached struct {
	x    *Index
	q    Reach
	dist []int32 // -1: not reached
	// order holds the reached nodes, the nearest first.
	order []int32
}

// Way is a path: its nodes in the order in which the flows lead, and for each step the
// flow it takes, one fewer than nodes.
type Way struct {
	Nodes []ID
	Flows []*Flow
}

// Reach searches once from all targets together. Targets that are not in the graph
// are left out.
func (x *Index) Reach(q Reach) *Reached {
	r := &Reached{x: x, q: q, dist: make([]int32, len(x.nodes)), order: make([]int32, 0, len(x.nodes))}
	for i := range r.dist {
		r.dist[i] = -1
	}
	for _, id := range q.Targets {
		if v, ok := x.Number(id); ok && r.dist[v] < 0 {
			r.dist[v] = 0
			r.order = append(r.order, v)
		}
	}
	r.search()
	return r
}

// search is breadth first; order is its queue.
func (r *Reached) search() {
	near, far := &r.x.out, &r.x.in
	if r.q.Backward {
		near, far = far, near
	}
	plain, there, back := r.q.Mask == (Mask{}), r.q.Mask.forward(), r.q.Mask.backward()
	for head := 0; head < len(r.order); head++ {
		v := r.order[head]
		d := r.dist[v] + 1
		if plain {
			r.all(near, v, d)
			continue
		}
		r.step(near, v, d, &there)
		if r.q.Mask.Data {
			r.step(far, v, d, &back)
		}
	}
}

// all visits every neighbour: the loop without a test of flags.
func (r *Reached) all(side *rows, v, d int32) {
	for _, u := range side.adj[side.off[v]:side.off[v+1]] {
		if r.dist[u] < 0 {
			r.dist[u] = d
			r.order = append(r.order, u)
		}
	}
}

// step visits the neighbours on one side that the mask admits.
func (r *Reached) step(side *rows, v, d int32, t *test) {
	adj, flag := side.of(v)
	for i, u := range adj {
		if r.dist[u] < 0 && t.admits(flag[i]) {
			r.dist[u] = d
			r.order = append(r.order, u)
		}
	}
}

// Len returns the number of nodes reached, the targets included.
func (r *Reached) Len() int { return len(r.order) }

// Distance returns how many flows a node is from the nearest target; false when there
// is no way.
func (r *Reached) Distance(id ID) (int, bool) {
	v, ok := r.x.Number(id)
	if !ok || r.dist[v] < 0 {
		return 0, false
	}
	return int(r.dist[v]), true
}

// Nodes returns the nodes reached, the targets included, sorted by id.
func (r *Reached) Nodes() []*Node {
	sorted := slices.Sorted(slices.Values(r.order))
	out := make([]*Node, len(sorted))
	for i, v := range sorted {
		out[i] = r.x.nodes[v]
	}
	return out
}

// Way returns the shortest way between a node and the nearest target; false when
// there is none. Among ways of equal length it takes, seen from the node, at each hop
// the node of the smallest number that is one step nearer, and among parallel flows
// the first in sorted order: every run gives the same way.
func (r *Reached) Way(id ID) (Way, bool) {
	v, ok := r.x.Number(id)
	if !ok || r.dist[v] < 0 {
		return Way{}, false
	}
	w := Way{Nodes: []ID{id}}
	for r.dist[v] > 0 {
		u := r.nearer(v)
		from, to := u, v
		if r.q.Backward {
			from, to = v, u
		}
		w.Nodes = append(w.Nodes, r.x.nodes[u].ID)
		w.Flows = append(w.Flows, r.x.flowBetween(from, to, r.q.Mask))
		v = u
	}
	if !r.q.Backward {
		slices.Reverse(w.Nodes)
		slices.Reverse(w.Flows)
	}
	return w, true
}

// nearer returns the neighbour of the smallest number that is one step nearer to the
// targets.
func (r *Reached) nearer(v int32) int32 {
	near, far := &r.x.in, &r.x.out
	if r.q.Backward {
		near, far = far, near
	}
	best := r.first(near, v, r.q.Mask.forward())
	if r.q.Mask.Data {
		if u := r.first(far, v, r.q.Mask.backward()); best < 0 || u >= 0 && u < best {
			best = u
		}
	}
	return best
}

// first finds it on one side; rows are sorted, so the first that fits is the smallest.
func (r *Reached) first(side *rows, v int32, t test) int32 {
	adj, flag := side.of(v)
	for i, u := range adj {
		if r.dist[u] == r.dist[v]-1 && t.admits(flag[i]) {
			return u
		}
	}
	return -1
}

// Path returns the shortest way from one node to another, by the tie rule of Way seen
// from the first node.
func (x *Index) Path(from, to ID, m Mask) (Way, bool) {
	return x.Reach(Reach{Targets: []ID{to}, Mask: m, Backward: true}).Way(from)
}
