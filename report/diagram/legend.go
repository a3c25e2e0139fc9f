package diagram

import (
	"slices"

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
	l.shapes(p)
	l.strokes(p)
	l.words(p)
	return l
}

func (l *legend) add(when bool, words string, draw func(c doc.Canvas, x, y float64)) {
	if when {
		l.entries = append(l.entries, entry{words, draw})
	}
}

// shapes explains the outlines of boxes.
func (l *legend) shapes(p *Picture) {
	outline := func(b Box) func(c doc.Canvas, x, y float64) {
		return func(c doc.Canvas, x, y float64) {
			at := b
			at.X, at.Y, at.W, at.H = x, y, 26, 11
			pen := at.pen()
			pen.Width *= 0.8
			at.shape(c, pen)
		}
	}
	has := func(is func(*Box) bool) bool {
		for i := range p.Boxes {
			if is(&p.Boxes[i]) {
				return true
			}
		}
		return false
	}
	for _, r := range []struct {
		role  graph.Role
		words string
	}{
		{graph.RoleExternal, "outside party"}, {graph.RoleProcess, "processing"}, {graph.RoleChannel, "carrying"}, {graph.RoleStore, "keeping"},
		{rolePrincipal, "who may"}, {roleKey, "key"},
	} {
		l.add(has(func(b *Box) bool { return b.Role == r.role && !b.Outside }), r.words, outline(Box{Role: r.role}))
	}
	l.add(has(func(b *Box) bool { return b.Outside }), "outsider who may", outline(Box{Role: rolePrincipal, Outside: true}))
	l.add(has(func(b *Box) bool { return b.Mark != "" }), "what was asked about", outline(Box{Role: graph.RoleProcess, Mark: "TARGET"}))
	l.add(has(func(b *Box) bool { return b.Clear }), "not encrypted", func(c doc.Canvas, x, y float64) { c.Rect(x, y, 26, 11, 0, doc.Pen{Colour: red, Width: 2.2}, &white) })
}

// strokes explains the lines: first permissions, then flows of data.
func (l *legend) strokes(p *Picture) {
	verdicts := map[graph.Transit]bool{}
	var declared, relation, permissions bool
	for i := range p.Lines {
		x := &p.Lines[i]
		verdicts[x.Verdict] = verdicts[x.Verdict] || !x.Access && !x.Relation
		declared, relation, permissions = declared || x.Declared, relation || x.Relation, permissions || x.Access
	}
	sample := func(x Line) func(c doc.Canvas, x, y float64) {
		return func(c doc.Canvas, left, y float64) {
			x.Points = []layout.Point{{X: left, Y: y + 6}, {X: left + 9, Y: y + 6}, {X: left + 17, Y: y + 6}, {X: left + 26, Y: y + 6}}
			(&Picture{}).line(c, &x)
		}
	}
	for _, k := range []struct {
		line  Line
		words string
	}{
		{Line{Access: true}, "permission"}, {Line{Access: true, Conditional: true}, "permission, if"},
		{Line{Access: true, Gained: true}, "by a right that was not given"}, {Line{Access: true, Gained: true, Conditional: true}, "the same, if"},
	} {
		occurs := slices.ContainsFunc(p.Lines, func(x Line) bool {
			return x.Access && x.Gained == k.line.Gained && x.Conditional == k.line.Conditional
		})
		l.add(occurs, k.words, sample(k.line))
	}
	l.add(relation, "key and what it encrypts", sample(Line{Relation: true}))
	before := ""
	if permissions {
		before = "data flow, "
	}
	for _, v := range []struct {
		verdict graph.Transit
		words   string
	}{
		{graph.TransitEnforced, "TLS enforced"}, {graph.TransitOffered, "TLS optional"}, {graph.TransitPlain, "plaintext"},
		{graph.TransitInternal, "inside AWS"}, {graph.TransitUnknown, "TLS not known"},
	} {
		l.add(verdicts[v.verdict], before+v.words, func(c doc.Canvas, x, y float64) {
			c.Line(x, y+6, x+20, y+6, pens[v.verdict])
			head(c, layout.Point{X: x, Y: y + 6}, layout.Point{X: x + 26, Y: y + 6}, pens[v.verdict].Colour, false)
		})
	}
	l.add(declared, "declared only", func(c doc.Canvas, x, y float64) {
		head(c, layout.Point{X: x, Y: y + 6}, layout.Point{X: x + 20, Y: y + 6}, darkGrey, true)
	})
}

// words explains boundaries and the words in boxes.
func (l *legend) words(p *Picture) {
	third := slices.ContainsFunc(p.Zones, func(z Zone) bool { return z.Third })
	l.add(third, "outside, or third country", func(c doc.Canvas, x, y float64) {
		c.Rect(x, y, 26, 11, 0, doc.Pen{Colour: specialInk, Width: 1.6, Dash: []float64{6, 3}}, &thirdFill)
	})
	l.add(slices.ContainsFunc(p.Boxes, func(b Box) bool { return b.Badge == "DATA ?" }), "DATA ?: nobody has said what is in it", nil)
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
	y := p.H - p.notesHeight() - l.height(p.W) + 4
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
