package reach

import (
	"slices"
	"strings"
	"testing"

	"github.com/flowdeed/flowdeed/iam"
	"github.com/flowdeed/flowdeed/reach/proof"
	"github.com/flowdeed/flowdeed/reach/proof/verify"
)

// TestGroupJoin: whoever may put himself into a group gets what the group may, within his
// own boundary and less what is denied to him, and nothing else.
func TestGroupJoin(t *testing.T) {
	const readers = "arn:aws:iam::111122223333:group/readers"
	for _, x := range []struct {
		name, on, boundary, deny string
		in                       bool
		want                     []string
	}{
		{name: "free", on: readers, want: []string{"escalation [read] allowed ann>ann>t"}},
		{name: "another group", on: "arn:aws:iam::111122223333:group/others"},
		{name: "within the boundary", on: readers, boundary: allow("*", "iam:*", "dynamodb:*"), want: []string{"escalation [read] allowed ann>ann>t"}},
		{name: "outside the boundary", on: readers, boundary: allow("*", "iam:*")},
		{name: "denied", on: readers, deny: `{"Effect":"Deny","Action":"dynamodb:*","Resource":"*"}`},
		{name: "is in it", on: readers, in: true},
	} {
		t.Run(x.name, func(t *testing.T) {
			s := newSmall(t)
			s.asset(table, "")
			statements := []string{allow(x.on, "iam:AddUserToGroup")}
			if x.deny != "" {
				statements = append(statements, x.deny)
			}
			h := s.user("ann", statements...)
			s.role("bot", trusts(`{"Service":"x.amazonaws.com"}`), allow("*", "iam:AddUserToGroup")) // roles are in no group
			if x.boundary != "" {
				h.Boundaries = []*iam.Policy{s.policy("boundary", x.boundary)}
			}
			if x.in { // then its policies are the user's
				h.Groups = []string{readers}
			}
			s.w.Groups = []*iam.Group{{ARN: readers, Account: acct, Policies: []*iam.Policy{s.policy(readers+" inline p", allow(table, "dynamodb:GetItem"))}}}
			f := s.finder()
			expect(t, f.WhoCan(table, AllKinds...).Answers, x.want...)
			if proven := provesAll(t, f, table, AllKinds...)["group-join"]; proven != len(x.want) {
				t.Errorf("%d proofs, want %d", proven, len(x.want))
			}
			expect(t, f.ReachOf(h.Principal.ARN, AllKinds...).Answers, x.want...)
			for _, a := range f.WhoCan(table, iam.Read).Answers {
				for name, edit := range map[string]func(p *proof.Proof){
					"another group after": func(p *proof.Proof) { p.Steps[1].Joined += "x" },
					"another group":       func(p *proof.Proof) { p.Steps[0].Workload += "x"; p.Steps[1].Joined += "x" },
					"everything instead":  func(p *proof.Proof) { p.Steps[1].Joined, p.Steps[1].Lifted = "", true },
				} {
					p, err := Certify(f, listed(f.world, f.graph)).Prove(&a)
					if edit(p); err != nil || verify.New(listed(f.world, f.graph)).Check(p) == nil {
						t.Errorf("accepted with %s: %v", name, err)
					}
				}
			}
		})
	}
}

// TestRaise: whoever may give permissions to somebody, and become that one, gets what the
// boundary of that one leaves.
func TestRaise(t *testing.T) {
	trusting := trusts(`{"AWS":"111122223333"}`)
	for _, r := range raiseRules {
		for _, x := range []struct {
			name, become string // the permission to become the target
			boundary     bool   // of the target, without the table
			missing      bool   // the permission of the rule is
			want         bool
		}{
			{name: "by trust", become: "sts:AssumeRole", want: !r.user},
			{name: "by a key", become: "iam:CreateAccessKey", want: r.user || r.either()},
			{name: "by changing the trust", become: "iam:UpdateAssumeRolePolicy", want: !r.user},
			{name: "not at all", become: "s3:ListAllMyBuckets"},
			{name: "outside the boundary", become: "sts:AssumeRole", boundary: true},
			{name: "without the rule", become: "sts:AssumeRole", missing: true},
		} {
			t.Run(r.ID+" "+x.name, func(t *testing.T) {
				s := newSmall(t)
				s.asset(table, "")
				actions := []string{x.become}
				if !x.missing {
					actions = append(actions, actionsOf(r)...)
				}
				s.user("ann", strings.Replace(allow("TARGET", actions...), `"TARGET"`, `["arn:aws:iam::111122223333:*/target","arn:aws:iam::111122223333:policy/of-target"]`, 1))
				var target *iam.Holder
				switch {
				case r.user || x.become == "iam:CreateAccessKey":
					target = s.user("target", allow("*", "s3:GetObject"))
				case x.become == "sts:AssumeRole":
					target = s.role("target", trusting, allow("*", "s3:GetObject"))
				default:
					target = s.role("target", trusts(`{"Service":"x.amazonaws.com"}`), allow("*", "s3:GetObject"))
				}
				if r.either() {
					target.Policies[0] = target.Policies[0].Named("arn:aws:iam::111122223333:policy/of-target v1")
				}
				if x.boundary {
					target.Boundaries = []*iam.Policy{s.policy("boundary", allow("*", "s3:*"))}
				}
				f := s.finder()
				got := f.WhoCan(table, iam.Read).Answers
				found := slices.ContainsFunc(got, func(a Answer) bool {
					return strings.HasSuffix(a.Principal, "/ann") && a.Via == Escalation && a.Steps[0].Rule == r.ID && a.Decision == iam.Allowed
				})
				if found != x.want || !x.want && len(got) > 0 {
					t.Errorf("%v, want found=%v", says(got), x.want)
				}
				if proven := provesAll(t, f, table, iam.Read)[r.ID] > 0; proven != x.want {
					t.Errorf("proven %v, want %v", proven, x.want)
				}
				expect(t, f.ReachOf("arn:aws:iam::111122223333:user/ann", iam.Read).Answers, says(got)...)
				for i := range got {
					refusesWithout(t, f, &got[i])
				}
			})
		}
	}
}

// refusesWithout demands that no proof of a step that gives somebody permissions holds
// without the way to become that one, or by the way of somebody else.
func refusesWithout(t *testing.T, f *Finder, a *Answer) {
	t.Helper()
	for name, edit := range map[string]func(by *proof.Step){
		"by nothing":              func(by *proof.Step) { by.Requires, by.Grants = nil, nil },
		"somebody else is become": func(by *proof.Step) { by.Becomes += "x"; by.Asset = by.Becomes },
		"somebody else becomes":   func(by *proof.Step) { by.Principal = a.Steps[0].To },
		"another kind":            func(by *proof.Step) { by.Kind = "permission" },
		"given more":              func(by *proof.Step) { by.Lifted = true },
	} {
		p, err := Certify(f, listed(f.world, f.graph)).Prove(a)
		if err != nil {
			t.Fatal(err)
		}
		list := p.Steps[0].Requires
		edit(&list[len(list)-1])
		if verify.New(listed(f.world, f.graph)).Check(p) == nil {
			t.Errorf("accepted: %s", name)
		}
	}
	p, err := Certify(f, listed(f.world, f.graph)).Prove(a)
	if err != nil {
		t.Fatal(err)
	}
	p.Steps[0].Requires = p.Steps[0].Requires[:1]
	if verify.New(listed(f.world, f.graph)).Check(p) == nil {
		t.Error("accepted without a way to become the target")
	}
}

// TestRaisedRolesOfAWS: roles that only AWS changes are not given anything.
func TestRaisedRolesOfAWS(t *testing.T) {
	s := newSmall(t)
	s.asset(table, "")
	s.role("aws-service-role/x.amazonaws.com/AWSServiceRoleForX", trusts(`{"AWS":"111122223333"}`))
	s.user("ann", allow("*", "iam:PutRolePolicy", "iam:UpdateAssumeRolePolicy", "sts:AssumeRole"))
	expect(t, s.finder().WhoCan(table, iam.Read).Answers)
}

// TestOpeningsByLists: lists of a bucket or of its objects open it to other accounts, where
// lists count and the rest of the policies lets others in.
func TestOpeningsByLists(t *testing.T) {
	const bucket = "arn:aws:s3:::b"
	const ours = `{"Effect":"Deny","Principal":"*","Action":"s3:*","Resource":["arn:aws:s3:::b","arn:aws:s3:::b/*"],"Condition":{"StringNotEquals":{"aws:PrincipalAccount":"111122223333"}}}`
	const lists, objects = "escalation [delete list write] allowed-if ann>b if the caller's own account allows it", "escalation [read] allowed-if ann>b if the caller's own account allows it"
	for _, x := range []struct {
		name, action, policy string
		edit                 func(a *iam.Asset)
		want                 []string
		undecided            int
	}{
		{name: "objects", action: "s3:PutObjectAcl", want: []string{objects}},
		{name: "bucket", action: "s3:PutBucketAcl", want: []string{lists}},
		{name: "lists are off", action: "s3:PutObjectAcl", edit: func(a *iam.Asset) { a.S3.ACLsDisabled = true }},
		{name: "whether they are on is not known", action: "s3:PutObjectAcl", edit: func(a *iam.Asset) { a.S3.ACLsUnread = "refused" }, undecided: 1},
		{name: "everybody is ignored in lists", action: "s3:PutObjectAcl", edit: func(a *iam.Asset) { a.S3.IgnorePublicACLs = true }, want: []string{objects}},
		{name: "others are denied", action: "s3:PutObjectAcl", policy: ours},
		{name: "a key of the account", action: "s3:PutObjectAcl", edit: func(a *iam.Asset) { a.AWSManagedKey = true }},
		{name: "a key of the account, bucket", action: "s3:PutBucketAcl", edit: func(a *iam.Asset) { a.AWSManagedKey = true }, want: []string{"escalation [delete list] allowed-if ann>b if the caller's own account allows it"}},
	} {
		t.Run(x.name, func(t *testing.T) {
			s := newSmall(t)
			a := s.asset(bucket, x.policy)
			if x.edit != nil {
				x.edit(a)
			}
			s.user("ann", allow("*", x.action))
			f := s.finder()
			got := f.WhoCan(bucket, iam.Read, iam.Write, iam.Delete, iam.List)
			expect(t, got.Answers, x.want...)
			if len(got.Undecided) != x.undecided {
				t.Errorf("undecided %q, want %d", says(got.Undecided), x.undecided)
			}
			provesAll(t, f, bucket, iam.Read, iam.Write, iam.Delete, iam.List)
		})
	}
}
