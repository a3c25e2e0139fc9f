package iam

import (
	"cmp"
	"slices"
)

// maxDisjuncts bounds the alternatives of an answer.
const maxDisjuncts = 64

// conj is a conjunction of literals, sorted: an atom's number, negative for its
// negation. The empty conjunction is true.
type conj []int32

// formula is a disjunction of conjunctions. Without any it is false.
type formula []conj

// always is the formula that holds in every request. Formulas are never changed once
// made, so that all share it.
var always = formula{conj{}}

func truth(b bool) formula {
	if b {
		return always
	}
	return nil
}

func (f formula) always() bool { return len(f) == 1 && len(f[0]) == 0 }
func (f formula) never() bool  { return len(f) == 0 }

func literal(atom int32) formula { return formula{conj{atom}} }

// algebra holds the atoms of one decision and combines formulas over them.
type algebra struct {
	atoms []*atom // atom n is atoms[n-1]
	byKey map[string]int32
	// truncated is set when an answer had more alternatives than are kept.
	truncated bool
}

func newAlgebra() *algebra { return &algebra{} }

// intern returns the number of an atom, the same for equal ones.
func (g *algebra) intern(a *atom) int32 {
	id := a.identity()
	if n, ok := g.byKey[id]; ok {
		return n
	}
	if g.byKey == nil {
		g.byKey = map[string]int32{}
	}
	g.atoms = append(g.atoms, a)
	n := int32(len(g.atoms))
	g.byKey[id] = n
	return n
}

func (g *algebra) atom(lit int32) *atom { return g.atoms[max(lit, -lit)-1] }

func (g *algebra) or(a, b formula) formula {
	switch {
	case a.always() || b.never():
		return a
	case b.always() || a.never():
		return b
	}
	return g.simplify(slices.Concat(a, b))
}

func (g *algebra) and(a, b formula) formula {
	switch {
	case a.never() || b.always():
		return a
	case b.never() || a.always():
		return b
	}
	var out formula
	for _, x := range a {
		for _, y := range b {
			if c, ok := g.join(x, y); ok {
				out = append(out, c)
			}
		}
		if len(out) > 8*maxDisjuncts {
			out = g.simplify(out)
		}
	}
	return g.simplify(out)
}

// not negates a formula: a conjunction of disjunctions, multiplied out.
func (g *algebra) not(f formula) formula {
	out := truth(true)
	for _, c := range f {
		var some formula
		for _, lit := range c {
			some = append(some, conj{-lit})
		}
		out = g.and(out, some)
	}
	return out
}

// join merges two conjunctions; ok is false when they contradict each other.
func (g *algebra) join(x, y conj) (conj, bool) {
	out := make(conj, 0, len(x)+len(y))
	out = append(append(out, x...), y...)
	slices.SortFunc(out, byAtom)
	out = slices.Compact(out)
	for i := 1; i < len(out); i++ {
		if out[i] == -out[i-1] {
			return nil, false
		}
	}
	return out, g.satisfiable(out)
}

func byAtom(a, b int32) int {
	return cmp.Or(cmp.Compare(max(a, -a), max(b, -b)), cmp.Compare(a, b))
}

// simplify drops what is contained in something wider, merges alternatives that
// differ in one literal and its negation, and keeps the number bounded.
func (g *algebra) simplify(f formula) formula {
	for changed := true; changed; {
		f = absorb(f)
		f, changed = merge(f)
	}
	if len(f) > maxDisjuncts {
		g.truncated = true
		f = f[:maxDisjuncts]
	}
	return f
}

// absorb sorts and removes conjunctions that say more than another one.
func absorb(f formula) formula {
	slices.SortFunc(f, func(a, b conj) int { return cmp.Or(cmp.Compare(len(a), len(b)), slices.Compare(a, b)) })
	out := f[:0:0]
	for _, c := range f {
		if !slices.ContainsFunc(out, func(wide conj) bool { return contains(c, wide) }) {
			out = append(out, c)
		}
	}
	return out
}

// contains tells whether all literals of part are in c.
func contains(c, part conj) bool {
	i := 0
	for _, lit := range c {
		if i < len(part) && part[i] == lit {
			i++
		}
	}
	return i == len(part)
}

func merge(f formula) (formula, bool) {
	for i, a := range f {
		for j := i + 1; j < len(f) && len(f[j]) == len(a); j++ {
			if k := complement(a, f[j]); k >= 0 {
				out := slices.Clone(f)
				out[i] = slices.Delete(slices.Clone(a), k, k+1)
				return slices.Delete(out, j, j+1), true
			}
		}
	}
	return f, false
}

// complement returns the place at which two conjunctions of equal length differ, when
// it is one place and they hold a literal and its negation there; else -1.
func complement(a, b conj) int {
	at := -1
	for i := range a {
		switch {
		case a[i] == b[i]:
		case a[i] == -b[i] && at < 0:
			at = i
		default:
			return -1
		}
	}
	return at
}
