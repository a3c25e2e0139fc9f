package reach

import (
	"slices"

	"github.com/flowdeed/flowdeed/iam"
)

// everybody is the answer for callers without credentials when they need no condition.
func everybody(list []direct) *direct {
	for i := range list {
		if list[i].caller.principal.Kind == iam.Anonymous && list[i].Outcome == iam.Allowed {
			return &list[i]
		}
	}
	return nil
}

// coveredBy tells whether a caller reaches the store by nothing but what lets everybody
// in: then the answer for everybody says it.
func (s *search) coveredBy(d, open *direct) bool {
	if d.caller.principal.ARN == anyAccount {
		return true
	}
	return d.Outcome.Reaches() && !s.byItself(d) && !slices.ContainsFunc(d.Because, func(r iam.Reason) bool {
		return r.Layer == iam.LayerResource && r.Effect == iam.Allow && !slices.Contains(open.Because, r)
	})
}

// byItself tells whether a caller would get in without the policy of the store.
func (s *search) byItself(d *direct) bool {
	bare := *s.asset
	bare.Policy, bare.Missing = nil, nil
	x, asked := s.Finder.access(d.caller, &bare, s.access)
	return asked && x.Outcome.Reaches()
}

// whole is a statement for everybody under a condition that lets in all of an account
// alike: one answer for the account says it.
type whole struct {
	*search
	words   string
	told    bool
	members []string // those of whom nothing else needs to be said
}

// accountWide finds, for each account, what lets all of its principals in alike.
func (s *search) accountWide(list []direct) map[string]*whole {
	members := map[string]int{}
	out := map[string]*whole{}
	for i := range list {
		d := &list[i]
		if d.caller.holder == nil || !d.Outcome.Reaches() || s.asset.Policy == nil {
			continue
		}
		w := &whole{search: s, words: alternatives(d.If)}
		if !w.takes(d) {
			members[d.caller.principal.Account]++ // has a right of its own
			continue
		}
		if out[d.caller.principal.Account] == nil {
			out[d.caller.principal.Account] = w
		}
		if all := out[d.caller.principal.Account]; all.takes(d) {
			members[d.caller.principal.Account]++
			all.members = append(all.members, d.caller.id())
		}
	}
	for id := range out {
		if members[id] < len(s.byAccount[id]) || members[id] < 2 {
			delete(out, id)
			continue
		}
		slices.Sort(out[id].members)
	}
	return out
}

func alternatives(list []iam.Alternative) string {
	text := ""
	for _, a := range list {
		text += a.String() + "\x00"
	}
	return text
}

// takes tells whether a caller gets in by nothing but statements for everybody.
func (w *whole) takes(d *direct) bool {
	if d.caller.holder == nil || !d.Outcome.Reaches() || alternatives(d.If) != w.words || w.byItself(d) {
		return false
	}
	list := w.asset.Policy.Statements
	return !slices.ContainsFunc(d.Because, func(r iam.Reason) bool {
		if r.Layer != iam.LayerResource || r.Effect != iam.Allow {
			return false
		}
		return r.Index >= len(list) || list[r.Index].Principals == nil || !list[r.Index].Principals.Any
	})
}
