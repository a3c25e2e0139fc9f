package annotations

import (
	"cmp"
	"slices"
)

// Coverage counts the fields that have their own statement. What is said of a resource
// as a whole does not count: a new field would be covered the day it appears.
type Coverage struct {
	Rows []CoverageRow // by kind, then account
	// NoFields are resources none of whose fields are known; they count nowhere.
	NoFields []Target
	// NoOwner are resources nobody is named for.
	NoOwner []Target
}

// CoverageRow is one kind of resource in one account.
type CoverageRow struct {
	Kind      string        `json:"kind"`
	Account   string        `json:"account"`
	Resources int           `json:"resources"`
	Fields    int           `json:"fields"` // known: seen, listed or named by evidence
	Own       int           `json:"own"`    // of them with their own statement
	States    map[State]int `json:"states"` // fields by state
}

// Cover counts over targets.
func (s *Set) Cover(targets []Target) Coverage {
	var out Coverage
	rows := map[[2]string]*CoverageRow{}
	for _, t := range targets {
		if s.For(t).Owner == "" {
			out.NoOwner = append(out.NoOwner, t)
		}
		fields := slices.DeleteFunc(s.Fields(t), func(f FieldState) bool { return wildPath(f.Path) })
		if len(fields) == 0 {
			out.NoFields = append(out.NoFields, t)
			continue
		}
		key := [2]string{t.Kind, t.Account}
		r := rows[key]
		if r == nil {
			r = &CoverageRow{Kind: t.Kind, Account: t.Account, States: map[State]int{}}
			rows[key] = r
		}
		r.Resources++
		for _, f := range fields {
			r.Fields++
			r.States[f.State]++
			if f.Own {
				r.Own++
			}
		}
	}
	for _, r := range rows {
		out.Rows = append(out.Rows, *r)
	}
	slices.SortFunc(out.Rows, func(a, b CoverageRow) int {
		return cmp.Or(cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Account, b.Account))
	})
	for _, l := range [][]Target{out.NoFields, out.NoOwner} {
		slices.SortFunc(l, func(a, b Target) int { return cmp.Or(cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.ARN, b.ARN)) })
	}
	return out
}

// Total adds up the rows.
func (c Coverage) Total() (own, fields int) {
	for _, r := range c.Rows {
		own, fields = own+r.Own, fields+r.Fields
	}
	return own, fields
}
