package annotations

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// Reading fideslang manifests. Source: privacy model, "Import and export", and the
// published models of fideslang 3.

var fidesSections = []string{"organization", "dataset", "system", "policy", "data_category", "data_use", "data_subject"}

func looksFides(n *node) bool {
	return slices.ContainsFunc(fidesSections, func(s string) bool {
		l := n.get(s)
		return l != nil && (l.kind == listNode || l.kind == nullNode)
	})
}

// fidesDefaults are values fideslang takes when nothing is said; they say nothing here.
var fidesDefaults = map[string]string{
	"organization_fides_key": "default_organization", "administrating_department": "Not defined", "processes_personal_data": "true",
	"flexible_legal_basis_for_processing": "true", "exempt_from_privacy_regulations": "false", "uses_profiling": "false",
	"does_international_transfers": "false", "requires_data_protection_assessments": "false", "uses_cookies": "false", "cookie_refresh": "false",
	"uses_non_cookie_access": "false", "processes_special_category_data": "false", "data_shared_with_third_parties": "false",
	"is_default": "false", "skip_processing": "false", "primary_key": "false", "is_required": "false", "return_all_elements": "false",
}

func fidesDefault(key string, v *node) bool {
	d, ok := fidesDefaults[key]
	return ok && v.kind == scalarNode && (strings.EqualFold(v.text, d) || key == "administrating_department" && v.text == d)
}

func truth(n *node) bool { return n != nil && strings.EqualFold(n.text, "true") }

// fidesThing is a data set or system that other entries name by key.
type fidesThing struct {
	id    string // of the resource entry; empty for a party
	party string
	match *node
}

// selector says how a flow or an activity names the thing.
func (t fidesThing) selector(at *node) *node {
	switch {
	case t.party != "":
		m := mapAt(at)
		m.put("party", textAt(at, t.party))
		return m
	case t.id != "":
		return textAt(at, t.id)
	}
	return matchName(at, at.text)
}

// fides reads one manifest; the things are those of all manifests of the call.
type fides struct {
	*reading
	things map[string]fidesThing // by "dataset key" or "system key"
}

func readFides(list []*reading) {
	things := map[string]fidesThing{}
	for _, kind := range []string{"dataset", "system"} {
		for _, r := range list {
			(&fides{r, things}).collect(kind)
		}
	}
	for _, r := range list {
		f := &fides{r, things}
		if r.root.kind != mapNode {
			r.note(r.root, "E105", fmt.Sprintf("a manifest must be a map, found %s", r.root.kind))
			continue
		}
		f.each("organization", f.organization)
		f.each("data_category", func(n *node) { f.ownWord(n, "data_categories") })
		f.each("data_use", func(n *node) { f.ownWord(n, "data_uses") })
		f.each("data_subject", func(n *node) { f.ownWord(n, "data_subjects") })
		f.each("dataset", f.dataset)
		f.each("system", f.system)
		f.each("policy", f.policy)
		f.leftovers(f.root, fidesDefault)
	}
}

// collect notes which keys exist, before anything refers to them.
func (f *fides) collect(kind string) {
	for _, n := range f.root.list(kind) {
		key := n.str("fides_key")
		if key == "" {
			continue
		}
		t := fidesThing{id: key, match: f.matchOf(n, kind)}
		if kind == "system" {
			if _, taken := f.things["dataset "+key]; taken {
				t.id = key + "-system"
			}
			if f.outside(n) {
				t = fidesThing{party: key}
			}
		}
		f.things[kind+" "+key] = t
	}
}

// resourceID is the identifier of a data set or system outside fideslang, when it is an
// ARN.
func resourceID(n *node, kind string) *node {
	meta := n.get("fidesctl_meta")
	if kind == "dataset" {
		meta = cmp.Or(n.get("fides_meta"), n.get("fidesops_meta"))
	}
	if id := meta.get("resource_id"); id != nil && id.kind == scalarNode && isARN(id.text) {
		return id
	}
	return nil
}

// matchOf finds the resource by ARN, else by name. A name with spaces is for people: no
// AWS resource is called so, and the key is the better guess.
func (f *fides) matchOf(n *node, kind string) *node {
	if id := resourceID(n, kind); id != nil {
		return matchARN(id)
	}
	name := n.str("name")
	if name == "" || strings.ContainsAny(name, " \t") {
		name = n.str("fides_key")
	}
	return matchName(n.get("fides_key"), name)
}

// warnName says that a resource is found by its name only.
func (f *fides) warnName(n *node, kind, key string, match *node) {
	if name := match.str("name"); name != "" {
		f.note(n, "W211", fmt.Sprintf("%s %q has no resource id; matched by name %q", kind, key, name))
	}
}

// each reads the entries of a section that have a key.
func (f *fides) each(section string, read func(*node)) {
	for _, n := range f.maps(f.root, section) {
		if n.str("fides_key") == "" {
			f.note(n, "E106", fmt.Sprintf(`%s needs "fides_key"`, section))
			f.mark(n)
			continue
		}
		read(n)
	}
}

// common reads what every entry has; what is kept for the way back goes into the key
// "fides" of the entry.
func (f *fides) common(n *node, keep *node) {
	f.take(n, "fides_key")
	keep.put("tags", textList(n, dropOurs(f.texts(n, "tags"))))
	if o := f.text(n, "organization_fides_key"); o != nil && o.text != "default_organization" {
		keep.put("organization", textAt(o, o.text))
	}
}

func textList(at *node, list []*node) *node {
	if len(list) == 0 {
		return nil
	}
	return listAt(at, list...)
}

func (f *fides) organization(n *node) {
	o := f.out.under("organisation", n)
	if o.get("name") != nil {
		f.left(n, n.str("fides_key"))
		f.mark(n)
		return
	}
	keep := mapAt(n)
	f.common(n, keep)
	o.put("key", textAt(n, n.str("fides_key")))
	o.put("name", cmp.Or(f.text(n, "name"), textAt(n, n.str("fides_key"))))
	o.put("about", f.text(n, "description"))
	if c := f.child(n, "controller"); c != nil {
		o.put("contact_name", f.text(c, "name"))
		o.put("address", f.text(c, "address"))
		o.put("contact", f.text(c, "email"))
		o.put("phone", f.text(c, "phone"))
	}
	o.put("dpo", f.person(n, "data_protection_officer"))
	o.put("representative", f.person(n, "representative"))
	o.put("security_policy", f.text(n, "security_policy"))
	o.put("fides", keep)
}

func (f *fides) person(n *node, key string) *node {
	c := f.child(n, key)
	if c == nil {
		return nil
	}
	p := mapAt(c)
	p.put("name", f.text(c, "name"))
	p.put("address", f.text(c, "address"))
	p.put("contact", f.text(c, "email"))
	p.put("phone", f.text(c, "phone"))
	return p
}

// ownWord reads a key somebody added to the taxonomy. A built-in key needs no entry.
func (f *fides) ownWord(n *node, section string) {
	key := n.str("fides_key")
	own := mapAt(n)
	f.take(n, "fides_key")
	if p := f.text(n, "parent_key"); p != nil && p.text != parentOf(key) {
		f.note(p, "E206", fmt.Sprintf("key %q needs its parent %q", key, parentOf(key)))
	}
	if truth(n.get("is_default")) {
		f.mark(n)
		return
	}
	if builtinWord(section, key) {
		f.left(n, key) // our own words for it stay
		f.mark(n)
		return
	}
	own.put("label", f.text(n, "name"))
	own.put("about", f.text(n, "description"))
	if len(own.items) == 0 {
		own.put("label", textAt(n, key))
	}
	f.out.under("taxonomy", n).under(section, n).put(key, own)
}

func builtinWord(section, key string) bool {
	t, err := BuiltinTaxonomy()
	if err != nil {
		return false
	}
	switch section {
	case "data_categories":
		_, ok := t.Categories[key]
		return ok
	case "data_uses":
		_, ok := t.Uses[key]
		return ok
	}
	_, ok := t.Subjects[key]
	return ok
}

// policy keeps the rules of a policy as saved queries.
func (f *fides) policy(n *node) {
	for _, rule := range f.maps(n, "rules") {
		q := mapAt(rule)
		q.put("policy", textAt(n, n.str("fides_key")))
		q.put("name", f.text(rule, "name"))
		for _, dim := range queryParts {
			f.queryPart(rule, q, dim[0], dim[1])
		}
		keep := mapAt(n)
		f.common(n, keep)
		keep.put("name", f.text(n, "name"))
		keep.put("description", f.text(n, "description"))
		q.put("fides", keep)
		f.out.add("queries", q)
	}
}

// queryParts are the parts of a query and what fideslang calls them.
var queryParts = [][2]string{{"categories", "data_categories"}, {"uses", "data_uses"}, {"subjects", "data_subjects"}}

func (f *fides) queryPart(rule, q *node, ours, theirs string) {
	c := f.child(rule, theirs)
	if c == nil {
		return
	}
	var values []*node
	for _, v := range f.texts(c, "values") {
		switch ours {
		case "categories":
			v = f.category(v)
		case "uses":
			v = f.use(v)
		}
		values = append(values, textAt(v, v.text))
	}
	part := mapAt(c)
	if m := f.text(c, "matches"); m != nil {
		part.put("matches", textAt(m, strings.ToLower(m.text)))
	}
	part.put("values", textList(c, values))
	q.put(ours, part)
}
