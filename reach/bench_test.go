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
