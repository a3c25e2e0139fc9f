package diagram

import (
	"fmt"

	"github.com/flowdeed/flowdeed/check"
	"github.com/flowdeed/flowdeed/classify"
	"github.com/flowdeed/flowdeed/graph"
)

// Options say what to draw.
type Options struct {
	// Child is the command line of the layout process; empty: in this process.
	Child []string
	// Area says in which country a region is and what Chapter V GDPR says of it.
	Area func(region string) (country, status string, known bool)
	// Label gives the words for a category.
	Label func(category string) string
	// AsOf is the time of the snapshot, for the caption.
	AsOf string
}

// room is the part of a page that a picture may take, in points.
type room struct{ w, h float64 }

// reportRooms are A4 landscape and portrait with margins, heading and caption taken off.
var reportRooms = []room{{725, 400}, {485, 610}}

// Build draws the personal data of a graph: as few pictures as are readable, each with
// at most 40 boxes.
func Build(m *graph.Model, labels *classify.Labels, findings []check.Finding, opt Options) []Picture {
	v := newView(m, labels, findings, opt)
	defer v.engine.Close()
	var out []Picture
	for _, part := range v.parts() {
		out = append(out, v.fit(part)...)
	}
	for i := range out {
		out[i].About = "Data map of personal data"
		out[i].ID = fmt.Sprintf("map-%d", i+1)
		out[i].Title = fmt.Sprintf("Data map, part %d of %d", i+1, len(out))
	}
	v.captions(out)
	return out
}

// captions say what a picture shows and what it leaves out.
func (v *view) captions(list []Picture) {
	for i := range list {
		p := &list[i]
		p.Caption = fmt.Sprintf("%s. Resources and outside parties that personal data passes, and what guards it. %d boxes, %d lines; all parts together show %d of %d nodes and %d of %d flows that move data",
			p.Title, len(p.Boxes), len(p.Lines), len(v.nodes), len(v.m.Nodes()), len(v.flows), v.all)
		if v.folded > 0 {
			p.Caption += fmt.Sprintf("; %d flows to logs and copies without personal data are folded away", v.folded)
		}
		if v.opt.AsOf != "" {
			p.Caption += ". As of " + v.opt.AsOf
		}
		if p.Plain {
			p.Caption += ". Plain layout: the layout program could not be used"
		}
		p.Caption += "."
	}
}
