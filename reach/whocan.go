package reach

import (
	"slices"
	"strings"

	"github.com/flowdeed/flowdeed/iam"
)

// Result is who reaches a store, and of whom it is not known.
type Result struct {
	Answers   []Answer
	Undecided []Answer
	// Denied are scanned principals that the store itself keeps out although a policy
	// of theirs speaks of it: what keeps them out is worth knowing.
	Denied []Answer
}

func (r *Result) add(o Result) {
	r.Answers = append(r.Answers, o.Answers...)
	r.Undecided = append(r.Undecided, o.Undecided...)
	r.Denied = append(r.Denied, o.Denied...)
}

// WhoCan answers who has one of the kinds of access to an asset, backwards from it.
func (f *Finder) WhoCan(arn string, access ...iam.Access) Result {
	var r Result
	if a := f.assets[arn]; a != nil {
		for _, x := range access {
			r.add(f.whoCan(a, x, true))
		}
	}
	r.add(f.unlisted(arn, access))
	r.add(f.fromOutside(arn, access))
	r.add(f.hanging(r, func(f *Finder) Result { return f.WhoCan(arn, access...) }))
	r.Answers, r.Undecided, r.Denied = merge(r.Answers), merge(r.Undecided), merge(r.Denied)
	return r
}

// Granted answers who has access because somebody gave it: by own permissions, roles
// and policies of the asset. Escalations and entry points are left out.
func (f *Finder) Granted(arn string, access ...iam.Access) Result {
	var r Result
	if a := f.assets[arn]; a != nil {
		for _, x := range access {
			r.add(f.whoCan(a, x, false))
		}
	}
	r.add(f.unlisted(arn, access))
	r.add(f.hanging(r, func(f *Finder) Result { return f.Granted(arn, access...) }))
	r.Answers, r.Undecided, r.Denied = merge(r.Answers), merge(r.Undecided), merge(r.Denied)
	return r
}

// unlisted is what stays open because the users and roles of an account were not read:
// of the account of the asset, and of those it names.
func (f *Finder) unlisted(arn string, access []iam.Access) (r Result) {
	a := f.assets[arn]
	if a == nil {
		return r
	}
	ids := append([]string{a.Account}, f.doorOf(a).accounts...)
	slices.Sort(ids)
	for _, id := range slices.Compact(ids) {
		l := f.world.Accounts[id]
		if l == nil || l.Unlisted == "" {
			continue
		}
		for _, x := range access {
			if len(actionsFor(a, x)) == 0 {
				continue
			}
			r.Undecided = append(r.Undecided, Answer{
				Principal: "arn:aws:iam::" + id + ":root", Store: arn, Access: []iam.Access{x}, Via: Direct, Steps: []Step{{To: arn, How: string(x)}}, BlockedBy: iam.LayerIdentity,
				Why: "the users and roles of account " + id + " are not all known: " + l.Unlisted,
			})
		}
	}
	return r
}

// direct is what every caller may do by itself.
type direct struct {
	caller caller
	iam.Decision
}

// directs decides for every caller that comes into question. Callers that get in as
// everybody does are left to the answer for everybody.
func (f *Finder) directs(a *iam.Asset, access iam.Access) []direct {
	var out []direct
	shared := f.sharedByAll(a, access)
	for _, c := range f.callers(a, actionsFor(a, access)...) {
		if shared && f.asEverybody(c, a, access) {
			continue
		}
		if d, asked := f.access(c, a, access); asked {
			out = append(out, direct{c, d})
		}
	}
	return out
}

// actionsFor are the actions on an asset that give a kind of access.
func actionsFor(a *iam.Asset, access iam.Access) []string {
	var out []string
	for _, d := range iam.DataActions(a.ARN) {
		if d.Access == access && !slices.Contains(out, d.Action) {
			out = append(out, d.Action)
		}
	}
	return out
}

// access is the best answer among the actions that give a kind of access. asked is
// false when no action gives it, or when nothing speaks of the caller at all.
func (f *Finder) access(c caller, a *iam.Asset, access iam.Access) (best iam.Decision, asked bool) {
	for _, d := range iam.DataActions(a.ARN) {
		if d.Access != access || !f.possible(c, a, d) {
			continue
		}
		got := f.decide(c, a, d)
		switch {
		case !asked || rank(got.Outcome) > rank(best.Outcome), got.Outcome == iam.Denied && best.Outcome == iam.Denied && got.BlockedBy == iam.LayerKey:
			best = got
		case got.Outcome == iam.AllowedIf && best.Outcome == iam.AllowedIf:
			best.If = either(best.If, got.If)
			best.Because = append(slices.Clone(best.Because), got.Because...)
		}
		asked = true
		if best.Outcome == iam.Allowed {
			break // no other action gives more
		}
	}
	return best, asked
}

// either joins the conditions of two decisions of which one suffices.
func either(x, y []iam.Alternative) []iam.Alternative {
	out := slices.Clone(x)
	for _, a := range y {
		if !slices.ContainsFunc(out, func(b iam.Alternative) bool { return b.String() == a.String() }) {
			out = append(out, a)
		}
	}
	return out
}

// search is one question: who has this access to this asset.
type search struct {
	*Finder
	asset  *iam.Asset
	access iam.Access
	out    Result
	// sure holds the callers that have an answer without conditions, by id.
	sure map[string]bool
	has  map[string]bool
	// granted are the conditions under which somebody was given the access, by id.
	granted map[string][]string
}

// addsNothing tells whether an answer asks for all that a way asks for which was given:
// who may come in by that way needs to get no rights for it.
func (s *search) addsNothing(a Answer) bool {
	return len(a.If) > 0 && !slices.ContainsFunc(a.If, func(text string) bool {
		return !slices.ContainsFunc(s.granted[a.Principal], func(known string) bool { return asksMore(text, known) })
	})
}

// asksMore tells whether conditions joined by "and" hold all of others.
func asksMore(text, than string) bool {
	list := strings.Split(text, " and ")
	return !slices.ContainsFunc(strings.Split(than, " and "), func(x string) bool { return !slices.Contains(list, x) })
}

func (f *Finder) whoCan(a *iam.Asset, access iam.Access, escalate bool) Result {
	s := &search{Finder: f, asset: a, access: access, sure: map[string]bool{}, has: map[string]bool{}, granted: map[string][]string{}}
	goals := map[string]goal{}
	list := f.directs(a, access)
	open, wide := everybody(list), s.accountWide(list)
	for _, d := range list {
		if open != nil && d.caller.principal.Kind != iam.Anonymous && s.coveredBy(&d, open) {
			continue
		}
		last := Step{To: a.ARN, How: string(access), If: d.If, Because: d.Because}
		if who := wide[d.caller.principal.Account]; who != nil && who.takes(&d) {
			goals[d.caller.id()] = goal{steps: []Step{last}, sure: d.Outcome == iam.Allowed, wide: true}
			s.has[d.caller.id()], s.sure[d.caller.id()] = true, d.Outcome == iam.Allowed
			s.granted[d.caller.id()] = Conditions([]Step{last})
			if !who.told {
				who.told = true
				everyone := caller{principal: iam.Principal{Kind: iam.Role, ARN: "arn:aws:iam::" + d.caller.principal.Account + ":root"}}
				s.answer(everyone, Direct, []Step{last}, d.Decision)
				s.out.Answers[len(s.out.Answers)-1].Members = who.members
			}
			continue
		}
		switch {
		case d.Outcome.Reaches():
			via := Direct
			if d.caller.principal.Kind == iam.Anonymous || d.caller.principal.ARN == anyAccount {
				via = Public
			}
			s.answer(d.caller, via, []Step{last}, d.Decision)
			goals[d.caller.id()] = goal{steps: []Step{last}, sure: d.Outcome == iam.Allowed}
		case d.Outcome == iam.Unknown:
			s.out.Undecided = append(s.out.Undecided, s.pend(s.make(d.caller, Direct, []Step{last}, d.Decision), 0, d.caller, func(f *Finder) iam.Decision {
				x, _ := f.access(d.caller, a, access)
				return x
			}))
		case d.caller.holder != nil:
			s.out.Denied = append(s.out.Denied, s.make(d.caller, Direct, []Step{last}, d.Decision))
		}
	}
	s.services()
	s.chains(goals, ViaRole, f.assumers)
	if !escalate {
		return s.out
	}
	s.lifted(goals)
	s.openings(goals)
	s.chains(goals, Escalation, func(to string) []edge { return append(slices.Clone(f.assumers(to)), f.escalators(to)...) })
	return s.out
}

// goal is a principal that reaches the store, with the hops from it.
type goal struct {
	steps []Step
	sure  bool
	via   Via
	wide  bool // by a statement that lets its whole account in
}

func (s *search) make(c caller, via Via, steps []Step, d iam.Decision) Answer {
	return Answer{
		Principal: c.id(), Store: s.asset.ARN, Access: []iam.Access{s.access}, Decision: d.Outcome, If: Conditions(steps), Via: via, Steps: steps,
		Why: d.Why, BlockedBy: d.BlockedBy,
	}
}

// answer notes that a caller reaches the store.
func (s *search) answer(c caller, via Via, steps []Step, d iam.Decision) {
	a := s.make(c, via, steps, d)
	a.Why = ""
	a.Decision = iam.Allowed
	if len(a.If) > 0 {
		a.Decision = iam.AllowedIf
	}
	if via == Escalation && s.addsNothing(a) {
		return
	}
	if via != Escalation {
		s.granted[c.id()] = append(s.granted[c.id()], a.If...)
	}
	s.has[c.id()] = true
	if a.Decision == iam.Allowed {
		s.sure[c.id()] = true
	}
	s.out.Answers = append(s.out.Answers, a)
}

// chains walks backwards from the principals in goals, first over hops without
// conditions, then over all: breadth first, in the order of ARNs, so that every
// principal gets its shortest path, and the same in every run. Found principals become
// goals themselves.
func (s *search) chains(goals map[string]goal, via Via, into func(string) []edge) {
	for _, sure := range []bool{true, false} {
		queue := s.starts(goals, sure)
		seen := map[string]bool{}
		for len(queue) > 0 {
			at := queue[0]
			queue = queue[1:]
			g := goals[at]
			for _, e := range into(at) {
				id := e.from.id()
				switch {
				case e.Outcome == iam.Unknown:
					if !sure && !s.has[id] && !seen["?"+id] {
						seen["?"+id] = true
						s.out.Undecided = append(s.out.Undecided, s.pend(s.make(e.from, via, s.through(e, g), e.Decision), 0, e.from, func(f *Finder) iam.Decision {
							if a := f.assets[e.to]; a != nil && e.rule == nil {
								return f.assume(e.from, a)
							}
							return iam.Decision{}
						}))
					}
					continue
				case s.sure[id] || seen[id] || sure && e.Outcome != iam.Allowed || !sure && goals[id].steps != nil && goals[id].via == via, g.wide && goals[id].wide:
					continue
				}
				seen[id] = true
				steps := s.through(e, g)
				if via != Escalation || escalates(steps) {
					s.answer(e.from, via, steps, e.Decision)
				}
				if _, there := goals[id]; !there || sure {
					goals[id] = goal{steps: steps, sure: sure, via: via}
				}
				queue = append(queue, id)
			}
		}
	}
}

// escalates tells whether a path holds a step by a rule: without one it is a chain of
// roles and was found as such.
func escalates(steps []Step) bool {
	return slices.ContainsFunc(steps, func(s Step) bool { return s.Rule != "" })
}

// starts are the goals to walk back from, nearest first.
func (s *search) starts(goals map[string]goal, sure bool) []string {
	var out []string
	for id, g := range goals {
		if g.sure || !sure {
			out = append(out, id)
		}
	}
	slices.SortFunc(out, func(x, y string) int {
		if d := len(goals[x].steps) - len(goals[y].steps); d != 0 {
			return d
		}
		if x < y {
			return -1
		}
		return 1
	})
	return out
}

func (s *search) through(e edge, g goal) []Step {
	return append([]Step{e.step()}, g.steps...)
}

// lifted finds those who reach the store once they have given permissions, to themselves
// or to somebody they then become, and those who go on from there to somebody who does.
func (s *search) lifted(goals map[string]goal) {
	accounts := s.accountsIn(s.asset)
	if s.doorOf(s.asset).open {
		accounts = s.accounts
	}
	for _, id := range accounts {
		for _, e := range s.lifts(id) {
			if !s.sure[e.from.id()] && !s.given(e, goals) {
				s.givenOn(e, goals)
			}
		}
	}
	for _, id := range accounts {
		for _, h := range s.raisers(id) {
			for _, t := range s.byAccount[id] {
				if s.sure[h.Principal.ARN] {
					break
				}
				if e, ok := s.raise(h, t); ok {
					s.given(e, goals)
				}
			}
		}
	}
}

// given notes that somebody reaches the store with the permissions of an edge.
func (s *search) given(e edge, goals map[string]goal) bool {
	d, asked := s.Finder.access(e.as, s.asset, s.access)
	if !asked || !d.Outcome.Reaches() {
		return false
	}
	id := e.from.id()
	steps := s.through(e, goal{steps: []Step{{To: s.asset.ARN, How: string(s.access), If: d.If, Because: d.Because}}})
	if len(Conditions(steps)) > 0 && goals[id].via == Escalation && goals[id].steps != nil {
		return true // one way under conditions is known
	}
	s.answer(e.from, Escalation, steps, d)
	goals[id] = goal{steps: steps, sure: s.sure[id], via: Escalation}
	return true
}

// givenOn looks for a principal that reaches the store and that somebody may become with
// the permissions of an edge.
func (s *search) givenOn(e edge, goals map[string]goal) {
	id := e.from.id()
	for _, to := range s.starts(goals, false) {
		a := s.assets[to]
		if a == nil || goals[to].via == Escalation {
			continue
		}
		if d := s.assume(e.as, a); d.Outcome.Reaches() {
			steps := s.through(e, goal{steps: s.through(edge{to: to, how: assumes, Decision: d}, goals[to])})
			s.answer(e.from, Escalation, steps, d)
			goals[id] = goal{steps: steps, sure: s.sure[id], via: Escalation}
			return
		}
	}
}

// services notes services that the policy of the store admits without saying for whom
// they act.
func (s *search) services() {
	a := s.asset
	if a.Policy == nil {
		return
	}
	for _, name := range iam.UnboundServices(a.Policy, s.owner(a)) {
		c := caller{principal: iam.Principal{Kind: iam.Service, ARN: name}}
		if d, asked := s.Finder.access(c, a, s.access); asked && d.Outcome.Reaches() {
			s.answer(c, ViaService, []Step{{To: a.ARN, How: string(s.access), If: d.If, Because: d.Because}}, d)
		}
	}
}
