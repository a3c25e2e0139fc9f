package pdf

import (
	"strings"

	"github.com/flowdeed/flowdeed/report/doc"
)

// canvas lets a figure paint itself on a page, moved and scaled.
type canvas struct {
	p     *provider
	x, y  float64 // of the figure's top left corner on the page
	scale float64
}

var _ doc.Canvas = (*canvas)(nil)

func (c *canvas) at(x, y float64) (float64, float64) { return c.x + x*c.scale, c.y + y*c.scale }

// pens sets pen and fill and returns the drawing mode, empty when there is nothing to draw.
func (c *canvas) pens(p doc.Pen, fill *doc.Colour) string {
	mode := ""
	if fill != nil {
		c.p.pdf.SetFillColor(int(fill.R), int(fill.G), int(fill.B))
		mode = "F"
	}
	if p.Width > 0 {
		scaled := doc.Pen{Colour: p.Colour, Width: p.Width * c.scale}
		for _, d := range p.Dash {
			scaled.Dash = append(scaled.Dash, d*c.scale)
		}
		c.p.stroke(scaled)
		mode += "D"
	}
	return mode
}

// Line draws a line.
func (c *canvas) Line(x1, y1, x2, y2 float64, p doc.Pen) {
	if c.pens(p, nil) == "" {
		return
	}
	x1, y1 = c.at(x1, y1)
	x2, y2 = c.at(x2, y2)
	c.p.pdf.Line(x1, y1, x2, y2)
}

// Rect draws a rectangle, its corners rounded by r.
func (c *canvas) Rect(x, y, w, h, r float64, p doc.Pen, fill *doc.Colour) {
	mode := c.pens(p, fill)
	if mode == "" {
		return
	}
	x, y = c.at(x, y)
	if r > 0 {
		c.p.pdf.RoundedRect(x, y, w*c.scale, h*c.scale, r*c.scale, "1234", mode)
		return
	}
	c.p.pdf.Rect(x, y, w*c.scale, h*c.scale, mode)
}

// Path draws a path.
func (c *canvas) Path(steps []doc.Step, p doc.Pen, fill *doc.Colour) {
	mode := c.pens(p, fill)
	if mode == "" || len(steps) == 0 || steps[0].Op != doc.MoveTo {
		return
	}
	for _, s := range steps {
		x1, y1 := c.at(s.P[0][0], s.P[0][1])
		switch s.Op {
		case doc.MoveTo:
			c.p.pdf.MoveTo(x1, y1)
		case doc.LineTo:
			c.p.pdf.LineTo(x1, y1)
		case doc.CurveTo:
			x2, y2 := c.at(s.P[1][0], s.P[1][1])
			x3, y3 := c.at(s.P[2][0], s.P[2][1])
			c.p.pdf.CurveBezierCubicTo(x1, y1, x2, y2, x3, y3)
		case doc.Close:
			c.p.pdf.ClosePath()
		}
	}
	c.p.pdf.DrawPath(mode)
}

// Text writes a line of text from x on the base line y.
func (c *canvas) Text(x, y float64, s string, f doc.Font) {
	st := style{size: f.Size * c.scale, colour: f.Colour}
	switch {
	case f.Mono:
		st.face = mono
	case f.Bold:
		st.face = bold
	}
	x, y = c.at(x, y)
	c.p.drawFrag(frag{text: c.p.m.boxed(st.face, s), style: st}, x, y)
}

// Link makes a rectangle lead to an id of the document.
func (c *canvas) Link(x, y, w, h float64, id string) {
	x, y = c.at(x, y)
	c.p.link(x, y, w*c.scale, h*c.scale, "#"+strings.TrimPrefix(id, "#"))
}
