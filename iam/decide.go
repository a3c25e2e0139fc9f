package iam

import (
	"slices"
	"strings"
)

// Decide answers whether the principal may do the action on the resource. It reads
// only what it is given, changes nothing, and gives the same answer to the same
// question.
//
// Asked about a pattern ("any object under p/") it answers whether some part of it is
// open, and Patterns says which; a Deny on a part shows up in Except.
func Decide(req Request, env Environment) Decision {
	if !req.NoResource && strings.ContainsAny(req.Resource.ARN, "*?") {
		return decidePattern(req, &env)
	}
	d, _ := decideOne(req, &env)
	return d.parts(req.Resource.ARN, &env)
}

func decideOne(req Request, env *Environment) (Decision, []string) {
	if d, done := beforehand(req); done {
		return d, nil
	}
	e := newEval(newAlgebra(), req, env)
	d := e.conclude(e.judge())
	if why := fixedByAWS(req); why != "" && d.Outcome != ExplicitlyDenied {
		return Decision{Outcome: Denied, BlockedBy: LayerResource, Why: why}, nil
	}
	slices.Sort(e.except)
	return d, slices.Compact(e.except)
}

// beforehand answers what no policy takes part in.
func beforehand(req Request) (Decision, bool) {
	if strings.EqualFold(req.Action, "sts:GetCallerIdentity") && req.Principal.Kind != Anonymous {
		return Decision{Outcome: Allowed, Why: "sts:GetCallerIdentity needs no permission"}, true
	}
	if a := compileAction(req.Action); a.service == "" || a.name == "" {
		return Decision{Why: "the action " + req.Action + " is not of the form service:Name"}, true
	}
	if req.Principal.hasIdentity() && (req.owner() == "" || req.Principal.Account == "") {
		return Decision{Why: "it is not known which account owns " + req.Resource.ARN + "; name it"}, true
	}
	return Decision{}, false
}

// conclude weighs the layers: allowed is what the core and every gate let through and
// no Deny takes away. A public access block takes away what policies allow, as a Deny
// does, and has nothing to do where they allow nothing.
func (e *eval) conclude(v *verdict) Decision {
	allow := v.permits(e)
	rest := allow
	for _, d := range v.denies {
		if d.when.always() {
			return e.refused(v, func(x hit) bool { return x.when.always() })
		}
	}
	for _, d := range v.denies {
		rest = e.and(rest, e.not(d.when))
	}
	switch {
	case !rest.never() && v.closed != "":
		return Decision{Outcome: ExplicitlyDenied, BlockedBy: LayerPublicBlock, Why: v.closed}
	case !rest.never():
		return e.granted(v, rest)
	case e.truncated:
		return Decision{Truncated: true, Why: "the conditions have too many combinations to decide"}
	case !allow.never():
		return e.refused(v, func(hit) bool { return true })
	}
	return e.silent(v)
}

// granted is the answer when something is left. Alternatives that hang on a gap in
// what was read do not count; when there are no others the answer is not known.
func (e *eval) granted(v *verdict, rest formula) Decision {
	d := Decision{Outcome: AllowedIf, Truncated: e.truncated}
	for _, c := range rest {
		if e.gaps(c) == nil {
			d.If = append(d.If, e.alternative(c))
		}
	}
	if len(d.If) == 0 {
		return e.unknown(v, rest)
	}
	d.Why = "allowed under conditions"
	if len(d.If) == 1 && len(d.If[0]) == 0 {
		d.Outcome, d.If, d.Why, d.Truncated = Allowed, nil, "allowed", false
	}
	for _, x := range v.allows {
		d.Because = append(d.Because, x.reason(Allow))
	}
	d.Because = tidy(d.Because)
	return d
}

// alternative writes a conjunction as conditions. A flag that is there and is not
// false is true; a key that is absent matches nothing, which needs no words.
func (e *eval) alternative(c conj) Alternative {
	there, gone, flag := map[string]bool{}, map[string]bool{}, map[string]bool{}
	for _, lit := range c {
		if a := e.atom(lit); a.kind == presentAtom {
			there[a.key], gone[a.key] = there[a.key] || lit > 0, gone[a.key] || lit < 0
		}
	}
	out := Alternative{}
	for _, lit := range c {
		a := e.atom(lit)
		if lit < 0 && a.kind == matchAtom && gone[a.key] {
			continue
		}
		r := e.residual(lit)
		if lit < 0 && there[a.key] && a.kind == matchAtom && a.op.family == boolFamily && len(r.Values) == 1 {
			flag[a.key] = true
			r.Operator = "Bool"
			r.Text = r.sentence(true)
		}
		out = append(out, r)
	}
	out = slices.DeleteFunc(out, func(r Residual) bool {
		return r.Operator == "Null" && r.Values[0] == "false" && flag[strings.ToLower(r.Key)]
	})
	slices.SortStableFunc(out, func(x, y Residual) int { return strings.Compare(x.Text, y.Text) })
	return out
}

func (e *eval) gaps(c conj) []string {
	var out []string
	for _, lit := range c {
		if a := e.atom(lit); a.kind == gapAtom {
			out = append(out, a.reason)
		}
	}
	return out
}

func (e *eval) unknown(v *verdict, rest formula) Decision {
	d := Decision{Why: "it hangs on what could not be read: " + strings.Join(e.gaps(rest[0]), "; ")}
	for _, x := range append(v.denies[:len(v.denies):len(v.denies)], v.allows...) {
		if len(x.when) > 0 && e.gaps(x.when[0]) != nil && d.BlockedBy == "" {
			d.BlockedBy = x.layer
		}
	}
	for _, g := range v.gates {
		if len(g.pass) > 0 && e.gaps(g.pass[0]) != nil && d.BlockedBy == "" {
			d.BlockedBy = g.layer
		}
	}
	return d
}

// refused is the answer when a Deny takes away all that is allowed.
func (e *eval) refused(v *verdict, counts func(hit) bool) Decision {
	d := Decision{Outcome: ExplicitlyDenied}
	for _, x := range v.denies {
		if counts(x) && x.ref.Pointer != "" {
			d.Because = append(d.Because, x.reason(Deny))
			if d.BlockedBy == "" {
				d.BlockedBy = x.layer
			}
		}
	}
	d.Because = tidy(d.Because)
	d.Why = "denied by " + string(d.BlockedBy) + " policy"
	return d
}

// silent is the answer when nothing allows: the first layer that lets nothing through
// is named.
func (e *eval) silent(v *verdict) Decision {
	d := Decision{Outcome: Denied, BlockedBy: v.block, Why: v.why}
	for _, g := range v.gates {
		if g.pass.never() {
			d.BlockedBy, d.Why = g.layer, g.why
			break
		}
	}
	return d
}

func (x hit) reason(effect Effect) Reason {
	return Reason{Layer: x.layer, Level: x.level, StatementRef: x.ref, Effect: effect, Conditional: !x.when.always()}
}

// tidy removes repetitions; the order of the layers stays.
func tidy(list []Reason) []Reason {
	var out []Reason
	for _, r := range list {
		if !slices.Contains(out, r) {
			out = append(out, r)
		}
	}
	return out
}
