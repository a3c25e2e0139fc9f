package annotations

import (
	"fmt"
	"strings"
	"testing"
	"testing/fstest"
	"time"
	"unicode/utf8"
)

// insideLines reports diagnostics whose place is not in the file.
func insideLines(t *testing.T, text string, diags []Diagnostic) {
	t.Helper()
	lines := strings.Split(text, "\n")
	for _, d := range diags {
		if d.File != "a.yaml" {
			t.Errorf("another file: %s", d)
			continue
		}
		if d.Line < 1 || d.Line > len(lines) || d.Column < 1 || d.Column > utf8.RuneCountInString(lines[d.Line-1])+1 {
			t.Errorf("position outside the file: %s", d)
			continue
		}
		if d.EndLine != d.Line || d.EndCol < d.Column || d.EndCol > utf8.RuneCountInString(lines[d.Line-1])+1 {
			t.Errorf("end outside the line: %s to %d:%d", d, d.EndLine, d.EndCol)
		}
	}
}

// lintAnything loads a file and asks everything of the set that does not need more.
func lintAnything(t *testing.T, text string) {
	set, diags := LoadFS(fstest.MapFS{"a.yaml": {Data: []byte(text)}}, "")
	insideLines(t, text, diags)
	now := time.Date(2026, 11, 23, 0, 0, 0, 0, time.UTC)
	insideLines(t, text, set.CheckDates(now))
	set.AddEvidence(piece("f", "user.contact.email", RankSchema, 0.9))
	st := set.AsOf(now).For(table)
	for _, c := range st.Categories {
		if c.State == "" || c.Confidence < Hint {
			t.Errorf("%+v has no state", c)
		}
	}
	set.AsOf(now).Fields(table)
	set.CheckAgainst([]Target{table}, now)
	set.Lock([]Target{table})
}

// FuzzLoad feeds random bytes.
func FuzzLoad(f *testing.F) {
	f.Add("version: 1\nresources:\n  - match: {name: x}\n    data: [user.name]\n")
	f.Add("a: &a [*a]\n")
	f.Add("a: &a {b: &b {<<: *a}}\nresources: *b\n")
	f.Add("\xff")
	f.Add("? [a]\n: {b: c}\n--- x\n...\n")
	f.Add("resources:\n  - match: {name: 'über {a,b}*'}\n    fields: {\"a\": |\n   x\n}\n")
	f.Fuzz(lintAnything)
}

// FuzzYAML feeds random files of the format: the bytes choose keys that exist and
// values that may fit.
func FuzzYAML(f *testing.F) {
	for i := range 16 {
		f.Add([]byte(fmt.Sprintf("%d resources and more %d", i*i, i)))
	}
	f.Fuzz(func(t *testing.T, choices []byte) {
		var b strings.Builder
		b.WriteString("version: 1\n")
		w := &randomYAML{bytes: choices, out: &b}
		for section := range len(choices)/8 + 1 {
			if section < len(randomSections) {
				name := randomSections[w.next(len(randomSections))]
				fmt.Fprintf(&b, "%s: ", name)
				w.value(sections[name], 0)
				b.WriteString("\n")
			}
		}
		lintAnything(t, b.String())
	})
}

var (
	randomSections = keys(sections)
	randomWords    = []string{
		"none", "unknown", "user", "user.contact.email", "user.health_and_medical", "system.operations", "customer", "anonymous_user", "minor", "P1Y", "2026-01-31", "2020-01-01",
		"DE", "US", "UK", "x", "*", "a{b", "arn:aws:sqs:*:*:x", table.ARN, "dynamodb.table", "t", "consent", "contract", "scc", "adequacy", "anonymised", "pseudonymised", "SHA-256",
		"schema:x", "\"012345678901\"", "12", "true", "''", "~", "jane@shop.example", "collect", "essential", "processor", "legal_obligation", "é",
	}
)

type randomYAML struct {
	bytes []byte
	at    int
	out   *strings.Builder
}

func (w *randomYAML) next(n int) int {
	if w.at >= len(w.bytes) || n == 0 {
		return 0
	}
	w.at++
	return int(w.bytes[w.at-1]) % n
}

// value writes a value for a rule, now and then one of another type.
func (w *randomYAML) value(r rule, depth int) {
	odd := w.next(16) == 15
	switch {
	case depth > 6 || w.at >= len(w.bytes):
		w.out.WriteString("x")
	case odd:
		w.out.WriteString([]string{"[]", "{}", "[[x]]", "{x: {y: z}}", "~"}[w.next(5)])
	case r.kind == objects:
		w.out.WriteString("[")
		for i := range w.next(3) + 1 {
			if i > 0 {
				w.out.WriteString(", ")
			}
			w.object(r, depth)
		}
		w.out.WriteString("]")
	case len(r.keys) > 0 || r.kind == fieldMap:
		w.object(r, depth)
	case r.many && w.next(2) == 0:
		fmt.Fprintf(w.out, "[%s, %s]", randomWords[w.next(len(randomWords))], randomWords[w.next(len(randomWords))])
	case len(r.words) > 0 && w.next(4) > 0:
		w.out.WriteString(r.words[w.next(len(r.words))])
	default:
		w.out.WriteString(randomWords[w.next(len(randomWords))])
	}
}

func (w *randomYAML) object(r rule, depth int) {
	names := keys(r.keys)
	if _, any := r.keys["*"]; any || r.kind == fieldMap {
		names = []string{"x", "f", "a.b", "'*'", "\"**\"", "y"}
	}
	w.out.WriteString("{")
	for i := range w.next(5) + 1 {
		name := names[w.next(len(names))]
		sub, ok := r.keys[name]
		if !ok {
			sub = r.keys["*"]
		}
		if i > 0 {
			w.out.WriteString(", ")
		}
		fmt.Fprintf(w.out, "%s: ", name)
		w.value(sub, depth+1)
	}
	w.out.WriteString("}")
}
