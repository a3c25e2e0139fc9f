package aws_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/flowdeed/flowdeed/aws"
	"github.com/flowdeed/flowdeed/graph"
)

const machineARN = "arn:aws:states:eu-west-1:111111111111:stateMachine:m"

// machine is what is answered about one workflow.
func machine(definition string) aws.Shard {
	description, _ := json.Marshal(map[string]any{"Definition": definition, "RoleArn": "arn:aws:iam::111111111111:role/m"})
	return answersOf("stepfunctions",
		said("stepfunctions:ListStateMachines", "", `{"StateMachines":[{"Name":"m","StateMachineArn":"`+machineARN+`"}]}`),
		said("stepfunctions:DescribeStateMachine", machineARN, string(description)))
}

const here = "eu-west-1:111111111111:"

// Each definition below is one state named S.
func TestTaskTargets(t *testing.T) {
	for _, c := range []struct {
		name, state string
		want        []string // kind target
		open        bool
	}{
		{"function as resource", `{"Type":"Task","Resource":"arn:aws:lambda:` + here + `function:pay:live"}`, []string{"invokes arn:aws:lambda:" + here + "function:pay"}, false},
		{"function by name", `{"Type":"Task","Resource":"arn:aws:states:::lambda:invoke","Parameters":{"FunctionName":"pay","Payload.$":"$"}}`, []string{"invokes arn:aws:lambda:" + here + "function:pay"}, false},
		{"function by partial ARN", `{"Type":"Task","Resource":"arn:aws:states:::lambda:invoke.waitForTaskToken","Parameters":{"FunctionName":"222222222222:function:pay:1"}}`, []string{"invokes arn:aws:lambda:eu-west-1:222222222222:function:pay"}, false},
		{"function in arguments", `{"Type":"Task","QueryLanguage":"JSONata","Resource":"arn:aws:states:::lambda:invoke","Arguments":{"FunctionName":"arn:aws:lambda:` + here + `function:pay:$LATEST"}}`, []string{"invokes arn:aws:lambda:" + here + "function:pay"}, false},
		{"function computed by path", `{"Type":"Task","Resource":"arn:aws:states:::lambda:invoke","Parameters":{"FunctionName.$":"$.fn"}}`, nil, true},
		{"function computed by JSONata", `{"Type":"Task","Resource":"arn:aws:states:::lambda:invoke","Arguments":{"FunctionName":"{% $fn %}"}}`, nil, true},
		{"all parameters computed", `{"Type":"Task","Resource":"arn:aws:states:::sqs:sendMessage","Arguments":"{% $all %}"}`, nil, true},
		{"activity", `{"Type":"Task","Resource":"arn:aws:states:` + here + `activity:sign"}`, nil, true},
		{"item read", `{"Type":"Task","Resource":"arn:aws:states:::dynamodb:getItem","Parameters":{"TableName":"orders"}}`, []string{"reads arn:aws:dynamodb:" + here + "table/orders"}, false},
		{"item written", `{"Type":"Task","Resource":"arn:aws:states:::dynamodb:updateItem","Parameters":{"TableName":"orders"}}`, []string{"writes arn:aws:dynamodb:" + here + "table/orders"}, false},
		{"query by SDK", `{"Type":"Task","Resource":"arn:aws:states:::aws-sdk:dynamodb:query","Parameters":{"TableName":"orders"}}`, []string{"reads arn:aws:dynamodb:" + here + "table/orders"}, false},
		{"batch of two tables", `{"Type":"Task","Resource":"arn:aws:states:::aws-sdk:dynamodb:batchGetItem","Parameters":{"RequestItems":{"orders":{},"people.$":"$.x"}}}`, []string{"reads arn:aws:dynamodb:" + here + "table/orders", "reads arn:aws:dynamodb:" + here + "table/people"}, false},
		{"transaction", `{"Type":"Task","Resource":"arn:aws:states:::aws-sdk:dynamodb:transactWriteItems","Parameters":{"TransactItems":[{"Put":{"TableName":"orders"}},{"Delete":{"TableName":"carts"}}]}}`, []string{"writes arn:aws:dynamodb:" + here + "table/carts", "writes arn:aws:dynamodb:" + here + "table/orders"}, false},
		{"statement read", `{"Type":"Task","Resource":"arn:aws:states:::aws-sdk:dynamodb:executeStatement","Parameters":{"Statement":"SELECT name FROM \"people\" WHERE id = ?"}}`, []string{"reads arn:aws:dynamodb:" + here + "table/people"}, false},
		{"statement written", `{"Type":"Task","Resource":"arn:aws:states:::aws-sdk:dynamodb:executeStatement","Parameters":{"Statement":"UPDATE people SET a = 1"}}`, []string{"writes arn:aws:dynamodb:" + here + "table/people"}, false},
		{"message sent", `{"Type":"Task","Resource":"arn:aws:states:::sqs:sendMessage","Parameters":{"QueueUrl":"https://sqs.eu-west-1.amazonaws.com/111111111111/q"}}`, []string{"publishes arn:aws:sqs:" + here + "q"}, false},
		{"topic", `{"Type":"Task","Resource":"arn:aws:states:::sns:publish","Parameters":{"TopicArn":"arn:aws:sns:` + here + `t"}}`, []string{"publishes arn:aws:sns:" + here + "t"}, false},
		{"buses", `{"Type":"Task","Resource":"arn:aws:states:::events:putEvents","Parameters":{"Entries":[{"EventBusName":"shop"},{"Detail.$":"$"},{"EventBusName.$":"$.b"}]}}`, []string{"publishes arn:aws:events:" + here + "event-bus/default", "publishes arn:aws:events:" + here + "event-bus/shop"}, false},
		{"entries computed one by one", `{"Type":"Task","Resource":"arn:aws:states:::events:putEvents","Arguments":{"Entries":["{% $e %}"]}}`, nil, true},
		{"stream", `{"Type":"Task","Resource":"arn:aws:states:::aws-sdk:kinesis:putRecord","Parameters":{"StreamName":"s"}}`, []string{"publishes arn:aws:kinesis:" + here + "stream/s"}, false},
		{"delivery stream", `{"Type":"Task","Resource":"arn:aws:states:::aws-sdk:firehose:putRecord","Parameters":{"DeliveryStreamName":"d"}}`, []string{"publishes arn:aws:firehose:" + here + "deliverystream/d"}, false},
		{"object copied", `{"Type":"Task","Resource":"arn:aws:states:::aws-sdk:s3:copyObject","Parameters":{"Bucket":"to-bucket","CopySource":"from-bucket/key","Key":"k"}}`, []string{"reads arn:aws:s3:::from-bucket", "writes arn:aws:s3:::to-bucket"}, false},
		{"workflow", `{"Type":"Task","Resource":"arn:aws:states:::states:startExecution.sync:2","Parameters":{"StateMachineArn":"arn:aws:states:` + here + `stateMachine:n"}}`, []string{"invokes arn:aws:states:" + here + "stateMachine:n"}, false},
		{"user read", `{"Type":"Task","Resource":"arn:aws:states:::aws-sdk:cognitoidentityprovider:adminGetUser","Parameters":{"UserPoolId":"eu-west-1_a"}}`, []string{"reads arn:aws:cognito-idp:" + here + "userpool/eu-west-1_a"}, false},
		{"HTTP task", `{"Type":"Task","Resource":"arn:aws:states:::http:invoke","Parameters":{"ApiEndpoint":"https://pay.example/v1","Authentication":{"ConnectionArn":"arn:aws:events:` + here + `connection/pay/1"}}}`, []string{"invokes external:https://pay.example/v1", "uses-secret arn:aws:secretsmanager:" + here + "secret:pay"}, false},
		{"HTTP task computed", `{"Type":"Task","Resource":"arn:aws:states:::http:invoke","Parameters":{"ApiEndpoint.$":"$.url","Authentication":{"ConnectionArn":"arn:aws:events:` + here + `connection/pay/1"}}}`, []string{"uses-secret arn:aws:secretsmanager:" + here + "secret:pay"}, true},
		{"API without scheme", `{"Type":"Task","Resource":"arn:aws:states:::apigateway:invoke","Parameters":{"ApiEndpoint":"abc.execute-api.eu-west-1.amazonaws.com"}}`, []string{"invokes external:https://abc.execute-api.eu-west-1.amazonaws.com"}, false},
		{"model", `{"Type":"Task","Resource":"arn:aws:states:::bedrock:invokeModel","Parameters":{"ModelId":"m-1"}}`, []string{"invokes arn:aws:bedrock:eu-west-1::foundation-model/m-1"}, false},
		{"database by SDK", `{"Type":"Task","Resource":"arn:aws:states:::aws-sdk:rdsdata:executeStatement","Parameters":{"ResourceArn":"arn:aws:rds:` + here + `cluster:c","SecretArn":"arn:aws:secretsmanager:` + here + `secret:c"}}`, []string{"accesses arn:aws:rds:" + here + "cluster:c", "uses-secret arn:aws:secretsmanager:" + here + "secret:c"}, false},
		{"other role", `{"Type":"Task","Resource":"arn:aws:lambda:eu-west-1:222222222222:function:pay","Credentials":{"RoleArn":"arn:aws:iam::222222222222:role/there"}}`, []string{"assumes arn:aws:iam::222222222222:role/there", "invokes arn:aws:lambda:eu-west-1:222222222222:function:pay"}, false},
		{"service that is not read", `{"Type":"Task","Resource":"arn:aws:states:::aws-sdk:sesv2:sendEmail","Parameters":{"FromEmailAddress":"a"}}`, nil, true},
		{"pass", `{"Type":"Pass"}`, nil, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			connection := answersOf("events", said("events:DescribeConnection", "pay", `{"ConnectionArn":"arn:aws:events:`+here+`connection/pay/1","SecretArn":"arn:aws:secretsmanager:`+here+`secret:pay"}`))
			m := built(connection, machine(`{"StartAt":"S","States":{"S":`+c.state+`}}`))
			want := []string{"assumes arn:aws:iam::111111111111:role/m"}
			for _, w := range c.want {
				want = append(want, w+" via S")
			}
			wantFlows(t, m, machineARN, want...)
			open := graph.ComputedTargets.Get(&m.Node(machineARN).Facts)
			if !open.Known || (len(open.V) > 0) != c.open {
				t.Errorf("computed targets %v (known: %t), want some: %t", open.V, open.Known, c.open)
			}
		})
	}
}

// TestNestedStates: what stands in branches and maps is found, whichever way it is written.
func TestNestedStates(t *testing.T) {
	call := func(name string) string {
		return `{"Type":"Task","Resource":"arn:aws:lambda:` + here + `function:` + name + `"}`
	}
	inner := func(name string) string { return `{"StartAt":"T","States":{"T":` + call(name) + `}}` }
	m := built(machine(`{"StartAt":"A","States":{
		"A":{"Type":"Parallel","Branches":[` + inner("a1") + `,` + inner("a2") + `]},
		"B":{"Type":"Map","ItemProcessor":` + inner("b") + `},
		"C":{"Type":"Map","Iterator":{"StartAt":"P","States":{"P":{"Type":"Parallel","Branches":[` + inner("c") + `]}}}},
		"D":{"Type":"Map","ItemReader":{"Resource":"arn:aws:states:::s3:getObject","Parameters":{"Bucket":"in-bucket","Key":"k"}},
			"ItemProcessor":` + inner("d") + `,"ResultWriter":{"Resource":"arn:aws:states:::s3:putObject","Arguments":{"Bucket":"out-bucket"}}},
		"E":{"Type":"Choice","Choices":[]},"F":{"Type":"Wait","Seconds":1},"G":{"Type":"Succeed"},"H":{"Type":"Fail"}}}`))
	f := "invokes arn:aws:lambda:" + here + "function:"
	wantFlows(t, m, machineARN, "assumes arn:aws:iam::111111111111:role/m",
		f+"a1 via A/T", f+"a2 via A/T", f+"b via B/T", f+"c via C/P/T", f+"d via D/T",
		"reads arn:aws:s3:::in-bucket via D/ItemReader", "writes arn:aws:s3:::out-bucket via D/ResultWriter")
}

func TestWorkflowFacts(t *testing.T) {
	describe := func(more string) aws.Shard {
		return answersOf("stepfunctions",
			said("stepfunctions:ListStateMachines", "", `{"StateMachines":[{"Name":"m","StateMachineArn":"`+machineARN+`"}]}`),
			said("stepfunctions:DescribeStateMachine", machineARN, `{"Definition":"{\"States\":{}}","RoleArn":"arn:aws:iam::111111111111:role/m"`+more+`}`))
	}
	x := &built(describe(`,"LoggingConfiguration":{"Level":"ALL","IncludeExecutionData":true,"Destinations":[{"CloudWatchLogsLogGroup":{"LogGroupArn":"arn:aws:logs:` + here + `log-group:/sfn:*"}}]},"TracingConfiguration":{"Enabled":true}`)).Node(machineARN).Facts
	wantFact(t, x, graph.LoggingOn, true)
	wantFact(t, x, graph.PayloadLogging, true)
	wantFact(t, x, graph.Tracing, true)
	wantFact(t, x, graph.KeyOwner, graph.KeyProviderOwned)
	if to := graph.LogTargets.Get(x).V; !slices.Equal(to, []string{"arn:aws:logs:" + here + "log-group:/sfn"}) {
		t.Errorf("log targets %v", to)
	}
	x = &built(describe(`,"LoggingConfiguration":{"Level":"OFF","IncludeExecutionData":true}`)).Node(machineARN).Facts
	wantFact(t, x, graph.LoggingOn, false)
	wantFact(t, x, graph.PayloadLogging, false)
	wantFact(t, x, graph.Tracing, false)
	x = &built(answersOf("stepfunctions",
		said("stepfunctions:ListStateMachines", "", `{"StateMachines":[{"Name":"m","StateMachineArn":"`+machineARN+`"}]}`),
		refusedCall("stepfunctions:DescribeStateMachine", machineARN))).Node(machineARN).Facts
	wantUnknown(t, x, "stepfunctions:DescribeStateMachine", "at_rest", "key_class", "logging", "log_targets", "payload_logging", "tracing", "role", "computed_targets")
}

// FuzzDefinition: no definition breaks the parser, the same one gives the same flows,
// and no flow ends at something the definition does not name.
func FuzzDefinition(f *testing.F) {
	for _, s := range []string{
		`{"States":{"S":{"Type":"Task","Resource":"arn:aws:states:::dynamodb:putItem","Parameters":{"TableName":"orders"}}}}`,
		`{"States":{"M":{"Type":"Map","Iterator":{"States":{"S":{"Type":"Task","Resource":"arn:aws:lambda:eu-west-1:111111111111:function:f"}}}}}}`,
		`{"States":{"P":{"Type":"Parallel","Branches":[{"States":{"S":{"Type":"Task","Resource":"arn:aws:states:::events:putEvents","Arguments":{"Entries":[{"EventBusName":"b"}]}}}}]}}}`,
		`{"States":{"S":{"Type":"Task","Resource":"arn:aws:states:::aws-sdk:dynamodb:executeStatement","Parameters":{"Statement":"select a from b.c"}}}}`,
		`{"States":[1,{}],"x":null}`, `[]`, `"`, `{"States":{"S":{"Type":"Map","ItemReader":7,"ItemProcessor":[[]],"Branches":{}}}}`,
		strings.Repeat(`{"States":{"S":{"Type":"Map","Iterator":`, 80) + "{}" + strings.Repeat("}}}", 80),
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, definition string) {
		m := built(machine(definition))
		got := flowsFrom(m, machineARN)
		if again := flowsFrom(built(machine(definition)), machineARN); !slices.Equal(got, again) {
			t.Fatalf("two readings differ: %q and %q", got, again)
		}
		said := wordsIn(definition)
		for _, x := range m.Out(machineARN) {
			name := m.Node(x.To).Name
			if x.Kind == graph.Assumes && name == "m" || name == "default" {
				continue
			}
			if !strings.Contains(said, name) {
				t.Errorf("%s is not in the definition", x.ID())
			}
		}
	})
}

// wordsIn joins all strings of a JSON document.
func wordsIn(doc string) string {
	var v any
	if json.Unmarshal([]byte(doc), &v) != nil {
		return ""
	}
	var b strings.Builder
	var walk func(any)
	walk = func(v any) {
		switch x := v.(type) {
		case string:
			b.WriteString(x + "\n")
		case []any:
			for _, y := range x {
				walk(y)
			}
		case map[string]any:
			for k, y := range x {
				b.WriteString(k + "\n")
				walk(y)
			}
		}
	}
	walk(v)
	return b.String()
}
