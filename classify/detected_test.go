package classify_test

import (
	"strings"
	"testing"

	"github.com/flowdeed/flowdeed/annotations"
	"github.com/flowdeed/flowdeed/classify"
	"github.com/flowdeed/flowdeed/graph"
)

func TestDetected(t *testing.T) {
	b := graph.NewModel()
	b.AddNode(graph.Node{ID: "table", Class: graph.Table, Name: "customers", Fields: []graph.Field{{Path: "customerId", Type: "S"}, {Path: "email", Type: "S"}, {Path: "ttl", Type: "N"}}})
	b.AddNode(graph.Node{ID: "api", Class: graph.API, Name: "shop", Fields: []graph.Field{{Path: "Customer.lastName", Type: "string"}, {Path: "Product.name", Type: "string"}}})
	b.AddNode(graph.Node{ID: "fn", Class: graph.Function, Name: "worker", Names: []graph.Named{{Name: "DATABASE_PASSWORD", Of: "environment variable"}, {Name: "detail.customer.email", Of: "event pattern"}}})
	b.AddNode(graph.Node{ID: "queue", Class: graph.Queue, Name: "customer-email-queue"})
	b.AddNode(graph.Node{ID: "outside", Class: graph.Queue, Name: "customer-emails", External: true})
	b.Freeze()
	list, err := classify.Detected(b)
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]annotations.Evidence{}
	for _, e := range list {
		got[e.Resource+" "+e.Field+" "+e.Category] = e
		if e.Reason == "" || e.Detector == "" {
			t.Errorf("%+v has no reason or no detector", e)
		}
		if e.Rank == annotations.RankName && e.Confidence > 0.75 {
			t.Errorf("a name gives %v", e.Confidence)
		}
	}
	for key, rank := range map[string]int{
		"table email user.contact.email": annotations.RankSchema, "table customerId user.unique_id": annotations.RankSchema,
		"api Customer.lastName user.name.last": annotations.RankSchema, "fn  user.contact.email": annotations.RankName,
		"queue  user.contact.email": annotations.RankName,
	} {
		if e, ok := got[key]; !ok || e.Rank != rank {
			t.Errorf("%s: got %+v, want rank %d", key, e, rank)
		}
	}
	for key := range got {
		if strings.HasPrefix(key, "outside") || strings.Contains(key, "Product.name") || strings.Contains(key, "ttl") || strings.Contains(key, "password") {
			t.Errorf("%s is not expected", key)
		}
	}
	if q := got["queue  user.contact.email"]; q.Confidence > 0.45 {
		t.Errorf("the name of a queue gives %v, at most 0.45 is allowed", q.Confidence)
	}
}
