package terms

import (
	"slices"
	"strings"

	"github.com/flowdeed/flowdeed/reach/proof"
)

// Truth is yes, no, or open: not known.
type Truth int8

// The values; the zero value is open.
const (
	No   Truth = -1
	Open Truth = 0
	Yes  Truth = 1
)

// TruthOf returns Yes or No.
func TruthOf(b bool) Truth { return map[bool]Truth{true: Yes, false: No}[b] }

// contrary is what holds where a comparison of numbers or dates does not.
var contrary = map[string]string{"LessThan": "GreaterThanEquals", "LessThanEquals": "GreaterThan", "GreaterThan": "LessThanEquals", "GreaterThanEquals": "LessThan"}

// alwaysThere are keys that every request carries.
var alwaysThere = []string{"aws:securetransport", "aws:currenttime", "aws:epochtime", "aws:viaawsservice", "aws:requestedregion"}

// Impossible tells that no request meets all literals. It may miss it, never claims
// it. Every conclusion of the checker is one: what contradicts is ruled out.
func Impossible(all []proof.Literal) bool {
	for i, l := range all {
		if slices.ContainsFunc(all[:i], func(m proof.Literal) bool {
			return m.Holds != l.Holds && strings.EqualFold(l.Key, m.Key) && l.Operator == m.Operator && slices.Equal(l.Values, m.Values)
		}) || noValue(all, l.Key) {
			return true
		}
	}
	// A request that comes through an endpoint carries no address of its own.
	demanded := func(l proof.Literal) bool { return l.Holds && l.Operator != "resolves" && l.Operator != "allows" }
	return slices.ContainsFunc(all, func(l proof.Literal) bool { return demanded(l) && strings.EqualFold(l.Key, "aws:SourceIp") }) &&
		slices.ContainsFunc(all, func(l proof.Literal) bool { return demanded(l) && slices.Contains(ofEndpoints, strings.ToLower(l.Key)) })
}

var ofEndpoints = []string{"aws:sourcevpc", "aws:sourcevpce", "aws:sourcevpcarn", "aws:vpcsourceip", "aws:vpceaccount", "aws:vpceorgid", "aws:vpceorgpaths"}

// noValue tells that a key can neither be absent nor have a value.
func noValue(all []proof.Literal, key string) bool {
	absent, present := !slices.Contains(alwaysThere, strings.ToLower(key)), true
	var pos, neg []proof.Literal
	for _, l := range all {
		switch {
		case !strings.EqualFold(l.Key, key) || l.Operator == "allows":
			continue
		case l.Holds:
			absent = absent && l.Operator == "resolves" && strings.Contains(l.Values[0], ",") // has a default
		case l.Operator == "Present":
			present = false
		}
		if l.Operator == "Present" || l.Operator == "resolves" || strings.HasPrefix(l.Operator, "ForAnyValue") || strings.Contains(strings.Join(l.Values, ""), "${") {
			continue
		}
		for _, family := range []string{"Numeric", "Date"} {
			if op := contrary[strings.TrimPrefix(l.Operator, family)]; op != "" && !l.Holds && len(l.Values) == 1 {
				l.Operator, l.Holds = family+op, true
			}
		}
		if l.Holds {
			pos = append(pos, l)
		} else {
			neg = append(neg, l)
		}
	}
	return !absent && !(present && hasValue(pos, neg))
}

func hasValue(pos, neg []proof.Literal) bool {
	flags := map[string]bool{}
	for _, n := range neg {
		for _, v := range n.Values {
			flags[v] = flags[v] || n.Operator == "Bool"
			if n.Operator == "StringLike" && v != "" && strings.Trim(v, "*") == "" {
				return false
			}
		}
	}
	for _, l := range pos {
		if !slices.ContainsFunc(l.Values, func(v string) bool {
			return !slices.ContainsFunc(pos, func(m proof.Literal) bool { return !related(l.Operator, v, m, false) }) &&
				!slices.ContainsFunc(neg, func(n proof.Literal) bool { return related(l.Operator, v, n, true) })
		}) {
			return false
		}
	}
	return !flags["true"] || !flags["false"]
}

// related tells whether what v matches under op may match the literal (true when not
// known), or, with all, must (false when not known).
func related(op, v string, l proof.Literal, all bool) bool {
	return slices.ContainsFunc(l.Values, func(w string) bool {
		p, plainP := Wild(v)
		q, plainQ := Wild(w)
		like := strings.HasSuffix(l.Operator, "Like")
		switch {
		case op == "StringEquals" || op == "Bool" || op == "NumericEquals" || op == "DateEquals" || plainP && strings.HasSuffix(op, "Like"):
			if !like {
				q = Pattern(w)
			}
			m, _ := compare(l.Operator, q, v)
			return m
		case !all && (l.Operator == "StringEquals" || l.Operator == "Bool" || plainQ && like):
			if !strings.HasSuffix(op, "Like") {
				p = Pattern(v)
			}
			m, _ := compare(op, p, w)
			return m
		case op == "StringLike" && l.Operator == op:
			return meet(q, p, all)
		case op == "ArnLike" && l.Operator == op:
			return byPart(q, p, func(a, b Pattern) bool { return meet(a, b, all) })
		case op == "IpAddress" && l.Operator == op:
			a, okA := Network(v)
			b, okB := Network(w)
			return all && okA && okB && b.Bits() <= a.Bits() && b.Contains(a.Addr()) || !all && (!okA || !okB || a.Overlaps(b))
		}
		a, okA := spanOf(op, v)
		b, okB := spanOf(l.Operator, w)
		return !all && (!okA || !okB || a.meets(b)) || all && op == l.Operator && v == w
	})
}
