package pdf

import (
	"strconv"
	"strings"

	"github.com/johnfercher/go-tree/node"
	"github.com/johnfercher/maroto/v2/pkg/core"
	"github.com/johnfercher/maroto/v2/pkg/core/entity"
	"github.com/johnfercher/maroto/v2/pkg/props"

	"github.com/flowdeed/flowdeed/report/doc"
)

// The components of this file are maroto components whose text has been broken
// into lines before pagination, so that a page can be filled exactly.

// lines is text of several looks, already broken.
type lines struct {
	list   []textLine
	height float64 // of one line
	size   float64
	left   float64 // space at the left
	top    float64 // space above
	bottom float64 // space below
	width  float64 // of the text, for alignment at the right
	align  alignment
}

var _ core.Component = (*lines)(nil)

func (t *lines) total() float64 {
	return t.top + t.bottom + float64(len(t.list))*t.height
}

// GetHeight returns the height of the text with the space around it.
func (t *lines) GetHeight(core.Provider, *entity.Cell) float64 { return t.total() }

// SetConfig is part of the component interface; the text has been measured already.
func (t *lines) SetConfig(*entity.Config) {}

// GetStructure describes the component for tests of the tree.
func (t *lines) GetStructure() *node.Node[core.Structure] {
	return node.New(core.Structure{Type: "lines", Value: t.text()})
}

func (t *lines) text() string {
	var b strings.Builder
	for i, l := range t.list {
		if i > 0 {
			b.WriteByte('\n')
		}
		for _, f := range l.frags {
			b.WriteString(f.text)
		}
	}
	return b.String()
}

// Render draws the text. On a provider that is not ours it falls back to plain text.
func (t *lines) Render(p core.Provider, cell *entity.Cell) {
	own, ok := p.(*provider)
	if !ok {
		p.AddText(t.text(), cell, &props.Text{Size: t.size, Left: t.left, Top: t.top})
		return
	}
	own.drawLines(t.list, cell.X+t.left, cell.Y+t.top, t.width, t.height, t.size, t.align)
}

// mark is a bookmark: no ink, no height.
type mark struct {
	title string
	level int
}

var _ core.Component = (*mark)(nil)

// GetHeight returns 0.
func (b *mark) GetHeight(core.Provider, *entity.Cell) float64 { return 0 }

// SetConfig is part of the component interface.
func (b *mark) SetConfig(*entity.Config) {}

// GetStructure describes the component for tests of the tree.
func (b *mark) GetStructure() *node.Node[core.Structure] {
	return node.New(core.Structure{Type: "bookmark", Value: b.title})
}

// Render enters the bookmark in the outline.
func (b *mark) Render(p core.Provider, cell *entity.Cell) {
	if own, ok := p.(*provider); ok {
		own.bookmark(b.title, b.level, cell.Y)
	}
}

// pageNumber prints the page an id stands on, and a dotted line towards it. The
// number is looked up when it is drawn: pagination is finished by then and does
// not depend on how wide the number is.
type pageNumber struct {
	id    string
	style style
	from  float64 // where the dots start, from the left of the cell
	width float64
	top   float64
}

var _ core.Component = (*pageNumber)(nil)

// GetHeight returns 0: the entry beside it sets the height.
func (n *pageNumber) GetHeight(core.Provider, *entity.Cell) float64 { return 0 }

// SetConfig is part of the component interface.
func (n *pageNumber) SetConfig(*entity.Config) {}

// GetStructure describes the component for tests of the tree.
func (n *pageNumber) GetStructure() *node.Node[core.Structure] {
	return node.New(core.Structure{Type: "page-number", Value: n.id})
}

// Render draws the dots and the number.
func (n *pageNumber) Render(p core.Provider, cell *entity.Cell) {
	own, ok := p.(*provider)
	if !ok {
		return
	}
	s := strconv.Itoa(own.where[n.id].page)
	w := own.m.width(n.style, s)
	l := []textLine{{frags: []frag{{text: s, style: n.style, w: w}}, w: w}}
	height := n.style.size * leading
	own.drawLines(l, cell.X, cell.Y+n.top, n.width, height, n.style.size, alignRight)
	from, to := cell.X+n.from+4, cell.X+n.width-w-4
	if to > from {
		y := cell.Y + n.top + own.top + height*0.72
		own.stroke(doc.Pen{Colour: grey2, Width: 0.6, Dash: []float64{0.6, 2.4}})
		own.pdf.Line(from+marginX, y, to+marginX, y)
	}
	own.link(cell.X+marginX, cell.Y+n.top+own.top, n.width, height, "#"+n.id)
}

// figure is a vector picture.
type figure struct {
	paint  func(doc.Canvas)
	scale  float64
	width  float64 // scaled
	height float64 // scaled
}

var _ core.Component = (*figure)(nil)

// GetHeight returns the scaled height.
func (f *figure) GetHeight(core.Provider, *entity.Cell) float64 { return f.height }

// SetConfig is part of the component interface.
func (f *figure) SetConfig(*entity.Config) {}

// GetStructure describes the component for tests of the tree.
func (f *figure) GetStructure() *node.Node[core.Structure] {
	return node.New(core.Structure{Type: "figure", Value: f.scale})
}

// Render paints the picture in the middle of the cell.
func (f *figure) Render(p core.Provider, cell *entity.Cell) {
	own, ok := p.(*provider)
	if !ok || f.paint == nil {
		return
	}
	x := cell.X + marginX + max(0, (cell.Width-f.width)/2)
	f.paint(&canvas{p: own, x: x, y: cell.Y + own.top, scale: f.scale})
	own.pdf.SetDashPattern(nil, 0)
}
