package report

import (
	"bytes"
	"fmt"
	"io"
	"strings"
	"unicode"

	"github.com/flowdeed/flowdeed/report/doc"
)

// longestTable is the number of rows a Markdown table may have: a longer one is
// slow to show and hard to read on a web page.
const longestTable = 200

// Markdown prints a document in the dialect of GitHub, without raw HTML.
func Markdown(w io.Writer, d *doc.Document) error {
	m := &markdown{doc: d, anchors: headingAnchors(d)}
	m.line("# " + escape(d.Title))
	m.line(joinDots(escape(d.Organisation), escape(d.Confidentiality)))
	m.line(escape(d.Foot))
	for _, b := range d.Blocks {
		if err := m.block(b); err != nil {
			return err
		}
	}
	_, err := w.Write(append(bytes.TrimRight(m.out.Bytes(), "\n"), '\n'))
	return err
}

type markdown struct {
	doc     *doc.Document
	out     bytes.Buffer
	anchors map[string]string // GitHub's anchor by heading id
	figures int
}

// line writes a paragraph and the empty line after it.
func (m *markdown) line(s string) {
	if s != "" {
		m.out.WriteString(s + "\n\n")
	}
}

func (m *markdown) block(b doc.Block) error {
	switch b := b.(type) {
	case *doc.Heading:
		m.line(strings.Repeat("#", min(b.Level+1, 6)) + " " + headingText(b, escape))
	case *doc.Contents:
		m.contents(b)
	case *doc.Paragraph:
		m.line(guard(m.text(b.Text, "\\\n")))
	case *doc.List:
		for i, item := range b.Items {
			sign := "-"
			if b.Ordered {
				sign = fmt.Sprintf("%d.", i+1)
			}
			m.item(sign, m.text(item, "\\\n"))
		}
		m.out.WriteString("\n")
	case *doc.Table:
		m.table(b)
	case *doc.Figure:
		m.figure(b)
	case *doc.Callout:
		m.callout(b)
	case *doc.Definition:
		for _, t := range b.Items {
			m.item("-", "**"+escape(t.Name)+"**: "+m.text(t.Text, "\\\n"))
		}
		m.out.WriteString("\n")
	case *doc.Evidence:
		m.table(b.Table(&m.doc.Words))
	case *doc.PageBreak:
	default:
		return fmt.Errorf("the Markdown printer has no form for a block of type %T", b)
	}
	return nil
}

func (m *markdown) item(sign, text string) {
	indent := strings.Repeat(" ", len(sign)+1)
	m.out.WriteString(sign + " " + strings.ReplaceAll(guard(text), "\n", "\n"+indent) + "\n")
}

func (m *markdown) contents(b *doc.Contents) {
	m.line("## " + escape(m.doc.Words.Contents))
	for _, x := range m.doc.Blocks {
		if h, ok := x.(*doc.Heading); ok && h.Level <= b.Depth {
			m.out.WriteString(strings.Repeat("  ", h.Level-1) + "- [" + headingText(h, escape) + "](#" + m.anchors[h.ID] + ")\n")
		}
	}
	m.out.WriteString("\n")
}

func (m *markdown) table(t *doc.Table) {
	if len(t.Columns) == 0 {
		return
	}
	if t.Caption != "" {
		m.line("**" + escape(t.Caption) + "**")
	}
	var head, rule []string
	for _, c := range t.Columns {
		head = append(head, escape(c.Title))
		if c.Kind == doc.Number {
			rule = append(rule, "---:")
		} else {
			rule = append(rule, "---")
		}
	}
	m.row(head)
	m.row(rule)
	for _, r := range t.Rows[:min(len(t.Rows), longestTable)] {
		cells := make([]string, len(t.Columns))
		for i := range min(len(r.Cells), len(cells)) {
			cells[i] = m.text(r.Cells[i], " · ")
		}
		m.row(cells)
	}
	m.out.WriteString("\n")
	if more := len(t.Rows) - longestTable; more > 0 {
		m.line(escape(fmt.Sprintf(m.doc.Words.More, more)))
	}
}

func (m *markdown) row(cells []string) {
	m.out.WriteString("| " + strings.Join(cells, " | ") + " |\n")
}

func (m *markdown) figure(f *doc.Figure) {
	m.figures++
	if f.Mermaid != "" {
		fence := "```"
		for strings.Contains(f.Mermaid, fence) {
			fence += "`"
		}
		m.line(fence + "mermaid\n" + strings.TrimRight(f.Mermaid, "\n") + "\n" + fence)
	}
	if f.File != "" {
		m.line("![" + escape(f.Alt) + "](" + target(f.File) + ")")
	} else if f.Mermaid == "" {
		m.line(guard(escape(f.Alt)))
	}
	m.line(fmt.Sprintf("**%s %d:** ", m.doc.Words.Figure, m.figures) + m.text(f.Caption, " "))
	m.line(guard(escape(f.Long)))
}

func (m *markdown) callout(b *doc.Callout) {
	kind := map[doc.CalloutKind]string{doc.Note: "NOTE", doc.Warning: "WARNING", doc.Gap: "IMPORTANT"}[b.Kind]
	title := b.Title
	if w := m.doc.Words.Callout[b.Kind]; w != "" {
		title = w + ": " + title
	}
	parts := []string{"**" + escape(title) + "**"}
	for _, p := range b.Body {
		parts = append(parts, guard(m.text(p, "\\\n")))
	}
	body := strings.Join(parts, "\n\n")
	m.line("> [!" + kind + "]\n> " + strings.ReplaceAll(strings.ReplaceAll(body, "\n", "\n> "), "> \n", ">\n"))
}

// text prints inline text; brk stands for a line break.
func (m *markdown) text(t doc.Text, brk string) string {
	var b strings.Builder
	for _, x := range t {
		b.WriteString(m.inline(x, brk))
	}
	return b.String()
}

func (m *markdown) inline(x doc.Inline, brk string) string {
	switch x.Kind {
	case doc.Break:
		return brk
	case doc.Code:
		return codeSpan(x.Text)
	case doc.Strong:
		return strong(escape(x.Text))
	case doc.Status, doc.Severity:
		return strong(strings.TrimSpace(doc.Sign(x.Kind, x.Text) + " " + escape(m.doc.Words.Word(x.Kind, x.Text))))
	case doc.Link:
		if a, ok := m.anchors[x.Target]; ok {
			return "[" + escape(x.Text) + "](#" + a + ")"
		}
	case doc.LinkOut:
		return "[" + escape(x.Text) + "](" + target(x.Target) + ")"
	}
	return escape(x.Text)
}

// strong sets text in bold; spaces at its ends stay outside.
func strong(s string) string {
	inner := strings.TrimSpace(s)
	if inner == "" {
		return s
	}
	i := strings.Index(s, inner)
	return s[:i] + "**" + inner + "**" + s[i+len(inner):]
}

// escape takes every special meaning from text. Backslashes before ASCII signs
// are removed when the page is shown.
func escape(s string) string {
	if !strings.ContainsAny(s, "\\`*_[]<>|~$&#{}") {
		return s
	}
	var b strings.Builder
	for _, r := range s {
		if strings.ContainsRune("\\`*_[]<>|~$&#{}", r) {
			b.WriteByte('\\')
		}
		b.WriteRune(r)
	}
	return b.String()
}

// guard keeps the start of a line from being read as a list, a heading or a rule.
func guard(s string) string {
	if s == "" {
		return ""
	}
	if strings.ContainsRune("-+=", rune(s[0])) {
		return "\\" + s
	}
	digits := 0
	for digits < len(s) && s[digits] >= '0' && s[digits] <= '9' {
		digits++
	}
	if digits > 0 && digits < len(s) && (s[digits] == '.' || s[digits] == ')') {
		return s[:digits] + "\\" + s[digits:]
	}
	return s
}

// codeSpan sets a literal: the fence is longer than any run of backticks in it,
// and a bar is escaped because tables are cut at bars first.
func codeSpan(s string) string {
	if s == "" {
		return ""
	}
	fence := "`"
	for strings.Contains(s, fence) {
		fence += "`"
	}
	if s[0] == '`' || s[len(s)-1] == '`' || strings.TrimSpace(s) == "" {
		s = " " + s + " "
	}
	return fence + strings.ReplaceAll(s, "|", "\\|") + fence
}

// target prints an address so that nothing ends it early.
func target(s string) string {
	return "<" + strings.NewReplacer("<", "%3C", ">", "%3E", "\\", "%5C", " ", "%20", "|", "%7C").Replace(s) + ">"
}

func headingText(h *doc.Heading, esc func(string) string) string {
	if h.Number == "" {
		return esc(h.Title)
	}
	return esc(h.Number) + " " + esc(h.Title)
}

// headingAnchors computes the anchors GitHub gives the headings.
func headingAnchors(d *doc.Document) map[string]string {
	used := map[string]int{githubAnchor(d.Title): 1}
	out := map[string]string{}
	put := func(id, text string) {
		a := githubAnchor(text)
		n := used[a]
		used[a]++
		if n > 0 {
			a = fmt.Sprintf("%s-%d", a, n)
		}
		if id != "" {
			out[id] = a
		}
	}
	for _, b := range d.Blocks {
		switch b := b.(type) {
		case *doc.Heading:
			put(b.ID, headingText(b, func(s string) string { return s }))
		case *doc.Contents:
			put("", d.Words.Contents)
		}
	}
	return out
}

// githubAnchor is GitHub's rule: lower case, spaces become hyphens, everything but
// letters, digits, hyphens and underscores is dropped.
func githubAnchor(s string) string {
	var b strings.Builder
	for _, r := range strings.ToLower(s) {
		switch {
		case r == ' ':
			b.WriteByte('-')
		case r == '-' || r == '_' || unicode.IsLetter(r) || unicode.IsNumber(r) || unicode.Is(unicode.Mn, r):
			b.WriteRune(r)
		}
	}
	return b.String()
}

func joinDots(parts ...string) string {
	var out []string
	for _, p := range parts {
		if p != "" {
			out = append(out, p)
		}
	}
	return strings.Join(out, " · ")
}
