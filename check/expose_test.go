package check

import (
	"slices"

	"github.com/flowdeed/flowdeed/graph"
)

func statements(list ...string) func(*graph.Node) {
	return with(graph.PublicStatements, append([]string{}, list...))
}

// noPolicy is what is set of a node without a resource policy.
func noPolicy(n *graph.Node) {
	statements()(n)
	with(graph.HasPolicy, false)(n)
	with(graph.ForeignPrincipals, []string{})(n)
	with(graph.UnboundServices, []string{})(n)
}

// openPolicy are the cases of every row that looks for statements which admit anybody.
func openPolicy(control string, class graph.Class, base Severity) []trial {
	c := string(class) + ", "
	return []trial{
		{control, c + "no policy", "n", Pass, 0, "admits nobody unnamed", one(class, noPolicy)},
		{control, c + "open", "n", Fail, base, "admits anybody: Open, statement 2", one(class, statements("Open", "statement 2"))},
		{control, c + "refused", "n", Unknown, 0, "public_statements is not known: refused", one(class, without(graph.PublicStatements))},
		{control, c + "not read", "n", Unknown, 0, "nothing was read", one(class)},
	}
}

// address gives a function a URL.
func address(set ...func(*graph.Flow)) func(*scene) {
	return func(s *scene) {
		s.internet()
		s.fn("f", with(graph.InternetFacing, true))
		s.flow(graph.Exposes, graph.Internet, "f", set...)
	}
}

// route is one route of an API that faces the internet.
func route(proof func(*graph.Flow), set ...func(*graph.Node)) func(*scene) {
	return func(s *scene) {
		s.internet()
		s.node("a", graph.API, set...)
		s.flow(graph.Exposes, graph.Internet, "a", via("GET /"), proof)
	}
}

func proves(a graph.Auth) func(*graph.Flow) { return on(graph.EntryAuth, a) }

// blocks sets the public access block of a bucket: which of its four settings are off.
func blocks(gaps ...string) func(*graph.Node) {
	return func(n *graph.Node) {
		with(graph.PublicBlockGaps, append([]string{}, gaps...))(n)
		with(graph.PublicBlocked, len(gaps) == 0)(n)
	}
}

var allOff = blocks("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets")

// bucket is one bucket that nothing opens; set changes it.
func bucket(set ...func(*graph.Node)) func(*scene) {
	return one(graph.Bucket, append([]func(*graph.Node){statements(), with(graph.PublicACL, []string{}), with(graph.PublicAccessPoints, []string{}), blocks(), with(graph.Website, false)}, set...)...)
}

var everyone = with(graph.PublicACL, []string{"READ for everybody"})

// pool is an identity pool; with guests, a role for them and a table of personal data.
func pool(guests func(*graph.Node), rights ...Right) func(*scene) {
	return func(s *scene) {
		s.node("p", graph.IdentityPool, guests)
		s.node("guest", graph.Principal)
		s.node("t", graph.Table)
		s.holds("t", email)
		s.flow(graph.Assumes, "p", "guest", via("unauthenticated"))
		for _, r := range rights {
			s.allow("guest", r)
		}
	}
}

var guestsOn = with(graph.GuestsAllowed, true)

var exposeTrials = slices.Concat([]trial{
	{"EXPOSE-FN-001", "open, declared empty", "n", Fail, Critical, "admits anybody", func(s *scene) { one(graph.Function, statements("Open"))(s); s.empty("n") }},

	{"EXPOSE-FN-002", "no URL", "f", Pass, 0, "no function URL", func(s *scene) { s.fn("f", with(graph.InternetFacing, false)) }},
	{"EXPOSE-FN-002", "signed", "f", Pass, 0, "demands proof", address(proves(graph.AuthIAM))},
	{"EXPOSE-FN-002", "open", "f", Fail, High, "asks nobody", address(proves(graph.AuthNone))},
	{"EXPOSE-FN-002", "open, personal data", "f", Fail, Critical, "asks nobody", personally("f", address(proves(graph.AuthNone)))},
	{"EXPOSE-FN-002", "signed, any web page", "f", Fail, Medium, "any web page", address(proves(graph.AuthIAM), on(graph.CORSAnyOrigin, true))},
	{"EXPOSE-FN-002", "one alias open", "f", Fail, High, "asks nobody", func(s *scene) {
		address(proves(graph.AuthIAM))(s)
		s.flow(graph.Exposes, graph.Internet, "f", via("alias live"), proves(graph.AuthNone))
	}},
	{"EXPOSE-FN-002", "open, and its policy admits nobody", "f", Pass, 0, "switched off", address(proves(graph.AuthNone), on(graph.StateOn, false))},
	{"EXPOSE-FN-002", "open, beside one whose policy admits nobody", "f", Fail, High, "asks nobody", func(s *scene) {
		address(proves(graph.AuthNone), on(graph.StateOn, false))(s)
		s.flow(graph.Exposes, graph.Internet, "f", via("alias live"), proves(graph.AuthNone))
	}},
	{"EXPOSE-FN-002", "URLs refused", "f", Unknown, 0, "internet_facing is not known: refused", func(s *scene) { s.fn("f", without(graph.InternetFacing)) }},
	{"EXPOSE-FN-002", "proof refused", "f", Unknown, 0, "auth is not known: refused", address(off(graph.EntryAuth))},
	{"EXPOSE-FN-002", "no entry", "f", Unknown, 0, "no entry in the graph", func(s *scene) { s.fn("f", with(graph.InternetFacing, true)) }},

	{"EXPOSE-API-001", "token", "internet", Pass, 0, "prove itself: token", route(proves(graph.AuthToken))},
	{"EXPOSE-API-001", "signed", "internet", Pass, 0, "prove itself", route(proves(graph.AuthIAM), with(graph.DefaultEndpointOpen, false))},
	{"EXPOSE-API-001", "resource policy", "internet", Pass, 0, "admits nobody unnamed", route(proves(graph.AuthNone), with(graph.HasPolicy, true), statements())},
	{"EXPOSE-API-001", "private", "external:private network", Pass, 0, "the API is private", func(s *scene) {
		s.node("a", graph.API)
		s.outside("external:private network", graph.ExternalEndpoint, "", "")
		s.flow(graph.Exposes, "external:private network", "a", via("GET /"), proves(graph.AuthNone))
	}},
	{"EXPOSE-API-001", "nothing asked, nothing behind it", "internet", NotApplicable, 0, "nothing is behind the route", func(s *scene) {
		s.internet()
		s.node("a", graph.API)
		s.flow(graph.Exposes, graph.Internet, "a", via("GET /"), proves(graph.AuthNone), on(graph.AnswersItself, true))
	}},
	{"EXPOSE-API-001", "nothing asked", "internet", Fail, High, "anybody may call it", route(proves(graph.AuthNone))},
	{"EXPOSE-API-001", "nothing asked, personal data", "internet", Fail, Critical, "anybody may call it", personally("a", route(proves(graph.AuthNone)))},
	{"EXPOSE-API-001", "nothing asked, personal data behind another route", "internet", Fail, High, "anybody may call it", func(s *scene) {
		route(proves(graph.AuthNone))(s)
		s.fn("health")
		s.fn("orders")
		s.holds("orders", email)
		s.holds("a", email+"@orders,a")
		s.flow(graph.Invokes, "a", "health", via("GET /"))
		s.flow(graph.Invokes, "a", "orders", via("POST /orders"))
	}},
	{"EXPOSE-API-001", "nothing asked, personal data behind it", "internet", Fail, Critical, "anybody may call it", func(s *scene) {
		route(proves(graph.AuthNone))(s)
		s.fn("orders")
		s.holds("orders", email)
		s.flow(graph.Invokes, "a", "orders", via("GET /"))
	}},
	{"EXPOSE-API-001", "nothing asked, one target empty, one not known", "internet", Fail, High, "anybody may call it", func(s *scene) {
		route(proves(graph.AuthNone))(s)
		s.fn("empty")
		s.fn("f")
		s.empty("empty")
		s.flow(graph.Invokes, "a", "empty", via("GET /"))
		s.flow(graph.Invokes, "a", "f", via("GET /"))
	}},
	{"EXPOSE-API-001", "nothing asked, target declared empty", "internet", Fail, Medium, "anybody may call it", func(s *scene) {
		route(proves(graph.AuthNone))(s)
		s.fn("empty")
		s.empty("empty")
		s.flow(graph.Invokes, "a", "empty", via("GET /"))
	}},
	{"EXPOSE-API-001", "nothing asked, no policy", "internet", Fail, High, "anybody may call it", route(proves(graph.AuthNone), noPolicy)},
	{"EXPOSE-API-001", "open policy", "internet", Fail, High, "anybody may call it", route(proves(graph.AuthNone), with(graph.HasPolicy, true), statements("Open"))},
	{"EXPOSE-API-001", "default endpoint open", "internet", Fail, Low, "beside the custom domain", route(proves(graph.AuthToken), with(graph.DefaultEndpointOpen, true))},
	{"EXPOSE-API-001", "key, default endpoint open", "internet", Fail, Low, "beside the custom domain", route(proves(graph.AuthAPIKey), with(graph.DefaultEndpointOpen, true))},
	{"EXPOSE-API-001", "refused", "internet", Unknown, 0, "auth is not known: refused", route(off(graph.EntryAuth))},
	{"EXPOSE-API-001", "policy refused", "internet", Unknown, 0, "may still hold callers back", route(proves(graph.AuthNone), without(graph.HasPolicy))},
	{"EXPOSE-API-001", "policy not understood", "internet", Unknown, 0, "may still hold callers back", route(proves(graph.AuthNone), with(graph.HasPolicy, true), without(graph.PublicStatements))},
	{"EXPOSE-API-001", "unheard-of proof", "internet", Unknown, 0, "riddle", route(proves("riddle"))},
	{"EXPOSE-API-001", "key only", "internet", NotApplicable, 0, "EXPOSE-API-002 decides", route(proves(graph.AuthAPIKey))},
	{"EXPOSE-API-001", "preflight", "internet", NotApplicable, 0, "preflight", func(s *scene) {
		s.internet()
		s.node("a", graph.API)
		s.flow(graph.Exposes, graph.Internet, "a", via("OPTIONS /"), proves(graph.AuthNone))
	}},
	{"EXPOSE-API-001", "function URL", "internet", NotApplicable, 0, "not an API", address(proves(graph.AuthNone))},

	{"EXPOSE-API-002", "token", "internet", Pass, 0, "guarded by token", route(proves(graph.AuthToken))},
	{"EXPOSE-API-002", "key only", "internet", Fail, Medium, "only an API key", route(proves(graph.AuthAPIKey))},
	{"EXPOSE-API-002", "key only, health data", "internet", Fail, Critical, "only an API key", func(s *scene) { route(proves(graph.AuthAPIKey))(s); s.holds("a", health) }},
	{"EXPOSE-API-002", "refused", "internet", Unknown, 0, "auth", route(off(graph.EntryAuth))},
	{"EXPOSE-API-002", "unheard-of proof", "internet", Unknown, 0, "riddle", route(proves("riddle"))},
	{"EXPOSE-API-002", "nothing asked", "internet", NotApplicable, 0, "EXPOSE-API-001 decides", route(proves(graph.AuthNone))},
	{"EXPOSE-API-002", "function URL", "internet", NotApplicable, 0, "not an API", address(proves(graph.AuthNone))},

	{"EXPOSE-S3-001", "all blocked", "n", Pass, 0, "whatever policy and list say", bucket()},
	{"EXPOSE-S3-001", "all blocked, policy not read", "n", Pass, 0, "whatever policy and list say", bucket(without(graph.PublicStatements), without(graph.PublicACL))},
	{"EXPOSE-S3-001", "open policy held back", "n", Pass, 0, "whatever policy and list say", bucket(statements("Open"))},
	{"EXPOSE-S3-001", "website, all blocked", "n", Pass, 0, "whatever policy and list say", personally("n", bucket(with(graph.Website, true)))},
	{"EXPOSE-S3-001", "open policy", "n", Fail, Critical, "open to everybody: Open", bucket(statements("Open"), allOff)},
	{"EXPOSE-S3-001", "open list", "n", Fail, Critical, "open to everybody: READ", bucket(everyone, allOff)},
	{"EXPOSE-S3-001", "open policy, list not read", "n", Fail, Critical, "open to everybody: Open", bucket(statements("Open"), without(graph.PublicACL), allOff)},
	{"EXPOSE-S3-001", "open list held back in part", "n", Fail, Low, "only part of the block", bucket(everyone, blocks("RestrictPublicBuckets"))},
	{"EXPOSE-S3-001", "closed, one setting off", "n", Fail, Low, "nothing prevents it: BlockPublicPolicy off", bucket(blocks("BlockPublicPolicy"))},
	{"EXPOSE-S3-001", "website, personal data", "n", Fail, Critical, "hosts a website", personally("n", bucket(with(graph.Website, true), allOff))},
	{"EXPOSE-S3-001", "website, nothing known to be personal", "n", Fail, Low, "nothing prevents it", bucket(with(graph.Website, true), allOff)},
	{"EXPOSE-S3-001", "open access point", "n", Fail, Critical, "an access point admits anybody: reports", bucket(with(graph.PublicAccessPoints, []string{"reports"}), allOff)},
	{"EXPOSE-S3-001", "access points refused, all blocked", "n", Pass, 0, "whatever policy and list say", bucket(without(graph.PublicAccessPoints))},
	{"EXPOSE-S3-001", "access points refused", "n", Unknown, 0, "public_access_points", bucket(without(graph.PublicAccessPoints), allOff)},
	{"EXPOSE-S3-001", "policy refused", "n", Unknown, 0, "public_statements is not known: refused", bucket(without(graph.PublicStatements), allOff)},
	{"EXPOSE-S3-001", "list refused", "n", Unknown, 0, "public_acl", bucket(without(graph.PublicACL), allOff)},
	{"EXPOSE-S3-001", "blocks refused", "n", Unknown, 0, "public_blocked", bucket(without(graph.PublicBlocked), without(graph.PublicBlockGaps))},
	{"EXPOSE-S3-001", "open policy, blocks refused", "n", Unknown, 0, "public_blocked", bucket(statements("Open"), without(graph.PublicBlocked), without(graph.PublicBlockGaps))},
	{"EXPOSE-S3-001", "website refused, personal data", "n", Unknown, 0, "website", personally("n", bucket(without(graph.Website), allOff))},

	{"EXPOSE-DB-001", "private", "n", Pass, 0, "no public address", one(graph.Database, with(graph.InternetFacing, false))},
	{"EXPOSE-DB-001", "public and open", "n", Fail, Critical, "admits the internet: tcp 5432-5432", one(graph.Database, with(graph.InternetFacing, true), with(graph.OpenIngress, []string{"tcp 5432-5432"}))},
	{"EXPOSE-DB-001", "public, no way in", "n", Fail, Medium, "no security-group rule opens it", one(graph.Database, with(graph.InternetFacing, true), with(graph.OpenIngress, []string{}))},
	{"EXPOSE-DB-001", "refused", "n", Unknown, 0, "internet_facing is not known: refused", one(graph.Database, without(graph.InternetFacing))},
	{"EXPOSE-DB-001", "public, groups refused", "n", Unknown, 0, "open_ingress", one(graph.Database, with(graph.InternetFacing, true), without(graph.OpenIngress))},
	{"EXPOSE-DB-001", "cluster", "n", NotApplicable, 0, "members of a cluster", one(graph.Database, func(n *graph.Node) { n.Kind = "rds.cluster" })},

	{"EXPOSE-SNAP-001", "private", "n", Pass, 0, "not shared with everybody", one(graph.Snapshot, with(graph.SharedWith, []string{}))},
	{"EXPOSE-SNAP-001", "shared with one account", "n", Pass, 0, "not shared with everybody", one(graph.Snapshot, with(graph.SharedWith, []string{stranger}))},
	{"EXPOSE-SNAP-001", "public", "n", Fail, Critical, "anybody with an AWS account", one(graph.Snapshot, with(graph.SharedWith, []string{stranger, "all"}))},
	{"EXPOSE-SNAP-001", "refused", "n", Unknown, 0, "shared_with is not known: refused", one(graph.Snapshot, without(graph.SharedWith))},

	{"EXPOSE-ID-001", "no guests", "p", Pass, 0, "guests get no credentials", pool(with(graph.GuestsAllowed, false), Right{Store: "t", Read: true})},
	{"EXPOSE-ID-001", "guests reach personal data", "p", Fail, High, "may reach t", pool(guestsOn, Right{Store: "t", Read: true})},
	{"EXPOSE-ID-001", "guests write personal data", "p", Fail, High, "may reach t", pool(guestsOn, Right{Store: "t", Write: true})},
	{"EXPOSE-ID-001", "guests reach nothing", "p", Fail, Medium, "no store of personal data", pool(guestsOn)},
	{"EXPOSE-ID-001", "rights not worked out", "p", Fail, Medium, "not known whole", func(s *scene) { pool(guestsOn)(s); s.Rights = nil }},
	{"EXPOSE-ID-001", "no role", "p", Fail, Medium, "no role for them", func(s *scene) { s.node("p", graph.IdentityPool, guestsOn) }},
	{"EXPOSE-ID-001", "refused", "p", Unknown, 0, "guests_allowed is not known: refused", pool(without(graph.GuestsAllowed))},
	{"EXPOSE-RES-001", "table, open, personal data", "n", Fail, Critical, "admits anybody", personally("n", one(graph.Table, statements("Open")))},
},
	openPolicy("EXPOSE-FN-001", graph.Function, Critical),
	openPolicy("EXPOSE-MSG-001", graph.Queue, Critical), openPolicy("EXPOSE-MSG-001", graph.Topic, Critical),
	openPolicy("EXPOSE-MSG-001", graph.EventBus, Critical), openPolicy("EXPOSE-MSG-001", graph.Stream, Critical),
	openPolicy("EXPOSE-RES-001", graph.Secret, High), openPolicy("EXPOSE-RES-001", graph.Table, High),
)
