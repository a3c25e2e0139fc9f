package classify

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/flowdeed/flowdeed/annotations"
	"github.com/flowdeed/flowdeed/graph"
)

var today = time.Date(2026, 11, 1, 12, 0, 0, 0, time.UTC)

const head = `version: 1
roles_of_people:
  privacy: {contact: privacy@acme.example}
parties:
  mailer: {name: Mailer Inc., role: recipient, country: DE}
`

// said reads annotations; errors in them fail the test, warnings do not.
func said(t *testing.T, text string) *annotations.Set {
	t.Helper()
	set, diags := annotations.LoadFS(fstest.MapFS{"a.yaml": {Data: []byte(head + text)}}, "")
	for _, d := range diags {
		if annotations.HasErrors([]annotations.Diagnostic{d}) {
			t.Fatal(d)
		}
	}
	return set
}

// holds is an entry that names categories at a node.
func holds(name, what string) string {
	return fmt.Sprintf("  - {id: %s, match: {name: %s}, %s}\n", name, name, what)
}

// system builds a graph from lines: "orders table" is a node, "f -reads-> orders" a
// flow, with an optional confidence "@0.5" and via "#name".
func system(t *testing.T, lines string) *graph.Model {
	t.Helper()
	m := graph.NewModel()
	for line := range strings.Lines(lines) {
		w := strings.Fields(line)
		switch {
		case len(w) == 2:
			n := graph.Node{ID: graph.ID("id:" + w[0]), Name: w[0], Class: graph.Class(w[1]), Kind: "kind." + w[1]}
			graph.AtRest.Set(&n.Facts, graph.Encrypted, "here")
			m.AddNode(n)
		case len(w) >= 3:
			f := graph.Flow{From: graph.ID("id:" + w[0]), Kind: graph.FlowKind(strings.TrimSuffix(strings.TrimPrefix(w[1], "-"), "->")), To: graph.ID("id:" + w[2]), Layers: graph.Possible}
			c := 0.99
			for _, x := range w[3:] {
				if x[0] == '@' {
					if _, err := fmt.Sscanf(x, "@%g", &c); err != nil {
						t.Fatal(err)
					}
				} else {
					f.Via = strings.ReplaceAll(x[1:], "_", " ")
				}
			}
			f.Evidence = []graph.Evidence{{Source: "here", Kind: "configuration", Confidence: c}}
			m.AddFlow(f)
		}
	}
	m.Freeze()
	return m
}

// at prints what a node holds: "inferred: inferred user.name, weak user.contact.email?".
func show(l *Labels, node string) string {
	h := l.At(graph.ID("id:" + node))
	var list []string
	for _, x := range h.Labels {
		s := string(x.State) + " " + strings.TrimPrefix(x.Category, "user.")
		if len(x.Subjects) > 0 {
			s += " of " + strings.Join(x.Subjects, "+")
		}
		if x.MayContain {
			s += "?"
		}
		if x.Passing {
			s += " (passing)"
		}
		list = append(list, s)
	}
	return strings.TrimSuffix(string(h.State)+": "+strings.Join(list, ", "), ": ")
}

// rules has, for each carry rule, a small system, what people say, and what arrives.
var rules = []struct{ name, system, said, node, want string }{
	{"a function reads a store and writes another", "a table\nf function\nb bucket\nf -reads-> a\nf -writes-> b", holds("a", "data: [user.name]"), "b", "inferred: inferred name"},
	{"what is written does not come back", "a table\nf function\nf -writes-> a", holds("a", "data: [user.name]"), "f", "unknown"},
	{"access of unknown direction is both", "a table\nf function\nb table\nf -accesses-> a\nf -accesses-> b", holds("a", "data: [user.name]"), "b", "inferred: inferred name"},
	{"queue to consumer", "q queue\nf function\nq -triggers-> f", holds("q", "data: [user.name], subjects: [customer]"), "f", "inferred: inferred name of customer"},
	{"roles and keys carry nothing", "a table\nk key\na -encrypts-with-> k", holds("a", "data: [user.name]"), "k", "unknown"},
	{"a secret carries nothing", "f function\ns secret\nf -uses-secret-> s", holds("f", "data: [user.name]"), "s", "unknown"},
	{"an object notification holds no content", "b bucket\nf function\nb -triggers-> f", holds("b", "data: [user.name]"), "f", "weak: weak device.ip_address"},
	{"unless the consumer reads the bucket", "b bucket\nf function\nb -triggers-> f\nf -reads-> b @0.7", holds("b", "data: [user.name]"), "f", "inferred: weak device.ip_address, inferred name"},
	{"a notification over a queue holds none either", "b bucket\nq queue\nb -delivers-> q", holds("b", "data: [user.name]"), "q", "weak: weak device.ip_address"},
	{"a replica holds everything", "b bucket\nc bucket\nb -replicates-> c", holds("b", "data: [user.name]"), "c", "inferred: inferred name"},
	{"a dead-letter queue gets the event", "f function\nq queue\nf -dead-letters-> q", holds("f", "data: [user.name]"), "q", "inferred: inferred name"},
	{"a log gets no content, a hint of requests alone", "f function\nl log-group\nf -logs-to-> l", holds("f", "data: [user.name]"), "l", "weak: weak telemetry.request_log"},
	{"a log of nobody's data", "f function\nl log-group\nf -logs-to-> l", "", "l", "unknown"},
	{"an access log gets the address of whose data passes", "g api\nl log-group\ng -logs-to-> l #access_log_x", holds("g", "data: [user.name], subjects: [customer]"), "l", "inferred: inferred device.ip_address of customer, inferred device.user_agent of customer, inferred telemetry.request_log of customer"},
	{"nobody calls, nothing is logged", "g api\nl log-group\ng -logs-to-> l #access_log_x", "", "l", "unknown"},
	{"weak flows give weak labels", "q queue\nf function\nb table\nq -triggers-> f @0.5\nf -writes-> b", holds("q", "data: [user.name]"), "b", "weak: weak name"},
	{"flows that are hardly believed carry nothing", "q queue\nf function\nq -triggers-> f @0.2", holds("q", "data: [user.name]"), "f", "unknown"},
	{"the internet is not known", "i internet\ng api\ni -exposes-> g", holds("i", "data: [user.name]"), "g", "unknown"},

	{"expired reviews are stale, and carried on", "q queue\nf function\nq -triggers-> f", holds("q", "data: [user.name], review: {by: privacy, on: 2025-01-01, expires: 2026-01-01}"), "f", "inferred: inferred name"},
	{"an expired review", "q queue", holds("q", "data: [user.name], review: {by: privacy, on: 2025-01-01, expires: 2026-01-01}"), "q", "stale: stale name"},
	{"none", "quiet queue", "  - {match: {kind: kind.queue, name: quiet}, data: none, reason: numbers, review: {by: privacy, expires: 2027-01-01}}\n", "quiet", "none"},
	{"none, expired", "quiet queue", "  - {match: {kind: kind.queue, name: quiet}, data: none, reason: numbers, review: {by: privacy, expires: 2026-01-01}}\n", "quiet", "stale"},
	{"none against what may arrive", "a table\nf function\nquiet queue\nf -reads-> a\nf -publishes-> quiet", holds("a", "data: [user.name]") + "  - {match: {kind: kind.queue, name: quiet}, data: none, reason: numbers, review: {by: privacy, expires: 2027-01-01}}\n", "quiet", "none: weak name"},
	{"none against what surely arrives", "a topic\nquiet queue\na -delivers-> quiet", holds("a", "data: [user.name]") + "  - {match: {kind: kind.queue, name: quiet}, data: none, reason: numbers, review: {by: privacy, expires: 2027-01-01}}\n", "quiet", "disputed: disputed name"},
	{"what surely arrives by a longer way", "a topic\nb topic\nquiet queue\nf function\na -triggers-> f\nf -publishes-> quiet\na -delivers-> b\nb -delivers-> c\nc topic\nc -delivers-> quiet", holds("a", "data: [user.name]") + "  - {match: {kind: kind.queue, name: quiet}, data: none, reason: numbers, review: {by: privacy, expires: 2027-01-01}}\n", "quiet", "disputed: disputed name"},
	{"none that passes on", "a topic\nquiet topic\na -delivers-> quiet", holds("a", "data: [user.name]") + "  - {match: {kind: kind.topic, name: quiet}, data: none, passes: [user.name], reason: a relay, review: {by: privacy, expires: 2027-01-01}}\n", "quiet", "declared: declared name (passing)"},
	{"removed where it may arrive", "a table\nf function\nb table\nf -reads-> a\nf -writes-> b", holds("a", "data: [user.name, user.contact.email]") + holds("b", "not: [{category: user.contact, reason: masked, by: privacy, expires: 2027-01-01}]"), "b", "inferred: weak contact.email, inferred name"},
	{"removed until yesterday", "a table\nf function\nb table\nf -reads-> a\nf -writes-> b", holds("a", "data: [user.name]") + holds("b", "not: [{category: user, reason: masked, by: privacy, expires: 2026-10-31}]"), "b", "inferred: inferred name"},
	{"removed where it surely arrives", "a table\nb table\na -replicates-> b", holds("a", "data: [user.name]") + holds("b", "not: [{category: user, reason: masked, by: privacy, expires: 2027-01-01}]"), "b", "disputed: disputed name"},

	{"what is declared to pass arrives", "g api\nf function\ng -invokes-> f", holds("g", "passes: [user.name]"), "f", "inferred: inferred name"},
	{"what is declared to pass is all that leaves", "q queue\nf function\nb table\nq -triggers-> f\nf -writes-> b", holds("q", "data: [user.name, user.contact.email]") + holds("f", "passes: [user.name]"), "b", "inferred: inferred name"},
	{"but a failed event is whole", "q queue\nf function\nb queue\nq -triggers-> f\nf -dead-letters-> b", holds("q", "data: [user.name, user.contact.email]") + holds("f", "passes: [user.name]"), "b", "inferred: inferred contact.email, inferred name"},
	{"a coarse category passes as what is named", "q queue\nf function\nb table\nq -triggers-> f\nf -writes-> b", holds("q", "data: [user]") + holds("f", "passes: [user.name]"), "b", "inferred: inferred name"},

	{"a list of fields narrows what a program writes", "q queue\nf function\nb table\nq -triggers-> f\nf -writes-> b", holds("q", "data: [user.name, user.contact.email]") + holds("b", "fields: {n: user.name}"), "b", "declared: weak contact.email, declared name"},
	{"a list of categories is no list of fields", "q queue\nf function\nb table\nq -triggers-> f\nf -writes-> b", holds("q", "data: [user.name, user.contact.email]") + holds("b", "data: [user.name]"), "b", "declared: inferred contact.email, declared name"},
	{"a list of fields out of date narrows nothing", "q queue\nf function\nb table\nq -triggers-> f\nf -writes-> b", holds("q", "data: [user.contact.email]") + holds("b", "fields: {n: user.name}, review: {by: privacy, on: 2025-01-01, expires: 2026-01-01}"), "b", "stale: inferred contact.email, stale name"},
	{"a copy is whole whatever its fields", "a table\nb table\na -replicates-> b", holds("a", "data: [user.contact.email]") + holds("b", "fields: {n: user.name}"), "b", "declared: inferred contact.email, declared name"},
	{"children stay children", "a table\nz table\nf function\nb table\nf -reads-> a\nf -reads-> z\nf -writes-> b", holds("a", "data: [user.name], subjects: [customer]") + holds("z", "data: [user.name], subjects: [minor]"), "b", "inferred: inferred name of customer+minor"},
	{"what is there is not hidden by what may be there", "a table\nf function\nq queue\nf -reads-> a\nq -triggers-> f", holds("a", "fields: {note: {category: user.content.free_text, may_contain: [user.health_and_medical]}}") + holds("q", "data: [user.health_and_medical]"), "f", "inferred: inferred content.free_text, inferred health_and_medical"},
	{"what may be there stays so", "a table\nf function\nf -reads-> a", holds("a", "fields: {note: {category: user.content.free_text, may_contain: [user.health_and_medical]}}"), "f", "inferred: inferred content.free_text, inferred health_and_medical?"},
	{"an arrival that says nothing new is not told twice", "a table\nf function\nb table\nf -reads-> a\nf -writes-> b", holds("a", "data: [user.name], subjects: [customer]") + holds("b", "data: [user.name], subjects: [customer]"), "b", "declared: declared name of customer"},
	{"an arrival of other people is", "a table\nf function\nb table\nf -reads-> a\nf -writes-> b", holds("a", "data: [user.name], subjects: [employee]") + holds("b", "data: [user.name], subjects: [customer]"), "b", "declared: inferred name of employee, declared name of customer"},
}

func TestCarryRules(t *testing.T) {
	for _, c := range rules {
		t.Run(c.name, func(t *testing.T) {
			text := ""
			if c.said != "" {
				text = "resources:\n" + c.said
			}
			l := Propagate(system(t, c.system), said(t, text), today)
			if got := show(l, c.node); got != c.want {
				t.Errorf("%s holds %q, want %q", c.node, got, c.want)
			}
		})
	}
}

const pseudonymise = `  - id: f
    match: {name: f}
    protects:
      - {state: pseudonymised, inputs: [user.contact, user.name], becomes: [user.unique_id.pseudonymous], method: HMAC, key_or_table_location: k%s}
`

const (
	vouched   = ", reviewer: privacy, expires: 2027-01-01"
	ranOut    = ", reviewer: privacy, expires: 2026-01-01"
	unsigned  = ", expires: 2027-01-01"
	onlyToB   = vouched + ", on: [b]"
	onlyOther = vouched + ", on: [a]"
)

func TestProtections(t *testing.T) {
	const through = "a table\nf function\nb table\nf -reads-> a\nf -writes-> b\n"
	whole := "inferred: inferred contact.email, inferred financial.bank_account, inferred name"
	changed := "inferred: inferred financial.bank_account, inferred unique_id.pseudonymous"
	for _, c := range []struct{ name, system, proof, node, want string }{
		{"reviewed: named inputs change, others pass", through, vouched, "b", changed},
		{"at the node itself nothing changes", through, vouched, "f", whole},
		{"without a reviewer it is a proposal", through, unsigned, "b", whole},
		{"after its date it is none", through, ranOut, "b", whole},
		{"for this target", through, onlyToB, "b", changed},
		{"for another target only", through, onlyOther, "b", whole},
		{"one unprotected way, and the original arrives", through + "g function\ng -reads-> a\ng -writes-> b\n", vouched, "b",
			"inferred: inferred contact.email, inferred financial.bank_account, inferred name, inferred unique_id.pseudonymous"},
		{"a way around by a copy", through + "c table\na -replicates-> c\ng function\ng -reads-> c\ng -writes-> b\n", vouched, "b",
			"inferred: inferred contact.email, inferred financial.bank_account, inferred name, inferred unique_id.pseudonymous"},
		{"every way protected", through + "c queue\nf -publishes-> c\nh function\nc -triggers-> h\nh -writes-> b\n", vouched, "b", changed},
		{"a failed event is not protected", through + "q queue\nf -dead-letters-> q\n", vouched, "q", whole},
		{"unless the protection names its queue", through + "b2 queue\nf -dead-letters-> b\n", onlyToB, "b", changed},
	} {
		t.Run(c.name, func(t *testing.T) {
			text := "resources:\n" + holds("a", "data: [user.name, user.contact.email, user.financial.bank_account]") + fmt.Sprintf(pseudonymise, c.proof) + holds("b", "owner: privacy")
			// A protection without reviewer is an error of the files; what was read still counts.
			set, _ := annotations.LoadFS(fstest.MapFS{"a.yaml": {Data: []byte(head + text)}}, "")
			if got := show(Propagate(system(t, c.system), set, today), c.node); got != c.want {
				t.Errorf("%s holds %q, want %q", c.node, got, c.want)
			}
		})
	}
}

func TestProtectionThatStops(t *testing.T) {
	for state, want := range map[string]string{
		"{state: aggregated, minimum_group_size: 20" + vouched + "}":                                     "unknown",
		"{state: redacted, inputs: [user.name], fields: [n]" + vouched + "}":                             "inferred: inferred contact.email",
		"{state: masked, fields: [x]" + vouched + "}":                                                    "inferred: inferred contact.email, inferred name", // nothing said it becomes
		"{state: encrypted_client_side, key: k, holders: [x]" + vouched + "}":                            "inferred: inferred contact.email, inferred name",
		"{state: masked, becomes: [system.operations], inputs: [user.name], fields: [x]" + vouched + "}": "inferred: inferred contact.email",
	} {
		text := "resources:\n" + holds("a", "data: [user.name, user.contact.email]") + "  - {match: {name: f}, protects: [" + state + "]}\n"
		// A reduction that does not say to what is an error of the files; what was read still counts.
		set, _ := annotations.LoadFS(fstest.MapFS{"a.yaml": {Data: []byte(head + text)}}, "")
		if got := show(Propagate(system(t, "a table\nf function\nb table\nf -reads-> a\nf -writes-> b"), set, today), "b"); got != want {
			t.Errorf("%s: %q, want %q", state, got, want)
		}
	}
}

func TestFlowsNarrowInTheDirectionOfData(t *testing.T) {
	const sys = "a table\nf function\nb table\nf -reads-> a\nf -writes-> b\nf -reads-> b"
	both := "resources:\n" + holds("a", "data: [user.name, user.contact.email]") + holds("f", "owner: privacy") + holds("b", "owner: privacy")
	for _, c := range []struct{ flow, node, want string }{
		{"{from: {name: a}, to: {name: f}, carries: [user.name]}", "b", "inferred: inferred name"},
		{"{from: {name: f}, to: {name: a}, carries: [user.name]}", "b", "inferred: inferred contact.email, inferred name"},
		{"{from: {name: f}, to: {name: b}, carries: [user.name]}", "b", "inferred: inferred name"},
		{"{from: {name: b}, to: {name: f}, carries: [user.name]}", "b", "inferred: inferred contact.email, inferred name"},
		{"{from: {name: f}, to: {party: mailer}, carries: [user.name]}", "b", "inferred: inferred contact.email, inferred name"},
	} {
		m, set := system(t, sys), said(t, both+"flows:\n  - "+c.flow+"\n")
		DeclareFlows(m, set)
		if got := show(Propagate(m, set, today), c.node); got != c.want {
			t.Errorf("%s: %s holds %q, want %q", c.flow, c.node, got, c.want)
		}
	}
}

func TestDeclareFlows(t *testing.T) {
	m := system(t, "a table\nf function\nq queue\ng function\nf -reads-> a\nf -publishes-> q")
	set := said(t, `resources:
  - {match: {name: a}, data: [user.name]}
flows:
  - {from: {name: a}, to: {name: f}}
  - {from: {name: f}, to: {name: a}}
  - {from: {name: f}, to: {name: q}}
  - {from: {name: f}, to: {party: mailer}, transport: {tls: required}}
  - {from: {name: a}, to: {name: g}}
`)
	DeclareFlows(m, set)
	DeclareFlows(m, set) // once more changes nothing
	var got []string
	for _, f := range m.Flows() {
		got = append(got, fmt.Sprintf("%s [%s] %d", f.ID(), f.Layers, len(f.Evidence)))
	}
	want := []string{
		"id:f -reads-> id:a [declared,possible] 2",
		"id:f -writes-> id:a [declared] 1",
		"id:f -publishes-> id:q [declared,possible] 2",
		"id:f -delivers-> party:mailer [declared] 1",
		"id:g -reads-> id:a [declared] 1",
	}
	if !slices.Equal(got, want) {
		t.Errorf("flows:\n%s\nwant:\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	party := m.Node(PartyNode("mailer"))
	if party == nil || party.Class != graph.ExternalEndpoint || !party.External || party.Name != "Mailer Inc." {
		t.Errorf("the party is %+v", party)
	}
	if got := Propagate(m, set, today).Categories(PartyNode("mailer")); !slices.Equal(got, []string{"user.name"}) {
		t.Errorf("the mailer gets %v", got)
	}
}

func TestUserPoolKnowsItself(t *testing.T) {
	m := system(t, "p user-pool\nf function\ng function\nl log-group\nb bucket\np -triggers-> f #PreSignUp\np -triggers-> g #UserMigration\nf -writes-> b")
	m.Node("id:p").Fields = []graph.Field{{Path: "email"}, {Path: "custom:tier"}, {Path: "birthdate"}}
	l := Propagate(m, annotations.Empty(), today)
	const people = " of account_holder"
	for node, want := range map[string]string{
		"p": "inferred: inferred authorization.password" + people + ", inferred contact.email" + people + ", inferred demographic.date_of_birth" + people + ", inferred unique_id" + people,
		"f": "inferred: inferred contact.email" + people + ", inferred demographic.date_of_birth" + people + ", inferred unique_id" + people,
		"g": "inferred: inferred authorization.password" + people + ", inferred contact.email" + people + ", inferred demographic.date_of_birth" + people + ", inferred unique_id" + people,
		"b": "inferred: inferred contact.email" + people + ", inferred demographic.date_of_birth" + people + ", inferred unique_id" + people,
	} {
		if got := show(l, node); got != want {
			t.Errorf("%s holds %q, want %q", node, got, want)
		}
	}
	if got := l.At("id:p").Labels[1].Origin; got != "user pool attribute email" {
		t.Errorf("the origin is %q", got)
	}
	none := said(t, "resources:\n  - {match: {kind: kind.user-pool, name: p}, data: [user.name], subjects: [employee]}\n")
	if got := Propagate(m, none, today).At("id:p").Labels[0].Subjects; !slices.Equal(got, []string{"employee"}) {
		t.Errorf("the accounts are of %v", got)
	}
}

// TestFieldsOfEventsStay: a schema tells of one kind of event on a bus, which does not go
// wherever others go. What people say of the bus does.
func TestFieldsOfEventsStay(t *testing.T) {
	m := system(t, "b event-bus\nr event-rule\nq queue\nb -delivers-> r\nr -delivers-> q")
	set := annotations.Empty()
	set.AddEvidence(annotations.Evidence{Resource: "id:b", Field: "Paid.email", Category: "user.contact.email", Confidence: 0.9, Rank: annotations.RankSchema})
	l := Propagate(m, set, today)
	for node, want := range map[string]string{"b": "inferred: inferred contact.email", "q": "unlabelled"} {
		if got := show(l, node); got != want && (node == "b" || strings.Contains(got, "email")) {
			t.Errorf("%s holds %q, want %q", node, got, want)
		}
	}
	whole := said(t, "resources:\n  - {match: {kind: kind.event-bus, name: b}, data: [user.contact.email]}\n")
	if got := show(Propagate(m, whole, today), "q"); !strings.Contains(got, "contact.email") {
		t.Errorf("declared at the bus, the queue holds %q", got)
	}
}

func TestTransformers(t *testing.T) {
	for _, c := range []struct {
		class graph.Class
		paths []string
		want  string
	}{
		{graph.EventRule, []string{}, "unknown"},
		{graph.EventRule, []string{"$.time", "$.id"}, "unknown"},
		{graph.EventRule, []string{"$.time", "$.detail.name"}, "inferred: inferred name"},
		{graph.EventRule, []string{"$"}, "inferred: inferred name"},
		{graph.Pipe, []string{"$.id"}, "inferred: inferred name"},
		{graph.Pipe, []string{"$.eventName"}, "unknown"},
		{graph.StateMachine, []string{"$.source"}, "inferred: inferred name"},
		{graph.StateMachine, []string{}, "unknown"},
	} {
		m := system(t, "b event-bus\nr "+string(c.class)+"\nq queue\nb -delivers-> r\nr -delivers-> q")
		graph.Transformed.Set(&m.In("id:q")[0].Facts, c.paths, "here")
		if got := show(Propagate(m, said(t, "resources:\n"+holds("b", "data: [user.name]")), today), "q"); got != c.want {
			t.Errorf("%s %v: %q, want %q", c.class, c.paths, got, c.want)
		}
	}
}

func TestPayloadLoggingCarriesEverything(t *testing.T) {
	m := system(t, "g api\nl log-group\ng -logs-to-> l")
	set := said(t, "resources:\n"+holds("g", "data: [user.name]"))
	for _, on := range []bool{true, false} {
		graph.PayloadLogging.Set(&m.Node("id:g").Facts, on, "here")
		want := map[bool]string{true: "inferred: inferred name", false: "weak: weak telemetry.request_log"}[on]
		if got := show(Propagate(m, set, today), "l"); got != want {
			t.Errorf("payload logging %v: %q, want %q", on, got, want)
		}
	}
}

func TestAccessLogOfThePublic(t *testing.T) {
	m := system(t, "g lb\nl bucket\ng -logs-to-> l #access_log")
	graph.InternetFacing.Set(&m.Node("id:g").Facts, true, "here")
	l := Propagate(m, annotations.Empty(), today)
	if got := show(l, "l"); got != "inferred: inferred device.ip_address, inferred device.user_agent, inferred telemetry.request_log" {
		t.Errorf("the log holds %q", got)
	}
	x := l.At("id:l").Labels[0]
	if x.Origin != "access log of g" || !slices.Equal(x.Path, []graph.ID{"id:g", "id:l"}) || len(x.Flows) != 1 {
		t.Errorf("%+v", x)
	}
	if got := l.Carries(m.Flows()[0]); !slices.Equal(got, []string{addressCategory, agentCategory, requestCategory}) {
		t.Errorf("the flow carries %v", got)
	}
}

func TestKeysOnlyStream(t *testing.T) {
	m := system(t, "a table\nf function\na -triggers-> f")
	m.Node("id:a").Fields = []graph.Field{{Path: "userId"}}
	set := said(t, "resources:\n  - {match: {name: a}, fields: {userId: user.unique_id, email: user.contact.email}, data: [user.name]}\n")
	for view, want := range map[string]string{
		"KEYS_ONLY": "inferred: inferred name, inferred unique_id", "NEW_IMAGE": "inferred: inferred contact.email, inferred name, inferred unique_id",
	} {
		graph.StreamView.Set(&m.Node("id:a").Facts, view, "here")
		if got := show(Propagate(m, set, today), "f"); got != want {
			t.Errorf("%s: %q, want %q", view, got, want)
		}
	}
}

func TestStatesOfStores(t *testing.T) {
	m := system(t, "said queue\nunsaid queue\nrefused queue\nhalf queue\nf function")
	graph.AtRest.Unknown(&m.Node("id:refused").Facts, "sqs:GetQueueAttributes was refused", "here")
	half := &m.Node("id:half").Facts
	graph.RetentionDays.Unknown(half, "refused", "here")
	graph.HasPolicy.Unknown(half, "refused", "here")
	l := Propagate(m, said(t, "resources:\n"+holds("said", "data: [user.name]")), today)
	for node, want := range map[string]State{"said": Declared, "unsaid": Unknown, "refused": Unreadable, "half": Unreadable, "f": Unknown} {
		if got := l.At(graph.ID("id:" + node)).State; got != want {
			t.Errorf("%s is %s, want %s", node, got, want)
		}
	}
	if got := l.At("id:refused").Why; got != "sqs:GetQueueAttributes was refused" {
		t.Errorf("why: %q", got)
	}
	var got []string
	for _, c := range l.CountStates(m) {
		if c.Nodes > 0 {
			got = append(got, fmt.Sprint(c.State, " ", c.Nodes))
		}
	}
	if !slices.Equal(got, []string{"declared 1", "unreadable 2", "unknown 1"}) {
		t.Errorf("counts: %v", got)
	}
}

func TestFlowProfileIsOfWhatMoves(t *testing.T) {
	m := system(t, "b bucket\nf function\nc bucket\nb -triggers-> f\nf -reads-> b\nb -replicates-> c")
	l := Propagate(m, said(t, "resources:\n"+holds("b", "data: [user.health_and_medical]")), today)
	for _, f := range m.Flows() {
		want := ProfileSpecial
		if f.Kind == graph.Triggers {
			want = ProfileUnlabelled
		}
		if got := l.FlowProfile(f); got != want {
			t.Errorf("%s: %s, want %s", f.ID(), got, want)
		}
	}
}

func fstestFile(text string) fstest.MapFS { return fstest.MapFS{"a.yaml": {Data: []byte(text)}} }
