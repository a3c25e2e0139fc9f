package reach

import (
	"slices"

	"github.com/flowdeed/flowdeed/graph"
	"github.com/flowdeed/flowdeed/iam"
)

// Within answers what somebody gets at who takes over a node: as a principal by all its
// ways; as something that runs by its roles, and by its flows where no permission
// decides; as a key by what it encrypts.
func (f *Finder) Within(n *graph.Node, access ...iam.Access) Result {
	if f.holders[string(n.ID)] != nil {
		return f.ReachOf(string(n.ID), access...)
	}
	if n.ID == graph.Internet {
		return f.fromInternet(access)
	}
	r := f.Behind(n.ID, func(role string) Result { return f.ReachOf(role, access...) })
	judged := len(r.Answers) > 0
	for _, fl := range f.graph.Out(n.ID) {
		to := f.graph.Node(fl.To)
		if to == nil || !to.Class.KeepsData() || f.assets[string(to.ID)] != nil && judged {
			continue
		}
		switch forward, backward := fl.Kind.DataMoves(); {
		case backward:
			r.Answers = append(r.Answers, along(fl, n.ID, to.ID, iam.Read))
		case forward:
			r.Answers = append(r.Answers, along(fl, n.ID, to.ID, iam.Write))
		}
	}
	if n.Class == graph.EncryptionKey {
		for _, fl := range f.graph.In(n.ID) {
			if fl.Kind == graph.EncryptsWith && f.graph.Node(fl.From) != nil {
				r.Answers = append(r.Answers, along(fl, n.ID, fl.From, iam.Decrypt))
			}
		}
	}
	return r
}

// fromInternet answers what anybody gets at without credentials: by what is open to
// everybody, and along the flows.
func (f *Finder) fromInternet(access []iam.Access) Result {
	var r Result
	who := caller{principal: iam.Principal{Kind: iam.Anonymous}}
	for _, n := range f.graph.Nodes() {
		if a := f.assets[string(n.ID)]; a != nil {
			for _, x := range access {
				s := &search{Finder: f, asset: a, access: x, sure: map[string]bool{}, has: map[string]bool{}, granted: map[string][]string{}}
				d, asked := f.access(who, a, x)
				last := []Step{{To: a.ARN, How: string(x), If: d.If, Because: d.Because}}
				switch {
				case !asked:
				case d.Outcome.Reaches():
					s.answer(who, Public, last, d)
				case d.Outcome == iam.Unknown:
					s.out.Undecided = append(s.out.Undecided, s.make(who, Public, last, d))
				}
				r.add(s.out)
			}
		}
		r.add(f.fromOutside(string(n.ID), access).Of(string(graph.Internet)))
	}
	r.Answers, r.Undecided = merge(r.Answers), merge(r.Undecided)
	return r
}

// along is the answer that a flow gives by itself.
func along(fl *graph.Flow, from, to graph.ID, access iam.Access) Answer {
	return Answer{
		Principal: string(from), Store: string(to), Access: []iam.Access{access}, Decision: iam.Allowed, Via: Direct,
		Steps: []Step{{To: string(to), How: string(fl.Kind), flow: fl}},
	}
}

// RunsAsPrincipal tells whether a node runs under a scanned role.
func (f *Finder) RunsAsPrincipal(id graph.ID) bool { return len(f.rolesOf(id)) > 0 }

// Behind answers for what runs under scanned roles: what ask says of each of them, with
// the step to the role before its paths.
func (f *Finder) Behind(id graph.ID, ask func(role string) Result) Result {
	var all Result
	for _, role := range f.rolesOf(id) {
		r := ask(role.Principal.ARN)
		all.Answers = append(all.Answers, behind(id, r.Answers)...)
		all.Undecided = append(all.Undecided, behind(id, r.Undecided)...)
		all.Denied = append(all.Denied, behind(id, r.Denied)...)
	}
	return all
}

func behind(id graph.ID, list []Answer) []Answer {
	out := slices.Clone(list)
	for i := range out {
		x := &out[i]
		x.Steps = append([]Step{{To: x.Principal, How: runsUnder}}, x.Steps...)
		x.Principal = string(id)
		if x.Via == Direct {
			x.Via = ViaRole
		}
	}
	return out
}

// Of keeps what is said of one principal, by itself or as one of its account.
func (r Result) Of(principal string) Result {
	keep := func(list []Answer) (out []Answer) {
		for _, x := range list {
			if slices.Contains(x.Members, principal) {
				x.Principal, x.Members = principal, nil
			}
			if x.Principal == principal {
				out = append(out, x)
			}
		}
		return out
	}
	return Result{Answers: keep(r.Answers), Undecided: keep(r.Undecided), Denied: keep(r.Denied)}
}

// KeptOut counts the stores that no answer opens, by the layer that keeps them shut.
func (r Result) KeptOut() map[iam.Layer]int {
	open := map[string]bool{}
	for _, x := range r.Answers {
		open[x.Store] = true
	}
	shut := map[iam.Layer]map[string]bool{}
	for _, x := range r.Denied {
		if open[x.Store] {
			continue
		}
		if shut[x.BlockedBy] == nil {
			shut[x.BlockedBy] = map[string]bool{}
		}
		shut[x.BlockedBy][x.Store] = true
	}
	out := map[iam.Layer]int{}
	for layer, stores := range shut {
		out[layer] = len(stores)
	}
	return out
}
