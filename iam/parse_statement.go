package iam

import "strings"

func (b *builder) actions(n node, s *Statement) {
	s.Actions, s.NotActions, s.hasAction = b.pair(n, s, "Action", actionElement)
	if !s.hasAction {
		b.problem(n, true, "Action is missing")
		s.unread |= actionElement
	}
	for _, a := range append(s.Actions[:len(s.Actions):len(s.Actions)], s.NotActions...) {
		x := compileAction(a)
		s.actions = append(s.actions, x)
		if !x.all && x.service == "" {
			b.problem(n, false, "action %q matches nothing: it needs the form service:Name", a)
		}
	}
}

// resources reads Resource and NotResource. A missing element is no problem: role
// trust policies have none.
func (b *builder) resources(n node, s *Statement) {
	s.Resources, s.NotResources, s.hasResource = b.pair(n, s, "Resource", resourceElement)
	for _, r := range append(s.Resources[:len(s.Resources):len(s.Resources)], s.NotResources...) {
		s.resources = append(s.resources, compileResource(r, b.variables))
	}
}

func (b *builder) principals(n node, s *Statement) {
	v, ok := b.element(n, "Principal")
	w, okNot := b.element(n, "NotPrincipal")
	if ok {
		s.Principals = b.principal(v, s)
	}
	if okNot {
		s.NotPrincipals = b.principal(w, s)
	}
	if ok && okNot {
		b.problem(w, true, "Principal and NotPrincipal exclude each other")
		s.unread |= principalElement
	}
}

func (b *builder) principal(n node, s *Statement) *Principals {
	p := &Principals{}
	if n.kind != objectNode {
		values, complete := b.strings(n)
		if !complete {
			s.unread |= principalElement
		}
		for _, v := range values {
			if v == "*" {
				p.Any = true
				continue
			}
			// Some services store a bare ARN or account id.
			p.AWS = append(p.AWS, v)
		}
		return p
	}
	for _, m := range n.members {
		values, complete := b.strings(m.value)
		if !complete {
			s.unread |= principalElement
		}
		b.principalType(m, values, p, s)
	}
	return p
}

func (b *builder) principalType(m member, values []string, p *Principals, s *Statement) {
	switch strings.ToLower(m.name) {
	case "aws":
		for _, v := range values {
			if v == "*" {
				p.Any = true
			} else {
				p.AWS = append(p.AWS, v)
			}
		}
	case "service":
		p.Service = append(p.Service, values...)
	case "federated":
		p.Federated = append(p.Federated, values...)
	case "canonicaluser":
		p.Canonical = append(p.Canonical, values...)
	default:
		b.problem(m.value, true, "unknown kind of principal %q", m.name)
		s.unread |= principalElement
	}
}

func (b *builder) conditions(n node, s *Statement) {
	if n.kind != objectNode {
		b.problem(n, true, "Condition is no object")
		s.unread |= conditionElement
		return
	}
	for _, op := range n.members {
		if op.value.kind != objectNode {
			b.problem(op.value, true, "condition operator %q holds no object", op.name)
			s.unread |= conditionElement
			continue
		}
		for _, key := range op.value.members {
			s.Conditions = append(s.Conditions, b.condition(op, key))
		}
	}
}

func (b *builder) condition(op, key member) Condition {
	c := Condition{Key: key.name, lower: strings.ToLower(key.name), Pointer: key.value.pointer, Offset: key.value.offset}
	c.Set, c.op, c.IfExists = parseOperator(op.name)
	c.Operator = c.op.name
	if !c.op.known() {
		c.Operator = op.name
		b.problem(key.value, true, "unknown condition operator %q", op.name)
	}
	var complete bool
	c.Values, complete = b.strings(key.value)
	c.unread = !complete
	variables := b.variables && c.op.variablesAllowed()
	for _, v := range c.Values {
		c.texts = append(c.texts, compileText(v, c.op.wildcards(), variables))
	}
	return c
}
