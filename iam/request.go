package iam

import "strings"

// Kind is the kind of a calling principal.
type Kind string

// The kinds of principals. A Role is some session of the role whose name is not
// known; a RoleSession is one session. A FederatedUser comes from
// sts:GetFederationToken. A Provider is an identity provider whose token is
// presented to sts:AssumeRoleWithWebIdentity or WithSAML.
const (
	User          Kind = "user"
	Role          Kind = "role"
	RoleSession   Kind = "role-session"
	FederatedUser Kind = "federated-user"
	Root          Kind = "root"
	Service       Kind = "service"
	Anonymous     Kind = "anonymous"
	Provider      Kind = "identity-provider"
)

// Principal is who calls.
type Principal struct {
	Kind    Kind
	ARN     string // of a service its name, "sns.amazonaws.com"; empty for anonymous callers
	Account string // empty for services and anonymous callers
	// Parent is the ARN of the IAM user behind a federated user, where known.
	Parent string
	// Org is the organization of the account, where known.
	Org string
	// ManagementAccount: the account manages its organization, so that SCPs and RCPs
	// do not reach it.
	ManagementAccount bool
	// ServiceLinkedRole: SCPs and RCPs do not reach such roles.
	ServiceLinkedRole bool
}

// Resource is what is called.
type Resource struct {
	ARN string // may be a pattern ("any object under p/"); "*" for actions without a resource
	// Account owns it. ARNs of buckets do not say; when empty the ARN is asked.
	Account string
	// ManagementAccount: the owner manages its organization, RCPs do not apply.
	ManagementAccount bool
}

// Request is the question: may this principal do this to that.
type Request struct {
	Principal Principal
	Action    string // "s3:GetObject"
	Resource  Resource
	Context   Context
	// NoResource: the action takes no resource, so that only "*" matches.
	NoResource bool
}

func (r Request) owner() string {
	switch {
	case r.Resource.Account != "" && r.Resource.Account != "aws":
		return r.Resource.Account
	case r.Resource.ARN == "*" || r.Resource.ARN == "" || r.NoResource:
		return r.Principal.Account
	}
	if account := Account(r.Resource.ARN); account != "aws" {
		return account
	}
	return r.Principal.Account // AWS managed policies are at everybody's service
}

func (r Request) service() string {
	s, _, _ := strings.Cut(strings.ToLower(r.Action), ":")
	return s
}

// Level is the control policies of one level: the organization's root, a unit, the
// account.
type Level struct {
	ID       string
	Policies []*Policy
}

// Environment is all policies that may take part. A nil list means that the layer
// does not apply (no boundary set, no organization, no endpoint on the way); an empty
// one that it applies and allows nothing. It is only read.
type Environment struct {
	Identity   []*Policy // inline, managed and group policies of the caller
	Boundaries []*Policy
	Sessions   []*Policy
	SCPs       []Level // of the caller's organization, from root to account
	RCPs       []Level // of the owner's organization; the built-in RCPFullAWSAccess left out
	Endpoint   []*Policy
	// GatewayEndpoint: the endpoint is of the gateway kind, in whose policy an account
	// as principal means its root user only (VPC User Guide, "Endpoint policies").
	GatewayEndpoint bool
	Resource        *Policy // bucket policy, key policy, trust policy, ...
	Grants          []KeyGrant

	// S3 holds what only matters for buckets.
	S3 S3Settings
	// Key is the key that encrypts what is read; nil when none has to be asked.
	Key *KeyEnvironment
	// AWSManagedKey: the resource is a KMS key that AWS manages; RCPs do not apply.
	AWSManagedKey bool

	// Missing says which layers could not be read, and why. The answer then is
	// Unknown where it hangs on them. A missing Identity layer of another account is
	// no gap: that account decides, and the answer says so.
	Missing map[Layer]string

	// Actions says which condition keys an action can have; nil is the built-in table.
	Actions *ActionData
}

func (env *Environment) actionData() *ActionData {
	if env.Actions != nil {
		return env.Actions
	}
	return BuiltInActions()
}

// Layer is a kind of policy that takes part in a decision.
type Layer string

// The layers, in the order in which a missing allow is reported.
const (
	LayerSCP         Layer = "scp"
	LayerRCP         Layer = "rcp"
	LayerEndpoint    Layer = "vpc-endpoint"
	LayerPublicBlock Layer = "public-access-block"
	LayerAccessPoint Layer = "access-point"
	LayerResource    Layer = "resource"
	LayerKey         Layer = "kms-key"
	LayerGrant       Layer = "kms-grant"
	LayerACL         Layer = "acl"
	LayerBoundary    Layer = "boundary"
	LayerSession     Layer = "session"
	LayerIdentity    Layer = "identity"
)
