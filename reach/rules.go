package reach

import "slices"

// object says on what an action of a rule is asked.
type object uint8

const (
	onNew      object = iota // something new of the type Need.On names, in the account
	onTarget                 // the principal that is become
	onWorkload               // what runs under the role
	onSelf                   // who asks
	onPolicies               // a managed policy of who asks
	onGroups                 // a group that who asks is in
	onGroup                  // the group that is joined
	onTargets                // a managed policy of the principal that is become
	onStore                  // the store that is opened, or what Need.On names in it
)

// need is one permission a rule takes.
type need struct {
	action string
	object object
	on     string // for onNew: service and end of the ARN, "lambda function:*"; "*" where the action takes no resource
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
	// service says whose role is taken over: the service of the workload, and how its
	// name within the service begins, "ec2 instance/".
	service string
	// user: the target is a user.
	user  bool
	needs []need
}

// passRules start something new under a role that is handed over with iam:PassRole.
var passRules = []*Rule{
	{ID: "pass-lambda", Source: "pathfinding.cloud, family lambda", pass: "lambda.amazonaws.com", needs: []need{{"lambda:CreateFunction", onNew, "lambda function:*"}, {"lambda:InvokeFunction", onNew, "lambda function:*"}}},
	{ID: "pass-lambda-source", Source: "pathfinding.cloud, family lambda", pass: "lambda.amazonaws.com", needs: []need{{"lambda:CreateFunction", onNew, "lambda function:*"}, {"lambda:CreateEventSourceMapping", onNew, "*"}}},
	{ID: "pass-lambda-permission", Source: "pathfinding.cloud, family lambda", pass: "lambda.amazonaws.com", needs: []need{{"lambda:CreateFunction", onNew, "lambda function:*"}, {"lambda:AddPermission", onNew, "lambda function:*"}}},
	{ID: "pass-ec2", Source: "pathfinding.cloud, family ec2", pass: "ec2.amazonaws.com", needs: []need{{"ec2:RunInstances", onNew, "ec2 instance/*"}}},
	{ID: "pass-ecs-run", Source: "pathfinding.cloud, family ecs", pass: "ecs-tasks.amazonaws.com", needs: []need{{"ecs:RegisterTaskDefinition", onNew, "ecs task-definition/*"}, {"ecs:RunTask", onNew, "ecs task-definition/*"}}},
	{ID: "pass-ecs-service", Source: "pathfinding.cloud, family ecs", pass: "ecs-tasks.amazonaws.com", needs: []need{{"ecs:RegisterTaskDefinition", onNew, "ecs task-definition/*"}, {"ecs:CreateService", onNew, "ecs service/*"}}},
	{ID: "pass-glue-endpoint", Source: "pathfinding.cloud, family glue", pass: "glue.amazonaws.com", needs: []need{{"glue:CreateDevEndpoint", onNew, "*"}}},
	{ID: "pass-glue-job", Source: "pathfinding.cloud, family glue", pass: "glue.amazonaws.com", needs: []need{{"glue:CreateJob", onNew, "glue job/*"}, {"glue:StartJobRun", onNew, "glue job/*"}}},
	{ID: "pass-glue-session", Source: "pathfinding.cloud, family glue", pass: "glue.amazonaws.com", needs: []need{{"glue:CreateSession", onNew, "glue session/*"}, {"glue:RunStatement", onNew, "glue session/*"}}},
	{ID: "pass-cloudformation", Source: "pathfinding.cloud, family cloudformation", pass: "cloudformation.amazonaws.com", needs: []need{{"cloudformation:CreateStack", onNew, "cloudformation stack/*"}}},
	{ID: "pass-codebuild", Source: "pathfinding.cloud, family codebuild", pass: "codebuild.amazonaws.com", needs: []need{{"codebuild:CreateProject", onNew, "codebuild project/*"}, {"codebuild:StartBuild", onNew, "codebuild project/*"}}},
	{ID: "pass-sagemaker-notebook", Source: "pathfinding.cloud, family sagemaker", pass: "sagemaker.amazonaws.com", needs: []need{{"sagemaker:CreateNotebookInstance", onNew, "sagemaker notebook-instance/*"}, {"sagemaker:CreatePresignedNotebookInstanceUrl", onNew, "sagemaker notebook-instance/*"}}},
	{ID: "pass-sagemaker-training", Source: "pathfinding.cloud, family sagemaker", pass: "sagemaker.amazonaws.com", needs: []need{{"sagemaker:CreateTrainingJob", onNew, "sagemaker training-job/*"}}},
	{ID: "pass-sagemaker-processing", Source: "pathfinding.cloud, family sagemaker", pass: "sagemaker.amazonaws.com", needs: []need{{"sagemaker:CreateProcessingJob", onNew, "sagemaker processing-job/*"}}},
	{ID: "pass-states", Source: "Step Functions Developer Guide, \"How AWS Step Functions works with IAM\"", pass: "states.amazonaws.com", needs: []need{{"states:CreateStateMachine", onNew, "states stateMachine:*"}, {"states:StartExecution", onNew, "states stateMachine:*"}}},
	{ID: "pass-ssm", Source: "Systems Manager User Guide, \"Setting up Automation\"", pass: "ssm.amazonaws.com", needs: []need{{"ssm:StartAutomationExecution", onNew, "ssm automation-definition/*"}}},
	{ID: "pass-datapipeline", Source: "pathfinding.cloud, family datapipeline", pass: "datapipeline.amazonaws.com", needs: []need{{"datapipeline:CreatePipeline", onNew, "*"}, {"datapipeline:PutPipelineDefinition", onNew, "datapipeline pipeline/*"}, {"datapipeline:ActivatePipeline", onNew, "datapipeline pipeline/*"}}},
	{ID: "pass-apprunner", Source: "pathfinding.cloud, family apprunner", pass: "tasks.apprunner.amazonaws.com", needs: []need{{"apprunner:CreateService", onNew, "apprunner service/*"}}},
	{ID: "pass-scheduler", Source: "EventBridge Scheduler User Guide, \"Setting up the execution role\"", pass: "scheduler.amazonaws.com", needs: []need{{"scheduler:CreateSchedule", onNew, "scheduler schedule/*"}}},
	{ID: "pass-pipes", Source: "EventBridge User Guide, \"EventBridge Pipes execution role\"", pass: "pipes.amazonaws.com", needs: []need{{"pipes:CreatePipe", onNew, "pipes pipe/*"}}},
	{ID: "pass-ecs-start", Source: "pathfinding.cloud, family ecs", pass: "ecs-tasks.amazonaws.com", needs: []need{{"ecs:RegisterTaskDefinition", onNew, "ecs task-definition/*"}, {"ecs:StartTask", onNew, "ecs task-definition/*"}}},
	{ID: "pass-ec2-spot", Source: "pathfinding.cloud, family ec2", pass: "ec2.amazonaws.com", needs: []need{{"ec2:RequestSpotInstances", onNew, "ec2 spot-instances-request/*"}}},
	{ID: "pass-glue-trigger", Source: "pathfinding.cloud, family glue", pass: "glue.amazonaws.com", needs: []need{{"glue:CreateJob", onNew, "glue job/*"}, {"glue:CreateTrigger", onNew, "glue trigger/*"}}},
	{ID: "pass-cloudformation-changeset", Source: "pathfinding.cloud, family cloudformation", pass: "cloudformation.amazonaws.com", needs: []need{{"cloudformation:CreateChangeSet", onNew, "cloudformation stack/*"}, {"cloudformation:ExecuteChangeSet", onNew, "cloudformation stack/*"}}},
	{ID: "pass-codebuild-batch", Source: "pathfinding.cloud, family codebuild", pass: "codebuild.amazonaws.com", needs: []need{{"codebuild:CreateProject", onNew, "codebuild project/*"}, {"codebuild:StartBuildBatch", onNew, "codebuild project/*"}}},
	{ID: "pass-bedrock-interpreter", Source: "pathfinding.cloud, family bedrock", pass: "bedrock-agentcore.amazonaws.com", needs: []need{{"bedrock-agentcore:CreateCodeInterpreter", onNew, "*"}, {"bedrock-agentcore:StartCodeInterpreterSession", onNew, "bedrock-agentcore code-interpreter-custom/*"}, {"bedrock-agentcore:InvokeCodeInterpreter", onNew, "bedrock-agentcore code-interpreter-custom/*"}}},
	{ID: "pass-braket", Source: "pathfinding.cloud, family braket", pass: "braket.amazonaws.com", needs: []need{{"braket:CreateJob", onNew, "braket job/*"}}},
	{ID: "pass-emr-serverless", Source: "pathfinding.cloud, family emrserverless", pass: "emr-serverless.amazonaws.com", needs: []need{{"emr-serverless:CreateApplication", onNew, "*"}, {"emr-serverless:StartJobRun", onNew, "emr-serverless /applications/*"}}},
	{ID: "pass-flink", Source: "pathfinding.cloud, family kinesisanalytics", pass: "kinesisanalytics.amazonaws.com", needs: []need{{"kinesisanalytics:CreateApplication", onNew, "*"}, {"kinesisanalytics:StartApplication", onNew, "kinesisanalytics application/*"}}},
	{ID: "pass-imagebuilder", Source: "pathfinding.cloud, family imagebuilder", pass: "ec2.amazonaws.com", needs: []need{{"imagebuilder:CreateComponent", onNew, "imagebuilder component/*"}, {"imagebuilder:CreateImageRecipe", onNew, "imagebuilder image-recipe/*"}, {"imagebuilder:CreateInfrastructureConfiguration", onNew, "imagebuilder infrastructure-configuration/*"}, {"imagebuilder:CreateImage", onNew, "imagebuilder image/*"}}},
}

// workloadRules take over something that runs under the role already.
var workloadRules = []*Rule{
	{ID: "code-lambda", Source: "pathfinding.cloud, family lambda", service: "lambda function:", needs: []need{{"lambda:UpdateFunctionCode", onWorkload, ""}}},
	{ID: "layer-lambda", Source: "Lambda Developer Guide, \"Managing Lambda dependencies with layers\"", service: "lambda function:", needs: []need{{"lambda:UpdateFunctionConfiguration", onWorkload, ""}}},
	{ID: "command-ssm", Source: "pathfinding.cloud, family ssm", service: "ec2 instance/", needs: []need{{"ssm:SendCommand", onWorkload, ""}}},
	{ID: "session-ssm", Source: "pathfinding.cloud, family ssm", service: "ec2 instance/", needs: []need{{"ssm:StartSession", onWorkload, ""}}},
	{ID: "connect-ec2", Source: "pathfinding.cloud, family ec2-instance-connect", service: "ec2 instance/", needs: []need{{"ec2-instance-connect:SendSSHPublicKey", onWorkload, ""}}},
	{ID: "exec-ecs", Source: "Amazon ECS Developer Guide, \"Monitor Amazon ECS containers with ECS Exec\"", service: "ecs", needs: []need{{"ecs:ExecuteCommand", onWorkload, ""}}},
	{ID: "job-glue", Source: "pathfinding.cloud, family glue", service: "glue job/", needs: []need{{"glue:UpdateJob", onWorkload, ""}, {"glue:StartJobRun", onWorkload, ""}}},
	{ID: "definition-states", Source: "Step Functions API Reference, \"UpdateStateMachine\"", service: "states stateMachine:", needs: []need{{"states:UpdateStateMachine", onWorkload, ""}, {"states:StartExecution", onWorkload, ""}}},
	{ID: "build-codebuild", Source: "pathfinding.cloud, family codebuild", service: "codebuild project/", needs: []need{{"codebuild:StartBuild", onWorkload, ""}}},
	{ID: "batch-codebuild", Source: "pathfinding.cloud, family codebuild", service: "codebuild project/", needs: []need{{"codebuild:StartBuildBatch", onWorkload, ""}}},
	{ID: "service-apprunner", Source: "pathfinding.cloud, family apprunner", service: "apprunner service/", needs: []need{{"apprunner:UpdateService", onWorkload, ""}}},
	{ID: "stack-cloudformation", Source: "pathfinding.cloud, family cloudformation", service: "cloudformation stack/", needs: []need{{"cloudformation:UpdateStack", onWorkload, ""}}},
	{ID: "changeset-cloudformation", Source: "pathfinding.cloud, family cloudformation", service: "cloudformation stack/", needs: []need{{"cloudformation:CreateChangeSet", onWorkload, ""}, {"cloudformation:ExecuteChangeSet", onWorkload, ""}}},
	{ID: "userdata-ec2", Source: "pathfinding.cloud, family ec2", service: "ec2 instance/", needs: []need{{"ec2:ModifyInstanceAttribute", onWorkload, ""}, {"ec2:StopInstances", onWorkload, ""}, {"ec2:StartInstances", onWorkload, ""}}},
	{ID: "endpoint-glue", Source: "pathfinding.cloud, family glue", service: "glue devEndpoint/", needs: []need{{"glue:UpdateDevEndpoint", onWorkload, ""}}},
	{ID: "notebook-sagemaker", Source: "pathfinding.cloud, family sagemaker", service: "sagemaker notebook-instance/", needs: []need{{"sagemaker:CreatePresignedNotebookInstanceUrl", onWorkload, ""}}},
	{ID: "script-sagemaker", Source: "pathfinding.cloud, family sagemaker", service: "sagemaker notebook-instance/", needs: []need{{"sagemaker:CreateNotebookInstanceLifecycleConfig", onNew, "sagemaker notebook-instance-lifecycle-config/*"}, {"sagemaker:StopNotebookInstance", onWorkload, ""}, {"sagemaker:UpdateNotebookInstance", onWorkload, ""}, {"sagemaker:StartNotebookInstance", onWorkload, ""}}},
	{ID: "interpreter-bedrock", Source: "pathfinding.cloud, family bedrock", service: "bedrock-agentcore code-interpreter-custom/", needs: []need{{"bedrock-agentcore:StartCodeInterpreterSession", onWorkload, ""}, {"bedrock-agentcore:InvokeCodeInterpreter", onWorkload, ""}}},
}

// becomeRules give the credentials of a user or the trust of a role.
var becomeRules = []*Rule{
	{ID: "access-key", Source: "pathfinding.cloud, family iam", user: true, needs: []need{{"iam:CreateAccessKey", onTarget, ""}}},
	{ID: "login-profile", Source: "pathfinding.cloud, family iam", user: true, needs: []need{{"iam:CreateLoginProfile", onTarget, ""}}},
	{ID: "login-profile-update", Source: "pathfinding.cloud, family iam", user: true, needs: []need{{"iam:UpdateLoginProfile", onTarget, ""}}},
	{ID: "trust", Source: "pathfinding.cloud, family iam", needs: []need{{"iam:UpdateAssumeRolePolicy", onTarget, ""}}},
}

// liftRules give whoever asks every permission that boundary, control policies and
// explicit denies leave.
var liftRules = []*Rule{
	{ID: "policy-version", Source: "pathfinding.cloud, family iam", needs: []need{{"iam:CreatePolicyVersion", onPolicies, ""}}},
	{ID: "user-inline", Source: "pathfinding.cloud, family iam", user: true, needs: []need{{"iam:PutUserPolicy", onSelf, ""}}},
	{ID: "user-attach", Source: "pathfinding.cloud, family iam", user: true, needs: []need{{"iam:AttachUserPolicy", onSelf, ""}}},
	{ID: "role-inline", Source: "pathfinding.cloud, family iam", needs: []need{{"iam:PutRolePolicy", onSelf, ""}}},
	{ID: "role-attach", Source: "pathfinding.cloud, family iam", needs: []need{{"iam:AttachRolePolicy", onSelf, ""}}},
	{ID: "group-inline", Source: "pathfinding.cloud, family iam", user: true, needs: []need{{"iam:PutGroupPolicy", onGroups, ""}}},
	{ID: "group-attach", Source: "pathfinding.cloud, family iam", user: true, needs: []need{{"iam:AttachGroupPolicy", onGroups, ""}}},
}

// joinRules give a user the permissions of a group it puts itself into.
var joinRules = []*Rule{
	{ID: "group-join", Source: "pathfinding.cloud, family iam", user: true, needs: []need{{"iam:AddUserToGroup", onGroup, ""}}},
}

// raiseRules give every permission to somebody whom the principal can become as well, by
// trust or by another rule.
var raiseRules = []*Rule{
	{ID: "raise-role-inline", Source: "pathfinding.cloud, family iam", needs: []need{{"iam:PutRolePolicy", onTarget, ""}}},
	{ID: "raise-role-attach", Source: "pathfinding.cloud, family iam", needs: []need{{"iam:AttachRolePolicy", onTarget, ""}}},
	{ID: "raise-user-inline", Source: "pathfinding.cloud, family iam", user: true, needs: []need{{"iam:PutUserPolicy", onTarget, ""}}},
	{ID: "raise-user-attach", Source: "pathfinding.cloud, family iam", user: true, needs: []need{{"iam:AttachUserPolicy", onTarget, ""}}},
	{ID: "raise-policy-version", Source: "pathfinding.cloud, family iam", needs: []need{{"iam:CreatePolicyVersion", onTargets, ""}}},
}

// allRules are the rules of every form.
var allRules = slices.Concat(passRules, workloadRules, becomeRules, liftRules, joinRules, raiseRules)

// either tells whether a rule asks for what users and roles both have.
func (r *Rule) either() bool {
	return r.needs[0].object == onPolicies || r.needs[0].object == onTargets
}
