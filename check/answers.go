package check

import (
	"slices"
	"strconv"
	"strings"

	"github.com/flowdeed/flowdeed/graph"
)

// passes is the answer that the rule is kept, with the facts that show it.
func passes(reason string, facts ...graph.Fact) Result {
	return Result{Status: Pass, Reason: reason, Facts: facts}
}

// fails is the answer that the rule is broken.
func fails(reason string, facts ...graph.Fact) Result {
	return Result{Status: Fail, Reason: reason, Facts: facts}
}

// failsBy is fails with another grade than the control's base severity.
func failsBy(lift int, reason string, facts ...graph.Fact) Result {
	return Result{Status: Fail, Reason: reason, Facts: facts, Lift: lift}
}

// cannotTell is the answer that evidence is missing, with the reason.
func cannotTell(reason string, facts ...graph.Fact) Result {
	return Result{Status: Unknown, Reason: reason, Facts: facts}
}

// doesNotApply is the answer that the rule does not fit the subject, with the reason.
func doesNotApply(reason string, facts ...graph.Fact) Result {
	return Result{Status: NotApplicable, Reason: reason, Facts: facts}
}

// unread returns those of the facts that are not known.
func unread(facts ...graph.Fact) []graph.Fact {
	return slices.DeleteFunc(slices.Clone(facts), func(x graph.Fact) bool { return x.Known })
}

// missing is cannotTell for facts that are not known: it names each with its reason.
func missing(facts ...graph.Fact) Result {
	list := unread(facts...)
	var why []string
	for _, x := range list {
		why = append(why, x.Name+" is not known: "+x.Why)
	}
	return cannotTell(strings.Join(why, "; "), list...)
}

// askedInVain tells apart "nobody set this fact" from "it was asked for and not had".
func askedInVain(f *graph.Facts, name string) bool {
	x, set := f.Lookup(name)
	return set && !x.Known
}

// plural prints a count with its noun: "1 store", "3 stores".
func plural(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return strconv.Itoa(n) + " " + noun + "s"
}
