package detect

import (
	"fmt"
	"slices"
	"strings"
)

// candidate is a category a field may be of.
type candidate struct {
	r     *rule
	score float64
	parts []part
}

// part is one summand of a score.
type part struct {
	by   float64
	why  string // % stands for the word
	word string
}

func (c *candidate) add(by float64, why string) { c.put(by, why, "") }

func (c *candidate) put(by float64, why, word string) {
	if by != 0 {
		c.score += by
		c.parts = append(c.parts, part{by, why, word})
	}
}

// candidate starts a candidate in memory that was used before.
func (d *Detector) candidate(r *rule) *candidate {
	if n := len(d.cands); n < cap(d.cands) {
		d.cands = d.cands[:n+1]
		d.cands[n].r, d.cands[n].score, d.cands[n].parts = r, 0, d.cands[n].parts[:0]
	} else {
		d.cands = append(d.cands, candidate{r: r})
	}
	return &d.cands[len(d.cands)-1]
}

// bonus is what a circle adds to a score, by what the rule needs. Source: detectors,
// "Resource, siblings, type" and "Score".
var bonus = [...][3]float64{
	neutral:     {0, 0, -.05},
	aboutPerson: {.2, .3, .3},
	ofPerson:    {.15, .15, .3},
	maybePerson: {.1, .2, .1},
	ownedThing:  {-.15, -.15, 0},
	aboutThing:  {-.4, -.4, -.4},
	aboutTech:   {-.45, -.45, -.45},
}

// thingNamed is what a name of a queue, topic, bucket or function loses for that.
const thingNamed = -.35

// judge scores one field. The form without the table's own affix counts as well.
func (d *Detector) judge(f *Field, e *entry, c *surround, threshold float64) Result {
	d.cands = d.cands[:0]
	n := len(e.p.steps)
	if n == 0 {
		return Result{}
	}
	last := e.p.steps[n-1]
	d.match(f, e, c, last.from, last.end, n-1)
	if n > 1 {
		d.match(f, e, c, e.p.steps[n-2].from, last.end, n-2)
	}
	if e.short+e.tail > 0 {
		d.match(f, e, c, last.from+e.short, last.end-e.tail, n-1)
	}
	d.keyOfTable(e, c, last)
	if c.theme.rule != nil {
		d.themed(e, c, last)
	}
	if c.rest != nil {
		d.described(e, c, last)
	}
	return d.choose(c, threshold)
}

// match adds a candidate for every rule that fits the tokens from..end.
func (d *Detector) match(f *Field, e *entry, c *surround, from, end, at int) {
	var has atoms
	for k := from; k < end; k++ {
		has.join(e.p.tokens[k].is)
	}
	about := c.about
	for k := 0; k < e.p.steps[len(e.p.steps)-1].from; k++ {
		about.join(e.p.tokens[k].is)
	}
	first := len(d.cands)
	keys := has
	for i := range keys {
		keys[i] &= d.rules.keys[i]
	}
	each(keys, func(a atom) {
		for _, i := range d.rules.by[a] {
			r := &d.rules.rules[i]
			if has.covers(&r.all) && about.covers(&r.about) && !has.meets(&r.not) && d.beside(r, e, c) {
				d.candidate(r)
			}
		}
	})
	n := first
	for i := first; i < len(d.cands); i++ {
		if !d.covered(first, i) {
			d.cands[n], d.cands[i] = d.cands[i], d.cands[n]
			n++
		}
	}
	d.cands = d.cands[:n]
	for i := range d.cands[first:] {
		d.weigh(&d.cands[first+i], f, e, c, from, end, at)
	}
}

// covered tells whether another candidate from first on asks for all atoms of one, and more.
func (d *Detector) covered(first, i int) bool {
	r := d.cands[i].r
	for k := first; k < len(d.cands); k++ {
		if o := d.cands[k].r; o.size > r.size && o.all.covers(&r.all) {
			return true
		}
	}
	return false
}

// beside tells whether other fields hold what a rule asks for.
func (d *Detector) beside(r *rule, e *entry, c *surround) bool {
	if r.with.empty() {
		return true
	}
	if !c.all.covers(&r.with) {
		return false
	}
	if !e.has.covers(&r.with) {
		return true
	}
	n := 0
	for i := range d.table[:d.fields] {
		if d.table[i].has.covers(&r.with) {
			n++
		}
	}
	return n > 1
}

// weigh gives a candidate its score: base, words beside, circle, siblings, type.
func (d *Detector) weigh(x *candidate, f *Field, e *entry, c *surround, from, end, at int) {
	r := x.r
	x.add(r.base, "name says so")
	d.modifiers(x, e, from, end)
	circle, why := d.around(e, c, at)
	x.add(d.placing(r, c, circle), why)
	if r.person && (circle == neutral || circle == ownedThing || circle == aboutThing) && d.contestedIn(e, from, end) {
		x.add(-.15, "the person word has other meanings")
	}
	if r.needs == bySelf && !r.person && e.has.has(d.a.id) && e.has.has(d.a.kind) {
		x.add(-.25, "a key of its kinds")
	}
	if c.about.has(d.a.animal) && !r.person && !c.about.has(d.a.person) {
		x.add(-.3, "animals have one, too")
	}
	d.amongSiblings(x, e, c, circle)
	d.gate(x, f, c)
}

// placing is what the circle a field is in adds to a rule.
func (d *Detector) placing(r *rule, c *surround, circle circle) float64 {
	by := bonus[circle][r.needs]
	if c.source == resourceName && circle == aboutThing && r.needs == bySelf {
		by = thingNamed // a queue is a thing by nature, and named after what is in it
	}
	if by < 0 && circle == aboutThing && c.about.has(d.a.fileWord) && r.all.meets(&d.a.fact) {
		by = 0 // a list holds it, it is no property of a list
	}
	if r.person && by < 0 && !(circle == aboutThing && r.all.has(d.a.contact)) {
		switch circle { // the name itself speaks of a person
		case ownedThing:
			by = 0
		case aboutTech:
			by /= 1.5
		default:
			by /= 3
		}
	}
	return by
}

// amongSiblings weighs a candidate by what stands beside the field in its resource.
func (d *Detector) amongSiblings(x *candidate, e *entry, c *surround, circle circle) {
	r := x.r
	if own := r.all.meets(&d.a.place); own && c.places >= 3 && circle < ownedThing {
		x.add(.2, "other address parts beside it")
	} else if own && r.size == 1 && r.all.has(d.a.state) {
		x.add(-.25, "no other address parts beside it")
	}
	if r.all.has(d.a.client) && c.all.meets(&d.a.oauth) {
		x.add(-.4, "a client of a sign-in protocol")
	}
	if loose := circle == neutral || circle == ofPerson; loose && r.needs == inPerson && r.size == 1 && r.all.meets(&d.a.bare) {
		x.add(-.3, "things have one, too")
	} else if circle == neutral && strings.HasPrefix(r.category, "user.content") && r.needs == inLinked {
		x.add(-.04, "nobody's content")
	}
	if (circle == neutral || circle == aboutThing) && e.has.has(d.a.id) && r.all.meets(&d.a.fact) {
		x.add(-.2, "the key of it, in a list of kinds")
	} else if e.has.has(d.a.id) && d.allOwn(e) && r.all.meets(&d.a.fact) {
		x.add(-.25, "the record's own key")
	} else if e.has.has(d.a.id) && d.allOwn(e) && !r.person && (r.all.meets(&d.a.place) || r.all.meets(&d.a.reach)) {
		x.add(-.4, "the record's own key")
	} else if circle == neutral && r.all.meets(&d.a.fact) && d.allOwn(e) {
		x.add(-.1, "what a list of it is called")
	}
	if c.theme.strong && circle != aboutTech && family(r.category) == family(c.theme.rule.category) {
		x.put(.1, `the resource is a record of it: "%"`, c.theme.word)
	}
}

// contestedIn tells whether the person word of a name means something else elsewhere.
func (d *Detector) contestedIn(e *entry, from, end int) bool {
	for k := from; k < end; k++ {
		if t := &e.p.tokens[k]; t.contested && !t.unsure && t.is.has(d.a.person) {
			return true
		}
	}
	return false
}

// allOwn tells whether a name is nothing but a key and words of the resource's own name.
func (d *Detector) allOwn(e *entry) bool {
	for i := range e.p.tokens {
		if t := &e.p.tokens[i]; !t.is.has(d.a.id) && d.ofOther(t.text) {
			return false
		}
	}
	return true
}

// family is the first two steps of a category.
func family(category string) string {
	if first := strings.IndexByte(category, '.'); first >= 0 {
		if second := strings.IndexByte(category[first+1:], '.'); second >= 0 {
			return category[:first+1+second]
		}
	}
	return category
}

// gate weighs the declared type and the kind of name.
func (d *Detector) gate(x *candidate, f *Field, c *surround) {
	t := strings.ToLower(f.Type)
	flag := strings.HasPrefix(t, "bool") || t == "bit" || t == "bit(1)" || strings.HasPrefix(t, "tinyint(1)")
	number := strings.HasPrefix(t, "int") || strings.HasPrefix(t, "bigint") || strings.HasPrefix(t, "smallint") || strings.HasPrefix(t, "mediumint") || t == "long"
	person := strings.HasPrefix(x.r.category, "user.contact") || strings.HasPrefix(x.r.category, "user.name")
	switch {
	case t == "":
	case flag && !strings.HasPrefix(x.r.category, "user.privacy") && !strings.HasPrefix(x.r.category, "user.health"):
		x.add(-.6, "type "+t)
	case number && person && (x.r.all.has(d.a.email) || strings.HasPrefix(x.r.category, "user.name")):
		x.add(-.6, "type "+t)
	case strings.HasPrefix(t, "inet") && strings.HasPrefix(x.r.category, "user.device.ip"):
		x.add(.2, "type "+t)
	}
	if c.source == variableName {
		x.add(-.15, "a variable, set by whoever runs it")
	}
}

// keyOfTable adds the key that another record about a person of the same source has under
// this name, and a record's own key that is called by initials of it ("pid" of patients).
func (d *Detector) keyOfTable(e *entry, c *surround, last step) {
	tokens := e.p.tokens[last.from:last.end]
	own := c.circle == aboutPerson && (d.initialed(tokens) || c.sure && len(tokens) > 1 && e.has.has(d.a.id) && !e.has.has(d.a.thing) && d.allOwn(e))
	if !own && !e.shared && !e.named {
		return
	}
	r := keyRule
	if e.patient {
		r = patientKey
	}
	x := d.candidate(r)
	x.add(r.base, "key of a record about a person")
	x.add(bonus[c.circle][bySelf]/2, c.why)
}

// initialed tells whether a name is a key called by initials of the resource: "pid" of
// patients, "vtr_id" of voters.
func (d *Detector) initialed(tokens []token) bool {
	p, key := "", false
	for i := range tokens {
		t := &tokens[i]
		switch {
		case t.is.has(d.a.id) && len(t.text) == 2:
			key = true
		case p == "" && !t.known():
			p = t.text
		default:
			return false
		}
	}
	if p, ok := strings.CutSuffix(p, "id"); ok && len(tokens) == 1 && p != "" {
		return slices.ContainsFunc(d.res.tokens, func(t token) bool { return strings.HasPrefix(t.text, p) })
	}
	return key && p != "" && slices.ContainsFunc(d.res.tokens, func(t token) bool {
		return (t.is.has(d.a.person) || !t.known()) && !sameWord(p, t.text) && abbreviates(p, t.text)
	})
}

// abbreviates tells whether the letters of a stand in w in their order, the first first.
func abbreviates(a, w string) bool {
	if a[0] != w[0] || len(a) >= len(w) {
		return false
	}
	for i := 0; i < len(w) && a != ""; i++ {
		if w[i] == a[0] {
			a = a[1:]
		}
	}
	return a == ""
}

var (
	keyRule    = &rule{category: "user.unique_id", base: .7, person: true}
	patientKey = &rule{category: recordKey.category, base: .7, person: true}
)

// choose returns the deepest category that reaches the threshold, otherwise an ancestor
// that several candidates support together.
func (d *Detector) choose(c *surround, threshold float64) Result {
	if len(d.cands) == 0 {
		return Result{}
	}
	limit := [...]float64{FieldNames.Cap, VariableNames.Cap, ResourceNames.Cap, FieldNames.Cap}[c.source]
	best := &d.cands[0]
	for i := range d.cands {
		x := &d.cands[i]
		x.score = max(0, min(limit, x.score))
		if x.score > best.score || x.score == best.score && x.r.size > best.r.size {
			best = x
		}
	}
	if c.theme.rule == crimeTheme && strings.HasPrefix(best.r.category, "user.content") {
		best.r = crimeTheme // what is written in a record of an offence is about the offence
	}
	if d.ofCare(c, best.r.category) {
		best.r = careTheme
	}
	res := Result{Confidence: round(best.score)}
	if res.Confidence >= threshold && res.Confidence > 0 {
		res.Category, res.parts, res.rule = best.r.category, slices.Clone(best.parts), best.r
		return res
	}
	if res.Confidence >= .1 {
		res.Weak = best.r.category
	}
	return res
}

// ofCare tells whether notes and visits are about health: those in a record of care, and
// what is written, other than about staff and users, in a source about patients.
func (d *Detector) ofCare(c *surround, category string) bool {
	switch {
	case d.care && c.circle != aboutPerson && (category == "user.content.free_text" || category == "user.content.message"):
		return true
	case !c.health:
		return false
	case strings.HasPrefix(category, "user.behavior"):
		return category == "user.behavior.interaction" || c.theme.strong || c.about.has(d.a.patient)
	}
	return strings.HasPrefix(category, "user.content")
}

// Reasons are the summands of the confidence, in words.
func (r Result) Reasons() []string {
	var out []string
	for i, p := range r.parts {
		why := strings.Replace(p.why, "%", p.word, 1)
		if i == 0 && r.rule.means != "" {
			why = "means " + r.rule.means
		}
		out = append(out, fmt.Sprintf("%+.2f %s", p.by, why))
	}
	return out
}

func round(f float64) float64 { return float64(int(f*100+.5)) / 100 }

// Reason is the explanation in one line: the summands of the confidence, or which guess
// was too weak.
func (r Result) Reason() string {
	switch {
	case r.Category != "":
		return strings.Join(r.Reasons(), "; ")
	case r.Weak != "":
		return "too weak for " + r.Weak
	}
	return "no word of it is known to speak of personal data"
}
