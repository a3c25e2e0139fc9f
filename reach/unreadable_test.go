package reach

import (
	"slices"
	"testing"

	"github.com/flowdeed/flowdeed/graph"
	"github.com/flowdeed/flowdeed/iam"
)

// TestUnreadablePrincipal: a statement whose principal cannot be read may mean anybody,
// of the own account, of another one, and of none that was scanned. It never stands for
// nobody.
func TestUnreadablePrincipal(t *testing.T) {
	const bucket = "arn:aws:s3:::b"
	for _, x := range []struct {
		name, effect, principal string
		want                    []string
	}{
		{"unknown kind", "Allow", `"Principal":{"Martian":"x"}`, []string{"ann", "eve", "internet", "root"}},
		{"unknown kind beside a known one", "Allow", `"Principal":{"AWS":"arn:aws:iam::111122223333:user/nobody","Martian":"x"}`, []string{"ann", "eve", "internet", "root"}},
		{"no name", "Allow", `"Principal":{"AWS":[{"x":1}]}`, []string{"ann", "eve", "internet", "root"}},
		{"all but whom", "Allow", `"NotPrincipal":{"AWS":[[]]}`, []string{"ann", "eve", "internet", "root"}},
		{"both elements", "Allow", `"Principal":{"AWS":"111122223333"},"NotPrincipal":{"AWS":"111122223333"}`, []string{"ann", "eve", "internet", "root"}},
		{"of a Deny", "Deny", `"Principal":{"Martian":"x"}`, nil},
		{"nobody", "Allow", `"Principal":{"AWS":[]}`, nil},
		{"effect not read either", "Perhaps", `"Principal":{"Martian":"x"}`, []string{"ann", "eve", "internet", "root"}},
	} {
		t.Run(x.name, func(t *testing.T) {
			s := newSmall(t)
			s.w.Accounts[other] = &iam.AccountLimits{}
			s.user("ann")
			s.holder(iam.Principal{Kind: iam.User, ARN: "arn:aws:iam::" + other + ":user/eve", Account: other}, "", []string{allow("*", "s3:GetObject")})
			s.holder(iam.Principal{Kind: iam.User, ARN: "arn:aws:iam::" + other + ":user/fred", Account: other}, "", []string{allow("*", "sqs:*")})
			s.asset(bucket, `{"Effect":"`+x.effect+`",`+x.principal+`,"Action":"s3:GetObject","Resource":"*"}`)
			f := s.finder()
			got := f.WhoCan(bucket, iam.Read)
			if len(got.Answers) > 0 {
				t.Errorf("answered %q", says(got.Answers))
			}
			var names []string
			for _, a := range got.Undecided {
				names = append(names, says([]Answer{a})[0])
			}
			var want []string
			for _, who := range x.want {
				want = append(want, "direct [read] unknown "+who+">b")
			}
			slices.Sort(names)
			if !slices.Equal(names, want) {
				t.Errorf("undecided %q, want %q", names, want)
			}
			ComparePairByPair(t, s.w, graph.NewModel())
		})
	}
}
