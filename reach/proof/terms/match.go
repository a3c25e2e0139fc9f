package terms

import (
	"encoding/base64"
	"math"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"time"
)

// A Pattern is a list of characters. Wildcards are no characters, so that a "*" that
// comes out of a variable stays a star.
type Pattern []rune

const (
	anyRun  rune = -1 - iota // any number of characters
	anyChar                  // one character
)

// Wild reads a text with wildcards, and tells whether it has any.
func Wild(s string) (p Pattern, plain bool) {
	for _, r := range s {
		switch r {
		case '*':
			r = anyRun
		case '?':
			r = anyChar
		}
		p = append(p, r)
	}
	return p, !strings.ContainsAny(s, "*?")
}

// Covers: every text that q matches is matched by p. It may miss it, never claims it.
func Covers(p, q Pattern) bool { return meet(p, q, true) }

// Overlaps: some text is matched by both.
func Overlaps(p, q Pattern) bool { return meet(p, q, false) }

// Like tells whether a text matches a pattern with wildcards.
func Like(p, text string) bool {
	q, _ := Wild(p)
	return Covers(q, Pattern(text))
}

func meet(p, q Pattern, all bool) bool {
	var row []bool // whether p up to i meets q up to j
	for i := range len(p) + 1 {
		next := make([]bool, len(q)+1)
		for j := range next {
			switch {
			case i == 0 && j == 0:
				next[0] = true
			case i > 0 && p[i-1] == anyRun:
				next[j] = row[j] || j > 0 && next[j-1]
			case j > 0 && q[j-1] == anyRun:
				next[j] = !all && (next[j-1] || i > 0 && row[j])
			case i > 0 && j > 0:
				next[j] = row[j-1] && (p[i-1] == q[j-1] || p[i-1] == anyChar || !all && q[j-1] == anyChar)
			}
		}
		row = next
	}
	return row[len(q)]
}

// byPart compares the six parts of ARNs one by one; a part that is not written is open.
func byPart(p, q Pattern, ok func(p, q Pattern) bool) bool {
	for range 5 {
		var a, b Pattern
		a, p = cut(p)
		b, q = cut(q)
		if !ok(a, b) {
			return false
		}
	}
	return ok(p, q)
}

func cut(p Pattern) (head, rest Pattern) {
	for i, r := range p {
		if r == ':' {
			return p[:i], p[i+1:]
		}
	}
	return p, Pattern{anyRun}
}

// compare holds one value of a request against one of a policy, for a positive
// operator. valid is false when the two cannot be compared.
func compare(op string, p Pattern, v string) (match, valid bool) {
	switch op {
	case "StringEquals":
		return string(p) == v, true
	case "StringEqualsIgnoreCase":
		return strings.EqualFold(string(p), v), true
	case "Bool":
		return strings.EqualFold(string(p), v) && (strings.EqualFold(v, "true") || strings.EqualFold(v, "false")), true
	case "StringLike":
		return Covers(p, Pattern(v)), true
	case "ArnLike":
		isARN := strings.HasPrefix(v, "arn:") && strings.Count(v, ":") >= 5
		colons := strings.Count(string(p), ":") // wildcards turn into other characters here
		return isARN && (colons >= 5 || len(p) == 1 && p[0] == anyRun) && byPart(p, Pattern(v), Covers), isARN && (colons >= 5 || len(p) > 0 && p[0] == anyRun)
	case "BinaryEquals":
		a, errA := base64.StdEncoding.DecodeString(string(p))
		b, errB := base64.StdEncoding.DecodeString(v)
		return string(p) == v || errA == nil && errB == nil && string(a) == string(b), true
	case "IpAddress":
		r, okR := Network(string(p))
		a, okA := Network(v)
		return okR && okA && r.Contains(a.Addr()), okR && okA
	}
	s, okS := spanOf(op, string(p))
	x, okX := number(op, v)
	return okS && okX && s.meets(span{low: x, high: x}), okS && okX
}

// Network reads a range, or an address as a range of one.
func Network(s string) (netip.Prefix, bool) {
	if a, err := netip.ParseAddr(s); err == nil {
		a = a.Unmap().WithZone("")
		return netip.PrefixFrom(a, a.BitLen()), true
	}
	p, err := netip.ParsePrefix(s)
	return p.Masked(), err == nil
}

// number reads a number, or a date as seconds.
func number(op, s string) (float64, bool) {
	for _, form := range []string{time.RFC3339, "2006-01-02T15:04Z07:00", "2006-01-02T15:04:05", "2006-01-02T15:04", time.DateOnly, "2006-01", "20060102T150405Z0700", "2006"} {
		if t, err := time.Parse(form, strings.TrimSpace(s)); err == nil && strings.HasPrefix(op, "Date") {
			return float64(t.UnixMilli()) / 1e3, true
		}
	}
	x, err := strconv.ParseFloat(strings.TrimSpace(s), 64)
	if strings.HasPrefix(op, "Date") && math.Abs(x) >= 1e11 { // too far for seconds: milliseconds
		x /= 1000
	}
	return x, err == nil && !math.IsInf(x, 0) && strings.Trim(s, " 0123456789.+-eE") == ""
}

// span is the numbers that a comparison lets through.
type span struct {
	low, high         float64
	openLow, openHigh bool
}

func spanOf(op, value string) (span, bool) {
	x, ok := number(op, value)
	s := span{low: x, high: x, openHigh: strings.HasSuffix(op, "LessThan"), openLow: strings.HasSuffix(op, "GreaterThan")}
	if strings.Contains(op, "Less") {
		s.low = math.Inf(-1)
	} else if strings.Contains(op, "Greater") {
		s.high = math.Inf(1)
	}
	return s, ok && (strings.HasPrefix(op, "Numeric") || strings.HasPrefix(op, "Date"))
}

func (s span) meets(t span) bool {
	below := func(s, t span) bool { return s.low < t.high || s.low == t.high && !s.openLow && !t.openHigh }
	return below(s, t) && below(t, s)
}

// printed writes a pattern with "*" and "?".
func printed(p Pattern) string {
	q := slices.Clone(p)
	for i, r := range q {
		if r < 0 {
			q[i] = map[rune]rune{anyRun: '*', anyChar: '?'}[r]
		}
	}
	return string(q)
}
