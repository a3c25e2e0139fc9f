package terms

import (
	"slices"
	"strings"
)

// keyUse is what actions on encrypted data take of the key.
var keyUse = []struct{ actions, needs string }{
	{"s3:getobject s3:getobjectversion s3:getobjecttorrent dynamodb:*item dynamodb:query dynamodb:scan dynamodb:partiql* dynamodb:getrecords sqs:receivemessage " +
		"kinesis:getrecords kinesis:subscribetoshard secretsmanager:getsecretvalue ssm:getparameter*", "kms:Decrypt"},
	{"s3:putobject kinesis:putrecord*", "kms:GenerateDataKey"},
	{"sqs:sendmessage sns:publish secretsmanager:putsecretvalue", "kms:GenerateDataKey kms:Decrypt"},
	{"ssm:putparameter", "kms:Encrypt"},
}

// KeyUse lists what an action takes of the key that encrypts the data.
func KeyUse(action string) (needs []string) {
	for _, use := range keyUse {
		if slices.ContainsFunc(strings.Fields(use.actions), func(n string) bool { return Like(n, strings.ToLower(action)) }) {
			needs = append(needs, strings.Fields(use.needs)...)
		}
	}
	return needs
}

// unlimited are services whose resources no RCP limits.
var unlimited = strings.Fields(`sns kinesis lambda states ssm rds iam ec2 ec2-instance-connect ecs glue cloudformation codebuild sagemaker datapipeline
	apprunner scheduler pipes`)

// Unlimited tells that no resource control policy counts for a service (Organizations
// User Guide, "Resource control policies").
func Unlimited(service string) bool { return slices.Contains(unlimited, service) }

// Within tells that a pattern of ARNs takes in all that another one does.
func Within(pattern, resource string) bool {
	p, _ := Wild(pattern)
	q, _ := Wild(resource)
	return byPart(p, q, Covers)
}
