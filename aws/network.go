package aws

import (
	"slices"
	"strings"

	"github.com/flowdeed/flowdeed/graph"
)

// Confidence of a connection over a socket. Source: collection catalogue, "Function
// to store": a security-group path alone proves little, with the store's own secret
// it proves a lot.
const (
	networkPath = 0.35
	linkedStore = 0.75
)

// fromNetwork adds the stores a workload may reach by socket: a security group of the
// workload is admitted on the port of the store.
func (b *Builder) fromNetwork(w *workload, found map[*graph.Node][]graph.Evidence) {
	groups := graph.SecurityGroups.Get(&w.node.Facts)
	if !groups.Known {
		return
	}
	for _, a := range b.admitted {
		to := a.to.node
		if to.Account != w.node.Account || to.Region != w.node.Region || !slices.Contains(groups.V, a.from) {
			continue
		}
		found[to] = append(found[to], graph.Evidence{
			Source: graph.From("ec2:DescribeSecurityGroups", "SecurityGroups[].IpPermissions[].UserIdGroupPairs[].GroupId"),
			Detail: "security group " + a.from + " is admitted on port " + itoa(a.port), Kind: byNetwork, Confidence: networkPath,
		})
		if secret := b.secretOf(to, found); secret != nil {
			found[to] = append(found[to], graph.Evidence{
				Source: w.source, Detail: "uses secret " + secret.Name + ", which belongs to this store", Kind: byEnvironment, Confidence: linkedStore,
			})
		}
	}
}

// secretOf finds, among what a workload uses, the secret that opens a database: the
// one the database manages itself, one that carries its ARN in a tag, or one whose
// name ends in its identifier.
func (b *Builder) secretOf(db *graph.Node, found map[*graph.Node][]graph.Evidence) *graph.Node {
	var hit *graph.Node
	for n := range found {
		if n.Class != graph.Secret && n.Class != graph.Parameter {
			continue
		}
		linked := n.Tags["aws:rds:primaryDBInstanceArn"] == string(db.ID) || n.Tags["aws:rds:primaryDBClusterArn"] == string(db.ID) ||
			strings.EqualFold(shortName(n.Name), db.Name) || slices.Contains(strings.FieldsFunc(n.Name, func(r rune) bool { return r == '/' }), db.Name) ||
			b.managedSecret[db.ID] == string(n.ID)
		if linked && (hit == nil || n.ID < hit.ID) {
			hit = n
		}
	}
	return hit
}
