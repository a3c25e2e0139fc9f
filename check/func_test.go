package check

import (
	"testing"

	"github.com/flowdeed/flowdeed/graph"
)

// fn adds a function that has everything right.
func (s *scene) fn(id graph.ID, set ...func(*graph.Node)) {
	s.node("role-"+id, graph.Principal)
	s.node(id, graph.Function, append([]func(*graph.Node){
		with(graph.PackageType, "Zip"), with(graph.Runtime, "nodejs24.x"), with(graph.RuntimeUpdate, "Auto"), with(graph.Tracing, true),
		with(graph.InVPC, false), with(graph.RoleARN, string("role-"+id)), with(graph.FailureTarget, ""), with(graph.CodeHash, "c1"), with(graph.ConfigHash, "k1"),
	}, set...)...)
	s.flow(graph.Assumes, id, "role-"+id)
}

const email, health = "user.contact.email", "user.health"

var funcTrials = []trial{
	{"FUNC-RUNTIME-001", "supported", "f", Pass, 0, "supported until 2028-04-30 (table of 2026-08-22", func(s *scene) { s.fn("f") }},
	{"FUNC-RUNTIME-001", "deprecated", "f", Fail, High, "deprecated since 2026-10-31", func(s *scene) { s.fn("f", with(graph.Runtime, "python3.10")) }},
	{"FUNC-RUNTIME-001", "deprecated, personal data", "f", Fail, Critical, "deprecated", func(s *scene) { s.fn("f", with(graph.Runtime, "python3.10")); s.holds("f", email) }},
	{"FUNC-RUNTIME-001", "no update day", "f", Fail, High, "deprecated since 2026-11-10", func(s *scene) { s.fn("f", with(graph.Runtime, "dotnet9")) }},
	{"FUNC-RUNTIME-001", "updates blocked", "f", Fail, Critical, "cannot be updated since 2022-02-14", func(s *scene) { s.fn("f", with(graph.Runtime, "nodejs10.x")) }},
	{"FUNC-RUNTIME-001", "soon", "f", Fail, Low, "is deprecated on 2027-04-30", func(s *scene) { s.fn("f", with(graph.Runtime, "nodejs22.x")) }},
	{"FUNC-RUNTIME-001", "pinned", "f", Fail, Low, "pinned to Manual", func(s *scene) { s.fn("f", with(graph.RuntimeUpdate, "Manual")) }},
	{"FUNC-RUNTIME-001", "own table", "f", Unknown, 0, "not in the table of 2026-11-01", func(s *scene) {
		s.fn("f")
		s.Runtimes = &RuntimeTable{AsOf: s.Now.AddDate(0, 0, -23)}
	}},
	{"FUNC-RUNTIME-001", "not in the table", "f", Unknown, 0, "not in the table of 2026-08-22, older than 90 days: replace it", func(s *scene) { s.fn("f", with(graph.Runtime, "cobol85")) }},
	{"FUNC-RUNTIME-001", "not read", "f", Unknown, 0, "refused", func(s *scene) { s.fn("f", without(graph.Runtime)) }},
	{"FUNC-RUNTIME-001", "image", "f", NotApplicable, 0, "container image", func(s *scene) { s.fn("f", with(graph.PackageType, "Image")) }},

	{"FUNC-TRACE-001", "on", "f", Pass, 0, "on", func(s *scene) { s.fn("f") }},
	{"FUNC-TRACE-001", "off", "f", Fail, Low, "off", func(s *scene) { s.fn("f", with(graph.Tracing, false)) }},
	{"FUNC-TRACE-001", "workflow off, health data", "w", Fail, High, "off", func(s *scene) { s.node("w", graph.StateMachine, with(graph.Tracing, false)); s.holds("w", health) }},
	{"FUNC-TRACE-001", "not read", "a", Unknown, 0, "tracing", func(s *scene) { s.node("a", graph.API, without(graph.Tracing)) }},
	{"FUNC-TRACE-001", "cannot", "a", NotApplicable, 0, "cannot trace", func(s *scene) {
		s.node("a", graph.API, func(n *graph.Node) { n.Kind = "apigatewayv2.http_api" })
	}},
	{"FUNC-TRACE-001", "no data", "f", NotApplicable, 0, "declared", func(s *scene) { s.fn("f", with(graph.Tracing, false)); s.empty("f") }},

	{"FUNC-VPC-001", "attached", "f", Pass, 0, "two zones", func(s *scene) { s.fn("f", with(graph.InVPC, true), with(graph.Zones, 2)) }},
	{"FUNC-VPC-001", "one zone", "f", Fail, Low, "1 availability zone only", func(s *scene) { s.fn("f", with(graph.InVPC, true), with(graph.Zones, 1)) }},
	{"FUNC-VPC-001", "database in a VPC", "f", Fail, Medium, "uses db, which lives in a VPC", func(s *scene) {
		s.fn("f")
		s.holds("f", email)
		s.node("db", graph.Database, with(graph.VPCID, "vpc-1"))
		s.flow(graph.Accesses, "f", "db")
	}},
	{"FUNC-VPC-001", "sends outside", "f", Fail, Medium, "sends to out on the internet", func(s *scene) {
		s.fn("f")
		s.holds("f", email)
		s.outside("out", graph.ExternalEndpoint, "", "")
		s.flow(graph.Invokes, "f", "out")
	}},
	{"FUNC-VPC-001", "database, place not read", "f", Unknown, 0, "vpc", func(s *scene) {
		s.fn("f")
		s.node("db", graph.Database, without(graph.VPCID))
		s.flow(graph.Reads, "f", "db")
	}},
	{"FUNC-VPC-001", "not labelled", "f", Unknown, 0, "nobody says", func(s *scene) {
		s.fn("f")
		s.node("db", graph.Database, with(graph.VPCID, "vpc-1"))
		s.flow(graph.Reads, "f", "db")
	}},
	{"FUNC-VPC-001", "managed APIs only", "f", NotApplicable, 0, "managed AWS APIs only", func(s *scene) {
		s.fn("f")
		s.holds("f", email)
		s.node("t", graph.Table)
		s.flow(graph.Reads, "f", "t")
	}},

	{"FUNC-DLQ-001", "kept", "f", Pass, 0, "dlq", func(s *scene) {
		s.fn("f", with(graph.FailureTarget, "dlq"))
		s.node("t", graph.Topic)
		s.flow(graph.Triggers, "t", "f", on(graph.Asynchronous, true))
	}},
	{"FUNC-DLQ-001", "lost", "f", Fail, Low, "started without waiting by t", func(s *scene) {
		s.fn("f")
		s.node("t", graph.Topic)
		s.flow(graph.Triggers, "t", "f")
	}},
	{"FUNC-DLQ-001", "asynchronous route", "f", Fail, Low, "a, and", func(s *scene) {
		s.fn("f")
		s.node("a", graph.API)
		s.flow(graph.Invokes, "a", "f", on(graph.Asynchronous, true))
	}},
	{"FUNC-DLQ-001", "caller may wait", "f", Unknown, 0, "whether g waits", func(s *scene) {
		s.fn("f")
		s.fn("g")
		s.flow(graph.Invokes, "g", "f")
	}},
	{"FUNC-DLQ-001", "settings not read", "f", Unknown, 0, "failure_target", func(s *scene) {
		s.fn("f", without(graph.FailureTarget))
		s.node("t", graph.Bucket)
		s.flow(graph.Triggers, "t", "f", on(graph.Asynchronous, true))
	}},
	{"FUNC-DLQ-001", "pollers and callers only", "f", NotApplicable, 0, "without waiting", func(s *scene) {
		s.fn("f")
		s.node("q", graph.Queue)
		s.node("a", graph.API)
		s.flow(graph.Triggers, "q", "f")
		s.flow(graph.Invokes, "a", "f", on(graph.Asynchronous, false))
	}},
	{"FUNC-DLQ-001", "rule switched off", "f", NotApplicable, 0, "", func(s *scene) {
		s.fn("f")
		s.node("r", graph.EventRule)
		s.flow(graph.Delivers, "r", "f", on(graph.StateOn, false))
	}},

	{"FUNC-DLQ-002", "queue with redrive", "q -triggers-> f", Pass, 0, "goes to dlq", func(s *scene) {
		s.fn("f")
		s.node("q", graph.Queue, with(graph.FailureTarget, "dlq"))
		s.flow(graph.Triggers, "q", "f")
	}},
	{"FUNC-DLQ-002", "queue without", "q -triggers-> f", Fail, Low, "no redrive policy", func(s *scene) {
		s.fn("f")
		s.node("q", graph.Queue, with(graph.FailureTarget, ""))
		s.flow(graph.Triggers, "q", "f")
	}},
	{"FUNC-DLQ-002", "stream poller", "k -triggers-> f", Fail, Low, "poller of k", func(s *scene) {
		s.fn("f")
		s.node("k", graph.Stream)
		s.flow(graph.Triggers, "k", "f", on(graph.FailureTarget, ""))
	}},
	{"FUNC-DLQ-002", "rule target", "r -delivers-> q", Fail, Medium, "the target q", func(s *scene) {
		s.node("r", graph.EventRule)
		s.holds("r", email)
		s.node("q", graph.Queue)
		s.flow(graph.Delivers, "r", "q", on(graph.FailureTarget, ""))
	}},
	{"FUNC-DLQ-002", "subscription", "t -delivers-> q", Pass, 0, "dlq", func(s *scene) {
		s.node("t", graph.Topic)
		s.node("q", graph.Queue)
		s.flow(graph.Delivers, "t", "q", on(graph.FailureTarget, "dlq"))
	}},
	{"FUNC-DLQ-002", "not read", "k -triggers-> f", Unknown, 0, "refused", func(s *scene) {
		s.fn("f")
		s.node("k", graph.Table)
		s.flow(graph.Triggers, "k", "f", off(graph.FailureTarget))
	}},
	{"FUNC-DLQ-002", "notification", "b -triggers-> f", NotApplicable, 0, "bucket", func(s *scene) {
		s.fn("f")
		s.node("b", graph.Bucket)
		s.flow(graph.Triggers, "b", "f")
	}},
	{"FUNC-DLQ-002", "switched off", "q -triggers-> f", NotApplicable, 0, "off", func(s *scene) {
		s.fn("f")
		s.node("q", graph.Queue, with(graph.FailureTarget, ""))
		s.flow(graph.Triggers, "q", "f", on(graph.StateOn, false))
	}},

	{"FUNC-DLQ-003", "as good", "q -dead-letters-> d", Pass, 0, "as good", func(s *scene) { deadLetters(s, graph.KeyCustomer, graph.KeyCustomer) }},
	{"FUNC-DLQ-003", "lower key", "q -dead-letters-> d", Fail, Medium, "key of d is provider-owned, that of q is customer-managed", func(s *scene) {
		deadLetters(s, graph.KeyCustomer, graph.KeyProviderOwned)
	}},
	{"FUNC-DLQ-003", "lower key than what feeds the function", "f -dead-letters-> d", Fail, High, "that of q is customer-managed", func(s *scene) {
		deadLetters(s, graph.KeyCustomer, graph.KeyAWSManaged)
		s.fn("f")
		s.holds("f", health)
		s.flow(graph.Triggers, "q", "f")
		s.flow(graph.DeadLetters, "f", "d")
	}},
	{"FUNC-DLQ-003", "other Region", "q -dead-letters-> d", Fail, Medium, "d is in us-east-1, q in eu-west-1", func(s *scene) {
		deadLetters(s, graph.KeyCustomer, graph.KeyCustomer, func(n *graph.Node) { n.Region = "us-east-1" })
	}},
	{"FUNC-DLQ-003", "wider policy", "q -dead-letters-> d", Fail, Medium, "admits 999988887777", func(s *scene) {
		deadLetters(s, graph.KeyCustomer, graph.KeyCustomer, with(graph.ForeignPrincipals, []string{"999988887777"}))
	}},
	{"FUNC-DLQ-003", "anybody", "q -dead-letters-> d", Fail, Medium, "admits anybody (open)", func(s *scene) {
		deadLetters(s, graph.KeyCustomer, graph.KeyCustomer, with(graph.PublicStatements, []string{"open"}))
	}},
	{"FUNC-DLQ-003", "key not known", "q -dead-letters-> d", Unknown, 0, "key_class", func(s *scene) {
		deadLetters(s, graph.KeyCustomer, graph.KeyCustomer, without(graph.KeyOwner))
	}},
	{"FUNC-DLQ-003", "no personal data", "q -dead-letters-> d", NotApplicable, 0, "no personal data", func(s *scene) {
		deadLetters(s, graph.KeyCustomer, graph.KeyNone)
		delete(s.held, "q")
	}},

	{"FUNC-INTEG-001", "as approved", "f", Pass, 0, "as approved", func(s *scene) { s.fn("f"); s.Approved = map[graph.ID]Approved{"f": {"c1", "k1"}} }},
	{"FUNC-INTEG-001", "changed", "f", Fail, Medium, "code differs", func(s *scene) { s.fn("f"); s.Approved = map[graph.ID]Approved{"f": {"c0", "k1"}} }},
	{"FUNC-INTEG-001", "configured otherwise", "f", Fail, Medium, "configuration differs", func(s *scene) { s.fn("f"); s.Approved = map[graph.ID]Approved{"f": {"c1", "k0"}} }},
	{"FUNC-INTEG-001", "new", "f", Fail, Medium, "not in the approved baseline", func(s *scene) { s.fn("f"); s.Approved = map[graph.ID]Approved{} }},
	{"FUNC-INTEG-001", "no baseline", "f", Unknown, 0, "no approved baseline", func(s *scene) { s.fn("f") }},
	{"FUNC-INTEG-001", "AWS's own", "f", NotApplicable, 0, "managed", func(s *scene) { s.fn("f", with(graph.ManagedBy, "AWS Control Tower")) }},

	{"FUNC-SINGLE-001", "one task", "f", Pass, 0, "kinds of triggers: 1, personal-data stores used: 1", func(s *scene) {
		s.fn("f")
		s.fill("f", graph.Writes, 1)
		s.node("q", graph.Queue)
		s.flow(graph.Triggers, "q", "f")
	}},
	{"FUNC-SINGLE-001", "three kinds of triggers", "f", Fail, Low, "3 kinds of triggers start it: api, queue, topic", func(s *scene) {
		s.fn("f")
		for id, c := range map[graph.ID]graph.Class{"q": graph.Queue, "a": graph.API, "t": graph.Topic} {
			s.node(id, c)
			s.flow(graph.Triggers, id, "f")
		}
	}},
	{"FUNC-SINGLE-001", "four stores", "f", Fail, Low, "4 personal-data stores: s0, s1, s2, s3", func(s *scene) { s.fn("f"); s.fill("f", graph.Accesses, 4) }},
	{"FUNC-SINGLE-001", "three activities", "f", Fail, Medium, "3 processing activities", func(s *scene) { s.fn("f"); s.holds("f", email).Activities = []string{"a", "b", "c"} }},
	{"FUNC-SINGLE-001", "stores not labelled", "f", Unknown, 0, "4 stores of which nobody says", func(s *scene) {
		s.fn("f")
		s.fill("f", graph.Writes, 4)
		clear(s.held)
	}},
	{"FUNC-SINGLE-001", "role not read", "f", Unknown, 0, "were not read", func(s *scene) {
		s.fn("f", with(graph.RoleARN, "elsewhere"))
		s.fill("f", graph.Writes, 1)
	}},
	{"FUNC-SINGLE-001", "idle", "f", NotApplicable, 0, "nothing triggers it", func(s *scene) { s.fn("f") }},
}

// fill gives a node flows to stores with personal data.
func (s *scene) fill(id graph.ID, kind graph.FlowKind, count int) {
	for i := range count {
		to := graph.ID("s" + string(rune('0'+i)))
		s.node(to, graph.Table)
		s.holds(to, email)
		s.flow(kind, id, to)
	}
}

// deadLetters is a queue and the queue of its failures.
func deadLetters(s *scene, source, target graph.KeyClass, set ...func(*graph.Node)) {
	none := []string{}
	base := []func(*graph.Node){with(graph.PublicStatements, none), with(graph.ForeignPrincipals, none)}
	s.node("q", graph.Queue, append(base, with(graph.KeyOwner, source))...)
	s.node("d", graph.Queue, append(append(base, with(graph.KeyOwner, target)), set...)...)
	s.holds("q", email)
	s.flow(graph.DeadLetters, "q", "d")
}

func TestSwitchedOffTriggersDoNotCount(t *testing.T) {
	f := judge(t, trial{control: "FUNC-SINGLE-001", subject: "f", set: func(s *scene) {
		s.fn("f")
		s.fill("f", graph.Writes, 1)
		for id, c := range map[graph.ID]graph.Class{"q": graph.Queue, "a": graph.API, "t": graph.Topic} {
			s.node(id, c)
			s.flow(graph.Triggers, id, "f", on(graph.StateOn, false))
		}
	}}, nil)
	if f.Status != Pass {
		t.Errorf("got %s: %s", f.Status, f.Reason)
	}
}
