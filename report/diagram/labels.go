package diagram

import (
	"slices"

	"github.com/flowdeed/flowdeed/report/layout"
)

// untangle moves labels that overlap another label or a box to the nearest free place
// along a small spiral.
func (p *Picture) untangle(w, h float64) {
	taken := make([]layout.Rect, 0, len(p.Boxes)+len(p.Lines))
	for _, b := range p.Boxes {
		taken = append(taken, layout.Rect{X: b.X, Y: b.Y, W: b.W, H: b.H})
	}
	for _, z := range p.Zones {
		if z.Rect.W > 0 {
			taken = append(taken, z.titleRect())
		}
	}
	for i := range p.Lines {
		l := &p.Lines[i]
		if l.Word == "" {
			continue
		}
		l.Label = free(l, taken, w, h)
		taken = append(taken, l.rect())
	}
}

func (l *Line) rect() layout.Rect {
	return layout.Rect{X: l.Label.X - l.LW/2, Y: l.Label.Y - l.LH/2, W: l.LW, H: l.LH}
}

func free(l *Line, taken []layout.Rect, w, h float64) layout.Point {
	start := l.Label
	for step := range 40 {
		for _, d := range [][2]float64{{0, 1}, {0, -1}, {1, 0}, {-1, 0}, {1, 1}, {-1, 1}, {1, -1}, {-1, -1}} {
			l.Label = layout.Point{X: start.X + d[0]*float64(step)*5, Y: start.Y + d[1]*float64(step)*5}
			r := l.rect()
			if r.X < 0 || r.Y < 0 || r.X+r.W > w || r.Y+r.H > h {
				continue
			}
			if !slices.ContainsFunc(taken, func(t layout.Rect) bool { return overlap(r, t) }) {
				return l.Label
			}
		}
	}
	return start
}

// tangled tells whether words of the picture lie on others or on a box.
func (p *Picture) tangled() bool {
	for i := range p.Lines {
		r := p.Lines[i].rect()
		for j := range i {
			if overlap(r, p.Lines[j].rect()) {
				return true
			}
		}
		for _, b := range p.Boxes {
			if overlap(r, layout.Rect{X: b.X, Y: b.Y, W: b.W, H: b.H}) {
				return true
			}
		}
	}
	return false
}

func overlap(a, b layout.Rect) bool {
	return a.X < b.X+b.W && b.X < a.X+a.W && a.Y < b.Y+b.H && b.Y < a.Y+a.H
}
