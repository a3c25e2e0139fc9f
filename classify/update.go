package classify

import (
	"cmp"
	"fmt"
	"maps"
	"reflect"
	"slices"

	"github.com/flowdeed/flowdeed/annotations"
	"github.com/flowdeed/flowdeed/graph"
)

// Change says what is new since labels were found.
type Change struct {
	// Set is what people say now; nil when that did not change.
	Set *annotations.Set
	// Nodes are those of which Set says something else than before, or says it on another
	// line, or whose own facts, fields or tags changed. An entry that matches other nodes
	// than before changes both.
	Nodes []graph.ID
	// Flows are those whose facts, evidence or layers changed. What declared flows carry
	// is compared without being named here.
	Flows []*graph.Flow
}

// Update brings labels up to date after a change, as if Propagate had been run anew. It
// reads only what the change touches and sweeps once; the graph is drawn together again
// only where a step came, went, or began or ceased to change what takes it.
//
// The graph must hold the same nodes and flows as before, and people may not have changed
// the taxonomy or the parties; otherwise run Propagate. Update must not run beside
// readers, and what was read before stays as it was.
func (l *Labels) Update(c Change) error {
	a := l.source
	if a == nil {
		return fmt.Errorf("these labels were given, not carried: there is nothing to update")
	}
	if len(a.m.Nodes()) != len(a.nodes) || len(a.m.Flows()) != a.flows {
		return fmt.Errorf("the graph has other nodes or flows than before: find the labels anew")
	}
	u := &update{answer: a, nodes: map[int32]bool{}, flows: map[int32]bool{}}
	for _, id := range c.Nodes {
		v, ok := a.rank[id]
		if !ok {
			return fmt.Errorf("%s is not in the graph: find the labels anew", id)
		}
		u.nodes[v] = true
	}
	u.say(c.Set)
	for _, f := range c.Flows {
		u.flow(f)
	}
	u.around()
	u.restate()
	u.rewalk()
	a.carry()
	a.ready()
	l.grade = a.grade
	return nil
}

// update is one change under way.
type update struct {
	*answer
	nodes map[int32]bool // statements may differ
	flows map[int32]bool // positions in Model.Flows whose steps may differ
}

// flow marks a flow. Flows are sorted, so its position is found by its ends.
func (u *update) flow(f *graph.Flow) {
	order := u.m.Flows()
	i, _ := slices.BinarySearchFunc(order, f, func(x, y *graph.Flow) int {
		return cmp.Or(cmp.Compare(x.From, y.From), cmp.Compare(x.To, y.To), cmp.Compare(x.Kind, y.Kind), cmp.Compare(x.Via, y.Via))
	})
	if i < len(order) && order[i] == f {
		u.flows[int32(i)] = true
	}
}

// say reads what people say now of the nodes that changed.
func (u *update) say(set *annotations.Set) {
	rules := u.set.Flows()
	if set != nil {
		u.set = set
	}
	for v := range u.nodes {
		u.targets[v] = Target(u.answer.nodes[v])
		u.statements[v] = u.set.For(u.targets[v])
	}
	before := u.narrow
	if set != nil && !reflect.DeepEqual(rules, set.Flows()) {
		u.narrow = u.narrowings()
		u.narrowed(before)
		u.narrowed(u.narrow)
		return
	}
	k := 0
	for _, r := range u.set.Flows() {
		if r.Carries == nil {
			continue
		}
		for v := range u.nodes {
			u.selectNode(u.narrow[k].from, r.From, v)
			u.selectNode(u.narrow[k].to, r.To, v)
		}
		k++
	}
}

// narrowed marks the flows that a list of rules speaks of.
func (u *update) narrowed(list []narrowing) {
	for _, n := range list {
		for v := range n.from {
			for _, f := range u.m.Out(u.answer.nodes[v].ID) {
				if n.to[u.rank[f.To]] {
					u.flow(f)
				}
			}
			for _, f := range u.m.In(u.answer.nodes[v].ID) {
				if n.to[u.rank[f.From]] {
					u.flow(f)
				}
			}
		}
	}
}

// around marks the flows whose rules read the statements of changed nodes: those at the
// nodes, and those behind what the nodes feed.
func (u *update) around() {
	for v := range u.nodes {
		id := u.answer.nodes[v].ID
		for _, f := range u.m.In(id) {
			u.flow(f)
		}
		for _, f := range u.m.Out(id) {
			u.flow(f)
			if _, known := u.rank[f.To]; known {
				for _, g := range u.m.Out(f.To) {
					u.flow(g)
				}
			}
		}
	}
}

// restate lists anew what is stated at changed nodes and at the ends of changed flows.
func (u *update) restate() {
	touched := map[int32]bool{}
	for v := range u.nodes {
		touched[v] = true
	}
	for i := range u.flows {
		if v, ok := u.rank[u.m.Flows()[i].To]; ok {
			touched[v] = true
		}
	}
	kept := slices.DeleteFunc(u.seeds, func(s seed) bool { return touched[s.node] })
	u.seeds = nil
	for _, v := range slices.Sorted(maps.Keys(touched)) {
		u.stateAt(v)
		for _, f := range u.m.In(u.answer.nodes[v].ID) {
			u.accompany(f)
		}
	}
	sortSeeds(u.seeds) // in case a flow leads back to where it came from
	u.seeds = merged(kept, u.seeds)
}

// merged joins two lists that are sorted by node.
func merged(a, b []seed) []seed {
	out := make([]seed, 0, len(a)+len(b))
	for len(a) > 0 && len(b) > 0 {
		if b[0].node < a[0].node {
			out, b = append(out, b[0]), b[1:]
		} else {
			out, a = append(out, a[0]), a[1:]
		}
	}
	return append(append(out, a...), b...)
}

// rewalk lists the steps of changed flows anew. Where they are drawn as before and only
// what becomes of data on them differs, the network keeps its form.
func (u *update) rewalk() {
	all := u.steps
	same := true
	fresh := map[int32][]step{}
	for _, i := range slices.Sorted(maps.Keys(u.flows)) {
		u.steps = nil
		u.over(u.m.Flows()[i], i)
		fresh[i] = u.steps
		same = same && slices.EqualFunc(u.stepsOf(all, i), u.steps, alike)
	}
	u.steps = all
	if same {
		u.turnAgain(fresh)
		return
	}
	u.steps = make([]step, 0, len(all))
	for len(all) > 0 {
		i := all[0].flow
		u.steps = append(u.steps, u.missing(fresh, i)...)
		if list, ok := fresh[i]; ok {
			u.steps = append(u.steps, list...)
			delete(fresh, i)
			all = all[len(u.stepsOf(all, i)):]
			continue
		}
		u.steps, all = append(u.steps, all[0]), all[1:]
	}
	u.steps = append(u.steps, u.missing(fresh, int32(len(u.m.Flows())))...)
	closeTurns(&u.atoms, u.turns)
	u.connect()
}

// missing takes the steps of flows before one that had none until now.
func (u *update) missing(fresh map[int32][]step, before int32) []step {
	var out []step
	if len(fresh) == 0 {
		return nil
	}
	for _, i := range sortedFlows(fresh) {
		if i < before {
			out = append(out, fresh[i]...)
			delete(fresh, i)
		}
	}
	return out
}

func sortedFlows(m map[int32][]step) []int32 {
	out := make([]int32, 0, len(m))
	for k := range m {
		out = append(out, k)
	}
	slices.Sort(out)
	return out
}

// stepsOf are the steps of one flow in a list sorted by flow.
func (u *update) stepsOf(list []step, flow int32) []step {
	from, _ := slices.BinarySearchFunc(list, flow, func(s step, f int32) int { return cmp.Compare(s.flow, f) })
	to := from
	for to < len(list) && list[to].flow == flow {
		to++
	}
	return list[from:to]
}

// alike tells whether the form of a network is the same with either of two steps.
func alike(a, b step) bool {
	return a.from == b.from && a.to == b.to && a.strength == b.strength && (a.turn == 0) == (b.turn == 0)
}

// turnAgain gives the changed steps their new turns.
func (u *update) turnAgain(fresh map[int32][]step) {
	turned := false
	for i, list := range fresh {
		copy(u.stepsOf(u.steps, i), list)
		next := map[int32]int32{} // node -> where in its row to go on: a flow may have several steps there
		for _, s := range list {
			k := max(next[s.from], u.net.off[s.from])
			for u.net.steps[k].flow != i {
				k++
			}
			u.net.steps[k].turn = s.turn
			next[s.from] = k + 1
			turned = turned || s.turn != 0
		}
	}
	closeTurns(&u.atoms, u.turns)
	u.net.turns = u.turns
	if turned {
		for _, l := range []*layer{u.strong, u.any, u.surely} {
			if l != nil {
				l.turns()
			}
		}
	}
}
