package check

import (
	"github.com/flowdeed/flowdeed/classify"
	"github.com/flowdeed/flowdeed/graph"
)

// shop is an API with an open and a guarded route, a function behind each, and a
// table with personal data behind one of them.
func shop(s *scene, behind graph.ID, open func(*graph.Flow)) {
	s.internet()
	s.node("api", graph.API)
	s.fn("open")
	s.fn("guarded")
	s.node("t", graph.Table)
	s.holds("t", email)
	s.flow(graph.Exposes, graph.Internet, "api", via("GET /"), open)
	s.flow(graph.Exposes, graph.Internet, "api", via("POST /orders"), on(graph.EntryAuth, graph.AuthToken))
	s.flow(graph.Invokes, "api", "open", via("GET /"))
	s.flow(graph.Invokes, "api", "guarded", via("POST /orders"))
	s.flow(graph.Writes, behind, "t")
}

var openRoute, guardedRoute = on(graph.EntryAuth, graph.AuthNone), on(graph.EntryAuth, graph.AuthIAM)

// drop is a table whose rows a function copies to a bucket.
func drop(s *scene, source, target graph.KeyClass, transit graph.Transit) {
	s.fn("f")
	s.holds("f", email+"@t,f")
	s.node("t", graph.Table, with(graph.KeyOwner, source))
	s.holds("t", email)
	s.node("b", graph.Bucket, with(graph.KeyOwner, target), with(graph.RetentionDays, 0))
	s.holds("b", email+"@t,f,b")
	s.flow(graph.Writes, "f", "b", on(graph.InTransit, transit))
}

var flowTrials = []trial{
	{"FLOW-NET-001", "open route", "t", Fail, Critical, "in 3 hops without proof of identity: internet → api (GET /) → open → t; weakest hop: Internet → api, open to everybody", func(s *scene) { shop(s, "open", openRoute) }},
	{"FLOW-NET-001", "other route is the open one", "t", Pass, 0, "no path", func(s *scene) { shop(s, "guarded", openRoute) }},
	{"FLOW-NET-001", "guarded", "t", Pass, 0, "no path", func(s *scene) { shop(s, "open", guardedRoute) }},
	{"FLOW-NET-001", "proof not known", "t", Unknown, 0, "refused", func(s *scene) { shop(s, "open", off(graph.EntryAuth)) }},
	{"FLOW-NET-001", "proof not set", "t", Unknown, 0, "nothing was read", func(s *scene) { shop(s, "open", func(*graph.Flow) {}) }},
	{"FLOW-NET-001", "role of an open function not read", "t", Unknown, 0, "open can be started from the internet", func(s *scene) {
		shop(s, "guarded", openRoute)
		s.Rights = func(role graph.ID) ([]Right, bool) { return nil, role != "role-open" }
	}},
	{"FLOW-NET-001", "permissions not worked out", "t", Unknown, 0, "not known in full", func(s *scene) { shop(s, "guarded", openRoute); s.Rights = nil }},
	{"FLOW-NET-001", "permissions not worked out, nothing open", "t", Pass, 0, "no path", func(s *scene) { shop(s, "guarded", guardedRoute); s.Rights = nil }},
	{"FLOW-NET-001", "by permission", "t", Fail, High, "internet → api (GET /) → open → t; weakest hop: Internet → api, open to everybody; nothing shows that the permission", func(s *scene) {
		shop(s, "guarded", openRoute)
		s.allow("role-open", Right{Store: "t", Read: true})
	}},
	{"FLOW-NET-001", "by permission under conditions", "t", Unknown, 0, "whether permissions", func(s *scene) {
		shop(s, "guarded", openRoute)
		s.allow("role-open", Right{Store: "t", Read: true, Conditional: true})
	}},
	{"FLOW-NET-001", "permission of a guarded function", "t", Pass, 0, "no path", func(s *scene) {
		shop(s, "guarded", openRoute)
		s.allow("role-guarded", Right{Store: "t", Read: true})
	}},
	{"FLOW-NET-001", "not labelled, reached", "t", Unknown, 0, "nobody says whether it holds", func(s *scene) { shop(s, "open", openRoute); delete(s.held, "t") }},
	{"FLOW-NET-001", "no data", "t", NotApplicable, 0, "declared", func(s *scene) { shop(s, "open", openRoute); s.empty("t") }},
	{"FLOW-NET-001", "through a queue", "t2", Fail, Critical, "in 5 hops", func(s *scene) {
		shop(s, "guarded", openRoute)
		s.fn("f1")
		s.node("q", graph.Queue)
		s.node("t2", graph.Table)
		s.holds("t2", health)
		s.flow(graph.Publishes, "open", "q")
		s.flow(graph.Triggers, "q", "f1")
		s.flow(graph.Accesses, "f1", "t2")
	}},
	{"FLOW-NET-001", "a read sets nothing off", "t2", Pass, 0, "", func(s *scene) { setsOff(s, graph.Reads) }},
	{"FLOW-NET-001", "a write sets the trigger off", "t2", Fail, Critical, "t1 → f1 → t2", func(s *scene) { setsOff(s, graph.Writes) }},
	{"FLOW-NET-001", "trigger switched off", "t", Pass, 0, "", func(s *scene) {
		shop(s, "guarded", openRoute)
		s.node("q", graph.Queue)
		s.flow(graph.Publishes, "open", "q")
		s.flow(graph.Triggers, "q", "guarded", on(graph.StateOn, false))
	}},
	{"FLOW-NET-001", "content network before a guarded API", "t", Pass, 0, "", func(s *scene) { behindNetwork(s, guardedRoute) }},
	{"FLOW-NET-001", "content network before an open API", "t", Fail, Critical, "→ api (GET /) → open → t", func(s *scene) { behindNetwork(s, openRoute) }},
	{"FLOW-NET-001", "content network before a bucket", "b", Fail, Critical, "internet → cdn → b", func(s *scene) {
		s.internet()
		s.node("cdn", graph.CDN)
		s.node("b", graph.Bucket)
		s.holds("b", email)
		s.flow(graph.Exposes, graph.Internet, "cdn", openRoute)
		s.flow(graph.RoutesTo, "cdn", "b")
	}},
	{"FLOW-NET-001", "public queue", "t", Fail, Critical, "internet → q → f → t", func(s *scene) {
		s.fn("f")
		s.node("q", graph.Queue, with(graph.PublicStatements, []string{"open"}))
		s.node("t", graph.Table)
		s.holds("t", email)
		s.flow(graph.Triggers, "q", "f")
		s.flow(graph.Writes, "f", "t")
	}},
	{"FLOW-NET-001", "public bucket", "b", Fail, Critical, "in 1 hop", func(s *scene) {
		s.node("b", graph.Bucket, with(graph.PublicStatements, []string{"open"}))
		s.holds("b", email)
	}},
	{"FLOW-NET-001", "public bucket, blocked", "b", Pass, 0, "", func(s *scene) {
		s.node("b", graph.Bucket, with(graph.PublicStatements, []string{"open"}), with(graph.PublicBlocked, true))
		s.holds("b", email)
	}},
	{"FLOW-NET-001", "function URL not read", "t", Unknown, 0, "refused", func(s *scene) {
		s.fn("f", without(graph.InternetFacing))
		s.node("t", graph.Table)
		s.holds("t", email)
		s.flow(graph.Writes, "f", "t")
	}},
	{"FLOW-NET-001", "plaintext is weaker than an open entry", "t", Fail, Critical, "weakest hop: open → t, in plaintext; least certain hop: open → t, confidence 0.60", func(s *scene) {
		shop(s, "guarded", openRoute)
		s.flow(graph.Reads, "open", "t", on(graph.InTransit, graph.TransitPlain), func(f *graph.Flow) { f.Evidence[0].Confidence = 0.6 })
	}},

	{"FLOW-BLAST-001", "few", "f", Pass, 0, "3 personal-data stores can be read", func(s *scene) { s.fn("f"); s.fill("f", graph.Reads, 3) }},
	{"FLOW-BLAST-001", "many", "f", Fail, Medium, "4 personal-data stores can be read, 3 are allowed", func(s *scene) { s.fn("f"); s.fill("f", graph.Reads, 4) }},
	{"FLOW-BLAST-001", "writing is not reading", "f", NotApplicable, 0, "no personal-data store", func(s *scene) { s.fn("f"); s.fill("f", graph.Writes, 4) }},
	{"FLOW-BLAST-001", "the role's other functions count", "g", Fail, High, "4 personal-data", func(s *scene) {
		s.fn("f")
		s.fill("f", graph.Reads, 4)
		s.node("g", graph.Function, with(graph.RoleARN, "role-f"))
		s.flow(graph.Assumes, "g", "role-f")
		s.holds("g", email)
	}},
	{"FLOW-BLAST-001", "chain of roles", "role-g", Fail, Medium, "4 personal-data", func(s *scene) {
		s.fn("f")
		s.fn("g")
		s.fill("f", graph.Reads, 4)
		s.node("role-m", graph.Principal)
		s.flow(graph.CanAssume, "role-g", "role-m")
		s.flow(graph.CanAssume, "role-m", "role-f")
	}},
	{"FLOW-BLAST-001", "permissions count", "f", Fail, Medium, "4 personal-data", func(s *scene) { mayRead(s, false) }},
	{"FLOW-BLAST-001", "permissions under conditions", "f", Unknown, 0, "1 personal-data store more can be read: s3", func(s *scene) { mayRead(s, true) }},
	{"FLOW-BLAST-001", "permissions not worked out", "f", Unknown, 0, "not known in full", func(s *scene) { s.fn("f"); s.fill("f", graph.Reads, 1); s.Rights = nil }},
	{"FLOW-BLAST-001", "activities", "f", Fail, Medium, "stores of 3 processing activities", func(s *scene) {
		s.fn("f")
		s.fill("f", graph.Reads, 1)
		s.held["s0"].Activities = []string{"a", "b", "c"}
	}},
	{"FLOW-BLAST-001", "not labelled", "f", Unknown, 0, "4 stores can be read of which nobody says", func(s *scene) { s.fn("f"); s.fill("f", graph.Reads, 4); clear(s.held) }},
	{"FLOW-BLAST-001", "role not read", "f", Unknown, 0, "what role-x may read is not known in full", func(s *scene) {
		s.node("f", graph.Function, with(graph.RoleARN, "role-x"))
		s.outside("role-x", graph.Principal, home, "")
		s.flow(graph.Assumes, "f", "role-x")
		s.fill("f", graph.Reads, 1)
	}},

	{"FLOW-DOWN-001", "as good", "f -writes-> b", Pass, 0, "in transit: enforced; key and period are as good as at t", func(s *scene) { drop(s, graph.KeyCustomer, graph.KeyCustomer, graph.TransitEnforced) }},
	{"FLOW-DOWN-001", "key drops", "f -writes-> b", Fail, Medium, "key of b is provider-owned, that of t is customer-managed", func(s *scene) {
		drop(s, graph.KeyCustomer, graph.KeyProviderOwned, graph.TransitEnforced)
	}},
	{"FLOW-DOWN-001", "other category kept better", "f -writes-> b", Pass, 0, "", func(s *scene) {
		drop(s, graph.KeyProviderOwned, graph.KeyProviderOwned, graph.TransitEnforced)
		s.node("x", graph.Table, with(graph.KeyOwner, graph.KeyCustomer))
		s.holds("x", "user.device")
		s.holds("f", email+"@t,f", "user.device@x,f")
	}},
	{"FLOW-DOWN-001", "plaintext", "f -writes-> b", Fail, Medium, "in plaintext", func(s *scene) { drop(s, graph.KeyNone, graph.KeyNone, graph.TransitPlain) }},
	{"FLOW-DOWN-001", "longer than declared at the source", "f -writes-> b", Fail, Medium, "b keeps data for ever, t keeps it 90 days", func(s *scene) {
		drop(s, graph.KeyNone, graph.KeyNone, graph.TransitEnforced)
		s.held["t"].Retention = 90
	}},
	{"FLOW-DOWN-001", "a queue sets no period", "q -delivers-> b", Pass, 0, "", func(s *scene) {
		s.node("q", graph.Queue, with(graph.KeyOwner, graph.KeyCustomer), with(graph.RetentionDays, 4))
		s.holds("q", email)
		s.node("b", graph.Bucket, with(graph.KeyOwner, graph.KeyCustomer), with(graph.RetentionDays, 0))
		s.flow(graph.Delivers, "q", "b", on(graph.InTransit, graph.TransitInternal))
	}},
	{"FLOW-DOWN-001", "transit not known", "f -writes-> b", Unknown, 0, "in_transit", func(s *scene) { drop(s, graph.KeyNone, graph.KeyNone, graph.TransitUnknown) }},
	{"FLOW-DOWN-001", "key not known", "f -writes-> b", Unknown, 0, "the key of t is not known", func(s *scene) {
		drop(s, graph.KeyNone, graph.KeyNone, graph.TransitEnforced)
		graph.KeyOwner.Unknown(&s.m.Node("t").Facts, "refused", "test")
	}},
	{"FLOW-DOWN-001", "no data", "f -writes-> b", NotApplicable, 0, "", func(s *scene) {
		drop(s, graph.KeyCustomer, graph.KeyNone, graph.TransitPlain)
		clear(s.held)
	}},

	{"FLOW-UNTAG-001", "annotated", "t", Pass, 0, "annotated", func(s *scene) { s.node("t", graph.Table); s.holds("t", email) }},
	{"FLOW-UNTAG-001", "declared empty", "t", Pass, 0, "annotated", func(s *scene) { s.node("t", graph.Table); s.empty("t") }},
	{"FLOW-UNTAG-001", "arrives unannounced", "b", Fail, Medium, "it arrives from t", func(s *scene) {
		s.node("b", graph.Bucket)
		s.node("t", graph.Table)
		s.holds("b", email+"@t,f,b")
	}},
	{"FLOW-UNTAG-001", "passes through", "f", Fail, Low, "nobody says so", func(s *scene) { s.fn("f"); s.holds("f", email+"@t,f") }},
	{"FLOW-UNTAG-001", "declared empty, arrives", "b", Fail, Medium, "says that it holds no personal data", func(s *scene) {
		s.node("b", graph.Bucket)
		s.holds("b", email+"@t,b").State = classify.None
	}},
	{"FLOW-UNTAG-001", "disputed", "b", Fail, Medium, "contradicted", func(s *scene) { s.node("b", graph.Bucket); s.holds("b", email).State = classify.Disputed }},
	{"FLOW-UNTAG-001", "review over", "b", Fail, Medium, "review date", func(s *scene) { s.node("b", graph.Bucket); s.holds("b", email).State = classify.Stale }},
	{"FLOW-UNTAG-001", "nobody says", "b", Unknown, 0, "nobody says", func(s *scene) { s.node("b", graph.Bucket) }},
	{"FLOW-UNTAG-001", "unreadable", "b", Unknown, 0, "AccessDenied", func(s *scene) {
		s.node("b", graph.Bucket)
		s.held["b"] = &classify.Held{State: classify.Unreadable, Why: "AccessDenied"}
	}},
	{"FLOW-UNTAG-001", "nothing passes", "f", NotApplicable, 0, "no labelled data", func(s *scene) { s.fn("f") }},

	{"FLOW-MIN-001", "needs it", "f", Pass, 0, "only what it needs", func(s *scene) { needing(s, "user.contact") }},
	{"FLOW-MIN-001", "does not", "f", Fail, Medium, "it may read t, which holds user.contact.email", func(s *scene) { needing(s, "user.name") }},
	{"FLOW-MIN-001", "may read what it does not need", "f", Fail, Medium, "it may read s0", func(s *scene) {
		needing(s, "user.name")
		s.held["t"].Labels[0].Category = "user.name.first"
		s.node("s0", graph.Bucket)
		s.holds("s0", email)
		s.allow("role-f", Right{Store: "s0", Read: true})
	}},
	{"FLOW-MIN-001", "content not known", "f", Unknown, 0, "nobody says what t holds", func(s *scene) { needing(s, "user"); delete(s.held, "t") }},
	{"FLOW-MIN-001", "declares no needs", "f", NotApplicable, 0, "no needs", func(s *scene) { needing(s, "user"); s.Needs = nil }},

	{"FLOW-THIRD-001", "declared", "q -delivers-> external:https://eu.mailer.example", Pass, 0, "known as mailer", func(s *scene) {
		s.outside("external:https://eu.mailer.example", graph.ExternalEndpoint, "", "")
		s.wire(graph.Delivers, "external:https://eu.mailer.example")
		s.holds("q", health)
	}},
	{"FLOW-THIRD-001", "not declared", "q -delivers-> external:https://ads.example", Fail, Critical, "no party is declared", func(s *scene) {
		s.outside("external:https://ads.example", graph.ExternalEndpoint, "", "")
		s.wire(graph.Delivers, "external:https://ads.example")
		s.holds("q", health+"@t,f,q")
		s.holds("t", health)
	}},
	{"FLOW-THIRD-001", "account not known", "q -delivers-> arn:aws:s3:::theirs", Unknown, 0, "whose account", func(s *scene) {
		s.outside("arn:aws:s3:::theirs", graph.Bucket, "", "")
		s.wire(graph.Delivers, "arn:aws:s3:::theirs")
		s.holds("q", health)
	}},
	{"FLOW-THIRD-001", "foreign account", "q -delivers-> x", Fail, Critical, "no party", func(s *scene) {
		s.outside("x", graph.Queue, "999988887777", region)
		s.wire(graph.Delivers, "x")
		s.holds("q", health)
	}},
	{"FLOW-THIRD-001", "no special category", "q -delivers-> x", NotApplicable, 0, "Art. 9 or 10", func(s *scene) {
		s.outside("x", graph.Queue, "999988887777", region)
		s.wire(graph.Delivers, "x")
	}},
}

// allow gives a role a right.
func (s *scene) allow(role graph.ID, r Right) {
	s.Rights = func(who graph.ID) ([]Right, bool) {
		if who == role {
			return []Right{r}, true
		}
		return nil, true
	}
}

// mayRead is a function that reads three stores and may read a fourth.
func mayRead(s *scene, conditional bool) {
	s.fn("f")
	s.fill("f", graph.Reads, 3)
	s.node("s3", graph.Table)
	s.holds("s3", email)
	s.allow("role-f", Right{Store: "s3", Read: true, Conditional: conditional})
}

// setsOff is an open function that uses a table whose changes start another one.
func setsOff(s *scene, kind graph.FlowKind) {
	shop(s, "guarded", openRoute)
	s.fn("f1")
	s.node("t1", graph.Table)
	s.node("t2", graph.Table)
	s.holds("t2", email)
	s.flow(kind, "open", "t1")
	s.flow(graph.Triggers, "t1", "f1")
	s.flow(graph.Writes, "f1", "t2")
}

// behindNetwork is an open content network before an API.
func behindNetwork(s *scene, route func(*graph.Flow)) {
	shop(s, "open", route)
	s.node("cdn", graph.CDN)
	s.flow(graph.Exposes, graph.Internet, "cdn", openRoute)
	s.flow(graph.RoutesTo, "cdn", "api")
}

func needing(s *scene, need string) {
	s.fn("f")
	s.holds("f", email)
	s.node("t", graph.Table)
	s.holds("t", email)
	s.flow(graph.Reads, "f", "t")
	s.Needs = map[graph.ID][]string{"f": {need}}
}
