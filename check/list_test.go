package check

import (
	"slices"
	"testing"
)

// answers are what a control may say before anybody accepts anything.
var answers = []Status{Pass, Fail, Unknown, NotApplicable}

// TestEveryAnswerIsTried holds every control to a case of each answer, less those it
// declares never to give.
func TestEveryAnswerIsTried(t *testing.T) {
	tried := map[string]map[Status]bool{}
	for _, tr := range trials() {
		if _, ok := ByID(tr.control); !ok {
			t.Errorf("case %q is of %s, which is not a control", tr.name, tr.control)
		}
		if tried[tr.control] == nil {
			tried[tr.control] = map[Status]bool{}
		}
		tried[tr.control][tr.want] = true
	}
	for _, c := range All() {
		for _, s := range answers {
			switch never := slices.Contains(c.Never, s); {
			case never && tried[c.ID][s]:
				t.Errorf("%s declares that it never answers %s, and a case says that it must", c.ID, s)
			case !never && !tried[c.ID][s]:
				t.Errorf("%s has no case that must answer %s", c.ID, s)
			}
		}
	}
}

// TestNeverIsAnException holds what a control may declare never to answer: it must be
// able to fail and to say that it does not know, and a control that follows personal
// data does not apply where there is none.
func TestNeverIsAnException(t *testing.T) {
	for _, c := range All() {
		for _, s := range c.Never {
			if s != NotApplicable && s != Pass || c.Moves == OnlyWithData {
				t.Errorf("%s cannot leave out %s", c.ID, s)
			}
		}
		if len(c.Never) == len(answers) {
			t.Errorf("%s never answers", c.ID)
		}
	}
}

// TestControlsAreDocumented holds that the reference can be printed from the list.
func TestControlsAreDocumented(t *testing.T) {
	seen := map[string]bool{}
	for _, c := range All() {
		if seen[c.ID] {
			t.Errorf("%s is declared twice", c.ID)
		}
		seen[c.ID] = true
		if c.Title == "" || c.Doc == "" || c.Why == "" || c.Fix == "" || len(c.Articles) == 0 || len(c.Reads) == 0 {
			t.Errorf("%s is not documented in full", c.ID)
		}
		asked := 0
		for _, is := range []bool{c.Node != nil, c.Flow != nil, c.System != nil} {
			if is {
				asked++
			}
		}
		if asked != 1 || (c.Node != nil) != (len(c.Classes) > 0) || (c.Flow != nil) != (len(c.Kinds) > 0) {
			t.Errorf("%s is asked about nodes, flows or the system, and of one of them only", c.ID)
		}
	}
}
