package iam

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

// worldDice draws worlds of everything that makes a difference to an answer.
type worldDice struct {
	*rand.Rand
	t      testing.TB
	shared []*Policy
	serial int
}

func newWorldDice(t testing.TB, seed uint64) *worldDice {
	return &worldDice{Rand: rand.New(rand.NewPCG(seed, 11)), t: t}
}

func (d *worldDice) of(list ...string) string { return list[d.IntN(len(list))] }
func (d *worldDice) one(in int) bool          { return d.IntN(in) == 0 }

var (
	worldAccounts = []string{own, other, "222222222222"}
	worldAssets   = []string{"arn:aws:s3:::records", "arn:aws:s3:::records-eu", "arn:aws:s3:::logs",
		"arn:aws:dynamodb:eu-west-1:111122223333:table/t", "arn:aws:dynamodb:eu-west-1:111122223333:table/t2", "arn:aws:dynamodb:eu-west-1:999999999999:table/t",
		"arn:aws:sqs:eu-west-1:111122223333:q", "arn:aws:sqs:eu-west-1:111122223333:q2", keyARN, "arn:aws:kms:eu-west-1:999999999999:key/2", reader,
		"arn:aws:logs:eu-west-1:111122223333:log-group:g:*", "arn:aws:events:eu-west-1:111122223333:event-bus/b"}
	worldResources = []string{"*", "*", "arn:aws:s3:::*", "arn:aws:s3:::records*", "arn:aws:s3:::records/*", "arn:aws:s3:::records", "arn:aws:s3:::*/2024/*",
		"arn:aws:s3:::records/${aws:username}/*", "arn:aws:s3:::${aws:PrincipalTag/team}", "arn:aws:dynamodb:*:*:table/t*", "arn:aws:dynamodb:*:111122223333:table/t",
		"arn:aws:dynamodb:*:*:table/${aws:username}*", "arn:aws:dynamodb:*:*:table/t/stream/*", "arn:aws:sqs", "arn:aws:sqs:*:*:q", "arn:aws:kms:*:*:key/*", keyARN,
		"arn:aws:logs:*:*:log-group:g:log-stream:x", "arn:aws:logs:*:*:log-group:*", "arn:aws:*:*:*:*", reader}
	worldActions    = []string{"*", "s3:*", "s3:Get*", "s3:GetObject", "s3:ListBucket", "dynamodb:*", "dynamodb:GetItem", "sqs:*", "kms:*", "kms:Decrypt", "sts:AssumeRole", "logs:*", "events:*", "iam:*"}
	worldConditions = []string{
		`"StringEquals":{"aws:PrincipalTag/team":"a"}`, `"StringEquals":{"aws:PrincipalTag/team":"${aws:ResourceTag/team}"}`,
		`"StringNotEquals":{"aws:ResourceTag/team":"a"}`, `"ArnNotLike":{"aws:PrincipalArn":"arn:aws:iam::*:role/*"}`, `"StringLike":{"aws:username":"a*"}`,
		`"StringEquals":{"aws:SourceVpce":"vpce-1"}`, `"Bool":{"aws:SecureTransport":"false"}`, `"StringNotEqualsIfExists":{"aws:PrincipalOrgID":"o-1"}`,
		`"StringEquals":{"kms:ViaService":"s3.eu-west-1.amazonaws.com"}`, `"StringResembles":{"a:k":"x"}`, `"StringEquals":{"aws:ResourceAccount":"${aws:PrincipalAccount}"}`,
		`"StringNotEquals":{"aws:RequestedRegion":"eu-west-1"}`, `"StringEquals":{"s3:DataAccessPointAccount":"111122223333"}`,
		`"StringNotLike":{"s3:DataAccessPointArn":"arn:aws:s3:*:111122223333:accesspoint/*"}`, `"StringEquals":{"aws:SourceVpc":"vpc-2"}`,
	}
	worldPrincipals = []string{`"*"`, `{"AWS":"*"}`, `{"AWS":"111122223333"}`, `{"AWS":"arn:aws:iam::999999999999:root"}`, `{"AWS":"` + ana + `"}`, `{"AWS":["` + reader + `","` + eve + `"]}`,
		`{"AWS":"` + session + `"}`, `{"Service":"lambda.amazonaws.com"}`,
		`{"Martian":"x"}`, `{"AWS":["111122223333",{}]}`}
)

func (d *worldDice) statement(principals bool) string {
	s := `{"Effect":"` + d.of("Allow", "Allow", "Allow", "Deny") + `"`
	if d.one(60) {
		s = `{"Effect":"Perhaps"`
	}
	if principals {
		s += `,"` + d.of("Principal", "Principal", "Principal", "NotPrincipal") + `":` + d.of(worldPrincipals...)
	}
	s += fmt.Sprintf(`,"%s":["%s","%s"]`, d.of("Action", "Action", "Action", "Action", "NotAction"), d.of(worldActions...), d.of(worldActions...))
	s += fmt.Sprintf(`,"%s":["%s","%s"]`, d.of("Resource", "Resource", "Resource", "Resource", "NotResource"), d.of(worldResources...), d.of(worldResources...))
	if d.one(3) {
		s += `,"Condition":{` + d.of(worldConditions...) + `}`
	}
	return s + "}"
}

func (d *worldDice) policy(principals bool) *Policy {
	d.serial++
	var list []string
	for range 1 + d.IntN(2) {
		list = append(list, d.statement(principals))
	}
	return must(d.t, document(list)).Named(fmt.Sprintf("p%d", d.serial))
}

func (d *worldDice) policies() []*Policy {
	out := []*Policy{}
	for range d.IntN(3) {
		if d.one(2) {
			out = append(out, d.shared[d.IntN(len(d.shared))])
		} else {
			out = append(out, d.policy(false))
		}
	}
	return out
}

func (d *worldDice) tags() map[string]string {
	switch d.IntN(3) {
	case 0:
		return nil
	case 1:
		return map[string]string{}
	}
	return map[string]string{"team": d.of("a", "b", "records")}
}

func (d *worldDice) holder(n int) *Holder {
	account := d.of(worldAccounts...)
	p := Principal{Kind: Kind(d.of("user", "user", "role", "role", "role", "role-session", "root", "service", "anonymous")), Account: account}
	switch p.Kind {
	case User:
		p.ARN = "arn:aws:iam::" + account + ":user/" + d.of("ana", "eve", fmt.Sprint("u", n))
	case Role:
		p.ARN = "arn:aws:iam::" + account + ":role/" + d.of("team/reader", fmt.Sprint("r", n))
	case RoleSession:
		p.ARN = "arn:aws:sts::" + account + ":assumed-role/" + d.of("reader", fmt.Sprint("r", n)) + "/" + d.of("job-1", "job-2")
	case Root:
		p.ARN = "arn:aws:iam::" + account + ":root"
	case Service:
		p.ARN, p.Account = d.of("lambda.amazonaws.com", "sns.amazonaws.com"), ""
	case Anonymous:
		p.Account = ""
	}
	h := &Holder{Principal: p, Tags: d.tags()}
	if p.hasIdentity() {
		h.Policies = d.policies()
		if d.one(4) {
			h.Boundaries = d.policies()
		}
		if d.one(12) {
			h.Missing = map[Layer]string{Layer(d.of("identity", "boundary")): "refused"}
		}
	}
	if p.Kind == Role && d.one(2) {
		h.Trust = must(d.t, `{"Statement":{"Effect":"Allow","Principal":"*","Action":"`+d.of("sts:AssumeRole", "sts:*")+`"}}`)
	}
	return h
}

func (d *worldDice) asset(arn string) *Asset {
	a := &Asset{ARN: arn, Account: Account(arn), Tags: d.tags()}
	if a.Account == "" {
		a.Account = d.of(worldAccounts...)
	}
	if d.one(2) {
		a.Policy = d.policy(true)
	}
	switch {
	case strings.Contains(arn, ":kms:"):
		a.AWSManagedKey = d.one(6)
		if d.one(2) {
			a.Policy = must(d.t, `{"Statement":{"Effect":"Allow","Principal":{"AWS":"`+a.Account+`"},"Action":"kms:*","Resource":"*"}}`).Named("key")
		}
		if d.one(3) {
			a.Grants = []KeyGrant{{ID: "g", Grantee: d.of(ana, reader, "lambda.amazonaws.com"), Operations: []string{"Decrypt"}, Equals: map[string]string{"app": "x"}}}
		}
	case d.one(2):
		a.Key = d.of(keyARN, "arn:aws:kms:eu-west-1:999999999999:key/2", "arn:aws:kms:eu-west-1:999999999999:key/none")
	case d.one(3):
		a.AWSManagedKey = true
	}
	if strings.HasPrefix(arn, "arn:aws:s3") {
		a.Region = d.of("", "eu-west-1", "us-east-1")
		a.S3 = S3Settings{BlockPublic: d.one(3), ABAC: d.one(2)}
		if d.one(4) {
			a.S3.ACL = []ACLGrant{{Grantee: d.of("AllUsers", "AuthenticatedUsers"), Permission: "READ", Object: true}}
		}
		if d.one(4) {
			a.AccessPoints = []*AccessPoint{{ARN: "arn:aws:s3:eu-west-1:" + a.Account + ":accesspoint/p", Policy: d.policy(true)}}
			if d.one(3) {
				a.AccessPoints[0].VPC = "vpc-1"
			}
			if d.one(4) {
				a.AccessPoints = append(a.AccessPoints, &AccessPoint{Account: d.of(worldAccounts...), Missing: "refused"})
			}
		}
		a.PointsRead = d.one(2)
	}
	if d.one(12) {
		a.Missing = map[Layer]string{Layer(d.of("resource", "kms-key")): "refused"}
	}
	return a
}

func (d *worldDice) world() *World {
	w := &World{Accounts: map[string]*AccountLimits{}}
	for range 4 {
		d.shared = append(d.shared, d.policy(false))
	}
	for n := range 14 {
		w.Holders = append(w.Holders, d.holder(n))
	}
	slices.SortStableFunc(w.Holders, func(a, b *Holder) int { return strings.Compare(a.Principal.ARN, b.Principal.ARN) })
	for _, arn := range worldAssets {
		if !d.one(4) {
			w.Assets = append(w.Assets, d.asset(arn))
		}
	}
	slices.SortFunc(w.Assets, func(a, b *Asset) int { return strings.Compare(a.ARN, b.ARN) })
	for _, account := range worldAccounts {
		if d.one(8) {
			continue // not scanned
		}
		l := &AccountLimits{Org: d.of("", "o-1", "o-1"), OrgPath: d.of("", "o-1/r-1/"), Management: d.one(6)}
		if d.one(3) {
			l.SCPs = []Level{{ID: "root", Policies: []*Policy{must(d.t, document(ss(all))), d.policy(false)}}}
		}
		if d.one(3) {
			l.RCPs = []Level{{ID: "root", Policies: []*Policy{must(d.t, `{"Statement":{"Effect":"Deny","Principal":"*","Action":"`+d.of(worldActions...)+`","Resource":"`+d.of(worldResources...)+`","Condition":{`+d.of(worldConditions...)+`}}}`)}}}
		}
		if d.one(8) {
			l.Missing = map[Layer]string{Layer(d.of("scp", "rcp")): "refused"}
		}
		w.Accounts[account] = l
	}
	return w
}

func reachText(r Reach) string {
	return fmt.Sprintf("%s %s %s on %s%s: %s %v %v", r.Holder.Principal.Kind, r.Holder.Principal.ARN, r.Action.Action, r.Asset.ARN, r.Action.Suffix, r.Outcome, r.If, r.Truncated)
}

// naive asks the world about every pair.
func naive(w *World) map[[2]int][]string {
	out := map[[2]int][]string{}
	for i, h := range w.Holders {
		for j, a := range w.Assets {
			for _, d := range DataActions(a.ARN) {
				if v := verdictOf(w.Decide(h, a, d)); v != nil {
					out[[2]int{i, j}] = append(out[[2]int{i, j}], reachText(Reach{h, a, d, v}))
				}
			}
		}
	}
	return out
}

// compareIndex holds the index against World.Decide for every pair, with thresholds
// that make patterns wide or narrow, and with one and more workers.
func compareIndex(t *testing.T, seed uint64) {
	d := newWorldDice(t, seed)
	w := d.world()
	want := naive(w)
	for _, few := range []int{0, 1, 3, 1000} {
		ix := newIndex(w, few, few)
		m := ix.Matrix(1 + few%3)
		pairs := int64(0)
		for i, h := range w.Holders {
			for j := range w.Assets {
				var got []string
				for _, r := range m.At(i, j) {
					got = append(got, reachText(r))
				}
				if len(got) > 0 {
					pairs++
				}
				if !slices.Equal(got, want[[2]int{i, j}]) {
					t.Fatalf("seed %d, %d few, %s on %s\nindex %q\nnaive %q", seed, few, h.Principal.ARN, w.Assets[j].ARN, got, want[[2]int{i, j}])
				}
			}
		}
		if _, n := m.Size(); n != pairs {
			t.Fatalf("seed %d, %d few: %d pairs counted, %d there", seed, few, n, pairs)
		}
		checkViews(t, ix, m, w)
	}
}

// checkViews holds WhoCan and the expanded matrix against each other.
func checkViews(t *testing.T, ix *Index, m *Matrix, w *World) {
	t.Helper()
	var each, all []string
	for _, a := range w.Assets {
		for _, r := range ix.WhoCan(a) {
			each = append(each, reachText(r))
		}
	}
	for r := range m.All() {
		all = append(all, reachText(r))
	}
	if !slices.Equal(each, all) {
		t.Fatalf("asset by asset\n%s\nall at once\n%s", strings.Join(each, "\n"), strings.Join(all, "\n"))
	}
}

// TestWorkersChangeNothing expands matrices made by one and by many workers.
func TestWorkersChangeNothing(t *testing.T) {
	w := newWorldDice(t, 5).world()
	var want []string
	for _, workers := range []int{0, 1, 2, 7} {
		var got []string
		for r := range newIndex(w, 1, 1).Matrix(workers).All() {
			got = append(got, reachText(r))
		}
		if want == nil {
			want = got
		}
		if len(got) == 0 || !slices.Equal(got, want) {
			t.Errorf("%d workers: %d answers instead of %d", workers, len(got), len(want))
		}
	}
}

// TestWhoCanByAccess asks for some kinds of access only, and about what is not there.
func TestWhoCanByAccess(t *testing.T) {
	a := &Asset{ARN: "arn:aws:sqs:eu-west-1:111122223333:q", Account: own, Tags: map[string]string{}}
	w := &World{Holders: []*Holder{holder(t, User, ana, st("Allow", "sqs:*", "*")), holder(t, Role, reader, st("Allow", "sqs:SendMessage", a.ARN))},
		Assets: []*Asset{a}, Accounts: scanned(AccountLimits{})}
	ix := NewIndex(w)
	for want, accesses := range map[string][]Access{
		"user sqs:ReceiveMessage":                                             {Read},
		"user sqs:SendMessage, role sqs:SendMessage":                          {Write},
		"user sqs:DeleteMessage, user sqs:PurgeQueue":                         {Delete},
		"user sqs:ReceiveMessage, user sqs:SendMessage, role sqs:SendMessage": {Read, Write},
		"": {Invoke},
	} {
		var got []string
		for _, r := range ix.WhoCan(a, accesses...) {
			got = append(got, string(r.Holder.Principal.Kind)+" "+r.Action.Action)
		}
		if g := strings.Join(got, ", "); g != want {
			t.Errorf("%v: %s, want %s", accesses, g, want)
		}
	}
	if got := ix.WhoCan(&Asset{ARN: a.ARN}); got != nil {
		t.Errorf("an asset of another world: %v", got)
	}
}

func TestIndexAgainstDecide(t *testing.T) {
	n := uint64(25)
	if testing.Short() {
		n = 10
	}
	for seed := range n {
		compareIndex(t, seed)
	}
}

func FuzzIndex(f *testing.F) {
	for seed := range uint64(8) {
		f.Add(seed)
	}
	f.Fuzz(compareIndex)
}
