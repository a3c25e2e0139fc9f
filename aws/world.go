package aws

import (
	"cmp"
	"slices"
	"strings"

	"github.com/flowdeed/flowdeed/graph"
	policy "github.com/flowdeed/flowdeed/iam"
)

// resourceSide is what a resource itself says about who may use it.
type resourceSide struct {
	policy *policy.Policy
	unread string // why the policy is not known; empty when it was read or there is none
	grants []policy.KeyGrant
	s3     policy.S3Settings
	points []*policy.AccessPoint
	// pointsRead: points are all there are.
	pointsRead bool
	missing    map[policy.Layer]string
}

// resourceSide returns the notes about a resource, to be filled by its service.
func (b *Builder) resourceSide(id graph.ID) *resourceSide {
	s, ok := b.sides[id]
	if !ok {
		s = &resourceSide{}
		b.sides[id] = s
	}
	return s
}

// missing adds the reason why a layer is not known.
func missing(m map[policy.Layer]string, layer policy.Layer, why string) map[policy.Layer]string {
	if m == nil {
		m = map[policy.Layer]string{}
	}
	if old := m[layer]; old != "" && old != why {
		why = old + "; " + why
	}
	m[layer] = why
	return m
}

// holder starts the entry of a user or role; its policies are added by identity.
func (r *Region) holder(n *graph.Node, d principalDetail) *policy.Holder {
	p := policy.Principal{Kind: policy.User, ARN: d.Arn, Account: r.Account}
	if d.RoleName != "" {
		p.Kind = policy.Role
		// Source: Organizations User Guide, "Tasks and entities not restricted by SCPs".
		p.ServiceLinkedRole = strings.Contains(d.Arn, ":role/aws-service-role/")
	}
	h := &policy.Holder{Principal: p, Tags: n.Tags}
	r.sys.World.Holders = append(r.sys.World.Holders, h)
	return h
}

// world joins what the services said about permissions, when keys are resolved.
func (b *Builder) world() {
	w := b.sys.World
	w.Accounts = b.accountLimits()
	for _, h := range w.Holders {
		if l := w.Accounts[h.Principal.Account]; l != nil {
			h.Principal.Org, h.Principal.ManagementAccount = l.Org, l.Management
		}
		if s := b.sides[graph.ID(h.Principal.ARN)]; s != nil {
			h.Trust = s.policy
		}
	}
	for _, n := range b.sys.Graph.Nodes() {
		if !n.External && len(policy.DataActions(string(n.ID))) > 0 {
			w.Assets = append(w.Assets, b.asset(n))
		}
	}
	slices.SortFunc(w.Holders, func(a, c *policy.Holder) int { return strings.Compare(a.Principal.ARN, c.Principal.ARN) })
	slices.SortFunc(w.Groups, func(a, c *policy.Group) int { return strings.Compare(a.ARN, c.ARN) })
	slices.SortFunc(w.Assets, func(a, c *policy.Asset) int { return strings.Compare(a.ARN, c.ARN) })
}

func (b *Builder) asset(n *graph.Node) *policy.Asset {
	a := &policy.Asset{ARN: string(n.ID), Account: n.Account}
	if n.Region != GlobalRegion {
		a.Region = n.Region
	}
	if len(n.Tags) > 0 { // of none it is not known whether they were read
		a.Tags = n.Tags
	}
	if s := b.sides[n.ID]; s != nil {
		a.Policy, a.Grants, a.S3, a.Missing = s.policy, s.grants, s.s3, s.missing
		a.AccessPoints, a.PointsRead = s.points, s.pointsRead
		if s.unread != "" {
			a.Missing = missing(a.Missing, policy.LayerResource, s.unread)
		}
	}
	if n.Class == graph.EncryptionKey {
		manager := graph.KeyManager.Get(&n.Facts)
		a.AWSManagedKey = manager.Known && manager.V == "AWS" || slices.ContainsFunc(n.Aliases, isAWSAlias)
		return a
	}
	owner, key := graph.KeyOwner.Get(&n.Facts), graph.KeyID.Get(&n.Facts)
	switch {
	case n.Class == graph.Principal: // keeps no data
	case !owner.Known && owner.Why != "":
		a.Missing = missing(a.Missing, policy.LayerKey, owner.Why)
	case owner.V == graph.KeyAWSManaged:
		a.AWSManagedKey = true
	case owner.V == graph.KeyCustomer || owner.V == graph.KeyCustomerForeign || owner.V == graph.KeyExternal:
		a.Key = cmp.Or(key.V, "unknown")
	}
	return a
}
