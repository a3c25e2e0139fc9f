package aws

import (
	"fmt"
	"slices"
	"strings"
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

func TestReferencesInSchemas(t *testing.T) {
	got := schemaFields(`{"$ref":"#/definitions/Order","definitions":{
		"Order":{"type":"object","properties":{"buyer":{"$ref":"#/definitions/Person"},"note":{"type":["null","string"]},"state":{"$ref":"#/definitions/State"}}},
		"Person":{"properties":{"e.mail":{"type":"string"},"friends":{"type":"array","items":{"$ref":"#/definitions/Person"}}}},
		"State":{"type":"string","enum":["new","jane@shop.example"]}}}`)
	want := []graph.Field{{Path: `buyer."e.mail"`, Type: "string"}, {Path: "buyer.friends[]", Type: "array"}, {Path: "note", Type: "string"}, {Path: "state", Type: "string"}}
	if !slices.Equal(got, want) {
		t.Errorf("got %+v, want %+v", got, want)
	}
	// Every definition refers to every one: without a bound this would not end.
	var defs []string
	for i := range 12 {
		var props []string
		for k := range 12 {
			props = append(props, fmt.Sprintf(`"p%d":{"$ref":"#/definitions/D%d"}`, k, k))
		}
		defs = append(defs, fmt.Sprintf(`"D%d":{"properties":{%s}}`, i, strings.Join(props, ",")))
	}
	if got := schemaFields(`{"$ref":"#/definitions/D0","definitions":{` + strings.Join(defs, ",") + `}}`); len(got) > mostFields {
		t.Errorf("%d fields", len(got))
	}
}

func TestEventFields(t *testing.T) {
	for _, c := range []struct {
		name, content, source, detail string
		want                          []string
	}{
		{"discovered", `{"openapi":"3.0.0","components":{"schemas":{"AWSEvent":{"type":"object","x-amazon-events-detail-type":"Order Placed","x-amazon-events-source":"com.shop",
			"properties":{"detail":{"$ref":"#/components/schemas/OrderPlaced"},"account":{"type":"string"},"detail-type":{"type":"string"}}},
			"OrderPlaced":{"properties":{"customer":{"$ref":"#/components/schemas/Customer"}}},"Customer":{"properties":{"email":{"type":"string","example":"jane@shop.example"}}}}}}`,
			"com.shop", "Order Placed", []string{"customer.email"}},
		{"draft 4", `{"$schema":"http://json-schema.org/draft-04/schema#","x-amazon-events-source":"com.shop","x-amazon-events-detail-type":"Paid",
			"properties":{"detail":{"properties":{"iban":{"type":"string"}}},"detail-type":{"type":"string"},"account":{"type":"string"}}}`, "com.shop", "Paid", []string{"iban"}},
		{"a document of its own", `{"properties":{"phone":{"type":"string"}}}`, "", "", []string{"phone"}},
		{"an API", `{"openapi":"3.0.0","components":{"schemas":{"User":{"properties":{"email":{"type":"string"}}}}}}`, "", "", []string{"User.email"}},
		{"broken", `{"openapi"`, "", "", nil},
	} {
		got := eventFields(c.content)
		if p := paths(got.Fields); got.Source != c.source || got.DetailType != c.detail || !slices.Equal(p, c.want) {
			t.Errorf("%s: got %q %q %q", c.name, got.Source, got.DetailType, p)
		}
	}
}

func TestRegistryFields(t *testing.T) {
	for _, c := range []struct {
		format, body string
		want         []graph.Field
	}{
		{"JSON", `{"properties":{"email":{"type":"string"}}}`, []graph.Field{{Path: "email", Type: "string"}}},
		{"AVRO", `{"type":"record","name":"Order","namespace":"shop","fields":[
			{"name":"id","type":"long"},
			{"name":"buyer","type":["null",{"type":"record","name":"Person","fields":[{"name":"email","type":"string","default":"jane@shop.example"},{"name":"partner","type":["null","Person"]}]}]},
			{"name":"recipient","type":"shop.Person"},
			{"name":"receiver","type":"Person"},
			{"name":"notes","type":{"type":"array","items":"string"}},
			{"name":"tags","type":{"type":"map","values":"string"}}]}`, []graph.Field{
			{Path: "id", Type: "long"}, {Path: "buyer.email", Type: "string"}, {Path: "buyer.partner", Type: "record"}, {Path: "recipient", Type: "shop.Person"},
			{Path: "receiver.email", Type: "string"}, {Path: "receiver.partner", Type: "record"}, {Path: "notes", Type: "string"}, {Path: "tags", Type: "map"},
		}},
		{"PROTOBUF", `syntax = "proto3"; package shop; // string secret = 9;
			import "x.proto";
			message Customer { reserved 4; option (x) = {a: 1};
			  string email = 1 [deprecated = true];
			  repeated Address homes = 2;
			  map<string, Address> by_name = 3;
			  oneof reach { string phone = 5; }
			  message Address { string street = 1; }
			  enum Kind { UNKNOWN = 0; }
			  bool active = 6;
			}
			service S { rpc Get (Customer) returns (Customer); }`, []graph.Field{
			{Path: "Customer.email", Record: "Customer", Name: "email", Type: "string"}, {Path: "Customer.homes", Record: "Customer", Name: "homes", Type: "Address"},
			{Path: "Customer.by_name", Record: "Customer", Name: "by_name", Type: "map"}, {Path: "Customer.phone", Record: "Customer", Name: "phone", Type: "string"},
			{Path: "Address.street", Record: "Address", Name: "street", Type: "string"}, {Path: "Customer.active", Record: "Customer", Name: "active", Type: "bool"},
		}},
		{"XML", `<email/>`, nil},
		{"AVRO", `"string"`, nil},
		{"PROTOBUF", `}}}; message {`, nil},
	} {
		if got := registryFields(c.format, c.body); !slices.Equal(got, c.want) {
			t.Errorf("%s %.40s:\n got %+v\nwant %+v", c.format, c.body, got, c.want)
		}
	}
}

func TestHiveFields(t *testing.T) {
	for _, c := range []struct {
		kind string
		want []graph.Field
	}{
		{"string", []graph.Field{{Path: "c", Type: "string"}}},
		{"decimal(10,2)", []graph.Field{{Path: "c", Type: "decimal(10,2)"}}},
		{"struct<street:string,place:struct<zip:varchar(5),city:string>>", []graph.Field{{Path: "c.street", Type: "string"}, {Path: "c.place.zip", Type: "varchar(5)"}, {Path: "c.place.city", Type: "string"}}},
		{"array<struct<email:string>>", []graph.Field{{Path: "c[].email", Type: "string"}}},
		{"map<string,struct<phone:string>>", []graph.Field{{Path: "c.phone", Type: "string"}}},
		{"struct<a:array<string>,b:int>", []graph.Field{{Path: "c.a[]", Type: "string"}, {Path: "c.b", Type: "int"}}},
		{"struct<broken", []graph.Field{{Path: "c", Type: "struct<broken"}}},
		{"", []graph.Field{{Path: "c"}}},
	} {
		if got := hiveFields("c", c.kind); !slices.Equal(got, c.want) {
			t.Errorf("%s: got %+v, want %+v", c.kind, got, c.want)
		}
	}
}

func TestFilterFields(t *testing.T) {
	for pattern, want := range map[string][]string{
		`{ $.userId = * }`: {"userId"},
		`{ ($.user.email = "jane@shop.example") && ($.items[0].price > 3) }`:        {"items[0].price", "user.email"},
		`{ $.['client-ip'] = 1 || $["first name"] = "$.not.me" }`:                   {`"first name"`, "client-ip"},
		`[ip, user, timestamp, request="GET *", status_code=4*, bytes > 1000, ...]`: {"bytes", "ip", "request", "status_code", "timestamp", "user"},
		`ERROR`: {}, `"email jane@shop.example"`: {}, ``: {}, `{ broken`: {}, `%[0-9]{3}%`: {},
	} {
		if got := filterFields(pattern); !slices.Equal(got, want) {
			t.Errorf("%s: got %q, want %q", pattern, got, want)
		}
	}
}

func TestQueryFields(t *testing.T) {
	for query, want := range map[string][]string{
		`fields @timestamp, userId, request.clientIp | filter email = "jane@shop.example" and name like /Jane Doe/ | sort @timestamp desc | limit 20`: {"email", "name", "request.clientIp", "userId"},
		"stats count(*) as hits by bin(5m), `first-name` # who is jane":                                                                               {"first-name", "hits"},
		`parse @message 'user=* ip=*' as user, ip`:                                                                                                    {"ip", "user"},
		`filter @logStream like "x" | filterIndex`:                                                                                                    {},
		``: {},
	} {
		if got := queryFields(query); !slices.Equal(got, want) {
			t.Errorf("%s: got %q, want %q", query, got, want)
		}
	}
}

func TestPartsOfRequests(t *testing.T) {
	got := mappedInputs(map[string]string{"application/json": `{"to": $input.json('$.customer.email'), "id": "$input.params("userId")", "all": $input.json('$')}`})
	if want := []string{"customer.email", "userId"}; !slices.Equal(got, want) {
		t.Errorf("templates: got %q, want %q", got, want)
	}
	got = requestParts("method.request.header.Authorization, method.request.querystring.email", "$request.body.phone", "$request.header.X-User", "$context.identity.sourceIp", "'request'")
	if want := []string{"email", "phone", "X-User"}; !slices.Equal(got, want) {
		t.Errorf("parts: got %q, want %q", got, want)
	}
}

func TestWhatIsKeptOfAnswers(t *testing.T) {
	tables := map[string]any{"TableList": []any{map[string]any{
		"Name": "t", "Description": "of jane@shop.example", "Owner": "jane", "ViewOriginalText": "select 'jane'", "Parameters": map[string]any{"classification": "csv", "recordCount": "7"},
		"StorageDescriptor": map[string]any{"Location": "s3://b/p", "SkewedInfo": map[string]any{"SkewedColumnValues": []any{"jane"}}, "Columns": []any{
			map[string]any{"Name": "a", "Comment": "from deserializer"}, map[string]any{"Name": "b", "Comment": "e-mail, home (private)"}, map[string]any{"Name": "c", "Comment": "ask jane@shop.example"},
		}},
	}}}
	keepColumns(tables)
	if got, want := string(canonical(tables)), `{"TableList":[{"Name":"t","Parameters":{"classification":"csv"},"StorageDescriptor":{"Columns":[{"Name":"a"},{"Comment":"e-mail, home (private)","Name":"b"},{"Name":"c"}],"Location":"s3://b/p"}}]}`; got != want {
		t.Errorf("kept of tables\n got %s\nwant %s", got, want)
	}
	filters := map[string]any{"MetricFilters": []any{map[string]any{"FilterName": "f", "LogGroupName": "l", "FilterPattern": `{ $.email = "jane@shop.example" }`, "MetricTransformations": []any{
		map[string]any{"MetricName": "n", "MetricValue": "$.latency", "Dimensions": map[string]any{"User": "$.userId"}},
	}}}}
	keepMetricFilters(filters)
	if got, want := string(canonical(filters)), `{"MetricFilters":[{"Fields":["email","latency","userId"],"FilterName":"f","LogGroupName":"l"}]}`; got != want {
		t.Errorf("kept of filters\n got %s\nwant %s", got, want)
	}
	queries := map[string]any{"QueryDefinitions": []any{map[string]any{"Name": "q", "QueryString": `filter email = "jane@shop.example"`, "Parameters": []any{"jane"}}, map[string]any{"QueryLanguage": "SQL", "QueryString": "SELECT jane"}}}
	keepQueries(queries)
	if got, want := string(canonical(queries)), `{"QueryDefinitions":[{"Fields":["email"],"Name":"q"},{"Fields":[],"QueryLanguage":"SQL"}]}`; got != want {
		t.Errorf("kept of queries\n got %s\nwant %s", got, want)
	}
	event := map[string]any{"SchemaName": "s", "Description": "jane", "Content": `{"x-amazon-events-source":"shop","properties":{"email":{"example":"jane@shop.example"}}}`}
	keepEventFields(event)
	if got, want := string(canonical(event)), `{"EventSource":"shop","Fields":[{"Path":"email"}],"SchemaName":"s"}`; got != want {
		t.Errorf("kept of an event schema\n got %s\nwant %s", got, want)
	}
}
