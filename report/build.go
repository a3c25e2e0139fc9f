package report

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/flowdeed/flowdeed/check"
	"github.com/flowdeed/flowdeed/classify"
	"github.com/flowdeed/flowdeed/graph"
	"github.com/flowdeed/flowdeed/report/doc"
)

// Document is a report before it has a format.
type Document = doc.Document

// Build writes the report. The same input gives the same document.
func Build(in Input) *Document {
	b := newBuilder(in)
	b.onePage()
	b.add(&doc.PageBreak{}, &doc.Contents{Depth: b.contentsDepth()})
	b.maps()
	b.findings()
	b.pageIf(len(b.groups) > 0)
	b.unknowns()
	b.refusals()
	b.stores()
	b.access()
	b.flows()
	b.labels()
	b.detected()
	b.recipients()
	b.controls()
	b.people()
	b.inventory()
	b.method()
	b.glossary()
	b.attach()
	return b.doc
}

// builder gathers the blocks.
type builder struct {
	in      Input
	doc     *Document
	answers []check.Finding // sorted: severity, data, control, subject
	groups  []group         // of what failed
	numbers map[graph.ID]int
	chapter int
	annex   int
	section int
	fails   int
}

// group is one control failing with one severity, with all its subjects.
type group struct {
	control  *check.Control
	severity check.Severity
	id       string // of its heading
	list     []check.Finding
}

func newBuilder(in Input) *builder {
	if in.Graph == nil {
		in.Graph = graph.NewModel()
		in.Graph.Freeze()
	}
	if in.Labels == nil {
		in.Labels = classify.NewLabels(nil, nil)
	}
	in.Title = orText(in.Title, "Personal data in AWS: map and findings")
	in.Confidentiality = orText(in.Confidentiality, "Confidential")
	b := &builder{in: in, numbers: map[graph.ID]int{}}
	for i, n := range in.Graph.Nodes() {
		b.numbers[n.ID] = i + 1
	}
	b.in.Completeness = sorted(in.Completeness)
	b.answers = slices.Clone(in.Findings)
	slices.SortStableFunc(b.answers, compareFindings)
	b.groups = groupFailures(b.answers)
	b.doc = &Document{
		Title: doc.Clean(in.Title), Organisation: doc.Clean(in.Organisation), Confidentiality: doc.Clean(in.Confidentiality),
		Lang: "en", Tool: doc.Clean(in.Tool), AsOf: in.Scan.Finished, Foot: doc.Clean(b.foot()), Words: printerWords(),
	}
	return b
}

// sorted puts calls and refusals in order, whatever order they were collected in.
func sorted(c Completeness) Completeness {
	c.Operations, c.Refused = slices.Clone(c.Operations), slices.Clone(c.Refused)
	slices.SortStableFunc(c.Operations, func(x, y Operation) int {
		return cmp.Or(cmp.Compare(x.Service, y.Service), cmp.Compare(x.Operation, y.Operation))
	})
	slices.SortStableFunc(c.Refused, func(x, y Refusal) int {
		return cmp.Or(cmp.Compare(x.Operation, y.Operation), cmp.Compare(x.Account, y.Account), cmp.Compare(x.Region, y.Region), cmp.Compare(x.Subject, y.Subject))
	})
	return c
}

// compareFindings orders by severity, then by the data at the subject, then by id.
func compareFindings(x, y check.Finding) int {
	return cmp.Or(cmp.Compare(y.Severity, x.Severity), cmp.Compare(y.Profile, x.Profile),
		cmp.Compare(controlID(x), controlID(y)), cmp.Compare(x.Subject, y.Subject), cmp.Compare(x.Reason, y.Reason))
}

func controlID(f check.Finding) string { return controlOf(f).ID }

// controlOf returns the control of a finding; a finding without one is kept and shown as such.
func controlOf(f check.Finding) *check.Control {
	if f.Control == nil {
		return &check.Control{ID: "(no control)", Title: "Control not named"}
	}
	return f.Control
}

// groupFailures puts the subjects of one control and severity together. Groups
// are ordered by severity, then by the data concerned, then by control.
func groupFailures(sorted []check.Finding) []group {
	at := map[string]int{}
	var out []group
	for _, f := range sorted {
		if f.Status != check.Fail {
			continue
		}
		key := f.Severity.String() + " " + controlID(f)
		i, ok := at[key]
		if !ok {
			i = len(out)
			at[key] = i
			id := "finding-" + f.Severity.String() + "-" + slug(controlID(f))
			out = append(out, group{control: controlOf(f), severity: f.Severity, id: id})
		}
		out[i].list = append(out[i].list, f)
	}
	return out
}

// slug turns an id into an anchor.
func slug(s string) string {
	var b strings.Builder
	for _, r := range strings.ToLower(s) {
		if r >= 'a' && r <= 'z' || r >= '0' && r <= '9' {
			b.WriteRune(r)
		} else if b.Len() > 0 && !strings.HasSuffix(b.String(), "-") {
			b.WriteByte('-')
		}
	}
	return strings.TrimSuffix(b.String(), "-")
}

// foot is the as-of line of every page.
func (b *builder) foot() string {
	s := b.in.Scan
	parts := []string{"As of " + moment(s.Finished), count(len(s.Accounts), "account", "accounts"),
		count(len(s.Regions), "Region", "Regions")}
	if b.in.Tool != "" {
		parts = append(parts, b.in.Tool)
	}
	if s.SnapshotHash != "" {
		parts = append(parts, "snapshot "+short(s.SnapshotHash))
	}
	return strings.Join(parts, " · ")
}

func short(hash string) string { return hash[:min(len(hash), 12)] }

func (b *builder) add(blocks ...doc.Block) { b.doc.Blocks = append(b.doc.Blocks, blocks...) }

// pageIf starts a page unless there is too little to fill one.
func (b *builder) pageIf(full bool) {
	if full {
		b.add(&doc.PageBreak{})
	}
}

// para adds a paragraph that says what follows it, so that they stay together.
func (b *builder) para(s string) {
	if s != "" {
		b.add(&doc.Paragraph{KeepNext: true, Text: doc.T(s)})
	}
}

// heading1 opens a numbered chapter.
func (b *builder) heading1(id, title string) {
	b.chapter++
	b.section = 0
	b.add(&doc.Heading{ID: id, Level: 1, Number: fmt.Sprint(b.chapter), Title: doc.Clean(title)})
}

// appendix opens a chapter of the appendix.
func (b *builder) appendix(id, title string) {
	b.annex++
	b.add(&doc.Heading{ID: id, Level: 1, Number: fmt.Sprintf("A%d", b.annex), Title: doc.Clean(title)})
}

// heading2 opens a numbered section of the chapter.
func (b *builder) heading2(id, title string) {
	b.section++
	b.add(&doc.Heading{ID: id, Level: 2, Number: fmt.Sprintf("%d.%d", b.chapter, b.section), Title: doc.Clean(title)})
}

// contentsDepth keeps the table of contents to about two pages.
func (b *builder) contentsDepth() int {
	if len(b.groups) > 70 {
		return 2
	}
	return 3
}

// counts counts answers by status.
func (b *builder) counts() map[check.Status]int {
	out := map[check.Status]int{}
	for _, f := range b.answers {
		out[f.Status]++
	}
	return out
}

// keepers are the nodes data stays in, sorted by id.
func (b *builder) keepers() []*graph.Node {
	var out []*graph.Node
	for _, n := range b.in.Graph.Nodes() {
		if n.Class.KeepsData() {
			out = append(out, n)
		}
	}
	return out
}

// category prints a data category.
func (b *builder) category(key string) string {
	if b.in.CategoryName != nil {
		if s := b.in.CategoryName(key); s != "" {
			return s
		}
	}
	return key
}

// nodeLink names a node with its number in the inventory.
func (b *builder) nodeLink(id graph.ID) doc.Text { return b.nodeCut(id, 0) }

// nodeShort is nodeLink with a long name cut in the middle, for paths and for the
// ends of flows. The full name is in the inventory under the number.
func (b *builder) nodeShort(id graph.ID) doc.Text { return b.nodeCut(id, 40) }

func (b *builder) nodeCut(id graph.ID, longest int) doc.Text {
	n := b.in.Graph.Node(id)
	no, ok := b.numbers[id]
	if n == nil || !ok {
		return doc.C(string(id))
	}
	return doc.Join(doc.T(middle(nodeName(n), longest)+" "), doc.To(fmt.Sprintf("N%d", no), nodeAnchor(no)))
}

func nodeAnchor(no int) string { return fmt.Sprintf("n%d", no) }

func nodeName(n *graph.Node) string {
	if n.Name != "" {
		return n.Name
	}
	return string(n.ID)
}

// nodeCell names a node in full: name, kind, id, place.
func (b *builder) nodeCell(n *graph.Node) doc.Text {
	return doc.Lines(
		doc.Join(doc.B(nodeName(n)), doc.Q(" "+orText(n.Kind, string(n.Class)))),
		doc.C(string(n.ID)))
}

// place prints account and Region.
func placeOf(n *graph.Node) doc.Text {
	if n.Account == "" && n.Region == "" {
		return doc.Q("not known")
	}
	return doc.Lines(doc.C(n.Account), doc.T(n.Region))
}

// NodeAnchor is the id under which the report speaks of a node, by its place in the
// order of Graph.Nodes, from 0. Pictures link there.
func NodeAnchor(index int) string { return nodeAnchor(index + 1) }
