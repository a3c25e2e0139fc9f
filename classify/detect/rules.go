package detect

import (
	_ "embed"
	"fmt"
	"math/bits"
	"strconv"
	"strings"
	"sync"
)

//go:embed rules.txt
var rulesFile string

// setting is what must surround a field for a rule to be believed.
type setting uint8

const (
	bySelf   setting = iota // about a person unless the resource is a thing
	inPerson                // only in a record about a person
	inLinked                // also in a record that belongs to a person
)

// rule names a category for a field that holds all of its atoms.
type rule struct {
	category string
	base     float64
	needs    setting
	all      atoms
	size     int
	about    atoms // the resource speaks of all of these
	with     atoms // other fields do
	not      atoms // the field has none of these
	person   bool  // the rule itself names a person
	means    string
}

// ruleSet finds the rules for a set of atoms by the rarest atom of each.
type ruleSet struct {
	rules []rule
	by    [maxAtoms][]int32
	keys  atoms // atoms some rule is found by
}

var readRules = sync.OnceValues(func() (*ruleSet, error) {
	l, err := readLexicon()
	if err != nil {
		return nil, err
	}
	return parseRules(l, rulesFile)
})

func parseRules(l *lexicon, text string) (*ruleSet, error) {
	s := &ruleSet{}
	used := map[atom]int{}
	for i, line := range strings.Split(text, "\n") {
		if line = strings.TrimSpace(line); line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		r, err := parseRule(l, strings.Fields(line))
		if err != nil {
			return nil, fmt.Errorf("rules.txt:%d: %w", i+1, err)
		}
		each(r.all, func(a atom) { used[a]++ })
		s.rules = append(s.rules, r)
	}
	for i, r := range s.rules {
		best, count := atom(0), 1<<30
		each(r.all, func(a atom) {
			if used[a] < count {
				best, count = a, used[a]
			}
		})
		s.by[best] = append(s.by[best], int32(i))
		s.keys.add(best)
	}
	return s, nil
}

func parseRule(l *lexicon, f []string) (rule, error) {
	var r rule
	if len(f) < 4 {
		return r, fmt.Errorf("a rule needs category, base, context and atoms")
	}
	r.category = f[0]
	base, err := strconv.ParseFloat(f[1], 64)
	if err != nil {
		return r, err
	}
	r.base = base
	switch f[2] {
	case "self":
	case "person":
		r.needs = inPerson
	case "link":
		r.needs = inLinked
	default:
		return r, fmt.Errorf("unknown context %q", f[2])
	}
	var names []string
	for _, w := range f[3:] {
		key, name, found := strings.Cut(w, ":")
		if !found {
			key, name = "", w
		}
		a, ok := l.number[name]
		if !ok {
			return r, fmt.Errorf("unknown atom %q", name)
		}
		switch key {
		case "":
			r.all.add(a)
			names = append(names, name)
		case "in":
			r.about.add(a)
		case "with":
			r.with.add(a)
		case "not":
			r.not.add(a)
		default:
			return r, fmt.Errorf("unknown condition %q", key)
		}
	}
	r.size = r.all.count()
	r.means = strings.ToLower(strings.Join(names, " "))
	r.person = r.all.has(l.number["PERSON"])
	return r, nil
}

func (s atoms) count() int {
	n := 0
	for _, w := range s {
		n += bits.OnesCount64(w)
	}
	return n
}

// each calls f for every atom of a set, in order.
func each(s atoms, f func(atom)) {
	for i, w := range s {
		for ; w != 0; w &= w - 1 {
			f(atom(i*64 + bits.TrailingZeros64(w)))
		}
	}
}
