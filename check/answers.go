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

// tally gathers what speaks against a subject and what could not be read about it.
type tally struct {
	points []string
	lift   int // of the gravest point
	facts  []graph.Fact
	gaps   []string
}

// known notes a fact the answer rests on and tells whether it is known.
func (t *tally) known(x graph.Fact) bool {
	t.facts = append(t.facts, x)
	if !x.Known {
		t.gap(x.Name + " is not known: " + x.Why)
	}
	return x.Known
}

// gap notes what could not be read.
func (t *tally) gap(reason string) { t.gaps = append(t.gaps, reason) }

// against notes a point that breaks the rule; lift is its grade relative to the
// base severity of the control.
func (t *tally) against(lift int, reason string) {
	if len(t.points) == 0 || lift > t.lift {
		t.lift = lift
	}
	t.points = append(t.points, reason)
}

// result is fail with the points noted, otherwise unknown with the gaps, otherwise pass.
func (t *tally) result(pass string) Result {
	switch {
	case len(t.points) > 0:
		return failsBy(t.lift, strings.Join(append(t.points, t.gaps...), "; "), t.facts...)
	case len(t.gaps) > 0:
		return cannotTell(strings.Join(t.gaps, "; "), t.facts...)
	}
	return passes(pass, t.facts...)
}

// elsewhere tells whether a node belongs to an account nobody here knows, so that
// its settings can be neither read nor changed by the reader of the report.
func (in *Input) elsewhere(n *graph.Node) bool {
	return n.External && n.Account != "" && in.KnownAccounts[n.Account] == ""
}

// notOurs is the answer for the settings of such a node.
func notOurs(n *graph.Node) Result {
	return doesNotApply("it belongs to account " + n.Account + ", which is not one of the known accounts")
}

// name is the short name of a node for sentences, its id where it has none.
func name(in *Input, id graph.ID) string {
	if n := in.Graph.Node(id); n != nil && n.Name != "" {
		return n.Name
	}
	return string(id)
}

// days turns a count of days into the words of a sentence; 0 means for ever.
func days(n int) string {
	if n == 0 {
		return "for ever"
	}
	return plural(n, "day")
}
