package iam

import "strings"

// Value is the value of a condition key in a request.
type Value struct {
	Values []string
	// Multi marks a key that can hold several values; it needs a set operator.
	Multi bool
}

// One returns the value of a single-valued key.
func One(v string) Value { return Value{Values: []string{v}} }

// Many returns the value of a multivalued key.
func Many(v ...string) Value { return Value{Values: v, Multi: true} }

// Context is the condition keys of a request. Keys are compared without case.
type Context struct {
	values map[string]Value
	// closed: keys that are not listed are absent. Otherwise they are not known.
	closed bool
	// complete lists beginnings of keys, in lower case, of which all are listed.
	complete []string
}

// NewContext makes a context. With complete, a key that is not listed is absent from
// the request; otherwise it is not known, apart from what follows from the principal
// and the resource, and ends up among the conditions of the answer. A value without
// values says that the key is absent.
func NewContext(values map[string]Value, complete bool) Context {
	c := Context{values: make(map[string]Value, len(values)), closed: complete}
	for k, v := range values {
		c.values[strings.ToLower(k)] = v
	}
	return c
}

// presence is what is known about a key.
type presence uint8

const (
	unknownKey presence = iota
	absentKey
	presentKey
)

// lookup finds a key, given in lower case.
func (c Context) lookup(key string) (Value, presence) {
	v, ok := c.values[key]
	switch {
	case ok && len(v.Values) == 0:
		return Value{}, absentKey
	case ok:
		return v, presentKey
	case c.closed:
		return Value{}, absentKey
	}
	for _, begin := range c.complete {
		if strings.HasPrefix(key, begin) {
			return Value{}, absentKey
		}
	}
	return Value{}, unknownKey
}

// with returns a copy in which some keys have other values.
func (c Context) with(more map[string]Value) Context {
	out := Context{values: make(map[string]Value, len(c.values)+len(more)), closed: c.closed, complete: c.complete}
	for k, v := range c.values {
		out.values[k] = v
	}
	for k, v := range more {
		out.values[strings.ToLower(k)] = v
	}
	return out
}

// ofOther returns what of a context holds for another resource, too: the keys that say
// something about the resource are not known of it. A closed context says them all.
func (c Context) ofOther() Context {
	if c.closed {
		return c
	}
	out := Context{values: make(map[string]Value, len(c.values))}
	for k, v := range c.values {
		if ClassOf(k) != ClassResource {
			out.values[k] = v
		}
	}
	for _, begin := range c.complete {
		if strings.HasPrefix(begin, "aws:principal") {
			out.complete = append(out.complete, begin)
		}
	}
	return out
}

// principalTypes are the values of aws:PrincipalType.
var principalTypes = map[Kind]string{User: "User", Role: "AssumedRole", RoleSession: "AssumedRole",
	FederatedUser: "FederatedUser", Root: "Account", Anonymous: "Anonymous"}

// follows returns what is known of a key (in lower case) from who calls what, so that
// an answer never asks for it (IAM User Guide, "AWS global condition context keys").
func (r *Request) follows(key string) (Value, presence) {
	p := &r.Principal
	switch key {
	case "aws:resourceaccount":
		return valueOf(r.owner())
	case "s3:resourceaccount":
		if r.service() == "s3" {
			return valueOf(r.owner())
		}
	case "aws:requestedregion":
		if parts, ok := arnParts(r.Resource.ARN); ok && globOf(parts[3]).literal() {
			return valueOf(parts[3])
		}
	case "aws:principaltype":
		return valueOf(principalTypes[p.Kind])
	case "aws:principalservicename":
		if p.Kind == Service {
			return valueOf(p.ARN)
		}
		return Value{}, absentKey
	case "aws:principalservicenameslist":
		if p.Kind != Service {
			return Value{}, absentKey
		}
	case "aws:username":
		if p.Kind == User {
			return valueOf(p.ARN[strings.LastIndexByte(p.ARN, '/')+1:])
		}
		return Value{}, absentKey
	case "aws:sourcearn", "aws:sourceaccount", "aws:sourceowner", "aws:sourceorgid", "aws:sourceorgpaths":
		// Services tell for whom they call; nobody else carries these keys.
		if p.Kind != Service {
			return Value{}, absentKey
		}
	case "aws:sourceidentity":
		// Given when a role is assumed.
		if p.Kind != Role && p.Kind != RoleSession {
			return Value{}, absentKey
		}
	default:
		return r.followsFromCaller(key)
	}
	return Value{}, unknownKey
}

// valueOf is a known value, or nothing known when it is empty.
func valueOf(v string) (Value, presence) {
	if v == "" {
		return Value{}, unknownKey
	}
	return One(v), presentKey
}

// followsFromCaller knows the keys that describe the caller. Callers without an
// identity bring none of them.
func (r *Request) followsFromCaller(key string) (Value, presence) {
	p := &r.Principal
	if !p.hasIdentity() {
		switch key {
		case "aws:principalisawsservice":
			if p.Kind == Service {
				return One("true"), presentKey
			}
			return Value{}, absentKey
		case "aws:principalarn", "aws:principalaccount", "aws:principalorgid", "aws:principalorgpaths", "kms:calleraccount",
			"aws:multifactorauthpresent", "aws:multifactorauthage":
			return Value{}, absentKey
		}
		if strings.HasPrefix(key, "aws:principaltag/") && p.Kind != Provider {
			return Value{}, absentKey
		}
		return Value{}, unknownKey
	}
	switch key {
	case "aws:principalisawsservice":
		return One("false"), presentKey
	case "aws:principalaccount":
		return valueOf(p.Account)
	case "kms:calleraccount":
		if r.service() == "kms" {
			return valueOf(p.Account)
		}
	case "aws:principalorgid":
		return valueOf(p.Org)
	case "aws:principalarn":
		if p.Kind != RoleSession { // the ARN of a session leaves out the path of the role
			return valueOf(p.ARN)
		}
	}
	return Value{}, unknownKey
}

// alwaysThere lists keys, in lower case, that every request carries.
func alwaysThere(key string) bool {
	switch key {
	case "aws:securetransport", "aws:currenttime", "aws:epochtime", "aws:viaawsservice", "aws:requestedregion":
		return true
	}
	return false
}
