package annotations

import (
	"slices"
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
