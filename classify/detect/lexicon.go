package detect

import (
	_ "embed"
	"fmt"
	"strings"
	"sync"
)

//go:embed lexicon.txt
var lexiconFile string

// atom is a unit of meaning that words of all languages stand for.
type atom uint16

// atoms is a set of them, of at most maxAtoms.
type atoms [7]uint64

const maxAtoms = 64 * len(atoms{})

func (s *atoms) add(a atom)      { s[a>>6] |= 1 << (a & 63) }
func (s *atoms) has(a atom) bool { return s[a>>6]&(1<<(a&63)) != 0 }
func (s *atoms) covers(t *atoms) bool {
	return t[0]&^s[0]|t[1]&^s[1]|t[2]&^s[2]|t[3]&^s[3]|t[4]&^s[4]|t[5]&^s[5]|t[6]&^s[6] == 0
}
func (s *atoms) meets(t *atoms) bool {
	return t[0]&s[0]|t[1]&s[1]|t[2]&s[2]|t[3]&s[3]|t[4]&s[4]|t[5]&s[5]|t[6]&s[6] != 0
}
func (s *atoms) join(t atoms) {
	for i := range s {
		s[i] |= t[i]
	}
}
func (s atoms) with(a atom) atoms {
	s.add(a)
	return s
}
func setOf(a atom) atoms    { return atoms{}.with(a) }
func (s atoms) empty() bool { return s == atoms{} }

// languages are those of the lexicon; a set of them is a bit each. Bit 0 is "any".
var languages = []string{"*", "en", "de", "fr", "es", "it", "nl", "pt", "pl"}

type tongues uint16

func tongueOf(code string) (tongues, bool) {
	for i, l := range languages {
		if l == code {
			return 1 << i, true
		}
	}
	return 0, false
}

// sense is what one word means in one language.
type sense struct {
	is     atoms // the atom with all it implies
	lang   tongues
	unsure bool // it means something else in another language
}

// lexicon is the dictionary. It is not changed after it was read.
type lexicon struct {
	words   map[string][]sense
	number  map[string]atom
	names   []string
	longest int
}

var readLexicon = sync.OnceValues(func() (*lexicon, error) { return parseLexicon(lexiconFile) })

func parseLexicon(text string) (*lexicon, error) {
	l := &lexicon{words: map[string][]sense{}, number: map[string]atom{}}
	for i, line := range strings.Split(text, "\n") {
		f := strings.Fields(line)
		if len(f) == 0 || strings.HasPrefix(line, "#") {
			continue
		}
		if len(f) < 2 {
			return nil, fmt.Errorf("lexicon.txt:%d: an atom needs a language", i+1)
		}
		lang, ok := tongueOf(f[1])
		if !ok {
			return nil, fmt.Errorf("lexicon.txt:%d: unknown language %q", i+1, f[1])
		}
		var is atoms
		for _, name := range strings.Split(f[0], ">") {
			a := l.atom(name)
			if int(a) >= maxAtoms {
				return nil, fmt.Errorf("lexicon.txt:%d: %s is one atom more than the %d that fit", i+1, name, maxAtoms)
			}
			is.add(a)
		}
		for _, w := range f[2:] {
			l.learn(w, is, lang)
		}
	}
	l.pluralize()
	return l, nil
}

// pluralize gives English plurals that have a line of their own the people their singular
// stands for: "voters" are still voters.
func (l *lexicon) pluralize() {
	person, ok := l.number["PERSON"]
	if !ok {
		return
	}
	for w := range l.words {
		one, plural := strings.CutSuffix(w, "s")
		if !plural || len(w) < 5 {
			continue
		}
		for _, s := range l.words[one] {
			if s.is.has(person) && s.lang&(tongueEnglish|tongueAny) != 0 && !s.unsure {
				l.add(w, s)
			}
		}
	}
}

// learn adds a sense of a word; the same sense twice is kept once.
func (l *lexicon) learn(w string, is atoms, lang tongues) {
	w, unsure := strings.CutSuffix(w, "?")
	w = fold(w)
	l.longest = max(l.longest, len(w))
	l.add(w, sense{is, lang, unsure})
}

func (l *lexicon) add(w string, s sense) {
	for i, o := range l.words[w] {
		if o.is == s.is && o.unsure == s.unsure {
			l.words[w][i].lang |= s.lang
			return
		}
	}
	l.words[w] = append(l.words[w], s)
}

func (l *lexicon) atom(name string) atom {
	if a, ok := l.number[name]; ok {
		return a
	}
	a := atom(len(l.names))
	l.number[name], l.names = a, append(l.names, name)
	return a
}

// look finds a word, or the singular of an English plural.
func (l *lexicon) look(w string) []sense {
	if s, ok := l.words[w]; ok {
		return s
	}
	n := len(w)
	switch {
	case n > 4 && strings.HasSuffix(w, "ies"):
		if s, ok := l.words[w[:n-3]+"y"]; ok {
			return s
		}
	case n > 4 && strings.HasSuffix(w, "ses"), n > 4 && strings.HasSuffix(w, "xes"):
		if s, ok := l.words[w[:n-2]]; ok {
			return s
		}
	}
	if n > 3 && w[n-1] == 's' && w[n-2] != 's' {
		if s, ok := l.words[w[:n-1]]; ok {
			return s
		}
	}
	return l.inflected(w)
}

// inflected finds the dictionary word of which a token is a plural or a case: "referenti",
// "conductores", "lekarza". Only senses of the language with that ending count.
func (l *lexicon) inflected(w string) []sense {
	if len(w) < 5 {
		return nil
	}
	for _, end := range endings {
		stem, ok := strings.CutSuffix(w, end.ending)
		if !ok || len(stem) < 3 {
			continue
		}
		var out []sense
		for _, s := range l.words[stem+end.basic] {
			if s.lang&end.lang != 0 {
				s.lang &= end.lang
				out = append(out, s)
			}
		}
		if out != nil {
			return out
		}
	}
	return nil
}

// endings are what plurals and cases end with, and what stands there in the dictionary form.
var endings = []struct {
	lang          tongues
	ending, basic string
}{
	{tonguePolish, "owi", ""}, {tonguePolish, "ow", ""}, {tonguePolish, "a", ""}, {tonguePolish, "u", ""}, {tonguePolish, "y", "a"},
	{tonguePolish, "y", ""}, {tonguePolish, "i", "a"}, {tonguePolish, "e", "a"}, {tonguePolish, "ca", "iec"},
	{tongueItalian, "i", "o"}, {tongueItalian, "i", "e"}, {tongueItalian, "i", "a"}, {tongueItalian, "e", "a"},
	{tongueSpanish | tonguePortuguese, "es", ""}, {tonguePortuguese, "oes", "ao"}, {tonguePortuguese, "ais", "al"},
	{tongueGerman | tongueDutch, "en", ""}, {tongueGerman, "n", ""}, {tongueGerman, "e", ""}, {tongueGerman, "er", ""}, {tongueFrench, "x", ""},
}

// short are the words of two letters that may be a part of a longer token.
var short = map[string]bool{"id": true, "no": true, "nr": true, "ip": true}

// onlyTech tells whether a word is nothing but the short name of a machine or service:
// too little to see a part of a longer word in ("open-emr").
func (l *lexicon) onlyTech(w string) bool {
	for _, s := range l.words[w] {
		if !s.is.has(l.number["TECH"]) {
			return false
		}
	}
	return true
}

// onlyUnsure tells whether a word has no meaning another language does not contest: too
// little to see a part of a longer word in.
func (l *lexicon) onlyUnsure(w string) bool {
	for _, s := range l.words[w] {
		if !s.unsure {
			return false
		}
	}
	return true
}

// split cuts a token into dictionary words that cover all of it, the fewest possible;
// nil when there is no such cut. German, Dutch and Polish join words; many schemas do in
// any language ("firstname", "plzort").
func (l *lexicon) split(w string) []string {
	n := len(w)
	if n < 6 || n > 40 {
		return nil
	}
	type step struct{ cost, from, end int }
	best := make([]step, n+1)
	for i := 1; i <= n; i++ {
		best[i].cost = 99
	}
	for i := range n {
		if best[i].cost >= 99 {
			continue
		}
		for j := min(n, i+l.longest); j >= i+2; j-- {
			if _, ok := l.words[w[i:j]]; !ok || j-i < 3 && (!short[w[i:j]] || j < n && (i > 0 || w[:j] != "id" && w[:j] != "ip")) {
				continue
			}
			if j-i <= 3 && l.onlyTech(w[i:j]) || j-i <= 4 && l.onlyUnsure(w[i:j]) {
				continue
			}
			cost := best[i].cost + 2
			if j-i == 3 {
				cost++
			}
			if cost < best[j].cost {
				best[j] = step{cost, i, j}
			}
			// Joints between German parts: Geburt-s-ort, Kunde-n-nummer.
			for _, joint := range []string{"s", "n", "es", "en"} {
				if k := j + len(joint); k < n && j-i > 3 && strings.HasPrefix(w[j:], joint) && cost+1 < best[k].cost {
					best[k] = step{cost + 1, i, j}
				}
			}
		}
	}
	if best[n].cost > 7 {
		return nil
	}
	var out []string
	for i := n; i > 0; i = best[i].from {
		out = append(out, w[best[i].from:best[i].end])
	}
	for i, j := 0, len(out)-1; i < j; i, j = i+1, j-1 {
		out[i], out[j] = out[j], out[i]
	}
	return out
}
