package aws

import (
	"context"
	"regexp"
	"strings"

	awssdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/scheduler"

	"github.com/flowdeed/flowdeed/graph"
)

var schedulerService = &Service{
	Name: "scheduler",
	Doc:  "Schedules: what they start, under which role, and where failures go. Inputs are matched in memory and dropped.",
	Calls: []Call{
		{Operation: "ListSchedules", Action: "scheduler:ListSchedules"},
		{Operation: "GetSchedule", Action: "scheduler:GetSchedule", Values: []string{"Target.Input"}},
	},
	Collect: func(ctx context.Context, c *Collector) {
		api := scheduler.NewFromConfig(c.Config)
		var names [][2]string
		for _, p := range pages(ctx, c, "ListSchedules", "", scheduler.NewListSchedulesPaginator(api, &scheduler.ListSchedulesInput{})) {
			for _, s := range p.Schedules {
				names = append(names, [2]string{awssdk.ToString(s.GroupName), awssdk.ToString(s.Name)})
			}
		}
		each(ctx, names, func(s [2]string) {
			ask(ctx, c, "GetSchedule", s[0]+"/"+s[1], api.GetSchedule, &scheduler.GetScheduleInput{GroupName: awssdk.String(s[0]), Name: awssdk.String(s[1])})
		})
	},
	Build: buildScheduler,
}

func buildScheduler(r *Region) {
	const op = "GetSchedule"
	for _, list := range r.each("ListSchedules") {
		for _, s := range decode[struct {
			Schedules []struct {
				Name, GroupName, Arn, State string
				Target                      *struct{ Arn string }
			}
		}](list).Schedules {
			a := r.answer(op, s.GroupName+"/"+s.Name)
			d := decode[struct {
				KmsKeyArn, ScheduleExpression string
				Target                        *struct {
					Arn, RoleArn     string
					Input            *Value
					DeadLetterConfig *struct{ Arn string }
				}
			}](a)
			n := r.node(graph.Node{ID: graph.ID(s.Arn), Class: graph.ScheduleClass, Kind: "scheduler.schedule", Type: "AWS::Scheduler::Schedule", Name: s.Name})
			x := &n.Facts
			graph.StateOn.Set(x, s.State != "DISABLED", r.source("ListSchedules", "Schedules[].State"))
			fact(r, x, graph.ScheduleExpr, nilIfEmpty(d.ScheduleExpression), op, a, "ScheduleExpression")
			src := r.source(op, "KmsKeyArn")
			graph.ProviderEnforced.Set(x, true, src)
			switch {
			case d.KmsKeyArn != "":
				r.encrypted(n, "KMS", d.KmsKeyArn, src)
			case a.OK():
				r.encryptedBy(n, "default", graph.KeyProviderOwned, "no key named: the service's own key", src)
			default:
				r.restUnknown(n, r.why(op, a), src)
			}
			target, dlq := "", ""
			var input *Value
			if s.Target != nil {
				target = s.Target.Arn
			}
			if t := d.Target; t != nil {
				target = orElse(t.Arn, target)
				if input = t.Input; input != nil {
					r.lookedLike(n, map[string]Value{"input": *t.Input}, r.source(op, "Target.Input"))
				}
				if t.DeadLetterConfig != nil {
					dlq = t.DeadLetterConfig.Arn
				}
				if t.RoleArn != "" {
					r.flow(graph.Assumes, s.Arn, t.RoleArn, "", r.source(op, "Target.RoleArn"), "")
				}
			}
			r.scheduleTarget(n, target, dlq, input, a)
		}
	}
}

// scheduleTarget draws what a schedule starts. A universal target names an SDK
// operation instead of a resource; which resource stands in the input.
func (r *Region) scheduleTarget(n *graph.Node, target, dlq string, input *Value, a *Answer) {
	const op = "GetSchedule"
	if dlq != "" {
		r.flow(graph.DeadLetters, string(n.ID), dlq, "dead-letter queue", r.source(op, "Target.DeadLetterConfig.Arn"), "")
	}
	if m := universalTarget.FindStringSubmatch(target); m != nil {
		r.universal(n, strings.ToLower(m[1]), m[2], input)
		return
	}
	if target == "" {
		return
	}
	f := r.flow(graph.Triggers, string(n.ID), target, "schedule", r.source(op, "Target.Arn"), "")
	graph.Asynchronous.Set(&f.Facts, true, r.source(op, "Target.Arn"))
	fact(r, &f.Facts, graph.FailureTarget, when(a.OK(), dlq), op, a, "Target.DeadLetterConfig.Arn")
}

// universalTarget is a target that calls any SDK operation. Source: Amazon EventBridge
// Scheduler User Guide, "Using universal targets in EventBridge Scheduler".
var universalTarget = regexp.MustCompile(`^arn:aws[a-z-]*:scheduler:::aws-sdk:([A-Za-z0-9]+):([A-Za-z0-9]+)$`)

// universal draws a universal target to those resources its input names that are of
// the kind the operation works on.
func (r *Region) universal(n *graph.Node, service, action string, input *Value) {
	class, ok := integratedClass[service]
	if !ok || input == nil {
		return
	}
	kind := accesses[class].writeKind
	if kind == "" {
		kind = accesses[class].unsure
	}
	r.afterNodes(func() {
		for _, ref := range input.Refs {
			to := r.resolve(reference{ref, r.Account, r.Region})
			if to == nil {
				to = external(reference{ref, r.Account, r.Region})
			}
			if to != nil && to.Class == class {
				r.flow(actionKind(action, kind), string(n.ID), string(to.ID), "schedule", r.source("GetSchedule", "Target.Input"), "aws-sdk:"+service+":"+action)
			}
		}
	})
}
