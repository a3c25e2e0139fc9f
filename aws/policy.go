package aws

import (
	"strings"

	"github.com/flowdeed/flowdeed/graph"
	"github.com/flowdeed/flowdeed/iam"
)

// resourcePolicy sets the facts that follow from a resource policy: who comes in
// from outside, whether TLS is required, which services may come unnamed. doc is nil
// when the answer holds none; a refused call leaves every fact unknown.
func (r *Region) resourcePolicy(n *graph.Node, doc *string, operation string, a *Answer, field string) {
	src := r.source(operation, field)
	switch {
	case doc != nil && strings.TrimSpace(*doc) != "":
		p, err := iam.ParsePolicy(*doc)
		if err != nil {
			r.resourceSide(n.ID).unread = operation + ": the policy cannot be read: " + err.Error()
			r.policyUnknown(n, "the policy cannot be read: "+err.Error(), src)
			return
		}
		p = p.Named(string(n.ID) + " policy")
		r.resourceSide(n.ID).policy = p
		graph.HasPolicy.Set(&n.Facts, true, src)
		r.afterNodes(func() { r.policyFacts(n, p, src) })
	case a.OK() || a.Absent():
		graph.HasPolicy.Set(&n.Facts, false, src)
		graph.PublicStatements.SetNote(&n.Facts, []string{}, "no policy", src)
		graph.ForeignPrincipals.SetNote(&n.Facts, []string{}, "no policy", src)
		graph.UnboundServices.SetNote(&n.Facts, []string{}, "no policy", src)
		graph.TLSRequired.SetNote(&n.Facts, false, "no policy", src)
	default:
		r.resourceSide(n.ID).unread = r.why(operation, a)
		r.policyUnknown(n, r.why(operation, a), src)
	}
}

func (r *Region) policyUnknown(n *graph.Node, why string, src graph.Source) {
	graph.HasPolicy.Unknown(&n.Facts, why, src)
	graph.PublicStatements.Unknown(&n.Facts, why, src)
	graph.ForeignPrincipals.Unknown(&n.Facts, why, src)
	graph.UnboundServices.Unknown(&n.Facts, why, src)
	graph.TLSRequired.Unknown(&n.Facts, why, src)
}

// owner tells the policy readings whose resource a node is. The ARN of a bucket
// carries no account, so that a policy which names one as source pins an account only
// when the bucket is known to be the owner's.
func (r *Region) owner(n *graph.Node) iam.Owner {
	o := iam.Owner{Account: n.Account, Partition: r.Partition, OwnBuckets: r.index.ownBuckets[n.Account]}
	if l := r.accountLimits()[n.Account]; l != nil {
		o.Org = l.Org
	}
	return o
}

// policyFacts sets what a policy says, when all nodes are known.
func (r *Region) policyFacts(n *graph.Node, p *iam.Policy, src graph.Source) {
	o := r.owner(n)
	open := names(iam.PublicStatements(p, o))
	if unread := p.Undecided(); unread != "" {
		// What a policy holds beyond understanding may close it or open it: only what
		// stands open without it is known.
		r.policyUnknown(n, "the policy cannot be read whole: "+unread, src)
		if len(open) > 0 {
			graph.HasPolicy.Set(&n.Facts, true, src)
			graph.PublicStatements.SetNote(&n.Facts, open, "the policy cannot be read whole: "+unread, src)
		}
		return
	}
	graph.PublicStatements.Set(&n.Facts, open, src)
	graph.ForeignPrincipals.Set(&n.Facts, list(iam.ForeignPrincipals(p, o)), src)
	graph.UnboundServices.Set(&n.Facts, list(iam.UnboundServices(p, o)), src)
	graph.TLSRequired.Set(&n.Facts, iam.RequiresTLS(p, tlsResources(n)...), src)
}

// trustFacts sets what a role's trust policy says.
func (r *Region) trustFacts(n *graph.Node, p *iam.Policy, src graph.Source) {
	o := r.owner(n)
	if unread := p.Undecided(); unread != "" {
		r.trustUnknown(n, "the trust policy cannot be read whole: "+unread, src)
		if anyone := names(iam.TrustsAnyone(p, o)); len(anyone) > 0 {
			graph.TrustsAnyone.SetNote(&n.Facts, anyone, "the trust policy cannot be read whole: "+unread, src)
		}
		return
	}
	graph.TrustsAnyone.Set(&n.Facts, names(iam.TrustsAnyone(p, o)), src)
	graph.TrustWithoutExternalID.Set(&n.Facts, withoutExternalID(iam.TrustedForeign(p, o)), src)
	graph.TrustLooseFederation.Set(&n.Facts, names(iam.LooseFederation(p)), src)
	graph.ForeignPrincipals.Set(&n.Facts, list(iam.ForeignPrincipals(p, o)), src)
	graph.UnboundServices.Set(&n.Facts, list(iam.UnboundServices(p, o)), src)
}

func (r *Region) trustUnknown(n *graph.Node, why string, src graph.Source) {
	for _, k := range []graph.Key[[]string]{graph.TrustsAnyone, graph.TrustWithoutExternalID, graph.TrustLooseFederation, graph.ForeignPrincipals, graph.UnboundServices} {
		k.Unknown(&n.Facts, why, src)
	}
}

// tlsResources are the ARNs a deny without TLS must cover.
func tlsResources(n *graph.Node) []string {
	if n.Class == graph.Bucket {
		return []string{string(n.ID), string(n.ID) + "/*"}
	}
	return []string{string(n.ID)}
}

func names(refs []iam.StatementRef) []string {
	out := []string{}
	for _, r := range refs {
		out = append(out, r.String())
	}
	return out
}

func list(in []string) []string {
	if in == nil {
		return []string{}
	}
	return in
}

// withoutExternalID lists the foreign parties a role trusts without demanding an
// external id.
func withoutExternalID(parties []iam.TrustedParty) []string {
	out := []string{}
	for _, p := range parties {
		if !p.ExternalID {
			out = append(out, p.Principal)
		}
	}
	return out
}
