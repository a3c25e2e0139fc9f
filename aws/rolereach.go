package aws

import (
	"strings"

	"github.com/flowdeed/flowdeed/graph"
	"github.com/flowdeed/flowdeed/iam"
)

// roleReach is what the policies of a role name. Statements on "*" or on a mere
// prefix say that something is allowed, not that it is used: they give the direction
// of a flow that has other evidence, and draw none.
type roleReach struct {
	identity *iam.Identity
	named    map[*graph.Node]graph.Evidence
}

func (b *Builder) roleReach(arn string) *roleReach {
	out := &roleReach{named: map[*graph.Node]graph.Evidence{}}
	id, ok := b.sys.Identities[arn]
	if !ok {
		return out
	}
	out.identity = id
	for _, p := range id.Policies {
		for i := range p.Statements {
			st := &p.Statements[i]
			if st.Effect != iam.Allow {
				continue
			}
			for _, resource := range st.Resources {
				if n := b.namedExactly(resource); n != nil {
					b.nameGrant(out, n, st.Sid)
				}
			}
		}
	}
	return out
}

// namedExactly returns the node whose exact ARN a resource pattern names: wildcards
// are allowed only below the node (objects of a bucket, indexes of a table).
func (b *Builder) namedExactly(resource string) *graph.Node {
	if !strings.HasPrefix(resource, "arn:") {
		return nil
	}
	arn := canonicalARN(resource)
	if strings.ContainsAny(arn, "*?$") {
		return nil
	}
	return b.resolve(reference{text: arn})
}

func (b *Builder) nameGrant(out *roleReach, n *graph.Node, sid string) {
	a, ok := accesses[n.Class]
	if !ok || n.External {
		return
	}
	arn := string(n.ID) + a.suffix
	if !grants(out.identity, a.read, arn) && !grants(out.identity, a.write, arn) {
		return
	}
	detail := "a policy of the role names it"
	if sid != "" {
		detail += " (statement " + sid + ")"
	}
	out.named[n] = graph.Evidence{
		Source: graph.From("iam:GetAccountAuthorizationDetails", "RoleDetailList[].RolePolicyList[].PolicyDocument"),
		Detail: detail, Kind: byPermission, Confidence: policyExact,
	}
}
