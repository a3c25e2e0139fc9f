package graph

import "slices"

// Condensation is a graph whose cycles are drawn together: every strongly connected
// component is one node. Components are numbered so that every edge between two of
// them leads to the lower number, so that one pass over the rows answers questions
// about everything a node reaches. It never changes.
type Condensation struct {
	Component []int32 // node number -> component
	off, adj  []int32 // edges between components, each once
}

// Condense finds the components of what a mask follows.
func (x *Index) Condense(m Mask) *Condensation {
	off, adj := x.steps(m)
	return condense(off, adj)
}

// steps writes out the rows a mask follows.
func (x *Index) steps(m Mask) (off, adj []int32) {
	n := len(x.nodes)
	off = make([]int32, n+1)
	if m == (Mask{}) {
		return x.out.off, x.out.adj
	}
	there, back := m.forward(), m.backward()
	for v := range int32(n) {
		adj = admitted(adj, &x.out, v, there)
		if m.Data {
			adj = admitted(adj, &x.in, v, back)
		}
		off[v+1] = int32(len(adj))
	}
	return off, adj
}

func admitted(adj []int32, side *rows, v int32, t test) []int32 {
	list, flag := side.of(v)
	for i, u := range list {
		if t.admits(flag[i]) {
			adj = append(adj, u)
		}
	}
	return adj
}

// CondenseRows finds the components of any graph in compressed rows: the targets of
// node v are adj[off[v]:off[v+1]].
func CondenseRows(off, adj []int32) *Condensation { return condense(off, adj) }

func condense(off, adj []int32) *Condensation {
	c := &Condensation{}
	n := c.components(off, adj)
	c.join(n, off, adj)
	return c
}

// components is Tarjan's algorithm with its own stack in place of recursion, so that
// a chain of a million nodes needs no deep call stack. It returns their number.
// Source: R. Tarjan, "Depth-first search and linear graph algorithms", 1972.
func (c *Condensation) components(off, adj []int32) int32 {
	n := int32(len(off) - 1)
	const open = int32(-1) // not in a component yet
	c.Component = make([]int32, n)
	low := make([]int32, n) // 0: not seen; otherwise the lowest visit reached
	next := make([]int32, n)
	var stack, calls []int32
	visit, count := int32(0), int32(0)
	for root := range n {
		if low[root] != 0 {
			continue
		}
		calls = append(calls, root)
		for len(calls) > 0 {
			v := calls[len(calls)-1]
			if low[v] == 0 {
				visit++
				// Component holds the visit, negated and below open, until it is known.
				low[v], c.Component[v], next[v] = visit, open-visit, off[v]
				stack = append(stack, v)
			}
			if w := c.descend(v, adj[:off[v+1]], next, low); w >= 0 {
				calls = append(calls, w)
				continue
			}
			calls = calls[:len(calls)-1]
			if low[v] == open-c.Component[v] {
				stack = c.close(v, count, stack)
				count++
			}
			if len(calls) > 0 {
				if u := calls[len(calls)-1]; c.Component[v] < 0 {
					low[u] = min(low[u], low[v])
				}
			}
		}
	}
	return count
}

// descend goes on with the row of a node and returns the next node to visit, or -1
// when the row is done.
func (c *Condensation) descend(v int32, row, next, low []int32) int32 {
	for next[v] < int32(len(row)) {
		w := row[next[v]]
		next[v]++
		switch {
		case low[w] == 0:
			return w
		case c.Component[w] < 0:
			low[v] = min(low[v], -1-c.Component[w])
		}
	}
	return -1
}

// close gives everything above a root on the stack the number of a component.
func (c *Condensation) close(root, number int32, stack []int32) []int32 {
	for {
		last := len(stack) - 1
		v := stack[last]
		stack = stack[:last]
		c.Component[v] = number
		if v == root {
			return stack
		}
	}
}

// join writes the edges between components, each pair once.
func (c *Condensation) join(n int32, off, adj []int32) {
	start, members := c.members(n)
	c.off = make([]int32, n+1)
	seen := make([]int32, n) // the last component that has an edge to this one, plus one
	for k := range n {
		for _, v := range members[start[k]:start[k+1]] {
			for _, w := range adj[off[v]:off[v+1]] {
				if to := c.Component[w]; to != k && seen[to] != k+1 {
					seen[to] = k + 1
					c.adj = append(c.adj, to)
				}
			}
		}
		slices.Sort(c.adj[c.off[k]:])
		c.off[k+1] = int32(len(c.adj))
	}
}

// members sorts the nodes by component.
func (c *Condensation) members(n int32) (start, list []int32) {
	start, list = make([]int32, n+1), make([]int32, len(c.Component))
	for _, k := range c.Component {
		start[k+1]++
	}
	for k := range n {
		start[k+1] += start[k]
	}
	at := slices.Clone(start[:n])
	for v, k := range c.Component {
		list[at[k]] = int32(v)
		at[k]++
	}
	return start, list
}

// Targets returns the components that edges of a component lead to, sorted, each once:
// all of lower numbers. The slice must not be changed.
func (c *Condensation) Targets(component int32) []int32 {
	return c.adj[c.off[component]:c.off[component+1]]
}

// Len returns the number of components.
func (c *Condensation) Len() int { return len(c.off) - 1 }

// Gather tells for every node which labels it reaches, its own included. Labels are
// sets of bits, words of them for each node; the answer has the same form.
func (c *Condensation) Gather(labels []uint64, words int) []uint64 {
	sets := c.lift(labels, words)
	if words == 1 {
		for k := range c.Len() { // edges lead to lower numbers, which are done
			w := sets[k]
			for _, to := range c.adj[c.off[k]:c.off[k+1]] {
				w |= sets[to]
			}
			sets[k] = w
		}
		return c.lower(sets, words)
	}
	for k := range c.Len() {
		own := sets[k*words : (k+1)*words]
		for _, to := range c.adj[c.off[k]:c.off[k+1]] {
			unite(own, sets[int(to)*words:(int(to)+1)*words])
		}
	}
	return c.lower(sets, words)
}

// Spread tells for every node which labels reach it, its own included.
func (c *Condensation) Spread(labels []uint64, words int) []uint64 {
	sets := c.lift(labels, words)
	for k := c.Len() - 1; k >= 0; k-- { // edges come from higher numbers, which are done
		own := sets[k*words : (k+1)*words]
		for _, to := range c.adj[c.off[k]:c.off[k+1]] {
			unite(sets[int(to)*words:(int(to)+1)*words], own)
		}
	}
	return c.lower(sets, words)
}

// lift unites the labels of each component.
func (c *Condensation) lift(labels []uint64, words int) []uint64 {
	sets := make([]uint64, c.Len()*words)
	for v, k := range c.Component {
		unite(sets[int(k)*words:(int(k)+1)*words], labels[v*words:(v+1)*words])
	}
	return sets
}

// lower gives each node the labels of its component.
func (c *Condensation) lower(sets []uint64, words int) []uint64 {
	out := make([]uint64, len(c.Component)*words)
	for v, k := range c.Component {
		copy(out[v*words:(v+1)*words], sets[int(k)*words:(int(k)+1)*words])
	}
	return out
}

func unite(into, from []uint64) {
	for i, w := range from[:len(into)] {
		into[i] |= w
	}
}
