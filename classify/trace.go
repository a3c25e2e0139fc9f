package classify

import (
	"math/bits"
	"sync"
	"sync/atomic"
)

// place is an atom at a node.
type place struct{ node, atom int32 }

// tracer finds on demand how an atom came to a node. A few questions are answered by a
// search backwards from the place asked about; when many were asked, the distances of all
// atoms are found at once, and the rest is looked up. Both give the same way.
type tracer struct {
	a     *answer
	spent atomic.Int64 // places searched so far
	once  sync.Once
	all   *distances
	hops  []atomic.Pointer[[]hop] // node -> where each of its atoms came from
}

// distances are those of all atoms at all nodes.
type distances struct{ firm, weak *spread }

// traced is the way of an atom to a node, from there back to where it was stated.
type traced struct {
	steps []int32 // the last first
	from  place
}

// trace follows an atom back to the nearest node that states it: at each hop to the node
// of the smallest number that is one step nearer, over the first flow in sorted order, if
// possible as the same atom.
func (t *tracer) trace(p place) traced {
	if t.spent.Load() > int64(len(t.a.net.steps)) {
		return t.looked(p)
	}
	s := &search{a: t.a, level: map[place]int32{p: 0}, good: map[place]bool{}}
	out := s.run(p)
	t.spent.Add(int64(len(s.level)))
	return out
}

func (t *tracer) looked(p place) traced {
	t.once.Do(func() {
		t.all, t.hops = t.a.distances(), make([]atomic.Pointer[[]hop], len(t.a.nodes))
	})
	var out traced
	for t.a.origin(p.node, p.atom) == nil {
		h := t.hopsOf(p.node)[t.ordinal(p)]
		out.steps = append(out.steps, h.step)
		p = place{t.a.net.steps[h.step].from, h.atom}
	}
	out.from = p
	return out
}

// hopsOf finds once for each node where its atoms came from, by their ordinal.
func (t *tracer) hopsOf(v int32) []hop {
	if h := t.hops[v].Load(); h != nil {
		return *h
	}
	out := make([]hop, count(t.a.weak.of(v)))
	note := func(x int32, h hop) { out[t.ordinal(place{v, x})] = h }
	d, n := t.all, t.a.net
	n.hops(v, d.firm, strongStep, []*spread{d.firm}, note)
	n.hops(v, d.weak, weakStep, []*spread{d.firm, d.weak}, note)
	t.hops[v].Store(&out)
	return out
}

// ordinal is the number of atoms at a node that come before one.
func (t *tracer) ordinal(p place) int {
	set := t.a.weak.of(p.node)
	return bits.OnesCount64(set[p.atom/64]&(1<<(p.atom%64)-1)) + count(set[:p.atom/64])
}

// search is one search backwards.
type search struct {
	a     *answer
	level map[place]int32 // steps before the place asked about
	order []place
	good  map[place]bool // lies on a shortest way
	depth int32
}

func (s *search) run(p place) traced {
	s.order = []place{p}
	s.depth = -1
	for head := 0; head < len(s.order); head++ {
		q := s.order[head]
		d := s.level[q]
		if s.depth >= 0 && d >= s.depth {
			if d == s.depth && s.a.states(q) {
				s.good[q] = true
			}
			continue
		}
		if s.a.states(q) {
			s.depth, s.good[q] = d, true
			continue
		}
		s.a.before(q, func(_ int32, from place) bool {
			if _, seen := s.level[from]; !seen {
				s.level[from] = d + 1
				s.order = append(s.order, from)
			}
			return true
		})
	}
	s.mark()
	return s.walk(p)
}

// mark finds, from the statements forward, which places lie on a shortest way. order has
// the levels in turn, so one pass against it sees every place after those before it.
func (s *search) mark() {
	for i := len(s.order) - 1; i >= 0; i-- {
		q := s.order[i]
		if d := s.level[q]; d < s.depth {
			s.a.before(q, func(_ int32, from place) bool {
				if s.level[from] == d+1 && s.good[from] {
					s.good[q] = true
				}
				return !s.good[q]
			})
		}
	}
}

func (s *search) walk(p place) traced {
	var out traced
	for d := int32(0); d < s.depth; d++ {
		s.a.before(p, func(step int32, from place) bool {
			if s.level[from] != d+1 || !s.good[from] {
				return true
			}
			out.steps = append(out.steps, step)
			p = from
			return false
		})
	}
	out.from = p
	return out
}

// states tells whether somebody states an atom at a node, well enough for the layer in
// which it is there.
func (a *answer) states(p place) bool { return a.origin(p.node, p.atom) != nil }

// before calls f for the places an atom may have come from, in the order of the tie
// rule, until f returns false. What is there by good flows came by good flows.
func (a *answer) before(p place, f func(step int32, from place) bool) {
	n := a.net
	firm := a.firm.has(p.node, p.atom)
	if n.keeps(p.atom) {
		return
	}
	there := a.weak
	least := weakStep
	if firm {
		there, least = a.firm, strongStep
	}
	for _, i := range n.in[n.inOff[p.node]:n.inOff[p.node+1]] {
		x := &n.steps[i]
		if x.strength < least {
			continue
		}
		set := there.of(x.from)
		if !n.sources(x, set, p.atom, func(b int32) bool { return f(i, place{x.from, b}) }) {
			return
		}
	}
}

// sources calls f for the atoms of a set that a step makes into an atom: first itself.
func (n *network) sources(x *step, set []uint64, a int32, f func(b int32) bool) bool {
	in := func(b int32) bool { return set[b/64]>>(b%64)&1 != 0 && !n.keeps(b) }
	if x.turn == 0 {
		return !in(a) || f(a)
	}
	t := n.turns[x.turn]
	if (t.pass[a/64]>>(a%64)&1 != 0 || t.makes(a, a)) && in(a) && !f(a) {
		return false
	}
	for _, b := range t.change {
		if b != a && in(b) && t.makes(b, a) && !f(b) {
			return false
		}
	}
	return true
}

// distances carries everything on step by step.
func (a *answer) distances() *distances {
	firm, weak := a.split()
	d := &distances{firm: a.net.run(firm, strongStep, nil)}
	d.weak = a.net.run(weak, weakStep, d.firm)
	return d
}

func count(set []uint64) (n int) {
	for _, w := range set {
		n += bits.OnesCount64(w)
	}
	return n
}
