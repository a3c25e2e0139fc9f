package aws

import (
	"context"
	"encoding/json"
	"strings"

	awssdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sns"

	"github.com/flowdeed/flowdeed/graph"
)

var snsService = &Service{
	Name: "sns",
	Doc:  "Topics: encryption, policy and subscribers. Endpoints that are e-mail addresses or phone numbers are masked; nothing is published.",
	Calls: []Call{
		{Operation: "ListTopics", Action: "sns:ListTopics"},
		{Operation: "GetTopicAttributes", Action: "sns:GetTopicAttributes"},
		{Operation: "ListSubscriptions", Action: "sns:ListSubscriptions"},
		{Operation: "GetSubscriptionAttributes", Action: "sns:GetSubscriptionAttributes"},
	},
	Collect: collectSNS,
	Build:   buildSNS,
}

func collectSNS(ctx context.Context, c *Collector) {
	api := sns.NewFromConfig(c.Config)
	var topics []string
	for _, p := range pages(ctx, c, "ListTopics", "", sns.NewListTopicsPaginator(api, &sns.ListTopicsInput{})) {
		for _, t := range p.Topics {
			topics = append(topics, awssdk.ToString(t.TopicArn))
		}
	}
	each(ctx, topics, func(arn string) {
		ask(ctx, c, "GetTopicAttributes", arn, api.GetTopicAttributes, &sns.GetTopicAttributesInput{TopicArn: awssdk.String(arn)})
	})
	var detailed []string
	for _, p := range pages(ctx, c, "ListSubscriptions", "", sns.NewListSubscriptionsPaginator(api, &sns.ListSubscriptionsInput{})) {
		for _, s := range p.Subscriptions {
			// Only these have filters and dead-letter queues worth a call; a pending one has no ARN.
			arn := awssdk.ToString(s.SubscriptionArn)
			switch awssdk.ToString(s.Protocol) {
			case "lambda", "sqs", "http", "https", "firehose":
				if strings.HasPrefix(arn, "arn:") {
					detailed = append(detailed, arn)
				}
			}
		}
	}
	each(ctx, detailed, func(arn string) {
		ask(ctx, c, "GetSubscriptionAttributes", arn, api.GetSubscriptionAttributes, &sns.GetSubscriptionAttributesInput{SubscriptionArn: awssdk.String(arn)})
	})
}

func buildSNS(r *Region) {
	for _, list := range r.each("ListTopics") {
		for _, t := range decode[struct{ Topics []struct{ TopicArn string } }](list).Topics {
			r.topic(t.TopicArn)
		}
	}
	for _, list := range r.each("ListSubscriptions") {
		for _, s := range decode[struct{ Subscriptions []subscription }](list).Subscriptions {
			r.subscription(s)
		}
	}
}

func (r *Region) topic(arn string) {
	const op = "GetTopicAttributes"
	a := r.answer(op, arn)
	attr := decode[struct{ Attributes map[string]*string }](a).Attributes
	n := r.node(graph.Node{ID: graph.ID(arn), Class: graph.Topic, Kind: "sns.topic", Type: "AWS::SNS::Topic", Name: shortName(arn)})
	src := r.source(op, "Attributes.KmsMasterKeyId")
	switch key := attr["KmsMasterKeyId"]; {
	case !a.OK():
		r.restUnknown(n, r.why(op, a), src)
	case key == nil || *key == "":
		r.clear(n, src)
	default:
		r.encrypted(n, "SSE-KMS", *key, src)
	}
	r.resourcePolicy(n, attr["Policy"], op, a, "Attributes.Policy")
}

type subscription struct{ SubscriptionArn, TopicArn, Protocol, Endpoint, Owner string }

func (r *Region) subscription(s subscription) {
	const op, detail = "ListSubscriptions", "GetSubscriptionAttributes"
	src := r.source(op, "Subscriptions[].Endpoint")
	to := s.Endpoint
	switch s.Protocol {
	case "email", "email-json", "sms":
		to = "external:" + s.Endpoint
	}
	kind := graph.Delivers
	if s.Protocol == "lambda" {
		kind = graph.Triggers
	}
	f := r.flow(kind, s.TopicArn, to, "subscription "+s.Protocol, src, s.Protocol)
	graph.ProtocolName.Set(&f.Facts, s.Protocol, r.source(op, "Subscriptions[].Protocol"))
	graph.Asynchronous.Set(&f.Facts, true, r.source(op, "Subscriptions[].Protocol"))
	r.subscriptionTransit(f, s.Protocol, r.source(op, "Subscriptions[].Protocol"))
	if strings.Contains(s.SubscriptionArn, "ending") { // PendingConfirmation, Deleted: nothing is delivered
		graph.StateOn.Set(&f.Facts, false, r.source(op, "Subscriptions[].SubscriptionArn"))
	}
	a := r.answer(detail, s.SubscriptionArn)
	attr := decode[struct{ Attributes map[string]string }](a).Attributes
	if p := attr["FilterPolicy"]; p != "" {
		graph.Filtered.Set(&f.Facts, p, r.source(detail, "Attributes.FilterPolicy"))
	}
	var redrive struct {
		DeadLetterTargetArn string `json:"deadLetterTargetArn"`
	}
	if p := attr["RedrivePolicy"]; p != "" && json.Unmarshal([]byte(p), &redrive) == nil && redrive.DeadLetterTargetArn != "" {
		r.flow(graph.DeadLetters, s.TopicArn, redrive.DeadLetterTargetArn, "redrive of "+s.Protocol, r.source(detail, "Attributes.RedrivePolicy"), "")
	}
	if a.OK() {
		graph.FailureTarget.Set(&f.Facts, redrive.DeadLetterTargetArn, r.source(detail, "Attributes.RedrivePolicy"))
	} else if a != nil {
		graph.FailureTarget.Unknown(&f.Facts, r.why(detail, a), r.source(detail, "Attributes.RedrivePolicy"))
	}
}

// subscriptionTransit: by protocol; mail and text messages leave by carriers nobody
// here controls.
func (r *Region) subscriptionTransit(f *graph.Flow, protocol string, src graph.Source) {
	switch protocol {
	case "http":
		graph.InTransit.Set(&f.Facts, graph.TransitPlain, src)
	case "https":
		graph.InTransit.Set(&f.Facts, graph.TransitEnforced, src)
	case "sqs", "lambda", "firehose":
		graph.InTransit.Set(&f.Facts, graph.TransitInternal, src)
	default:
		graph.InTransit.Unknown(&f.Facts, "delivery by "+protocol+" leaves AWS by a carrier", src)
	}
}
