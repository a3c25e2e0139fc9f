package iam

import "testing"

func onKey(a ask) ask {
	a.action, a.resource = "kms:Decrypt", keyARN
	return a
}

var (
	decrypt  = st("Allow", "kms:Decrypt", "*")
	keyToOwn = st("Allow", "kms:*", "*", aws("arn:aws:iam::111122223333:root"))
)

func TestRule31KeyPolicyDecides(t *testing.T) {
	check(t,
		onKey(ask{name: "no key policy", identity: ss(decrypt), want: Denied, blocked: LayerResource}),
		onKey(ask{name: "silent key policy", identity: ss(decrypt), policy: ss(), want: Denied, blocked: LayerResource}),
		onKey(ask{name: "delegates", identity: ss(decrypt), policy: ss(keyToOwn), want: Allowed}),
		onKey(ask{name: "delegates, no identity", policy: ss(keyToOwn), want: Denied, blocked: LayerIdentity}),
		onKey(ask{name: "names the user", policy: ss(st("Allow", "kms:Decrypt", "*", aws(ana))), want: Allowed}),
		onKey(ask{name: "delegates something else", identity: ss(decrypt), policy: ss(st("Allow", "kms:Encrypt", "*", aws(own))), want: Denied}),
		onKey(ask{name: "root user", kind: Root, arn: "arn:aws:iam::111122223333:root", policy: ss(keyToOwn), want: Allowed}),
		onKey(ask{name: "root user not admitted", kind: Root, arn: "arn:aws:iam::111122223333:root", policy: ss(), want: Denied}),
		ask{name: "an action without key", action: "kms:ListKeys", resource: "*", identity: ss(st("Allow", "kms:ListKeys", "*")), want: Allowed,
			edit: func(r *Request, _ *Environment) { r.NoResource = true }})
}

func TestRule32KeysAcrossAccountsAndGrants(t *testing.T) {
	grant := func(g KeyGrant) func(*Request, *Environment) {
		return func(_ *Request, env *Environment) { env.Grants = []KeyGrant{g} }
	}
	check(t,
		onKey(ask{name: "both sides", arn: eve, identity: ss(decrypt), policy: ss(st("Allow", "kms:Decrypt", "*", aws(other))), want: Allowed}),
		onKey(ask{name: "key policy only", arn: eve, identity: ss(), policy: ss(st("Allow", "kms:Decrypt", "*", aws(eve))), want: Denied, blocked: LayerIdentity}),
		onKey(ask{name: "identity only", arn: eve, identity: ss(decrypt), policy: ss(keyToOwn), want: Denied, blocked: LayerResource}),
		onKey(ask{name: "grant", policy: ss(), edit: grant(KeyGrant{ID: "g", Grantee: ana, Operations: []string{"Decrypt"}}), want: Allowed}),
		onKey(ask{name: "grant of another operation", policy: ss(), edit: grant(KeyGrant{ID: "g", Grantee: ana, Operations: []string{"Encrypt"}}), want: Denied}),
		onKey(ask{name: "grant to a role", kind: RoleSession, arn: session, policy: ss(), edit: grant(KeyGrant{ID: "g", Grantee: reader, Operations: []string{"Decrypt"}}), want: Allowed}),
		onKey(ask{name: "grant to another", policy: ss(), edit: grant(KeyGrant{ID: "g", Grantee: eve, Operations: []string{"Decrypt"}}), want: Denied}),
		onKey(ask{name: "grant for a context", policy: ss(), open: true, edit: grant(KeyGrant{ID: "g", Grantee: ana, Operations: []string{"Decrypt"}, Equals: map[string]string{"app": "shop"}}),
			want: AllowedIf, left: "kms:EncryptionContext:app StringEquals [shop]"}),
		onKey(ask{name: "deny beats the grant", policy: ss(st("Deny", "kms:*", "*", anybody)), edit: grant(KeyGrant{ID: "g", Grantee: ana, Operations: []string{"Decrypt"}}), want: ExplicitlyDenied}),
		onKey(ask{name: "grant to a service", kind: Service, arn: "dynamodb.amazonaws.com", policy: ss(), edit: grant(KeyGrant{ID: "g", Grantee: "dynamodb.amazonaws.com", Operations: []string{"Decrypt"}}), want: Allowed}))
}

func TestRule33ConditionsOfKeys(t *testing.T) {
	via := st("Allow", "kms:*", "*", anybody, cond(`"StringEquals":{"kms:ViaService":"s3.eu-west-1.amazonaws.com","kms:CallerAccount":"111122223333"}`))
	check(t,
		onKey(ask{name: "directly", policy: ss(via), ctx: map[string]Value{"kms:CallerAccount": One(own)}, want: Denied}),
		onKey(ask{name: "through the service", policy: ss(via), ctx: map[string]Value{"kms:CallerAccount": One(own), "kms:ViaService": One("s3.eu-west-1.amazonaws.com")}, want: Allowed}),
		onKey(ask{name: "left open", policy: ss(via), open: true, want: AllowedIf, left: "kms:ViaService StringEquals [s3.eu-west-1.amazonaws.com]"}))
	key := func(k KeyEnvironment) func(*Request, *Environment) {
		k.ARN = keyARN
		return func(_ *Request, env *Environment) { env.Key = &k }
	}
	check(t,
		ask{name: "object and key", identity: ss(s3All), edit: key(KeyEnvironment{Policy: must(t, document(ss(via))).Named("key")}), want: Allowed},
		ask{name: "object, not key", identity: ss(s3All), edit: key(KeyEnvironment{Policy: must(t, document(ss(keyToOwn))).Named("key")}), want: Denied, blocked: LayerKey},
		ask{name: "object and key by identity", identity: ss(all), edit: key(KeyEnvironment{Policy: must(t, document(ss(keyToOwn))).Named("key")}), want: Allowed},
		ask{name: "key denied", identity: ss(all), edit: key(KeyEnvironment{Policy: must(t, document(ss(keyToOwn, st("Deny", "kms:Decrypt", "*", anybody)))).Named("key")}), want: ExplicitlyDenied, blocked: LayerKey},
		ask{name: "key not read", identity: ss(all), edit: key(KeyEnvironment{Missing: "kms:GetKeyPolicy was refused"}), want: Unknown},
		ask{name: "AWS managed key", identity: ss(s3All), edit: key(KeyEnvironment{AWSManaged: true}), want: Allowed},
		ask{name: "AWS managed key from outside", arn: eve, identity: ss(s3All), policy: ss(to(aws(eve))), edit: key(KeyEnvironment{AWSManaged: true}), want: Denied, blocked: LayerKey},
		ask{name: "AWS managed key, anonymous", kind: Anonymous, policy: ss(to(anybody)), edit: key(KeyEnvironment{AWSManaged: true}), want: Denied, blocked: LayerKey},
		ask{name: "both conditions left", identity: ss(s3All), open: true, policy: ss(from(anybody, cond(`"StringNotEquals":{"aws:SourceVpce":"vpce-1"}`))),
			edit: key(KeyEnvironment{Policy: must(t, document(ss(st("Allow", "kms:*", "*", aws(ana), cond(`"StringEquals":{"aws:SourceVpce":"vpce-2"}`))))).Named("key")}),
			want: ExplicitlyDenied})
}

func TestRule34TrustPolicy(t *testing.T) {
	trust := func(principal string) string {
		return `{"Effect":"Allow","Action":"sts:AssumeRole",` + principal + `}`
	}
	assume := st("Allow", "sts:AssumeRole", "*")
	r := func(a ask) ask { a.action, a.resource = "sts:AssumeRole", reader; return a }
	check(t,
		r(ask{name: "identity alone", identity: ss(assume), policy: ss(), want: Denied, blocked: LayerResource}),
		r(ask{name: "names the user", policy: ss(trust(aws(ana))), want: Allowed}),
		r(ask{name: "names the account", policy: ss(trust(aws(own))), want: Denied, blocked: LayerIdentity}),
		r(ask{name: "names the account, identity too", identity: ss(assume), policy: ss(trust(aws(own))), want: Allowed}),
		r(ask{name: "another account", arn: eve, identity: ss(assume), policy: ss(trust(aws(other))), want: Allowed}),
		r(ask{name: "another account, no identity", arn: eve, identity: ss(), policy: ss(trust(aws(eve))), want: Denied, blocked: LayerIdentity}),
		r(ask{name: "service", kind: Service, arn: "lambda.amazonaws.com", policy: ss(trust(`"Principal":{"Service":"lambda.amazonaws.com"}`)), want: Allowed}),
		r(ask{name: "external id missing", arn: eve, identity: ss(assume), policy: ss(`{"Effect":"Allow","Action":"sts:AssumeRole",` + aws(other) + `,"Condition":{"StringEquals":{"sts:ExternalId":"x"}}}`), want: Denied}),
		r(ask{name: "external id open", arn: eve, open: true, identity: ss(assume), policy: ss(`{"Effect":"Allow","Action":"sts:AssumeRole",` + aws(other) + `,"Condition":{"StringEquals":{"sts:ExternalId":"x"}}}`),
			want: AllowedIf, left: "sts:ExternalId StringEquals [x]"}))
}

func TestRule35ObjectsFollowTheBucket(t *testing.T) {
	acl := func(s S3Settings) func(*Request, *Environment) {
		return func(_ *Request, env *Environment) { env.S3 = s }
	}
	public := []ACLGrant{{Grantee: "AllUsers", Permission: "READ", Object: true}}
	check(t,
		ask{name: "list entry for all", kind: Anonymous, edit: acl(S3Settings{ACL: public}), want: Allowed},
		ask{name: "lists disabled", kind: Anonymous, edit: acl(S3Settings{ACL: public, ACLsDisabled: true}), want: Denied},
		ask{name: "public lists ignored", kind: Anonymous, edit: acl(S3Settings{ACL: public, IgnorePublicACLs: true}), want: Denied},
		ask{name: "entry of the bucket", kind: Anonymous, edit: acl(S3Settings{ACL: []ACLGrant{{Grantee: "AllUsers", Permission: "READ"}}}), want: Denied},
		ask{name: "listing by entry of the bucket", kind: Anonymous, action: "s3:ListBucket", resource: "arn:aws:s3:::records", edit: acl(S3Settings{ACL: []ACLGrant{{Grantee: "AllUsers", Permission: "READ"}}}), want: Allowed},
		ask{name: "signed-in users", arn: eve, identity: ss(s3All), edit: acl(S3Settings{ACL: []ACLGrant{{Grantee: "AuthenticatedUsers", Permission: "FULL_CONTROL", Object: true}}}), want: Allowed},
		ask{name: "signed-in users, anonymous", kind: Anonymous, edit: acl(S3Settings{ACL: []ACLGrant{{Grantee: "AuthenticatedUsers", Permission: "READ", Object: true}}}), want: Denied},
		ask{name: "one account", arn: eve, identity: ss(s3All), edit: acl(S3Settings{Canonical: "79a5", ACL: []ACLGrant{{Grantee: "79a5", Permission: "READ", Object: true}}}), want: Allowed},
		ask{name: "deny of the policy", kind: Anonymous, policy: ss(from(anybody)), edit: acl(S3Settings{ACL: public}), want: ExplicitlyDenied})
}

func TestRule36BlockPublicAccess(t *testing.T) {
	block := func(_ *Request, env *Environment) { env.S3.BlockPublic = true }
	b := func(a ask) ask { a.edit = block; return a }
	fixed := to(anybody, cond(`"StringEquals":{"aws:SourceVpce":"vpce-1"}`))
	check(t,
		ask{name: "not blocked", kind: Anonymous, policy: ss(to(anybody)), want: Allowed},
		b(ask{name: "anonymous", kind: Anonymous, policy: ss(to(anybody)), want: ExplicitlyDenied, blocked: LayerPublicBlock}),
		b(ask{name: "own user", policy: ss(to(anybody)), want: Allowed}),
		b(ask{name: "service", kind: Service, arn: "logging.s3.amazonaws.com", policy: ss(to(anybody)), want: Allowed}),
		b(ask{name: "another account, policy public", arn: eve, identity: ss(s3All), policy: ss(to(anybody), to(aws(other))), want: ExplicitlyDenied, blocked: LayerPublicBlock}),
		b(ask{name: "another account, nothing allowed anyway", arn: eve, policy: ss(to(anybody)), want: Denied, blocked: LayerIdentity}),
		b(ask{name: "another account, denied anyway", arn: eve, identity: ss(s3All), policy: ss(to(anybody), from(aws(other))), want: ExplicitlyDenied, blocked: LayerResource}),
		b(ask{name: "another account, with conditions", arn: eve, open: true, identity: ss(s3All), policy: ss(to(anybody, cond(`"Bool":{"aws:SecureTransport":"true"}`))), want: ExplicitlyDenied, blocked: LayerPublicBlock}),
		b(ask{name: "another account, policy not public", arn: eve, identity: ss(s3All), policy: ss(to(aws(other))), want: Allowed}),
		b(ask{name: "held to an endpoint", kind: Anonymous, policy: ss(fixed), ctx: map[string]Value{"aws:SourceVpce": One("vpce-1")}, want: Allowed}))
}

func TestRule37AccessPoints(t *testing.T) {
	const point = "arn:aws:s3:eu-west-1:111122223333:accesspoint/pt"
	delegate := st("Allow", "s3:*", "arn:aws:s3:::records/*", anybody, cond(`"StringEquals":{"s3:DataAccessPointAccount":"111122223333"}`))
	through := func(policy ...string) func(*Request, *Environment) {
		return func(_ *Request, env *Environment) {
			env.S3.AccessPoint = &AccessPoint{ARN: point, Policy: must(t, document(policy)).Named("point")}
		}
	}
	open := st("Allow", "s3:GetObject", point+"/object/*", aws(ana))
	fromVPC := func(r *Request, env *Environment) {
		through(open)(r, env)
		env.S3.AccessPoint.VPC = "vpc-1"
	}
	blocked := func(on bool, unread string) func(*Request, *Environment) {
		return func(r *Request, env *Environment) {
			through(st("Allow", "s3:GetObject", "*", anybody))(r, env)
			env.S3.AccessPoint.Block, env.S3.AccessPoint.BlockUnread = on, unread
		}
	}
	unseen := func(_ *Request, env *Environment) {
		env.S3.AccessPoint = &AccessPoint{Account: own, Missing: "refused"}
	}
	check(t,
		ask{name: "both", policy: ss(delegate), edit: through(open), want: Allowed},
		ask{name: "point silent", policy: ss(delegate), edit: through(), want: Denied, blocked: LayerAccessPoint},
		ask{name: "bucket silent", policy: ss(), edit: through(open), want: Denied, blocked: LayerIdentity},
		ask{name: "not through the point", policy: ss(delegate), want: Denied},
		ask{name: "from its VPC", policy: ss(delegate), edit: fromVPC, ctx: map[string]Value{"aws:SourceVpc": One("vpc-1")}, want: Allowed},
		ask{name: "from another VPC", policy: ss(delegate), edit: fromVPC, ctx: map[string]Value{"aws:SourceVpc": One("vpc-2")}, want: Denied, blocked: LayerAccessPoint},
		ask{name: "VPC left open", open: true, policy: ss(delegate), edit: fromVPC, want: AllowedIf, left: "aws:SourceVpc StringEquals [vpc-1]"},
		ask{name: "origin of the point", policy: ss(st("Allow", "s3:*", "arn:aws:s3:::records/*", anybody, cond(`"StringEquals":{"s3:AccessPointNetworkOrigin":"VPC"}`))), edit: fromVPC, ctx: map[string]Value{"aws:SourceVpc": One("vpc-1")}, want: Allowed},
		ask{name: "public point", kind: Anonymous, policy: ss(delegate), edit: through(st("Allow", "s3:GetObject", "*", anybody)), want: Allowed},
		ask{name: "public point, blocked", kind: Anonymous, policy: ss(delegate), edit: blocked(true, ""), want: Denied, blocked: LayerAccessPoint},
		ask{name: "public point, block not read", kind: Anonymous, policy: ss(delegate), edit: blocked(false, "refused"), want: Unknown, blocked: LayerAccessPoint},
		ask{name: "a point that was not seen", policy: ss(delegate), edit: unseen, want: Unknown, blocked: LayerAccessPoint},
		ask{name: "a point that was not seen, bucket silent", policy: ss(), edit: unseen, want: Denied},
		ask{name: "point denies", policy: ss(delegate), identity: ss(s3All), edit: through(st("Deny", "s3:*", "*", anybody)), want: ExplicitlyDenied, blocked: LayerAccessPoint})
}

func TestRule38FunctionURL(t *testing.T) {
	const fn = "arn:aws:lambda:eu-west-1:111122223333:function:f"
	url := st("Allow", "lambda:InvokeFunctionUrl", fn, anybody, cond(`"StringEquals":{"lambda:FunctionUrlAuthType":"NONE"}`))
	f := func(a ask) ask { a.resource = fn; return a }
	check(t,
		f(ask{name: "open URL", kind: Anonymous, action: "lambda:InvokeFunctionUrl", policy: ss(url), ctx: map[string]Value{"lambda:FunctionUrlAuthType": One("NONE")}, want: Allowed}),
		f(ask{name: "URL with sign-in", kind: Anonymous, action: "lambda:InvokeFunctionUrl", policy: ss(url), ctx: map[string]Value{"lambda:FunctionUrlAuthType": One("AWS_IAM")}, want: Denied}),
		f(ask{name: "invoke by policy", arn: eve, action: "lambda:InvokeFunction", identity: ss(all), policy: ss(st("Allow", "lambda:InvokeFunction", fn, aws(other))), want: Allowed}))
}

func TestRule39ConfusedDeputy(t *testing.T) {
	const q = "arn:aws:sqs:eu-west-1:111122223333:q"
	send := st("Allow", "sqs:SendMessage", q, `"Principal":{"Service":"sns.amazonaws.com"}`, cond(`"ArnEquals":{"aws:SourceArn":"arn:aws:sns:eu-west-1:111122223333:t"}`))
	s := func(a ask) ask {
		a.kind, a.arn, a.action, a.resource, a.policy = Service, "sns.amazonaws.com", "sqs:SendMessage", q, ss(send)
		return a
	}
	check(t,
		s(ask{name: "our topic", ctx: map[string]Value{"aws:SourceArn": One("arn:aws:sns:eu-west-1:111122223333:t")}, want: Allowed}),
		s(ask{name: "their topic", ctx: map[string]Value{"aws:SourceArn": One("arn:aws:sns:eu-west-1:999999999999:t")}, want: Denied}),
		s(ask{name: "left open", open: true, want: AllowedIf, left: "aws:SourceArn ArnLike [arn:aws:sns:eu-west-1:111122223333:t]"}))
}

func TestRule40ForwardAccessSessions(t *testing.T) {
	direct := st("Deny", "s3:*", "*", cond(`"NotIpAddress":{"aws:SourceIp":"203.0.113.0/24"},"Bool":{"aws:ViaAWSService":"false"}`))
	check(t,
		ask{name: "from elsewhere", identity: ss(s3All, direct), ctx: map[string]Value{"aws:SourceIp": One("198.51.100.1"), "aws:ViaAWSService": One("false")}, want: ExplicitlyDenied},
		ask{name: "through a service", identity: ss(s3All, direct), ctx: map[string]Value{"aws:ViaAWSService": One("true")}, want: Allowed},
		ask{name: "left open", open: true, identity: ss(s3All, direct), want: AllowedIf,
			left: "aws:SourceIp IpAddress [203.0.113.0/24] or aws:ViaAWSService Bool [true]"})
}
