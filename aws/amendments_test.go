package aws_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/flowdeed/flowdeed/aws/replay"
)

// amendments put into the recording of an environment what its truth file lists as
// not servable, in the shape of the real API.
var amendments = map[string]func(testing.TB, *replay.Recording){"clinic": amendClinic}

// Amending is one answer to change.
type amending struct {
	name  string
	match func(replay.Exchange) bool
	body  func(string) string
}

func amendClinic(t testing.TB, rec *replay.Recording) {
	const account, eu = "123456789012", "eu-west-1"
	mapping := func(uuid, rest string) string {
		return `{"UUID":"` + uuid + `","FunctionArn":"arn:aws:lambda:eu-west-1:123456789012:function:clinic-kafka","State":"Enabled","LastModified":1761998400.0,` + rest + `}`
	}
	for _, a := range []amending{
		{"function URL", func(x replay.Exchange) bool {
			return strings.Contains(x.Call, "/functions/clinic-hooks/") && strings.HasSuffix(x.Call, "/urls")
		}, constant(`{"FunctionUrlConfigs":[{"FunctionUrl":"https://zyxwvutsrqponmlkjihgfedcba987654.lambda-url.eu-west-1.on.aws/","FunctionArn":"arn:aws:lambda:eu-west-1:123456789012:function:clinic-hooks","AuthType":"AWS_IAM","InvokeMode":"BUFFERED","CreationTime":"2026-01-01T00:00:00Z","LastModifiedTime":"2026-01-01T00:00:00Z"}]}`)},
		{"mappings", func(x replay.Exchange) bool {
			return strings.HasPrefix(x.Call, "lambda "+eu) && strings.HasSuffix(strings.TrimSuffix(x.Call, "/"), "/event-source-mappings")
		}, appendTo("EventSourceMappings",
			mapping("00000000-0000-4000-8000-000000000001", `"EventSourceArn":"arn:aws:kafka:eu-west-1:123456789012:cluster/clinic-events/11111111-2222-3333-4444-555555555555-1","Topics":["admissions"],"StartingPosition":"LATEST"`),
			mapping("00000000-0000-4000-8000-000000000002", `"EventSourceArn":"arn:aws:mq:eu-west-1:123456789012:broker:clinic-hl7:b-11111111-2222-3333-4444-555555555555","Queues":["adt"],"SourceAccessConfigurations":[{"Type":"BASIC_AUTH","URI":"arn:aws:secretsmanager:eu-west-1:123456789012:secret:mq-AbCdEf"}]`),
			mapping("00000000-0000-4000-8000-000000000003", `"EventSourceArn":"arn:aws:rds:eu-west-1:123456789012:cluster:clinic-docs","DocumentDBEventSourceConfig":{"DatabaseName":"clinic","CollectionName":"notes","FullDocument":"UpdateLookup"},"StartingPosition":"LATEST"`),
			mapping("00000000-0000-4000-8000-000000000004", `"SelfManagedEventSource":{"Endpoints":{"KAFKA_BOOTSTRAP_SERVERS":["kafka.lab-partner.example:9094"]}},"Topics":["results"],"SourceAccessConfigurations":[{"Type":"SASL_SCRAM_512_AUTH","URI":"arn:aws:secretsmanager:eu-west-1:123456789012:secret:kafka-AbCdEf"}]`),
		)},
		{"EventBridge setting", endsWith("GET /clinic-raw?notification"), func(s string) string {
			return strings.Replace(s, "</NotificationConfiguration>", "<EventBridgeConfiguration></EventBridgeConfiguration></NotificationConfiguration>", 1)
		}},
		{"replica", func(x replay.Exchange) bool {
			return x.Call == "dynamodb "+eu+" DescribeTable" && strings.Contains(x.Request, `"patients"`)
		}, within("Table", `"GlobalTableVersion":"2019.11.21","Replicas":[{"RegionName":"us-east-1","ReplicaStatus":"ACTIVE"}]`)},
		{"replica's own side", func(x replay.Exchange) bool {
			return x.Call == "dynamodb us-east-1 DescribeTable" && strings.Contains(x.Request, `"patients"`)
		}, within("Table", `"GlobalTableVersion":"2019.11.21","Replicas":[{"RegionName":"eu-west-1","ReplicaStatus":"ACTIVE"}]`)},
		{"streaming destination", func(x replay.Exchange) bool {
			return x.Call == "dynamodb "+eu+" DescribeKinesisStreamingDestination" && strings.Contains(x.Request, `"patients"`)
		}, constant(`{"TableName":"patients","KinesisDataStreamDestinations":[{"StreamArn":"arn:aws:kinesis:eu-west-1:` + account + `:stream/clinic-changes","DestinationStatus":"ACTIVE"}]}`)},
		{"dead-letter queue", func(x replay.Exchange) bool {
			return strings.HasPrefix(x.Call, "lambda "+eu) && strings.HasSuffix(strings.TrimSuffix(x.Call, "/"), "GET /2015-03-31/functions")
		}, func(s string) string {
			return strings.Replace(s, `"FunctionName": "clinic-lab-hook",`, `"FunctionName": "clinic-lab-hook", "DeadLetterConfig": {"TargetArn": "arn:aws:sqs:eu-west-1:123456789012:clinic-async-dlq"},`, 1)
		}},
		{"destinations of an alias", func(x replay.Exchange) bool {
			return strings.Contains(x.Call, "/functions/clinic-scorer/event-invoke-config")
		}, constant(`{"FunctionEventInvokeConfigs":[{"LastModified":1761998400.0,"FunctionArn":"arn:aws:lambda:eu-west-1:123456789012:function:clinic-scorer:live","DestinationConfig":{"OnSuccess":{"Destination":"arn:aws:events:eu-west-1:123456789012:event-bus/care"},"OnFailure":{"Destination":"arn:aws:sns:eu-west-1:123456789012:clinic-alerts"}}}]}`)},
	} {
		n := rec.Amend(a.match, func(x *replay.Exchange) {
			if x.Status != 200 {
				x.Status, x.Header = 200, map[string]string{"Content-Type": "text/xml"}
			}
			x.Body = a.body(x.Body)
			delete(x.Header, "X-Amz-Crc32")
		})
		if n != 1 {
			t.Errorf("%s was amended %d times", a.name, n)
		}
	}
}

func constant(s string) func(string) string { return func(string) string { return s } }

// appendTo adds elements to a list of a JSON answer.
func appendTo(list string, elements ...string) func(string) string {
	return func(body string) string {
		var doc map[string]json.RawMessage
		if json.Unmarshal([]byte(body), &doc) != nil {
			return body
		}
		var have []json.RawMessage
		_ = json.Unmarshal(doc[list], &have)
		for _, e := range elements {
			have = append(have, json.RawMessage(e))
		}
		doc[list], _ = json.Marshal(have)
		out, _ := json.Marshal(doc)
		return string(out)
	}
}

// within adds fields to an object of a JSON answer.
func within(object, fields string) func(string) string {
	return func(body string) string {
		return strings.Replace(body, `"`+object+`": {`, `"`+object+`": {`+fields+`,`, 1)
	}
}
