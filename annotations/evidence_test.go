package annotations

import (
	"slices"
	"strings"
	"testing"
	"time"
)

var table = Target{
	ARN: "arn:aws:dynamodb:eu-west-1:111122223333:table/t", Kind: "dynamodb.table", Name: "t", Fields: []Field{{"f", "S"}},
}

const people = "roles_of_people: {p: {}}\n"

// load reads one file that must be free of errors.
func load(t *testing.T, text string) *Set {
	t.Helper()
	set, diags := LoadFS(file("version: 1\n"+people+text), "")
	if HasErrors(diags) {
		t.Fatal(diags)
	}
	return set.AsOf(time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC))
}

func piece(field, category string, rank int, confidence float64) Evidence {
	return Evidence{Resource: table.ARN, Field: field, Category: category, Rank: rank, Confidence: confidence, Detector: "d", Source: "s"}
}

func TestCombine(t *testing.T) {
	e := func(detector string, rank int, c float64) Evidence {
		return Evidence{Detector: detector, Rank: rank, Confidence: c}
	}
	for _, c := range []struct {
		name string
		list []Evidence
		want float64
	}{
		{"none", nil, 0},
		{"one", []Evidence{e("a", RankName, 0.4)}, 0.4},
		{"two independent", []Evidence{e("a", RankName, 0.5), e("b", RankSchema, 0.6)}, 0.8},
		{"one detector twice is one witness", []Evidence{e("a", RankName, 0.5), e("a", RankName, 0.4)}, 0.5},
		{"capped", []Evidence{e("a", RankName, 0.9), e("b", RankSchema, 0.9)}, 0.95},
		{"another scanner lifts the cap", []Evidence{e("a", RankObserved, 0.9), e("b", RankSchema, 0.9)}, 0.99},
	} {
		if got := Combine(c.list); got < c.want-1e-9 || got > c.want+1e-9 {
			t.Errorf("%s: %v, want %v", c.name, got, c.want)
		}
	}
}

// TestFieldStates has, for each rule of the merge, what people and evidence say of the
// field f and the state that follows.
func TestFieldStates(t *testing.T) {
	exact := `resources: [{match: {arn: "` + table.ARN + `"}, `
	const review = `reason: r, review: {by: p, expires: 2027-01-01}}]`
	const past = `reason: r, review: {by: p, expires: 2026-01-01}}]`
	email := "user.contact.email"
	for _, c := range []struct {
		name, text string
		evidence   []Evidence
		want       State
		own        bool
	}{
		{"nothing", "", nil, Unknown, false},
		{"declared", exact + "fields: {f: user.contact.email}}]", nil, Declared, true},
		{"review past", exact + "fields: {f: user.contact.email}, " + past, nil, Stale, true},
		{"review without an end, a year ago", exact + "fields: {f: user.contact.email}, review: {by: p, on: 2025-10-01}}]", nil, Stale, true},
		{"review without an end, of this year", exact + "fields: {f: user.contact.email}, review: {by: p, on: 2026-01-01}}]", nil, Declared, true},
		{"review without an end, setting", exact + "fields: {f: user.contact.email}, review: {by: p, on: 2026-01-01}}]\nsettings: {defaults: {review_after: P1M}}", nil, Stale, true},
		{"named none", exact + "fields: {f: none}}]", nil, None, true},
		{"named unknown", exact + "fields: {f: unknown}}]", nil, Unknown, false},
		{"a pattern of fields", exact + `fields: {"**": user.contact.email}}]`, nil, Declared, true},
		{"resource declared: a fallback", exact + "data: [user.contact.email]}]", nil, Declared, false},
		{"resource none: a fallback", exact + "data: none, " + review, nil, None, false},
		{"resource none, review past", exact + "data: none, " + past, nil, Stale, false},
		{"resource none, reviewed so long ago that it is unknown", exact + "data: none, reason: r, review: {by: p, on: 2024-01-01, expires: 2025-01-01}}]\nsettings: {defaults: {unknown_after: P18M}}", nil, Unknown, false},
		{"likely evidence", "", []Evidence{piece("f", email, RankSchema, 0.6)}, Inferred, false},
		{"weak evidence", "", []Evidence{piece("f", email, RankName, 0.59)}, Weak, false},
		{"too little evidence", "", []Evidence{piece("f", email, RankName, 0.29)}, Unknown, false},
		{"strong evidence is no declaration", "", []Evidence{piece("f", email, RankSchema, 0.95)}, Inferred, false},
		{"import", "", []Evidence{piece("f", email, RankImport, 0)}, Inferred, true},
		{"none against a scanner", exact + "data: none, " + review, []Evidence{piece("f", email, RankObserved, 0)}, Disputed, false},
		{"none against a sure schema", exact + "data: none, " + review, []Evidence{piece("f", email, RankSchema, 0.9)}, Disputed, false},
		{"none against a likely schema", exact + "data: none, " + review, []Evidence{piece("f", email, RankSchema, 0.89)}, None, false},
		{"none against a sure name", exact + "data: none, " + review, []Evidence{piece("f", email, RankName, 0.95)}, None, false},
		{"none past against evidence", exact + "data: none, " + past, []Evidence{piece("f", email, RankName, 0.7)}, Stale, false},
		{"field none against a scanner", exact + "fields: {f: none}}]", []Evidence{piece("f", email, RankObserved, 0)}, Disputed, true},
		{"not against a scanner", exact + "not: [{category: user.contact, reason: r, by: p, expires: 2027-01-01}]}]", []Evidence{piece("f", email, RankObserved, 0)}, Disputed, false},
		{"not against a name", exact + "not: [{category: user.contact, reason: r, by: p, expires: 2027-01-01}]}]", []Evidence{piece("f", email, RankName, 0.9)}, Unknown, false},
		{"not of the field", exact + "not: [{field: f, reason: r, by: p, expires: 2027-01-01}]}]", []Evidence{piece("f", email, RankName, 0.9)}, None, true},
		{"not that is past", exact + "not: [{category: user.contact, reason: r, by: p, expires: 2026-01-01}]}]", []Evidence{piece("f", email, RankName, 0.9)}, Stale, false},
		{"an exact category stands against a pattern's none", exact + "fields: {f: user.contact.email}}, {match: {kind: dynamodb.table, name: t}, fields: {f: none}}]", nil, Declared, true},
		{"an exact none stands against a pattern's category", exact + "fields: {f: none}}, {match: {kind: dynamodb.table, name: t}, fields: {f: user.contact.email}}]", nil, None, true},
		{"rest none", exact + "schema: s}]\nschemas: {s: {fields: {g: none}, rest: none}}", nil, None, false},
		{"rest unknown", exact + "schema: s}]\nschemas: {s: {fields: {g: none}}}", nil, Unknown, false},
		{"rest a category", exact + "schema: s}]\nschemas: {s: {fields: {g: none}, rest: user.name}}", nil, Declared, false},
		{"rest of what it extends", exact + "schema: s}]\nschemas: {s: {extends: o}, o: {fields: {g: none}, rest: none}}", nil, None, false},
		{"own field in place of the schema's", exact + "schema: s, fields: {f: none}}]\nschemas: {s: {fields: {f: user.name}}}", nil, None, true},
		{"dropped from the schema", exact + "schema: s}]\nschemas: {s: {extends: o, drop: [f]}, o: {fields: {f: user.name}}}", nil, Unknown, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			set := load(t, c.text)
			if d := set.AddEvidence(c.evidence...); len(d) > 0 {
				t.Fatal(d)
			}
			for _, got := range set.Fields(table) {
				if got.Path == "f" && (got.State != c.want || got.Own != c.own || !got.Seen) {
					t.Errorf("got %+v, want %s, own %v", got, c.want, c.own)
				}
			}
		})
	}
}

func TestEvidenceOfUnknownCategory(t *testing.T) {
	set := Empty()
	d := set.AddEvidence(Evidence{Resource: "x", Category: "user.contact.e-mail", Rank: RankImport, Source: "m.yml:3:7"})
	if len(d) != 1 || d[0].String() != `m.yml:3:7: error E201: unknown data category "user.contact.e-mail"; did you mean "user.contact.email"?` {
		t.Error(d)
	}
	if got := set.For(Target{ARN: "x"}); len(got.Categories) != 0 {
		t.Error(got)
	}
}

// TestFieldPaths has the patterns of the privacy model.
func TestFieldPaths(t *testing.T) {
	for _, c := range []struct {
		pattern, path string
		want          bool
	}{
		{"address.street", "address.street", true}, {"address.street", "address", false}, {"items[].title", "items[].title", true},
		{"*.email", "user.email", true}, {"*.email", "a.b.email", false}, {"*.email", "email", false}, {"**", "a.b.c", true}, {"**.email", "a.b.email", true},
		{"**.email", "email", true}, {"a.**.c", "a.c", true}, {"a.**.c", "a.b.b.c", true}, {"a.**.c", "a.b.d", false}, {`"user.email"`, "user.email", false}, {`"user.email"`, `"user.email"`, true},
		{"user_*", "user_id", true}, {"exports/**:email", "exports/2026/x.csv:email", true}, {"exports/**:email", "exports/x.csv:name", false}, {"exports/**:email", "email", false},
	} {
		if got := fieldMatch(c.pattern, c.path); got != c.want {
			t.Errorf("fieldMatch(%q, %q) = %v", c.pattern, c.path, got)
		}
	}
}

// TestTemplateMetadata reads what a template says: it adds, and unknown words are told.
func TestTemplateMetadata(t *testing.T) {
	set := load(t, "schemas: {s: {subjects: [customer], fields: {street: user.contact.address.street, id: none}}}\nactivities: {a: {name: A, lawful_basis: contract, retention: [{period: P1Y}]}}")
	diags := set.Add(set.TemplateMetadata(table.ARN, "template.yaml:12", map[string]any{
		"data": "user.name", "fields": map[string]any{"f": []any{"user.contact.email"}, "g": "none"}, "schema": "s", "activities": []any{"a"}, "retention": "P1Y", "owner": "p", "colour": "red",
	}), set.TemplateMetadata(table.ARN, "template.yaml:20", map[string]any{"data": "user.nam", "retention": "long", "subjects": 7}))
	var got []string
	for _, d := range diags {
		got = append(got, d.String())
	}
	want := []string{
		`template.yaml:12:1: error E104: unknown key "colour" in Metadata.Gdpr`,
		`template.yaml:20:1: error E105: Metadata.Gdpr.subjects must be a list of texts, found int`,
		`template.yaml:20:1: error E201: unknown data category "user.nam"; did you mean "user.name"?`,
		`template.yaml:20:1: error E208: "long" is not an ISO 8601 duration; such as P30D or P3Y`,
	}
	if !slices.Equal(got, want) {
		t.Errorf("got %q", got)
	}
	st := set.For(table)
	var said []string
	for _, c := range st.Categories {
		said = append(said, c.Field+"="+c.Category+" "+string(c.State))
	}
	if strings.Join(said, ", ") != "street=user.contact.address.street declared, f=user.contact.email declared, =user.name declared" || !st.Stated || st.Owner != "p" || st.Retention.Days != 365 {
		t.Errorf("%q %+v", said, st)
	}
}

// naiveParts is partsMatch written straight from the definition.
func naiveParts(pattern, path []string) bool {
	switch {
	case len(pattern) == 0:
		return len(path) == 0
	case pattern[0] == "**":
		return naiveParts(pattern[1:], path) || len(path) > 0 && naiveParts(pattern, path[1:])
	case len(path) == 0:
		return false
	}
	return (pattern[0] == path[0] || naiveGlob(pattern[0], path[0])) && naiveParts(pattern[1:], path[1:])
}

// TestFieldPathsAgainstDefinition tries every pattern and path of up to four parts over
// a small alphabet.
func TestFieldPathsAgainstDefinition(t *testing.T) {
	var lists func(alphabet []string, n int) [][]string
	lists = func(alphabet []string, n int) [][]string {
		out := [][]string{{}}
		if n > 0 {
			for _, rest := range lists(alphabet, n-1) {
				for _, a := range alphabet {
					out = append(out, append([]string{a}, rest...))
				}
			}
		}
		return out
	}
	tried := 0
	for _, p := range lists([]string{"a", "*", "**"}, 4) {
		for _, q := range lists([]string{"a", "b"}, 4) {
			tried++
			if got, want := partsMatch(p, q), naiveParts(p, q); got != want {
				t.Fatalf("partsMatch(%q, %q) = %v, the definition says %v", p, q, got, want)
			}
		}
	}
	if tried < 1000 {
		t.Errorf("only %d pairs", tried)
	}
}
