package classify

import (
	"fmt"
	"math/rand/v2"
	"strings"

	"github.com/flowdeed/flowdeed/graph"
)

// randomSystem is a small graph of functions, stores and channels with flows that are
// all well believed.
func randomSystem(seed uint64, nodes, flows int) *graph.Model {
	r := rand.New(rand.NewPCG(seed, 9))
	classes := []graph.Class{graph.Table, graph.Function, graph.Function, graph.Bucket, graph.Queue, graph.Function, graph.Topic}
	m := graph.NewModel()
	name := func(i int) string { return fmt.Sprintf("n%02d", i) }
	for i := range nodes {
		m.AddNode(graph.Node{ID: graph.ID("id:" + name(i)), Name: name(i), Class: classes[i%len(classes)], Kind: "kind." + string(classes[i%len(classes)])})
	}
	kinds := []graph.FlowKind{graph.Writes, graph.Reads, graph.Publishes, graph.Triggers, graph.Delivers, graph.Accesses}
	for range flows {
		from, to, kind := r.IntN(nodes), r.IntN(nodes), kinds[r.IntN(len(kinds))]
		if from == to || classes[from%len(classes)] == graph.Bucket && strings.Contains("triggers delivers", string(kind)) {
			continue
		}
		m.AddFlow(graph.Flow{
			From: graph.ID("id:" + name(from)), To: graph.ID("id:" + name(to)), Kind: kind, Layers: graph.Possible,
			Evidence: []graph.Evidence{{Source: "here", Kind: "configuration", Confidence: 0.99}},
		})
	}
	m.Freeze()
	return m
}
