package check

import (
	"github.com/flowdeed/flowdeed/graph"
)

// subscription is a delivery of a topic by a protocol.
func subscription(protocol ...func(*graph.Flow)) func(*scene) {
	return func(s *scene) {
		s.node("t", graph.Topic)
		s.outside("external:subscriber", graph.ExternalEndpoint, "", "")
		s.flow(graph.Delivers, "t", "external:subscriber", protocol...)
	}
}

// personally adds to a case that a node holds personal data.
func personally(id graph.ID, set func(*scene)) func(*scene) {
	return func(s *scene) { set(s); s.holds(id, email) }
}

// one is a scene of a single node "n".
func one(class graph.Class, set ...func(*graph.Node)) func(*scene) {
	return func(s *scene) { s.node("n", class, set...) }
}

// calls is a flow "a" -> "b" from a node of a class to one of another.
func calls(kind graph.FlowKind, from, to graph.Class, set ...func(*graph.Flow)) func(*scene) {
	return func(s *scene) {
		s.node("a", from)
		s.node("b", to)
		s.flow(kind, "a", "b", set...)
	}
}

// goesOut is a flow from a node "a" of a class to an address outside.
func goesOut(kind graph.FlowKind, from graph.Class, address graph.ID, set ...func(*graph.Flow)) func(*scene) {
	return func(s *scene) {
		s.node("a", from)
		s.outside(address, graph.ExternalEndpoint, "", "")
		s.flow(kind, "a", address, set...)
	}
}

func clients(t graph.Transit) func(*graph.Node) { return with(graph.ClientTransit, t) }

// socketTrials are the cases of every row that judges clients which connect by socket.
func socketTrials(control string, class graph.Class, also ...func(*graph.Node)) []trial {
	plus := func(set ...func(*graph.Node)) func(*scene) { return one(class, append(also, set...)...) }
	return []trial{
		{control, "enforced", "n", Pass, 0, "TLS", plus(clients(graph.TransitEnforced))},
		{control, "inside the provider", "n", Pass, 0, "TLS", plus(clients(graph.TransitInternal))},
		{control, "offered", "n", Fail, High, "offered, not required", plus(clients(graph.TransitOffered))},
		{control, "plaintext", "n", Fail, High, "without TLS", plus(clients(graph.TransitPlain))},
		{control, "plaintext, health data", "n", Fail, Critical, "without TLS", func(s *scene) { plus(clients(graph.TransitPlain))(s); s.holds("n", health) }},
		{control, "plaintext, declared empty", "n", Fail, Medium, "without TLS", func(s *scene) { plus(clients(graph.TransitPlain))(s); s.empty("n") }},
		{control, "refused", "n", Unknown, 0, "client_transit is not known: refused", plus(without(graph.ClientTransit))},
		{control, "verdict unknown", "n", Unknown, 0, "client_transit", plus(clients(graph.TransitUnknown))},
		{control, "verdict nobody knows", "n", Unknown, 0, `"rot13"`, plus(clients("rot13"))},
		{control, "nothing read", "n", Unknown, 0, "nothing was read", plus()},
	}
}

// refusesTLS are the cases of a row that asks for a deny without TLS.
func refusesTLS(control string, class graph.Class, base, personal Severity) []trial {
	return []trial{
		{control, string(class) + " refuses", "n", Pass, 0, "are refused", one(class, with(graph.TLSRequired, true))},
		{control, string(class) + " answers", "n", Fail, base, "are answered", one(class, with(graph.TLSRequired, false))},
		{control, string(class) + " answers, personal data", "n", Fail, personal, "are answered", personally("n", one(class, with(graph.TLSRequired, false)))},
		{control, string(class) + " refused", "n", Unknown, 0, "tls_required is not known: refused", one(class, without(graph.TLSRequired))},
		{control, string(class) + " not read", "n", Unknown, 0, "nothing was read", one(class)},
	}
}

var encTransitTrials = func() []trial {
	out := []trial{
		{"ENC-TRANSIT-003", "https", "t", Pass, 0, "https", subscription(on(graph.ProtocolName, "https"))},
		{"ENC-TRANSIT-003", "http", "t", Fail, High, "plain HTTP", subscription(on(graph.ProtocolName, "http"))},
		{"ENC-TRANSIT-003", "http, personal data", "t", Fail, Critical, "plain HTTP", personally("t", subscription(on(graph.ProtocolName, "http")))},
		{"ENC-TRANSIT-003", "refused", "t", Unknown, 0, "protocol is not known: refused", subscription(off(graph.ProtocolName))},
		{"ENC-TRANSIT-003", "not read", "t", Unknown, 0, "nothing was read", subscription()},
		{"ENC-TRANSIT-003", "unheard-of protocol", "t", Unknown, 0, "pigeon", subscription(on(graph.ProtocolName, "pigeon"))},
		{"ENC-TRANSIT-003", "by mail", "t", NotApplicable, 0, "ENC-TRANSIT-004 decides", subscription(on(graph.ProtocolName, "email"))},
		{"ENC-TRANSIT-003", "of a rule", "a", NotApplicable, 0, "not a delivery of a topic", calls(graph.Delivers, graph.EventRule, graph.Queue)},

		{"ENC-TRANSIT-004", "https", "t", Pass, 0, "https", personally("t", subscription(on(graph.ProtocolName, "https")))},
		{"ENC-TRANSIT-004", "http", "t", Pass, 0, "http", personally("t", subscription(on(graph.ProtocolName, "http")))},
		{"ENC-TRANSIT-004", "e-mail", "t", Fail, Medium, "by email", personally("t", subscription(on(graph.ProtocolName, "email-json")))},
		{"ENC-TRANSIT-004", "SMS, health data", "t", Fail, High, "by sms", func(s *scene) { subscription(on(graph.ProtocolName, "sms"))(s); s.holds("t", health) }},
		{"ENC-TRANSIT-004", "refused", "t", Unknown, 0, "protocol", personally("t", subscription(off(graph.ProtocolName)))},
		{"ENC-TRANSIT-004", "unheard-of protocol", "t", Unknown, 0, "pigeon", personally("t", subscription(on(graph.ProtocolName, "pigeon")))},
		{"ENC-TRANSIT-004", "no label", "t", NotApplicable, 0, "no personal data is known", subscription(on(graph.ProtocolName, "email"))},
		{"ENC-TRANSIT-004", "of a rule", "a", NotApplicable, 0, "not a delivery of a topic", personally("a", calls(graph.Delivers, graph.EventRule, graph.Queue))},

		{"ENC-TRANSIT-006", "1.2", "n", Pass, 0, "TLS 1.2", one(graph.CDN, with(graph.TLSMinimum, "1.2"))},
		{"ENC-TRANSIT-006", "1.3", "n", Pass, 0, "TLS 1.3", one(graph.LoadBalancer, with(graph.TLSMinimum, "1.3"))},
		{"ENC-TRANSIT-006", "1.0", "n", Fail, Medium, "TLS 1.0", one(graph.API, with(graph.TLSMinimum, "1.0"))},
		{"ENC-TRANSIT-006", "1.1, personal data", "n", Fail, High, "TLS 1.1", personally("n", one(graph.CDN, with(graph.TLSMinimum, "1.1")))},
		{"ENC-TRANSIT-006", "refused", "n", Unknown, 0, "tls_minimum is not known: refused", one(graph.LoadBalancer, without(graph.TLSMinimum))},
		{"ENC-TRANSIT-006", "not in the table", "n", Unknown, 0, "SSLv3", one(graph.CDN, with(graph.TLSMinimum, "SSLv3"))},
		{"ENC-TRANSIT-006", "no TLS at all", "n", NotApplicable, 0, "ENC-TRANSIT-005 decides", one(graph.LoadBalancer, clients(graph.TransitPlain))},

		{"ENC-TRANSIT-007", "TLS", "a", Pass, 0, "enforced", calls(graph.RoutesTo, graph.LoadBalancer, graph.LoadBalancer, on(graph.InTransit, graph.TransitEnforced))},
		{"ENC-TRANSIT-007", "function", "a", Pass, 0, "provider-internal", calls(graph.RoutesTo, graph.LoadBalancer, graph.Function, on(graph.InTransit, graph.TransitInternal))},
		{"ENC-TRANSIT-007", "HTTP", "a", Fail, Low, "not encrypted", calls(graph.RoutesTo, graph.LoadBalancer, graph.LoadBalancer, on(graph.InTransit, graph.TransitPlain))},
		{"ENC-TRANSIT-007", "refused", "a", Unknown, 0, "in_transit is not known: refused", calls(graph.RoutesTo, graph.LoadBalancer, graph.Function, off(graph.InTransit))},
		{"ENC-TRANSIT-007", "not read", "a", Unknown, 0, "nothing was read", calls(graph.RoutesTo, graph.LoadBalancer, graph.Function)},
		{"ENC-TRANSIT-007", "of a CDN", "a", NotApplicable, 0, "not behind a load balancer", calls(graph.RoutesTo, graph.CDN, graph.Bucket)},

		{"ENC-TRANSIT-008", "both", "n", Pass, 0, "viewers use HTTPS", one(graph.CDN, clients(graph.TransitEnforced), with(graph.OriginTransit, graph.TransitEnforced))},
		{"ENC-TRANSIT-008", "viewers may use HTTP", "n", Fail, High, "viewers", one(graph.CDN, clients(graph.TransitOffered), with(graph.OriginTransit, graph.TransitEnforced))},
		{"ENC-TRANSIT-008", "origin over HTTP", "n", Fail, High, "origin", one(graph.CDN, clients(graph.TransitEnforced), with(graph.OriginTransit, graph.TransitPlain))},
		{"ENC-TRANSIT-008", "origin over HTTP, viewers not read", "n", Fail, High, "origin", one(graph.CDN, with(graph.OriginTransit, graph.TransitPlain))},
		{"ENC-TRANSIT-008", "origin not read", "n", Unknown, 0, "origin_transit is not known: refused", one(graph.CDN, clients(graph.TransitEnforced), without(graph.OriginTransit))},
		{"ENC-TRANSIT-008", "viewers not read", "n", Unknown, 0, "client_transit", one(graph.CDN, with(graph.OriginTransit, graph.TransitEnforced))},
		{"ENC-TRANSIT-008", "origin undecided", "n", Unknown, 0, "origin_transit", one(graph.CDN, clients(graph.TransitEnforced), with(graph.OriginTransit, graph.TransitUnknown))},

		{"ENC-TRANSIT-009", "https", "a", Pass, 0, "enforced", goesOut(graph.Invokes, graph.API, "external:https://x.example", on(graph.InTransit, graph.TransitEnforced), on(graph.VerifyTLS, true))},
		{"ENC-TRANSIT-009", "function", "a", Pass, 0, "provider-internal", calls(graph.Invokes, graph.API, graph.Function, on(graph.InTransit, graph.TransitInternal))},
		{"ENC-TRANSIT-009", "service", "a", Pass, 0, "enforced", calls(graph.Publishes, graph.GraphQLAPI, graph.EventBus, on(graph.InTransit, graph.TransitEnforced))},
		{"ENC-TRANSIT-009", "http", "a", Fail, High, "not encrypted", goesOut(graph.Invokes, graph.API, "external:http://x.example", on(graph.InTransit, graph.TransitPlain))},
		{"ENC-TRANSIT-009", "certificate not checked", "a", Fail, High, "certificates", goesOut(graph.Invokes, graph.API, "external:https://x.example", on(graph.InTransit, graph.TransitEnforced), on(graph.VerifyTLS, false))},
		{"ENC-TRANSIT-009", "verdict unknown", "a", Unknown, 0, "in_transit", goesOut(graph.Invokes, graph.API, "external:x", on(graph.InTransit, graph.TransitUnknown))},
		{"ENC-TRANSIT-009", "check not read", "a", Unknown, 0, "certificate_checked", goesOut(graph.Invokes, graph.API, "external:https://x.example", on(graph.InTransit, graph.TransitEnforced), off(graph.VerifyTLS))},
		{"ENC-TRANSIT-009", "of a function", "a", NotApplicable, 0, "not an integration", goesOut(graph.Invokes, graph.Function, "external:http://x.example", on(graph.InTransit, graph.TransitPlain))},

		{"ENC-TRANSIT-012", "TLS, nobody asks who", "n", Fail, High, "neither token nor user", one(graph.Cache, clients(graph.TransitEnforced), with(graph.ClientAuth, false))},
		{"ENC-TRANSIT-012", "TLS not read, nobody asks who", "n", Fail, High, "neither token nor user", one(graph.Cache, with(graph.ClientAuth, false))},
		{"ENC-TRANSIT-012", "authentication not read", "n", Unknown, 0, "client_authentication is not known: refused", one(graph.Cache, clients(graph.TransitEnforced), without(graph.ClientAuth))},

		{"ENC-TRANSIT-013", "members in clear", "n", Fail, High, "each other in clear", one(graph.Search, clients(graph.TransitEnforced), with(graph.NodeToNode, false))},
		{"ENC-TRANSIT-013", "members not read", "n", Unknown, 0, "node_to_node_tls", one(graph.Search, clients(graph.TransitEnforced), without(graph.NodeToNode))},

		{"ENC-TRANSIT-017", "https", "a", Pass, 0, "enforced", goesOut(graph.Delivers, graph.EventRule, "external:https://x.example", on(graph.InTransit, graph.TransitEnforced))},
		{"ENC-TRANSIT-017", "http", "a", Fail, High, "not encrypted", goesOut(graph.Invokes, graph.Function, "external:http://x.example", on(graph.InTransit, graph.TransitPlain))},
		{"ENC-TRANSIT-017", "http, personal data", "a", Fail, Critical, "not encrypted", personally("a", goesOut(graph.Exports, graph.DeliveryStream, "external:http://x.example", on(graph.InTransit, graph.TransitPlain)))},
		{"ENC-TRANSIT-017", "verdict unknown", "a", Unknown, 0, "in_transit", goesOut(graph.Invokes, graph.Function, "external:x.example", on(graph.InTransit, graph.TransitUnknown))},
		{"ENC-TRANSIT-017", "destination not read", "a", Unknown, 0, "was not read", goesOut(graph.Delivers, graph.EventRule, "arn:aws:events:eu-west-1:111122223333:api-destination/crm/1", on(graph.InTransit, graph.TransitInternal))},
		{"ENC-TRANSIT-017", "inside AWS", "a", NotApplicable, 0, "does not leave AWS", calls(graph.Invokes, graph.Function, graph.Function)},
		{"ENC-TRANSIT-017", "of a topic", "a", NotApplicable, 0, "ENC-TRANSIT-003 or ENC-TRANSIT-009", goesOut(graph.Delivers, graph.Topic, "external:http://x.example", on(graph.InTransit, graph.TransitPlain))},
	}
	out = append(out, refusesTLS("ENC-TRANSIT-001", graph.Bucket, Medium, High)...)
	out = append(out, refusesTLS("ENC-TRANSIT-002", graph.Queue, Low, Medium)...)
	out = append(out, refusesTLS("ENC-TRANSIT-002", graph.Topic, Low, Medium)...)
	out = append(out, socketTrials("ENC-TRANSIT-005", graph.LoadBalancer)...)
	out = append(out, socketTrials("ENC-TRANSIT-011", graph.Database)...)
	out = append(out, socketTrials("ENC-TRANSIT-012", graph.Cache, with(graph.ClientAuth, true))...)
	out = append(out, socketTrials("ENC-TRANSIT-013", graph.Search, with(graph.NodeToNode, true))...)
	return out
}()
