package check

import (
	"fmt"
	"slices"
	"strings"

	"github.com/flowdeed/flowdeed/annotations"
	"github.com/flowdeed/flowdeed/classify"
	"github.com/flowdeed/flowdeed/graph"
)

// statementControls hold what people say of a resource against what is known of it.
// Their ids are those of the privacy model.
var statementControls = []*Control{
	{
		ID: "annotation.disputed", Title: "Nothing contradicts what people say is not there",
		Doc: "A person took a category away, or said that a resource holds no personal data. Does another scanner, a schema with confidence 0.9 or more, or a flow that surely carries it say that it is there? " +
			"The category counts as present until one side is corrected.",
		Why:      "Art. 5(2): the controller must be able to show what the record says. A statement that evidence contradicts shows the opposite.",
		Severity: Medium, Moves: Fixed, Articles: []string{"5(2)", "30"},
		Fix:   "Look at both sides; then correct the annotation, or the scanner's finding. flowdeed annotate explain RESOURCE names them.",
		Reads: []Read{{"annotations", "resources[].not"}, {"annotations", "resources[].data"}},

		Classes: annotatedClasses, Node: disputed,
	},
	{
		ID: "flow.carries_more_than_declared", Title: "No more arrives than the annotation lists",
		Doc: "For every store and channel whose annotation lists categories: does a flow bring another one? What passes a program on its way may have been left out there and makes the answer unknown, with the path; " +
			"a channel, rule, copy or failure target forwards what it gets, less what its transformer takes.",
		Why:      "Art. 5(1)(c) and 30(1)(c): a schema that leaves a field out describes a smaller copy than the one that exists. The field is then missing from the record, from access answers and from erasure.",
		Severity: Medium, Moves: WithData, Articles: []string{"5(1)(c)", "30(1)(c)"},
		Fix:   "Add an input transformer or a projection that leaves the field out, say what the flow carries (flows: carries:), or add the category to the annotation.",
		Reads: []Read{{"annotations", "resources[].schema"}, {"events:ListTargetsByRule", "Targets[].InputTransformer"}, {"lambda:ListEventSourceMappings", "EventSourceMappings[].EventSourceArn"}},

		Classes: annotatedClasses, Node: carriesMore,
	},
	{
		ID: "special_category.no_condition", Title: "Special categories have a condition of Art. 9, data on offences one of Art. 10",
		Doc: "For every store, channel and process with special-category or criminal data that an activity names: does the activity give a condition of Art. 9(2) or of Art. 10? " +
			"Free text that may hold such data is a question for a person, and so is such data that no activity names.",
		Why:      "Art. 9(1) and 10 forbid processing this data unless one of their conditions holds. Without one, every other measure is beside the point.",
		Severity: High, Moves: Fixed, Articles: []string{"9(2)", "10"},
		Fix:   "Name the condition in the activity (special_condition, criminal_condition) with the law it rests on, or stop collecting the data.",
		Reads: []Read{{"annotations", "activities[].special_condition"}, {"annotations", "activities[].criminal_condition"}},

		Classes: annotatedClasses, Node: conditionGiven,
	},
}

func disputed(in *Input, n *graph.Node) Result {
	h := in.Labels.At(n.ID)
	var against []classify.Label
	for _, l := range h.Labels {
		if l.State == classify.Disputed {
			against = append(against, l)
		}
	}
	switch {
	case len(against) > 0:
		r := fails(fmt.Sprintf("a person says that it holds no %s; against it stands %s", categoryList(against), against[0].Origin))
		r.Path = against[0].Path
		return r
	case h.State == classify.Stale:
		return cannotTell("the review of what is said of it has expired")
	case h.State == classify.None:
		return passes("nothing contradicts that it holds no personal data")
	case h.Stated:
		return passes("nothing contradicts what is said of it")
	}
	return doesNotApply("nobody says anything of it")
}

// leavesOut are the classes whose code may leave a field out on its way through.
var leavesOut = []graph.Class{
	graph.Function, graph.ContainerService, graph.Instance, graph.ETLJob, graph.StateMachine, graph.QueryWorkgroup, graph.GraphQLAPI, graph.API, graph.LoadBalancer, graph.CDN,
}

func carriesMore(in *Input, n *graph.Node) Result {
	h := in.Labels.At(n.ID)
	var listed []string
	for _, l := range h.Labels {
		if len(l.Path) <= 1 && (l.State == classify.Declared || l.State == classify.Stale) {
			listed = append(listed, l.Category)
		}
	}
	if len(listed) == 0 {
		return doesNotApply("no annotation lists what it holds")
	}
	sure, perhaps := unlistedLabels(in, h.Labels, listed)
	say := func(answer func(string, ...graph.Fact) Result, words string, list []classify.Label) Result {
		r := answer(fmt.Sprintf("%s %s: %s", categoryList(list), words, wayThrough(in, list[0].Path)))
		r.Path = list[0].Path
		return r
	}
	switch {
	case len(sure) > 0:
		return say(fails, "arrives and is not listed", sure)
	case len(perhaps) > 0:
		return say(cannotTell, "may arrive and is not listed", perhaps)
	case in.lost("", "", pathServices) != "":
		return cannotTell("nothing else was seen to arrive, but not every flow is known: " + in.lost("", "", pathServices))
	}
	return passes("only what is listed is known to arrive")
}

// unlistedLabels lists the labels that arrive and that a list does not cover: those that come
// unchanged, and those a program on the way may have left out.
func unlistedLabels(in *Input, labels []classify.Label, listed []string) (sure, perhaps []classify.Label) {
	for _, l := range labels {
		known := func(c string) bool { return annotations.Covers(c, l.Category) || annotations.Covers(l.Category, c) }
		if len(l.Path) <= 1 || l.State != classify.Inferred || !annotations.Personal(l.Category) || slices.ContainsFunc(listed, known) {
			continue
		}
		program := slices.ContainsFunc(l.Path[:len(l.Path)-1], func(id graph.ID) bool {
			n := in.Graph.Node(id)
			return n == nil || slices.Contains(leavesOut, n.Class)
		})
		if program || l.MayContain {
			perhaps = append(perhaps, l)
		} else {
			sure = append(sure, l)
		}
	}
	return sure, perhaps
}

func conditionGiven(in *Input, n *graph.Node) Result {
	h := in.Labels.At(n.ID)
	var must, may []classify.Label
	for _, l := range h.Labels {
		switch {
		case !in.Labels.Gravity(l).Special():
		case !l.MayContain && l.State != classify.Weak && len(l.Path) <= 1:
			must = append(must, l)
		default:
			may = append(may, l)
		}
	}
	all := slices.Concat(must, may)
	switch {
	case len(all) == 0:
		return doesNotApply("no special category and no data on offences is known to be here")
	case len(h.Activities) == 0:
		return cannotTell("no activity names it, and it may hold " + categoryList(all))
	case in.Condition == nil:
		return cannotTell("what activities say of Art. 9 and 10 was not read")
	}
	var without []string
	for _, a := range h.Activities {
		if !conditionsOf(in, a, all) {
			without = append(without, a)
		}
	}
	switch {
	case len(without) == 0:
		return passes("each activity that names it gives a condition for " + categoryList(all))
	case len(must) > 0:
		return fails(fmt.Sprintf("it holds %s, and activity %s gives no condition", categoryList(must), strings.Join(without, ", ")))
	}
	return cannotTell(fmt.Sprintf("it may hold %s, and activity %s gives no condition: ask whether it does", categoryList(may), strings.Join(without, ", ")))
}

// conditionsOf tells whether an activity gives the conditions that labels need.
func conditionsOf(in *Input, activity string, labels []classify.Label) bool {
	special, criminal := in.Condition(activity)
	return !slices.ContainsFunc(labels, func(l classify.Label) bool {
		if in.Labels.Gravity(l) == classify.ProfileCriminal {
			return criminal == ""
		}
		return special == ""
	})
}
