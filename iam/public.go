package iam

import (
	"slices"
	"strings"
)

// PublicStatements returns the statements that admit anybody: an Allow that reaches
// any principal while no condition pins an account, an organization, a VPC, an
// endpoint, a bounded address range, a source ARN with an account or a source
// account (S3 User Guide, "The meaning of public"). A Deny that shuts everybody out
// but such callers closes the statements it covers. The ARN of a bucket pins an
// account only when the bucket is one of owner.OwnBuckets. A statement whose effect
// or condition cannot be read counts as open.
func PublicStatements(p *Policy, owner Owner) []StatementRef {
	return publicWhere(p, owner, func(*Statement) bool { return true })
}

func publicWhere(p *Policy, owner Owner, asked func(*Statement) bool) []StatementRef {
	var open []StatementRef
	for i := range p.Statements {
		s := &p.Statements[i]
		if s.mayAllow() && asked(s) && s.reachesEverybody() && !p.closed(s, owner) {
			open = append(open, p.ref(s))
		}
	}
	return open
}

// reachesEverybody tells whether the principal element admits callers without
// credentials: "*", or all but some.
func (s *Statement) reachesEverybody() bool {
	return s.Principals != nil && s.Principals.Any || s.NotPrincipals != nil
}

// closed tells whether a condition of the statement, or a Deny over it, holds
// callers to somebody.
func (p *Policy) closed(s *Statement, o Owner) bool {
	for i := range s.Conditions {
		if _, ok := s.pinOf(&s.Conditions[i], o); ok {
			return true
		}
	}
	return len(p.remainders(s, o)) > 0
}

// remainder is who is left over by one Deny: callers that satisfy one of the pins.
// No pins: nobody is left.
type remainder []pin

// remainders returns what the Deny statements of the policy leave of an Allow.
func (p *Policy) remainders(s *Statement, o Owner) []remainder {
	var all []remainder
	for _, i := range p.denies {
		d := &p.Statements[i]
		if d.unread != 0 || !d.reachesEverybody() || !d.takesIn(s) {
			continue
		}
		if r, ok := d.leaves(o); ok {
			all = append(all, r)
		}
	}
	return all
}

func (d *Statement) leaves(o Owner) (remainder, bool) {
	r := remainder{}
	if d.NotPrincipals != nil {
		n := d.NotPrincipals
		if n.Any || len(n.Service) > 0 {
			r = append(r, pin{kind: pinService, caller: true})
		}
		r = append(r, pin{kind: pinAccount, caller: true, values: slices.Concat(n.AWS, n.Federated)})
	}
	for i := range d.Conditions {
		x, ok := d.Conditions[i].exceptionOf(o)
		if !ok {
			return nil, false
		}
		r = append(r, x)
	}
	return r, true
}

// takesIn tells whether the actions and resources of d include those of s.
func (d *Statement) takesIn(s *Statement) bool {
	if s.NotActions != nil {
		if d.coverAction(actionPattern{all: true}) != wholly {
			return false
		}
	}
	for _, a := range s.actions {
		if s.NotActions == nil && d.coverAction(a) != wholly {
			return false
		}
	}
	if !s.hasResource || s.NotResources != nil {
		c, sure := d.coverResource(queryResource("*"), widest)
		return c == wholly && sure
	}
	for i := range s.resources {
		q := resourceQuery{arn: splitARN(s.resources[i].text.anyValue())}
		if c, sure := d.coverResource(q, widest); c != wholly || !sure {
			return false
		}
	}
	return true
}

// ForeignPrincipals returns who, other than the owner, an Allow admits: account ids,
// ARNs of users, roles, sessions and identity providers, organization ids, and
// "canonical:<id>" for canonical users. Service principals are left out (see
// UnboundServices), and so is everybody (see PublicStatements); where everybody is
// held to accounts or organizations by a condition, those are returned. Sorted.
func ForeignPrincipals(p *Policy, owner Owner) []string {
	return foreignWhere(p, owner, func(*Statement) bool { return true })
}

func foreignWhere(p *Policy, o Owner, asked func(*Statement) bool) []string {
	found := []string{}
	for i := range p.Statements {
		s := &p.Statements[i]
		if !s.mayAllow() || !asked(s) {
			continue
		}
		rest := p.remainders(s, o)
		for _, name := range s.named(o) {
			if s.admits(name, o) && leaveIn(rest, name) && !p.deniesOutright(s, name) {
				found = append(found, name)
			}
		}
		if s.reachesEverybody() {
			found = append(found, s.heldTo(rest, o)...)
		}
	}
	found = slices.DeleteFunc(found, func(x string) bool { return o.owns(Account(x)) || x == o.Org && x != "" })
	slices.Sort(found)
	return slices.Compact(found)
}

// named lists the principals a statement names, other than services.
func (s *Statement) named(o Owner) []string {
	if s.Principals == nil {
		return nil
	}
	var out []string
	for _, v := range slices.Concat(s.Principals.AWS, s.Principals.Federated) {
		account := Account(v)
		if !isAccountID(account) {
			continue // a deleted principal, a web identity provider or an AWS-owned identity
		}
		if id, ok := accountPrincipal(v); ok {
			v = id
		}
		out = append(out, v)
	}
	for _, v := range s.Principals.Canonical {
		if v != o.Canonical {
			out = append(out, "canonical:"+v)
		}
	}
	return out
}

// admits tells whether the conditions of the statement let a named principal in:
// a condition on the caller's account or ARN may rule it out.
func (s *Statement) admits(name string, o Owner) bool {
	for i := range s.Conditions {
		x, ok := s.pinOf(&s.Conditions[i], o)
		if ok && x.caller && x.kind == pinAccount && len(x.values) > 0 && !x.includes(name) {
			return false
		}
	}
	return true
}

// includes compares by account, which is all that a pattern of ARNs gives for sure.
func (x pin) includes(name string) bool {
	account := Account(name)
	return account == "" || slices.ContainsFunc(x.values, func(v string) bool { return Account(v) == account })
}

// leaveIn tells whether every Deny leaves the principal in.
func leaveIn(rest []remainder, name string) bool {
	for _, r := range rest {
		if !slices.ContainsFunc(r, func(x pin) bool {
			return x.kind != pinService && (x.kind != pinAccount || !x.caller || x.includes(name))
		}) {
			return false
		}
	}
	return true
}

// deniesOutright tells whether a Deny without condition names the principal or its
// account.
func (p *Policy) deniesOutright(s *Statement, name string) bool {
	for _, i := range p.denies {
		d := &p.Statements[i]
		if d.unread != 0 || len(d.Conditions) > 0 || d.Principals == nil || !d.takesIn(s) {
			continue
		}
		for _, v := range d.Principals.AWS {
			if id, ok := accountPrincipal(v); v == name || ok && id == Account(name) {
				return true
			}
		}
	}
	return false
}

// heldTo returns whom the conditions hold everybody to: principals where they are
// named, else accounts, else organizations.
func (s *Statement) heldTo(rest []remainder, o Owner) []string {
	pins, open := s.allPins(rest, o)
	if !open {
		return nil
	}
	var accounts, orgs []string
	byAccount := false
	for _, x := range pins {
		switch x.kind {
		case pinAccount:
			byAccount = true
			accounts = append(accounts, x.names()...)
		case pinOrg:
			orgs = append(orgs, x.values...)
		}
	}
	if byAccount {
		return slices.DeleteFunc(accounts, func(v string) bool { return !agreed(pins, v) })
	}
	return orgs
}

// allPins collects the guarantees of the statement and of the Deny statements over it.
// open is false when a Deny leaves nobody.
func (s *Statement) allPins(rest []remainder, o Owner) (pins []pin, open bool) {
	for i := range s.Conditions {
		if x, ok := s.pinOf(&s.Conditions[i], o); ok {
			pins = append(pins, x)
		}
	}
	for _, r := range rest {
		if len(r) == 0 {
			return nil, false
		}
		r = slices.DeleteFunc(r, func(x pin) bool { return x.kind == pinService })
		if len(r) == 1 { // only a Deny with a single exception says who is left
			pins = append(pins, r[0])
		}
	}
	return pins, true
}

// names lists what a pin on accounts names: principals for callers, accounts for
// sources.
func (x pin) names() []string {
	var out []string
	for _, v := range x.values {
		if id, ok := accountPrincipal(v); ok {
			v = id
		} else if !x.caller {
			v = Account(v)
		}
		out = append(out, v)
	}
	return out
}

// agreed tells whether a principal satisfies all pins on accounts at once.
func agreed(pins []pin, name string) bool {
	for _, x := range pins {
		if x.kind == pinAccount && len(x.values) > 0 && !x.includes(name) {
			return false
		}
	}
	return strings.TrimSpace(name) != ""
}
