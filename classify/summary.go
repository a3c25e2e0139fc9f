package classify

import (
	"slices"

	"github.com/flowdeed/flowdeed/graph"
)

// StateCount is how many nodes that keep data are in a state.
type StateCount struct {
	State State
	Nodes int
}

// States lists all states, in the order in which reports print them.
func States() []State {
	return []State{Declared, Inferred, Disputed, Stale, Weak, Unreadable, Unknown, None}
}

// CountStates counts the nodes that keep data by their state, every state once, also
// those that no node is in. Nodes outside the scanned accounts are left out.
func (l *Labels) CountStates(m *graph.Model) []StateCount {
	out := make([]StateCount, 0, len(States()))
	for _, s := range States() {
		out = append(out, StateCount{State: s})
	}
	for _, n := range m.Nodes() {
		if n.Class.KeepsData() && !n.External {
			out[slices.Index(States(), l.At(n.ID).State)].Nodes++
		}
	}
	return out
}

// Categories returns the categories at a node, sorted, each once, without weak hints.
func (l *Labels) Categories(id graph.ID) []string { return categories(l.At(id).Labels) }

// Carries returns the categories that a flow carries, in either direction, sorted,
// each once, without weak hints.
func (l *Labels) Carries(f *graph.Flow) []string {
	var out []Label
	forward, backward := f.Kind.DataMoves()
	if forward {
		out = append(out, l.movedLabels(f, f.From, f.To)...)
	}
	if backward {
		out = append(out, l.movedLabels(f, f.To, f.From)...)
	}
	return categories(out)
}

func (l *Labels) movedLabels(f *graph.Flow, from, to graph.ID) []Label {
	if l.source == nil {
		return l.At(from).Labels
	}
	return l.source.moved(f, from, to)
}

func categories(labels []Label) []string {
	var out []string
	for _, x := range labels {
		if x.State != Weak {
			out = append(out, x.Category)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// moved lists what of a node's good labels takes a flow to another node.
func (a *answer) moved(f *graph.Flow, from, to graph.ID) []Label {
	u, okU := a.rank[from]
	v, okV := a.rank[to]
	if !okU || !okV {
		return nil
	}
	var out []Label
	for i := a.first[v]; i < a.first[v+1]; i++ {
		// What comes with a request is on the flow though its source is not labelled.
		if s := &a.seeds[i]; s.via == f && s.state != Weak {
			out = append(out, Label{Category: a.atoms.list[s.atom].category, State: Inferred})
		}
	}
	if !carriesContent(a.m, f) && !logsCallers(f) && !answersBack(f) {
		return out // hints on a request, and nothing of what it holds
	}
	set := make([]uint64, a.net.words)
	for _, x := range a.atomsAt(u) {
		if x.state = a.contradicted(u, &a.statements[u], &x); x.state != Weak {
			set[x.atom/64] |= 1 << (x.atom % 64)
		}
	}
	buf := make([]uint64, a.net.words)
	for i := a.net.off[u]; i < a.net.off[u+1]; i++ {
		if s := &a.net.steps[i]; s.to == v && a.m.Flows()[s.flow] == f {
			a.net.turned(s, set, buf)
			each(buf, func(x int32) {
				t := a.atoms.list[x]
				out = append(out, Label{Category: t.category, Subjects: t.people(), State: Inferred, MayContain: t.may})
			})
		}
	}
	return out
}
