package aws

import (
	"github.com/flowdeed/flowdeed/graph"
)

// logsTo draws the flow to a log group, by name. A group that does not exist (yet)
// holds nothing and is not drawn.
func (r *Region) logsTo(n *graph.Node, group string, source graph.Source) {
	r.afterNodes(func() {
		id := graph.ID(r.arn("logs", "log-group:"+group))
		if r.sys.Graph.Node(id) != nil {
			r.flow(graph.LogsTo, string(n.ID), string(id), "", source, group)
		}
	})
}
