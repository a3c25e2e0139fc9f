package iam

import "testing"

// when asks about an Allow with one condition block.
func when(name, block string, ctx map[string]Value, want bool) ask {
	a := ask{name: name, identity: ss(st("Allow", "s3:*", "*", cond(block))), ctx: ctx, want: Denied}
	if want {
		a.want = Allowed
	}
	return a
}

func kv(pairs ...any) map[string]Value {
	m := map[string]Value{}
	for i := 0; i < len(pairs); i += 2 {
		switch v := pairs[i+1].(type) {
		case string:
			m[pairs[i].(string)] = One(v)
		case []string:
			m[pairs[i].(string)] = Many(v...)
		}
	}
	return m
}

func TestRule41AndOrNone(t *testing.T) {
	const block = `"StringEquals":{"a:k":["x","y"],"a:l":"z"},"Bool":{"a:b":"true"}`
	check(t,
		when("all hold", block, kv("a:k", "y", "a:l", "z", "a:b", "true"), true),
		when("one key fails", block, kv("a:k", "y", "a:l", "q", "a:b", "true"), false),
		when("one operator fails", block, kv("a:k", "y", "a:l", "z", "a:b", "false"), false),
		when("negated: none may match", `"StringNotEquals":{"a:k":["x","y"]}`, kv("a:k", "y"), false),
		when("negated: none matches", `"StringNotEquals":{"a:k":["x","y"]}`, kv("a:k", "q"), true),
		when("no value matches nothing", `"StringEquals":{"a:k":[]}`, kv("a:k", "x"), false))
}

func TestRule42MissingKeys(t *testing.T) {
	none := kv()
	for op, want := range map[string]bool{
		"StringEquals": false, "StringLike": false, "StringEqualsIgnoreCase": false, "NumericEquals": false, "NumericLessThan": false,
		"DateLessThan": false, "Bool": false, "BinaryEquals": false, "IpAddress": false, "ArnLike": false, "ArnEquals": false,
		"StringNotEquals": true, "StringNotLike": true, "StringNotEqualsIgnoreCase": true, "NumericNotEquals": true, "DateNotEquals": true,
		"NotIpAddress": true, "ArnNotLike": true, "ArnNotEquals": true,
		"StringEqualsIfExists": true, "BoolIfExists": true, "NumericLessThanIfExists": true, "ArnLikeIfExists": true, "StringNotEqualsIfExists": true,
	} {
		check(t, when(op, `"`+op+`":{"a:k":"x"}`, none, want))
	}
	check(t,
		when("star on a missing key", `"StringLike":{"a:k":"*"}`, none, false),
		when("null true", `"Null":{"a:k":"true"}`, none, true),
		when("null false", `"Null":{"a:k":"false"}`, none, false),
		when("null true, there", `"Null":{"a:k":"true"}`, kv("a:k", "x"), false),
		when("null false, there", `"Null":{"a:k":"false"}`, kv("a:k", "x"), true),
		when("if exists, there", `"StringEqualsIfExists":{"a:k":"x"}`, kv("a:k", "y"), false))
}

func TestRule43EmptyIsMissingForSets(t *testing.T) {
	check(t,
		when("for all, empty list", `"ForAllValues:StringEquals":{"a:k":"x"}`, kv("a:k", []string{}), true),
		when("for all, empty string", `"ForAllValues:StringEquals":{"a:k":"x"}`, kv("a:k", []string{""}), true),
		when("for any, empty string", `"ForAnyValue:StringLike":{"a:k":"*"}`, kv("a:k", []string{""}), false),
		when("null, empty list", `"Null":{"a:k":"true"}`, kv("a:k", []string{}), true))
}

func TestRule44SetOperators(t *testing.T) {
	check(t,
		when("for all", `"ForAllValues:StringEquals":{"a:k":["x","y"]}`, kv("a:k", []string{"x", "y"}), true),
		when("for all, one outside", `"ForAllValues:StringEquals":{"a:k":["x","y"]}`, kv("a:k", []string{"x", "q"}), false),
		when("for all, missing", `"ForAllValues:StringEquals":{"a:k":"x"}`, kv(), true),
		when("for all, guarded", `"ForAllValues:StringEquals":{"a:k":"x"},"Null":{"a:k":"false"}`, kv(), false),
		when("for any", `"ForAnyValue:StringEquals":{"a:k":["x","y"]}`, kv("a:k", []string{"q", "y"}), true),
		when("for any, none", `"ForAnyValue:StringEquals":{"a:k":["x","y"]}`, kv("a:k", []string{"q"}), false),
		when("for any, missing", `"ForAnyValue:StringEquals":{"a:k":"x"}`, kv(), false),
		when("for any negated, missing", `"ForAnyValue:StringNotEquals":{"a:k":"x"}`, kv(), false),
		when("for any if exists, missing", `"ForAnyValue:StringEqualsIfExists":{"a:k":"x"}`, kv(), true),
		when("for any negated", `"ForAnyValue:StringNotEquals":{"a:k":"x"}`, kv("a:k", []string{"x", "y"}), true),
		when("for all negated", `"ForAllValues:StringNotEquals":{"a:k":"x"}`, kv("a:k", []string{"x", "y"}), false),
		when("on a single value", `"ForAnyValue:StringEquals":{"a:k":"x"}`, kv("a:k", "x"), true))
}

func TestRule45ManyValuesNeedASetOperator(t *testing.T) {
	check(t,
		when("positive", `"StringEquals":{"a:k":"x"}`, kv("a:k", []string{"x"}), false),
		when("negated", `"StringNotEquals":{"a:k":"x"}`, kv("a:k", []string{"y"}), false),
		when("if exists", `"StringEqualsIfExists":{"a:k":"x"}`, kv("a:k", []string{"x"}), false))
}

func TestRule46Case(t *testing.T) {
	check(t,
		when("key", `"StringEquals":{"AWS:PrincipalTag/Team":"x"}`, kv("aws:principaltag/team", "x"), true),
		when("value", `"StringEquals":{"a:k":"X"}`, kv("a:k", "x"), false),
		when("pattern", `"StringLike":{"a:k":"X*"}`, kv("a:k", "xy"), false),
		when("ignore case", `"StringEqualsIgnoreCase":{"a:k":"X"}`, kv("a:k", "x"), true),
		when("not, ignore case", `"StringNotEqualsIgnoreCase":{"a:k":"X"}`, kv("a:k", "x"), false),
		when("bool", `"Bool":{"a:k":"TRUE"}`, kv("a:k", "true"), true),
		when("bool of neither", `"Bool":{"a:k":"yes"}`, kv("a:k", "yes"), false),
		when("equality has no wildcards", `"StringEquals":{"a:k":"x*"}`, kv("a:k", "xy"), false),
		when("equality with a star", `"StringEquals":{"a:k":"x*"}`, kv("a:k", "x*"), true),
		when("operator", `"stringequals":{"a:k":"x"}`, kv("a:k", "x"), true))
}

func TestRule47Arns(t *testing.T) {
	const topic = "arn:aws:sns:eu-west-1:111122223333:t"
	for op, want := range map[string]bool{"ArnLike": true, "ArnEquals": true, "ArnNotLike": false, "ArnNotEquals": false} {
		check(t,
			when(op+" by component", `"`+op+`":{"a:k":"arn:aws:sns:*:111122223333:?"}`, kv("a:k", topic), want),
			when(op+" colons stay apart", `"`+op+`":{"a:k":"arn:aws:sns:*:t"}`, kv("a:k", topic), false),
			when(op+" no ARN as value", `"`+op+`":{"a:k":"arn:aws:sns:*:*:*"}`, kv("a:k", "t"), false),
			when(op+" no ARN as pattern", `"`+op+`":{"a:k":"topic*"}`, kv("a:k", topic), false))
	}
	check(t,
		when("another account", `"ArnLike":{"a:k":"arn:aws:sns:*:999999999999:*"}`, kv("a:k", topic), false),
		when("another account, negated", `"ArnNotLike":{"a:k":"arn:aws:sns:*:999999999999:*"}`, kv("a:k", topic), true),
		when("last component holds colons", `"ArnLike":{"a:k":"arn:aws:logs:*:*:log-group:*"}`, kv("a:k", "arn:aws:logs:eu-west-1:111122223333:log-group:a:*"), true),
		when("one of several", `"ArnLike":{"a:k":["nothing","arn:aws:sns:*:*:t"]}`, kv("a:k", topic), true),
		when("any ARN", `"ArnLike":{"a:k":"*"}`, kv("a:k", topic), true))
}

func TestRule48Addresses(t *testing.T) {
	check(t,
		when("in the range", `"IpAddress":{"aws:SourceIp":"203.0.113.0/24"}`, kv("aws:SourceIp", "203.0.113.77"), true),
		when("outside", `"IpAddress":{"aws:SourceIp":"203.0.113.0/24"}`, kv("aws:SourceIp", "203.0.114.1"), false),
		when("single address", `"IpAddress":{"aws:SourceIp":"203.0.113.7"}`, kv("aws:SourceIp", "203.0.113.7"), true),
		when("single address, neighbour", `"IpAddress":{"aws:SourceIp":"203.0.113.7"}`, kv("aws:SourceIp", "203.0.113.8"), false),
		when("host bits", `"IpAddress":{"aws:SourceIp":"203.0.113.9/24"}`, kv("aws:SourceIp", "203.0.113.7"), true),
		when("version 6", `"IpAddress":{"aws:SourceIp":"2001:DB8::/32"}`, kv("aws:SourceIp", "2001:db8:0:1::1"), true),
		when("single version 6", `"IpAddress":{"aws:SourceIp":"2001:db8::1"}`, kv("aws:SourceIp", "2001:0db8::0001"), true),
		when("versions apart", `"IpAddress":{"aws:SourceIp":"0.0.0.0/0"}`, kv("aws:SourceIp", "2001:db8::1"), false),
		when("absent through an endpoint", `"IpAddress":{"aws:SourceIp":"10.0.0.0/8"}`, kv("aws:SourceVpce", "vpce-1"), false),
		when("absent, negated", `"NotIpAddress":{"aws:SourceIp":"10.0.0.0/8"}`, kv("aws:SourceVpce", "vpce-1"), true),
		when("negated", `"NotIpAddress":{"aws:SourceIp":["10.0.0.0/8","203.0.113.0/24"]}`, kv("aws:SourceIp", "203.0.113.1"), false))
}

func TestRule49NumbersAndDates(t *testing.T) {
	check(t,
		when("decimals", `"NumericLessThan":{"s3:TlsVersion":"1.2"}`, kv("s3:TlsVersion", "1.10"), true),
		when("equal decimals", `"NumericEquals":{"a:k":"10"}`, kv("a:k", "10.0"), true),
		when("less or equal", `"NumericLessThanEquals":{"a:k":10}`, kv("a:k", "10"), true),
		when("greater", `"NumericGreaterThan":{"a:k":"10"}`, kv("a:k", "10"), false),
		when("no number", `"NumericEquals":{"a:k":"ten"}`, kv("a:k", "ten"), false),
		when("no number, negated", `"NumericNotEquals":{"a:k":"10"}`, kv("a:k", "ten"), false),
		when("infinity is none", `"NumericGreaterThan":{"a:k":"1"}`, kv("a:k", "Inf"), false),
		when("ISO and seconds", `"DateEquals":{"a:k":"2020-01-01T00:00:00Z"}`, kv("a:k", "1577836800"), true),
		when("seconds and milliseconds", `"DateEquals":{"a:k":"1577836800"}`, kv("a:k", "1577836800000"), true),
		when("zone", `"DateEquals":{"a:k":"2020-01-01T01:00:00+01:00"}`, kv("a:k", "2020-01-01T00:00:00Z"), true),
		when("day", `"DateGreaterThan":{"a:k":"2020-01-01"}`, kv("a:k", "2020-01-01T00:00:01Z"), true),
		when("year", `"DateLessThan":{"a:k":"2021"}`, kv("a:k", "2020-12-31"), true),
		when("no date", `"DateLessThan":{"a:k":"soon"}`, kv("a:k", "2020-12-31"), false))
}

func TestRule50BinaryAndPlacesWithoutVariables(t *testing.T) {
	check(t,
		when("binary", `"BinaryEquals":{"a:k":"QmluYXJ5"}`, kv("a:k", "QmluYXJ5"), true),
		when("other binary", `"BinaryEquals":{"a:k":"QmluYXJ6"}`, kv("a:k", "QmluYXJ5"), false),
		when("string", `"StringEquals":{"a:k":"${a:v}"}`, kv("a:k", "x", "a:v", "x"), true),
		when("ARN", `"ArnLike":{"a:k":"arn:aws:sns:*:*:${a:v}"}`, kv("a:k", "arn:aws:sns:eu-west-1:1:x", "a:v", "x"), true),
		when("bool", `"Bool":{"a:k":"${a:v}"}`, kv("a:k", "true", "a:v", "true"), true),
		when("number", `"NumericEquals":{"a:k":"${a:v}"}`, kv("a:k", "1", "a:v", "1"), false),
		when("date", `"DateEquals":{"a:k":"${a:v}"}`, kv("a:k", "2020", "a:v", "2020"), false),
		when("address", `"IpAddress":{"a:k":"${a:v}"}`, kv("a:k", "10.0.0.1", "a:v", "10.0.0.1"), false),
		when("binary has none", `"BinaryEquals":{"a:k":"${a:v}"}`, kv("a:k", "QQ==", "a:v", "QQ=="), false),
		when("null", `"Null":{"a:k":"${a:v}"}`, kv("a:v", "true"), false))
}

func TestRule51UnknownOperatorIsNotDecided(t *testing.T) {
	const odd = `"StringResembles":{"a:k":"x"}`
	check(t,
		ask{name: "allow", identity: ss(st("Allow", "s3:*", "*", cond(odd))), want: Unknown, blocked: LayerIdentity},
		ask{name: "deny", identity: ss(s3All, st("Deny", "s3:*", "*", cond(odd))), want: Unknown},
		ask{name: "allowed anyway", identity: ss(s3All, st("Allow", "s3:*", "*", cond(odd))), want: Allowed},
		ask{name: "denied anyway", identity: ss(st("Allow", "s3:*", "*", cond(odd)), denyS3), want: ExplicitlyDenied},
		ask{name: "another action", identity: ss(st("Allow", "ec2:*", "*", cond(odd))), want: Denied},
		ask{name: "another condition fails", identity: ss(st("Allow", "s3:*", "*", cond(odd+`,"StringEquals":{"a:k":"x"}`))), want: Denied},
		ask{name: "a scope that cannot be read", identity: ss(`{"Effect":"Allow","Action":"s3:*","Resource":{"Ref":"Bucket"}}`), want: Unknown},
		ask{name: "an effect that cannot be read", identity: ss(s3All, `{"Effect":"Block","Action":"s3:*","Resource":"*"}`), want: Unknown},
		ask{name: "identity not read", edit: func(_ *Request, env *Environment) { env.Missing = map[Layer]string{LayerIdentity: "refused"} }, want: Unknown, blocked: LayerIdentity},
		ask{name: "resource not read", identity: ss(s3All), edit: func(_ *Request, env *Environment) { env.Missing = map[Layer]string{LayerResource: "refused"} }, want: Unknown, blocked: LayerResource},
		ask{name: "control policies not read", identity: ss(s3All), edit: func(_ *Request, env *Environment) { env.Missing = map[Layer]string{LayerSCP: "refused"} }, want: Unknown, blocked: LayerSCP},
		ask{name: "bucket of nobody known", identity: ss(s3All), edit: func(r *Request, _ *Environment) { r.Resource.Account = "" }, want: Unknown})
}
