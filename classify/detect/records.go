package detect

import (
	_ "embed"
	"fmt"
	"slices"
	"strings"
	"sync"
)

//go:embed themes.txt
var themesFile string

// need says when a resource is a record of one person.
type need uint8

const (
	byName    need = iota // its name alone says so
	byKey                 // a key to a person stands in it
	byWhom                // it is about a person
	bySection             // it is a section of a curriculum vitae
)

// keeping is a line of themes.txt: what a resource keeps of a person.
type keeping struct {
	rule             *rule
	need             need
	words, not, with atoms
}

var readThemes = sync.OnceValues(func() ([]keeping, error) {
	l, err := readLexicon()
	if err != nil {
		return nil, err
	}
	return parseThemes(l, themesFile)
})

func parseThemes(l *lexicon, text string) ([]keeping, error) {
	needs := map[string]need{"record": byName, "linked": byKey, "of": byWhom, "maybe": byWhom, "section": bySection}
	var out []keeping
	for i, line := range strings.Split(text, "\n") {
		f := strings.Fields(line)
		if len(f) == 0 || strings.HasPrefix(line, "#") {
			continue
		}
		if len(f) < 3 {
			return nil, fmt.Errorf("themes.txt:%d: a theme needs category, need and atoms", i+1)
		}
		n, ok := needs[f[1]]
		if !ok {
			return nil, fmt.Errorf("themes.txt:%d: unknown need %q", i+1, f[1])
		}
		base := .3
		if n == byWhom {
			base = restBase
		}
		if f[1] == "maybe" {
			base = maybeBase
		}
		k := keeping{rule: &rule{category: f[0], base: base}, need: n}
		for _, w := range f[2:] {
			cond, name, found := strings.Cut(w, ":")
			if !found {
				cond, name = "", w
			}
			a, ok := l.number[name]
			to, known := map[string]*atoms{"": &k.words, "not": &k.not, "with": &k.with}[cond]
			if !ok || !known {
				return nil, fmt.Errorf("themes.txt:%d: unknown atom or condition %q", i+1, w)
			}
			to.add(a)
		}
		out = append(out, k)
	}
	return out, nil
}

// keptBy is the theme the name of a resource gives it, if its keys allow.
func (d *Detector) keptBy(c *surround, linked bool) (theme, bool) {
	for i := range d.themes {
		k := &d.themes[i]
		if !c.about.covers(&k.words) || k.need == byWhom || k.need == byKey && !linked || k.need == bySection && !d.resume {
			continue
		}
		if c.about.meets(&k.not) || !c.all.covers(&k.with) || k.need != bySection && d.catalogue(k.words) {
			continue
		}
		return theme{rule: k.rule, word: d.wordOf(k.words), strong: true}, true
	}
	return theme{}, false
}

// rest is what the fields of a record about a person say that no rule knows: of a
// patient something about health, of a worker something about work.
func (d *Detector) rest(c *surround) *rule {
	for i := range d.themes {
		if k := &d.themes[i]; k.need == byWhom && c.about.covers(&k.words) && !c.about.meets(&k.not) {
			return k.rule
		}
	}
	return anyRest
}

var anyRest = &rule{category: "user", base: restBase}

// How sure it is that what no rule knows in a record about a person is a fact about that
// person; less in records of accounts, which say much of the program that keeps them.
const (
	restBase  = .62
	maybeBase = .55
)

// sort is what kind of field a name says it is, apart from what it is about.
type sort struct {
	names             bool // a person, or a name and nothing else
	titled            bool // the name of what the resource lists: "goal_name"
	key, coded, own   bool // a key; a code; a word of the resource's own name
	dated, lasting    bool // a time; of something that began, ended or was due
	thing, flag, form bool // a word of things; "is", "has"; a word of forms: "created", "active"
	content           bool // a word of its own
}

// sortOf reads the words of a field's last step.
func (d *Detector) sortOf(e *entry, last step) (s sort) {
	name, done := false, false
	for k := last.from; k < last.end; k++ {
		t := &e.p.tokens[k]
		switch {
		case t.is.has(d.a.person):
			s.names = true
		case t.is.has(d.a.name):
			name = true
		case t.text == "check" && k+1 < last.end && e.p.tokens[k+1].is.has(d.a.lasting):
			s.lasting = true // "check_in", "checked_out"
		case t.is.has(d.a.id):
			s.key = true
		case t.is.has(d.a.code):
			s.coded = true
		case d.ofName(t.text):
			s.own = true
		case d.qualifies(e, k, last.end):
		case t.is.has(d.a.stateWord):
			s.thing = true
		case t.is.has(d.a.outcome):
			s.content = true
		case t.is.has(d.a.form):
			s.form = true
		case t.is.has(d.a.lasting):
			s.lasting = true
		case t.is.has(d.a.when):
			s.dated = true
		case t.is.has(d.a.flag), t.is.has(d.a.count) && t.text != "quantity" && t.text != "qty":
			s.flag = true
		case strings.HasSuffix(t.text, "ed"):
			done = true
		case t.is.has(d.a.thing) && !t.is.has(d.a.content), t.is.has(d.a.count), t.is.has(d.a.block), t.is.has(d.a.tech):
			s.thing = true
		case t.is.has(d.a.noise), digit(t.text[0]), len(t.text) < 3 && !t.known():
		default:
			s.content = true
		}
	}
	s.titled = name && s.own && !s.names && !s.key
	s.names = s.names || name && !s.content
	s.lasting = s.lasting || done && s.dated // "performed_date"
	s.flag = s.flag || done && !s.dated && !s.content && !s.own
	return s
}

// themed adds what the theme of a resource says about a field that is not a mere key:
// what is written there is about it, whatever it is called. Flags, counts and words of
// forms are only worth a look, as are dates where the theme is no special category.
func (d *Detector) themed(e *entry, c *surround, last step) {
	s := d.sortOf(e, last)
	if e.key || s.names && !(c.theme.strong && (s.titled || d.resume && !e.has.has(d.a.person))) {
		return
	}
	th, linked := &c.theme, c.circle == aboutPerson || c.circle == ofPerson
	if !linked && !th.strong {
		return
	}
	grave := special(th.rule.category)
	if s.coded && (s.own || s.content) && grave {
		s.key, s.content = false, true // the code of what was found or done
	} else if s.coded && !grave {
		s.key = true
	}
	paid := c.about.has(d.a.order) || c.about.has(d.a.pay)
	when := s.dated || s.lasting
	bare := when || s.thing || s.form || s.flag || !s.content && !s.own
	if !th.strong && (s.key || bare && paid || when && !s.content && c.circle != aboutPerson) {
		return
	}
	if s.key {
		d.keyOfRecord(c, s, linked)
		return
	}
	x := d.candidate(th.rule)
	x.put(.3, `record of "%"`, th.word)
	switch {
	case s.form, s.flag, !linked:
	case s.thing:
		if grave && th.strong && !paid {
			x.add(.3, "about one person")
		}
	case when && th.strong && (grave || s.lasting):
		x.add(.32, "when it was")
	case when && th.strong:
		x.add(.3, "when it was")
	case when && !s.content, !s.content && !s.own:
	case th.strong:
		x.add(.35, "about one person")
	case (c.about.has(d.a.patient) || c.patients) && !paid:
		x.add(.3, "of a patient")
	default:
		x.add(.1, c.why)
	}
}

// keyOfRecord adds the key of a record of a special category, and the keys of what it
// refers to: a case number in care is itself about health.
func (d *Detector) keyOfRecord(c *surround, s sort, linked bool) {
	if !linked || !special(c.theme.rule.category) {
		return
	}
	r := c.theme.rule
	if c.health && !s.content {
		r = recordKey
	}
	x := d.candidate(r)
	x.put(.3, `record of "%"`, c.theme.word)
	if s.own || s.content {
		x.add(.15, "a key of it")
	} else {
		x.add(.05, "its key")
	}
}

var recordKey = &rule{category: "user.health_and_medical.record_id", base: .3}

// special tells whether a category is of Art. 9(1) or Art. 10 GDPR.
func special(category string) bool {
	return slices.ContainsFunc(specials, func(p string) bool { return strings.HasPrefix(category, p) })
}

// specials start the keys the taxonomy marks as special always.
var specials = []string{
	"user.health_and_medical", "user.criminal_history", "user.biometric", "user.authorization.biometric",
	"user.demographic.religious", "user.demographic.philosophical", "user.demographic.political", "user.demographic.trade_union",
	"user.demographic.race", "user.demographic.sex",
}

// described adds what is left in a record about a person: whatever is neither a key, a
// form's word nor a thing is a fact about that person.
func (d *Detector) described(e *entry, c *surround, last step) {
	s := d.sortOf(e, last)
	if e.key || s.names || s.key || s.coded || len(e.p.steps) > 1 {
		return
	}
	by, why := 0.0, ""
	switch {
	case s.form, s.thing && !s.content, s.flag && !s.content:
		by, why = .2, "kept by every record about a person"
	case s.thing, !s.content && !s.lasting:
		by, why = .25, "a thing or a time in a record about a person"
	case !c.sure:
		by, why = .4, c.why
	default:
		by, why = c.rest.base, "a record about a person, and this speaks of nothing else"
	}
	if best := d.best(); best != nil && best.score >= .2 && by > .3 {
		best.add(max(0, by-best.score), why)
		return
	}
	d.candidate(c.rest).add(by, why)
}

// best is the candidate with the highest score so far.
func (d *Detector) best() *candidate {
	var best *candidate
	for i := range d.cands {
		if x := &d.cands[i]; best == nil || x.score > best.score {
			best = x
		}
	}
	return best
}
