package reach

import (
	"fmt"
	"maps"
	"slices"

	"github.com/flowdeed/flowdeed/graph"
	"github.com/flowdeed/flowdeed/iam"
	"github.com/flowdeed/flowdeed/reach/proof"
)

// escalation proves a step by a rule: every permission it takes, and the trust of a role
// that is handed over.
func (c *Certifier) escalation(s *proof.Step, of *Step) error {
	s.Kind, s.Rule, s.Workload, s.Lifted = "escalation", of.Rule, of.on, false
	r, target := ruleNamed(of.Rule), c.finder.Holder(s.Becomes)
	if r == nil || target == nil {
		return fmt.Errorf("%w: nothing is known of the rule %s, or of %s", ErrUnproven, of.Rule, s.Becomes)
	}
	if r.pass != "" {
		if err := c.handOver(s, s.Becomes, r.pass); err != nil {
			return err
		}
	}
	for _, n := range r.needs {
		if err := c.permission(s, n.action, nil, c.finder.objects(c.caller(s.Principal), n, target, of.on)...); err != nil {
			return err
		}
	}
	if len(of.by) == 0 {
		return nil
	}
	by := proof.Step{Principal: s.Principal, Asset: s.Becomes, Becomes: s.Becomes}
	err := c.hop(&by, &of.by[0], nil)
	s.Requires = append(s.Requires, by)
	return err
}

func ruleNamed(id string) *Rule {
	for _, r := range allRules {
		if r.ID == id {
			return r
		}
	}
	return nil
}

// handOver proves that the principal of a step may hand a role to a service that the
// role trusts.
func (c *Certifier) handOver(s *proof.Step, role, service string) error {
	if err := c.permission(s, "iam:PassRole", map[string][]string{"iam:PassedToService": {service}}, role); err != nil {
		return err
	}
	trust := proof.Step{Principal: service, Asset: role}
	if err := c.assume(&trust); err != nil {
		return err
	}
	s.Requires = append(s.Requires, trust)
	return nil
}

// permission proves one permission of the principal of a step, on the object where it
// is given best.
func (c *Certifier) permission(s *proof.Step, action string, given map[string][]string, objects ...string) error {
	more := map[string]iam.Value{}
	for k, v := range given {
		more[k] = iam.One(v[0])
	}
	var best iam.Decision
	on := ""
	for i, object := range objects {
		if d := c.finder.decideWith(c.caller(s.Principal), object, action, more); i == 0 || rank(d.Outcome) > rank(best.Outcome) {
			best, on = d, object
		}
	}
	need := proof.Step{Kind: "permission", Principal: s.Principal, Asset: on}
	all := map[string][]string{"aws:SecureTransport": {"true"}}
	maps.Copy(all, given)
	g, err := Grants(c.checker, Question{Principal: s.Principal, Asset: on, Action: action, Given: all, Step: need}, best)
	need.Grants = g
	s.Requires = append(s.Requires, need)
	return err
}

// opening proves a step by which somebody opens a store or copies its data out.
func (c *Certifier) opening(s *proof.Step, of *Step, access []iam.Access) error {
	i := slices.IndexFunc(openings, func(o Opening) bool { return o.Action == of.Rule })
	if i < 0 {
		return fmt.Errorf("%w: nothing is known of %s", ErrUnproven, of.Rule)
	}
	s.Kind, s.Rule = "opening", of.Rule
	o := &openings[i]
	if err := c.step(s, []iam.DataAction{o.on(s.Asset)}); err != nil {
		return err
	}
	for _, n := range o.needs {
		about := &search{Finder: c.finder, asset: c.finder.Asset(s.Asset)}
		if err := c.permission(s, n.action, nil, about.object(c.caller(s.Principal), n)); err != nil {
			return err
		}
	}
	add := func(who string, opened, listed bool) error {
		use := proof.Step{Kind: "access", Principal: who, Asset: s.Asset, Opened: opened, Listed: listed}
		err := c.step(&use, c.actions(s.Asset, access))
		s.Requires = append(s.Requires, use)
		return err
	}
	if o.Lists {
		if err := add(anyAccount, false, true); err != nil {
			return err
		}
	}
	if o.Key {
		if err := add(s.Principal, true, false); err != nil {
			return err
		}
	}
	if o.Pass == "" {
		return nil
	}
	if err := c.handOver(s, of.on, o.Pass); err != nil {
		return err
	}
	return add(of.on, false, false)
}

// flow proves a step along a flow, and what a role behind the last one may do.
func (c *Certifier) flow(s *proof.Step, of *Step, access []iam.Access) error {
	s.Kind, s.Flow = "flow", c.flows[of.flow.ID()]
	if s.Flow == nil {
		return fmt.Errorf("%w: the inventory has no flow %s", ErrUnproven, of.flow.ID())
	}
	asset := c.finder.Asset(s.Asset)
	if s.Becomes != "" || asset == nil {
		return nil
	}
	for _, role := range c.finder.rolesOf(graph.ID(s.Principal)) {
		var may []iam.Access
		for _, x := range access {
			if d, asked := c.finder.access(callerOf(role), asset, x); x != iam.Invoke && asked && d.Outcome.Reaches() {
				may = append(may, x)
			}
		}
		if len(may) == 0 {
			continue
		}
		use := proof.Step{Kind: "access", Principal: role.Principal.ARN, Asset: s.Asset}
		if err := c.step(&use, c.actions(s.Asset, may)); err != nil {
			return err
		}
		s.Requires = append(s.Requires, use)
	}
	return nil
}
