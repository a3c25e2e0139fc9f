package annotations

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Target describes a resource to match against.
type Target struct {
	ARN, Kind, Name, Stack, LogicalID, Account, Region string
	Tags                                               map[string]string
	Fields                                             []Field // that configuration reveals
}

// Match is the pattern of an entry; all that is given must hold.
type Match struct {
	ARN, Kind, Name, Stack, LogicalID, Account, Region string
	Tags                                               map[string]string
	Not                                                *Match
	arnParts                                           []string
}

func takeMatch(n *node) Match {
	m := Match{
		ARN: n.str("arn"), Kind: n.str("kind"), Name: n.str("name"), Stack: n.str("stack"), LogicalID: n.str("logical_id"), Account: n.str("account"), Region: n.str("region"),
	}
	if m.ARN != "" {
		m.arnParts = strings.SplitN(m.ARN, ":", 6)
	}
	if t := n.get("tag"); t != nil && t.kind == mapNode {
		m.Tags = map[string]string{}
		for i, k := range t.keys {
			m.Tags[k.text] = t.items[i].text
		}
	}
	if x := n.get("not"); x != nil && x.kind == mapNode {
		not := takeMatch(x)
		m.Not = &not
	}
	return m
}

func (m *Match) empty() bool {
	return m.ARN == "" && m.Kind == "" && m.Name == "" && m.Stack == "" && m.LogicalID == "" && m.Account == "" && m.Region == "" && len(m.Tags) == 0
}

// Matches tells whether a target fits the pattern. An empty pattern fits nothing.
func (m *Match) Matches(t Target) bool {
	if m.empty() {
		return false
	}
	fits := func(pattern, s string) bool { return pattern == "" || globMatch(pattern, s) }
	if !fits(m.Name, t.Name) || !fits(m.Kind, t.Kind) || !fits(m.Stack, t.Stack) || !fits(m.LogicalID, t.LogicalID) || !fits(m.Account, t.Account) || !fits(m.Region, t.Region) {
		return false
	}
	if m.ARN != "" && !m.matchARN(t.ARN) {
		return false
	}
	for k, want := range m.Tags {
		have, ok := t.Tags[k]
		if !ok || !tagMatch(want, have) {
			return false
		}
	}
	return m.Not == nil || !m.Not.Matches(t)
}

// tagMatch: "*" means the key is there, "a|b" alternatives, otherwise a glob.
func tagMatch(want, have string) bool {
	if want == "*" {
		return true
	}
	return slices.ContainsFunc(strings.Split(want, "|"), func(w string) bool { return globMatch(w, have) })
}

// matchARN compares part by part, split at the first five colons.
func (m *Match) matchARN(arn string) bool {
	have := strings.SplitN(arn, ":", 6)
	if len(have) != 6 || len(m.arnParts) != 6 {
		return m.ARN == arn
	}
	for i, p := range m.arnParts {
		if !globMatch(p, have[i]) {
			return false
		}
	}
	return true
}

// class orders patterns by how exactly they name a resource; lower is more exact.
func (m *Match) class() int {
	switch {
	case m.ARN != "" && literal(m.ARN):
		return 0
	case m.Stack != "" && m.LogicalID != "" && literal(m.Stack) && literal(m.LogicalID):
		return 1
	case m.ARN != "":
		return 2
	case m.Kind != "" && m.Name != "" && literal(m.Name):
		return 3
	case m.Kind != "" && m.Name != "", m.Stack != "" && m.LogicalID != "":
		return 4
	case m.Name != "":
		return 5
	case len(m.Tags) > 0:
		return 6
	case m.Kind != "":
		return 7
	}
	return 8
}

// letters counts the literal characters of all patterns.
func (m *Match) letters() int {
	n := 0
	for _, p := range []string{m.ARN, m.Kind, m.Name, m.Stack, m.LogicalID, m.Account, m.Region} {
		n += literalLength(p)
	}
	for k, v := range m.Tags {
		n += len(k) + literalLength(v)
	}
	return n
}

// lessExact tells whether a pattern names resources less exactly than another.
func (m *Match) lessExact(o *Match) bool {
	if m.class() != o.class() {
		return m.class() > o.class()
	}
	return m.letters() < o.letters()
}

// exact tells whether a pattern names one resource (rank 1).
func (m *Match) exact() bool { return m.class() <= 1 }

// broadNone tells whether "data: none" may not hang on this pattern: it needs an exact
// target, or a kind and a name with a literal prefix of four characters.
func (m *Match) broadNone() bool {
	return !m.exact() && !(m.Kind != "" && literal(m.Kind) && len(literalPrefix(m.Name)) >= 4)
}

// key is the same for patterns that say the same.
func (m *Match) key() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%q", []string{m.ARN, m.Kind, m.Name, m.Stack, m.LogicalID, m.Account, m.Region})
	for _, k := range slices.Sorted(maps.Keys(m.Tags)) {
		fmt.Fprintf(&b, " %q=%q", k, m.Tags[k])
	}
	if m.Not != nil {
		b.WriteString(" not " + m.Not.key())
	}
	return b.String()
}

// index sorts entries by what finds them fast.
func (s *Set) index() {
	s.byARN, s.byKind, s.rest = map[string][]*resource{}, map[string][]*resource{}, nil
	for _, r := range s.resources {
		switch {
		case r.match.ARN != "" && literal(r.match.ARN):
			s.byARN[r.match.ARN] = append(s.byARN[r.match.ARN], r)
		case r.match.Kind != "" && literal(r.match.Kind):
			s.byKind[r.match.Kind] = append(s.byKind[r.match.Kind], r)
		default:
			s.rest = append(s.rest, r)
		}
	}
}

// matching returns the entries that fit a target, the most exact first.
func (s *Set) matching(t Target) []*resource {
	var out []*resource
	for _, list := range [][]*resource{s.byARN[t.ARN], s.byKind[t.Kind], s.rest} {
		for _, r := range list {
			if r.match.Matches(t) {
				out = append(out, r)
			}
		}
	}
	slices.SortStableFunc(out, func(a, b *resource) int {
		if d := a.match.class() - b.match.class(); d != 0 {
			return d
		}
		if d := b.match.letters() - a.match.letters(); d != 0 {
			return d
		}
		return strings.Compare(a.origin, b.origin)
	})
	return out
}

// tagsOf reads the tags of a target that speak of data, in order of their keys.
func (s *Set) tagsOf(t Target) []string { return slices.Sorted(maps.Keys(t.Tags)) }
