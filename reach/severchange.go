package reach

import (
	"slices"
	"strings"

	"github.com/flowdeed/flowdeed/iam"
)

// change says what to do about a statement of the cut.
func (s *severing) change(x int, kept map[int]bool) Change {
	out := s.stmts[x]
	var wide, keep []hopWords
	for i, e := range s.problem.Edges {
		if !slices.ContainsFunc(e.Needs, func(n []int) bool { return slices.Contains(n, x) }) {
			continue
		}
		if kept[i] {
			keep = append(keep, s.words[i])
		} else {
			wide = append(wide, s.words[i])
		}
	}
	out.TooWide, out.Keep = sentences(wide), sentences(keep)
	out.Do = "remove"
	if len(out.Keep) > 0 || s.broad(out) {
		out.Do = "narrow"
	}
	switch {
	case out.Layer == iam.LayerGrant:
		out.Instead = "revoke the grant"
	case out.Holder != "":
		out.Instead = "detach " + out.Policy + " from " + out.Holder + " and attach a policy with what it needs, without the lines above"
	case out.Do == "remove":
		out.Instead = "remove the statement: it carries nothing else"
	case len(out.Keep) > 0:
		out.Instead = "name only what is declared: " + strings.Join(out.Keep, "; ")
	default:
		out.Instead = "name the resources and principals it is meant for, and leave out the lines above; a Deny for them does the same at once"
	}
	return out
}

// sentences writes hops, those between the same two in one line.
func sentences(list []hopWords) []string {
	does := map[[2]string][]string{}
	for _, h := range list {
		k := [2]string{h.who, h.on}
		does[k] = append(does[k], h.does)
	}
	out := []string{}
	for k, l := range does {
		slices.Sort(l)
		out = append(out, k[0]+": "+strings.Join(slices.Compact(l), ", ")+" "+k[1])
	}
	slices.Sort(out)
	return out
}

// broad tells whether a statement is about more than the hops of the cut: it holds a
// wildcard where they name something.
func (s *severing) broad(x Change) bool {
	p := s.policies[x.Policy]
	if p == nil || x.Statement >= len(p.Statements) {
		return false
	}
	st := &p.Statements[x.Statement]
	if st.NotActions != nil || st.NotResources != nil {
		return true
	}
	return slices.ContainsFunc(st.Resources, func(r string) bool {
		return !slices.ContainsFunc(x.TooWide, func(w string) bool { return strings.HasSuffix(w, " "+strings.TrimSuffix(r, "/*")) })
	})
}

// Without is what a scan knows once statements are gone: all that a cut touches, also
// what it only narrows.
func (f *Finder) Without(list []Change) *iam.World {
	s := &severing{Finder: f, edited: map[string]*iam.Policy{}}
	gone := map[string]bool{}
	for _, c := range list {
		gone[identity(c.Policy, c.Statement, c.Holder)] = true
	}
	out := &iam.World{Accounts: f.world.Accounts}
	for _, h := range f.world.Holders {
		h = s.holderWithout(h, gone)
		if h.Trust != nil && len(gone) > 0 {
			x := *h
			x.Trust = s.without(h.Trust, "", gone)
			h = &x
		}
		out.Holders = append(out.Holders, h)
	}
	for _, a := range f.world.Assets {
		out.Assets = append(out.Assets, s.assetWithout(a, gone))
	}
	return out
}
