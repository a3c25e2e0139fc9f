package aws_test

import (
	"testing"

	"github.com/flowdeed/flowdeed/graph"
)

// TestSharedRole: what a role is granted is what its users need together. Where
// something else says which of them works with a store, the others do not get the flow.
func TestSharedRole(t *testing.T) {
	const head, table, queue = "arn:aws:lambda:eu-west-1:111111111111:function:", "arn:aws:dynamodb:eu-west-1:111111111111:table/orders", "arn:aws:sqs:eu-west-1:111111111111:jobs"
	grant := `{"PolicyName":"p","PolicyDocument":"{\"Statement\":[{\"Effect\":\"Allow\",\"Action\":[\"dynamodb:PutItem\",\"sqs:ReceiveMessage\"],\"Resource\":[\"` + table + `\",\"` + queue + `\"]}]}"}`
	function := func(name, variables string) string {
		return `{"FunctionName":"` + name + `","FunctionArn":"` + head + name + `","Role":"arn:aws:iam::111111111111:role/app","Environment":{"Variables":{` + variables + `}}}`
	}
	named := `"ORDERS_TABLE":{"masked":"","refs":["orders"]}`
	model := func(functions string) *graph.Model {
		return built(iamShard(lambdaTrust, grant, "", "", ""),
			answersOf("dynamodb", said("dynamodb:ListTables", "", `{"TableNames":["orders"]}`)),
			answersOf("sqs", said("sqs:ListQueues", "", `{"QueueUrls":["https://sqs.eu-west-1.amazonaws.com/111111111111/jobs"]}`)),
			answersOf("lambda", said("lambda:ListFunctions", "", `{"Functions":[`+functions+`]}`),
				said("lambda:ListEventSourceMappings", "", `{"EventSourceMappings":[{"UUID":"1","EventSourceArn":"`+queue+`","FunctionArn":"`+head+`a","State":"Enabled"}]}`)))
	}
	flows := func(m *graph.Model, name string) (out []string) {
		for _, f := range m.Out(graph.ID(head + name)) {
			if f.Kind != graph.Assumes {
				out = append(out, string(f.Kind)+" "+string(f.To))
			}
		}
		return out
	}
	same := func(name string, got []string, want ...string) {
		t.Helper()
		if len(got) != len(want) || len(got) > 0 && got[0] != want[0] {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
	m := model(function("a", ""))
	same("alone", flows(m, "a"), "writes "+table)

	m = model(function("a", named) + "," + function("b", ""))
	same("the one that names the table", flows(m, "a"), "writes "+table)
	same("the one that shares its role", flows(m, "b")) // neither the table nor the queue that feeds the other

	m = model(function("a", "") + "," + function("b", ""))
	for _, name := range []string{"a", "b"} {
		same("nothing says which, "+name, flows(m, name), "writes "+table)
		if f := theFlow(t, m, head+name, table, graph.Writes); f.Confidence() >= 0.7 {
			t.Errorf("%s: confidence %.2f, want less than a grant to one", name, f.Confidence())
		}
	}
}
