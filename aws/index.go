package aws

import (
	"slices"

	"github.com/flowdeed/flowdeed/graph"
)

// place is an account and a Region of it.
type place struct{ account, region string }

// inAccount is an account and what something of it is called there.
type inAccount struct{ account, name string }

// index finds what a pass would otherwise look for among everything that was scanned:
// a pass over the nodes of every account for every account grows with the square.
type index struct {
	// regions are the answers of a service in an account, in the order of the scan.
	regions map[inAccount][]*Region
	// placed are the nodes of an account and Region, sorted by id.
	placed map[place][]*graph.Node
	// aliases are the nodes an account calls by a name, sorted by id.
	aliases map[inAccount][]*graph.Node
	// only is the node of a name that no other node has; nil where several have it.
	only map[string]*graph.Node
	// ownBuckets are the bucket names of each account.
	ownBuckets map[string]map[string]bool
	// audits are the trails that record the activity of an account.
	audits map[string][]auditTrail
}

func newIndex() index {
	return index{
		regions: map[inAccount][]*Region{}, placed: map[place][]*graph.Node{}, aliases: map[inAccount][]*graph.Node{},
		only: map[string]*graph.Node{}, ownBuckets: map[string]map[string]bool{}, audits: map[string][]auditTrail{},
	}
}

func (b *Builder) addRegion(r *Region) {
	key := inAccount{r.Account, r.Service.Name}
	b.index.regions[key] = append(b.index.regions[key], r)
}

// indexNodes runs when all services have added their nodes.
func (b *Builder) indexNodes() {
	x := &b.index
	for _, n := range b.sys.Graph.Pending() {
		at := place{n.Account, n.Region}
		x.placed[at] = append(x.placed[at], n)
		if n.Class == graph.Bucket {
			if x.ownBuckets[n.Account] == nil {
				x.ownBuckets[n.Account] = map[string]bool{}
			}
			x.ownBuckets[n.Account][n.Name] = true
		}
		seen := map[string]bool{}
		for _, a := range append(slices.Clone(n.Aliases), string(n.ID)) {
			if a == "" || seen[a] {
				continue
			}
			seen[a] = true
			key := inAccount{n.Account, a}
			x.aliases[key] = append(x.aliases[key], n)
			if _, taken := x.only[a]; taken {
				x.only[a] = nil
			} else {
				x.only[a] = n
			}
		}
	}
	for _, t := range b.audits {
		for _, account := range graph.RecordsAccounts.Get(&t.node.Facts).V {
			x.audits[account] = append(x.audits[account], t)
		}
	}
}

// unique finds the only node of a name: in the Region of who refers, else in the
// account, else anywhere.
func (b *Builder) unique(alias string, r reference) *graph.Node {
	if alias == "" {
		return nil
	}
	own := b.index.aliases[inAccount{r.account, alias}]
	var near []*graph.Node
	for _, n := range own {
		if n.Region == r.region || n.Region == GlobalRegion {
			near = append(near, n)
		}
	}
	switch {
	case len(near) == 1:
		return near[0]
	case len(near) == 0 && len(own) == 1:
		return own[0]
	case len(own) > 0:
		return nil
	}
	return b.index.only[alias]
}
