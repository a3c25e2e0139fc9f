package iam

import "strings"

// side is what the resource's own policy says about the caller.
type side struct {
	allow   []hit
	outside formula // grants beside the policy: KMS grants, access-control lists
	gap     formula // the policy could not be read
}

// resourceSide evaluates the policy of the resource, and what grants beside it.
func (e *eval) resourceSide(v *verdict) side {
	var s side
	if why, missing := e.env.Missing[LayerResource]; missing {
		s.gap = e.gap("resource policy: " + why)
		v.refuse(e, LayerResource, why)
	} else if e.env.Resource != nil {
		h := e.resourcePolicies(LayerResource, "", e.env.Resource)
		if e.rescuesBucket() {
			h.deny = nil
		}
		v.take(h)
		s.allow = h.allow
	}
	grants := append(e.keyGrants(), e.aclGrants()...)
	v.take(hits{allow: grants})
	s.outside = e.any(grants)
	return s
}

// core combines both sides (IAM User Guide, "Policy evaluation logic" and
// "Cross-account policy evaluation logic").
//
// Inside one account either side suffices, and what the resource policy names decides
// whether boundary and session policies limit it: a user, a session, a federated user
// or everybody are not limited; a role, and the user behind a federated user, are.
// The account as principal hands the decision to the identity side. Keys and roles
// want their own policy to take part in any case. Between accounts both sides must
// allow, whatever is named.
func (e *eval) core(v *verdict) formula {
	s := e.resourceSide(v)
	identity := e.identity(v)
	boundary := e.limit(v, LayerBoundary, e.env.Boundaries)
	session := e.limit(v, LayerSession, e.env.Sessions)
	limits := e.and(boundary, session)
	caller := e.and(identity, limits)
	silent := func(side formula) { v.silence(side, identity, boundary, session) }

	resource := e.or(e.or(e.any(s.allow), s.outside), s.gap)
	if !e.req.Principal.hasIdentity() {
		v.silence(resource, truth(true), truth(true), truth(true))
		return resource
	}
	if e.foreign() {
		silent(resource)
		return e.and(resource, caller)
	}
	direct := e.or(e.any(s.allow, byAnybody, byUser, bySession, byFederated), s.outside)
	direct = e.or(direct, e.and(e.any(s.allow, byRole, byParent), limits))
	if e.wantsOwnPolicy() {
		delegated := e.any(s.allow, byAccount)
		silent(e.or(delegated, s.gap))
		return e.or(e.or(e.or(direct, s.gap), e.any(s.allow, byRoot)), e.and(delegated, caller))
	}
	if named := e.any(s.allow, byRole, byParent); !named.never() && limits.never() {
		v.silence(named, named, boundary, session) // the limits stop what the resource grants
	} else {
		silent(truth(true))
	}
	return e.or(e.or(direct, s.gap), caller)
}

// wantsOwnPolicy tells resources that nobody reaches without their own policy: roles
// (by sts:AssumeRole and its like) and KMS keys.
func (e *eval) wantsOwnPolicy() bool {
	if e.req.NoResource {
		return false
	}
	parts, ok := arnParts(e.req.Resource.ARN)
	if !ok {
		return false
	}
	switch e.req.service() {
	case "sts":
		return parts[2] == "iam" && strings.HasPrefix(parts[5], "role/")
	case "kms":
		return parts[2] == "kms" && strings.HasPrefix(parts[5], "key/")
	}
	return false
}
