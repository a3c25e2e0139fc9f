package graph

import (
	"fmt"
	"math"
	"slices"
	"sort"
)

// Index is a frozen graph in compressed rows, for searches. A node's number is the
// rank of its id, so that the same snapshot gives the same numbers. It never changes
// and may be read by any number of goroutines.
type Index struct {
	nodes []*Node
	flows []*Flow
	out   rows
	in    rows
	via   []int32 // position in flows, for each entry of out
}

// rows are the entries of each node, sorted by the node at the other end.
type rows struct {
	off  []int32 // entries of node v are off[v] to off[v+1]
	adj  []int32 // the node at the other end
	flag []Flags // what kind of flow it is; beside adj
}

func (r *rows) of(v int32) (adj []int32, flag []Flags) {
	a, b := r.off[v], r.off[v+1]
	return r.adj[a:b], r.flag[a:b]
}

// Flags describe a flow in one word: kind (5 bits), layers (3), the transit verdict
// (3), in which directions data moves (2), whether it crosses accounts (1).
type Flags uint16

const (
	flagLayer    = 5
	flagTransit  = 8
	flagForward  = Flags(1) << 11
	flagBackward = Flags(1) << 12
	flagCross    = Flags(1) << 13
	flagAny      = Flags(1) << 14 // always set
)

// flowKinds lists every kind; the position of a kind is its number in Flags.
var flowKinds = []FlowKind{
	Triggers, Invokes, Reads, Writes, Accesses, Publishes, Delivers, Streams, Replicates, BacksUp, Archives, Exports, DeadLetters, LogsTo,
	Mounts, Exposes, RoutesTo, SharesWith, UsesSecret, AuthenticatesWith, Assumes, CanAssume, EncryptsWith, UsesLayer, RunsImage, AttachedTo, Records,
}

var transits = []Transit{TransitUnknown, TransitEnforced, TransitOffered, TransitPlain, TransitInternal}

// flagsOf describes a flow. A kind that is not listed has the last number.
func flagsOf(f *Flow) Flags {
	w := flagAny | Flags(kindNumber(f.Kind)) | Flags(f.Layers&(Declared|Possible|Observed))<<flagLayer
	if t := InTransit.Get(&f.Facts); t.Known {
		w |= Flags(max(0, slices.Index(transits, t.V))) << flagTransit
	}
	forward, backward := f.Kind.DataMoves()
	if forward {
		w |= flagForward
	}
	if backward {
		w |= flagBackward
	}
	if Is(CrossAcct.Get(&f.Facts), true) {
		w |= flagCross
	}
	return w
}

func kindNumber(k FlowKind) int {
	if i := slices.Index(flowKinds, k); i >= 0 {
		return i
	}
	return 31
}

// Kind returns the kind of the flow, empty for one that is not among the kinds.
func (w Flags) Kind() FlowKind {
	if i := int(w & 31); i < len(flowKinds) {
		return flowKinds[i]
	}
	return ""
}

// Layers returns the layers of truth the flow exists in.
func (w Flags) Layers() Layer { return Layer(w>>flagLayer) & (Declared | Possible | Observed) }

// Transit returns the verdict on encryption in transit.
func (w Flags) Transit() Transit { return transits[min(int(w>>flagTransit)&7, len(transits)-1)] }

// Carries tells whether data moves along the flow, in any direction.
func (w Flags) Carries() bool { return w&(flagForward|flagBackward) != 0 }

// CrossAccount tells whether the ends are known to be in different accounts.
func (w Flags) CrossAccount() bool { return w&flagCross != 0 }

// KindSet is a set of kinds of flows. The zero value stands for all of them.
type KindSet uint32

// Kinds returns the set of the given kinds.
func Kinds(list ...FlowKind) KindSet {
	var s KindSet
	for _, k := range list {
		s |= 1 << kindNumber(k)
	}
	return s
}

// Mask says which flows a question follows, and how. It is plain data, so that it can
// be printed and handed to another engine. The zero value follows every flow from its
// source to its target.
type Mask struct {
	Kinds  KindSet // zero: all kinds
	Layers Layer   // zero: all layers; otherwise flows in at least one of them
	// Data follows the data instead of the flow: from the store to the one who reads
	// it, both ways where the direction is not known, and never along a relation.
	Data bool
}

// test is a mask made ready for the loops of a search: one side of a node, one look.
type test struct {
	kinds      KindSet
	layers, at Flags
}

// forward is the test of flows that leave a node.
func (m Mask) forward() test { return m.test(flagForward, flagAny) }

// backward is the test of flows that arrive at a node: only data takes them.
func (m Mask) backward() test { return m.test(flagBackward, 0) }

func (m Mask) test(data, plain Flags) test {
	t := test{m.Kinds, Flags(m.Layers&(Declared|Possible|Observed)) << flagLayer, plain}
	if m.Kinds == 0 {
		t.kinds = math.MaxUint32
	}
	if m.Layers == 0 {
		t.layers = flagAny
	}
	if m.Data {
		t.at = data
	}
	return t
}

func (t *test) admits(w Flags) bool { return t.kinds>>(w&31)&1 != 0 && w&t.layers != 0 && w&t.at != 0 }

// Index builds the index. The model must be frozen. Flows that end at a node which is
// not in the model are left out.
func (m *Model) Index() (*Index, error) {
	if len(m.order) > math.MaxInt32 || len(m.sorted) > math.MaxInt32 {
		return nil, fmt.Errorf("the graph has %d nodes and %d flows, and an index holds at most %d of each: scan fewer accounts at a time", len(m.sorted), len(m.order), math.MaxInt32)
	}
	x := &Index{nodes: m.sorted, flows: m.order}
	from, to, flag := x.ends(m)
	x.out = newRows(len(m.sorted), from, to, flag)
	x.in = newRows(len(m.sorted), to, from, flag)
	return x, nil
}

// ends lists the ends of the flows by number. Flows are sorted by source and target,
// so one pass over the nodes finds the sources.
func (x *Index) ends(m *Model) (from, to []int32, flag []Flags) {
	number := make(map[ID]int32, len(x.nodes))
	for i, n := range x.nodes {
		number[n.ID] = int32(i)
	}
	for i, f := range m.order {
		a, okA := number[f.From]
		b, okB := number[f.To]
		if okA && okB {
			from, to, flag = append(from, a), append(to, b), append(flag, flagsOf(f))
			x.via = append(x.via, int32(i))
		}
	}
	return from, to, flag
}

// newRows sorts entries into rows by counting. Entries must come sorted by (from, to)
// or be sorted that way among equal ends: the order within a row is the order given.
func newRows(n int, from, to []int32, flag []Flags) rows {
	r := rows{off: make([]int32, n+1), adj: make([]int32, len(from)), flag: make([]Flags, len(from))}
	for _, a := range from {
		r.off[a+1]++
	}
	for i := range n {
		r.off[i+1] += r.off[i]
	}
	at := slices.Clone(r.off[:n])
	for i, a := range from {
		r.adj[at[a]], r.flag[at[a]] = to[i], flag[i]
		at[a]++
	}
	return r
}

// Len returns the number of nodes.
func (x *Index) Len() int { return len(x.nodes) }

// Edges returns the number of flows.
func (x *Index) Edges() int { return len(x.out.adj) }

// Node returns the node with a number.
func (x *Index) Node(v int32) *Node { return x.nodes[v] }

// Number returns the number of a node.
func (x *Index) Number(id ID) (int32, bool) {
	i := sort.Search(len(x.nodes), func(i int) bool { return x.nodes[i].ID >= id })
	if i < len(x.nodes) && x.nodes[i].ID == id {
		return int32(i), true
	}
	return -1, false
}

// Bytes returns the memory the rows use, without the nodes and flows themselves.
func (x *Index) Bytes() int {
	each := func(r *rows) int { return 4*len(r.off) + 4*len(r.adj) + 2*len(r.flag) }
	return each(&x.out) + each(&x.in) + 4*len(x.via)
}

// flowBetween returns the first flow, in sorted order, that a mask lets pass from one
// node to the next.
func (x *Index) flowBetween(from, to int32, m Mask) *Flow {
	if f := x.firstFlow(from, to, m.forward()); f != nil || !m.Data {
		return f
	}
	return x.firstFlow(to, from, m.backward())
}

func (x *Index) firstFlow(from, to int32, t test) *Flow {
	adj, flag := x.out.of(from)
	for i, _ := slices.BinarySearch(adj, to); i < len(adj) && adj[i] == to; i++ {
		if t.admits(flag[i]) {
			return x.flows[x.via[int(x.out.off[from])+i]]
		}
	}
	return nil
}
