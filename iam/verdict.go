package iam

// verdict collects what the layers say before they are weighed.
type verdict struct {
	core   formula // both sides, with the limits on the caller
	gates  []gate
	closed string // why public access is blocked whatever the policies say; empty when not
	allows []hit
	denies []hit
	// block and why say which side is silent, for an answer without any allow.
	block Layer
	why   string
}

func (v *verdict) take(h hits) {
	v.allows = append(v.allows, h.allow...)
	v.denies = append(v.denies, h.deny...)
}

// refuse notes that a layer that was not read may deny.
func (v *verdict) refuse(e *eval, layer Layer, why string) {
	v.denies = append(v.denies, hit{layer: layer, when: e.gap(string(layer) + " policies may deny it: " + why)})
}

// passes is the condition under which everything lets the request through.
func (v *verdict) passes(e *eval) formula {
	if v.closed != "" {
		return nil
	}
	return v.permits(e)
}

// permits is the condition under which the core and all gates let the request through:
// what the policies say.
func (v *verdict) permits(e *eval) formula {
	f := v.core
	for _, g := range v.gates {
		f = e.and(f, g.pass)
	}
	return f
}

// silence finds the first part that allows nothing at all.
func (v *verdict) silence(resource, identity, boundary, session formula) {
	for _, x := range []struct {
		f     formula
		layer Layer
		why   string
	}{
		{resource, LayerResource, "the resource's own policy does not admit the caller"},
		{identity, LayerIdentity, "no policy of the caller allows it, and none of the resource by itself"},
		{boundary, LayerBoundary, "the permissions boundary does not allow it"},
		{session, LayerSession, "the session policy does not allow it"},
	} {
		if x.f.never() {
			v.block, v.why = x.layer, x.why
			return
		}
	}
	v.block, v.why = LayerIdentity, "the conditions of the policies that would have to allow it exclude each other"
}

// judge asks every layer.
func (e *eval) judge() *verdict {
	v := &verdict{}
	e.scps(v)
	e.rcps(v)
	e.endpoint(v)
	e.publicBlock(v)
	e.accessPoint(v)
	e.key(v)
	v.core = e.core(v)
	return v
}
