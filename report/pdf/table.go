package pdf

import (
	"cmp"
	"math"

	"github.com/johnfercher/maroto/v2/pkg/consts/border"
	"github.com/johnfercher/maroto/v2/pkg/props"

	"github.com/flowdeed/flowdeed/report/doc"
)

const (
	cellPadX = 4.0
	cellPadY = 3.0
	// widest is the part of a table that the longest word of one column may claim.
	widest = 0.30
	// stretch is how much wider than declared a column becomes for a word that
	// could be parted after a separator.
	stretch = 1.15
)

func (l *layout) table(b *doc.Table) {
	if len(b.Columns) == 0 {
		return
	}
	st := style{sans, tableSize, ink}
	grid := l.tableRuns(b, st)
	widths := l.columnWidths(b, grid, st)
	head := l.tableTop(b, widths)
	for i, r := range grid {
		c := l.row(b, widths, r, st)
		if id := b.Rows[i].ID; id != "" {
			c.ids = append(c.ids, id)
		}
		c.head = head
		c.look = &props.Cell{BorderType: border.Bottom, BorderThickness: 0.4, BorderColor: prop(rule)}
		if i%2 == 1 {
			c.look.BackgroundColor = prop(zebra)
		}
		l.add(c)
	}
	l.gap(10)
}

// tableRuns turns all cells into runs. Short rows are filled up.
func (l *layout) tableRuns(b *doc.Table, st style) [][][]run {
	out := make([][][]run, len(b.Rows))
	for i, r := range b.Rows {
		out[i] = make([][]run, len(b.Columns))
		for j := range min(len(r.Cells), len(b.Columns)) {
			out[i][j] = runs(r.Cells[j], st, &l.doc.Words)
			if b.Columns[j].Kind == doc.Ident {
				for k := range out[i][j] {
					out[i][j][k].ident = true
				}
			}
		}
	}
	return out
}

// tableTop adds caption and head and returns what is repeated on further pages.
func (l *layout) tableTop(b *doc.Table, widths []float64) *tableHead {
	again := &tableHead{}
	before := 6.0
	if b.Caption != "" {
		c := l.caption(b.Caption, "")
		c.before, before = 6, 0
		if b.ID != "" {
			c.ids = []string{b.ID}
		}
		l.add(c)
	}
	if s := cmp.Or(b.Caption, l.section); s != "" {
		again.again = append(again.again, l.caption(s, l.doc.Words.Continued))
	}
	c := l.headRow(b, widths)
	c.before = before
	if b.ID != "" {
		c.ids = []string{b.ID}
	}
	l.add(c)
	again.again = append(again.again, l.headRow(b, widths))
	return again
}

func (l *layout) caption(s, after string) *chunk {
	t := doc.B(s)
	if after != "" {
		t = doc.Join(t, doc.Q(" "+after))
	}
	x := l.text(t, style{sans, tableSize + 0.5, ink}, l.width)
	x.bottom = 3
	c := newChunk(cell{share: 1, text: x})
	c.keep = true
	return c
}

func (l *layout) headRow(b *doc.Table, widths []float64) *chunk {
	st := style{bold, tableSize, ink}
	cells := make([][]run, len(b.Columns))
	for i, col := range b.Columns {
		cells[i] = []run{{text: doc.Clean(col.Title), style: st}}
	}
	c := l.row(b, widths, cells, st)
	c.keep, c.splitFrom = true, 0
	c.look = &props.Cell{BackgroundColor: prop(headFill), BorderType: border.Bottom, BorderThickness: 0.8, BorderColor: prop(second)}
	return c
}

func (l *layout) row(b *doc.Table, widths []float64, cells [][]run, st style) *chunk {
	out := make([]cell, len(cells))
	for i, rs := range cells {
		width := widths[i] - 2*cellPadX
		t := l.fromRuns(rs, st, width)
		t.left, t.top, t.bottom = cellPadX, cellPadY, cellPadY
		if b.Columns[i].Kind == doc.Number {
			t.align = alignRight
		}
		out[i] = cell{share: widths[i] / l.width, text: t}
	}
	c := newChunk(out...)
	c.minLines = 3
	c.splitFrom = portrait.bodyHeight() / 3
	return c
}

// columnWidths gives every column its declared share, and takes from the others
// where the longest word of a column, up to 30 % of the table, would not fit. For
// a word with separators in it a column grows only a little.
func (l *layout) columnWidths(b *doc.Table, rows [][][]run, st style) []float64 {
	sum := 0.0
	for _, c := range b.Columns {
		sum += math.Max(c.Share, 0)
	}
	widths, least := make([]float64, len(b.Columns)), make([]float64, len(b.Columns))
	for i, c := range b.Columns {
		widths[i] = l.width / float64(len(b.Columns))
		if sum > 0 {
			widths[i] = l.width * math.Max(c.Share, 0) / sum
		}
		title := []run{{text: doc.Clean(c.Title), style: style{bold, st.size, ink}}}
		word, part := l.m.longest(title)
		for _, r := range rows {
			w, p := l.m.longest(r[i])
			word, part = math.Max(word, w), math.Max(part, p)
		}
		need := math.Max(part+2*cellPadX, math.Min(word+2*cellPadX, widths[i]*stretch))
		least[i] = math.Min(need+0.1, l.width*widest)
	}
	return fitColumns(widths, least, l.width)
}

// longest returns the width of the longest word, and of the longest part of a word
// between separators, where it may be parted if it must.
func (m *metrics) longest(rs []run) (word, part float64) {
	for _, p := range m.pieces(rs, false) {
		word = math.Max(word, p.w)
		if p.w <= part {
			continue
		}
		for _, q := range m.pieces(runsOf(p), true) {
			part = math.Max(part, q.w)
		}
	}
	return word, part
}

// fitColumns raises narrow columns to their least width and takes the difference
// from those that have more, in proportion to what they have to spare.
func fitColumns(widths, least []float64, total float64) []float64 {
	need, spare := 0.0, 0.0
	for i, w := range widths {
		if w < least[i] {
			need += least[i] - w
		} else {
			spare += w - least[i]
		}
	}
	out := make([]float64, len(widths))
	part := 0.0
	if spare > 0 {
		part = math.Min(1, need/spare)
	}
	sum := 0.0
	for i, w := range widths {
		out[i] = w
		if w < least[i] {
			out[i] = least[i]
		} else {
			out[i] = w - (w-least[i])*part
		}
		sum += out[i]
	}
	for i := range out { // when even that is too wide, all give in proportion
		out[i] *= total / sum
	}
	return out
}

// evidence prints the record behind a statement as a table.
func (l *layout) evidence(b *doc.Evidence) {
	l.table(b.Table(&l.doc.Words))
}
