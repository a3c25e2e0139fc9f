package iam

import "strings"

// DataActions lists the actions on the data of an asset, by the service and type its
// ARN names. It is empty where no action on data is known. Names follow the Service
// Authorization Reference of AWS.
func DataActions(arn string) []DataAction { return dataActions[assetKind(arn)] }

// assetKind names the kind of an asset as dataActions lists it.
func assetKind(arn string) string {
	parts, ok := arnParts(arn)
	if !ok {
		return ""
	}
	kind, _, _ := strings.Cut(parts[5], "/")
	kind, _, _ = strings.Cut(kind, ":")
	if kind = parts[2] + " " + kind; dataActions[kind] != nil {
		return kind
	}
	return parts[2]
}

// dataActions is by service, or by service and type where a service has several.
var dataActions = map[string][]DataAction{
	"s3": {
		{Read, "s3:GetObject", "/*"}, {Read, "s3:GetObjectVersion", "/*"}, {Read, "s3:GetObjectTorrent", "/*"},
		{List, "s3:ListBucket", ""}, {List, "s3:ListBucketVersions", ""},
		{Write, "s3:PutObject", "/*"}, {Delete, "s3:DeleteObject", "/*"}, {Delete, "s3:DeleteObjectVersion", "/*"},
		{Admin, "s3:PutBucketPolicy", ""}, {Admin, "s3:PutBucketAcl", ""}, {Admin, "s3:PutObjectAcl", "/*"},
		{Admin, "s3:PutReplicationConfiguration", ""}, {Admin, "s3:PutBucketNotification", ""}, {Admin, "s3:PutBucketPublicAccessBlock", ""},
		{Admin, "s3:InitiateReplication", "/*"},
	},
	"dynamodb table": {
		{Read, "dynamodb:GetItem", ""}, {Read, "dynamodb:BatchGetItem", ""}, {Read, "dynamodb:Query", ""}, {Read, "dynamodb:Scan", ""},
		{Read, "dynamodb:PartiQLSelect", ""}, {Read, "dynamodb:ConditionCheckItem", ""},
		{Read, "dynamodb:Query", "/index/*"}, {Read, "dynamodb:Scan", "/index/*"},
		{Stream, "dynamodb:GetRecords", "/stream/*"},
		{Write, "dynamodb:PutItem", ""}, {Write, "dynamodb:UpdateItem", ""}, {Write, "dynamodb:BatchWriteItem", ""},
		{Write, "dynamodb:PartiQLInsert", ""}, {Write, "dynamodb:PartiQLUpdate", ""},
		{Delete, "dynamodb:DeleteItem", ""}, {Delete, "dynamodb:BatchWriteItem", ""}, {Delete, "dynamodb:PartiQLDelete", ""},
		{Admin, "dynamodb:ExportTableToPointInTime", ""}, {Admin, "dynamodb:CreateBackup", ""}, {Admin, "dynamodb:StartAwsBackupJob", ""}, {Admin, "dynamodb:RestoreTableToPointInTime", ""},
		{Admin, "dynamodb:EnableKinesisStreamingDestination", ""}, {Admin, "dynamodb:PutResourcePolicy", ""},
	},
	"sqs": {
		{Read, "sqs:ReceiveMessage", ""}, {Write, "sqs:SendMessage", ""}, {Delete, "sqs:DeleteMessage", ""}, {Delete, "sqs:PurgeQueue", ""},
		{Admin, "sqs:AddPermission", ""}, {Admin, "sqs:SetQueueAttributes", ""}, {Admin, "sqs:StartMessageMoveTask", ""},
	},
	"sns": {
		{Read, "sns:Subscribe", ""}, {Write, "sns:Publish", ""},
		{Admin, "sns:AddPermission", ""}, {Admin, "sns:SetTopicAttributes", ""},
	},
	"events event-bus": {{Write, "events:PutEvents", ""}, {Admin, "events:PutPermission", ""}},
	"kinesis": {
		{Read, "kinesis:GetRecords", ""}, {Read, "kinesis:SubscribeToShard", "/consumer/*"}, {Write, "kinesis:PutRecord", ""}, {Write, "kinesis:PutRecords", ""},
		{Admin, "kinesis:PutResourcePolicy", ""},
	},
	"firehose": {{Write, "firehose:PutRecord", ""}, {Write, "firehose:PutRecordBatch", ""}, {Admin, "firehose:UpdateDestination", ""}},
	"secretsmanager": {
		{Read, "secretsmanager:GetSecretValue", ""}, {Write, "secretsmanager:PutSecretValue", ""}, {Delete, "secretsmanager:DeleteSecret", ""},
		{Admin, "secretsmanager:PutResourcePolicy", ""}, {Admin, "secretsmanager:ReplicateSecretToRegions", ""},
	},
	"ssm parameter": {
		{Read, "ssm:GetParameter", ""}, {Read, "ssm:GetParameters", ""}, {Read, "ssm:GetParametersByPath", ""}, {Read, "ssm:GetParameterHistory", ""},
		{Write, "ssm:PutParameter", ""}, {Delete, "ssm:DeleteParameter", ""},
	},
	"logs": {
		// Policies name a log group with ":*" behind it, or without (CloudWatch Logs User
		// Guide, "Overview of managing access permissions"): both count, lest somebody who
		// may read is taken for one who may not.
		{Read, "logs:GetLogEvents", ":log-stream:*"}, {Read, "logs:FilterLogEvents", ""}, {Read, "logs:StartQuery", ""}, {Read, "logs:StartLiveTail", ""},
		{Read, "logs:FilterLogEvents", ":*"}, {Read, "logs:StartQuery", ":*"}, {Read, "logs:StartLiveTail", ":*"},
		{Read, "logs:GetLogRecord", ""}, {Read, "logs:Unmask", ""}, {Write, "logs:PutLogEvents", ":log-stream:*"}, {Delete, "logs:DeleteLogGroup", ""},
		{Read, "logs:Unmask", ":*"}, {Delete, "logs:DeleteLogGroup", ":*"},
		{Admin, "logs:CreateExportTask", ""}, {Admin, "logs:PutSubscriptionFilter", ""},
		{Admin, "logs:CreateExportTask", ":*"}, {Admin, "logs:PutSubscriptionFilter", ":*"},
	},
	"lambda": {
		{Invoke, "lambda:InvokeFunction", ""}, {Invoke, "lambda:InvokeFunction", ":*"}, {Read, "lambda:GetFunction", ""},
		{Admin, "lambda:UpdateFunctionCode", ""}, {Admin, "lambda:UpdateFunctionConfiguration", ""}, {Admin, "lambda:AddPermission", ""},
		{Admin, "lambda:CreateFunctionUrlConfig", ""},
	},
	"states stateMachine": {{Invoke, "states:StartExecution", ""}, {Invoke, "states:StartSyncExecution", ""}, {Admin, "states:UpdateStateMachine", ""}},
	"cognito-idp": {
		{Read, "cognito-idp:ListUsers", ""}, {Read, "cognito-idp:AdminGetUser", ""}, {Read, "cognito-idp:ListUsersInGroup", ""},
		{Write, "cognito-idp:AdminCreateUser", ""}, {Write, "cognito-idp:AdminUpdateUserAttributes", ""}, {Delete, "cognito-idp:AdminDeleteUser", ""},
		{Admin, "cognito-idp:AdminSetUserPassword", ""}, {Admin, "cognito-idp:UpdateUserPool", ""},
	},
	"kms key": {
		{Decrypt, "kms:Decrypt", ""}, {Decrypt, "kms:ReEncryptFrom", ""}, {Admin, "kms:CreateGrant", ""}, {Admin, "kms:PutKeyPolicy", ""},
	},
	// A copy is read by making a database of it, and a database over the network: what
	// is asked for here is the log files, which can hold statements with their values.
	"rds db": {
		{Read, "rds:DownloadDBLogFilePortion", ""}, {Read, "rds:DownloadCompleteDBLogFile", ""},
		{Admin, "rds:CreateDBSnapshot", ""}, {Admin, "rds:ModifyDBInstance", ""},
	},
	"rds cluster": {{Admin, "rds:CreateDBClusterSnapshot", ""}, {Admin, "rds:ModifyDBCluster", ""}, {Admin, "rds:StartExportTask", ""}},
	"rds snapshot": {
		{Admin, "rds:CopyDBSnapshot", ""}, {Admin, "rds:ModifyDBSnapshotAttribute", ""}, {Admin, "rds:RestoreDBInstanceFromDBSnapshot", ""},
		{Admin, "rds:StartExportTask", ""},
	},
	"rds cluster-snapshot": {
		{Admin, "rds:CopyDBClusterSnapshot", ""}, {Admin, "rds:ModifyDBClusterSnapshotAttribute", ""}, {Admin, "rds:RestoreDBClusterFromSnapshot", ""},
		{Admin, "rds:StartExportTask", ""},
	},
	"iam role": {{Invoke, "sts:AssumeRole", ""}, {Admin, "iam:UpdateAssumeRolePolicy", ""}, {Admin, "iam:PutRolePolicy", ""}, {Admin, "iam:AttachRolePolicy", ""}},
}
