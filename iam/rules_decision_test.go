package iam

import "testing"

// The tests are named for the rules of permission decisions, in their order.

func TestRule01DenyWinsAndSilenceDenies(t *testing.T) {
	check(t,
		ask{name: "nothing", want: Denied, blocked: LayerIdentity},
		ask{name: "allow", identity: ss(s3All), want: Allowed},
		ask{name: "allow and deny", identity: ss(s3All, denyS3), want: ExplicitlyDenied, blocked: LayerIdentity},
		ask{name: "deny on the other side", identity: ss(s3All), policy: ss(from(anybody)), want: ExplicitlyDenied, blocked: LayerResource},
		ask{name: "deny without allow", identity: ss(denyS3), want: ExplicitlyDenied},
		ask{name: "deny while another layer is silent", identity: ss(denyS3), scp: [][]string{ss()}, want: ExplicitlyDenied},
		ask{name: "deny of something else", identity: ss(s3All, st("Deny", "s3:PutObject", "*")), want: Allowed})
}

func TestRule02SameAccountEitherSide(t *testing.T) {
	check(t,
		ask{name: "identity", identity: ss(s3All), policy: ss(), want: Allowed},
		ask{name: "resource", identity: ss(), policy: ss(to(aws(ana))), want: Allowed},
		ask{name: "neither", identity: ss(), policy: ss(to(aws(eve))), want: Denied, blocked: LayerIdentity})
}

func TestRule03OtherAccountBothSides(t *testing.T) {
	e := func(a ask) ask { a.arn = eve; return a }
	check(t,
		e(ask{name: "both", identity: ss(s3All), policy: ss(to(aws(other))), want: Allowed}),
		e(ask{name: "identity only", identity: ss(s3All), policy: ss(), want: Denied, blocked: LayerResource}),
		e(ask{name: "no policy at all", identity: ss(s3All), want: Denied, blocked: LayerResource}),
		e(ask{name: "resource only", identity: ss(), policy: ss(to(aws(eve))), want: Denied, blocked: LayerIdentity}),
		e(ask{name: "own limits", identity: ss(s3All), boundary: ss(ec2Only), policy: ss(to(aws(eve))), want: Denied, blocked: LayerBoundary}),
		e(ask{name: "own control policies", identity: ss(s3All), scp: [][]string{ss(ec2Only)}, policy: ss(to(aws(eve))), want: Denied, blocked: LayerSCP}),
		e(ask{name: "not read", policy: ss(to(aws(other))), edit: func(_ *Request, env *Environment) {
			env.Missing = map[Layer]string{LayerIdentity: "not scanned"}
		}, want: AllowedIf, left: "account 999999999999 allows it"}))
}

func TestRule04SCPEveryLevel(t *testing.T) {
	check(t,
		ask{name: "all levels", identity: ss(s3All), scp: [][]string{ss(all), ss(s3All), ss(all)}, want: Allowed},
		ask{name: "one level silent", identity: ss(s3All), scp: [][]string{ss(all), ss(ec2Only), ss(all)}, want: Denied, blocked: LayerSCP},
		ask{name: "a level without policies", identity: ss(s3All), scp: [][]string{ss(all), ss()}, want: Denied, blocked: LayerSCP},
		ask{name: "a level denies", identity: ss(s3All), scp: [][]string{ss(all, denyS3), ss(all)}, want: ExplicitlyDenied, blocked: LayerSCP},
		ask{name: "grants nothing", identity: ss(), scp: [][]string{ss(all)}, want: Denied, blocked: LayerIdentity},
		ask{name: "limits grants by the resource", policy: ss(to(aws(ana))), scp: [][]string{ss(ec2Only)}, want: Denied, blocked: LayerSCP})
}

func TestRule05SCPExemptions(t *testing.T) {
	check(t,
		ask{name: "management account", identity: ss(s3All), scp: [][]string{ss(denyS3)},
			edit: func(r *Request, _ *Environment) { r.Principal.ManagementAccount = true }, want: Allowed},
		ask{name: "service-linked role", kind: Role, arn: "arn:aws:iam::111122223333:role/aws-service-role/x/AWSServiceRoleForX", identity: ss(s3All), scp: [][]string{ss(denyS3)},
			edit: func(r *Request, _ *Environment) { r.Principal.ServiceLinkedRole = true }, want: Allowed},
		ask{name: "root of a member", kind: Root, arn: "arn:aws:iam::111122223333:root", scp: [][]string{ss(all, denyS3)}, want: ExplicitlyDenied},
		ask{name: "service principal", kind: Service, arn: "logging.s3.amazonaws.com", policy: ss(to(`"Principal":{"Service":"logging.s3.amazonaws.com"}`)),
			scp: [][]string{ss(denyS3)}, want: Allowed})
}

func TestRule06RCP(t *testing.T) {
	deny := [][]string{ss(st("Deny", "*", "*", anybody, cond(`"StringNotEqualsIfExists":{"aws:PrincipalOrgID":"o-own"},"BoolIfExists":{"aws:PrincipalIsAWSService":"false"}`)))}
	key := func(a ask) ask {
		a.action, a.resource, a.policy = "kms:Decrypt", keyARN, ss(st("Allow", "kms:*", "*", aws(ana)))
		return a
	}
	check(t,
		ask{name: "outsider", arn: eve, identity: ss(s3All), policy: ss(to(aws(eve))), rcp: deny, want: ExplicitlyDenied, blocked: LayerRCP},
		ask{name: "insider of the organization", arn: eve, identity: ss(s3All), policy: ss(to(aws(eve))), rcp: deny,
			ctx: map[string]Value{"aws:PrincipalOrgID": One("o-own")}, want: Allowed},
		ask{name: "anonymous", kind: Anonymous, policy: ss(to(anybody)), rcp: deny, want: ExplicitlyDenied, blocked: LayerRCP},
		ask{name: "own user", identity: ss(s3All), rcp: [][]string{ss(st("Deny", "s3:*", "*", anybody))}, want: ExplicitlyDenied},
		ask{name: "full access is always attached", identity: ss(s3All), rcp: [][]string{ss()}, want: Allowed},
		ask{name: "resource of the management account", identity: ss(s3All), rcp: [][]string{ss(st("Deny", "*", "*", anybody))},
			edit: func(r *Request, _ *Environment) { r.Principal.ManagementAccount = true }, want: Allowed},
		ask{name: "service that is not listed", action: "sns:Publish", resource: "arn:aws:sns:eu-west-1:111122223333:t", identity: ss(all),
			rcp: [][]string{ss(st("Deny", "*", "*", anybody))}, want: Allowed},
		ask{name: "service-linked role", kind: Role, arn: reader, identity: ss(s3All), rcp: [][]string{ss(st("Deny", "*", "*", anybody))},
			edit: func(r *Request, _ *Environment) { r.Principal.ServiceLinkedRole = true }, want: Allowed},
		key(ask{name: "customer key", rcp: [][]string{ss(st("Deny", "*", "*", anybody))}, want: ExplicitlyDenied}),
		key(ask{name: "AWS managed key", rcp: [][]string{ss(st("Deny", "*", "*", anybody))},
			edit: func(_ *Request, env *Environment) { env.AWSManagedKey = true }, want: Allowed}),
		key(ask{name: "retiring a grant", rcp: [][]string{ss(st("Deny", "*", "*", anybody))},
			edit: func(r *Request, _ *Environment) { r.Action = "kms:RetireGrant" }, want: Allowed}))
}

func TestRule07SCPFullLanguage(t *testing.T) {
	check(t,
		ask{name: "resource in an allow", identity: ss(s3All), scp: [][]string{ss(st("Allow", "s3:*", "arn:aws:s3:::records/*"))}, want: Allowed},
		ask{name: "another resource in an allow", identity: ss(s3All), scp: [][]string{ss(st("Allow", "s3:*", "arn:aws:s3:::x/*"))}, want: Denied, blocked: LayerSCP},
		ask{name: "condition in an allow", identity: ss(s3All), scp: [][]string{ss(st("Allow", "*", "*", cond(`"StringEquals":{"aws:RequestedRegion":"eu-west-1"}`)))},
			ctx: map[string]Value{"aws:RequestedRegion": One("us-east-1")}, want: Denied, blocked: LayerSCP},
		ask{name: "not resource", identity: ss(s3All), scp: [][]string{ss(all, `{"Effect":"Deny","Action":"s3:*","NotResource":"arn:aws:s3:::records/*"}`)}, want: Allowed})
}

func TestRule08BoundaryIntersects(t *testing.T) {
	check(t,
		ask{name: "both", identity: ss(s3All), boundary: ss(s3All), want: Allowed},
		ask{name: "boundary silent", identity: ss(s3All), boundary: ss(ec2Only), want: Denied, blocked: LayerBoundary},
		ask{name: "boundary empty", identity: ss(s3All), boundary: ss(), want: Denied, blocked: LayerBoundary},
		ask{name: "grants nothing", identity: ss(), boundary: ss(s3All), want: Denied, blocked: LayerIdentity},
		ask{name: "root has none", kind: Root, arn: "arn:aws:iam::111122223333:root", boundary: ss(), want: Allowed})
}

func TestRule09SessionIntersects(t *testing.T) {
	check(t,
		ask{name: "both", kind: RoleSession, arn: session, identity: ss(s3All), session: ss(s3All), want: Allowed},
		ask{name: "silent", kind: RoleSession, arn: session, identity: ss(s3All), session: ss(ec2Only), want: Denied, blocked: LayerSession},
		ask{name: "grants nothing", kind: RoleSession, arn: session, identity: ss(), session: ss(s3All), want: Denied, blocked: LayerIdentity},
		ask{name: "federated user", kind: FederatedUser, arn: fed, identity: ss(s3All), session: ss(ec2Only), want: Denied, blocked: LayerSession})
}

func TestRule10NamedUserIsNotLimited(t *testing.T) {
	check(t,
		ask{name: "identity silent", identity: ss(), policy: ss(to(aws(ana))), want: Allowed},
		ask{name: "boundary silent", identity: ss(), boundary: ss(ec2Only), policy: ss(to(aws(ana))), want: Allowed})
}

func TestRule11NamedRoleIsLimited(t *testing.T) {
	s := func(a ask) ask { a.kind, a.arn = RoleSession, session; return a }
	check(t,
		s(ask{name: "identity silent", identity: ss(), policy: ss(to(aws(reader))), want: Allowed}),
		s(ask{name: "boundary silent", boundary: ss(ec2Only), policy: ss(to(aws(reader))), want: Denied, blocked: LayerBoundary}),
		s(ask{name: "session silent", session: ss(ec2Only), policy: ss(to(aws(reader))), want: Denied, blocked: LayerSession}),
		s(ask{name: "both speak", boundary: ss(s3All), session: ss(s3All), policy: ss(to(aws(reader))), want: Allowed}),
		s(ask{name: "identity speaks, boundary silent", identity: ss(s3All), boundary: ss(ec2Only), policy: ss(to(aws(reader))), want: Denied, blocked: LayerBoundary}))
}

func TestRule12NamedSessionIsNotLimited(t *testing.T) {
	check(t,
		ask{name: "this session", kind: RoleSession, arn: session, boundary: ss(ec2Only), session: ss(ec2Only), policy: ss(to(aws(session))), want: Allowed},
		ask{name: "another session", kind: RoleSession, arn: session, policy: ss(to(aws("arn:aws:sts::111122223333:assumed-role/reader/job-2"))), want: Denied},
		ask{name: "some session of the role", kind: Role, arn: reader, policy: ss(to(aws(session))), want: AllowedIf, left: "role session name StringEquals [job-1]"},
		ask{name: "some session denied", kind: Role, arn: reader, identity: ss(s3All), policy: ss(from(aws(session))), want: AllowedIf,
			left: "role session name StringNotEquals [job-1]"})
}

func TestRule13FederatedUser(t *testing.T) {
	parent := func(r *Request, _ *Environment) { r.Principal.Parent = ana }
	f := func(a ask) ask { a.kind, a.arn = FederatedUser, fed; return a }
	check(t,
		f(ask{name: "named itself", boundary: ss(ec2Only), session: ss(ec2Only), policy: ss(to(aws(fed))), want: Allowed}),
		f(ask{name: "its user named", policy: ss(to(aws(ana))), edit: parent, want: Allowed}),
		f(ask{name: "its user named, session silent", session: ss(ec2Only), policy: ss(to(aws(ana))), edit: parent, want: Denied}),
		f(ask{name: "its user named, boundary silent", boundary: ss(ec2Only), policy: ss(to(aws(ana))), edit: parent, want: Denied}),
		f(ask{name: "another user named", policy: ss(to(aws(ana))), want: Denied}))
}

func TestRule14AnybodyIsNotLimited(t *testing.T) {
	byARN := cond(`"ArnEquals":{"aws:PrincipalArn":"` + reader + `"}`)
	ctx := map[string]Value{"aws:PrincipalArn": One(reader)}
	check(t,
		ask{name: "boundary silent", kind: RoleSession, arn: session, boundary: ss(ec2Only), session: ss(ec2Only), policy: ss(to(anybody)), want: Allowed},
		ask{name: "with a condition on the ARN", kind: RoleSession, arn: session, boundary: ss(ec2Only), session: ss(ec2Only), policy: ss(to(anybody, byARN)), ctx: ctx, want: Allowed},
		ask{name: "another role", kind: RoleSession, arn: session, policy: ss(to(anybody, byARN)), want: Denied})
}

func TestRule15OnlyInsideOneAccount(t *testing.T) {
	const foreignSession = "arn:aws:sts::999999999999:assumed-role/reader/job-1"
	for name, principal := range map[string]string{"user": aws(eve), "anybody": anybody} {
		check(t, ask{name: name, arn: eve, identity: ss(), policy: ss(to(principal)), want: Denied, blocked: LayerIdentity})
	}
	check(t,
		ask{name: "session", kind: RoleSession, arn: foreignSession, identity: ss(), policy: ss(to(aws(foreignSession))), want: Denied},
		ask{name: "session limited", kind: RoleSession, arn: foreignSession, identity: ss(s3All), session: ss(ec2Only), policy: ss(to(aws(foreignSession))), want: Denied, blocked: LayerSession},
		ask{name: "role", kind: RoleSession, arn: foreignSession, identity: ss(s3All), policy: ss(to(aws("arn:aws:iam::999999999999:role/reader"))), want: Allowed})
}

func TestRule16DeniesReachEveryGrant(t *testing.T) {
	grants := map[string]ask{
		"user":      {policy: ss(to(aws(ana)))},
		"anybody":   {policy: ss(to(anybody))},
		"session":   {kind: RoleSession, arn: session, policy: ss(to(aws(session)))},
		"federated": {kind: FederatedUser, arn: fed, policy: ss(to(aws(fed)))},
	}
	for name, a := range grants {
		with := func(layer string, edit func(*ask)) {
			b := a
			b.name, b.want = name+" "+layer, ExplicitlyDenied
			edit(&b)
			check(t, b)
		}
		with("identity", func(b *ask) { b.identity = ss(denyS3) })
		with("boundary", func(b *ask) { b.boundary = ss(all, denyS3) })
		with("session", func(b *ask) { b.session = ss(all, denyS3) })
		with("scp", func(b *ask) { b.scp = [][]string{ss(all, denyS3)} })
		with("rcp", func(b *ask) { b.rcp = [][]string{ss(st("Deny", "s3:*", "*", anybody))} })
		with("endpoint", func(b *ask) { b.endpoint = ss(st("Allow", "*", "*", anybody), st("Deny", "s3:*", "*", anybody)) })
	}
}

func TestRule17NotPrincipalAndBoundary(t *testing.T) {
	root := "arn:aws:iam::111122223333:root"
	check(t,
		ask{name: "exempt", identity: ss(s3All), policy: ss(from(notAWS(ana, root))), want: Allowed},
		ask{name: "exempt but bounded", identity: ss(s3All), boundary: ss(all), policy: ss(from(notAWS(ana, root))), want: ExplicitlyDenied},
		ask{name: "bounded role", kind: Role, arn: reader, identity: ss(s3All), boundary: ss(all), policy: ss(from(notAWS(reader, root))), want: ExplicitlyDenied})
}

func TestRule18EndpointPolicy(t *testing.T) {
	check(t,
		ask{name: "allows", identity: ss(s3All), endpoint: ss(st("Allow", "*", "*", anybody)), want: Allowed},
		ask{name: "silent", identity: ss(s3All), endpoint: ss(st("Allow", "s3:PutObject", "*", anybody)), want: Denied, blocked: LayerEndpoint},
		ask{name: "grants nothing", endpoint: ss(st("Allow", "*", "*", anybody)), want: Denied, blocked: LayerIdentity},
		ask{name: "limits grants by the resource", policy: ss(to(aws(ana))), endpoint: ss(), want: Denied, blocked: LayerEndpoint},
		ask{name: "account, interface", identity: ss(s3All), endpoint: ss(st("Allow", "*", "*", aws(own))), want: Allowed},
		ask{name: "account, gateway", identity: ss(s3All), endpoint: ss(st("Allow", "*", "*", aws(own))), want: Denied, blocked: LayerEndpoint,
			edit: func(_ *Request, env *Environment) { env.GatewayEndpoint = true }})
}

func TestRule19RootUser(t *testing.T) {
	root := func(a ask) ask { a.kind, a.arn = Root, "arn:aws:iam::111122223333:root"; return a }
	check(t,
		root(ask{name: "by default", want: Allowed}),
		root(ask{name: "denied by the bucket", policy: ss(from(anybody)), want: ExplicitlyDenied}),
		root(ask{name: "can still mend the bucket policy", action: "s3:PutBucketPolicy", resource: "arn:aws:s3:::records",
			policy: ss(st("Deny", "s3:*", "arn:aws:s3:::records", anybody)), want: Allowed}),
		root(ask{name: "control policy", scp: [][]string{ss(ec2Only)}, want: Denied, blocked: LayerSCP}),
		root(ask{name: "another account's bucket", owner: other, want: Denied, blocked: LayerResource}),
		root(ask{name: "another account's bucket lets in", owner: other, policy: ss(to(aws(own))), want: Allowed}))
}

func TestRule20CallerIdentity(t *testing.T) {
	c := func(a ask) ask { a.action, a.resource = "sts:GetCallerIdentity", "*"; return a }
	check(t,
		c(ask{name: "without permission", want: Allowed}),
		c(ask{name: "even denied", identity: ss(st("Deny", "sts:*", "*")), want: Allowed}),
		c(ask{name: "anonymous", kind: Anonymous, want: Denied}))
}
