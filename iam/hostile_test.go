package iam

import (
	"strings"
	"testing"
	"time"
)

// TestHostilePolicies holds reading and judging of the largest documents to a time
// that no quadratic step would meet on documents a thousand times the usual size.
func TestHostilePolicies(t *testing.T) {
	if testing.Short() {
		t.Skip("slow")
	}
	fill := func(part string) string {
		n := (MaxPolicyBytes - 100) / (len(part) + 1)
		return `{"Version":"2012-10-17","Statement":[` + strings.TrimSuffix(strings.Repeat(part+",", n), ",") + `]}`
	}
	docs := map[string]string{
		"problems":   fill(`1`),
		"lines":      fill("\n1"),
		"statements": fill(`{"Effect":"Allow","Principal":"*","Action":"*","Resource":"*"}`),
		"denies":     fill(`{"Effect":"Allow","Principal":"*","Action":"s3:*","Resource":"*"},{"Effect":"Deny","Principal":"*","Action":"s3:GetObject","Resource":"*"}`),
		"stars":      stmt(`"Effect":"Allow","Principal":"*","Action":"s3:` + strings.Repeat("a*", 40000) + `","Resource":"arn:aws:s3:::` + strings.Repeat("*a", 40000) + `"`),
		"values":     stmt(`"Effect":"Allow","Principal":"*","Action":"*","Resource":"*","Condition":{"StringEquals":{"aws:SourceAccount":["` + strings.Repeat(`1","`, 50000) + `1"]}}`),
	}
	for name, doc := range docs {
		t.Run(name, func(t *testing.T) {
			start := time.Now()
			judgeAll(must(t, doc))
			if d := time.Since(start); d > 20*time.Second {
				t.Errorf("took %s", d)
			} else {
				t.Logf("%d bytes in %s", len(doc), d)
			}
		})
	}
}

// judgeAll asks every reading.
func judgeAll(p *Policy) {
	PublicStatements(p, owner)
	ForeignPrincipals(p, owner)
	UnboundServices(p, owner)
	ForeignSources(p, owner)
	PublicDecrypt(p, owner)
	ForeignDecrypt(p, owner)
	TrustsAnyone(p, owner)
	TrustedForeign(p, owner)
	LooseFederation(p)
	PrincipalOrgConditions(p)
	RequiresTLS(p, "arn:aws:s3:::b", "arn:aws:s3:::b/*")
	Identity{ARN: "arn:aws:iam::111122223333:role/r", Policies: []*Policy{p}, Boundary: p}.Grants("s3:GetObject", "arn:aws:s3:::b/*")
}

// TestEffectNotRead: a statement that allows or denies, nobody knows which, decides
// neither.
func TestEffectNotRead(t *testing.T) {
	all := must(t, `{"Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}`).Named("all")
	none := must(t, `{"Statement":[]}`).Named("none")
	for name, statement := range map[string]string{"unheard of": `{"Effect":"Perhaps",`, "missing": `{`, "no text": `{"Effect":["Allow","Deny"],`} {
		odd := must(t, `{"Statement":`+statement+`"Action":"s3:*","Resource":"*"}}`).Named("odd")
		oddly := must(t, `{"Statement":`+statement+`"Principal":"*","Action":"s3:*","Resource":"*"}}`).Named("oddly")
		for where, env := range map[string]Environment{
			"identity": {Identity: []*Policy{odd}}, "beside an allow": {Identity: []*Policy{all, odd}}, "boundary": {Identity: []*Policy{all}, Boundaries: []*Policy{odd}},
			"control policy": {Identity: []*Policy{all}, SCPs: []Level{{ID: "root", Policies: []*Policy{odd}}}}, "resource": {Identity: []*Policy{none}, Resource: oddly},
			"resource beside an allow": {Identity: []*Policy{all}, Resource: oddly},
		} {
			d := Decide(Request{Principal: Principal{Kind: User, ARN: ana, Account: own}, Action: "s3:GetObject", Resource: Resource{ARN: "arn:aws:s3:::b/x", Account: own}}, env)
			if d.Outcome != Unknown {
				t.Errorf("%s, %s: %s, want unknown", name, where, d.Outcome)
			}
		}
	}
}
