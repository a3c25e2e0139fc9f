package aws

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/flowdeed/flowdeed/graph"
)

// findings are the fields that schemas outside a node show of it, by node. They are put
// on the nodes at the end, once: a bucket may have the columns of thousands of tables.
type findings map[*graph.Node]*finding

type finding struct {
	fields []graph.Field
	by     []string // what shows them: "Glue table crm.customers"
	lost   []string // why some are not known
	source graph.Source
}

func (x findings) at(n *graph.Node) *finding {
	if x[n] == nil {
		x[n] = &finding{}
	}
	return x[n]
}

// add notes fields of a node and what shows them.
func (x findings) add(n *graph.Node, by string, src graph.Source, fields []graph.Field) {
	if n == nil || len(fields) == 0 {
		return
	}
	f := x.at(n)
	f.by = append(f.by, by)
	f.source = cmp.Or(f.source, src)
	for _, y := range fields {
		y.Source = src
		f.fields = append(f.fields, y)
	}
}

// lose notes that names of fields of a node could not be read.
func (x findings) lose(n *graph.Node, why string, src graph.Source) {
	f := x.at(n)
	f.lost = append(f.lost, why)
	f.source = cmp.Or(f.source, src)
}

// mostSources is how many schemas a fact names before it counts the rest.
const mostSources = 20

// put adds the fields to their nodes, sorted by path, the first of a path counting.
func (x findings) put() {
	for n, f := range x {
		have := map[string]bool{}
		for _, y := range n.Fields {
			have[y.Path] = true
		}
		slices.SortStableFunc(f.fields, func(a, b graph.Field) int {
			return cmp.Or(strings.Compare(a.Path, b.Path), strings.Compare(a.Record, b.Record))
		})
		for _, y := range f.fields {
			if y.Path != "" && !have[y.Path] {
				have[y.Path] = true
				n.Fields = append(n.Fields, y)
			}
		}
		f.fact(&n.Facts)
	}
}

// fact notes what shows fields of the node, together with what other services found.
func (f *finding) fact(x *graph.Facts) {
	before := graph.FieldSources.Get(x)
	by := append(f.by, before.V...)
	lost := f.lost
	if _, set := x.Lookup(graph.FieldSources.Name); set && before.Why != "" {
		lost = append(lost, strings.TrimPrefix(before.Why, notAll))
	}
	slices.Sort(by)
	slices.Sort(lost)
	by, why := slices.Compact(by), strings.Join(slices.Compact(lost), "; ")
	src := cmp.Or(f.source, before.Source)
	switch {
	case len(by) == 0:
		graph.FieldSources.Unknown(x, why, src)
	case why != "":
		graph.FieldSources.SetNote(x, shortened(by), notAll+why, src)
	default:
		graph.FieldSources.Set(x, shortened(by), src)
	}
}

// notAll begins the remark on a list that is known in part.
const notAll = "not all: "

func shortened(list []string) []string {
	if len(list) <= mostSources {
		return list
	}
	return append(slices.Clone(list[:mostSources]), fmt.Sprintf("and %d more", len(list)-mostSources))
}

// whyNot words why an answer is missing; nothing where there is one, or where the service
// says that there is none.
func (r *Region) whyNot(op string, a *Answer) string {
	if a.OK() || a.Absent() {
		return ""
	}
	return r.why(op, a)
}

// keep leaves of a map of an answer the entries with the given names.
func keep(m map[string]any, names ...string) {
	maps.DeleteFunc(m, func(k string, _ any) bool { return !slices.Contains(names, k) })
}

// entriesOf are the objects in a list of an answer.
func entriesOf(m map[string]any, key string) []map[string]any {
	list, _ := m[key].([]any)
	var out []map[string]any
	for _, x := range list {
		if e, ok := x.(map[string]any); ok {
			out = append(out, e)
		}
	}
	return out
}

// fieldTree is fields as an answer keeps them.
func fieldTree(fields []graph.Field) []any {
	out := []any{}
	for _, f := range fields {
		x := map[string]any{"Path": f.Path}
		for k, v := range map[string]string{"Type": f.Type, "Record": f.Record, "Name": f.Name} {
			if v != "" {
				x[k] = v
			}
		}
		out = append(out, x)
	}
	return out
}
