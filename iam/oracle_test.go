package iam

import (
	"net/netip"
	"regexp"
	"strconv"
	"strings"
)

// The oracle answers the same questions as Decide, slowly and without cleverness: it
// walks the parsed JSON and follows the rules one by one, for complete contexts only.
// It shares no code with what it tests.

type obj = map[string]any

type oracle struct {
	req     Request
	ctx     map[string]Value
	res     string
	account string // owner of the resource
	whole   bool   // a policy whose ARNs are written out: of a resource or an endpoint
}

// one or many values of an element.
func many(v any) []string {
	switch x := v.(type) {
	case string:
		return []string{x}
	case []any:
		var out []string
		for _, y := range x {
			out = append(out, y.(string))
		}
		return out
	}
	return nil
}

// glob compares with "*" and "?"; quote keeps some parts literal.
func glob(pattern, s string) bool {
	var b strings.Builder
	for _, r := range pattern {
		switch r {
		case '*':
			b.WriteString("(?s:.*)")
		case '?':
			b.WriteString("(?s:.)")
		case '\x01': // a literal star
			b.WriteString(`\*`)
		default:
			b.WriteString(regexp.QuoteMeta(string(r)))
		}
	}
	return regexp.MustCompile("^" + b.String() + "$").MatchString(s)
}

func globARN(pattern, arn string) bool {
	if pattern == "*" {
		return true
	}
	p, a := strings.SplitN(pattern, ":", 6), strings.SplitN(arn, ":", 6)
	for i := range a {
		if i < len(p) && !glob(p[i], a[i]) {
			return false
		}
	}
	return true
}

var variableForm = regexp.MustCompile(`\$\{([^}]*)\}`)

// fill puts in variables; ok is false when one has no value.
func (o oracle) fill(s string) (string, bool) {
	ok := true
	out := variableForm.ReplaceAllStringFunc(s, func(m string) string {
		v, there := o.ctx[strings.ToLower(m[2:len(m)-1])]
		if !there || v.Multi || len(v.Values) == 0 {
			ok = false
			return ""
		}
		return strings.ReplaceAll(v.Values[0], "*", "\x01")
	})
	return out, ok
}

func (o oracle) actionMatches(s obj) bool {
	in := func(list []string) bool {
		for _, a := range list {
			if glob(strings.ToLower(a), strings.ToLower(o.req.Action)) {
				return true
			}
		}
		return false
	}
	if v, ok := s["NotAction"]; ok {
		return !in(many(v))
	}
	return in(many(s["Action"]))
}

func (o oracle) resourceMatches(s obj) bool {
	said := func(r string) bool { return !o.whole || strings.Contains(r, "*") || strings.Count(r, ":") >= 5 }
	if v, ok := s["NotResource"]; ok {
		for _, r := range many(v) {
			f, ok := o.fill(r)
			if !ok || said(r) && globARN(f, o.res) {
				return false
			}
		}
		return true
	}
	for _, r := range many(s["Resource"]) {
		if f, ok := o.fill(r); ok && said(r) && globARN(f, o.res) {
			return true
		}
	}
	return false
}

func (o oracle) conditionsHold(s obj) bool {
	c, _ := s["Condition"].(obj)
	for op, keys := range c {
		for key, values := range keys.(obj) {
			if !o.holds(op, key, many(values)) {
				return false
			}
		}
	}
	return true
}

func (o oracle) holds(op, key string, values []string) bool {
	v, there := o.ctx[strings.ToLower(key)]
	there = there && len(v.Values) > 0
	if op == "Null" {
		for _, x := range values {
			if (x == "true") != there {
				return true
			}
		}
		return false
	}
	set, base, ok := strings.Cut(op, ":")
	if !ok {
		set, base = "", op
	}
	base, ifExists := strings.CutSuffix(base, "IfExists")
	negated := strings.Contains(base, "Not")
	var usable []string
	for _, x := range v.Values {
		if x != "" || set == "" {
			usable = append(usable, x)
		}
	}
	if !there || len(usable) == 0 {
		switch set {
		case "ForAllValues":
			return true
		case "ForAnyValue":
			return ifExists
		}
		return ifExists || negated
	}
	switch set {
	case "":
		return !v.Multi && o.one(base, negated, v.Values[0], values)
	case "ForAllValues":
		for _, x := range usable {
			if !o.one(base, negated, x, values) {
				return false
			}
		}
		return true
	}
	for _, x := range usable {
		if o.one(base, negated, x, values) {
			return true
		}
	}
	return false
}

func (o oracle) one(base string, negated bool, v string, values []string) bool {
	any := false
	for _, x := range values {
		f, ok := o.fill(x)
		if !ok {
			if negated {
				return false
			}
			continue
		}
		any = any || simple(strings.Replace(base, "Not", "", 1), f, v)
	}
	return any != negated
}

func simple(op, policy, v string) bool {
	switch op {
	case "StringEquals":
		return strings.ReplaceAll(policy, "\x01", "*") == v
	case "StringLike":
		return glob(policy, v)
	case "Bool":
		return strings.EqualFold(policy, v)
	case "NumericLessThan":
		a, _ := strconv.ParseFloat(policy, 64)
		b, err := strconv.ParseFloat(v, 64)
		return err == nil && b < a
	case "IpAddress":
		return netip.MustParsePrefix(policy).Contains(netip.MustParseAddr(v))
	case "ArnLike":
		return globARN(policy, v)
	}
	panic("the oracle knows no " + op)
}

// way says how a principal element takes in the caller: "", "account", "any", "user",
// "role", "session", "service".
func (o oracle) ways(s obj, bounded bool) []string {
	p := o.req.Principal
	if n, ok := s["NotPrincipal"]; ok {
		if s["Effect"] == "Deny" && bounded {
			return []string{"any"}
		}
		for _, w := range o.named(n.(obj)) {
			if w != "account" {
				return nil
			}
		}
		return []string{"any"}
	}
	switch x := s["Principal"].(type) {
	case string:
		return []string{"any"}
	case obj:
		return o.named(x)
	}
	_ = p
	return nil
}

func (o oracle) named(x obj) (ways []string) {
	p := o.req.Principal
	for _, v := range many(x["Service"]) {
		if p.Kind == Service && v == p.ARN {
			ways = append(ways, "service")
		}
	}
	for _, v := range many(x["AWS"]) {
		parts := strings.Split(v, ":")
		mine := strings.Split(p.ARN, ":")
		switch {
		case v == "*":
			ways = append(ways, "any")
		case p.Kind == Service || p.Kind == Anonymous:
		case v == p.Account || len(parts) == 6 && parts[5] == "root" && parts[4] == p.Account:
			ways = append(ways, "account")
		case v == p.ARN && p.Kind == User:
			ways = append(ways, "user")
		case v == p.ARN:
			ways = append(ways, "session")
		case p.Kind == RoleSession && len(parts) == 6 && strings.HasPrefix(parts[5], "role/") && parts[4] == p.Account:
			name := parts[5][strings.LastIndex(parts[5], "/")+1:]
			if strings.HasPrefix(mine[5], "assumed-role/"+name+"/") {
				ways = append(ways, "role")
			}
		}
	}
	return ways
}

// oracleLayer is what one layer says.
type oracleLayer struct {
	allow map[string]bool // by way; "" for layers without principals
	deny  bool
}

func (o oracle) layer(docs []obj, principals, bounded bool) oracleLayer {
	l := oracleLayer{allow: map[string]bool{}}
	for _, d := range docs {
		for _, x := range d["Statement"].([]any) {
			s := x.(obj)
			if !o.actionMatches(s) || !o.resourceMatches(s) || !o.conditionsHold(s) {
				continue
			}
			ways := []string{""}
			if principals {
				ways = o.ways(s, bounded)
			}
			for _, w := range ways {
				if s["Effect"] == "Deny" {
					l.deny = true
				} else {
					l.allow[w] = true
				}
			}
		}
	}
	return l
}

// oracleCase is a question with documents as JSON objects; nil lists do not apply.
type oracleCase struct {
	identity, boundary, session, endpoint []obj
	resource                              obj
	scps, rcps                            [][]obj
}

func (o oracle) decide(c oracleCase) Outcome {
	p := o.req.Principal
	person := p.Kind != Service && p.Kind != Anonymous
	denied := false
	note := func(l oracleLayer) oracleLayer { denied = denied || l.deny; return l }

	allowed := true
	if person {
		for _, level := range c.scps {
			allowed = note(o.layer(level, false, false)).allow[""] && allowed
		}
	}
	if strings.HasPrefix(o.req.Action, "s3:") || strings.HasPrefix(o.req.Action, "kms:") {
		for _, level := range c.rcps {
			note(o.layer(level, true, person && c.boundary != nil))
		}
	}
	written := o
	written.whole = true
	if c.endpoint != nil {
		allowed = len(note(written.layer(c.endpoint, true, person && c.boundary != nil)).allow) > 0 && allowed
	}
	r := oracleLayer{}
	if c.resource != nil {
		r = note(written.layer([]obj{c.resource}, true, person && c.boundary != nil))
	}
	identity, boundary, session := false, true, true
	if person {
		identity = note(o.layer(c.identity, false, false)).allow[""]
		if c.boundary != nil {
			boundary = note(o.layer(c.boundary, false, false)).allow[""]
		}
		if c.session != nil {
			session = note(o.layer(c.session, false, false)).allow[""]
		}
	}
	switch {
	case denied:
		return ExplicitlyDenied
	case allowed && o.core(r.allow, person, identity, boundary && session):
		return Allowed
	}
	return Denied
}

func (o oracle) core(r map[string]bool, person, identity, limits bool) bool {
	caller := identity && limits
	named := r["any"] || r["user"] || r["session"] || r["role"] && limits
	switch {
	case !person:
		return r["any"] || r["service"]
	case o.req.Principal.Account != o.account:
		return len(r) > 0 && caller
	case strings.HasPrefix(o.req.Action, "kms:"):
		return named || r["account"] && caller
	}
	return named || caller
}
