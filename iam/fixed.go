package iam

import (
	"slices"
	"strings"
)

// fixedByAWS says why IAM refuses to change something, whatever the policies allow: AWS
// managed policies belong to AWS, and roles of services and of the identity center are
// changed through those services only (IAM User Guide, "AWS managed policies" and
// "Create a service-linked role"; IAM API Reference, error UnmodifiableEntity).
func fixedByAWS(req Request) string {
	service, action, _ := strings.Cut(strings.ToLower(req.Action), ":")
	parts, ok := arnParts(req.Resource.ARN)
	if service != "iam" || !ok || parts[2] != "iam" {
		return ""
	}
	switch {
	case parts[4] == "aws" && slices.Contains(policyChanges, action):
		return "AWS managed policies cannot be changed"
	case strings.HasPrefix(parts[5], "role/aws-reserved/") && slices.Contains(roleChanges, action):
		return "roles of IAM Identity Center are changed through Identity Center only"
	case strings.HasPrefix(parts[5], "role/aws-service-role/") && slices.Contains(roleChanges, action):
		return "service-linked roles are changed by their service only"
	}
	return ""
}

var policyChanges = []string{"createpolicyversion", "deletepolicy", "deletepolicyversion", "setdefaultpolicyversion", "tagpolicy", "untagpolicy"}

var roleChanges = []string{"attachrolepolicy", "deleterole", "deleterolepermissionsboundary", "deleterolepolicy", "detachrolepolicy",
	"putrolepermissionsboundary", "putrolepolicy", "updateassumerolepolicy", "updaterole"}
