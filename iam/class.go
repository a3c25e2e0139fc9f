package iam

import (
	"slices"
	"strings"
)

// Class says what kind of thing a left-over condition asks for, so that a report can
// tell protection from formality.
type Class string

// The classes. A caller-chosen condition protects nothing by itself: whoever calls
// sets it.
const (
	ClassNetwork      Class = "network"       // where the request comes from
	ClassStrength     Class = "strength"      // how the caller signed in, TLS
	ClassCallerChosen Class = "caller-chosen" // set by the caller
	ClassService      Class = "service"       // through which service
	ClassPrincipal    Class = "principal"     // who calls
	ClassResource     Class = "resource"      // tags and other properties of the resource
	ClassTime         Class = "time"
	ClassAccount      Class = "other-account" // another account has to allow it
	ClassOther        Class = "other"
)

// classes maps condition keys, in lower case, to classes; a key that ends in "/" or
// ":" stands for all that begin so.
var classes = []struct {
	class Class
	keys  []string
}{
	{ClassNetwork, []string{"aws:sourceip", "aws:vpcsourceip", "aws:sourcevpc", "aws:sourcevpce", "aws:sourcevpcarn", "aws:vpceaccount",
		"aws:vpceorgid", "aws:vpceorgpaths", "aws:ec2instancesourcevpc", "aws:ec2instancesourceprivateipv4",
		"elasticfilesystem:accessedviamounttarget", "s3:accesspointnetworkorigin"}},
	{ClassStrength, []string{"aws:multifactorauthpresent", "aws:multifactorauthage", "aws:securetransport", "s3:tlsversion",
		"s3:signatureversion", "s3:signatureage", "s3:authtype", "aws:tokenissuetime"}},
	{ClassCallerChosen, []string{"s3:prefix", "s3:delimiter", "s3:max-keys", "s3:x-amz-", "dynamodb:leadingkeys", "dynamodb:attributes",
		"dynamodb:select", "dynamodb:returnvalues", "sts:rolesessionname", sessionKey, "aws:requesttag/", "aws:tagkeys", "aws:referer",
		"aws:useragent", "sts:externalid", "kms:encryptioncontext:", "kms:encryptioncontextkeys", "s3:requestobjecttag/", "sns:endpoint",
		"sns:protocol", "secretsmanager:versionstage"}},
	{ClassService, []string{"aws:calledvia", "aws:calledviafirst", "aws:calledvialast", "aws:viaawsservice", "kms:viaservice",
		"kms:grantisforawsresource", "aws:sourcearn", "aws:sourceaccount", "aws:sourceowner", "aws:sourceorgid", "aws:sourceorgpaths",
		"aws:principalisawsservice", "aws:principalservicename", "aws:principalservicenameslist", "lambda:sourcefunctionarn",
		"lambda:invokedviafunctionurl", "lambda:eventsourcetoken", "iam:passedtoservice"}},
	{ClassPrincipal, []string{"aws:principal", "aws:userid", "aws:username", "aws:sourceidentity", "sts:sourceidentity",
		"kms:calleraccount", "saml:", "aws:federatedprovider"}},
	{ClassResource, []string{"aws:resource", "s3:existingobjecttag/", "s3:buckettag/", "s3:dataaccesspoint", "s3:resourceaccount",
		"secretsmanager:resourcetag/", "ssm:resourcetag/", "ec2:resourcetag/", "kms:resourcealiases"}},
	{ClassTime, []string{"aws:currenttime", "aws:epochtime"}},
}

func (a *atom) class() Class {
	if a.kind == accountAtom {
		return ClassAccount
	}
	return ClassOf(a.shown)
}

// ClassOf classifies a condition key.
func ClassOf(key string) Class {
	k := strings.ToLower(key)
	for _, c := range classes {
		if slices.Contains(c.keys, k) {
			return c.class
		}
	}
	for _, c := range classes {
		for _, begin := range c.keys {
			if strings.ContainsAny(begin[len(begin)-1:], "/:-") && strings.HasPrefix(k, begin) {
				return c.class
			}
		}
	}
	switch {
	case strings.HasPrefix(k, "aws:principal"):
		return ClassPrincipal
	case strings.HasPrefix(k, "aws:resource"), strings.HasPrefix(k, "s3:dataaccesspoint"):
		return ClassResource
	case strings.HasSuffix(k, ":aud"), strings.HasSuffix(k, ":sub"), strings.HasSuffix(k, ":amr"):
		return ClassPrincipal
	}
	return ClassOther
}
