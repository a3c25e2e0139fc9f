package classify

import (
	"cmp"
	"slices"

	"github.com/flowdeed/flowdeed/graph"
)

// reach says which atoms come to which node. Nodes that data moves between in circles
// without a change share one set: a cell.
type reach struct {
	words int
	cell  []int32  // node -> cell
	sets  []uint64 // cell * words
	// own are the whole sets of nodes that hold something which does not leave them.
	own map[int32][]uint64
}

func (r *reach) of(v int32) []uint64 {
	if r.own != nil {
		if set, ok := r.own[v]; ok {
			return set
		}
	}
	k := int(r.cell[v])
	return r.sets[k*r.words : (k+1)*r.words]
}

func (r *reach) has(v, a int32) bool { return r.of(v)[a/64]>>(a%64)&1 != 0 }

// layer is the steps of a network from a strength on, with everything that changes
// nothing drawn together: cells are numbered so that a step without a turn leads to a
// lower number. Turned steps lead anywhere.
type layer struct {
	n      *network
	least  strength
	c      *graph.Condensation
	off    []int32 // turned steps of cell k: off[k] to off[k+1]
	turned []turnedStep
}

type turnedStep struct{ to, turn int32 }

func (n *network) layer(least strength) *layer {
	off, adj := make([]int32, n.nodes+1), make([]int32, 0, len(n.steps))
	for v := range n.nodes {
		for i := n.off[v]; i < n.off[v+1]; i++ {
			if s := &n.steps[i]; s.turn == 0 && s.strength >= least {
				adj = append(adj, s.to)
			}
		}
		off[v+1] = int32(len(adj))
	}
	l := &layer{n: n, least: least, c: graph.CondenseRows(off, adj)}
	l.turns()
	return l
}

// turns sorts the turned steps by the cell they leave.
func (l *layer) turns() {
	type entry struct {
		from int32
		turnedStep
	}
	var list []entry
	for i := range l.n.steps {
		if s := &l.n.steps[i]; s.turn != 0 && s.strength >= l.least {
			list = append(list, entry{l.c.Component[s.from], turnedStep{l.c.Component[s.to], s.turn}})
		}
	}
	slices.SortFunc(list, func(a, b entry) int {
		return cmp.Or(cmp.Compare(a.from, b.from), cmp.Compare(a.to, b.to), cmp.Compare(a.turn, b.turn))
	})
	list = slices.Compact(list)
	l.off, l.turned = make([]int32, l.c.Len()+1), make([]turnedStep, len(list))
	for i, e := range list {
		l.turned[i] = e.turnedStep
		l.off[e.from+1]++
	}
	for k := range l.c.Len() {
		l.off[k+1] += l.off[k]
	}
}

// closure carries all seeds on until nothing changes. One pass over the cells, from high
// numbers to low, settles everything that is not turned; a further pass visits only what
// a turned step to a higher number has changed.
func (l *layer) closure(seeds []seed) *reach {
	words := l.n.words
	r := &reach{words: words, cell: l.c.Component, sets: make([]uint64, l.c.Len()*words)}
	w := &sweep{layer: l, r: r, dirty: make([]bool, l.c.Len()), buf: make([]uint64, words)}
	var kept []seed
	for _, s := range seeds {
		if l.n.keeps(s.atom) {
			kept = append(kept, s)
			continue
		}
		k := r.cell[s.node]
		r.sets[int(k)*words+int(s.atom/64)] |= 1 << (s.atom % 64)
		w.dirty[k] = true
	}
	for again := true; again; {
		again = w.pass()
	}
	r.keep(kept)
	return r
}

// keep adds atoms that do not leave their node.
func (r *reach) keep(seeds []seed) {
	for _, s := range seeds {
		if r.own == nil {
			r.own = map[int32][]uint64{}
		}
		set, ok := r.own[s.node]
		if !ok {
			set = slices.Clone(r.of(s.node))
			r.own[s.node] = set
		}
		set[s.atom/64] |= 1 << (s.atom % 64)
	}
}

// keeps tells whether an atom does not leave its node.
func (n *network) keeps(a int32) bool { return n.local != nil && n.local[a/64]>>(a%64)&1 != 0 }

// sweep is a closure under way.
type sweep struct {
	*layer
	r     *reach
	dirty []bool
	buf   []uint64
}

func (w *sweep) set(k int32) []uint64 {
	return w.r.sets[int(k)*w.r.words : (int(k)+1)*w.r.words]
}

// pass visits the cells that changed, and tells whether another pass is needed.
func (w *sweep) pass() (again bool) {
	for k := int32(w.c.Len()) - 1; k >= 0; k-- {
		if !w.dirty[k] {
			continue
		}
		for w.dirty[k] { // a turned step may lead back into the cell
			w.dirty[k] = false
			again = w.turnedOut(k) || again
		}
		w.plainOut(k)
	}
	return again
}

// turnedOut sends a cell's atoms over its turned steps.
func (w *sweep) turnedOut(k int32) (again bool) {
	own := w.set(k)
	for _, t := range w.turned[w.off[k]:w.off[k+1]] {
		w.n.turns[t.turn].apply(own, w.buf)
		if grow(w.set(t.to), w.buf) {
			w.dirty[t.to] = true
			again = again || t.to > k
		}
	}
	return again
}

// plainOut sends a cell's atoms over the other steps.
func (w *sweep) plainOut(k int32) {
	own := w.set(k)
	if w.r.words == 1 {
		bits := own[0]
		if bits == 0 {
			return
		}
		for _, to := range w.c.Targets(k) {
			if have := w.r.sets[to]; bits&^have != 0 {
				w.r.sets[to] = have | bits
				w.dirty[to] = true
			}
		}
		return
	}
	if empty(own) {
		return
	}
	for _, to := range w.c.Targets(k) {
		if grow(w.set(to), own) {
			w.dirty[to] = true
		}
	}
}

// grow unites a set with another, and tells whether that changed it.
func grow(into, from []uint64) bool {
	changed := uint64(0)
	for i, w := range from[:len(into)] {
		changed |= w &^ into[i]
		into[i] |= w
	}
	return changed != 0
}

// apply writes into buf what a turn makes of a set.
func (t *turn) apply(set, buf []uint64) {
	for i, w := range t.pass {
		buf[i] = set[i] & w
	}
	for _, a := range t.change {
		if set[a/64]>>(a%64)&1 != 0 {
			for _, b := range t.out[a] {
				buf[b/64] |= 1 << (b % 64)
			}
		}
	}
}
