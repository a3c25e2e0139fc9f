package reach

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/flowdeed/flowdeed/graph"
	"github.com/flowdeed/flowdeed/iam"
)

// accounts is a world of n accounts with 40 roles and 40 tables each; every role reads
// one table of its account, and one in ten may assume the next role.
func accounts(b *testing.B, n int) *iam.World {
	w := &iam.World{Accounts: map[string]*iam.AccountLimits{}}
	parse := func(id, doc string) *iam.Policy {
		p, err := iam.ParsePolicy(`{"Version":"2012-10-17","Statement":[` + doc + `]}`)
		if err != nil {
			b.Fatal(err)
		}
		return p.Named(id)
	}
	for i := range n {
		id := fmt.Sprintf("%012d", 100000000000+i)
		w.Accounts[id] = &iam.AccountLimits{}
		for j := range 40 {
			arn := fmt.Sprintf("arn:aws:iam::%s:role/r%02d", id, j)
			doc := allow(fmt.Sprintf("arn:aws:dynamodb:eu-west-1:%s:table/t%02d", id, j), "dynamodb:GetItem", "dynamodb:PutItem")
			if j%10 == 0 {
				doc += "," + allow(fmt.Sprintf("arn:aws:iam::%s:role/r%02d", id, j+1), "sts:AssumeRole")
			}
			trust := parse(arn+" trust", trusts(`{"AWS":"`+id+`"}`))
			w.Holders = append(w.Holders, &iam.Holder{
				Principal: iam.Principal{Kind: iam.Role, ARN: arn, Account: id}, Tags: map[string]string{}, Policies: []*iam.Policy{parse(arn+" inline p", doc)}, Trust: trust,
			})
			w.Assets = append(w.Assets, &iam.Asset{ARN: arn, Account: id, Policy: trust}, &iam.Asset{ARN: fmt.Sprintf("arn:aws:dynamodb:eu-west-1:%s:table/t%02d", id, j), Account: id})
		}
	}
	slices.SortFunc(w.Assets, func(x, y *iam.Asset) int { return strings.Compare(x.ARN, y.ARN) })
	return w
}

func empty() *graph.Model {
	m := graph.NewModel()
	m.Freeze()
	return m
}

// BenchmarkRights works out what every role may do, as the controls ask it.
func BenchmarkRights(b *testing.B) {
	for _, n := range []int{1, 10, 100} {
		w, m := accounts(b, n), empty()
		b.Run(fmt.Sprintf("accounts=%d", n), func(b *testing.B) {
			for b.Loop() {
				f := New(w, m)
				for _, h := range w.Holders {
					f.Rights(h.Principal.ARN, iam.Read, iam.Stream, iam.Write, iam.Delete)
				}
			}
		})
	}
}

// BenchmarkWhoCan asks one store.
func BenchmarkWhoCan(b *testing.B) {
	for _, n := range []int{1, 10, 100} {
		w, m := accounts(b, n), empty()
		b.Run(fmt.Sprintf("accounts=%d", n), func(b *testing.B) {
			f := New(w, m)
			for b.Loop() {
				f.WhoCan("arn:aws:dynamodb:eu-west-1:100000000000:table/t01", iam.Read)
			}
		})
	}
}

// BenchmarkAccessSheets asks every store of a world who reaches it, as the access sheet
// does. One asset in ten lets in the next account, a bucket of every account is open to
// everybody, and every account has an entry from the internet.
func BenchmarkAccessSheets(b *testing.B) {
	for _, n := range []int{10, 20, 40, 80} {
		w, m := neighbouring(b, n)
		b.Run(fmt.Sprintf("accounts=%d", n), func(b *testing.B) {
			for b.Loop() {
				f := New(w, m)
				for _, a := range w.Assets {
					if !strings.Contains(a.ARN, ":role/") {
						f.WhoCan(a.ARN, iam.Read, iam.Stream, iam.Write, iam.Delete)
					}
				}
			}
		})
	}
}

// neighbouring is the world of accounts, with doors between them and ways from outside.
func neighbouring(b *testing.B, n int) (*iam.World, *graph.Model) {
	w, m := accounts(b, n), graph.NewModel()
	m.AddNode(graph.Node{ID: graph.Internet, Class: graph.InternetClass, Name: "internet"})
	sure := []graph.Evidence{{Kind: "configuration", Confidence: 0.99}}
	policy := func(id, doc string) *iam.Policy {
		p, err := iam.ParsePolicy(`{"Version":"2012-10-17","Statement":[` + doc + `]}`)
		if err != nil {
			b.Fatal(err)
		}
		return p.Named(id)
	}
	for i := range n {
		id, next := fmt.Sprintf("%012d", 100000000000+i), fmt.Sprintf("%012d", 100000000000+(i+1)%n)
		open := "arn:aws:s3:::open-" + id
		w.Assets = append(w.Assets, &iam.Asset{ARN: open, Account: id, Policy: policy(open+" policy", `{"Effect":"Allow","Principal":"*","Action":"s3:GetObject","Resource":"*"}`)})
		for j := range 4 {
			arn := fmt.Sprintf("arn:aws:sqs:eu-west-1:%s:q%d", id, j)
			w.Assets = append(w.Assets, &iam.Asset{ARN: arn, Account: id, Policy: policy(arn+" policy", `{"Effect":"Allow","Principal":{"AWS":"`+next+`"},"Action":"sqs:*","Resource":"*"}`)})
			w.Holders = append(w.Holders, &iam.Holder{Principal: iam.Principal{Kind: iam.User, ARN: fmt.Sprintf("arn:aws:iam::%s:user/u%d", id, j), Account: id},
				Policies: []*iam.Policy{policy(fmt.Sprint("u", i, j), allow("*", "sqs:ReceiveMessage", "s3:GetObject"))}})
		}
		for j := range 40 {
			fn, role := graph.ID(fmt.Sprintf("arn:aws:lambda:eu-west-1:%s:function:f%02d", id, j)), graph.ID(fmt.Sprintf("arn:aws:iam::%s:role/r%02d", id, j))
			table := graph.ID(fmt.Sprintf("arn:aws:dynamodb:eu-west-1:%s:table/t%02d", id, j))
			m.AddNode(graph.Node{ID: fn, Class: graph.Function, Name: string(fn), Account: id})
			m.AddNode(graph.Node{ID: role, Class: graph.Principal, Name: string(role), Account: id})
			m.AddNode(graph.Node{ID: table, Class: graph.Table, Name: string(table), Account: id})
			m.AddFlow(graph.Flow{Kind: graph.Assumes, From: fn, To: role, Evidence: sure})
			m.AddFlow(graph.Flow{Kind: graph.Accesses, From: fn, To: table, Evidence: sure})
			if j%10 == 0 {
				e := m.AddFlow(graph.Flow{Kind: graph.Exposes, From: graph.Internet, To: fn, Evidence: sure})
				graph.EntryAuth.Set(&e.Facts, graph.AuthNone, "test")
			}
		}
	}
	m.Freeze()
	slices.SortFunc(w.Assets, func(x, y *iam.Asset) int { return strings.Compare(x.ARN, y.ARN) })
	slices.SortFunc(w.Holders, func(x, y *iam.Holder) int { return strings.Compare(x.Principal.ARN, y.Principal.ARN) })
	return w, m
}
