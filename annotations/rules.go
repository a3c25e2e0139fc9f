package annotations

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// rules checks what goes beyond one value: entries that contradict themselves, and
// activities and parties that lack what the GDPR asks of them.
func (s *Set) rules(files []source, c *checker) {
	for _, r := range s.resources {
		c.file = r.file
		s.resourceRules(r, c)
	}
	s.twins(c)
	for _, f := range files {
		c.file = f.file
		s.schemaCircles(f.root.get("schemas"), c)
		eachEntry(f.root.get("activities"), func(k string, n *node) { s.activityRules(k, n, c) })
		eachEntry(f.root.get("parties"), func(k string, n *node) { s.partyRules(k, n, c) })
		for _, n := range f.root.list("accept") {
			if n.kind == mapNode && (n.str("reason") == "" || n.str("by") == "" || n.str("expires") == "") {
				c.add(n, "E501", `"accept" needs "reason", "by" and "expires"`, "")
			}
		}
	}
}

// at reports at a place written as file:line or file:line:column.
func (c *checker) at(place, code, msg string) {
	file, line, col := splitPlace(place)
	c.report.add(file, line, col, code, msg, "")
}

// splitPlace reads file:line or file:line:column; what is missing is 1.
func splitPlace(place string) (file string, line, col int) {
	file, line, col = place, 1, 1
	rest, last, ok := cutLast(place)
	v, number := atoi(last)
	if !ok || !number {
		return file, line, col
	}
	file, line = rest, max(v, 1)
	if rest, last, ok := cutLast(file); ok {
		if w, number := atoi(last); number {
			return rest, max(w, 1), max(v, 1)
		}
	}
	return file, line, col
}

func cutLast(s string) (before, after string, ok bool) {
	i := strings.LastIndexByte(s, ':')
	if i < 0 {
		return s, "", false
	}
	return s[:i], s[i+1:], true
}

// on is the value under a key, or the map itself where the key is missing.
func (n *node) on(key string) *node {
	if v := n.get(key); v != nil {
		return v
	}
	return n
}

func (s *Set) resourceRules(r *resource, c *checker) {
	if r.none {
		d := r.node.on("data")
		switch {
		case r.match.broadNone():
			c.add(d, "E305", `"data: none" needs an exact target, or a kind and a name with a literal prefix of 4 characters`, "")
		case r.reason == "" || r.review.Expires == "":
			c.add(d, "E306", `"data: none" needs "reason" and "review.expires"`, "")
		}
		if r.schema != "" || len(r.fields) > 0 {
			c.add(d, "E307", `"data: none" and "fields"/"schema" exclude each other`, "")
		}
	}
	if slices.Contains(r.subjects, "anonymous_user") {
		s.anonymous(r, c)
	}
	for _, n := range r.node.list("protects") {
		if n.kind == mapNode {
			s.protectionRules(n, c)
		}
	}
}

// anonymous reports fields that identify directly though the people are said to be
// anonymous.
func (s *Set) anonymous(r *resource, c *checker) {
	for _, f := range s.fieldsOf(r) {
		if slices.ContainsFunc(f.categories, func(k string) bool { return s.tax.flags(k).ID == "direct" }) {
			c.add(r.node.on("subjects"), "W309", fmt.Sprintf(`subject "anonymous_user" but field %q identifies directly`, f.path), "")
		}
	}
	for _, k := range r.data {
		if s.tax.flags(k).ID == "direct" {
			c.add(r.node.on("subjects"), "W309", fmt.Sprintf(`subject "anonymous_user" but field %q identifies directly`, k), "")
		}
	}
}

// guessable are categories whose values can be tried out, so that a hash of one is
// never anonymous.
var guessable = []string{"user.contact.email", "user.contact.phone_number", "user.government_id", "user.unique_id"}

// hashing are words of a method that give away a hash, keyed or not.
var hashing = []string{"hash", "sha-", "sha1", "sha2", "sha3", "sha5", "md5", "hmac", "digest", "crc", "blake", "bcrypt"}

func (s *Set) protectionRules(n *node, c *checker) {
	state, method := n.str("state"), strings.ToLower(n.str("method"))
	if state == "anonymised" && slices.ContainsFunc(hashing, func(w string) bool { return strings.Contains(method, w) }) {
		inputs := taker{s, c.file}.categories(n.list("inputs"))
		if len(inputs) == 0 {
			inputs = []string{"user"} // it acts on everything
		}
		for _, in := range inputs {
			if slices.ContainsFunc(guessable, func(g string) bool { return Covers(g, in) || Covers(in, g) }) {
				c.add(n.on("state"), "E412", fmt.Sprintf(`a hash of %q can be guessed; use "hashed" or "pseudonymised"`, in), "")
			}
		}
	}
	term, ok := s.tax.Protection[state]
	if !ok {
		return
	}
	needs := slices.Clone(term.Proof)
	if term.Effect == "reduce" && len(term.Becomes) == 0 {
		needs = append(needs, "becomes")
	}
	if !slices.Contains(needs, "expires") {
		needs = append(needs, "expires")
	}
	for _, k := range needs {
		if v := n.get(k); v == nil || v.kind == nullNode || v.kind == scalarNode && v.text == "" {
			c.add(n, "E413", fmt.Sprintf("protection %q needs %q", state, k), "")
		}
	}
}

func (s *Set) schemaCircles(m *node, c *checker) {
	if m == nil || m.kind != mapNode {
		return
	}
	for i, k := range m.keys {
		path := []string{k.text}
		for next := m.items[i].str("extends"); next != "" && s.schemas[next] != nil; next = s.schemas[next].extends {
			if next == k.text {
				if k.text != slices.Min(path) {
					break // reported once, at its first name
				}
				c.add(m.items[i].on("extends"), "E207", fmt.Sprintf("schema %q extends itself through %s", k.text, strings.Join(append(path, next), " -> ")), "")
				break
			}
			if slices.Contains(path, next) {
				break // reported where the circle is
			}
			path = append(path, next)
		}
	}
}

// partyRules asks of processors and of recipients in third countries what Art. 28 and
// Chapter V GDPR ask.
func (s *Set) partyRules(k string, n *node, c *checker) {
	if role := n.str("role"); role == "processor" || role == "sub_processor" {
		if v := n.get("contract"); v == nil || v.kind == nullNode {
			c.add(n, "E409", fmt.Sprintf(`processor %q has no "contract" (Art. 28(3))`, k), "")
		}
	}
	t := n.get("transfer")
	tool, at := t.str("tool"), n.on("transfer")
	s.toolRules(t, c)
	if f := t.get("fallback"); f != nil {
		s.toolRules(f, c)
	}
	country := n.str("country")
	if !validCountry(country) {
		return // E106 or E208
	}
	switch status := s.places.Countries[country].Adequacy; {
	case status == "partial" && (tool == "" || tool == "adequacy") && !evidenced(t.get("certification")):
		c.add(at, "W414", fmt.Sprintf(`adequacy of %s covers some recipients only; add "transfer.certification"`, country), "")
	case status != "eea" && status != "adequate" && status != "partial" && (tool == "" || tool == "adequacy" || tool == "none_needed"):
		c.add(n.on("country"), "E410", fmt.Sprintf(`%q is in %s: no adequacy decision and no "transfer.tool"`, k, country), "")
	}
}

// evidenced tells whether somebody looked up that a recipient is certified now.
func evidenced(certification *node) bool {
	return certification.str("list_checked") != "" && certification.str("active") == "true"
}

func (s *Set) toolRules(t *node, c *checker) {
	tool := t.str("tool")
	for _, k := range s.tax.Tools[tool].Needs {
		if v := t.get(k); v == nil || v.kind == nullNode {
			c.add(t, "E411", fmt.Sprintf("transfer tool %q needs %q", tool, k), "")
		}
	}
}

// twins reports entries with the very same pattern that disagree: that needs no look
// at the resources.
func (s *Set) twins(c *checker) {
	byMatch := map[string][]*resource{}
	for _, r := range s.resources {
		byMatch[r.match.key()] = append(byMatch[r.match.key()], r)
	}
	for _, k := range slices.Sorted(maps.Keys(byMatch)) {
		list := byMatch[k]
		for i := 1; i < len(list); i++ {
			for _, x := range differences(list[0], list[i]) {
				c.at(list[i].places[x.property], "E301", x.message("these resources", list[0]))
			}
		}
	}
}

// difference is a single-value property on which two entries disagree.
type difference struct{ property, here, there string }

func (d difference) message(resource string, other *resource) string {
	return fmt.Sprintf("%q of %s is %s here and %s at %s; both match equally well", d.property, resource, d.here, d.there, other.places[d.property])
}

// differences compares the single-value properties of two entries. Source: privacy
// model, "Where statements come from".
func differences(a, b *resource) []difference {
	var out []difference
	add := func(property, there, here string) {
		if here != "" && there != "" && here != there {
			out = append(out, difference{property, here, there})
		}
	}
	add("owner", a.owner, b.owner)
	add("retention", a.retention.words(), b.retention.words())
	add("volume", a.volume.words(), b.volume.words())
	add("protects", protectionWords(a.protects), protectionWords(b.protects))
	add("erasure", a.erasure.words(), b.erasure.words())
	add("identity_key", a.identity, b.identity)
	add("system", a.system, b.system)
	return out
}

func (r *Retention) words() string {
	if r == nil {
		return ""
	}
	return strings.Join(slices.DeleteFunc([]string{r.Period, r.Enforce}, func(s string) bool { return s == "" }), " by ")
}

func (v *Volume) words() string {
	if v == nil {
		return ""
	}
	return fmt.Sprintf("%d people, %d records", v.Subjects, v.Records)
}

func (e *Erasure) words() string {
	if e == nil {
		return ""
	}
	return strings.Join(slices.DeleteFunc([]string{e.How, e.By}, func(s string) bool { return s == "" }), " by ")
}

func protectionWords(list []Protection) string {
	var out []string
	for _, p := range list {
		out = append(out, p.State)
	}
	return strings.Join(out, ", ")
}
