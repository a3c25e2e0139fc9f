package annotations

import (
	"cmp"
	"fmt"
	"slices"
)

// Deadline is the day after which a statement holds no longer.
type Deadline struct {
	What    string // "resources \"orders\"", "accept \"KMS-ROT-001\""
	Owner   string // who reviews it: the reviewer, else the owner
	On      string // when it was reviewed; empty where nothing says so
	Expires string // 2026-01-31
	Place   string // file:line:column
}

// Deadlines lists every statement of the files that ends on a day, the first to end on
// top, then by place.
func (s *Set) Deadlines() []Deadline {
	var out []Deadline
	add := func(what, owner, on, expires, place string) {
		if expires != "" {
			out = append(out, Deadline{what, owner, on, expires, place})
		}
	}
	for _, r := range s.resources {
		what := fmt.Sprintf("resources %q", r.name())
		v := s.lasting(r.review)
		add(what, cmp.Or(v.By, r.owner), v.On, v.Expires, cmp.Or(r.places["review"], r.origin))
		for _, x := range r.not {
			add(what+" not "+cmp.Or(x.Category, x.Field), cmp.Or(x.By, r.owner), x.On, x.Expires, x.Place)
		}
		for _, p := range r.protects {
			add(what+" protects "+p.State, cmp.Or(p.Reviewer, r.owner), "", p.Expires, p.Place)
		}
	}
	for _, k := range keys(s.schemas) {
		v := s.lasting(s.schemas[k].review)
		add(fmt.Sprintf("schemas %q", k), v.By, v.On, v.Expires, s.schemas[k].reviewPlace)
	}
	for _, k := range keys(s.activities) {
		a := s.activities[k]
		v := s.lasting(a.Review)
		add(fmt.Sprintf("activities %q", k), cmp.Or(v.By, a.Owner), v.On, v.Expires, a.ReviewPlace)
	}
	for _, p := range s.Parties() {
		add(fmt.Sprintf("parties %q contract", p.Key), "", p.ContractSigned, p.ContractExpires, p.ContractPlace)
	}
	for _, a := range s.accept {
		add(fmt.Sprintf("accept %q", a.Finding), a.By, "", a.Expires, a.Place)
	}
	slices.SortStableFunc(out, func(a, b Deadline) int {
		return cmp.Or(cmp.Compare(a.Expires, b.Expires), cmp.Compare(a.Place, b.Place), cmp.Compare(a.What, b.What))
	})
	return out
}
