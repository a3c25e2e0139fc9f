package check

import "github.com/flowdeed/flowdeed/graph"

// rest sets how a node is encrypted at rest and whose key it is.
func rest(how string, owner graph.KeyClass) func(*graph.Node) {
	return func(n *graph.Node) {
		graph.AtRest.Set(&n.Facts, graph.Encrypted, "test")
		graph.AtRestHow.Set(&n.Facts, how, "test")
		graph.KeyOwner.Set(&n.Facts, owner, "test")
	}
}

// clear sets that a node keeps its data in clear.
func clearText(n *graph.Node) {
	graph.AtRest.Set(&n.Facts, graph.NotEncrypted, "test")
	graph.KeyOwner.Set(&n.Facts, graph.KeyNone, "test")
}

// enforced sets that the service always encrypts.
func enforced(n *graph.Node) { graph.ProviderEnforced.Set(&n.Facts, true, "test") }

// restTrials are the three cases every row of the family has.
func restTrials(control string, class graph.Class, base Severity) []trial {
	return []trial{
		{control, "encrypted", "n", Pass, 0, "encrypted (KMS), key: customer-managed", func(s *scene) { s.node("n", class, rest("KMS", graph.KeyCustomer)) }},
		{control, "provider's key", "n", Pass, 0, "provider-enforced", func(s *scene) { s.node("n", class, rest("default", graph.KeyProviderOwned), enforced) }},
		{control, "in clear", "n", Fail, base, "not encrypted", func(s *scene) { s.node("n", class, clearText) }},
		{control, "not read", "n", Unknown, 0, "at_rest is not known: refused", func(s *scene) { s.node("n", class, without(graph.AtRest)) }},
		{control, "nothing set", "n", Unknown, 0, "nothing was read", func(s *scene) { s.node("n", class) }},
		{control, "whose key not read", "n", Unknown, 0, "key_class", func(s *scene) {
			s.node("n", class, rest("KMS", graph.KeyCustomer), without(graph.KeyOwner), enforced)
		}},
	}
}

var encRestTrials = func() []trial {
	out := []trial{
		{"ENC-REST-001", "encrypted", "b", Pass, 0, "encrypted (SSE-KMS), key: customer-managed", func(s *scene) {
			s.node("b", graph.Bucket, rest("SSE-KMS", graph.KeyCustomer), with(graph.SSECBlocked, true))
		}},
		{"ENC-REST-001", "client keys taken", "b", Fail, Low, "SSE-C", func(s *scene) {
			s.node("b", graph.Bucket, rest("SSE-S3", graph.KeyProviderOwned), with(graph.SSECBlocked, false))
		}},
		{"ENC-REST-001", "client keys taken, personal data", "b", Fail, Medium, "SSE-C", func(s *scene) {
			s.node("b", graph.Bucket, rest("SSE-S3", graph.KeyProviderOwned), with(graph.SSECBlocked, false))
			s.holds("b", email)
		}},
		{"ENC-REST-001", "no default", "b", Fail, Medium, "not encrypted", func(s *scene) { s.node("b", graph.Bucket, clearText) }},
		{"ENC-REST-001", "no default, personal data", "b", Fail, High, "not encrypted", func(s *scene) { s.node("b", graph.Bucket, clearText); s.holds("b", email) }},
		{"ENC-REST-001", "no default, health data", "b", Fail, Critical, "not encrypted", func(s *scene) { s.node("b", graph.Bucket, clearText); s.holds("b", health) }},
		{"ENC-REST-001", "no default, declared empty", "b", Fail, Low, "not encrypted", func(s *scene) { s.node("b", graph.Bucket, clearText); s.empty("b") }},
		{"ENC-REST-001", "refused", "b", Unknown, 0, "at_rest", func(s *scene) { s.node("b", graph.Bucket, without(graph.AtRest)) }},
		{"ENC-REST-001", "client keys not read", "b", Unknown, 0, "sse_c_blocked", func(s *scene) {
			s.node("b", graph.Bucket, rest("SSE-S3", graph.KeyProviderOwned))
		}},

		{"ENC-REST-014", "variables", "f", Pass, 0, "aws-managed; provider-enforced", func(s *scene) {
			s.node("f", graph.Function, with(graph.HasVariables, true), rest("KMS", graph.KeyAWSManaged), enforced)
		}},
		{"ENC-REST-014", "in clear", "f", Fail, Info, "not encrypted", func(s *scene) {
			s.node("f", graph.Function, with(graph.HasVariables, true), clearText)
		}},
		{"ENC-REST-014", "key not read", "f", Unknown, 0, "key_class", func(s *scene) {
			s.node("f", graph.Function, with(graph.HasVariables, true), rest("KMS", graph.KeyCustomer), without(graph.KeyOwner), enforced)
		}},
		{"ENC-REST-014", "variables not read", "f", Unknown, 0, "has_variables", func(s *scene) { s.node("f", graph.Function, rest("KMS", graph.KeyAWSManaged)) }},
		{"ENC-REST-014", "no variables", "f", NotApplicable, 0, "no environment variables", func(s *scene) { s.node("f", graph.Function, with(graph.HasVariables, false)) }},

		{"ENC-REST-018", "plain parameter", "p", NotApplicable, 0, "SECRET-STORE-001", func(s *scene) {
			s.node("p", graph.Parameter, with(graph.ParameterType, "String"))
		}},
		{"ENC-REST-018", "secure parameter", "p", Pass, 0, "KMS", func(s *scene) {
			s.node("p", graph.Parameter, with(graph.ParameterType, "SecureString"), rest("KMS", graph.KeyAWSManaged))
		}},
	}
	for _, row := range []struct {
		id    string
		class graph.Class
		base  Severity
	}{
		{"ENC-REST-002", graph.Table, Info}, {"ENC-REST-003", graph.Database, High}, {"ENC-REST-004", graph.Snapshot, High}, {"ENC-REST-004", graph.Backup, High},
		{"ENC-REST-005", graph.Cache, Medium}, {"ENC-REST-006", graph.Search, High}, {"ENC-REST-008", graph.FileSystem, High}, {"ENC-REST-009", graph.Queue, Medium},
		{"ENC-REST-010", graph.Topic, Medium}, {"ENC-REST-011", graph.Stream, Medium}, {"ENC-REST-011", graph.DeliveryStream, Medium},
		{"ENC-REST-012", graph.EventBus, Info}, {"ENC-REST-012", graph.Archive, Info}, {"ENC-REST-012", graph.Pipe, Info}, {"ENC-REST-012", graph.ScheduleClass, Info},
		{"ENC-REST-012", graph.StateMachine, Info}, {"ENC-REST-015", graph.LogGroup, Info}, {"ENC-REST-018", graph.UserPool, Low}, {"ENC-REST-018", graph.Secret, Low},
	} {
		for _, tr := range restTrials(row.id, row.class, row.base) {
			tr.name = string(row.class) + " " + tr.name
			out = append(out, tr)
		}
	}
	return out
}()
