package iam

import (
	"slices"
	"strings"
)

// TrustsAnyone returns the statements of a role's trust policy that let anybody
// assume the role. An external id does not change that: whoever learns it comes in.
func TrustsAnyone(p *Policy, owner Owner) []StatementRef {
	return publicWhere(p, owner, (*Statement).assumes)
}

var assumeActions = []actionPattern{
	compileAction("sts:AssumeRole"),
	compileAction("sts:AssumeRoleWithWebIdentity"),
	compileAction("sts:AssumeRoleWithSAML"),
}

func (s *Statement) assumes() bool {
	for _, a := range assumeActions {
		if s.coverAction(a) != apart {
			return true
		}
	}
	return s.unread&actionElement != 0
}

// TrustedParty is a principal of another owner that may assume a role.
type TrustedParty struct {
	Principal string // in the form of ForeignPrincipals
	// ExternalID is true when every statement that trusts the party demands a fixed
	// sts:ExternalId (IAM User Guide, "Access to AWS accounts owned by third parties").
	ExternalID bool
}

// TrustedForeign returns the principals of other owners that may assume the role,
// sorted.
func TrustedForeign(p *Policy, owner Owner) []TrustedParty {
	open := foreignWhere(p, owner, func(s *Statement) bool { return s.assumes() && !s.demandsExternalID() })
	out := []TrustedParty{}
	for _, name := range foreignWhere(p, owner, (*Statement).assumes) {
		out = append(out, TrustedParty{name, !slices.Contains(open, name)})
	}
	return out
}

func (s *Statement) demandsExternalID() bool {
	for i := range s.Conditions {
		c := &s.Conditions[i]
		if strings.EqualFold(c.Key, "sts:ExternalId") && s.fixes(c) {
			return true
		}
	}
	return false
}

// fixes tells whether a condition holds its key to fixed strings, and demands that
// the key is there.
func (s *Statement) fixes(c *Condition) bool {
	if !s.demands(c) {
		return false
	}
	for _, t := range c.texts {
		if v, plain := t.fixed(); !plain || !v.literal() || v == "" {
			return false
		}
	}
	return true
}

// demands tells whether a condition on strings fails when its key is missing.
func (s *Statement) demands(c *Condition) bool {
	switch c.op.family {
	case stringFamily, foldFamily, likeFamily, arnFamily:
	default:
		return false
	}
	return !c.op.negated && !c.unread && len(c.texts) > 0 &&
		(!c.IfExists && c.Set != ForAllValues || s.demandsKey(c.Key))
}

// PrincipalOrgConditions returns the organizations that conditions of Allow
// statements hold callers to, sorted.
func PrincipalOrgConditions(p *Policy) []string {
	found := []string{}
	for i := range p.Statements {
		s := &p.Statements[i]
		for j := range s.Conditions {
			if x, ok := s.pinOf(&s.Conditions[j], Owner{}); ok && x.kind == pinOrg && x.caller && s.mayAllow() {
				found = append(found, x.values...)
			}
		}
	}
	slices.Sort(found)
	return slices.Compact(found)
}
