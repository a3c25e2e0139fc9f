package annotations

import (
	"cmp"
	"slices"
	"time"
)

// removal is a Removal with what it acts on.
type removal struct {
	Removal
	by      *resource
	whole   bool // "data: none"
	field   bool // a field whose category is "none"
	expired bool
}

// said is one statement of one layer about one category.
type said struct {
	Stated
	entry *resource // of rank 1 and 2
	stale bool
	piece Evidence // of rank 3 and more
}

// collected is everything all layers say about a target, before it is merged.
type collected struct {
	set      *Set
	target   string // ARN
	entries  []*resource
	said     []said
	removals []removal
	none     *resource
	st       Statement
}

func (s *Set) collect(t Target) *collected {
	c := &collected{set: s, target: t.ARN, entries: s.matching(t)}
	for _, r := range c.entries {
		c.entry(r)
	}
	c.tags(t)
	for _, e := range s.EvidenceFor(t) {
		if e.Category == "none" {
			says := e.Source + " says none"
			if e.Field != "" {
				says += " of " + e.Field
			}
			c.st.Hint = cmp.Or(c.st.Hint, says)
			continue
		}
		c.evidence(e)
	}
	for _, x := range s.claimsFor(t) {
		c.claim(x)
	}
	return c
}

func (c *collected) evidence(e Evidence) {
	if e.Rank <= RankTemplate && e.Field == "" {
		c.st.Stated = true
	}
	c.said = append(c.said, said{
		Stated: Stated{Category: e.Category, Field: e.Field, Subjects: e.Subjects, MayContain: e.MayContain, Confidence: e.Confidence, Origin: e.Source, Rank: e.Rank}, piece: e,
	})
}

func (c *collected) claim(x Claim) {
	st := &c.st
	st.Subjects = append(st.Subjects, x.Subjects...)
	st.Activities = append(st.Activities, x.Activities...)
	st.Passes = append(st.Passes, x.Passes...)
	st.Owner, st.IdentityKey, st.System = cmp.Or(st.Owner, x.Owner), cmp.Or(st.IdentityKey, x.IdentityKey), cmp.Or(st.System, x.System)
	if st.Retention == nil {
		st.Retention = x.Retention
	}
}

func (r *resource) rank() int {
	if r.match.exact() {
		return RankExact
	}
	return RankPattern
}

// speaks tells whether an entry says anything: a skeleton whose fields are all unknown
// does not.
func (r *resource) speaks() bool {
	for property := range r.places {
		switch property {
		case "id", "match", "review", "reason", "fields":
		default:
			return true
		}
	}
	return slices.ContainsFunc(r.fields, func(f fieldStatement) bool {
		return len(f.categories) > 0 || len(f.may) > 0 || f.state == string(None)
	})
}

// entry takes over what one entry of the files says.
func (c *collected) entry(r *resource) {
	s, st := c.set, &c.st
	st.Stated = st.Stated || r.speaks()
	if r.id != "" {
		st.ResourceIDs = append(st.ResourceIDs, r.id)
	}
	subjects := r.subjects
	if len(subjects) == 0 {
		subjects = s.schemaSubjects(r.schema)
	}
	st.Subjects = append(st.Subjects, subjects...)
	st.Activities = append(st.Activities, r.activities...)
	c.categories(r, subjects)
	c.removes(r)
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
		st.Review = s.lasting(r.review)
	}
	if st.Protects == nil {
		st.Protects = r.protects
	}
	st.Passes = append(st.Passes, r.passes...)
	st.Needs = append(st.Needs, r.needs...)
	st.Readers = append(st.Readers, r.readers...)
}

func (c *collected) categories(r *resource, subjects []string) {
	stale := c.set.staleEntry(r)
	add := func(category, field string, may bool, own []string, origin string) {
		if len(own) == 0 {
			own = subjects
		}
		c.said = append(c.said, said{
			Stated: Stated{Category: category, Field: field, Subjects: own, MayContain: may, Confidence: 1, Origin: origin, Rank: r.rank()}, entry: r, stale: stale,
		})
	}
	for _, k := range r.data {
		add(k, "", false, nil, r.origin)
	}
	for _, f := range c.set.fieldsOf(r) {
		for _, k := range f.categories {
			add(k, f.path, false, f.subjects, f.origin)
		}
		for _, k := range f.may {
			add(k, f.path, true, f.subjects, f.origin)
		}
	}
}

// fieldsOf are the fields of an entry: its schema, with its own fields in place of
// those of the same path.
func (s *Set) fieldsOf(r *resource) []fieldStatement {
	out := s.flatten(r.schema, map[string]bool{})
	for _, f := range r.fields {
		out = slices.DeleteFunc(out, func(o fieldStatement) bool { return o.path == f.path })
	}
	return append(out, r.fields...)
}

// staleEntry tells whether the review of an entry, or of its schema, has run out.
func (s *Set) staleEntry(r *resource) bool {
	if s.lasting(r.review).Expired(s.now) {
		return true
	}
	sc := s.schemas[r.schema]
	return r.review == (Review{}) && sc != nil && s.lasting(sc.review).Expired(s.now)
}

// lasting gives a review without an end the end of the settings. Source: privacy model,
// "Review and expiry".
func (s *Set) lasting(r Review) Review {
	if r.Expires == "" && r.On != "" {
		if on, err := time.Parse(time.DateOnly, r.On); err == nil {
			r.Expires = on.AddDate(0, 0, cmp.Or(s.settings.ReviewDays, defaultReviewDays)).Format(time.DateOnly)
		}
	}
	return r
}

// forgotten tells whether a review lies so far back that the settings take what it said
// for unknown.
func (s *Set) forgotten(r Review) bool {
	on, err := time.Parse(time.DateOnly, r.On)
	return err == nil && s.settings.UnknownDays > 0 && !s.now.IsZero() && s.lasting(r).Expired(s.now) && s.now.After(on.AddDate(0, 0, s.settings.UnknownDays+1))
}

// defaultReviewDays holds where settings.defaults.review_after is silent: one year.
const defaultReviewDays = 365

// removes takes over what an entry takes away. "none" on a field or on the whole
// resource is a removal of everything there.
func (c *collected) removes(r *resource) {
	now := c.set.now
	for _, x := range r.not {
		c.removals = append(c.removals, removal{Removal: x, by: r, expired: expired(x.Expires, now)})
	}
	for _, f := range c.set.fieldsOf(r) {
		if f.state == string(None) {
			c.removals = append(c.removals, removal{
				Removal: Removal{Field: f.path, Reason: f.reason, By: r.review.By, On: r.review.On, Expires: c.set.lasting(r.review).Expires, Origin: f.origin}, by: r, field: true, expired: c.set.staleEntry(r),
			})
		}
	}
	if r.none {
		if c.none == nil || !r.match.lessExact(&c.none.match) && c.set.lasting(r.review).Expires > c.set.lasting(c.none.review).Expires {
			c.none = r // of equally exact ones the one that holds longest
		}
		c.removals = append(c.removals, removal{
			Removal: Removal{Reason: r.reason, By: r.review.By, On: r.review.On, Expires: r.review.Expires, Origin: r.origin}, by: r, whole: true, expired: c.set.lasting(r.review).Expired(now),
		})
	}
}

// takes tells whether a removal speaks of a statement. What "not" names it takes from
// every layer; "none" yields to entries that are as exact as its own, or more.
func (x *removal) takes(y *said) bool {
	if x.whole || x.field {
		if y.entry != nil && !y.entry.match.lessExact(&x.by.match) {
			return false
		}
		return x.whole || y.Field != "" && fieldMatch(x.Field, y.Field)
	}
	return x.Removal.takes(y.Stated)
}

// takes tells whether a removal takes a statement away.
func (x Removal) takes(c Stated) bool {
	if x.Field != "" && !fieldMatch(x.Field, c.Field) {
		return false
	}
	return x.Category == "" && x.Field != "" || x.Category != "" && Covers(x.Category, c.Category)
}
