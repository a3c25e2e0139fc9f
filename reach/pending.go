package reach

import (
	"slices"
	"strings"

	"github.com/flowdeed/flowdeed/iam"
)

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

// hanging are the answers that there would be if control policies that were not read let
// everything through, and of which the answers so far say nothing: ways on which more
// hops than the last one are not decided. ask puts the same question to another finder.
func (f *Finder) hanging(known Result, ask func(*Finder) Result) (r Result) {
	if !f.unreadSomewhere() {
		return r
	}
	said := map[string]bool{}
	for _, a := range slices.Concat(known.Answers, known.Undecided) {
		for _, x := range a.Access {
			said[a.about(x)+wayOf(&a)] = true
			if a.Decision != iam.AllowedIf { // who has it, or of whom it is open, needs no other way
				said[a.about(x)] = true
			}
		}
	}
	for _, a := range ask(f.lenient()).Answers {
		a.Limits = f.limitsOn(&a)
		a.Access = slices.DeleteFunc(slices.Clone(a.Access), func(x iam.Access) bool { return said[a.about(x)] || said[a.about(x)+wayOf(&a)] })
		if len(a.Access) == 0 || a.Limits == "" {
			continue
		}
		a.Otherwise, a.Decision, a.BlockedBy = a.Decision, iam.Unknown, iam.LayerSCP
		a.Why = "it hangs on what could not be read: control policies of account " + a.Limits + ": " + f.world.UnreadLimits(a.Limits)
		r.Undecided = append(r.Undecided, a)
	}
	return r
}

func (a *Answer) about(x iam.Access) string { return a.Principal + " " + a.Store + " " + string(x) }

func wayOf(a *Answer) string { return " by " + strings.Join(a.Path(), " ") }

// unreadSomewhere tells whether the control policies of a scanned account were not read.
func (f *Finder) unreadSomewhere() bool {
	for id := range f.world.Accounts {
		if f.world.UnreadLimits(id) != "" {
			return true
		}
	}
	return false
}

// limitsOn is the first account on a way whose control policies were not read.
func (f *Finder) limitsOn(a *Answer) string {
	for _, arn := range a.Path() {
		id := iam.Account(arn)
		if x := f.assets[arn]; x != nil {
			id = x.Account
		}
		if f.world.Accounts[id] != nil && f.world.UnreadLimits(id) != "" {
			return id
		}
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
