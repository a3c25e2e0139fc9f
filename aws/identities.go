package aws

import (
	"slices"
	"strings"

	"github.com/flowdeed/flowdeed/graph"
	policy "github.com/flowdeed/flowdeed/iam"
)

// readPolicy is a policy document that was read, and what of it was not.
type readPolicy struct {
	policy *policy.Policy
	unread string
}

func parsePolicy(doc string) readPolicy {
	p, err := policy.ParsePolicy(doc)
	if err != nil {
		return readPolicy{unread: "cannot be read: " + err.Error()}
	}
	if u := p.Undecided(); u != "" {
		return readPolicy{p, "cannot be read whole: " + u}
	}
	return readPolicy{policy: p}
}

// named gives the policy an id for evidence.
func (p readPolicy) named(id string) readPolicy {
	if p.policy != nil {
		p.policy = p.policy.Named(id)
	}
	return p
}

// eachPolicy reads the inline and attached policies of a user, role or group.
func (d principalDetail) eachPolicy(managed map[string]readPolicy, add func(name string, p readPolicy)) {
	for _, p := range d.inline() {
		add(p.PolicyName, parsePolicy(p.PolicyDocument).named(d.Arn+" inline "+p.PolicyName))
	}
	for _, p := range d.AttachedManagedPolicies {
		doc, ok := managed[p.PolicyArn]
		if !ok {
			doc.unread = "is attached and was not reported"
		}
		add(p.PolicyName, doc)
	}
}

// identity keeps what a principal's policies say, with those of its groups. A policy
// that cannot be read may allow or deny anything: it is noted, and what the principal
// may do stays unknown.
func (r *Region) identity(n *graph.Node, d principalDetail, managed map[string]readPolicy, groups []principalDetail) {
	id := &policy.Identity{ARN: d.Arn}
	h := r.holder(n, d)
	var unread []string
	add := func(name string, p readPolicy) {
		if p.policy != nil {
			id.Policies = append(id.Policies, p.policy)
		} else {
			h.Missing = missing(h.Missing, policy.LayerIdentity, "policy "+name+" "+p.unread)
		}
		if p.unread != "" {
			unread = append(unread, "policy "+name+" "+p.unread)
		}
	}
	for _, g := range groups {
		if g.Arn == "" {
			add(g.GroupName+" of a group", readPolicy{unread: "was not reported: nothing is known of the group"})
			continue
		}
		h.Groups = append(h.Groups, g.Arn)
	}
	for _, from := range append([]principalDetail{d}, groups...) {
		from.eachPolicy(managed, add)
	}
	if b := d.PermissionsBoundary; b != nil {
		doc, ok := managed[b.PermissionsBoundaryArn]
		if !ok {
			doc.unread = "is the permissions boundary and was not reported"
		}
		id.Boundary = doc.policy
		if doc.unread != "" {
			unread = append(unread, "policy "+shortName(b.PermissionsBoundaryArn)+" "+doc.unread)
		}
		if doc.policy != nil {
			h.Boundaries = []*policy.Policy{doc.policy}
		} else {
			h.Missing = missing(h.Missing, policy.LayerBoundary, "policy "+shortName(b.PermissionsBoundaryArn)+" "+doc.unread)
		}
	}
	h.Policies = id.Policies
	r.sys.Identities[d.Arn] = id
	r.permissionsRead(n, unread)
}

// group keeps what a group gives to whoever is in it.
func (r *Region) group(d principalDetail, managed map[string]readPolicy) {
	g := &policy.Group{ARN: d.Arn, Account: r.Account}
	add := func(name string, p readPolicy) {
		if p.policy != nil {
			g.Policies = append(g.Policies, p.policy)
		}
		if p.unread != "" {
			g.Missing = strings.Trim(g.Missing+"; policy "+name+" "+p.unread, "; ")
		}
	}
	d.eachPolicy(managed, add)
	r.sys.World.Groups = append(r.sys.World.Groups, g)
}

// permissionsRead sets whether all policies of a principal were read, and names those
// that were not among the missing answers.
func (r *Region) permissionsRead(n *graph.Node, unread []string) {
	src := r.source(authorization, "Policies[].PolicyVersionList[].Document")
	if len(unread) == 0 {
		graph.PermissionsRead.Set(&n.Facts, true, src)
		return
	}
	slices.Sort(unread)
	why := strings.Join(slices.Compact(unread), "; ")
	graph.PermissionsRead.Unknown(&n.Facts, why, src)
	r.sys.Refusals = append(r.sys.Refusals, Refusal{
		Account: r.Account, Region: r.Region, Operation: r.Service.Name + ":" + authorization, Subject: string(n.ID), Outcome: OutcomeMalformed, Error: why,
	})
}
