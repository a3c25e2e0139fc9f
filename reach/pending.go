package reach

import "github.com/flowdeed/flowdeed/iam"

// pend says of what is not known how it would come out if control policies that were not
// read let everything through, and under which conditions. hop is the step that is not
// decided.
func (s *search) pend(a Answer, hop int, c caller, ask func(f *Finder) iam.Decision) Answer {
	a.Limits = s.unreadLimits(c)
	if a.Limits == "" {
		return a
	}
	d := ask(s.lenient())
	if !d.Outcome.Reaches() {
		return a
	}
	a.Otherwise = d.Outcome
	a.Steps[hop].If, a.Steps[hop].Because = d.If, d.Because
	if a.If = Conditions(a.Steps); len(a.If) > 0 {
		a.Otherwise = iam.AllowedIf
	}
	return a
}

// unreadLimits is the account whose control policies were not read: that of who asks, or
// of the store.
func (s *search) unreadLimits(c caller) string {
	if id := c.principal.Account; id != "" && s.world.Accounts[id] != nil && s.world.UnreadLimits(id) != "" {
		return id
	}
	if id := s.asset.Account; s.world.Accounts[id] != nil && s.world.UnreadLimits(id) != "" {
		return id
	}
	return ""
}

// lenient is the finder of the permissive world.
func (f *Finder) lenient() *Finder {
	if f.permissive == nil {
		f.permissive = New(f.world.Permissive(), f.graph)
	}
	return f.permissive
}
