package aws

import (
	"context"

	awssdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/kinesis"

	"github.com/flowdeed/flowdeed/graph"
)

var kinesisService = &Service{
	Name: "kinesis",
	Doc:  "Data streams: encryption, key, retention, consumers and policy. Records are never read.",
	Calls: []Call{
		{Operation: "ListStreams", Action: "kinesis:ListStreams", PerSecond: 5},
		{Operation: "DescribeStreamSummary", Action: "kinesis:DescribeStreamSummary", PerSecond: 20},
		{Operation: "GetResourcePolicy", Action: "kinesis:GetResourcePolicy"},
		{Operation: "ListTagsForStream", Action: "kinesis:ListTagsForStream", PerSecond: 5, Optional: true},
	},
	Collect: func(ctx context.Context, c *Collector) {
		api := kinesis.NewFromConfig(c.Config)
		var names []string
		for _, p := range pages(ctx, c, "ListStreams", "", kinesis.NewListStreamsPaginator(api, &kinesis.ListStreamsInput{})) {
			names = append(names, p.StreamNames...)
		}
		each(ctx, names, func(name string) {
			stream := awssdk.String(name)
			if d := ask(ctx, c, "DescribeStreamSummary", name, api.DescribeStreamSummary, &kinesis.DescribeStreamSummaryInput{StreamName: stream}); d != nil && d.StreamDescriptionSummary != nil {
				ask(ctx, c, "GetResourcePolicy", name, api.GetResourcePolicy, &kinesis.GetResourcePolicyInput{ResourceARN: d.StreamDescriptionSummary.StreamARN})
			}
			ask(ctx, c, "ListTagsForStream", name, api.ListTagsForStream, &kinesis.ListTagsForStreamInput{StreamName: stream})
		})
	},
	Build: buildKinesis,
}

func buildKinesis(r *Region) {
	const op = "DescribeStreamSummary"
	for _, list := range r.each("ListStreams") {
		for _, name := range decode[struct{ StreamNames []string }](list).StreamNames {
			a := r.answer(op, name)
			s := decode[struct {
				StreamDescriptionSummary *struct {
					EncryptionType, KeyId string
					RetentionPeriodHours  *int
				}
			}](a).StreamDescriptionSummary
			n := r.node(graph.Node{ID: graph.ID(r.arn("kinesis", "stream/"+name)), Class: graph.Stream, Kind: "kinesis.stream", Type: "AWS::Kinesis::Stream", Name: name})
			tagNode(n, keyValues(decode[struct{ Tags []keyValue }](r.answer("ListTagsForStream", name)).Tags))
			graph.TLSOnlyService.SetNote(&n.Facts, true, "Kinesis answers HTTPS only", "Amazon Kinesis Data Streams Developer Guide, \"Data protection\"")
			src := r.source(op, "StreamDescriptionSummary.EncryptionType")
			switch {
			case s == nil:
				r.restUnknown(n, r.why(op, a), src)
			case s.EncryptionType == "KMS" && s.KeyId != "":
				r.encrypted(n, "KMS", s.KeyId, r.source(op, "StreamDescriptionSummary.KeyId"))
			case s.EncryptionType == "KMS":
				r.encryptedBy(n, "KMS", graph.KeyAWSManaged, "KMS without a key named: aws/kinesis", src)
			case s.EncryptionType == "":
				r.restUnknown(n, r.why(op, a), src)
			default:
				r.clear(n, src)
			}
			var kept *int
			if s != nil && s.RetentionPeriodHours != nil {
				d := (*s.RetentionPeriodHours + 23) / 24
				kept = &d
			}
			fact(r, &n.Facts, graph.RetentionDays, kept, op, a, "StreamDescriptionSummary.RetentionPeriodHours")
			p := r.answer("GetResourcePolicy", name)
			r.resourcePolicy(n, decode[struct{ Policy *string }](p).Policy, "GetResourcePolicy", p, "Policy")
		}
	}
}
