package iam

import "testing"

// TestCallerKeys: keys that only some callers bring are not asked of the others (IAM
// User Guide, "AWS global condition context keys").
func TestCallerKeys(t *testing.T) {
	open := func(name, block string, kind Kind, arn string, want Outcome) ask {
		return ask{name: name, kind: kind, arn: arn, open: true, policy: ss(to(anybody, cond(block))), want: want}
	}
	const source = `"ArnLike":{"aws:SourceArn":"arn:aws:sns:*:111122223333:*"}`
	const account = `"StringEquals":{"aws:SourceAccount":"111122223333"}`
	check(t,
		open("source ARN of a user", source, User, ana, Denied),
		open("source ARN of nobody", source, Anonymous, "", Denied),
		open("source ARN of a service", source, Service, "sns.amazonaws.com", AllowedIf),
		open("source account of a role", account, Role, reader, Denied),
		open("source account if there is one", `"StringEqualsIfExists":{"aws:SourceAccount":"999999999999"}`, Role, reader, Allowed),
		open("source identity of a user", `"StringEquals":{"aws:SourceIdentity":"x"}`, User, ana, Denied),
		open("source identity of a role", `"StringEquals":{"aws:SourceIdentity":"x"}`, Role, reader, AllowedIf),
		open("user name of a role", `"StringLike":{"aws:username":"*"}`, Role, reader, Denied),
		open("service, said to be none", `"Bool":{"aws:PrincipalIsAWSService":"true"}`, User, ana, Denied),
		ask{name: "named all the same", ctx: kv("aws:SourceArn", "arn:aws:sns:eu-west-1:111122223333:t"), open: true, policy: ss(to(anybody, cond(source))), want: Allowed})
}

// TestEndpointAndAddress: a request through a VPC endpoint has no aws:SourceIp.
func TestEndpointAndAddress(t *testing.T) {
	ip := cond(`"IpAddress":{"aws:SourceIp":"203.0.113.0/24"}`)
	vpce := cond(`"StringEquals":{"aws:SourceVpce":"vpce-1"}`)
	notVpce := cond(`"StringNotEquals":{"aws:SourceVpce":"vpce-1"}`)
	check(t,
		ask{name: "both demanded", open: true, identity: ss(st("Allow", "s3:*", "*", ip)), scp: [][]string{ss(st("Allow", "*", "*", vpce))}, want: Denied},
		ask{name: "either", open: true, identity: ss(st("Allow", "s3:*", "*", ip), st("Allow", "s3:*", "*", vpce)), want: AllowedIf,
			left: "aws:SourceIp IpAddress [203.0.113.0/24] or aws:SourceVpce StringEquals [vpce-1]"},
		ask{name: "all else denied", open: true, identity: ss(st("Allow", "s3:*", "*", ip)), policy: ss(from(anybody, notVpce)), want: ExplicitlyDenied})
}

// TestRoleOfSession: the ARN of a session tells the name of its role and not the path.
func TestRoleOfSession(t *testing.T) {
	s := func(name, block string, want Outcome) ask {
		return ask{name: name, kind: RoleSession, arn: session, open: true, identity: ss(st("Allow", "s3:*", "*", cond(block))), want: want}
	}
	check(t,
		s("another role", `"ArnEquals":{"aws:PrincipalArn":"arn:aws:iam::111122223333:role/writer"}`, Denied),
		s("not another role", `"ArnNotEquals":{"aws:PrincipalArn":"arn:aws:iam::111122223333:role/writer"}`, Allowed),
		s("any role", `"ArnLike":{"aws:PrincipalArn":"arn:aws:iam::111122223333:role/*"}`, Allowed),
		s("not any role", `"StringNotLike":{"aws:PrincipalArn":"arn:aws:iam::111122223333:role/*"}`, Denied),
		s("a user", `"ArnLike":{"aws:PrincipalArn":"arn:aws:iam::111122223333:user/*"}`, Denied),
		s("another account", `"StringLike":{"aws:PrincipalArn":"arn:aws:iam::999999999999:*"}`, Denied),
		s("there", `"Null":{"aws:PrincipalArn":"false"}`, Allowed),
		s("by name", `"ArnEquals":{"aws:PrincipalArn":"arn:aws:iam::111122223333:role/reader"}`, AllowedIf),
		s("by path", `"ArnLike":{"aws:PrincipalArn":"arn:aws:iam::111122223333:role/team/*"}`, AllowedIf))
}

// TestFixedByAWS: what IAM refuses to change whoever asks.
func TestFixedByAWS(t *testing.T) {
	on := func(name, action, resource string, want Outcome) ask {
		return ask{name: name, action: action, resource: resource, identity: ss(all), want: want}
	}
	const (
		managed  = "arn:aws:iam::aws:policy/ReadOnlyAccess"
		reserved = "arn:aws:iam::111122223333:role/aws-reserved/sso.amazonaws.com/AWSReservedSSO_Admin_1"
		linked   = "arn:aws:iam::111122223333:role/aws-service-role/ecs.amazonaws.com/AWSServiceRoleForECS"
	)
	check(t,
		on("reading a managed policy", "iam:GetPolicy", managed, Allowed),
		ask{name: "reading what AWS is said to own", action: "iam:GetPolicy", resource: managed, owner: "aws", identity: ss(all), want: Allowed},
		on("changing a managed policy", "iam:CreatePolicyVersion", managed, Denied),
		on("changing an own policy", "iam:CreatePolicyVersion", "arn:aws:iam::111122223333:policy/p", Allowed),
		on("reading a reserved role", "iam:GetRole", reserved, Allowed),
		on("changing a reserved role", "iam:PutRolePolicy", reserved, Denied),
		on("trust of a reserved role", "iam:UpdateAssumeRolePolicy", reserved, Denied),
		on("tags of a reserved role", "iam:TagRole", reserved, Denied),
		on("passing a reserved role", "iam:PassRole", reserved, Denied),
		on("tags of a managed policy", "iam:TagPolicy", managed, Denied),
		on("making a managed policy", "iam:CreatePolicy", managed, Denied),
		on("alias of an AWS managed key", "kms:UpdateAlias", "arn:aws:kms:eu-west-1:111122223333:alias/aws/s3", Denied),
		on("own alias", "kms:UpdateAlias", "arn:aws:kms:eu-west-1:111122223333:alias/s3", Allowed),
		ask{name: "denied by a policy as well", action: "iam:PutRolePolicy", resource: reserved, identity: ss(all, st("Deny", "iam:*", "*")), want: ExplicitlyDenied},
		on("passing a service-linked role", "iam:PassRole", linked, Allowed),
		on("trust of a service-linked role", "iam:UpdateAssumeRolePolicy", linked, Denied),
		on("own role", "iam:PutRolePolicy", reader, Allowed))
}

// TestOddForms: forms that AWS or its tools put out, and those it would refuse.
func TestOddForms(t *testing.T) {
	one := func(doc string) func(*Request, *Environment) {
		return func(_ *Request, env *Environment) { env.Identity = []*Policy{must(t, doc).Named("identity")} }
	}
	check(t,
		ask{name: "white space before an action", identity: ss(st("Allow", " s3:GetObject", "*")), want: Denied},
		ask{name: "white space after an action", identity: ss(st("Allow", "s3:GetObject ", "*")), want: Denied},
		ask{name: "white space in a deny", identity: ss(s3All, st("Deny", "s3: GetObject", "*")), want: Allowed},
		ask{name: "all but white space", identity: ss(`{"Effect":"Allow","NotAction":"s3:GetObject\t","Resource":"*"}`), want: Allowed},
		ask{name: "no name", identity: ss(st("Allow", "s3:", "*")), want: Denied},
		ask{name: "two names", identity: ss(st("Allow", "s3:GetObject,PutObject", "*")), want: Denied},
		ask{name: "two stars", identity: ss(st("Allow", "**", "*")), want: Allowed},
		ask{name: "no name asked", action: "s3:", identity: ss(s3All), want: Unknown},
		ask{name: "white space asked", action: "s3:GetObject ", identity: ss(s3All), want: Unknown},
		ask{name: "statement without list", edit: one(`{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":["s3:*"],"Resource":["*"]}}`), want: Allowed},
		ask{name: "elements in lower case", edit: one(`{"statement":[{"effect":"allow","action":"s3:*","resource":"*"}]}`), want: Allowed},
		ask{name: "no version", edit: one(`{"Statement":[{"Effect":"Allow","Action":"s3:*","Resource":"arn:aws:s3:::records/${aws:username}/*"}]}`), ctx: kv("aws:username", "2024"), want: Denied},
		ask{name: "no resource", identity: ss(`{"Effect":"Allow","Action":"s3:*"}`), want: Unknown},
		ask{name: "no resource in a deny", identity: ss(s3All, `{"Effect":"Deny","Action":"s3:*"}`), want: Unknown},
		ask{name: "no effect", identity: ss(`{"Action":"s3:*","Resource":"*"}`), want: Unknown},
		ask{name: "an effect that is none", identity: ss(`{"Effect":"Maybe","Action":"s3:*","Resource":"*"}`), want: Unknown},
		ask{name: "an effect that is none beside an allow", identity: ss(s3All, `{"Effect":"Maybe","Action":"s3:*","Resource":"*"}`), want: Unknown},
		ask{name: "an effect that is none, of another action", identity: ss(s3All, `{"Effect":"Maybe","Action":"ec2:*","Resource":"*"}`), want: Allowed},
		ask{name: "no action", identity: ss(`{"Effect":"Allow","Resource":"*"}`), want: Unknown},
		ask{name: "no statement", edit: one(`{"Version":"2012-10-17"}`), want: Denied},
		ask{name: "unknown kind of principal", policy: ss(to(`"Principal":{"Robot":"r2"}`)), want: Unknown},
		ask{name: "a default with a comma", identity: ss(st("Allow", "s3:*", "arn:aws:s3:::records/${aws:PrincipalTag/t, 'a,b'}/*")), resource: "arn:aws:s3:::records/a,b/1", want: Allowed})
}
