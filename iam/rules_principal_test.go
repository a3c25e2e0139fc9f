package iam

import "testing"

func TestRule21AccountDelegates(t *testing.T) {
	for name, principal := range map[string]string{
		"number": aws(own), "root": aws("arn:aws:iam::111122223333:root"), "root of China": aws("arn:aws-cn:iam::111122223333:root"),
	} {
		check(t,
			ask{name: name + " grants nothing by itself", policy: ss(to(principal)), want: Denied, blocked: LayerIdentity},
			ask{name: name + " with identity", identity: ss(s3All), policy: ss(to(principal)), want: Allowed},
			ask{name: name + " denies all of the account", identity: ss(s3All), policy: ss(from(principal)), want: ExplicitlyDenied})
	}
	check(t,
		ask{name: "another account", arn: eve, identity: ss(s3All), policy: ss(to(aws(other))), want: Allowed},
		ask{name: "a third account", arn: eve, identity: ss(s3All), policy: ss(to(aws("888888888888"))), want: Denied, blocked: LayerResource})
}

func TestRule22Anybody(t *testing.T) {
	for name, principal := range map[string]string{"star": anybody, "AWS star": `"Principal":{"AWS":"*"}`} {
		check(t,
			ask{name: name + " user", policy: ss(to(principal)), want: Allowed},
			ask{name: name + " anonymous", kind: Anonymous, policy: ss(to(principal)), want: Allowed},
			ask{name: name + " service", kind: Service, arn: "sns.amazonaws.com", policy: ss(to(principal)), want: Allowed},
			ask{name: name + " deny", kind: Anonymous, policy: ss(to(anybody), from(principal)), want: ExplicitlyDenied})
	}
	check(t, ask{name: "anonymous needs everybody", kind: Anonymous, policy: ss(to(aws(own, ana))), want: Denied, blocked: LayerResource})
}

func TestRule23NoPartialWildcards(t *testing.T) {
	check(t,
		ask{name: "user", policy: ss(to(aws("arn:aws:iam::111122223333:user/*"))), want: Denied},
		ask{name: "account", identity: ss(s3All), arn: eve, policy: ss(to(aws("arn:aws:iam::*:root"))), want: Denied},
		ask{name: "sessions of a role", kind: Role, arn: reader, policy: ss(to(aws("arn:aws:sts::111122223333:assumed-role/reader/*"))), want: Denied},
		ask{name: "a session of a role", kind: RoleSession, arn: session, policy: ss(to(aws("arn:aws:sts::111122223333:assumed-role/reader/*"))), want: Denied},
		ask{name: "deny", identity: ss(s3All), policy: ss(from(aws("arn:aws:iam::111122223333:user/*"))), want: Allowed})
}

func TestRule24RoleSessions(t *testing.T) {
	s := func(a ask) ask { a.kind, a.arn = RoleSession, session; return a }
	check(t,
		s(ask{name: "by name, path or not", policy: ss(to(aws(reader))), want: Allowed}),
		s(ask{name: "without path", policy: ss(to(aws("arn:aws:iam::111122223333:role/reader"))), want: Allowed}),
		s(ask{name: "another name", policy: ss(to(aws("arn:aws:iam::111122223333:role/team/writer"))), want: Denied}),
		s(ask{name: "another account", policy: ss(to(aws("arn:aws:iam::999999999999:role/team/reader"))), want: Denied}),
		s(ask{name: "denied", identity: ss(s3All), policy: ss(from(aws(reader))), want: ExplicitlyDenied}),
		ask{name: "role itself", kind: Role, arn: reader, policy: ss(to(aws(reader))), want: Allowed},
		ask{name: "user of the same name", arn: "arn:aws:iam::111122223333:user/reader", policy: ss(to(aws("arn:aws:iam::111122223333:role/reader"))), want: Denied})
}

func TestRule25UserNamesHaveCase(t *testing.T) {
	check(t,
		ask{name: "same", policy: ss(to(aws(ana))), want: Allowed},
		ask{name: "other case", policy: ss(to(aws("arn:aws:iam::111122223333:user/Ana"))), want: Denied},
		ask{name: "other path", policy: ss(to(aws("arn:aws:iam::111122223333:user/staff/ana"))), want: Denied})
}

func TestRule26DeletedPrincipals(t *testing.T) {
	check(t,
		ask{name: "user", policy: ss(to(aws("AIDAEXAMPLEEXAMPLE00"))), want: Denied},
		ask{name: "role", kind: Role, arn: reader, policy: ss(to(aws("AROAEXAMPLEEXAMPLE00"))), want: Denied},
		ask{name: "deny", identity: ss(s3All), policy: ss(from(aws("AIDAEXAMPLEEXAMPLE00"))), want: Allowed})
}

func TestRule27ServicesProvidersByExactValue(t *testing.T) {
	const provider = "arn:aws:iam::111122223333:oidc-provider/token.actions.githubusercontent.com"
	assume := func(p string) string {
		return `{"Effect":"Allow","Action":"sts:AssumeRoleWithWebIdentity","Principal":{"Federated":"` + p + `"}}`
	}
	svc := func(p string) string { return to(`"Principal":{"Service":"` + p + `"}`) }
	check(t,
		ask{name: "service", kind: Service, arn: "logging.s3.amazonaws.com", policy: ss(svc("logging.s3.amazonaws.com")), want: Allowed},
		ask{name: "another service", kind: Service, arn: "logging.s3.amazonaws.com", policy: ss(svc("s3.amazonaws.com")), want: Denied},
		ask{name: "service in case", kind: Service, arn: "logging.s3.amazonaws.com", policy: ss(svc("Logging.S3.amazonaws.com")), want: Denied},
		ask{name: "a user is no service", policy: ss(svc("logging.s3.amazonaws.com")), want: Denied},
		ask{name: "provider", kind: Provider, arn: provider, action: "sts:AssumeRoleWithWebIdentity", resource: reader, policy: ss(assume(provider)), want: Allowed},
		ask{name: "another provider", kind: Provider, arn: provider, action: "sts:AssumeRoleWithWebIdentity", resource: reader, policy: ss(assume("accounts.google.com")), want: Denied},
		ask{name: "canonical id is no ARN", policy: ss(to(`"Principal":{"CanonicalUser":"79a5"}`)), want: Denied})
}

func TestRule28NotPrincipal(t *testing.T) {
	root := "arn:aws:iam::111122223333:root"
	check(t,
		ask{name: "allow includes anonymous", kind: Anonymous, policy: ss(to(notAWS(ana))), want: Allowed},
		ask{name: "allow leaves out", policy: ss(to(notAWS(ana, root))), want: Denied},
		ask{name: "allow lets others in", arn: "arn:aws:iam::111122223333:user/bob", policy: ss(to(notAWS(ana, root))), want: Allowed},
		ask{name: "deny spares the named", identity: ss(s3All), policy: ss(from(notAWS(ana, root))), want: Allowed},
		ask{name: "deny spares the account only as such", arn: "arn:aws:iam::111122223333:user/bob", identity: ss(s3All), policy: ss(from(notAWS(ana, root))), want: ExplicitlyDenied},
		ask{name: "deny spares the root user", kind: Root, arn: root, policy: ss(from(notAWS(ana, root))), want: Allowed},
		ask{name: "deny hits the rest", arn: eve, identity: ss(s3All), policy: ss(to(anybody), from(notAWS(ana, root))), want: ExplicitlyDenied},
		ask{name: "deny hits services", kind: Service, arn: "sns.amazonaws.com", policy: ss(to(anybody), from(notAWS(ana, root))), want: ExplicitlyDenied},
		ask{name: "deny spares a named service", kind: Service, arn: "sns.amazonaws.com", policy: ss(to(anybody), from(`"NotPrincipal":{"Service":"sns.amazonaws.com"}`)), want: Allowed},
		ask{name: "deny spares a session of the role", kind: RoleSession, arn: session, identity: ss(s3All), policy: ss(from(notAWS(reader, root))), want: Allowed},
		ask{name: "deny spares one session", kind: Role, arn: reader, identity: ss(s3All), policy: ss(from(notAWS(session, root))), want: AllowedIf, left: "role session name StringEquals [job-1]"})
}

func TestRule29NoPrincipalIsNobody(t *testing.T) {
	check(t,
		ask{name: "allow", policy: ss(s3All), want: Denied},
		ask{name: "deny", identity: ss(s3All), policy: ss(denyS3), want: Allowed},
		ask{name: "anonymous", kind: Anonymous, policy: ss(s3All), want: Denied})
}

func TestRule30PrincipalArnOfSession(t *testing.T) {
	when := cond(`"ArnLike":{"aws:PrincipalArn":"arn:aws:iam::111122223333:role/team/*"}`)
	check(t,
		ask{name: "session", kind: RoleSession, arn: session, identity: ss(st("Allow", "s3:*", "*", when)), ctx: map[string]Value{"aws:PrincipalArn": One(reader)}, want: Allowed},
		ask{name: "role, known by itself", kind: Role, arn: reader, open: true, identity: ss(st("Allow", "s3:*", "*", when)), want: Allowed},
		ask{name: "session, path not known", kind: RoleSession, arn: session, open: true, identity: ss(st("Allow", "s3:*", "*", when)), want: AllowedIf},
		ask{name: "the session's own ARN", kind: RoleSession, arn: session, ctx: map[string]Value{"aws:PrincipalArn": One(reader)},
			identity: ss(st("Allow", "s3:*", "*", cond(`"ArnEquals":{"aws:PrincipalArn":"`+session+`"}`))), want: Denied})
}
