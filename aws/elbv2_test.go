package aws_test

import (
	"strings"
	"testing"

	"github.com/flowdeed/flowdeed/aws"
	"github.com/flowdeed/flowdeed/graph"
)

// TestLoadBalancerClients: what the listeners of a load balancer say together about
// clients. The weakest counts, and what was not read is never taken for good.
func TestLoadBalancerClients(t *testing.T) {
	const lb, listener = "arn:aws:elasticloadbalancing:eu-west-1:111111111111:loadbalancer/app/x/1", "arn:aws:elasticloadbalancing:eu-west-1:111111111111:listener/app/x/1/"
	https := func(id, policy string) string {
		return `{"ListenerArn":"` + listener + id + `","Protocol":"HTTPS","Port":443,"SslPolicy":"` + policy + `","DefaultActions":[{"Type":"forward"}]}`
	}
	http := func(id, action string) string {
		return `{"ListenerArn":"` + listener + id + `","Protocol":"HTTP","Port":80,"DefaultActions":[` + action + `]}`
	}
	const redirect, forward = `{"Type":"redirect","RedirectConfig":{"Protocol":"HTTPS"}}`, `{"Type":"forward"}`
	rules := func(id, actions string) aws.Answer {
		return said("elbv2:DescribeRules", listener+id, `{"Rules":[{"Actions":[`+actions+`]}]}`)
	}
	const current, old = "ELBSecurityPolicy-TLS13-1-2-2021-06", "ELBSecurityPolicy-2016-08"
	for _, x := range []struct {
		name      string
		listeners []string
		more      []aws.Answer
		transit   string // "" for not known
		minimum   string
	}{
		{"TLS", []string{https("a", current)}, nil, "enforced", "1.2"},
		{"two policies", []string{https("a", current), https("b", old)}, nil, "enforced", "1.0"},
		{"a policy nobody listed", []string{https("a", current), https("b", "ours")}, nil, "enforced", ""},
		{"a policy nobody listed, last", []string{https("a", "ours"), https("b", current)}, nil, "enforced", ""},
		{"a policy nobody listed beside an old one", []string{https("a", "ours"), https("b", old)}, nil, "enforced", "1.0"},
		{"forwards in clear", []string{https("a", current), http("b", forward)}, nil, "plaintext", "1.2"},
		{"redirects", []string{https("a", current), http("b", redirect)}, []aws.Answer{rules("b", redirect)}, "enforced", "1.2"},
		{"redirects, but one rule forwards", []string{https("a", current), http("b", redirect)}, []aws.Answer{rules("b", redirect+","+forward)}, "plaintext", "1.2"},
		{"redirects, rules refused", []string{https("a", current), http("b", redirect)}, []aws.Answer{refusedCall("elbv2:DescribeRules", listener+"b")}, "", "1.2"},
		{"redirects, rules refused, beside a clear one", []string{http("a", forward), http("b", redirect)}, []aws.Answer{refusedCall("elbv2:DescribeRules", listener+"b")}, "plaintext", ""},
	} {
		answers := append([]aws.Answer{
			said("elbv2:DescribeListeners", lb, `{"Listeners":[`+strings.Join(x.listeners, ",")+`]}`),
			said("elbv2:DescribeLoadBalancers", "", `{"LoadBalancers":[{"LoadBalancerArn":"`+lb+`","LoadBalancerName":"x","Scheme":"internal"}]}`),
		}, x.more...)
		n := built(answersOf("elbv2", answers...)).Node(lb)
		transit, minimum := graph.ClientTransit.Get(&n.Facts), graph.TLSMinimum.Get(&n.Facts)
		if string(transit.V) != x.transit || transit.Known != (x.transit != "") {
			t.Errorf("%s: transit %q (known %v), want %q", x.name, transit.V, transit.Known, x.transit)
		}
		if minimum.V != x.minimum || minimum.Known != (x.minimum != "") {
			t.Errorf("%s: lowest TLS %q (known %v), want %q", x.name, minimum.V, minimum.Known, x.minimum)
		}
	}
}
