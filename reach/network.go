package reach

import (
	"slices"
	"strings"

	"github.com/flowdeed/flowdeed/graph"
)

// Connection says that somebody can open a connection to a store that is reached by
// socket, or restore a copy of it. It is a factor of its own and no permission: what is
// asked for on top are credentials of the database.
type Connection struct {
	From string // "internet", or a node
	Role string // the role From runs under; empty when none is known
	How  string
	// Known is false when it hangs on a setting that was not read.
	Known bool
}

// Network lists who can connect to a database, cache or search domain.
func (f *Finder) Network(arn string) []Connection {
	n := f.graph.Node(graph.ID(arn))
	if n == nil {
		return nil
	}
	var out []Connection
	if n.Class == graph.Snapshot {
		if with := graph.SharedWith.Get(&n.Facts); slices.Contains(with.V, "all") {
			out = append(out, Connection{From: string(graph.Internet), How: "the copy is shared with every account: anybody can restore it", Known: true})
		}
		return out
	}
	if n.Class != graph.Database && n.Class != graph.Cache && n.Class != graph.Search {
		return nil
	}
	facing, open := graph.InternetFacing.Get(&n.Facts), graph.OpenIngress.Get(&n.Facts)
	switch {
	case facing.Why != "" && !facing.Known, facing.V && !open.Known:
		out = append(out, Connection{From: string(graph.Internet), How: "not known: " + facing.Why + open.Why})
	case facing.V && len(open.V) > 0:
		out = append(out, Connection{From: string(graph.Internet), How: "public address, and the security group admits everybody: " + strings.Join(open.V, ", "), Known: true})
	}
	for _, fl := range f.graph.In(n.ID) {
		from := f.graph.Node(fl.From)
		if from == nil || from.Class.Role() != graph.RoleProcess || !fl.Kind.Carries() {
			continue
		}
		c := Connection{From: string(from.ID), How: "named there (" + fl.Evidence[0].Detail + "), but no rule of a security group that was read admits it"}
		for _, e := range fl.Evidence {
			if e.Kind == "network" {
				c.How, c.Known = e.Detail, true
			}
		}
		if roles := f.rolesOf(from.ID); len(roles) > 0 {
			c.Role = roles[0].Principal.ARN
		}
		out = append(out, c)
	}
	return out
}
