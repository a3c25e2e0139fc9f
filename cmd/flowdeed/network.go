package main

import (
	"fmt"
	"io"
	"strings"

	"github.com/flowdeed/flowdeed/graph"
)

// network says who can open a connection to a store that is reached by socket. That is
// a factor of its own: a password or token is needed on top, and no permission of IAM.
func (a *analysis) network(w io.Writer, targets []string) {
	for _, t := range targets {
		n := a.sys.Graph.Node(graph.ID(t))
		if n == nil || n.Class != graph.Database && n.Class != graph.Cache && n.Class != graph.Search {
			continue
		}
		fmt.Fprintf(w, "\nNetwork of %s (a connection is no permission: it takes credentials of the database as well)\n", n.Name)
		facing, open := graph.InternetFacing.Get(&n.Facts), graph.OpenIngress.Get(&n.Facts)
		switch {
		case !facing.Known:
			fmt.Fprintf(w, "  not known whether it has a public address: %s\n", facing.Why)
		case facing.V && open.Known && len(open.V) > 0:
			fmt.Fprintf(w, "  internet can connect: public address, and %s admits everybody\n", strings.Join(open.V, ", "))
		case facing.V:
			fmt.Fprintln(w, "  it has a public address; no rule that admits the internet was read")
		}
		for _, f := range a.sys.Graph.In(n.ID) {
			from := a.sys.Graph.Node(f.From)
			if from != nil && from.Class.Role() == graph.RoleProcess && f.Kind.Carries() {
				fmt.Fprintf(w, "  %s can connect (%s, %s)\n", a.title(string(from.ID)), f.Kind, f.Evidence[0].Detail)
			}
		}
	}
}
