package iam

import (
	"slices"
	"strings"
)

// UnboundServices returns the service principals that an Allow admits without a
// condition on where the service acts from: aws:SourceArn, aws:SourceAccount,
// aws:SourceOrgID and their like (IAM User Guide, "The confused deputy problem").
// Sorted; "*" stands for any service.
func UnboundServices(p *Policy, owner Owner) []string {
	found := []string{}
	for i := range p.Statements {
		s := &p.Statements[i]
		if s.mayAllow() && !p.bound(s, owner) {
			found = append(found, s.services()...)
		}
	}
	slices.Sort(found)
	return slices.Compact(found)
}

// ForeignSources returns the accounts and organizations, other than the owner, from
// which a service principal may act: a topic of account X that may send to this
// queue. Sorted.
func ForeignSources(p *Policy, owner Owner) []string {
	found := []string{}
	for i := range p.Statements {
		s := &p.Statements[i]
		if !s.mayAllow() || len(s.services()) == 0 {
			continue
		}
		for _, v := range s.heldTo(p.remainders(s, owner), owner) {
			if a := Account(v); a != "" {
				v = a
			}
			if !owner.owns(v) && v != owner.Org {
				found = append(found, v)
			}
		}
	}
	slices.Sort(found)
	return slices.Compact(found)
}

// services lists the services a statement admits by name, or "*" for everybody held
// to calls by AWS services.
func (s *Statement) services() []string {
	var out []string
	if s.Principals != nil {
		out = append(out, s.Principals.Service...)
	}
	if !s.reachesEverybody() {
		return out
	}
	for i := range s.Conditions {
		c := &s.Conditions[i]
		if x, ok := s.pinOf(c, Owner{}); ok && x.kind == pinService {
			if c.op.family == boolFamily {
				out = append(out, "*")
			} else {
				out = append(out, c.Values...)
			}
		}
	}
	return out
}

// bound tells whether a statement, or a Deny over it, names the source of a call.
func (p *Policy) bound(s *Statement, o Owner) bool {
	for i := range s.Conditions {
		c := &s.Conditions[i]
		if x, ok := s.pinOf(c, o); ok && x.bindsSource() || s.namesSource(c) {
			return true
		}
	}
	for _, r := range p.remainders(s, o) {
		if !slices.ContainsFunc(r, func(x pin) bool { return !x.bindsSource() }) {
			return true
		}
	}
	return false
}

func (x pin) bindsSource() bool { return x.kind == pinAccount || x.kind == pinOrg }

// namesSource accepts what binds a service although it pins no account: the ARN of
// one bucket, an encryption context that holds the ARN of a source, the secret token
// of a skill.
func (s *Statement) namesSource(c *Condition) bool {
	if c.op.negated || c.IfExists || c.Set == ForAllValues || c.unread || len(c.texts) == 0 {
		return false
	}
	key := strings.ToLower(c.Key)
	for _, t := range c.texts {
		v, plain := t.fixed()
		if !plain {
			return false
		}
		a := splitARN(v)
		switch {
		case key == "aws:sourcearn":
			if a.n < 6 || !a.parts[5].literal() {
				return false
			}
		case strings.HasPrefix(key, "kms:encryptioncontext:"):
			if a.n < 6 || !a.parts[4].literal() || a.parts[4] == "" {
				return false
			}
		case key == "lambda:eventsourcetoken":
			if !v.literal() || v == "" {
				return false
			}
		default:
			return false
		}
	}
	return true
}
