package graph

import (
	"slices"
	"sync"

	dgraph "github.com/dominikbraun/graph"
)

// Store keeps the nodes and edges of a library graph in little memory: names become
// numbers, edges are rows of numbers, and properties are kept only where there are
// any. It lists nodes and edges in the order in which they were added, so that
// nothing depends on the order of a map.
//
// The library's own store needs two maps of maps; see the benchmark of live memory.
type Store struct {
	lock   sync.RWMutex
	number map[ID]uint32
	slots  []slot
	free   []uint32 // numbers of removed nodes
	nodes  map[uint32]dgraph.VertexProperties
	edges  map[[2]uint32]dgraph.EdgeProperties
	flows  []*Flow // sorted; an edge names its first flow here
	count  int
}

// slot is one node with its row.
type slot struct {
	node *Node
	id   ID
	live bool
	in   uint32 // number of edges that end here
	row  []entry
	find map[uint32]uint32 // target -> position, only for long rows
}

// entry is one edge: its target, and one more than the position of its first flow.
type entry struct{ to, flow uint32 }

// longRow is the length above which a row gets a map.
const longRow = 64

// NewStore returns an empty store for graph.NewWithStore of the library.
func NewStore() *Store {
	return &Store{number: map[ID]uint32{}, nodes: map[uint32]dgraph.VertexProperties{}, edges: map[[2]uint32]dgraph.EdgeProperties{}}
}

var _ dgraph.Store[ID, *Node] = (*Store)(nil)

// AddVertex adds a node.
func (s *Store) AddVertex(id ID, n *Node, p dgraph.VertexProperties) error {
	s.lock.Lock()
	defer s.lock.Unlock()
	if _, ok := s.number[id]; ok {
		return dgraph.ErrVertexAlreadyExists
	}
	k := s.add(id, n)
	if p.Weight != 0 || len(p.Attributes) > 0 {
		s.nodes[k] = p
	}
	return nil
}

func (s *Store) add(id ID, n *Node) uint32 {
	k := uint32(len(s.slots))
	if last := len(s.free) - 1; last >= 0 {
		k, s.free = s.free[last], s.free[:last]
		s.slots[k] = slot{node: n, id: id, live: true}
	} else {
		s.slots = append(s.slots, slot{node: n, id: id, live: true})
	}
	s.number[id] = k
	s.count++
	return k
}

// Vertex returns a node.
func (s *Store) Vertex(id ID) (*Node, dgraph.VertexProperties, error) {
	s.lock.RLock()
	defer s.lock.RUnlock()
	k, ok := s.number[id]
	if !ok {
		return nil, dgraph.VertexProperties{}, dgraph.ErrVertexNotFound
	}
	p := s.nodes[k]
	if p.Attributes == nil {
		p.Attributes = map[string]string{}
	}
	return s.slots[k].node, p, nil
}

// RemoveVertex removes a node that has no edges.
func (s *Store) RemoveVertex(id ID) error {
	s.lock.Lock()
	defer s.lock.Unlock()
	k, ok := s.number[id]
	switch {
	case !ok:
		return dgraph.ErrVertexNotFound
	case s.slots[k].in > 0 || len(s.slots[k].row) > 0:
		return dgraph.ErrVertexHasEdges
	}
	delete(s.number, id)
	delete(s.nodes, k)
	s.slots[k] = slot{}
	s.free = append(s.free, k)
	s.count--
	return nil
}

// ListVertices returns the names of all nodes, in the order of their numbers.
func (s *Store) ListVertices() ([]ID, error) {
	s.lock.RLock()
	defer s.lock.RUnlock()
	out := make([]ID, 0, s.count)
	for i := range s.slots {
		if s.slots[i].live {
			out = append(out, s.slots[i].id)
		}
	}
	return out, nil
}

// VertexCount returns the number of nodes.
func (s *Store) VertexCount() (int, error) {
	s.lock.RLock()
	defer s.lock.RUnlock()
	return s.count, nil
}

// at finds an edge: the numbers of its ends and its position in the row.
func (s *Store) at(from, to ID) (a, b uint32, i int, err error) {
	a, okA := s.number[from]
	b, okB := s.number[to]
	if !okA || !okB {
		return 0, 0, -1, dgraph.ErrVertexNotFound
	}
	x := &s.slots[a]
	if x.find != nil {
		if at, ok := x.find[b]; ok {
			return a, b, int(at), nil
		}
		return a, b, -1, dgraph.ErrEdgeNotFound
	}
	if i = slices.IndexFunc(x.row, func(e entry) bool { return e.to == b }); i < 0 {
		err = dgraph.ErrEdgeNotFound
	}
	return a, b, i, err
}

// AddEdge adds an edge between two nodes that are there.
func (s *Store) AddEdge(from, to ID, e dgraph.Edge[ID]) error {
	s.lock.Lock()
	defer s.lock.Unlock()
	a, b, _, err := s.at(from, to)
	switch err {
	case nil:
		return dgraph.ErrEdgeAlreadyExists
	case dgraph.ErrEdgeNotFound:
	default:
		return err
	}
	s.link(a, b, 0)
	s.keep(a, b, e.Properties)
	return nil
}

func (s *Store) link(a, b, flow uint32) {
	x := &s.slots[a]
	x.row = append(x.row, entry{b, flow})
	s.slots[b].in++
	switch {
	case x.find != nil:
		x.find[b] = uint32(len(x.row) - 1)
	case len(x.row) > longRow:
		x.positions()
	}
}

// positions makes the map of a long row, or drops that of a row grown short.
func (x *slot) positions() {
	x.find = nil
	if len(x.row) <= longRow {
		return
	}
	x.find = make(map[uint32]uint32, len(x.row))
	for i, e := range x.row {
		x.find[e.to] = uint32(i)
	}
}

func (s *Store) keep(a, b uint32, p dgraph.EdgeProperties) {
	if p.Weight == 0 && p.Data == nil && len(p.Attributes) == 0 {
		delete(s.edges, [2]uint32{a, b})
		return
	}
	s.edges[[2]uint32{a, b}] = p
}

// UpdateEdge replaces the properties of an edge.
func (s *Store) UpdateEdge(from, to ID, e dgraph.Edge[ID]) error {
	s.lock.Lock()
	defer s.lock.Unlock()
	a, b, i, err := s.at(from, to)
	if err != nil {
		return dgraph.ErrEdgeNotFound
	}
	s.slots[a].row[i].flow = 0
	s.keep(a, b, e.Properties)
	return nil
}

// RemoveEdge removes an edge.
func (s *Store) RemoveEdge(from, to ID) error {
	s.lock.Lock()
	defer s.lock.Unlock()
	a, b, i, err := s.at(from, to)
	if err != nil {
		return dgraph.ErrEdgeNotFound
	}
	x := &s.slots[a]
	x.row = slices.Delete(x.row, i, i+1)
	x.positions()
	s.slots[b].in--
	delete(s.edges, [2]uint32{a, b})
	return nil
}

// Edge returns the edge from one node to another.
func (s *Store) Edge(from, to ID) (dgraph.Edge[ID], error) {
	s.lock.RLock()
	defer s.lock.RUnlock()
	a, _, i, err := s.at(from, to)
	if err != nil {
		return dgraph.Edge[ID]{}, dgraph.ErrEdgeNotFound
	}
	e := s.edge(a, s.slots[a].row[i])
	if e.Properties.Attributes == nil {
		e.Properties.Attributes = map[string]string{} // UpdateEdge of the library writes into it
	}
	return e, nil
}

func (s *Store) edge(a uint32, x entry) dgraph.Edge[ID] {
	e := dgraph.Edge[ID]{Source: s.slots[a].id, Target: s.slots[x.to].id, Properties: s.edges[[2]uint32{a, x.to}]}
	if x.flow > 0 {
		e.Properties.Data = s.between(int(x.flow) - 1)
	}
	return e
}

// between returns the flows that share the ends of the one at a position.
func (s *Store) between(first int) []*Flow {
	end := first + 1
	for end < len(s.flows) && s.flows[end].From == s.flows[first].From && s.flows[end].To == s.flows[first].To {
		end++
	}
	return s.flows[first:end:end]
}

// ListEdges returns all edges, by source in the order of the nodes. Their attributes
// are nil where there are none.
func (s *Store) ListEdges() ([]dgraph.Edge[ID], error) {
	s.lock.RLock()
	defer s.lock.RUnlock()
	var n int
	for i := range s.slots {
		n += len(s.slots[i].row)
	}
	out := make([]dgraph.Edge[ID], 0, n)
	for i := range s.slots {
		for _, x := range s.slots[i].row {
			out = append(out, s.edge(uint32(i), x))
		}
	}
	return out, nil
}

// EdgeCount returns the number of edges without a copy of them, which Size of the
// library makes.
func (s *Store) EdgeCount() int {
	s.lock.RLock()
	defer s.lock.RUnlock()
	n := 0
	for i := range s.slots {
		n += len(s.slots[i].row)
	}
	return n
}
