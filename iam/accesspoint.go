package iam

import (
	"maps"
	"slices"
	"strings"
)

// pointKeys are the condition keys, in lower case, that requests through an access point
// carry and others do not (S3 User Guide, "Configuring IAM policies for using access
// points", "Condition keys").
var pointKeys = []string{"s3:dataaccesspointarn", "s3:dataaccesspointaccount", "s3:accesspointnetworkorigin"}

// accessPoint weighs the access point as a further gate.
func (e *eval) accessPoint(v *verdict) {
	a := e.env.S3.AccessPoint
	if a == nil {
		return
	}
	if a.ARN == "" {
		v.gates = append(v.gates, gate{LayerAccessPoint, "", e.gap("access points: " + a.Missing), ""})
		return
	}
	req := e.req
	req.Resource = Resource{ARN: a.ARN, Account: a.owner(), ManagementAccount: e.req.Resource.ManagementAccount}
	if parts, ok := arnParts(e.req.Resource.ARN); ok {
		if _, key, ok := strings.Cut(parts[5], "/"); ok {
			req.Resource.ARN = a.ARN + "/object/" + key
		}
	}
	req.Context = req.Context.with(map[string]Value{"aws:ResourceAccount": One(a.owner())})
	env := *e.env
	env.Resource, env.Key = a.Policy, nil
	env.S3 = S3Settings{BlockPublic: a.Block, BlockUnread: a.BlockUnread, ACLsDisabled: true}
	if a.VPC != "" { // such a point is never public, whatever its policy says (S3 User Guide, "Blocking public access")
		env.S3 = S3Settings{ACLsDisabled: true}
		v.gates = append(v.gates, gate{LayerAccessPoint, "", e.fromVPC(a.VPC), "the access point " + a.ARN + " takes requests from " + a.VPC + " only"})
	}
	env.Missing = e.env.missingResource(a.Missing)
	w := newEval(e.algebra, req, &env).judge()
	v.take(hits{allow: relabel(w.allows, LayerAccessPoint), deny: relabel(w.denies, LayerAccessPoint)})
	v.gates = append(v.gates, gate{LayerAccessPoint, "", w.passes(e), "the access point " + a.ARN + " does not let the caller through"})
}

// fromVPC is the condition that the request comes from a VPC (S3 User Guide, "Creating
// access points restricted to a virtual private cloud").
func (e *eval) fromVPC(vpc string) formula {
	c := Condition{Operator: "StringEquals", Key: "aws:SourceVpc", lower: "aws:sourcevpc", Values: []string{vpc}}
	_, c.op, _ = parseOperator(c.Operator)
	c.texts = []text{compileText(vpc, c.op.wildcards(), false)}
	return e.condition(&c, &Policy{}, &Statement{})
}

func (a *AccessPoint) owner() string {
	if a.Account != "" {
		return a.Account
	}
	return Account(a.ARN)
}

// through returns the request as the bucket sees it: it carries the access point.
func (a *AccessPoint) through(r Request) Request {
	context := Context{values: maps.Clone(r.Context.values), closed: r.Context.closed, complete: r.Context.complete}
	if context.values == nil {
		context.values = map[string]Value{}
	}
	for _, k := range pointKeys {
		delete(context.values, k)
	}
	if a.ARN != "" {
		origin := "Internet"
		if a.VPC != "" {
			origin = "VPC"
		}
		context.values["s3:dataaccesspointarn"] = One(a.ARN)
		context.values["s3:accesspointnetworkorigin"] = One(origin)
	}
	if owner := a.owner(); owner != "" {
		context.values["s3:dataaccesspointaccount"] = One(owner)
	}
	r.Context = context
	return r
}

// AccessPointAccounts lists the accounts whose access points the policy asks for in a
// condition: an account id, or "" where a condition does not say which account it means.
// Sorted.
func (p *Policy) AccessPointAccounts() []string {
	var out []string
	for i := range p.Statements {
		for j := range p.Statements[i].Conditions {
			c := &p.Statements[i].Conditions[j]
			if !slices.Contains(pointKeys, strings.ToLower(c.Key)) {
				continue
			}
			for _, v := range c.Values {
				id := Account(v)
				if !isAccountID(id) {
					id = ""
				}
				out = append(out, id)
			}
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}
