package diagram

import (
	"slices"
	"strings"
	"testing"

	"github.com/flowdeed/flowdeed/annotations"
	"github.com/flowdeed/flowdeed/aws"
	"github.com/flowdeed/flowdeed/classify"
	"github.com/flowdeed/flowdeed/graph"
	"github.com/flowdeed/flowdeed/iam"
	"github.com/flowdeed/flowdeed/reach"
)

// TestPicturesOfTheWebshop draws the map and answers of the example and holds the rules
// of pictures on each.
func TestPicturesOfTheWebshop(t *testing.T) {
	snap, err := aws.ReadFile("../../examples/webshop/flowdeed.snapshot")
	if err != nil {
		t.Fatal(err)
	}
	set, _ := annotations.Load("../../examples/webshop/annotations")
	sys := aws.Build(snap)
	classify.DeclareFlows(sys.Graph, set)
	labels := classify.Propagate(sys.Graph, set, snap.Run.Finished)
	opt := Options{Area: set.Regions().Area, AsOf: "2026-11-01"}
	for _, p := range Build(sys.Graph, labels, nil, opt) {
		readable(t, &p)
	}

	f := reach.New(sys.World, sys.Graph)
	named := func(kind, name string) *graph.Node {
		for _, n := range sys.Graph.Nodes() {
			if n.Kind == kind && n.Name == name {
				return n
			}
		}
		t.Fatalf("the example has no %s %s", kind, name)
		return nil
	}
	customers, exports := string(named("dynamodb.table", "customers").ID), string(named("s3.bucket", "shop-exports-prod").ID)
	key := f.Asset(customers).Key
	support := string(named("iam.role", "support").ID)
	legacy := named("lambda.function", "legacy-export")
	for _, q := range []Question{
		{Title: "Who can read customers", To: []string{customers}, Result: f.WhoCan(customers, iam.Read)},
		{Title: "Who can decrypt customers", To: []string{customers}, Result: f.WhoCan(key, iam.Decrypt)},
		{Title: "From internet to exports", From: []string{"internet"}, To: []string{exports}, Result: f.WhoCan(exports, iam.Read, iam.Write).Of("internet")},
		{Title: "What support can reach", From: []string{support}, Result: f.ReachOf(support, iam.Read, iam.Write)},
		{Title: "Within reach of legacy-export", From: []string{string(legacy.ID)}, Result: f.Within(legacy, iam.Read, iam.Write)},
		{Title: "Within reach of the key", From: []string{key}, Result: f.Within(sys.Graph.Node(graph.ID(key)), iam.Decrypt)},
	} {
		t.Run(q.Title, func(t *testing.T) {
			list, err := Access(sys.Graph, labels, q, opt)
			if err != nil {
				t.Fatal(err)
			}
			seen, flows := drawn(list), 0
			for i := range list {
				p := &list[i]
				readable(t, p)
				for j := range p.Boxes {
					if m := p.Boxes[j].Mark; (m == "TARGET") != slices.Contains(q.To, string(p.Boxes[j].Node)) {
						t.Errorf("%s is marked %q", p.Boxes[j].Name, m)
					}
				}
				for j := range p.Lines {
					if l := &p.Lines[j]; !l.Access && !l.Relation {
						flows++
						if l.Data == "" || !slices.Contains([]string{"TLS", "TLS optional", "PLAINTEXT", "AWS-internal", "TLS ?"}, l.Word) {
							t.Errorf("a flow of data without words: %+v", l)
						}
					}
				}
				if !strings.Contains(p.Caption, "As of 2026-11-01") {
					t.Errorf("%q has no date", p.Caption)
				}
			}
			for _, x := range q.Result.Answers {
				if id := slices.IndexFunc(x.Path(), func(id string) bool { return !seen[id] }); id >= 0 {
					t.Errorf("%s is in no picture", x.Path()[id])
				}
				for i := range x.Steps {
					if x.Steps[i].Hop() == reach.AlongFlow && x.Steps[i].Flow().Kind.Carries() && flows == 0 {
						t.Error("the flow of a way is not drawn as one")
					}
				}
			}
		})
	}
}
