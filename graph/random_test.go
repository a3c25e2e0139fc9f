package graph

import (
	"fmt"
	"math/rand/v2"
	"slices"
)

// randomModel builds a model of n nodes and about each*n flows of all kinds, some of
// them parallel, some from a node to itself. hubs makes few nodes the end of many.
func randomModel(n int, each float64, seed uint64, hubs bool) *Model {
	r := rand.New(rand.NewPCG(seed, 1))
	m := NewModel()
	id := func(i int) ID { return ID(fmt.Sprintf("arn:aws:sqs:eu-west-1:111122223333:n%07d", i)) }
	for i := range n {
		m.AddNode(Node{ID: id(i), Class: Queue})
	}
	pick := func() int {
		if hubs && r.IntN(10) == 0 {
			return r.IntN(1 + n/100)
		}
		return r.IntN(n)
	}
	for range int(each * float64(n)) {
		f := Flow{From: id(pick()), To: id(pick()), Kind: flowKinds[r.IntN(len(flowKinds))], Layers: Layer(1 + r.IntN(7))}
		if r.IntN(8) == 0 {
			f.Via = "second"
		}
		m.AddFlow(f)
	}
	m.Freeze()
	return m
}

// next lists the steps a mask allows from a node, by the words of Mask and nothing of
// the index: the oracle.
func next(m *Model, id ID, mask Mask) []ID {
	fits := func(f *Flow) bool {
		return (mask.Kinds == 0 || mask.Kinds&Kinds(f.Kind) != 0) && (mask.Layers == 0 || mask.Layers&f.Layers != 0)
	}
	var out []ID
	for _, f := range m.Flows() {
		forward, backward := f.Kind.DataMoves()
		switch {
		case !fits(f):
		case !mask.Data && f.From == id, mask.Data && forward && f.From == id:
			out = append(out, f.To)
		}
		if fits(f) && mask.Data && backward && f.To == id {
			out = append(out, f.From)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

var masks = map[string]Mask{
	"everything":   {},
	"data":         {Data: true},
	"kinds":        {Kinds: Kinds(Reads, Writes, Publishes, Assumes, Delivers, Triggers, Invokes, Exposes)},
	"layers":       {Layers: Declared | Observed},
	"data, kinds":  {Data: true, Kinds: Kinds(Reads, Accesses, Writes, Mounts, Triggers, Streams, LogsTo), Layers: Possible},
	"nothing fits": {Kinds: Kinds(SharesWith), Data: true, Layers: Observed},
}
