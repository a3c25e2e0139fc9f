package annotations

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// fidesRoles are the words of fideslang for who decides.
var fidesRoles = map[string]string{"controller": "controller", "processor": "processor", "sub-processor": "sub_processor"}

// fidesRoleLabels are the same words as an export writes them.
var fidesRoleLabels = map[string]string{"controller": "Controller", "processor": "Processor", "sub_processor": "Sub-Processor"}

// fidesTools are its words for transfers; the others have no counterpart in Chapter V.
var fidesTools = map[string]string{"adequacy decision": "adequacy", "sccs": "scc", "bcrs": "bcr"}

// renamedFides are keys of older manifests with their present names.
var renamedFides = [][2]string{{"data_responsibility_title", "responsibility"}}

// outside tells whether a system is somebody else's: a vendor without a resource here.
func (f *fides) outside(n *node) bool {
	return resourceID(n, "system") == nil && (n.str("vendor_id") != "" || n.str("legal_name") != "")
}

// system becomes a resource, or a party where it is a vendor's; its declarations become
// activities, what it sends and receives becomes flows.
func (f *fides) system(n *node) {
	key := n.str("fides_key")
	s := &fidesSystem{fides: f, n: n, key: key, keep: mapAt(n), thing: f.things["system "+key], originals: originalKeys(n)}
	s.keep.put("type", textAt(n, "system"))
	s.keep.put("name", f.text(n, "name"))
	s.keep.put("system_type", f.text(n, "system_type"))
	s.keep.put("security", f.text(n, "data_security_practices")) // words, not measures
	s.common(n, s.keep)
	s.owner()
	s.declarations()
	for _, side := range []string{"egress", "ingress"} {
		s.flows(side)
	}
	if s.thing.party != "" {
		s.party()
	} else {
		s.resource()
	}
}

type fidesSystem struct {
	*fides
	n          *node
	key        string
	keep       *node
	thing      fidesThing
	activities []string
	department string
	originals  map[string][]string
}

// owner turns the department into a role of people.
func (s *fidesSystem) owner() {
	d := s.text(s.n, "administrating_department")
	if d == nil || fidesDefault("administrating_department", d) {
		return
	}
	s.department = slug(d.text)
	people := s.out.under("roles_of_people", d)
	if people.get(s.department) == nil {
		person := mapAt(d)
		person.put("name", d)
		people.put(s.department, person)
	}
}

// slug makes a key of words.
func slug(text string) string {
	var b strings.Builder
	for _, r := range strings.ToLower(text) {
		switch {
		case r >= 'a' && r <= 'z' || r >= '0' && r <= '9' || r == '_' || r == '.':
			b.WriteRune(r)
		case b.Len() > 0 && !strings.HasSuffix(b.String(), "-"):
			b.WriteByte('-')
		}
	}
	return cmp.Or(strings.Trim(b.String(), "-"), "unnamed")
}

// resource writes what the system itself is.
func (s *fidesSystem) resource() {
	if resourceID(s.n, "system") != nil {
		s.take(s.child(s.n, "fidesctl_meta"), "resource_id")
	} else {
		s.child(s.n, "fidesctl_meta")
	}
	r := mapAt(s.n)
	r.put("id", textAt(s.n, s.thing.id))
	r.put("match", s.thing.match)
	s.warnName(s.n, "system", s.key, s.thing.match)
	r.put("about", s.text(s.n, "description"))
	r.put("activities", textsAt(s.n, s.activities...))
	r.put("owner", textOr(s.n, s.department))
	if s.key != s.thing.id {
		s.keep.put("key", textAt(s.n, s.key))
	}
	r.put("fides", s.keep)
	s.out.add("resources", r)
}

// party writes a vendor. The country, which the law asks for, has no word in fideslang.
func (s *fidesSystem) party() {
	n := s.n
	p := mapAt(n)
	p.put("name", cmp.Or(s.text(n, "legal_name"), s.text(n, "name"), textAt(n, s.key)))
	p.put("role", cmp.Or(s.role(), textAt(n, "recipient")))
	p.put("address", s.text(n, "legal_address"))
	p.put("contact", s.text(n, "dpo"))
	p.put("about", s.text(n, "description"))
	s.keep.put("vendor_id", s.text(n, "vendor_id"))
	s.keep.put("legal_name", s.text(n, "legal_name"))
	s.keep.put("owner", textOr(n, s.department))
	p.put("transfer", s.transfer())
	p.put("fides", s.keep)
	s.out.under("parties", n).put(s.key, p)
}

// role is the first role that is named; a party has one.
func (s *fidesSystem) role() *node {
	for _, old := range renamedFides {
		if v := s.n.get(old[0]); v != nil && s.n.get(old[1]) == nil && v.kind == scalarNode {
			s.take(s.n, old[0])
			s.note(v, "W210", fmt.Sprintf("%q is now %q", old[0], old[1]))
			return s.roleWord(v)
		}
	}
	list := s.texts(s.n, "responsibility")
	for i, v := range list {
		if i > 0 {
			s.left(v, v.text)
		}
	}
	if len(list) == 0 {
		return nil
	}
	return s.roleWord(list[0])
}

func (s *fidesSystem) roleWord(v *node) *node {
	if to, ok := fidesRoles[strings.ToLower(v.text)]; ok {
		return textAt(v, to)
	}
	s.left(v, v.text)
	return nil
}

func (s *fidesSystem) transfer() *node {
	var t *node
	for _, v := range s.texts(s.n, "legal_basis_for_transfers") {
		tool, ok := fidesTools[strings.ToLower(v.text)]
		if !ok || t != nil {
			s.left(v, v.text)
			continue
		}
		t = mapAt(v)
		t.put("tool", textAt(v, tool))
	}
	if t != nil {
		s.take(s.n, "does_international_transfers")
	}
	return t
}

// flows reads what the system sends or receives.
func (s *fidesSystem) flows(side string) {
	for _, x := range s.maps(s.n, side) {
		key, kind := s.text(x, "fides_key"), s.str(x, "type")
		if key == nil || kind == "user" || key.text == "user" {
			s.left(x, side+" user") // people are no node
			s.mark(x)
			continue
		}
		other := s.other(key, kind)
		me := s.thing.selector(textAt(x, s.key))
		f := mapAt(x)
		if side == "egress" {
			f.put("from", me)
			f.put("to", other)
		} else {
			f.put("from", other)
			f.put("to", me)
		}
		if c := s.texts(x, "data_categories"); len(c) > 0 {
			f.put("carries", listAt(x, s.words(c, side+"."+key.text, s.originals)...))
		}
		keep := mapAt(x)
		keep.put("side", textAt(x, side))
		keep.put("type", textOr(x, kind))
		keep.put("system", textAt(x, s.key))
		keep.put("key", key)
		f.put("fides", keep)
		s.out.add("flows", f)
		s.purposes(side, key.text, f)
	}
}

// purposes repeats a flow for each activity that names it.
func (s *fidesSystem) purposes(side, key string, f *node) {
	first := true
	for i, d := range s.n.list("privacy_declarations") {
		if d.kind != mapNode || i >= len(s.activities) || !slices.ContainsFunc(d.list(side), func(x *node) bool { return x.text == key }) {
			continue
		}
		target := f
		if !first {
			target = &node{kind: mapNode, line: f.line, column: f.column}
			for j, k := range f.keys {
				if k.text != "purpose" {
					target.put(k.text, f.items[j])
				}
			}
			s.out.add("flows", target)
		}
		target.put("purpose", textAt(d, s.activities[i]))
		first = false
	}
}

func (s *fidesSystem) other(key *node, kind string) *node {
	if kind == "" {
		kind = "system"
	}
	if t, ok := s.things[kind+" "+key.text]; ok {
		return t.selector(key)
	}
	return matchName(key, key.text)
}

// declarations become activities, one each.
func (s *fidesSystem) declarations() {
	role := ""
	if s.thing.party == "" {
		if v := s.role(); v != nil && v.text == "sub_processor" {
			s.left(v, "Sub-Processor")
		} else if v != nil {
			role = v.text
		}
	}
	names := map[string]int{}
	for _, d := range s.maps(s.n, "privacy_declarations") {
		use := s.text(d, "data_use")
		key := s.key
		if use != nil {
			use = s.restored(s.use(use), "data_use", d, fidesUse)
			key += "." + use.text
		}
		names[key]++
		if names[key] > 1 {
			key = fmt.Sprintf("%s.%d", key, names[key])
		}
		s.activities = append(s.activities, key)
		a := s.activity(d, use)
		a.put("acts_as", textOr(d, role))
		s.out.under("activities", d).put(key, a)
		s.stores(d, key)
	}
	if refs := s.texts(s.n, "dataset_references"); len(refs) > 0 {
		s.storeEntries(refs, s.activities, "system")
	}
}

// place names a declaration in tags.
func (s *fidesSystem) place(d *node, part string) string {
	return cmp.Or(d.str("name"), d.str("data_use")) + ":" + part
}

// restored takes back the finer key a word had before it was exported.
func (s *fidesSystem) restored(n *node, part string, d *node, back func(*Taxonomy, string) string) *node {
	if finer := s.originals[s.place(d, part)]; len(finer) == 1 && back(s.tax, finer[0]) == n.text {
		return textAt(n, finer[0])
	}
	return n
}

func (s *fidesSystem) activity(d, use *node) *node {
	a := mapAt(d)
	keep := mapAt(d)
	keep.put("system", textAt(d, s.key))
	name := s.text(d, "name")
	if name == nil {
		keep.put("unnamed", rawAt(d, "true"))
		name = textAt(d, cmp.Or(s.n.str("name"), s.key))
	}
	a.put("name", name)
	a.put("use", use)
	a.put("lawful_basis", s.label(d, "legal_basis_for_processing", s.tax.Bases))
	a.put("special_condition", s.label(d, "special_category_legal_basis", s.tax.Special))
	if a.get("special_condition") != nil {
		s.take(d, "processes_special_category_data")
	}
	a.put("balancing_test", s.text(d, "impact_assessment_location"))
	a.put("categories", textList(d, s.words(s.texts(d, "data_categories"), s.place(d, "data_categories"), s.originals)))
	a.put("subjects", textList(d, s.subjectWords(s.texts(d, "data_subjects"), s.place(d, "data_subjects"), s.originals)))
	a.put("retention", s.retention(d))
	for _, side := range []string{"egress", "ingress"} {
		for _, x := range s.texts(d, side) {
			if !slices.ContainsFunc(s.n.list(side), func(f *node) bool { return f.str("fides_key") == x.text }) {
				s.left(x, x.text)
			}
		}
	}
	s.others(d, a)
	if s.thing.party != "" {
		a.add("recipients", textAt(d, s.thing.party))
	}
	a.put("owner", textOr(d, s.department))
	s.papers(a)
	a.put("fides", keep)
	return a
}

// label turns the words fideslang has for a legal ground into the key here.
func (s *fidesSystem) label(d *node, key string, terms map[string]Term) *node {
	v := s.text(d, key)
	if v == nil {
		return nil
	}
	for _, k := range slices.Sorted(maps.Keys(terms)) {
		if strings.EqualFold(terms[k].Fides, v.text) {
			return textAt(v, k)
		}
	}
	return textAt(v, v.text) // reported when the tree is checked
}

// retention keeps words as they are: shown in the record, not checked.
func (s *fidesSystem) retention(d *node) *node {
	v := s.text(d, "retention_period")
	if v == nil {
		return nil
	}
	m := mapAt(v)
	if _, ok := days(v.text); ok {
		m.put("period", textAt(v, v.text))
	} else {
		s.note(v, "W212", fmt.Sprintf("%q is not a duration; shown in the record, not checked", v.text))
		m.put("note", textAt(v, v.text))
	}
	return listAt(v, m)
}

// others reads whom the data is shared with.
func (s *fidesSystem) others(d, a *node) {
	who := s.text(d, "third_parties")
	if who == nil {
		if c := d.get("shared_categories"); c != nil && len(c.items) > 0 {
			s.mark(s.take(d, "shared_categories"))
			s.left(c, "shared_categories") // nobody is named whom they could flow to
		}
		return
	}
	s.take(d, "data_shared_with_third_parties")
	key := slug(who.text)
	parties := s.out.under("parties", who)
	if parties.get(key) == nil {
		p := mapAt(who)
		p.put("name", textAt(who, who.text))
		p.put("role", textAt(who, "third_party"))
		keep := mapAt(who)
		keep.put("type", textAt(who, "third_parties"))
		p.put("fides", keep)
		parties.put(key, p)
	}
	a.add("recipients", textAt(who, key))
	if c := s.texts(d, "shared_categories"); len(c) > 0 {
		f, to, keep := mapAt(d), mapAt(d), mapAt(d)
		to.put("party", textAt(who, key))
		f.put("from", s.thing.selector(textAt(d, s.key)))
		f.put("to", to)
		f.put("carries", listAt(d, s.words(c, s.place(d, "shared_categories"), s.originals)...))
		f.put("purpose", textAt(d, s.activities[len(s.activities)-1]))
		keep.put("side", textAt(d, "shared"))
		f.put("fides", keep)
		s.out.add("flows", f)
	}
}

// papers are documents of the system, which belong to each of its activities.
func (s *fidesSystem) papers(a *node) {
	n := s.n
	a.put("notice", s.text(n, "privacy_policy"))
	if ref := s.text(n, "dpa_location"); ref != nil {
		d := mapAt(ref)
		d.put("ref", ref)
		d.put("outcome", s.text(n, "dpa_progress"))
		s.take(n, "requires_data_protection_assessments")
		a.put("dpia", d)
	}
}

// stores says of each data set a declaration names that the activity uses it.
func (s *fidesSystem) stores(d *node, activity string) {
	s.storeEntries(s.texts(d, "dataset_references"), []string{activity}, "declaration")
}

func (s *fidesSystem) storeEntries(refs []*node, activities []string, by string) {
	for _, ref := range refs {
		t, ok := s.things["dataset "+ref.text]
		match := t.match
		if !ok {
			match = matchName(ref, ref.text)
			s.note(ref, "W211", fmt.Sprintf("data set %q has no resource id; matched by name %q", ref.text, ref.text))
		}
		r, keep := mapAt(ref), mapAt(ref)
		r.put("match", match)
		r.put("activities", textsAt(ref, activities...))
		keep.put("type", textAt(ref, "reference"))
		keep.put("key", ref)
		keep.put("system", textAt(ref, s.key))
		keep.put("by", textAt(ref, by))
		r.put("fides", keep)
		s.out.add("resources", r)
	}
}
