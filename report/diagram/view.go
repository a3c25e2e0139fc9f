package diagram

import (
	"maps"
	"slices"

	"github.com/flowdeed/flowdeed/check"
	"github.com/flowdeed/flowdeed/classify"
	"github.com/flowdeed/flowdeed/graph"
)

// view is what is drawn, over all pictures.
type view struct {
	scene
	worst  map[graph.ID]check.Severity // of failing findings about a node
	nodes  []graph.ID                  // in the pictures, sorted
	flows  []*graph.Flow               // in the pictures
	all    int                         // flows that carry data
	folded int
}

func newView(m *graph.Model, labels *classify.Labels, findings []check.Finding, opt Options) *view {
	v := &view{scene: newScene(m, labels, opt), worst: map[graph.ID]check.Severity{}}
	mark := func(id graph.ID, s check.Severity) {
		if have, ok := v.worst[id]; !ok || s > have {
			v.worst[id] = s
		}
	}
	for i := range findings {
		f := &findings[i]
		if f.Status != check.Fail {
			continue
		}
		if f.Node != nil {
			mark(f.Node.ID, f.Severity)
		}
		if f.Flow != nil {
			mark(f.Flow.From, f.Severity)
			mark(f.Flow.To, f.Severity)
		}
	}
	v.choose()
	return v
}

// grave tells whether a node has an open finding that no picture may hide.
func (v *view) grave(id graph.ID) bool { return v.worst[id] >= check.High && v.has(id) }

func (v *view) has(id graph.ID) bool { _, ok := v.worst[id]; return ok }

// choose applies the lens: flows with personal data at an end, and the nodes at their
// ends; log groups that hold no label and no grave finding are folded away.
func (v *view) choose() {
	set := map[graph.ID]bool{}
	for _, f := range v.m.Flows() {
		if !f.Kind.Carries() {
			continue
		}
		v.all++
		personal := v.labels.Profile(f.From).Personal() || v.labels.Profile(f.To).Personal()
		if !personal && !(v.grave(f.From) && v.grave(f.To)) {
			continue
		}
		if v.plumbing(f.From) || v.plumbing(f.To) {
			v.folded++
			continue
		}
		v.flows = append(v.flows, f)
		set[f.From], set[f.To] = true, true
	}
	for _, n := range v.m.Nodes() {
		role := n.Class.Role()
		loner := !set[n.ID] && (v.labels.Profile(n.ID).Personal() && n.Class.KeepsData() || v.grave(n.ID) && role != graph.RoleSupport && role != graph.RolePlace)
		if loner && !v.plumbing(n.ID) {
			set[n.ID] = true
		}
	}
	v.nodes = slices.Sorted(maps.Keys(set))
}

// plumbing is what is folded into its owner.
func (v *view) plumbing(id graph.ID) bool {
	n := v.m.Node(id)
	if n == nil {
		return true
	}
	switch n.Class {
	case graph.LogGroup, graph.Trail, graph.Snapshot, graph.Backup:
		return !v.labels.Profile(id).Personal() && !v.grave(id)
	}
	return n.Class.Role() == graph.RoleSupport || n.Class.Role() == graph.RolePlace
}
