package aws

import (
	"context"
	"encoding/json"
	"slices"
	"strings"

	awssdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sfn"

	"github.com/flowdeed/flowdeed/graph"
)

var stepfunctionsService = &Service{
	Name: "stepfunctions",
	Doc:  "State machines: definition, role, logging, tracing, encryption. Executions are never read.",
	Calls: []Call{
		{Operation: "ListStateMachines", Action: "states:ListStateMachines"},
		{Operation: "DescribeStateMachine", Action: "states:DescribeStateMachine"},
		{Operation: "ListTagsForResource", Action: "states:ListTagsForResource", Optional: true},
	},
	Collect: func(ctx context.Context, c *Collector) {
		api := sfn.NewFromConfig(c.Config)
		var arns []string
		for _, p := range pages(ctx, c, "ListStateMachines", "", sfn.NewListStateMachinesPaginator(api, &sfn.ListStateMachinesInput{})) {
			for _, m := range p.StateMachines {
				arns = append(arns, awssdk.ToString(m.StateMachineArn))
			}
		}
		each(ctx, arns, func(arn string) {
			ask(ctx, c, "DescribeStateMachine", arn, api.DescribeStateMachine, &sfn.DescribeStateMachineInput{StateMachineArn: awssdk.String(arn)})
			ask(ctx, c, "ListTagsForResource", arn, api.ListTagsForResource, &sfn.ListTagsForResourceInput{ResourceArn: awssdk.String(arn)})
		})
	},
	Build: buildStepFunctions,
}

func buildStepFunctions(r *Region) {
	const op = "DescribeStateMachine"
	for _, list := range r.each("ListStateMachines") {
		for _, m := range decode[struct {
			StateMachines []struct{ Name, StateMachineArn string }
		}](list).StateMachines {
			a := r.answer(op, m.StateMachineArn)
			d := decode[struct {
				Definition, RoleArn  string
				LoggingConfiguration *struct {
					Level                string
					IncludeExecutionData bool
					Destinations         []struct {
						CloudWatchLogsLogGroup *struct{ LogGroupArn string }
					}
				}
				TracingConfiguration    *struct{ Enabled bool }
				EncryptionConfiguration *struct{ Type, KmsKeyId string }
			}](a)
			n := r.node(graph.Node{ID: graph.ID(m.StateMachineArn), Class: graph.StateMachine, Kind: "states.state_machine", Type: "AWS::StepFunctions::StateMachine", Name: m.Name})
			tagNode(n, keyValues(decode[struct{ Tags []keyValue }](r.answer("ListTagsForResource", m.StateMachineArn)).Tags))
			x := &n.Facts
			l := d.LoggingConfiguration
			logged := l != nil && l.Level != "" && l.Level != "OFF"
			fact(r, x, graph.LoggingOn, when(a.OK(), logged), op, a, "loggingConfiguration.level")
			fact(r, x, graph.PayloadLogging, when(a.OK(), logged && l.IncludeExecutionData), op, a, "loggingConfiguration.includeExecutionData")
			fact(r, x, graph.Tracing, when(a.OK(), d.TracingConfiguration != nil && d.TracingConfiguration.Enabled), op, a, "tracingConfiguration.enabled")
			fact(r, x, graph.RoleARN, nilIfEmpty(d.RoleArn), op, a, "roleArn")
			src := r.source(op, "encryptionConfiguration.type")
			graph.ProviderEnforced.Set(x, true, src)
			switch e := d.EncryptionConfiguration; {
			case e != nil && e.KmsKeyId != "":
				r.encrypted(n, "KMS", e.KmsKeyId, r.source(op, "encryptionConfiguration.kmsKeyId"))
			case a.OK():
				// Source: AWS Step Functions Developer Guide, "Data at rest encryption in Step Functions".
				r.encryptedBy(n, "default", graph.KeyProviderOwned, "no key named: the service's own key", src)
			default:
				r.restUnknown(n, r.why(op, a), src)
			}
			targets := []string{}
			if logged {
				for _, t := range l.Destinations {
					if g := t.CloudWatchLogsLogGroup; g != nil {
						targets = append(targets, canonicalARN(g.LogGroupArn))
						r.flow(graph.LogsTo, string(n.ID), g.LogGroupArn, "execution log", r.source(op, "loggingConfiguration.destinations[].cloudWatchLogsLogGroup.logGroupArn"), "")
					}
				}
			}
			fact(r, x, graph.LogTargets, when(a.OK(), targets), op, a, "loggingConfiguration.destinations[].cloudWatchLogsLogGroup.logGroupArn")
			if d.RoleArn != "" {
				r.flow(graph.Assumes, string(n.ID), d.RoleArn, "", r.source(op, "roleArn"), "")
			}
			r.tasks(n, a, d.RoleArn, d.Definition)
		}
	}
}

// tasks draws the flows of a definition, and notes what it calls without saying on what.
func (r *Region) tasks(n *graph.Node, a *Answer, role, definition string) {
	const op = "DescribeStateMachine"
	src := r.source(op, "definition")
	if !a.OK() {
		graph.ComputedTargets.Unknown(&n.Facts, r.why(op, a), src)
		return
	}
	var doc any
	if err := json.Unmarshal([]byte(definition), &doc); err != nil {
		graph.ComputedTargets.Unknown(&n.Facts, "the definition cannot be read: "+err.Error(), src)
		return
	}
	addNames(n, "state", inputPaths(nil, doc, 0), src)
	open := []string{}
	for _, t := range tasksOf(doc) {
		if t.role != "" {
			r.flow(graph.Assumes, string(n.ID), t.role, t.state, r.source(op, "definition "+t.state), "")
		}
		aims := r.aims(t)
		for _, x := range aims {
			f := r.flow(x.kind, string(n.ID), x.target, t.state, r.source(op, "definition "+t.state), t.resource)
			t.narrow(f, r.source(op, "definition "+t.state))
		}
		if !slices.ContainsFunc(aims, t.isTarget) {
			open = append(open, t.state+": "+t.resource)
			r.dynamic(n, orElse(t.role, role), t)
		}
	}
	graph.ComputedTargets.Set(&n.Facts, open, src)
}

// isTarget tells whether an aim is what the task is for: the credentials of an HTTP
// call are not.
func (t task) isTarget(a aim) bool {
	return a.kind != graph.UsesSecret || !strings.Contains(t.resource, ":http:")
}
