package classify

import (
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

func declareFlow(m *graph.Model, r annotations.FlowRule, a, b graph.ID) {
	e := graph.Evidence{Source: graph.Source(r.Origin), Detail: "declared", Kind: "declaration", Confidence: 1}
	found := false
	for _, f := range m.Out(a) {
		if f.To == b && f.Kind.Carries() {
			f.Layers |= graph.Declared
			f.Evidence = append(f.Evidence, e)
			found = true
		}
	}
	if found {
		return
	}
	f := graph.Flow{From: a, To: b, Kind: graph.Delivers, Via: r.Via, Layers: graph.Declared, Evidence: []graph.Evidence{e}}
	switch r.TLS {
	case "required":
		graph.InTransit.SetNote(&f.Facts, graph.TransitEnforced, "as declared", graph.Source(r.Origin))
	case "offered":
		graph.InTransit.SetNote(&f.Facts, graph.TransitOffered, "as declared", graph.Source(r.Origin))
	case "none":
		graph.InTransit.SetNote(&f.Facts, graph.TransitPlain, "as declared", graph.Source(r.Origin))
	default:
		graph.InTransit.Unknown(&f.Facts, "the declaration does not say", graph.Source(r.Origin))
	}
	m.AddFlow(f)
}

// endsOf finds the nodes a selector means; a party becomes a node of its own.
func endsOf(m *graph.Model, set *annotations.Set, s annotations.Selector) []graph.ID {
	if s.Party != "" {
		p, ok := set.Party(s.Party)
		if !ok {
			return nil
		}
		m.AddNode(graph.Node{ID: PartyNode(s.Party), Class: graph.ExternalEndpoint, Kind: "party", Type: "External::Party", Name: p.Name, External: true, Tags: map[string]string{}})
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
