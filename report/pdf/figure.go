package pdf

import (
	"fmt"
	"math"

	"github.com/johnfercher/maroto/v2/pkg/core"

	"github.com/flowdeed/flowdeed/report/doc"
)

// readable is the smallest scale at which the names in a picture can be read on paper.
const readable = 0.65

func (l *layout) figure(b *doc.Figure) {
	l.figures++
	caption := doc.Join(doc.B(fmt.Sprintf("%s %d: ", l.doc.Words.Figure, l.figures)), b.Caption)
	if b.Paint == nil || b.Width <= 0 || b.Height <= 0 {
		l.paragraph(&doc.Paragraph{Text: doc.Join(caption, doc.T(" "+b.Alt))})
		return
	}
	above := l.kept()
	f, scale := fitFigure(b.Width, b.Height, above+60)
	pic := &figure{paint: b.Paint, scale: scale, width: b.Width * scale, height: b.Height * scale}
	c := l.add(newChunk(cell{share: 1, more: []core.Component{pic}}))
	c.height, c.keep, c.format, c.before = pic.height, true, f, 4
	c.ids = []string{b.ID}
	t := l.text(caption, style{sans, tableSize + 0.5, ink}, f.bodyWidth())
	t.top, t.bottom = 5, 8
	under := l.add(newChunk(cell{share: 1, text: t}))
	under.format = f
	if b.Long != "" {
		under.keep = true
		long := l.text(doc.Q(b.Long), style{sans, tableSize + 0.5, ink}, f.bodyWidth())
		long.bottom = 8
		l.add(newChunk(cell{share: 1, text: long})).format = f
	}
}

// kept is the height of what is kept together with the next chunk.
func (l *layout) kept() float64 {
	h := 0.0
	for i := len(l.chunks) - 1; i >= 0 && l.chunks[i].keep; i-- {
		h += l.chunks[i].height + l.chunks[i].before
	}
	return h
}

// fitFigure chooses the page: the first of A4 portrait, A4 landscape, A3 landscape
// and A3 portrait on which the picture is readable, else the one on which it is largest.
func fitFigure(w, h, reserved float64) (format, float64) {
	best, bestScale := portrait, 0.0
	for _, f := range []format{portrait, landscape, a3landscape, a3portrait} {
		s := math.Min(1, math.Min(f.bodyWidth()/w, (f.bodyHeight()-reserved)/h))
		if s >= readable {
			return f, s
		}
		if s > bestScale {
			best, bestScale = f, s
		}
	}
	return best, bestScale
}
