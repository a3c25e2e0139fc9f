package iam

// endpoint evaluates the policy of the VPC endpoint on the way: one more layer that
// must allow (VPC User Guide, "Control access to VPC endpoints using endpoint
// policies").
func (e *eval) endpoint(v *verdict) {
	if why, missing := e.env.Missing[LayerEndpoint]; missing {
		v.gates = append(v.gates, gate{LayerEndpoint, "", e.gap("VPC endpoint policy: " + why), ""})
		return
	}
	if e.env.Endpoint == nil {
		return
	}
	h := e.resourcePolicies(LayerEndpoint, "", e.env.Endpoint...)
	if e.env.GatewayEndpoint {
		h.allow = withoutWay(h.allow, byAccount)
		h.deny = withoutWay(h.deny, byAccount)
	}
	v.take(h)
	v.gates = append(v.gates, gate{LayerEndpoint, "", e.any(h.allow), "the policy of the VPC endpoint does not allow it"})
}

func withoutWay(list []hit, w how) []hit {
	var out []hit
	for _, x := range list {
		if x.how != w {
			out = append(out, x)
		}
	}
	return out
}
