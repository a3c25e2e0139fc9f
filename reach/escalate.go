package reach

import (
	"slices"
	"strings"

	"github.com/flowdeed/flowdeed/graph"
	"github.com/flowdeed/flowdeed/iam"
)

// escalators are those who can get the rights of a principal by a rule. Each principal
// comes once, with the rule that asks for least. Sorted by who.
func (f *Finder) escalators(target string) []edge {
	if list, ok := f.onto[target]; ok {
		return list
	}
	h := f.holders[target]
	var out []edge
	if h != nil {
		works := f.workloads(target)
		for _, from := range f.byAccount[h.Principal.Account] {
			if from == h {
				continue
			}
			if e, ok := f.escalation(callerOf(from), h, works); ok {
				out = append(out, e)
			}
		}
	}
	f.onto[target] = out
	return out
}

// workloads are what runs under a role, sorted.
func (f *Finder) workloads(role string) []string {
	var out []string
	for _, fl := range f.graph.In(graph.ID(role)) {
		if fl.Kind == graph.Assumes && strings.HasPrefix(string(fl.From), "arn:") {
			out = append(out, string(fl.From))
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// escalation finds the best rule by which one becomes the other.
func (f *Finder) escalation(c caller, target *iam.Holder, works []string) (best edge, ok bool) {
	try := func(r *Rule, on string) {
		d, how := f.meets(c, r, target, on)
		if d.Outcome.Reaches() && rank(d.Outcome) > rank(best.Outcome) {
			best = edge{from: c, to: target.Principal.ARN, how: how, rule: r, on: on, Decision: d}
		}
	}
	if c.holder == nil {
		return edge{}, false
	}
	may := f.plausible(c)
	for _, r := range becomeRules {
		if may[r] && r.user == (target.Principal.Kind == iam.User) && !ofAWS(target) {
			try(r, "")
		}
	}
	if target.Principal.Kind == iam.Role {
		for _, r := range workloadRules {
			for _, w := range works {
				if may[r] && r.takes(w) {
					try(r, w)
				}
			}
		}
		if f.mayEverPass(c, target.Principal.ARN) {
			for _, r := range passRules {
				if may[r] && f.trusts(target, r.pass) {
					try(r, "")
				}
			}
		}
	}
	return best, best.rule != nil
}

// plausible are the rules whose permissions the caller's policies mention at all.
func (f *Finder) plausible(c caller) map[*Rule]bool {
	key := c.principal.ARN
	if c.lift != nil {
		key += " lifted"
	}
	if m, ok := f.mayRules[key]; ok {
		return m
	}
	m := map[*Rule]bool{}
	for _, r := range allRules {
		m[r] = c.lift != nil || f.mentionsAll(c.holder, r)
	}
	f.mayRules[key] = m
	return m
}

func (f *Finder) mentionsAll(h *iam.Holder, r *Rule) bool {
	for _, n := range r.needs {
		if !f.could(h, n.action, "*") {
			return false
		}
	}
	return r.pass == "" || f.could(h, "iam:PassRole", "*")
}

func (f *Finder) mayEverPass(c caller, role string) bool {
	return c.lift != nil || f.could(c.holder, "iam:PassRole", role)
}

func serviceOf(arn string) string {
	parts := strings.SplitN(arn, ":", 4)
	if len(parts) < 4 {
		return ""
	}
	return parts[2]
}

// takes tells whether a rule is about a workload.
func (r *Rule) takes(workload string) bool {
	service, begin, _ := strings.Cut(r.service, " ")
	parts := strings.SplitN(workload, ":", 6)
	return serviceOf(workload) == service && len(parts) == 6 && strings.HasPrefix(parts[5], begin)
}

// trusts tells whether a role can be used by a service.
func (f *Finder) trusts(role *iam.Holder, service string) bool {
	if role.Trust == nil {
		return false
	}
	key := [2]string{role.Principal.ARN, service}
	is, known := f.trusted[key]
	if a := f.assets[role.Principal.ARN]; !known && a != nil {
		is = f.decide(caller{principal: iam.Principal{Kind: iam.Service, ARN: service}}, a, iam.DataAction{Action: "sts:AssumeRole"}).Outcome.Reaches()
		f.trusted[key] = is
	}
	return is
}

// meets weighs all permissions a rule takes: the answer is the weakest of them, under
// the conditions of all.
func (f *Finder) meets(c caller, r *Rule, target *iam.Holder, workload string) (iam.Decision, string) {
	total := iam.Decision{Outcome: iam.Allowed}
	var words []string
	weigh := func(d iam.Decision) bool {
		total = and(total, d)
		return d.Outcome.Reaches()
	}
	if r.pass != "" {
		if !weigh(f.decideWith(c, target.Principal.ARN, "iam:PassRole", map[string]iam.Value{"iam:PassedToService": iam.One(r.pass)})) {
			return total, ""
		}
		words = append(words, "iam:PassRole")
	}
	for _, n := range r.needs {
		var d iam.Decision
		for i, on := range f.objects(c, n, target, workload) {
			if x := f.decideWith(c, on, n.action, nil); i == 0 || rank(x.Outcome) > rank(d.Outcome) {
				d = x
			}
		}
		if !weigh(d) {
			return total, ""
		}
		words = append(words, n.action)
	}
	how := strings.Join(words, " and ")
	if workload != "" {
		how += " on " + workload
	}
	return total, how
}

// objects are the ARNs a permission is asked on; one that is allowed suffices.
func (f *Finder) objects(c caller, n need, target *iam.Holder, workload string) []string {
	switch n.object {
	case onTarget:
		return []string{target.Principal.ARN}
	case onWorkload:
		return []string{workload}
	case onGroup:
		return []string{workload}
	case onSelf:
		return []string{c.principal.ARN}
	case onGroups:
		return c.holder.Groups
	case onPolicies:
		return managedPolicies(c.holder)
	case onTargets:
		return managedPolicies(target)
	}
	if n.on == "*" {
		return []string{"*"}
	}
	service, rest, _ := strings.Cut(n.on, " ")
	return []string{"arn:aws:" + service + ":*:" + c.principal.Account + ":" + rest}
}

// managedPolicies are the policies of a principal that its account manages.
func managedPolicies(h *iam.Holder) []string {
	var out []string
	for _, p := range h.Policies {
		arn, _, _ := strings.Cut(p.ID, " ")
		if strings.Contains(arn, ":policy/") && !strings.Contains(arn, ":iam::aws:") {
			out = append(out, arn)
		}
	}
	return out
}

// and joins two decisions that must both come out well.
func and(x, y iam.Decision) iam.Decision {
	switch {
	case !x.Outcome.Reaches():
		return x
	case !y.Outcome.Reaches():
		return y
	}
	out := y
	out.Because = append(slices.Clone(x.Because), y.Because...)
	switch {
	case x.Outcome == iam.Allowed && y.Outcome == iam.Allowed:
	case x.Outcome == iam.Allowed:
		out.If = y.If
	case y.Outcome == iam.Allowed:
		out.Outcome, out.If = iam.AllowedIf, x.If
	default:
		out.If = both(x.If, y.If)
	}
	return out
}

// supposed is a policy that somebody could write: for himself, or on a store.
func supposed(principal, id string) *iam.Policy {
	p, err := iam.ParsePolicy(`{"Version":"2012-10-17","Statement":[{"Effect":"Allow",` + principal + `"Action":"*","Resource":"*"}]}`)
	if err != nil {
		return &iam.Policy{ID: id}
	}
	return p.Named(id)
}
