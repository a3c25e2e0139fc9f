package graph

import (
	"cmp"
	"maps"
	"slices"
)

// Model is the graph while it is built and read: a directed multigraph.
// Build it in one goroutine, call Freeze, then share it.
type Model struct {
	nodes  map[ID]*Node
	flows  map[flowKey]*Flow
	sorted []*Node
	order  []*Flow
	out    map[ID][]*Flow
	in     map[ID][]*Flow
}

type flowKey struct {
	from, to ID
	kind     FlowKind
	via      string
}

// NewModel returns an empty model.
func NewModel() *Model {
	return &Model{nodes: map[ID]*Node{}, flows: map[flowKey]*Flow{}}
}

// AddNode adds a node, or returns the node that already has its id. A node first
// seen from outside is filled in when its own description arrives.
func (m *Model) AddNode(n Node) *Node {
	old, ok := m.nodes[n.ID]
	switch {
	case !ok:
		old = &n
		m.nodes[n.ID] = old
	case old.External && !n.External:
		n.Aliases = append(n.Aliases, old.Aliases...)
		*old = n
	}
	return old
}

// AddFlow adds a flow, or adds its evidence and layers to the flow that already
// runs between the same nodes with the same kind and via.
func (m *Model) AddFlow(f Flow) *Flow {
	k := flowKey{f.From, f.To, f.Kind, f.Via}
	old, ok := m.flows[k]
	if !ok {
		old = &f
		m.flows[k] = old
		return old
	}
	old.Layers |= f.Layers
	for _, e := range f.Evidence {
		if !slices.Contains(old.Evidence, e) {
			old.Evidence = append(old.Evidence, e)
		}
	}
	for _, x := range f.Facts.All() {
		if have, ok := old.Facts.Lookup(x.Name); !ok || !have.Known {
			old.Facts.put(x)
		}
	}
	return old
}

// Freeze sorts everything and makes the model ready for reading.
func (m *Model) Freeze() {
	m.sorted = slices.SortedFunc(maps.Values(m.nodes), func(a, b *Node) int { return cmp.Compare(a.ID, b.ID) })
	m.order = slices.SortedFunc(maps.Values(m.flows), compareFlows)
	m.out, m.in = map[ID][]*Flow{}, map[ID][]*Flow{}
	for _, f := range m.order {
		m.out[f.From] = append(m.out[f.From], f)
		m.in[f.To] = append(m.in[f.To], f)
	}
	for _, n := range m.sorted {
		slices.Sort(n.Aliases)
		n.Aliases = slices.Compact(n.Aliases)
	}
}

func compareFlows(a, b *Flow) int {
	return cmp.Or(cmp.Compare(a.From, b.From), cmp.Compare(a.To, b.To), cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Via, b.Via))
}

// Node returns the node of that id, or nil.
func (m *Model) Node(id ID) *Node { return m.nodes[id] }

// Nodes returns all nodes, sorted by id. The model must be frozen.
func (m *Model) Nodes() []*Node { return m.sorted }

// Flows returns all flows, sorted. The model must be frozen.
func (m *Model) Flows() []*Flow { return m.order }

// Out returns the flows that leave a node, sorted. The model must be frozen.
func (m *Model) Out(id ID) []*Flow { return m.out[id] }

// In returns the flows that reach a node, sorted. The model must be frozen.
func (m *Model) In(id ID) []*Flow { return m.in[id] }

// Pending returns the nodes added so far in no particular order, for passes that
// run before Freeze.
func (m *Model) Pending() []*Node {
	return slices.SortedFunc(maps.Values(m.nodes), func(a, b *Node) int { return cmp.Compare(a.ID, b.ID) })
}

func sortedKeys[M ~map[K]V, K cmp.Ordered, V any](m M) []K { return slices.Sorted(maps.Keys(m)) }
