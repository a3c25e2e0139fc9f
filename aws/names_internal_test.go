package aws

import (
	"slices"
	"testing"

	"github.com/flowdeed/flowdeed/graph"
)

func paths(list []graph.Field) []string {
	var out []string
	for _, f := range list {
		out = append(out, f.Path)
	}
	return out
}

func TestSchemaFields(t *testing.T) {
	got := paths(schemaFields(`{"type":"object","properties":{
		"email":{"type":"string"},
		"address":{"type":"object","properties":{"city":{"type":"string"}}},
		"items":{"type":"array","items":{"type":"object","properties":{"sku":{"type":"string"}}}},
		"tags":{"type":"array","items":{"type":"string"}}},
		"allOf":[{"properties":{"phone":{"type":"string"}}}]}`))
	want := []string{"address.city", "email", "items[].sku", "tags[]", "phone"}
	if !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	if got := schemaFields("not json"); got != nil {
		t.Errorf("broken schema gives %v", got)
	}
	deep := `{"properties":{"a":`
	for range 200 {
		deep += `{"properties":{"a":`
	}
	if got := schemaFields(deep); got != nil {
		t.Errorf("cut schema gives %v", got)
	}
}

func TestPatternPaths(t *testing.T) {
	got := patternPaths(`{"source":["shop"],"detail":{"customer":{"email":[{"exists":true}]},"total":[{"numeric":[">",9]}],"$or":[{"a":["b"]}]}}`)
	if want := []string{"detail.customer.email", "detail.total"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestInputPaths(t *testing.T) {
	doc := map[string]any{"States": map[string]any{"S": map[string]any{
		"Parameters": map[string]any{"to.$": "$.customer.email", "id.$": "$$.Execution.Id", "x.$": "$.list[?(@.name=='secret')]"},
		"ResultPath": "$.result", "Comment": "costs $5",
	}}}
	got := inputPaths(nil, doc, 0)
	slices.Sort(got)
	if want := []string{"$.customer.email", "$.result"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q: filters may hold values, context paths are no input", got, want)
	}
}

func TestTypeFields(t *testing.T) {
	got := paths(typeFields(`
"""A customer. note: this is prose"""
type Customer @aws_iam {
  id: ID!
  email: String
  orders(limit: Int): [Order]
}
type Query { customer(id: ID!): Customer }
input NewCustomer { email: String! }`))
	want := []string{"Customer.id", "Customer.email", "Customer.orders"}
	if !slices.Equal(got[:3], want) || slices.Contains(got, "Query.customer") {
		t.Errorf("got %q, want %q and nothing of Query", got, want)
	}
	answer := map[string]any{"Types": []any{map[string]any{"Name": "Customer", "Definition": "type Customer {\n  email: String\n}"}}}
	keepTypeFields(answer)
	kept := answer["Types"].([]any)[0].(map[string]any)
	if _, there := kept["Definition"]; there || len(kept["Fields"].([]any)) != 1 {
		t.Errorf("kept %v", kept)
	}
}

func TestPathParameters(t *testing.T) {
	if got, want := pathParameters("/users/{userId}/files/{proxy+}"), []string{"userId", "proxy"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}
