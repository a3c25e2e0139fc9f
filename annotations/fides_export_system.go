package annotations

import (
	"cmp"
	"slices"
	"strings"
)

func (x *fidesExport) newSystem(at *node, key string, keep *node) *systemOut {
	if s, ok := x.systems[key]; ok {
		return s
	}
	s := &systemOut{n: headOut(at, key, keep), sides: map[string][]*node{}}
	x.systems[key] = s
	x.order = append(x.order, key)
	return s
}

// systemEntry writes a resource that processes: one that came from a system, or an own
// one that holds nothing.
func (x *fidesExport) systemEntry(e exported) {
	keep := e.n.get("fides")
	if t := keep.str("type"); t != "system" && (t != "" || holdsData(e.n)) {
		return
	}
	s := x.newSystem(e.n, e.key, keep)
	s.meta = keep
	s.n.put("name", keep.get("name"))
	s.n.put("description", e.text(e.n, "about"))
	s.n.put("system_type", cmp.Or(keep.get("system_type"), textAt(e.n, "Service")))
	if arn := unescapeGlob(e.n.get("match").str("arn")); arn != "" {
		meta := mapAt(e.n)
		meta.put("resource_id", textAt(e.n, arn))
		s.n.put("fidesctl_meta", meta)
		e.takeAll(e.n, "match")
	} else if m := e.n.get("match"); m != nil && unescapeGlob(m.str("name")) != "" && len(m.keys) == 1 {
		e.takeAll(e.n, "match")
	}
	e.take(e.n, "id")
	s.n.put("administrating_department", x.department(e.text(e.n, "owner")))
	if keep != nil {
		e.takeAll(e.n, "activities")
	}
}

func (x *fidesExport) department(owner *node) *node {
	if owner == nil {
		return nil
	}
	return textAt(owner, cmp.Or(x.people[owner.text], owner.text))
}

// partyOut writes a vendor; free words about third parties go to the declarations.
func (x *fidesExport) partyOut(e exported) {
	keep := e.n.get("fides")
	e.text(e.n, "name")
	role := e.text(e.n, "role")
	if keep.str("type") == "third_parties" {
		return
	}
	s := x.newSystem(e.n, e.key, keep)
	s.meta = keep
	if keep == nil {
		s.n.put("name", e.n.get("name"))
	}
	s.n.put("name", keep.get("name"))
	s.n.put("description", e.text(e.n, "about"))
	s.n.put("system_type", cmp.Or(keep.get("system_type"), textAt(e.n, "Third Party")))
	s.n.put("administrating_department", x.department(keep.get("owner")))
	s.n.put("vendor_id", keep.get("vendor_id"))
	if keep == nil {
		s.n.put("legal_name", e.n.get("name"))
	} else {
		s.n.put("legal_name", keep.get("legal_name"))
	}
	s.n.put("legal_address", e.text(e.n, "address"))
	s.n.put("dpo", e.text(e.n, "contact"))
	if role != nil {
		if label := fidesRoleLabels[role.text]; label != "" {
			s.n.put("responsibility", textsAt(role, label))
		} else if keep == nil {
			e.left(role, role.text)
		}
	}
	x.transferOut(e, s)
}

func (x *fidesExport) transferOut(e exported, s *systemOut) {
	t := e.child(e.n, "transfer")
	tool := e.text(t, "tool")
	if tool == nil {
		return
	}
	labels := map[string]string{"adequacy": "Adequacy Decision", "scc": "SCCs", "bcr": "BCRs"}
	label := cmp.Or(labels[tool.text], "Other")
	if label == "Other" && tool.text != "none_needed" {
		e.left(tool, tool.text)
	}
	s.n.put("does_international_transfers", rawAt(tool, "true"))
	s.n.put("legal_basis_for_transfers", textsAt(tool, label))
}

// activityOut writes an activity as a declaration of the system it came from, or of a
// system of its own.
func (x *fidesExport) activityOut(e exported) {
	keep := e.n.get("fides")
	s := x.newSystem(e.n, cmp.Or(keep.str("system"), e.key), nil)
	if keep.str("system") == "" {
		s.n.put("name", e.n.get("name"))
		s.n.put("system_type", textAt(e.n, "Activity"))
		s.n.put("administrating_department", x.department(e.text(e.n, "owner")))
	} else {
		e.take(e.n, "owner")
	}
	d := mapAt(e.n)
	if name := e.text(e.n, "name"); !truth(keep.get("unnamed")) {
		d.put("name", name)
	}
	d.force("data_categories", listAt(e.n))
	use := e.text(e.n, "use")
	place := func(part string) string {
		theirs := ""
		if use != nil {
			theirs = fidesUse(x.tax, use.text)
		}
		return cmp.Or(d.str("name"), theirs) + ":" + part
	}
	if c := x.categoriesOut(e.n, e.texts(e.n, "categories"), place("data_categories"), &s.tags); c != nil {
		*d.get("data_categories") = *c
	}
	if use != nil {
		to, tag := wordsOut(use, []*node{use}, place("data_use"), func(k string) string { return fidesUse(x.tax, k) })
		keepTag(&s.tags, tag)
		d.put("data_use", to.items[0])
	}
	d.put("data_subjects", x.subjectsOut(e.n, e.texts(e.n, "subjects"), place("data_subjects"), &s.tags))
	x.legalOut(e, d)
	x.recipientsOut(e, d)
	x.papersOut(e, s)
	s.declarations = append(s.declarations, d)
	x.activity[e.key], x.activitys[e.key] = d, s
}

// legalOut writes the legal grounds in the words of fideslang.
func (x *fidesExport) legalOut(e exported, d *node) {
	if b := e.text(e.n, "lawful_basis"); b != nil {
		d.put("legal_basis_for_processing", textAt(b, cmp.Or(x.tax.Bases[b.text].Fides, b.text)))
	}
	d.put("impact_assessment_location", e.text(e.n, "balancing_test"))
	for i, r := range e.maps(e.n, "retention") {
		v := cmp.Or(r.get("period"), r.get("note"))
		if i > 0 || v == nil || r.get("categories") != nil || r.get("period") != nil && r.get("note") != nil {
			continue // one period a declaration; what else is said is listed
		}
		e.used[v] = true
		d.put("retention_period", v)
	}
	if c := e.text(e.n, "special_condition"); c != nil {
		d.put("processes_special_category_data", rawAt(c, "true"))
		d.put("special_category_legal_basis", textAt(c, cmp.Or(x.tax.Special[c.text].Fides, c.text)))
	}
}

// recipientsOut writes whom an activity shares with, in words.
func (x *fidesExport) recipientsOut(e exported, d *node) {
	var names []string
	system := e.n.get("fides").str("system")
	for _, r := range append(e.texts(e.n, "recipients"), e.texts(e.n, "processors")...) {
		if r.text != system {
			names = append(names, x.partyName(r.text))
		}
	}
	if len(names) > 0 {
		d.put("data_shared_with_third_parties", rawAt(e.n, "true"))
		d.put("third_parties", textAt(e.n, strings.Join(names, ", ")))
	}
}

func (x *fidesExport) partyName(key string) string {
	for _, r := range x.files {
		if n := r.root.get("parties").get(key).str("name"); n != "" {
			return n
		}
	}
	return key
}

// papersOut writes documents of an activity to its system, as long as all agree.
func (x *fidesExport) papersOut(e exported, s *systemOut) {
	set := func(key string, v *node) {
		switch have := s.n.get(key); {
		case v == nil:
		case have == nil:
			s.n.put(key, v)
		case have.text != v.text:
			e.left(v, v.text)
		}
	}
	set("privacy_policy", e.text(e.n, "notice"))
	for _, m := range e.texts(e.n, "measures") {
		e.left(m, m.text)
	}
	if dp := e.child(e.n, "dpia"); dp.get("ref") != nil {
		set("requires_data_protection_assessments", rawAt(dp, "true"))
		set("dpa_location", e.text(dp, "ref"))
		set("dpa_progress", e.text(dp, "outcome"))
	}
	if a := e.text(e.n, "acts_as"); a != nil && s.n.get("responsibility") == nil {
		if label := fidesRoleLabels[a.text]; label != "" {
			s.n.put("responsibility", textsAt(a, label))
		}
	}
}

// referenceOut writes that an activity uses a store.
func (x *fidesExport) referenceOut(e exported) {
	keep := e.n.get("fides")
	switch {
	case keep.str("type") == "reference":
		e.takeAll(e.n, "match")
		for _, a := range e.texts(e.n, "activities") {
			if s := x.systems[keep.str("system")]; keep.str("by") == "system" && s != nil {
				if !slices.Contains(s.references, keep.str("key")) {
					s.references = append(s.references, keep.str("key"))
				}
				continue
			}
			x.refer(a.text, keep.str("key"))
		}
	case keep == nil && holdsData(e.n):
		for _, a := range e.texts(e.n, "activities") {
			x.refer(a.text, fidesKey(e.key))
		}
	}
}

func (x *fidesExport) refer(activity, dataset string) {
	d := x.activity[activity]
	if d == nil {
		return
	}
	if !slices.Contains(texts(d.list("dataset_references")), dataset) {
		d.add("dataset_references", textAt(d, dataset))
	}
}

// flowOut writes a flow to the system it leaves or enters.
func (x *fidesExport) flowOut(e exported) {
	keep := e.n.get("fides")
	purpose := e.text(e.n, "purpose")
	if keep.str("side") == "shared" {
		for _, k := range []string{"from", "to"} {
			e.takeAll(e.n, k)
		}
		if d := x.activity[purposeKey(purpose)]; d != nil {
			s := x.activitys[purposeKey(purpose)]
			c := x.categoriesOut(e.n, e.texts(e.n, "carries"), cmp.Or(d.str("name"), d.str("data_use"))+":shared_categories", &s.tags)
			d.put("shared_categories", c)
		}
		return
	}
	system, side, key, kind := keep.str("system"), keep.str("side"), keep.str("key"), keep.str("type")
	if keep == nil {
		system, side, key, kind = x.ends(e)
	}
	s := x.systems[system]
	if s == nil {
		e.left(e.n, "flow")
		e.mark(e.n)
		return
	}
	e.takeAll(e.n, "from")
	e.takeAll(e.n, "to")
	f := mapAt(e.n)
	f.put("fides_key", textAt(e.n, fidesKey(key)))
	f.put("type", textAt(e.n, cmp.Or(kind, "system")))
	if c := e.n.get("carries"); c != nil && !strings.HasPrefix(c.text, "schema:") {
		f.put("data_categories", x.categoriesOut(e.n, e.texts(e.n, "carries"), side+"."+fidesKey(key), &s.tags))
	}
	if !slices.ContainsFunc(s.sides[side], func(have *node) bool { return flow(have) == flow(f) }) {
		s.sides[side] = append(s.sides[side], f)
	}
	if d := x.activity[purposeKey(purpose)]; d != nil && x.activitys[purposeKey(purpose)] == s {
		if !slices.Contains(texts(d.list(side)), fidesKey(key)) {
			d.add(side, textAt(e.n, fidesKey(key)))
		}
	} else if purpose != nil {
		e.left(purpose, purpose.text)
	}
}

func purposeKey(n *node) string {
	if n == nil {
		return ""
	}
	return n.text
}

// ends finds out on which system an own flow is written: where it leaves, else where it
// enters. Data sets send nothing by themselves.
func (x *fidesExport) ends(e exported) (system, side, key, kind string) {
	from, fromSystem := x.end(e.n.get("from"))
	to, toSystem := x.end(e.n.get("to"))
	word := map[bool]string{true: "system", false: "dataset"}
	switch {
	case from == "" || to == "":
		return "", "", "", ""
	case fromSystem:
		return from, "egress", to, word[toSystem]
	case toSystem:
		return to, "ingress", from, word[false]
	}
	return "", "", "", ""
}

// end names one end of a flow, if it is exported.
func (x *fidesExport) end(n *node) (key string, system bool) {
	if n == nil {
		return "", false
	}
	if p := n.str("party"); p != "" {
		return p, x.systems[p] != nil
	}
	if n.kind == scalarNode {
		key = n.text
	} else {
		key = unescapeGlob(n.str("name"))
	}
	if _, ok := x.datasets[key]; ok {
		return key, false
	}
	if _, ok := x.systems[key]; ok {
		return key, true
	}
	return "", false
}

// finishSystems puts the systems together in the order in which they came up.
func (x *fidesExport) finishSystems() {
	for _, key := range x.order {
		s := x.systems[key]
		if s.n.get("system_type") == nil {
			s.n.put("system_type", textAt(s.n, "Service"))
		}
		for _, side := range []string{"egress", "ingress"} {
			s.n.put(side, textList(s.n, s.sides[side]))
		}
		s.n.put("dataset_references", textsAt(s.n, s.references...))
		s.n.put("data_security_practices", s.meta.get("security"))
		s.n.force("privacy_declarations", listAt(s.n, s.declarations...))
		tagsOut(s.n, s.meta, s.tags)
		x.out.add("system", s.n)
	}
}
