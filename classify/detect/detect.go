package detect

import "strings"

// Field is a name to judge, with what is known around it. Only Name is needed.
type Field struct {
	Kind     string // "column", "json", "env", "queue", "header", ... in any wording
	Resource string // the table, document, event or other thing that has the field
	Name     string // a name or a path: "customer.address.city"
	Type     string // the declared type, when known
	Lang     string // the language of the names, when known: "de"
}

// Result is what a name says about a field.
type Result struct {
	Category   string  // taxonomy key, empty when nothing reaches the threshold
	Confidence float64 // 0 to 0.95; of the best candidate, also when it was too weak
	Weak       string  // that candidate, when Category is empty
	parts      []part
	rule       *rule
}

// About describes a detector, so that two runs can be compared.
type About struct {
	ID, Doc string
	Version int
	Cap     float64 // no result of it is surer
}

// The detectors of this package.
var (
	FieldNames    = About{"field-name", "names of fields, columns, attributes and paths", 1, 0.95}
	VariableNames = About{"variable-name", "names of environment variables and parameters", 1, 0.75}
	ResourceNames = About{"resource-name", "names of queues, topics, buckets, functions and roles", 1, 0.45}
)

// Detectors lists the detectors by name.
func Detectors() []About { return []About{FieldNames, VariableNames, ResourceNames} }

// Detector judges names. It keeps scratch memory: use one in each goroutine.
type Detector struct {
	lex     *lexicon
	rules   *ruleSet
	themes  []keeping
	a       marks
	cut     map[string][]token
	segs    []string
	res     parsed
	table   []entry
	source  source // of the names at hand
	fields  int    // entries of table in use
	lang    tongues
	cands   []candidate
	people  []folk          // what other resources about people in the source at hand are called
	last    *surround       // of the resource read last
	records map[string]bool // names of the keys of records of a special category there; true where of care
	care    bool            // there are patients in it
	resume  bool            // the source at hand is a curriculum vitae
	keys    map[string]bool // names of the keys of people in the source at hand; true where they are patients
}

// New returns a detector, or an error when the built-in tables are broken.
func New() (*Detector, error) {
	l, err := readLexicon()
	if err != nil {
		return nil, err
	}
	r, err := readRules()
	if err != nil {
		return nil, err
	}
	t, err := readThemes()
	if err != nil {
		return nil, err
	}
	return &Detector{lex: l, rules: r, themes: t, a: marksOf(l), cut: map[string][]token{}}, nil
}

// marks are the atoms the code itself speaks of.
type marks struct {
	person, patient, thing, tech, block, flag, count, when, noise, id, number, code, name, title, address, addrKind, company,
	email, phone, street, city, postal, state, country, first, last, birth, gender, national, marital, password, username,
	health, order, pay, visit, content, employee, kin, by, acted, hashed, agent, personAct, contact, role, orgWord, care, client atom
	activity, direct, certain, place, body, oauth, reach, clinic, finger                                                                                                                                                                                                                                                                                                                                                             atoms
	careRecord, careMaybe, fileWord, outcome, biometric, crime, prisoner, salary, genetic, template, insurance, kind, form, money, work, background, check, animal, practitioner, lasting, bank, wrap, profile, account, aggregate, location, given, lastWord, hair, device, section, vitae, personal, detail, stateWord, membership, happening, tenant, housing, subject, msisdn, seat, message, advertising, age, household, inner atom
	fact, trait, bare, likely, trace, handle, net, contract, chain, region, coords, fromTo                                                                                                                                                                                                                                                                                                                                           atoms
}

func marksOf(l *lexicon) marks {
	g := func(n string) atom { return l.atom(n) }
	set := func(names string) (s atoms) {
		for _, n := range strings.Fields(names) {
			s.add(l.atom(n))
		}
		return s
	}
	return marks{
		person: g("PERSON"), patient: g("PATIENT"), thing: g("THING"), tech: g("TECH"), block: g("BLOCK"), flag: g("FLAG"), count: g("COUNTWORD"),
		when: g("TIMEWORD"), noise: g("NOISE"), id: g("ID"), number: g("NUMBER"), code: g("CODE"), name: g("NAME"), title: g("TITLE"),
		address: g("ADDRESS"), addrKind: g("ADDRKIND"), company: g("COMPANY"), email: g("EMAIL"), phone: g("PHONE"), street: g("STREET"),
		city: g("CITY"), postal: g("POSTALCODE"), state: g("STATE"), country: g("COUNTRY"), first: g("FIRSTNAME"), last: g("LASTNAME"),
		birth: g("BIRTH"), gender: g("GENDER"), national: g("NATIONALID"), marital: g("MARITAL"), password: g("PASSWORD"), username: g("USERNAME"),
		health: g("HEALTHCTX"), order: g("ORDERCTX"), pay: g("PAYCTX"), visit: g("VISITCTX"), content: g("CONTENTCTX"), employee: g("EMPLOYEE"),
		kin: g("KIN"), by: g("BY"), acted: g("ACTED"), hashed: g("HASHED"), agent: g("AGENT"), personAct: g("PERSONACT"), contact: g("CONTACTWORD"), role: g("ROLEADDR"), orgWord: g("ORGCTX"), client: g("CLIENT"), care: g("CLINICALCTX"),
		careRecord: g("CARERECORD"), careMaybe: g("CAREMAYBE"), fileWord: g("FILEWORD"), outcome: g("OUTCOME"), biometric: g("BIOMETRIC"), crime: g("CRIMINAL"),
		prisoner: g("PRISONER"), salary: g("SALARY"), genetic: g("GENETIC"), template: g("TEMPLATEWORD"), insurance: g("INSURANCECTX"), finger: set("FACE IRIS THUMB FINGERPRINT VOICE"),
		kind: g("KINDWORD"), form: g("FORMWORD"), work: g("WORKCTX"), background: g("BACKGROUND"), check: g("CHECKWORD"), animal: g("ANIMAL"), practitioner: g("PRACTITIONER"), money: g("MONEY"), lasting: g("LASTING"), bank: g("BANK"), profile: g("PROFILE"), account: g("ACCOUNTCTX"), aggregate: g("AGGWORD"), location: g("LOCATION"), given: g("FIRST"), lastWord: g("LAST"), hair: g("HAIREYE"), device: g("DEVICE"), section: g("CVSECTION"), vitae: g("CVROOT"), personal: g("PERSONALWORD"), detail: g("DETAILWORD"), stateWord: g("STATEWORD"), membership: g("MEMBERSHIPWORD"), happening: g("HAPPENING"), tenant: g("TENANTWORD"), subject: g("SUBJECT"), seat: g("SEAT"), message: g("MESSAGE"), advertising: g("ADVERTISING"), age: g("AGE"), inner: g("INNER"), household: g("HOUSEHOLD"), msisdn: g("MSISDN"), housing: g("HOUSINGCTX"), wrap: g("WRAP"),
		fact:     set("CONDITION MEDICATION ALLERGY VITALS PREGNANCY DISABILITY GENETIC MENTAL CARERECORD"),
		trait:    set("GENDER MARITAL NATIONALITY RELIGION RACE ETHNICITYWORD SEXUAL UNION POLITICAL EDUCATION CONDITION MEDICATION ALLERGY VITALS PREGNANCY DISABILITY GENETIC MENTAL CRIMINAL SALARY JOB HEIGHTWEIGHT HAIREYE HOUSEHOLD INCOME HABIT TELEMETRY CLINICALCTX HEALTH PAYMENT"),
		likely:   set("AGE JOB PHOTO NICK EDUCATION HEIGHTWEIGHT HAIREYE DISPLAY BIO"),
		bare:     set("ID IDNUMBER NAME CODE NUMBER TITLE MONEY ROLEWORD PREFERENCE TIMEZONE HEIGHTWEIGHT"),
		activity: set("ORDERCTX PAYCTX VISITCTX CONTENTCTX SOCIALCTX ACCOUNTCTX WORKCTX HEALTHCTX ADDRESS SESSION DEVICE TOKEN CARD CONSENT"),
		certain:  set("FIRSTNAME LASTNAME BIRTH GENDER NATIONALID MARITAL NATIONALITY SALARY RELIGION"),
		direct:   set("EMAIL PHONE USERNAME PASSWORD STREET"),
		place:    set("STREET CITY POSTALCODE STATE COUNTRY PHONE ADDRESS"),
		body:     set("RELIGION HEALTH CONDITION ALLERGY DISABILITY MEDICATION VITALS PREGNANCY HIRE ABSENCE LOGIN LASTWORD DEATH CRIMINAL CONSENT CLINICALCTX"),
		oauth:    set("OAUTH"),
		clinic:   set("CLINICALCTX VITALS CONDITION MEDICATION ALLERGY PREGNANCY GENETIC MENTAL HEALTH"),
		trace:    set("HTTPAGENT DEVICEID ADVERTISING COOKIE BROWSER REFERER PUSH ANON"),
		chain:    set("CHAIN"), region: set("CITY POSTALCODE STATE COUNTRY"), coords: set("LATLON"),
		fromTo:   set("FROMWORD TO"),
		contract: set("LICENSE TERMS PAYCTX ORDERCTX"),
		net:      set("IP OS"),
		handle:   set("EMAIL PHONE ADDRESS STREET"),
		reach:    set("EMAIL PHONE ADDRESS"),
	}
}

// entry is one field of a resource on the way.
type entry struct {
	name    string
	p       parsed
	has     atoms // of its last step, or of all steps
	parts   atoms // what its words say together
	short   int   // tokens to leave out in front and at the end: the table's own affix
	tail    int
	key     bool // refers to a person
	shared  bool // is the key of a person in another resource
	record  bool // is the key of a record of care or of an offence in another resource
	ofCare  bool // of care
	named   bool // names another resource about a person: "bewoner_code"
	patient bool // of a patient
}

// Table judges the fields of one resource: each is context for the others. All must
// have the same Resource. Results are in the order of the fields.
func (d *Detector) Table(fields []Field, threshold float64) []Result {
	if len(fields) == 0 {
		return nil
	}
	d.read(fields)
	c := d.surroundings(fields[0])
	out := make([]Result, len(fields))
	for i := range fields {
		out[i] = d.judge(&fields[i], &d.table[i], c, threshold)
	}
	return out
}

// read parses all fields, finds their language and settles what each word means.
func (d *Detector) read(fields []Field) {
	for len(d.table) < len(fields) {
		d.table = append(d.table, entry{})
	}
	d.fields = len(fields)
	d.parse(&d.res, fields[0].Resource)
	var votes [len16]int
	stated := tongues(0)
	for i := range fields {
		e := &d.table[i]
		d.parse(&e.p, fields[i].Name)
		for k := range e.p.tokens {
			e.p.tokens[k].vote(&votes)
		}
		if fields[i].Lang != "" {
			t, _ := tongueOf(strings.ToLower(fields[i].Lang[:min(2, len(fields[i].Lang))]))
			stated |= t
		}
	}
	for k := range d.res.tokens {
		d.res.tokens[k].vote(&votes)
	}
	lang := elect(&votes, stated)
	d.lang = lang
	for k := range d.res.tokens {
		d.res.tokens[k].settle(lang)
	}
	for i := range fields {
		e := &d.table[i]
		e.name = fields[i].Name
		e.has, e.parts, e.short, e.tail, e.key, e.named = atoms{}, atoms{}, 0, 0, false, false
		e.patient, e.shared = d.keys[fields[i].Name]
		e.ofCare, e.record = d.records[fields[i].Name]
		for k := range e.p.tokens {
			e.p.tokens[k].settle(lang)
			e.has.join(e.p.tokens[k].is)
		}
		d.nameParts(e)
	}
	d.affixes(len(fields))
	for i := range fields {
		e := &d.table[i]
		tokens := e.p.tokens[min(e.short, len(e.p.tokens)) : len(e.p.tokens)-e.tail]
		var of folk
		of, e.named = d.namesPeople(tokens)
		e.patient = e.patient || e.named && of.patients
		e.key = e.shared || e.named || d.refersToPerson(tokens)
	}
}

// nameParts adds what two words say together: "first_name", "last_name".
func (d *Detector) nameParts(e *entry) {
	if !e.has.has(d.a.name) || e.has.has(d.a.thing) || e.has.has(d.a.company) {
		return
	}
	if e.has.has(d.a.given) {
		e.parts.add(d.a.first)
	} else if e.has.has(d.a.lastWord) {
		e.parts.add(d.a.last)
	}
}

// refersToPerson tells whether a field is a key to a person: a person word and an id,
// with no thing between.
func (d *Detector) refersToPerson(tokens []token) bool {
	for i := range len(tokens) - 1 {
		if tokens[i].is.has(d.a.number) && tokens[i+1].text == "of" {
			return false // it counts them
		}
	}
	if len(tokens) == 2 && tokens[0].text == "subject" && tokens[1].text == "reference" {
		return true // whom a record of care is of
	}
	person, id := false, len(tokens) == 1 && !tokens[0].unsure && !tokens[0].contested && !tokens[0].is.has(d.a.contact) && !strings.HasSuffix(tokens[0].text, "s")
	for i := range tokens {
		t := &tokens[i].is
		switch {
		case t.has(d.a.profile) && i > 0 && !tokens[i-1].is.has(d.a.person):
			return false // "device_profile_id"
		case t.has(d.a.person):
			person = true
			id = id || t.has(d.a.id)
		case t.has(d.a.id), t.has(d.a.number), t.has(d.a.code):
			id = true
		case t.has(d.a.noise):
		case person && (t.has(d.a.thing) || t.has(d.a.block)):
			return false
		}
	}
	return person && id
}

// folk is the word by which a source calls people of a kind, found in the name of a
// resource about them.
type folk struct {
	word     string
	patients bool
}

// namesPeople tells whether a name is a key of people the source has a resource for:
// "bewoner_code" where a resource "Bewoner" is about people.
func (d *Detector) namesPeople(tokens []token) (folk, bool) {
	var found folk
	key := len(tokens) == 1
	for i := range tokens {
		t := &tokens[i]
		switch {
		case t.is.has(d.a.id), t.is.has(d.a.number), t.is.has(d.a.code):
			key = true
		case t.known():
			return found, false
		case found.word == "":
			for _, p := range d.people {
				if sameWord(p.word, t.text) && d.ofOther(t.text) {
					found = p
				}
			}
		}
	}
	return found, key && found.word != ""
}

// ofOther tells whether a word is none of the resource's own name.
func (d *Detector) ofOther(w string) bool {
	for i := range d.res.tokens {
		if sameWord(d.res.tokens[i].text, w) {
			return false
		}
	}
	return true
}

// sameWord tells whether two words differ in their endings only: "detenidos", "detenido".
func sameWord(a, b string) bool {
	n := 0
	for n < len(a) && n < len(b) && a[n] == b[n] {
		n++
	}
	return n >= 4 && len(a)-n <= 2 && len(b)-n <= 2
}

// affixShare is how many of the fields must share a token before it is the table's own.
// Source: detectors, "Normalise".
const affixShare = 0.6

// affixes finds a first or last token that most fields of a table share.
func (d *Detector) affixes(n int) {
	if n < 4 {
		return
	}
	front, back := map[string]int{}, map[string]int{}
	for i := range n {
		p := &d.table[i].p
		if s := p.steps; len(s) == 1 && len(p.tokens) > 1 {
			// "id" in front of most fields is no code of the table: they are keys.
			if first := &p.tokens[0]; !first.is.has(d.a.id) {
				front[first.text]++
			}
			if last := &p.tokens[len(p.tokens)-1]; !last.is.has(d.a.id) {
				back[last.text]++
			}
		}
	}
	for i := range n {
		p := &d.table[i].p
		if len(p.steps) != 1 || len(p.tokens) < 2 {
			continue
		}
		if float64(front[p.tokens[0].text]) >= affixShare*float64(n) {
			d.table[i].short = 1
		}
		if len(p.tokens)-d.table[i].short > 1 && float64(back[p.tokens[len(p.tokens)-1].text]) >= affixShare*float64(n) {
			d.table[i].tail = 1
		}
	}
}
