package iam

import "testing"

// TestResiduals weighs an Allow and a Deny whose conditions meet on the same key.
func TestResiduals(t *testing.T) {
	tests := []struct {
		name, allow, deny string
		want              Outcome
		left              string
	}{
		{"one endpoint", `"StringEquals":{"aws:SourceVpce":"vpce-1"}`, ``, AllowedIf, "aws:SourceVpce StringEquals [vpce-1]"},
		{"same endpoint on both sides", `"StringEquals":{"aws:SourceVpce":"vpce-1"}`, `"StringNotEquals":{"aws:SourceVpce":"vpce-1"}`, AllowedIf, "aws:SourceVpce StringEquals [vpce-1]"},
		{"two endpoints exclude each other", `"StringEquals":{"aws:SourceVpce":"vpce-1"}`, `"StringNotEquals":{"aws:SourceVpce":"vpce-2"}`, ExplicitlyDenied, ""},
		{"within one condition", `"StringEquals":{"aws:SourceVpce":"vpce-1"},"StringNotEquals":{"aws:SourceVpce":"vpce-1"}`, ``, Denied, ""},
		{"name inside a pattern", `"StringEquals":{"aws:SourceVpce":"vpce-1"}`, `"StringNotLike":{"aws:SourceVpce":"vpce-*"}`, AllowedIf, ""},
		{"name outside a pattern", `"StringEquals":{"aws:SourceVpce":"vpce-1"}`, `"StringNotLike":{"aws:SourceVpce":"x-*"}`, ExplicitlyDenied, ""},
		{"patterns apart", `"StringLike":{"aws:SourceVpce":"a*"}`, `"StringNotLike":{"aws:SourceVpce":"b*"}`, ExplicitlyDenied, ""},
		{"patterns that meet", `"StringLike":{"aws:SourceVpce":"a*"}`, `"StringNotLike":{"aws:SourceVpce":"*b"}`, AllowedIf, ""},
		{"pattern taken away", `"StringLike":{"aws:SourceVpce":"ab*"}`, `"StringLike":{"aws:SourceVpce":"a*"}`, ExplicitlyDenied, ""},
		{"anything there, nothing there", `"Null":{"aws:SourceVpce":"false"}`, `"Null":{"aws:SourceVpce":"false"}`, ExplicitlyDenied, ""},
		{"must be there, may not match anything", `"Null":{"aws:SourceVpce":"false"}`, `"StringLike":{"aws:SourceVpce":"*"}`, ExplicitlyDenied, ""},
		{"TLS", `"Bool":{"aws:SecureTransport":"true"}`, `"Bool":{"aws:SecureTransport":"false"}`, AllowedIf, "aws:SecureTransport Bool [true]"},
		{"no TLS", `"Bool":{"aws:SecureTransport":"false"}`, `"Bool":{"aws:SecureTransport":"false"}`, ExplicitlyDenied, ""},
		{"MFA neither true nor false", `"Null":{"aws:MultiFactorAuthPresent":"false"}`, `"Bool":{"aws:MultiFactorAuthPresent":["true","false"]}`, ExplicitlyDenied, ""},
		{"networks that meet", `"IpAddress":{"aws:SourceIp":"10.0.0.0/8"}`, `"NotIpAddress":{"aws:SourceIp":"10.1.0.0/16"}`, AllowedIf, ""},
		{"networks apart", `"IpAddress":{"aws:SourceIp":"10.0.0.0/8"}`, `"NotIpAddress":{"aws:SourceIp":"192.168.0.0/16"}`, ExplicitlyDenied, ""},
		{"network taken away", `"IpAddress":{"aws:SourceIp":"10.1.0.0/16"}`, `"IpAddress":{"aws:SourceIp":"10.0.0.0/8"}`, ExplicitlyDenied, ""},
		{"numbers that meet", `"NumericGreaterThan":{"s3:signatureAge":"5"}`, `"NumericGreaterThan":{"s3:signatureAge":"10"}`, AllowedIf, ""},
		{"numbers apart", `"NumericGreaterThan":{"s3:signatureAge":"10"}`, `"NumericGreaterThan":{"s3:signatureAge":"5"}`, ExplicitlyDenied, ""},
		{"dates apart", `"DateGreaterThan":{"aws:TokenIssueTime":"2030-01-01"}`, `"DateGreaterThan":{"aws:TokenIssueTime":"2029-01-01"}`, ExplicitlyDenied, ""},
		{"ARNs apart", `"ArnLike":{"aws:SourceArn":"arn:aws:sns:*:1:*"}`, `"ArnNotLike":{"aws:SourceArn":"arn:aws:sns:*:2:*"}`, ExplicitlyDenied, ""},
		{"if exists", `"StringEqualsIfExists":{"aws:SourceVpce":"vpce-1"}`, ``, AllowedIf, "aws:SourceVpce is not set or aws:SourceVpce StringEquals [vpce-1]"},
		{"set", `"ForAnyValue:StringEquals":{"aws:CalledVia":"a"}`, ``, AllowedIf, "aws:CalledVia ForAnyValue:StringEquals [a]"},
		{"set of all", `"ForAllValues:StringEquals":{"aws:CalledVia":"a"}`, ``, AllowedIf, "aws:CalledVia ForAllValues:StringEquals [a]"},
		{"set and its opposite", `"ForAllValues:StringEquals":{"aws:CalledVia":"a"}`, `"ForAllValues:StringEquals":{"aws:CalledVia":"a"}`, ExplicitlyDenied, ""},
		{"set of none denied", ``, `"ForAnyValue:StringLike":{"aws:CalledVia":"a*"}`, AllowedIf, "aws:CalledVia ForAllValues:StringNotLike [a*]"},
		{"variable", `"StringEquals":{"aws:ResourceTag/team":"${aws:PrincipalTag/team}"}`, ``, AllowedIf, "aws:ResourceTag/team StringEquals [${aws:PrincipalTag/team}]"},
		{"known account", `"StringEquals":{"aws:PrincipalAccount":"111122223333"}`, ``, Allowed, ""},
		{"known to be another account", `"StringEquals":{"aws:PrincipalAccount":"999999999999"}`, ``, Denied, ""},
		{"known not to be a service", ``, `"Bool":{"aws:PrincipalIsAWSService":"false"}`, ExplicitlyDenied, ""},
		{"MFA denied", ``, `"BoolIfExists":{"aws:MultiFactorAuthPresent":"false"}`, AllowedIf, "aws:MultiFactorAuthPresent Bool [true]"},
		{"number denied", ``, `"NumericLessThan":{"s3:TlsVersion":"1.2"}`, AllowedIf, "s3:TlsVersion NumericGreaterThanEqualsIfExists [1.2]"},
	}
	for _, tt := range tests {
		allow, statements := tt.allow, []string{}
		if allow == "" {
			statements = append(statements, s3All)
		} else {
			statements = append(statements, st("Allow", "s3:*", "*", cond(allow)))
		}
		if tt.deny != "" {
			statements = append(statements, st("Deny", "s3:*", "*", cond(tt.deny)))
		}
		// A queue-like resource of the same account: bucket tags would be absent.
		check(t, ask{name: tt.name, open: true, resource: "arn:aws:s3:eu-west-1:111122223333:accesspoint/p", identity: statements, want: tt.want, left: tt.left})
	}
}

func TestAlternativesMerge(t *testing.T) {
	two := func(a, b string) []string {
		return ss(st("Allow", "s3:*", "*", cond(a)), st("Allow", "s3:*", "*", cond(b)))
	}
	check(t,
		ask{name: "TLS or not TLS", open: true, identity: two(`"Bool":{"aws:SecureTransport":"true"}`, `"Bool":{"aws:SecureTransport":"false"}`), want: Allowed},
		ask{name: "matches or does not", open: true, identity: two(`"StringEquals":{"a:k":"x"}`, `"StringNotEquals":{"a:k":"x"}`), want: Allowed},
		ask{name: "there or not", open: true, identity: two(`"Null":{"a:k":"true"}`, `"Null":{"a:k":"false"}`), want: Allowed},
		ask{name: "narrower is absorbed", open: true, identity: two(`"StringEquals":{"a:k":"x"}`, `"StringEquals":{"a:k":"x"},"Bool":{"a:b":"true"}`), want: AllowedIf, left: "a:k StringEquals [x]"},
		ask{name: "unconditional wins", open: true, identity: ss(s3All, st("Allow", "s3:*", "*", cond(`"StringEquals":{"a:k":"x"}`))), want: Allowed})
}

func TestAlternativesAreBounded(t *testing.T) {
	var deny []string
	for _, k := range []string{"a", "b", "c", "d", "e", "f", "g", "h"} {
		deny = append(deny, st("Deny", "s3:*", "*", cond(`"StringEquals":{"x:`+k+`1":"v","x:`+k+`2":"v"}`)))
	}
	req, env := ask{open: true, identity: append(deny, s3All)}.question(t)
	d := Decide(req, env)
	if d.Outcome != AllowedIf || !d.Truncated || len(d.If) == 0 || len(d.If) > maxDisjuncts {
		t.Errorf("%s, truncated %v, %d alternatives", d.Outcome, d.Truncated, len(d.If))
	}
}

func TestClassOf(t *testing.T) {
	for key, want := range map[string]Class{
		"aws:SourceVpce": ClassNetwork, "aws:MultiFactorAuthPresent": ClassStrength, "dynamodb:LeadingKeys": ClassCallerChosen,
		"aws:RequestTag/team": ClassCallerChosen, "kms:EncryptionContext:app": ClassCallerChosen, "aws:SourceArn": ClassService,
		"aws:PrincipalTag/team": ClassPrincipal, "aws:ResourceTag/team": ClassResource, "aws:CurrentTime": ClassTime, "x:y": ClassOther,
		"token.actions.githubusercontent.com:sub": ClassPrincipal, "s3:x-amz-server-side-encryption": ClassCallerChosen, "aws:PrincipalOrgID": ClassPrincipal,
	} {
		if got := ClassOf(key); got != want {
			t.Errorf("%s: %s, want %s", key, got, want)
		}
	}
}
