package detect

import "strings"

// signs are what the fields of a resource say together.
type signs struct {
	keys            int   // fields that link it to a person
	certain, direct int   // kinds of fields that only people have, and that reach one
	subject         bool  // a key is of a person as such
	head            atoms // of the word that carries the meaning of the resource's name
	word            string
	thing           bool // that word is a thing
}

// signsOf reads all fields of the resource at hand.
func (d *Detector) signsOf(c *surround) *signs {
	s := &signs{}
	var certain, direct atoms
	for i := range d.table[:d.fields] {
		e := &d.table[i]
		c.all.join(e.has)
		if e.has.meets(&d.a.place) {
			c.places++
		}
		d.link(c, s, e)
		if e.has.has(d.a.thing) || e.has.has(d.a.block) || e.has.has(d.a.tech) || !c.about.has(d.a.person) && d.titles(e) {
			continue
		}
		for k := range certain {
			certain[k] |= (e.has[k] | e.parts[k]) & d.a.certain[k]
			direct[k] |= e.has[k] & d.a.direct[k]
		}
	}
	s.certain, s.direct = certain.count(), direct.count()
	s.head, s.word = d.headOf(&d.res)
	places := s.head.meets(&d.a.region) && s.certain == 0 && !c.about.has(d.a.person)
	tracks := s.keys > 0 && s.head.has(d.a.location) && c.all.meets(&d.a.coords)
	firm := s.certain == 0 && (s.head.has(d.a.company) && !s.head.has(d.a.person) || d.orgs() >= 2 || s.head.has(d.a.seat) && !s.head.has(d.a.person))
	s.thing = places || firm || !tracks && (s.head.has(d.a.thing) || s.head.has(d.a.bank)) && !s.head.meets(&d.a.activity)
	return s
}

// titles tells whether a field is the name of what the resource lists: "church_name" of
// churches is nobody's belief.
func (d *Detector) titles(e *entry) bool {
	own := false
	for i := range e.p.tokens {
		own = own || !d.ofOther(e.p.tokens[i].text)
	}
	return own && e.has.has(d.a.name)
}

// link notes what a field says about whom the record is of: it is a key to a person or to
// a record of a special category, it names the person, or is the number a state or a
// telephone company gave them.
func (d *Detector) link(c *surround, s *signs, e *entry) {
	switch {
	case e.key:
		s.keys++
		c.patients = c.patients || e.patient || e.has.has(d.a.patient)
		c.accused = c.accused || e.has.has(d.a.prisoner)
		s.subject = s.subject || d.refersToSubject(e)
	case d.refersHere(c, e):
		s.keys++
	case e.record && !d.allOwn(e):
		s.keys++
		c.patients, c.accused = c.patients || e.ofCare, c.accused || !e.ofCare
	case d.namesSomebody(e), d.numbered(e):
		s.keys++
		c.patients = c.patients || e.has.has(d.a.patient)
	}
}

// refersHere tells whether a field is a key to a person in a resource of this kind only: of
// whom a message is from, of the subject of a test, of who lives in a flat; or to people
// together, as a membership and a household are.
func (d *Detector) refersHere(c *surround, e *entry) bool {
	key := e.has.has(d.a.id)
	switch {
	case e.has.has(d.a.membership), e.has.has(d.a.household), e.has.has(d.a.tenant) && c.about.has(d.a.housing):
		return key && !d.allOwn(e)
	case e.has.meets(&d.a.fromTo) && c.about.has(d.a.message):
		return key
	case e.has.has(d.a.subject) && (c.about.meets(&d.a.clinic) || c.about.has(d.a.careMaybe)):
		return key || len(e.p.tokens) == 1
	}
	return false
}

// circleOf weighs the name of the resource against what its fields say.
func (d *Detector) circleOf(c *surround, s *signs, tech bool) (circle, string) {
	for _, judge := range []func(*surround, *signs) (circle, string){d.person, d.kept, d.thing, d.linked} {
		if tech || d.several(d.a.chain) {
			break
		}
		if is, why := judge(c, s); why != "" {
			return is, why
		}
	}
	switch {
	case tech && s.head.has(d.a.person) && !c.iam:
		return ownedThing, "a platform's record of a person"
	case tech:
		return aboutTech, "resource type of a platform"
	case d.several(d.a.chain):
		return aboutTech, "a ledger of blocks"
	}
	return neutral, "nothing around it speaks of a person"
}

// person tells whether a resource is about a person.
func (d *Detector) person(c *surround, s *signs) (circle, string) {
	born := c.all.has(d.a.birth) && !c.about.has(d.a.animal) && !c.all.has(d.a.animal)
	signed := c.source == fieldName && c.all.has(d.a.password) && (c.all.has(d.a.username) || c.all.has(d.a.email)) && !c.about.has(d.a.tech) && !d.connects()
	switch {
	case s.head.has(d.a.tenant) && c.all.has(d.a.housing):
		return aboutPerson, `person word "` + s.word + `"`
	case d.resume && c.about.has(d.a.vitae):
		return aboutPerson, "whose curriculum vitae it is"
	case c.about.has(d.a.personal) && c.about.has(d.a.detail):
		return aboutPerson, "personal details"
	case s.certain >= 2 && (!s.thing || born):
		return aboutPerson, "siblings identify a person"
	case strings.HasPrefix(s.word, "client") && (c.all.meets(&d.a.oauth) || c.about.meets(&d.a.oauth)):
		return aboutTech, `"client" of a sign-in protocol`
	case !s.thing && (signed || c.about.has(d.a.account) && s.direct >= 2):
		return aboutPerson, "an account somebody signs in with"
	case s.head.has(d.a.person) && !s.head.has(d.a.agent):
		return aboutPerson, `person word "` + s.word + `"`
	case !s.thing && d.describes(c, s):
		return aboutPerson, "siblings describe a person"
	case c.theme.strong && special(c.theme.rule.category) && c.all.has(d.a.age) && d.hasName():
		return aboutPerson, "a name and an age"
	case s.certain >= 3:
		return aboutPerson, "siblings identify a person"
	}
	return neutral, ""
}

// connects tells whether a field says where a machine is: a user name and a password
// beside it are those of a program.
func (d *Detector) connects() bool {
	for i := range d.table[:d.fields] {
		if p := &d.table[i].p; len(p.tokens) == 1 {
			switch p.tokens[0].text {
			case "url", "uri", "host", "hostname", "port", "endpoint", "dsn":
				return true
			}
		}
	}
	return false
}

// describes tells whether enough is said of somebody nobody names: what only people have
// with an age or more that things rarely have, or an age with two such.
func (d *Detector) describes(c *surround, s *signs) bool {
	n, aged := d.likely(c.all), c.all.has(d.a.age)
	return s.certain >= 1 && (n >= 2 || aged && s.keys > 0) || aged && n >= 3
}

// hasName tells whether a field is a name and nothing else.
func (d *Detector) hasName() bool {
	for i := range d.table[:d.fields] {
		if e := &d.table[i]; len(e.p.tokens) == 1 && e.has.has(d.a.name) {
			return true
		}
	}
	return false
}

// kept tells whether a resource is a record of a person by what it keeps.
func (d *Detector) kept(c *surround, s *signs) (circle, string) {
	switch {
	case c.theme.strong && (!c.about.has(d.a.tech) || s.keys > 0):
		return ofPerson, `"` + c.theme.word + `" are kept of a person`
	case d.likely(c.all) >= 2 && c.all.has(d.a.hair) && !s.thing && !d.priced():
		return maybePerson, "siblings describe a body"
	case d.traces(c, false) >= 2 && (!c.about.has(d.a.tech) || c.all.has(d.a.advertising)):
		return ofPerson, "traces of somebody's device"
	}
	return neutral, ""
}

// thing tells whether a resource is about things or machines.
func (d *Detector) thing(c *surround, s *signs) (circle, string) {
	machine := c.about.has(d.a.tech) && !c.about.has(d.a.person) && !c.event
	switch {
	case s.head.has(d.a.device) && s.keys == 0:
		return aboutThing, "a device nobody is named with"
	case s.thing && (s.keys > 0 || c.about.has(d.a.person)):
		return ownedThing, `thing word "` + s.word + `", with a person`
	case machine && s.keys > 0:
		return ownedThing, "technical resource, with a person"
	case machine:
		return aboutTech, "technical resource"
	case s.thing:
		return aboutThing, `thing word "` + s.word + `"`
	}
	return neutral, ""
}

// linked tells whether a resource belongs to a person, or may be about one.
func (d *Detector) linked(c *surround, s *signs) (circle, string) {
	switch {
	case s.head.has(d.a.address):
		return ofPerson, "address book"
	case s.head.has(d.a.order) && c.all.meets(&d.a.handle) && !c.about.has(d.a.tech):
		return ofPerson, "an order, and where to reach who gave it"
	case d.traces(c, true) >= 2 && !c.about.has(d.a.tech):
		return ofPerson, "traces of somebody's device"
	case s.keys > 0:
		return ofPerson, "key to a person beside it"
	case c.about.has(d.a.person), s.head.has(d.a.personAct):
		return ofPerson, `"` + s.word + `" of a person`
	case s.certain >= 1 && (s.direct >= 1 || c.about.has(d.a.health) || c.about.has(d.a.insurance)):
		return aboutPerson, "siblings identify a person"
	case s.direct >= 2:
		return maybePerson, "siblings reach a person"
	}
	return neutral, ""
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
		case "author", "creator", "editor", "owner", "artist", "user", "organizer", "organiser", "host", "manager", "sponsor":
			return false
		}
	}
	return e.has.has(d.a.name) || e.has.has(d.a.email) || e.has.has(d.a.phone)
}

// numbered tells whether a field is the number a state or a telephone company gave a
// person: what else has one is about that person.
func (d *Detector) numbered(e *entry) bool {
	for i := range e.p.tokens {
		if t := &e.p.tokens[i]; (t.is.has(d.a.national) || t.is.has(d.a.msisdn)) && !t.contested {
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
