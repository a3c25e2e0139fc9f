package reach

import "github.com/flowdeed/flowdeed/iam"

// object says on what an action of a rule is asked.
type object uint8

const (
	onNew      object = iota // something new of the type Need.On names, in the account
	onTarget                 // the principal that is become
	onWorkload               // what runs under the role
	onSelf                   // who asks
	onPolicies               // a managed policy of who asks
)

// need is one permission a rule takes.
type need struct {
	action string
	object object
	on     string // for onNew: the end of the ARN, "function:*"
}

// Rule is a way to get rights one was not given. Rules are data: each names the
// permissions it takes and where it is described.
type Rule struct {
	ID string
	// Source is the description: the path in the collection pathfinding.cloud, or the
	// AWS page.
	Source string
	// pass is the service that must be trusted by the role that is handed over; empty
	// when no role is handed over.
	pass string
	// service is the service of the workload whose role is taken over.
	service string
	// user: the target is a user.
	user  bool
	needs []need
}

// passRules start something new under a role that is handed over with iam:PassRole.
var passRules = []*Rule{
	{ID: "pass-lambda", Source: "pathfinding.cloud, family lambda", pass: "lambda.amazonaws.com", needs: []need{{"lambda:CreateFunction", onNew, "lambda function:*"}, {"lambda:InvokeFunction", onNew, "lambda function:*"}}},
	{ID: "pass-lambda-source", Source: "pathfinding.cloud, family lambda", pass: "lambda.amazonaws.com", needs: []need{{"lambda:CreateFunction", onNew, "lambda function:*"}, {"lambda:CreateEventSourceMapping", onNew, "lambda event-source-mapping:*"}}},
	{ID: "pass-lambda-permission", Source: "pathfinding.cloud, family lambda", pass: "lambda.amazonaws.com", needs: []need{{"lambda:CreateFunction", onNew, "lambda function:*"}, {"lambda:AddPermission", onNew, "lambda function:*"}}},
	{ID: "pass-ec2", Source: "pathfinding.cloud, family ec2", pass: "ec2.amazonaws.com", needs: []need{{"ec2:RunInstances", onNew, "ec2 instance/*"}}},
	{ID: "pass-ecs-run", Source: "pathfinding.cloud, family ecs", pass: "ecs-tasks.amazonaws.com", needs: []need{{"ecs:RegisterTaskDefinition", onNew, "ecs task-definition/*"}, {"ecs:RunTask", onNew, "ecs task-definition/*"}}},
	{ID: "pass-ecs-service", Source: "pathfinding.cloud, family ecs", pass: "ecs-tasks.amazonaws.com", needs: []need{{"ecs:RegisterTaskDefinition", onNew, "ecs task-definition/*"}, {"ecs:CreateService", onNew, "ecs service/*"}}},
	{ID: "pass-glue-endpoint", Source: "pathfinding.cloud, family glue", pass: "glue.amazonaws.com", needs: []need{{"glue:CreateDevEndpoint", onNew, "glue devEndpoint/*"}}},
	{ID: "pass-glue-job", Source: "pathfinding.cloud, family glue", pass: "glue.amazonaws.com", needs: []need{{"glue:CreateJob", onNew, "glue job/*"}, {"glue:StartJobRun", onNew, "glue job/*"}}},
	{ID: "pass-glue-session", Source: "pathfinding.cloud, family glue", pass: "glue.amazonaws.com", needs: []need{{"glue:CreateSession", onNew, "glue session/*"}, {"glue:RunStatement", onNew, "glue session/*"}}},
	{ID: "pass-cloudformation", Source: "pathfinding.cloud, family cloudformation", pass: "cloudformation.amazonaws.com", needs: []need{{"cloudformation:CreateStack", onNew, "cloudformation stack/*"}}},
	{ID: "pass-codebuild", Source: "pathfinding.cloud, family codebuild", pass: "codebuild.amazonaws.com", needs: []need{{"codebuild:CreateProject", onNew, "codebuild project/*"}, {"codebuild:StartBuild", onNew, "codebuild project/*"}}},
	{ID: "pass-sagemaker-notebook", Source: "pathfinding.cloud, family sagemaker", pass: "sagemaker.amazonaws.com", needs: []need{{"sagemaker:CreateNotebookInstance", onNew, "sagemaker notebook-instance/*"}, {"sagemaker:CreatePresignedNotebookInstanceUrl", onNew, "sagemaker notebook-instance/*"}}},
	{ID: "pass-sagemaker-training", Source: "pathfinding.cloud, family sagemaker", pass: "sagemaker.amazonaws.com", needs: []need{{"sagemaker:CreateTrainingJob", onNew, "sagemaker training-job/*"}}},
	{ID: "pass-sagemaker-processing", Source: "pathfinding.cloud, family sagemaker", pass: "sagemaker.amazonaws.com", needs: []need{{"sagemaker:CreateProcessingJob", onNew, "sagemaker processing-job/*"}}},
	{ID: "pass-states", Source: "Step Functions Developer Guide, \"How AWS Step Functions works with IAM\"", pass: "states.amazonaws.com", needs: []need{{"states:CreateStateMachine", onNew, "states stateMachine:*"}, {"states:StartExecution", onNew, "states stateMachine:*"}}},
	{ID: "pass-ssm", Source: "Systems Manager User Guide, \"Setting up Automation\"", pass: "ssm.amazonaws.com", needs: []need{{"ssm:StartAutomationExecution", onNew, "ssm automation-definition/*"}}},
	{ID: "pass-datapipeline", Source: "pathfinding.cloud, family datapipeline", pass: "datapipeline.amazonaws.com", needs: []need{{"datapipeline:CreatePipeline", onNew, "datapipeline pipeline/*"}, {"datapipeline:PutPipelineDefinition", onNew, "datapipeline pipeline/*"}, {"datapipeline:ActivatePipeline", onNew, "datapipeline pipeline/*"}}},
	{ID: "pass-apprunner", Source: "pathfinding.cloud, family apprunner", pass: "tasks.apprunner.amazonaws.com", needs: []need{{"apprunner:CreateService", onNew, "apprunner service/*"}}},
	{ID: "pass-scheduler", Source: "EventBridge Scheduler User Guide, \"Setting up the execution role\"", pass: "scheduler.amazonaws.com", needs: []need{{"scheduler:CreateSchedule", onNew, "scheduler schedule/*"}}},
	{ID: "pass-pipes", Source: "EventBridge User Guide, \"EventBridge Pipes execution role\"", pass: "pipes.amazonaws.com", needs: []need{{"pipes:CreatePipe", onNew, "pipes pipe/*"}}},
}

// workloadRules take over something that runs under the role already.
var workloadRules = []*Rule{
	{ID: "code-lambda", Source: "pathfinding.cloud, family lambda", service: "lambda", needs: []need{{"lambda:UpdateFunctionCode", onWorkload, ""}}},
	{ID: "layer-lambda", Source: "Lambda Developer Guide, \"Managing Lambda dependencies with layers\"", service: "lambda", needs: []need{{"lambda:UpdateFunctionConfiguration", onWorkload, ""}}},
	{ID: "command-ssm", Source: "pathfinding.cloud, family ssm", service: "ec2", needs: []need{{"ssm:SendCommand", onWorkload, ""}}},
	{ID: "session-ssm", Source: "pathfinding.cloud, family ssm", service: "ec2", needs: []need{{"ssm:StartSession", onWorkload, ""}}},
	{ID: "connect-ec2", Source: "pathfinding.cloud, family ec2-instance-connect", service: "ec2", needs: []need{{"ec2-instance-connect:SendSSHPublicKey", onWorkload, ""}}},
	{ID: "exec-ecs", Source: "Amazon ECS Developer Guide, \"Monitor Amazon ECS containers with ECS Exec\"", service: "ecs", needs: []need{{"ecs:ExecuteCommand", onWorkload, ""}}},
	{ID: "job-glue", Source: "pathfinding.cloud, family glue", service: "glue", needs: []need{{"glue:UpdateJob", onWorkload, ""}, {"glue:StartJobRun", onWorkload, ""}}},
	{ID: "definition-states", Source: "Step Functions API Reference, \"UpdateStateMachine\"", service: "states", needs: []need{{"states:UpdateStateMachine", onWorkload, ""}, {"states:StartExecution", onWorkload, ""}}},
	{ID: "build-codebuild", Source: "pathfinding.cloud, family codebuild", service: "codebuild", needs: []need{{"codebuild:StartBuild", onWorkload, ""}}},
}

// becomeRules give the credentials of a user or the trust of a role.
var becomeRules = []*Rule{
	{ID: "access-key", Source: "pathfinding.cloud, family iam", user: true, needs: []need{{"iam:CreateAccessKey", onTarget, ""}}},
	{ID: "login-profile", Source: "pathfinding.cloud, family iam", user: true, needs: []need{{"iam:CreateLoginProfile", onTarget, ""}}},
	{ID: "login-profile-update", Source: "pathfinding.cloud, family iam", user: true, needs: []need{{"iam:UpdateLoginProfile", onTarget, ""}}},
	{ID: "trust", Source: "pathfinding.cloud, family iam", needs: []need{{"iam:UpdateAssumeRolePolicy", onTarget, ""}}},
}

// liftRules give whoever asks every permission that boundary, control policies and
// explicit denies leave. userRule and roleRule say for which kind.
var liftRules = []*Rule{
	{ID: "policy-version", Source: "pathfinding.cloud, family iam", needs: []need{{"iam:CreatePolicyVersion", onPolicies, ""}}},
	{ID: "user-inline", Source: "pathfinding.cloud, family iam", user: true, needs: []need{{"iam:PutUserPolicy", onSelf, ""}}},
	{ID: "user-attach", Source: "pathfinding.cloud, family iam", user: true, needs: []need{{"iam:AttachUserPolicy", onSelf, ""}}},
	{ID: "role-inline", Source: "pathfinding.cloud, family iam", needs: []need{{"iam:PutRolePolicy", onSelf, ""}}},
	{ID: "role-attach", Source: "pathfinding.cloud, family iam", needs: []need{{"iam:AttachRolePolicy", onSelf, ""}}},
}

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
}

// openings are by action on the store. An action that needs a role of a service on top
// (replication, pipes) names it.
var openings = []Opening{
	{"s3:PutBucketPolicy", []iam.Access{iam.Read, iam.Write, iam.Delete, iam.List}, true, "", "S3 User Guide, \"Bucket policies\""},
	{"s3:PutReplicationConfiguration", []iam.Access{iam.Read}, false, "s3.amazonaws.com", "S3 User Guide, \"Replicating objects\""},
	{"dynamodb:PutResourcePolicy", []iam.Access{iam.Read, iam.Write, iam.Delete}, true, "", "DynamoDB Developer Guide, \"Resource-based policies\""},
	{"dynamodb:ExportTableToPointInTime", []iam.Access{iam.Read}, true, "", "DynamoDB Developer Guide, \"Exporting to Amazon S3\""},
	{"dynamodb:EnableKinesisStreamingDestination", []iam.Access{iam.Stream}, true, "", "DynamoDB Developer Guide, \"Kinesis Data Streams for DynamoDB\""},
	{"sqs:AddPermission", []iam.Access{iam.Read, iam.Write, iam.Delete}, true, "", "SQS API Reference, \"AddPermission\""},
	{"sqs:SetQueueAttributes", []iam.Access{iam.Read, iam.Write, iam.Delete}, true, "", "SQS API Reference, \"SetQueueAttributes\""},
	{"sns:AddPermission", []iam.Access{iam.Read, iam.Write}, false, "", "SNS API Reference, \"AddPermission\""},
	{"sns:SetTopicAttributes", []iam.Access{iam.Read, iam.Write}, false, "", "SNS API Reference, \"SetTopicAttributes\""},
	{"kinesis:PutResourcePolicy", []iam.Access{iam.Read, iam.Write}, true, "", "Kinesis Data Streams API Reference, \"PutResourcePolicy\""},
	{"secretsmanager:PutResourcePolicy", []iam.Access{iam.Read, iam.Write}, true, "", "Secrets Manager User Guide, \"Resource-based policies\""},
	{"events:PutPermission", []iam.Access{iam.Write}, false, "", "EventBridge API Reference, \"PutPermission\""},
	{"logs:PutSubscriptionFilter", []iam.Access{iam.Read}, false, "", "CloudWatch Logs User Guide, \"Subscription filters\""},
	{"logs:CreateExportTask", []iam.Access{iam.Read}, false, "", "CloudWatch Logs User Guide, \"Exporting log data to Amazon S3\""},
	{"lambda:AddPermission", []iam.Access{iam.Invoke}, false, "", "Lambda API Reference, \"AddPermission\""},
	{"lambda:CreateFunctionUrlConfig", []iam.Access{iam.Invoke}, false, "", "Lambda API Reference, \"CreateFunctionUrlConfig\""},
	{"kms:PutKeyPolicy", []iam.Access{iam.Decrypt}, false, "", "KMS Developer Guide, \"Key policies\""},
	{"kms:CreateGrant", []iam.Access{iam.Decrypt}, false, "", "KMS Developer Guide, \"Grants in AWS KMS\""},
	{"rds:ModifyDBInstance", []iam.Access{iam.Read, iam.Write, iam.Delete}, false, "", "RDS User Guide, \"Modifying a DB instance\": sets the master password"},
	{"rds:ModifyDBSnapshotAttribute", []iam.Access{iam.Read}, false, "", "RDS User Guide, \"Sharing a DB snapshot\""},
	{"rds:RestoreDBInstanceFromDBSnapshot", []iam.Access{iam.Read}, false, "", "RDS User Guide, \"Restoring to a DB instance\""},
}
