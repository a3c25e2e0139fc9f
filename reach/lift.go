package reach

import (
	"slices"
	"strings"

	"github.com/flowdeed/flowdeed/iam"
)

// lifts are the users and roles of an account that can give themselves permissions, with
// the rule: every permission, or those of a group. Sorted by who.
func (f *Finder) lifts(account string) []edge {
	if list, ok := f.lifted[account]; ok {
		return list
	}
	var out []edge
	for _, h := range f.byAccount[account] {
		best, ok := f.selfLift(h)
		if ok {
			out = append(out, best)
		}
		if best.Outcome != iam.Allowed { // who has everything gains nothing by a group
			out = append(out, f.joins(h)...)
		}
	}
	f.lifted[account] = out
	return out
}

// everything is the policy that somebody gives to a principal.
func everything() []*iam.Policy { return []*iam.Policy{supposed("", "policy it gives itself")} }

// selfLift is the best rule by which a principal gives itself every permission.
func (f *Finder) selfLift(h *iam.Holder) (best edge, ok bool) {
	c := callerOf(h)
	may := f.plausible(c)
	for _, r := range liftRules {
		if !may[r] || !r.either() && r.user != (h.Principal.Kind == iam.User) {
			continue
		}
		d, how := f.meets(c, r, h, "")
		if d.Outcome.Reaches() && rank(d.Outcome) > rank(best.Outcome) {
			best = edge{from: c, to: h.Principal.ARN, how: how + " on itself", rule: r, Decision: d}
		}
	}
	if best.rule == nil {
		return best, false
	}
	best.as = c
	best.as.lift = everything()
	return best, true
}

// joins are the groups that a user can put itself into, with what it is then.
func (f *Finder) joins(h *iam.Holder) (out []edge) {
	c := callerOf(h)
	may := f.plausible(c)
	if h.Principal.Kind != iam.User {
		return nil
	}
	for _, r := range joinRules {
		if !may[r] {
			continue
		}
		for _, g := range f.world.Groups {
			if g.Account != h.Principal.Account || slices.Contains(h.Groups, g.ARN) || len(g.Policies) == 0 || g.Missing != "" {
				continue
			}
			if d, how := f.meets(c, r, h, g.ARN); d.Outcome.Reaches() {
				e := edge{from: c, to: h.Principal.ARN, how: how, rule: r, on: g.ARN, as: c, Decision: d}
				e.as.lift = g.Policies
				out = append(out, e)
			}
		}
	}
	return out
}

// raisers are the principals of an account whose policies mention a rule by which
// somebody else is given every permission.
func (f *Finder) raisers(account string) []*iam.Holder {
	list, ok := f.raising[account]
	if !ok {
		list = []*iam.Holder{}
		for _, h := range f.byAccount[account] {
			may := f.plausible(callerOf(h))
			if slices.ContainsFunc(raiseRules, func(r *Rule) bool { return may[r] }) {
				list = append(list, h)
			}
		}
		f.raising[account] = list
	}
	return list
}

// raise is the best way in which one gives the other every permission and then becomes
// it.
func (f *Finder) raise(from, target *iam.Holder) (best edge, ok bool) {
	key := [2]*iam.Holder{from, target}
	if e, known := f.raised[key]; known {
		return e, e.rule != nil
	}
	c := callerOf(from)
	may := f.plausible(c)
	for _, r := range raiseRules {
		if !may[r] || !r.either() && r.user != (target.Principal.Kind == iam.User) || from == target || ofAWS(target) {
			continue
		}
		if d, how := f.meets(c, r, target, ""); d.Outcome.Reaches() && rank(d.Outcome) > rank(best.Outcome) {
			best = edge{from: c, to: target.Principal.ARN, how: how, rule: r, Decision: d}
		}
	}
	if best.rule != nil {
		best = f.raisedBy(best, target)
	}
	f.raised[key] = best
	return best, best.rule != nil
}

// ofAWS tells whether a role is changed by AWS alone: it belongs to a service, or to IAM
// Identity Center (IAM User Guide, "Service-linked roles", "Referencing permission sets in
// resource policies").
func ofAWS(h *iam.Holder) bool {
	return strings.Contains(h.Principal.ARN, ":role/aws-service-role/") || strings.Contains(h.Principal.ARN, ":role/aws-reserved/")
}

// raisedBy adds how the principal becomes whom it gave the permissions to; without a way
// the edge leads nowhere.
func (f *Finder) raisedBy(e edge, target *iam.Holder) edge {
	by, ok := f.escalation(e.from, target, f.workloads(target.Principal.ARN))
	if a := f.assets[target.Principal.ARN]; a != nil && target.Principal.Kind == iam.Role {
		if d := f.assume(e.from, a); d.Outcome.Reaches() && (!ok || rank(d.Outcome) >= rank(by.Outcome)) {
			by, ok = edge{from: e.from, to: e.to, how: assumes, Decision: d}, true
		}
	}
	if !ok {
		return edge{}
	}
	e.Decision = and(e.Decision, by.Decision)
	if by.rule == nil {
		e.how += " and sts:AssumeRole"
	} else {
		e.how += " and " + by.how
	}
	e.by = &by
	e.as = callerOf(target)
	e.as.lift = everything()
	return e
}
