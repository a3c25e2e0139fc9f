package reach

import (
	"slices"
	"strings"

	"github.com/flowdeed/flowdeed/iam"
)

// door is whom the policy, grants and lists of an asset may let in beside its owner.
type door struct {
	open     bool     // principals of whatever account
	accounts []string // those of these accounts, sorted
}

// doorOf reads an asset once, so that accounts need not be tried one by one.
func doorOf(a *iam.Asset) door {
	d := door{open: a.Missing[iam.LayerResource] != "" || len(a.S3.ACL) > 0}
	name := func(who string) {
		if id := iam.Account(who); id != "" {
			d.accounts = append(d.accounts, id)
		}
	}
	for _, g := range a.Grants {
		name(g.Grantee)
	}
	if a.Policy != nil {
		d.open = d.open || a.Policy.AdmitsUnread()
		for i := range a.Policy.Statements {
			s := &a.Policy.Statements[i]
			switch {
			case s.Effect == iam.Deny:
			case s.Principals == nil, s.Principals.Any:
				d.open = true
			default:
				for _, who := range s.Principals.AWS {
					name(who)
				}
			}
		}
	}
	slices.Sort(d.accounts)
	d.accounts = slices.Compact(d.accounts)
	return d
}

func (d door) admits(account string) bool {
	_, named := slices.BinarySearch(d.accounts, account)
	return d.open || named
}

// inside tells whether an account owns an asset or is named by it. Others come in by an
// open door only.
func (f *Finder) inside(a *iam.Asset, account string) bool {
	_, named := slices.BinarySearch(f.doors[a].accounts, account)
	return a.Account == account || named
}

// bothSides tells whether a caller gets nothing that no policy of its own allows:
// between accounts both sides have to (IAM User Guide, "Cross-account policy evaluation
// logic"). Where lists or grants were not read it is not known, and access points have
// names of their own.
func bothSides(c caller, a *iam.Asset) bool {
	return abroad(c, a) && needsBothSides(a)
}

// needsBothSides tells of an asset whether it holds for all callers of other accounts.
func needsBothSides(a *iam.Asset) bool {
	owner := a.Account
	if owner == "" {
		owner = iam.Account(a.ARN)
	}
	return owner != "" && a.Missing[iam.LayerACL] == "" && a.Missing[iam.LayerGrant] == "" && len(a.AccessPoints) == 0
}

func abroad(c caller, a *iam.Asset) bool {
	owner := a.Account
	if owner == "" {
		owner = iam.Account(a.ARN)
	}
	return owner != "" && c.principal.Account != "" && owner != c.principal.Account
}

// openRight is what a principal reaches of another account by an open door, or may reach.
type openRight struct {
	asset   *iam.Asset
	access  iam.Access
	outcome iam.Outcome
}

// fewOpen is how many open assets are asked about one by one before the index, which
// answers for all of them at once, is worth its making.
const fewOpen = 3

// openRights lists for each holder, by ARN, what it gets by the open doors of accounts that
// do not name its own. What is open to everybody alike is left out.
func (f *Finder) openRights() map[string][]openRight {
	if f.byOpenDoor != nil {
		return f.byOpenDoor
	}
	f.byOpenDoor = map[string][]openRight{}
	var a *iam.Asset
	var h *iam.Holder
	best := map[iam.Access]iam.Outcome{}
	take := func() {
		for _, x := range AllKinds {
			if got, ok := best[x]; ok && !(got.Reaches() && f.plain(a, x)) {
				f.byOpenDoor[h.Principal.ARN] = append(f.byOpenDoor[h.Principal.ARN], openRight{a, x, got})
			}
		}
		clear(best)
	}
	for r := range f.openMatrix().All() {
		if r.Asset != a || r.Holder != h {
			take()
			a, h = r.Asset, r.Holder
		}
		if !f.doors[a].open || f.inside(a, h.Principal.Account) {
			continue
		}
		got := f.doubtedOpen(callerOf(h), a, r.Outcome)
		if o, again := best[r.Action.Access]; !again || rank(got) > rank(o) {
			best[r.Action.Access] = got
		}
	}
	take()
	return f.byOpenDoor
}

// doubtedOpen takes back an answer of the index as doubted takes back a decision.
func (f *Finder) doubtedOpen(c caller, a *iam.Asset, o iam.Outcome) iam.Outcome {
	return doubted(c, a, iam.Decision{Outcome: o}).Outcome
}

// openMatrix answers about the assets with open doors, for all holders at once.
func (f *Finder) openMatrix() *iam.Matrix {
	if f.matrix != nil {
		return f.matrix
	}
	w := &iam.World{Holders: f.world.Holders, Accounts: f.world.Accounts, Actions: f.world.Actions}
	f.places = places{map[*iam.Holder]int{}, map[*iam.Asset]int{}}
	has := map[*iam.Asset]bool{}
	for _, a := range f.ajar {
		for _, x := range []*iam.Asset{a, f.assets[a.Key]} {
			if x != nil && !has[x] {
				has[x] = true
				w.Assets = append(w.Assets, x)
			}
		}
	}
	slices.SortFunc(w.Assets, func(x, y *iam.Asset) int { return strings.Compare(x.ARN, y.ARN) })
	for i, a := range w.Assets {
		f.places.assets[a] = i
	}
	for i, h := range w.Holders {
		f.places.holders[h] = i
	}
	f.matrix = iam.NewIndex(w).Matrix(1)
	return f.matrix
}

// places are where holders and assets stand in the matrix.
type places struct {
	holders map[*iam.Holder]int
	assets  map[*iam.Asset]int
}

// plain tells whether an asset gives an access to everybody by statements that ask
// nothing of the caller, and by nothing else: whoever of another account gets in then
// gets in as everybody does.
func (f *Finder) plain(a *iam.Asset, x iam.Access) bool {
	key := accessTo{a, x}
	is, known := f.plainly[key]
	if !known {
		is = f.isPlain(a, x)
		f.plainly[key] = is
	}
	return is
}

func (f *Finder) isPlain(a *iam.Asset, x iam.Access) bool {
	open := f.openDecision(a, x)
	if open.Outcome != iam.Allowed || a.Policy == nil || len(a.Grants) > 0 || len(a.S3.ACL) > 0 || len(a.AccessPoints) > 0 || len(a.Missing) > 0 || a.Policy.AdmitsUnread() {
		return false
	}
	for i := range a.Policy.Statements {
		s := &a.Policy.Statements[i]
		if s.Effect == iam.Deny || s.Principals != nil && !s.Principals.Any {
			continue
		}
		one := &iam.Policy{Statements: a.Policy.Statements[i : i+1]}
		speaks := slices.ContainsFunc(iam.DataActions(a.ARN), func(d iam.DataAction) bool { return d.Access == x && one.MayAllow(d.Action, a.ARN+d.Suffix) })
		if speaks && !(asksNothing(s) && restsOn(open, a.Policy.ID, s.Index)) {
			return false
		}
	}
	return true
}

// asksNothing tells whether a statement applies to every caller alike.
func asksNothing(s *iam.Statement) bool {
	return s.Effect == iam.Allow && s.Principals != nil && len(s.Conditions) == 0 && !slices.ContainsFunc(s.Resources, func(r string) bool { return strings.Contains(r, "$") })
}

// restsOn tells whether a decision rests on a statement without conditions.
func restsOn(d iam.Decision, policy string, index int) bool {
	return slices.ContainsFunc(d.Because, func(r iam.Reason) bool {
		return r.Layer == iam.LayerResource && r.Effect == iam.Allow && r.Policy == policy && r.Index == index && !r.Conditional
	})
}

// accessTo is a kind of access to an asset.
type accessTo struct {
	asset  *iam.Asset
	access iam.Access
}

// openDecision is what callers without credentials may do.
func (f *Finder) openDecision(a *iam.Asset, x iam.Access) iam.Decision {
	key := accessTo{a, x}
	open, known := f.open[key]
	if !known {
		open, _ = f.access(caller{principal: iam.Principal{Kind: iam.Anonymous}}, a, x)
		f.open[key] = open
	}
	return open
}

// sharedByAll tells whether an asset is open to everybody alike, so that callers that
// get in as everybody does need no answer of their own. The matrix knows them, and is
// made when enough such assets were asked about.
func (f *Finder) sharedByAll(a *iam.Asset, x iam.Access) bool {
	if !f.doors[a].open || f.assets[a.ARN] != a || !f.plain(a, x) || len(iam.PublicStatements(a.Policy, iam.Owner{Account: a.Account})) == 0 {
		return false
	}
	f.openAsked[a] = true
	return f.matrix != nil || len(f.openAsked) > fewOpen
}

// asEverybody tells of an asset shared by all whether a caller gets in as everybody
// does, and in no other way.
func (f *Finder) asEverybody(c caller, a *iam.Asset, x iam.Access) bool {
	if c.holder == nil || f.inside(a, c.principal.Account) {
		return false
	}
	m := f.openMatrix()
	return slices.ContainsFunc(m.At(f.places.holders[c.holder], f.places.assets[a]), func(r iam.Reach) bool { return r.Action.Access == x && r.Outcome.Reaches() })
}
