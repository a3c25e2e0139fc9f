package classify

import (
	"cmp"
	"slices"
	"sync/atomic"

	"github.com/flowdeed/flowdeed/annotations"
	"github.com/flowdeed/flowdeed/graph"
)

// answer holds what Propagate found as sets of bits. Labels are written out, and their
// paths are looked for, when a node is first asked about.
type answer struct {
	*propagation
	net    *network
	strong *layer  // of good flows
	any    *layer  // of all flows; nil where there are no others
	surely *layer  // of flows on which everything arrives; nil where it was not needed
	firm   *reach  // over good flows, from good statements
	weak   *reach  // over all flows, from all statements
	sure   *reach  // what surely arrives; nil when nobody says that anything is absent
	first  []int32 // seeds of node v: first[v] to first[v+1]
	grade  func(Label) Profile
	tracer *tracer

	held    []atomic.Pointer[Held]
	profile []atomic.Uint32 // profile plus one
	ids     []atomic.Pointer[string]
}

// connect makes the network and its layers of the steps.
func (a *answer) connect() {
	a.net = newNetwork(len(a.nodes), a.steps, a.turns, a.atoms.words())
	a.strong, a.any, a.surely = a.net.layer(strongStep), nil, nil
}

// carry finds which atoms come to which node.
func (a *answer) carry() {
	a.net.words, a.net.local = a.atoms.words(), a.atoms.held()
	firm, weak := a.split()
	a.firm = a.strong.closure(firm)
	a.weak = a.firm
	if slices.ContainsFunc(a.net.steps, func(s step) bool { return s.strength < strongStep }) {
		if a.any == nil {
			a.any = a.net.layer(weakStep)
		}
		a.weak = a.any.closure(a.seeds)
	} else if len(weak) > 0 {
		a.weak = a.strong.closure(a.seeds)
	}
	a.sure = nil
	if a.contradictable() {
		if a.surely == nil {
			a.surely = a.net.layer(sureStep)
		}
		a.sure = a.surely.closure(firm)
	}
}

func newAnswer(a *answer) *Labels {
	sortSeeds(a.seeds)
	a.ready()
	return &Labels{grade: a.grade, source: a}
}

func sortSeeds(list []seed) {
	slices.SortStableFunc(list, func(x, y seed) int { return cmp.Compare(x.node, y.node) })
}

// ready makes an answer fit for reading: nothing is written out yet.
func (a *answer) ready() {
	n := len(a.nodes)
	a.first = make([]int32, n+1)
	for _, s := range a.seeds {
		a.first[s.node+1]++
	}
	for v := range n {
		a.first[v+1] += a.first[v]
	}
	a.grade = Grader(a.set.Taxonomy())
	a.held, a.profile = make([]atomic.Pointer[Held], n), make([]atomic.Uint32, n)
	a.ids = make([]atomic.Pointer[string], len(a.m.Flows()))
	a.tracer = &tracer{a: a}
}

// at is one atom at a node.
type at struct {
	atom  int32
	steps int // on the way here; 0 where it is stated, 1 where nobody has asked for the way
	way   *traced
	state State
	seed  *seed // where it was stated here
	label *Label
}

// rank of states, the best first.
var ranks = map[State]int{Declared: 0, Stale: 1, Disputed: 2, Inferred: 3, Weak: 4}

// atomsAt lists the atoms at a node with their state.
func (a *answer) atomsAt(v int32) []at {
	out := make([]at, 0, count(a.weak.of(v)))
	firm := a.firm.of(v)
	each(a.weak.of(v), func(x int32) {
		one := at{atom: x, steps: 1, state: Weak}
		if firm[x/64]>>(x%64)&1 != 0 {
			one.state = Inferred
		}
		if one.seed = a.origin(v, x); one.seed != nil {
			one.state, one.steps = one.seed.state, 0
		}
		out = append(out, one)
	})
	return out
}

// better tells whether a statement counts for more than another of the same atom.
func better(s, t *seed) bool {
	if s.passing != t.passing {
		return t.passing
	}
	return ranks[s.state] < ranks[t.state]
}

// labelsAt groups the atoms of a node by category: a label for each state and
// certainty that says something the better ones do not. With ways, the way of each is
// found first, and that of a label is the shortest of its people; without, labels are
// the same but for their paths.
func (a *answer) labelsAt(v int32, ways bool) []at {
	list := a.atomsAt(v)
	if ways {
		for i := range list {
			if list[i].seed == nil {
				way := a.tracer.trace(place{v, list[i].atom})
				list[i].way, list[i].steps = &way, len(way.steps)
			}
		}
	}
	st := &a.statements[v]
	for i := range list {
		list[i].state = a.contradicted(v, st, &list[i])
	}
	slices.SortStableFunc(list, func(x, y at) int {
		p, q := &a.atoms.list[x.atom], &a.atoms.list[y.atom]
		return cmp.Or(cmp.Compare(p.category, q.category), ranks[x.state]-ranks[y.state], annotations.FalseFirst(p.may, q.may), cmp.Compare(x.steps, y.steps), cmp.Compare(p.subjects, q.subjects))
	})
	var out []at
	for i := 0; i < len(list); {
		j := i + 1
		for j < len(list) && a.atoms.list[list[j].atom].category == a.atoms.list[list[i].atom].category {
			j++
		}
		out = a.group(v, list[i:j], out)
		i = j
	}
	return out
}

// group writes the labels of one category.
func (a *answer) group(v int32, list, out []at) []at {
	var firm, any []string // subjects that are covered by certain labels, and by all
	said, sure := false, false
	for i := 0; i < len(list); {
		lead := list[i]
		x := a.atoms.list[lead.atom]
		var people []string
		j := i
		for ; j < len(list) && list[j].state == lead.state && a.atoms.list[list[j].atom].may == x.may; j++ {
			people = append(people, a.atoms.list[list[j].atom].people()...)
		}
		i = j
		slices.Sort(people)
		people = slices.Compact(people)
		known := firm
		if x.may {
			known = any
		}
		if said && (x.may || sure) {
			people = slices.DeleteFunc(people, func(s string) bool { return slices.Contains(known, s) })
			if len(people) == 0 {
				continue // nothing new
			}
		}
		said, any = true, append(any, people...)
		if !x.may {
			sure, firm = true, append(firm, people...)
		}
		lead.label = &Label{Category: x.category, Subjects: people, State: lead.state, MayContain: x.may}
		if lead.seed != nil {
			lead.label.Passing = lead.seed.passing
		} else {
			lead.label.Passing = covered(a.statements[v].Passes, x.category)
		}
		out = append(out, lead)
	}
	return out
}

// contradicted gives the state of an atom that a person says is not at the node. What
// surely arrives, and evidence on the node itself, make it disputed; what may arrive
// becomes a weak hint: the person's word stands, and the path is shown.
func (a *answer) contradicted(v int32, st *annotations.Statement, x *at) State {
	if x.state == Weak || x.seed != nil && !x.seed.removable || covered(st.Passes, a.atoms.list[x.atom].category) {
		return x.state
	}
	if !(st.None && !st.Review.Expired(a.now)) && !a.removed(st, x) {
		return x.state
	}
	if x.seed != nil || a.sure != nil && a.sure.has(v, x.atom) {
		return Disputed
	}
	return Weak
}

// removed tells whether a named person, with an unexpired date, took a category away.
func (a *answer) removed(st *annotations.Statement, x *at) bool {
	return slices.ContainsFunc(st.Removed, func(r annotations.Removal) bool {
		review := annotations.Review{Expires: r.Expires}
		return r.Category != "" && r.Field == "" && r.By != "" && r.Expires != "" && !review.Expired(a.now) &&
			annotations.Covers(r.Category, a.atoms.list[x.atom].category)
	})
}

// hold writes out what is known of a node.
func (a *answer) hold(v int32) *Held {
	if h := a.held[v].Load(); h != nil {
		return h
	}
	st := &a.statements[v]
	h := &Held{Stated: st.Stated, Activities: st.Activities, Owner: st.Owner}
	if st.Retention != nil {
		h.Retention = st.Retention.Days
	}
	for _, x := range a.labelsAt(v, true) {
		a.path(v, &x)
		h.Labels = append(h.Labels, *x.label)
	}
	slices.SortStableFunc(h.Labels, func(x, y Label) int {
		return cmp.Or(cmp.Compare(x.Category, y.Category), cmp.Compare(x.Origin, y.Origin), ranks[x.State]-ranks[y.State])
	})
	h.State, h.Why = a.state(a.nodes[v], st, h.Labels)
	if a.unknownRecipient(a.nodes[v], h) {
		h.UnknownRecipient = true
		h.Why = "unknown recipient: no party is declared for it"
	}
	a.held[v].Store(h)
	return h
}

// unknownRecipient tells whether personal data goes to somebody outside of whom nobody
// says who it is. Source: privacy model, carry rules: "node to party outside".
func (a *answer) unknownRecipient(n *graph.Node, h *Held) bool {
	if !n.External || n.Class != graph.ExternalEndpoint && n.Class != graph.ExternalAccount || h.Stated {
		return false
	}
	if _, known := recipientOf(a.set, n); known {
		return false
	}
	return slices.ContainsFunc(h.Labels, func(l Label) bool { return l.State != Weak })
}

// path writes the way of a label, from where it was stated to here.
func (a *answer) path(v int32, x *at) {
	l, from := x.label, place{v, x.atom}
	l.Path = append(make([]graph.ID, 0, x.steps+2), a.nodes[v].ID)
	if x.way != nil {
		l.Flows = make([]string, 0, x.steps+1)
		for _, i := range x.way.steps {
			s := &a.net.steps[i]
			l.Flows = append(l.Flows, a.flowID(s.flow))
			l.Path = append(l.Path, a.nodes[s.from].ID)
		}
		from = x.way.from
	}
	origin := a.origin(from.node, from.atom)
	if origin.via != nil {
		l.Flows = append(l.Flows, origin.via.ID())
		l.Path = append(l.Path, origin.via.From)
	}
	l.Origin = origin.origin
	slices.Reverse(l.Path)
	slices.Reverse(l.Flows)
}

// origin is the best statement of an atom at a node, nil where there is none. Where good
// statements or flows give it, weak hints do not count.
func (a *answer) origin(v, x int32) *seed {
	firm := a.firm.has(v, x)
	var best *seed
	for i := a.first[v]; i < a.first[v+1]; i++ {
		if s := &a.seeds[i]; s.atom == x && (s.state != Weak || !firm) && (best == nil || better(s, best)) {
			best = s
		}
	}
	return best
}

func (a *answer) flowID(i int32) string {
	if s := a.ids[i].Load(); s != nil {
		return *s
	}
	id := a.m.Flows()[i].ID()
	a.ids[i].Store(&id)
	return id
}

// state is the state of a node as a whole.
func (a *answer) state(n *graph.Node, st *annotations.Statement, labels []Label) (State, string) {
	best, passing := Unknown, Unknown
	disputed := ""
	for _, l := range labels {
		if l.State == Disputed {
			disputed = l.Category
		}
		if l.Passing {
			passing = stronger(passing, l.State)
		} else {
			best = stronger(best, l.State)
		}
	}
	switch {
	case disputed != "":
		return Disputed, "a person says that it holds no " + disputed + ", and evidence says that it does"
	case st.None && st.Review.Expired(a.now):
		return Stale, "the statement \"no personal data\" has expired: " + st.NoneReason
	case st.None && passing != Unknown && best != Declared:
		return passing, "keeps no personal data, passes it on: " + st.NoneReason
	case st.None && best != Declared:
		return None, st.NoneReason
	case stronger(best, passing) != Unknown:
		return stronger(best, passing), ""
	}
	if why, ok := unreadable(n); ok {
		return Unreadable, why
	}
	return Unknown, ""
}

// unreadable tells whether the description of a node that keeps data could not be
// read: how it is encrypted is not known, or more is unknown than known.
func unreadable(n *graph.Node) (why string, ok bool) {
	if !n.Class.KeepsData() || n.External {
		return "", false
	}
	if rest, ok := n.Facts.Lookup(graph.AtRest.Name); ok && !rest.Known {
		return rest.Why, true
	}
	unknown := 0
	for _, f := range n.Facts.All() {
		if !f.Known {
			unknown++
			why = cmp.Or(why, f.Why)
		}
	}
	return why, 2*unknown > len(n.Facts.All())
}

var states = []State{Unknown, Weak, Inferred, Stale, Declared}

func stronger(a, b State) State {
	if slices.Index(states, b) > slices.Index(states, a) {
		return b
	}
	return a
}

// gradeOf is the profile of a node, without its paths.
func (a *answer) gradeOf(v int32) Profile {
	if p := a.profile[v].Load(); p > 0 {
		return Profile(p - 1)
	}
	labels := a.labelsAt(v, false)
	bare := make([]Label, len(labels))
	for i, x := range labels {
		bare[i] = *x.label
	}
	state, _ := a.state(a.nodes[v], &a.statements[v], bare)
	p := profileOf(state, bare, a.grade)
	a.profile[v].Store(uint32(p) + 1)
	return p
}
