package diagram

import (
	"fmt"
	"image/color"
	"io"

	"codeberg.org/go-fonts/liberation/liberationsansbold"
	"codeberg.org/go-fonts/liberation/liberationsansregular"
	"github.com/fogleman/gg"
	"golang.org/x/image/font"
	"golang.org/x/image/font/opentype"

	"github.com/flowdeed/flowdeed/report/doc"
)

// pngScale is how many pixels a point gets.
const pngScale = 2.0

// PNG prints the pictures one below the other. It is a convenience: rounding may
// differ between kinds of processors, so it is never evidence.
func PNG(w io.Writer, list []Picture) error {
	width, height := 1.0, 1.0
	for _, p := range list {
		width = max(width, p.W)
		height += p.H + titleRoom
	}
	c, err := newRaster(width, height)
	if err != nil {
		return err
	}
	for i := range list {
		p := &list[i]
		c.top += titleRoom
		c.Text(8, -5, p.Title, doc.Font{Size: 11, Bold: true, Colour: ink})
		p.Paint(c, nil)
		c.top += p.H
	}
	if c.err != nil {
		return c.err
	}
	return c.dc.EncodePNG(w)
}

type faceKey struct {
	size float64
	bold bool
}

type raster struct {
	dc            *gg.Context
	top           float64
	regular, bold *opentype.Font
	faces         map[faceKey]font.Face
	err           error
}

func newRaster(w, h float64) (*raster, error) {
	regular, err := opentype.Parse(liberationsansregular.TTF)
	if err != nil {
		return nil, fmt.Errorf("the built-in font: %w", err)
	}
	bold, err := opentype.Parse(liberationsansbold.TTF)
	if err != nil {
		return nil, fmt.Errorf("the built-in font: %w", err)
	}
	dc := gg.NewContext(int(w*pngScale+0.5), int(h*pngScale+0.5))
	dc.SetColor(color.White)
	dc.Clear()
	return &raster{dc: dc, regular: regular, bold: bold, faces: map[faceKey]font.Face{}}, nil
}

func (r *raster) at(x, y float64) (float64, float64) { return x * pngScale, (y + r.top) * pngScale }

func (r *raster) finish(p doc.Pen, fill *doc.Colour) {
	if fill != nil {
		r.dc.SetRGB255(int(fill.R), int(fill.G), int(fill.B))
		r.dc.FillPreserve()
	}
	if p.Width > 0 {
		r.dc.SetRGB255(int(p.Colour.R), int(p.Colour.G), int(p.Colour.B))
		r.dc.SetLineWidth(p.Width * pngScale)
		var dash []float64
		for _, d := range p.Dash {
			dash = append(dash, d*pngScale)
		}
		r.dc.SetDash(dash...)
		r.dc.StrokePreserve()
	}
	r.dc.ClearPath()
}

// Line draws a straight line.
func (r *raster) Line(x1, y1, x2, y2 float64, p doc.Pen) {
	x1, y1 = r.at(x1, y1)
	x2, y2 = r.at(x2, y2)
	r.dc.DrawLine(x1, y1, x2, y2)
	r.finish(p, nil)
}

// Rect draws a rectangle.
func (r *raster) Rect(x, y, w, h, radius float64, p doc.Pen, fill *doc.Colour) {
	x, y = r.at(x, y)
	r.dc.DrawRoundedRectangle(x, y, w*pngScale, h*pngScale, radius*pngScale)
	r.finish(p, fill)
}

// Path draws a path.
func (r *raster) Path(steps []doc.Step, p doc.Pen, fill *doc.Colour) {
	for _, s := range steps {
		x, y := r.at(s.P[0][0], s.P[0][1])
		switch s.Op {
		case doc.MoveTo:
			r.dc.MoveTo(x, y)
		case doc.LineTo:
			r.dc.LineTo(x, y)
		case doc.CurveTo:
			x2, y2 := r.at(s.P[1][0], s.P[1][1])
			x3, y3 := r.at(s.P[2][0], s.P[2][1])
			r.dc.CubicTo(x, y, x2, y2, x3, y3)
		case doc.Close:
			r.dc.ClosePath()
		}
	}
	r.finish(p, fill)
}

// Text writes a text from x on the base line y.
func (r *raster) Text(x, y float64, t string, f doc.Font) {
	k := faceKey{f.Size, f.Bold}
	if r.faces[k] == nil {
		of := r.regular
		if f.Bold {
			of = r.bold
		}
		face, err := opentype.NewFace(of, &opentype.FaceOptions{Size: f.Size * pngScale, DPI: 72})
		if err != nil {
			r.err = fmt.Errorf("the built-in font: %w", err)
			return
		}
		r.faces[k] = face
	}
	r.dc.SetFontFace(r.faces[k])
	r.dc.SetRGB255(int(f.Colour.R), int(f.Colour.G), int(f.Colour.B))
	x, y = r.at(x, y)
	r.dc.DrawString(t, x, y)
}

// Link has no meaning in a raster picture.
func (r *raster) Link(x, y, w, h float64, id string) {}
