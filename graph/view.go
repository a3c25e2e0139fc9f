package graph

import (
	"fmt"
	"slices"

	dgraph "github.com/dominikbraun/graph"
)

// ViewLimit is the number of nodes up to which the algorithms of the graph library
// may be used: each of its searches copies the whole graph first.
const ViewLimit = 10_000

// Graph returns the model as a graph of github.com/dominikbraun/graph: one edge for
// each ordered pair of nodes, whose Properties.Data holds the flows between them,
// sorted, as []*Flow. The model must be frozen. A change to the graph does not change
// the model.
//
// Three things of the library are to be left alone: BFSWithDepth gives a counter of
// visits and not the depth, and draw.DOT and ShortestPath differ from run to run.
// Ask Index instead.
func (m *Model) Graph() (dgraph.Graph[ID, *Node], error) {
	return m.view(func(*Node) bool { return true })
}

// View returns the part of the model whose nodes are kept, as a graph of the library.
// It refuses a part of more than ViewLimit nodes: on larger ones the algorithms of the
// library take seconds to minutes, and the index answers.
func (m *Model) View(keep func(*Node) bool) (dgraph.Graph[ID, *Node], error) {
	n := 0
	for _, x := range m.sorted {
		if keep(x) {
			n++
		}
	}
	if n > ViewLimit {
		return nil, fmt.Errorf("a view of %d nodes is larger than the %d the graph library is used for: keep fewer nodes, or ask the index", n, ViewLimit)
	}
	return m.view(keep)
}

func (m *Model) view(keep func(*Node) bool) (dgraph.Graph[ID, *Node], error) {
	s := NewStore()
	s.slots = make([]slot, 0, len(m.sorted))
	for _, n := range m.sorted {
		if keep(n) {
			s.add(n.ID, n)
		}
	}
	s.flows = m.order
	for i := 0; i < len(m.order); {
		f := m.order[i]
		a, okA := s.number[f.From]
		b, okB := s.number[f.To]
		next := i + len(s.between(i))
		switch {
		case okA && okB:
			s.link(a, b, uint32(i)+1)
		case m.nodes[f.From] == nil || m.nodes[f.To] == nil:
			return nil, fmt.Errorf("the flow %s ends at a node that is not in the model: add its nodes first", f.ID())
		}
		i = next
	}
	for i := range s.slots {
		s.slots[i].row = slices.Clip(s.slots[i].row)
	}
	return dgraph.NewWithStore[ID, *Node](func(n *Node) ID { return n.ID }, s, dgraph.Directed()), nil
}
