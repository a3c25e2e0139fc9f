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

func (c Context) lookup(key string) (Value, presence) {
	v, ok := c.values[strings.ToLower(key)]
	switch {
	case ok && len(v.Values) == 0:
		return Value{}, absentKey
	case ok:
		return v, presentKey
	case c.closed:
		return Value{}, absentKey
	}
	return Value{}, unknownKey
}

// with returns a copy in which some keys have other values.
func (c Context) with(more map[string]Value) Context {
	out := Context{values: make(map[string]Value, len(c.values)+len(more)), closed: c.closed}
	for k, v := range c.values {
		out.values[k] = v
	}
	for k, v := range more {
		out.values[strings.ToLower(k)] = v
	}
	return out
}

// principalTypes are the values of aws:PrincipalType.
var principalTypes = map[Kind]string{User: "User", Role: "AssumedRole", RoleSession: "AssumedRole",
	FederatedUser: "FederatedUser", Root: "Account", Anonymous: "Anonymous"}

// known returns the keys that follow from who calls what, so that an answer never
// asks for them (IAM User Guide, "AWS global condition context keys"). An empty Value
// means absent.
func (r Request) known() map[string]Value {
	p, none := r.Principal, Value{}
	k := map[string]Value{}
	if a := r.owner(); a != "" {
		k["aws:ResourceAccount"] = One(a)
		if r.service() == "s3" {
			k["s3:ResourceAccount"] = One(a)
		}
	}
	if parts, ok := arnParts(r.Resource.ARN); ok && parts[3] != "" && globOf(parts[3]).literal() {
		k["aws:RequestedRegion"] = One(parts[3])
	}
	if t, ok := principalTypes[p.Kind]; ok {
		k["aws:PrincipalType"] = One(t)
	}
	k["aws:PrincipalServiceName"] = none
	k["aws:PrincipalServiceNamesList"] = none
	if p.Kind != User {
		k["aws:username"] = none
	}
	switch p.Kind {
	case Anonymous, Service, Provider:
		for _, key := range []string{"aws:PrincipalArn", "aws:PrincipalAccount", "aws:PrincipalOrgID",
			"aws:PrincipalOrgPaths", "aws:PrincipalIsAWSService", "kms:CallerAccount", "aws:MultiFactorAuthPresent",
			"aws:MultiFactorAuthAge"} {
			k[key] = none
		}
		if p.Kind == Service {
			k["aws:PrincipalIsAWSService"] = One("true")
			k["aws:PrincipalServiceName"] = One(p.ARN)
			delete(k, "aws:PrincipalServiceNamesList")
		}
	default:
		r.knownCaller(k)
	}
	return k
}

func (r Request) knownCaller(k map[string]Value) {
	p := r.Principal
	k["aws:PrincipalIsAWSService"] = One("false")
	if p.Account != "" {
		k["aws:PrincipalAccount"] = One(p.Account)
		if r.service() == "kms" {
			k["kms:CallerAccount"] = One(p.Account)
		}
	}
	if p.Org != "" {
		k["aws:PrincipalOrgID"] = One(p.Org)
	}
	if p.Kind == User {
		k["aws:username"] = One(p.ARN[strings.LastIndexByte(p.ARN, '/')+1:])
	}
	// The ARN of a session leaves out the path of the role.
	if p.Kind != RoleSession && p.ARN != "" {
		k["aws:PrincipalArn"] = One(p.ARN)
	}
}

// impossible tells keys that a caller without an identity never brings.
func (k Kind) impossible(key string) bool {
	switch k {
	case Anonymous, Service:
		return strings.HasPrefix(strings.ToLower(key), "aws:principaltag/")
	}
	return false
}

// alwaysThere lists keys that every request carries.
func alwaysThere(key string) bool {
	switch strings.ToLower(key) {
	case "aws:securetransport", "aws:currenttime", "aws:epochtime", "aws:viaawsservice", "aws:requestedregion":
		return true
	}
	return false
}
