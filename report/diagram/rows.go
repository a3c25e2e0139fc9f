package diagram

import (
	"github.com/flowdeed/flowdeed/graph"
	"github.com/flowdeed/flowdeed/report/doc"
)

// The heights of a row of text in a box and at a line, in points.
const (
	boxRow  = 10.6
	lineRow = 10.0
)

// row is one line of text as it is measured and painted.
type row struct {
	text string
	font doc.Font
}

func small(text string, colour doc.Colour) row {
	return row{text, doc.Font{Size: smallSize, Colour: colour}}
}

func (r row) bold() row {
	r.font.Bold = true
	return r
}

func (r row) width() float64 { return newRuler().width(r.text, r.font.Size, r.font.Bold) }

// rows are the texts of a box from the top down.
func (b *Box) rows() []row {
	out := []row{small(b.Service, second), {b.Name, doc.Font{Size: nameSize, Bold: true, Colour: ink}}}
	if b.Mark != "" {
		out[0] = small(b.Mark+": "+b.Service, ink).bold()
	}
	for _, t := range b.More {
		out = append(out, small(t, second))
	}
	switch {
	case b.Clear:
		out = append(out, small(b.Rest, red).bold())
	case b.Rest == foreignKey:
		out = append(out, small(b.Rest, red))
	case b.Rest != "":
		out = append(out, small(b.Rest, second))
	}
	switch f := b.footer(); {
	case b.Worst != "":
		out = append(out, small(f, red))
	case f != "":
		out = append(out, small(f, unknownInk))
	}
	return out
}

// measure gives a box the size of its texts and its outline.
func (b *Box) measure() {
	b.W, b.H = 0, 2*pad
	for i, r := range b.rows() {
		w := r.width()
		if i == 0 {
			w += b.badgeWidth()
		}
		b.W, b.H = max(b.W, w), b.H+boxRow
	}
	b.W += 2*pad + 6
	switch b.Role {
	case graph.RoleStore:
		b.H += 7
	case graph.RoleChannel:
		b.W += 10
	case rolePrincipal:
		b.W += 2 * principalTip
	}
}

func (b *Box) badgeWidth() float64 {
	if b.Badge == "" {
		return 0
	}
	return newRuler().width(b.Badge, smallSize, true) + 12
}

// rows are the texts at a line from the top down.
func (l *Line) rows() []row {
	var out []row
	if l.Data != "" {
		out = append(out, small(l.Data, ink))
	}
	words := []string{l.Word}
	if l.Access {
		words = newRuler().wrap(l.Word, smallSize, true, labelWidth)
	}
	for _, t := range words {
		out = append(out, small(t, l.pen().Colour).bold())
	}
	for _, t := range l.More {
		out = append(out, small(t, ink))
	}
	return out
}

// measure gives the label of a line the size of its texts.
func (l *Line) measure() {
	l.LW, l.LH = 0, 1
	for _, r := range l.rows() {
		l.LW, l.LH = max(l.LW, r.width()), l.LH+lineRow
	}
	l.LW += 4
}
