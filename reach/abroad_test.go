package reach

import (
	"cmp"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/flowdeed/flowdeed/graph"
	"github.com/flowdeed/flowdeed/iam"
)

// pairByPair is the answer of Rights found the slow way: every asset of every account is
// decided for the principal, with no look at who is named or what is mentioned.
func pairByPair(f *Finder, h *iam.Holder, access []iam.Access) (out []Right, whole bool) {
	whole = true
	c := callerOf(h)
	for _, a := range f.world.Assets {
		if a.Account != h.Principal.Account && !admitsOneOf(a, h.Principal.Account) {
			continue
		}
		for _, x := range access {
			d := slowly(f, c, a, x)
			switch {
			case d.Outcome == iam.Unknown:
				whole = false
			case d.Outcome.Reaches():
				covered, sure := openSlowly(f, c, a, x, d)
				whole = whole && (sure || !covered)
				if !covered {
					out = append(out, Right{a.ARN, x, d.Outcome})
				}
			}
		}
	}
	return out, whole
}

// openSlowly is openToAll with the open door decided anew.
func openSlowly(f *Finder, c caller, a *iam.Asset, x iam.Access, d iam.Decision) (covered, sure bool) {
	return f.coveredByOpen(slowly(f, caller{principal: iam.Principal{Kind: iam.Anonymous}}, a, x), c, a, x, d)
}

// admitsOneOf tells whether somebody of an account could be let in.
func admitsOneOf(a *iam.Asset, account string) bool {
	if a.Missing[iam.LayerResource] != "" || len(a.S3.ACL) > 0 || slices.ContainsFunc(a.Grants, func(g iam.KeyGrant) bool { return iam.Account(g.Grantee) == account }) {
		return true
	}
	return a.Policy != nil && (a.Policy.AdmitsUnread() || slices.ContainsFunc(a.Policy.Statements, func(s iam.Statement) bool {
		return s.Effect != iam.Deny && (s.Principals == nil || s.Principals.Any || slices.ContainsFunc(s.Principals.AWS, func(p string) bool { return iam.Account(p) == account }))
	}))
}

// slowly is access without a quick no.
func slowly(f *Finder, c caller, a *iam.Asset, x iam.Access) iam.Decision {
	best := iam.Decision{Outcome: iam.Denied}
	for _, d := range iam.DataActions(a.ARN) {
		if d.Access != x {
			continue
		}
		got := doubted(c, a, f.world.Decide(c.asks(), a, d))
		switch {
		case rank(got.Outcome) > rank(best.Outcome):
			best = got
		case got.Outcome == iam.AllowedIf && best.Outcome == iam.AllowedIf:
			best.If = either(best.If, got.If)
			best.Because = append(slices.Clone(best.Because), got.Because...)
		}
		if best.Outcome == iam.Allowed {
			break // no other action gives more
		}
	}
	return best
}

// ComparePairByPair holds Rights and the quick answers beneath it, and WhoCan with and
// without the index, against the slow way. It returns how many rights it saw.
func ComparePairByPair(t testing.TB, w *iam.World, m *graph.Model) (seen int) {
	t.Helper()
	kinds := []iam.Access{iam.Read, iam.Stream, iam.Write, iam.Delete, iam.Decrypt}
	quick, slow := New(w, m), New(w, m)
	for _, h := range w.Holders {
		got, gotWhole := quick.Rights(h.Principal.ARN, kinds...)
		want, wantWhole := pairByPair(slow, h, kinds)
		if !slices.Equal(got, want) || gotWhole != wantWhole {
			t.Errorf("rights of %s\nquick %v %v\nslow  %v %v", h.Principal.ARN, gotWhole, got, wantWhole, want)
		}
		seen += len(want)
		compareQuickNo(t, slow, h)
	}
	indexed := New(w, m)
	indexed.openMatrix()
	for _, a := range indexed.ajar {
		one := New(w, m)
		got, want := indexed.WhoCan(a.ARN, kinds...), one.WhoCan(a.ARN, kinds...)
		if one.matrix != nil {
			t.Fatal("one question made the matrix")
		}
		for i, pair := range [][2][]Answer{{got.Answers, want.Answers}, {got.Undecided, want.Undecided}} {
			x, y := fmt.Sprintf("%+v", pair[0]), fmt.Sprintf("%+v", pair[1])
			if x != y {
				t.Errorf("who can %s (%d)\nindexed %s\nsingle  %s", a.ARN, i, x, y)
			}
		}
	}
	return seen
}

// compareQuickNo: what is refused without a decision is refused by one.
func compareQuickNo(t testing.TB, f *Finder, h *iam.Holder) {
	c := callerOf(h)
	may := func(d iam.Decision) bool { return d.Outcome.Reaches() || d.Outcome == iam.Unknown }
	for _, a := range f.world.Assets {
		for _, d := range iam.DataActions(a.ARN) {
			x := f.world.Decide(h, a, d)
			if may(x) && a.Account != h.Principal.Account && !f.admitsAccount(a, h.Principal.Account) || may(doubted(c, a, x)) && !f.possible(c, a, d) {
				t.Errorf("%s %s on %s is refused at once, and decided %v", h.Principal.ARN, d.Action, a.ARN, x)
			}
		}
		if f.holders[a.ARN] != nil {
			x := doubted(c, a, f.world.Decide(h, a, iam.DataAction{Access: iam.Invoke, Action: "sts:AssumeRole"}))
			if y := f.assume(c, a); may(x) && (x.Outcome != y.Outcome || fmt.Sprint(x.If) != fmt.Sprint(y.If)) {
				t.Errorf("%s assumes %s: %v, decided %v", h.Principal.ARN, a.ARN, y, x)
			}
		}
	}
}

// neighbours draws a world of three accounts that open stores to each other, or to all.
func neighbours(t testing.TB, seed uint64) *iam.World {
	r := rand.New(rand.NewPCG(seed, 7))
	of := func(list ...string) string { return list[r.IntN(len(list))] }
	ids := []string{"111111111111", "222222222222", "333333333333"}
	w := &iam.World{Accounts: map[string]*iam.AccountLimits{}}
	policy := func(id string, list []string) *iam.Policy {
		p, err := iam.ParsePolicy(`{"Version":"2012-10-17","Statement":[` + strings.Join(list, ",") + `]}`)
		if err != nil {
			t.Fatal(err, list)
		}
		return p.Named(id)
	}
	some := func(n int, one func() string) (list []string) {
		for range 1 + r.IntN(n) {
			list = append(list, one())
		}
		return list
	}
	quote := func(s string) string { b, _ := json.Marshal(s); return string(b) }
	cond := func() string {
		return of("", "", "", `,"Condition":{"StringEquals":{"aws:PrincipalOrgID":"o-one"}}`, `,"Condition":{"Bool":{"aws:MultiFactorAuthPresent":"true"}}`,
			`,"Condition":{"StringEquals":{"AWS:SourceOwner":"111111111111"}}`, `,"Condition":{"StringEquals":{"aws:PrincipalAccount":"222222222222"}}`,
			`,"Condition":{"Bool":{"aws:SecureTransport":"true"}}`, `,"Condition":{"Odd":{"aws:SourceVpc":"vpc-1"}}`, `,"Condition":{"ArnLike":{"aws:PrincipalArn":"arn:aws:iam::*:role/a"}}`)
	}
	actions := func() string {
		return of(`"*"`, `"s3:*"`, `["s3:GetObject","s3:PutObject"]`, `"s3:GetObjectVersion"`, `["sqs:*","kms:Decrypt"]`, `"sqs:SendMessage"`, `"kms:*"`, `"sts:AssumeRole"`)
	}
	for i, id := range ids {
		l := &iam.AccountLimits{Org: of("o-one", "o-one", "")}
		switch r.IntN(6) {
		case 0:
			l.Missing = map[iam.Layer]string{iam.LayerSCP: "not read"}
		case 1:
			l.SCPs = []iam.Level{{ID: "root", Policies: []*iam.Policy{policy("scp", []string{`{"Effect":"Allow","Action":"*","Resource":"*"}`, `{"Effect":"Deny","Action":"s3:Delete*","Resource":"*"}`})}}}
		}
		w.Accounts[id] = l
		bucket, queue, key := "arn:aws:s3:::b"+fmt.Sprint(i), "arn:aws:sqs:eu-west-1:"+id+":q", "arn:aws:kms:eu-west-1:"+id+":key/k"
		principal := func() string {
			return of(`"Principal":"*"`, `"Principal":"*"`, `"Principal":{"AWS":"*"}`, `"Principal":{"AWS":"`+of(ids...)+`"}`, `"Principal":{"AWS":"arn:aws:iam::`+of(ids...)+`:role/a"}`,
				`"Principal":{"AWS":["*","arn:aws:iam::`+of(ids...)+`:role/b"]}`, `"NotPrincipal":{"AWS":"arn:aws:iam::`+of(ids...)+`:role/a"}`, `"Principal":{"Service":"sns.amazonaws.com"}`,
				`"Principal":{"Martian":"x"}`, `"Principal":{"AWS":"`+of(ids...)+`","Martian":["x"]}`, `"NotPrincipal":{"AWS":[{}]}`)
		}
		own := func(arn string) *iam.Policy {
			return policy(arn+" policy", some(3, func() string {
				return `{"Effect":"` + of("Allow", "Allow", "Allow", "Deny") + `",` + principal() + `,"Action":` + actions() + `,"Resource":` + quote(of("*", "*", arn, arn+"/*", arn+"/${aws:username}/*", arn+"/p/*")) + cond() + `}`
			}))
		}
		for _, arn := range []string{bucket, queue, key} {
			a := &iam.Asset{ARN: arn, Account: id, Missing: map[iam.Layer]string{}}
			if r.IntN(5) > 0 {
				a.Policy = own(arn)
			}
			if arn == bucket && r.IntN(4) == 0 {
				a.Key = "arn:aws:kms:eu-west-1:" + of(ids...) + ":key/k"
			}
			if r.IntN(6) == 0 {
				a.Missing[[]iam.Layer{iam.LayerResource, iam.LayerACL, iam.LayerPublicBlock, iam.LayerGrant}[r.IntN(4)]] = "not read"
			}
			if arn == key && r.IntN(3) == 0 {
				a.Grants = []iam.KeyGrant{{ID: "g", Grantee: "arn:aws:iam::" + of(ids...) + ":role/a", Operations: []string{"Decrypt"}}}
			}
			w.Assets = append(w.Assets, a)
		}
		for _, name := range []string{"a", "b"} {
			arn := "arn:aws:iam::" + id + ":role/" + name
			h := &iam.Holder{Principal: iam.Principal{Kind: iam.Role, ARN: arn, Account: id}, Tags: map[string]string{}}
			h.Policies = []*iam.Policy{policy(arn+" inline p", some(3, func() string {
				return `{"Effect":"` + of("Allow", "Allow", "Allow", "Deny") + `","Action":` + actions() + `,"Resource":` +
					quote(of("*", "*", bucket+"/*", "arn:aws:s3:::b*", "arn:aws:s3:::b1/p/*", queue, "arn:aws:sqs:*:*:q", "arn:aws:iam::*:role/*")) + cond() + `}`
			}))}
			if r.IntN(8) == 0 {
				h.Missing = map[iam.Layer]string{iam.LayerIdentity: "not read"}
			}
			h.Trust = policy(arn+" trust", some(2, func() string { return `{"Effect":"Allow",` + principal() + `,"Action":"sts:AssumeRole"` + cond() + `}` }))
			w.Holders = append(w.Holders, h)
			w.Assets = append(w.Assets, &iam.Asset{ARN: arn, Account: id, Policy: h.Trust})
		}
	}
	slices.SortFunc(w.Assets, func(x, y *iam.Asset) int { return cmp.Compare(x.ARN, y.ARN) })
	return w
}

func TestRightsOfDrawnWorlds(t *testing.T) {
	seen := 0
	for seed := range uint64(200) {
		seen += ComparePairByPair(t, neighbours(t, seed), empty())
		if t.Failed() {
			t.Fatal("seed", seed)
		}
	}
	if seen < 500 {
		t.Errorf("only %d rights were compared", seen)
	}
}

func FuzzRights(f *testing.F) {
	f.Add(uint64(1))
	f.Fuzz(func(t *testing.T, seed uint64) { ComparePairByPair(t, neighbours(t, seed), empty()) })
}
