package diagram

import (
	"math"

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
)

// pens are the line styles of the verdicts.
var pens = map[graph.Transit]doc.Pen{
	graph.TransitEnforced: {Colour: blue, Width: 1.6},
	graph.TransitOffered:  {Colour: blue, Width: 1.6, Dash: []float64{8, 3, 2, 3}},
	graph.TransitPlain:    {Colour: red, Width: 2.6, Dash: []float64{7, 4}},
	graph.TransitInternal: {Colour: grey, Width: 1.1},
	graph.TransitUnknown:  {Colour: darkGrey, Width: 1.6, Dash: []float64{1.5, 3.5}},
}

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
	// Words of lines last, so that nothing covers them.
	for i := range p.Lines {
		p.words(c, &p.Lines[i])
	}
	p.legend.paint(c, p)
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

func (p *Picture) lineTitle(l *Line) string {
	t := p.Boxes[l.From].Name + " to " + p.Boxes[l.To].Name
	if l.Both {
		t = p.Boxes[l.From].Name + " and " + p.Boxes[l.To].Name + ", both ways"
	}
	if l.Data != "" {
		t += "; data: " + l.Data
	}
	return t + "; in transit: " + l.Word
}

func (p *Picture) zones(c doc.Canvas) {
	for _, z := range p.Zones {
		r := z.Rect
		if r.W <= 0 {
			continue
		}
		pen, fill, colour := doc.Pen{Colour: grey, Width: 1, Dash: []float64{4, 3}}, zoneFill, second
		switch {
		case z.Account:
			pen, fill, colour = doc.Pen{Colour: accountInk, Width: 1.8}, white, accountInk
		case z.Third:
			pen, fill, colour = doc.Pen{Colour: specialInk, Width: 2.4, Dash: []float64{10, 5}}, thirdFill, specialInk
		}
		p.group(c, "boundary: "+z.Title, "", func() {
			c.Rect(r.X, r.Y, r.W, r.H, 3, pen, &fill)
			c.Text(r.X+6, r.Y+10.5, newRuler().middle(z.Title, smallSize, true, max(r.W-10, 30)), doc.Font{Size: smallSize, Bold: true, Colour: colour})
		})
	}
}

func (b *Box) paint(c doc.Canvas) {
	pen := doc.Pen{Colour: ink, Width: 1}
	if b.Clear {
		pen = doc.Pen{Colour: red, Width: 2.2}
	}
	top := b.shape(c, pen)
	y := b.Y + top + pad + 7.5
	text := func(s string, f doc.Font) {
		c.Text(b.X+pad+2, y, s, f)
		y += 10.6
	}
	text(b.Service, doc.Font{Size: smallSize, Colour: second})
	if b.Badge != "" {
		b.badge(c, y-10.6)
	}
	text(b.Name, doc.Font{Size: nameSize, Bold: true, Colour: ink})
	if b.Rest != "" {
		colour := second
		if b.Clear || b.Rest == "at rest: FOREIGN KMS key" {
			colour = red
		}
		text(b.Rest, doc.Font{Size: smallSize, Bold: b.Clear, Colour: colour})
	}
	if f := b.footer(); f != "" {
		colour := unknownInk
		if b.Worst != "" {
			colour = red
		}
		text(f, doc.Font{Size: smallSize, Colour: colour})
	}
}

// shape draws the outline by the role: square with a double edge for parties, rounded
// for processing, pointed for carrying, a cylinder for keeping. It returns how far
// down the text starts.
func (b *Box) shape(c doc.Canvas, pen doc.Pen) float64 {
	switch b.Role {
	case graph.RoleExternal:
		c.Rect(b.X, b.Y, b.W, b.H, 0, pen, &white)
		c.Line(b.X+3, b.Y, b.X+3, b.Y+b.H, pen)
	case graph.RoleStore:
		b.cylinder(c, pen)
		return 6
	case graph.RoleChannel:
		x2, mid := b.X+b.W, b.Y+b.H/2
		c.Path([]doc.Step{
			{Op: doc.MoveTo, P: [3][2]float64{{b.X, b.Y}}}, {Op: doc.LineTo, P: [3][2]float64{{x2 - 9, b.Y}}}, {Op: doc.LineTo, P: [3][2]float64{{x2, mid}}},
			{Op: doc.LineTo, P: [3][2]float64{{x2 - 9, b.Y + b.H}}}, {Op: doc.LineTo, P: [3][2]float64{{b.X, b.Y + b.H}}}, {Op: doc.Close},
		}, pen, &white)
	default:
		c.Rect(b.X, b.Y, b.W, b.H, 7, pen, &white)
	}
	return 0
}

func (b *Box) cylinder(c doc.Canvas, pen doc.Pen) {
	const r = 4.5
	x1, x2, y1, y2 := b.X, b.X+b.W, b.Y+r, b.Y+b.H-r
	k := 0.55 * b.W / 2
	mid := b.X + b.W/2
	c.Path([]doc.Step{
		{Op: doc.MoveTo, P: [3][2]float64{{x1, y1}}},
		{Op: doc.CurveTo, P: [3][2]float64{{x1, y1 - r}, {mid - k, b.Y}, {mid, b.Y}}},
		{Op: doc.CurveTo, P: [3][2]float64{{mid + k, b.Y}, {x2, y1 - r}, {x2, y1}}},
		{Op: doc.LineTo, P: [3][2]float64{{x2, y2}}},
		{Op: doc.CurveTo, P: [3][2]float64{{x2, y2 + r}, {mid + k, b.Y + b.H}, {mid, b.Y + b.H}}},
		{Op: doc.CurveTo, P: [3][2]float64{{mid - k, b.Y + b.H}, {x1, y2 + r}, {x1, y2}}},
		{Op: doc.Close},
	}, pen, &white)
	c.Path([]doc.Step{
		{Op: doc.MoveTo, P: [3][2]float64{{x1, y1}}},
		{Op: doc.CurveTo, P: [3][2]float64{{x1, y1 + r}, {mid - k, b.Y + 2*r}, {mid, b.Y + 2*r}}},
		{Op: doc.CurveTo, P: [3][2]float64{{mid + k, b.Y + 2*r}, {x2, y1 + r}, {x2, y1}}},
	}, doc.Pen{Colour: pen.Colour, Width: min(pen.Width, 1)}, nil)
}

// badge writes the data word at the right end of the first line.
func (b *Box) badge(c doc.Canvas, base float64) {
	colour, fill := amber, amberFill
	switch b.Badge {
	case "ART. 9", "ART. 10", "CHILDREN":
		colour, fill = specialInk, specialFill
	case "DATA ?":
		colour, fill = unknownInk, unknownFill
	}
	w := newRuler().width(b.Badge, smallSize, true)
	right := b.X + b.W - pad
	if b.Role == graph.RoleChannel {
		right -= 8
	}
	c.Rect(right-w-6, base-8.2, w+6, 10.6, 2, doc.Pen{Colour: colour, Width: 0.6}, &fill)
	c.Text(right-w-3, base, b.Badge, doc.Font{Size: smallSize, Bold: true, Colour: colour})
}

func (p *Picture) line(c doc.Canvas, l *Line) {
	pen := pens[l.Verdict]
	steps := []doc.Step{{Op: doc.MoveTo, P: [3][2]float64{{l.Points[0].X, l.Points[0].Y}}}}
	for i := 1; i+2 < len(l.Points); i += 3 {
		steps = append(steps, doc.Step{Op: doc.CurveTo, P: [3][2]float64{
			{l.Points[i].X, l.Points[i].Y}, {l.Points[i+1].X, l.Points[i+1].Y}, {l.Points[i+2].X, l.Points[i+2].Y},
		}})
	}
	c.Path(steps, pen, nil)
	n := len(l.Points)
	head(c, before(l.Points, n-1), l.Points[n-1], pen.Colour, l.Declared)
	if l.Both {
		head(c, after(l.Points, 0), l.Points[0], pen.Colour, l.Declared)
	}
}

// before and after find a neighbouring point that is not the same, for the direction
// of an arrow head.
func before(pts []layout.Point, i int) layout.Point {
	for j := i - 1; j >= 0; j-- {
		if math.Hypot(pts[j].X-pts[i].X, pts[j].Y-pts[i].Y) > 1 {
			return pts[j]
		}
	}
	return pts[0]
}

func after(pts []layout.Point, i int) layout.Point {
	for j := i + 1; j < len(pts); j++ {
		if math.Hypot(pts[j].X-pts[i].X, pts[j].Y-pts[i].Y) > 1 {
			return pts[j]
		}
	}
	return pts[len(pts)-1]
}

// head draws an arrow head: filled, or hollow when the flow is only declared.
func head(c doc.Canvas, from, to layout.Point, colour doc.Colour, hollow bool) {
	d := math.Hypot(to.X-from.X, to.Y-from.Y)
	if d == 0 {
		return
	}
	ux, uy := (to.X-from.X)/d, (to.Y-from.Y)/d
	const long, wide = 8.0, 3.4
	bx, by := to.X-ux*long, to.Y-uy*long
	fill := colour
	if hollow {
		fill = white
	}
	c.Path([]doc.Step{
		{Op: doc.MoveTo, P: [3][2]float64{{to.X, to.Y}}}, {Op: doc.LineTo, P: [3][2]float64{{bx - uy*wide, by + ux*wide}}},
		{Op: doc.LineTo, P: [3][2]float64{{bx + uy*wide, by - ux*wide}}}, {Op: doc.Close},
	}, doc.Pen{Colour: colour, Width: 0.8}, &fill)
}

// words writes data and verdict of a line on a white plate.
func (p *Picture) words(c doc.Canvas, l *Line) {
	r := l.rect()
	c.Rect(r.X, r.Y, r.W, r.H, 1, doc.Pen{}, &white)
	y := r.Y + 8.6
	if l.Data != "" {
		c.Text(r.X+2, y, l.Data, doc.Font{Size: smallSize, Colour: ink})
		y += 10
	}
	c.Text(r.X+2, y, l.Word, doc.Font{Size: smallSize, Bold: true, Colour: pens[l.Verdict].Colour})
}
