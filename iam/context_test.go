package iam

import (
	"fmt"
	"strings"
	"testing"
)

// TestKnownKeys lists what is known of a request before anybody tells: "-" absent,
// "?" not known.
func TestKnownKeys(t *testing.T) {
	const queue = "arn:aws:sqs:eu-west-1:111122223333:q"
	keys := []string{"aws:PrincipalArn", "aws:PrincipalAccount", "aws:PrincipalType", "aws:PrincipalOrgID", "aws:username",
		"aws:PrincipalIsAWSService", "aws:PrincipalServiceName", "aws:PrincipalTag/x", "aws:MultiFactorAuthPresent"}
	tests := []struct {
		kind Kind
		arn  string
		want string
	}{
		{User, ana, ana + " 111122223333 User o-own ana false - ? ?"},
		{Role, reader, reader + " 111122223333 AssumedRole o-own - false - ? ?"},
		{RoleSession, session, "? 111122223333 AssumedRole o-own - false - ? ?"},
		{FederatedUser, fed, fed + " 111122223333 FederatedUser o-own - false - ? ?"},
		{Root, "arn:aws:iam::111122223333:root", "arn:aws:iam::111122223333:root 111122223333 Account o-own - false - ? ?"},
		{Service, "sns.amazonaws.com", "- - ? - - true sns.amazonaws.com - -"},
		{Anonymous, "", "- - Anonymous - - - - - -"},
		{Provider, "accounts.google.com", "- - ? - - - - ? -"},
	}
	for _, tt := range tests {
		p := Principal{Kind: tt.kind, ARN: tt.arn, Account: Account(tt.arn)}
		if p.hasIdentity() {
			p.Org = "o-own"
		}
		e := newEval(newAlgebra(), Request{Principal: p, Action: "sqs:SendMessage", Resource: Resource{ARN: queue}, Context: NewContext(nil, false)}, &Environment{})
		var got []string
		for _, k := range keys {
			got = append(got, told(e, k))
		}
		if g := strings.Join(got, " "); g != tt.want {
			t.Errorf("%s: %s, want %s", tt.kind, g, tt.want)
		}
		place := fmt.Sprint(told(e, "aws:ResourceAccount"), " ", told(e, "aws:RequestedRegion"), " ", told(e, "s3:ResourceAccount"), " ", told(e, "kms:CallerAccount"))
		if !strings.HasPrefix(place, "111122223333 eu-west-1 - -") {
			t.Errorf("%s: %s", tt.kind, place)
		}
	}
}

func told(e *eval, key string) string {
	v, there := e.lookup(strings.ToLower(key))
	switch there {
	case absentKey:
		return "-"
	case unknownKey:
		return "?"
	}
	return v.Values[0]
}

// TestGivenKeysWin: what the request says counts more than what follows from it, and a
// complete context has nothing else.
func TestGivenKeysWin(t *testing.T) {
	p := Principal{Kind: User, ARN: ana, Account: own}
	open := newEval(newAlgebra(), Request{Principal: p, Action: "s3:GetObject", Resource: Resource{ARN: object, Account: own},
		Context: NewContext(map[string]Value{"AWS:Username": One("x"), "aws:SourceIp": {}}, false)}, &Environment{})
	if told(open, "aws:username") != "x" || told(open, "aws:SourceIp") != "-" || told(open, "aws:SourceVpce") != "?" {
		t.Error("keys of the request are not those given")
	}
	if told(open, "aws:ResourceTag/a") != "-" {
		t.Error("tags of a bucket count only where that is switched on")
	}
	closed := newEval(newAlgebra(), Request{Principal: p, Action: "s3:GetObject", Resource: Resource{ARN: object, Account: own},
		Context: NewContext(nil, true)}, &Environment{S3: S3Settings{ABAC: true}})
	if told(closed, "aws:username") != "-" {
		t.Error("a complete context has no further keys")
	}
}

func TestBucketTags(t *testing.T) {
	tagged := ss(st("Allow", "s3:*", "*", cond(`"StringEquals":{"aws:ResourceTag/team":"a"}`)))
	ctx := kv("aws:ResourceTag/team", "a")
	check(t,
		ask{name: "switched off", identity: tagged, ctx: ctx, want: Denied},
		ask{name: "switched on", identity: tagged, ctx: ctx, edit: func(_ *Request, env *Environment) { env.S3.ABAC = true }, want: Allowed},
		ask{name: "an object's own tags", identity: ss(st("Allow", "s3:*", "*", cond(`"StringEquals":{"s3:ExistingObjectTag/team":"a"}`))), ctx: kv("s3:ExistingObjectTag/team", "a"), want: Allowed},
		ask{name: "another service", action: "sqs:SendMessage", resource: "arn:aws:sqs:eu-west-1:111122223333:q", ctx: ctx,
			identity: ss(st("Allow", "sqs:*", "*", cond(`"StringEquals":{"aws:ResourceTag/team":"a"}`))), want: Allowed})
}

// TestMissingLayers: what was not read leaves the answer open where it matters, and
// nowhere else.
func TestMissingLayers(t *testing.T) {
	miss := func(layers ...Layer) func(*Request, *Environment) {
		return func(_ *Request, env *Environment) {
			env.Missing = map[Layer]string{}
			for _, l := range layers {
				env.Missing[l] = "access was refused"
			}
		}
	}
	check(t,
		ask{name: "boundary", identity: ss(s3All), edit: miss(LayerBoundary), want: Unknown, blocked: LayerBoundary},
		ask{name: "boundary, nothing allowed anyway", identity: ss(), edit: miss(LayerBoundary), want: Denied, blocked: LayerIdentity},
		ask{name: "session", kind: RoleSession, arn: session, identity: ss(s3All), edit: miss(LayerSession), want: Unknown, blocked: LayerSession},
		ask{name: "endpoint", identity: ss(s3All), edit: miss(LayerEndpoint), want: Unknown, blocked: LayerEndpoint},
		ask{name: "resource control", identity: ss(s3All), edit: miss(LayerRCP), want: Unknown, blocked: LayerRCP},
		ask{name: "denied whatever the rest says", identity: ss(denyS3), edit: miss(LayerResource, LayerSCP), want: ExplicitlyDenied},
		ask{name: "identity of another account", arn: eve, policy: ss(to(aws(other))), edit: miss(LayerIdentity, LayerBoundary), want: AllowedIf, left: "account 999999999999 allows it"},
		ask{name: "bucket of another account not read", arn: eve, identity: ss(s3All), edit: miss(LayerResource), want: Unknown, blocked: LayerResource},
		ask{name: "anonymous, bucket not read", kind: Anonymous, edit: miss(LayerResource), want: Unknown},
		ask{name: "service needs no control policies", kind: Service, arn: "sns.amazonaws.com", policy: ss(to(anybody)), edit: miss(LayerSCP, LayerIdentity), want: Allowed})
}
