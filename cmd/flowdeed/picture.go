package main

import (
	"errors"
	"io"
	"time"

	"github.com/flowdeed/flowdeed/graph"
	"github.com/flowdeed/flowdeed/report"
	"github.com/flowdeed/flowdeed/report/diagram"
)

// pictureFormats are the formats of a picture.
var pictureFormats = []string{"svg", "png", "mermaid", "dot"}

// drawn is a picture of the report with its SVG.
type drawn struct {
	figure report.Figure
	svg    func(io.Writer) error
}

func (a *analysis) drawing(s *streams) diagram.Options {
	opt := diagram.Options{Area: a.set.Regions().Area, Label: a.set.Taxonomy().Label, AsOf: a.snap.Run.Finished.UTC().Format(time.DateOnly)}
	if s.self != "" {
		opt.Child = []string{s.self, layoutCommand}
	}
	return opt
}

// pictures draws the personal data of an analysis, once.
func (a *analysis) pictures(s *streams) []diagram.Picture {
	if a.painted == nil {
		a.painted = diagram.Build(a.sys.Graph, a.labels, a.findings, a.drawing(s))
	}
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

// accessPicture prints the ways of an answer as a picture.
func (o *output) accessPicture(s *streams, a *analysis, q diagram.Question) error {
	list, err := diagram.Access(a.sys.Graph, a.labels, q, a.drawing(s))
	if errors.Is(err, diagram.ErrNoWay) {
		return failf("run it again with --format text: it says what is kept out and what is not decided", "%s: %w", q.Title, err)
	}
	if err != nil {
		return err
	}
	return o.picture(s, list)
}

// picture prints pictures in the format that was asked for.
func (o *output) picture(s *streams, list []diagram.Picture) error {
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
