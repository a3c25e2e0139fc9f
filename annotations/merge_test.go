package annotations

import (
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
)

// randomEntries writes entries that all match the table t, some of them more exactly.
func randomEntries(r *rand.Rand) []string {
	matches := []string{`{arn: "` + table.ARN + `"}`, `{arn: "arn:aws:dynamodb:*:*:table/t"}`, `{kind: dynamodb.table, name: t}`, `{kind: dynamodb.table, name: "*"}`, `{name: t}`, `{kind: dynamodb.table}`}
	says := []string{
		"data: [user.contact.email]", "data: [user.name, user.contact.email], subjects: [customer]", "fields: {f: user.contact.email}", "fields: {f: none}", "fields: {f: unknown, g: user.name}",
		"data: none, reason: r, review: {by: p, expires: 2027-01-01}", "data: none, reason: r, review: {by: p, expires: 2025-01-01}", "not: [{category: user.contact, reason: r, by: p, expires: 2027-01-01}]",
		"not: [{field: f, reason: r, by: p, expires: 2025-01-01}]", "owner: p", "retention: {period: P1Y}", "fields: {f: user.name}, review: {by: p, expires: 2025-01-01}", "activities: [a]",
	}
	var out []string
	for range 1 + r.IntN(5) {
		out = append(out, fmt.Sprintf("  - {match: %s, %s}\n", matches[r.IntN(len(matches))], says[r.IntN(len(says))]))
	}
	return out
}

func randomEvidence(r *rand.Rand) []Evidence {
	var out []Evidence
	for i := range r.IntN(5) {
		e := piece([]string{"f", "g", ""}[r.IntN(3)], []string{"user.contact.email", "user.name"}[r.IntN(2)], RankTag+r.IntN(6), float64(r.IntN(20)+1)/20)
		e.Detector, e.Source = fmt.Sprint("d", r.IntN(3)), fmt.Sprint("s", i)
		out = append(out, e)
	}
	return out
}

// inFiles spreads entries over files.
func inFiles(t *testing.T, entries []string, evidence []Evidence) *Set {
	t.Helper()
	fsys := fstest.MapFS{"z.yaml": {Data: []byte("version: 1\n" + people + "activities: {a: {name: A, lawful_basis: contract, retention: [{period: P1Y}]}}\n")}}
	for i, e := range entries {
		fsys[fmt.Sprintf("%d.yaml", i)] = &fstest.MapFile{Data: []byte("version: 1\nresources:\n" + e)}
	}
	set, _ := LoadFS(fsys, "") // "none" on a broad pattern is an error of the files; the merge must hold all the same
	set.AddEvidence(evidence...)
	return set.AsOf(codesDay)
}

// meaning is what a statement says, without where it stands.
func meaning(st Statement, fields []FieldState) any {
	type category struct {
		c, f  string
		s     State
		conf  string
		might bool
		who   string
	}
	var cats []category
	for _, c := range st.Categories {
		cats = append(cats, category{c.Category, c.Field, c.State, fmt.Sprintf("%.6f", c.Confidence), c.MayContain, strings.Join(slices.Sorted(slices.Values(c.Subjects)), ",")})
	}
	var states []string
	for _, f := range fields {
		states = append(states, fmt.Sprint(f.Path, f.State, f.Own))
	}
	return fmt.Sprint(cats, states, st.None, st.Stated, st.Owner, st.Retention.words(), st.Activities, st.Subjects)
}

// TestOrderDoesNotMatter: the order of files, of entries and of evidence changes nothing
// of what is said.
func TestOrderDoesNotMatter(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for range 400 {
		entries, evidence := randomEntries(r), randomEvidence(r)
		set := inFiles(t, entries, evidence)
		want := meaning(set.For(table), set.Fields(table))
		for range 3 {
			r.Shuffle(len(entries), func(i, j int) { entries[i], entries[j] = entries[j], entries[i] })
			r.Shuffle(len(evidence), func(i, j int) { evidence[i], evidence[j] = evidence[j], evidence[i] })
			set := inFiles(t, entries, evidence)
			if got := meaning(set.For(table), set.Fields(table)); !reflect.DeepEqual(got, want) {
				t.Fatalf("%v\n%v\nfor %q %+v", got, want, entries, evidence)
			}
		}
	}
}

// TestEvidenceOnlyAdds: one more piece of evidence never takes a category away, never
// makes one less certain, and never makes a resource clean.
func TestEvidenceOnlyAdds(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	weight := map[State]int{Weak: 1, Inferred: 2, Stale: 3, Declared: 3, Disputed: 3}
	for range 400 {
		entries, evidence := randomEntries(r), randomEvidence(r)
		before := inFiles(t, entries, evidence).For(table)
		after := inFiles(t, entries, append(evidence, randomEvidence(r)...)).For(table)
		for _, c := range before.Categories {
			i := slices.IndexFunc(after.Categories, func(d Stated) bool {
				return d.Category == c.Category && d.Field == c.Field && d.MayContain == c.MayContain
			})
			if i < 0 || weight[after.Categories[i].State] < weight[c.State] || after.Categories[i].Confidence < c.Confidence-1e-9 {
				t.Fatalf("%+v became %+v", c, after.Categories)
			}
		}
		if !before.None && after.None {
			t.Fatalf("evidence made it clean: %q", entries)
		}
	}
}

// TestCleanNeverFollowsFromSilence: without "none" of a person no field is none.
func TestCleanNeverFollowsFromSilence(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 6))
	for range 400 {
		entries := slices.DeleteFunc(randomEntries(r), func(e string) bool { return strings.Contains(e, "none") || strings.Contains(e, "not:") })
		set := inFiles(t, entries, randomEvidence(r))
		for _, f := range set.Fields(table) {
			if f.State == None {
				t.Fatalf("%s is none by %q", f.Path, entries)
			}
		}
	}
}

func BenchmarkFor(b *testing.B) {
	var text strings.Builder
	text.WriteString("version: 1\nschemas: {s: {fields: {f: user.contact.email, g: user.name}}}\nresources:\n")
	for i := range 200 {
		fmt.Fprintf(&text, "  - {match: {kind: dynamodb.table, name: \"t%d-*\"}, schema: s}\n", i)
	}
	set, diags := LoadFS(file(text.String()), "")
	if HasErrors(diags) {
		b.Fatal(diags)
	}
	targets := make([]Target, 10000)
	for i := range targets {
		targets[i] = Target{ARN: fmt.Sprintf("arn:aws:dynamodb:eu-west-1:111122223333:table/t%d-x", i%400), Kind: "dynamodb.table", Name: fmt.Sprintf("t%d-x", i%400)}
	}
	for b.Loop() {
		for i := range targets {
			set.For(targets[i])
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(len(targets)), "ns/resource")
}
