package diagram

import (
	"fmt"
	"io"
	"strings"

	"github.com/flowdeed/flowdeed/graph"
)

// Mermaid prints the pictures as one flowchart. Labels are quoted and their special
// characters written as entities; there are no links.
func Mermaid(list []Picture) string {
	var b strings.Builder
	b.WriteString("flowchart LR\n")
	for i, p := range list {
		for j, x := range p.Boxes {
			text := entity(x.Service) + "<br/>" + entity(x.Name)
			if x.Rest != "" {
				text += "<br/>" + entity(x.Rest)
			}
			if x.Badge != "" {
				text += "<br/>" + entity(x.Badge)
			}
			open, close := "[", "]"
			switch x.Role {
			case graph.RoleStore:
				open, close = "[(", ")]"
			case graph.RoleProcess:
				open, close = "(", ")"
			case graph.RoleChannel:
				open, close = ">", "]"
			}
			fmt.Fprintf(&b, "  n%d_%d%s\"%s\"%s\n", i, j, open, text, close)
		}
		for _, l := range p.Lines {
			arrow := "-->"
			switch {
			case l.Both && l.Verdict == graph.TransitPlain:
				arrow = "<-.->"
			case l.Verdict == graph.TransitPlain || l.Verdict == graph.TransitUnknown:
				arrow = "-.->"
			case l.Both:
				arrow = "<-->"
			}
			fmt.Fprintf(&b, "  n%d_%d %s|\"%s\"| n%d_%d\n", i, l.From, arrow, entity(l.Word), i, l.To)
		}
	}
	return b.String()
}

// entity writes what Mermaid would read as syntax as a numbered entity.
func entity(s string) string {
	var b strings.Builder
	for _, r := range s {
		switch {
		case strings.ContainsRune("\"<>[](){}|#;&\\`", r):
			fmt.Fprintf(&b, "#%d;", r)
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}

// DOT prints the pictures for Graphviz users.
func DOT(w io.Writer, list []Picture) error {
	var b strings.Builder
	b.WriteString("digraph flowdeed {\n  rankdir=LR;\n  node [shape=box];\n")
	for i, p := range list {
		for j, x := range p.Boxes {
			fmt.Fprintf(&b, "  n%d_%d [label=%q];\n", i, j, strings.Join([]string{x.Service, x.Name, x.Rest}, "\n"))
		}
		for _, l := range p.Lines {
			dir := ""
			if l.Both {
				dir = ", dir=both"
			}
			fmt.Fprintf(&b, "  n%d_%d -> n%d_%d [label=%q%s];\n", i, l.From, i, l.To, l.Word, dir)
		}
	}
	b.WriteString("}\n")
	_, err := io.WriteString(w, b.String())
	return err
}
