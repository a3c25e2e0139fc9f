package reach

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/flowdeed/flowdeed/graph"
	"github.com/flowdeed/flowdeed/iam"
)

const (
	acct  = "111122223333"
	other = "444455556666"
	table = "arn:aws:dynamodb:eu-west-1:111122223333:table/t"
	key   = "arn:aws:kms:eu-west-1:111122223333:key/k"
)

// small is a world made by hand.
type small struct {
	t *testing.T
	w *iam.World
	m *graph.Model
}

func newSmall(t *testing.T) *small {
	return &small{t, &iam.World{Accounts: map[string]*iam.AccountLimits{acct: {}}}, graph.NewModel()}
}

func (s *small) policy(id, doc string) *iam.Policy {
	s.t.Helper()
	p, err := iam.ParsePolicy(fmt.Sprintf(`{"Version":"2012-10-17","Statement":[%s]}`, doc))
	if err != nil {
		s.t.Fatal(err)
	}
	return p.Named(id)
}

// allow is a statement that allows actions on a resource.
func allow(resource string, actions ...string) string {
	return fmt.Sprintf(`{"Effect":"Allow","Action":["%s"],"Resource":"%s"}`, strings.Join(actions, `","`), resource)
}

func trusts(principal string) string {
	return fmt.Sprintf(`{"Effect":"Allow","Principal":%s,"Action":"sts:AssumeRole"}`, principal)
}

func (s *small) user(name string, statements ...string) *iam.Holder {
	arn := "arn:aws:iam::" + acct + ":user/" + name
	return s.holder(iam.Principal{Kind: iam.User, ARN: arn, Account: acct}, "", statements)
}

func (s *small) role(name, trust string, statements ...string) *iam.Holder {
	arn := "arn:aws:iam::" + acct + ":role/" + name
	return s.holder(iam.Principal{Kind: iam.Role, ARN: arn, Account: acct}, trust, statements)
}

func (s *small) holder(p iam.Principal, trust string, statements []string) *iam.Holder {
	h := &iam.Holder{Principal: p, Tags: map[string]string{}}
	if len(statements) > 0 {
		h.Policies = []*iam.Policy{s.policy(p.ARN+" inline p", strings.Join(statements, ","))}
	}
	if trust != "" {
		h.Trust = s.policy(p.ARN+" trust", trust)
		s.w.Assets = append(s.w.Assets, &iam.Asset{ARN: p.ARN, Account: acct, Policy: h.Trust})
	}
	s.w.Holders = append(s.w.Holders, h)
	return h
}

func (s *small) asset(arn, policy string) *iam.Asset {
	a := &iam.Asset{ARN: arn, Account: acct}
	if policy != "" {
		a.Policy = s.policy(arn+" policy", policy)
	}
	s.w.Assets = append(s.w.Assets, a)
	return a
}

// runs puts something under a role.
func (s *small) runs(arn, role string) {
	s.m.AddNode(graph.Node{ID: graph.ID(arn), Class: graph.Function, Name: arn, Account: acct})
	s.m.AddNode(graph.Node{ID: graph.ID(role), Class: graph.Principal, Name: role, Account: acct})
	s.m.AddFlow(graph.Flow{Kind: graph.Assumes, From: graph.ID(arn), To: graph.ID(role), Evidence: []graph.Evidence{{Kind: "configuration", Confidence: 0.99}}})
}

func (s *small) finder() *Finder {
	slices.SortFunc(s.w.Holders, func(a, b *iam.Holder) int { return strings.Compare(a.Principal.ARN, b.Principal.ARN) })
	slices.SortFunc(s.w.Assets, func(a, b *iam.Asset) int { return strings.Compare(a.ARN, b.ARN) })
	s.m.Freeze()
	return New(s.w, s.m)
}

// says writes the answers as short lines.
func says(list []Answer) []string {
	var out []string
	for _, a := range list {
		var hops []string
		for _, p := range a.Path() {
			hops = append(hops, p[strings.LastIndexAny(p, "/:")+1:])
		}
		line := fmt.Sprintf("%s %v %s %s", a.Via, a.Access, a.Decision, strings.Join(hops, ">"))
		if len(a.If) > 0 {
			line += " if " + strings.Join(a.If, " or ")
		}
		out = append(out, line)
	}
	return out
}

func expect(t *testing.T, got []Answer, want ...string) {
	t.Helper()
	if lines := says(got); !slices.Equal(lines, want) {
		t.Errorf("got\n  %s\nwant\n  %s", strings.Join(lines, "\n  "), strings.Join(want, "\n  "))
	}
}

func TestRoleChains(t *testing.T) {
	s := newSmall(t)
	s.asset(table, "")
	reader := s.role("reader", trusts(`{"AWS":"arn:aws:iam::111122223333:role/middle"}`), allow(table, "dynamodb:GetItem"))
	s.role("middle", `{"Effect":"Allow","Principal":{"AWS":"111122223333"},"Action":"sts:AssumeRole","Condition":{"Bool":{"aws:MultiFactorAuthPresent":"true"}}}`)
	s.user("ann", allow("*", "sts:AssumeRole"))
	s.user("bob", allow("*", "s3:GetObject"))
	_ = reader
	expect(t, s.finder().WhoCan(table, iam.Read).Answers,
		"direct [read] allowed reader>t",
		"role [read] allowed middle>reader>t",
		"role [read] allowed-if ann>middle>reader>t if aws:MultiFactorAuthPresent Bool [true]")
}

// TestShortestPath: of two ways the shorter counts, of equal ones the one whose names
// come first.
func TestShortestPath(t *testing.T) {
	s := newSmall(t)
	s.asset(table, "")
	open := trusts(`{"AWS":"111122223333"}`)
	s.role("b", open, allow(table, "dynamodb:GetItem"))
	s.role("a", open, allow(table, "dynamodb:GetItem"))
	s.role("c", open, allow("arn:aws:iam::111122223333:role/a", "sts:AssumeRole"))
	s.user("ann", allow("*", "sts:AssumeRole"))
	expect(t, s.finder().WhoCan(table, iam.Read).Answers,
		"direct [read] allowed a>t", "direct [read] allowed b>t",
		"role [read] allowed c>a>t", "role [read] allowed ann>a>t")
}

func TestKeyDecidesToo(t *testing.T) {
	s := newSmall(t)
	s.asset(table, "").Key = key
	s.asset(key, `{"Effect":"Allow","Principal":{"AWS":"111122223333"},"Action":"kms:*","Resource":"*"}`)
	s.user("ann", allow(table, "dynamodb:GetItem"), allow(key, "kms:Decrypt"))
	s.user("bob", allow(table, "dynamodb:GetItem"))
	s.user("eve", allow(table, "dynamodb:GetItem"), allow(key, "kms:PutKeyPolicy"))
	f := s.finder()
	r := f.WhoCan(table, iam.Read)
	expect(t, r.Answers, "direct [read] allowed ann>t")
	for _, d := range r.Denied {
		if d.BlockedBy != iam.LayerKey {
			t.Errorf("%s is kept out by %s, want the key", d.Principal, d.BlockedBy)
		}
	}
	if len(r.Denied) != 2 {
		t.Errorf("%d kept out, want 2", len(r.Denied))
	}
	expect(t, f.WhoCan(key, iam.Decrypt).Answers, "direct [decrypt] allowed ann>k", "escalation [decrypt] allowed eve>k")
}

// TestUnknownIsNeitherAllowedNorDenied: a layer that was not read leaves the answer
// open, with the reason.
func TestUnknownIsNeitherAllowedNorDenied(t *testing.T) {
	for name, spoil := range map[string]func(*small, *iam.Holder, *iam.Asset){
		"control policies": func(s *small, _ *iam.Holder, _ *iam.Asset) {
			s.w.Accounts[acct].Missing = map[iam.Layer]string{iam.LayerSCP: "refused"}
		},
		"identity policies": func(_ *small, h *iam.Holder, _ *iam.Asset) {
			h.Missing = map[iam.Layer]string{iam.LayerIdentity: "refused"}
		},
		"boundary": func(_ *small, h *iam.Holder, _ *iam.Asset) {
			h.Missing = map[iam.Layer]string{iam.LayerBoundary: "refused"}
		},
		"resource policy": func(_ *small, _ *iam.Holder, a *iam.Asset) {
			a.Missing = map[iam.Layer]string{iam.LayerResource: "refused"}
		},
		"key": func(_ *small, _ *iam.Holder, a *iam.Asset) {
			a.Missing = map[iam.Layer]string{iam.LayerKey: "refused"}
		},
		"policy of the key": func(s *small, _ *iam.Holder, a *iam.Asset) {
			a.Key = key
			s.asset(key, "").Missing = map[iam.Layer]string{iam.LayerResource: "refused"}
		},
	} {
		t.Run(name, func(t *testing.T) {
			s := newSmall(t)
			a := s.asset(table, "")
			h := s.user("ann", allow(table, "dynamodb:GetItem"))
			spoil(s, h, a)
			r := s.finder().WhoCan(table, iam.Read)
			if len(r.Answers) > 0 || len(r.Denied) > 0 {
				t.Errorf("decided: %v %v", says(r.Answers), says(r.Denied))
			}
			who := map[string]bool{}
			for _, x := range r.Undecided {
				who[x.Principal] = true
				if !strings.Contains(x.Why, "refused") {
					t.Errorf("undecided: %+v", x)
				}
			}
			// A policy that was not read may let in anybody at all.
			if want := map[bool]int{true: 3, false: 1}[name == "resource policy"]; len(who) != want || !who[h.Principal.ARN] {
				t.Errorf("undecided: %v, want %d with ann", who, want)
			}
		})
	}
}

func TestOutsiders(t *testing.T) {
	bucket := "arn:aws:s3:::b"
	for _, c := range []struct {
		name, policy string
		want         []string
	}{
		{"everybody", `{"Effect":"Allow","Principal":"*","Action":"s3:GetObject","Resource":"arn:aws:s3:::b/*"}`,
			[]string{"public [read] allowed internet>b"}},
		{"an account", `{"Effect":"Allow","Principal":{"AWS":"444455556666"},"Action":"s3:GetObject","Resource":"arn:aws:s3:::b/*"}`,
			[]string{"direct [read] allowed-if root>b if account 444455556666 allows it"}},
		{"a role of another account", `{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::444455556666:role/r"},"Action":"s3:GetObject","Resource":"arn:aws:s3:::b/*"}`,
			[]string{"direct [read] allowed-if r>b if account 444455556666 allows it"}},
		{"a service for anybody", `{"Effect":"Allow","Principal":{"Service":"logs.amazonaws.com"},"Action":"s3:GetObject","Resource":"arn:aws:s3:::b/*"}`,
			[]string{"service [read] allowed logs.amazonaws.com>b"}},
		{"a service for this account", `{"Effect":"Allow","Principal":{"Service":"logs.amazonaws.com"},"Action":"s3:GetObject","Resource":"arn:aws:s3:::b/*","Condition":{"StringEquals":{"aws:SourceAccount":"111122223333"}}}`, nil},
		{"the own account", `{"Effect":"Allow","Principal":"*","Action":"s3:GetObject","Resource":"arn:aws:s3:::b/*","Condition":{"StringEquals":{"aws:PrincipalAccount":"111122223333"}}}`,
			[]string{"direct [read] allowed root>b"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := newSmall(t)
			s.asset(bucket, c.policy)
			s.user("ann")
			s.user("bob")
			f := s.finder()
			expect(t, f.WhoCan(bucket, iam.Read).Answers, c.want...)
			provesAll(t, f, bucket, AllKinds...)
		})
	}
}

func TestFederated(t *testing.T) {
	s := newSmall(t)
	s.asset(table, "")
	s.role("ci", `{"Effect":"Allow","Principal":{"Federated":"arn:aws:iam::111122223333:oidc-provider/ci.example"},"Action":"sts:AssumeRoleWithWebIdentity","Condition":{"StringEquals":{"ci.example:aud":"aws"}}}`,
		allow(table, "dynamodb:GetItem"))
	f := s.finder()
	provesAll(t, f, table, AllKinds...)
	expect(t, f.WhoCan(table, iam.Read).Answers, "direct [read] allowed ci>t", "role [read] allowed-if ci.example>ci>t if ci.example:aud StringEquals [aws]")
}

// TestReachOfAgrees: what a principal reaches is what the stores say of it.
func TestReachOfAgrees(t *testing.T) {
	s := newSmall(t)
	s.asset(table, "")
	s.asset("arn:aws:dynamodb:eu-west-1:111122223333:table/u", "")
	s.role("reader", trusts(`{"AWS":"111122223333"}`), allow("*", "dynamodb:GetItem"))
	s.role("launch", trusts(`{"Service":"lambda.amazonaws.com"}`), allow(table, "dynamodb:PutItem"))
	s.user("ann", allow("*", "sts:AssumeRole"), allow("*", "iam:PassRole", "lambda:CreateFunction", "lambda:InvokeFunction"))
	s.user("bob", allow(table, "dynamodb:DeleteItem"))
	f := s.finder()
	kinds := []iam.Access{iam.Read, iam.Write, iam.Delete}
	for _, h := range s.w.Holders {
		var want []string
		for _, a := range s.w.Assets {
			for _, x := range f.WhoCan(a.ARN, kinds...).Answers {
				if x.Principal == h.Principal.ARN {
					want = append(want, says([]Answer{x})...)
				}
			}
		}
		got := says(f.ReachOf(h.Principal.ARN, kinds...).Answers)
		slices.Sort(want)
		slices.Sort(got)
		if !slices.Equal(got, want) {
			t.Errorf("%s\n reaches %q\n stores say %q", h.Principal.ARN, got, want)
		}
	}
}
