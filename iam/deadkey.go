package iam

import (
	"slices"
	"strings"
)

// Carries tells whether requests for an action can carry a condition key. known is
// false where the table cannot say: global keys, keys of other origin, unknown actions
// and keys.
func (d *ActionData) Carries(action, key string) (carries, known bool) {
	prefix, name, _ := strings.Cut(strings.ToLower(action), ":")
	s := d.service(prefix)
	if s == nil || s.actions[name] == nil {
		return false, false
	}
	key = strings.ToLower(key)
	for _, n := range s.actions[name].keys {
		if int(n) < len(s.keys) && s.keys[n].match(key) {
			return true, true
		}
	}
	return false, d.bound(key)
}

// bound tells of a key, in lower case, whether only those actions carry it for which
// the table lists it.
func (d *ActionData) bound(key string) bool {
	if key == "aws:tagkeys" || strings.HasPrefix(key, "aws:requesttag/") {
		return true
	}
	prefix, _, _ := strings.Cut(key, ":")
	if prefix == "aws" || travels(key) {
		return false
	}
	s := d.service(prefix)
	if s == nil {
		return false
	}
	for _, k := range s.keys {
		if k.match(key) {
			return true
		}
	}
	return false
}

// travels tells keys that describe the credentials of a caller, so that requests to
// every service carry them although they bear the name of one (the pages "condition
// keys" of these services).
func travels(key string) bool {
	switch key {
	case "ec2:sourceinstancearn", "ec2:roledelivery", "ssm:sourceinstancearn", "lambda:sourcefunctionarn",
		"glue:roleassumedby", "glue:credentialissuingservice":
		return true
	}
	return strings.HasPrefix(key, "saml:") || strings.HasPrefix(key, "identitystore:") || strings.HasPrefix(key, "sts:")
}

// DeadCondition is a condition on a key that requests for an action never carry. What
// it was meant to control is not controlled.
type DeadCondition struct {
	Statement StatementRef
	Effect    Effect
	Key       string
	Operator  string // as the policy writes it
	// Holds says what the condition comes to: true when it holds in every request, as
	// negated operators do, false when it holds in none.
	Holds bool
	// Actions are those of the statement that never carry the key, sorted; All says that
	// these are all of its actions.
	Actions []string
	All     bool
}

// DeadConditions lists the conditions of a policy on keys that never occur for all or
// some of the actions of their statement. Statements with NotAction are left out: they
// are about actions nobody has written down.
func (d *ActionData) DeadConditions(p *Policy) []DeadCondition {
	var out []DeadCondition
	for i := range p.Statements {
		s := &p.Statements[i]
		if s.NotActions != nil || s.unread != 0 || len(s.Conditions) == 0 {
			continue
		}
		actions := d.expand(s.Actions)
		for j := range s.Conditions {
			c := &s.Conditions[j]
			var dead []string
			for _, a := range actions {
				if carries, known := d.Carries(a, c.Key); known && !carries {
					dead = append(dead, a)
				}
			}
			if len(dead) > 0 && c.op.known() {
				out = append(out, DeadCondition{Statement: p.ref(s), Effect: s.Effect, Key: c.Key, Operator: c.Written(),
					Holds: c.holdsWithoutKey(), Actions: dead, All: len(dead) == len(actions)})
			}
		}
	}
	return out
}

// DeadGuards lists those dead conditions of a policy that were to keep something from
// happening and never do: a denial that never holds, and a limit of a permission that
// always holds. Only keys of services count that none of the actions of the statement
// carries, and only statements of which every action is known. Statements about all
// actions are left out: some action carries the key.
func (d *ActionData) DeadGuards(p *Policy) []DeadCondition {
	if !slices.ContainsFunc(p.Statements, func(s Statement) bool { return d.mayBeDead(&s) }) {
		return nil
	}
	guards := *p
	guards.Statements = nil
	for i := range p.Statements {
		if d.mayBeDead(&p.Statements[i]) {
			guards.Statements = append(guards.Statements, p.Statements[i])
		}
	}
	return slices.DeleteFunc(d.DeadConditions(&guards), func(c DeadCondition) bool {
		return !c.All || c.Holds != (c.Effect == Allow) || strings.HasPrefix(strings.ToLower(c.Key), "aws:")
	})
}

// mayBeDead is the cheap part of the question: only services of which a statement names
// the condition key are worth decoding.
func (d *ActionData) mayBeDead(s *Statement) bool {
	foreign := slices.ContainsFunc(s.Conditions, func(c Condition) bool {
		key := strings.ToLower(c.Key)
		return !strings.HasPrefix(key, "aws:") && d.bound(key)
	})
	return foreign && (s.Effect == Allow || s.Effect == Deny) && !slices.ContainsFunc(s.Actions, func(a string) bool {
		return compileAction(a).all || len(d.Expand(a)) == 0
	})
}

func (d *ActionData) expand(values []string) []string {
	var out []string
	seen := map[string]bool{}
	for _, v := range values {
		for _, a := range d.Expand(v) {
			if !seen[a] {
				seen[a] = true
				out = append(out, a)
			}
		}
	}
	return out
}

// Written gives the operator with its set qualifier and suffix.
func (c *Condition) Written() string {
	out := c.Operator
	if c.Set != "" {
		out = string(c.Set) + ":" + out
	}
	if c.IfExists {
		out += "IfExists"
	}
	return out
}

func (c *Condition) holdsWithoutKey() bool {
	if c.op.family == nullFamily {
		for _, v := range c.Values {
			if strings.EqualFold(v, "true") {
				return true
			}
		}
		return false
	}
	return c.whenMissing()
}
