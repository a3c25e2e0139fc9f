package check

import (
	"testing"

	"github.com/flowdeed/flowdeed/graph"
)

func admits(principals ...string) func(*graph.Node) {
	return with(graph.ForeignPrincipals, append([]string{}, principals...))
}

// strangers are the cases of every row that looks for accounts nobody declared.
func strangers(control string, class graph.Class) []trial {
	c := string(class) + ", "
	return []trial{
		{control, c + "nobody", "n", Pass, 0, "no other account", one(class, admits())},
		{control, c + "declared", "n", Pass, 0, "party: Partner", func(s *scene) { s.knowPartner(); one(class, admits("arn:aws:iam::"+partner+":root"))(s) }},
		{control, c + "organisation", "n", Pass, 0, "same organisation", func(s *scene) {
			s.KnownAccounts["o-abc123"] = "same organisation"
			one(class, admits("o-abc123"))(s)
		}},
		{control, c + "stranger", "n", Fail, High, stranger, one(class, admits(stranger))},
		{control, c + "stranger beside a declared account", "n", Fail, High, stranger, func(s *scene) { s.knowPartner(); one(class, admits(partner, stranger))(s) }},
		{control, c + "stranger, personal data", "n", Fail, Critical, "nobody declared", personally("n", one(class, admits(stranger)))},
		{control, c + "refused", "n", Unknown, 0, "foreign_principals is not known: refused", one(class, without(graph.ForeignPrincipals))},
		{control, c + "not read", "n", Unknown, 0, "nothing was read", one(class)},
	}
}

// role is a role of the home account that only its own account trusts; set changes it.
func role(set ...func(*graph.Node)) func(*scene) {
	return one(graph.Principal, append([]func(*graph.Node){
		func(n *graph.Node) { n.Kind = "iam.role" }, admits(), with(graph.TrustsAnyone, []string{}),
		with(graph.TrustLooseFederation, []string{}), with(graph.TrustWithoutExternalID, []string{}), with(graph.UnboundServices, []string{}),
	}, set...)...)
}

func bare(principal string) []func(*graph.Node) {
	return []func(*graph.Node){admits(principal), with(graph.TrustWithoutExternalID, []string{principal})}
}

func services(names ...string) func(*graph.Node) {
	return with(graph.UnboundServices, append([]string{}, names...))
}

// logDelivery is an account of an AWS service.
const logDelivery = "054676820928"

// sends is a flow of personal data from a function to something outside.
func sends(set func(*scene), to graph.ID) func(*scene) {
	return func(s *scene) {
		s.fn("f")
		s.holds("f", email)
		set(s)
		s.flow(graph.Publishes, "f", to)
	}
}

// toHost sends personal data to an address outside.
func toHost(address graph.ID) func(*scene) {
	return sends(func(s *scene) { s.outside(address, graph.ExternalEndpoint, "", "") }, address)
}

// toAccount sends personal data to a queue that was seen from outside only.
func toAccount(account string) func(*scene) {
	id := graph.ID("arn:aws:sqs:eu-west-1:" + account + ":q")
	return sends(func(s *scene) { s.knowPartner(); s.outside(id, graph.Queue, account, region) }, id)
}

var xacctTrials = func() []trial {
	out := []trial{
		{"XACCT-RES-001", "snapshot, shared with nobody", "n", Pass, 0, "no other account may restore it", one(graph.Snapshot, with(graph.SharedWith, []string{}))},
		{"XACCT-RES-001", "snapshot, stranger", "n", Fail, High, "may restore it", one(graph.Snapshot, with(graph.SharedWith, []string{stranger}))},
		{"XACCT-RES-001", "snapshot, refused", "n", Unknown, 0, "shared_with", one(graph.Snapshot, without(graph.SharedWith))},
		{"XACCT-RES-001", "snapshot, everybody", "n", NotApplicable, 0, "EXPOSE-SNAP-001 decides", one(graph.Snapshot, with(graph.SharedWith, []string{"all"}))},

		{"XACCT-ROLE-001", "own account only", "n", Pass, 0, "no other account", role()},
		{"XACCT-ROLE-001", "declared, external id", "n", Pass, 0, "only known accounts", func(s *scene) { s.knowPartner(); role(admits(partner))(s) }},
		{"XACCT-ROLE-001", "same organisation, no external id", "n", Pass, 0, "same organisation", func(s *scene) {
			s.KnownAccounts[partner] = "same organisation"
			role(bare(partner)...)(s)
		}},
		{"XACCT-ROLE-001", "scanned beside, no external id", "n", Pass, 0, "scanned", func(s *scene) { s.KnownAccounts[partner] = "scanned"; role(bare(partner)...)(s) }},
		{"XACCT-ROLE-001", "service of AWS, no external id", "n", Pass, 0, "log delivery", role(bare(logDelivery)...)},
		{"XACCT-ROLE-001", "declared, no external id", "n", Fail, High, "without an external id", func(s *scene) { s.knowPartner(); role(bare(partner)...)(s) }},
		{"XACCT-ROLE-001", "stranger", "n", Fail, High, stranger, role(admits(stranger))},
		{"XACCT-ROLE-001", "anybody", "n", Fail, High, "anybody may assume it: Open", role(with(graph.TrustsAnyone, []string{"Open"}))},
		{"XACCT-ROLE-001", "loose web identity", "n", Fail, High, "without a bounded subject: GitHub", role(with(graph.TrustLooseFederation, []string{"GitHub"}))},
		{"XACCT-ROLE-001", "anybody, rest refused", "n", Fail, High, "anybody", role(with(graph.TrustsAnyone, []string{"Open"}), without(graph.ForeignPrincipals))},
		{"XACCT-ROLE-001", "refused", "n", Unknown, 0, "foreign_principals is not known: refused", role(without(graph.ForeignPrincipals))},
		{"XACCT-ROLE-001", "federation refused", "n", Unknown, 0, "trust_loose_federation", role(without(graph.TrustLooseFederation))},
		{"XACCT-ROLE-001", "external ids refused", "n", Unknown, 0, "trust_without_external_id", role(without(graph.TrustWithoutExternalID))},
		{"XACCT-ROLE-001", "user", "n", NotApplicable, 0, "only roles", role(func(n *graph.Node) { n.Kind = "iam.user" })},
		{"XACCT-ROLE-001", "of AWS", "n", NotApplicable, 0, "AWS manages", role(with(graph.ManagedBy, "support.amazonaws.com"))},

		{"XACCT-SVC-001", "held to a source", "n", Pass, 0, "no service", one(graph.Queue, services(), with(graph.HasPolicy, true))},
		{"XACCT-SVC-001", "no source", "n", Fail, Medium, "without a source: s3.amazonaws.com", one(graph.Function, services("s3.amazonaws.com"))},
		{"XACCT-SVC-001", "no source, personal data", "n", Fail, High, "sns.amazonaws.com", personally("n", one(graph.Queue, services("sns.amazonaws.com")))},
		{"XACCT-SVC-001", "refused", "n", Unknown, 0, "unbound_services is not known: refused", one(graph.Topic, without(graph.UnboundServices))},
		{"XACCT-SVC-001", "no policy", "n", NotApplicable, 0, "no resource policy", one(graph.Bucket, noPolicy)},
		{"XACCT-SVC-001", "role held to a source", "n", Pass, 0, "no service", role()},
		{"XACCT-SVC-001", "role without a source", "n", Fail, Medium, "scheduler.amazonaws.com", role(services("scheduler.amazonaws.com"))},
		{"XACCT-SVC-001", "role of instances and another service", "n", Fail, Medium, "without a source: ssm.amazonaws.com", role(services("ec2.amazonaws.com", "ssm.amazonaws.com"))},
		{"XACCT-SVC-001", "role, refused", "n", Unknown, 0, "unbound_services", role(without(graph.UnboundServices))},
		{"XACCT-SVC-001", "role of instances", "n", NotApplicable, 0, "names no source", role(services("ec2.amazonaws.com"))},
		{"XACCT-SVC-001", "role of AWS", "n", NotApplicable, 0, "AWS manages", role(services("support.amazonaws.com"), with(graph.ManagedBy, "support.amazonaws.com"))},
		{"XACCT-SVC-001", "user", "n", NotApplicable, 0, "only roles", role(func(n *graph.Node) { n.Kind = "iam.user" })},

		{"XACCT-SAAS-001", "declared host", "f", Pass, 0, "declared as mailer (US)", toHost("external:https://mailer.example/send")},
		{"XACCT-SAAS-001", "host below a declared one", "f", Pass, 0, "declared as mailer", toHost("external:https://api.eu.mailer.example/send")},
		{"XACCT-SAAS-001", "declared controller without a contract", "f", Pass, 0, "declared as carrier (IN)", toHost("external:carrier.example:443")},
		{"XACCT-SAAS-001", "declared mailbox", "f", Pass, 0, "declared as mailer", toHost("external:desk@mailer.example")},
		{"XACCT-SAAS-001", "declared account", "f", Pass, 0, "declared as Partner (DE)", toAccount(partner)},
		{"XACCT-SAAS-001", "account of the organisation", "f", Pass, 0, "same organisation", func(s *scene) {
			toAccount("222233334444")(s)
			s.KnownAccounts["222233334444"] = "same organisation"
		}},
		{"XACCT-SAAS-001", "declared node", "f", Pass, 0, "declared as mailer", sends(func(s *scene) {
			s.m.AddNode(graph.Node{ID: "party:mailer", Class: graph.ExternalEndpoint, Name: "mailer", External: true})
		}, "party:mailer")},
		{"XACCT-SAAS-001", "stranger", "f", Fail, High, "no party is declared", toHost("external:https://tracker.example/collect")},
		{"XACCT-SAAS-001", "host that only ends alike", "f", Fail, High, "no party is declared", toHost("external:https://notmailer.example/")},
		{"XACCT-SAAS-001", "stranger, health data", "f", Fail, Critical, "no party is declared", func(s *scene) { toHost("external:https://tracker.example/")(s); s.holds("f", health) }},
		{"XACCT-SAAS-001", "account nobody declared", "f", Fail, High, "of account " + stranger, toAccount(stranger)},
		{"XACCT-SAAS-001", "declared, country not named", "f", Unknown, 0, "in which country", func(s *scene) {
			s.Recipients["placeless.example"] = "placeless"
			toHost("external:https://placeless.example")(s)
		}},
		{"XACCT-SAAS-001", "declared processor, no contract", "f", Unknown, 0, "no contract is named", func(s *scene) {
			s.Recipients["unbound.example"] = "unbound"
			toHost("external:https://unbound.example")(s)
		}},
		{"XACCT-SAAS-001", "not in the register", "f", Unknown, 0, "no entry", func(s *scene) {
			s.Recipients["ghost.example"] = "ghost"
			toHost("external:https://ghost.example")(s)
		}},
		{"XACCT-SAAS-001", "no register", "f", Unknown, 0, "not known", func(s *scene) { toHost("external:https://mailer.example")(s); s.Register = nil }},
		{"XACCT-SAAS-001", "destination not read", "f", Unknown, 0, "was not read", sends(func(s *scene) {
			s.outside("arn:aws:events:eu-west-1:"+home+":api-destination/crm/1", graph.ExternalEndpoint, home, region)
		}, "arn:aws:events:eu-west-1:"+home+":api-destination/crm/1")},
		{"XACCT-SAAS-001", "inside", "f", NotApplicable, 0, "does not leave", sends(func(s *scene) { s.node("q", graph.Queue) }, "q")},
		{"XACCT-SAAS-001", "own account, not scanned there", "f", NotApplicable, 0, "stays in account", toAccount(home)},
		{"XACCT-SAAS-001", "another scanned account", "f", NotApplicable, 0, "does not leave the scanned accounts", func(s *scene) {
			toAccount("222233334444")(s)
			s.KnownAccounts["222233334444"] = "scanned"
		}},
		{"XACCT-SAAS-001", "no personal data", "f", NotApplicable, 0, "no personal data is known", func(s *scene) {
			s.fn("f")
			s.outside("external:https://tracker.example", graph.ExternalEndpoint, "", "")
			s.flow(graph.Publishes, "f", "external:https://tracker.example")
		}},
	}
	out = append(out, strangers("XACCT-FN-001", graph.Function)...)
	for _, class := range []graph.Class{graph.Bucket, graph.Queue, graph.Topic, graph.EventBus, graph.Stream, graph.Table, graph.Secret} {
		out = append(out, strangers("XACCT-RES-001", class)...)
	}
	return out
}()

// TestServiceAccountsAreKnown holds that an account of an AWS service is no stranger.
func TestServiceAccountsAreKnown(t *testing.T) {
	tr := trial{control: "XACCT-RES-001", subject: "n", set: one(graph.Bucket, admits(logDelivery))}
	if f := judge(t, tr, nil); f.Status != Pass {
		t.Errorf("the account that delivers load balancer logs: %s (%s)", f.Status, f.Reason)
	}
}
