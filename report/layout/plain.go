package layout

// plainLayout places boxes in layers by their longest way from a start, without
// Graphviz. Zones are not drawn around boxes then: they would overlap.
func plainLayout(in Input) Placed {
	layer := layers(in)
	count := 0
	for _, l := range layer {
		count = max(count, l+1)
	}
	p := Placed{Plain: true, Boxes: make([]Point, len(in.Boxes)), Lines: make([][]Point, len(in.Lines)), Labels: make([]Point, len(in.Lines)), Zones: make([]Rect, len(in.Zones))}
	x := 20.0
	for l := range count {
		y, wide := 20.0, 0.0
		for i, b := range in.Boxes {
			if layer[i] == l {
				p.Boxes[i] = Point{x, y}
				y += b.H + max(in.NodeGap, 24)
				wide = max(wide, b.W)
			}
		}
		p.H = max(p.H, y)
		x += wide + max(in.LayerGap, 110)
	}
	p.W = x
	used := map[Point]bool{}
	for i, l := range in.Lines {
		a, b := p.Boxes[l.From], p.Boxes[l.To]
		from, to := Point{a.X + in.Boxes[l.From].W, a.Y + in.Boxes[l.From].H/2}, Point{b.X, b.Y + in.Boxes[l.To].H/2}
		if b.X < a.X {
			from, to = Point{a.X, from.Y}, Point{b.X + in.Boxes[l.To].W, to.Y}
		}
		mid := Point{(from.X + to.X) / 2, (from.Y + to.Y) / 2}
		p.Lines[i] = []Point{from, {mid.X, from.Y}, {mid.X, to.Y}, to}
		for used[mid] {
			mid.Y += l.H + 2
		}
		used[mid] = true
		p.Labels[i] = mid
	}
	return p
}

// layers gives every box its longest distance from a box without lines into it;
// lines that close a circle do not count.
func layers(in Input) []int {
	out := make([]int, len(in.Boxes))
	next := make([][]int, len(in.Boxes))
	indegree := make([]int, len(in.Boxes))
	for _, l := range in.Lines {
		if l.From != l.To {
			next[l.From] = append(next[l.From], l.To)
			indegree[l.To]++
		}
	}
	done := make([]bool, len(in.Boxes))
	for range in.Boxes {
		pick := -1
		for i := range in.Boxes {
			if !done[i] && (pick < 0 || indegree[i] < indegree[pick]) {
				pick = i
			}
		}
		done[pick] = true
		for _, to := range next[pick] {
			if !done[to] {
				out[to] = max(out[to], out[pick]+1)
				indegree[to]--
			}
		}
	}
	return out
}
