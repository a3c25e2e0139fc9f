package proof

// Rule is what a way to get rights one was not given takes. The writer of answers has a
// table of its own; a test holds the two equal, rule by rule.
type Rule struct {
	// Form is "pass" (something new runs under a role that is handed over), "workload"
	// (what runs under the role already is taken over), "become" (credentials or trust
	// of the target are changed), "lift" (the principal gives itself every permission),
	// "join" (it puts itself into a group) or "raise" (it gives every permission to the
	// target, and is able to become it).
	Form string
	// Service is who a passed role must trust, or whose workload it is: the service, and
	// how the name of the workload within the service begins.
	Service string
	User    bool // the target is a user, else a role; of a lift on itself, who asks
	Needs   []Need
}

// Need is one permission that a rule takes. Object is what it is asked on: the "target",
// the "workload", the principal "self", one of its managed "policies" or "groups", one of the
// "target policies", the "group" that is joined, or something "new", which On names by
// service and end of the ARN, or by "*" where the action takes no resource.
type Need struct{ Action, Object, On string }

// Rules are by name.
var Rules = map[string]Rule{
	"pass-lambda":                   {Form: "pass", Service: "lambda.amazonaws.com", Needs: []Need{{"lambda:CreateFunction", "new", "lambda function:*"}, {"lambda:InvokeFunction", "new", "lambda function:*"}}},
	"pass-lambda-source":            {Form: "pass", Service: "lambda.amazonaws.com", Needs: []Need{{"lambda:CreateFunction", "new", "lambda function:*"}, {"lambda:CreateEventSourceMapping", "new", "*"}}},
	"pass-lambda-permission":        {Form: "pass", Service: "lambda.amazonaws.com", Needs: []Need{{"lambda:CreateFunction", "new", "lambda function:*"}, {"lambda:AddPermission", "new", "lambda function:*"}}},
	"pass-ec2":                      {Form: "pass", Service: "ec2.amazonaws.com", Needs: []Need{{"ec2:RunInstances", "new", "ec2 instance/*"}}},
	"pass-ecs-run":                  {Form: "pass", Service: "ecs-tasks.amazonaws.com", Needs: []Need{{"ecs:RegisterTaskDefinition", "new", "ecs task-definition/*"}, {"ecs:RunTask", "new", "ecs task-definition/*"}}},
	"pass-ecs-service":              {Form: "pass", Service: "ecs-tasks.amazonaws.com", Needs: []Need{{"ecs:RegisterTaskDefinition", "new", "ecs task-definition/*"}, {"ecs:CreateService", "new", "ecs service/*"}}},
	"pass-glue-endpoint":            {Form: "pass", Service: "glue.amazonaws.com", Needs: []Need{{"glue:CreateDevEndpoint", "new", "*"}}},
	"pass-glue-job":                 {Form: "pass", Service: "glue.amazonaws.com", Needs: []Need{{"glue:CreateJob", "new", "glue job/*"}, {"glue:StartJobRun", "new", "glue job/*"}}},
	"pass-glue-session":             {Form: "pass", Service: "glue.amazonaws.com", Needs: []Need{{"glue:CreateSession", "new", "glue session/*"}, {"glue:RunStatement", "new", "glue session/*"}}},
	"pass-cloudformation":           {Form: "pass", Service: "cloudformation.amazonaws.com", Needs: []Need{{"cloudformation:CreateStack", "new", "cloudformation stack/*"}}},
	"pass-codebuild":                {Form: "pass", Service: "codebuild.amazonaws.com", Needs: []Need{{"codebuild:CreateProject", "new", "codebuild project/*"}, {"codebuild:StartBuild", "new", "codebuild project/*"}}},
	"pass-sagemaker-notebook":       {Form: "pass", Service: "sagemaker.amazonaws.com", Needs: []Need{{"sagemaker:CreateNotebookInstance", "new", "sagemaker notebook-instance/*"}, {"sagemaker:CreatePresignedNotebookInstanceUrl", "new", "sagemaker notebook-instance/*"}}},
	"pass-sagemaker-training":       {Form: "pass", Service: "sagemaker.amazonaws.com", Needs: []Need{{"sagemaker:CreateTrainingJob", "new", "sagemaker training-job/*"}}},
	"pass-sagemaker-processing":     {Form: "pass", Service: "sagemaker.amazonaws.com", Needs: []Need{{"sagemaker:CreateProcessingJob", "new", "sagemaker processing-job/*"}}},
	"pass-states":                   {Form: "pass", Service: "states.amazonaws.com", Needs: []Need{{"states:CreateStateMachine", "new", "states stateMachine:*"}, {"states:StartExecution", "new", "states stateMachine:*"}}},
	"pass-ssm":                      {Form: "pass", Service: "ssm.amazonaws.com", Needs: []Need{{"ssm:StartAutomationExecution", "new", "ssm automation-definition/*"}}},
	"pass-datapipeline":             {Form: "pass", Service: "datapipeline.amazonaws.com", Needs: []Need{{"datapipeline:CreatePipeline", "new", "*"}, {"datapipeline:PutPipelineDefinition", "new", "datapipeline pipeline/*"}, {"datapipeline:ActivatePipeline", "new", "datapipeline pipeline/*"}}},
	"pass-apprunner":                {Form: "pass", Service: "tasks.apprunner.amazonaws.com", Needs: []Need{{"apprunner:CreateService", "new", "apprunner service/*"}}},
	"pass-scheduler":                {Form: "pass", Service: "scheduler.amazonaws.com", Needs: []Need{{"scheduler:CreateSchedule", "new", "scheduler schedule/*"}}},
	"pass-pipes":                    {Form: "pass", Service: "pipes.amazonaws.com", Needs: []Need{{"pipes:CreatePipe", "new", "pipes pipe/*"}}},
	"code-lambda":                   {Form: "workload", Service: "lambda function:", Needs: []Need{{"lambda:UpdateFunctionCode", "workload", ""}}},
	"layer-lambda":                  {Form: "workload", Service: "lambda function:", Needs: []Need{{"lambda:UpdateFunctionConfiguration", "workload", ""}}},
	"command-ssm":                   {Form: "workload", Service: "ec2 instance/", Needs: []Need{{"ssm:SendCommand", "workload", ""}}},
	"session-ssm":                   {Form: "workload", Service: "ec2 instance/", Needs: []Need{{"ssm:StartSession", "workload", ""}}},
	"connect-ec2":                   {Form: "workload", Service: "ec2 instance/", Needs: []Need{{"ec2-instance-connect:SendSSHPublicKey", "workload", ""}}},
	"exec-ecs":                      {Form: "workload", Service: "ecs", Needs: []Need{{"ecs:ExecuteCommand", "workload", ""}}},
	"job-glue":                      {Form: "workload", Service: "glue job/", Needs: []Need{{"glue:UpdateJob", "workload", ""}, {"glue:StartJobRun", "workload", ""}}},
	"definition-states":             {Form: "workload", Service: "states stateMachine:", Needs: []Need{{"states:UpdateStateMachine", "workload", ""}, {"states:StartExecution", "workload", ""}}},
	"build-codebuild":               {Form: "workload", Service: "codebuild project/", Needs: []Need{{"codebuild:StartBuild", "workload", ""}}},
	"pass-ecs-start":                {Form: "pass", Service: "ecs-tasks.amazonaws.com", Needs: []Need{{"ecs:RegisterTaskDefinition", "new", "ecs task-definition/*"}, {"ecs:StartTask", "new", "ecs task-definition/*"}}},
	"pass-ec2-spot":                 {Form: "pass", Service: "ec2.amazonaws.com", Needs: []Need{{"ec2:RequestSpotInstances", "new", "ec2 spot-instances-request/*"}}},
	"pass-glue-trigger":             {Form: "pass", Service: "glue.amazonaws.com", Needs: []Need{{"glue:CreateJob", "new", "glue job/*"}, {"glue:CreateTrigger", "new", "glue trigger/*"}}},
	"pass-cloudformation-changeset": {Form: "pass", Service: "cloudformation.amazonaws.com", Needs: []Need{{"cloudformation:CreateChangeSet", "new", "cloudformation stack/*"}, {"cloudformation:ExecuteChangeSet", "new", "cloudformation stack/*"}}},
	"pass-codebuild-batch":          {Form: "pass", Service: "codebuild.amazonaws.com", Needs: []Need{{"codebuild:CreateProject", "new", "codebuild project/*"}, {"codebuild:StartBuildBatch", "new", "codebuild project/*"}}},
	"pass-bedrock-interpreter":      {Form: "pass", Service: "bedrock-agentcore.amazonaws.com", Needs: []Need{{"bedrock-agentcore:CreateCodeInterpreter", "new", "*"}, {"bedrock-agentcore:StartCodeInterpreterSession", "new", "bedrock-agentcore code-interpreter-custom/*"}, {"bedrock-agentcore:InvokeCodeInterpreter", "new", "bedrock-agentcore code-interpreter-custom/*"}}},
	"pass-braket":                   {Form: "pass", Service: "braket.amazonaws.com", Needs: []Need{{"braket:CreateJob", "new", "braket job/*"}}},
	"pass-emr-serverless":           {Form: "pass", Service: "emr-serverless.amazonaws.com", Needs: []Need{{"emr-serverless:CreateApplication", "new", "*"}, {"emr-serverless:StartJobRun", "new", "emr-serverless /applications/*"}}},
	"pass-flink":                    {Form: "pass", Service: "kinesisanalytics.amazonaws.com", Needs: []Need{{"kinesisanalytics:CreateApplication", "new", "*"}, {"kinesisanalytics:StartApplication", "new", "kinesisanalytics application/*"}}},
	"pass-imagebuilder":             {Form: "pass", Service: "ec2.amazonaws.com", Needs: []Need{{"imagebuilder:CreateComponent", "new", "imagebuilder component/*"}, {"imagebuilder:CreateImageRecipe", "new", "imagebuilder image-recipe/*"}, {"imagebuilder:CreateInfrastructureConfiguration", "new", "imagebuilder infrastructure-configuration/*"}, {"imagebuilder:CreateImage", "new", "imagebuilder image/*"}}},
	"batch-codebuild":               {Form: "workload", Service: "codebuild project/", Needs: []Need{{"codebuild:StartBuildBatch", "workload", ""}}},
	"service-apprunner":             {Form: "workload", Service: "apprunner service/", Needs: []Need{{"apprunner:UpdateService", "workload", ""}}},
	"stack-cloudformation":          {Form: "workload", Service: "cloudformation stack/", Needs: []Need{{"cloudformation:UpdateStack", "workload", ""}}},
	"changeset-cloudformation":      {Form: "workload", Service: "cloudformation stack/", Needs: []Need{{"cloudformation:CreateChangeSet", "workload", ""}, {"cloudformation:ExecuteChangeSet", "workload", ""}}},
	"userdata-ec2":                  {Form: "workload", Service: "ec2 instance/", Needs: []Need{{"ec2:ModifyInstanceAttribute", "workload", ""}, {"ec2:StopInstances", "workload", ""}, {"ec2:StartInstances", "workload", ""}}},
	"endpoint-glue":                 {Form: "workload", Service: "glue devEndpoint/", Needs: []Need{{"glue:UpdateDevEndpoint", "workload", ""}}},
	"notebook-sagemaker":            {Form: "workload", Service: "sagemaker notebook-instance/", Needs: []Need{{"sagemaker:CreatePresignedNotebookInstanceUrl", "workload", ""}}},
	"script-sagemaker":              {Form: "workload", Service: "sagemaker notebook-instance/", Needs: []Need{{"sagemaker:CreateNotebookInstanceLifecycleConfig", "new", "sagemaker notebook-instance-lifecycle-config/*"}, {"sagemaker:StopNotebookInstance", "workload", ""}, {"sagemaker:UpdateNotebookInstance", "workload", ""}, {"sagemaker:StartNotebookInstance", "workload", ""}}},
	"interpreter-bedrock":           {Form: "workload", Service: "bedrock-agentcore code-interpreter-custom/", Needs: []Need{{"bedrock-agentcore:StartCodeInterpreterSession", "workload", ""}, {"bedrock-agentcore:InvokeCodeInterpreter", "workload", ""}}},
	"access-key":                    {Form: "become", User: true, Needs: []Need{{"iam:CreateAccessKey", "target", ""}}},
	"login-profile":                 {Form: "become", User: true, Needs: []Need{{"iam:CreateLoginProfile", "target", ""}}},
	"login-profile-update":          {Form: "become", User: true, Needs: []Need{{"iam:UpdateLoginProfile", "target", ""}}},
	"trust":                         {Form: "become", Needs: []Need{{"iam:UpdateAssumeRolePolicy", "target", ""}}},
	"policy-version":                {Form: "lift", Needs: []Need{{"iam:CreatePolicyVersion", "policies", ""}}},
	"user-inline":                   {Form: "lift", User: true, Needs: []Need{{"iam:PutUserPolicy", "self", ""}}},
	"user-attach":                   {Form: "lift", User: true, Needs: []Need{{"iam:AttachUserPolicy", "self", ""}}},
	"role-inline":                   {Form: "lift", Needs: []Need{{"iam:PutRolePolicy", "self", ""}}},
	"role-attach":                   {Form: "lift", Needs: []Need{{"iam:AttachRolePolicy", "self", ""}}},
	"group-inline":                  {Form: "lift", User: true, Needs: []Need{{"iam:PutGroupPolicy", "groups", ""}}},
	"group-attach":                  {Form: "lift", User: true, Needs: []Need{{"iam:AttachGroupPolicy", "groups", ""}}},
	"group-join":                    {Form: "join", User: true, Needs: []Need{{"iam:AddUserToGroup", "group", ""}}},
	"raise-role-inline":             {Form: "raise", Needs: []Need{{"iam:PutRolePolicy", "target", ""}}},
	"raise-role-attach":             {Form: "raise", Needs: []Need{{"iam:AttachRolePolicy", "target", ""}}},
	"raise-user-inline":             {Form: "raise", User: true, Needs: []Need{{"iam:PutUserPolicy", "target", ""}}},
	"raise-user-attach":             {Form: "raise", User: true, Needs: []Need{{"iam:AttachUserPolicy", "target", ""}}},
	"raise-policy-version":          {Form: "raise", Needs: []Need{{"iam:CreatePolicyVersion", "target policies", ""}}},
}

// Opening is what an action that opens a store, or copies its data out, gives and takes.
type Opening struct {
	Gives string // kinds of access
	Key   bool   // whoever opens it must be able to use the key
	Pass  string // service that must be handed a role which has the access
	Kind  string // how the name of the store within its service begins
	Lists bool   // works by access lists, for somebody of another account
	Plain bool   // works only for what no key encrypts
	// Needs are permissions beside the action. Object "store" is the store, and what On
	// names in it.
	Needs []Need
}

// Openings are by action.
var Openings = map[string]Opening{
	"s3:PutBucketPolicy":                         {Gives: "read write delete list", Key: true},
	"s3:PutReplicationConfiguration":             {Gives: "read", Pass: "s3.amazonaws.com"},
	"dynamodb:PutResourcePolicy":                 {Gives: "read write delete", Key: true},
	"dynamodb:ExportTableToPointInTime":          {Gives: "read", Key: true},
	"dynamodb:EnableKinesisStreamingDestination": {Gives: "stream", Key: true},
	"sqs:AddPermission":                          {Gives: "read write delete", Key: true},
	"sqs:SetQueueAttributes":                     {Gives: "read write delete", Key: true},
	"sns:AddPermission":                          {Gives: "read write"},
	"sns:SetTopicAttributes":                     {Gives: "read write"},
	"kinesis:PutResourcePolicy":                  {Gives: "read write", Key: true},
	"secretsmanager:PutResourcePolicy":           {Gives: "read write", Key: true},
	"events:PutPermission":                       {Gives: "write"},
	"logs:PutSubscriptionFilter":                 {Gives: "read"},
	"logs:CreateExportTask":                      {Gives: "read"},
	"lambda:AddPermission":                       {Gives: "invoke"},
	"lambda:CreateFunctionUrlConfig":             {Gives: "invoke"},
	"kms:PutKeyPolicy":                           {Gives: "decrypt"},
	"kms:CreateGrant":                            {Gives: "decrypt"},
	"rds:ModifyDBInstance":                       {Gives: "read write delete", Kind: "db:"},
	"rds:ModifyDBSnapshotAttribute":              {Gives: "read", Kind: "snapshot:", Plain: true},
	"rds:RestoreDBInstanceFromDBSnapshot":        {Gives: "read", Kind: "snapshot:", Needs: []Need{{"rds:ModifyDBInstance", "new", "rds db:*"}}},
	"rds:CreateDBSnapshot":                       {Gives: "read", Kind: "db:", Plain: true, Needs: []Need{{"rds:ModifyDBSnapshotAttribute", "new", "rds snapshot:*"}}},
	"s3:PutObjectAcl":                            {Gives: "read", Lists: true},
	"s3:PutBucketAcl":                            {Gives: "list write delete", Lists: true},
	"dynamodb:CreateBackup": {Gives: "read", Key: true, Needs: []Need{
		{"dynamodb:RestoreTableFromBackup", "store", "/backup/*"}, {"dynamodb:RestoreTableFromBackup", "new", "dynamodb table/*"}, {"dynamodb:BatchWriteItem", "new", "dynamodb table/*"},
		{"dynamodb:DeleteItem", "new", "dynamodb table/*"}, {"dynamodb:GetItem", "new", "dynamodb table/*"}, {"dynamodb:PutItem", "new", "dynamodb table/*"},
		{"dynamodb:Query", "new", "dynamodb table/*"}, {"dynamodb:Scan", "new", "dynamodb table/*"}, {"dynamodb:UpdateItem", "new", "dynamodb table/*"},
	}},
}

// Accesses lists, by kind of access, the actions that give it (Service Authorization
// Reference).
var Accesses = map[string]string{
	"read": `s3:getobject s3:getobjectversion s3:getobjecttorrent dynamodb:getitem dynamodb:batchgetitem dynamodb:query dynamodb:scan dynamodb:partiqlselect
		dynamodb:conditioncheckitem sqs:receivemessage sns:subscribe kinesis:getrecords kinesis:subscribetoshard secretsmanager:getsecretvalue
		ssm:getparameter ssm:getparameters ssm:getparametersbypath ssm:getparameterhistory logs:getlogevents logs:filterlogevents logs:startquery
		logs:startlivetail logs:getlogrecord logs:unmask lambda:getfunction cognito-idp:listusers cognito-idp:admingetuser cognito-idp:listusersingroup
		rds:downloaddblogfileportion rds:downloadcompletedblogfile`,
	"list":   `s3:listbucket s3:listbucketversions`,
	"stream": `dynamodb:getrecords`,
	"write": `s3:putobject dynamodb:putitem dynamodb:updateitem dynamodb:batchwriteitem dynamodb:partiqlinsert dynamodb:partiqlupdate sqs:sendmessage sns:publish
		events:putevents kinesis:putrecord kinesis:putrecords firehose:putrecord firehose:putrecordbatch secretsmanager:putsecretvalue ssm:putparameter
		logs:putlogevents cognito-idp:admincreateuser cognito-idp:adminupdateuserattributes`,
	"delete": `s3:deleteobject s3:deleteobjectversion dynamodb:deleteitem dynamodb:batchwriteitem dynamodb:partiqldelete sqs:deletemessage sqs:purgequeue
		secretsmanager:deletesecret ssm:deleteparameter logs:deleteloggroup cognito-idp:admindeleteuser`,
	"invoke":  `lambda:invokefunction states:startexecution states:startsyncexecution sts:assumerole`,
	"decrypt": `kms:decrypt kms:reencryptfrom`,
	"admin": `s3:putbucketpolicy s3:putbucketacl s3:putobjectacl s3:putreplicationconfiguration s3:putbucketnotification s3:putbucketpublicaccessblock
		s3:initiatereplication dynamodb:exporttabletopointintime dynamodb:createbackup dynamodb:startawsbackupjob dynamodb:restoretabletopointintime
		dynamodb:enablekinesisstreamingdestination dynamodb:putresourcepolicy sqs:addpermission sqs:setqueueattributes sqs:startmessagemovetask
		sns:addpermission sns:settopicattributes events:putpermission kinesis:putresourcepolicy firehose:updatedestination secretsmanager:putresourcepolicy
		secretsmanager:replicatesecrettoregions logs:createexporttask logs:putsubscriptionfilter lambda:updatefunctioncode lambda:updatefunctionconfiguration
		lambda:addpermission lambda:createfunctionurlconfig states:updatestatemachine cognito-idp:adminsetuserpassword cognito-idp:updateuserpool
		kms:creategrant kms:putkeypolicy rds:createdbsnapshot rds:copydbsnapshot rds:modifydbsnapshotattribute rds:restoredbinstancefromdbsnapshot
		rds:createdbclustersnapshot rds:copydbclustersnapshot rds:modifydbclustersnapshotattribute rds:restoredbclusterfromsnapshot
		rds:startexporttask rds:modifydbinstance rds:modifydbcluster iam:updateassumerolepolicy iam:putrolepolicy iam:attachrolepolicy`,
}

// What flows and nodes of the graph do to a way from outside, by their kinds and classes.
var (
	// GoesOn are the flows that start or feed what they lead to.
	GoesOn = []string{"triggers", "invokes", "delivers", "routes-to", "publishes", "streams", "writes", "reads", "accesses", "mounts"}
	// HandsBack are the flows whose answer goes back to who began; Quiet are the nodes
	// that hand none on.
	HandsBack = []string{"routes-to", "invokes", "reads", "accesses", "triggers"}
	Quiet     = []string{"event-rule", "schedule", "pipe"}
	// AsksItself are the nodes that ask for proof of identity behind another entry.
	AsksItself = []string{"api", "graphql-api", "lb"}
	// FlowGives lists the kinds of access that a flow into a store is.
	FlowGives = map[string]string{"reads": "read", "accesses": "read write", "mounts": "read write", "writes": "write delete",
		"publishes": "write", "delivers": "write", "streams": "write", "triggers": "write"}
	// RunsCode are the nodes that run code of their owner.
	RunsCode = map[string]bool{"function": true, "container-service": true, "instance": true, "etl-job": true}
)
