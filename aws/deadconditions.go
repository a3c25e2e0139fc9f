package aws

import (
	"slices"
	"strings"

	"github.com/flowdeed/flowdeed/graph"
	policy "github.com/flowdeed/flowdeed/iam"
)

// deadConditions sets, for every principal and every resource with a policy, which
// conditions of its policies guard nothing. Policies that AWS keeps are left out: nobody
// here can mend them.
func (b *Builder) deadConditions() {
	actions := b.sys.World.Actions
	if actions == nil {
		actions = policy.BuiltInActions()
	}
	known := map[*policy.Policy][]string{} // a managed policy is attached to many
	dead := func(p *policy.Policy) []string {
		list, ok := known[p]
		if !ok && !strings.Contains(p.ID, ":iam::aws:policy/") {
			list = deadGuards(actions, p)
			known[p] = list
		}
		return list
	}
	holders := map[graph.ID]*policy.Holder{}
	for _, h := range b.sys.World.Holders {
		holders[graph.ID(h.Principal.ARN)] = h
	}
	for _, n := range b.sys.Graph.Pending() {
		if h := holders[n.ID]; h != nil {
			b.deadOfPrincipal(n, h, dead)
		} else {
			b.deadOfResource(n, dead)
		}
	}
}

func deadGuards(actions *policy.ActionData, p *policy.Policy) []string {
	var out []string
	for _, d := range actions.DeadGuards(p) {
		what := "never denies"
		if d.Effect == policy.Allow {
			what = "never limits"
		}
		out = append(out, d.Statement.Policy+" "+d.Statement.String()+": "+d.Operator+" "+d.Key+" "+what)
	}
	return out
}

func (b *Builder) deadOfPrincipal(n *graph.Node, h *policy.Holder, dead func(*policy.Policy) []string) {
	var found []string
	side := b.sides[n.ID]
	trust := &policy.Policy{}
	if side != nil && side.policy != nil {
		trust = side.policy
	}
	for _, p := range slices.Concat(h.Policies, h.Boundaries, []*policy.Policy{trust}) {
		found = append(found, dead(p)...)
	}
	read := graph.PermissionsRead.Get(&n.Facts)
	why := read.Why
	switch {
	case read.Known && side != nil && side.unread != "":
		why = side.unread
	case read.Known && trust.Undecided() != "":
		why = "the trust policy cannot be read whole: " + trust.Undecided()
	}
	setDead(n, found, why, read.Source)
}

func (b *Builder) deadOfResource(n *graph.Node, dead func(*policy.Policy) []string) {
	has, asked := n.Facts.Lookup(graph.HasPolicy.Name)
	if !asked {
		return
	}
	side := b.sides[n.ID]
	switch {
	case side != nil && side.policy != nil:
		why := ""
		if u := side.policy.Undecided(); u != "" {
			why = "the policy cannot be read whole: " + u
		}
		setDead(n, dead(side.policy), why, has.Source)
	case has.Known:
		graph.DeadConditions.SetNote(&n.Facts, []string{}, "no policy", has.Source)
	default:
		graph.DeadConditions.Unknown(&n.Facts, has.Why, has.Source)
	}
}

// setDead sets the fact: what was found stands, and without a find it is known only when
// all was read.
func setDead(n *graph.Node, found []string, unread string, src graph.Source) {
	slices.Sort(found)
	found = list(slices.Compact(found))
	switch {
	case unread == "":
		graph.DeadConditions.Set(&n.Facts, found, src)
	case len(found) > 0:
		graph.DeadConditions.SetNote(&n.Facts, found, unread, src)
	default:
		graph.DeadConditions.Unknown(&n.Facts, unread, src)
	}
}
