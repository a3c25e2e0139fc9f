package check

import (
	"github.com/flowdeed/flowdeed/classify"
	"github.com/flowdeed/flowdeed/graph"
)

// usedStores are the stores a processor uses, by what is known of their content.
type usedStores struct {
	personal, unlabelled, none []graph.ID
}

func (u usedStores) total() int { return len(u.personal) + len(u.unlabelled) + len(u.none) }

// storesUsed sorts the stores a node reads or writes.
func storesUsed(in *Input, id graph.ID) usedStores {
	var u usedStores
	last := graph.ID("")
	for _, f := range in.Graph.Out(id) {
		to := in.Graph.Node(f.To)
		if to == nil || to.ID == last || !usesStore(f.Kind) || to.Class.Role() != graph.RoleStore {
			continue
		}
		last = to.ID // the flows are sorted by target
		switch p := in.Labels.Profile(to.ID); {
		case p.Personal():
			u.personal = append(u.personal, to.ID)
		case p == classify.ProfileNone:
			u.none = append(u.none, to.ID)
		default:
			u.unlabelled = append(u.unlabelled, to.ID)
		}
	}
	return u
}

// usesStore tells whether a flow of this kind means that its source reads or writes its target.
func usesStore(k graph.FlowKind) bool {
	return k == graph.Reads || k == graph.Writes || k == graph.Accesses || k == graph.Mounts
}

// readsStore tells whether a flow of this kind means that its source reads its target.
func readsStore(k graph.FlowKind) bool {
	return k == graph.Reads || k == graph.Accesses || k == graph.Mounts
}
