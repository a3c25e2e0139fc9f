package check

import (
	"strings"

	"github.com/flowdeed/flowdeed/graph"
)

// policyControls are about policies as they are written. Their ids are our own.
var policyControls = []*Control{{
	ID: "policy.dead_condition", Title: "Every condition of a policy can take effect",
	Doc: "Looks for denials that never deny and permissions whose limit never limits, because their condition names a key that no request for any action of the statement carries (Service Authorization Reference). " +
		"Global keys (aws:...), statements about all actions and policies that AWS keeps are left out, and so are conditions that take more away than was meant.",
	Why:      "Art. 32(1)(b) and 25: whoever wrote the condition counts on it. It reads like a measure in every review, and nothing is kept from happening.",
	Severity: Low, Moves: WithData, Articles: []string{"32(1)(b)", "25"},
	Fix: "Replace the key by one that requests for these actions carry (Service Authorization Reference, column Condition keys), or put the condition on the actions that carry it.",
	Reads: []Read{
		{"iam:GetAccountAuthorizationDetails", "Policies[].PolicyVersionList[].Document"}, {"iam:GetAccountAuthorizationDetails", "RoleDetailList[].AssumeRolePolicyDocument"},
		{"s3:GetBucketPolicy", "Policy"}, {"kms:GetKeyPolicy", "Policy"}, {"sqs:GetQueueAttributes", "Attributes.Policy"}, {"sns:GetTopicAttributes", "Attributes.Policy"},
		{"lambda:GetPolicy", "Policy"}, {"secretsmanager:GetResourcePolicy", "ResourcePolicy"}, {"dynamodb:GetResourcePolicy", "Policy"}, {"kinesis:GetResourcePolicy", "Policy"},
		{"events:DescribeEventBus", "Policy"}, {"apigateway:GetRestApis", "items[].policy"},
	},

	Classes: []graph.Class{
		graph.Principal, graph.Bucket, graph.Table, graph.Queue, graph.Topic, graph.Stream, graph.EventBus, graph.Function, graph.Secret, graph.EncryptionKey, graph.API,
	},
	Node: conditionsWork,
}}

func conditionsWork(_ *Input, n *graph.Node) Result {
	if by := graph.ManagedBy.Get(&n.Facts); by.V == "AWS" {
		return doesNotApply("AWS keeps its policies", by.Fact)
	}
	dead, has := graph.DeadConditions.Get(&n.Facts), graph.HasPolicy.Get(&n.Facts)
	switch {
	case has.Known && !has.V:
		return doesNotApply("it has no policy", has.Fact)
	case n.Class != graph.Principal && dead.Source == "" && !dead.Known:
		return doesNotApply("no policy is read of it")
	case !dead.Known:
		return missing(dead.Fact)
	case len(dead.V) > 0:
		return fails("no request carries the key, so the condition guards nothing: "+strings.Join(dead.V, "; "), dead.Fact)
	}
	return passes("no condition names a key that its requests never carry", dead.Fact)
}
