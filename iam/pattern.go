package iam

import (
	"strings"
	"unicode/utf8"
)

// pattern is a string with wildcards. The wildcards are bytes that no valid UTF-8
// holds, so that a literal "*" (from "${*}" or from the value of a variable) stays
// a literal.
type pattern string

const (
	anyRun  = '\xff' // any number of characters
	anyChar = '\xfe' // exactly one character
)

// globOf compiles a text in which "*" and "?" are wildcards.
func globOf(s string) pattern {
	if !strings.ContainsAny(s, "*?") {
		return pattern(s)
	}
	b := []byte(s)
	for i, c := range b {
		switch c {
		case '*':
			b[i] = anyRun
		case '?':
			b[i] = anyChar
		}
	}
	return pattern(b)
}

// literal tells whether the pattern has no wildcard.
func (p pattern) literal() bool {
	return strings.IndexByte(string(p), anyRun) < 0 && strings.IndexByte(string(p), anyChar) < 0
}

// everything tells whether the pattern matches every string.
func (p pattern) everything() bool {
	return p != "" && strings.Trim(string(p), string([]byte{anyRun})) == ""
}

// prefix returns the text before the first wildcard.
func (p pattern) prefix() string {
	for i := 0; i < len(p); i++ {
		if p[i] == anyRun || p[i] == anyChar {
			return string(p[:i])
		}
	}
	return string(p)
}

// String writes the pattern with "*" and "?".
func (p pattern) String() string {
	b := []byte(p)
	for i, c := range b {
		switch c {
		case anyRun:
			b[i] = '*'
		case anyChar:
			b[i] = '?'
		}
	}
	return string(b)
}

// covers tells whether every string that q matches is matched by p as well. With a
// literal q this is matching. It runs in the product of the lengths at worst. It
// may say false for exotic pairs that do cover ("*a*" and "?a*" unions), never true
// for a pair that does not.
func (p pattern) covers(q pattern) bool {
	i, j := 0, 0
	star, mark := -1, 0
	for j < len(q) {
		switch {
		case i < len(p) && p[i] == anyRun:
			star, mark = i, j
			i++
			continue
		case i < len(p) && q[j] != anyRun && (p[i] == q[j] || p[i] == anyChar):
			j += charLen(p[i], string(q[j:]))
			i++
			continue
		}
		if star < 0 {
			return false
		}
		mark += charLen(anyChar, string(q[mark:]))
		i, j = star+1, mark
	}
	for i < len(p) && p[i] == anyRun {
		i++
	}
	return i == len(p)
}

// charLen is how many bytes of rest one element of a pattern takes: a whole
// character for a wildcard, a byte otherwise.
func charLen(element byte, rest string) int {
	if element != anyChar || rest[0] == anyRun || rest[0] == anyChar {
		return 1
	}
	_, n := utf8.DecodeRuneInString(rest)
	return n
}

// match tells whether the pattern matches a plain string.
func (p pattern) match(s string) bool {
	if p.literal() {
		return string(p) == s
	}
	return p.covers(pattern(s))
}

// overlaps tells whether some string is matched by both patterns.
func (p pattern) overlaps(q pattern) bool {
	switch {
	case p.literal():
		return q.covers(p)
	case q.literal():
		return p.covers(q)
	}
	a, b := p.prefix(), q.prefix()
	if n := min(len(a), len(b)); a[:n] != b[:n] {
		return false
	}
	return overlapTable(p, q)
}

// overlapTable walks both patterns at once, one row of reachable pairs at a time.
func overlapTable(p, q pattern) bool {
	a, b := p.elements(), q.elements()
	row := make([]bool, len(b)+1)
	row[0] = true
	for j := 1; j <= len(b) && b[j-1] == runElement; j++ {
		row[j] = true
	}
	for _, x := range a {
		next := make([]bool, len(b)+1)
		next[0] = row[0] && x == runElement
		for j, y := range b {
			switch {
			case x == runElement || y == runElement:
				next[j+1] = row[j+1] || next[j]
			case x == charElement || y == charElement || x == y:
				next[j+1] = row[j]
			}
		}
		row = next
	}
	return row[len(b)]
}

const (
	runElement  rune = -1
	charElement rune = -2
)

// elements splits a pattern into characters and wildcards.
func (p pattern) elements() []rune {
	out := make([]rune, 0, len(p))
	for i := 0; i < len(p); {
		switch p[i] {
		case anyRun:
			out = append(out, runElement)
			i++
		case anyChar:
			out = append(out, charElement)
			i++
		default:
			r, n := utf8.DecodeRuneInString(string(p[i:]))
			out = append(out, r)
			i += n
		}
	}
	return out
}

// lower returns the pattern in lower case; wildcards stay.
func (p pattern) lower() pattern {
	b := []byte(p)
	for i, c := range b {
		if 'A' <= c && c <= 'Z' {
			b[i] = c + 'a' - 'A'
		}
	}
	return pattern(b)
}
