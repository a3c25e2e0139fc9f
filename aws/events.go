package aws

import (
	"context"
	"maps"
	"slices"
	"strings"

	awssdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge"

	"github.com/flowdeed/flowdeed/graph"
)

var eventsService = &Service{
	Name: eventsName,
	Doc:  "Event buses, rules with patterns and targets, archives, API destinations and their connections. Inputs are matched in memory and dropped.",
	Calls: []Call{
		{Operation: "ListEventBuses", Action: "events:ListEventBuses"},
		{Operation: "DescribeEventBus", Action: "events:DescribeEventBus"},
		{Operation: "ListRules", Action: "events:ListRules"},
		{Operation: "ListTargetsByRule", Action: "events:ListTargetsByRule", Values: []string{"Targets[].Input", "Targets[].HttpParameters.HeaderParameters{}", "Targets[].HttpParameters.QueryStringParameters{}", "Targets[].InputTransformer.InputTemplate"}},
		{Operation: "ListArchives", Action: "events:ListArchives"},
		{Operation: "DescribeArchive", Action: "events:DescribeArchive"},
		{Operation: "ListApiDestinations", Action: "events:ListApiDestinations"},
		{Operation: "ListConnections", Action: "events:ListConnections", Optional: true},
		{Operation: "DescribeConnection", Action: "events:DescribeConnection", Optional: true, Drop: []string{"AuthParameters"}},
	},
	Collect: collectEvents,
	Build:   buildEvents,
}

func collectEvents(ctx context.Context, c *Collector) {
	api := eventbridge.NewFromConfig(c.Config)
	for _, p := range tokens(ctx, c, "ListEventBuses", "", func(ctx context.Context, t *string) (*eventbridge.ListEventBusesOutput, *string, error) {
		out, err := api.ListEventBuses(ctx, &eventbridge.ListEventBusesInput{NextToken: t})
		if err != nil {
			return nil, nil, err
		}
		return out, out.NextToken, nil
	}) {
		for _, b := range p.EventBuses {
			collectBus(ctx, c, api, awssdk.ToString(b.Name))
		}
	}
	collectArchives(ctx, c, api)
	tokens(ctx, c, "ListApiDestinations", "", func(ctx context.Context, t *string) (*eventbridge.ListApiDestinationsOutput, *string, error) {
		out, err := api.ListApiDestinations(ctx, &eventbridge.ListApiDestinationsInput{NextToken: t})
		if err != nil {
			return nil, nil, err
		}
		return out, out.NextToken, nil
	})
	for _, p := range tokens(ctx, c, "ListConnections", "", func(ctx context.Context, t *string) (*eventbridge.ListConnectionsOutput, *string, error) {
		out, err := api.ListConnections(ctx, &eventbridge.ListConnectionsInput{NextToken: t})
		if err != nil {
			return nil, nil, err
		}
		return out, out.NextToken, nil
	}) {
		for _, x := range p.Connections {
			ask(ctx, c, "DescribeConnection", awssdk.ToString(x.Name), api.DescribeConnection, &eventbridge.DescribeConnectionInput{Name: x.Name})
		}
	}
}

func collectBus(ctx context.Context, c *Collector, api *eventbridge.Client, bus string) {
	name := awssdk.String(bus)
	ask(ctx, c, "DescribeEventBus", bus, api.DescribeEventBus, &eventbridge.DescribeEventBusInput{Name: name})
	var rules []string
	for _, p := range tokens(ctx, c, "ListRules", bus, func(ctx context.Context, t *string) (*eventbridge.ListRulesOutput, *string, error) {
		out, err := api.ListRules(ctx, &eventbridge.ListRulesInput{EventBusName: name, NextToken: t})
		if err != nil {
			return nil, nil, err
		}
		return out, out.NextToken, nil
	}) {
		for _, r := range p.Rules {
			rules = append(rules, awssdk.ToString(r.Name))
		}
	}
	each(ctx, rules, func(rule string) {
		tokens(ctx, c, "ListTargetsByRule", bus+"/"+rule, func(ctx context.Context, t *string) (*eventbridge.ListTargetsByRuleOutput, *string, error) {
			out, err := api.ListTargetsByRule(ctx, &eventbridge.ListTargetsByRuleInput{EventBusName: name, Rule: awssdk.String(rule), NextToken: t})
			if err != nil {
				return nil, nil, err
			}
			return out, out.NextToken, nil
		})
	})
}

func collectArchives(ctx context.Context, c *Collector, api *eventbridge.Client) {
	for _, p := range tokens(ctx, c, "ListArchives", "", func(ctx context.Context, t *string) (*eventbridge.ListArchivesOutput, *string, error) {
		out, err := api.ListArchives(ctx, &eventbridge.ListArchivesInput{NextToken: t})
		if err != nil {
			return nil, nil, err
		}
		return out, out.NextToken, nil
	}) {
		for _, a := range p.Archives {
			ask(ctx, c, "DescribeArchive", awssdk.ToString(a.ArchiveName), api.DescribeArchive, &eventbridge.DescribeArchiveInput{ArchiveName: a.ArchiveName})
		}
	}
}

func buildEvents(r *Region) {
	for _, list := range r.each("ListEventBuses") {
		for _, b := range decode[struct {
			EventBuses []struct{ Name, Arn, Policy string }
		}](list).EventBuses {
			r.bus(b.Name)
		}
	}
	r.archives()
	r.destinations()
}

func (r *Region) bus(name string) {
	const op = "DescribeEventBus"
	a := r.answer(op, name)
	d := decode[struct {
		Policy, KmsKeyIdentifier *string
		DeadLetterConfig         *struct{ Arn string }
		LogConfig                *struct{ IncludeDetail, Level string }
	}](a)
	n := r.node(graph.Node{ID: graph.ID(r.arn("events", "event-bus/"+name)), Class: graph.EventBus, Kind: "events.bus", Type: "AWS::Events::EventBus", Name: name})
	x := &n.Facts
	graph.ProviderEnforced.Set(x, true, r.source(op, "KmsKeyIdentifier"))
	switch {
	case d.KmsKeyIdentifier != nil && *d.KmsKeyIdentifier != "":
		r.encrypted(n, "KMS", *d.KmsKeyIdentifier, r.source(op, "KmsKeyIdentifier"))
	case a.OK():
		// Source: Amazon EventBridge User Guide, "Data encryption in Amazon EventBridge".
		r.encryptedBy(n, "default", graph.KeyProviderOwned, "no key named: the service's own key", r.source(op, "KmsKeyIdentifier"))
	default:
		r.restUnknown(n, r.why(op, a), r.source(op, "KmsKeyIdentifier"))
	}
	r.resourcePolicy(n, d.Policy, op, a, "Policy")
	fact(r, x, graph.PayloadLogging, when(a.OK(), d.LogConfig != nil && d.LogConfig.IncludeDetail == "FULL" && d.LogConfig.Level != "OFF"), op, a, "LogConfig.IncludeDetail")
	if d.DeadLetterConfig != nil && d.DeadLetterConfig.Arn != "" {
		r.flow(graph.DeadLetters, string(n.ID), d.DeadLetterConfig.Arn, "bus dead-letter queue", r.source(op, "DeadLetterConfig.Arn"), "")
	}
	for _, list := range r.each("ListRules") {
		if list.Subject != name {
			continue
		}
		for _, rule := range decode[struct{ Rules []eventRule }](list).Rules {
			if rule.ManagedBy != archiver {
				r.rule(n, rule)
			}
		}
	}
}

// archiver is the service that makes the rule by which an archive gets its events. Its
// target names no resource; the archive says itself which bus it keeps. Source: Amazon
// EventBridge User Guide, "Creating an archive", "managed rule".
const archiver = "prod.vhs.events.aws.internal"

type eventRule struct{ Name, Arn, EventPattern, ScheduleExpression, State, RoleArn, ManagedBy string }

func (r *Region) rule(bus *graph.Node, e eventRule) {
	const op = "ListRules"
	n := r.node(graph.Node{ID: graph.ID(e.Arn), Class: graph.EventRule, Kind: "events.rule", Type: "AWS::Events::Rule", Name: e.Name})
	x := &n.Facts
	enabled := e.State != "DISABLED"
	graph.StateOn.Set(x, enabled, r.source(op, "Rules[].State"))
	if e.ManagedBy != "" {
		graph.ManagedBy.Set(x, e.ManagedBy, r.source(op, "Rules[].ManagedBy"))
	}
	if e.EventPattern != "" {
		graph.EventPattern.Set(x, e.EventPattern, r.source(op, "Rules[].EventPattern"))
		addNames(n, "event pattern", patternPaths(e.EventPattern), r.source(op, "Rules[].EventPattern"))
		f := r.flow(graph.Delivers, string(bus.ID), e.Arn, "", r.source(op, "Rules[].EventPattern"), "")
		graph.Filtered.Set(&f.Facts, e.EventPattern, r.source(op, "Rules[].EventPattern"))
		graph.StateOn.Set(&f.Facts, enabled, r.source(op, "Rules[].State"))
	}
	if e.ScheduleExpression != "" {
		graph.ScheduleExpr.Set(x, e.ScheduleExpression, r.source(op, "Rules[].ScheduleExpression"))
		r.flow(graph.Triggers, string(graph.Schedule), e.Arn, "", r.source(op, "Rules[].ScheduleExpression"), e.ScheduleExpression)
	}
	if e.RoleArn != "" {
		r.flow(graph.Assumes, e.Arn, e.RoleArn, "", r.source(op, "Rules[].RoleArn"), "")
	}
	r.ruleTargets(n, r.answer("ListTargetsByRule", bus.Name+"/"+e.Name), enabled)
}

type ruleTarget struct {
	Id, Arn, RoleArn, InputPath string
	Input                       *Value
	DeadLetterConfig            *struct{ Arn string }
	InputTransformer            *struct {
		InputPathsMap map[string]string
		InputTemplate *Value
	}
}

func (r *Region) ruleTargets(n *graph.Node, a *Answer, enabled bool) {
	const op = "ListTargetsByRule"
	inputs := map[string]Value{}
	for _, t := range decode[struct{ Targets []ruleTarget }](a).Targets {
		f := r.flow(graph.Delivers, string(n.ID), t.Arn, t.Id, r.source(op, "Targets[].Arn"), "")
		graph.Asynchronous.Set(&f.Facts, true, r.source(op, "Targets[].Arn"))
		graph.StateOn.Set(&f.Facts, enabled, r.source("ListRules", "Rules[].State"))
		dlq := ""
		if t.DeadLetterConfig != nil && t.DeadLetterConfig.Arn != "" {
			dlq = t.DeadLetterConfig.Arn
			r.flow(graph.DeadLetters, string(n.ID), dlq, "dead-letter queue of "+t.Id, r.source(op, "Targets[].DeadLetterConfig.Arn"), "")
		}
		graph.FailureTarget.Set(&f.Facts, dlq, r.source(op, "Targets[].DeadLetterConfig.Arn"))
		switch {
		case t.Input != nil:
			inputs["input of target "+t.Id] = *t.Input
			graph.Transformed.SetNote(&f.Facts, []string{}, "a constant input replaces the event", r.source(op, "Targets[].Input"))
		case t.InputTransformer != nil:
			r.transformed(f, t.InputTransformer.InputPathsMap, t.InputTransformer.InputTemplate)
		case t.InputPath != "" && t.InputPath != "$":
			graph.Transformed.Set(&f.Facts, []string{t.InputPath}, r.source(op, "Targets[].InputPath"))
		}
		if t.RoleArn != "" {
			r.flow(graph.Assumes, string(n.ID), t.RoleArn, t.Id, r.source(op, "Targets[].RoleArn"), "")
		}
	}
	if a.OK() {
		r.lookedLike(n, inputs, r.source(op, "Targets[].Input"))
	}
}

// transformed notes which paths a transformer takes. A template may also take the whole
// event by a word of its own, so without it nothing is known.
func (r *Region) transformed(f *graph.Flow, variables map[string]string, template *Value) {
	src := r.source("ListTargetsByRule", "Targets[].InputTransformer.InputPathsMap")
	if template == nil || template.Paths == nil {
		graph.Transformed.Unknown(&f.Facts, "the template of the transformer was not read", src)
		return
	}
	paths := append(slices.Collect(maps.Values(variables)), template.Paths...)
	slices.Sort(paths)
	graph.Transformed.Set(&f.Facts, append([]string{}, slices.Compact(paths)...), src)
}

func (r *Region) archives() {
	const op = "DescribeArchive"
	for _, list := range r.each("ListArchives") {
		for _, x := range decode[struct {
			Archives []struct{ ArchiveName, EventSourceArn string }
		}](list).Archives {
			a := r.answer(op, x.ArchiveName)
			d := decode[struct {
				ArchiveArn, EventSourceArn, KmsKeyIdentifier string
				RetentionDays                                *int
			}](a)
			n := r.node(graph.Node{ID: graph.ID(r.arn("events", "archive/"+x.ArchiveName)), Class: graph.Archive, Kind: "events.archive", Type: "AWS::Events::Archive", Name: x.ArchiveName})
			setting(r, &n.Facts, graph.RetentionDays, d.RetentionDays, 0, op, a, "RetentionDays")
			src := r.source(op, "KmsKeyIdentifier")
			graph.ProviderEnforced.Set(&n.Facts, true, src)
			switch {
			case d.KmsKeyIdentifier != "":
				r.encrypted(n, "KMS", d.KmsKeyIdentifier, src)
			case a.OK():
				r.encryptedBy(n, "default", graph.KeyProviderOwned, "no key named: the service's own key", src)
			default:
				r.restUnknown(n, r.why(op, a), src)
			}
			r.flow(graph.Archives, x.EventSourceArn, string(n.ID), "", r.source("ListArchives", "Archives[].EventSourceArn"), "")
		}
	}
}

// destinations: an API destination is a node of its own with the address outside
// behind it. The service accepts HTTPS only.
func (r *Region) destinations() {
	const op = "ListApiDestinations"
	secrets := map[string]string{}
	for _, a := range r.each("DescribeConnection") {
		d := decode[struct{ ConnectionArn, SecretArn string }](a)
		secrets[d.ConnectionArn] = d.SecretArn
	}
	for _, list := range r.each(op) {
		for _, d := range decode[struct {
			ApiDestinations []struct{ ApiDestinationArn, Name, InvocationEndpoint, HttpMethod, ConnectionArn string }
		}](list).ApiDestinations {
			n := r.node(graph.Node{
				ID: graph.ID(d.ApiDestinationArn), Class: graph.ExternalEndpoint, Kind: "events.api_destination", Type: "AWS::Events::ApiDestination", Name: d.Name,
				Aliases: []string{withoutUUID(d.ApiDestinationArn)},
			})
			graph.Endpoint.Set(&n.Facts, d.InvocationEndpoint, r.source(op, "ApiDestinations[].InvocationEndpoint"))
			f := r.flow(graph.Delivers, d.ApiDestinationArn, d.InvocationEndpoint, d.HttpMethod, r.source(op, "ApiDestinations[].InvocationEndpoint"), d.HttpMethod)
			verdict, why := byScheme(d.InvocationEndpoint)
			graph.InTransit.SetNote(&f.Facts, verdict, why, r.source(op, "ApiDestinations[].InvocationEndpoint"))
			graph.ProtocolName.Set(&f.Facts, strings.SplitN(d.InvocationEndpoint, ":", 2)[0], r.source(op, "ApiDestinations[].InvocationEndpoint"))
			if s := secrets[d.ConnectionArn]; s != "" {
				r.flow(graph.UsesSecret, d.ApiDestinationArn, s, "connection", r.source("DescribeConnection", "SecretArn"), "")
			}
		}
	}
}

// withoutUUID drops the id AWS adds to the ARN of an API destination.
func withoutUUID(arn string) string {
	i := strings.LastIndexByte(arn, '/')
	if i > 0 && uuidPattern.MatchString(arn[i+1:]) {
		return arn[:i]
	}
	return ""
}
