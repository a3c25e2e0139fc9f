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
	for i := range d.res.tokens {
		c.about.join(d.res.tokens[i].is)
	}
	s := d.signsOf(c)
	c.theme = d.themeOf(c, s, tech)
	c.circle, c.why = d.circleOf(c, s, tech)
	if c.source == headerName && c.circle == neutral {
		c.circle, c.why = ofPerson, "sent with the request of a person"
	}
	if c.circle == aboutTech {
		c.theme = theme{}
	}
	named := s.certain+s.direct == 1 || c.all.has(d.a.name)
	named = named || len(d.res.tokens) == 1
	c.sure = s.certain+s.direct >= 2 || named && strings.HasPrefix(c.why, "person word")
	if c.circle == aboutPerson && c.source == fieldName && (!c.event || strings.Contains(strings.ToLower(f.Kind), "json") && !strings.Contains(low, "event")) {
		c.rest = d.rest(c)
	}
	c.health = c.theme.rule == careTheme || c.theme.strong && strings.HasPrefix(c.theme.rule.category, careTheme.category)
	if c.health && c.theme.strong {
		c.about.add(d.a.health)
	}
	return c
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
		if s.end-s.from == 1 && e.p.tokens[s.from].is.has(d.a.inner) {
			continue // "properties.email" is what the resource says itself
		}
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
