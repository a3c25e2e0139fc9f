package doc

// Colour is an RGB colour.
type Colour struct{ R, G, B uint8 }

// Pen is how a line is drawn. A zero Width draws no line.
type Pen struct {
	Colour Colour
	Width  float64   // points
	Dash   []float64 // points on and off, empty for a solid line
}

// Font is one of the faces of the report.
type Font struct {
	Size       float64 // points
	Bold, Mono bool
	Colour     Colour
}

// PathOp is a step of a path.
type PathOp byte

// The steps of a path with the number of points each takes.
const (
	MoveTo  PathOp = 'M' // 1
	LineTo  PathOp = 'L' // 1
	CurveTo PathOp = 'C' // 3: two control points, then the end
	Close   PathOp = 'Z' // 0
)

// Step is one step of a path.
type Step struct {
	Op PathOp
	P  [3][2]float64
}

// Canvas is what a figure paints itself on. Lengths are points (1/72 inch), the
// origin is the top left corner, y grows downwards. A nil fill leaves the inside
// as it is.
type Canvas interface {
	Line(x1, y1, x2, y2 float64, p Pen)
	// Rect draws a rectangle with corners of radius r.
	Rect(x, y, w, h, r float64, p Pen, fill *Colour)
	Path(steps []Step, p Pen, fill *Colour)
	// Text writes s from x on the base line y.
	Text(x, y float64, s string, f Font)
	// Link makes a rectangle lead to an id of the document.
	Link(x, y, w, h float64, id string)
}
