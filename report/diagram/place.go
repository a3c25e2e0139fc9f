package diagram

import "github.com/flowdeed/flowdeed/report/layout"

// widest is the room for a name in a box.
const widest = 122.0

// size measures the boxes and labels.
func (s *scene) size(p *Picture) {
	for i := range p.Boxes {
		b := &p.Boxes[i]
		b.Name = s.rule.middle(b.Name, nameSize, true, widest)
		b.Service = s.rule.middle(b.Service, smallSize, false, widest)
		b.measure()
	}
	for i := range p.Lines {
		p.Lines[i].measure()
	}
}

// place lays the picture out, left to right and top to bottom, and takes what fits
// its page better.
func (s *scene) place(p *Picture) {
	in := layout.Input{NodeGap: 12, LayerGap: 18}
	for _, b := range p.Boxes {
		in.Boxes = append(in.Boxes, layout.Box{W: b.W, H: b.H, Zone: b.Zone})
	}
	for _, z := range p.Zones {
		zone := layout.Zone{Parent: z.Parent, Head: 12}
		if p.access() {
			zone.Wide = s.rule.width(z.Title, smallSize, true) + 4
		}
		in.Zones = append(in.Zones, zone)
	}
	for _, l := range p.Lines {
		in.Lines = append(in.Lines, layout.Line{From: l.From, To: l.To, W: l.LW, H: l.LH})
	}
	p.legend = legendOf(p)
	var best layout.Placed
	for i, down := range []bool{false, true} {
		in.TopToDown = down
		got := s.engine.Run(in)
		if i == 0 || overflow(got, p) < overflow(best, p) {
			best = got
		}
	}
	p.take(best)
}

// narrowest is the least width of a picture, so that its legend has room.
const narrowest = 420.0

// overflow is how much too large a layout is for its page; 1 and less when it fits.
func overflow(x layout.Placed, p *Picture) float64 {
	h := x.H + p.legend.height(max(x.W, narrowest)) + 16
	as := Picture{W: x.W, H: h, rooms: p.rooms}
	return as.excess()
}

// take gives everything in the picture its place, and the picture its size.
func (p *Picture) take(x layout.Placed) {
	const edge = 8.0
	p.Plain = x.Plain
	for i := range p.Boxes {
		p.Boxes[i].X, p.Boxes[i].Y = x.Boxes[i].X+edge, x.Boxes[i].Y+edge
	}
	for i := range p.Zones {
		z := x.Zones[i]
		p.Zones[i].Rect = layout.Rect{X: z.X + edge, Y: z.Y + edge, W: z.W, H: z.H}
	}
	for i := range p.Lines {
		l := &p.Lines[i]
		for _, q := range x.Lines[i] {
			l.Points = append(l.Points, layout.Point{X: q.X + edge, Y: q.Y + edge})
		}
		l.Label = layout.Point{X: x.Labels[i].X + edge, Y: x.Labels[i].Y + edge}
	}
	p.untangle(x.W+2*edge, x.H+2*edge)
	p.W = max(x.W+2*edge, narrowest)
	p.H = x.H + 2*edge + p.legend.height(p.W)
}
