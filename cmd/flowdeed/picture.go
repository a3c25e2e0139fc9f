package main

import (
	"io"
	"time"

	"github.com/flowdeed/flowdeed/graph"
	"github.com/flowdeed/flowdeed/report"
	"github.com/flowdeed/flowdeed/report/diagram"
)

// drawn is a picture of the report with its SVG.
type drawn struct {
	figure report.Figure
	svg    func(io.Writer) error
}

// pictures draws the personal data of an analysis, once.
func (a *analysis) pictures(s *streams) []diagram.Picture {
	if a.painted != nil {
		return a.painted
	}
	opt := diagram.Options{Area: a.set.Regions().Area, Label: a.set.Taxonomy().Label, AsOf: a.snap.Run.Finished.UTC().Format(time.DateOnly)}
	if s.self != "" {
		opt.Child = []string{s.self, layoutCommand}
	}
	a.painted = diagram.Build(a.sys.Graph, a.labels, a.findings, opt)
	return a.painted
}

func (a *analysis) figures(s *streams) []drawn {
	list := a.pictures(s)
	var out []drawn
	for i, f := range diagram.Figures(list, a.anchors()) {
		out = append(out, drawn{f, func(w io.Writer) error { return diagram.SVG(w, list[i:i+1]) }})
	}
	return out
}

// anchors gives the ids under which the report speaks of nodes: n1, n2, in the order
// of the graph.
func (a *analysis) anchors() func(graph.ID) string {
	ids := map[graph.ID]string{}
	for i, n := range a.sys.Graph.Nodes() {
		ids[n.ID] = report.NodeAnchor(i)
	}
	return func(id graph.ID) string { return ids[id] }
}

// picture prints the map as a picture.
func (o *output) picture(s *streams, a *analysis) error {
	list := a.pictures(s)
	return o.print(s, func(w io.Writer) error {
		switch o.format {
		case "png":
			return diagram.PNG(w, list)
		case "mermaid":
			_, err := io.WriteString(w, diagram.Mermaid(list))
			return err
		case "dot":
			return diagram.DOT(w, list)
		}
		return diagram.SVG(w, list)
	})
}
