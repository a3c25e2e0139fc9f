package diagram

import (
	"encoding/xml"
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"

	"github.com/flowdeed/flowdeed/graph"
	"github.com/flowdeed/flowdeed/report/doc"
)

// SVG prints the pictures one below the other as one self-contained file: no outside
// reference, every sign named for readers who do not see it.
func SVG(w io.Writer, list []Picture) error {
	width, height := 0.0, 0.0
	for _, p := range list {
		width = max(width, p.W)
		height += p.H + titleRoom
	}
	s := &svg{}
	fmt.Fprintf(&s.b, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %s %s" width="%s" height="%s" role="group" font-family="Liberation Sans, Arial, Helvetica, sans-serif">`, num(width), num(height), num(width), num(height))
	about := ""
	if len(list) > 0 {
		about = list[0].About
	}
	fmt.Fprintf(&s.b, "\n<title>%s</title>\n", escape(about))
	fmt.Fprintf(&s.b, `<rect x="0" y="0" width="%s" height="%s" fill="#ffffff"/>`+"\n", num(width), num(height))
	y := 0.0
	for i := range list {
		p := &list[i]
		fmt.Fprintf(&s.b, `<g transform="translate(0 %s)" role="group"><title>%s</title>`+"\n", num(y+titleRoom), escape(p.Caption))
		s.Text(8, -5, p.Title, doc.Font{Size: 11, Bold: true, Colour: ink})
		p.Paint(s, nil)
		s.b.WriteString("</g>\n")
		y += p.H + titleRoom
	}
	s.b.WriteString("</svg>\n")
	_, err := io.WriteString(w, s.b.String())
	return err
}

// titleRoom is the space above a picture for its title.
const titleRoom = 20.0

type svg struct{ b strings.Builder }

func num(v float64) string { return strconv.FormatFloat(math.Round(v*100)/100, 'f', -1, 64) }

func escape(s string) string {
	var b strings.Builder
	_ = xml.EscapeText(&b, []byte(s)) // a strings.Builder does not fail
	return b.String()
}

func hex(c doc.Colour) string { return fmt.Sprintf("#%02x%02x%02x", c.R, c.G, c.B) }

func stroke(p doc.Pen) string {
	if p.Width == 0 {
		return ` stroke="none"`
	}
	out := fmt.Sprintf(` stroke="%s" stroke-width="%s"`, hex(p.Colour), num(p.Width))
	if len(p.Dash) > 0 {
		var d []string
		for _, v := range p.Dash {
			d = append(d, num(v))
		}
		out += ` stroke-dasharray="` + strings.Join(d, " ") + `"`
	}
	return out
}

func inside(fill *doc.Colour) string {
	if fill == nil {
		return ` fill="none"`
	}
	return ` fill="` + hex(*fill) + `"`
}

func (s *svg) begin(title, _ string) {
	fmt.Fprintf(&s.b, `<g role="img"><title>%s</title>`, escape(title))
}

func (s *svg) end() { s.b.WriteString("</g>\n") }

// Line draws a straight line.
func (s *svg) Line(x1, y1, x2, y2 float64, p doc.Pen) {
	fmt.Fprintf(&s.b, `<line x1="%s" y1="%s" x2="%s" y2="%s"%s/>`, num(x1), num(y1), num(x2), num(y2), stroke(p))
}

// Rect draws a rectangle.
func (s *svg) Rect(x, y, w, h, r float64, p doc.Pen, fill *doc.Colour) {
	fmt.Fprintf(&s.b, `<rect x="%s" y="%s" width="%s" height="%s" rx="%s"%s%s/>`, num(x), num(y), num(w), num(h), num(r), stroke(p), inside(fill))
}

// Path draws a path.
func (s *svg) Path(steps []doc.Step, p doc.Pen, fill *doc.Colour) {
	var d strings.Builder
	for _, st := range steps {
		d.WriteByte(byte(st.Op))
		n := map[doc.PathOp]int{doc.MoveTo: 1, doc.LineTo: 1, doc.CurveTo: 3}[st.Op]
		for i := range n {
			fmt.Fprintf(&d, " %s %s", num(st.P[i][0]), num(st.P[i][1]))
		}
	}
	fmt.Fprintf(&s.b, `<path d="%s"%s%s/>`, d.String(), stroke(p), inside(fill))
}

// Text writes a text; its length is fixed, so that another font cannot push it out of
// its box.
func (s *svg) Text(x, y float64, t string, f doc.Font) {
	if t == "" {
		return
	}
	weight := ""
	if f.Bold {
		weight = ` font-weight="bold"`
	}
	fmt.Fprintf(&s.b, `<text x="%s" y="%s" font-size="%s"%s fill="%s" textLength="%s" lengthAdjust="spacingAndGlyphs">%s</text>`,
		num(x), num(y), num(f.Size), weight, hex(f.Colour), num(newRuler().width(t, f.Size, f.Bold)), escape(t))
}

// Link is not used in the file: there is nothing in it to lead to.
func (s *svg) Link(x, y, w, h float64, id string) {}

// Figures turns pictures into figures of a document. anchor gives the id of the
// document a node leads to.
func Figures(list []Picture, anchor func(graph.ID) string) []doc.Figure {
	var out []doc.Figure
	for i := range list {
		p := list[i]
		f := doc.Figure{
			ID: p.ID, Caption: doc.T(p.Caption), Alt: fmt.Sprintf("Data-flow diagram with %d boxes and %d lines", len(p.Boxes), len(p.Lines)),
			Width: p.W, Height: p.H, Paint: func(c doc.Canvas) { p.Paint(c, anchor) },
		}
		if i == 0 {
			f.Mermaid = Mermaid(list[:1])
		}
		out = append(out, f)
	}
	return out
}
