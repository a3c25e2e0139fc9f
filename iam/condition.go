package iam

import (
	"slices"
	"strings"
)

// condition evaluates one condition of a statement. Where the request leaves the
// answer open, the formula says on what it hangs.
func (e *eval) condition(c *Condition, p *Policy, s *Statement) formula {
	switch {
	case !c.op.known():
		return e.gap("unknown condition operator " + c.Operator + " in " + where(p, s))
	case c.unread:
		return e.gap("a value of condition key " + c.Key + " in " + where(p, s) + " cannot be read")
	}
	v, there := e.lookup(c.lower)
	if c.op.family == nullFamily {
		return e.null(c, there)
	}
	switch there {
	case absentKey:
		return truth(c.whenMissing())
	case presentKey:
		return e.present(c, v)
	}
	return e.open(c)
}

// whenMissing is the answer for a key that is not in the request (IAM User Guide,
// "Condition operators", "...IfExists", and "Multivalued context keys").
func (c *Condition) whenMissing() bool {
	switch c.Set {
	case ForAllValues:
		return true
	case ForAnyValue:
		return c.IfExists
	}
	return c.IfExists || c.op.negated
}

// null evaluates {"Null": {key: "true"}}: the key is absent.
func (e *eval) null(c *Condition, there presence) formula {
	f := truth(false)
	for _, v := range c.Values {
		switch strings.ToLower(v) {
		case "true":
			f = e.or(f, e.not(e.presence(c.Key, there)))
		case "false":
			f = e.or(f, e.presence(c.Key, there))
		}
	}
	return f
}

func (e *eval) presence(key string, there presence) formula {
	if lower := strings.ToLower(key); there == unknownKey && !alwaysThere(lower) && !(lower == "aws:principalarn" && e.req.Principal.hasIdentity()) {
		return literal(e.intern(&atom{kind: presentAtom, key: lower, shown: key}))
	}
	return truth(there != absentKey)
}

// present evaluates against known values. A key with many values needs a set
// operator, and is no match without one.
func (e *eval) present(c *Condition, v Value) formula {
	if c.Set == "" {
		if v.Multi {
			return nil
		}
		return e.value(c, v.Values[0])
	}
	values := slices.DeleteFunc(slices.Clone(v.Values), func(x string) bool { return x == "" })
	if len(values) == 0 {
		return truth(c.whenMissing())
	}
	f := truth(c.Set == ForAllValues)
	for _, x := range values {
		if c.Set == ForAllValues {
			f = e.and(f, e.value(c, x))
		} else {
			f = e.or(f, e.value(c, x))
		}
	}
	return f
}

// value evaluates the operator for one value of the request: one of the policy's
// values must match, or none for a negated operator. What cannot be compared meets
// neither.
func (e *eval) value(c *Condition, v string) formula {
	f := truth(false)
	for i := range c.texts {
		p, ok, unsure := e.resolve(c.texts[i])
		if !ok {
			if c.op.negated {
				return nil
			}
			continue
		}
		match, valid := c.op.matches([]pattern{p}, v)
		if !valid && c.op.negated {
			return nil
		}
		switch {
		case match && unsure:
			f = e.or(f, e.variable(c.texts[i]))
		case unsure && !c.op.wildcards():
			// Equality with a value that is not known; a wildcard in its place says nothing.
			f = e.or(f, e.variable(c.texts[i]))
		case match:
			f = truth(true)
		}
	}
	if c.op.negated {
		return e.and(e.variablesSet(c.texts), e.not(f))
	}
	return f
}

// variablesSet tells when the variables of texts have values. One without a value
// takes the meaning from a negated condition as well.
func (e *eval) variablesSet(texts []text) formula {
	f := truth(true)
	for _, t := range texts {
		for _, p := range t.parts {
			if p.name == "" || p.hasDefault {
				continue
			}
			if _, there := e.lookup(strings.ToLower(p.name)); there == unknownKey {
				f = e.and(f, e.presence(p.name, there))
			}
		}
	}
	return f
}

// variable is the atom for "the variables of this text have values that match".
func (e *eval) variable(t text) formula {
	for _, p := range t.parts {
		if p.name == "" {
			continue
		}
		if _, there := e.lookup(strings.ToLower(p.name)); there == unknownKey {
			return literal(e.intern(&atom{kind: variableAtom, key: strings.ToLower(p.name), shown: p.name,
				raw: []string{t.raw}, opaque: true, orAbsent: p.hasDefault}))
		}
	}
	return truth(true)
}

// open turns a condition on an unknown key into a formula over atoms: negated
// operators into negations, IfExists into an alternative, ForAllValues into "there is
// no value that ...".
func (e *eval) open(c *Condition) formula {
	a := &atom{kind: matchAtom, key: c.lower, shown: c.Key, op: c.op.positive()}
	lost := e.fill(a, c)
	if f, known := e.roleOfSession(a); known && !lost {
		return truth(f != c.op.negated)
	}
	there := e.presence(c.Key, unknownKey)
	if lost && c.op.negated {
		return e.and(e.not(there), truth(c.whenMissing()))
	}
	if c.op.family == boolFamily && len(a.values) == 1 && a.values[0] == "false" && alwaysThere(c.lower) && c.Set == "" {
		a.values = []pattern{"true"} // one atom for both, so that the two meet
		return e.not(e.match(a))
	}
	set := e.variablesSet(c.texts)
	var f formula
	switch {
	case c.Set == "" && c.op.negated:
		return e.and(e.not(e.match(a)), e.or(set, e.not(there)))
	case c.Set == "":
		f = e.match(a)
	case c.Set == ForAnyValue:
		f = e.some(a, c.op.negated)
		if c.op.negated {
			f = e.and(f, set)
		}
	default:
		f = e.not(e.some(a, !c.op.negated))
		if c.op.negated {
			f = e.and(f, e.or(set, e.not(there)))
		}
	}
	if c.IfExists {
		f = e.or(f, e.not(there))
	}
	return f
}

// roleOfSession decides a condition on aws:PrincipalArn for a session, whose own ARN
// tells the name of the role and not its path, where the path makes no difference.
func (e *eval) roleOfSession(a *atom) (match, known bool) {
	p := e.req.Principal
	name, _, ok := roleName(p.ARN)
	if a.key != "aws:principalarn" || p.Kind != RoleSession || !ok || a.opaque {
		return false, false
	}
	parts, _ := arnParts(p.ARN)
	without := pattern("arn:" + parts[1] + ":iam::" + p.Account + ":role/" + name)
	with := pattern("arn:" + parts[1] + ":iam::" + p.Account + ":role/" + string([]byte{anyRun}) + "/" + name)
	switch a.op.family {
	case stringFamily, likeFamily, arnFamily:
	default:
		return false, false
	}
	possible := false
	for _, v := range a.values {
		if a.op.within(without, v) && a.op.within(with, v) {
			return true, true
		}
		possible = possible || a.op.overlap(without, v) || a.op.overlap(with, v)
	}
	return false, !possible
}

// fill resolves the values of an atom; lost tells that one of them has no meaning.
func (e *eval) fill(a *atom, c *Condition) (lost bool) {
	for _, t := range c.texts {
		p, ok, unsure := e.resolve(t)
		if !ok {
			lost = true
			continue
		}
		if c.op.family == boolFamily {
			p = p.lower()
		}
		a.opaque = a.opaque || unsure
		a.values = append(a.values, p)
		a.raw = append(a.raw, t.raw)
	}
	if !a.opaque {
		slices.Sort(a.values)
		a.values = slices.Compact(a.values)
		slices.Sort(a.raw)
		a.raw = slices.Compact(a.raw)
	}
	return lost
}

// match is the formula "the key is there and matches"; no value matches nothing.
func (e *eval) match(a *atom) formula {
	if len(a.values) == 0 {
		return nil
	}
	n := e.intern(a)
	if !e.satisfiable(conj{n}) {
		return nil
	}
	return literal(n)
}

// some is the formula "some value of the key matches", or "matches none".
func (e *eval) some(a *atom, none bool) formula {
	a.kind = anyValueAtom
	if none {
		a.kind = noneValueAtom
	} else if len(a.values) == 0 {
		return nil
	}
	return literal(e.intern(a))
}

// positive returns the operator without its negation, the same one for spellings
// that mean the same.
func (o operator) positive() operator {
	for _, p := range operators {
		if p.family == o.family && p.order == o.order && !p.negated {
			return p
		}
	}
	return o
}

// matches compares one value of a request with the values of a policy, without
// regard to negation. valid is false when the value or one of the policy's values
// cannot be compared at all.
func (o operator) matches(values []pattern, v string) (match, valid bool) {
	valid = true
	for _, p := range values {
		m, ok := o.compare(p, v)
		match, valid = match || m, valid && ok
	}
	return match, valid
}

func (o operator) compare(p pattern, v string) (match, valid bool) {
	switch o.family {
	case stringFamily:
		return string(p) == v, true
	case foldFamily:
		return strings.EqualFold(string(p), v), true
	case likeFamily:
		return p.match(v), true
	case numericFamily:
		return compareNumbers(o.order, string(p), v)
	case dateFamily:
		return compareDates(o.order, string(p), v)
	case boolFamily:
		return compareBools(string(p), v), true
	case binaryFamily:
		return compareBinary(string(p), v), true
	case ipFamily:
		return compareAddresses(string(p), v)
	case arnFamily:
		return compareARNs(p, v)
	}
	return false, false
}
