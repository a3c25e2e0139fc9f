package classify

import (
	"cmp"
	"slices"

	"github.com/flowdeed/flowdeed/annotations"
	"github.com/flowdeed/flowdeed/graph"
)

// PartyNode is the node that stands for a declared party.
func PartyNode(key string) graph.ID { return graph.ID("party:" + key) }

// DeclareFlows adds the flows people declared to the graph: a flow that is there gets
// the layer declared, one that is not is drawn as declared only. The model is frozen
// anew.
func DeclareFlows(m *graph.Model, set *annotations.Set) {
	for _, r := range set.Flows() {
		from, to := endsOf(m, set, r.From), endsOf(m, set, r.To)
		for _, a := range from {
			for _, b := range to {
				if a != b {
					declareFlow(m, r, a, b)
				}
			}
		}
	}
	m.Freeze()
}

// declareFlow marks the flows that move data from one node to another, against the flow
// where it reads, or adds one.
func declareFlow(m *graph.Model, r annotations.FlowRule, from, to graph.ID) {
	e := graph.Evidence{Source: graph.Source(r.Origin), Detail: "declared", Kind: "declaration", Confidence: 1}
	found := false
	mark := func(f *graph.Flow) {
		found = true
		f.Layers |= graph.Declared
		if !slices.Contains(f.Evidence, e) {
			f.Evidence = append(f.Evidence, e)
		}
	}
	for _, f := range m.Out(from) {
		if forward, _ := f.Kind.DataMoves(); forward && f.To == to {
			mark(f)
		}
	}
	for _, f := range m.In(from) {
		if _, backward := f.Kind.DataMoves(); backward && f.From == to {
			mark(f)
		}
	}
	if found {
		return
	}
	f := newFlow(m.Node(from), m.Node(to))
	f.Via, f.Layers, f.Evidence = r.Via, graph.Declared, []graph.Evidence{e}
	src := graph.Source(r.Origin)
	switch r.TLS {
	case "required":
		graph.InTransit.SetNote(&f.Facts, graph.TransitEnforced, "as declared", src)
	case "offered":
		graph.InTransit.SetNote(&f.Facts, graph.TransitOffered, "as declared", src)
	case "none":
		graph.InTransit.SetNote(&f.Facts, graph.TransitPlain, "as declared", src)
	default:
		graph.InTransit.Unknown(&f.Facts, "the declaration does not say", src)
	}
	m.AddFlow(f)
}

// newFlow picks the kind of a flow that nothing but a declaration knows, by the parts
// its ends play: a process that takes data from a store reads it.
func newFlow(from, to *graph.Node) graph.Flow {
	f := graph.Flow{From: from.ID, To: to.ID, Kind: graph.Delivers}
	switch a, b := from.Class.Role(), to.Class.Role(); {
	case a == graph.RoleStore && b == graph.RoleProcess:
		f.From, f.To, f.Kind = to.ID, from.ID, graph.Reads
	case a == graph.RoleProcess && b == graph.RoleStore:
		f.Kind = graph.Writes
	case a == graph.RoleProcess && b == graph.RoleChannel:
		f.Kind = graph.Publishes
	}
	return f
}

// endsOf finds the nodes a selector means; a party becomes a node of its own.
func endsOf(m *graph.Model, set *annotations.Set, s annotations.Selector) []graph.ID {
	if s.Party != "" {
		p, ok := set.Party(s.Party)
		if !ok {
			return nil
		}
		m.AddNode(graph.Node{ID: PartyNode(s.Party), Class: graph.ExternalEndpoint, Kind: "party", Type: "External::Party", Name: cmp.Or(p.Name, s.Party), External: true, Tags: map[string]string{}})
		return []graph.ID{PartyNode(s.Party)}
	}
	var out []graph.ID
	for _, n := range m.Nodes() {
		if set.Selects(s, Target(n)) {
			out = append(out, n.ID)
		}
	}
	return out
}
