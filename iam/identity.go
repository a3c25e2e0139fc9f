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
// resource: an ARN, or an ARN with wildcards ("any object of the bucket").
func (id Identity) Grants(action, resource string) Grant {
	var g Grant
	a, q := compileAction(action), queryResource(resource)
	free := false
	for _, p := range id.Policies {
		for i := range p.Statements {
			s := &p.Statements[i]
			c, conditional := s.grants(a, q, id)
			switch {
			case c == apart:
			case s.Effect == Deny:
				g.Denies = append(g.Denies, p.ref(s))
				g.Denied = g.Denied || c == wholly && !conditional
				g.Conditional = g.Conditional || conditional
			default:
				g.Allows = append(g.Allows, p.ref(s))
				free = free || !conditional && s.Effect == Allow
				s.naming(q, &g)
			}
		}
	}
	g.Conditional = g.Conditional || len(g.Allows) > 0 && !free
	g.Allowed = len(g.Allows) > 0 && !g.Denied
	id.bound(&g, a, q)
	g.Conditional = g.Conditional && g.Allowed
	return g
}

// bound narrows a grant to what the permissions boundary lets through.
func (id Identity) bound(g *Grant, a actionPattern, q resourceQuery) {
	if id.Boundary == nil {
		return
	}
	allowed, free := false, false
	for i := range id.Boundary.Statements {
		s := &id.Boundary.Statements[i]
		c, conditional := s.grants(a, q, id)
		switch {
		case c == apart:
		case s.Effect == Deny:
			g.Denies = append(g.Denies, id.Boundary.ref(s))
			g.Denied = g.Denied || c == wholly && !conditional
			g.Conditional = g.Conditional || conditional
		default:
			allowed, free = true, free || !conditional
		}
	}
	g.Conditional = g.Conditional || !free
	g.Allowed = g.Allowed && allowed && !g.Denied
}

// grants says how much of the question a statement takes in, and whether that hangs
// on conditions.
func (s *Statement) grants(a actionPattern, q resourceQuery, id Identity) (cover, bool) {
	act := s.coverAction(a)
	if act == apart {
		return apart, false
	}
	res, sure := s.coverResource(q, id.resolve)
	return min(act, res), !sure || len(s.Conditions) > 0 || s.unread != 0
}

// resolve fills in the variables that are the same in every request of the identity.
func (id Identity) resolve(t text) (pattern, bool, bool) {
	var b strings.Builder
	unsure := false
	for _, p := range t.parts {
		v := p.pattern
		if p.name != "" {
			known, ok := id.variable(p.name)
			if !ok {
				known, unsure = pattern([]byte{anyRun}), true
			}
			v = known
		}
		b.WriteString(string(v))
	}
	return pattern(b.String()), true, unsure
}

func (id Identity) variable(name string) (pattern, bool) {
	parts, ok := arnParts(id.ARN)
	if !ok {
		return "", false
	}
	switch strings.ToLower(name) {
	case "aws:principalaccount":
		return pattern(parts[4]), true
	case "aws:principalarn":
		return pattern(id.ARN), true
	case "aws:username":
		if path, ok := strings.CutPrefix(parts[5], "user/"); ok {
			return pattern(path[strings.LastIndexByte(path, '/')+1:]), true
		}
	}
	return "", false
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
