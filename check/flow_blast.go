package check

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/flowdeed/flowdeed/classify"
	"github.com/flowdeed/flowdeed/graph"
)

var blastRadius = &Control{
	ID: "FLOW-BLAST-001", Title: "One compromise does not expose many stores",
	Doc: "Counts the personal-data stores that a processor or principal can read: by its own flows, by the permissions of its role and everything that runs under it, and by the roles that role may assume in turn. " +
		"More than the policy allows, or stores of more than two processing activities, fail. Rights that hang on conditions do not count by themselves.",
	Why:      "Art. 25 and 32(1)(b): whoever takes over one function has everything its role may read. The fewer stores, the smaller the breach that Art. 33 makes the controller report.",
	Severity: Medium, Moves: WithData, Articles: []string{"25", "32(1)(b)", "33"},
	Fix:   "Give each processor its own role with the rights for its own stores; keep purposes apart in separate accounts.",
	Reads: []Read{{"iam:GetAccountAuthorizationDetails", "RoleDetailList[].RolePolicyList[].PolicyDocument"}, {"lambda:ListFunctions", "Functions[].Role"}},

	System: func(in *Input) []SystemResult {
		b := &blast{in: in, of: map[graph.ID]*stores{}}
		var out []SystemResult
		for _, n := range in.Graph.Nodes() {
			if slices.Contains(takenOver, n.Class) && !n.External {
				out = append(out, SystemResult{Subject: string(n.ID), Result: b.answer(n)})
			}
		}
		return out
	},
}

// takenOver are the classes of nodes an attacker may take over.
var takenOver = []graph.Class{graph.Function, graph.ContainerService, graph.Instance, graph.ETLJob, graph.StateMachine, graph.Principal}

// stores is what can be read from somewhere.
type stores struct {
	personal, unlabelled []graph.ID // sorted
	conditional          []graph.ID // personal ones that hang on conditions, sorted
	activities           []string   // of the personal ones, sorted
	blind                graph.ID   // a role on the way of which not all is known
}

// blast works out what can be read from every role once.
type blast struct {
	in *Input
	of map[graph.ID]*stores // by role
}

func (b *blast) answer(n *graph.Node) Result {
	s := b.reach(n)
	limit := b.in.Policy.BlastStores
	t := tally{}
	if n.Class == graph.Function {
		t.known(graph.RoleARN.Get(&n.Facts).Fact)
	}
	switch {
	case len(s.personal) > limit:
		t.against(0, fmt.Sprintf("from here %d personal-data stores can be read, %d are allowed: %s", len(s.personal), limit, names(b.in, s.personal)))
	case len(s.personal)+len(s.unlabelled) > limit:
		t.gap(fmt.Sprintf("from here %s can be read of which nobody says what they hold: %s", plural(len(s.unlabelled), "store"), names(b.in, s.unlabelled)))
	}
	if more := len(s.personal) + len(s.conditional); len(s.personal) <= limit && more > limit {
		t.gap(fmt.Sprintf("under conditions that are not known %s more can be read: %s", plural(len(s.conditional), "personal-data store"), names(b.in, s.conditional)))
	}
	if len(s.activities) > purposesMax {
		t.against(0, fmt.Sprintf("from here stores of %d processing activities can be read: %s", len(s.activities), strings.Join(s.activities, ", ")))
	}
	if s.blind != "" {
		t.gap("what " + name(b.in, s.blind) + " may read is not known in full")
	}
	if len(s.personal)+len(s.unlabelled)+len(t.gaps) == 0 {
		return doesNotApply("no personal-data store can be read from here", t.facts...)
	}
	return t.result(fmt.Sprintf("from here %s can be read, %d are allowed", plural(len(s.personal), "personal-data store"), limit))
}

// reach is what a node can read. What a processor reads itself is among what its role
// reads, so the role's answer is shared by all that run under it.
func (b *blast) reach(n *graph.Node) *stores {
	if n.Class == graph.Principal {
		return b.role(n.ID)
	}
	roles := rolesOf(b.in, n)
	if len(roles) == 1 && slices.ContainsFunc(b.in.Graph.Out(n.ID), func(f *graph.Flow) bool { return f.Kind == graph.Assumes }) {
		return b.role(roles[0])
	}
	found, maybe := map[graph.ID]bool{}, map[graph.ID]bool{}
	b.reads(n.ID, found)
	out := &stores{}
	for _, r := range roles {
		s := b.role(r)
		add(found, s.personal, s.unlabelled)
		add(maybe, s.conditional)
		if out.blind == "" {
			out.blind = s.blind
		}
	}
	b.sort(out, found, maybe)
	return out
}

func add(set map[graph.ID]bool, lists ...[]graph.ID) {
	for _, l := range lists {
		for _, id := range l {
			set[id] = true
		}
	}
}

// role is what can be read from a role and the roles it may assume.
func (b *blast) role(id graph.ID) *stores {
	if s, ok := b.of[id]; ok {
		return s
	}
	s, found, maybe := &stores{}, map[graph.ID]bool{}, map[graph.ID]bool{}
	seen, queue := map[graph.ID]bool{id: true}, []graph.ID{id}
	for len(queue) > 0 {
		at := queue[0]
		queue = queue[1:]
		rights, complete := b.in.mayUse(at)
		if !complete && s.blind == "" {
			s.blind = at
		}
		for _, r := range rights {
			switch {
			case !r.Read || !b.isStore(r.Store):
			case r.Conditional:
				maybe[r.Store] = true
			default:
				found[r.Store] = true
			}
		}
		b.reads(at, found)
		for _, f := range b.in.Graph.In(at) {
			if f.Kind == graph.Assumes { // what runs under the role shows what it may read
				b.reads(f.From, found)
			}
		}
		for _, f := range b.in.Graph.Out(at) {
			if (f.Kind == graph.CanAssume || f.Kind == graph.Assumes) && !seen[f.To] {
				seen[f.To] = true
				queue = append(queue, f.To)
			}
		}
	}
	b.sort(s, found, maybe)
	b.of[id] = s
	return s
}

func (b *blast) isStore(id graph.ID) bool {
	n := b.in.Graph.Node(id)
	return n != nil && n.Class.Role() == graph.RoleStore
}

func (b *blast) reads(id graph.ID, found map[graph.ID]bool) {
	for _, f := range b.in.Graph.Out(id) {
		if readsStore(f.Kind) && b.isStore(f.To) {
			found[f.To] = true
		}
	}
}

func (b *blast) sort(s *stores, found, maybe map[graph.ID]bool) {
	for _, id := range slices.Sorted(maps.Keys(maybe)) {
		if !found[id] && b.in.Labels.Profile(id).Personal() {
			s.conditional = append(s.conditional, id)
		}
	}
	for _, id := range slices.Sorted(maps.Keys(found)) {
		switch p := b.in.Labels.Profile(id); {
		case p.Personal():
			s.personal = append(s.personal, id)
			s.activities = append(s.activities, b.in.Labels.At(id).Activities...)
		case p != classify.ProfileNone:
			s.unlabelled = append(s.unlabelled, id)
		}
	}
	slices.Sort(s.activities)
	s.activities = slices.Compact(s.activities)
}
