package aws

import (
	"context"

	awssdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/firehose"

	"github.com/flowdeed/flowdeed/graph"
)

var firehoseService = &Service{
	Name: "firehose",
	Doc:  "Delivery streams: source, processors, every destination and the backup bucket, encryption. Records are never read.",
	Calls: []Call{
		{Operation: "ListDeliveryStreams", Action: "firehose:ListDeliveryStreams"},
		{Operation: "DescribeDeliveryStream", Action: "firehose:DescribeDeliveryStream", Values: []string{
			"DeliveryStreamDescription.Destinations[].HttpEndpointDestinationDescription.RequestConfiguration.CommonAttributes[].AttributeValue",
		}, Drop: []string{
			"DeliveryStreamDescription.Destinations[].RedshiftDestinationDescription.Username",
			"DeliveryStreamDescription.Destinations[].SplunkDestinationDescription.HECToken",
			"DeliveryStreamDescription.Destinations[].SnowflakeDestinationDescription.User",
		}},
	},
	Collect: func(ctx context.Context, c *Collector) {
		api := firehose.NewFromConfig(c.Config)
		var names []string
		for _, p := range tokens(ctx, c, "ListDeliveryStreams", "", func(ctx context.Context, last *string) (*firehose.ListDeliveryStreamsOutput, *string, error) {
			out, err := api.ListDeliveryStreams(ctx, &firehose.ListDeliveryStreamsInput{ExclusiveStartDeliveryStreamName: last})
			if err != nil || !awssdk.ToBool(out.HasMoreDeliveryStreams) || len(out.DeliveryStreamNames) == 0 {
				return out, nil, err
			}
			return out, &out.DeliveryStreamNames[len(out.DeliveryStreamNames)-1], nil
		}) {
			names = append(names, p.DeliveryStreamNames...)
		}
		each(ctx, names, func(name string) {
			ask(ctx, c, "DescribeDeliveryStream", name, api.DescribeDeliveryStream, &firehose.DescribeDeliveryStreamInput{DeliveryStreamName: awssdk.String(name)})
		})
	},
	Build: buildFirehose,
}

type s3Target struct{ BucketARN string }

// serviceDestination is a destination other than a bucket, with the address that its
// kind has.
type serviceDestination struct {
	S3DestinationDescription                *s3Target
	ProcessingConfiguration                 *processing
	EndpointConfiguration                   *struct{ Url string }
	CatalogConfiguration                    *struct{ CatalogARN string }
	HECEndpoint, AccountUrl, ClusterJDBCURL string
	DomainARN, ClusterEndpoint              string
	CollectionEndpoint                      string
}

func (d *serviceDestination) url() string {
	if d.EndpointConfiguration == nil {
		return ""
	}
	return d.EndpointConfiguration.Url
}

func (d *serviceDestination) catalog() string {
	if d.CatalogConfiguration == nil {
		return ""
	}
	return d.CatalogConfiguration.CatalogARN
}

func (d *serviceDestination) domain() string { return orElse(d.DomainARN, d.ClusterEndpoint) }

// addressed is a kind of destination with the field of its address.
type addressed struct {
	*serviceDestination
	name, field string
	address     func(*serviceDestination) string
}

func (x *firehoseDestination) services() []addressed {
	return []addressed{
		{x.HttpEndpointDestinationDescription, "HttpEndpoint", "EndpointConfiguration.Url", (*serviceDestination).url},
		{x.SplunkDestinationDescription, "Splunk", "HECEndpoint", func(d *serviceDestination) string { return d.HECEndpoint }},
		{x.SnowflakeDestinationDescription, "Snowflake", "AccountUrl", func(d *serviceDestination) string { return d.AccountUrl }},
		{x.RedshiftDestinationDescription, "Redshift", "ClusterJDBCURL", func(d *serviceDestination) string { return d.ClusterJDBCURL }},
		{x.AmazonopensearchserviceDestinationDescription, "Amazonopensearchservice", "DomainARN", (*serviceDestination).domain},
		{x.ElasticsearchDestinationDescription, "Elasticsearch", "DomainARN", (*serviceDestination).domain},
		{x.AmazonOpenSearchServerlessDestinationDescription, "AmazonOpenSearchServerless", "CollectionEndpoint", func(d *serviceDestination) string { return d.CollectionEndpoint }},
		{x.IcebergDestinationDescription, "Iceberg", "CatalogConfiguration.CatalogARN", (*serviceDestination).catalog},
	}
}

type firehoseDestination struct {
	S3DestinationDescription, ExtendedS3DestinationDescription *struct {
		BucketARN                string
		S3BackupDescription      *s3Target
		ProcessingConfiguration  *processing
		CloudWatchLoggingOptions *struct {
			Enabled      bool
			LogGroupName string
		}
		DataFormatConversionConfiguration *formatConversion
	}
	HttpEndpointDestinationDescription, SplunkDestinationDescription, SnowflakeDestinationDescription, RedshiftDestinationDescription,
	AmazonopensearchserviceDestinationDescription, ElasticsearchDestinationDescription, AmazonOpenSearchServerlessDestinationDescription,
	IcebergDestinationDescription *serviceDestination
}

// formatConversion is how records become columns of a table of the Glue catalog.
type formatConversion struct {
	Enabled             *bool
	SchemaConfiguration *struct{ CatalogId, Region, DatabaseName, TableName string }
}

// converts notes that records are those of a catalog table. Source: Amazon Data Firehose
// API Reference, "SchemaConfiguration": the account and Region of the stream by default.
func (r *Region) converts(n *graph.Node, f *formatConversion) {
	if f == nil || f.SchemaConfiguration == nil || f.Enabled != nil && !*f.Enabled {
		return
	}
	s := f.SchemaConfiguration
	r.conversions = append(r.conversions, conversion{n, catalogKey{orElse(s.CatalogId, r.Account), orElse(s.Region, r.Region), s.DatabaseName, s.TableName}})
}

type processing struct {
	Enabled    bool
	Processors []struct {
		Type       string
		Parameters []struct{ ParameterName, ParameterValue string }
	}
}

func buildFirehose(r *Region) {
	const op, at = "DescribeDeliveryStream", "DeliveryStreamDescription."
	for _, list := range r.each("ListDeliveryStreams") {
		for _, name := range decode[struct{ DeliveryStreamNames []string }](list).DeliveryStreamNames {
			a := r.answer(op, name)
			d := decode[struct {
				DeliveryStreamDescription *struct {
					DeliveryStreamType                    string
					DeliveryStreamEncryptionConfiguration *struct{ Status, KeyType, KeyARN string }
					Source                                *struct {
						KinesisStreamSourceDescription *struct{ KinesisStreamARN, RoleARN string }
						MSKSourceDescription           *struct{ MSKClusterARN string }
					}
					Destinations []firehoseDestination
				}
			}](a).DeliveryStreamDescription
			n := r.node(graph.Node{
				ID: graph.ID(r.arn("firehose", "deliverystream/"+name)), Class: graph.DeliveryStream, Kind: "firehose.delivery_stream",
				Type: "AWS::KinesisFirehose::DeliveryStream", Name: name,
			})
			src := r.source(op, at+"DeliveryStreamEncryptionConfiguration.Status")
			if d == nil {
				r.restUnknown(n, r.why(op, a), src)
				continue
			}
			stream := ""
			if s := d.Source; s != nil {
				if k := s.KinesisStreamSourceDescription; k != nil {
					stream = k.KinesisStreamARN
					r.flow(graph.Streams, stream, string(n.ID), "source", r.source(op, at+"Source.KinesisStreamSourceDescription.KinesisStreamARN"), "")
					if k.RoleARN != "" {
						r.flow(graph.Assumes, string(n.ID), k.RoleARN, "source", r.source(op, at+"Source.KinesisStreamSourceDescription.RoleARN"), "")
					}
				}
				if m := s.MSKSourceDescription; m != nil {
					r.flow(graph.Streams, m.MSKClusterARN, string(n.ID), "source", r.source(op, at+"Source.MSKSourceDescription.MSKClusterARN"), "")
				}
			}
			switch e := d.DeliveryStreamEncryptionConfiguration; {
			case e != nil && firehoseOn(e.Status) && e.KeyARN != "":
				r.encrypted(n, "KMS", e.KeyARN, r.source(op, at+"DeliveryStreamEncryptionConfiguration.KeyARN"))
			case e != nil && firehoseOn(e.Status) && e.KeyType != "":
				r.encryptedBy(n, "KMS", graph.KeyProviderOwned, "key type "+e.KeyType, src)
			case stream != "":
				// Fed by a stream, a delivery stream keeps nothing of its own: the stream decides.
				r.afterNodes(func() { r.inheritEncryption(n, stream, src) })
			default:
				r.clear(n, src)
			}
			for _, x := range d.Destinations {
				r.firehoseDestination(n, x)
			}
		}
	}
}

// firehoseOn tells whether records are encrypted in a state. One that is being
// switched off still is; one that is being switched on is not yet, nor is one whose
// switching on failed. A key without a state is a key in use. Source: Amazon Data Firehose API Reference,
// "DeliveryStreamEncryptionConfiguration".
func firehoseOn(status string) bool {
	return status == "" || status == "ENABLED" || status == "DISABLING" || status == "DISABLING_FAILED"
}

func (r *Region) inheritEncryption(n *graph.Node, stream string, src graph.Source) {
	s := r.resolve(reference{stream, r.Account, r.Region})
	if s == nil {
		r.restUnknown(n, "the source stream "+stream+" was not described", src)
		return
	}
	if at := graph.AtRest.Get(&s.Facts); at.Known {
		graph.AtRest.SetNote(&n.Facts, at.V, "as its source stream", at.Source)
	} else {
		graph.AtRest.Unknown(&n.Facts, at.Why, at.Source)
	}
	for _, k := range r.keys {
		if k.node == s {
			r.keys = append(r.keys, keyUse{r, n, k.ref, k.source})
			return
		}
	}
	inherit(n, s, graph.KeyOwner)
}

func (r *Region) firehoseDestination(n *graph.Node, x firehoseDestination) {
	const op, at = "DescribeDeliveryStream", "DeliveryStreamDescription.Destinations[]."
	to := func(kind graph.FlowKind, target, via, field string) {
		if target != "" {
			r.flow(kind, string(n.ID), target, via, r.source(op, at+field), "")
		}
	}
	s3 := x.ExtendedS3DestinationDescription
	if s3 == nil {
		s3 = x.S3DestinationDescription
	}
	if s3 != nil && x.HttpEndpointDestinationDescription == nil {
		to(graph.Delivers, s3.BucketARN, "delivery", "ExtendedS3DestinationDescription.BucketARN")
		if s3.S3BackupDescription != nil {
			to(graph.BacksUp, s3.S3BackupDescription.BucketARN, "backup", "ExtendedS3DestinationDescription.S3BackupDescription.BucketARN")
		}
		r.processors(n, s3.ProcessingConfiguration)
		r.converts(n, s3.DataFormatConversionConfiguration)
		if l := s3.CloudWatchLoggingOptions; l != nil && l.Enabled {
			r.logsTo(n, l.LogGroupName, r.source(op, at+"ExtendedS3DestinationDescription.CloudWatchLoggingOptions.LogGroupName"))
		}
	}
	for _, d := range x.services() {
		if d.serviceDestination == nil {
			continue
		}
		at := d.name + "DestinationDescription."
		to(graph.Delivers, d.address(d.serviceDestination), "delivery", at+d.field)
		if spare := d.S3DestinationDescription; spare != nil {
			to(graph.BacksUp, spare.BucketARN, "backup", at+"S3DestinationDescription.BucketARN")
		}
		r.processors(n, d.ProcessingConfiguration)
	}
}

func (r *Region) processors(n *graph.Node, p *processing) {
	if p == nil || !p.Enabled {
		return
	}
	for _, x := range p.Processors {
		for _, v := range x.Parameters {
			if v.ParameterName == "LambdaArn" {
				r.flow(graph.Invokes, string(n.ID), v.ParameterValue, "processor", r.source("DescribeDeliveryStream", "DeliveryStreamDescription.Destinations[].ExtendedS3DestinationDescription.ProcessingConfiguration"), "")
			}
		}
	}
}
