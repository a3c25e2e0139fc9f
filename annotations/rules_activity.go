package annotations

import (
	"fmt"
	"slices"
	"strings"
)

// activityRules asks of an activity what Art. 6 to 10, 22, 26 and 30 GDPR ask of a line
// of the record.
func (s *Set) activityRules(k string, n *node, c *checker) {
	subjects := texts(n.list("subjects"))
	basis, used := n.str("lawful_basis"), n.str("use")
	switch {
	case basis == "" && n.str("acts_as") != "processor": // a processor has its controller's basis
		c.add(n, "E401", fmt.Sprintf(`activity %q needs "lawful_basis"`, k), "")
	case basis == "consent" && n.get("consent_record") == nil:
		c.add(n.on("lawful_basis"), "E402", `lawful basis "consent" needs "consent_record"`, "")
	case basis == "legitimate_interests" && (n.str("interest") == "" || n.str("balancing_test") == ""):
		c.add(n.on("lawful_basis"), "E403", `lawful basis "legitimate_interests" needs "interest" and "balancing_test"`, "")
	case (basis == "legal_obligation" || basis == "public_task") && n.str("law") == "":
		c.add(n.on("lawful_basis"), "E404", fmt.Sprintf(`lawful basis %q needs "law"`, basis), "")
	}
	if n.str("acts_as") == "processor" && len(n.list("for")) == 0 {
		c.add(n, "E106", fmt.Sprintf(`activities %q needs "for"`, k), "name the controllers on whose behalf it is done")
	}
	if len(n.list("joint_controllers")) > 0 && n.str("arrangement") == "" {
		c.add(n.on("joint_controllers"), "E408", `"joint_controllers" needs "arrangement" (Art. 26)`, "")
	}
	if basis == "consent" && slices.ContainsFunc(subjects, s.tax.ChildSubject) {
		c.add(n.on("lawful_basis"), "W416", `subject "minor" with consent: note age check and parental consent (Art. 8)`, "")
	}
	if Covers("collect", used) {
		c.add(n.on("use"), "W417", `use "collect" says that the purpose is not settled`, "")
	}
	if basis == "consent" && slices.ContainsFunc(subjects, func(x string) bool { return x == "employee" || s.tax.Subjects[x].Fallback == "employee" }) {
		c.add(n.on("lawful_basis"), "W419", "consent of employees is rarely free; check the basis", "")
	}
	if Covers("personalize.automated_decision", used) && n.get("automated_decisions") == nil {
		c.add(n.on("use"), "E420", `use "personalize.automated_decision" needs "automated_decisions"`, "")
	}
	s.conditionNeeds(n, c)
	s.activityData(k, n, c)
}

// conditionNeeds asks for the law where a condition of Art. 9 or 10 rests on one.
func (s *Set) conditionNeeds(n *node, c *checker) {
	for key, terms := range map[string]map[string]Term{"special_condition": s.tax.Special, "criminal_condition": s.tax.Criminal} {
		for _, need := range terms[n.str(key)].Needs {
			if n.str(need) == "" {
				c.add(n.on(key), "E404", fmt.Sprintf("%s %q needs %q", strings.ReplaceAll(key, "_", " "), n.str(key), need), "")
			}
		}
	}
}

// use of data: which category, and where an entry says so.
type dataUse struct {
	category, resource, field string
	may                       bool
}

// usedBy lists what the entries that name an activity hold, by category then place.
func (s *Set) usedBy(activity string) []dataUse {
	var out []dataUse
	for _, r := range s.resources {
		if !slices.Contains(r.activities, activity) {
			continue
		}
		name := r.name()
		for _, k := range r.data {
			out = append(out, dataUse{k, name, "", false})
		}
		for _, f := range s.fieldsOf(r) {
			for _, k := range f.categories {
				out = append(out, dataUse{k, name, f.path, false})
			}
			for _, k := range f.may {
				out = append(out, dataUse{k, name, f.path, true})
			}
		}
	}
	slices.SortStableFunc(out, func(a, b dataUse) int {
		return strings.Compare(a.category+"\x00"+a.resource+"\x00"+a.field, b.category+"\x00"+b.resource+"\x00"+b.field)
	})
	return out
}

func (u dataUse) place() string {
	if u.field == "" {
		return u.resource
	}
	return u.resource + "." + u.field
}

// name is what people call an entry.
func (r *resource) name() string {
	for _, n := range []string{r.id, r.match.ARN, r.match.Name, r.match.LogicalID, r.match.Kind} {
		if n != "" {
			return n
		}
	}
	return fmt.Sprintf("%s:%d", r.file, r.line)
}

// activityData compares an activity with what the entries that name it hold: special
// and criminal data need a condition, every category a time limit, and categories that
// are listed must be those that are there.
func (s *Set) activityData(k string, n *node, c *checker) {
	declared := taker{s, c.file}.categories(n.list("categories"))
	uses := s.usedBy(k)
	seen := map[string]bool{}
	for _, u := range uses {
		if !Personal(u.category) || u.may || seen[u.category] {
			continue
		}
		seen[u.category] = true
		if s.tax.SpecialCategory(u.category) && n.str("special_condition") == "" {
			c.add(n, "E406", fmt.Sprintf(`activity %q processes special category %q (from %s) and has no "special_condition"`, k, u.category, u.place()), "")
		}
		if s.tax.CriminalCategory(u.category) && n.str("criminal_condition") == "" {
			c.add(n, "E407", fmt.Sprintf(`activity %q processes criminal data %q and has no "criminal_condition"`, k, u.category), "")
		}
		if !s.limited(k, u.category) {
			c.add(n.on("retention"), "W418", fmt.Sprintf("activity %q has no retention for %q", k, u.category), "")
		}
		if len(declared) > 0 && !slices.ContainsFunc(declared, func(d string) bool { return Covers(d, u.category) }) {
			c.add(n.on("categories"), "W421", fmt.Sprintf("activity %q: %q reaches %s but is not declared", k, u.category, u.resource), "")
		}
	}
	for _, d := range n.list("categories") {
		key, _, ok := s.tax.canonicalCategory(d.text)
		if ok && !slices.ContainsFunc(uses, func(u dataUse) bool { return Covers(key, u.category) || Covers(u.category, key) }) {
			c.add(d, "W421", fmt.Sprintf("activity %q: %q is declared but no resource holds it", k, key), "")
		}
	}
	if len(uses) == 0 && len(s.activities[k].Retention) == 0 {
		c.add(n, "W418", fmt.Sprintf("activity %q has no retention for %q", k, "user"), "")
	}
}

// limited tells whether an activity gives a time limit for a category.
func (s *Set) limited(activity, category string) bool {
	return slices.ContainsFunc(s.activities[activity].Retention, func(r Retention) bool {
		return r.Period != "" && (len(r.Categories) == 0 || slices.ContainsFunc(r.Categories, func(k string) bool { return Covers(k, category) }))
	})
}

// Arrival says that a category is, or arrives, at a resource that activities name.
type Arrival struct {
	Resource, Category string
	Activities         []string
}

// CheckArrivals reports categories that reach the resources of an activity whose own list
// of categories does not name them. What the entries themselves hold was compared when
// the files were read.
func (s *Set) CheckArrivals(list []Arrival) []Diagnostic {
	c := &checker{report: &reporter{}, tax: s.tax, places: s.places}
	seen := map[string]bool{}
	for _, r := range list {
		for _, k := range r.Activities {
			a, ok := s.activities[k]
			covered := func(d string) bool { return Covers(d, r.Category) }
			if !ok || len(a.Categories) == 0 || !Personal(r.Category) || slices.ContainsFunc(a.Categories, covered) || seen[k+" "+r.Category] ||
				slices.ContainsFunc(s.usedBy(k), func(u dataUse) bool { return u.category == r.Category && !u.may }) {
				continue
			}
			seen[k+" "+r.Category] = true
			c.at(a.CategoriesPlace, "W421", fmt.Sprintf("activity %q: %q reaches %s but is not declared", k, r.Category, r.Resource))
		}
	}
	return c.report.sorted()
}
