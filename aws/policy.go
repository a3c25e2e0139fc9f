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
			r.policyUnknown(n, "the policy cannot be read: "+err.Error(), src)
			return
		}
		graph.HasPolicy.Set(&n.Facts, true, src)
		r.afterNodes(func() { r.policyFacts(n, p, src) })
	case a.OK() || a.Absent():
		graph.HasPolicy.Set(&n.Facts, false, src)
		graph.PublicStatements.SetNote(&n.Facts, []string{}, "no policy", src)
		graph.ForeignPrincipals.SetNote(&n.Facts, []string{}, "no policy", src)
		graph.UnboundServices.SetNote(&n.Facts, []string{}, "no policy", src)
		graph.TLSRequired.SetNote(&n.Facts, false, "no policy", src)
	default:
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
