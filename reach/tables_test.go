package reach

import (
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/flowdeed/flowdeed/graph"
	"github.com/flowdeed/flowdeed/iam"
	"github.com/flowdeed/flowdeed/reach/proof"
)

// TestTablesOfTheChecker holds the tables that the checker of proofs goes by against
// those that answers are made with, both ways.
func TestTablesOfTheChecker(t *testing.T) {
	object := map[object]string{onNew: "new", onTarget: "target", onWorkload: "workload", onSelf: "self", onPolicies: "policies", onGroups: "groups", onGroup: "group", onTargets: "target policies", onStore: "store"}
	n := 0
	for form, list := range map[string][]*Rule{"pass": passRules, "workload": workloadRules, "become": becomeRules, "lift": liftRules, "join": joinRules, "raise": raiseRules} {
		for _, r := range list {
			n++
			got := proof.Rules[r.ID]
			var needs []proof.Need
			for _, x := range r.needs {
				needs = append(needs, proof.Need{Action: x.action, Object: object[x.object], On: x.on})
			}
			if got.Form != form || got.User != r.user || got.Service != r.pass+r.service || !slices.Equal(got.Needs, needs) {
				t.Errorf("rule %s: the checker has %+v", r.ID, got)
			}
		}
	}
	if n != len(proof.Rules) {
		t.Errorf("%d rules, the checker has %d", n, len(proof.Rules))
	}
	for _, o := range openings {
		var gives []string
		for _, x := range o.Gives {
			gives = append(gives, string(x))
		}
		want := proof.Opening{Gives: strings.Join(gives, " "), Key: o.Key, Pass: o.Pass, Kind: o.Kind, Lists: o.Lists, Plain: o.Plain}
		for _, n := range o.needs {
			want.Needs = append(want.Needs, proof.Need{Action: n.action, Object: object[n.object], On: n.on})
		}
		if got := proof.Openings[o.Action]; !reflect.DeepEqual(got, want) {
			t.Errorf("opening %s: %+v, the checker has %+v", o.Action, want, got)
		}
	}
	if len(openings) != len(proof.Openings) {
		t.Errorf("%d openings, the checker has %d", len(openings), len(proof.Openings))
	}
}

// TestAccessesOfTheChecker holds which actions give which access against the actions
// that questions are about.
func TestAccessesOfTheChecker(t *testing.T) {
	want := map[string][]string{}
	for _, kind := range []string{"s3:::b", "dynamodb:r:1:table/x", "sqs:r:1:q", "sns:r:1:t", "events:r:1:event-bus/b", "kinesis:r:1:stream/s", "firehose:r:1:deliverystream/d",
		"secretsmanager:r:1:secret:s", "ssm:r:1:parameter/p", "logs:r:1:log-group:g", "lambda:r:1:function:f", "states:r:1:stateMachine:m", "cognito-idp:r:1:userpool/p",
		"kms:r:1:key/k", "rds:r:1:db:d", "rds:r:1:cluster:c", "rds:r:1:snapshot:s", "rds:r:1:cluster-snapshot:s", "iam::1:role/r"} {
		list := iam.DataActions("arn:aws:" + kind)
		if len(list) == 0 {
			t.Errorf("no actions on %s", kind)
		}
		for _, d := range list {
			want[string(d.Access)] = append(want[string(d.Access)], strings.ToLower(d.Action))
		}
	}
	for _, k := range AllKinds {
		list, got := want[string(k)], strings.Fields(proof.Accesses[string(k)])
		slices.Sort(list)
		slices.Sort(got)
		if !slices.Equal(slices.Compact(list), got) {
			t.Errorf("%s: actions %v, the checker has %v", k, slices.Compact(list), got)
		}
	}
	if len(proof.Accesses) != len(AllKinds) {
		t.Errorf("%d kinds of access, the checker has %d", len(AllKinds), len(proof.Accesses))
	}
}

// TestFlowsOfTheChecker holds what flows and nodes do on the way of a proof against what
// they do on the walk from outside, for every kind and class there is.
func TestFlowsOfTheChecker(t *testing.T) {
	for _, k := range []graph.FlowKind{graph.Triggers, graph.Invokes, graph.Reads, graph.Writes, graph.Accesses, graph.Publishes, graph.Delivers, graph.Streams,
		graph.Replicates, graph.BacksUp, graph.Archives, graph.Exports, graph.DeadLetters, graph.LogsTo, graph.Mounts, graph.RoutesTo, graph.SharesWith,
		graph.UsesSecret, graph.AuthenticatesWith, graph.Assumes, graph.CanAssume, graph.EncryptsWith, graph.AttachedTo, graph.Records, graph.Exposes} {
		if got := slices.Contains(proof.GoesOn, string(k)); got != slices.Contains(carriesOn, k) {
			t.Errorf("%s goes on: the checker says %v", k, got)
		}
		var gives []string
		for _, a := range accessOf(k) {
			gives = append(gives, string(a))
		}
		if got := proof.FlowGives[string(k)]; got != strings.Join(gives, " ") {
			t.Errorf("%s gives %v: the checker says %q", k, gives, got)
		}
		w := &walk{graph: graph.NewModel()}
		w.graph.AddNode(graph.Node{ID: "f", Class: graph.Function})
		if got := w.handsBack(&graph.Flow{From: "f", Kind: k}, &hop{answers: true}); got != slices.Contains(proof.HandsBack, string(k)) {
			t.Errorf("%s hands back: %v", k, got)
		}
	}
	for _, c := range []graph.Class{graph.Function, graph.FunctionLayer, graph.Image, graph.ContainerService, graph.Instance, graph.ETLJob, graph.StateMachine, graph.API,
		graph.GraphQLAPI, graph.LoadBalancer, graph.CDN, graph.EventRule, graph.ScheduleClass, graph.Pipe, graph.Queue, graph.Topic, graph.EventBus, graph.Stream,
		graph.DeliveryStream, graph.Archive, graph.Bucket, graph.Table, graph.Database, graph.DatabaseProxy, graph.Cache, graph.Search, graph.FileSystem,
		graph.OtherStore, graph.Catalog, graph.QueryWorkgroup, graph.UserPool, graph.IdentityPool, graph.LogGroup, graph.Secret, graph.Parameter, graph.EncryptionKey,
		graph.InternetClass, graph.ExternalEndpoint, graph.ExternalAccount} {
		if got := proof.RunsCode[string(c)]; got != runsCode(c) {
			t.Errorf("%s runs code: the checker says %v", c, got)
		}
		if got := slices.Contains(proof.AsksItself, string(c)); got != asksItself(c) {
			t.Errorf("%s asks itself: the checker says %v", c, got)
		}
		w := &walk{graph: graph.NewModel()}
		w.graph.AddNode(graph.Node{ID: "n", Class: c})
		if got := w.handsBack(&graph.Flow{From: "n", Kind: graph.Invokes}, &hop{answers: true}); got == (c.KeepsData() || slices.Contains(proof.Quiet, string(c))) {
			t.Errorf("%s hands back: %v", c, got)
		}
	}
}

// TestRulesNameActions: every action of a rule or an opening is one of AWS, and what it is
// asked on is of a type that the action's service has (Service Authorization Reference).
func TestRulesNameActions(t *testing.T) {
	data := iam.BuiltInActions()
	for _, r := range allRules {
		for _, n := range r.needs {
			if _, known := data.Action(n.action); !known {
				t.Errorf("%s: %s is no action", r.ID, n.action)
			}
			if n.object != onNew {
				continue
			}
			if data.WithoutResource(n.action) != (n.on == "*") {
				t.Errorf("%s: %s is asked on %q", r.ID, n.action, n.on)
			}
			service, rest, typed := strings.Cut(n.on, " ")
			if !typed {
				continue
			}
			if !strings.HasPrefix(n.action, service+":") {
				t.Errorf("%s: %s on something of %s", r.ID, n.action, service)
			}
			begin := strings.TrimSuffix(rest, "*")
			if !slices.ContainsFunc(data.ResourceTypes(service), func(x iam.ResourceTypeInfo) bool {
				return strings.Contains(x.ARN, ":"+begin)
			}) {
				t.Errorf("%s: %s has no resources %s", r.ID, service, rest)
			}
		}
	}
	for i := range openings {
		if _, known := data.Action(openings[i].Action); !known {
			t.Errorf("%s is no action", openings[i].Action)
		}
	}
}
