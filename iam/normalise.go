package iam

import (
	"net/netip"
	"slices"
)

// satisfiable tells whether some request meets all literals: they are grouped by key
// and held against each other. It may miss a contradiction, and never finds one that
// is none.
func (g *algebra) satisfiable(c conj) bool {
	for i, lit := range c {
		key := g.atom(lit).key
		if key == "" || g.sameKeyBefore(c[:i], key) {
			continue
		}
		var group []int32
		for _, other := range c[i:] {
			if g.atom(other).key == key {
				group = append(group, other)
			}
		}
		if !g.possible(group) {
			return false
		}
	}
	return !(g.demands(c, "aws:sourceip") && slices.ContainsFunc(endpointKeys, func(key string) bool { return g.demands(c, key) }))
}

// endpointKeys, in lower case, are there only when a request comes through a VPC
// endpoint; aws:SourceIp is not there then (IAM User Guide, "AWS global condition
// context keys", aws:SourceIp and aws:SourceVpce).
var endpointKeys = []string{"aws:sourcevpc", "aws:sourcevpce", "aws:sourcevpcarn", "aws:vpcsourceip", "aws:vpceaccount", "aws:vpceorgid", "aws:vpceorgpaths"}

// demands tells whether a conjunction can only hold when the key is there.
func (g *algebra) demands(c conj, key string) bool {
	return slices.ContainsFunc(c, func(lit int32) bool {
		a := g.atom(lit)
		return lit > 0 && a.key == key && a.kind != variableAtom
	})
}

func (g *algebra) sameKeyBefore(c conj, key string) bool {
	return slices.ContainsFunc(c, func(lit int32) bool { return g.atom(lit).key == key })
}

// possible tells whether a key can be absent, or can have a value, under the literals.
func (g *algebra) possible(group []int32) bool {
	absent, present := !alwaysThere(g.atom(group[0]).key), true
	var positive, negative []*atom
	for _, lit := range group {
		a := g.atom(lit)
		switch {
		case a.kind == variableAtom:
			absent = absent && (lit < 0 || a.orAbsent)
			continue
		case lit > 0:
			absent = false
		case a.kind == presentAtom:
			present = false
		}
		if a.kind != matchAtom || a.opaque {
			continue
		}
		if lit > 0 {
			positive = append(positive, a)
		} else {
			negative = append(negative, a)
		}
	}
	return absent || present && hasValue(positive, negative)
}

// hasValue tells whether one value can match all positive and no negative atoms.
func hasValue(positive, negative []*atom) bool {
	for _, a := range positive {
		values, finite := a.finite()
		if !finite {
			continue
		}
		return slices.ContainsFunc(values, func(v string) bool { return fits(v, positive, negative) })
	}
	for _, a := range positive {
		if !a.leaves(positive, negative) {
			return false
		}
	}
	for _, n := range negative {
		if (n.op.family == likeFamily || n.op.family == boolFamily) && n.matchesEverything() {
			return false
		}
	}
	return intervalPossible(positive, negative) && !bothBools(negative)
}

// finite lists the values that can match, where they are few.
func (a *atom) finite() ([]string, bool) {
	switch a.op.family {
	case stringFamily, boolFamily, binaryFamily:
	case likeFamily, arnFamily:
		if slices.ContainsFunc(a.values, func(p pattern) bool { return !p.literal() }) {
			return nil, false
		}
	case numericFamily, dateFamily:
		if a.op.order != equal {
			return nil, false
		}
	default:
		return nil, false
	}
	out := make([]string, 0, len(a.values))
	for _, v := range a.values {
		out = append(out, string(v))
	}
	return out, true
}

func fits(v string, positive, negative []*atom) bool {
	for _, a := range positive {
		if ok, _ := a.op.matches(a.values, v); !ok {
			return false
		}
	}
	for _, a := range negative {
		if ok, _ := a.op.matches(a.values, v); ok {
			return false
		}
	}
	return true
}

// leaves tells whether a value of a is compatible with every other atom by itself.
func (a *atom) leaves(positive, negative []*atom) bool {
	return slices.ContainsFunc(a.values, func(v pattern) bool {
		for _, b := range positive {
			if b != a && b.op.family == a.op.family && !slices.ContainsFunc(b.values, func(w pattern) bool { return a.op.overlap(v, w) }) {
				return false
			}
		}
		for _, n := range negative {
			if n.op.family == a.op.family && slices.ContainsFunc(n.values, func(w pattern) bool { return a.op.within(v, w) }) {
				return false
			}
		}
		return true
	})
}

// overlap tells whether one value can match both v and w of the same family; true
// when not known.
func (o operator) overlap(v, w pattern) bool {
	switch o.family {
	case stringFamily, likeFamily:
		return v.overlaps(w)
	case arnFamily:
		return splitARN(v).overlaps(splitARN(w))
	case ipFamily:
		a, okA := parseRange(string(v))
		b, okB := parseRange(string(w))
		return !okA || !okB || a.Overlaps(b)
	}
	return true
}

// within tells whether every value that matches v matches w; false when not known.
func (o operator) within(v, w pattern) bool {
	switch o.family {
	case stringFamily, likeFamily:
		return w.covers(v)
	case arnFamily:
		return splitARN(w).covers(splitARN(v))
	case ipFamily:
		a, okA := parseRange(string(v))
		b, okB := parseRange(string(w))
		return okA && okB && b.Bits() <= a.Bits() && b.Contains(a.Addr())
	}
	return false
}

func (a *atom) matchesEverything() bool {
	if a.op.family == boolFamily {
		return slices.Contains(a.values, "true") && slices.Contains(a.values, "false")
	}
	return slices.ContainsFunc(a.values, pattern.everything)
}

// bothBools tells whether a flag is said to be neither true nor false.
func bothBools(negative []*atom) bool {
	no := map[pattern]bool{}
	for _, a := range negative {
		if a.op.family == boolFamily {
			for _, v := range a.values {
				no[v] = true
			}
		}
	}
	return no["true"] && no["false"]
}

// intervalPossible holds the bounds of numbers and dates against each other.
func intervalPossible(positive, negative []*atom) bool {
	for _, f := range []family{numericFamily, dateFamily} {
		iv := interval{}
		for _, a := range positive {
			if a.op.family == f && len(a.values) == 1 {
				iv.narrow(a.op.order, f, string(a.values[0]))
			}
		}
		for _, a := range negative {
			if a.op.family == f && len(a.values) == 1 {
				iv.narrow(a.op.order.opposite(), f, string(a.values[0]))
			}
		}
		if iv.empty() {
			return false
		}
	}
	return true
}

func (o order) opposite() order {
	switch o {
	case less:
		return greaterEqual
	case lessEqual:
		return greater
	case greater:
		return lessEqual
	case greaterEqual:
		return less
	}
	return unordered
}

const unordered order = 255

// interval is a range of numbers or of seconds.
type interval struct {
	low, high         float64
	hasLow, hasHigh   bool
	openLow, openHigh bool
}

func (iv *interval) narrow(o order, f family, value string) {
	v, ok := parseNumber(value)
	if f == dateFamily {
		v, ok = parseDate(value)
	}
	if !ok {
		return
	}
	switch o {
	case greater, greaterEqual:
		if !iv.hasLow || v > iv.low || v == iv.low && o == greater {
			iv.low, iv.hasLow, iv.openLow = v, true, o == greater
		}
	case less, lessEqual:
		if !iv.hasHigh || v < iv.high || v == iv.high && o == less {
			iv.high, iv.hasHigh, iv.openHigh = v, true, o == less
		}
	}
}

func (iv *interval) empty() bool {
	if !iv.hasLow || !iv.hasHigh {
		return false
	}
	return iv.low > iv.high || iv.low == iv.high && (iv.openLow || iv.openHigh)
}

// parseRange reads an address or a range; a bare address is a range of one.
func parseRange(s string) (netip.Prefix, bool) {
	if a, err := netip.ParseAddr(s); err == nil {
		a = a.Unmap().WithZone("")
		return netip.PrefixFrom(a, a.BitLen()), true
	}
	p, err := netip.ParsePrefix(s)
	return p.Masked(), err == nil
}
