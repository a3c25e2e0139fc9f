package diagram

import (
	"cmp"
	"maps"
	"math"
	"slices"

	"github.com/flowdeed/flowdeed/graph"
)

// parts splits the nodes into connected components, the large ones first; small ones
// share a picture.
func (v *view) parts() [][]graph.ID {
	next := map[graph.ID][]graph.ID{}
	for _, f := range v.flows {
		// The internet joins everything; it does not make one thing of it.
		if f.From == graph.Internet || f.To == graph.Internet || f.From == graph.Schedule {
			continue
		}
		next[f.From], next[f.To] = append(next[f.From], f.To), append(next[f.To], f.From)
	}
	seen := map[graph.ID]bool{graph.Internet: true, graph.Schedule: true}
	var parts [][]graph.ID
	var small []graph.ID
	for _, id := range v.nodes {
		if seen[id] {
			continue
		}
		part := walk(id, next, seen)
		if len(part) <= 4 {
			small = append(small, part...)
			continue
		}
		parts = append(parts, part)
	}
	slices.SortStableFunc(parts, func(a, b []graph.ID) int { return cmp.Compare(len(b), len(a)) })
	if len(small) > 0 {
		parts = append(parts, small)
	}
	return parts
}

// walk collects a component breadth first, so that neighbours stay together when it
// is split further.
func walk(start graph.ID, next map[graph.ID][]graph.ID, seen map[graph.ID]bool) []graph.ID {
	seen[start] = true
	list := []graph.ID{start}
	for i := 0; i < len(list); i++ {
		around := slices.Clone(next[list[i]])
		slices.Sort(around)
		for _, id := range around {
			if !seen[id] {
				seen[id] = true
				list = append(list, id)
			}
		}
	}
	return list
}

// mostBoxes is how many boxes a picture may hold.
const mostBoxes = 40

// sizes are the numbers of boxes tried for a picture, the most first.
var sizes = []int{mostBoxes, 32, 26, 21, 18, 15, 13, 11, 9, 8, 7, 6, 5, 4, 3, 2, 1}

// fit lays out a part: it grows each picture along the strongest ties and gives it as
// many boxes as fit a page in readable text.
func (v *view) fit(part []graph.ID) []Picture {
	var out []Picture
	for len(part) > 0 {
		order := v.grow(part)
		for i, size := range sizes {
			if size > len(order) {
				if i+1 < len(sizes) && sizes[i+1] >= len(order) {
					continue
				}
				size = len(order)
			}
			p := v.draw(order[:size])
			if p.fits() || size == 1 {
				out = append(out, p)
				part = order[size:]
				break
			}
		}
	}
	return out
}

// fits tells whether a picture fits its page.
func (p *Picture) fits() bool { return p.excess() <= 1 }

// excess is how much larger a picture is than its page; 1 and less when it fits.
func (p *Picture) excess() float64 {
	least := math.Inf(1)
	for _, r := range p.rooms {
		least = min(least, max(p.W/r.w, p.H/r.h))
	}
	return least
}

// grow orders a part so that every beginning of it hangs together: from the least
// connected node, always the node with the most ties to what is there and the fewest
// elsewhere.
func (v *view) grow(part []graph.ID) []graph.ID {
	in := map[graph.ID]bool{}
	for _, id := range part {
		in[id] = true
	}
	ties := map[graph.ID]map[graph.ID]bool{}
	for _, f := range v.flows {
		if !in[f.From] || !in[f.To] || f.From == f.To {
			continue
		}
		for _, x := range [][2]graph.ID{{f.From, f.To}, {f.To, f.From}} {
			if ties[x[0]] == nil {
				ties[x[0]] = map[graph.ID]bool{}
			}
			ties[x[0]][x[1]] = true
		}
	}
	left := slices.Clone(part)
	slices.SortStableFunc(left, func(x, y graph.ID) int { return cmp.Or(len(ties[x])-len(ties[y]), cmp.Compare(x, y)) })
	pull := map[graph.ID]int{}
	var out []graph.ID
	for len(left) > 0 {
		best := 0
		for i, id := range left {
			if 1000*pull[id]-len(ties[id]) > 1000*pull[left[best]]-len(ties[left[best]]) {
				best = i
			}
		}
		id := left[best]
		left = slices.Delete(left, best, best+1)
		out = append(out, id)
		for other := range ties[id] {
			pull[other]++
		}
	}
	return out
}

// draw makes the picture of some nodes: boxes, zones, lines between them, and a note
// at a box for lines that leave the picture.
func (v *view) draw(ids []graph.ID) Picture {
	p := Picture{rooms: reportRooms}
	at := map[graph.ID]int{}
	outside := v.needInternet(ids)
	ids = slices.Clone(ids)
	slices.Sort(ids)
	for _, id := range append(ids, outside...) {
		at[id] = len(p.Boxes)
		p.Boxes = append(p.Boxes, v.box(&p, v.m.Node(id)))
	}
	v.lines(&p, at)
	v.size(&p)
	v.place(&p)
	return p
}

// needInternet adds the internet and the clock to a picture whose nodes they feed.
func (v *view) needInternet(ids []graph.ID) []graph.ID {
	in := map[graph.ID]bool{}
	for _, id := range ids {
		in[id] = true
	}
	extra := map[graph.ID]bool{}
	for _, f := range v.flows {
		if (f.From == graph.Internet || f.From == graph.Schedule) && in[f.To] {
			extra[f.From] = true
		}
		if f.To == graph.Internet && in[f.From] {
			extra[f.To] = true
		}
	}
	return slices.Sorted(maps.Keys(extra))
}
