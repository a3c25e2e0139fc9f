package annotations

import (
	"cmp"
	"slices"
	"strings"
	"time"
)

// Statement is what all layers together say about one resource.
type Statement struct {
	Stated      bool     // a file entry or a data tag speaks of this resource itself
	ResourceIDs []string // ids of the matching entries
	Categories  []Stated // union over layers, less what was removed
	Removed     []Removal
	// None is true when a person said "no personal data" and no more exact entry, and
	// no strong evidence, says otherwise. It stays true past its review; see Review.
	None       bool
	NoneReason string
	NoneOrigin string
	Hint       string // a tag or another tool says "none": shown, never believed

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
	Review      Review // of the statement "none" where there is one, else of the most exact entry
}

// Stated is a category that somebody named, all layers together.
type Stated struct {
	Category   string
	Field      string // path; empty for the resource as a whole
	Subjects   []string
	MayContain bool
	Confidence float64 // of all layers that name it
	Origin     string  // of the best layer: file:line, or "tag gdpr:data"
	Rank       int     // of the best layer
	State      State   // declared, inferred, weak, disputed or stale
	// From is what layers below the files say; empty where people alone speak.
	From []Evidence
}

// AsOf returns the set as it is to be read at a time: removals and reviews whose last
// day is past count as expired. Without it nothing is expired.
func (s *Set) AsOf(now time.Time) *Set {
	out := *s
	out.now = now
	return &out
}

// For merges what is said about a target. Set-like properties are the union of all
// layers; single values come from the highest rank, within it from the most exact.
func (s *Set) For(t Target) Statement {
	c := s.collect(t)
	st := c.st
	st.Categories = c.merge()
	st.Removed = nil
	for _, x := range c.removals {
		if x.Origin != "" && !x.whole {
			st.Removed = append(st.Removed, x.Removal)
		}
	}
	if c.none != nil {
		st.None, st.NoneReason, st.NoneOrigin, st.Review = true, c.none.reason, c.none.origin, s.lasting(c.none.review)
		named := func(x Stated) bool { return x.State == Disputed || x.Rank <= RankPattern }
		if slices.ContainsFunc(st.Categories, named) || s.forgotten(c.none.review) {
			st.None = false
		}
	}
	st.finish()
	return st
}

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

// merge groups what was said by category and field and gives each group its state.
func (c *collected) merge() []Stated {
	slices.SortStableFunc(c.said, func(a, b said) int {
		return cmp.Or(cmp.Compare(a.Category, b.Category), cmp.Compare(a.Field, b.Field), order(a.MayContain, b.MayContain), a.Rank-b.Rank, cmp.Compare(a.Origin, b.Origin))
	})
	var out []Stated
	for i := 0; i < len(c.said); {
		j := i + 1
		for j < len(c.said) && c.said[j].Category == c.said[i].Category && c.said[j].Field == c.said[i].Field && c.said[j].MayContain == c.said[i].MayContain {
			j++
		}
		if x, ok := c.group(c.said[i:j]); ok {
			out = append(out, x)
		}
		i = j
	}
	return out
}

func order(a, b bool) int {
	switch {
	case a == b:
		return 0
	case b:
		return -1
	}
	return 1
}

// group merges what layers say about one category of one field; ok is false when
// nothing is left of it.
func (c *collected) group(list []said) (Stated, bool) {
	var left []said
	var lower []Evidence
	doubtful, taken := false, false
	for i := range list {
		y := &list[i]
		gone := false
		for k := range c.removals {
			if x := &c.removals[k]; x.takes(y) {
				gone, doubtful = gone || !x.expired, doubtful || x.expired
			}
		}
		if y.Rank > RankPattern {
			lower = append(lower, y.piece)
		}
		if taken = taken || gone; !gone {
			left = append(left, *y)
		}
	}
	if taken && contradicts(lower) {
		x := list[0].Stated
		x.State, x.From, x.Confidence = Disputed, lower, max(x.Confidence, Combine(lower))
		return x, true
	}
	if len(left) == 0 {
		return Stated{}, false
	}
	return valued(left, doubtful)
}

// valued gives what is left of a group its confidence and state.
func valued(left []said, doubtful bool) (Stated, bool) {
	x := left[0].Stated
	fresh, stale := false, false
	var lower []Evidence
	for _, y := range left {
		byPerson := y.Rank <= RankTemplate && y.Confidence >= Certain
		fresh, stale = fresh || byPerson && !y.stale, stale || byPerson && y.stale
		if y.Rank > RankPattern {
			lower = append(lower, y.piece)
		}
		for _, s := range y.Subjects {
			if !slices.Contains(x.Subjects, s) {
				x.Subjects = append(slices.Clone(x.Subjects), s)
			}
		}
	}
	x.From = lower
	if x.Rank > RankPattern {
		x.Confidence = Combine(lower)
	}
	switch {
	case doubtful && x.Confidence >= Likely:
		x.State = Stale
	case fresh:
		x.State = Declared
	case stale:
		x.State = Stale
	case x.Confidence >= Likely:
		x.State = Inferred
	case x.Confidence >= Hint:
		x.State = Weak
	default:
		return x, false
	}
	return x, true
}

// tags adds what resource tags say: they may add, never remove.
func (c *collected) tags(t Target) {
	s, st := c.set, &c.st
	for _, key := range s.tagsOf(t) {
		value := t.Tags[key]
		name, ours := strings.CutPrefix(key, s.settings.TagPrefix)
		origin := "tag " + key
		switch {
		case !ours:
			c.alias(key, value)
		case name == "data" && value == "none":
			st.Hint = origin + " says none"
		case name == "data" || strings.HasPrefix(name, "data."):
			for _, k := range strings.Split(value, "+") {
				if to, _, ok := s.tax.canonicalCategory(strings.TrimSpace(k)); ok {
					c.evidence(Evidence{Category: to, Confidence: 0.9, Rank: RankTag, Source: origin})
				}
			}
		case name == "schema":
			for _, f := range s.flatten(value, map[string]bool{}) {
				st.Stated = true
				for _, k := range f.categories {
					c.evidence(Evidence{Category: k, Field: f.path, Subjects: s.schemaSubjects(value), Confidence: 0.9, Rank: RankTag, Source: origin})
				}
				for _, k := range f.may {
					c.evidence(Evidence{Category: k, Field: f.path, Subjects: s.schemaSubjects(value), MayContain: true, Confidence: 0.9, Rank: RankTag, Source: origin})
				}
			}
		case name == "subjects":
			st.Subjects = append(st.Subjects, splitKnown(value, func(k string) bool { _, ok := s.tax.Subjects[k]; return ok })...)
		case name == "activity":
			st.Activities = append(st.Activities, splitKnown(value, func(k string) bool { _, ok := s.activities[k]; return ok })...)
		case name == "retention" && st.Retention == nil:
			if d, ok := days(value); ok {
				st.Retention = &Retention{Period: value, Days: d, Origin: origin}
			}
		case name == "owner":
			st.Owner = cmp.Or(st.Owner, value)
		case name == "reviewed" && st.Review.On == "":
			st.Review = s.lasting(Review{By: st.Review.By, On: value, Expires: st.Review.Expires})
		}
	}
}

func (c *collected) alias(key, value string) {
	for _, a := range c.set.settings.Aliases {
		if a.Key != key || a.Value != "" && !tagMatch(a.Value, value) {
			continue
		}
		if a.Hint != "" {
			c.st.Hint = "tag " + key + "=" + value + " says " + a.Hint
		}
		for _, k := range a.Data {
			c.evidence(Evidence{Category: k, Subjects: a.Subjects, Confidence: a.Confidence, Rank: RankTag, Source: "tag " + key})
		}
		c.st.Subjects = append(c.st.Subjects, a.Subjects...)
		c.st.Owner = cmp.Or(c.st.Owner, a.Owner)
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
