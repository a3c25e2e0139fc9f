package report

import (
	"fmt"
	"strings"

	"github.com/flowdeed/flowdeed/check"
	"github.com/flowdeed/flowdeed/graph"
	"github.com/flowdeed/flowdeed/report/doc"
)

// maps is the chapter with the pictures.
func (b *builder) maps() {
	b.pageIf(len(b.in.Figures) > 0)
	b.heading1("map", "The data map")
	if len(b.in.Figures) == 0 {
		b.para(orText(b.emptyGraph(), "No picture was drawn. The same connections are in the table of flows."))
		return
	}
	for i := range b.in.Figures {
		f := b.in.Figures[i]
		b.add(&f)
	}
	b.add(&doc.Paragraph{Text: doc.Join(doc.T("Every line of the pictures, with its evidence, is in "), doc.To("the table of flows", "flows"), doc.T("."))})
}

func (b *builder) emptyGraph() string {
	if len(b.in.Graph.Nodes()) > 0 {
		return ""
	}
	return "No resource was found. " + b.whyEmpty()
}

// findings is the second depth.
func (b *builder) findings() {
	b.pageIf(len(b.groups) > 0)
	b.heading1("findings", "Findings")
	if len(b.groups) == 0 {
		if len(b.answers) == 0 {
			b.para("No control was asked. " + b.whyEmpty())
		} else {
			b.para(fmt.Sprintf("No control failed. %s given.%s", count(len(b.answers), "answer was", "answers were"), b.unknownReminder()))
		}
		b.accepted()
		return
	}
	b.para("Ordered by severity, then by the data concerned. The severity of a finding rises with the personal data at its subject: " +
		"one step where personal data is, two where data of Art. 9 or 10 GDPR is; it falls by one where a person declared that there is none.")
	severity := check.Severity(-1)
	for _, g := range b.groups {
		if g.severity != severity {
			severity = g.severity
			b.heading2("severity-"+severity.String(), fmt.Sprintf("%s (%s)", capital(severity.String()), number(b.failing(severity))))
		}
		b.group(g)
	}
	b.accepted()
}

func (b *builder) failing(s check.Severity) int {
	n := 0
	for _, g := range b.groups {
		if g.severity == s {
			n += len(g.list)
		}
	}
	return n
}

// capital starts a sentence with a capital letter, unless it starts with an
// identifier such as kms:ListKeys.
func capital(s string) string {
	first, _, _ := strings.Cut(s, " ")
	if s == "" || strings.ContainsAny(first, ":._/") || s[0] < 'a' || s[0] > 'z' {
		return s
	}
	return strings.ToUpper(s[:1]) + s[1:]
}

// group prints one control with every subject it failed for.
func (b *builder) group(g group) {
	c := g.control
	b.add(&doc.Heading{ID: g.id, Level: 3, Number: doc.Clean(c.ID), Title: doc.Clean(c.Title) + ": fails for " + count(len(g.list), "subject", "subjects")})
	var items []doc.Term
	add := func(name string, t doc.Text) {
		if len(t) > 0 && t.String() != "" {
			items = append(items, doc.Term{Name: name, Text: t})
		}
	}
	add("Severity", doc.Sev(g.severity.String()))
	add("Why it matters", doc.T(strings.TrimSpace(sentence(c.Why)+" "+articles(c.Articles))))
	add("What was looked at", doc.T(sentence(c.Doc)))
	add("Read from", reads(c.Reads))
	add("What to do", doc.T(sentence(c.Fix)))
	b.add(&doc.Definition{Compact: true, Items: items})
	b.add(b.subjects(g))
}

func reads(list []check.Read) doc.Text {
	var parts []doc.Text
	for _, r := range list {
		parts = append(parts, doc.C(strings.TrimSpace(r.Operation+" "+r.Field)))
	}
	return doc.Lines(parts...)
}

func (b *builder) subjects(g group) *doc.Table {
	t := &doc.Table{ID: g.id + "-subjects", Columns: []doc.Column{
		{Key: "number", Title: "No.", Share: 8},
		{Key: "subject", Title: "Where", Share: 35},
		{Key: "data", Title: "Data", Share: 14},
		{Key: "seen", Title: "What was seen, and where it was read", Share: 43},
	}}
	for _, f := range g.list {
		b.fails++
		id := fmt.Sprintf("F%d", b.fails)
		t.Rows = append(t.Rows, doc.Row{ID: "f" + fmt.Sprint(b.fails), Cells: []doc.Text{
			doc.T(id), b.subjectCell(f), doc.T(profileWords[f.Profile]), b.seen(f)}})
	}
	return t
}

// subjectCell names what a finding is about, in full.
func (b *builder) subjectCell(f check.Finding) doc.Text {
	switch {
	case f.Node != nil:
		return doc.Lines(b.nodeCell(f.Node), b.owner(f.Node.ID))
	case f.Flow != nil:
		return doc.Lines(
			doc.Join(b.nodeLink(f.Flow.From), doc.T(" → "), b.nodeLink(f.Flow.To)),
			doc.Q(strings.TrimSpace(string(f.Flow.Kind)+" "+f.Flow.Via)),
			doc.C(string(f.Flow.From)), doc.C(string(f.Flow.To)))
	}
	return doc.C(f.Subject)
}

func (b *builder) owner(id graph.ID) doc.Text {
	if o := b.in.Labels.At(id).Owner; o != "" {
		return doc.Q("owner: " + o)
	}
	return nil
}

// subjectName names what a finding is about, in short.
func (b *builder) subjectName(f check.Finding) string {
	name := func(id graph.ID) string {
		if n := b.in.Graph.Node(id); n != nil {
			return nodeName(n)
		}
		return string(id)
	}
	switch {
	case f.Node != nil:
		return nodeName(f.Node)
	case f.Flow != nil:
		return name(f.Flow.From) + " → " + name(f.Flow.To)
	}
	return f.Subject
}

// seen says what was seen: the reason, the path, and each fact with its source.
func (b *builder) seen(f check.Finding) doc.Text {
	parts := []doc.Text{doc.T(capital(sentence(f.Reason)))}
	if len(f.Path) > 0 {
		parts = append(parts, doc.Join(doc.T("Path: "), b.pathText(f.Path)))
	}
	for _, x := range f.Facts {
		parts = append(parts, factText(x))
	}
	return doc.Lines(parts...)
}

func (b *builder) pathText(path []graph.ID) doc.Text {
	var out doc.Text
	for i, id := range path {
		if i > 0 {
			out = append(out, doc.T(" → ")...)
		}
		out = append(out, b.nodeShort(id)...)
	}
	return out
}

// factText prints one fact with the place it was read from.
func factText(x graph.Fact) doc.Text {
	value := doc.C(factValue(x))
	if !x.Known {
		value = doc.T("not known (" + orText(x.Why, "nothing was read about it") + ")")
	} else if x.Why != "" {
		value = doc.Join(value, doc.T(" ("+x.Why+")"))
	}
	out := doc.Join(doc.Q(factName(x.Name)+": "), value)
	if x.Source != "" {
		out = doc.Join(out, doc.Q(" from "), doc.C(string(x.Source)))
	}
	return out
}

// accepted lists the findings somebody accepted.
func (b *builder) accepted() {
	t := &doc.Table{ID: "accepted-list", Columns: []doc.Column{
		{Key: "severity", Title: "Severity", Kind: doc.Judgment, Share: 13},
		{Key: "control", Title: "Control", Share: 27},
		{Key: "subject", Title: "Where", Share: 32},
		{Key: "reason", Title: "Why it was accepted", Share: 28},
	}}
	for _, f := range b.answers {
		if f.Status != check.Accepted {
			continue
		}
		t.Rows = append(t.Rows, doc.Row{Cells: []doc.Text{doc.Sev(f.Severity.String()),
			doc.Lines(doc.B(controlID(f)), doc.T(controlOf(f).Title)), b.subjectCell(f), b.seen(f)}})
	}
	b.heading2("accepted", fmt.Sprintf("Accepted (%s)", number(len(t.Rows))))
	if len(t.Rows) == 0 {
		b.para("Nobody has accepted a finding.")
		return
	}
	b.para("These controls fail as well. A named person accepted the failure until a date.")
	b.add(t)
}
