package diagram

import (
	"strings"

	"github.com/flowdeed/flowdeed/report/doc"
)

// footnote sets the notes that stand under the legend, the caption first, and makes room
// for them. All but the caption are cut after a few rows.
func (p *Picture) footnote(notes []string) {
	for i, n := range notes {
		rows := newRuler().wrap(n, smallSize, false, p.W-16)
		if i > 0 && len(rows) > noteRows {
			rows = rows[:noteRows]
			rows[noteRows-1] = newRuler().end(rows[noteRows-1]+" …", smallSize, false, p.W-16)
		}
		p.notes = append(p.notes, rows...)
	}
	p.H += p.notesHeight()
}

func (p *Picture) notesHeight() float64 {
	if len(p.notes) == 0 {
		return 0
	}
	return float64(len(p.notes))*boxRow + 8
}

func (p *Picture) paintNotes(c doc.Canvas) {
	y := p.H - p.notesHeight()
	for _, n := range p.notes {
		y += boxRow
		c.Text(8, y, strings.TrimSpace(n), doc.Font{Size: smallSize, Colour: second})
	}
}
