package pdf

import (
	"math"

	"github.com/johnfercher/maroto/v2/pkg/components/col"
	"github.com/johnfercher/maroto/v2/pkg/components/row"
	"github.com/johnfercher/maroto/v2/pkg/core"
	"github.com/johnfercher/maroto/v2/pkg/props"
)

// grid is the number of grid units of a row. It is large so that a column width
// is exact to a tenth of a point.
const grid = 10000

// chunk is a row of the page before it is placed: the smallest thing the
// paginator moves.
type chunk struct {
	cells  []cell
	look   *props.Cell // of the whole row; nil when the cells have looks of their own
	height float64
	before float64 // space above, dropped at the top of a page
	keep   bool    // stays with what follows
	// splitFrom is the height from which on it may be parted between lines; 0: never.
	splitFrom float64
	minLines  int // lines that stay together at either side of a split
	ids       []string
	head      *tableHead // repeated when this row starts a page
	format    format
	newPage   bool // nothing but a page break
}

// tableHead is what stands above the rows of a table on every further page.
type tableHead struct{ again []*chunk }

// cell is one column of a chunk.
type cell struct {
	share float64 // part of the row's width, 0 to 1
	text  *lines
	more  []core.Component // without height
	look  *props.Cell
}

// newChunk measures the cells.
func newChunk(cells ...cell) *chunk {
	c := &chunk{cells: cells, format: portrait}
	for _, x := range cells {
		if x.text != nil {
			c.height = math.Max(c.height, x.text.total())
		}
	}
	return c
}

// least is the height a chunk needs at the bottom of a page.
func (c *chunk) least() float64 {
	if c.splitFrom == 0 || c.height < c.splitFrom {
		return c.height
	}
	least := c.height
	for _, x := range c.cells {
		if x.text != nil && len(x.text.list) > c.minLines {
			least = math.Min(least, x.text.top+x.text.bottom+float64(c.minLines)*x.text.height)
		}
	}
	return least
}

// split parts a chunk so that the first part is at most avail high. It returns
// nil when the chunk may not be parted there.
func (c *chunk) split(avail float64, force bool) (first, rest *chunk) {
	if !force && (c.splitFrom == 0 || c.height < c.splitFrom) {
		return nil, nil
	}
	a, b := make([]cell, len(c.cells)), make([]cell, len(c.cells))
	some, left := false, false
	for i, x := range c.cells {
		a[i], b[i] = x, x
		b[i].more = nil
		if x.text == nil {
			continue
		}
		n := c.linesWithin(x.text, avail)
		if n < len(x.text.list) && n < c.minLines && !force {
			return nil, nil
		}
		n = min(n, len(x.text.list))
		some, left = some || n > 0, left || n < len(x.text.list)
		a[i].text, b[i].text = x.text.part(0, n), x.text.part(n, len(x.text.list))
	}
	if !some || !left {
		return nil, nil
	}
	first, rest = newChunk(a...), newChunk(b...)
	for _, p := range []*chunk{first, rest} {
		p.look, p.splitFrom, p.minLines, p.head, p.format = c.look, c.splitFrom, c.minLines, c.head, c.format
	}
	first.ids, first.before, first.keep, rest.keep = c.ids, c.before, false, c.keep
	return first, rest
}

// linesWithin returns how many lines fit, leaving no short rest behind.
func (c *chunk) linesWithin(t *lines, avail float64) int {
	n := int((avail - t.top - t.bottom + 0.01) / t.height)
	n = max(n, 0)
	if rest := len(t.list) - n; rest > 0 && rest < c.minLines && len(t.list) >= 2*c.minLines {
		n = len(t.list) - c.minLines
	}
	return n
}

func (t *lines) part(from, to int) *lines {
	p := *t
	p.list = t.list[from:to]
	return &p
}

// row turns a chunk into a maroto row.
func (c *chunk) row() core.Row {
	r := row.New(c.height)
	used := 0
	for i, x := range c.cells {
		size := int(math.Round(x.share * grid))
		if i == len(c.cells)-1 {
			size = min(size, grid-used)
		}
		used += size
		cl := col.New(size)
		if x.text != nil {
			cl.Add(x.text)
		}
		cl.Add(x.more...)
		if x.look != nil {
			cl.WithStyle(x.look)
		}
		r.Add(cl)
	}
	if c.look != nil {
		r.WithStyle(c.look)
	}
	return r
}

// space is an empty row.
func space(height float64) core.Row { return row.New(height).Add(col.New(grid)) }
