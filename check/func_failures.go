package check

import (
	"fmt"
	"slices"
	"strings"

	"github.com/flowdeed/flowdeed/graph"
)

var failedEventsKept = &Control{
	ID: "FUNC-DLQ-001", Title: "Failed asynchronous events are kept",
	Doc:      "A function that something starts without waiting for the result (topic, rule, schedule, bucket, log subscription, asynchronous call) has a dead-letter target or a failure destination. Functions behind APIs and behind pollers of queues and streams are left out: there the caller or the source keeps the event.",
	Why:      "Art. 5(1)(f) protects data against accidental loss. An event that fails three times is dropped without a trace: an order, an erasure request, a withdrawal of consent is lost.",
	Severity: Low, Moves: WithData, Articles: []string{"32(1)(b)", "5(1)(f)"},
	Fix:   "Add a failure destination: aws lambda put-function-event-invoke-config --function-name NAME --destination-config OnFailure={Destination=QUEUE_ARN}, to a queue as well protected as the source.",
	Reads: []Read{{"lambda:ListFunctions", "Functions[].DeadLetterConfig.TargetArn"}, {"lambda:ListFunctionEventInvokeConfigs", "FunctionEventInvokeConfigs[].DestinationConfig.OnFailure.Destination"}},

	Classes: []graph.Class{graph.Function}, Node: asynchronousFailures,
}

// startsWithoutWaiting says by class of the source whether Lambda is started
// asynchronously. A class that is not here may do either.
// Source: AWS Lambda Developer Guide, "Invoking Lambda with events from other AWS services".
var startsWithoutWaiting = map[graph.Class]bool{
	graph.Topic: true, graph.EventRule: true, graph.EventBus: true, graph.ScheduleClass: true, graph.Bucket: true, graph.LogGroup: true,
	graph.Queue: false, graph.Stream: false, graph.Table: false, graph.Database: false, graph.DeliveryStream: false, graph.Pipe: false,
	graph.API: false, graph.GraphQLAPI: false, graph.LoadBalancer: false, graph.CDN: false, graph.UserPool: false, graph.IdentityPool: false,
	graph.StateMachine: false, graph.InternetClass: false,
}

// asynchronousSources sorts what starts a function into what does not wait and what may not.
func asynchronousSources(in *Input, n *graph.Node) (sure, unsure []graph.ID, facts []graph.Fact) {
	for _, f := range in.Graph.In(n.ID) {
		from := in.Graph.Node(f.From)
		switch f.Kind {
		case graph.Triggers, graph.Delivers, graph.Invokes:
		default:
			continue
		}
		if from == nil || graph.Is(graph.StateOn.Get(&f.Facts), false) {
			continue
		}
		a := graph.Asynchronous.Get(&f.Facts)
		async, told := startsWithoutWaiting[from.Class]
		switch {
		case a.Known:
			async, told = a.V, true
		case askedInVain(&f.Facts, a.Name):
			told = false
		}
		switch {
		case told && async:
			sure = append(sure, from.ID)
		case !told:
			unsure, facts = append(unsure, from.ID), append(facts, a.Fact)
		}
	}
	return slices.Compact(sure), slices.Compact(unsure), facts
}

func asynchronousFailures(in *Input, n *graph.Node) Result {
	sure, unsure, facts := asynchronousSources(in, n)
	target := graph.FailureTarget.Get(&n.Facts)
	switch {
	case len(sure)+len(unsure) == 0:
		return doesNotApply("nothing starts it without waiting for the result")
	case !target.Known:
		return missing(target.Fact)
	case target.V != "":
		return passes("failed events go to "+name(in, graph.ID(target.V)), target.Fact)
	case len(sure) == 0:
		return cannotTell("failed events go nowhere, and whether "+names(in, unsure)+" waits for the result is not known", append(facts, target.Fact)...)
	}
	return fails("it is started without waiting by "+names(in, sure)+", and failed events go nowhere", target.Fact)
}

var failedRecordsKept = &Control{
	ID: "FUNC-DLQ-002", Title: "Failed queue and stream records are kept",
	Doc:      "Every poller of a stream has a failure destination, every polled queue a redrive policy, every target of a rule or schedule and every subscription of a topic a dead-letter queue. Mappings and rules that are switched off are left out.",
	Why:      "Art. 32 asks for resilience. A record that cannot be processed blocks a stream and then expires, or is dropped: data subjects lose data and nobody notices.",
	Severity: Low, Moves: WithData, Articles: []string{"32(1)(b)"},
	Fix:   "Queue: set a RedrivePolicy with deadLetterTargetArn and maxReceiveCount. Stream poller: aws lambda update-event-source-mapping --uuid ID --destination-config OnFailure={Destination=QUEUE_ARN}. Rule target, schedule or subscription: set its dead-letter queue.",
	Reads: []Read{{"lambda:ListEventSourceMappings", "EventSourceMappings[].DestinationConfig.OnFailure.Destination"}, {"sqs:GetQueueAttributes", "Attributes.RedrivePolicy"}, {"events:ListTargetsByRule", "Targets[].DeadLetterConfig.Arn"}, {"scheduler:GetSchedule", "Target.DeadLetterConfig.Arn"}, {"sns:GetSubscriptionAttributes", "Attributes.RedrivePolicy"}, {"pipes:DescribePipe", "SourceParameters"}},

	Kinds: []graph.FlowKind{graph.Triggers, graph.Delivers}, Flow: recordFailures,
}

func recordFailures(in *Input, f *graph.Flow) Result {
	from, to := in.Graph.Node(f.From), in.Graph.Node(f.To)
	if from == nil || to == nil {
		return doesNotApply("one end of the flow is not in the map")
	}
	if on := graph.StateOn.Get(&f.Facts); graph.Is(on, false) {
		return doesNotApply("it is switched off", on.Fact)
	}
	holder, lacks := &f.Facts, ""
	switch {
	case in.elsewhere(from):
		return notOurs(from)
	case from.ID == graph.Schedule || to.Class == graph.EventRule:
		return doesNotApply("a rule matches events, it does not fail to take them")
	case from.Class == graph.Queue && f.Kind == graph.Triggers:
		holder, lacks = &from.Facts, "queue "+name(in, from.ID)+" has no redrive policy"
	case f.Kind == graph.Triggers && (from.Class == graph.Stream || from.Class == graph.Table || from.Class == graph.Database || from.Class == graph.ExternalEndpoint):
		lacks = "the poller of " + name(in, from.ID) + " has no failure destination"
	case from.Class == graph.EventRule || from.Class == graph.ScheduleClass:
		lacks = "the target " + name(in, to.ID) + " has no dead-letter queue"
	case from.Class == graph.Topic:
		lacks = "the subscription of " + name(in, to.ID) + " has no dead-letter queue"
	default:
		return doesNotApply("a " + string(from.Class) + " keeps no failed records by itself")
	}
	target := graph.FailureTarget.Get(holder)
	switch {
	case !target.Known:
		return missing(target.Fact)
	case target.V == "":
		return fails(lacks+": what cannot be processed is lost", target.Fact)
	}
	return passes("what cannot be processed goes to "+name(in, graph.ID(target.V)), target.Fact)
}

var failureTargetsProtected = &Control{
	ID: "FUNC-DLQ-003", Title: "Dead-letter targets protect as well as the source",
	Doc:      "The target of failed events is compared with where they come from: class of the key, who else the resource policy admits, Region and account. For a function the comparison is with the queues, topics and stores that feed it.",
	Why:      "Art. 5(1)(f) covers every copy. Dead-letter queues hold the complete message, often with the error, and are the place nobody looks at: the weakest copy decides.",
	Severity: Medium, Moves: OnlyWithData, Articles: []string{"5(1)(f)", "32(1)(a)"},
	Fix:   "Give the target the key of the source, a policy that admits no more than the source's, and keep it in the same Region and account.",
	Reads: []Read{{"sqs:GetQueueAttributes", "Attributes.KmsMasterKeyId"}, {"sqs:GetQueueAttributes", "Attributes.Policy"}, {"sqs:GetQueueAttributes", "Attributes.RedrivePolicy"}},

	Kinds: []graph.FlowKind{graph.DeadLetters}, Flow: targetProtects,
}

func targetProtects(in *Input, f *graph.Flow) Result {
	from, to := in.Graph.Node(f.From), in.Graph.Node(f.To)
	if from == nil || to == nil {
		return cannotTell("one end of the flow is not in the map")
	}
	t := &tally{}
	samePlace(in, t, from, to)
	if to.Class.KeepsData() {
		noWiderPolicy(in, t, from, to)
		for _, k := range keepersBefore(in, from) {
			compareKeys(in, t, k, to)
		}
	}
	return t.result("key, policy, Region and account of " + name(in, to.ID) + " are as good as the source's")
}

// samePlace notes when the target of a flow is in another Region or account.
func samePlace(in *Input, t *tally, from, to *graph.Node) {
	switch {
	case from.Region == "" || to.Region == "":
		t.gap("the Region of one end is not known")
	case from.Region != to.Region:
		t.against(0, name(in, to.ID)+" is in "+to.Region+", "+name(in, from.ID)+" in "+from.Region)
	}
	if from.Account != "" && to.Account != "" && from.Account != to.Account {
		t.against(0, name(in, to.ID)+" is in account "+to.Account)
	}
}

// noWiderPolicy notes who gets into the target and not into the source.
func noWiderPolicy(in *Input, t *tally, from, to *graph.Node) {
	open, foreign := graph.PublicStatements.Get(&to.Facts), graph.ForeignPrincipals.Get(&to.Facts)
	if t.known(open.Fact) && len(open.V) > 0 && len(graph.PublicStatements.Get(&from.Facts).V) == 0 {
		t.against(0, fmt.Sprintf("the policy of %s admits anybody (%s)", name(in, to.ID), strings.Join(open.V, ", ")))
	}
	if t.known(foreign.Fact) {
		admitted := graph.ForeignPrincipals.Get(&from.Facts).V
		more := slices.DeleteFunc(slices.Clone(foreign.V), func(p string) bool { return slices.Contains(admitted, p) })
		if len(more) > 0 {
			t.against(0, fmt.Sprintf("the policy of %s admits %s, the source's does not", name(in, to.ID), strings.Join(more, ", ")))
		}
	}
}

// compareKeys notes when the target's key gives the customer less control than the source's.
func compareKeys(in *Input, t *tally, from, to *graph.Node) {
	source, target := graph.KeyOwner.Get(&from.Facts), graph.KeyOwner.Get(&to.Facts)
	if !source.Known {
		t.gap("the key of " + name(in, from.ID) + " is not known: " + source.Why)
		return
	}
	if t.known(target.Fact) && target.V.Rank() < source.V.Rank() {
		t.against(0, fmt.Sprintf("the key of %s is %s, that of %s is %s", name(in, to.ID), target.V, name(in, from.ID), source.V))
	}
}

// keepersBefore are the nodes that hold what passes through a node: the node itself
// when it keeps data, otherwise those that hand it on.
func keepersBefore(in *Input, n *graph.Node) []*graph.Node {
	if n.Class.KeepsData() {
		return []*graph.Node{n}
	}
	var out []*graph.Node
	for _, f := range in.Graph.In(n.ID) {
		switch f.Kind {
		case graph.Triggers, graph.Delivers, graph.Streams:
			k := in.Graph.Node(f.From)
			if k == nil || !k.Class.KeepsData() || len(out) > 0 && out[len(out)-1] == k {
				continue // the flows are sorted by source
			}
			out = append(out, k)
		}
	}
	return out
}
