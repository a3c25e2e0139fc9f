package reach

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/flowdeed/flowdeed/iam"
)

// askable are the assets that a principal of an account may come into question for.
func (f *Finder) askable(account string) []*iam.Asset {
	if list, ok := f.near[account]; ok {
		return list
	}
	out := slices.Clone(f.inReach[account])
	for _, a := range f.ajar {
		if !f.inside(a, account) {
			out = append(out, a)
		}
	}
	slices.SortStableFunc(out, func(x, y *iam.Asset) int { return strings.Compare(x.ARN, y.ARN) })
	f.near[account] = out
	return out
}

// Right is a kind of access of a principal to an asset.
type Right struct {
	Asset    string // ARN
	Access   iam.Access
	Decision iam.Outcome // allowed, or allowed under conditions
}

// rights are what Rights found once.
type rights struct {
	list  []Right
	whole bool
}

// Rights decides what a scanned principal itself may do, asset by asset, in their order.
// What everybody on the internet may do just as well is no right of its own and left
// out. whole is false when some of it is not known.
func (f *Finder) Rights(principal string, access ...iam.Access) (out []Right, whole bool) {
	h := f.holders[principal]
	if h == nil {
		return nil, false
	}
	key := principal + fmt.Sprint(access)
	if known, ok := f.rights[key]; ok {
		return known.list, known.whole
	}
	r := &rights{whole: true}
	for _, a := range f.inReach[h.Principal.Account] {
		for _, x := range access {
			f.right(r, h, a, x)
		}
	}
	f.rightsAbroad(r, h, access)
	slices.SortStableFunc(r.list, func(x, y Right) int {
		return cmp.Or(strings.Compare(x.Asset, y.Asset), cmp.Compare(slices.Index(access, x.Access), slices.Index(access, y.Access)))
	})
	f.rights[key] = *r
	return r.list, r.whole
}

// right adds what a principal has of one kind of access to one asset.
func (f *Finder) right(r *rights, h *iam.Holder, a *iam.Asset, x iam.Access) {
	c := callerOf(h)
	d, asked := f.access(c, a, x)
	switch {
	case !asked:
	case d.Outcome == iam.Unknown:
		r.whole = false
	case d.Outcome.Reaches():
		if covered, sure := f.openToAll(c, a, x, d); covered {
			r.whole = r.whole && sure
			return
		}
		r.list = append(r.list, Right{a.ARN, x, d.Outcome})
	}
}

// rightsAbroad adds what a principal has by the open doors of other accounts.
func (f *Finder) rightsAbroad(r *rights, h *iam.Holder, access []iam.Access) {
	for _, e := range f.openRights()[h.Principal.ARN] {
		switch {
		case !slices.Contains(access, e.access):
		case e.outcome == iam.Unknown:
			r.whole = false
		case slices.Contains([]iam.Outcome{iam.Allowed, iam.Unknown}, f.openDecision(e.asset, e.access).Outcome):
			f.right(r, h, e.asset, e.access)
		default:
			r.list = append(r.list, Right{e.asset.ARN, e.access, e.outcome})
		}
	}
	for _, a := range f.ajar {
		if !r.whole {
			return // nothing else can come of what was not read
		}
		if a.Missing[iam.LayerACL] == "" && a.Missing[iam.LayerGrant] == "" || f.inside(a, h.Principal.Account) {
			continue
		}
		for _, x := range access {
			if d, asked := f.access(callerOf(h), a, x); asked && d.Outcome == iam.Unknown {
				r.whole = false
			}
		}
	}
}

// openToAll tells whether a caller gets in by nothing but what lets everybody in. sure
// is false when it is not known whether everybody does get in.
func (f *Finder) openToAll(c caller, a *iam.Asset, x iam.Access, d iam.Decision) (covered, sure bool) {
	return f.coveredByOpen(f.openDecision(a, x), c, a, x, d)
}

// coveredByOpen is openToAll by what is decided for everybody.
func (f *Finder) coveredByOpen(open iam.Decision, c caller, a *iam.Asset, x iam.Access, d iam.Decision) (covered, sure bool) {
	s := &search{Finder: f, asset: a, access: x}
	switch open.Outcome {
	case iam.Allowed:
		return s.coveredBy(&direct{c, d}, &direct{Decision: open}), true
	case iam.Unknown:
		w := &whole{search: s, words: alternatives(d.If)}
		return a.Policy != nil && w.takes(&direct{c, d}), false
	}
	return false, true
}

// become is a principal that somebody can become, with the hops to it.
type become struct {
	caller caller
	steps  []Step
	via    Via
}

// ReachOf answers what a scanned principal gets at: by itself, by the roles it may
// assume, and by escalation. It is WhoCan seen from the other end.
func (f *Finder) ReachOf(principal string, access ...iam.Access) Result {
	var r Result
	h := f.holders[principal]
	if h == nil {
		return r
	}
	best := map[string]bool{} // what was found without conditions
	list := f.becomes(h)
	for _, look := range []func(*Result, map[string]bool, *iam.Holder, become, *iam.Asset, iam.Access){f.reaches, f.opensUp} {
		for _, b := range list {
			for _, a := range f.askable(b.caller.principal.Account) {
				for _, x := range access {
					if !best[a.ARN+" "+string(x)] {
						look(&r, best, h, b, a, x)
					}
				}
			}
		}
	}
	r.add(f.hanging(r, func(f *Finder) Result { return f.ReachOf(principal, access...) }))
	r.Answers, r.Undecided, r.Denied = merge(r.Answers), merge(r.Undecided), merge(r.Denied)
	return r
}

// reaches adds the answer for one asset and kind of access, from one of the
// principals somebody can become.
func (f *Finder) reaches(r *Result, best map[string]bool, h *iam.Holder, b become, a *iam.Asset, x iam.Access) {
	d, asked := f.access(b.caller, a, x)
	if !asked {
		return
	}
	ans := b.answer(h, a, x, b.via, Step{To: a.ARN, How: string(x), If: d.If, Because: d.Because}, d)
	switch {
	case d.Outcome.Reaches():
		if slices.ContainsFunc(r.Answers, func(o Answer) bool {
			return o.Store == a.ARN && o.Access[0] == x && o.Via == b.via && rank(o.Decision) >= rank(ans.Decision)
		}) {
			return
		}
		best[a.ARN+" "+string(x)] = ans.Decision == iam.Allowed
		r.Answers = append(r.Answers, ans)
	case d.Outcome == iam.Unknown:
		s := &search{Finder: f, asset: a, access: x}
		r.Undecided = append(r.Undecided, s.pend(ans, len(ans.Steps)-1, b.caller, func(f *Finder) iam.Decision {
			d, _ := f.access(b.caller, a, x)
			return d
		}))
	case b.via == Direct:
		r.Denied = append(r.Denied, ans)
	}
}

// answer is what somebody gets at as the principal he can become, by one more step.
func (b become) answer(h *iam.Holder, a *iam.Asset, x iam.Access, via Via, last Step, d iam.Decision) Answer {
	steps := append(slices.Clone(b.steps), last)
	ans := Answer{
		Principal: h.Principal.ARN, Store: a.ARN, Access: []iam.Access{x}, Decision: d.Outcome, If: Conditions(steps), Via: via, Steps: steps, Why: d.Why, BlockedBy: d.BlockedBy,
	}
	if d.Outcome.Reaches() {
		ans.Why, ans.Decision = "", iam.Allowed
		if len(ans.If) > 0 {
			ans.Decision = iam.AllowedIf
		}
	}
	return ans
}

// opensUp adds the answer of somebody who may open a store or copy its data out, where
// no other way gives as much.
func (f *Finder) opensUp(r *Result, best map[string]bool, h *iam.Holder, b become, a *iam.Asset, x iam.Access) {
	if b.caller.lift != nil || b.caller.principal.Account != a.Account {
		return // with every permission the store itself is open
	}
	s := &search{Finder: f, asset: a, access: x, granted: map[string][]string{}}
	known := iam.Denied
	for _, o := range r.Answers {
		if o.Store != a.ARN || o.Access[0] != x {
			continue
		}
		s.granted[o.Principal] = append(s.granted[o.Principal], o.If...)
		if o.Via == Escalation && rank(o.Decision) > rank(known) {
			known = o.Decision
		}
	}
	for i := range openings {
		o := &openings[i]
		if !slices.Contains(o.Gives, x) || !o.about(a.ARN) {
			continue
		}
		d, how, role := s.opens(b.caller, o)
		ans := b.answer(h, a, x, Escalation, Step{To: a.ARN, How: how, If: d.If, Because: d.Because, Rule: o.Action, on: role}, d)
		if d.Outcome.Reaches() && rank(ans.Decision) > rank(known) && !s.addsNothing(ans) {
			known = ans.Decision
			best[a.ARN+" "+string(x)] = ans.Decision == iam.Allowed
			r.Answers = append(r.Answers, ans)
		}
	}
}

// becomes lists whom a principal can become, itself first: by roles, then by
// escalation; nearest first, hops without conditions before others.
func (f *Finder) becomes(h *iam.Holder) []become {
	out := []become{{caller: callerOf(h), via: Direct}}
	seen := map[string]bool{h.Principal.ARN: true}
	for _, via := range []Via{ViaRole, Escalation} {
		if via == Escalation {
			out = append(out, f.empowered(h)...)
		}
		for _, sure := range []bool{true, false} {
			for i := 0; i < len(out); i++ {
				for _, e := range f.next(out[i], via) {
					if seen[e.to] || e.Outcome == iam.Unknown || sure && (e.Outcome != iam.Allowed || len(Conditions(out[i].steps)) > 0) {
						continue
					}
					seen[e.to] = true
					steps := append(slices.Clone(out[i].steps), e.step())
					kind := ViaRole
					if escalates(steps) {
						kind = Escalation
					}
					out = append(out, become{caller: callerOf(f.holders[e.to]), steps: steps, via: kind})
				}
			}
		}
	}
	return out
}

// empowered is a principal with the permissions it can give itself, and others with those it
// can give them and then become them.
func (f *Finder) empowered(h *iam.Holder) (out []become) {
	for _, e := range f.lifts(h.Principal.Account) {
		if e.from.holder == h {
			out = append(out, become{caller: e.as, via: Escalation, steps: []Step{e.step()}})
		}
	}
	if !slices.Contains(f.raisers(h.Principal.Account), h) {
		return out
	}
	for _, t := range f.byAccount[h.Principal.Account] {
		if e, ok := f.raise(h, t); ok {
			out = append(out, become{caller: e.as, via: Escalation, steps: []Step{e.step()}})
		}
	}
	return out
}

// next are the hops from a principal: to roles it may assume, and by rules.
func (f *Finder) next(b become, via Via) []edge {
	var out []edge
	for _, a := range f.askable(b.caller.principal.Account) {
		t := f.holders[a.ARN]
		if t == nil || a.ARN == b.caller.principal.ARN {
			continue
		}
		if d := f.assume(b.caller, a); d.Outcome.Reaches() {
			out = append(out, edge{from: b.caller, to: a.ARN, how: assumes, Decision: d})
		}
	}
	if via != Escalation || b.caller.lift != nil {
		return out
	}
	for _, t := range f.byAccount[b.caller.principal.Account] {
		if t.Principal.ARN != b.caller.principal.ARN {
			if e, ok := f.escalation(b.caller, t, f.workloads(t.Principal.ARN)); ok {
				out = append(out, e)
			}
		}
	}
	return out
}
