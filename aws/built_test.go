package aws_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/flowdeed/flowdeed/aws"
	"github.com/flowdeed/flowdeed/graph"
)

// Hand-written answers for the tests of Build.

const (
	homeAccount = "111111111111"
	homeRegion  = "eu-west-1"
)

// said is an answer that came back.
func said(operation, subject, value string) aws.Answer {
	return aws.Answer{Operation: operation, Subject: subject, Outcome: aws.OutcomeValue, Value: json.RawMessage(value)}
}

// refusedCall is a call the caller had no permission for.
func refusedCall(operation, subject string) aws.Answer {
	return aws.Answer{Operation: operation, Subject: subject, Outcome: aws.OutcomeDenied, Error: "AccessDenied"}
}

// answersOf is what one service answered in the home account and region.
func answersOf(service string, answers ...aws.Answer) aws.Shard {
	slices.SortFunc(answers, func(a, b aws.Answer) int {
		if a.Operation != b.Operation {
			return strings.Compare(a.Operation, b.Operation)
		}
		return strings.Compare(a.Subject, b.Subject)
	})
	return aws.Shard{Account: homeAccount, Region: homeRegion, Service: service, Answers: answers}
}

// built is the graph of hand-written answers.
func built(shards ...aws.Shard) *graph.Model {
	snap := &aws.Snapshot{Shards: shards}
	snap.Run.Callers = []aws.Identity{{Account: homeAccount, ARN: "arn:aws:iam::" + homeAccount + ":role/audit"}}
	return aws.Build(snap).Graph
}

// flowsFrom lists the flows that leave a node as "kind target via".
func flowsFrom(m *graph.Model, id string) []string {
	out := []string{}
	for _, f := range m.Out(graph.ID(id)) {
		text := string(f.Kind) + " " + string(f.To)
		if f.Via != "" {
			text += " via " + f.Via
		}
		out = append(out, text)
	}
	return out
}

// wantFlows compares the flows that leave a node.
func wantFlows(t *testing.T, m *graph.Model, id string, want ...string) {
	t.Helper()
	got := flowsFrom(m, id)
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) {
		t.Errorf("flows from %s:\n got %q\nwant %q", id, got, want)
	}
}

// theFlow finds the flow between two nodes of a kind.
func theFlow(t *testing.T, m *graph.Model, from, to string, kind graph.FlowKind) *graph.Flow {
	t.Helper()
	for _, f := range m.Out(graph.ID(from)) {
		if string(f.To) == to && f.Kind == kind {
			return f
		}
	}
	t.Fatalf("no flow %s -%s-> %s; there are %q", from, kind, to, flowsFrom(m, from))
	return nil
}

// wantFact compares a known fact.
func wantFact[T interface {
	comparable
	graph.Value
}](t *testing.T, x *graph.Facts, k graph.Key[T], want T) {
	t.Helper()
	if a := k.Get(x); !graph.Is(a, want) {
		t.Errorf("%s, want %v", a.Fact, want)
	}
}

// wantUnknown demands that facts are not known and that the reason names the call.
func wantUnknown(t *testing.T, x *graph.Facts, call string, names ...string) {
	t.Helper()
	for _, n := range names {
		f, ok := x.Lookup(n)
		if !ok || f.Known || !strings.Contains(f.Why, call) {
			t.Errorf("%s: %v (set: %t), want not known because of %s", n, f, ok, call)
		}
	}
}
