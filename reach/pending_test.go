package reach

import (
	"slices"
	"strings"
	"testing"

	"github.com/flowdeed/flowdeed/iam"
)

// TestUnreadControlPolicies: without the control policies of an account nothing is decided
// that they could forbid, and it is said what would be if they do not.
func TestUnreadControlPolicies(t *testing.T) {
	s := newSmall(t)
	why := map[iam.Layer]string{iam.LayerSCP: "organizations:ListPolicies: denied", iam.LayerRCP: "organizations:ListPolicies: denied"}
	s.w.Accounts[acct] = &iam.AccountLimits{Org: "o-1", Missing: why}
	s.asset(table, "")
	s.user("ann", allow(table, "dynamodb:GetItem"))
	s.user("bob", `{"Effect":"Allow","Action":"dynamodb:GetItem","Resource":"*","Condition":{"Bool":{"aws:MultiFactorAuthPresent":"true"}}}`)
	s.user("cid", allow(table, "dynamodb:GetItem"), `{"Effect":"Deny","Action":"*","Resource":"*"}`)
	s.user("dan", allow(table, "dynamodb:GetItem")).Missing = map[iam.Layer]string{iam.LayerBoundary: "was not reported"}
	s.user("eli", allow(table, "dynamodb:PutItem"))
	f := s.finder()
	r := f.WhoCan(table, iam.Read)
	expect(t, r.Answers)
	expect(t, r.Undecided, "direct [read] unknown ann>t", "direct [read] unknown bob>t if aws:MultiFactorAuthPresent Bool [true]", "direct [read] unknown dan>t")
	expect(t, r.Denied, "direct [read] explicitly-denied cid>t")
	pending, rest := SplitUndecided(r.Undecided)
	expect(t, rest, "direct [read] unknown dan>t")
	if len(pending) != 1 || pending[0].Text() != "Control policies (SCPs, RCPs) of account 111122223333 not readable: 2 answers hold only if the organisation's policies allow them" {
		t.Fatalf("pending %+v", pending)
	}
	var words []string
	for _, x := range f.Form(table, r, false, nil).Undecided {
		words = append(words, x.Principal[len(x.Principal)-3:]+" "+x.Otherwise+" "+x.ControlPoliciesOf)
	}
	if want := []string{"ann allowed 111122223333", "bob allowed-if 111122223333", "dan  "}; !slices.Equal(words, want) {
		t.Errorf("form says %q, want %q", words, want)
	}
	expect(t, f.ReachOf("arn:aws:iam::111122223333:user/bob", iam.Read).Undecided, "direct [read] unknown bob>t if aws:MultiFactorAuthPresent Bool [true]")
}

// TestUnreadControlPoliciesOnTheWay: a way of several hops that control policies may stop
// is not decided either, and does not vanish.
func TestUnreadControlPoliciesOnTheWay(t *testing.T) {
	s := newSmall(t)
	s.w.Accounts[acct] = &iam.AccountLimits{Org: "o-1", Missing: map[iam.Layer]string{iam.LayerSCP: "organizations:ListPolicies: denied"}}
	s.asset(table, "")
	s.role("reader", trusts(`{"AWS":"arn:aws:iam::111122223333:user/eve"}`), allow(table, "dynamodb:GetItem"))
	s.user("eve", allow("arn:aws:iam::111122223333:role/reader", "sts:AssumeRole"))
	s.user("fay")
	f := s.finder()
	r := f.WhoCan(table, iam.Read)
	expect(t, r.Answers)
	expect(t, r.Undecided, "direct [read] unknown reader>t", "role [read] unknown eve>reader>t")
	expect(t, f.ReachOf("arn:aws:iam::111122223333:user/eve", iam.Read).Undecided, "role [read] unknown eve>reader>t")
	for _, a := range r.Undecided {
		if a.Otherwise != iam.Allowed || a.Limits != acct || !strings.Contains(a.Why, "denied") {
			t.Errorf("undecided: %+v", a)
		}
	}
}
