package diagram

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/flowdeed/flowdeed/classify"
	"github.com/flowdeed/flowdeed/graph"
)

// ends is an ordered pair of boxes.
type ends struct{ from, to int }

func (e ends) turned() ends { return ends{e.to, e.from} }

// bundle is all flows from one box to another, with the categories they carry.
type bundle struct {
	Line
	categories map[string]bool
}

// lines bundles the flows between boxes, in the direction the data moves.
func (v *view) lines(p *Picture, at map[graph.ID]int) {
	bundles := map[ends]*bundle{}
	for _, f := range v.flows {
		from, hasFrom := at[f.From]
		to, hasTo := at[f.To]
		if hasFrom && hasTo {
			v.bundle(bundles, p, f, ends{from, to})
		}
	}
	for _, k := range slices.SortedFunc(maps.Keys(bundles), func(x, y ends) int { return cmp.Or(x.from-y.from, x.to-y.to) }) {
		b, back := bundles[k], bundles[k.turned()]
		switch {
		case back != nil && k.from > k.to:
			continue // it went into the line of the other direction
		case back != nil && k.from < k.to:
			b.Both, b.Count, b.Verdict = true, b.Count+back.Count, worse(b.Verdict, back.Verdict)
		}
		b.Word = transitWords[b.Verdict]
		b.Data = dataWords(b.categories, 1)
		slices.Sort(b.Kinds)
		b.Kinds = slices.Compact(b.Kinds)
		p.Lines = append(p.Lines, b.Line)
	}
	v.elsewhere(p, at)
}

// bundle adds a flow to the others between the same boxes.
func (v *view) bundle(bundles map[ends]*bundle, p *Picture, f *graph.Flow, k ends) {
	forward, backward := f.Kind.DataMoves()
	if backward && !forward {
		k = k.turned()
	}
	b := bundles[k]
	if b == nil {
		b = &bundle{Line{From: k.from, To: k.to, Verdict: graph.TransitEnforced, Declared: true}, map[string]bool{}}
		bundles[k] = b
	}
	b.Count++
	b.Both = b.Both || forward && backward
	b.Declared = b.Declared && f.Layers == graph.Declared
	b.Kinds = append(b.Kinds, string(f.Kind))
	b.Verdict = worse(b.Verdict, verdictOf(f))
	if f.Kind == graph.Exposes {
		return // what comes in from outside is not known
	}
	for _, x := range v.labels.At(p.Boxes[k.from].Node).Labels {
		if x.State != classify.Weak {
			b.categories[x.Category] = true
		}
	}
}

// elsewhere notes at each box how many neighbours are in other pictures.
func (v *view) elsewhere(p *Picture, at map[graph.ID]int) {
	away := make([]map[graph.ID]bool, len(p.Boxes))
	note := func(from, to graph.ID) {
		box, here := at[from]
		if _, there := at[to]; !here || there || to == graph.Internet || to == graph.Schedule {
			return
		}
		if away[box] == nil {
			away[box] = map[graph.ID]bool{}
		}
		away[box][to] = true
	}
	for _, f := range v.flows {
		note(f.From, f.To)
		note(f.To, f.From)
	}
	for i, others := range away {
		if len(others) > 0 {
			p.Boxes[i].Off = fmt.Sprintf("+%d in other parts", len(others))
		}
	}
}

func verdictOf(f *graph.Flow) graph.Transit {
	t := graph.InTransit.Get(&f.Facts)
	if !t.Known {
		return graph.TransitUnknown
	}
	return t.V
}

func worse(a, b graph.Transit) graph.Transit {
	if slices.Index(badness, b) > slices.Index(badness, a) {
		return b
	}
	return a
}

// dataWords names categories by the last parts of their keys: the first few, and the
// count of the others.
func dataWords(set map[string]bool, most int) string {
	var words []string
	for _, k := range slices.Sorted(maps.Keys(set)) {
		words = append(words, strings.ReplaceAll(k[strings.LastIndexByte(k, '.')+1:], "_", " "))
	}
	words = slices.Compact(words)
	more := ""
	if len(words) > most {
		words, more = words[:most], fmt.Sprintf(" +%d", len(words)-most)
	}
	return strings.Join(words, ", ") + more
}
