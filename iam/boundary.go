package iam

// limit evaluates a layer that only narrows: the permissions boundary or the session
// policies (IAM User Guide, "Permissions boundaries" and "Session policies"). Without
// one it lets everything through. Its denies count for every kind of grant, its
// silence only for those the caller of this function names.
func (e *eval) limit(v *verdict, layer Layer, list []*Policy) formula {
	p := e.req.Principal
	if !p.hasIdentity() || p.Kind == Root {
		return truth(true)
	}
	if why, missing := e.env.Missing[layer]; missing {
		if e.foreign() {
			return truth(true) // part of what the other account decides
		}
		v.refuse(e, layer, why)
		return e.gap(string(layer) + " policies: " + why)
	}
	if list == nil {
		return truth(true)
	}
	h := e.policies(layer, "", list)
	v.take(h)
	return e.any(h.allow)
}

// identity evaluates the caller's own policies. The root user needs none. Those of an
// account that was not read are that account's decision.
func (e *eval) identity(v *verdict) formula {
	p := e.req.Principal
	switch {
	case !p.hasIdentity():
		return truth(false)
	case p.Kind == Root:
		return truth(true)
	}
	if why, missing := e.env.Missing[LayerIdentity]; missing {
		if e.foreign() {
			return literal(e.intern(&atom{kind: accountAtom, shown: "account " + p.Account, reason: why}))
		}
		v.refuse(e, LayerIdentity, why)
		return e.gap("identity policies: " + why)
	}
	h := e.policies(LayerIdentity, "", e.env.Identity)
	v.take(h)
	return e.any(h.allow)
}

// foreign tells whether caller and resource belong to different accounts.
func (e *eval) foreign() bool { return e.req.Principal.Account != e.req.owner() }
