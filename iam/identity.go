package iam

import (
	"slices"
	"strings"
)

// Identity is a user or a role with all that its account grants it: inline, managed
// and group policies, and the permissions boundary.
type Identity struct {
	ARN      string
	Policies []*Policy
	Boundary *Policy // nil: none
}

// Grant says how an identity's own policies grant an action on a resource. It is
// about the identity side only: Decide weighs the other layers.
type Grant struct {
	// Allowed: some statement allows the action on the resource, or on part of it
	// where a pattern was asked, and nothing denies all of it without condition.
	Allowed bool
	// Denied: a Deny without condition takes in all that was asked.
	Denied bool
	// Conditional: the grant hangs on conditions of a request that are not known here.
	Conditional bool

	// How the allowing statements name the resource; several may be true.
	Exact  bool // by its own name
	Prefix bool // by the beginning of its name, or by a tag
	Any    bool // "*", or all resources of the type

	Allows []StatementRef
	Denies []StatementRef // conditional and partial ones as well
}

// Grants tells how the identity's policies grant an action ("s3:GetObject") on a
// resource: an ARN, or an ARN with wildcards ("any object of the bucket"). Calls are
// taken to use TLS; everything else about a request is open.
func (id Identity) Grants(action, resource string) Grant {
	e := id.question(action, resource)
	var g Grant
	free := false
	for _, p := range id.Policies {
		for i := range p.Statements {
			s := &p.Statements[i]
			c, conditional := e.grants(p, s)
			switch {
			case c == apart:
			case s.Effect == Deny:
				g.deny(p.ref(s), c, conditional)
			default:
				g.Allows = append(g.Allows, p.ref(s))
				free = free || !conditional && s.Effect == Allow
				s.naming(e.query, &g)
			}
		}
	}
	g.Conditional = g.Conditional || len(g.Allows) > 0 && !free
	g.Allowed = len(g.Allows) > 0 && !g.Denied
	id.bound(&g, e)
	g.Conditional = g.Conditional && g.Allowed
	return g
}

func (g *Grant) deny(ref StatementRef, c cover, conditional bool) {
	g.Denies = append(g.Denies, ref)
	g.Denied = g.Denied || c == wholly && !conditional
	g.Conditional = g.Conditional || conditional
}

// question asks for the identity side in a request of which nothing else is known.
func (id Identity) question(action, resource string) *eval {
	p := Principal{Kind: Role, ARN: id.ARN, Account: Account(id.ARN)}
	if parts, ok := arnParts(id.ARN); ok && strings.HasPrefix(parts[5], "user/") {
		p.Kind = User
	}
	return newEval(newAlgebra(), Request{
		Principal: p, Action: action, Resource: Resource{ARN: resource},
		Context: NewContext(map[string]Value{"aws:SecureTransport": One("true")}, false),
	}, &Environment{})
}

// bound narrows a grant to what the permissions boundary lets through.
func (id Identity) bound(g *Grant, e *eval) {
	if id.Boundary == nil {
		return
	}
	allowed, free := false, false
	for i := range id.Boundary.Statements {
		s := &id.Boundary.Statements[i]
		c, conditional := e.grants(id.Boundary, s)
		switch {
		case c == apart:
		case s.Effect == Deny:
			g.deny(id.Boundary.ref(s), c, conditional)
		default:
			allowed, free = true, free || !conditional
		}
	}
	g.Conditional = g.Conditional || !free
	g.Allowed = g.Allowed && allowed && !g.Denied
}

// grants says how much of the question a statement takes in, and whether that hangs
// on conditions.
func (e *eval) grants(p *Policy, s *Statement) (c cover, conditional bool) {
	c = s.coverAction(e.action)
	if s.unread&actionElement != 0 {
		c = wholly
	}
	if c == apart {
		return apart, false
	}
	res, sure := s.coverResource(e.query, e.resolve)
	if s.unread&resourceElement != 0 && res == apart {
		res = wholly
	}
	when := truth(true)
	for i := range s.Conditions {
		when = e.and(when, e.condition(&s.Conditions[i], p, s))
	}
	if when.never() {
		return apart, false
	}
	return min(c, res), !sure || !when.always() || s.unread != 0
}

// naming notes how the statement names what it allows.
func (s *Statement) naming(q resourceQuery, g *Grant) {
	if slices.ContainsFunc(s.Conditions, func(c Condition) bool { return resourceTag(c.Key) }) {
		g.Prefix = true
		return
	}
	if !s.hasResource || s.NotResources != nil {
		g.Any = true
		return
	}
	for i := range s.resources {
		r := &s.resources[i]
		if c, _ := r.cover(q, widest); c == apart {
			continue
		}
		switch p := r.text.anyValue(); {
		case r.fixed && r.all || unnamed(splitARN(p)):
			g.Any = true
		case namesExactly(splitARN(p), q.arn):
			g.Exact = true
		default:
			g.Prefix = true
		}
	}
}

func resourceTag(key string) bool {
	k := strings.ToLower(key)
	return strings.Contains(k, "resourcetag/") || strings.HasPrefix(k, "s3:existingobjecttag/") || strings.HasPrefix(k, "s3:buckettag/")
}

// bareServices name their resources without a type in front: "arn:aws:s3:::bucket".
var bareServices = []string{"s3", "sqs", "sns", "execute-api"}

// unnamed tells whether a pattern takes in all resources of a type:
// "arn:aws:s3:::*", "arn:aws:dynamodb:*:*:table/*".
func unnamed(a arnPattern) bool {
	head := a.parts[5].prefix()
	if len(head) == len(a.parts[5]) {
		return false
	}
	if head == "" {
		return true
	}
	if slices.Contains(bareServices, string(a.parts[2])) {
		return false
	}
	return strings.IndexAny(head, "/:") == len(head)-1
}

// namesExactly tells whether a pattern spells out the name of what is asked. What
// follows the name may be open ("bucket/*", "table/t/index/*"), and so may region and
// account.
func namesExactly(a, q arnPattern) bool {
	name := strings.TrimRight(q.parts[5].prefix(), "/:")
	if slices.Contains(bareServices, string(q.parts[2])) {
		name, _, _ = strings.Cut(name, "/") // the bucket is the resource, objects are in it
	}
	head := a.parts[5].prefix()
	if base, ok := secretName(q); ok && strings.TrimSuffix(head, "-") == base {
		return true
	}
	rest, ok := strings.CutPrefix(head, name)
	if !ok || name == "" {
		return false
	}
	return rest == "" && a.parts[5].literal() || rest != "" && (rest[0] == '/' || rest[0] == ':')
}

// secretName drops the six characters that Secrets Manager adds to a name, which
// policies leave open ("secret:db-??????").
func secretName(q arnPattern) (string, bool) {
	s := string(q.parts[5])
	if q.parts[2] != "secretsmanager" || len(s) < 8 || s[len(s)-7] != '-' {
		return "", false
	}
	return s[:len(s)-7], true
}
