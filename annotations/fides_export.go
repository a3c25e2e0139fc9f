package annotations

import (
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"
)

// Writing fideslang manifests: the shapes that were imported come back as they were,
// everything else is put into the nearest shape. Keys that only this taxonomy has are
// written as their fallback; a tag keeps the key itself, and the import takes it back.

// exported is one entry of an annotation file, with the file it stands in.
type exported struct {
	*reading
	n   *node
	key string
}

type fidesExport struct {
	tax       *Taxonomy
	files     []*reading
	out       *node
	datasets  map[string]*node // by key of the annotation entry
	systems   map[string]*systemOut
	order     []string
	schemas   map[string]exported
	people    map[string]string
	activity  map[string]*node // declaration of an activity
	activitys map[string]*systemOut
}

// systemOut is a system on its way out.
type systemOut struct {
	n, meta      *node
	tags         []string
	declarations []*node
	sides        map[string][]*node
	references   []string
}

// ExportFides writes what the set says as a fideslang manifest. What fideslang has no
// place for comes back as I601, each with its place.
func (s *Set) ExportFides(w io.Writer) ([]Diagnostic, error) {
	report := &reporter{}
	x := &fidesExport{
		tax: s.tax, out: mapAt(&node{line: 1, column: 1}), datasets: map[string]*node{}, systems: map[string]*systemOut{},
		schemas: map[string]exported{}, people: map[string]string{}, activity: map[string]*node{}, activitys: map[string]*systemOut{},
	}
	for _, f := range s.trees {
		if f.root.kind == mapNode {
			x.files = append(x.files, newReading(s, f.file, f.root, report))
		}
	}
	x.run()
	p := &printer{}
	for i, k := range x.out.keys {
		fmt.Fprintf(&p.b, "%s:\n", k.text)
		p.list(x.out.items[i], "  ")
	}
	if p.b.Len() == 0 {
		p.b.WriteString("{}\n")
	}
	_, err := w.Write(p.b.Bytes())
	return report.sorted(), err
}

func (x *fidesExport) run() {
	x.eachKey("roles_of_people", func(e exported) { x.people[e.key] = e.str(e.n, "name") })
	x.eachKey("schemas", func(e exported) { x.schemas[e.key] = e })
	for _, r := range x.files {
		x.organization(r)
	}
	x.eachResource(x.storeOut)
	x.eachKey("parties", x.partyOut)
	x.eachResource(x.systemEntry)
	x.eachKey("activities", x.activityOut)
	x.eachResource(x.referenceOut)
	x.eachItem("flows", x.flowOut)
	x.finishSystems()
	x.eachItem("queries", x.queryOut)
	x.ownWords()
	for _, r := range x.files {
		for _, k := range []string{"version", "settings", "use", "imported", "accept"} {
			if v := r.root.get(k); v != nil && k != "accept" { // accept is listed
				r.mark(v)
			}
		}
		r.leftovers(r.root, func(key string, v *node) bool { return key == "fides" })
	}
}

func (x *fidesExport) eachKey(section string, f func(exported)) {
	for _, r := range x.files {
		m := r.child(r.root, section)
		if m == nil {
			continue
		}
		for i, k := range m.keys {
			r.used[m.items[i]] = true
			if m.items[i].kind == mapNode {
				f(exported{r, m.items[i], k.text})
			}
		}
	}
}

func (x *fidesExport) eachItem(section string, f func(exported)) {
	for _, r := range x.files {
		for _, n := range r.maps(r.root, section) {
			f(exported{r, n, ""})
		}
	}
}

func (x *fidesExport) eachResource(f func(exported)) {
	x.eachItem("resources", func(e exported) {
		e.key = entryKey(e.n)
		f(e)
	})
}

// entryKey is the key a resource goes by: its id, else what it matches.
func entryKey(n *node) string {
	if k := n.get("fides").str("key"); k != "" {
		return k
	}
	if id := n.str("id"); id != "" {
		return id
	}
	m := n.get("match")
	if arn := m.str("arn"); arn != "" {
		return arn[strings.LastIndexAny(arn, ":/")+1:]
	}
	if name := unescapeGlob(m.str("name")); name != "" {
		return name
	}
	return m.str("kind") + m.str("name")
}

var notFidesKey = regexp.MustCompile(`[^a-zA-Z0-9_.<>-]+`)

// fidesKey makes a key fideslang takes.
func fidesKey(s string) string { return strings.Trim(notFidesKey.ReplaceAllString(s, "_"), "_") }

// fidesCategory is the nearest category that fideslang knows, or that is exported with
// the manifest.
func fidesCategory(t *Taxonomy, key string) string {
	return fidesWord(key, func(k string) string {
		if c, ok := t.Categories[k]; ok && c.Origin == "extension" {
			return c.Fallback
		}
		return ""
	})
}

func fidesUse(t *Taxonomy, key string) string {
	return fidesWord(key, func(k string) string { return t.Uses[k].Fallback })
}

func fidesSubject(t *Taxonomy, key string) string {
	return fidesWord(key, func(k string) string { return t.Subjects[k].Fallback })
}

// fidesWord follows fallbacks until no ancestor of the key has one.
func fidesWord(key string, fallback func(string) string) string {
	for range 8 { // fallbacks of fallbacks end soon; a circle would be a fault of the data
		next := ""
		for k := key; k != "" && next == ""; k = parentOf(k) {
			next = fallback(k)
		}
		if next == "" {
			break
		}
		key = next
	}
	return key
}

// wordsOut writes keys as fideslang knows them and returns the tag that keeps finer
// ones, or "".
func wordsOut(at *node, list []*node, place string, word func(string) string) (out *node, tag string) {
	finer := false
	var keys []*node
	var own []string
	for _, n := range list {
		k := word(n.text)
		finer = finer || k != n.text
		keys = append(keys, textAt(n, k))
		own = append(own, n.text)
	}
	if finer {
		tag = keyTag + place + "=" + strings.Join(own, "+")
	}
	return textList(at, distinct(keys)), tag
}

func (x *fidesExport) categoriesOut(at *node, list []*node, place string, tags *[]string) *node {
	out, tag := wordsOut(at, list, place, func(k string) string {
		if to, _, ok := x.tax.canonicalCategory(k); ok {
			k = to
		}
		return fidesCategory(x.tax, k)
	})
	keepTag(tags, tag)
	return out
}

func (x *fidesExport) subjectsOut(at *node, list []*node, place string, tags *[]string) *node {
	out, tag := wordsOut(at, list, place, func(k string) string { return fidesSubject(x.tax, k) })
	keepTag(tags, tag)
	return out
}

func keepTag(tags *[]string, tag string) {
	if tag != "" {
		*tags = append(*tags, tag)
	}
}

// headOut begins an entry with what every entry has.
func headOut(at *node, key string, keep *node) *node {
	n := mapAt(at)
	n.put("fides_key", textAt(at, fidesKey(key)))
	n.put("organization_fides_key", keep.get("organization"))
	return n
}

// tagsOut writes the tags: those that were there and those that keep finer keys.
func tagsOut(n, keep *node, tags []string) {
	slices.Sort(tags)
	all := append(texts(keep.list("tags")), slices.Compact(tags)...)
	n.put("tags", textsAt(n, all...))
}

func (x *fidesExport) organization(r *reading) {
	o := r.child(r.root, "organisation")
	if o == nil {
		return
	}
	keep := o.get("fides")
	key := r.text(o, "key")
	if key == nil {
		key = textAt(o, slug(r.str(o, "name")))
	}
	n := headOut(o, key.text, keep)
	n.put("name", r.text(o, "name"))
	n.put("description", r.text(o, "about"))
	c := mapAt(o)
	for _, p := range [][2]string{{"name", "contact_name"}, {"address", "address"}, {"email", "contact"}, {"phone", "phone"}} {
		c.put(p[0], r.text(o, p[1]))
	}
	n.put("controller", c)
	n.put("data_protection_officer", personOut(r, o, "dpo"))
	n.put("representative", personOut(r, o, "representative"))
	n.put("security_policy", r.text(o, "security_policy"))
	tagsOut(n, keep, nil)
	x.out.add("organization", n)
}

func personOut(r *reading, o *node, key string) *node {
	p := r.child(o, key)
	if p == nil {
		return nil
	}
	n := mapAt(p)
	for _, k := range [][2]string{{"name", "name"}, {"address", "address"}, {"email", "contact"}, {"phone", "phone"}} {
		n.put(k[0], r.text(p, k[1]))
	}
	return n
}

// queryOut collects the saved queries of a policy.
func (x *fidesExport) queryOut(e exported) {
	key := e.str(e.n, "policy")
	if key == "" {
		key = "queries"
	}
	var policy *node
	for _, p := range x.out.list("policy") {
		if p.str("fides_key") == fidesKey(key) {
			policy = p
		}
	}
	keep := e.n.get("fides")
	if policy == nil {
		policy = headOut(e.n, key, keep)
		policy.put("name", keep.get("name"))
		policy.put("description", keep.get("description"))
		tagsOut(policy, keep, nil)
		x.out.add("policy", policy)
	}
	rule := mapAt(e.n)
	rule.put("name", e.text(e.n, "name"))
	for _, dim := range queryParts {
		part := e.child(e.n, dim[0])
		if part == nil {
			continue
		}
		to := mapAt(part)
		if m := e.text(part, "matches"); m != nil {
			to.put("matches", textAt(m, strings.ToUpper(m.text)))
		}
		words := map[string]func(*Taxonomy, string) string{"categories": fidesCategory, "uses": fidesUse, "subjects": fidesSubject}[dim[0]]
		values, _ := wordsOut(part, e.texts(part, "values"), "", func(k string) string { return words(x.tax, k) })
		to.put("values", values)
		rule.put(dim[1], to)
	}
	policy.add("rules", rule)
}

// ownWords writes the keys added to the taxonomy.
func (x *fidesExport) ownWords() {
	for _, r := range x.files {
		t := r.child(r.root, "taxonomy")
		for _, section := range [][2]string{{"data_categories", "data_category"}, {"data_uses", "data_use"}, {"data_subjects", "data_subject"}} {
			m := r.child(t, section[0])
			if m == nil {
				continue
			}
			for i, k := range m.keys {
				v := m.items[i]
				r.used[v] = true
				n := headOut(k, k.text, v.get("fides"))
				n.put("name", r.text(v, "label"))
				n.put("description", r.text(v, "about"))
				n.put("parent_key", textOr(k, fidesCategory(x.tax, parentOf(k.text))))
				tagsOut(n, v.get("fides"), nil)
				x.out.add(section[1], n)
			}
		}
	}
}
