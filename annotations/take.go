package annotations

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// take fills the set from trees that were checked. Values in error were reported; what
// can be used of them is.
func (s *Set) take(files []source, c *checker) {
	s.parties, s.activities, s.people, s.schemas = map[string]Party{}, map[string]Activity{}, map[string]Person{}, map[string]*schema{}
	s.settings = Settings{TagPrefix: "gdpr:", Accounts: map[string]string{}}
	for _, f := range files {
		s.files = append(s.files, f.file)
		t := taker{s, f.file}
		t.organisation(f.root.get("organisation"))
		eachEntry(f.root.get("parties"), t.party)
		eachEntry(f.root.get("activities"), t.activity)
		eachEntry(f.root.get("schemas"), t.schema)
		eachEntry(f.root.get("roles_of_people"), func(k string, n *node) { s.people[k] = Person{k, n.str("name"), n.str("contact")} })
		for _, n := range f.root.list("resources") {
			t.resource(n)
		}
		for _, n := range f.root.list("flows") {
			t.flow(n)
		}
		for _, n := range f.root.list("accept") {
			t.accept(n)
		}
		t.settings(f.root.get("settings"))
	}
	s.index()
}

func eachEntry(m *node, f func(string, *node)) {
	if m == nil || m.kind != mapNode {
		return
	}
	for i, k := range m.keys {
		if m.items[i].kind == mapNode {
			f(k.text, m.items[i])
		}
	}
}

type taker struct {
	s    *Set
	file string
}

func (t taker) place(n *node) string { return fmt.Sprintf("%s:%d:%d", t.file, n.line, n.column) }

func (t taker) at(n *node) string { return fmt.Sprintf("%s:%d", t.file, n.line) }

func (t taker) organisation(n *node) {
	if n == nil {
		return
	}
	t.s.organisation = Organisation{
		Key: n.str("key"), Name: n.str("name"), Address: n.str("address"), Contact: n.str("contact"), Country: n.str("country"),
		DPO: n.get("dpo").str("name"), DPOContact: n.get("dpo").str("contact"), Representative: n.get("representative").str("name"), LeadAuthority: n.str("lead_authority"),
	}
}

func (t taker) party(k string, n *node) {
	t.s.parties[k] = Party{
		Key: k, Name: n.str("name"), Role: n.str("role"), Country: n.str("country"), Contract: n.get("contract").str("ref"),
		Tool: n.get("transfer").str("tool"), Accounts: texts(n.list("accounts")), Hosts: texts(n.list("hosts")), Origin: t.at(n),
		Address: n.str("address"), Contact: n.str("contact"), Note: n.str("note"),
		ContractSigned: n.get("contract").str("signed"), ContractExpires: n.get("contract").str("expires"), ContractPlace: t.place(n.on("contract").on("expires")),
		SubProcessors: n.get("sub_processors").str("list"), SubProcessorsChecked: n.get("sub_processors").str("checked"), Transfer: takeTransfer(n.get("transfer")),
	}
}

func takeTransfer(n *node) Transfer {
	c := n.get("certification")
	return Transfer{
		Tool: n.str("tool"), Decision: n.str("decision"), Module: n.str("module"), Signed: n.str("signed"), Assessment: n.str("tia"), Reference: n.str("reference"),
		ListChecked: c.str("list_checked"), Active: c.str("active") == "true", CoversHR: c.str("covers_hr") == "true", Fallback: n.get("fallback").str("tool"),
	}
}

func (t taker) activity(k string, n *node) {
	a := Activity{
		Key: k, Name: n.str("name"), Use: n.str("use"), Basis: n.str("lawful_basis"), Details: n.str("details"), Owner: cmp.Or(n.str("owner"), n.get("review").str("by")),
		SpecialCondition: n.str("special_condition"), CriminalCondition: n.str("criminal_condition"), DPIA: n.get("dpia").str("ref"), Notice: n.str("notice"),
		Subjects: texts(n.list("subjects")), Recipients: texts(n.list("recipients")), Processors: texts(n.list("processors")),
		Categories: t.categories(n.list("categories")), Origin: t.at(n), Controller: n.str("controller"), JointControllers: texts(n.list("joint_controllers")),
		Arrangement: n.str("arrangement"), ActsAs: n.str("acts_as"), For: texts(n.list("for")), Interest: n.str("interest"), BalancingTest: n.str("balancing_test"),
		Law: n.str("law"), ConsentRecord: n.str("consent_record"), ConsentResource: n.get("consent_record").str("resource"), Sources: texts(n.list("sources")),
		Measures: texts(n.list("measures")), DPIADate: n.get("dpia").str("date"), DPIAOutcome: n.get("dpia").str("outcome"), Review: t.review(n.get("review")),
		ReviewPlace: t.place(n.on("review").on("expires")), CategoriesPlace: t.place(n.on("categories")),
	}
	decisions := n.get("automated_decisions")
	a.Logic, a.Effect, a.Safeguard = decisions.str("logic"), decisions.str("effect"), decisions.str("safeguard")
	for _, r := range n.list("retention") {
		if r.kind == mapNode {
			a.Retention = append(a.Retention, t.retention(r))
		}
	}
	t.s.activities[k] = a
}

func (t taker) retention(n *node) Retention {
	d, _ := days(n.str("period"))
	return Retention{n.str("period"), d, n.str("from"), n.str("enforce"), n.str("law"), t.categories(n.list("categories")), t.at(n)}
}

// categories keeps the known keys, old ones under their new names.
func (t taker) categories(list []*node) []string {
	var out []string
	for _, n := range list {
		if to, _, ok := t.s.tax.canonicalCategory(n.text); ok && n.kind == scalarNode {
			out = append(out, to)
		}
	}
	return out
}

func (t taker) schema(k string, n *node) {
	t.s.schemas[k] = &schema{
		fields: t.fields(n.get("fields"), ""), subjects: texts(n.list("subjects")), rest: n.str("rest"), extends: n.str("extends"),
		drop: texts(n.list("drop")), origin: t.at(n), review: t.review(n.get("review")),
		reviewPlace: t.place(n.on("review").on("expires")),
	}
}

func (t taker) review(n *node) Review { return Review{n.str("by"), n.str("on"), n.str("expires")} }

// fields flattens nested maps into paths.
func (t taker) fields(n *node, prefix string) []fieldStatement {
	if n == nil || n.kind != mapNode {
		return nil
	}
	var out []fieldStatement
	for i, k := range n.keys {
		v, path := n.items[i], prefix+k.text
		f := fieldStatement{path: path, origin: t.at(k)}
		switch {
		case v.kind == mapNode && v.get("category") == nil:
			out = append(out, t.fields(v, path+".")...)
			continue
		case v.kind == mapNode:
			f.may, f.subjects, f.reason = t.categories(v.list("may_contain")), texts(v.list("subjects")), v.str("reason")
			f.confidence, _ = strconv.ParseFloat(v.str("confidence"), 64) // 0 where there is none
			if c := v.str("category"); c == "none" || c == "unknown" {
				f.state = c
			} else {
				f.categories = t.categories(v.list("category"))
			}
		case v.kind == scalarNode && (v.text == "none" || v.text == "unknown"):
			f.state = v.text
		case v.kind == listNode:
			f.categories = t.categories(v.items)
		default:
			f.categories = t.categories([]*node{v})
		}
		out = append(out, f)
	}
	return out
}

func (t taker) resource(n *node) {
	if n.kind != mapNode || n.get("match") == nil {
		return
	}
	r := &resource{
		id: n.str("id"), match: takeMatch(n.get("match")), schema: n.str("schema"), fields: t.fields(n.get("fields"), ""),
		reason: n.str("reason"), subjects: texts(n.list("subjects")), activities: texts(n.list("activities")), owner: n.str("owner"),
		review: t.review(n.get("review")), passes: t.categories(n.list("passes")), identity: n.str("identity_key"), needs: t.categories(n.list("needs")),
		readers: texts(n.list("readers")), system: n.str("system"), origin: t.at(n), file: t.file, line: n.line, col: n.column, places: map[string]string{}, node: n,
	}
	for i, k := range n.keys {
		r.places[k.text] = t.place(n.items[i])
		if k.text == "review" {
			r.places[k.text] = t.place(n.items[i].on("expires"))
		}
	}
	if d := n.get("data"); d != nil && d.text == "none" {
		r.none = true
	} else {
		r.data = t.categories(n.list("data"))
	}
	for _, x := range n.list("not") {
		cat := ""
		if l := t.categories(x.list("category")); len(l) == 1 {
			cat = l[0]
		}
		r.not = append(r.not, Removal{cat, x.str("field"), x.str("reason"), x.str("by"), x.str("on"), x.str("expires"), x.str("proof"), t.at(x), t.place(x.on("expires"))})
	}
	for _, x := range n.list("protects") {
		term := t.s.tax.Protection[x.str("state")]
		p := Protection{
			State: x.str("state"), Inputs: t.categories(x.list("inputs")), Becomes: t.categories(x.list("becomes")), Drops: t.categories(x.list("drops")),
			On: texts(x.list("on")), Method: x.str("method"), Key: cmp.Or(x.str("key_or_table_location"), x.str("key"), x.str("vault")),
			Reviewer: x.str("reviewer"), Expires: x.str("expires"), Effect: term.Effect, Origin: t.at(x), Place: t.place(x.on("expires")),
		}
		if len(p.Becomes) == 0 {
			p.Becomes = term.Becomes
		}
		p.Missing = t.missingProofs(x, p)
		p.Group, _ = strconv.Atoi(x.str("minimum_group_size")) // 0 where it is no number, which is reported
		r.protects = append(r.protects, p)
	}
	if x := n.get("retention"); x != nil && x.kind == mapNode {
		ret := t.retention(x)
		r.retention = &ret
	}
	if x := n.get("erasure"); x != nil {
		r.erasure = &Erasure{x.str("how"), x.str("by"), x.str("lag"), x.str("reason")}
	}
	if x := n.get("volume"); x != nil {
		subjects, _ := strconv.Atoi(x.str("subjects"))
		records, _ := strconv.Atoi(x.str("records"))
		r.volume = &Volume{subjects, records, x.str("as_of"), x.str("source")}
	}
	t.s.resources = append(t.s.resources, r)
	if r.id != "" {
		t.s.byID[r.id] = r
	}
}

func (t taker) selector(n *node) Selector {
	switch {
	case n == nil:
		return Selector{}
	case n.kind == scalarNode:
		return Selector{Resource: n.text}
	case n.str("party") != "":
		return Selector{Party: n.str("party")}
	}
	m := takeMatch(n)
	return Selector{Match: &m}
}

func (t taker) flow(n *node) {
	if n.kind != mapNode {
		return
	}
	f := FlowRule{From: t.selector(n.get("from")), To: t.selector(n.get("to")), Via: n.str("via"), Purpose: n.str("purpose"), TLS: n.get("transport").str("tls"), Origin: t.at(n), fromPlace: t.place(n.on("from")), toPlace: t.place(n.on("to"))}
	if c := n.str("carries"); strings.HasPrefix(c, "schema:") {
		for _, x := range t.s.flatten(strings.TrimPrefix(c, "schema:"), map[string]bool{}) {
			f.Carries = append(f.Carries, x.categories...)
		}
		slices.Sort(f.Carries)
		f.Carries = slices.Compact(f.Carries)
	} else if n.get("carries") != nil {
		f.Carries = t.categories(n.list("carries"))
	}
	t.s.flows = append(t.s.flows, f)
}

func (t taker) accept(n *node) {
	a := Acceptance{Finding: n.str("finding"), Reason: n.str("reason"), By: n.str("by"), Expires: n.str("expires"), Resource: n.str("on"), Origin: t.at(n), Place: t.place(n)}
	if m := n.get("on"); m != nil && m.kind == mapNode {
		x := takeMatch(m)
		a.Match = &x
	}
	t.s.accept = append(t.s.accept, a)
}

func (t taker) settings(n *node) {
	if n == nil {
		return
	}
	x := &t.s.settings
	x.TagPrefix = cmp.Or(n.str("tag_prefix"), x.TagPrefix)
	x.Include = append(x.Include, texts(n.list("include"))...)
	for key, to := range map[string]*int{"review_after": &x.ReviewDays, "unknown_after": &x.UnknownDays} {
		if d, ok := days(n.get("defaults").str(key)); ok {
			*to = d
		}
	}
	if v, err := strconv.Atoi(n.str("small_group")); err == nil {
		x.SmallGroup = v
	}
	x.Home = append(x.Home, texts(n.get("home").list("countries"))...)
	x.HomeRegions = append(x.HomeRegions, texts(n.get("home").list("regions"))...)
	if m := n.get("accounts"); m != nil && m.kind == mapNode {
		for i, k := range m.keys {
			x.Accounts[k.text] = m.items[i].text
		}
	}
	for _, a := range n.list("tag_aliases") {
		means := a.get("means")
		conf, err := strconv.ParseFloat(means.str("confidence"), 64)
		if err != nil {
			conf = 0.9
		}
		x.Aliases = append(x.Aliases, TagAlias{a.str("key"), a.str("value"), t.categories(means.list("data")), texts(means.list("subjects")), means.str("hint"), means.str("owner"), conf})
	}
}

// flatten resolves a schema with what it extends and drops. seen breaks circles,
// which are reported as E207.
func (s *Set) flatten(name string, seen map[string]bool) []fieldStatement {
	sc := s.schemas[name]
	if sc == nil || seen[name] {
		return nil
	}
	seen[name] = true
	var out []fieldStatement
	for _, f := range s.flatten(sc.extends, seen) {
		if !slices.ContainsFunc(sc.drop, func(d string) bool { return f.path == d || strings.HasPrefix(f.path, d+".") }) {
			out = append(out, f)
		}
	}
	for _, f := range sc.fields {
		out = slices.DeleteFunc(out, func(o fieldStatement) bool { return o.path == f.path })
		out = append(out, f)
	}
	return out
}

// schemaSubjects are the subjects of a schema, or of what it extends.
func (s *Set) schemaSubjects(name string) []string {
	for seen := map[string]bool{}; name != "" && !seen[name]; {
		seen[name] = true
		sc := s.schemas[name]
		if sc == nil {
			return nil
		}
		if len(sc.subjects) > 0 {
			return sc.subjects
		}
		name = sc.extends
	}
	return nil
}
