package reach

import "github.com/flowdeed/flowdeed/iam"

// Opening is an action on a store, or on its key, that gives access to data by another
// way than reading it: it opens the store, or makes a copy where the caller can read.
type Opening struct {
	Action string
	Gives  []iam.Access
	// Key: the caller must be able to use the key of the store himself.
	Key bool
	// Pass is the service whose role must be handed over for it.
	Pass   string
	Source string
	// Kind is how the name of the store within its service begins, where the action is
	// about one kind of store only.
	Kind string
	// Lists: it works by access lists, which must count, and for somebody of another
	// account, whom the rest of the policies must let through.
	Lists bool
	// Plain: it works only for what no key encrypts: the copy goes to another account.
	Plain bool
	// needs are permissions it takes beside the action.
	needs []need
}

// openings are by action on the store. An action that needs a role of a service on top
// (replication, pipes) names it.
var openings = []Opening{
	{Action: "s3:PutBucketPolicy", Gives: []iam.Access{iam.Read, iam.Write, iam.Delete, iam.List}, Key: true, Source: "S3 User Guide, \"Bucket policies\""},
	{Action: "s3:PutReplicationConfiguration", Gives: []iam.Access{iam.Read}, Pass: "s3.amazonaws.com", Source: "S3 User Guide, \"Replicating objects\""},
	{Action: "dynamodb:PutResourcePolicy", Gives: []iam.Access{iam.Read, iam.Write, iam.Delete}, Key: true, Source: "DynamoDB Developer Guide, \"Resource-based policies\""},
	{Action: "dynamodb:ExportTableToPointInTime", Gives: []iam.Access{iam.Read}, Key: true, Source: "DynamoDB Developer Guide, \"Exporting to Amazon S3\""},
	{Action: "dynamodb:EnableKinesisStreamingDestination", Gives: []iam.Access{iam.Stream}, Key: true, Source: "DynamoDB Developer Guide, \"Kinesis Data Streams for DynamoDB\""},
	{Action: "sqs:AddPermission", Gives: []iam.Access{iam.Read, iam.Write, iam.Delete}, Key: true, Source: "SQS API Reference, \"AddPermission\""},
	{Action: "sqs:SetQueueAttributes", Gives: []iam.Access{iam.Read, iam.Write, iam.Delete}, Key: true, Source: "SQS API Reference, \"SetQueueAttributes\""},
	{Action: "sns:AddPermission", Gives: []iam.Access{iam.Read, iam.Write}, Source: "SNS API Reference, \"AddPermission\""},
	{Action: "sns:SetTopicAttributes", Gives: []iam.Access{iam.Read, iam.Write}, Source: "SNS API Reference, \"SetTopicAttributes\""},
	{Action: "kinesis:PutResourcePolicy", Gives: []iam.Access{iam.Read, iam.Write}, Key: true, Source: "Kinesis Data Streams API Reference, \"PutResourcePolicy\""},
	{Action: "secretsmanager:PutResourcePolicy", Gives: []iam.Access{iam.Read, iam.Write}, Key: true, Source: "Secrets Manager User Guide, \"Resource-based policies\""},
	{Action: "events:PutPermission", Gives: []iam.Access{iam.Write}, Source: "EventBridge API Reference, \"PutPermission\""},
	{Action: "logs:PutSubscriptionFilter", Gives: []iam.Access{iam.Read}, Source: "CloudWatch Logs User Guide, \"Subscription filters\""},
	{Action: "logs:CreateExportTask", Gives: []iam.Access{iam.Read}, Source: "CloudWatch Logs User Guide, \"Exporting log data to Amazon S3\""},
	{Action: "lambda:AddPermission", Gives: []iam.Access{iam.Invoke}, Source: "Lambda API Reference, \"AddPermission\""},
	{Action: "lambda:CreateFunctionUrlConfig", Gives: []iam.Access{iam.Invoke}, Source: "Lambda API Reference, \"CreateFunctionUrlConfig\""},
	{Action: "kms:PutKeyPolicy", Gives: []iam.Access{iam.Decrypt}, Source: "KMS Developer Guide, \"Key policies\""},
	{Action: "kms:CreateGrant", Gives: []iam.Access{iam.Decrypt}, Source: "KMS Developer Guide, \"Grants in AWS KMS\""},
	{Action: "rds:ModifyDBInstance", Gives: []iam.Access{iam.Read, iam.Write, iam.Delete}, Source: "RDS User Guide, \"Modifying a DB instance\": sets the master password", Kind: "db:"},
	{Action: "rds:ModifyDBSnapshotAttribute", Gives: []iam.Access{iam.Read}, Source: "RDS User Guide, \"Sharing a DB snapshot\"", Kind: "snapshot:", Plain: true},
	{Action: "rds:RestoreDBInstanceFromDBSnapshot", Gives: []iam.Access{iam.Read}, Source: "RDS User Guide, \"Restoring to a DB instance\"", Kind: "snapshot:", needs: []need{{"rds:ModifyDBInstance", onNew, "rds db:*"}}},
	{Action: "rds:CreateDBSnapshot", Gives: []iam.Access{iam.Read}, Source: "RDS User Guide, \"Sharing a DB snapshot\"", Kind: "db:", Plain: true,
		needs: []need{{"rds:ModifyDBSnapshotAttribute", onNew, "rds snapshot:*"}}},
	{Action: "s3:PutObjectAcl", Gives: []iam.Access{iam.Read}, Source: "S3 User Guide, \"Access control list (ACL) overview\"", Lists: true},
	{Action: "s3:PutBucketAcl", Gives: []iam.Access{iam.List, iam.Write, iam.Delete}, Source: "S3 User Guide, \"Access control list (ACL) overview\"", Lists: true},
	{Action: "dynamodb:CreateBackup", Gives: []iam.Access{iam.Read}, Key: true, Source: "DynamoDB Developer Guide, \"Using IAM with DynamoDB backup and restore\"", needs: restoring},
}

// restoring is what it takes to restore a backup of a table as another table, and to read
// that one.
var restoring = []need{
	{"dynamodb:RestoreTableFromBackup", onStore, "/backup/*"}, {"dynamodb:RestoreTableFromBackup", onNew, "dynamodb table/*"}, {"dynamodb:BatchWriteItem", onNew, "dynamodb table/*"},
	{"dynamodb:DeleteItem", onNew, "dynamodb table/*"}, {"dynamodb:GetItem", onNew, "dynamodb table/*"}, {"dynamodb:PutItem", onNew, "dynamodb table/*"},
	{"dynamodb:Query", onNew, "dynamodb table/*"}, {"dynamodb:Scan", onNew, "dynamodb table/*"}, {"dynamodb:UpdateItem", onNew, "dynamodb table/*"},
}
