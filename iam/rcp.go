package iam

import (
	"slices"
	"strings"
)

// rcpServices lists the services whose resources resource control policies limit
// (Organizations User Guide, "List of AWS services that support RCPs").
var rcpServices = []string{
	"aoss", "appconfig", "appstream", "autoscaling", "autoscaling-plans", "budgets", "clouddirectory",
	"cloudfront", "cloudsearch", "cloudtrail-data", "codeartifact", "codebuild", "codecommit",
	"codepipeline", "cognito-identity", "cognito-idp", "comprehend", "comprehendmedical",
	"compute-optimizer", "cost-optimization-hub", "dax", "dsql", "dynamodb", "ecr", "ecr-public",
	"events", "firehose", "fis", "fms", "gamelift", "health", "inspector-scan", "kendra",
	"kinesisvideo", "kms", "logs", "memorydb", "networkmonitor", "notifications", "opensearch",
	"pca-connector-ad", "personalize", "polly", "pricing", "resource-groups", "rolesanywhere", "s3",
	"secretsmanager", "servicediscovery", "signin", "sqs", "sts", "support", "swf", "textract",
	"timestream-influxdb", "transcribe", "transfer", "translate", "wafv2", "workspaces", "xray",
}

// rcps evaluates resource control policies. They limit the resources of member
// accounts for every caller, and only ever deny: the Allow for everything that is
// always attached is not in the lists.
func (e *eval) rcps(v *verdict) {
	if !e.rcpApplies() {
		return
	}
	if why, missing := e.env.Missing[LayerRCP]; missing {
		v.gates = append(v.gates, gate{LayerRCP, "", e.gap("resource control policies: " + why), ""})
		return
	}
	for _, level := range e.env.RCPs {
		h := e.resourcePolicies(LayerRCP, level.ID, level.Policies...)
		v.take(hits{deny: h.deny})
	}
}

// rcpApplies knows what RCPs cannot restrict (same page, "Resources and entities not
// restricted by RCPs").
func (e *eval) rcpApplies() bool {
	p, r := e.req.Principal, e.req.Resource
	switch {
	case !slices.Contains(rcpServices, e.req.service()):
		return false
	case r.ManagementAccount, p.ManagementAccount && p.Account == e.req.owner():
		return false
	case p.ServiceLinkedRole, strings.Contains(r.ARN, ":role/aws-service-role/"):
		return false
	case e.env.AWSManagedKey, strings.EqualFold(e.req.Action, "kms:RetireGrant"):
		return false
	}
	return true
}
