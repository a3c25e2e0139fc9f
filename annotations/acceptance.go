package annotations

import (
	"cmp"
	"fmt"
)

// Answer is what a control said about a resource, as far as acceptances are concerned.
type Answer struct {
	Finding string // id of the control
	Target  Target
	Failed  bool   // fail or accepted; otherwise unknown
	Missing string // for unknown: the permission whose lack left it open, where that is known
}

// CheckAcceptances reports acceptances that meet nothing, and those that meet only
// answers that are not known: what is not known cannot be accepted. Answers that passed
// are not to be given. Expired acceptances are reported as W415.
func (s *Set) CheckAcceptances(answers []Answer) []Diagnostic {
	c := &checker{report: &reporter{}, tax: s.tax, places: s.places}
	byFinding := map[string][]Answer{}
	for _, a := range answers {
		byFinding[a.Finding] = append(byFinding[a.Finding], a)
	}
	for _, x := range s.accept {
		sel := Selector{Resource: x.Resource, Match: x.Match}
		failed, unknown, missing := false, false, ""
		for _, a := range byFinding[x.Finding] {
			if s.Selects(sel, a.Target) {
				failed, unknown = failed || a.Failed, unknown || !a.Failed
				missing = cmp.Or(missing, a.Missing)
			}
		}
		switch {
		case failed:
		case unknown:
			c.at(x.Place, "E503", fmt.Sprintf("an unknown result cannot be accepted; grant %s or annotate", cmp.Or(missing, "the missing permission")))
		default:
			c.at(x.Place, "W502", fmt.Sprintf("finding %q does not occur on %q", x.Finding, x.on()))
		}
	}
	return c.report.sorted()
}

// on names what an acceptance speaks of.
func (a Acceptance) on() string {
	if a.Match != nil {
		return cmp.Or(a.Match.ARN, a.Match.Name, a.Match.LogicalID, a.Match.Kind)
	}
	return a.Resource
}
