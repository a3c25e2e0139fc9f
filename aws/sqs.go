package aws

import (
	"context"
	"encoding/json"
	"strconv"

	awssdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"github.com/flowdeed/flowdeed/graph"
)

var sqsService = &Service{
	Name: "sqs",
	Doc:  "Queues: encryption, key, policy, retention and dead-letter queue. Messages are never read.",
	Calls: []Call{
		{Operation: "ListQueues", Action: "sqs:ListQueues"},
		{Operation: "GetQueueAttributes", Action: "sqs:GetQueueAttributes"},
	},
	Collect: collectSQS,
	Build:   buildSQS,
}

func collectSQS(ctx context.Context, c *Collector) {
	api := sqs.NewFromConfig(c.Config)
	var queues []string
	for _, p := range pages(ctx, c, "ListQueues", "", sqs.NewListQueuesPaginator(api, &sqs.ListQueuesInput{MaxResults: awssdk.Int32(1000)})) {
		queues = append(queues, p.QueueUrls...)
	}
	each(ctx, queues, func(url string) {
		ask(ctx, c, "GetQueueAttributes", url, api.GetQueueAttributes, &sqs.GetQueueAttributesInput{
			QueueUrl: awssdk.String(url), AttributeNames: []types.QueueAttributeName{types.QueueAttributeNameAll},
		})
	})
}

func buildSQS(r *Region) {
	for _, list := range r.each("ListQueues") {
		for _, url := range decode[struct{ QueueUrls []string }](list).QueueUrls {
			r.queue(url, r.answer("GetQueueAttributes", url))
		}
	}
}

// queue builds one queue. Its ARN follows from the URL, so that a queue whose
// attributes were refused still stands at the right place of the graph.
func (r *Region) queue(url string, a *Answer) {
	const op = "GetQueueAttributes"
	name := shortName(url)
	n := r.node(graph.Node{
		ID: graph.ID(r.arn("sqs", name)), Class: graph.Queue, Kind: "sqs.queue", Type: "AWS::SQS::Queue",
		Name: name, Aliases: []string{url},
	})
	attr := decode[struct{ Attributes map[string]*string }](a).Attributes
	get := func(k string) *string { return attr[k] }
	r.queueEncryption(n, a, get)
	r.resourcePolicy(n, get("Policy"), op, a, "Attributes.Policy")
	fact(r, &n.Facts, graph.RetentionDays, days(get("MessageRetentionPeriod")), op, a, "Attributes.MessageRetentionPeriod")
	var redrive struct {
		DeadLetterTargetArn string `json:"deadLetterTargetArn"`
	}
	if p := get("RedrivePolicy"); p != nil && json.Unmarshal([]byte(*p), &redrive) == nil && redrive.DeadLetterTargetArn != "" {
		r.flow(graph.DeadLetters, string(n.ID), redrive.DeadLetterTargetArn, "redrive", r.source(op, "Attributes.RedrivePolicy"), "")
	}
	setting(r, &n.Facts, graph.FailureTarget, nilIfEmpty(redrive.DeadLetterTargetArn), "", op, a, "Attributes.RedrivePolicy")
}

// queueEncryption looks at the KMS key first: with a key set, the flag for managed
// encryption says nothing. Source: Amazon SQS Developer Guide, "Encryption at rest".
func (r *Region) queueEncryption(n *graph.Node, a *Answer, get func(string) *string) {
	const op = "GetQueueAttributes"
	key, managed := get("KmsMasterKeyId"), get("SqsManagedSseEnabled")
	switch {
	case key != nil && *key != "":
		r.encrypted(n, "SSE-KMS", *key, r.source(op, "Attributes.KmsMasterKeyId"))
	case !a.OK():
		r.restUnknown(n, r.why(op, a), r.source(op, "Attributes.SqsManagedSseEnabled"))
	case managed == nil:
		r.restUnknown(n, "neither KmsMasterKeyId nor SqsManagedSseEnabled was reported", r.source(op, "Attributes.SqsManagedSseEnabled"))
	case *managed == "true":
		r.encryptedBy(n, "SSE-SQS", graph.KeyProviderOwned, "", r.source(op, "Attributes.SqsManagedSseEnabled"))
	default:
		r.clear(n, r.source(op, "Attributes.SqsManagedSseEnabled"))
	}
}

// days turns seconds in text into whole days, at least one.
func days(seconds *string) *int {
	if seconds == nil {
		return nil
	}
	s, err := strconv.Atoi(*seconds)
	if err != nil {
		return nil
	}
	d := max(1, (s+86399)/86400)
	return &d
}

func nilIfEmpty(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}
