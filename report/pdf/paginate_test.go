package pdf

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/johnfercher/maroto/v2/pkg/core"
)

// block is a chunk of so many lines of 10 points.
func block(n int) *chunk {
	return newChunk(cell{share: 1, text: &lines{list: make([]textLine, n), height: 10, size: 8}})
}

func TestHeadStaysWithRow(t *testing.T) {
	full := int(portrait.bodyHeight() / 10)
	head := block(1)
	head.keep = true
	g := paginate([]*chunk{block(full - 1), head, block(3)})
	if len(g.sheets) != 2 || len(g.sheets[0].rows) != 1 || len(g.sheets[1].rows) != 2 {
		t.Fatalf("pages have %v rows; the head was left behind", rowCounts(g))
	}
}

func TestTableHeadIsRepeated(t *testing.T) {
	full := int(portrait.bodyHeight() / 10)
	again := &tableHead{again: []*chunk{block(1)}}
	var list []*chunk
	for range 2 * full {
		c := block(1)
		c.head = again
		list = append(list, c)
	}
	g := paginate(list)
	rows := 0
	for i, s := range g.sheets {
		rows += len(s.rows) - 1 // less the head
		if s.used > s.format.bodyHeight()+0.1 {
			t.Errorf("page %d is overfull", i+1)
		}
	}
	if rows != 2*full {
		t.Errorf("%d rows on %d pages, want %d", rows, len(g.sheets), 2*full)
	}
}

func TestFormatOfFigureStartsPage(t *testing.T) {
	heading, figure := block(2), block(5)
	heading.keep = true
	figure.format = landscape
	after := block(1)
	g := paginate([]*chunk{block(3), heading, figure, after})
	want := []format{portrait, landscape, portrait}
	if len(g.sheets) != len(want) {
		t.Fatalf("%d pages, want %d", len(g.sheets), len(want))
	}
	for i, f := range want {
		if g.sheets[i].format != f {
			t.Errorf("page %d has format %v, want %v", i+1, g.sheets[i].format, f)
		}
	}
	if len(g.sheets[1].rows) != 2 {
		t.Error("the heading did not move to the page of its figure")
	}
}

// TestPaginateKeepsEverything checks, on random chunks, that no page is overfull
// or empty, that every line is placed once, in order, and that the pages an id
// stands on never go back.
func TestPaginateKeepsEverything(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for round := range 300 {
		var list []*chunk
		total := 0
		again := &tableHead{again: []*chunk{block(2)}}
		for range r.IntN(120) {
			n := 1 + r.IntN(12)
			if r.IntN(15) == 0 {
				n = 1 + r.IntN(400)
			}
			c := block(n)
			total += n
			c.before = float64(r.IntN(3) * 6)
			c.keep = r.IntN(6) == 0
			c.minLines = 2
			if r.IntN(2) == 0 {
				c.splitFrom = 40
			}
			if r.IntN(3) == 0 {
				c.head = again
			}
			list = append(list, c)
		}
		checkPages(t, round, paginate(list), total)
	}
}

func checkPages(t *testing.T, round int, g *pager, total int) {
	t.Helper()
	got := 0
	for i, s := range g.sheets {
		if s.used > s.format.bodyHeight()+0.1 {
			t.Errorf("round %d: page %d is %v high, has room for %v", round, i+1, s.used, s.format.bodyHeight())
		}
		if len(s.rows) == 0 {
			t.Errorf("round %d: page %d is empty", round, i+1)
		}
		for _, row := range s.rows {
			got += linesIn(row)
		}
	}
	// Repeated heads add two lines each.
	if extra := got - total; extra < 0 || extra%2 != 0 || extra > 2*len(g.sheets) {
		t.Errorf("round %d: %d lines placed, %d given", round, got, total)
	}
}

func linesIn(r core.Row) int {
	n := 0
	for _, x := range r.GetStructure().GetNexts() {
		for _, y := range x.GetNexts() {
			if d := y.GetData(); d.Type == "lines" {
				n += countLines(d.Value.(string))
			}
		}
	}
	return n
}

func countLines(s string) int {
	n := 1
	for _, r := range s {
		if r == '\n' {
			n++
		}
	}
	return n
}

func rowCounts(g *pager) []int {
	var out []int
	for _, s := range g.sheets {
		out = append(out, len(s.rows))
	}
	return out
}

func TestFitColumns(t *testing.T) {
	for _, c := range []struct{ widths, least, want []float64 }{
		{[]float64{50, 50}, []float64{10, 10}, []float64{50, 50}},
		{[]float64{20, 80}, []float64{30, 10}, []float64{30, 70}},
		{[]float64{10, 60, 30}, []float64{20, 20, 20}, []float64{20, 52, 28}},
		{[]float64{50, 50}, []float64{80, 80}, []float64{50, 50}}, // both too wide: in proportion
	} {
		got := fitColumns(c.widths, c.least, 100)
		for i := range got {
			if math.Abs(got[i]-c.want[i]) > 0.01 {
				t.Errorf("fitColumns(%v, %v) = %v, want %v", c.widths, c.least, got, c.want)
				break
			}
		}
	}
}

func TestFitFigure(t *testing.T) {
	for _, c := range []struct {
		w, h float64
		want format
	}{
		{400, 300, portrait}, {700, 500, portrait}, {1000, 500, landscape}, {1600, 700, a3landscape}, {1099, 1185, a3portrait},
	} {
		f, s := fitFigure(c.w, c.h, 100)
		if f != c.want || s < readable || s > 1 {
			t.Errorf("a picture of %v x %v goes on %v at %v, want %v", c.w, c.h, f, s, c.want)
		}
		if c.w*s > f.bodyWidth()+0.1 || c.h*s > f.bodyHeight()-99 {
			t.Errorf("a picture of %v x %v does not fit", c.w, c.h)
		}
	}
}
