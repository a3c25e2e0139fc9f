package check

import "github.com/flowdeed/flowdeed/graph"

func (s *scene) powers(role graph.ID, p Powers, complete bool) {
	s.Powers = func(who graph.ID) (Powers, bool) {
		if who == role {
			return p, complete
		}
		return Powers{}, true
	}
}

func (s *scene) users(access string, list []User, undecided ...string) {
	s.Users = func(_ graph.ID, x string) ([]User, []string) {
		if x == access {
			return list, undecided
		}
		return nil, nil
	}
}

// keep is a bucket with a category, and who may read it.
func keep(s *scene, category string, list []User, undecided ...string) {
	s.node("b", graph.Bucket)
	s.holds("b", category)
	s.users("read", list, undecided...)
}

// user is the IAM user ann.
func (s *scene) user(set ...func(*graph.Node)) {
	s.node("ann", graph.Principal, set...)
}

var person = []User{{Principal: "ann"}}

var reader = []User{{Principal: "arn:aws:iam::111122223333:role/app/reader"}}

var iamTrials = []trial{
	{"IAM-ADMIN-001", "scoped", "f", Pass, 0, "no administrator", func(s *scene) { s.fn("f") }},
	{"IAM-ADMIN-001", "administrator", "f", Fail, Critical, "AdministratorAccess", func(s *scene) {
		s.fn("f")
		s.powers("role-f", Powers{Admin: []string{"arn:aws:iam::aws:policy/AdministratorAccess"}}, true)
	}},
	{"IAM-ADMIN-001", "policies not read", "f", Unknown, 0, "not known in full", func(s *scene) { s.fn("f"); s.powers("role-f", Powers{}, false) }},
	{"IAM-ADMIN-001", "not worked out", "f", Unknown, 0, "not known in full", func(s *scene) { s.fn("f"); s.Powers = nil }},
	{"IAM-ADMIN-001", "no role", "p", NotApplicable, 0, "no role", func(s *scene) { s.node("p", graph.Pipe) }},

	{"IAM-WILD-001", "scoped", "f", Pass, 0, "names actions", func(s *scene) { s.fn("f") }},
	{"IAM-WILD-001", "all of a service", "f", Fail, Medium, "dynamodb:* on *", func(s *scene) {
		s.fn("f")
		s.powers("role-f", Powers{Wild: []string{"dynamodb:* on *"}}, true)
	}},
	{"IAM-WILD-001", "a user", "ann", Fail, Medium, "it has wildcards: dynamodb:* on *", func(s *scene) {
		s.node("ann", graph.Principal)
		s.powers("ann", Powers{Wild: []string{"dynamodb:* on *"}}, true)
	}},
	{"IAM-WILD-001", "the role of a function", "role-f", NotApplicable, 0, "where it is judged", func(s *scene) {
		s.fn("f")
		s.node("role-f", graph.Principal)
		s.powers("role-f", Powers{Wild: []string{"dynamodb:* on *"}}, true)
	}},
	{"IAM-ADMIN-001", "a user", "ann", Fail, High, "it is an administrator", func(s *scene) {
		s.node("ann", graph.Principal)
		s.powers("ann", Powers{Admin: []string{"everything on everything"}}, true)
	}},
	{"IAM-ADMIN-001", "a user, scoped", "ann", Pass, 0, "it is no administrator", func(s *scene) { s.node("ann", graph.Principal); s.powers("bob", Powers{}, true) }},
	{"IAM-ADMIN-001", "a user, policies not read", "ann", Unknown, 0, "not known", func(s *scene) { s.node("ann", graph.Principal); s.powers("ann", Powers{}, false) }},
	{"IAM-ADMIN-001", "a role that AWS manages", "ann", NotApplicable, 0, "AWS manages", func(s *scene) { s.node("ann", graph.Principal, with(graph.ManagedBy, "AWS")) }},
	{"IAM-WILD-001", "policies not read", "f", Unknown, 0, "not known", func(s *scene) { s.fn("f"); s.powers("role-f", Powers{}, false) }},
	{"IAM-WILD-001", "no role", "p", NotApplicable, 0, "no role", func(s *scene) { s.node("p", graph.Pipe) }},

	{"IAM-SHARE-001", "own role", "f", Pass, 0, "no other", func(s *scene) { s.fn("f"); s.fn("g") }},
	{"IAM-SHARE-001", "shared", "f", Fail, Medium, "shared with g", func(s *scene) {
		s.fn("f")
		s.fn("g", with(graph.RoleARN, "role-f"))
		s.flow(graph.Assumes, "g", "role-f")
	}},
	{"IAM-SHARE-001", "role not read", "f", Unknown, 0, "refused", func(s *scene) { s.fn("f", without(graph.RoleARN)) }},
	{"IAM-SHARE-001", "no role", "f", NotApplicable, 0, "no role", func(s *scene) { s.fn("f", with(graph.RoleARN, "")) }},

	{"IAM-ESC-001", "none", "role-f", Pass, 0, "no set", func(s *scene) { s.fn("f") }},
	{"IAM-ESC-001", "passes a role", "f", Fail, High, "iam:PassRole and lambda:CreateFunction", func(s *scene) {
		s.fn("f")
		s.powers("role-f", Powers{Escalations: []string{"iam:PassRole and lambda:CreateFunction to become admin"}}, true)
	}},
	{"IAM-ESC-001", "policies not read", "role-f", Unknown, 0, "not known", func(s *scene) { s.fn("f"); s.powers("role-f", Powers{}, false) }},
	{"IAM-ESC-001", "administrator", "role-f", NotApplicable, 0, "administrator", func(s *scene) {
		s.fn("f")
		s.powers("role-f", Powers{Admin: []string{"all"}, Escalations: []string{"x"}}, true)
	}},

	{"IAM-READ-001", "declared by name", "b", Pass, 0, "all who may read it are declared: 1", func(s *scene) {
		keep(s, email, reader)
		s.DeclaredUsers["b"] = []string{"reader"}
	}},
	{"IAM-READ-001", "undeclared", "b", Fail, High, "1 principal may read it undeclared", func(s *scene) {
		keep(s, email, reader)
		s.DeclaredUsers["b"] = []string{"writer"}
	}},
	{"IAM-READ-001", "special, nobody declared", "b", Fail, Critical, "nobody is declared", func(s *scene) { keep(s, health, reader) }},
	{"IAM-READ-001", "undecided", "b", Unknown, 0, "not known whether", func(s *scene) {
		keep(s, email, reader, "admin: no control policies")
		s.DeclaredUsers["b"] = []string{"reader"}
	}},
	{"IAM-READ-001", "not worked out", "b", Unknown, 0, "not worked out", func(s *scene) { keep(s, email, nil); s.Users = nil }},
	{"IAM-READ-001", "nobody declared", "b", NotApplicable, 0, "nobody is declared to read it", func(s *scene) { keep(s, email, reader) }},

	{"IAM-HUMAN-001", "second factor and no key", "b", Pass, 0, "1 IAM user may read it, with a second factor", func(s *scene) {
		keep(s, email, person)
		s.user(with(graph.ConsolePassword, true), with(graph.SecondFactor, true), with(graph.ActiveKeys, 0))
	}},
	{"IAM-HUMAN-001", "password alone", "b", Fail, Critical, "ann signs in with a password alone", func(s *scene) {
		keep(s, email, person)
		s.user(with(graph.ConsolePassword, true), with(graph.SecondFactor, false), with(graph.ActiveKeys, 0))
	}},
	{"IAM-HUMAN-001", "long-lived key", "b", Fail, Critical, "ann has 2 long-lived access keys", func(s *scene) {
		keep(s, email, person, "admin: no control policies")
		s.user(with(graph.ConsolePassword, false), with(graph.SecondFactor, false), with(graph.ActiveKeys, 2))
	}},
	{"IAM-HUMAN-001", "under conditions", "b", Unknown, 0, "ann (under conditions) signs in with a password alone", func(s *scene) {
		keep(s, email, []User{{Principal: "ann", Conditional: true}})
		s.user(with(graph.ConsolePassword, true), with(graph.SecondFactor, false), with(graph.ActiveKeys, 0))
	}},
	{"IAM-HUMAN-001", "report refused", "b", Unknown, 0, "console_password is not known: refused", func(s *scene) {
		keep(s, email, person)
		s.user(without(graph.ConsolePassword), without(graph.SecondFactor), without(graph.ActiveKeys))
	}},
	{"IAM-HUMAN-001", "undecided", "b", Unknown, 0, "not known whether", func(s *scene) { keep(s, email, nil, "ann: no control policies") }},
	{"IAM-HUMAN-001", "not worked out", "b", Unknown, 0, "not worked out", func(s *scene) { keep(s, email, nil); s.Users = nil }},
	{"IAM-HUMAN-001", "roles only", "b", NotApplicable, 0, "no IAM user", func(s *scene) { keep(s, email, reader) }},
	{"IAM-HUMAN-001", "no data", "b", NotApplicable, 0, "no personal data", func(s *scene) { s.node("b", graph.Bucket) }},

	{"IAM-INVOKE-001", "event source", "f", Pass, 0, "declared: 1", func(s *scene) {
		s.fn("f")
		s.fn("g")
		s.holds("f", email)
		s.flow(graph.Invokes, "g", "f")
		s.DeclaredUsers["f"] = []string{"ops"}
		s.users("invoke", []User{{Principal: "role-g"}})
	}},
	{"IAM-INVOKE-001", "somebody else", "f", Fail, High, "1 principal may invoke it undeclared", func(s *scene) {
		s.fn("f")
		s.holds("f", email)
		s.DeclaredUsers["f"] = []string{"ops"}
		s.users("invoke", []User{{Principal: "role-g", Conditional: true}})
	}},
	{"IAM-INVOKE-001", "special, nobody declared", "f", Fail, Critical, "nobody is declared", func(s *scene) {
		s.fn("f")
		s.holds("f", health)
		s.users("invoke", []User{{Principal: "role-g"}})
	}},
	{"IAM-INVOKE-001", "nobody declared", "f", NotApplicable, 0, "nobody is declared", func(s *scene) {
		s.fn("f")
		s.holds("f", email)
		s.users("invoke", []User{{Principal: "role-g"}})
	}},
	{"IAM-INVOKE-001", "undecided", "f", Unknown, 0, "not known whether", func(s *scene) {
		s.fn("f")
		s.DeclaredUsers["f"] = []string{"ops"}
		s.holds("f", email)
		s.users("invoke", nil, "role-g: refused")
	}},
	{"IAM-INVOKE-001", "no data", "f", NotApplicable, 0, "no personal data", func(s *scene) { s.fn("f") }},

	{"IAM-CHANGE-001", "pipeline declared", "f", Pass, 0, "declared: 1", func(s *scene) {
		s.fn("f")
		s.holds("f", email)
		s.users("admin", []User{{Principal: "arn:aws:iam::111122223333:role/ci"}})
		s.DeclaredUsers["f"] = []string{"ci"}
	}},
	{"IAM-CHANGE-001", "undeclared", "f", Fail, High, "may change it undeclared", func(s *scene) {
		s.fn("f")
		s.holds("f", email)
		s.users("admin", []User{{Principal: "arn:aws:iam::111122223333:role/dev"}})
		s.DeclaredUsers["f"] = []string{"ci"}
	}},
	{"IAM-CHANGE-001", "undecided", "f", Unknown, 0, "not known", func(s *scene) {
		s.fn("f")
		s.DeclaredUsers["f"] = []string{"ci"}
		s.holds("f", email)
		s.users("admin", nil, "x: refused")
	}},
	{"IAM-CHANGE-001", "no data", "f", NotApplicable, 0, "no personal data", func(s *scene) { s.fn("f") }},
}
