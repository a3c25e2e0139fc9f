package terms

import (
	"slices"
	"strings"

	"github.com/flowdeed/flowdeed/reach/proof"
)

// Takes tells whether a statement is about the action and all of the resource. A Deny
// of a part is about it, too, unless the part is left out of the claim.
func (a *Request) Takes(s *proof.Statement) Truth {
	not, inverted := s.Elements["notaction"]
	if inverted == slices.ContainsFunc(append(not, s.Elements["action"]...), func(x string) bool {
		service, _, ok := strings.Cut(x, ":")
		p, _ := Wild(strings.ToLower(x))
		return (x != "" && strings.Trim(x, "*") == "" || x == "*:*" || ok && !strings.ContainsAny(service, "*?")) && Covers(p, Pattern(strings.ToLower(a.Action)))
	}) {
		return No
	}
	plain, named := s.Elements["resource"]
	not, inverted = s.Elements["notresource"]
	if !named && !inverted {
		return Yes
	}
	query, _ := Wild(a.Resource)
	whole, part, set := No, No, Yes
	for _, x := range append(not, plain...) {
		head, tail := x, ""
		if parts := strings.SplitAfterN(x, ":", 6); len(parts) == 6 {
			head, tail = strings.TrimSuffix(x, parts[5]), parts[5]
		}
		p, lost, unsure := a.fill(head, tail, true, s.Variables)
		switch {
		case lost:
			set = No
		case byPart(p, query, Covers):
			if whole = max(whole, TruthOf(unsure == "")); unsure != "" {
				whole = max(whole, a.Atom(proof.Literal{Key: unsure, Operator: "resolves", Values: []string{x}}))
			}
		case byPart(p, query, Overlaps) && !slices.ContainsFunc(a.Except, func(e string) bool { q, _ := Wild(e); return byPart(q, p, Covers) }):
			if part = Yes; s.Effect == "deny" && !inverted {
				a.Partial = append(a.Partial, printed(p))
			} else if s.Effect == "allow" && inverted {
				a.Narrow = append(a.Narrow, printed(p))
			}
		}
		if unsure != "" {
			set = min(set, a.present(unsure))
		}
	}
	switch {
	case !inverted && s.Effect == "allow":
		return whole
	case !inverted:
		return max(whole, part)
	case s.Effect == "allow":
		return min(set, -whole, -part)
	}
	return min(set, -whole)
}

// fill puts in the variables of a text; those of head are plain text. lost: one has no
// value; unsure names one whose value is not known, and which then matches anything.
func (a *Request) fill(head, text string, wildcards, variables bool) (p Pattern, lost bool, unsure string) {
	add := func(s string) {
		q := Pattern(s)
		if wildcards {
			q, _ = Wild(s)
		}
		p = append(p, q...)
	}
	for add(head); ; {
		before, rest, found := strings.Cut(text, "${")
		body, after, closed := strings.Cut(rest, "}")
		if !found || !closed || !variables {
			add(text)
			return p, lost, unsure
		}
		add(before)
		name, fallback, _ := strings.Cut(body, ",")
		fallback, quoted := strings.CutPrefix(strings.TrimSpace(fallback), "'")
		v, many, there := a.Value(strings.TrimSpace(name))
		switch text = after; {
		case body == "*" || body == "?" || body == "$":
			p = append(p, Pattern(body)...)
		case there == Yes && !many:
			p = append(p, Pattern(v[0])...)
		case there == Open:
			p, unsure = append(p, anyRun), strings.TrimSpace(name)
		case there == No && quoted:
			p = append(p, Pattern(strings.TrimSuffix(fallback, "'"))...)
		default:
			lost = true
		}
	}
}

// operators that match; one with "Not" inside is the contrary of one of them.
var operators = strings.Fields(`StringEquals StringEqualsIgnoreCase StringLike NumericEquals NumericLessThan NumericLessThanEquals
	NumericGreaterThan NumericGreaterThanEquals DateEquals DateLessThan DateLessThanEquals DateGreaterThan DateGreaterThanEquals Bool
	BinaryEquals IpAddress ArnLike ArnEquals Null`)

var negations = strings.Fields(`StringNotEquals StringNotEqualsIgnoreCase StringNotLike NumericNotEquals DateNotEquals NotIpAddress ArnNotLike ArnNotEquals`)

// Condition weighs one condition. What is not understood stays open, and no literal
// closes it.
func (a *Request) Condition(c *proof.Condition, variables bool) Truth {
	base := strings.ToLower(c.Operator)
	base, any := strings.CutPrefix(base, "foranyvalue:")
	base, all := strings.CutPrefix(base, "forallvalues:")
	base, ifExists := strings.CutSuffix(base, "ifexists")
	negated := slices.ContainsFunc(negations, func(x string) bool { return strings.EqualFold(x, base) })
	if negated {
		base = strings.Replace(base, "not", "", 1)
	}
	i := slices.IndexFunc(operators, func(x string) bool { return strings.EqualFold(x, base) })
	if i < 0 || any && all || operators[i] == "Null" && (any || all || ifExists) {
		return Open
	}
	op := strings.Replace(operators[i], "ArnEquals", "ArnLike", 1)
	have, many, there := a.Value(c.Key)
	switch missing := TruthOf(all || ifExists || negated && !any); {
	case op == "Null":
		t := No
		for _, v := range c.Values {
			if strings.EqualFold(v, "true") {
				t = max(t, -a.present(c.Key))
			} else if strings.EqualFold(v, "false") {
				t = max(t, a.present(c.Key))
			}
		}
		return t
	case there == Open:
		return a.unknown(c, op, any, all, negated, ifExists, variables)
	case there == No:
		return missing
	case !any && !all:
		return min(TruthOf(!many), a.one(c, op, negated, variables, have[0]))
	default:
		if have = slices.DeleteFunc(slices.Clone(have), func(v string) bool { return v == "" }); len(have) == 0 {
			return missing
		}
	}
	t := TruthOf(all)
	for _, v := range have {
		if x := a.one(c, op, negated, variables, v); all {
			t = min(t, x)
		} else {
			t = max(t, x)
		}
	}
	return t
}

// one holds a known value against the values of a condition.
func (a *Request) one(c *proof.Condition, op string, negated, variables bool, v string) Truth {
	t, set := No, Yes
	for _, x := range c.Values {
		p, lost, unsure := a.fill("", x, strings.HasSuffix(op, "Like"), variables && mayVary(op))
		m, valid := compare(op, p, v)
		switch {
		case negated && (lost || !valid):
			return No
		case lost:
		case unsure != "" && (m || !strings.HasSuffix(op, "Like")):
			t = max(t, a.Atom(proof.Literal{Key: unsure, Operator: "resolves", Values: []string{x}}))
		case m:
			t = Yes
		}
		if unsure != "" {
			set = min(set, a.present(unsure))
		}
	}
	if negated {
		return min(set, -t)
	}
	return t
}

func mayVary(op string) bool {
	return strings.HasPrefix(op, "String") || op == "ArnLike" || op == "Bool"
}

// unknown turns a condition on a key whose value is not known into literals.
func (a *Request) unknown(c *proof.Condition, op string, any, all, negated, ifExists, variables bool) Truth {
	l, set, vague, missed := proof.Literal{Key: c.Key, Operator: op}, Yes, false, false
	var raw []string
	for _, x := range c.Values {
		p, lost, unsure := a.fill("", x, strings.HasSuffix(op, "Like"), variables && mayVary(op))
		if missed = missed || lost; lost {
			continue
		}
		if raw = append(raw, x); unsure != "" {
			set, vague = min(set, a.present(unsure)), true
		}
		l.Values = append(l.Values, printed(p))
	}
	if vague {
		l.Values = raw
	}
	if op == "Bool" {
		for i, v := range l.Values {
			l.Values[i] = strings.ToLower(v)
		}
	}
	slices.Sort(l.Values)
	l.Values = slices.Compact(l.Values)
	absent := -a.present(c.Key)
	if any || all {
		l.Operator = map[bool]string{true: "ForAnyValueNot:", false: "ForAnyValue:"}[negated != all] + op
	}
	t := a.Atom(l)
	if all || negated && !any {
		t = -t
	}
	switch {
	case missed && negated:
		return min(absent, TruthOf(all || ifExists || !any))
	case negated && any:
		t = min(t, set)
	case negated:
		t = min(t, max(set, absent))
	}
	if ifExists {
		t = max(t, absent)
	}
	return t
}
