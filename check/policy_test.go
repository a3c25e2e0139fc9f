package check

import "github.com/flowdeed/flowdeed/graph"

const deadGuard = "arn:aws:iam::111111111111:policy/p v1 Guard: StringLike s3:prefix never denies"

var policyTrials = []trial{
	{"policy.dead_condition", "alive", "r", Pass, 0, "no condition", func(s *scene) { s.node("r", graph.Principal, with(graph.DeadConditions, []string{})) }},
	{"policy.dead_condition", "dead", "r", Fail, Low, "guards nothing: " + deadGuard, func(s *scene) { s.node("r", graph.Principal, with(graph.DeadConditions, []string{deadGuard})) }},
	{"policy.dead_condition", "dead, at health data", "b", Fail, High, "never denies", func(s *scene) {
		s.node("b", graph.Bucket, with(graph.HasPolicy, true), with(graph.DeadConditions, []string{deadGuard}))
		s.holds("b", health)
	}},
	{"policy.dead_condition", "not read", "b", Unknown, 0, "refused", func(s *scene) { s.node("b", graph.Bucket, without(graph.HasPolicy), without(graph.DeadConditions)) }},
	{"policy.dead_condition", "nothing known of a role", "r", Unknown, 0, "dead_conditions", func(s *scene) { s.node("r", graph.Principal) }},
	{"policy.dead_condition", "no policy", "b", NotApplicable, 0, "has no policy", func(s *scene) {
		s.node("b", graph.Bucket, with(graph.HasPolicy, false), with(graph.DeadConditions, []string{}))
	}},
	{"policy.dead_condition", "kind without a policy", "b", NotApplicable, 0, "no policy is read", func(s *scene) { s.node("b", graph.EventBus) }},
	{"policy.dead_condition", "role of a service", "r", NotApplicable, 0, "AWS keeps", func(s *scene) {
		s.node("r", graph.Principal, with(graph.ManagedBy, "AWS"), with(graph.DeadConditions, []string{deadGuard}))
	}},
}
