package reach

import (
	"maps"
	"slices"
	"strings"

	"github.com/flowdeed/flowdeed/graph"
	"github.com/flowdeed/flowdeed/iam"
)

// caller is who asks: a scanned principal, or an outsider whose own policies are not
// known. lift are the policies it could be given, if that is supposed.
type caller struct {
	principal iam.Principal
	holder    *iam.Holder // nil for outsiders
	lift      []*iam.Policy
}

func (c caller) id() string {
	if c.principal.Kind == iam.Anonymous {
		return string(graph.Internet)
	}
	return c.principal.ARN
}

func callerOf(h *iam.Holder) caller { return caller{principal: h.Principal, holder: h} }

// asks is the holder in whose name the caller asks.
func (c caller) asks() *iam.Holder {
	switch {
	case c.holder == nil && c.principal.Account != "":
		return &iam.Holder{Principal: c.principal, Missing: map[iam.Layer]string{iam.LayerIdentity: "account " + c.principal.Account + " was not scanned"}}
	case c.holder == nil:
		return &iam.Holder{Principal: c.principal}
	case c.lift == nil:
		return c.holder
	}
	h := *c.holder
	h.Policies = append(h.Policies[:len(h.Policies):len(h.Policies)], c.lift...)
	return &h
}

// decide weighs every layer for one action on an asset, its key included.
func (f *Finder) decide(c caller, a *iam.Asset, d iam.DataAction) iam.Decision {
	if !f.possible(c, a, d) {
		return iam.Decision{Outcome: iam.Denied, BlockedBy: iam.LayerIdentity, Why: "no policy of the caller allows it, and none of the resource by itself"}
	}
	return doubted(c, a, f.world.Decide(c.asks(), a, d))
}

// both joins the conditions of two decisions that must both come out well.
func both(x, y []iam.Alternative) []iam.Alternative {
	var out []iam.Alternative
	for _, a := range x {
		for _, b := range y {
			joined := append(iam.Alternative{}, a...)
			for _, r := range b {
				if !slices.ContainsFunc(joined, func(o iam.Residual) bool { return o.Text == r.Text }) {
					joined = append(joined, r)
				}
			}
			out = append(out, joined)
		}
	}
	return out
}

// possible is a quick no: the caller's own policies never mention the action, and
// nothing on the resource could grant it.
func (f *Finder) possible(c caller, a *iam.Asset, d iam.DataAction) bool {
	if c.holder == nil || c.lift != nil {
		return true
	}
	if f.could(c.holder, d.Action, a.ARN+d.Suffix) {
		return true
	}
	if bothSides(c, a) {
		return false
	}
	return a.Missing[iam.LayerResource] != "" || len(a.Grants) > 0 || len(a.S3.ACL) > 0 || a.Missing[iam.LayerACL] != "" || a.Missing[iam.LayerGrant] != "" ||
		a.Policy != nil && a.Policy.MayAllow(d.Action, a.ARN+d.Suffix)
}

// doubted takes back an answer that hangs on a setting of the bucket or key that was
// not read and that no policy shows.
func doubted(c caller, a *iam.Asset, d iam.Decision) iam.Decision {
	foreign := c.principal.Account != a.Account
	switch {
	case d.Outcome.Reaches() && foreign && a.Missing[iam.LayerPublicBlock] != "" && c.principal.Kind != iam.Service && len(iam.PublicStatements(orEmpty(a.Policy), iam.Owner{Account: a.Account})) > 0:
		return unknown(iam.LayerPublicBlock, "whether public access is blocked is not known: "+a.Missing[iam.LayerPublicBlock])
	case d.Outcome == iam.Denied && foreign && a.Missing[iam.LayerACL] != "":
		return unknown(iam.LayerACL, "an access list may allow it: "+a.Missing[iam.LayerACL])
	case d.Outcome == iam.Denied && d.BlockedBy == iam.LayerResource && a.Missing[iam.LayerGrant] != "":
		return unknown(iam.LayerGrant, "a grant of the key may allow it: "+a.Missing[iam.LayerGrant])
	}
	return d
}

func orEmpty(p *iam.Policy) *iam.Policy {
	if p == nil {
		return &iam.Policy{}
	}
	return p
}

func unknown(layer iam.Layer, why string) iam.Decision {
	return iam.Decision{Outcome: iam.Unknown, BlockedBy: layer, Why: why}
}

// decideWith asks for an action on something that has no policy of its own that
// counts here, so that the caller's side decides. more is known of the request.
func (f *Finder) decideWith(c caller, arn, action string, more map[string]iam.Value) iam.Decision {
	if c.holder != nil && c.lift == nil && !f.could(c.holder, action, arn) {
		return iam.Decision{Outcome: iam.Denied, BlockedBy: iam.LayerIdentity}
	}
	h := c.asks()
	env := iam.Environment{Identity: h.Policies, Boundaries: h.Boundaries, Missing: maps.Clone(h.Missing)}
	if env.Missing == nil {
		env.Missing = map[iam.Layer]string{}
	}
	if l := f.world.Accounts[c.principal.Account]; l != nil {
		env.SCPs = l.SCPs
		if why := l.Missing[iam.LayerSCP]; why != "" {
			env.Missing[iam.LayerSCP] = why
		}
	}
	known := map[string]iam.Value{"aws:SecureTransport": iam.One("true")}
	for k, v := range h.Tags {
		known["aws:PrincipalTag/"+k] = iam.One(v)
	}
	maps.Copy(known, more)
	return iam.Decide(iam.Request{
		Principal: c.principal, Action: action, Resource: iam.Resource{ARN: arn, Account: c.principal.Account}, Context: iam.NewContext(known, false),
		NoResource: arn == "*",
	}, env)
}

func isKey(arn string) bool { return strings.Contains(arn, ":kms:") }
