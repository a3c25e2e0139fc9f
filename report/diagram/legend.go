package diagram

import (
	"github.com/flowdeed/flowdeed/graph"
	"github.com/flowdeed/flowdeed/report/doc"
	"github.com/flowdeed/flowdeed/report/layout"
)

// legend explains the signs that occur in a picture, and no others.
type legend struct{ entries []entry }

// entry is a sign with its meaning. draw paints the sign into 26 by 12 points.
type entry struct {
	words string
	draw  func(c doc.Canvas, x, y float64)
}

const (
	rowHeight = 14.0
	signWidth = 30.0
)

func legendOf(p *Picture) legend {
	var l legend
	roles := map[graph.Role]bool{}
	badges, clear, declared, third := map[string]bool{}, false, false, false
	for _, b := range p.Boxes {
		roles[b.Role] = true
		badges[b.Badge] = true
		clear = clear || b.Clear
	}
	for _, r := range []struct {
		role  graph.Role
		words string
	}{{graph.RoleExternal, "outside party"}, {graph.RoleProcess, "processing"}, {graph.RoleChannel, "carrying"}, {graph.RoleStore, "keeping"}} {
		if roles[r.role] {
			l.entries = append(l.entries, entry{r.words, func(c doc.Canvas, x, y float64) {
				b := Box{Role: r.role, X: x, Y: y, W: 26, H: 11}
				b.shape(c, doc.Pen{Colour: ink, Width: 0.8})
			}})
		}
	}
	if clear {
		l.entries = append(l.entries, entry{"not encrypted", func(c doc.Canvas, x, y float64) { c.Rect(x, y, 26, 11, 0, doc.Pen{Colour: red, Width: 2.2}, &white) }})
	}
	verdicts := map[graph.Transit]bool{}
	for _, x := range p.Lines {
		verdicts[x.Verdict] = true
		declared = declared || x.Declared
	}
	for _, v := range []struct {
		verdict graph.Transit
		words   string
	}{
		{graph.TransitEnforced, "TLS enforced"}, {graph.TransitOffered, "TLS optional"}, {graph.TransitPlain, "plaintext"},
		{graph.TransitInternal, "inside AWS"}, {graph.TransitUnknown, "TLS not known"},
	} {
		if verdicts[v.verdict] {
			l.entries = append(l.entries, entry{v.words, func(c doc.Canvas, x, y float64) {
				c.Line(x, y+6, x+20, y+6, pens[v.verdict])
				head(c, layout.Point{X: x, Y: y + 6}, layout.Point{X: x + 26, Y: y + 6}, pens[v.verdict].Colour, false)
			}})
		}
	}
	if declared {
		l.entries = append(l.entries, entry{"declared only", func(c doc.Canvas, x, y float64) {
			head(c, layout.Point{X: x, Y: y + 6}, layout.Point{X: x + 20, Y: y + 6}, darkGrey, true)
		}})
	}
	for _, z := range p.Zones {
		third = third || z.Third
	}
	if third {
		l.entries = append(l.entries, entry{"outside, or third country", func(c doc.Canvas, x, y float64) {
			c.Rect(x, y, 26, 11, 0, doc.Pen{Colour: specialInk, Width: 1.6, Dash: []float64{6, 3}}, &thirdFill)
		}})
	}
	if badges["DATA ?"] {
		l.entries = append(l.entries, entry{"DATA ?: nobody has said what is in it", nil})
	}
	return l
}

// rows breaks the entries into lines of a width.
func (l legend) rows(width float64) [][]entry {
	var out [][]entry
	var row []entry
	used := 0.0
	for _, e := range l.entries {
		w := e.width()
		if used+w > width-16 && len(row) > 0 {
			out, row, used = append(out, row), nil, 0
		}
		row, used = append(row, e), used+w
	}
	if len(row) > 0 {
		out = append(out, row)
	}
	return out
}

func (e entry) width() float64 {
	w := newRuler().width(e.words, smallSize, false) + 12
	if e.draw != nil {
		w += signWidth
	}
	return w
}

func (l legend) height(width float64) float64 { return float64(len(l.rows(width)))*rowHeight + 8 }

func (l legend) paint(c doc.Canvas, p *Picture) {
	y := p.H - l.height(p.W) + 4
	c.Line(8, y-2, p.W-8, y-2, doc.Pen{Colour: grey, Width: 0.5})
	for _, row := range l.rows(p.W) {
		x := 8.0
		for _, e := range row {
			at := x
			if e.draw != nil {
				e.draw(c, x, y+1)
				at += signWidth
			}
			c.Text(at, y+9.5, e.words, doc.Font{Size: smallSize, Colour: ink})
			x += e.width()
		}
		y += rowHeight
	}
}
