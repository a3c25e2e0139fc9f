package reach

import (
	"encoding/json"
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/flowdeed/flowdeed/iam"
	"github.com/flowdeed/flowdeed/reach/proof"
	"github.com/flowdeed/flowdeed/reach/proof/verify"
)

// context draws all condition keys of one request.
func (d *drawn) context() map[string]iam.Value {
	ctx := map[string]iam.Value{"aws:SecureTransport": iam.One("true"), "aws:CurrentTime": iam.One(d.of("2025-05-05T00:00:00Z", "2027-01-01T00:00:00Z", "2031-01-01T00:00:00Z"))}
	for key, values := range map[string][]string{"aws:SourceVpce": {"vpce-1", "vpce-2", "a", "b", "x-1"}, "aws:SourceIp": {"10.1.2.3", "10.200.0.1", "192.168.1.1", "8.8.8.8"},
		"aws:MultiFactorAuthPresent": {"true", "false"}, "s3:TlsVersion": {"1.1", "1.2", "1.3"}, "aws:UserAgent": {"a", "b", "ab", "vpce-1"},
		"aws:SourceArn":  {"arn:aws:sns:eu-west-1:111122223333:t", "arn:aws:sns:eu-west-1:999999999999:t", "arn:aws:sns:eu-west-1:111122223333:u"},
		"kms:ViaService": {"s3.eu-west-1.amazonaws.com", "sqs.eu-west-1.amazonaws.com"}} {
		if d.IntN(3) > 0 {
			ctx[key] = iam.One(d.of(values...))
		}
	}
	if d.IntN(2) == 0 {
		delete(ctx, "aws:SourceIp") // it is one or the other
	} else {
		delete(ctx, "aws:SourceVpce")
	}
	if ctx["aws:SourceIp"].Values == nil && d.IntN(2) == 0 {
		ctx["aws:SourceVpc"] = iam.One(d.of("vpc-1", "vpc-1", "vpc-2"))
	}
	if d.who.Kind != iam.Service {
		delete(ctx, "aws:SourceArn")
	}
	if d.IntN(2) == 0 {
		ctx["aws:TagKeys"] = iam.Many([][]string{{"a"}, {"b"}, {"a", "b"}, {"c"}}[d.IntN(4)]...)
	}
	if d.resource != keyARN {
		ctx["aws:ResourceTag/class"] = iam.One("pii")
	}
	person := d.who.Kind != iam.Service && d.who.Kind != iam.Anonymous
	if d.who.Account == own && person {
		ctx["aws:PrincipalOrgID"] = iam.One("o-1")
	}
	if v := d.tags["team"]; v != "" && person {
		ctx["aws:PrincipalTag/team"] = iam.One(v)
	}
	if !person {
		delete(ctx, "aws:MultiFactorAuthPresent")
	}
	for key := range ctx {
		if has, known := iam.BuiltInActions().Carries(d.action, key); known && !has {
			delete(ctx, key)
		}
	}
	if d.away && d.IntN(2) == 0 {
		ctx["aws:PrincipalTag/team"] = iam.One(d.of("a", "b"))
	}
	return ctx
}

// holds tells whether a request meets all literals; what cannot be said is no.
func (d *drawn) holds(t testing.TB, lits []proof.Literal, ctx map[string]iam.Value) bool {
	for _, l := range lits {
		op, flip := l.Operator, false
		switch {
		case op == "allows":
			continue
		case op == "resolves" || l.Key == "role session name":
			return false
		case op == "Present":
			op, l.Values = "Null", []string{"false"}
		case strings.HasPrefix(op, "ForAnyValueNot:"):
			op, flip = "ForAllValues:"+strings.TrimPrefix(op, "ForAnyValueNot:"), true
		}
		doc, err := json.Marshal(map[string]any{"Version": "2012-10-17", "Statement": map[string]any{"Effect": "Allow", "Action": "*", "Resource": "*",
			"Condition": map[string]any{op: map[string]any{l.Key: l.Values}}}})
		if err != nil {
			t.Fatal(err)
		}
		o := iam.Decide(iam.Request{Principal: iam.Principal{Kind: iam.User, ARN: ana, Account: own}, Action: "s3:GetObject", Resource: iam.Resource{ARN: records + "/a", Account: own},
			Context: iam.NewContext(ctx, true)}, iam.Environment{Identity: policies(t, "literal", []string{string(doc)})}).Outcome
		if (o == iam.Allowed) == flip != (!l.Holds) {
			return false
		}
	}
	return true
}

// concrete asks the evaluator about one complete request.
func (d *drawn) concrete(t testing.TB, ctx map[string]iam.Value, resource, through string) iam.Outcome {
	env := iam.Environment{Identity: policies(t, "identity", d.identity)}
	if d.boundary != nil {
		env.Boundaries = policies(t, "boundary", d.boundary)
	}
	for i, l := range d.scps {
		env.SCPs = append(env.SCPs, iam.Level{ID: fmt.Sprint("l", i), Policies: policies(t, "scp", l)})
	}
	for i, l := range d.rcps {
		env.RCPs = append(env.RCPs, iam.Level{ID: fmt.Sprint("l", i), Policies: policies(t, "rcp", l)})
	}
	if d.away { // its account allows it
		env.Identity = policies(t, "identity", []string{`{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}`})
	}
	req := iam.Request{Principal: d.who, Action: d.action, Resource: iam.Resource{ARN: resource, Account: own}, Context: iam.NewContext(ctx, true)}
	key := policies(t, "key", []string{d.key})[0]
	if strings.HasPrefix(d.action, "kms:") {
		env.Resource, env.Grants = key, d.grants
		return iam.Decide(req, env).Outcome
	}
	env.S3 = iam.S3Settings{ABAC: true, BlockPublic: d.block}
	if through != "" {
		env.S3.AccessPoint = &iam.AccessPoint{ARN: pointARN, Account: own, Policy: policies(t, "point", []string{d.point})[0], VPC: d.vpc}
	}
	if d.bucket != "" {
		env.Resource = policies(t, "bucket", []string{d.bucket})[0]
	}
	if d.keyed {
		env.Key = &iam.KeyEnvironment{ARN: keyARN, Account: own, Policy: key, Grants: d.grants, RCPs: env.RCPs}
		if d.action == "s3:PutObject" {
			env.Key.Actions = []string{"kms:GenerateDataKey"}
		}
	}
	return iam.Decide(req, env).Outcome
}

func inPattern(pattern, s string) bool {
	ok, err := matchOracle(pattern, s)
	return err == nil && ok
}

// TestProofsHoldInRequests holds proofs against complete requests.
func TestProofsHoldInRequests(t *testing.T) {
	met, proofs := 0, 0
	for seed := range uint64(1000) {
		d := draw(seed)
		if d.keyed {
			continue // a complete context speaks of one resource and one action only
		}
		p, ok, err := d.answer(t)
		if !ok {
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		if err := verify.New(d.inventory()).Check(p); err != nil {
			t.Fatal(err)
		}
		if n := d.sample(t, p); n > 0 {
			met, proofs = met+n, proofs+1
		}
	}
	if met < 500 {
		t.Errorf("only %d requests met the conditions", met)
	}
	t.Logf("%d requests under %d proofs: all allowed", met, proofs)
}

func matchOracle(pattern, s string) (bool, error) {
	x := regexp.QuoteMeta(pattern)
	x = strings.NewReplacer(`\*`, ".*", `\?`, ".").Replace(x)
	return regexp.MatchString("^(?s:"+x+")$", s)
}
