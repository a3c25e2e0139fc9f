package iam

import (
	"regexp"
	"strings"
	"testing"
)

func TestPattern(t *testing.T) {
	tests := []struct {
		p, q             string
		covers, overlaps bool
	}{
		{"", "", true, true},
		{"*", "", true, true},
		{"?", "", false, false},
		{"a*c", "abc", true, true},
		{"a*c", "abcd", false, false},
		{"a?c", "aéc", true, true},
		{"a*", "a?", true, true},
		{"a?", "a*", false, true},
		{"a*b*c", "axbxbxc", true, true},
		{"*ab", "aab", true, true},
		{"a*", "*b", false, true},
		{"a*b", "c*", false, false},
		{"*x*", "*y*", false, true},
		{"ab*", "abc*", true, true},
		{"abc*", "ab*", false, true},
		{"*é?", "xé*", false, true},
	}
	for _, tt := range tests {
		p, q := globOf(tt.p), globOf(tt.q)
		if got := p.covers(q); got != tt.covers {
			t.Errorf("%q covers %q: %v", tt.p, tt.q, got)
		}
		if got := p.overlaps(q); got != tt.overlaps {
			t.Errorf("%q overlaps %q: %v", tt.p, tt.q, got)
		}
		if got := q.overlaps(p); got != tt.overlaps {
			t.Errorf("%q overlaps %q: %v", tt.q, tt.p, got)
		}
	}
}

// FuzzPattern holds matching against the regular expression that means the same,
// and the relations of two patterns against the strings between them.
func FuzzPattern(f *testing.F) {
	f.Add("a*b?", "a*", "axxb1")
	f.Add("*:x/*", "?:x/*", "1:x/é")
	f.Fuzz(func(t *testing.T, a, b, s string) {
		if len(a) > 40 || len(b) > 40 || len(s) > 60 {
			return
		}
		a, b, s = strings.ToValidUTF8(a, ""), strings.ToValidUTF8(b, ""), strings.ToValidUTF8(s, "")
		p, q := globOf(a), globOf(b)
		expr := regexp.QuoteMeta(a)
		expr = strings.ReplaceAll(strings.ReplaceAll(expr, `\*`, "(?s:.*)"), `\?`, "(?s:.)")
		want := regexp.MustCompile("^(?:" + expr + ")$").MatchString(s)
		if got := p.match(s); got != want {
			t.Fatalf("%q match %q: %v, want %v", a, s, got, want)
		}
		if want && q.match(s) && !p.overlaps(q) {
			t.Fatalf("%q and %q both match %q but do not overlap", a, b, s)
		}
		if q.match(s) && p.covers(q) && !want {
			t.Fatalf("%q covers %q but misses %q", a, b, s)
		}
	})
}

func TestText(t *testing.T) {
	tests := []struct {
		raw             string
		wild, variables bool
		want            string // parts: patterns plain, variables in <>
	}{
		{"a*", true, true, "a*"},
		{"x/${aws:username}/*", true, true, "x/|<aws:username>|/*"},
		{"x/${aws:username}/*", true, false, "x/${aws:username}/*"},
		{"${*}${?}${$}", false, true, "*?$"},
		{"${k, 'team'}", true, true, "<k=team>"},
		{"${open", true, true, "${open"},
		{"", true, true, ""},
	}
	for _, tt := range tests {
		var got []string
		for _, p := range compileText(tt.raw, tt.wild, tt.variables).parts {
			switch {
			case p.hasDefault:
				got = append(got, "<"+p.name+"="+p.fallback+">")
			case p.name != "":
				got = append(got, "<"+p.name+">")
			default:
				got = append(got, p.pattern.String())
			}
		}
		if g := strings.Join(got, "|"); g != tt.want {
			t.Errorf("%q: %s, want %s", tt.raw, g, tt.want)
		}
	}
	if globOf("${*}").literal() || !compileText("${*}", true, true).parts[0].pattern.literal() {
		t.Error("an escaped star must be a literal")
	}
}
