package iam

import (
	"slices"
	"strings"
	"testing"
)

func on(name, pattern, resource string, ctx map[string]Value, want bool) ask {
	a := ask{name: name, identity: ss(st("Allow", "*", pattern)), resource: resource, ctx: ctx, want: Denied}
	if want {
		a.want = Allowed
	}
	return a
}

func TestRule52VariablesNeedTheVersion(t *testing.T) {
	old := func(r *Request, env *Environment) {
		doc := `{"Version":"2008-10-17","Statement":[` + st("Allow", "s3:*", "arn:aws:s3:::records/${aws:username}/*") + `]}`
		env.Identity = []*Policy{must(t, doc).Named("identity")}
	}
	check(t,
		on("new version", "arn:aws:s3:::records/${aws:username}/*", "arn:aws:s3:::records/ana/1", kv("aws:username", "ana"), true),
		ask{name: "old version", resource: "arn:aws:s3:::records/ana/1", ctx: kv("aws:username", "ana"), edit: old, want: Denied},
		ask{name: "old version, literally", resource: "arn:aws:s3:::records/${aws:username}/1", ctx: kv("aws:username", "ana"), edit: old, want: Allowed})
}

func TestRule53DefaultsAndEscapes(t *testing.T) {
	const r = "arn:aws:s3:::records/"
	check(t,
		on("default", r+"${aws:PrincipalTag/team, 'none'}/*", r+"none/1", kv(), true),
		on("default not needed", r+"${aws:PrincipalTag/team, 'none'}/*", r+"none/1", kv("aws:PrincipalTag/team", "a"), false),
		on("value instead of default", r+"${aws:PrincipalTag/team, 'none'}/*", r+"a/1", kv("aws:PrincipalTag/team", "a"), true),
		on("a star in a value is a character", r+"${aws:PrincipalTag/team}/*", r+"b/1", kv("aws:PrincipalTag/team", "*"), false),
		on("a question mark too", r+"${aws:PrincipalTag/team}/*", r+"b/1", kv("aws:PrincipalTag/team", "?"), false),
		when("escaped star", `"StringLike":{"a:k":"x${*}"}`, kv("a:k", "xy"), false),
		when("escaped star, literally", `"StringLike":{"a:k":"x${*}"}`, kv("a:k", "x*"), true),
		when("escaped question mark", `"StringLike":{"a:k":"x${?}"}`, kv("a:k", "x?"), true),
		when("escaped dollar", `"StringLike":{"a:k":"${$}{a}"}`, kv("a:k", "${a}"), true))
}

func TestRule54VariablesWithoutValue(t *testing.T) {
	const r = "arn:aws:s3:::records/"
	check(t,
		on("resource", r+"${aws:username}/*", r+"/1", kv(), false),
		when("equality", `"StringEquals":{"a:k":"${a:v}"}`, kv("a:k", "x"), false),
		when("negated", `"StringNotEquals":{"a:k":"${a:v}"}`, kv("a:k", "x"), false),
		when("one of several", `"StringEquals":{"a:k":["${a:v}","x"]}`, kv("a:k", "x"), true),
		when("many values", `"StringEquals":{"a:k":"${a:v}"}`, kv("a:k", "x", "a:v", []string{"x"}), false),
		ask{name: "not resource", identity: ss(`{"Effect":"Allow","Action":"*","NotResource":"` + r + `${aws:username}/*"}`), want: Denied})
}

func TestRule55VariablesAfterTheFifthColon(t *testing.T) {
	const table = "arn:aws:dynamodb:eu-west-1:111122223333:table/ana"
	check(t,
		on("name", "arn:aws:dynamodb:*:*:table/${aws:username}", table, kv("aws:username", "ana"), true),
		on("account", "arn:aws:dynamodb:*:${aws:PrincipalAccount}:table/ana", table, kv("aws:PrincipalAccount", own), false),
		ask{name: "left open", open: true, kind: Role, arn: reader, resource: table, identity: ss(st("Allow", "*", "arn:aws:dynamodb:*:*:table/${aws:PrincipalTag/name}")), want: AllowedIf,
			left: "aws:PrincipalTag/name makes arn:aws:dynamodb:*:*:table/${aws:PrincipalTag/name} match"})
	// The same policy serves two principals: nothing of the first may stay in it.
	p := must(t, document(ss(st("Allow", "*", "arn:aws:dynamodb:*:*:table/${aws:username}"))))
	for name, want := range map[string]Outcome{"ana": Allowed, "bob": Denied, "ann": Denied} {
		req, _ := ask{arn: "arn:aws:iam::111122223333:user/" + name, resource: table, ctx: kv("aws:username", name)}.question(t)
		if d := Decide(req, Environment{Identity: []*Policy{p}}); d.Outcome != want {
			t.Errorf("%s: %s, want %s", name, d.Outcome, want)
		}
	}
}

func TestRule56WildcardsStayInTheirComponent(t *testing.T) {
	const group = "arn:aws:logs:eu-west-1:111122223333:log-group:/aws/lambda/f:log-stream:x"
	check(t,
		on("slashes", "arn:aws:s3:::records/*", "arn:aws:s3:::records/a/b/c", nil, true),
		on("one character", "arn:aws:s3:::records/?", "arn:aws:s3:::records/ab", nil, false),
		on("not over a colon", "arn:aws:logs:*:log-group", group, nil, false),
		on("region and account", "arn:aws:logs:*:*:log-group:/aws/*", group, nil, true),
		on("colons in the last component", "arn:aws:logs:*:*:log-group:*", group, nil, true),
		on("another account", "arn:aws:logs:*:999999999999:*", group, nil, false))
}

func TestRule57ActionNames(t *testing.T) {
	for action, want := range map[string]Outcome{
		"s3:getobject": Allowed, "S3:GetObject": Allowed, "s3:Get*": Allowed, "s3:*Object": Allowed, "s3:?etObject": Allowed, "*": Allowed,
		"s3:GetObjectAcl": Denied, "s*:GetObject": Denied, "GetObject": Denied, "s3:Get": Denied, "s3-object:*": Denied,
	} {
		check(t, ask{name: action, identity: ss(st("Allow", action, "*")), want: want})
	}
}

func TestRule58ResourcesHaveCase(t *testing.T) {
	check(t,
		on("same", "arn:aws:s3:::records/A*", "arn:aws:s3:::records/A1", nil, true),
		on("other case", "arn:aws:s3:::records/A*", "arn:aws:s3:::records/a1", nil, false))
}

func TestRule59ActionsWithoutResource(t *testing.T) {
	none := func(r *Request, _ *Environment) { r.NoResource = true }
	check(t,
		ask{name: "star", action: "s3:ListAllMyBuckets", resource: "*", identity: ss(st("Allow", "s3:*", "*")), edit: none, want: Allowed},
		ask{name: "a bucket", action: "s3:ListAllMyBuckets", resource: "*", identity: ss(st("Allow", "s3:*", "arn:aws:s3:::records")), edit: none, want: Denied},
		ask{name: "all buckets", action: "s3:ListAllMyBuckets", resource: "*", identity: ss(st("Allow", "s3:*", "arn:aws:s3:::*")), edit: none, want: Denied},
		ask{name: "not a bucket", action: "s3:ListAllMyBuckets", resource: "*", identity: ss(`{"Effect":"Allow","Action":"*","NotResource":"arn:aws:s3:::records"}`), edit: none, want: Allowed})
}

// TestRule63AnyResource: "*" for an action that takes a resource asks whether there is
// a resource it is allowed on.
func TestRule63AnyResource(t *testing.T) {
	any := func(name, action string, want Outcome, statements ...string) ask {
		return ask{name: name, action: action, resource: "*", identity: statements, want: want}
	}
	const q = "arn:aws:sqs:eu-west-1:111122223333:q"
	check(t,
		any("everything", "s3:GetObject", Allowed, s3All),
		any("one object", "s3:GetObject", Allowed, st("Allow", "s3:GetObject", object)),
		any("one service", "sqs:SendMessage", Allowed, st("Allow", "*", "arn:aws:sqs:*")),
		any("another service", "sqs:SendMessage", Denied, st("Allow", "*", "arn:aws:kms:*")),
		any("nothing", "s3:GetObject", Denied, st("Allow", "s3:PutObject", object)),
		any("less an object", "s3:GetObject", Allowed, s3All, st("Deny", "s3:*", object)),
		any("the one object denied", "s3:GetObject", ExplicitlyDenied, st("Allow", "s3:*", object), st("Deny", "s3:*", "arn:aws:s3:::records/*")),
		any("everything denied", "s3:GetObject", ExplicitlyDenied, s3All, denyS3),
		any("all but one denied", "sqs:SendMessage", Allowed, all, `{"Effect":"Deny","Action":"*","NotResource":"`+q+`"}`),
		any("all but one allowed", "sqs:SendMessage", Allowed, `{"Effect":"Allow","Action":"*","NotResource":"`+q+`"}`))
}

func TestRule60PartialARNs(t *testing.T) {
	const q = "arn:aws:sqs:eu-west-1:111122223333:q"
	check(t,
		on("service", "arn:aws:sqs", q, nil, true),
		on("region", "arn:aws:sqs:eu-west-1", q, nil, true),
		on("other region", "arn:aws:sqs:us-east-1", q, nil, false),
		on("prefix", "arn:*", q, nil, true),
		on("other service", "arn:aws:sns", q, nil, false),
		on("account", "arn:aws:sqs:eu-west-1:111122223333", q, nil, true),
		on("other account", "arn:aws:sqs:eu-west-1:999999999999", q, nil, false),
		ask{name: "spared by a partial ARN", action: "sqs:SendMessage", resource: q, identity: ss(`{"Effect":"Allow","Action":"sqs:*","NotResource":"arn:aws:sqs"}`), want: Denied},
		ask{name: "in a deny", action: "sqs:SendMessage", resource: q, identity: ss(all, st("Deny", "sqs:*", "arn:aws:sqs:eu-west-1")), want: ExplicitlyDenied},
		ask{name: "of a queue's own policy", action: "sqs:SendMessage", resource: q, policy: ss(st("Allow", "sqs:*", "arn:aws:sqs", aws(ana))), want: Denied},
		ask{name: "of a queue's own policy, with a wildcard", action: "sqs:SendMessage", resource: q, policy: ss(st("Allow", "sqs:*", "arn:aws:sqs:*", aws(ana))), want: Allowed})
}

func TestRule61NotElements(t *testing.T) {
	check(t,
		ask{name: "not action", identity: ss(`{"Effect":"Allow","NotAction":"iam:*","Resource":"*"}`), want: Allowed},
		ask{name: "not this action", identity: ss(`{"Effect":"Allow","NotAction":"s3:*","Resource":"*"}`), want: Denied},
		ask{name: "deny all but", identity: ss(all, `{"Effect":"Deny","NotAction":"s3:*","Resource":"*"}`), want: Allowed},
		ask{name: "deny what is not", identity: ss(all, `{"Effect":"Deny","NotAction":"iam:*","Resource":"*"}`), want: ExplicitlyDenied},
		ask{name: "not resource", identity: ss(`{"Effect":"Allow","Action":"*","NotResource":"arn:aws:s3:::secret/*"}`), want: Allowed},
		ask{name: "not this resource", identity: ss(`{"Effect":"Allow","Action":"*","NotResource":"arn:aws:s3:::records/*"}`), want: Denied},
		ask{name: "neither this action nor an allow", identity: ss(`{"Effect":"Deny","NotAction":"iam:*","Resource":"arn:aws:s3:::other/*"}`), want: Denied})
}

func TestRule62DifferentResources(t *testing.T) {
	check(t,
		on("bucket for object", "arn:aws:s3:::records", "arn:aws:s3:::records/a", nil, false),
		on("object for bucket", "arn:aws:s3:::records/*", "arn:aws:s3:::records", nil, false),
		on("table for index", "arn:aws:dynamodb:*:*:table/t", "arn:aws:dynamodb:eu-west-1:111122223333:table/t/index/i", nil, false),
		on("group for stream", "arn:aws:logs:*:*:log-group:g", "arn:aws:logs:eu-west-1:111122223333:log-group:g:*", nil, false),
		on("function for version", "arn:aws:lambda:*:*:function:f", "arn:aws:lambda:eu-west-1:111122223333:function:f:1", nil, false))
}

func TestRule63PatternRequests(t *testing.T) {
	const any = "arn:aws:s3:::records/*"
	logs := "arn:aws:s3:::records/logs/*"
	mfa := cond(`"Bool":{"aws:MultiFactorAuthPresent":"true"}`)
	tests := []struct {
		ask
		patterns, except string
	}{
		{ask{name: "all of it", identity: ss(s3All), want: Allowed}, any, ""},
		{ask{name: "a part", identity: ss(st("Allow", "s3:*", logs)), want: Allowed}, logs, ""},
		{ask{name: "two parts", identity: ss(st("Allow", "s3:*", logs), st("Allow", "s3:*", "arn:aws:s3:::records/tmp/*")), want: Allowed}, logs + " arn:aws:s3:::records/tmp/*", ""},
		{ask{name: "a part within a part", identity: ss(st("Allow", "s3:*", logs), st("Allow", "s3:*", "arn:aws:s3:::records/logs/x*")), want: Allowed}, logs, ""},
		{ask{name: "wider than asked", identity: ss(st("Allow", "s3:*", "arn:aws:s3:::rec*")), want: Allowed}, any, ""},
		{ask{name: "crosswise", identity: ss(st("Allow", "s3:*", "arn:aws:s3:::*.csv")), want: Allowed}, "arn:aws:s3:::records/*.csv", ""},
		{ask{name: "less a part", identity: ss(s3All, st("Deny", "s3:*", logs)), want: Allowed}, any, logs},
		{ask{name: "all denied", identity: ss(st("Allow", "s3:*", logs), st("Deny", "s3:*", any)), want: ExplicitlyDenied}, "", ""},
		{ask{name: "the allowed part denied", identity: ss(st("Allow", "s3:*", logs), st("Deny", "s3:*", logs)), want: ExplicitlyDenied}, "", ""},
		{ask{name: "allowed all but a part", identity: ss(`{"Effect":"Allow","Action":"s3:*","NotResource":"` + logs + `"}`), want: Allowed}, any, logs},
		{ask{name: "denied all but a part", identity: ss(s3All, `{"Effect":"Deny","Action":"s3:*","NotResource":"`+logs+`"}`), want: Allowed}, logs, ""},
		{ask{name: "narrowed by another layer", identity: ss(s3All), scp: [][]string{ss(st("Allow", "s3:*", logs))}, want: Allowed}, logs, ""},
		{ask{name: "layers apart", identity: ss(st("Allow", "s3:*", logs)), scp: [][]string{ss(st("Allow", "s3:*", "arn:aws:s3:::records/tmp/*"))}, want: Denied}, "", ""},
		{ask{name: "another bucket", identity: ss(st("Allow", "s3:*", "arn:aws:s3:::other/*")), want: Denied}, "", ""},
		{ask{name: "one part free, the rest with conditions", open: true, identity: ss(st("Allow", "s3:*", any, mfa), st("Allow", "s3:*", logs)), want: Allowed}, logs, ""},
		{ask{name: "a part with conditions", open: true, identity: ss(st("Allow", "s3:*", logs, mfa)), want: AllowedIf}, logs, ""},
		{ask{name: "crosswise with two stars", identity: ss(st("Allow", "s3:*", "arn:aws:s3:::*/in/*")), want: Allowed}, "arn:aws:s3:::records/*/in/* arn:aws:s3:::records/in/*", ""},
		{ask{name: "two layers crosswise", identity: ss(st("Allow", "s3:*", logs)), boundary: ss(st("Allow", "s3:*", "arn:aws:s3:::*.gz")), want: Allowed}, "arn:aws:s3:::records/logs/*.gz", ""},
		{ask{name: "three layers crosswise", identity: ss(st("Allow", "s3:*", logs)), boundary: ss(st("Allow", "s3:*", "arn:aws:s3:::*.gz")), scp: [][]string{ss(st("Allow", "s3:*", "arn:aws:s3:::*/2026/*"))}, want: Allowed}, "arn:aws:s3:::records/logs/*/2026/*.gz arn:aws:s3:::records/logs/2026/*.gz", ""},
		{ask{name: "crosswise and denied", identity: ss(st("Allow", "s3:*", logs), st("Deny", "s3:*", "arn:aws:s3:::*.gz")), boundary: ss(st("Allow", "s3:*", "arn:aws:s3:::*.gz")), want: ExplicitlyDenied}, "", ""},
		{ask{name: "two accounts crosswise", arn: eve, identity: ss(st("Allow", "s3:*", "arn:aws:s3:::*/in/*")), policy: ss(to(aws(other))), want: Allowed}, "arn:aws:s3:::records/*/in/* arn:aws:s3:::records/in/*", ""},
		{ask{name: "a user's own part", identity: ss(st("Allow", "s3:*", "arn:aws:s3:::records/${aws:username}/*")), ctx: kv("aws:username", "ana"), want: Allowed}, "arn:aws:s3:::records/ana/*", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			tt.resource = any
			req, env := tt.question(t)
			d := Decide(req, env)
			if d.Outcome != tt.want || !slices.Equal(d.Patterns, strings.Fields(tt.patterns)) || !slices.Equal(d.Except, strings.Fields(tt.except)) {
				t.Errorf("%s on %q less %q, want %s on %q less %q: %s", d.Outcome, d.Patterns, d.Except, tt.want, tt.patterns, tt.except, d.Why)
			}
			prove(t, d)
		})
	}
}
