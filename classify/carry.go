package classify

import "math/bits"

// step is one way in which data leaves a node: along a flow, or against one that
// reads.
type step struct {
	from, to int32
	flow     int32 // position in Model.Flows
	turn     int32
	strength strength
}

// strength is how much a step is believed.
type strength uint8

const (
	weakStep   strength = iota // shown, not relied on
	strongStep                 // good enough to infer a label
	sureStep                   // what leaves surely arrives, unchanged by any program
)

// network is the steps of a graph in compressed rows, both ways.
type network struct {
	nodes int
	words int
	steps []step  // sorted by from
	off   []int32 // steps of node v: off[v] to off[v+1]
	inOff []int32
	in    []int32 // positions in steps, by (to, from, flow)
	turns []*turn
	local []uint64 // atoms that do not leave their node; nil for none
}

func newNetwork(nodes int, steps []step, turns []*turn, words int) *network {
	n := &network{nodes: nodes, words: words, turns: turns, off: make([]int32, nodes+1), inOff: make([]int32, nodes+1)}
	for _, s := range steps {
		n.off[s.from+1]++
		n.inOff[s.to+1]++
	}
	for v := range nodes {
		n.off[v+1] += n.off[v]
		n.inOff[v+1] += n.inOff[v]
	}
	n.steps, n.in = make([]step, len(steps)), make([]int32, len(steps))
	at := append([]int32(nil), n.off...)
	for _, s := range steps { // the given order stays within a row: sorted by flow
		n.steps[at[s.from]] = s
		at[s.from]++
	}
	copy(at, n.inOff)
	for i, s := range n.steps {
		n.in[at[s.to]] = int32(i)
		at[s.to]++
	}
	return n
}

// spread is the answer: which atoms come to which node, and how many steps after the
// node that stated them. Each record says which atoms came to a node at one distance;
// the records of a node hang together, so that no array of nodes times atoms is needed.
type spread struct {
	words   int
	seen    []uint64 // node * words
	last    []int32  // node -> its last record, -1 for none
	records []record
	bits    []uint64 // record * words
}

type record struct{ node, before, dist int32 }

func newSpread(nodes, words int) *spread {
	s := &spread{words: words, seen: make([]uint64, nodes*words), last: make([]int32, nodes)}
	for i := range s.last {
		s.last[i] = -1
	}
	return s
}

func (s *spread) of(v int32) []uint64 { return s.seen[int(v)*s.words : (int(v)+1)*s.words] }

func (s *spread) recordBits(i int) []uint64 { return s.bits[i*s.words : (i+1)*s.words] }

func (s *spread) note(v, dist int32, set []uint64) {
	s.records = append(s.records, record{v, s.last[v], dist})
	s.last[v] = int32(len(s.records) - 1)
	s.bits = append(s.bits, set...)
}

func (s *spread) has(v, a int32) bool { return s.seen[int(v)*s.words+int(a/64)]>>(a%64)&1 != 0 }

// front is the atoms that came to nodes at one distance.
type front struct {
	nodes []int32
	bits  []uint64 // node * words
}

func (f *front) add(v int32, words int, set []uint64) {
	own := f.bits[int(v)*words : (int(v)+1)*words]
	if empty(own) {
		f.nodes = append(f.nodes, v)
	}
	for i, w := range set {
		own[i] |= w
	}
}

func empty(set []uint64) bool {
	for _, w := range set {
		if w != 0 {
			return false
		}
	}
	return true
}

// run carries all seeds on together, one distance at a time and all atoms of a node at
// once, over steps of at least the given strength. It gives what one breadth-first
// search for each atom would give.
//
// With a base, atoms that came by stronger steps set out from where they are, at the
// distance they have, and are not found again.
func (n *network) run(seeds []seed, least strength, base *spread) *spread {
	s := newSpread(n.nodes, n.words)
	if base != nil {
		copy(s.seen, base.seen)
	}
	here, next := &front{bits: make([]uint64, n.nodes*n.words)}, &front{bits: make([]uint64, n.nodes*n.words)}
	one := make([]uint64, n.words)
	for _, x := range seeds {
		if !s.has(x.node, x.atom) {
			clear(one)
			one[x.atom/64] = 1 << (x.atom % 64)
			here.add(x.node, n.words, one)
		}
	}
	at := 0 // next record of base
	for dist := int32(0); ; dist++ {
		n.settle(s, here, dist)
		n.leave(here, next, s, least, one)
		for ; base != nil && at < len(base.records) && base.records[at].dist == dist; at++ {
			n.out(base.records[at].node, base.recordBits(at), next, s, least, one)
		}
		for _, v := range here.nodes {
			clear(here.bits[int(v)*n.words : (int(v)+1)*n.words])
		}
		here.nodes = here.nodes[:0]
		here, next = next, here
		if len(here.nodes) == 0 && (base == nil || at >= len(base.records)) {
			return s
		}
	}
}

// settle notes what came at a distance.
func (n *network) settle(s *spread, here *front, dist int32) {
	for _, v := range here.nodes {
		set := here.bits[int(v)*n.words : (int(v)+1)*n.words]
		own := s.of(v)
		for i, w := range set {
			own[i] |= w
		}
		s.note(v, dist, set)
	}
}

func (n *network) leave(here, next *front, s *spread, least strength, buf []uint64) {
	for _, v := range here.nodes {
		n.out(v, here.bits[int(v)*n.words:(int(v)+1)*n.words], next, s, least, buf)
	}
}

// out sends atoms from a node over its steps to where they are not known yet.
func (n *network) out(v int32, set []uint64, next *front, s *spread, least strength, buf []uint64) {
	for i := n.off[v]; i < n.off[v+1]; i++ {
		x := &n.steps[i]
		if x.strength < least {
			continue
		}
		n.turned(x, set, buf)
		any := uint64(0)
		for j, w := range s.of(x.to) {
			buf[j] &^= w
			any |= buf[j]
		}
		if any != 0 {
			next.add(x.to, n.words, buf)
		}
	}
}

// turned writes into buf what becomes of a set on its way over a step.
func (n *network) turned(x *step, set, buf []uint64) {
	if x.turn != 0 {
		n.turns[x.turn].apply(set, buf)
		return
	}
	copy(buf, set)
	for i, w := range n.local {
		buf[i] &^= w
	}
}

// hop is where an atom at a node came from: over which step, as which atom.
type hop struct{ step, atom int32 }

// hops finds, for every atom that a spread brought to a node, where it came from: the
// node of the smallest number that is one step nearer to a node that states it, over
// the first flow in sorted order, if possible as the same atom. from are the spreads
// that may have brought it to the node before.
func (n *network) hops(v int32, s *spread, least strength, from []*spread, found func(a int32, h hop)) {
	left, there := make([]uint64, n.words), make([]uint64, n.words)
	for r := s.last[v]; r >= 0; r = s.records[r].before {
		dist := s.records[r].dist
		copy(left, s.recordBits(int(r)))
		take := func(a, i, b int32) {
			if left[a/64]>>(a%64)&1 != 0 && there[b/64]>>(b%64)&1 != 0 {
				left[a/64] &^= 1 << (a % 64)
				found(a, hop{i, b})
			}
		}
		for _, i := range n.in[n.inOff[v]:n.inOff[v+1]] {
			x := &n.steps[i]
			if dist == 0 || empty(left) {
				break
			}
			if x.strength < least || !cameAt(from, x.from, dist-1, there) {
				continue
			}
			for j, w := range n.local {
				there[j] &^= w
			}
			t := n.turns[x.turn]
			for j := range left {
				same := left[j] & there[j]
				if t != nil {
					same &= t.pass[j]
				}
				for ; same != 0; same &= same - 1 {
					a := int32(j*64 + bits.TrailingZeros64(same))
					take(a, i, a)
				}
			}
			if t != nil {
				t.changed(func(a, b int32) { take(a, i, b) })
			}
		}
	}
}

// changed calls f for what a turn makes of the atoms it changes: first those that it
// also lets through.
func (t *turn) changed(f func(to, from int32)) {
	for _, b := range t.change {
		if t.makes(b, b) {
			f(b, b)
		}
	}
	for _, b := range t.change {
		for _, a := range t.out[b] {
			f(a, b)
		}
	}
}

// cameAt writes into set which atoms came to a node at a distance.
func cameAt(from []*spread, v, dist int32, set []uint64) bool {
	clear(set)
	any := false
	for _, s := range from {
		for r := s.last[v]; r >= 0; r = s.records[r].before {
			if s.records[r].dist == dist {
				any = true
				for i, w := range s.recordBits(int(r)) {
					set[i] |= w
				}
			}
		}
	}
	return any
}

// each calls f for every atom of a set, in order.
func each(set []uint64, f func(a int32)) {
	for i, w := range set {
		for ; w != 0; w &= w - 1 {
			f(int32(i*64 + bits.TrailingZeros64(w)))
		}
	}
}
