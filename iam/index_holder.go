package iam

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// indexHolder is a holder, compiled.
type indexHolder struct {
	h       *Holder
	p       Principal
	trait   string // what decides beside statements, names and tags
	traits  int32  // its number
	account int32  // number of its account
	known   map[string]Value
	fixed   bool // its tags are those of all its requests
	group   int32

	statements []heldStatement
	role       string // name of the role, for sessions and roles
}

// heldStatement is a statement of a holder, with the patterns it has for this holder.
type heldStatement struct {
	*indexStatement
	boundary bool
	policy   int // of the holder's Policies or Boundaries
	patterns []int32
	// own: it says something else for every holder, because a variable has no value
	// that is known. never: a variable has none at all.
	own, never bool
}

// indexLevel is a level of service control policies.
type indexLevel struct {
	statements []heldStatement
}

// indexGroup is the holders that no broad statement tells apart.
type indexGroup struct {
	holders []int32
	account string
	// asks are the actions that some broad statement allows; all says that any action
	// may be allowed without one.
	asks actionSet
	all  bool
}

func (ix *Index) addHolder(n int32, h *Holder) {
	x := &indexHolder{h: h, p: ix.w.principal(h), fixed: h.fixedTags(), known: map[string]Value{}}
	for k, v := range ix.w.known(h, &Asset{}) {
		x.known[strings.ToLower(k)] = v
	}
	x.role, _, _ = roleName(x.p.ARN)
	p := x.p
	limits := ix.w.limits(p.Account)
	x.trait = fmt.Sprintf("%s|%s|%s|%v|%v|%v|%v|%s|%s|%d|%s", p.Kind, p.Org, limits.OrgPath, p.ManagementAccount, p.ServiceLinkedRole,
		h.Boundaries != nil, x.fixed, p.Parent, missingText(h.Missing), len(limits.SCPs), missingText(limits.Missing))
	if !p.hasIdentity() || len(h.Missing) > 0 || len(limits.Missing) > 0 {
		x.trait += "|" + p.ARN + "|" + p.Account
	}
	x.account = ix.shapes.number("account " + p.Account)
	x.traits = ix.shapes.number("holder " + x.trait)
	ix.holders = append(ix.holders, x)
	for i, policy := range h.Policies {
		x.hold(ix, policy, i, false)
	}
	for i, policy := range h.Boundaries {
		x.hold(ix, policy, i, true)
	}
	for _, name := range x.names() {
		ix.named[name] = append(ix.named[name], n)
	}
	if _, done := ix.scps[p.Account]; !done {
		ix.scps[p.Account] = ix.levels(ix.w.limits(p.Account).SCPs)
	}
}

func missingText(m map[Layer]string) string {
	var b strings.Builder
	for _, layer := range slices.Sorted(maps.Keys(m)) {
		fmt.Fprintf(&b, "%s=%s;", layer, m[layer])
	}
	return b.String()
}

// names are the names by which a policy can mean this holder and not others of its
// account.
func (x *indexHolder) names() []string {
	switch x.p.Kind {
	case Role, RoleSession:
		return []string{"role " + x.p.Account + " " + x.role}
	case User, FederatedUser:
		if x.p.Parent != "" {
			return []string{x.p.ARN, x.p.Parent}
		}
		return []string{x.p.ARN}
	case Service, Provider:
		return []string{x.p.ARN}
	}
	return nil
}

// calledBy is the name under which a principal of a policy is looked up.
func calledBy(principal string) string {
	if name, _, ok := roleName(principal); ok {
		return "role " + Account(principal) + " " + name
	}
	return principal
}

func (x *indexHolder) hold(ix *Index, p *Policy, number int, boundary bool) {
	for i := range p.Statements {
		st := ix.statement(p, &p.Statements[i], false)
		if st.actions == (actionSet{}) {
			continue
		}
		hs := heldStatement{indexStatement: st, boundary: boundary, policy: number, patterns: st.patterns}
		if st.variables {
			ix.resolveFor(x, &hs)
		}
		if hs.never {
			continue
		}
		for _, n := range hs.patterns {
			ix.patterns[n].uses++
			if st.not {
				ix.patterns[n].wide = true // what is left out is said of all at once
			}
		}
		x.statements = append(x.statements, hs)
	}
}

// resolveFor makes the patterns of a statement with variables for a holder. Variables
// that hang on more than the holder stay open.
func (ix *Index) resolveFor(x *indexHolder, hs *heldStatement) {
	hs.patterns = nil
	for i := range hs.s.resources {
		t := hs.s.resources[i].text
		p, ok, unsure := x.resolve(t)
		switch {
		case !ok && hs.not:
			hs.never = true
			return
		case !ok:
			continue
		case unsure:
			hs.own = true
		}
		hs.patterns = append(hs.patterns, ix.pattern(p, unsure))
	}
}

func (x *indexHolder) resolve(t text) (p pattern, ok, unsure bool) {
	var b strings.Builder
	for _, part := range t.parts {
		v, there := Value{}, unknownKey
		if key := strings.ToLower(part.name); ofHolder(key) {
			v, there = x.value(key)
		}
		switch {
		case part.name == "":
			b.WriteString(string(part.pattern))
		case there == presentKey && !v.Multi:
			b.WriteString(strings.ToValidUTF8(v.Values[0], "\ufffd"))
		case there == unknownKey:
			b.WriteByte(anyRun)
			unsure = true
		case there == absentKey && part.hasDefault:
			b.WriteString(part.fallback)
		default:
			return "", false, false
		}
	}
	return pattern(b.String()), true, unsure
}

// ofHolder tells condition keys, in lower case, whose value follows from the holder
// alone.
func ofHolder(key string) bool {
	return strings.HasPrefix(key, "aws:principal") || key == "aws:username"
}

// value is what is known of such a key.
func (x *indexHolder) value(key string) (Value, presence) {
	if v, ok := x.known[key]; ok {
		if len(v.Values) == 0 {
			return Value{}, absentKey
		}
		return v, presentKey
	}
	if x.fixed && strings.HasPrefix(key, "aws:principaltag/") {
		return Value{}, absentKey
	}
	req := Request{Principal: x.p}
	return req.follows(key)
}

// tell writes the value of a key that differs between holders. Of a session the ARN
// itself decides on aws:PrincipalArn.
func (x *indexHolder) tell(key string) string {
	if key == "aws:principalarn" {
		return x.p.ARN
	}
	v, there := x.value(key)
	return fmt.Sprintf("%d%q", there, v.Values)
}

// levels compiles service control policies.
func (ix *Index) levels(list []Level) []indexLevel {
	out := []indexLevel{}
	for _, l := range list {
		var level indexLevel
		for i, p := range l.Policies {
			for j := range p.Statements {
				st := ix.statement(p, &p.Statements[j], false)
				hs := heldStatement{indexStatement: st, policy: i, patterns: st.patterns}
				if st.variables {
					for k := range st.s.resources {
						r := &st.s.resources[k]
						hs.patterns = append(hs.patterns, ix.pattern(r.text.anyValue(), !r.fixed))
						hs.own = true
					}
				}
				for _, n := range hs.patterns {
					ix.patterns[n].wide = true
				}
				level.statements = append(level.statements, hs)
			}
		}
		out = append(out, level)
	}
	return out
}

// narrow tells a statement that is about a few assets only.
func (ix *Index) narrow(hs *heldStatement) bool {
	if hs.always || hs.not {
		return false
	}
	for _, n := range hs.patterns {
		if p := ix.patterns[n]; p.all || p.wide {
			return false
		}
	}
	return true
}

// group puts holders that no broad statement tells apart together, and notes the pairs
// that narrow statements name.
func (ix *Index) group() {
	seen := map[string]int32{}
	for i, x := range ix.holders {
		key := ix.groupKey(int32(i), x)
		n, ok := seen[key]
		if !ok {
			n = int32(len(ix.groups))
			seen[key] = n
			ix.groups = append(ix.groups, ix.newGroup(x))
			ix.byAccount[x.p.Account] = append(ix.byAccount[x.p.Account], n)
		}
		x.group = n
		ix.groups[n].holders = append(ix.groups[n].holders, int32(i))
	}
}

func (ix *Index) groupKey(n int32, x *indexHolder) string {
	var b strings.Builder
	b.WriteString(x.trait + x.p.Account)
	pairs := map[int32]bool{}
	for i := range x.statements {
		hs := &x.statements[i]
		for _, p := range hs.patterns {
			if !ix.patterns[p].all && !ix.patterns[p].wide {
				for a := range ix.patterns[p].touches {
					pairs[a] = true
				}
			}
		}
		if ix.narrow(hs) {
			continue
		}
		fmt.Fprintf(&b, "\n%v %d %x %v %v %v", hs.boundary, hs.shape, hs.actions, hs.not, hs.always, hs.patterns)
		for _, k := range hs.indexStatement.own {
			b.WriteString(x.tell(k))
		}
		if hs.own {
			fmt.Fprintf(&b, " of %d", n)
		}
	}
	for _, level := range ix.scps[x.p.Account] {
		for i := range level.statements {
			for _, k := range level.statements[i].indexStatement.own {
				b.WriteString(x.tell(k))
			}
			if level.statements[i].variables {
				fmt.Fprintf(&b, " of %d", n)
			}
		}
	}
	for a := range pairs {
		if ix.assets[a].isKey() {
			ix.byKey[a] = append(ix.byKey[a], n)
		}
		ix.byAsset[a] = append(ix.byAsset[a], n)
	}
	return b.String()
}

func (ix *Index) newGroup(x *indexHolder) *indexGroup {
	g := &indexGroup{account: x.p.Account, all: !x.p.hasIdentity() || x.p.Kind == Root || len(x.h.Missing) > 0}
	for i := range x.statements {
		hs := &x.statements[i]
		if hs.s.Effect != Deny && !hs.boundary && !ix.narrow(hs) {
			for w := range g.asks {
				g.asks[w] |= hs.actions[w]
			}
		}
	}
	return g
}
