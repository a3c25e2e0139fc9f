package iam

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
)

// dice draws questions from a small vocabulary, so that policies and requests meet
// often. The same seed draws the same question.
type dice struct{ *rand.Rand }

func newDice(seed uint64) dice { return dice{rand.New(rand.NewPCG(seed, 7))} }

func (d dice) of(list ...string) string { return list[d.IntN(len(list))] }
func (d dice) one(in int) bool          { return d.IntN(in) == 0 }

var (
	drawnKeys   = []string{"aws:SourceVpce", "aws:PrincipalTag/team", "aws:SecureTransport", "aws:SourceIp", "aws:MultiFactorAuthAge", "aws:CalledVia", "lambda:SourceFunctionArn"}
	drawnValues = map[string][]string{
		"aws:SourceVpce":           {"vpce-1", "vpce-2", "*"},
		"aws:PrincipalTag/team":    {"a", "b", "ab", ""},
		"aws:SecureTransport":      {"true", "false"},
		"aws:SourceIp":             {"10.0.0.1", "10.1.0.1", "192.168.0.1"},
		"aws:MultiFactorAuthAge":   {"1.1", "1.2", "1.3"},
		"aws:CalledVia":            {"a", "b", ""},
		"lambda:SourceFunctionArn": {"arn:aws:sns:eu-west-1:111122223333:t", "arn:aws:sns:eu-west-1:999999999999:t"},
	}
	drawnObjects = []string{"arn:aws:s3:::records/a/1", "arn:aws:s3:::records/b/1", "arn:aws:s3:::other/a/1"}
)

func (d dice) condition() (string, string, any) {
	key := d.of(drawnKeys...)
	shape := func(s string) string {
		if d.one(3) {
			return s + "IfExists"
		}
		return s
	}
	switch {
	case d.one(6):
		return "Null", key, d.of("true", "false")
	case key == "aws:SecureTransport":
		return shape("Bool"), key, d.of("true", "false")
	case key == "aws:SourceIp":
		return shape(d.of("IpAddress", "NotIpAddress")), key, d.some("10.0.0.0/8", "10.1.0.0/16", "192.168.0.0/16")
	case key == "aws:MultiFactorAuthAge":
		return shape("NumericLessThan"), key, d.of("1.2", "1.3")
	case key == "aws:CalledVia":
		return d.of("ForAnyValue:", "ForAllValues:") + shape(d.of("StringEquals", "StringNotEquals", "StringLike")), key, d.some("a", "b", "*")
	case key == "lambda:SourceFunctionArn":
		return shape(d.of("ArnLike", "ArnNotLike")), key, d.some("arn:aws:sns:*:111122223333:*", "arn:aws:sns:*:*:t", "arn:aws:sns:*:999999999999:t")
	}
	return shape(d.of("StringEquals", "StringNotEquals", "StringLike", "StringNotLike")), key, d.some("vpce-1", "vpce-*", "a", "b", "a*", "*", "${aws:PrincipalTag/team}")
}

// some draws one value, or a list of several.
func (d dice) some(list ...string) any {
	if d.one(2) {
		return d.of(list...)
	}
	out := []any{}
	for _, v := range list {
		if d.one(2) {
			out = append(out, v)
		}
	}
	return out
}

func (d dice) statement(principals bool) obj {
	s := obj{"Effect": d.of("Allow", "Allow", "Deny")}
	s[d.of("Action", "Action", "Action", "NotAction")] = d.some("s3:GetObject", "s3:*", "s3:put*", "*", "kms:*", "KMS:Decrypt", "s3:GetObject ")
	s[d.of("Resource", "Resource", "Resource", "NotResource")] = d.some("*", "arn:aws:s3", "arn:aws:s3:::records/*", "arn:aws:s3:::*/a/?", "arn:aws:s3:::records/${aws:PrincipalTag/team}/*", keyARN)
	if d.one(2) {
		c := obj{}
		for range 1 + d.IntN(2) {
			op, key, values := d.condition()
			c[op] = obj{key: values}
		}
		s["Condition"] = c
	}
	if principals {
		name := "Principal"
		if d.one(6) {
			name = "NotPrincipal"
		}
		switch d.IntN(8) {
		case 0, 1, 2:
			s["Principal"] = "*"
		case 3:
			s[name] = obj{"Service": d.some("sns.amazonaws.com", "s3.amazonaws.com")}
		case 4:
		default:
			s[name] = obj{"AWS": d.some(ana, eve, reader, session, own, other, "arn:aws:iam::111122223333:root", "*")}
		}
	}
	return s
}

func (d dice) document(principals bool) obj {
	list := []any{}
	for range d.IntN(4) {
		list = append(list, d.statement(principals))
	}
	return obj{"Version": "2012-10-17", "Statement": list}
}

// layer draws policies of a layer; nil when it does not apply.
func (d dice) layer(principals bool) []obj {
	if !d.one(3) {
		return nil
	}
	return []obj{d.document(principals)}
}

func (d dice) caseOf() oracleCase {
	c := oracleCase{identity: []obj{d.document(false), d.document(false)}, boundary: d.layer(false), session: d.layer(false), endpoint: d.layer(true)}
	if !d.one(4) {
		c.resource = d.document(true)
	}
	for d.one(3) {
		c.scps = append(c.scps, []obj{d.document(false)})
	}
	for d.one(3) {
		c.rcps = append(c.rcps, []obj{d.document(true)})
	}
	return c
}

func (d dice) request() Request {
	r := Request{Action: d.of("s3:GetObject", "s3:PutObject"), Resource: Resource{ARN: d.of(drawnObjects...), Account: own}}
	if d.one(4) {
		r.Action, r.Resource = "kms:Decrypt", Resource{ARN: keyARN, Account: own}
	}
	switch d.IntN(6) {
	case 0:
		r.Principal = Principal{Kind: User, ARN: eve, Account: other}
	case 1:
		r.Principal = Principal{Kind: RoleSession, ARN: session, Account: own}
	case 2:
		r.Principal = Principal{Kind: Service, ARN: "sns.amazonaws.com"}
	case 3:
		r.Principal = Principal{Kind: Anonymous}
	default:
		r.Principal = Principal{Kind: User, ARN: ana, Account: own}
	}
	return r
}

// context draws a request context: every key absent, or with values.
func (d dice) context() map[string]Value {
	ctx := map[string]Value{}
	for _, k := range drawnKeys {
		switch {
		case k == "aws:SecureTransport":
			ctx[k] = One(d.of(drawnValues[k]...)) // always there
		case d.one(3):
		case k == "aws:CalledVia":
			v := Value{Multi: true}
			for _, x := range drawnValues[k] {
				if d.one(2) {
					v.Values = append(v.Values, x)
				}
			}
			ctx[k] = v
		default:
			ctx[k] = One(d.of(drawnValues[k]...))
		}
	}
	if _, endpoint := ctx["aws:SourceVpce"]; endpoint {
		delete(ctx, "aws:SourceIp") // no request carries both
	}
	return ctx
}

func compile(t testing.TB, docs []obj, name string) []*Policy {
	if docs == nil {
		return nil
	}
	out := []*Policy{}
	for _, x := range docs {
		data, err := json.Marshal(x)
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, must(t, string(data)).Named(name))
	}
	return out
}

func (c oracleCase) environment(t testing.TB) Environment {
	env := Environment{Identity: compile(t, c.identity, "identity"), Boundaries: compile(t, c.boundary, "boundary"),
		Sessions: compile(t, c.session, "session"), Endpoint: compile(t, c.endpoint, "endpoint")}
	if c.resource != nil {
		env.Resource = compile(t, []obj{c.resource}, "resource")[0]
	}
	for _, l := range c.scps {
		env.SCPs = append(env.SCPs, Level{ID: "l", Policies: compile(t, l, "scp")})
	}
	for _, l := range c.rcps {
		env.RCPs = append(env.RCPs, Level{ID: "l", Policies: compile(t, l, "rcp")})
	}
	return env
}

func askOracle(req Request, ctx map[string]Value, c oracleCase) Outcome {
	o := oracle{req: req, ctx: map[string]Value{}, res: req.Resource.ARN, account: req.Resource.Account}
	for k, v := range ctx {
		o.ctx[strings.ToLower(k)] = v
	}
	return o.decide(c)
}

// compare draws one question and holds Decide against the oracle: for a complete
// context the answers are equal; for an open one the formula of what is left over is
// true in exactly the contexts that the oracle allows.
func compare(t *testing.T, seed uint64) {
	d := newDice(seed)
	c, req := d.caseOf(), d.request()
	env := c.environment(t)
	open := req
	open.Context = NewContext(nil, false)
	e := newEval(newAlgebra(), open, &env)
	v := e.judge()
	rest := v.passes(e)
	for _, x := range v.denies {
		rest = e.and(rest, e.not(x.when))
	}
	answer := Decide(open, env)
	for range 8 {
		ctx := d.context()
		want := askOracle(req, ctx, c)
		closed := req
		closed.Context = NewContext(ctx, true)
		got := Decide(closed, env)
		if got.Outcome != want {
			t.Fatalf("seed %d: %s, the oracle says %s\nrequest %+v\ncontext %v\n%s\n%+v", seed, got.Outcome, want, req, ctx, show(c), got)
		}
		prove(t, got)
		if e.truncated || req.Principal.Kind == Anonymous || req.Principal.Kind == Service || onlyEmpty(ctx["aws:CalledVia"]) {
			// Such callers bring no tags, which the context drawn may hold; and a list of
			// nothing but empty strings counts as missing for sets, as present for Null.
			continue
		}
		if f := e.truthIn(rest, NewContext(ctx, true)); f != (want == Allowed) {
			t.Fatalf("seed %d: the formula is %v, the oracle says %s\nrequest %+v\ncontext %v\n%s\n%+v", seed, f, want, req, ctx, show(c), answer)
		}
		if want == Allowed && !answer.Outcome.Reaches() || want != Allowed && answer.Outcome == Allowed {
			t.Fatalf("seed %d: %s in general, %s here\n%s", seed, answer.Outcome, want, show(c))
		}
	}
	prove(t, answer)
}

func onlyEmpty(v Value) bool {
	return len(v.Values) > 0 && strings.Join(v.Values, "") == ""
}

// truthIn evaluates a formula in a complete context.
func (e *eval) truthIn(f formula, ctx Context) bool {
	for _, c := range f {
		all := true
		for _, lit := range c {
			all = all && e.atomIn(e.atom(lit), ctx) == (lit > 0)
		}
		if all {
			return true
		}
	}
	return false
}

func (e *eval) atomIn(a *atom, ctx Context) bool {
	closed := *e
	closed.req.Context = ctx
	v, there := ctx.lookup(a.key)
	switch a.kind {
	case presentAtom:
		return there == presentKey
	case variableAtom:
		return closed.resourceVariable(a, there)
	}
	values := a.values
	if a.opaque {
		values = nil
		for _, raw := range a.raw {
			if p, ok, _ := closed.resolve(compileText(raw, a.op.wildcards(), a.op.variablesAllowed())); ok {
				values = append(values, p)
			}
		}
	}
	if a.kind == matchAtom {
		if there != presentKey || v.Multi {
			return false
		}
		m, _ := a.op.matches(values, v.Values[0])
		return m
	}
	for _, x := range v.Values {
		if m, _ := a.op.matches(values, x); x != "" && m == (a.kind == anyValueAtom) {
			return true
		}
	}
	return false
}

func (e *eval) resourceVariable(a *atom, there presence) bool {
	if there != presentKey {
		return false
	}
	r := compileResource(a.raw[0], true)
	p, ok, _ := e.resolve(r.text)
	return ok && splitARN(p).covers(e.query.arn)
}

func show(c oracleCase) string {
	data, _ := json.MarshalIndent(map[string]any{"identity": c.identity, "boundary": c.boundary, "session": c.session,
		"endpoint": c.endpoint, "resource": c.resource, "scps": c.scps, "rcps": c.rcps}, "", " ")
	return string(data)
}

func TestOracle(t *testing.T) {
	n := uint64(2500)
	if testing.Short() {
		n = 300
	}
	counts := map[Outcome]int{}
	for seed := range n {
		compare(t, seed)
		d := newDice(seed)
		c, req := d.caseOf(), d.request()
		counts[askOracle(req, d.context(), c)]++
	}
	for _, o := range []Outcome{Allowed, Denied, ExplicitlyDenied} {
		if counts[o] < int(n)/50 {
			t.Errorf("only %d of %d drawn questions are %s: the vocabulary meets too seldom", counts[o], n, o)
		}
	}
	t.Log(fmt.Sprint(counts))
}

func FuzzOracle(f *testing.F) {
	f.Add(uint64(1))
	f.Fuzz(compare)
}
