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

// TestDetectedInSchemas judges the fields that schemas outside a node show, each in the
// company of its own record.
func TestDetectedInSchemas(t *testing.T) {
	b := graph.NewModel()
	column := func(path, name, kind, record, comment string) graph.Field {
		return graph.Field{Path: path, Name: name, Type: kind, Record: record, Comment: comment, Of: "column", Source: "glue:GetTables"}
	}
	b.AddNode(graph.Node{ID: "lake", Class: graph.Bucket, Name: "lake-7f3a", Fields: []graph.Field{
		column("crm/**:name", "name", "string", "customers", ""), column("crm/**:email", "email", "string", "customers", ""), column("crm/**:c7", "c7", "string", "customers", "phone number"),
		column("shop/**:name", "name", "string", "products", ""), column("shop/**:price", "price", "decimal(10,2)", "products", ""), column("shop/**:x1", "x1", "string", "products", "name of the file"),
		column("ops/**:request_id", "request_id", "string", "cost_report", ""), column("ops/**:instance_type", "instance_type", "string", "cost_report", ""), column("ops/**:dt", "dt", "string", "cost_report", "partition"),
	}})
	b.AddNode(graph.Node{ID: "log", Class: graph.LogGroup, Name: "/aws/lambda/checkout", Fields: []graph.Field{
		{Path: "user.email", Of: "log field"}, {Path: "latency", Of: "log field"}, {Path: "level", Of: "log field"},
		{Path: "authorizer.claims.phone_number", Name: "phone_number", Record: "claims", Of: "claim"}, {Path: "authorizer.claims.scope", Name: "scope", Record: "claims", Of: "claim"},
	}})
	b.AddNode(graph.Node{ID: "net", Class: graph.LogGroup, Name: "vpc", Fields: []graph.Field{
		{Path: "srcaddr", Name: "srcaddr", Record: "flow log", Of: "address in traffic"},
	}})
	b.AddNode(graph.Node{ID: "bus", Class: graph.EventBus, Name: "shop", Fields: []graph.Field{{Path: "Paid.buyer.iban", Name: "buyer.iban", Record: "Paid", Of: "event field"}}})
	b.Freeze()
	list, err := classify.Detected(b)
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]annotations.Evidence{}
	for _, e := range list {
		got[e.Resource+" "+e.Field+" "+e.Category] = e
	}
	for key, want := range map[string]struct {
		rank        int
		least, most float64
		reason      string
	}{
		"lake crm/**:name user.name":                                   {annotations.RankSchema, 0.6, 0.95, "column of customers: "},
		"lake crm/**:email user.contact.email":                         {annotations.RankSchema, 0.6, 0.95, "column of customers: "},
		"lake crm/**:c7 user.contact.phone_number":                     {annotations.RankName, 0.3, 0.45, `its comment "phone number"`},
		"log user.email user.contact.email":                            {annotations.RankSchema, 0.6, 0.95, "means email"},
		"log authorizer.claims.phone_number user.contact.phone_number": {annotations.RankSchema, 0.9, 0.9, "standard claim"},
		"net srcaddr user.device.ip_address":                           {annotations.RankName, 0.45, 0.45, "one end of a connection"},
		"bus Paid.buyer.iban user.financial.bank_account.iban":         {annotations.RankSchema, 0.6, 0.95, "event field of Paid: "},
	} {
		e, ok := got[key]
		if !ok || e.Rank != want.rank || e.Confidence < want.least || e.Confidence > want.most || !strings.Contains(e.Reason, want.reason) {
			t.Errorf("%s: got %+v, want %+v", key, e, want)
		}
		delete(got, key)
	}
	for key := range got {
		t.Errorf("%s is not expected", key)
	}
}
