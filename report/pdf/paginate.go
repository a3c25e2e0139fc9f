package pdf

import (
	"github.com/johnfercher/maroto/v2/pkg/core"
)

// sheet is a page with its rows.
type sheet struct {
	format format
	rows   []core.Row
	used   float64
}

func (s *sheet) room() float64 { return s.format.bodyHeight() - s.used }

// pager fills sheets with chunks.
type pager struct {
	sheets []*sheet
	where  map[string]place
	fresh  bool // the next chunk starts a page
}

// paginate places all chunks and says where each id stands.
func paginate(chunks []*chunk) *pager {
	g := &pager{where: map[string]place{}, fresh: true}
	for i := 0; i < len(chunks); {
		n := together(chunks[i:])
		g.group(chunks[i : i+n])
		i += n
	}
	return g
}

// together returns how many chunks from the first on stay on one page: those that
// ask to be kept with what follows, and what follows them.
func together(chunks []*chunk) int {
	height := 0.0
	for i, c := range chunks {
		height += c.before + c.height
		last := i == len(chunks)-1
		if !c.keep || last || chunks[i+1].newPage || height > c.format.bodyHeight()/2 {
			return i + 1
		}
	}
	return len(chunks)
}

func (g *pager) group(chunks []*chunk) {
	last := chunks[len(chunks)-1]
	if last.newPage {
		g.fresh = true
		return
	}
	need := last.before + last.least()
	for _, c := range chunks[:len(chunks)-1] {
		need += c.before + c.height
	}
	cur := g.current()
	if g.fresh || cur.format != last.format || cur.used > 0 && need > cur.room() {
		g.add(last.format)
	}
	for _, c := range chunks {
		g.put(c)
	}
}

func (g *pager) current() *sheet {
	if len(g.sheets) == 0 {
		return &sheet{}
	}
	return g.sheets[len(g.sheets)-1]
}

func (g *pager) add(f format) {
	g.sheets = append(g.sheets, &sheet{format: f})
	g.fresh = false
}

// put places a chunk, parting it or starting a page where it does not fit.
func (g *pager) put(c *chunk) {
	for c != nil {
		s := g.current()
		if s.used == 0 && c.head != nil {
			for _, h := range c.head.again {
				g.set(s, h)
			}
		}
		before := c.before
		if s.used == 0 {
			before = 0
		}
		if before+c.height <= s.room()+0.01 {
			g.set(s, c)
			return
		}
		// A chunk higher than a page must be parted, whatever it asked for.
		first, rest := c.split(s.room()-before, c.height > s.format.bodyHeight()/2 && onlyHead(s, c))
		if first != nil {
			g.set(s, first)
			c = rest
		} else if onlyHead(s, c) {
			g.set(s, c) // one line higher than a page cannot be
			return
		}
		g.add(s.format)
	}
}

// onlyHead tells whether a page has nothing on it yet but a repeated table head.
func onlyHead(s *sheet, c *chunk) bool {
	if c.head == nil {
		return s.used == 0
	}
	h := 0.0
	for _, x := range c.head.again {
		h += x.height
	}
	return s.used <= h+0.01
}

// set writes a chunk onto a sheet.
func (g *pager) set(s *sheet, c *chunk) {
	if c.before > 0 && s.used > 0 {
		s.rows = append(s.rows, space(c.before))
		s.used += c.before
	}
	for _, id := range c.ids {
		if _, ok := g.where[id]; !ok {
			g.where[id] = place{page: len(g.sheets), y: headTop + headRows + s.used}
		}
	}
	s.rows = append(s.rows, c.row())
	s.used += c.height
}
