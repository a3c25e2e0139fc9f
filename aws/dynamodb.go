package aws

import (
	"context"
	"slices"

	awssdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"github.com/flowdeed/flowdeed/graph"
)

var dynamodbService = &Service{
	Name: "dynamodb",
	Doc:  "Tables: encryption, key, stream, replicas, backups, expiry, policy and the names of key attributes. Items are never read.",
	Calls: []Call{
		{Operation: "ListTables", Action: "dynamodb:ListTables"},
		{Operation: "DescribeTable", Action: "dynamodb:DescribeTable"},
		{Operation: "DescribeContinuousBackups", Action: "dynamodb:DescribeContinuousBackups"},
		{Operation: "DescribeTimeToLive", Action: "dynamodb:DescribeTimeToLive"},
		{Operation: "GetResourcePolicy", Action: "dynamodb:GetResourcePolicy"},
		{Operation: "DescribeKinesisStreamingDestination", Action: "dynamodb:DescribeKinesisStreamingDestination"},
		{Operation: "ListBackups", Action: "dynamodb:ListBackups"},
		{Operation: "ListExports", Action: "dynamodb:ListExports"},
		{Operation: "DescribeExport", Action: "dynamodb:DescribeExport", Optional: true},
	},
	Collect: collectDynamoDB,
	Build:   buildDynamoDB,
}

func collectDynamoDB(ctx context.Context, c *Collector) {
	api := dynamodb.NewFromConfig(c.Config)
	var names []string
	for _, p := range pages(ctx, c, "ListTables", "", dynamodb.NewListTablesPaginator(api, &dynamodb.ListTablesInput{})) {
		names = append(names, p.TableNames...)
	}
	if len(names) > 0 {
		collectTableCopies(ctx, c, api)
	}
	each(ctx, names, func(name string) {
		table := awssdk.String(name)
		d := ask(ctx, c, "DescribeTable", name, api.DescribeTable, &dynamodb.DescribeTableInput{TableName: table})
		ask(ctx, c, "DescribeContinuousBackups", name, api.DescribeContinuousBackups, &dynamodb.DescribeContinuousBackupsInput{TableName: table})
		ask(ctx, c, "DescribeTimeToLive", name, api.DescribeTimeToLive, &dynamodb.DescribeTimeToLiveInput{TableName: table})
		ask(ctx, c, "DescribeKinesisStreamingDestination", name, api.DescribeKinesisStreamingDestination, &dynamodb.DescribeKinesisStreamingDestinationInput{TableName: table})
		if d != nil && d.Table != nil {
			ask(ctx, c, "GetResourcePolicy", name, api.GetResourcePolicy, &dynamodb.GetResourcePolicyInput{ResourceArn: d.Table.TableArn})
		}
	})
}

func collectTableCopies(ctx context.Context, c *Collector, api *dynamodb.Client) {
	tokens(ctx, c, "ListBackups", "", func(ctx context.Context, token *string) (*dynamodb.ListBackupsOutput, *string, error) {
		out, err := api.ListBackups(ctx, &dynamodb.ListBackupsInput{ExclusiveStartBackupArn: token})
		if err != nil {
			return nil, nil, err
		}
		return out, out.LastEvaluatedBackupArn, nil
	})
	for _, p := range pages(ctx, c, "ListExports", "", dynamodb.NewListExportsPaginator(api, &dynamodb.ListExportsInput{})) {
		for _, x := range p.ExportSummaries {
			arn := awssdk.ToString(x.ExportArn)
			ask(ctx, c, "DescribeExport", arn, api.DescribeExport, &dynamodb.DescribeExportInput{ExportArn: x.ExportArn})
		}
	}
}

type tableIndex struct {
	Projection *struct{ NonKeyAttributes []string }
}

// projected adds the attributes that indexes copy: with the keys all that a table's
// description says of its items.
func (r *Region) projected(n *graph.Node, t *tableDescription) {
	for _, x := range slices.Concat(t.GlobalSecondaryIndexes, t.LocalSecondaryIndexes) {
		if x.Projection == nil {
			continue
		}
		for _, name := range x.Projection.NonKeyAttributes {
			addField(n, graph.Field{Path: name, Source: r.source("DescribeTable", "Table.GlobalSecondaryIndexes[].Projection.NonKeyAttributes[]")})
		}
	}
}

type tableDescription struct {
	TableName, TableArn string
	SSEDescription      *struct{ Status, SSEType, KMSMasterKeyArn string }
	StreamSpecification *struct {
		StreamEnabled  bool
		StreamViewType string
	}
	DeletionProtectionEnabled *bool
	AttributeDefinitions      []struct{ AttributeName, AttributeType string }
	KeySchema                 []struct{ AttributeName string }
	GlobalSecondaryIndexes    []tableIndex
	LocalSecondaryIndexes     []tableIndex
	Replicas                  []struct{ RegionName, KMSMasterKeyId string }
}

func buildDynamoDB(r *Region) {
	for _, list := range r.each("ListTables") {
		for _, name := range decode[struct{ TableNames []string }](list).TableNames {
			r.table(name)
		}
	}
	r.tableBackups()
	r.tableExports()
}

func (r *Region) table(name string) {
	const op = "DescribeTable"
	a := r.answer(op, name)
	t := decode[struct{ Table *tableDescription }](a).Table
	n := r.node(graph.Node{
		ID: graph.ID(r.arn("dynamodb", "table/"+name)), Class: graph.Table, Kind: "dynamodb.table", Type: "AWS::DynamoDB::Table", Name: name,
	})
	x := &n.Facts
	graph.TLSOnlyService.SetNote(x, true, "DynamoDB endpoints answer HTTPS only", "Amazon DynamoDB Developer Guide, \"Data protection in DynamoDB\"")
	if t == nil {
		r.restUnknown(n, r.why(op, a), r.source(op, "Table.SSEDescription"))
		t = &tableDescription{}
	} else {
		r.tableEncryption(n, t)
	}
	fact(r, x, graph.DeleteProtect, boolOf(a.OK(), t.DeletionProtectionEnabled), op, a, "Table.DeletionProtectionEnabled")
	for _, f := range t.AttributeDefinitions {
		n.Fields = append(n.Fields, graph.Field{Path: f.AttributeName, Type: f.AttributeType, Source: r.source(op, "Table.AttributeDefinitions[].AttributeName")})
	}
	if len(t.KeySchema) > 0 { // the definitions above also list the keys of indexes
		var keys []string
		for _, k := range t.KeySchema {
			keys = append(keys, k.AttributeName)
		}
		graph.KeyAttributes.Set(x, keys, r.source(op, "Table.KeySchema[].AttributeName"))
	}
	r.projected(n, t)
	if s := t.StreamSpecification; s != nil && s.StreamEnabled {
		graph.StreamView.Set(x, s.StreamViewType, r.source(op, "Table.StreamSpecification.StreamViewType"))
	}
	for _, rep := range t.Replicas {
		if rep.RegionName == r.Region {
			continue
		}
		copyARN := ARN{r.Partition, "dynamodb", rep.RegionName, r.Account, "table/" + name}.String()
		r.flow(graph.Replicates, string(n.ID), copyARN, "global table", r.source(op, "Table.Replicas[].RegionName"), rep.RegionName)
	}
	r.tableRecovery(n, name)
	r.tableStreaming(n, name)
	policy := r.answer("GetResourcePolicy", name)
	r.resourcePolicy(n, decode[struct{ Policy *string }](policy).Policy, "GetResourcePolicy", policy, "Policy")
}

// tableEncryption: without a description the table is under a key DynamoDB owns.
// Source: Amazon DynamoDB Developer Guide, "DynamoDB encryption at rest".
func (r *Region) tableEncryption(n *graph.Node, t *tableDescription) {
	src := r.source("DescribeTable", "Table.SSEDescription.KMSMasterKeyArn")
	graph.ProviderEnforced.Set(&n.Facts, true, src)
	if s := t.SSEDescription; s != nil && s.KMSMasterKeyArn != "" && s.Status != "DISABLED" {
		r.encrypted(n, "KMS", s.KMSMasterKeyArn, src)
		return
	}
	if s := t.SSEDescription; s != nil && s.SSEType == "KMS" && s.Status != "DISABLED" {
		r.encryptedBy(n, "KMS", graph.KeyAWSManaged, "KMS without a key named", src)
		return
	}
	r.encryptedBy(n, "default", graph.KeyProviderOwned, "no SSE description: the default key owned by DynamoDB", src)
}

func (r *Region) tableRecovery(n *graph.Node, name string) {
	const op, ttlOp = "DescribeContinuousBackups", "DescribeTimeToLive"
	a := r.answer(op, name)
	b := decode[struct {
		ContinuousBackupsDescription *struct {
			PointInTimeRecoveryDescription *struct{ PointInTimeRecoveryStatus string }
		}
	}](a).ContinuousBackupsDescription
	var on *bool
	if b != nil {
		v := b.PointInTimeRecoveryDescription != nil && b.PointInTimeRecoveryDescription.PointInTimeRecoveryStatus == "ENABLED"
		on = &v
	}
	fact(r, &n.Facts, graph.PointInTime, on, op, a, "ContinuousBackupsDescription.PointInTimeRecoveryDescription.PointInTimeRecoveryStatus")
	t := r.answer(ttlOp, name)
	var ttl *bool
	if d := decode[struct {
		TimeToLiveDescription *struct{ TimeToLiveStatus string }
	}](t).TimeToLiveDescription; d != nil {
		v := d.TimeToLiveStatus == "ENABLED" || d.TimeToLiveStatus == "ENABLING"
		ttl = &v
	}
	fact(r, &n.Facts, graph.TTLOn, ttl, ttlOp, t, "TimeToLiveDescription.TimeToLiveStatus")
}

func (r *Region) tableStreaming(n *graph.Node, name string) {
	const op = "DescribeKinesisStreamingDestination"
	a := r.answer(op, name)
	for _, d := range decode[struct {
		KinesisDataStreamDestinations []struct{ StreamArn, DestinationStatus string }
	}](a).KinesisDataStreamDestinations {
		if !slices.Contains([]string{"DISABLED", "DISABLING", "ENABLE_FAILED"}, d.DestinationStatus) {
			r.flow(graph.Streams, string(n.ID), d.StreamArn, "Kinesis streaming destination", r.source(op, "KinesisDataStreamDestinations[].StreamArn"), d.DestinationStatus)
		}
	}
}

func (r *Region) tableBackups() {
	const op = "ListBackups"
	for _, a := range r.each(op) {
		for _, b := range decode[struct {
			BackupSummaries []struct{ BackupArn, BackupName, TableArn, BackupType, BackupCreationDateTime string }
		}](a).BackupSummaries {
			n := r.node(graph.Node{ID: graph.ID(b.BackupArn), Class: graph.Backup, Kind: "dynamodb.backup", Type: "AWS::DynamoDB::Backup", Name: b.BackupName})
			graph.ManualCopy.Set(&n.Facts, b.BackupType == "USER", r.source(op, "BackupSummaries[].BackupType"))
			graph.CreatedAt.Set(&n.Facts, b.BackupCreationDateTime, r.source(op, "BackupSummaries[].BackupCreationDateTime"))
			graph.SourceID.Set(&n.Facts, b.TableArn, r.source(op, "BackupSummaries[].TableArn"))
			graph.AtRest.SetNote(&n.Facts, graph.Encrypted, "DynamoDB backups are always encrypted", r.source(op, "BackupSummaries[].BackupArn"))
			graph.ProviderEnforced.Set(&n.Facts, true, r.source(op, "BackupSummaries[].BackupArn"))
			r.copiedFrom(n, b.TableArn, r.source(op, "BackupSummaries[].TableArn"))
		}
	}
}

// copiedFrom draws the flow from a store to its copy and notes whether the store is
// still there; a copy takes over the tags of its source where it has none itself.
func (r *Region) copiedFrom(n *graph.Node, source string, src graph.Source) {
	r.flow(graph.BacksUp, source, string(n.ID), "", src, "")
	r.afterNodes(func() {
		graph.SourcePresent.Set(&n.Facts, r.resolve(reference{source, r.Account, r.Region}) != nil, src)
	})
}

func (r *Region) tableExports() {
	const op = "DescribeExport"
	for _, a := range r.each(op) {
		d := decode[struct {
			ExportDescription *struct{ TableArn, S3Bucket, ExportArn string }
		}](a).ExportDescription
		if d != nil && d.S3Bucket != "" {
			bucket := ARN{r.Partition, "s3", "", "", d.S3Bucket}.String()
			r.flow(graph.Exports, d.TableArn, bucket, "export", r.source(op, "ExportDescription.S3Bucket"), "")
		}
	}
}
