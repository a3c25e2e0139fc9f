package aws

import (
	"maps"
	"regexp"
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

// aboutStores are the names of variables that speak of a database or a cache without
// naming one: user, password, port.
var aboutStores = map[graph.Class]*regexp.Regexp{
	graph.Database:      regexp.MustCompile(`(?:^|_)(?:DB|DATABASE|RDS|PG|PGUSER|PGPASSWORD|PGDATABASE|PGPORT|POSTGRES|POSTGRESQL|MYSQL|MARIADB|AURORA)(?:$|_)`),
	graph.DatabaseProxy: regexp.MustCompile(`(?:^|_)(?:DB|DATABASE|RDS|PROXY|PGUSER|PGPASSWORD|PGDATABASE|PGPORT)(?:$|_)`),
	graph.Cache:         regexp.MustCompile(`(?:^|_)(?:CACHE|REDIS|VALKEY|MEMCACHED)(?:$|_)`),
}

// aboutStore is the confidence that code with such a variable talks to the only store
// of the kind its security groups let it reach.
const aboutStore = 0.35

// fromNetwork adds the stores a workload may reach by socket: a security group of the
// workload is admitted on the port of the store. That alone proves little; with the
// store's secret, or variables about such a store, it proves more.
func (b *Builder) fromNetwork(w *workload, role *roleReach, found map[*graph.Node][]graph.Evidence) {
	groups := graph.SecurityGroups.Get(&w.node.Facts)
	if !groups.Known {
		return
	}
	named := maps.Clone(found)
	for n, e := range role.named {
		named[n] = append(slices.Clone(named[n]), e)
	}
	reached := map[*graph.Node]bool{}
	for _, a := range b.admitted[place{w.node.Account, w.node.Region}] {
		to := a.to.node
		if !slices.Contains(groups.V, a.from) {
			continue
		}
		reached[to] = true
		found[to] = append(found[to], graph.Evidence{
			Source: graph.From("ec2:DescribeSecurityGroups", "SecurityGroups[].IpPermissions[].UserIdGroupPairs[].GroupId"),
			Detail: "security group " + a.from + " is admitted on port " + itoa(a.port), Kind: byNetwork, Confidence: networkPath,
		})
		if secret := b.secretOf(to, named); secret != nil {
			found[to] = append(found[to], graph.Evidence{
				Source: w.source, Detail: "uses secret " + secret.Name + ", which belongs to this store", Kind: byEnvironment, Confidence: linkedStore,
			})
		}
	}
	b.fromSpeaking(w, reached, named, found)
}

// fromSpeaking adds evidence where a variable speaks of a kind of store and the
// network leads to one of that kind only.
func (b *Builder) fromSpeaking(w *workload, reached map[*graph.Node]bool, named, found map[*graph.Node][]graph.Evidence) {
	for class, speaks := range aboutStores {
		var only []*graph.Node
		for n := range reached {
			if n.Class == class && !reached[b.sys.Graph.Node(b.memberOf[n.ID])] {
				only = append(only, n)
			}
		}
		if len(only) != 1 || len(named[only[0]]) > 0 {
			continue
		}
		for _, v := range slices.Sorted(maps.Keys(w.variables)) {
			if speaks.MatchString(strings.ToUpper(camelHump.ReplaceAllString(v, "${1}_${2}"))) {
				found[only[0]] = append(found[only[0]], graph.Evidence{Source: w.source, Detail: "variable " + v + " is about such a store, and only this one is in reach", Kind: byEnvironment, Confidence: aboutStore})
				break
			}
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
