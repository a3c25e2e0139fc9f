package diagram

import (
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/flowdeed/flowdeed/classify"
	"github.com/flowdeed/flowdeed/graph"
	"github.com/flowdeed/flowdeed/reach"
	"github.com/flowdeed/flowdeed/report/doc"
)

// Question is a question about access with its answer, as it is to be drawn.
type Question struct {
	Title    string   // "Who can read customers"
	From, To []string // what was asked about: where the ways begin, and where they end
	Result   reach.Result
}

// ErrNoWay is what Access returns when no answer says that somebody has access.
var ErrNoWay = errors.New("there is no way to draw")

// Access draws the ways of a result: who may do what, through whom, and under which
// conditions. Permissions are double lines, flows of data single ones. What has the same
// way is one box when the whole would not fit a page; what fits no page even then goes
// into several pictures of at most 40 boxes each. The error is ErrNoWay.
func Access(m *graph.Model, labels *classify.Labels, q Question, opt Options) ([]Picture, error) {
	if len(q.Result.Answers) == 0 {
		return nil, ErrNoWay
	}
	q.Title = doc.Clean(q.Title)
	a := &access{scene: newScene(m, labels, opt), q: q, ways: waysOf(q.Result.Answers)}
	defer a.engine.Close()
	a.keys()
	out := a.pictures()
	for i := range out {
		p := &out[i]
		p.ID, p.Title, p.About = fmt.Sprintf("access-%d", i+1), q.Title, "Ways of access: "+q.Title
		if len(out) > 1 {
			p.Title += fmt.Sprintf(", part %d of %d", i+1, len(out))
		}
	}
	return out, nil
}

// access is what pictures of access are drawn from.
type access struct {
	scene
	q     Question
	ways  []way
	opens []opened           // keys with what they encrypt
	of    map[string]*circle // what is drawn as one, by node
}

// opened says that a key of the picture decrypts a store that was asked about.
type opened struct{ key, store string }

// keys notes which keys at the end of ways are those of stores that were asked about.
func (a *access) keys() {
	for _, store := range a.q.To {
		for _, f := range a.m.Out(graph.ID(store)) {
			o := opened{string(f.To), store}
			ends := slices.ContainsFunc(a.ways, func(w way) bool { return w[len(w)-1].to == o.key })
			if f.Kind == graph.EncryptsWith && ends && !slices.Contains(a.opens, o) {
				a.opens = append(a.opens, o)
			}
		}
	}
}

// The most that a picture, and an answer, may hold. What goes beyond is counted in the
// caption.
const (
	mostLines    = 60
	mostPictures = 30
)

// pictures draws all ways in one picture if they fit; else folds what has the same way
// and looks the same; else what has the same way and may look different; else makes
// parts.
func (a *access) pictures() []Picture {
	for _, f := range []folding{unfolded, exactly, loosely} {
		a.fold(a.ways, f)
		if p, ok := a.try(a.ways); ok {
			return []Picture{p}
		}
	}
	return a.parts()
}

// parts makes pictures with all ways to some of the ends each; an end with more ways than
// a picture takes has several to itself.
func (a *access) parts() (out []Picture) {
	var last []way
	drawn := 0
	add := func(p Picture, groups [][]way) {
		last = slices.Concat(groups...)
		drawn += len(last)
		out = append(out, p)
	}
	for left := a.grouped(a.ways, a.end); len(left) > 0 && len(out) < mostPictures; {
		if p, n, ok := a.take(left); ok {
			add(p, left[:n])
			left = left[n:]
			continue
		}
		for some := a.grouped(left[0], a.drawnAs); len(some) > 0 && len(out) < mostPictures; {
			p, n, _ := a.take(some)
			add(p, some[:n])
			some = some[n:]
		}
		left = left[1:]
	}
	if rest := len(a.ways) - drawn; rest > 0 {
		a.fold(last, loosely)
		out[len(out)-1] = a.draw(last, rest)
	}
	return out
}

// mostTried is how many groups of ways are tried for a picture.
const mostTried = 16

// take draws as many groups of ways as one picture takes, and tells how many. ok is false
// when the first of them is too much already.
func (a *access) take(groups [][]way) (p Picture, n int, ok bool) {
	for n = min(len(groups), mostTried); ; {
		ways := slices.Concat(groups[:n]...)
		a.fold(ways, loosely)
		if p, ok = a.try(ways); ok {
			return p, n, true
		}
		if n == 1 {
			return a.draw(ways, 0), 1, false
		}
		n = max(1, min(n-1, int(float64(n)/max(p.excess(), 0.1)*1.1)))
	}
}

// try draws some ways and tells whether the picture can be read and fits its page.
func (a *access) try(ways []way) (Picture, bool) {
	boxes, lines := map[string]bool{}, map[string]bool{}
	for _, w := range ways {
		for _, h := range w {
			boxes[a.lead(h.from)], boxes[a.lead(h.to)] = true, true
			lines[h.kind()+"\x00"+a.lead(h.from)+"\x00"+a.lead(h.to)] = true
		}
	}
	for _, o := range a.opens {
		if boxes[a.lead(o.key)] {
			boxes[a.lead(o.store)], lines[o.key+"\x00"+a.lead(o.store)] = true, true
		}
	}
	if over := max(float64(len(boxes))/mostBoxes, float64(len(lines))/mostLines); over > 1 {
		return Picture{W: over, H: over, rooms: []room{{1, 1}}}, false // not worth placing
	}
	p := a.draw(ways, 0)
	return p, p.fits() && !p.tangled()
}

// grouped puts ways with the same key together, in the order of their keys.
func (a *access) grouped(ways []way, key func(way) string) [][]way {
	by := map[string][]way{}
	for _, w := range ways {
		by[key(w)] = append(by[key(w)], w)
	}
	var out [][]way
	for _, k := range slices.Sorted(maps.Keys(by)) {
		out = append(out, by[k])
	}
	return out
}

// end is the box where a way ends.
func (a *access) end(w way) string { return a.lead(w[len(w)-1].to) }

// drawnAs is the same for ways that are drawn as one: those of things in one box.
func (a *access) drawnAs(w way) string { return w.key(a.lead) }

// accessRooms are A4 landscape and portrait with margins and the title taken off: legend
// and notes are part of these pictures.
var accessRooms = []room{{782, 515}, {535, 762}}

// draw makes the picture of some ways, with its notes. rest counts the ways that no
// picture shows.
func (a *access) draw(ways []way, rest int) Picture {
	p := Picture{rooms: accessRooms}
	at := map[string]int{}
	box := func(id string) int {
		lead := a.lead(id)
		i, there := at[lead]
		if !there {
			i = len(p.Boxes)
			at[lead] = i
			p.Boxes = append(p.Boxes, a.box(&p, lead))
		}
		return i
	}
	drawn := map[string]int{}
	for _, w := range ways {
		for _, h := range w {
			from, to := box(h.from), box(h.to)
			key := fmt.Sprint(from, "\x00", to, "\x00", h.kind())
			i, there := drawn[key]
			if !there {
				i = len(p.Lines)
				drawn[key] = i
				p.Lines = append(p.Lines, Line{From: from, To: to})
			}
			h.onto(&p.Lines[i])
		}
	}
	for _, o := range a.opens {
		if _, there := at[a.lead(o.key)]; !there {
			continue
		}
		from, to := box(o.key), box(o.store)
		if key := fmt.Sprint(from, "\x00", to); drawn[key] == 0 {
			drawn[key] = 1
			p.Lines = append(p.Lines, Line{From: from, To: to, Relation: true, Word: "decrypts"})
		}
	}
	for i := range p.Lines {
		a.word(&p, &p.Lines[i])
	}
	a.size(&p)
	a.place(&p)
	a.finish(&p, ways, rest)
	return p
}
