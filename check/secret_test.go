package check

import (
	"testing"

	"github.com/flowdeed/flowdeed/graph"
)

func secrets(list ...string) func(*graph.Node) {
	return with(graph.SecretVariables, append([]string{}, list...))
}

func personal(list ...string) func(*graph.Node) {
	return with(graph.PersonalVariables, append([]string{}, list...))
}

// parameter is one parameter of a name and type.
func parameter(called, kind string) func(*scene) {
	return one(graph.Parameter, func(n *graph.Node) { n.Name = called }, with(graph.ParameterType, kind))
}

var secretTrials = []trial{
	{"SECRET-ENV-001", "references only", "n", Pass, 0, "no value looks like one", one(graph.Function, secrets())},
	{"SECRET-ENV-001", "literal", "n", Fail, High, "what looks like a secret: API_KEY, DB_PASSWORD", one(graph.Function, secrets("API_KEY", "DB_PASSWORD"))},
	{"SECRET-ENV-001", "literal of a stage, personal data", "n", Fail, Critical, "token", personally("n", one(graph.API, secrets("token")))},
	{"SECRET-ENV-001", "literal of a job, declared empty", "n", Fail, Medium, "--password", func(s *scene) { one(graph.ETLJob, secrets("--password"))(s); s.empty("n") }},
	{"SECRET-ENV-001", "refused", "n", Unknown, 0, "secret_variables is not known: refused", one(graph.Function, without(graph.SecretVariables))},
	{"SECRET-ENV-001", "not read", "n", Unknown, 0, "nothing was read", one(graph.API)},

	{"SECRET-PII-001", "none", "n", Pass, 0, "no value looks like one", one(graph.Function, personal())},
	{"SECRET-PII-001", "mail address", "n", Fail, Low, "what looks like personal data: ALERTS_TO (email)", one(graph.Function, personal("ALERTS_TO (email)"))},
	{"SECRET-PII-001", "input of a rule, health data", "n", Fail, Low, "input (phone)", func(s *scene) { one(graph.EventRule, personal("input (phone)"))(s); s.holds("n", health) }},
	{"SECRET-PII-001", "input of a schedule", "n", Fail, Low, "input (iban)", one(graph.ScheduleClass, personal("input (iban)"))},
	{"SECRET-PII-001", "schedule without matches", "n", Pass, 0, "no value looks like one", one(graph.ScheduleClass, personal())},
	{"SECRET-PII-001", "refused", "n", Unknown, 0, "personal_variables is not known: refused", one(graph.EventRule, without(graph.PersonalVariables))},
	{"SECRET-PII-001", "schedule refused", "n", Unknown, 0, "throttled", func(s *scene) {
		s.Refused = func(account, at, operation string) (string, bool) {
			return "throttled", account == home && at == region && operation == "scheduler:GetSchedule"
		}
		s.node("n", graph.ScheduleClass)
	}},
	{"SECRET-PII-001", "schedule, calls not known", "n", Unknown, 0, "nothing was read", func(s *scene) { s.Refused = nil; s.node("n", graph.ScheduleClass) }},
	{"SECRET-PII-001", "schedule without an input", "n", NotApplicable, 0, "no input", one(graph.ScheduleClass)},

	{"SECRET-STORE-001", "protected", "n", Pass, 0, "encrypted with KMS", parameter("/shop/db/password", "SecureString")},
	{"SECRET-STORE-001", "in clear", "n", Fail, Medium, "stored as String", parameter("/shop/db/password", "String")},
	{"SECRET-STORE-001", "in clear, list", "n", Fail, Medium, "stored as StringList", parameter("/shop/apiKeys", "StringList")},
	{"SECRET-STORE-001", "in clear, health data", "n", Fail, Critical, "stored as String", func(s *scene) { parameter("/shop/db/password/prod", "String")(s); s.holds("n", health) }},
	{"SECRET-STORE-001", "refused", "n", Unknown, 0, "parameter_type is not known: refused", one(graph.Parameter, without(graph.ParameterType))},
	{"SECRET-STORE-001", "a setting", "n", NotApplicable, 0, "nothing says", parameter("/shop/page-size", "String")},
	{"SECRET-STORE-001", "about a secret", "n", NotApplicable, 0, "nothing says", parameter("/shop/token-ttl", "String")},
}

func TestNamesSecret(t *testing.T) {
	for name, want := range map[string]bool{
		"/shop/db/password": true, "DB_PASSWORD": true, "dbPassword": true, "/prod/password/db": true, "stripe-api-key": true, "githubToken": true,
		"/x/client_secret": true, "private.key": true, "smtp/credentials": true, "/a/passphrase": true, "pwd": true, "ACCESSKEY": true,
		"/staff/secretary": false, "tokenizer": false, "/app/secret-arn": false, "/app/token_ttl": false, "passwordMinLength": false, "password-policy": false,
		"/shop/public-key": false, "/shop/monkey": false, "/compass/host": false, "/shop/table": false, "": false,
	} {
		if got := namesSecret(name); got != want {
			t.Errorf("namesSecret(%q) = %v, want %v", name, got, want)
		}
	}
}
