package iam

import "slices"

// MayAllow tells whether some statement of the policy could allow the action on the
// resource, or on part of it, whoever asks and whatever the conditions. It is a quick
// no before a decision: true says nothing.
func (p *Policy) MayAllow(action, resource string) bool {
	a, q := compileAction(action), queryResource(resource)
	for i := range p.Statements {
		s := &p.Statements[i]
		if !s.mayAllow() {
			continue
		}
		if s.unread != 0 {
			return true
		}
		if s.coverAction(a) == apart {
			continue
		}
		if c, _ := s.coverResource(q, widest); c != apart {
			return true
		}
	}
	return false
}

// ServicePrincipals returns the services that an Allow of the policy names, in the
// order of the policy.
func (p *Policy) ServicePrincipals() []string {
	var out []string
	for i := range p.Statements {
		if s := &p.Statements[i]; s.mayAllow() {
			out = append(out, s.services()...)
		}
	}
	return out
}

// Federated returns the identity providers that an Allow of the policy names.
func (p *Policy) Federated() []string {
	var out []string
	for i := range p.Statements {
		if s := &p.Statements[i]; s.mayAllow() && s.Principals != nil {
			out = append(out, s.Principals.Federated...)
		}
	}
	return out
}

// AdmitsUnread tells whether a statement may allow something to principals that its
// principal element does not let one read: a kind that is not known, or no list of names.
// Whom it means is not known then; anybody may be among them.
func (p *Policy) AdmitsUnread() bool {
	return slices.ContainsFunc(p.Statements, func(s Statement) bool { return s.mayAllow() && s.unread&principalElement != 0 })
}
