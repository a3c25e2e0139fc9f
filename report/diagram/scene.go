package diagram

import (
	"github.com/flowdeed/flowdeed/classify"
	"github.com/flowdeed/flowdeed/graph"
	"github.com/flowdeed/flowdeed/report/layout"
)

// scene is what every picture is drawn from, with what measures and places it.
type scene struct {
	m      *graph.Model
	labels *classify.Labels
	opt    Options
	rule   *ruler
	engine *layout.Engine
}

func newScene(m *graph.Model, labels *classify.Labels, opt Options) scene {
	return scene{m: m, labels: labels, opt: opt, rule: newRuler(), engine: &layout.Engine{Argv: opt.Child}}
}

// badge is the word for the personal data of a node.
func (s *scene) badge(n *graph.Node) string {
	switch pr := s.labels.Profile(n.ID); {
	case n.Class == graph.InternetClass:
		return "" // anybody: what reaches the internet is said at the lines
	case pr == classify.ProfileSpecial:
		return "ART. 9"
	case pr == classify.ProfileCriminal:
		return "ART. 10"
	case pr == classify.ProfileChildren:
		return "CHILDREN"
	case pr == classify.ProfilePersonal:
		return "PERSONAL"
	case pr == classify.ProfileUnlabelled && n.Class.KeepsData() && !n.External:
		return "DATA ?"
	}
	return ""
}
