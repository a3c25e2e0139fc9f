package iam

import "fmt"

// eval is one question against one resource. Nothing in it is shared; the policies it
// reads are never written to.
type eval struct {
	*algebra
	req    Request
	env    *Environment
	action actionPattern
	query  resourceQuery
	except []string // patterns left out of what is allowed
}

func newEval(g *algebra, req Request, env *Environment) *eval {
	if a := env.S3.AccessPoint; a != nil {
		req = a.through(req)
	}
	e := &eval{algebra: g, req: req, env: env}
	e.action = compileAction(req.Action)
	if req.NoResource {
		e.query = resourceQuery{none: true}
	} else {
		e.query = queryResource(req.Resource.ARN)
	}
	return e
}

// lookup finds a condition key, in lower case: in the request, or in what follows from
// it.
func (e *eval) lookup(key string) (Value, presence) {
	if !e.env.S3.ABAC && e.tagOfBucket(key) {
		return Value{}, absentKey
	}
	v, there := e.req.Context.lookup(key)
	if there != unknownKey {
		return v, there
	}
	if v, there = e.req.follows(key); there != unknownKey {
		return v, there
	}
	if carries, known := e.env.actionData().Carries(e.req.Action, key); known && !carries {
		return Value{}, absentKey // no request for this action has it
	}
	return Value{}, unknownKey
}

// gap is the atom for something that could not be read.
func (e *eval) gap(reason string) formula {
	return literal(e.intern(&atom{kind: gapAtom, reason: reason}))
}

// hit is a statement that applies to the request, and when.
type hit struct {
	layer Layer
	level string
	ref   StatementRef
	how   how
	when  formula
}

// hits are the statements of one layer that apply.
type hits struct{ allow, deny []hit }

// add notes a statement that applies. One whose effect cannot be read may be either.
func (e *eval) add(h *hits, effect Effect, x hit) {
	if x.when.never() {
		return
	}
	if effect != Deny {
		h.allow = append(h.allow, x)
	}
	if effect == "" {
		x.when = e.and(x.when, e.gap("a statement whose effect cannot be read may deny it"))
	}
	if effect != Allow {
		h.deny = append(h.deny, x)
	}
}

// any is the condition under which one of the allows applies.
func (e *eval) any(list []hit, ways ...how) formula {
	f := truth(false)
	for _, x := range list {
		if len(ways) == 0 {
			f = e.or(f, x.when)
		}
		for _, w := range ways {
			if x.how == w {
				f = e.or(f, x.when)
			}
		}
	}
	return f
}

// policies evaluates policies without principals: identity, boundary, session, SCP.
func (e *eval) policies(layer Layer, level string, list []*Policy) hits {
	var h hits
	for _, p := range list {
		for i := range p.Statements {
			s := &p.Statements[i]
			when := e.applies(layer, p, s)
			if !s.hasResource && !when.never() {
				when = e.and(when, e.gap(where(p, s)+" names no resource")) // AWS takes no such policy
			}
			if !when.never() {
				e.add(&h, s.Effect, hit{layer: layer, level: level, ref: p.ref(s), when: when})
			}
		}
	}
	return h
}

// resourcePolicies evaluates policies with principals: a statement may take in the
// caller in several ways.
func (e *eval) resourcePolicies(layer Layer, level string, list ...*Policy) hits {
	var h hits
	for _, p := range list {
		for i := range p.Statements {
			s := &p.Statements[i]
			when := e.applies(layer, p, s)
			if when.never() {
				continue
			}
			for _, a := range e.admissions(p, s) {
				e.add(&h, s.Effect, hit{layer: layer, level: level, ref: p.ref(s), how: a.how, when: e.and(a.when, when)})
			}
		}
	}
	return h
}

func where(p *Policy, s *Statement) string {
	if p.ID == "" {
		return fmt.Sprintf("statement %d", s.Index)
	}
	return fmt.Sprintf("%s statement %d", p.ID, s.Index)
}

// applies evaluates action, resource and conditions of a statement. What could not be
// read leaves it open whether the statement applies, as long as the rest matches.
func (e *eval) applies(layer Layer, p *Policy, s *Statement) formula {
	if s.unread&actionElement == 0 && s.coverAction(e.action) != wholly {
		return nil
	}
	f := truth(true)
	if s.unread&resourceElement == 0 {
		if f = e.resource(s, layer != LayerResource && layer != LayerEndpoint); f.never() {
			return nil
		}
	}
	for i := range s.Conditions {
		if f = e.and(f, e.condition(&s.Conditions[i], p, s)); f.never() {
			return nil
		}
	}
	if s.unread&^principalElement != 0 || s.Effect == "" {
		f = e.and(f, e.gap(where(p, s)+" cannot be read in full"))
	}
	return f
}

// resource tells when the statement takes in all of the resource asked about. Where
// it takes in a part of a pattern, an Allow does not count (see regions.go) and a
// Deny leaves an exception. What NotResource spares within a pattern makes an
// exception of an Allow; a Deny counts for the whole, and regions.go asks about the
// spared part. A partial ARN counts in the policies of identities and organizations
// only; no policy of a resource or an endpoint is written that way.
func (e *eval) resource(s *Statement, partial bool) formula {
	if !s.hasResource {
		return truth(true)
	}
	whole := truth(false)
	for i := range s.resources {
		r := &s.resources[i]
		if r.fixed && r.all {
			whole = truth(true)
			break
		}
		if !partial && r.partial() {
			continue
		}
		p, ok, unsure := e.resolve(r.text)
		if !ok {
			if s.NotResources != nil {
				return nil // a statement whose variable has no value does not apply
			}
			continue
		}
		arn := splitARN(p)
		switch {
		case e.query.none:
		case arn.covers(e.query.arn):
			if unsure {
				whole = e.or(whole, e.variable(r.text))
			} else {
				whole = truth(true)
			}
		case arn.overlaps(e.query.arn):
			e.exempt(s, p, unsure)
		}
	}
	if s.NotResources == nil {
		return whole
	}
	var texts []text
	for i := range s.resources {
		texts = append(texts, s.resources[i].text)
	}
	return e.and(e.variablesSet(texts), e.not(whole))
}

// exempt notes a part of a pattern that is left out: a narrower Deny, or an exception
// of an Allow.
func (e *eval) exempt(s *Statement, p pattern, unsure bool) {
	if (s.Effect == Deny) != (s.NotResources != nil) && !unsure {
		e.except = append(e.except, p.String())
	}
}
