package aws

import (
	"context"
	"fmt"
	"slices"
	"strings"

	awssdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"

	"github.com/flowdeed/flowdeed/graph"
)

var elbv2Service = &Service{
	Name: "elbv2",
	Doc:  "Load balancers: listeners, TLS policy, targets and access logs.",
	Calls: []Call{
		{Operation: "DescribeLoadBalancers", Action: "elasticloadbalancing:DescribeLoadBalancers"},
		{Operation: "DescribeListeners", Action: "elasticloadbalancing:DescribeListeners"},
		{Operation: "DescribeRules", Action: "elasticloadbalancing:DescribeRules"},
		{Operation: "DescribeTargetGroups", Action: "elasticloadbalancing:DescribeTargetGroups"},
		{Operation: "DescribeTargetHealth", Action: "elasticloadbalancing:DescribeTargetHealth"},
		{Operation: "DescribeLoadBalancerAttributes", Action: "elasticloadbalancing:DescribeLoadBalancerAttributes"},
	},
	Collect: collectELB,
	Build:   buildELB,
}

func collectELB(ctx context.Context, c *Collector) {
	api := elasticloadbalancingv2.NewFromConfig(c.Config)
	var balancers []string
	for _, p := range pages(ctx, c, "DescribeLoadBalancers", "", elasticloadbalancingv2.NewDescribeLoadBalancersPaginator(api, &elasticloadbalancingv2.DescribeLoadBalancersInput{})) {
		for _, b := range p.LoadBalancers {
			balancers = append(balancers, awssdk.ToString(b.LoadBalancerArn))
		}
	}
	if len(balancers) == 0 {
		return
	}
	each(ctx, balancers, func(arn string) {
		ask(ctx, c, "DescribeLoadBalancerAttributes", arn, api.DescribeLoadBalancerAttributes, &elasticloadbalancingv2.DescribeLoadBalancerAttributesInput{LoadBalancerArn: awssdk.String(arn)})
		for _, p := range pages(ctx, c, "DescribeListeners", arn, elasticloadbalancingv2.NewDescribeListenersPaginator(api, &elasticloadbalancingv2.DescribeListenersInput{LoadBalancerArn: awssdk.String(arn)})) {
			for _, l := range p.Listeners {
				pages(ctx, c, "DescribeRules", awssdk.ToString(l.ListenerArn), elasticloadbalancingv2.NewDescribeRulesPaginator(api, &elasticloadbalancingv2.DescribeRulesInput{ListenerArn: l.ListenerArn}))
			}
		}
	})
	for _, p := range pages(ctx, c, "DescribeTargetGroups", "", elasticloadbalancingv2.NewDescribeTargetGroupsPaginator(api, &elasticloadbalancingv2.DescribeTargetGroupsInput{})) {
		for _, g := range p.TargetGroups {
			ask(ctx, c, "DescribeTargetHealth", awssdk.ToString(g.TargetGroupArn), api.DescribeTargetHealth, &elasticloadbalancingv2.DescribeTargetHealthInput{TargetGroupArn: g.TargetGroupArn})
		}
	}
}

type lbAction struct {
	Type, TargetGroupArn string
	ForwardConfig        *struct {
		TargetGroups []struct{ TargetGroupArn string }
	}
	RedirectConfig *struct{ Protocol string }
}

func (a lbAction) groups() []string {
	out := []string{a.TargetGroupArn}
	if a.ForwardConfig != nil {
		for _, g := range a.ForwardConfig.TargetGroups {
			out = append(out, g.TargetGroupArn)
		}
	}
	slices.Sort(out)
	return slices.DeleteFunc(slices.Compact(out), func(s string) bool { return s == "" })
}

func (a lbAction) authenticates() bool { return strings.HasPrefix(a.Type, "authenticate-") }

type lbListener struct {
	ListenerArn, Protocol, SslPolicy string
	Port                             int
	DefaultActions                   []lbAction
	MutualAuthentication             *struct{ Mode string }
}

func buildELB(r *Region) {
	const op = "DescribeLoadBalancers"
	for _, list := range r.each(op) {
		for _, b := range decode[struct {
			LoadBalancers []struct{ LoadBalancerArn, LoadBalancerName, DNSName, Scheme, VpcId string }
		}](list).LoadBalancers {
			n := r.node(graph.Node{
				ID: graph.ID(b.LoadBalancerArn), Class: graph.LoadBalancer, Kind: "elbv2.load_balancer", Type: "AWS::ElasticLoadBalancingV2::LoadBalancer",
				Name: b.LoadBalancerName, Aliases: []string{strings.ToLower(b.DNSName)},
			})
			facing := b.Scheme == "internet-facing"
			fact(r, &n.Facts, graph.InternetFacing, when(b.Scheme != "", facing), op, list, "LoadBalancers[].Scheme")
			graph.VPCID.Set(&n.Facts, b.VpcId, r.source(op, "LoadBalancers[].VpcId"))
			r.lbListeners(n, facing)
			r.lbLogs(n)
		}
	}
}

// lbListeners joins the listeners of a load balancer: the weakest client leg counts.
func (r *Region) lbListeners(n *graph.Node, facing bool) {
	const op = "DescribeListeners"
	a := r.answer(op, string(n.ID))
	src := r.source(op, "Listeners[].Protocol")
	if !a.OK() {
		graph.ClientTransit.Unknown(&n.Facts, r.why(op, a), src)
		graph.TLSMinimum.Unknown(&n.Facts, r.why(op, a), r.source(op, "Listeners[].SslPolicy"))
	}
	worst, why := graph.TransitEnforced, ""
	listeners := decode[struct{ Listeners []lbListener }](a).Listeners
	for _, l := range listeners {
		verdict, unread := r.listenerTransit(l)
		switch {
		case verdict == graph.TransitPlain:
			worst = verdict
		case verdict == graph.TransitUnknown && worst != graph.TransitPlain:
			worst, why = verdict, unread
		}
		r.lbRoutes(n, l, facing, verdict)
	}
	switch {
	case !a.OK():
	case worst == graph.TransitUnknown:
		graph.ClientTransit.Unknown(&n.Facts, why, src)
	default:
		graph.ClientTransit.Set(&n.Facts, worst, src)
	}
	r.lbPolicies(n, listeners)
}

// lbPolicies joins the TLS policies of the listeners: the oldest version counts. One
// that is not in the table may admit an older one than the others do.
func (r *Region) lbPolicies(n *graph.Node, listeners []lbListener) {
	src := r.source("DescribeListeners", "Listeners[].SslPolicy")
	lowest, unlisted := "", ""
	for _, l := range listeners {
		if l.Protocol != "HTTPS" && l.Protocol != "TLS" {
			continue
		}
		switch v := elbTLS(l.SslPolicy); {
		case v == "":
			unlisted = l.SslPolicy
		case lowest == "" || v < lowest:
			lowest = v
		}
	}
	switch {
	case unlisted != "" && (lowest == "" || lowest >= "1.2"):
		graph.TLSMinimum.Unknown(&n.Facts, "policy "+unlisted+" is not in the table of TLS policies", src)
	case lowest != "":
		graph.TLSMinimum.Set(&n.Facts, lowest, src)
	}
}

// listenerTransit: HTTP of which every action, that of every rule too, redirects to
// HTTPS carries no data. For a verdict that is not known it says why.
func (r *Region) listenerTransit(l lbListener) (verdict graph.Transit, why string) {
	if l.Protocol == "HTTPS" || l.Protocol == "TLS" {
		return graph.TransitEnforced, ""
	}
	if len(l.DefaultActions) == 0 || !onlyRedirects(l.DefaultActions) {
		return graph.TransitPlain, ""
	}
	const op = "DescribeRules"
	rules := r.answer(op, l.ListenerArn)
	for _, x := range decode[lbRules](rules).Rules {
		if !onlyRedirects(x.Actions) {
			return graph.TransitPlain, ""
		}
	}
	if !known(rules) {
		return graph.TransitUnknown, r.why(op, rules)
	}
	return graph.TransitEnforced, ""
}

type lbRules struct {
	Rules []struct{ Actions []lbAction }
}

func onlyRedirects(list []lbAction) bool {
	return !slices.ContainsFunc(list, func(a lbAction) bool { return a.RedirectConfig == nil || a.RedirectConfig.Protocol != "HTTPS" })
}

// elbTLS reads the lowest TLS version out of the name of a policy.
// Source: Elastic Load Balancing, "Security policies for your Application Load Balancer".
func elbTLS(policy string) string {
	switch {
	case policy == "":
		return ""
	case strings.HasPrefix(policy, "ELBSecurityPolicy-TLS13-1-"):
		return "1." + policy[len("ELBSecurityPolicy-TLS13-1-"):][:1]
	case strings.HasPrefix(policy, "ELBSecurityPolicy-TLS-1-2"), strings.HasPrefix(policy, "ELBSecurityPolicy-FS-1-2"):
		return "1.2"
	case strings.HasPrefix(policy, "ELBSecurityPolicy-TLS-1-1"), strings.HasPrefix(policy, "ELBSecurityPolicy-FS-1-1"):
		return "1.1"
	case policy == "ELBSecurityPolicy-2016-08", policy == "ELBSecurityPolicy-2015-05", policy == "ELBSecurityPolicy-TLS-1-0-2015-04", policy == "ELBSecurityPolicy-FS-2018-06":
		return "1.0"
	}
	return ""
}

// lbRoutes draws who comes in through a listener and where it leads.
func (r *Region) lbRoutes(n *graph.Node, l lbListener, facing bool, verdict graph.Transit) {
	via := fmt.Sprintf("%s %d", l.Protocol, l.Port)
	actions := slices.Clone(l.DefaultActions)
	rules := r.answer("DescribeRules", l.ListenerArn)
	for _, x := range decode[lbRules](rules).Rules {
		actions = append(actions, x.Actions...)
	}
	if facing {
		f := r.flow(graph.Exposes, string(graph.Internet), string(n.ID), via, r.source("DescribeListeners", "Listeners[].Protocol"), "")
		if src := r.source("DescribeListeners", "Listeners[].Protocol"); verdict == graph.TransitUnknown {
			graph.InTransit.Unknown(&f.Facts, r.why("DescribeRules", rules), src)
		} else {
			graph.InTransit.Set(&f.Facts, verdict, src)
		}
		auth := graph.AuthNone
		switch {
		case l.MutualAuthentication != nil && l.MutualAuthentication.Mode == "verify":
			auth = graph.AuthMTLS
		case len(actions) > 0 && slices.ContainsFunc(actions, lbAction.authenticates):
			auth = graph.AuthToken
		}
		graph.EntryAuth.Set(&f.Facts, auth, r.source("DescribeListeners", "Listeners[].DefaultActions[].Type"))
	}
	for _, a := range actions {
		for _, g := range a.groups() {
			r.lbTargets(n, g, via)
		}
	}
}

func (r *Region) lbTargets(n *graph.Node, group, via string) {
	protocol, targetType := "", ""
	for _, a := range r.each("DescribeTargetGroups") {
		for _, g := range decode[struct {
			TargetGroups []struct{ TargetGroupArn, Protocol, TargetType string }
		}](a).TargetGroups {
			if g.TargetGroupArn == group {
				protocol, targetType = g.Protocol, g.TargetType
			}
		}
	}
	for _, t := range decode[struct {
		TargetHealthDescriptions []struct{ Target *struct{ Id string } }
	}](r.answer("DescribeTargetHealth", group)).TargetHealthDescriptions {
		if t.Target == nil || targetType != "lambda" && targetType != "alb" {
			continue // addresses and instances are not nodes of the map
		}
		f := r.flow(graph.RoutesTo, string(n.ID), t.Target.Id, via, r.source("DescribeTargetHealth", "TargetHealthDescriptions[].Target.Id"), "")
		if targetType != "lambda" {
			verdict := graph.TransitPlain
			if protocol == "HTTPS" || protocol == "TLS" {
				verdict = graph.TransitEnforced
			}
			graph.InTransit.Set(&f.Facts, verdict, r.source("DescribeTargetGroups", "TargetGroups[].Protocol"))
		}
	}
}

func (r *Region) lbLogs(n *graph.Node) {
	const op = "DescribeLoadBalancerAttributes"
	a := r.answer(op, string(n.ID))
	attr := keyValues(decode[struct{ Attributes []keyValue }](a).Attributes)
	enabled := attr["access_logs.s3.enabled"] == "true"
	targets := []string{}
	if enabled && attr["access_logs.s3.bucket"] != "" {
		bucket := ARN{r.Partition, "s3", "", "", attr["access_logs.s3.bucket"]}.String()
		targets = append(targets, bucket)
		r.flow(graph.LogsTo, string(n.ID), bucket, "access log", r.source(op, "Attributes[].Value"), "")
	}
	fact(r, &n.Facts, graph.LoggingOn, when(a.OK(), enabled), op, a, "Attributes[].Value")
	fact(r, &n.Facts, graph.LogTargets, when(a.OK(), targets), op, a, "Attributes[].Value")
}
