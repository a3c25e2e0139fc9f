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
