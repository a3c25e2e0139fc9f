package annotations

import "strings"

// badGlob tells why a pattern cannot be used, and at which character (from 1).
func badGlob(p string) (why string, at int) {
	open := -1
	for i := 0; i < len(p); i++ {
		switch p[i] {
		case '\\':
			if i+1 == len(p) {
				return "nothing after the backslash", i + 1
			}
			i++
		case '{':
			if open >= 0 {
				return "braces inside braces", i + 1
			}
			open = i
		case '}':
			if open < 0 {
				return "closing brace without an opening one", i + 1
			}
			open = -1
		}
	}
	if open >= 0 {
		return "the brace is not closed", open + 1
	}
	return "", 0
}

// globMatch tells whether a pattern matches a whole text: ? is one character, * any
// run without / and :, ** any run, {a,b} alternatives, \ escapes.
func globMatch(pattern, s string) bool {
	special := strings.IndexAny(pattern, `*?{\`)
	switch {
	case special < 0:
		return pattern == s
	case special > len(s) || pattern[:special] != s[:special]:
		return false // most patterns fail at their beginning
	case strings.IndexByte(pattern[special:], '{') < 0:
		return matchHere(pattern[special:], s[special:])
	}
	for _, p := range alternatives(pattern) {
		if matchHere(p, s) {
			return true
		}
	}
	return false
}

// alternatives expands the braces of a pattern.
func alternatives(p string) []string {
	start := indexUnescaped(p, '{')
	if start < 0 {
		return []string{p}
	}
	end := indexUnescaped(p[start:], '}')
	if end < 0 {
		return []string{p}
	}
	end += start
	var out []string
	for _, a := range strings.Split(p[start+1:end], ",") {
		for _, rest := range alternatives(p[end+1:]) {
			out = append(out, p[:start]+a+rest)
		}
		if len(out) > 256 {
			return out[:256] // a pattern with more is nobody's intention
		}
	}
	return out
}

func indexUnescaped(s string, c byte) int {
	for i := 0; i < len(s); i++ {
		if s[i] == '\\' {
			i++
			continue
		}
		if s[i] == c {
			return i
		}
	}
	return -1
}

// matchHere compares without recursion: a star remembers where to go on. Two kinds
// of star need two memories, tried from the latest to the earlier one.
func matchHere(p, s string) bool {
	type mark struct {
		p, s   int
		double bool
	}
	var marks []mark
	i, j := 0, 0
	for {
		switch {
		case i == len(p) && j == len(s):
			return true
		case i < len(p) && p[i] == '*':
			double := i+1 < len(p) && p[i+1] == '*'
			next := i + 1
			if double {
				next = i + 2
				marks = marks[:0] // what stands before ** needs no second try
			}
			marks = append(marks, mark{next, j, double})
			i = next
			continue
		case i < len(p) && j < len(s) && p[i] == '\\' && i+1 < len(p) && p[i+1] == s[j]:
			i, j = i+2, j+1
			continue
		case i < len(p) && j < len(s) && (p[i] == '?' || p[i] == s[j] && p[i] != '\\'):
			i, j = i+1, j+1
			continue
		}
		for {
			if len(marks) == 0 {
				return false
			}
			m := &marks[len(marks)-1]
			if m.s < len(s) && (m.double || s[m.s] != '/' && s[m.s] != ':') {
				m.s++
				i, j = m.p, m.s
				break
			}
			marks = marks[:len(marks)-1]
		}
	}
}

// literal tells whether a pattern holds no wildcard.
func literal(p string) bool { return !strings.ContainsAny(p, "*?{\\") }

// literalLength counts the characters of a pattern that stand for themselves.
func literalLength(p string) int {
	n := 0
	for i := 0; i < len(p); i++ {
		switch p[i] {
		case '*', '?', '{', '}', ',':
		default:
			n++
		}
	}
	return n
}

// literalPrefix is what a pattern starts with before its first wildcard.
func literalPrefix(p string) string {
	if i := strings.IndexAny(p, "*?{\\"); i >= 0 {
		return p[:i]
	}
	return p
}
