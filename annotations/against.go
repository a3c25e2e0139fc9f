package annotations

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"
)

// CheckAgainst checks the set against the resources that are really there: entries
// that match nothing or are hidden, equally exact entries that disagree, resources that
// changed since their review, reviews that ran out, and what tags say.
func (s *Set) CheckAgainst(targets []Target, now time.Time) []Diagnostic {
	c := &checker{report: &reporter{}, tax: s.tax, places: s.places}
	s = s.AsOf(now)
	used := map[*resource][][]*resource{} // entry -> the entries of each target it matches
	for _, t := range targets {
		list := s.matching(t)
		for _, r := range list {
			used[r] = append(used[r], list)
		}
		s.conflicts(list, t, c)
		s.tagRules(t, c)
	}
	s.stale(targets, used, c)
	for _, r := range s.resources {
		if len(used[r]) > 0 {
			s.hidden(r, used[r], c)
		}
	}
	s.selectors(targets, c)
	s.expiries(now, c)
	return c.report.sorted()
}

// CheckDates reports the reviews that ran out; it needs no resources.
func (s *Set) CheckDates(now time.Time) []Diagnostic {
	c := &checker{report: &reporter{}, tax: s.tax, places: s.places}
	s.AsOf(now).expiries(now, c)
	return c.report.sorted()
}

func (s *Set) expiries(now time.Time, c *checker) {
	for _, d := range s.Deadlines() {
		if expired(d.Expires, now) {
			c.at(d.Place, "W415", fmt.Sprintf("review expired on %s; treated as stale", d.Expires))
		}
	}
}

// conflicts reports single-value properties on which two equally exact entries differ.
// Entries with the very same pattern were reported when the files were read.
func (s *Set) conflicts(list []*resource, t Target, c *checker) {
	for i := 1; i < len(list); i++ {
		a, b := list[i-1], list[i]
		if a.match.class() != b.match.class() || a.match.letters() != b.match.letters() || a.match.key() == b.match.key() {
			continue
		}
		for _, x := range differences(a, b) {
			c.at(b.places[x.property], "E301", x.message(t.ARN, a))
		}
	}
}

// hidden reports an entry of which nothing is left on any resource it matches: all it
// sets are single values, and more exact entries set them all.
func (s *Set) hidden(r *resource, where [][]*resource, c *checker) {
	single := []string{"owner", "retention", "volume", "protects", "erasure", "identity_key", "system"}
	var sets []string
	for property := range r.places {
		switch {
		case slices.Contains(single, property):
			sets = append(sets, property)
		case !slices.Contains([]string{"id", "match", "review", "reason"}, property):
			return // what adds up is never hidden
		}
	}
	if len(sets) == 0 {
		return
	}
	by := ""
	for _, list := range where {
		for _, property := range sets {
			i := slices.IndexFunc(list, func(x *resource) bool { return x.places[property] != "" })
			if !r.match.lessExact(&list[i].match) {
				return
			}
			by = cmp.Or(by, fmt.Sprintf("%s:%d:%d", list[i].file, list[i].line, list[i].col))
		}
	}
	c.report.add(r.file, r.line, r.col, "W304", "every property set here is overridden at "+by, "")
}

// selectors reports patterns of flows and acceptances that match nothing.
func (s *Set) selectors(targets []Target, c *checker) {
	check := func(sel Selector, place string) {
		if sel.Match == nil || slices.ContainsFunc(targets, sel.Match.Matches) {
			return
		}
		c.at(place, "W302", "no resource matches"+nearestWords(*sel.Match, targets))
	}
	for _, f := range s.flows {
		check(f.From, f.fromPlace)
		check(f.To, f.toPlace)
	}
	for _, a := range s.accept {
		check(Selector{Match: a.Match}, a.Place)
	}
}

func nearestWords(m Match, targets []Target) string {
	if near := nearest(m, targets); near != "" {
		return "; nearest is " + near
	}
	return "; nothing was scanned"
}

// tagRules checks the tags of a resource. They stand in no file: the place is the
// resource itself.
func (s *Set) tagRules(t Target, c *checker) {
	for _, key := range s.tagsOf(t) {
		value := t.Tags[key]
		if k := personalCategory(value); k != "" {
			c.report.add(t.ARN, 1, 1, "W405", "value looks like "+k+"; "+keepOut, "see tag "+key)
		}
		name, ours := strings.CutPrefix(key, s.settings.TagPrefix)
		if ours {
			s.tagWords(t, key, name, value, c)
		}
	}
}

// tagWords checks the words of a tag of ours; what is not known is not ignored in
// silence.
func (s *Set) tagWords(t Target, key, name, value string, c *checker) {
	say := func(code, msg, hint string) { c.report.add(t.ARN, 1, 1, code, "tag "+key+": "+msg, hint) }
	each := func(code, what string, known []string) {
		for _, w := range strings.Split(value, "+") {
			if w = strings.TrimSpace(w); w != "" && !slices.Contains(known, w) {
				say(code, fmt.Sprintf(what, w), didYouMean(w, known))
			}
		}
	}
	switch {
	case name == "data" && value == "none":
	case name == "data" || strings.HasPrefix(name, "data."):
		for _, w := range strings.Split(value, "+") {
			if _, _, ok := s.tax.canonicalCategory(strings.TrimSpace(w)); !ok {
				say("E201", fmt.Sprintf("unknown data category %q", w), didYouMean(w, keys(s.tax.Categories)))
			}
		}
	case name == "subjects":
		each("E203", "unknown data subject %q", keys(s.tax.Subjects))
	case name == "activity":
		each("E205", "activity %q is not defined", keys(s.activities))
	case name == "schema":
		if s.schemas[value] == nil {
			say("E205", fmt.Sprintf("schema %q is not defined", value), didYouMean(value, keys(s.schemas)))
		}
	case name == "owner":
		if _, ok := s.people[value]; !ok {
			say("E205", fmt.Sprintf("person %q is not defined", value), didYouMean(value, keys(s.people)))
		}
	case name == "retention":
		if _, ok := days(value); !ok {
			say("E208", fmt.Sprintf("%q is not an ISO 8601 duration", value), "")
		}
	case name == "reviewed":
		if _, err := time.Parse(time.DateOnly, value); err != nil {
			say("E208", fmt.Sprintf("%q is not a date like 2026-01-31", value), "")
		}
	default:
		say("E104", fmt.Sprintf("unknown key %q in tags", name), didYouMean(name, []string{"data", "schema", "subjects", "activity", "retention", "owner", "reviewed"}))
	}
}

// nearest names the resource whose ARN or name is most like what a pattern says.
func nearest(m Match, targets []Target) string {
	want := cmp.Or(m.ARN, m.Name)
	best, near := "", 1<<30
	for _, t := range targets {
		if m.Kind != "" && literal(m.Kind) && t.Kind != m.Kind && m.ARN == "" {
			continue
		}
		have := t.ARN
		if m.ARN == "" {
			have = t.Name
		}
		if d := distance(want, have, max(len(want), len(have))+1); d < near {
			best, near = t.ARN, d
		}
	}
	return best
}
