package pdf

import (
	"fmt"

	"github.com/johnfercher/maroto/v2/pkg/consts/border"
	"github.com/johnfercher/maroto/v2/pkg/core"
	"github.com/johnfercher/maroto/v2/pkg/props"

	"github.com/flowdeed/flowdeed/report/doc"
)

// layout turns the blocks of a document into chunks.
type layout struct {
	m       *metrics
	doc     *doc.Document
	chunks  []*chunk
	width   float64 // of the text
	figures int
	section string // title of the section being laid out
}

func (l *layout) add(c *chunk) *chunk {
	l.chunks = append(l.chunks, c)
	return c
}

func (l *layout) blocks() error {
	l.title()
	for _, b := range l.doc.Blocks {
		switch b := b.(type) {
		case *doc.Heading:
			l.heading(b)
		case *doc.Contents:
			l.contents(b)
		case *doc.Paragraph:
			l.paragraph(b)
		case *doc.List:
			l.list(b)
		case *doc.Table:
			l.table(b)
		case *doc.Figure:
			l.figure(b)
		case *doc.Callout:
			l.callout(b)
		case *doc.Definition:
			l.definition(b)
		case *doc.Evidence:
			l.evidence(b)
		case *doc.PageBreak:
			l.add(&chunk{newPage: true, format: portrait})
		default:
			return fmt.Errorf("the PDF printer has no form for a block of type %T", b)
		}
	}
	return nil
}

// text breaks inline text into lines for a cell of the given width.
func (l *layout) text(t doc.Text, st style, width float64) *lines {
	return l.fromRuns(runs(t, st, &l.doc.Words), st, width)
}

func (l *layout) fromRuns(rs []run, st style, width float64) *lines {
	return &lines{list: l.m.wrap(rs, width), height: st.size * leading, size: st.size, width: width}
}

func body() style { return style{face: sans, size: bodySize, colour: ink} }

// title is the band at the top of the first page.
func (l *layout) title() {
	d := l.doc
	line := func(s string, st style, after float64) {
		if s == "" {
			return
		}
		t := l.text(doc.T(s), st, l.width)
		t.bottom = after
		c := l.add(newChunk(cell{share: 1, text: t}))
		c.keep = true
	}
	line(d.Organisation, style{bold, 10, second}, 2)
	line(d.Title, style{bold, 21, ink}, 4)
	line(d.Foot, style{sans, 8, second}, 4)
	t := &lines{list: nil, bottom: 2}
	c := l.add(newChunk(cell{share: 1, text: t}))
	c.look = &props.Cell{BorderType: border.Bottom, BorderThickness: 1.2, BorderColor: prop(blue)}
}

func (l *layout) heading(h *doc.Heading) {
	look := headingLook[min(max(h.Level, 1), len(headingLook)-1)]
	s := h.Title
	if h.Number != "" {
		s = h.Number + "  " + s
	}
	t := l.text(doc.T(s), style{bold, look.size, ink}, l.width)
	t.bottom = look.after
	c := l.add(newChunk(cell{share: 1, text: t, more: []core.Component{&mark{s, l.outlineLevel(h.Level)}}}))
	c.before, c.keep, c.ids = look.before, true, []string{h.ID}
	l.section = s
}

// outlineLevel returns the level of a bookmark, counted from 0 and never more
// than one below the bookmark before it: the engine loses entries that skip one.
func (l *layout) outlineLevel(level int) int {
	prev := -1
	for i := len(l.chunks) - 1; i >= 0 && prev < 0; i-- {
		for _, x := range l.chunks[i].cells {
			for _, m := range x.more {
				if b, ok := m.(*mark); ok {
					prev = b.level
				}
			}
		}
	}
	return min(max(level-1, 0), prev+1)
}

func (l *layout) contents(b *doc.Contents) {
	t := l.text(doc.T(l.doc.Words.Contents), style{bold, headingLook[1].size, ink}, l.width)
	t.bottom = headingLook[1].after
	c := l.add(newChunk(cell{share: 1, text: t}))
	c.before, c.keep = headingLook[1].before, true
	for _, x := range l.doc.Blocks {
		if h, ok := x.(*doc.Heading); ok && h.Level <= b.Depth {
			l.entry(h)
		}
	}
}

// entry is a line of the table of contents.
func (l *layout) entry(h *doc.Heading) {
	st := style{face: sans, size: bodySize, colour: ink}
	before := 0.0
	if h.Level <= 1 {
		st.face, before = bold, 4
	}
	indent := float64(h.Level-1) * 14
	s := h.Title
	if h.Number != "" {
		s = h.Number + "  " + s
	}
	t := l.text(doc.T(s), st, l.width-indent-50)
	t.left, t.top, t.bottom = indent, 1, 1
	for i := range t.list {
		for j := range t.list[i].frags {
			t.list[i].frags[j].style.colour = ink
		}
	}
	last := t.list[len(t.list)-1]
	number := &pageNumber{id: h.ID, style: st, from: indent + last.w, width: l.width,
		top: t.top + float64(len(t.list)-1)*t.height}
	c := l.add(newChunk(cell{share: 1, text: t, more: []core.Component{number}}))
	c.before = before
}

func (l *layout) paragraph(b *doc.Paragraph) {
	t := l.text(b.Text, body(), l.width)
	t.bottom = 5
	c := l.add(newChunk(cell{share: 1, text: t}))
	c.keep = b.KeepNext
	l.running(c)
}

// running lets a chunk of running text part between lines, two at either side.
func (l *layout) running(c *chunk) {
	c.minLines = 2
	c.splitFrom = 4*bodySize*leading - 0.01
}

func (l *layout) list(b *doc.List) {
	const indent = 16
	for i, item := range b.Items {
		sign := "•"
		if b.Ordered {
			sign = fmt.Sprintf("%d.", i+1)
		}
		t := l.text(item, body(), l.width-indent)
		t.bottom = 3
		c := l.add(newChunk(
			cell{share: indent / l.width, text: l.text(doc.T(sign), body(), indent)},
			cell{share: 1 - indent/l.width, text: t}))
		l.running(c)
		if i == 0 {
			c.before = 1
		}
	}
	l.gap(3)
}

// gap is space that vanishes at the top of a page.
func (l *layout) gap(h float64) *chunk {
	c := l.add(newChunk(cell{share: 1}))
	c.before = h
	return c
}

func (l *layout) callout(b *doc.Callout) {
	const bar, pad = 4.0, 9.0
	look := calloutLook[b.Kind]
	width := l.width - bar - 2*pad
	title := b.Title
	if w := l.doc.Words.Callout[b.Kind]; w != "" {
		title = w + ": " + title
	}
	texts := []*lines{l.text(doc.B(title), style{bold, bodySize, look[0]}, width)}
	for _, p := range b.Body {
		texts = append(texts, l.text(p, body(), width))
	}
	for i, t := range texts {
		t.left, t.bottom = pad, 3
		if i == 0 {
			t.top = 6
		}
		if i == len(texts)-1 {
			t.bottom = 7
		}
		c := l.add(newChunk(
			cell{share: bar / l.width, look: &props.Cell{BackgroundColor: prop(look[0])}},
			cell{share: 1 - bar/l.width, text: t, look: &props.Cell{BackgroundColor: prop(look[1])}}))
		l.running(c)
		if i == 0 {
			c.before, c.keep = 4, true
		}
	}
	l.gap(8)
}

func (l *layout) definition(b *doc.Definition) {
	share := 0.27
	for i, item := range b.Items {
		left, right := l.width*share, l.width*(1-share)
		name := l.text(doc.B(item.Name), style{bold, bodySize - 0.5, second}, left-8)
		t := l.text(item.Text, body(), right)
		pad := 3.5
		if b.Compact {
			pad = 2
		}
		name.top, name.bottom, t.top, t.bottom = pad, pad, pad, pad
		c := l.add(newChunk(cell{share: share, text: name}, cell{share: 1 - share, text: t}))
		c.look = &props.Cell{BorderType: border.Bottom, BorderThickness: 0.4, BorderColor: prop(rule)}
		l.running(c)
		c.keep = b.Compact
		if i == 0 {
			c.before = 2
		}
	}
	l.gap(6).keep = b.Compact
}

func prop(c doc.Colour) *props.Color {
	return &props.Color{Red: int(c.R), Green: int(c.G), Blue: int(c.B)}
}
