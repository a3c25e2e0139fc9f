package classify

import (
	"cmp"
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
// table, type or model.
func fieldEvidence(d *detect.Detector, n *graph.Node) []annotations.Evidence {
	rows := make([]detect.Row, len(n.Fields))
	for i, f := range n.Fields {
		rows[i] = fieldRow(n, f)
	}
	var out []annotations.Evidence
	for i, r := range d.Rows(rows, annotations.Hint) {
		f := n.Fields[i]
		known, isKnown := attributeCategories[strings.ToLower(rows[i].Name)]
		switch {
		case isKnown && n.Class == graph.UserPool: // poolAttributes says it
		case isKnown && f.Of == claimField:
			out = append(out, standardClaim(n, f, known))
		case f.Of == trafficField:
			out = append(out, trafficAddress(n, f))
		case r.Category != "":
			e := evidenceOf(n, r, detect.FieldNames, string(f.Source))
			e.Field, e.Rank, e.Reason = f.Path, annotations.RankSchema, placed(f)+e.Reason
			out = append(out, e)
		case f.Comment != "":
			out = append(out, commentEvidence(d, n, f)...)
		}
	}
	return out
}

// claimField is the sort of field that a token or an authoriser says of the caller,
// trafficField the address of one end of a connection in a flow log.
const (
	claimField   = "claim"
	trafficField = "address in traffic"
)

// trafficAddress is a hint by the service's own definition: the other end of a connection
// may be a person, and mostly is a machine.
func trafficAddress(n *graph.Node, f graph.Field) annotations.Evidence {
	return annotations.Evidence{
		Resource: string(n.ID), Field: f.Path, Category: addressCategory, Confidence: detect.ResourceNames.Cap, Rank: annotations.RankName,
		Detector: fmt.Sprintf("%s/%d", detect.FieldNames.ID, detect.FieldNames.Version), Source: string(f.Source), Reason: "address of one end of a connection: of a person where people connect",
	}
}

// fieldRow is a field as the detectors take it.
func fieldRow(n *graph.Node, f graph.Field) detect.Row {
	x := detect.Field{Kind: "field of " + string(n.Class), Resource: cmp.Or(f.Record, n.Name), Type: declaredType(f.Type)}
	if f.Of != "" {
		x.Kind = f.Of
	}
	if n.Class == graph.UserPool {
		x.Resource = "user"
	}
	x.Name = f.Name
	if x.Name == "" {
		x.Name = strings.TrimPrefix(strings.TrimPrefix(f.Path, f.Record+"."), "custom:")
	}
	return detect.Row{ID: f.Path, Source: string(n.ID), Field: x}
}

// placed says what a field is one of, where its path alone does not.
func placed(f graph.Field) string {
	if f.Of == "" || f.Record == "" {
		return ""
	}
	return fmt.Sprintf("%s of %s: ", f.Of, f.Record)
}

// standardClaim is evidence by the standard that defines a claim.
func standardClaim(n *graph.Node, f graph.Field, category string) annotations.Evidence {
	return annotations.Evidence{
		Resource: string(n.ID), Field: f.Path, Category: category, Confidence: annotations.Certain, Rank: annotations.RankSchema,
		Detector: fmt.Sprintf("%s/%d", detect.FieldNames.ID, detect.FieldNames.Version), Source: string(f.Source), Reason: "standard claim of OpenID Connect, about the caller",
	}
}

// commentEvidence judges the remark beside a name that says nothing itself. It is what a
// person wrote about the column, not what the column is called: a hint at most.
func commentEvidence(d *detect.Detector, n *graph.Node, f graph.Field) []annotations.Evidence {
	r := d.Table([]detect.Field{{Kind: "column", Resource: f.Record, Name: f.Comment, Type: declaredType(f.Type)}}, annotations.Hint)[0]
	if r.Category == "" {
		return nil
	}
	e := evidenceOf(n, r, detect.VariableNames, string(f.Source))
	e.Field, e.Rank, e.Confidence = f.Path, annotations.RankName, min(e.Confidence, detect.ResourceNames.Cap)
	e.Reason = fmt.Sprintf("%sits comment %q: %s", placed(f), f.Comment, e.Reason)
	return []annotations.Evidence{e}
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
