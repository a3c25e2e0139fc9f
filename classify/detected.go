package classify

import (
	"fmt"
	"slices"
	"strings"

	"github.com/flowdeed/flowdeed/annotations"
	"github.com/flowdeed/flowdeed/classify/detect"
	"github.com/flowdeed/flowdeed/graph"
)

// named are the classes whose own names hint at what passes through or is kept there.
// Source: detectors, "Score": a hint for the subject and for where to look.
var named = map[graph.Class]string{
	graph.Queue: "queue", graph.Topic: "topic", graph.Bucket: "bucket", graph.Stream: "stream-name", graph.DeliveryStream: "stream-name",
	graph.EventBus: "bus", graph.Function: "function", graph.Parameter: "secret", graph.Secret: "secret",
}

// Detected is what the detectors of names say about the nodes of a graph, as evidence of
// the two lowest layers: fields that schemas show (rank 7), and names (rank 8). It
// only adds; that nothing was found means nothing.
func Detected(m *graph.Model) ([]annotations.Evidence, error) {
	d, err := detect.New()
	if err != nil {
		return nil, err
	}
	var out []annotations.Evidence
	for _, n := range m.Nodes() {
		if !n.External {
			out = append(out, fieldEvidence(d, n)...)
			out = append(out, nameEvidence(d, n)...)
		}
	}
	return out, nil
}

// fieldEvidence judges the fields of a node, each in the company of the others of its
// type or model.
func fieldEvidence(d *detect.Detector, n *graph.Node) []annotations.Evidence {
	var rows []detect.Row
	for _, f := range n.Fields {
		resource, name := n.Name, strings.TrimPrefix(f.Path, "custom:")
		if model, field, ok := strings.Cut(f.Path, "."); ok && (n.Class == graph.API || n.Class == graph.GraphQLAPI) {
			resource, name = model, field
		}
		if n.Class == graph.UserPool {
			resource = "user"
		}
		rows = append(rows, detect.Row{ID: f.Path, Source: string(n.ID), Field: detect.Field{Kind: "field of " + string(n.Class), Resource: resource, Name: name, Type: declaredType(f.Type)}})
	}
	var out []annotations.Evidence
	for i, r := range d.Rows(rows, annotations.Hint) {
		f := n.Fields[i]
		if _, known := attributeCategories[strings.ToLower(f.Path)]; r.Category == "" || known && n.Class == graph.UserPool {
			continue
		}
		e := evidenceOf(n, r, detect.FieldNames, string(f.Source))
		e.Field, e.Rank = f.Path, annotations.RankSchema
		out = append(out, e)
	}
	return out
}

// declaredType is a type a detector understands: those of key attributes (S, N, B) say
// nothing about content.
func declaredType(t string) string {
	if len(t) == 1 {
		return ""
	}
	return t
}

// nameEvidence judges the names of variables, paths and patterns, and the node's own.
func nameEvidence(d *detect.Detector, n *graph.Node) []annotations.Evidence {
	var rows []detect.Row
	var sources []graph.Source
	add := func(kind, name string, src graph.Source) {
		rows = append(rows, detect.Row{ID: name, Source: string(n.ID), Field: detect.Field{Kind: kind, Resource: kind, Name: name}})
		sources = append(sources, src)
	}
	for _, x := range n.Names {
		add(x.Of, x.Name, x.Source)
	}
	if kind, ok := named[n.Class]; ok {
		add(kind, n.Name, "its name")
	}
	var out []annotations.Evidence
	for i, r := range d.Rows(rows, annotations.Hint) {
		if r.Category == "" {
			continue
		}
		by := detect.VariableNames
		if sources[i] == "its name" {
			by = detect.ResourceNames
		}
		e := evidenceOf(n, r, by, string(sources[i]))
		e.Confidence = min(e.Confidence, by.Cap)
		e.Reason = fmt.Sprintf("%s %q: %s", rows[i].Kind, rows[i].Name, r.Reason())
		e.Rank = annotations.RankName
		out = append(out, e)
	}
	// Several names may hint at one category; the surest speaks for all.
	slices.SortStableFunc(out, func(a, b annotations.Evidence) int {
		if c := strings.Compare(a.Category, b.Category); c != 0 {
			return c
		}
		return int((b.Confidence - a.Confidence) * 1000)
	})
	return slices.CompactFunc(out, func(a, b annotations.Evidence) bool { return a.Category == b.Category })
}

func evidenceOf(n *graph.Node, r detect.Result, by detect.About, source string) annotations.Evidence {
	return annotations.Evidence{
		Resource: string(n.ID), Category: r.Category, Confidence: r.Confidence,
		MayContain: annotations.Covers("user.content", r.Category),
		Detector:   fmt.Sprintf("%s/%d", by.ID, by.Version), Source: source, Reason: r.Reason(),
	}
}
