package iam

import (
	"strings"
	"testing"
)

const (
	own     = "111122223333"
	other   = "999999999999"
	ana     = "arn:aws:iam::111122223333:user/ana"
	eve     = "arn:aws:iam::999999999999:user/eve"
	reader  = "arn:aws:iam::111122223333:role/team/reader"
	session = "arn:aws:sts::111122223333:assumed-role/reader/job-1"
	fed     = "arn:aws:sts::111122223333:federated-user/fay"
	object  = "arn:aws:s3:::records/2024/a.json"
	keyARN  = "arn:aws:kms:eu-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab"
)

// ask is a question of a table test; what is left out has the usual value: user ana
// reads an object of her own account, the context is complete and empty.
type ask struct {
	name             string
	kind             Kind
	arn              string
	action, resource string
	owner            string
	ctx              map[string]Value
	open             bool // keys that are not listed are not known

	identity, boundary, session, endpoint []string // statements; nil: the layer does not apply
	policy                                []string // of the resource
	scp, rcp                              [][]string
	edit                                  func(*Request, *Environment)

	want    Outcome
	blocked Layer  // compared when set
	left    string // the alternatives left over, compared when set
}

// document writes a policy from statements.
func document(statements []string) string {
	return `{"Version":"2012-10-17","Statement":[` + strings.Join(statements, ",") + `]}`
}

func (a ask) question(t testing.TB) (Request, Environment) {
	or := func(s, usual string) string {
		if s == "" {
			return usual
		}
		return s
	}
	policies := func(name string, statements []string) []*Policy {
		if statements == nil {
			return nil
		}
		return []*Policy{must(t, document(statements)).Named(name)}
	}
	levels := func(name string, all [][]string) []Level {
		var out []Level
		for _, s := range all {
			out = append(out, Level{ID: name, Policies: policies(name, s)})
		}
		return out
	}
	kind := a.kind
	if kind == "" {
		kind = User
	}
	p := Principal{Kind: kind, ARN: or(a.arn, ana)}
	if kind == Anonymous {
		p.ARN = ""
	} else if kind != Service && kind != Provider {
		p.Account = Account(p.ARN)
	}
	r := Resource{ARN: or(a.resource, object), Account: a.owner}
	if r.Account == "" && Account(r.ARN) == "" {
		r.Account = own
	}
	req := Request{Principal: p, Action: or(a.action, "s3:GetObject"), Resource: r, Context: NewContext(a.ctx, !a.open)}
	env := Environment{Identity: policies("identity", a.identity), Boundaries: policies("boundary", a.boundary),
		Sessions: policies("session", a.session), Endpoint: policies("endpoint", a.endpoint),
		SCPs: levels("scp", a.scp), RCPs: levels("rcp", a.rcp)}
	if a.policy != nil {
		env.Resource = must(t, document(a.policy)).Named("resource")
	}
	if a.edit != nil {
		a.edit(&req, &env)
	}
	return req, env
}

// check asks all questions of a table.
func check(t *testing.T, asks ...ask) {
	t.Helper()
	for _, a := range asks {
		t.Run(a.name, func(t *testing.T) {
			t.Helper()
			req, env := a.question(t)
			d := Decide(req, env)
			if d.Outcome != a.want {
				t.Fatalf("%s, want %s: %+v", d.Outcome, a.want, d)
			}
			if a.blocked != "" && d.BlockedBy != a.blocked {
				t.Errorf("blocked by %q, want %q: %s", d.BlockedBy, a.blocked, d.Why)
			}
			if got := alternatives(d); a.left != "" && got != a.left {
				t.Errorf("left over %s, want %s", got, a.left)
			}
			prove(t, d)
		})
	}
}

func alternatives(d Decision) string {
	var out []string
	for _, a := range d.If {
		out = append(out, a.String())
	}
	return strings.Join(out, " or ")
}

// prove demands that every answer says why.
func prove(t *testing.T, d Decision) {
	t.Helper()
	switch {
	case d.Why == "":
		t.Error("an answer without a reason")
	case d.Outcome == ExplicitlyDenied && (len(d.Because) == 0 && d.BlockedBy != LayerPublicBlock || d.BlockedBy == ""):
		t.Error("a denial without a statement")
	case d.Outcome == Denied && d.BlockedBy == "":
		t.Error("a denial without a layer")
	case (d.Outcome == AllowedIf) != (len(d.If) > 0):
		t.Error("conditions and outcome disagree")
	}
	for _, r := range d.Because {
		if r.Layer == "" || r.Policy == "" {
			t.Errorf("a reason without place: %+v", r)
		}
	}
}

// Statements.

func st(effect, action, resource string, more ...string) string {
	s := `"Effect":"` + effect + `","Action":"` + action + `","Resource":"` + resource + `"`
	for _, m := range more {
		s += "," + m
	}
	return "{" + s + "}"
}

func cond(s string) string { return `"Condition":{` + s + `}` }

func aws(arns ...string) string { return `"Principal":{"AWS":["` + strings.Join(arns, `","`) + `"]}` }

func notAWS(arns ...string) string {
	return `"NotPrincipal":{"AWS":["` + strings.Join(arns, `","`) + `"]}`
}

const anybody = `"Principal":"*"`

var (
	all     = st("Allow", "*", "*")
	s3All   = st("Allow", "s3:*", "*")
	ec2Only = st("Allow", "ec2:*", "*")
	denyS3  = st("Deny", "s3:*", "*")
)

// to is an Allow of the object for a principal in a bucket policy.
func to(principal string, more ...string) string {
	return st("Allow", "s3:GetObject", "arn:aws:s3:::records/*", append([]string{principal}, more...)...)
}

// from is a Deny of the object for a principal in a bucket policy.
func from(principal string, more ...string) string {
	return st("Deny", "s3:*", "arn:aws:s3:::records/*", append([]string{principal}, more...)...)
}

func ss(statements ...string) []string {
	if statements == nil {
		return []string{}
	}
	return statements
}
