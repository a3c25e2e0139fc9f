package iam

// gate is a layer that has to let the request through and grants nothing itself.
type gate struct {
	layer Layer
	level string
	pass  formula
	why   string // when it lets nothing through
}

// scps evaluates service control policies: at every level from the root to the
// account something must allow; they limit users, roles and the root user of member
// accounts, and neither service-linked roles nor the management account (Organizations
// User Guide, "SCP evaluation").
func (e *eval) scps(v *verdict) {
	p := e.req.Principal
	if !p.hasIdentity() || p.ManagementAccount || p.ServiceLinkedRole {
		return
	}
	if why, missing := e.env.Missing[LayerSCP]; missing {
		v.gates = append(v.gates, gate{LayerSCP, "", e.gap("service control policies: " + why), ""})
		return
	}
	for _, level := range e.env.SCPs {
		h := e.policies(LayerSCP, level.ID, level.Policies)
		v.take(h)
		v.gates = append(v.gates, gate{LayerSCP, level.ID, e.any(h.allow),
			"no service control policy of level " + level.ID + " allows it"})
	}
}
