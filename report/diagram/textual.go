package diagram

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/flowdeed/flowdeed/graph"
)

// Mermaid prints the pictures as one flowchart. Labels are quoted and their special
// characters written as entities; there are no links. Beside permissions, flows of data
// are thick.
func Mermaid(list []Picture) string {
	var b strings.Builder
	b.WriteString("flowchart LR\n")
	for i := range list {
		p := &list[i]
		for j := range p.Boxes {
			x := &p.Boxes[j]
			shape, ok := mermaidShapes[x.Role]
			if !ok {
				shape = [2]string{"[", "]"}
			}
			var text []string
			for _, t := range append(x.texts(), x.Badge) {
				if t != "" {
					text = append(text, entity(t))
				}
			}
			fmt.Fprintf(&b, "  n%d_%d%s\"%s\"%s\n", i, j, shape[0], strings.Join(text, "<br/>"), shape[1])
		}
		access := p.access()
		for k := range p.Lines {
			l := &p.Lines[k]
			from, to := l.From, l.To
			if l.Back {
				from, to = to, from
			}
			fmt.Fprintf(&b, "  n%d_%d %s|\"%s\"| n%d_%d\n", i, from, l.arrow(access), strings.Join(mapped(l.texts(access), entity), "<br/>"), i, to)
		}
	}
	return b.String()
}

var mermaidShapes = map[graph.Role][2]string{
	graph.RoleStore: {"[(", ")]"}, graph.RoleProcess: {"(", ")"}, graph.RoleChannel: {">", "]"}, rolePrincipal: {"{{", "}}"},
}

// arrow is the sign of a line in Mermaid. In a picture of access the thin arrows are
// permissions.
func (l *Line) arrow(access bool) string {
	switch {
	case l.Relation:
		return "-.-"
	case l.Access && l.Conditional:
		return "-.->"
	case l.Access:
		return "-->"
	case access && l.Both:
		return "<==>"
	case access:
		return "==>"
	case l.Both && l.Verdict == graph.TransitPlain:
		return "<-.->"
	case l.Verdict == graph.TransitPlain || l.Verdict == graph.TransitUnknown:
		return "-.->"
	case l.Both:
		return "<-->"
	}
	return "-->"
}

// access tells whether the picture shows permissions.
func (p *Picture) access() bool {
	return slices.ContainsFunc(p.Lines, func(l Line) bool { return l.Access })
}

// texts are the words of a box for text formats.
func (b *Box) texts() []string {
	service := b.Service
	if b.Mark != "" {
		service = b.Mark + ": " + service
	}
	return slices.Concat([]string{service, b.Name}, b.More, []string{b.Rest})
}

// texts are the words of a line for text formats: of a flow among permissions, what it
// does as well.
func (l *Line) texts(access bool) []string {
	if access && l.Data != "" {
		return []string{l.Data, l.Word}
	}
	return append([]string{l.Word}, l.More...)
}

func mapped(list []string, f func(string) string) []string {
	out := make([]string, len(list))
	for i, s := range list {
		out[i] = f(s)
	}
	return out
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
	for i := range list {
		p := &list[i]
		for j := range p.Boxes {
			x := &p.Boxes[j]
			shape := ""
			if x.Role == rolePrincipal {
				shape = ", shape=hexagon"
			}
			fmt.Fprintf(&b, "  n%d_%d [label=%q%s];\n", i, j, strings.Join(x.texts(), "\n"), shape)
		}
		access := p.access()
		for k := range p.Lines {
			l := &p.Lines[k]
			fmt.Fprintf(&b, "  n%d_%d -> n%d_%d [label=%q%s];\n", i, l.From, i, l.To, strings.Join(l.texts(access), "\n"), l.dotStyle())
		}
	}
	b.WriteString("}\n")
	_, err := io.WriteString(w, b.String())
	return err
}

// dotStyle is how a line looks in Graphviz: a permission is double, dashed under
// conditions.
func (l *Line) dotStyle() string {
	switch {
	case l.Relation:
		return ", style=dotted, dir=none"
	case l.Access && l.Conditional:
		return ", color=\"black:invis:black\", style=dashed, arrowhead=vee"
	case l.Access:
		return ", color=\"black:invis:black\", arrowhead=vee"
	case l.Both:
		return ", dir=both"
	case l.Back:
		return ", dir=back"
	}
	return ""
}
