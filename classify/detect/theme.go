package detect

import "strings"

// theme is what the name of a resource says all its content is about: a prescription is
// about somebody's health whatever its fields are called. Source: GDPR Art. 9(1) and
// Art. 10, which reach data "concerning" health and "relating to" convictions.
type theme struct {
	rule   *rule
	word   string // the word of the name that says so
	strong bool   // it is a record of it about one person, not a catalogue
}

// The themes. Their candidates compete with what the fields themselves say.
var (
	careTheme      = &rule{category: "user.health_and_medical", base: .3}
	geneTheme      = &rule{category: "user.health_and_medical.genetic", base: .3}
	biometricTheme = &rule{category: "user.biometric", base: .3}
	crimeTheme     = &rule{category: "user.criminal_history", base: .3}
	salaryTheme    = &rule{category: "user.employment.salary", base: .3}
)

// themeOf reads the theme of a resource from its name and from whom its keys refer to.
func (d *Detector) themeOf(c *surround, s *signs, tech bool) theme {
	patients := c.patients
	if tech || c.about.has(d.a.animal) || c.all.has(d.a.animal) && !patients {
		return theme{}
	}
	a, about := &d.a, c.about
	linked := s.keys > 0
	filed := about.has(a.fileWord)
	kinds := d.catalogue(atoms{})
	catalogue := kinds || !linked && d.priced()
	own, kept := d.keptBy(c, linked)
	switch {
	case about.has(a.background) && about.has(a.check):
		return theme{crimeTheme, d.wordOf(setOf(a.background)), !kinds}
	case about.has(a.biometric), about.meets(&a.finger) && (linked || about.has(a.template) || c.all.has(a.template)):
		return theme{biometricTheme, d.wordOf(a.finger.with(a.biometric)), !c.all.has(a.agent) || linked}
	case about.has(a.prisoner):
		return theme{crimeTheme, d.wordOf(setOf(a.prisoner)), false}
	case about.has(a.crime) && (filed || linked) && !catalogue:
		return theme{crimeTheme, d.wordOf(setOf(a.crime)), true}
	case about.has(a.salary) && (linked || about.has(a.work)):
		return theme{salaryTheme, d.wordOf(setOf(a.salary)), !kinds}
	case kept && (!patients && !c.accused || special(own.rule.category)):
		return own
	case about.meets(&a.fact) && d.happened():
		return theme{careTheme, d.wordOf(a.clinic.with(a.health)), !kinds}
	case linked && !patients && d.mostly(setOf(a.crime)):
		return theme{crimeTheme, "offence", !kinds}
	case about.has(a.careRecord), filed && about.has(a.health):
		return theme{careTheme, d.wordOf(a.clinic.with(a.careRecord)), !catalogue}
	case c.accused && linked && !kinds && !about.has(a.pay):
		return theme{crimeTheme, "accused", true}
	case about.has(a.careMaybe) && !about.meets(&a.contract) && (patients || s.subject || c.all.has(a.practitioner) || c.all.meets(&a.fact) || c.all.has(a.care) || d.twoOf(a.careMaybe, a.care)):
		return theme{careTheme, d.wordOf(setOf(a.careMaybe)), !catalogue}
	case about.has(a.genetic):
		return theme{geneTheme, d.wordOf(setOf(a.genetic)), linked}
	case about.has(a.health) && linked && about.meets(&a.clinic):
		onDuty := c.all.has(a.practitioner) && !patients && !c.all.meets(&a.fact)
		return theme{careTheme, d.wordOf(a.clinic.with(a.health)), !catalogue && !onDuty}
	case (linked || c.all.has(a.age) || c.all.has(a.gender)) && d.mostly(a.fact):
		return theme{careTheme, "health", !kinds}
	case about.has(a.health):
		return theme{careTheme, d.wordOf(a.clinic.with(a.health)), false}
	case patients, linked && c.all.has(a.care) && c.all.meets(&a.fact):
		return theme{careTheme, "patient", false}
	}
	return theme{}
}

// catalogue tells whether a resource lists kinds of things rather than cases: types,
// codes, templates. Words of the atoms are what it is about, not a thing it lists; nor are
// those that qualify them: "job_applications" are no jobs, "application_types" are types.
func (d *Detector) catalogue(about atoms) bool {
	from, end := d.headedBy(about)
	for i := from; i < end; i++ {
		t := &d.res.tokens[i].is
		if !t.has(d.a.aggregate) && (t.has(d.a.fileWord) || t.has(d.a.careRecord) || t.has(d.a.health)) {
			continue
		}
		if (t.meets(&about) || !about.empty() && t.has(d.a.happening)) && !t.has(d.a.aggregate) {
			continue
		}
		if t.has(d.a.aggregate) || t.has(d.a.thing) && !t.has(d.a.content) || t.has(d.a.code) || t.has(d.a.kind) {
			return true
		}
	}
	return false
}

// headedBy are the tokens of the resource's name that may be its head where words of the
// atoms stand in it: those from the first such word on, in Romance languages up to the last.
func (d *Detector) headedBy(about atoms) (from, end int) {
	n := len(d.res.tokens)
	first, last := n, -1
	for i := range d.res.tokens {
		if d.res.tokens[i].is.meets(&about) {
			first, last = min(first, i), i
		}
	}
	switch {
	case last < 0:
		return 0, n
	case d.lang&tonguesRomance != 0:
		return 0, last + 1
	}
	return first, n
}

// ofName tells whether a word is one of the resource's own name: "exposure_id" is the
// key of an exposure, not what the record says.
func (d *Detector) ofName(w string) bool {
	for i := range d.res.tokens {
		if strings.HasPrefix(d.res.tokens[i].text, w) {
			return true
		}
	}
	return false
}

// happened tells whether a field says when something began, ended or was found: cases have
// one, lists of kinds do not.
func (d *Detector) happened() bool {
	for i := range d.table[:d.fields] {
		e := &d.table[i]
		if !e.has.has(d.a.form) && e.has.has(d.a.when) && (e.has.has(d.a.lasting) || e.has.meets(&d.a.fact)) {
			return true
		}
	}
	return false
}

// mostly tells whether a fifth of the fields, and two at least, speak of one of the atoms.
func (d *Detector) mostly(of atoms) bool {
	n := 0
	for i := range d.table[:d.fields] {
		if e := &d.table[i]; e.has.meets(&of) && !e.key {
			n++
		}
	}
	return n >= 2 && 5*n >= d.fields
}

// priced tells whether a field is a price or a name of the thing itself: what has one
// is offered or listed, not done to a person.
func (d *Detector) priced() bool {
	for i := range d.table[:d.fields] {
		e := &d.table[i]
		if e.has.has(d.a.money) && !e.has.has(d.a.outcome) || len(e.p.tokens) == 1 && e.has.has(d.a.name) {
			return true
		}
	}
	return false
}

// qualifies tells whether a word says where a value comes from: "source" in
// "source_value" and "source_code".
func (d *Detector) qualifies(e *entry, k, end int) bool {
	return e.p.tokens[k].text == "source" && k+1 < end
}

// twoOf tells whether two different words of the resource's name have an atom each:
// "lab_results".
func (d *Detector) twoOf(one, other atom) bool {
	for i := range d.res.tokens {
		for k := range d.res.tokens {
			if i != k && d.res.tokens[i].is.has(one) && d.res.tokens[k].is.has(other) {
				return true
			}
		}
	}
	return false
}

// wordOf is the word of the resource's name that has one of the atoms.
func (d *Detector) wordOf(of atoms) string {
	for i := range d.res.tokens {
		if t := &d.res.tokens[i]; t.is.meets(&of) {
			return t.text
		}
	}
	return ""
}
