package classify

import (
	"slices"

	"github.com/flowdeed/flowdeed/annotations"
	"github.com/flowdeed/flowdeed/graph"
)

// Shield is a protection at a node with what it is meant for: the stores and parties
// behind it.
type Shield struct {
	Node  graph.ID
	State string // key of the protections of the taxonomy: "pseudonymised"
	// Doubt says why nobody can rely on it; empty when a person vouches for it.
	Doubt string
	// Acts are the categories that come to the node and that it changes or stops, sorted.
	Acts []string
	// Key is what undoes the protection, as declared; KeyNode is its node, empty when it
	// is not in the graph.
	Key     string
	KeyNode graph.ID
	Origin  string
	Targets []Shielded // sorted by node
}

// Shielded is a store or party that is reached through a protection.
type Shielded struct {
	Node graph.ID
	// Bypass are the labels of categories that come here as they were: by a path on which
	// no node protects them. Weak ones are hints.
	Bypass []Label
}

// Shields lists the protections with what they are meant for, by node. The effect of a
// protection holds for a target only if every path from a source of the category to the
// target goes through a node that protects it: a vertex cut. Labels are carried along
// all paths, so one that arrives unchanged is the path around. A target where somebody
// states the category is a source itself and no bypass. Source: privacy model,
// "Propagation and declassification".
func (l *Labels) Shields() []Shield {
	a := l.source
	if a == nil {
		return nil
	}
	var out []Shield
	for v := range int32(len(a.nodes)) {
		for i := range a.statements[v].Protects {
			if pr := &a.statements[v].Protects[i]; pr.Effect != "keep" || pr.Key != "" || len(pr.Drops) > 0 {
				out = append(out, a.shield(l, v, pr))
			}
		}
	}
	return out
}

func (a *answer) shield(l *Labels, v int32, pr *annotations.Protection) Shield {
	s := Shield{Node: a.nodes[v].ID, State: pr.State, Doubt: a.doubt(pr), Key: pr.Key, KeyNode: a.keyNode(pr.Key), Origin: pr.Origin}
	here := slices.DeleteFunc(slices.Clone(l.At(s.Node).Labels), func(x Label) bool { return !pr.Acts(x.Category) })
	for _, x := range here {
		s.Acts = append(s.Acts, x.Category)
	}
	slices.Sort(s.Acts)
	s.Acts = slices.Compact(s.Acts)
	for _, t := range a.behind(v, pr) {
		target := Shielded{Node: a.nodes[t].ID}
		for _, x := range l.At(target.Node).Labels {
			if len(x.Path) > 1 && slices.ContainsFunc(here, func(y Label) bool { return y.Category == x.Category && sharePeople(x, y) }) {
				target.Bypass = append(target.Bypass, x)
			}
		}
		s.Targets = append(s.Targets, target)
	}
	return s
}

// sharePeople tells whether two labels may be about the same people.
func sharePeople(x, y Label) bool {
	return len(x.Subjects) == 0 || len(y.Subjects) == 0 || slices.ContainsFunc(x.Subjects, func(s string) bool { return slices.Contains(y.Subjects, s) })
}

// behind lists what keeps data, and who is outside, behind the protected ways out of a
// node, sorted.
func (a *answer) behind(v int32, pr *annotations.Protection) []int32 {
	var queue, out []int32
	seen := map[int32]bool{v: true}
	visit := func(t int32) {
		if !seen[t] {
			seen[t] = true
			queue = append(queue, t)
		}
	}
	flows := a.m.Flows()
	for _, s := range a.net.steps[a.net.off[v]:a.net.off[v+1]] {
		f := flows[s.flow]
		if s.strength >= strongStep && carriesContent(a.m, f) && a.meantFor(pr, s.to, verbatim[f.Kind]) {
			visit(s.to)
		}
	}
	for len(queue) > 0 {
		t := queue[0]
		queue = queue[1:]
		if n := a.nodes[t]; n.Class.KeepsData() || n.Class.Role() == graph.RoleExternal {
			out = append(out, t)
		}
		for _, s := range a.net.steps[a.net.off[t]:a.net.off[t+1]] {
			if s.strength >= strongStep && carriesContent(a.m, flows[s.flow]) {
				visit(s.to)
			}
		}
	}
	slices.Sort(out)
	return out
}

// keyNode finds the node a declaration of a key or mapping table means: by its id, by a
// name the configuration uses for it, or by the id of an annotation.
func (a *answer) keyNode(key string) graph.ID {
	if key == "" {
		return ""
	}
	if n := a.m.Node(graph.ID(key)); n != nil {
		return n.ID
	}
	for i, n := range a.nodes {
		if slices.Contains(n.Aliases, key) || a.set.Selects(annotations.Selector{Resource: key}, a.targets[i]) {
			return n.ID
		}
	}
	return ""
}
