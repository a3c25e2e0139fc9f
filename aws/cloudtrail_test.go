package aws_test

import (
	"encoding/json"
	"slices"
	"testing"

	"github.com/flowdeed/flowdeed/aws"
	"github.com/flowdeed/flowdeed/graph"
)

// TestOrganisationTrail: a trail that two accounts list records both of them, and
// covers the stores of both.
func TestOrganisationTrail(t *testing.T) {
	const arn = "arn:aws:cloudtrail:eu-west-1:111111111111:trail/org"
	answer := func(operation, subject, value string) aws.Answer {
		return aws.Answer{Operation: operation, Subject: subject, Outcome: aws.OutcomeValue, Value: json.RawMessage(value)}
	}
	snap := &aws.Snapshot{}
	for _, account := range []string{"222222222222", "111111111111"} {
		snap.Run.Callers = append(snap.Run.Callers, aws.Identity{Account: account, ARN: "arn:aws:iam::" + account + ":role/audit"})
		snap.Shards = append(snap.Shards, aws.Shard{Account: account, Region: "eu-west-1", Service: "cloudtrail", Answers: []aws.Answer{
			answer("cloudtrail:DescribeTrails", "", `{"TrailList":[{"Name":"org","TrailARN":"`+arn+`","HomeRegion":"eu-west-1","IsMultiRegionTrail":true,"LogFileValidationEnabled":true,"IsOrganizationTrail":true}]}`),
			answer("cloudtrail:GetEventSelectors", arn, `{"EventSelectors":[{"ReadWriteType":"All","IncludeManagementEvents":true,"DataResources":[{"Type":"AWS::SQS::Queue","Values":["arn:aws:sqs"]}]}]}`),
			answer("cloudtrail:GetTrailStatus", arn, `{"IsLogging":true}`),
		}}, aws.Shard{Account: account, Region: "eu-west-1", Service: "sqs", Answers: []aws.Answer{
			answer("sqs:ListQueues", "", `{"QueueUrls":["https://sqs.eu-west-1.amazonaws.com/`+account+`/q"]}`),
		}})
	}
	g := aws.Build(snap).Graph
	got := graph.RecordsAccounts.Get(&g.Node(arn).Facts)
	if !slices.Equal(got.V, []string{"111111111111", "222222222222"}) {
		t.Errorf("the trail records %v", got)
	}
	for _, account := range got.V {
		q := g.Node(graph.ID("arn:aws:sqs:eu-west-1:" + account + ":q"))
		if q == nil || !graph.Is(graph.DataReads.Get(&q.Facts), true) {
			t.Errorf("reads of the queue of %s are not covered", account)
		}
	}
}

// TestTrailOfAnotherRegion: a trail that records this Region from a home that was not
// scanned is there all the same, once; one whose home was scanned is built at home.
func TestTrailOfAnotherRegion(t *testing.T) {
	const arn = "arn:aws:cloudtrail:us-east-1:111111111111:trail/all"
	list := said("cloudtrail:DescribeTrails", "", `{"TrailList":[{"Name":"all","TrailARN":"`+arn+`","HomeRegion":"us-east-1","S3BucketName":"logs","IsMultiRegionTrail":true}]}`)
	status, selectors := said("cloudtrail:GetTrailStatus", arn, `{"IsLogging":true}`), said("cloudtrail:GetEventSelectors", arn, `{"EventSelectors":[{"ReadWriteType":"All","IncludeManagementEvents":true}]}`)
	west := answersOf("cloudtrail", list, status, selectors)
	paris := answersOf("cloudtrail", list)
	paris.Region = "eu-west-3"
	home := answersOf("cloudtrail", list, status, selectors)
	home.Region = "us-east-1"
	for name, shards := range map[string][]aws.Shard{
		"home not scanned": {west},
		"home scanned":     {answersOf("cloudtrail", list), home, paris},
	} {
		m := built(shards...)
		n := m.Node(graph.ID(arn))
		if n == nil || n.Region != "us-east-1" {
			t.Errorf("%s: the trail is %v, want it in its home Region", name, n)
			continue
		}
		wantFact(t, &n.Facts, graph.LoggingOn, true)
		wantFact(t, &n.Facts, graph.ManagementEvents, "all")
		wantFlows(t, m, arn, "logs-to arn:aws:s3:::logs via trail delivery")
	}
}

// TestOwnDomain: an API called by its own domain name is no recipient outside.
func TestOwnDomain(t *testing.T) {
	m := built(
		answersOf("apigatewayv2", said("apigatewayv2:GetApis", "", `{"Items":[{"ApiId":"abc","Name":"shop","ProtocolType":"HTTP","ApiEndpoint":"https://abc.execute-api.eu-west-1.amazonaws.com"}]}`),
			said("apigatewayv2:GetApiMappings", "API.shop.example", `{"Items":[{"ApiId":"abc","Stage":"$default"}]}`)),
		answersOf("lambda", said("lambda:ListFunctions", "", `{"Functions":[{"FunctionName":"f","FunctionArn":"arn:aws:lambda:eu-west-1:111111111111:function:f","Environment":{"Variables":{"API_URL":{"masked":"","refs":["https://api.shop.example/v1"]}}}}]}`)),
	)
	wantFlows(t, m, "arn:aws:lambda:eu-west-1:111111111111:function:f", "invokes arn:aws:apigateway:eu-west-1::/apis/abc")
}
