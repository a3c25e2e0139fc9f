package iam

import "strings"

// text is a value of a policy in which variables may stand: "home/${aws:username}/*".
type text struct {
	raw   string
	parts []part // without variables: at most one part
}

// part is a stretch of pattern, or a variable when name is set.
type part struct {
	pattern    pattern
	name       string // "aws:username"
	fallback   string // of ${name, 'fallback'}
	hasDefault bool
}

// compileText reads a value. wildcards makes "*" and "?" patterns, variables makes
// "${...}" references; without them the characters stand for themselves (IAM User
// Guide, "IAM policy elements: Variables and tags").
func compileText(raw string, wildcards, variables bool) text {
	t := text{raw: raw}
	plain := func(s string) {
		if s == "" {
			return
		}
		if wildcards {
			t.add(globOf(s))
		} else {
			t.add(pattern(s))
		}
	}
	rest := raw
	for variables {
		before, after, ok := strings.Cut(rest, "${")
		if !ok {
			break
		}
		body, tail, ok := strings.Cut(after, "}")
		if !ok {
			break // "${" without an end is plain text
		}
		plain(before)
		t.reference(body)
		rest = tail
	}
	plain(rest)
	return t
}

func (t *text) add(p pattern) {
	if n := len(t.parts); n > 0 && t.parts[n-1].name == "" {
		t.parts[n-1].pattern += p
		return
	}
	t.parts = append(t.parts, part{pattern: p})
}

func (t *text) reference(body string) {
	switch body {
	case "*", "?", "$": // the three escapes
		t.add(pattern(body))
		return
	}
	name, fallback, ok := strings.Cut(body, ",")
	p := part{name: strings.TrimSpace(name)}
	if ok {
		f := strings.TrimSpace(fallback)
		if len(f) >= 2 && f[0] == '\'' && f[len(f)-1] == '\'' {
			p.fallback, p.hasDefault = f[1:len(f)-1], true
		}
	}
	t.parts = append(t.parts, p)
}

// fixed returns the pattern of a text without variables.
func (t text) fixed() (pattern, bool) {
	switch {
	case len(t.parts) == 0:
		return "", true
	case len(t.parts) == 1 && t.parts[0].name == "":
		return t.parts[0].pattern, true
	}
	return "", false
}

// anyValue returns the pattern with every variable replaced by a wildcard: the
// widest thing the text can mean.
func (t text) anyValue() pattern {
	var b strings.Builder
	for _, p := range t.parts {
		if p.name != "" {
			b.WriteByte(anyRun)
		} else {
			b.WriteString(string(p.pattern))
		}
	}
	return pattern(b.String())
}
