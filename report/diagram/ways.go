package diagram

import (
	"slices"
	"strings"

	"github.com/flowdeed/flowdeed/graph"
	"github.com/flowdeed/flowdeed/iam"
	"github.com/flowdeed/flowdeed/reach"
)

// way is one way of access: its hops from the one who has it to the store.
type way []hop

// hop is one line of a way. What somebody does to itself first, such as giving itself
// every permission, is part of the hop that follows.
type hop struct {
	from, to string
	what     reach.Hop
	words    string      // "assumes", "escalates by code-lambda"; "" where only may counts
	may      []string    // kinds of access at the end of a way, sorted
	if_      []string    // alternatives, one of which must hold
	by       string      // the permissions that an escalation takes
	gained   bool        // by a right that was not given
	flow     *graph.Flow // that the hop follows
}

// waysOf turns answers into ways. An answer that comes twice, as that about the key of
// two stores does, is one way.
func waysOf(list []reach.Answer) []way {
	var out []way
	seen := map[string]bool{}
	for i := range list {
		x := &list[i]
		var w way
		from, start := x.Principal, 0
		for j := range x.Steps {
			if x.Steps[j].To == from && j+1 < len(x.Steps) {
				continue
			}
			w = append(w, hopOf(from, x.Steps[start:j+1], x.Access, j+1 == len(x.Steps)))
			from, start = x.Steps[j].To, j+1
		}
		if key := w.key(func(id string) string { return id }); !seen[key] {
			seen[key] = true
			out = append(out, w)
		}
	}
	return out
}

// key is the same for ways that are drawn the same, when box says in which box a node is.
func (w way) key(box func(string) string) string {
	var key strings.Builder
	for _, h := range w {
		key.WriteString(box(h.from) + "\x00" + box(h.to) + "\x00" + h.kind() + "\x00" + strings.Join(h.may, ",") + "\x00")
	}
	return key.String()
}

// hopOf makes one hop of steps of which only the last leads elsewhere.
func hopOf(from string, steps []reach.Step, access []iam.Access, end bool) hop {
	last := &steps[len(steps)-1]
	h := hop{from: from, to: last.To, what: last.Hop(), flow: last.Flow(), if_: reach.Conditions(steps)}
	var words, by []string
	for i := range steps {
		s := &steps[i]
		switch s.Hop() {
		case reach.Passes:
			words, by, h.gained = append(words, "passes role: "+s.Rule), append(by, s.How), true
		case reach.Gains:
			h.gained = true
			if i+1 == len(steps) && end {
				by = append(by, s.How)
				continue
			}
			words, by = append(words, "escalates by "+s.Rule), append(by, s.How)
		case reach.Assumes:
			words = append(words, "assumes")
		case reach.RunsUnder:
			words = append(words, "runs as")
		}
	}
	if end && h.flow == nil {
		for _, k := range access {
			h.may = append(h.may, string(k))
		}
		slices.Sort(h.may)
	}
	h.words, h.by = strings.Join(words, ", then "), strings.Join(by, ", then ")
	return h
}

// kind tells hops apart that are lines of their own between the same boxes. Kinds of
// access that are had in the same way share a line.
func (h *hop) kind() string {
	flow := ""
	if h.flow != nil {
		flow = string(h.flow.Kind) + "\x00" + h.flow.Via
	}
	return strings.Join([]string{string(h.what), h.words, h.by, strings.Join(h.if_, "\x00"), flow}, "\x00")
}

// onto adds a hop to its line.
func (h *hop) onto(l *Line) {
	l.Count++
	if h.flow != nil {
		l.follow(h.flow)
		return
	}
	l.Access, l.Gained, l.Conditional = true, h.gained, len(h.if_) > 0
	l.words, l.conditions, l.by = h.words, h.if_, h.by
	l.may = append(l.may, h.may...)
	slices.Sort(l.may)
	l.may = slices.Compact(l.may)
}

// follow makes a line that of a flow of the graph.
func (l *Line) follow(f *graph.Flow) {
	if !f.Kind.Carries() {
		l.Relation, l.Word = true, strings.ReplaceAll(string(f.Kind), "-", " ")
		if f.Kind == graph.EncryptsWith {
			l.Word = "decrypts"
		}
		return
	}
	forward, backward := f.Kind.DataMoves()
	l.Both, l.Back = forward && backward, backward && !forward
	l.Declared = f.Layers == graph.Declared
	l.Verdict = verdictOf(f)
	l.Word = transitWords[l.Verdict]
	l.Data = strings.ReplaceAll(string(f.Kind), "-", " ")
	if f.Via != "" {
		l.Data += " (" + f.Via + ")"
	}
	l.Kinds = []string{string(f.Kind)}
}
