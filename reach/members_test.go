package reach

import (
	"slices"
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
