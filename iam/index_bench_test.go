//go:build unix

package iam

import (
	"fmt"
	"math/rand/v2"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"
)

// measured reports processor time, which other work on the machine changes less than
// the time on the clock.
func measured(b *testing.B, run func()) {
	before := processor()
	for b.Loop() {
		run()
	}
	b.ReportMetric((processor()-before).Seconds()*1000/float64(b.N), "cpu-ms/op")
}

func processor() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// bigWorld makes an organization: accounts with users and roles of which most have a
// policy of their own for a few stores and some shared ones; stores of six kinds, a part
// of them encrypted with keys of the account, a part with policies of their own, some of
// them open to another account. The same numbers give the same world.
func bigWorld(t testing.TB, holders, assets, accounts int) *World {
	r := rand.New(rand.NewPCG(1, 2))
	w := &World{Accounts: map[string]*AccountLimits{}}
	scp := []Level{{ID: "root", Policies: []*Policy{must(t, document(ss(all, st("Deny", "s3:DeleteBucket", "*")))).Named("FullAccess")}}}
	rcp := []Level{{ID: "root", Policies: []*Policy{must(t, `{"Version":"2012-10-17","Statement":{"Effect":"Deny","Principal":"*","Action":"s3:*","Resource":"*",
		"Condition":{"StringNotEqualsIfExists":{"aws:PrincipalOrgID":"o-1"},"BoolIfExists":{"aws:PrincipalIsAWSService":"false"}}}}`).Named("org")}}}
	shared := sharedPolicies(t)
	for n := range accounts {
		account := fmt.Sprintf("%012d", 100000000000+n)
		w.Accounts[account] = &AccountLimits{Org: "o-1", OrgPath: "o-1/r-1/", SCPs: scp, RCPs: rcp}
		stores := bigAssets(t, r, w, account, assets/accounts, accounts)
		bigHolders(t, r, w, account, holders/accounts, stores, shared)
	}
	slices.SortFunc(w.Holders, func(a, b *Holder) int { return strings.Compare(a.Principal.ARN, b.Principal.ARN) })
	slices.SortFunc(w.Assets, func(a, b *Asset) int { return strings.Compare(a.ARN, b.ARN) })
	return w
}

// sharedPolicies are managed policies: whole services, readers, prefixes, conditions.
func sharedPolicies(t testing.TB) []*Policy {
	var out []*Policy
	for i, statements := range [][]string{
		{all},
		{st("Allow", "s3:Get*", "*"), st("Allow", "s3:List*", "*"), st("Allow", "dynamodb:GetItem", "*"), st("Allow", "dynamodb:Query", "*")},
		{st("Allow", "s3:*", "*")}, {st("Allow", "dynamodb:*", "*")}, {st("Allow", "sqs:*", "*")}, {st("Allow", "kms:Decrypt", "*")},
		{st("Allow", "s3:GetObject", "arn:aws:s3:::prod-*"), st("Allow", "dynamodb:*", "arn:aws:dynamodb:*:*:table/prod-*")},
		{st("Allow", "logs:*", "*"), st("Deny", "logs:Unmask", "*")},
		{st("Allow", "secretsmanager:GetSecretValue", "*", cond(`"StringEquals":{"aws:ResourceTag/team":"${aws:PrincipalTag/team}"}`))},
		{st("Allow", "kinesis:*", "*", cond(`"StringEquals":{"aws:SourceVpce":"vpce-1"}`))},
		{st("Allow", "ec2:*", "*"), st("Allow", "cloudwatch:*", "*")}, {st("Allow", "lambda:*", "*")},
		{st("Deny", "s3:*", "arn:aws:s3:::prod-pay-*"), st("Deny", "dynamodb:*", "arn:aws:dynamodb:*:*:table/prod-pay-*")},
		{st("Deny", "*", "*", cond(`"BoolIfExists":{"aws:MultiFactorAuthPresent":"false"}`)), st("Allow", "iam:*", "*")},
	} {
		out = append(out, must(t, document(statements)).Named(fmt.Sprintf("arn:aws:iam::aws:policy/shared-%d", i)))
	}
	return out
}

func bigAssets(t testing.TB, r *rand.Rand, w *World, account string, n, accounts int) []string {
	var names []string
	var keys []string
	for k := range max(1, n/500) {
		key := fmt.Sprintf("arn:aws:kms:eu-west-1:%s:key/%d", account, k)
		keys = append(keys, key)
		w.Assets = append(w.Assets, &Asset{ARN: key, Account: account, Tags: map[string]string{},
			Policy: must(t, `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":{"AWS":"`+account+`"},"Action":"kms:*","Resource":"*"}}`).Named(key)})
	}
	for i := range n - len(keys) {
		name := fmt.Sprintf("%s-%s-%d", []string{"prod", "test", "dev"}[r.IntN(3)], []string{"pay", "shop", "crm", "web"}[r.IntN(4)], i)
		a := &Asset{Account: account, Tags: map[string]string{"team": []string{"a", "b", "c"}[r.IntN(3)]}}
		switch r.IntN(6) {
		case 0, 1:
			a.ARN = "arn:aws:s3:::" + name + "-" + account
			a.bigPolicy(t, r, accounts)
		case 2, 3:
			a.ARN = "arn:aws:dynamodb:eu-west-1:" + account + ":table/" + name
		case 4:
			a.ARN = "arn:aws:sqs:eu-west-1:" + account + ":" + name
		case 5:
			a.ARN = "arn:aws:secretsmanager:eu-west-1:" + account + ":secret:" + name + "-abcdef"
		}
		if r.IntN(3) == 0 {
			a.Key = keys[r.IntN(len(keys))]
		}
		w.Assets = append(w.Assets, a)
		names = append(names, a.ARN)
	}
	return names
}

// bigPolicy gives half of the buckets a policy that demands TLS, and a few one that lets
// another account read.
func (a *Asset) bigPolicy(t testing.TB, r *rand.Rand, accounts int) {
	tls := `{"Effect":"Deny","Principal":"*","Action":"s3:*","Resource":["` + a.ARN + `","` + a.ARN + `/*"],"Condition":{"Bool":{"aws:SecureTransport":"false"}}}`
	switch r.IntN(20) {
	case 0:
		friend := fmt.Sprintf("%012d", 100000000000+r.IntN(accounts))
		a.Policy = must(t, document(ss(tls, `{"Effect":"Allow","Principal":{"AWS":"`+friend+`"},"Action":"s3:GetObject","Resource":"`+a.ARN+`/*"}`))).Named(a.ARN)
	case 1, 2, 3, 4, 5, 6, 7, 8, 9:
		a.Policy = must(t, document(ss(tls))).Named(a.ARN)
	}
}

func bigHolders(t testing.TB, r *rand.Rand, w *World, account string, n int, stores []string, shared []*Policy) {
	for i := range n {
		kind, arn := Role, fmt.Sprintf("arn:aws:iam::%s:role/service/r-%d", account, i)
		if i%5 == 0 {
			kind, arn = User, fmt.Sprintf("arn:aws:iam::%s:user/u-%d", account, i)
		}
		h := &Holder{Principal: Principal{Kind: kind, ARN: arn, Account: account}, Tags: map[string]string{"team": []string{"a", "b", "c"}[r.IntN(3)]},
			Trust: must(t, `{"Statement":{"Effect":"Allow","Principal":{"Service":"lambda.amazonaws.com"},"Action":"sts:AssumeRole"}}`)}
		var own []string
		for range 1 + r.IntN(4) {
			store := stores[r.IntN(len(stores))]
			service := strings.Split(store, ":")[2]
			own = append(own, st("Allow", service+":*", store), st("Allow", service+":*", store+"/*"))
		}
		if r.IntN(3) == 0 {
			own = append(own, st("Allow", "kms:Decrypt", fmt.Sprintf("arn:aws:kms:eu-west-1:%s:key/%d", account, r.IntN(max(1, len(stores)/500)))))
		}
		h.Policies = append(h.Policies, must(t, document(own)).Named("inline/"+arn))
		for r.IntN(3) > 0 {
			k := r.IntN(len(shared))
			if k == 0 && r.IntN(10) > 0 {
				continue // administrators are few
			}
			h.Policies = append(h.Policies, shared[k])
		}
		w.Holders = append(w.Holders, h)
	}
}

// BenchmarkWhoCan asks one store about 10,000 principals, and the same pair by pair.
func BenchmarkWhoCan(b *testing.B) {
	w := bigWorld(b, 10_000, 2_000, 10)
	ix := NewIndex(w)
	i := slices.IndexFunc(w.Assets, func(a *Asset) bool {
		return strings.HasPrefix(a.ARN, "arn:aws:s3") && a.Policy != nil && a.Key != ""
	})
	bucket, answers := w.Assets[i], 0
	b.Run("index", func(b *testing.B) {
		measured(b, func() { answers = len(ix.WhoCan(bucket)) })
		b.ReportMetric(float64(answers), "answers")
	})
	b.Run("naive", func(b *testing.B) {
		measured(b, func() {
			answers = 0
			for _, h := range w.Holders {
				for _, d := range DataActions(bucket.ARN) {
					if verdictOf(w.Decide(h, bucket, d)) != nil {
						answers++
					}
				}
			}
		})
		b.ReportMetric(float64(answers), "answers")
	})
}

// BenchmarkMatrix asks about all principals and stores. What the naive way would take is
// told from a sample of its pairs.
func BenchmarkMatrix(b *testing.B) {
	for _, size := range [][3]int{{1_000, 10_000, 10}, {10_000, 10_000, 10}, {10_000, 100_000, 10}, {10_000, 100_000, 50}} {
		b.Run(fmt.Sprintf("%dx%d-%d-accounts", size[0], size[1], size[2]), func(b *testing.B) {
			w := bigWorld(b, size[0], size[1], size[2])
			var ix *Index
			b.Run("load", func(b *testing.B) {
				ix = nil
				before := heap()
				measured(b, func() { ix = NewIndex(w) })
				b.ReportMetric(megabytes(before), "MB")
			})
			b.Run("answer", func(b *testing.B) {
				before := heap()
				var m *Matrix
				measured(b, func() { m = ix.Matrix(1) })
				b.ReportMetric(megabytes(before), "MB")
				rows, pairs := m.Size()
				for unit, n := range map[string]int64{"rows": rows, "pairs": pairs, "groups": int64(len(ix.groups)), "classes": int64(len(ix.classes))} {
					b.ReportMetric(float64(n), unit)
				}
			})
			b.Run("naive", func(b *testing.B) {
				r, before := rand.New(rand.NewPCG(3, 4)), processor()
				for b.Loop() {
					h, a := w.Holders[r.IntN(len(w.Holders))], w.Assets[r.IntN(len(w.Assets))]
					for _, d := range DataActions(a.ARN) {
						w.Decide(h, a, d)
					}
				}
				b.ReportMetric((processor()-before).Seconds()/float64(b.N)*float64(size[0])*float64(size[1]), "cpu-s/matrix")
			})
			runtime.KeepAlive(ix)
		})
	}
}

func megabytes(before uint64) float64 { return (float64(heap()) - float64(before)) / (1 << 20) }

func heap() uint64 {
	var m runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}
