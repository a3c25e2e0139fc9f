package detect

import "strings"

// circle is what surrounds a field, from about a person to about a machine.
type circle uint8

const (
	neutral circle = iota
	aboutPerson
	ofPerson // belongs to a person: an order, a session, a message
	maybePerson
	ownedThing // a thing with a key to a person
	aboutThing
	aboutTech
)

// surround is what the whole resource says about its fields.
type surround struct {
	circle   circle
	why      string
	about    atoms // all the resource's name speaks of
	all      atoms // all its fields speak of
	health   bool
	theme    theme // what its name says all its content is about
	rest     *rule // what else is in a record about a person
	patients bool  // keys refer to patients
	accused  bool  // keys refer to people who are accused or convicted
	sure     bool  // its fields say that it is about a person, not its name alone
	places   int   // fields that are a part of an address
	source   source
	event    bool // an event, document or log: what is in it was caused by somebody
	iam      bool // identities of the platform itself
}

// source says what kind of name is judged.
type source uint8

const (
	fieldName source = iota
	variableName
	resourceName
	headerName
)

// sourceOf reads the kind column, in any wording.
func sourceOf(kind string) (s source, tech bool) {
	k := strings.ToLower(kind)
	has := func(words ...string) bool {
		for _, w := range words {
			if strings.Contains(k, w) {
				return true
			}
		}
		return false
	}
	switch {
	case has("queue", "topic", "bucket", "function", "role", "stream-name", "bus", "log-group", "loggroup", "resource-name", "resource_name"):
		return resourceName, false
	case has("env", "variable", "parameter-name", "secret"):
		return variableName, false
	case has("header"):
		return headerName, false
	case has("terraform", "cloudformation", "cfn", "k8s", "kubernetes", "crd", "helm", "cloud", "infra", "manifest"):
		return fieldName, true
	}
	return fieldName, false
}

// eventLike tells whether a kind is of documents rather than of tables and settings.
func eventLike(kind string) bool {
	k := strings.ToLower(kind)
	for _, w := range []string{"json", "event", "log", "payload", "message", "document"} {
		if strings.Contains(k, w) {
			return true
		}
	}
	return false
}

// orgs counts the fields that only an organisation has.
func (d *Detector) orgs() int {
	n := 0
	for i := range d.table[:d.fields] {
		if d.table[i].has.has(d.a.orgWord) {
			n++
		}
	}
	return n
}

// platforms start the names of resource types that describe machines.
var platforms = []string{"aws::", "aws_", "azurerm_", "google_", "io.k8s", "kubernetes_", "alicloud_", "digitalocean_", "helm_", "k8s.", "com.amazonaws", "azure-native", "microsoft."}

// surroundings judges the resource: its name, and what its fields say together.
func (d *Detector) surroundings(f Field) *surround {
	c := &surround{}
	var tech bool
	c.source, tech = sourceOf(f.Kind)
	d.source = c.source
	low := strings.ToLower(f.Resource)
	for _, p := range platforms {
		tech = tech || strings.HasPrefix(low, p)
	}
	c.event = eventLike(f.Kind) || strings.Contains(low, "event")
	c.iam = strings.Contains(low, "iam") || strings.Contains(low, "db")
	keys, patients, subject, certain, direct := 0, false, false, atoms{}, atoms{}
	for i := range d.table[:d.fields] {
		e := &d.table[i]
		c.all.join(e.has)
		if e.has.meets(&d.a.place) {
			c.places++
		}
		if e.record && !e.key && !d.allOwn(e) {
			keys++
			patients, c.accused = patients || e.ofCare, c.accused || !e.ofCare
		}
		if !e.key && (d.namesSomebody(e) || d.numbered(e)) {
			keys++
			patients = patients || e.has.has(d.a.patient)
		}
		if e.key {
			keys++
			patients = patients || e.patient || e.has.has(d.a.patient)
			c.accused = c.accused || e.has.has(d.a.prisoner)
			subject = subject || d.refersToSubject(e)
		}
		if !e.has.has(d.a.thing) && !e.has.has(d.a.block) && !e.has.has(d.a.tech) {
			for k := range certain {
				certain[k] |= (e.has[k] | e.parts[k]) & d.a.certain[k]
				direct[k] |= e.has[k] & d.a.direct[k]
			}
		}
	}
	for i := range d.res.tokens {
		c.about.join(d.res.tokens[i].is)
	}
	c.patients = patients
	c.theme = d.themeOf(c, keys, patients, subject, tech)
	c.circle, c.why = d.circleOf(tech, keys, certain.count(), direct.count(), c)
	if c.source == headerName && c.circle == neutral {
		c.circle, c.why = ofPerson, "sent with the request of a person"
	}
	if c.circle == aboutTech {
		c.theme = theme{}
	}
	named := certain.count()+direct.count() == 1 || c.all.has(d.a.name)
	c.sure, c.rest = certain.count()+direct.count() >= 2 || named && strings.HasPrefix(c.why, "person word"), nil
	if c.circle == aboutPerson && c.source == fieldName && !c.event {
		c.rest = d.rest(c)
	}
	c.health = c.theme.rule == careTheme
	if c.health && c.theme.strong {
		c.about.add(d.a.health)
	}
	return c
}

// likely counts the fields that things rarely have: an age, a profession, a portrait.
func (d *Detector) likely(all atoms) int {
	for i := range all {
		all[i] &= d.a.likely[i]
	}
	return all.count()
}

// namesSomebody tells whether a field names or reaches the person a record is of:
// "customer_name", "patient_phone". Who wrote or owns a thing does not make it theirs.
func (d *Detector) namesSomebody(e *entry) bool {
	if len(e.p.steps) != 1 || !e.has.has(d.a.person) || e.has.has(d.a.thing) || e.has.has(d.a.tech) || e.has.has(d.a.contact) {
		return false
	}
	for i := range e.p.tokens {
		switch e.p.tokens[i].text {
		case "author", "creator", "editor", "owner", "artist", "user":
			return false
		}
	}
	return e.has.has(d.a.name) || e.has.has(d.a.email) || e.has.has(d.a.phone)
}

// numbered tells whether a field is the number a state gave a person: what else has one
// is about that person.
func (d *Detector) numbered(e *entry) bool {
	for i := range e.p.tokens {
		if t := &e.p.tokens[i]; t.is.has(d.a.national) && !t.contested {
			return !e.has.has(d.a.thing) && !e.has.has(d.a.company)
		}
	}
	return false
}

// several tells whether two fields speak of one of the atoms.
func (d *Detector) several(of atoms) bool {
	n := 0
	for i := range d.table[:d.fields] {
		if d.table[i].has.meets(&of) {
			n++
		}
	}
	return n >= 2
}

// traces counts what only a device in somebody's hands leaves; addresses and operating
// systems, which machines have as well, count as one.
func (d *Detector) traces(c *surround, net bool) int {
	n := c.all
	for i := range n {
		n[i] &= d.a.trace[i]
	}
	if net && c.all.meets(&d.a.net) {
		return n.count() + 1
	}
	return n.count()
}

// refersToSubject tells whether a key is of a person as such, as records of care call
// whom they are about, rather than of a user, customer or employee.
func (d *Detector) refersToSubject(e *entry) bool {
	for i := range e.p.tokens {
		switch e.p.tokens[i].text {
		case "person", "subject", "individual", "persona", "personne", "pessoa", "persoon", "osoby":
			return true
		}
	}
	return false
}

// circleOf weighs the name of the resource against what its fields say.
func (d *Detector) circleOf(tech bool, keys, certain, direct int, c *surround) (circle, string) {
	head, word := d.headOf(&d.res)
	oauth := c.all.meets(&d.a.oauth) || c.about.meets(&d.a.oauth)
	places := head.meets(&d.a.region) && certain == 0 && !c.about.has(d.a.person)
	tracks := keys > 0 && head.has(d.a.location) && c.all.meets(&d.a.coords)
	thing := places || !tracks && (head.has(d.a.thing) || head.has(d.a.bank)) && !head.meets(&d.a.activity) || certain == 0 && (head.has(d.a.company) && !head.has(d.a.person) || d.orgs() >= 2)
	switch {
	case tech && head.has(d.a.person) && !c.iam:
		return ownedThing, "a platform's record of a person"
	case tech:
		return aboutTech, "resource type of a platform"
	case d.several(d.a.chain):
		return aboutTech, "a ledger of blocks"
	case certain >= 2 && (!thing || c.all.has(d.a.birth) && !c.about.has(d.a.animal) && !c.all.has(d.a.animal)):
		return aboutPerson, "siblings identify a person"
	case oauth && strings.HasPrefix(word, "client"):
		return aboutTech, `"client" of a sign-in protocol`
	case c.about.has(d.a.account) && direct >= 2 && !thing,
		c.all.has(d.a.password) && (c.all.has(d.a.username) || c.all.has(d.a.email)) && !thing && !c.about.has(d.a.tech):
		return aboutPerson, "an account somebody signs in with"
	case head.has(d.a.person) && !head.has(d.a.agent):
		return aboutPerson, `person word "` + word + `"`
	case certain >= 1 && !thing && d.likely(c.all) >= 2:
		return aboutPerson, "siblings describe a person"
	case certain >= 3:
		return aboutPerson, "siblings identify a person"
	case c.theme.strong && (!c.about.has(d.a.tech) || keys > 0):
		return ofPerson, `"` + c.theme.word + `" are kept of a person`
	case d.likely(c.all) >= 2 && c.all.has(d.a.hair) && !thing && !d.priced():
		return maybePerson, "siblings describe a body"
	case d.traces(c, false) >= 2 && !c.about.has(d.a.tech):
		return ofPerson, "traces of somebody's device"
	case head.has(d.a.device) && keys == 0:
		return aboutThing, "a device nobody is named with"
	case thing && (keys > 0 || c.about.has(d.a.person)):
		return ownedThing, `thing word "` + word + `", with a person`
	case c.about.has(d.a.tech) && !c.about.has(d.a.person) && !c.event && keys > 0:
		return ownedThing, "technical resource, with a person"
	case c.about.has(d.a.tech) && !c.about.has(d.a.person) && !c.event:
		return aboutTech, "technical resource"
	case thing:
		return aboutThing, `thing word "` + word + `"`
	case head.has(d.a.address):
		return ofPerson, "address book"
	case head.has(d.a.order) && c.all.meets(&d.a.handle):
		return ofPerson, "an order, and where to reach who gave it"
	case d.traces(c, true) >= 2 && !c.about.has(d.a.tech):
		return ofPerson, "traces of somebody's device"
	case keys > 0:
		return ofPerson, "key to a person beside it"
	case c.about.has(d.a.person), head.has(d.a.personAct):
		return ofPerson, `"` + word + `" of a person`
	case certain >= 1 && (direct >= 1 || c.about.has(d.a.health) || c.about.has(d.a.insurance)):
		return aboutPerson, "siblings identify a person"
	case direct >= 2:
		return maybePerson, "siblings reach a person"
	}
	return neutral, "nothing around it speaks of a person"
}

// headOf is the word of a name that carries its meaning: the last one, in Romance
// languages the first.
func (d *Detector) headOf(p *parsed) (atoms, string) {
	var found atoms
	word := ""
	for i := range p.tokens {
		t := &p.tokens[i]
		if t.is.has(d.a.noise) && !t.is.has(d.a.person) && !t.is.has(d.a.thing) || len(t.text) < 2 || digit(t.text[0]) || !t.known() {
			continue
		}
		if t.is.has(d.a.wrap) && word != "" && (d.lang&tonguesRomance == 0 || !found.has(d.a.wrap)) {
			continue // "user_list", "PatientDto"
		}
		if d.lang&tonguesRomance != 0 && t.is.has(d.a.wrap) && i+1 < len(p.tokens) && word == "" {
			continue // "datos_personales"
		}
		found, word = t.is, t.text
		if d.lang&tonguesRomance != 0 {
			break
		}
	}
	return found, word
}

// around is the circle of one field: the nearest step of its path that speaks of a
// person, thing or machine, otherwise the resource.
func (d *Detector) around(e *entry, c *surround, last int) (circle, string) {
	for i := last - 1; i >= 0; i-- {
		s := e.p.steps[i]
		head := atoms{}
		for k := s.end - 1; k >= s.from; k-- {
			if t := &e.p.tokens[k]; t.known() && !(t.is.has(d.a.noise) && !t.is.has(d.a.person) && !t.is.has(d.a.thing)) {
				head = t.is
				if head.has(d.a.person) || head.has(d.a.thing) || head.has(d.a.tech) || head.has(d.a.address) || head.has(d.a.email) {
					break
				}
			}
		}
		switch {
		case head.has(d.a.person):
			return aboutPerson, "inside a person"
		case head.has(d.a.address):
			return ofPerson, "inside an address"
		case head.has(d.a.personAct) || head.has(d.a.email):
			return ofPerson, "inside what a person sent or did"
		case head.has(d.a.tech):
			return aboutTech, "inside a technical part"
		case head.has(d.a.thing) && !head.meets(&d.a.activity):
			return aboutThing, "inside a thing"
		}
	}
	return c.circle, c.why
}
