package diagram

import (
	"math"

	"github.com/flowdeed/flowdeed/graph"
	"github.com/flowdeed/flowdeed/report/doc"
	"github.com/flowdeed/flowdeed/report/layout"
)

// pens are the line styles of the verdicts.
var pens = map[graph.Transit]doc.Pen{
	graph.TransitEnforced: {Colour: blue, Width: 1.6},
	graph.TransitOffered:  {Colour: blue, Width: 1.6, Dash: []float64{8, 3, 2, 3}},
	graph.TransitPlain:    {Colour: red, Width: 2.6, Dash: []float64{7, 4}},
	graph.TransitInternal: {Colour: grey, Width: 1.1},
	graph.TransitUnknown:  {Colour: darkGrey, Width: 1.6, Dash: []float64{1.5, 3.5}},
}

// The pens of permissions, drawn as double lines, so that a permission never looks like
// a flow of data.
var (
	accessPen = doc.Pen{Colour: accessInk, Width: 3.2}
	gainedPen = doc.Pen{Colour: amber, Width: 3.2}
	// relationPen is of what is no permission and moves nothing.
	relationPen = doc.Pen{Colour: grey, Width: 1, Dash: []float64{2, 2}}
)

// conditional is the dash of a permission that hangs on conditions.
var conditional = []float64{6, 4}

func (l *Line) pen() doc.Pen {
	switch {
	case l.Relation:
		return relationPen
	case !l.Access:
		return pens[l.Verdict]
	}
	pen := accessPen
	if l.Gained {
		pen = gainedPen
	}
	if l.Conditional {
		pen.Dash = conditional
	}
	return pen
}

func (p *Picture) line(c doc.Canvas, l *Line) {
	pen := l.pen()
	steps := []doc.Step{{Op: doc.MoveTo, P: [3][2]float64{{l.Points[0].X, l.Points[0].Y}}}}
	for i := 1; i+2 < len(l.Points); i += 3 {
		steps = append(steps, doc.Step{Op: doc.CurveTo, P: [3][2]float64{
			{l.Points[i].X, l.Points[i].Y}, {l.Points[i+1].X, l.Points[i+1].Y}, {l.Points[i+2].X, l.Points[i+2].Y},
		}})
	}
	c.Path(steps, pen, nil)
	last := len(l.Points) - 1
	if l.Relation {
		return
	}
	if l.Access {
		c.Path(steps, core, nil)
		barb(c, before(l.Points, last), l.Points[last], pen.Colour)
		return
	}
	if !l.Back {
		head(c, before(l.Points, last), l.Points[last], pen.Colour, l.Declared)
	}
	if l.Both || l.Back {
		head(c, after(l.Points, 0), l.Points[0], pen.Colour, l.Declared)
	}
}

// core makes a double line of a broad one.
var core = doc.Pen{Colour: white, Width: 1.4}

// barb draws the open head of a permission.
func barb(c doc.Canvas, from, to layout.Point, colour doc.Colour) {
	d := math.Hypot(to.X-from.X, to.Y-from.Y)
	if d == 0 {
		return
	}
	ux, uy := (to.X-from.X)/d, (to.Y-from.Y)/d
	const long, wide = 8.5, 4.6
	bx, by := to.X-ux*long, to.Y-uy*long
	pen := doc.Pen{Colour: colour, Width: 1.6}
	c.Line(to.X, to.Y, bx-uy*wide, by+ux*wide, pen)
	c.Line(to.X, to.Y, bx+uy*wide, by-ux*wide, pen)
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
	for _, t := range l.rows() {
		c.Text(r.X+2, y, t.text, t.font)
		y += lineRow
	}
}
