package aws_test

import (
	"encoding/json"
	"slices"
	"testing"

	"github.com/flowdeed/flowdeed/graph"
)

// TestWhatATaskCarries reads input and result fields of Task states.
func TestWhatATaskCarries(t *testing.T) {
	const lambda = `"Type":"Task","Resource":"arn:aws:states:::lambda:invoke"`
	const fn = `"FunctionName":"arn:aws:lambda:` + here + `function:f"`
	const queue = `"Type":"Task","Resource":"arn:aws:states:::sqs:sendMessage"`
	const url = `"QueueUrl":"https://sqs.eu-west-1.amazonaws.com/111111111111/q"`
	for _, c := range []struct {
		name, state string
		paths       []string // nil: not known, everything
		returns     any      // true, false, or nil where the flow gives nothing back
	}{
		{"no parameters: the whole input", `{"Type":"Task","Resource":"arn:aws:lambda:` + here + `function:f"}`, nil, true},
		{"payload is the input", `{` + lambda + `,"Parameters":{` + fn + `,"Payload.$":"$"}}`, nil, true},
		{"constant parameters", `{` + lambda + `,"Parameters":{` + fn + `,"Payload":{"kind":"nightly"}}}`, []string{}, true},
		{"two fields", `{` + lambda + `,"Parameters":{` + fn + `,"Payload":{"id.$":"$.customer.id","n":{"mail.$":"States.Format('<{}>', $.mail)"}}}}`, []string{"$.customer.id", "$.mail"}, true},
		{"below an input path", `{` + lambda + `,"InputPath":"$.detail","Parameters":{` + fn + `,"Payload":{"id.$":"$.id"}}}`, []string{"$.detail.id"}, true},
		{"an input path alone", `{"Type":"Task","Resource":"arn:aws:lambda:` + here + `function:f","InputPath":"$.detail"}`, []string{"$.detail"}, true},
		{"no input at all", `{` + lambda + `,"InputPath":null,"Parameters":{` + fn + `,"Payload":{"id.$":"$.id"}}}`, []string{}, true},
		{"no input, but the one of the execution", `{` + lambda + `,"InputPath":null,"Parameters":{` + fn + `,"Payload":{"id.$":"$$.Execution.Input.id"}}}`, nil, true},
		{"the context tells nothing of the input", `{` + lambda + `,"Parameters":{` + fn + `,"Payload":{"at.$":"$$.State.EnteredTime"}}}`, []string{}, true},
		{"JSONata field", `{` + lambda + `,"QueryLanguage":"JSONata","Arguments":{` + fn + `,"Payload":"{% $states.input.order.id %}"}}`, []string{"$.order.id"}, true},
		{"JSONata variable", `{` + lambda + `,"QueryLanguage":"JSONata","Arguments":{` + fn + `,"Payload":"{% $kept.id %}"}}`, nil, true},
		{"the result is thrown away", `{` + lambda + `,"ResultPath":null,"Parameters":{` + fn + `,"Payload.$":"$"}}`, nil, false},
		{"the output is the input", `{` + lambda + `,"QueryLanguage":"JSONata","Arguments":{` + fn + `,"Payload":"{% $states.input %}"},"Output":"{% $states.input %}"}`, nil, false},
		{"the output takes of the result", `{` + lambda + `,"QueryLanguage":"JSONata","Arguments":{` + fn + `},"Output":{"a":"{% $states.result.a %}"}}`, []string{}, true},
		{"nobody waits", `{` + lambda + `,"Parameters":{` + fn + `,"InvocationType":"Event","Payload.$":"$"}}`, nil, false},
		{"a message of one field", `{` + queue + `,"Parameters":{` + url + `,"MessageBody.$":"$.note"}}`, []string{"$.note"}, nil},
		{"a message of a list's item", `{` + queue + `,"Parameters":{` + url + `,"MessageBody":{"all":[{"x.$":"$.items[0].name"}]}}}`, []string{"$.items[0].name"}, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			m := built(machine(`{"StartAt":"S","States":{"S":` + c.state + `}}`))
			for _, f := range m.Out(machineARN) {
				if f.Kind == graph.Assumes {
					continue
				}
				got := graph.Transformed.Get(&f.Facts)
				if got.Known != (c.paths != nil) || !slices.Equal(got.V, c.paths) {
					t.Errorf("carries %q (known: %v), want %q", got.V, got.Known, c.paths)
				}
				back := graph.ReturnsResult.Get(&f.Facts)
				if want, known := c.returns.(bool); known != back.Known || want != back.V {
					t.Errorf("returns %v (known: %v), want %v", back.V, back.Known, c.returns)
				}
				return
			}
			t.Fatal("no flow")
		})
	}
}

func TestReadsThrownAway(t *testing.T) {
	read := func(more string) *graph.Flow {
		m := built(machine(`{"StartAt":"S","States":{"S":{"Type":"Task","Resource":"arn:aws:states:::dynamodb:getItem","Parameters":{"TableName":"orders","Key":{"id":{"S":"1"}}}` + more + `}}}`))
		for _, f := range m.Out(machineARN) {
			if f.Kind == graph.Reads {
				return f
			}
		}
		t.Fatal("no read")
		return nil
	}
	if got := graph.Transformed.Get(&read("").Facts); got.Known {
		t.Errorf("a key that is constant says nothing of what is read: %v", got.V)
	}
	if got := graph.Transformed.Get(&read(`,"ResultPath":null`).Facts); !got.Known || len(got.V) > 0 {
		t.Errorf("a result that is thrown away: %v, known %v", got.V, got.Known)
	}
}

func TestWhatTemplatesTake(t *testing.T) {
	rule := func(target string) *graph.Flow {
		bus := `{"EventBuses":[{"Name":"b","Arn":"arn:aws:events:` + here + `event-bus/b"}]}`
		m := built(answersOf("events", said("events:ListEventBuses", "", bus), said("events:DescribeEventBus", "b", `{"Name":"b"}`),
			said("events:ListRules", "b", `{"Rules":[{"Name":"r","Arn":"arn:aws:events:`+here+`rule/b/r","EventPattern":"{}","State":"ENABLED"}]}`),
			said("events:ListTargetsByRule", "b/r", `{"Targets":[{"Id":"1","Arn":"arn:aws:sqs:`+here+`q"`+target+`}]}`)))
		for _, f := range m.Out("arn:aws:events:" + here + "rule/b/r") {
			return f
		}
		t.Fatal("no target")
		return nil
	}
	for _, c := range []struct {
		name, target string
		paths        []string
	}{
		{"none", ``, nil},
		{"a path", `,"InputPath":"$.detail.id"`, []string{"$.detail.id"}},
		{"a constant", `,"Input":{"masked":"x"}`, []string{}},
		{"variables", `,"InputTransformer":{"InputPathsMap":{"a":"$.detail.a","b":"$.time"},"InputTemplate":{"masked":"x","paths":[]}}`, []string{"$.detail.a", "$.time"}},
		{"the whole event by its word", `,"InputTransformer":{"InputPathsMap":{"a":"$.time"},"InputTemplate":{"masked":"x","paths":["$"]}}`, []string{"$", "$.time"}},
		{"a template that was not read", `,"InputTransformer":{"InputPathsMap":{"a":"$.time"},"InputTemplate":{"masked":"x"}}`, nil},
	} {
		got := graph.Transformed.Get(&rule(c.target).Facts)
		if got.Known != (c.paths != nil) || !slices.Equal(got.V, c.paths) {
			t.Errorf("%s: %q (known: %v), want %q", c.name, got.V, got.Known, c.paths)
		}
	}
}

func TestWhatPipesTake(t *testing.T) {
	pipe := func(more, enrich string) *graph.Model {
		return built(answersOf("pipes", said("pipes:ListPipes", "", `{"Pipes":[{"Name":"p","Arn":"arn:aws:pipes:`+here+`pipe/p","Source":"arn:aws:sqs:`+here+`in","Target":"arn:aws:sqs:`+here+`out"`+enrich+`}]}`),
			said("pipes:DescribePipe", "p", `{"Name":"p"`+more+`}`)))
	}
	out := func(m *graph.Model, kind graph.FlowKind) *graph.Flow {
		for _, f := range m.Out("arn:aws:pipes:" + here + "pipe/p") {
			if f.Kind == kind {
				return f
			}
		}
		t.Fatalf("no flow that %s", kind)
		return nil
	}
	if got := graph.Transformed.Get(&out(pipe(``, ``), graph.Delivers).Facts); got.Known {
		t.Errorf("no template: %v", got.V)
	}
	template := `,"TargetParameters":{"InputTemplate":{"masked":"x","paths":["$.body.id"]}}`
	if got := graph.Transformed.Get(&out(pipe(template, ``), graph.Delivers).Facts); !slices.Equal(got.V, []string{"$.body.id"}) {
		t.Errorf("a template: %v", got.V)
	}
	enriched := pipe(template, `,"Enrichment":"arn:aws:lambda:`+here+`function:e"`)
	if got := graph.Transformed.Get(&out(enriched, graph.Delivers).Facts); got.Known {
		t.Errorf("a template behind an enrichment takes parts of its answer, not of the event: %v", got.V)
	}
	if !graph.Is(graph.ReturnsResult.Get(&out(enriched, graph.Invokes).Facts), true) {
		t.Error("the answer of an enrichment goes on")
	}
}

func TestTableKeysAndDebugLogs(t *testing.T) {
	m := built(answersOf("dynamodb", said("dynamodb:ListTables", "", `{"TableNames":["x"]}`),
		said("dynamodb:DescribeTable", "x", `{"Table":{"TableName":"x","KeySchema":[{"AttributeName":"id","KeyType":"HASH"}],"AttributeDefinitions":[{"AttributeName":"email","AttributeType":"S"},{"AttributeName":"id","AttributeType":"S"}]}}`)))
	if got := graph.KeyAttributes.Get(&m.Node("arn:aws:dynamodb:" + here + "table/x").Facts); !slices.Equal(got.V, []string{"id"}) {
		t.Errorf("key attributes %v", got.V)
	}
	for config, want := range map[string]any{
		``: nil, `,"LoggingConfig":{"LogFormat":"Text"}`: nil,
		`,"LoggingConfig":{"LogFormat":"JSON","ApplicationLogLevel":"INFO"}`: false, `,"LoggingConfig":{"LogFormat":"JSON","ApplicationLogLevel":"TRACE"}`: true,
	} {
		m := built(answersOf("lambda", said("lambda:ListFunctions", "", `{"Functions":[{"FunctionName":"f","FunctionArn":"arn:aws:lambda:`+here+`function:f"`+config+`}]}`)))
		got := graph.DebugLogging.Get(&m.Node("arn:aws:lambda:" + here + "function:f").Facts)
		if on, known := want.(bool); got.Known != known || got.V != on {
			t.Errorf("%s: %v, known %v", config, got.V, got.Known)
		}
	}
}

func TestWhatAnAPIHandsOn(t *testing.T) {
	api := func(integration, stage string) *graph.Model {
		return built(answersOf("apigateway", said("apigateway:GetRestApis", "", `{"Items":[{"Id":"a","Name":"shop"}]}`),
			said("apigateway:GetResources", "a", `{"Items":[{"Path":"/x","ResourceMethods":{"POST":{"AuthorizationType":"NONE","MethodIntegration":`+integration+`}}}]}`),
			said("apigateway:GetStages", "a", `{"Item":[{"StageName":"prod"`+stage+`}]}`)))
	}
	const uri = `"Uri":"arn:aws:apigateway:eu-west-1:lambda:path/2015-03-31/functions/arn:aws:lambda:` + here + `function:f/invocations"`
	flow := func(m *graph.Model, kind graph.FlowKind) *graph.Flow {
		for _, f := range m.Flows() {
			if f.Kind == kind {
				return f
			}
		}
		t.Fatalf("no flow that %s", kind)
		return nil
	}
	for integration, want := range map[string]bool{
		`{"Type":"AWS_PROXY",` + uri + `}`: true, `{"Type":"AWS",` + uri + `}`: false,
		`{"Type":"AWS",` + uri + `,"RequestTemplates":{"application/json":"{\"ip\":\"$context.identity.sourceIp\"}"}}`: true,
		`{"Type":"AWS",` + uri + `,"RequestTemplates":{"application/json":"$input.json('$')"}}`:                        false,
		`{"Type":"AWS",` + uri + `,"RequestTemplates":{"application/json":"$input.params()"}}`:                         true,
	} {
		if got := graph.PassesCaller.Get(&flow(api(integration, ``), graph.Invokes).Facts); !got.Known || got.V != want {
			t.Errorf("%s: %v", integration, got.V)
		}
	}
	logs := `,"AccessLogSettings":{"DestinationArn":"arn:aws:logs:` + here + `log-group:l","Format":` + quoted(`{"ip":"$context.identity.sourceIp","who":"$context.authorizer.claims.sub","s":"$context.status"}`) + `}`
	if got := graph.LogFields.Get(&flow(api(`{"Type":"MOCK"}`, logs), graph.LogsTo).Facts); !slices.Equal(got.V, []string{"authorizer.claims.sub", "identity.sourceIp", "status"}) {
		t.Errorf("the log holds %v", got.V)
	}
}

func quoted(s string) string { b, _ := json.Marshal(s); return string(b) }
