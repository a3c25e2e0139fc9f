package report

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/flowdeed/flowdeed/check"
	"github.com/flowdeed/flowdeed/graph"
	"github.com/flowdeed/flowdeed/report/doc"
)

var update = flag.Bool("update", false, "write the golden files anew")

func printed(t testing.TB, name string, d *Document) []byte {
	t.Helper()
	f, err := ByName(name)
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := f.Print(&b, d); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.MkdirAll("testdata", 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatalf("%v; run go test ./report -update", err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("%s differs from the golden file at byte %d; run go test ./report -update and read the difference", name, firstDifference(got, want))
	}
}

func firstDifference(a, b []byte) int {
	for i := range min(len(a), len(b)) {
		if a[i] != b[i] {
			return i
		}
	}
	return min(len(a), len(b))
}

func TestGolden(t *testing.T) {
	small := Build(estate{systems: 3, findings: 12}.build())
	golden(t, "small.md", printed(t, "md", small))
	golden(t, "small.csv", printed(t, "csv", small))
	golden(t, "small.json", printed(t, "json", small))
	golden(t, "empty.md", printed(t, "md", Build(emptyAccount())))
	golden(t, "nothing.md", printed(t, "md", Build(Input{})))
}

// emptyAccount was scanned and has nothing in it.
func emptyAccount() Input {
	return Input{Tool: "flowdeed 0.1.0", Scan: Scan{Accounts: []Account{{ID: "111122223333"}}, Regions: []string{"eu-west-1"},
		Finished: time.Date(2026, 11, 23, 10, 0, 0, 0, time.UTC), Requests: 12},
		Completeness: Completeness{Operations: []Operation{{"sqs", "ListQueues", 1, 1, 0}, {"lambda", "ListFunctions", 1, 1, 0}}}}
}

// TestEmptyExplainsItself: a chapter with nothing in it says why (rule R24).
func TestEmptyExplainsItself(t *testing.T) {
	for name, in := range map[string]Input{"nothing": {}, "empty": emptyAccount()} {
		d := Build(in)
		for i, b := range d.Blocks {
			h, ok := b.(*doc.Heading)
			if !ok {
				continue
			}
			if i+1 == len(d.Blocks) {
				t.Errorf("%s: chapter %q has nothing under it", name, h.Title)
				continue
			}
			if _, ok := d.Blocks[i+1].(*doc.Heading); ok && h.Level > 1 {
				t.Errorf("%s: section %q has nothing under it", name, h.Title)
			}
		}
	}
	in := emptyAccount()
	in.Completeness.Refused = []Refusal{{Operation: "sqs:ListQueues", Outcome: "denied", Action: "sqs:ListQueues"}}
	if md := string(printed(t, "md", Build(in))); !strings.Contains(md, "there may be more than is shown") {
		t.Error("an empty result after a refused call does not say that there may be more")
	}
}

// TestSameBytes: the order of the findings given does not matter, and neither does time.
func TestSameBytes(t *testing.T) {
	in := estate{systems: 8, findings: 150}.build()
	again := estate{systems: 8, findings: 150}.build()
	for i, j := 0, len(again.Findings)-1; i < j; i, j = i+1, j-1 {
		again.Findings[i], again.Findings[j] = again.Findings[j], again.Findings[i]
	}
	a, b := Build(in), Build(again)
	for _, f := range Formats {
		if !bytes.Equal(printed(t, f.Name, a), printed(t, f.Name, b)) {
			t.Errorf("%s: the same input gave other bytes", f.Name)
		}
	}
}

// TestNoClock: without a snapshot time no other time is written.
func TestNoClock(t *testing.T) {
	out := printed(t, "pdf", Build(Input{}))
	if !bytes.Contains(out, []byte("D:19700101000000")) || bytes.Contains(out, []byte("D:20")) {
		t.Error("the PDF of a report without a time holds a time")
	}
}

// oneOfEach holds every block and inline kind.
func oneOfEach() *Document {
	all := doc.Join(doc.T("plain "), doc.B("strong"), doc.C("code"), doc.To("link", "h1"), doc.Out("out", "https://example.com"),
		doc.S("fail"), doc.Sev("high"), doc.NL(), doc.Q("quiet"))
	return &Document{Title: "t", Words: printerWords(), Blocks: []doc.Block{
		&doc.Heading{ID: "h1", Level: 1, Title: "One"}, &doc.Contents{Depth: 2}, &doc.Paragraph{Text: all},
		&doc.List{Items: []doc.Text{all}}, &doc.List{Ordered: true, Items: []doc.Text{all}},
		&doc.Table{ID: "t", Caption: "c", Columns: []doc.Column{{Key: "a", Title: "A"}}, Rows: []doc.Row{{ID: "r", Cells: []doc.Text{all}}}},
		&doc.Table{}, &doc.Figure{ID: "f", Alt: "alt", Long: "long", Caption: all}, &doc.Callout{Kind: doc.Warning, Title: "w", Body: []doc.Text{all}},
		&doc.Definition{Items: []doc.Term{{Name: "n", Text: all}}}, &doc.PageBreak{},
		&doc.Evidence{ID: "e", Items: []doc.Observed{{Subject: "s", Name: "n", Value: "v", Known: true, Source: "src"}, {Name: "m", Value: "why"}}},
	}, Attachments: []doc.Attachment{{Name: dataFile, Content: []byte("{}")}, {Name: findingsFile, Content: []byte("x")}}}
}

func TestEveryFormatPrintsEveryBlock(t *testing.T) {
	d := oneOfEach()
	kinds := map[string]bool{}
	for _, b := range d.Blocks {
		x, err := blockJSON(b, &d.Words)
		if err != nil {
			t.Fatal(err)
		}
		kinds[x["kind"].(string)] = true
	}
	if len(kinds) != 10 {
		t.Errorf("the document of this test has %d kinds of blocks, want all 10", len(kinds))
	}
	for _, f := range Formats {
		if f.Doc == "" || f.Ext == "" {
			t.Errorf("%s: no documentation or no extension", f.Name)
		}
		if len(printed(t, f.Name, d)) == 0 {
			t.Errorf("%s: nothing was printed", f.Name)
		}
	}
}

// TestFormatsFailAlone: a printer that crashes gives an error (rule R12).
func TestFormatsFailAlone(t *testing.T) {
	d := oneOfEach()
	d.Blocks = append(d.Blocks, &doc.Figure{ID: "x", Width: 10, Height: 10, Paint: func(doc.Canvas) { panic("boom") }})
	var b bytes.Buffer
	f, _ := ByName("pdf")
	if err := f.Print(&b, d); err == nil || !strings.Contains(err.Error(), "boom") || b.Len() > 0 {
		t.Errorf("a crash gave error %v and %d bytes", err, b.Len())
	}
	printed(t, "md", d)
	if _, err := ByName("docx"); err == nil || !strings.Contains(err.Error(), "pdf, md, json") {
		t.Errorf("an unknown format gave %v", err)
	}
}

// TestEveryFindingIsThere: each failing, accepted and unknown subject stands in
// the PDF's document, the CSV and the JSON.
func TestEveryFindingIsThere(t *testing.T) {
	in := estate{systems: 8, findings: 150}.build()
	d := Build(in)
	rows, err := csv.NewReader(bytes.NewReader(printed(t, "csv", d))).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	var data dataReport
	if err := json.Unmarshal(printed(t, "json", d), &data); err != nil {
		t.Fatal(err)
	}
	want, fails := 0, 0
	for _, f := range in.Findings {
		switch f.Status {
		case check.Fail:
			fails++
			want++
		case check.Unknown, check.Accepted:
			want++
		}
	}
	if len(rows)-1 != want || len(data.Findings) != len(in.Findings) {
		t.Errorf("CSV has %d of %d findings, JSON %d of %d", len(rows)-1, want, len(data.Findings), len(in.Findings))
	}
	shown := 0
	for _, b := range d.Blocks {
		if x, ok := b.(*doc.Table); ok && strings.HasSuffix(x.ID, "-subjects") {
			shown += len(x.Rows)
		}
	}
	if shown != fails {
		t.Errorf("the document lists %d failing subjects of %d", shown, fails)
	}
}

func TestOrderOfFindings(t *testing.T) {
	d := Build(estate{systems: 8, findings: 150}.build())
	last := check.Critical
	for _, b := range d.Blocks {
		h, ok := b.(*doc.Heading)
		if !ok || !strings.HasPrefix(h.ID, "finding-") {
			continue
		}
		for s := check.Info; s <= check.Critical; s++ {
			if strings.HasPrefix(h.ID, "finding-"+s.String()) {
				if s > last {
					t.Errorf("%s comes after a lower severity", h.ID)
				}
				last = s
			}
		}
	}
	if last == check.Critical {
		t.Error("no finding below critical was seen")
	}
}

// TestIdsAreUniqueAndLinksArrive: every link of the document leads somewhere.
func TestIdsAreUniqueAndLinksArrive(t *testing.T) {
	d := Build(estate{systems: 8, findings: 150}.build())
	ids := map[string]bool{}
	put := func(id string) {
		if id != "" && ids[id] {
			t.Errorf("id %q is used twice", id)
		}
		ids[id] = true
	}
	var texts []doc.Text
	for _, b := range d.Blocks {
		switch b := b.(type) {
		case *doc.Heading:
			put(b.ID)
		case *doc.Table:
			put(b.ID)
			for _, r := range b.Rows {
				put(r.ID)
				texts = append(texts, r.Cells...)
			}
		case *doc.Figure:
			put(b.ID)
		case *doc.Paragraph:
			texts = append(texts, b.Text)
		case *doc.List:
			texts = append(texts, b.Items...)
		case *doc.Callout:
			texts = append(texts, b.Body...)
		}
	}
	for _, text := range texts {
		for _, x := range text {
			if x.Kind == doc.Link && !ids[x.Target] {
				t.Errorf("link %q leads to %q, which is not there", x.Text, x.Target)
			}
		}
	}
}

// TestNeverSaysLawful: the report states facts; it does not judge the law.
func TestNeverSaysLawful(t *testing.T) {
	md := strings.ToLower(string(printed(t, "md", Build(estate{systems: 8, findings: 150}.build()))))
	for _, word := range []string{"compliant", "is lawful.", "legally valid"} {
		if strings.Contains(md, word) {
			t.Errorf("the report says %q", word)
		}
	}
}

func TestLongTablePointsOn(t *testing.T) {
	tab := &doc.Table{Columns: []doc.Column{{Key: "a", Title: "A"}}}
	for range 250 {
		tab.Rows = append(tab.Rows, doc.Row{Cells: []doc.Text{doc.T("x")}})
	}
	md := string(printed(t, "md", &Document{Words: printerWords(), Blocks: []doc.Block{tab}}))
	if n := strings.Count(md, "| x |"); n != 200 || !strings.Contains(md, "50 more rows are not shown here") {
		t.Errorf("%d rows, and the end is %q", n, md[len(md)-120:])
	}
}

func TestShare(t *testing.T) {
	for _, c := range []struct {
		part, whole int
		want        string
	}{{0, 0, "0 %"}, {0, 10, "0 %"}, {1, 1000, "under 1 %"}, {999, 1000, "over 99 %"}, {1000, 1000, "100 %"}, {1, 3, "33 %"}} {
		if got := share(c.part, c.whole); got != c.want {
			t.Errorf("share(%d, %d) = %q, want %q", c.part, c.whole, got, c.want)
		}
	}
}

// TestUnknownFactsAreNeverGood: a node nothing was read about has no good word in its row.
func TestUnknownFactsAreNeverGood(t *testing.T) {
	n := &graph.Node{ID: "x", Class: graph.Bucket}
	if got := atRestCell(n).String(); !strings.HasPrefix(got, "not known") {
		t.Errorf("at rest: %q", got)
	}
	if got := outsideCell(n).String(); !strings.HasPrefix(got, "not known") {
		t.Errorf("access from outside: %q", got)
	}
	graph.PublicACL.Set(&n.Facts, nil, "x")
	graph.PublicStatements.Unknown(&n.Facts, "refused", "x")
	if got := outsideCell(n).String(); !strings.Contains(got, "not known: refused") || strings.Contains(got, "none seen") {
		t.Errorf("access from outside with one refused call: %q", got)
	}
	graph.PublicStatements.Set(&n.Facts, nil, "x")
	if got := outsideCell(n).String(); got != "none seen" {
		t.Errorf("access from outside with everything read: %q", got)
	}
}

func BenchmarkReport(b *testing.B) {
	for _, n := range []int{1000, 10000} {
		b.Run(number(n), func(b *testing.B) {
			in := estate{systems: n / 20, findings: n}.build()
			b.ReportAllocs()
			pages := 0
			for b.Loop() {
				out := printed(b, "pdf", Build(in))
				pages = bytes.Count(out, []byte("/Type /Page\n"))
				b.SetBytes(int64(len(out)))
			}
			b.ReportMetric(float64(pages), "pages")
		})
	}
}

// TestActionTable: the report says which table of AWS actions permissions were judged with.
func TestActionTable(t *testing.T) {
	for _, x := range []struct {
		table ActionTable
		want  string
	}{
		{ActionTable{}, ""},
		{ActionTable{Date: "2026-09-26T04:46:59.905Z", Source: "the maker 1.2"}, "facts of 2026-09-26, from the maker 1.2 | program"},
		{ActionTable{Date: "spring", File: "own.gz"}, "facts of spring, from a source it does not name | own.gz"},
		{ActionTable{Source: "a list", File: "own.gz"}, "facts of a day it does not name, from a list | own.gz"},
	} {
		in := emptyAccount()
		in.Actions = x.table
		got := ""
		for _, b := range Build(in).Blocks {
			e, ok := b.(*doc.Evidence)
			if !ok || e.ID != "run" {
				continue
			}
			for _, o := range e.Items {
				if o.Name == "table of AWS actions" {
					got = o.Value + " | " + o.Source
				}
			}
		}
		if got != x.want {
			t.Errorf("%+v is printed %q, want %q", x.table, got, x.want)
		}
	}
}
