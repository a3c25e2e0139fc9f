package diagram

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/flowdeed/flowdeed/classify"
	"github.com/flowdeed/flowdeed/graph"
	"github.com/flowdeed/flowdeed/reach"
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
	of    map[string]*circle // what is drawn as one, by node; nil while nothing is folded
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
	mostPictures = 12
)

// pictures draws all ways in one picture if they fit; else folds what has the same way;
// else makes parts.
func (a *access) pictures() []Picture {
	if a.within(a.ways) {
		if p := a.draw(a.ways); fits(p) && !p.tangled() {
			a.finish(&p, a.ways, 0)
			return []Picture{p}
		}
	}
	a.fold()
	left := a.distinct()
	var out []Picture
	for len(left) > 0 && len(out) < mostPictures {
		n := len(left)
		for n > 1 && !a.within(left[:n]) {
			n--
		}
		p := a.draw(left[:n])
		for n > 1 && (!fits(p) || p.tangled()) {
			n = max(1, n*4/5)
			p = a.draw(left[:n])
		}
		rest := 0
		if len(out)+1 == mostPictures {
			rest = len(left) - n
		}
		a.finish(&p, left[:n], rest)
		out = append(out, p)
		left = left[n:]
	}
	return out
}

// within tells whether ways keep to the number of boxes and lines of a picture.
func (a *access) within(ways []way) bool {
	boxes, lines := map[string]bool{}, map[string]bool{}
	for _, w := range ways {
		for _, h := range w {
			boxes[a.lead(h.from)], boxes[a.lead(h.to)] = true, true
			lines[h.kind()+"\x00"+a.lead(h.from)+"\x00"+a.lead(h.to)] = true
		}
	}
	return len(boxes)+len(a.opens) <= mostBoxes && len(lines) <= mostLines
}

// distinct are the ways as they are drawn: those of things in one box are one way. Ways
// to the same end stay together.
func (a *access) distinct() []way {
	seen := map[string]bool{}
	var out []way
	for _, w := range a.ways {
		var key strings.Builder
		for _, h := range w {
			key.WriteString(h.kind() + "\x00" + strings.Join(h.may, ",") + "\x00" + a.lead(h.from) + "\x00" + a.lead(h.to) + "\x00")
		}
		if !seen[key.String()] {
			seen[key.String()] = true
			out = append(out, w)
		}
	}
	slices.SortStableFunc(out, func(x, y way) int {
		return strings.Compare(a.lead(x[len(x)-1].to), a.lead(y[len(y)-1].to))
	})
	return out
}

// draw makes the picture of some ways and places it.
func (a *access) draw(ways []way) Picture {
	p := Picture{}
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
		if _, there := at[a.lead(o.key)]; there {
			p.Lines = append(p.Lines, Line{From: box(o.key), To: box(o.store), Relation: true, Word: "decrypts"})
		}
	}
	for i := range p.Lines {
		a.word(&p, &p.Lines[i])
	}
	a.size(&p)
	a.place(&p)
	return p
}
