package annotations

import (
	"cmp"
	"slices"
	"strings"
)

// Statement is what all layers together say about one resource.
type Statement struct {
	Stated      bool     // a file entry or a data tag speaks of this resource itself
	ResourceIDs []string // ids of the matching entries
	Categories  []Stated // union over layers, less what was removed
	Removed     []Removal
	// RemovedCategories are those taken away by a person, with the removal's index.
	None       bool
	NoneReason string
	NoneOrigin string
	Hint       string // a tag says "none": shown, never believed

	Retention   *Retention
	Subjects    []string
	Activities  []string
	Owner       string
	Protects    []Protection
	Passes      []string
	Needs       []string
	Readers     []string
	Erasure     *Erasure
	Volume      *Volume
	IdentityKey string
	System      string
	Review      Review
}

// Stated is a category that somebody named.
type Stated struct {
	Category   string
	Field      string // path; empty for the resource as a whole
	Subjects   []string
	MayContain bool
	Confidence float64
	Origin     string // file:line, or "tag gdpr:data"
	Rank       int    // layer: 1 exact entry, 2 pattern, 3 tag
}

// For merges what is said about a target. Set-like properties are the union of all
// layers; single values come from the highest rank, within it from the most exact.
func (s *Set) For(t Target) Statement {
	var st Statement
	var removals []Removal
	for _, r := range s.matching(t) {
		rank := 2
		if r.match.exact() {
			rank = 1
		}
		s.entry(&st, r, rank)
		removals = append(removals, r.not...)
	}
	s.tags(&st, t)
	st.Removed = removals
	st.Categories = slices.DeleteFunc(st.Categories, func(c Stated) bool {
		return slices.ContainsFunc(removals, func(x Removal) bool { return x.takes(c) })
	})
	st.finish()
	return st
}

// takes tells whether a removal takes a statement away.
func (x Removal) takes(c Stated) bool {
	if x.Field != "" && x.Field != c.Field {
		return false
	}
	return x.Category == "" && x.Field != "" || x.Category != "" && Covers(x.Category, c.Category)
}

func (s *Set) entry(st *Statement, r *resource, rank int) {
	st.Stated = true
	if r.id != "" {
		st.ResourceIDs = append(st.ResourceIDs, r.id)
	}
	subjects := r.subjects
	if len(subjects) == 0 {
		subjects = s.schemaSubjects(r.schema)
	}
	st.Subjects = append(st.Subjects, subjects...)
	st.Activities = append(st.Activities, r.activities...)
	add := func(category, field string, may bool, own []string, origin string) {
		if len(own) == 0 {
			own = subjects
		}
		st.Categories = append(st.Categories, Stated{category, field, own, may, 1, origin, rank})
	}
	for _, c := range r.data {
		add(c, "", false, nil, r.origin)
	}
	for _, f := range append(s.flatten(r.schema, map[string]bool{}), r.fields...) {
		for _, c := range f.categories {
			add(c, f.path, false, f.subjects, f.origin)
		}
		for _, c := range f.may {
			add(c, f.path, true, f.subjects, f.origin)
		}
	}
	if r.none && !st.None {
		st.None, st.NoneReason, st.NoneOrigin = true, r.reason, r.origin
	}
	if st.Retention == nil {
		st.Retention = r.retention
	}
	st.Owner = cmp.Or(st.Owner, r.owner)
	st.IdentityKey = cmp.Or(st.IdentityKey, r.identity)
	st.System = cmp.Or(st.System, r.system)
	if st.Erasure == nil {
		st.Erasure = r.erasure
	}
	if st.Volume == nil {
		st.Volume = r.volume
	}
	if st.Review == (Review{}) {
		st.Review = r.review
	}
	st.Protects = append(st.Protects, r.protects...)
	st.Passes = append(st.Passes, r.passes...)
	st.Needs = append(st.Needs, r.needs...)
	st.Readers = append(st.Readers, r.readers...)
}

// tags adds what resource tags say: they may add, never remove.
func (s *Set) tags(st *Statement, t Target) {
	p := s.settings.TagPrefix
	for _, key := range s.tagsOf(t) {
		value := t.Tags[key]
		name, ours := strings.CutPrefix(key, p)
		switch {
		case !ours:
			s.alias(st, key, value)
		case name == "data" && value == "none":
			st.Hint = "tag " + key + " says none"
		case name == "data" || strings.HasPrefix(name, "data."):
			for _, c := range strings.Split(value, "+") {
				if to, _, ok := s.tax.canonicalCategory(strings.TrimSpace(c)); ok {
					st.Stated = true
					st.Categories = append(st.Categories, Stated{Category: to, Confidence: 0.9, Origin: "tag " + key, Rank: 3})
				}
			}
		case name == "schema":
			for _, f := range s.flatten(value, map[string]bool{}) {
				st.Stated = true
				for _, c := range f.categories {
					st.Categories = append(st.Categories, Stated{Category: c, Field: f.path, Subjects: s.schemaSubjects(value), Confidence: 0.9, Origin: "tag " + key, Rank: 3})
				}
			}
		case name == "subjects":
			st.Subjects = append(st.Subjects, splitKnown(value, func(k string) bool { _, ok := s.tax.Subjects[k]; return ok })...)
		case name == "activity":
			st.Activities = append(st.Activities, splitKnown(value, func(k string) bool { _, ok := s.activities[k]; return ok })...)
		case name == "retention" && st.Retention == nil:
			if d, ok := days(value); ok {
				st.Retention = &Retention{Period: value, Days: d, Origin: "tag " + key}
			}
		case name == "owner":
			st.Owner = cmp.Or(st.Owner, value)
		case name == "reviewed" && st.Review.On == "":
			st.Review.On = value
		}
	}
}

func (s *Set) alias(st *Statement, key, value string) {
	for _, a := range s.settings.Aliases {
		if a.Key != key || a.Value != "" && !tagMatch(a.Value, value) {
			continue
		}
		if a.Hint != "" {
			st.Hint = "tag " + key + "=" + value + " says " + a.Hint
		}
		for _, c := range a.Data {
			st.Stated = true
			st.Categories = append(st.Categories, Stated{Category: c, Subjects: a.Subjects, Confidence: a.Confidence, Origin: "tag " + key, Rank: 3})
		}
		st.Subjects = append(st.Subjects, a.Subjects...)
	}
}

func splitKnown(value string, known func(string) bool) []string {
	var out []string
	for _, k := range strings.Split(value, "+") {
		if k = strings.TrimSpace(k); known(k) {
			out = append(out, k)
		}
	}
	return out
}

// finish sorts the set-like properties and drops repeats.
func (st *Statement) finish() {
	for _, l := range []*[]string{&st.Subjects, &st.Activities, &st.Passes, &st.Needs, &st.Readers, &st.ResourceIDs} {
		slices.Sort(*l)
		*l = slices.Compact(*l)
	}
	slices.SortStableFunc(st.Categories, func(a, b Stated) int {
		return cmp.Or(cmp.Compare(a.Category, b.Category), cmp.Compare(a.Field, b.Field), a.Rank-b.Rank, cmp.Compare(a.Origin, b.Origin))
	})
	st.Categories = slices.CompactFunc(st.Categories, func(a, b Stated) bool { return a.Category == b.Category && a.Field == b.Field })
	for i := range st.Categories {
		if len(st.Categories[i].Subjects) == 0 {
			st.Categories[i].Subjects = st.Subjects
		}
	}
}

// Selects tells whether a selector means a target.
func (s *Set) Selects(sel Selector, t Target) bool {
	switch {
	case sel.Match != nil:
		return sel.Match.Matches(t)
	case sel.Resource != "":
		r := s.byID[sel.Resource]
		return r != nil && r.match.Matches(t)
	}
	return false
}
