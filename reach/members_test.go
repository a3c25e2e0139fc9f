package reach

import (
	"slices"
	"strings"
	"testing"

	"github.com/flowdeed/flowdeed/graph"
	"github.com/flowdeed/flowdeed/iam"
)

// TestOneAnswerForAnAccount: where a policy lets a whole account in, one answer says it
// of everybody; nobody of them needs another way, and each finds the answer.
func TestOneAnswerForAnAccount(t *testing.T) {
	const queue = "arn:aws:sqs:eu-west-1:111122223333:q"
	s := newSmall(t)
	ana, boss := s.user("ana"), s.user("boss", allow("*", "sqs:*"))
	role := s.role("worker", trusts(`{"AWS":"`+ana.Principal.ARN+`"}`))
	s.asset(queue, `{"Effect":"Allow","Principal":"*","Action":"sqs:*","Resource":"`+queue+`","Condition":{"StringEquals":{"aws:PrincipalAccount":"111122223333"}}}`)
	f := s.finder()
	r := f.WhoCan(queue, iam.Read, iam.Write)
	expect(t, r.Answers, "direct [read write] allowed root>q", "direct [read write] allowed boss>q")
	for _, h := range []*iam.Holder{ana, role} {
		of := r.Of(h.Principal.ARN).Answers
		if len(of) != 1 || of[0].Principal != h.Principal.ARN || of[0].Via != Direct || of[0].Members != nil {
			t.Errorf("%s: %+v, want one direct answer", h.Principal.ARN, of)
		}
	}
	expect(t, r.Of(boss.Principal.ARN).Answers, "direct [read write] allowed boss>q")
	if want := []string{role.Principal.ARN, ana.Principal.ARN}; !slices.Equal(r.Answers[0].Members, want) {
		t.Errorf("members %q, want %q", r.Answers[0].Members, want)
	}
	provesAll(t, f, queue, iam.Read)
}

// throughMachine is an open API that starts a workflow, which writes to a table under a
// role.
func throughMachine(t *testing.T, trust string, statements ...string) *Finder {
	const machine = graph.ID("arn:aws:states:eu-west-1:111122223333:stateMachine:m")
	s := newSmall(t)
	role := graph.ID(s.role("m", trust, statements...).Principal.ARN)
	s.asset(table, "")
	s.m.AddNode(graph.Node{ID: graph.Internet, Class: graph.InternetClass, Name: "Internet"})
	s.m.AddNode(graph.Node{ID: "api", Class: graph.API, Name: "api", Account: acct})
	s.m.AddNode(graph.Node{ID: machine, Class: graph.StateMachine, Name: "m", Account: acct})
	s.m.AddNode(graph.Node{ID: role, Class: graph.Principal, Name: "m", Account: acct})
	s.m.AddNode(graph.Node{ID: table, Class: graph.Table, Name: "t", Account: acct})
	flow := func(kind graph.FlowKind, from, to graph.ID, via string) {
		x := graph.Flow{Kind: kind, From: from, To: to, Via: via, Evidence: []graph.Evidence{{Kind: "configuration", Confidence: 0.99}}}
		if kind == graph.Exposes {
			graph.EntryAuth.Set(&x.Facts, graph.AuthNone, graph.From("test", "auth"))
		}
		s.m.AddFlow(x)
	}
	flow(graph.Exposes, graph.Internet, "api", "POST /")
	flow(graph.Invokes, "api", machine, "POST /")
	flow(graph.Assumes, machine, role, "")
	flow(graph.Writes, machine, table, "Put")
	return s.finder()
}

// TestWorkflowUnderConditions: what a workflow does for whoever starts it holds under the
// conditions of its role, and not at all where its role may not.
func TestWorkflowUnderConditions(t *testing.T) {
	const trust = `{"Effect":"Allow","Principal":{"Service":"states.amazonaws.com"},"Action":"sts:AssumeRole"}`
	for _, x := range []struct {
		name, condition string
		want            []string
	}{
		{"may", "", []string{"public [write] allowed internet>api>m>t"}},
		{"may from one endpoint", `,"Condition":{"StringEquals":{"aws:SourceVpce":"vpce-1"}}`, []string{"public [write] allowed-if internet>api>m>t if aws:SourceVpce StringEquals [vpce-1]"}},
		{"may not", `,"Condition":{"StringEquals":{"aws:PrincipalAccount":"444455556666"}}`, nil},
	} {
		t.Run(x.name, func(t *testing.T) {
			f := throughMachine(t, trust, `{"Effect":"Allow","Action":"dynamodb:PutItem","Resource":"`+table+`"`+x.condition+`}`)
			public := slices.DeleteFunc(f.WhoCan(table, iam.Write).Answers, func(a Answer) bool { return a.Via != Public })
			expect(t, public, x.want...)
			within := f.Within(f.graph.Node(graph.Internet), iam.Read, iam.Write)
			expect(t, within.Answers, x.want...)
			provesAll(t, f, table, iam.Write)
		})
	}
}

// TestWithinTheInternet: what anybody gets at is what is open to everybody too.
func TestWithinTheInternet(t *testing.T) {
	const queue = "arn:aws:sqs:eu-west-1:111122223333:q"
	s := newSmall(t)
	s.asset(queue, `{"Effect":"Allow","Principal":"*","Action":"sqs:SendMessage","Resource":"`+queue+`"}`)
	s.m.AddNode(graph.Node{ID: graph.Internet, Class: graph.InternetClass, Name: "Internet"})
	s.m.AddNode(graph.Node{ID: queue, Class: graph.Queue, Name: "q", Account: acct})
	f := s.finder()
	expect(t, f.Within(f.graph.Node(graph.Internet), iam.Read, iam.Write).Answers, "public [write] allowed internet>q")
}

// TestOpenersSeenFromBothEnds: who may rewrite the policy of a store is said of the store
// and of the principal, also behind a role; but not of whom the same condition lets in
// without that.
func TestOpenersSeenFromBothEnds(t *testing.T) {
	const bucket = "arn:aws:s3:::b"
	const mfa = `,"Condition":{"Bool":{"aws:MultiFactorAuthPresent":"true"}}}`
	s := newSmall(t)
	s.user("mona", allow(bucket, "s3:PutBucketPolicy"))
	s.role("keeper", trusts(`{"AWS":"arn:aws:iam::111122223333:user/ned"}`), allow(bucket, "s3:PutBucketPolicy"))
	s.user("ned", allow("*", "sts:AssumeRole"))
	s.user("dina", `{"Effect":"Allow","Action":"s3:*","Resource":"*"`+mfa)
	s.user("otto", `{"Effect":"Allow","Action":"s3:GetObject","Resource":"*"`+mfa, allow(bucket, "s3:PutBucketPolicy"))
	s.asset(bucket, "").S3.ACLsDisabled = true
	f := s.finder()
	want := map[string][]string{
		"user/mona":   {"escalation [read] allowed mona>b"},
		"role/keeper": {"escalation [read] allowed keeper>b"},
		"user/ned":    {"escalation [read] allowed ned>keeper>b"},
		"user/dina":   {"direct [read] allowed-if dina>b if aws:MultiFactorAuthPresent Bool [true]"},
		"user/otto":   {"direct [read] allowed-if otto>b if aws:MultiFactorAuthPresent Bool [true]", "escalation [read] allowed otto>b"},
	}
	all := f.WhoCan(bucket, iam.Read)
	for name, list := range want {
		arn := "arn:aws:iam::111122223333:" + name
		expect(t, all.Of(arn).Answers, list...)
		expect(t, f.ReachOf(arn, iam.Read).Answers, list...)
	}
	provesAll(t, f, bucket, iam.Read)
}

// TestUnlistedAccount: where the users and roles of an account were not read, nobody
// found is not nobody, and what runs under a role of it does nothing for sure.
func TestUnlistedAccount(t *testing.T) {
	s := newSmall(t)
	s.asset(table, "")
	s.w.Accounts[acct].Unlisted = "refused"
	f := s.finder()
	for _, r := range []Result{f.WhoCan(table, iam.Read), f.Granted(table, iam.Read)} {
		if len(r.Answers) > 0 || len(r.Undecided) != 1 || r.Undecided[0].Principal != "arn:aws:iam::111122223333:root" || r.Undecided[0].Decision != iam.Unknown || !strings.Contains(r.Undecided[0].Why, "refused") {
			t.Errorf("answers %v, undecided %+v", says(r.Answers), r.Undecided)
		}
	}
	s.w.Accounts[acct].Unlisted = ""
	if r := s.finder().WhoCan(table, iam.Read); len(r.Undecided) > 0 {
		t.Errorf("undecided though all was read: %+v", r.Undecided)
	}

	m := throughMachine(t, `{"Effect":"Allow","Principal":{"Service":"states.amazonaws.com"},"Action":"sts:AssumeRole"}`, allow(table, "dynamodb:PutItem"))
	m = New(&iam.World{Accounts: m.world.Accounts, Assets: m.world.Assets}, m.graph) // the role was not read
	r := m.WhoCan(table, iam.Write)
	if len(r.Answers) > 0 || len(r.Undecided) != 1 || r.Undecided[0].Principal != "internet" || !strings.Contains(r.Undecided[0].Why, "role/m") {
		t.Errorf("under a role that was not read: answers %v, undecided %+v", says(r.Answers), r.Undecided)
	}
}
