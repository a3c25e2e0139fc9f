package reach

import (
	"slices"
	"strings"

	"github.com/flowdeed/flowdeed/iam"
)

// edge is one step by which somebody gets the rights of somebody else.
type edge struct {
	from caller
	to   string // ARN of who is become
	how  string // in words: "assumes", "lambda:UpdateFunctionCode on order-create"
	rule *Rule  // of an escalation
	on   string // the workload that is taken over, or the group that is joined
	// as is who acts at the end of the edge, where that is more than who is become: with
	// the permissions it was given.
	as caller
	by *edge // of a rule that gives permissions to somebody else: how that one is become
	iam.Decision
}

// step is the hop of an answer that an edge makes.
func (e edge) step() Step {
	s := Step{To: e.to, How: e.how, If: e.If, Because: e.Because, on: e.on}
	if e.by != nil {
		s.by = []Step{e.by.step()}
	}
	if e.rule != nil {
		s.Rule = e.rule.ID
	}
	return s
}

// assumes is how a role is assumed, in words.
const assumes = "assumes"

// assumeActions are the ways to become a role, by who asks.
var assumeActions = map[iam.Kind][]string{
	iam.Role:     {"sts:AssumeRole"},
	iam.Provider: {"sts:AssumeRoleWithWebIdentity", "sts:AssumeRoleWithSAML"},
}

// assumers are those who may assume a role: scanned principals, outsiders that its
// trust policy names, and identity providers. Sorted by who.
func (f *Finder) assumers(role string) []edge {
	if list, ok := f.into[role]; ok {
		return list
	}
	a, h := f.assets[role], f.holders[role]
	var out []edge
	if a != nil && h != nil && h.Principal.Kind == iam.Role {
		for _, c := range f.callers(a, assumeActions[iam.Role]...) {
			if c.principal.ARN == role {
				continue
			}
			if d := f.assume(c, a); d.Outcome.Reaches() || d.Outcome == iam.Unknown {
				out = append(out, edge{from: c, to: role, how: assumes, Decision: d})
			}
		}
	}
	f.into[role] = out
	return out
}

// assume is the best answer to the ways in which the caller could assume the role.
func (f *Finder) assume(c caller, role *iam.Asset) iam.Decision {
	if c.holder != nil && !f.admitsAccount(role, c.principal.Account) && (role.Policy == nil || len(role.Policy.Problems) == 0) {
		// A role takes nobody whom its own policy does not name, not even of its account.
		return iam.Decision{Outcome: iam.Denied, BlockedBy: iam.LayerResource}
	}
	actions := assumeActions[c.principal.Kind]
	if actions == nil {
		actions = assumeActions[iam.Role]
	}
	var best iam.Decision
	for i, action := range actions {
		d := f.decide(c, role, iam.DataAction{Access: iam.Invoke, Action: action})
		if i == 0 || rank(d.Outcome) > rank(best.Outcome) {
			best = d
		}
	}
	return best
}

// callers are all who may come into question for actions on an asset: every scanned
// principal of its account and of those that it names, those of other accounts when it
// lets in anybody and their own policies speak of an action, and outsiders. Sorted.
func (f *Finder) callers(a *iam.Asset, actions ...string) []caller {
	var out []caller
	add := func(list ...*iam.Holder) {
		for _, h := range list {
			out = append(out, callerOf(h))
		}
	}
	var abroad []*iam.Holder
	if f.doorOf(a).open {
		abroad = f.speakers(a, actions)
	}
	for _, id := range f.accountsIn(a) {
		n := 0
		for n < len(abroad) && abroad[n].Principal.Account < id {
			n++
		}
		add(abroad[:n]...)
		add(f.byAccount[id]...)
		for abroad = abroad[n:]; len(abroad) > 0 && abroad[0].Principal.Account == id; {
			abroad = abroad[1:]
		}
	}
	add(abroad...)
	return append(out, f.outsiders(a)...)
}

// accountsIn are the scanned accounts that own an asset or that it names, sorted.
func (f *Finder) accountsIn(a *iam.Asset) []string {
	var out []string
	for _, id := range append([]string{a.Account}, f.doorOf(a).accounts...) {
		if len(f.byAccount[id]) > 0 {
			out = append(out, id)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// speakers are the scanned principals whose policies speak of one of the actions, by
// account: of other accounts nobody else gets in by an open door (see bothSides). Where
// that is not sure they are all there are.
func (f *Finder) speakers(a *iam.Asset, actions []string) []*iam.Holder {
	key := strings.Join(actions, " ")
	if !needsBothSides(a) {
		key, actions = "", nil
	}
	list, known := f.speaking[key]
	if known {
		return list
	}
	for _, id := range f.accounts {
		for _, h := range f.byAccount[id] {
			if len(actions) == 0 || slices.ContainsFunc(actions, func(x string) bool { return f.could(h, x, "*") }) {
				list = append(list, h)
			}
		}
	}
	f.speaking[key] = list
	return list
}

// admitsAccount tells whether principals of another account may come into question.
func (f *Finder) admitsAccount(a *iam.Asset, account string) bool {
	return f.doorOf(a).admits(account)
}

func (f *Finder) doorOf(a *iam.Asset) door {
	d, known := f.doors[a]
	if !known {
		d = doorOf(a)
	}
	return d
}

// outsiders are the callers without scanned policies that the asset's policy, grants
// and lists let come into question: everybody, accounts, principals, providers.
func (f *Finder) outsiders(a *iam.Asset) []caller {
	var out []caller
	seen := map[string]bool{}
	add := func(p iam.Principal) {
		c := caller{principal: p}
		if !seen[c.id()] {
			seen[c.id()] = true
			out = append(out, c)
		}
	}
	open := len(a.S3.ACL) > 0 || a.Missing[iam.LayerResource] != ""
	var named []string
	for _, p := range admitting(a) {
		open = open || len(iam.PublicStatements(p, iam.Owner{Account: a.Account})) > 0 || p.AdmitsUnread()
		named = append(named, iam.ForeignPrincipals(p, f.owner(a))...)
		for _, who := range p.Federated() {
			add(iam.Principal{Kind: iam.Provider, ARN: who})
		}
	}
	if open {
		add(iam.Principal{Kind: iam.Anonymous})
		add(iam.Principal{Kind: iam.Role, ARN: anyAccount, Account: noAccount})
	}
	for _, g := range a.Grants {
		if id := iam.Account(g.Grantee); id != "" && id != a.Account {
			named = append(named, g.Grantee)
		}
	}
	for _, who := range named {
		if p, ok := f.outsider(who); ok {
			add(p)
		}
	}
	slices.SortFunc(out, func(x, y caller) int { return strings.Compare(x.id(), y.id()) })
	return out
}

// admitting are the policies that say whom an asset lets in: its own, and those of its
// access points, to which a bucket may leave it.
func admitting(a *iam.Asset) []*iam.Policy {
	var out []*iam.Policy
	if a.Policy != nil {
		out = append(out, a.Policy)
	}
	for _, p := range a.AccessPoints {
		if p.Policy != nil {
			out = append(out, p.Policy)
		}
	}
	return out
}

// anyAccount stands for a principal of whatever AWS account.
const anyAccount = "arn:aws:iam::*:root"

// noAccount is the account of anyAccount: none of which anything is known.
const noAccount = "000000000000"

func (f *Finder) owner(a *iam.Asset) iam.Owner {
	o := iam.Owner{Account: a.Account}
	if l := f.world.Accounts[a.Account]; l != nil {
		o.Org = l.Org
	}
	return o
}

// outsider makes a caller of a name in a policy. Names of scanned accounts are left to
// their scanned principals; an account stands for whoever it lets.
func (f *Finder) outsider(who string) (iam.Principal, bool) {
	account := iam.Account(who)
	switch {
	case account == "", f.world.Accounts[account] != nil:
		return iam.Principal{}, false
	case account == who || strings.HasSuffix(who, ":root"):
		return iam.Principal{Kind: iam.Role, ARN: "arn:aws:iam::" + account + ":root", Account: account}, true
	case strings.Contains(who, "-provider/"):
		return iam.Principal{Kind: iam.Provider, ARN: who}, true
	case strings.Contains(who, ":user/"):
		return iam.Principal{Kind: iam.User, ARN: who, Account: account}, true
	case strings.Contains(who, ":assumed-role/"):
		return iam.Principal{Kind: iam.RoleSession, ARN: who, Account: account}, true
	}
	return iam.Principal{Kind: iam.Role, ARN: who, Account: account}, true
}

// rank orders outcomes by how much they let through.
func rank(o iam.Outcome) int {
	switch o {
	case iam.Allowed:
		return 4
	case iam.AllowedIf:
		return 3
	case iam.Unknown:
		return 2
	case iam.ExplicitlyDenied:
		return 1
	}
	return 0
}
