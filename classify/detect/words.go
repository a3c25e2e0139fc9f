package detect

import (
	"slices"
	"strings"
)

// own are the first and last token of a span that a rule is made of.
type own struct{ first, last int }

func ownOf(r *rule, tokens []token, from, end int) own {
	o := own{-1, from}
	for k := from; k < end; k++ {
		if tokens[k].is.meets(&r.all) {
			o.last = k
			if o.first < 0 {
				o.first = k
			}
		}
	}
	return o
}

// modifiers weighs the words beside those of the rule.
func (d *Detector) modifiers(x *candidate, e *entry, from, end int) {
	r, tokens := x.r, e.p.tokens
	o := ownOf(r, tokens, from, end)
	d.placed(x, e, from, o.last, end)
	for k := from; k+1 < end; k++ {
		if tokens[k].is.has(d.a.number) && tokens[k+1].text == "of" {
			x.add(-.4, `"number of" counts`)
		}
	}
	if r.person && r.needs == bySelf {
		d.headed(x, e, from, end)
	}
	d.keyOfIt(x, tokens[from:end])
	halve := false
	for k := from; k < end; k++ {
		t := &tokens[k]
		switch {
		case t.is.meets(&r.all):
			if t.unsure || t.contested && r.base < .35 {
				x.put(-.15, `"%" has other meanings`, t.text)
			}
		case digit(t.text[0]), d.qualifies(e, k, end):
		case t.is.has(d.a.flag):
			edge := k == from || k == end-1 || k == e.p.steps[len(e.p.steps)-1].from
			halve = halve || edge && !strings.HasPrefix(r.category, "user.privacy")
		default:
			d.besideWord(x, e, o, k, end)
		}
	}
	if halve {
		d.halved(x)
	}
}

// halved lowers what only describes a thing. Source: detectors, "Head and modifiers".
func (d *Detector) halved(x *candidate) {
	by := x.score / 2
	if x.r.category == "user.unique_id" {
		by = x.score / 1.6 // "is_guest" names nobody
	}
	x.add(-by, "describes the thing, is not the thing")
	if x.score > .5 {
		x.add(.5-x.score, "never above 0.5")
	}
}

// keyed are categories that the key of a thing is never of, besides content and behaviour.
var keyed = []string{"user.account", "user.contact.organization", "user.financial", "user.payment"}

// keyOfIt lowers a rule about content where the name is the key of it.
func (d *Detector) keyOfIt(x *candidate, tokens []token) {
	r := x.r
	content := r.needs != bySelf && !r.all.has(d.a.id) && strings.HasPrefix(r.category, "user.content")
	if !content && !strings.HasPrefix(r.category, "user.behavior") && !slices.Contains(keyed, r.category) {
		return
	}
	for k := range tokens {
		if t := &tokens[k].is; t.has(d.a.id) && !t.meets(&r.all) {
			x.add(-.5, "the key of it, not its content")
			return
		}
	}
}

// besideWord weighs one word that is none of the rule's own.
func (d *Detector) besideWord(x *candidate, e *entry, o own, k, end int) {
	r, t := x.r, &e.p.tokens[k]
	generic := r.base < .5
	switch {
	case t.is.has(d.a.count):
		x.put(-.4, `"%" counts`, t.text)
	case t.is.has(d.a.name) && k > o.last && strings.HasPrefix(r.category, "user.authorization"):
		x.add(-.45, "the name of it")
	case t.is.has(d.a.profile) && k > 0 && !e.p.tokens[k-1].is.has(d.a.person) && !r.person:
		x.add(-.3, "a profile of it")
	case t.is.has(d.a.person) && !t.is.has(d.a.block):
		d.besidePerson(x, t, k < o.last)
	case t.is.has(d.a.hashed) && r.needs == bySelf:
		// "password_hash": how it is kept, not what it is.
	case t.is.has(d.a.when) && r.all.meets(&d.a.body):
		x.put(-.1, `"%" is a time`, t.text)
	case t.is.has(d.a.when):
		x.put(-.45, `"%" is a time`, t.text)
	case t.is.has(d.a.role) && k < o.first && r.all.meets(&d.a.reach):
		x.put(-.35, `"%" address of a role`, t.text)
	case t.is.has(d.a.role) && r.all.has(d.a.email):
		x.put(-.45, `"%" follows`, t.text)
	case d.source == resourceName && (t.is.has(d.a.thing) || t.is.has(d.a.tech) || t.is.has(d.a.block)):
		// "customer-email-queue" is named after what it is, too.
	case t.is.has(d.a.kind) && r.all.meets(&d.a.trait):
		// "marital_status", "blood_type": a kind of what it names.
	case t.is.has(d.a.block) && k > o.last && r.size == 1 && r.person:
		x.put(-.55, `"%" follows`, t.text)
	case t.is.has(d.a.block) && k > o.last:
		x.put(-.45, `"%" follows`, t.text)
	case t.is.has(d.a.thing) || t.is.has(d.a.tech):
		d.besideThing(x, e, o, k, end)
	case t.is.has(d.a.block):
		x.put(-.2, `"%" before`, t.text)
	case t.is.has(d.a.noise), t.is.has(d.a.addrKind), t.is.has(d.a.id), t.is.has(d.a.number), t.is.has(d.a.code), t.is.has(d.a.hashed):
	case !t.known() && d.ofTable(t.text):
	case r.size == 1 && r.all.has(d.a.id):
		x.put(-.4, `key of "%"`, t.text)
	case r.size == 1 && r.all.has(d.a.number):
		x.put(-.25, `number of "%"`, t.text)
	case generic:
		x.put(-.1, `"%" beside it`, t.text)
	default:
		x.put(-.03, `"%" beside it`, t.text)
	}
}

// besidePerson weighs a person word: in front of the rule's words (behind them in
// Romance languages) it says whose they are.
func (d *Detector) besidePerson(x *candidate, t *token, before bool) {
	switch {
	case x.r.person:
	case before || d.lang&tonguesRomance != 0:
		x.put([]float64{.1, .3, .3}[x.r.needs], `person word "%"`, t.text)
	case x.r.needs != bySelf:
		x.put(-.3, `ends with the person word "%"`, t.text)
	}
}

// besideThing weighs the word of a thing or machine.
func (d *Detector) besideThing(x *candidate, e *entry, o own, k, end int) {
	r, t := x.r, &e.p.tokens[k]
	switch {
	case d.source == variableName && t.is.has(d.a.tech):
		x.put(-.5, `"%" is the program's own`, t.text)
	case k > o.last, r.base < .5:
		x.put(-.5, `thing word "%"`, t.text)
	case r.person && k+1 < end && !e.p.tokens[k+1].is.has(d.a.person):
		x.put(-.5, `thing word "%"`, t.text)
	case r.person:
	default:
		x.put(-.15, `thing word "%"`, t.text)
	}
}

// placed lowers a rule of which nothing stands in the last step of a path, or nothing
// but the affix of the table: "mail.messageId" is no e-mail, "comment_karma" no comment.
func (d *Detector) placed(x *candidate, e *entry, from, lastOwn, end int) {
	last := e.p.steps[len(e.p.steps)-1]
	if from < last.from {
		for k := last.from; k < end; k++ {
			if t := &e.p.tokens[k]; !t.is.has(d.a.noise) && !digit(t.text[0]) && !t.is.meets(&x.r.all) && (lastOwn < last.from || !t.is.has(d.a.person)) {
				x.put(-.5, `ends with "%"`, t.text)
				return
			}
		}
	}
	if x.r.person && x.r.size > 1 && lastOwn > from && e.p.tokens[lastOwn].is.has(d.a.person) && d.lang&tonguesRomance == 0 && strings.HasPrefix(x.r.category, "user.content") {
		x.put(-.4, `ends with the person word "%"`, e.p.tokens[lastOwn].text)
	}
	if e.short == 1 && lastOwn == last.from && end > last.from+1 && !x.r.all.has(d.a.id) {
		x.add(-.5, "only the table's own prefix says so")
	}
}

// headed lowers a rule about a person's key or number where another noun than the person
// is what the name ends with: "user_pool_id", "customer_thread_code".
func (d *Detector) headed(x *candidate, e *entry, from, end int) {
	if x.r.size > 1 && !x.r.all.has(d.a.id) && !x.r.all.has(d.a.number) && !x.r.all.has(d.a.code) && !x.r.all.has(d.a.name) {
		return
	}
	seen := false
	for k := from; k < end; k++ {
		t := &e.p.tokens[k]
		switch {
		case t.is.has(d.a.profile) && k > from && !e.p.tokens[k-1].is.has(d.a.person) && e.p.tokens[k-1].known():
			x.put(-.4, `profile of "%"`, e.p.tokens[k-1].text)
			return
		case t.is.has(d.a.person):
			seen = true
		case !seen || len(t.text) == 1 || t.is.meets(&x.r.all) || digit(t.text[0]) || t.is.has(d.a.noise) && !t.is.has(d.a.thing) || t.is.has(d.a.addrKind) || d.ofTable(t.text) || t.is.has(d.a.thing) || t.is.has(d.a.tech) || t.is.has(d.a.block):
		case !t.is.has(d.a.when):
			x.put(-.4, `ends with "%"`, t.text)
			return
		}
	}
}

// ofTable tells whether a token abbreviates a word of the resource's name: "adh" in adherents.
func (d *Detector) ofTable(w string) bool {
	return len(w) >= 2 && slices.ContainsFunc(d.res.tokens, func(t token) bool { return len(t.text) >= len(w)+3 && strings.HasPrefix(t.text, w) })
}
