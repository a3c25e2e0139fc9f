package classify

import (
	"slices"
	"testing"

	"github.com/flowdeed/flowdeed/annotations"
	"github.com/flowdeed/flowdeed/graph"
)

// only returns the one flow that reaches a node.
func only(t *testing.T, m *graph.Model, node string) *graph.Flow {
	t.Helper()
	in := m.In(graph.ID("id:" + node))
	if len(in) != 1 {
		t.Fatalf("%d flows reach %s", len(in), node)
	}
	return in[0]
}

// TestFrontDoors: a program behind a front door gets the address and the agent of the
// caller; what it writes may hold them, which nothing shows.
func TestFrontDoors(t *testing.T) {
	const meta = "inferred device.ip_address (passing), inferred device.user_agent (passing)"
	const sys = "internet internet\ng api\nf function\nb table\ninternet -exposes-> g\ng -invokes-> f\nf -writes-> b"
	fix := func(lines string, set func(*graph.Model)) *graph.Model {
		m := system(t, lines)
		if n := m.Node("id:internet"); n != nil { // the node anybody on the internet stands for has a name of its own
			m.AddNode(graph.Node{ID: graph.Internet, Class: graph.InternetClass, External: true})
			for _, f := range m.Out("id:internet") {
				m.AddFlow(graph.Flow{From: graph.Internet, To: f.To, Kind: f.Kind, Evidence: f.Evidence})
			}
			m.Freeze()
		}
		if set != nil {
			set(m)
		}
		return m
	}
	mapped := func(m *graph.Model) { graph.PassesCaller.Set(&only(t, m, "f").Facts, false, "here") }
	for _, c := range []struct {
		name, system, said, node, want string
		set                            func(*graph.Model)
	}{
		{name: "without a schema: unknown content, address and agent", system: sys, node: "f", want: "inferred: " + meta},
		{name: "what it stores is a hint", system: sys, node: "b", want: "weak: weak device.ip_address, weak device.user_agent"},
		{name: "with a schema", system: sys, said: holds("g", "passes: [user.name]"), node: "f", want: "inferred: " + meta + ", inferred name"},
		{name: "a mapping that leaves the caller out", system: sys, node: "f", want: "unknown", set: mapped},
		{name: "an API nobody outside may call", system: "g api\nf function\ng -invokes-> f", node: "f", want: "unknown"},
		{name: "an address of its own", system: "internet internet\nf function\ninternet -exposes-> f", node: "f", want: "inferred: " + meta},
		{name: "a store is no program", system: "internet internet\nb bucket\ninternet -exposes-> b", node: "b", want: "unknown"},
	} {
		t.Run(c.name, func(t *testing.T) {
			m := fix(c.system, c.set)
			set := annotations.Empty()
			if c.said != "" {
				set = said(t, "resources:\n"+c.said)
			}
			if got := show(Propagate(m, set, today), c.node); got != c.want {
				t.Errorf("%s holds %q, want %q", c.node, got, c.want)
			}
		})
	}
}

func TestAccessLogFormats(t *testing.T) {
	for _, c := range []struct {
		fields []string
		want   string
	}{
		{nil, "inferred: inferred device.ip_address, inferred device.user_agent, inferred telemetry.request_log"},
		{[]string{"requestId", "status"}, "inferred: inferred telemetry.request_log"},
		{[]string{"identity.sourceIp", "status"}, "inferred: inferred device.ip_address, inferred telemetry.request_log"},
		{[]string{"identity.userAgent", "authorizer.claims.sub"}, "inferred: inferred device.user_agent, inferred telemetry.request_log, inferred unique_id"},
	} {
		m := system(t, "g api\nl log-group\ng -logs-to-> l #access_log_prod")
		if c.fields != nil {
			graph.LogFields.Set(&only(t, m, "l").Facts, c.fields, "here")
		}
		graph.DataProtection.Set(&m.Node("id:l").Facts, true, "here") // masks who reads; the log keeps the value
		set := said(t, "resources:\n"+holds("g", "data: [user.name]"))
		if got := show(Propagate(m, set, today), "l"); got != c.want {
			t.Errorf("%v: %q, want %q", c.fields, got, c.want)
		}
	}
}

func TestDebugLogsHoldEvents(t *testing.T) {
	m := system(t, "f function\nl log-group\nf -logs-to-> l")
	graph.DebugLogging.Set(&m.Node("id:f").Facts, true, "here")
	graph.DataProtection.Set(&m.Node("id:l").Facts, true, "here")
	if got := show(Propagate(m, said(t, "resources:\n"+holds("f", "data: [user.name]")), today), "l"); got != "inferred: inferred name" {
		t.Errorf("the log holds %q", got)
	}
}

// TestTransformersByField: exactly the listed paths pass, as far as people say in which
// field a category is.
func TestTransformersByField(t *testing.T) {
	const fields = "fields: {email: user.contact.email, address.street: user.contact.address.street, id: user.unique_id}, data: [user.name]"
	for _, c := range []struct {
		class graph.Class
		on    string // who has the fields
		paths []string
		want  string
	}{
		{graph.EventRule, "b", []string{"$.detail.email", "$.time"}, "contact.email+name"},
		{graph.EventRule, "r", []string{"$.detail.email"}, "contact.email+name"},
		{graph.EventRule, "b", []string{"$.detail.address"}, "contact.address.street+name"},
		{graph.EventRule, "b", []string{"$.detail.address.street[0].x"}, "contact.address.street+name"},
		{graph.EventRule, "b", []string{"$.detail.addressee"}, "name"},
		{graph.EventRule, "b", []string{"$.detail.id", "$.id"}, "name+unique_id"},
		{graph.EventRule, "b", []string{"$.detail"}, "contact.address.street+contact.email+name+unique_id"},
		{graph.EventRule, "b", []string{"$.detail.email", "$"}, "contact.address.street+contact.email+name+unique_id"},
		{graph.Pipe, "b", []string{"$.dynamodb.NewImage.email.S"}, "contact.email+name"},
		{graph.Pipe, "b", []string{"$.dynamodb.NewImage.address.M.street.S"}, "contact.address.street+name"},
		{graph.Pipe, "b", []string{"$.body"}, "contact.address.street+contact.email+name+unique_id"},
		{graph.Pipe, "b", []string{"$.body.email"}, "contact.email+name"},
	} {
		m := system(t, "b event-bus\nr "+string(c.class)+"\nq queue\nb -delivers-> r\nr -delivers-> q")
		graph.Transformed.Set(&only(t, m, "q").Facts, c.paths, "here")
		text := holds("b", fields)
		if c.on == "r" {
			text = holds("b", "data: [user.contact.email, user.contact.address.street, user.unique_id, user.name]") + holds("r", fields)
		}
		var got []string
		for _, k := range Propagate(m, said(t, "resources:\n"+text), today).Categories("id:q") {
			got = append(got, k[len("user."):])
		}
		if s := joined(got); s != c.want {
			t.Errorf("%s, fields at %s, %v: %q, want %q", c.class, c.on, c.paths, s, c.want)
		}
	}
}

func joined(list []string) string {
	out := ""
	for i, s := range list {
		if i > 0 {
			out += "+"
		}
		out += s
	}
	return out
}

func TestKeyAttributesAreTheKey(t *testing.T) {
	m := system(t, "a table\nf function\nk stream\na -triggers-> f\na -streams-> k")
	m.Node("id:a").Fields = []graph.Field{{Path: "userId"}, {Path: "email"}} // email is the key of an index only
	graph.StreamView.Set(&m.Node("id:a").Facts, "KEYS_ONLY", "here")
	graph.KeyAttributes.Set(&m.Node("id:a").Facts, []string{"userId"}, "here")
	l := Propagate(m, said(t, "resources:\n  - {match: {name: a}, fields: {userId: user.unique_id, email: user.contact.email}}\n"), today)
	if got := show(l, "f"); got != "inferred: inferred unique_id" {
		t.Errorf("behind the stream: %q", got)
	}
	if got := show(l, "k"); got != "inferred: inferred contact.email, inferred unique_id" {
		t.Errorf("a streaming destination gets whole items, not %q", got)
	}
}

// TestWorkflowSteps: what a task answers goes on to the next ones, as the definition
// says; constants carry nothing.
func TestWorkflowSteps(t *testing.T) {
	const sys = "s state-machine\na table\nf function\nq queue\nf -reads-> a\ns -invokes-> f\ns -publishes-> q"
	set := said(t, "resources:\n"+holds("a", "data: [user.name]"))
	for _, c := range []struct {
		name, want string
		set        func(*graph.Model)
	}{
		{"the answer is used", "inferred: inferred name", func(m *graph.Model) { graph.ReturnsResult.Set(&only(t, m, "f").Facts, true, "here") }},
		{"the answer is thrown away", "unknown", func(m *graph.Model) { graph.ReturnsResult.Set(&only(t, m, "f").Facts, false, "here") }},
		{"a constant is sent, and the answer is used", "inferred: inferred name", func(m *graph.Model) {
			graph.ReturnsResult.Set(&only(t, m, "f").Facts, true, "here")
			graph.Transformed.Set(&only(t, m, "f").Facts, []string{}, "here")
		}},
		{"a call of which nothing more is known", "unknown", func(*graph.Model) {}},
		{"the next task sends a constant", "unknown", func(m *graph.Model) {
			graph.ReturnsResult.Set(&only(t, m, "f").Facts, true, "here")
			graph.Transformed.Set(&only(t, m, "q").Facts, []string{}, "here")
		}},
	} {
		m := system(t, sys)
		c.set(m)
		l := Propagate(m, set, today)
		if got := show(l, "q"); got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
		for _, x := range l.At("id:q").Labels {
			if !slices.Equal(x.Path, []graph.ID{"id:a", "id:f", "id:s", "id:q"}) {
				t.Errorf("%s: the path is %v", c.name, x.Path)
			}
		}
	}
}

func TestVariablesInPlainText(t *testing.T) {
	m := system(t, "f function\nb table\nf -writes-> b")
	graph.PersonalVariables.Set(&m.Node("id:f").Facts, []string{"ADMIN (email)", "OTHER (new)"}, "here")
	l := Propagate(m, annotations.Empty(), today)
	if got := show(l, "f"); got != "weak: weak user, weak contact.email" && got != "weak: weak contact.email, weak user" {
		t.Errorf("f holds %q", got)
	}
	if got := l.At("id:f").Labels[1].Origin; got != "variable ADMIN looks like it" {
		t.Errorf("the origin is %q", got)
	}
	if got := show(l, "b"); got != "unknown" {
		t.Errorf("configuration stays where it is, and b holds %q", got)
	}
}

func TestUnknownRecipients(t *testing.T) {
	m := system(t, "a table\nf function\nf -reads-> a")
	for _, id := range []graph.ID{"external:https://api.mailer.example/v1", "external:https://unheard.example:8443/x", "external:https://notmailer.example"} {
		m.AddNode(graph.Node{ID: id, Class: graph.ExternalEndpoint, External: true})
		m.AddFlow(graph.Flow{From: "id:f", To: id, Kind: graph.Invokes, Evidence: []graph.Evidence{{Kind: "x", Confidence: 0.99}}})
	}
	m.Freeze()
	set, _ := annotations.LoadFS(fstestFile("version: 1\nparties:\n  mailer: {name: Mailer, role: recipient, country: DE, hosts: [mailer.example]}\nresources:\n"+holds("a", "data: [user.name]")), "")
	l := Propagate(m, set, today)
	for id, want := range map[graph.ID]bool{"external:https://api.mailer.example/v1": false, "external:https://unheard.example:8443/x": true, "external:https://notmailer.example": true} {
		h := l.At(id)
		if h.UnknownRecipient != want || !slices.Equal(l.Categories(id), []string{"user.name"}) {
			t.Errorf("%s: %+v", id, h)
		}
	}
}
