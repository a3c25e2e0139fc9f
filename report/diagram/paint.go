package diagram

import (
	"strings"

	"github.com/flowdeed/flowdeed/graph"
	"github.com/flowdeed/flowdeed/report/doc"
	"github.com/flowdeed/flowdeed/report/layout"
)

func rgb(hex int) doc.Colour {
	return doc.Colour{R: uint8(hex >> 16), G: uint8(hex >> 8), B: uint8(hex)}
}

// The colours. Blue stands for encrypted, never green: blue and red stay apart for
// colour-blind readers, and every colour comes with a word and a line style.
var (
	ink         = rgb(0x1A1A1A)
	second      = rgb(0x37474F)
	blue        = rgb(0x155485)
	red         = rgb(0xB71C1C)
	grey        = rgb(0x5F6368)
	darkGrey    = rgb(0x4A4A4A)
	white       = rgb(0xFFFFFF)
	amber       = rgb(0x7A4F00)
	amberFill   = rgb(0xFFF3C4)
	specialInk  = rgb(0x9B1C1C)
	specialFill = rgb(0xFFD6D6)
	unknownInk  = rgb(0x455A64)
	unknownFill = rgb(0xECEFF1)
	accountInk  = rgb(0x1F4E79)
	zoneFill    = rgb(0xF7F9FA)
	thirdFill   = rgb(0xFFF8F7)
	accessInk   = rgb(0x5B3E96)
	accessFill  = rgb(0xF4F0FA)
)

// grouper is a canvas that can name what is drawn, for readers who do not see it.
type grouper interface {
	begin(title, id string)
	end()
}

// Paint draws the picture with its top left corner at (0, 0). link gives the id of the
// document a node leads to; "" for none.
func (p *Picture) Paint(c doc.Canvas, link func(graph.ID) string) {
	p.zones(c)
	for i := range p.Lines {
		p.group(c, p.lineTitle(&p.Lines[i]), "", func() { p.line(c, &p.Lines[i]) })
	}
	for i := range p.Boxes {
		b := &p.Boxes[i]
		id := ""
		if link != nil {
			id = link(b.Node)
		}
		p.group(c, b.title(), id, func() { b.paint(c) })
		if id != "" {
			c.Link(b.X, b.Y, b.W, b.H, id)
		}
	}
	if p.access() {
		p.zoneTitles(c)
	}
	// Words of lines last, so that nothing covers them.
	for i := range p.Lines {
		p.words(c, &p.Lines[i])
	}
	p.legend.paint(c, p)
	p.paintNotes(c)
}

func (p *Picture) group(c doc.Canvas, title, id string, draw func()) {
	if g, ok := c.(grouper); ok {
		g.begin(title, id)
		defer g.end()
	}
	draw()
}

// title says a box in words: the visible text, then what signs say.
func (b *Box) title() string {
	t := b.Service + " " + b.Name
	if b.Mark != "" {
		t = b.Mark + ": " + t
	}
	for _, more := range b.More {
		t += "; " + more
	}
	if b.Rest != "" {
		t += "; " + b.Rest
	}
	if b.Badge != "" {
		t += "; data: " + b.Badge
	}
	if b.Worst != "" {
		t += "; worst finding: " + b.Worst
	}
	return t
}

// lineTitle says a line in words, for readers who do not see it.
func (p *Picture) lineTitle(l *Line) string {
	from, to := p.Boxes[l.From].Name, p.Boxes[l.To].Name
	t := from + " to " + to
	switch {
	case l.Relation:
		return t + ": " + l.Word
	case l.Access:
		return strings.Join(append([]string{"permission, " + t + ": " + l.Word}, l.More...), "; ")
	case p.access():
		return "flow of data, " + t + ": " + l.Data + "; in transit: " + l.Word
	case l.Both:
		t = from + " and " + to + ", both ways"
	}
	if l.Data != "" {
		t += "; data: " + l.Data
	}
	return t + "; in transit: " + l.Word
}

// zones draws the boundaries. Where lines may cross their titles, those come last.
func (p *Picture) zones(c doc.Canvas) {
	for _, z := range p.Zones {
		r := z.Rect
		if r.W <= 0 {
			continue
		}
		pen, fill, _ := z.colours()
		p.group(c, "boundary: "+z.Title, "", func() {
			c.Rect(r.X, r.Y, r.W, r.H, 3, pen, &fill)
			if !p.access() {
				z.title(c)
			}
		})
	}
}

// zoneTitles writes the titles of boundaries on plates above the lines.
func (p *Picture) zoneTitles(c doc.Canvas) {
	for _, z := range p.Zones {
		if z.Rect.W <= 0 {
			continue
		}
		_, fill, _ := z.colours()
		r := z.titleRect()
		c.Rect(r.X+2, r.Y+2, r.W-2, r.H-2, 1, doc.Pen{}, &fill)
		z.title(c)
	}
}

func (z *Zone) colours() (pen doc.Pen, fill, text doc.Colour) {
	switch {
	case z.Account:
		return doc.Pen{Colour: accountInk, Width: 1.8}, white, accountInk
	case z.Third:
		return doc.Pen{Colour: specialInk, Width: 2.4, Dash: []float64{10, 5}}, thirdFill, specialInk
	}
	return doc.Pen{Colour: grey, Width: 1, Dash: []float64{4, 3}}, zoneFill, second
}

func (z *Zone) title(c doc.Canvas) {
	_, _, colour := z.colours()
	c.Text(z.Rect.X+6, z.Rect.Y+10.5, newRuler().middle(z.Title, smallSize, true, max(z.Rect.W-10, 30)), doc.Font{Size: smallSize, Bold: true, Colour: colour})
}

// titleRect is where the title of a boundary stands.
func (z *Zone) titleRect() layout.Rect {
	return layout.Rect{X: z.Rect.X, Y: z.Rect.Y, W: min(z.Rect.W, 8+newRuler().width(z.Title, smallSize, true)), H: 14}
}
