package diagram

import (
	"github.com/flowdeed/flowdeed/graph"
	"github.com/flowdeed/flowdeed/report/doc"
)

func (b *Box) paint(c doc.Canvas) {
	top := b.shape(c, b.pen())
	y := b.Y + top + pad + 7.5
	for i, r := range b.rows() {
		c.Text(b.X+b.indent(), y, r.text, r.font)
		if i == 0 && b.Badge != "" {
			b.badge(c, y)
		}
		y += boxRow
	}
}

func (b *Box) pen() doc.Pen {
	pen := doc.Pen{Colour: ink, Width: 1}
	switch {
	case b.Clear:
		pen = doc.Pen{Colour: red, Width: 2.2}
	case b.Role == rolePrincipal:
		pen = doc.Pen{Colour: accessInk, Width: 1.2}
	}
	if b.Mark != "" {
		pen.Width = 3
	}
	if b.Outside {
		pen.Dash = []float64{5, 2.5}
	}
	return pen
}

// indent is how far inside a box its text starts.
func (b *Box) indent() float64 {
	if b.Role == rolePrincipal {
		return pad + 2 + principalTip
	}
	return pad + 2
}

// principalTip is how far the sides of a principal point outwards.
const principalTip = 7.0

// shape draws the outline by the role: square with a double edge for parties, rounded
// for processing, pointed for carrying, a cylinder for keeping, pointed on both
// sides for who may do something, a cut corner for keys. It returns how far down the
// text starts.
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
		polygon(c, pen, &white, b.X, b.Y, x2-9, b.Y, x2, mid, x2-9, b.Y+b.H, b.X, b.Y+b.H)
	case rolePrincipal:
		x2, mid := b.X+b.W, b.Y+b.H/2
		polygon(c, pen, &accessFill, b.X, mid, b.X+principalTip, b.Y, x2-principalTip, b.Y, x2, mid, x2-principalTip, b.Y+b.H, b.X+principalTip, b.Y+b.H)
	case roleKey:
		x2 := b.X + b.W
		polygon(c, pen, &white, b.X, b.Y, x2-9, b.Y, x2, b.Y+9, x2, b.Y+b.H, b.X, b.Y+b.H)
	default:
		c.Rect(b.X, b.Y, b.W, b.H, 7, pen, &white)
	}
	return 0
}

// polygon draws a closed line through points given as x, y, x, y.
func polygon(c doc.Canvas, pen doc.Pen, fill *doc.Colour, xy ...float64) {
	var steps []doc.Step
	for i := 0; i < len(xy); i += 2 {
		op := doc.LineTo
		if i == 0 {
			op = doc.MoveTo
		}
		steps = append(steps, doc.Step{Op: op, P: [3][2]float64{{xy[i], xy[i+1]}}})
	}
	c.Path(append(steps, doc.Step{Op: doc.Close}), pen, fill)
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
