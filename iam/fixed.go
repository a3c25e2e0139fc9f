package iam

import (
	"slices"
	"strings"
)

// fixedByAWS says why a service refuses to change something, whatever the policies
// allow: AWS managed policies belong to AWS, roles of services and of the identity center
// are changed through those services only, and so are the aliases of AWS managed keys
// (IAM User Guide, "AWS managed policies" and "Create a service-linked role"; IAM API
// Reference, error UnmodifiableEntity; KMS Developer Guide, "Aliases").
func fixedByAWS(req Request) string {
	service, action, _ := strings.Cut(strings.ToLower(req.Action), ":")
	parts, ok := arnParts(req.Resource.ARN)
	if !ok || parts[2] != service {
		return ""
	}
	switch name := parts[5]; {
	case service == "kms" && strings.HasPrefix(strings.ToLower(name), "alias/aws/") && slices.Contains(aliasChanges, action):
		return "the alias of an AWS managed key is changed by its service only"
	case service != "iam":
	case parts[4] == "aws" && slices.Contains(policyChanges, action):
		return "AWS managed policies cannot be changed"
	case strings.HasPrefix(name, "role/aws-reserved/") && (slices.Contains(roleChanges, action) || slices.Contains(roleUses, action)):
		return "roles of IAM Identity Center are changed and used through Identity Center only"
	case strings.HasPrefix(name, "role/aws-service-role/") && slices.Contains(roleChanges, action):
		return "service-linked roles are changed by their service only"
	}
	return ""
}

var aliasChanges = []string{"createalias", "deletealias", "updatealias"}

var policyChanges = []string{"createpolicy", "createpolicyversion", "deletepolicy", "deletepolicyversion", "setdefaultpolicyversion",
	"tagpolicy", "untagpolicy"}

var roleChanges = []string{"attachrolepolicy", "deleterole", "deleterolepermissionsboundary", "deleterolepolicy", "detachrolepolicy",
	"putrolepermissionsboundary", "putrolepolicy", "updateassumerolepolicy", "updaterole"}

// roleUses are what service-linked roles are made, described and deleted by, and what
// the roles of Identity Center, which trust its identity provider only, are no use for.
var roleUses = []string{"createrole", "createservicelinkedrole", "deleteservicelinkedrole", "passrole", "tagrole", "untagrole",
	"updateroledescription"}
