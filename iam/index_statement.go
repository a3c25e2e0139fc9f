package iam

import (
	"fmt"
	"slices"
	"strings"
)

// indexStatement is a statement, compiled for the index.
type indexStatement struct {
	s       *Statement
	p       *Policy
	shape   int32 // equal for statements that decide alike where they apply
	actions actionSet
	not     bool // NotResource
	always  bool // no Resource element, or one that cannot be read
	// patterns are those of a statement without variables; otherwise they are made for
	// each holder.
	patterns  []int32
	variables bool
	who       string   // the principal element as text
	anybody   bool     // it is "*"
	own, tags []string // condition keys that differ between holders, and between assets
	// byAccount: it names the account of holder or asset. byAction: it names a key that
	// some actions carry and others do not.
	byAccount, byAction bool
}

// statementUse is a statement in a policy with or without principals.
type statementUse struct {
	s          *Statement
	principals bool
}

// indexPattern is a resource pattern with the assets it touches.
type indexPattern struct {
	text   pattern
	arn    arnPattern
	unsure bool // it stands for a variable without known value
	all    bool
	// wide patterns tell classes apart. The others name few assets for few holders.
	wide bool
	uses int
	// touches says of each asset how much of it the pattern takes in, two bits for each
	// suffix; nil where the pattern is wide and the classes say it.
	touches map[int32]uint16
}

// How much of what is asked a pattern takes in.
const (
	relNone  = 0
	relWhole = 1
	relPart  = 2
)

// pattern numbers a pattern.
func (ix *Index) pattern(p pattern, unsure bool) int32 {
	key := string(p)
	if unsure {
		key += "\x00"
	}
	n, ok := ix.byText[key]
	if !ok {
		n = int32(len(ix.patterns))
		ix.byText[key] = n
		ix.patterns = append(ix.patterns, &indexPattern{text: p, arn: splitARN(p), unsure: unsure, all: !unsure && p.everything()})
	}
	return n
}

// statement compiles a statement once.
func (ix *Index) statement(p *Policy, s *Statement, principals bool) *indexStatement {
	if st := ix.statements[statementUse{s, principals}]; st != nil {
		return st
	}
	st := &indexStatement{s: s, p: p, not: s.NotResources != nil, always: !s.hasResource || s.unread&resourceElement != 0}
	for bit, action := range ix.byBit {
		if s.unread&actionElement != 0 || s.coverAction(action) == wholly {
			st.actions.add(bit)
		}
	}
	for i := range s.resources {
		if !s.resources[i].fixed {
			st.variables = true
		}
	}
	if !st.variables && !principals {
		for i := range s.resources {
			t, _ := s.resources[i].text.fixed()
			st.patterns = append(st.patterns, ix.pattern(t, false))
		}
	}
	st.shape = ix.shapes.number(st.describe(principals))
	for i := range s.Conditions {
		ix.noteKeys(st, s.Conditions[i].texts)
		ix.noteKey(st, s.Conditions[i].lower)
	}
	for i := range s.resources {
		if principals {
			ix.noteKeys(st, []text{s.resources[i].text}) // those of holders are resolved for each
		}
	}
	ix.statements[statementUse{s, principals}] = st
	return st
}

// describe writes down all that makes a difference where the statement applies. What
// cannot be read is told by its place, which makes it different from all others.
func (st *indexStatement) describe(principals bool) string {
	var b strings.Builder
	s := st.s
	odd := s.unread != 0 || s.Effect == "" || !s.hasResource && !principals
	fmt.Fprintf(&b, "%s %s", s.Effect, st.p.Version)
	for i := range s.Conditions {
		c := &s.Conditions[i]
		odd = odd || !c.op.known() || c.unread
		fmt.Fprintf(&b, "\x01%s\x02%s\x02%v\x02%s\x02%s", c.Set, c.Operator, c.IfExists, c.Key, strings.Join(c.Values, "\x02"))
	}
	if odd {
		fmt.Fprintf(&b, "\x03%p", s)
	}
	if principals {
		st.who = fmt.Sprintf("%v %v", s.Principals, s.NotPrincipals)
		p := s.Principals
		st.anybody = s.unread&principalElement == 0 && s.NotPrincipals == nil && p != nil && p.Any && len(p.AWS)+len(p.Service)+len(p.Federated) == 0
	}
	return b.String()
}

func (ix *Index) noteKeys(st *indexStatement, texts []text) {
	for _, t := range texts {
		for _, p := range t.parts {
			if p.name != "" {
				ix.noteKey(st, strings.ToLower(p.name))
			}
		}
	}
}

func (ix *Index) noteKey(st *indexStatement, key string) {
	st.byAccount = st.byAccount || strings.Contains(key, "account")
	st.byAction = st.byAction || ix.w.actionData().bound(key)
	if ownKey(key) && !slices.Contains(st.own, key) {
		st.own = append(st.own, key)
	}
	if tagKey(key) && !slices.Contains(st.tags, key) {
		st.tags = append(st.tags, key)
	}
}

// spread finds the assets that each pattern touches, and tells wide patterns from
// narrow ones.
func (ix *Index) spread() {
	at := ix.places()
	for _, p := range ix.patterns {
		if p.all {
			continue
		}
		p.touches = map[int32]uint16{}
		at.overlapping(p.arn, func(i int32) {
			if rel := ix.assets[i].relations(p); rel != 0 {
				p.touches[i] = rel
			}
		})
		p.wide = p.wide || len(p.touches) > ix.fewAssets || p.uses > ix.fewHolders
	}
}

// A narrow pattern touches few assets for few holders: what it says is asked pair by
// pair. Both numbers only move work from one side to the other.
const (
	fewAssets  = 32
	fewHolders = 64
)

// relations says how much of an asset a pattern takes in, for each suffix.
func (a *indexAsset) relations(p *indexPattern) uint16 {
	for i := range 5 {
		if !p.arn.parts[i].overlaps(a.arn.parts[i]) {
			return 0
		}
	}
	whole := true
	for i := range 5 {
		whole = whole && p.arn.parts[i].covers(a.arn.parts[i])
	}
	var out uint16
	for i, r := range a.resources {
		switch {
		case whole && !p.unsure && p.arn.parts[5].covers(r):
			out |= relWhole << (2 * i)
		case p.arn.parts[5].overlaps(r):
			out |= relPart << (2 * i)
		}
	}
	return out
}

// places finds assets by service and by the beginning of their name.
type places map[string]*service

type service struct {
	names []string // sorted
	at    []int32
	exact map[string][]int32
	// loose are the assets whose own name ends in a wildcard, by what stands before it.
	loose map[string][]int32
}

func (ix *Index) places() places {
	out := places{}
	for i, a := range ix.assets {
		s := out[string(a.arn.parts[2])]
		if s == nil {
			s = &service{exact: map[string][]int32{}, loose: map[string][]int32{}}
			out[string(a.arn.parts[2])] = s
		}
		s.at = append(s.at, int32(i))
	}
	for _, s := range out {
		slices.SortStableFunc(s.at, func(x, y int32) int {
			return strings.Compare(ix.assets[x].arn.parts[5].prefix(), ix.assets[y].arn.parts[5].prefix())
		})
		for _, i := range s.at {
			name := ix.assets[i].arn.parts[5].prefix()
			s.names = append(s.names, name)
			if ix.assets[i].arn.parts[5].literal() {
				s.exact[name] = append(s.exact[name], i)
			} else {
				s.loose[name] = append(s.loose[name], i)
			}
		}
	}
	return out
}

// overlapping visits the assets that a pattern may touch: those whose name begins as
// the pattern does, and those whose name the pattern goes beyond.
func (p places) overlapping(a arnPattern, visit func(int32)) {
	for name, s := range p {
		if !a.parts[2].overlaps(pattern(name)) {
			continue
		}
		head := a.parts[5].prefix()
		from, _ := slices.BinarySearch(s.names, head)
		for i := from; i < len(s.names) && strings.HasPrefix(s.names[i], head); i++ {
			visit(s.at[i])
		}
		for i := range len(head) {
			if head[i] == '/' || head[i] == ':' {
				for _, at := range s.exact[head[:i]] {
					visit(at)
				}
			}
			for _, at := range s.loose[head[:i]] {
				visit(at)
			}
		}
	}
}
