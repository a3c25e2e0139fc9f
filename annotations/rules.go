package annotations

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
)

// rules checks what goes beyond one value: entries that contradict themselves, and
// activities and parties that lack what the GDPR asks of them.
func (s *Set) rules(c *checker) {
	for _, r := range s.resources {
		s.resourceRules(r, c)
	}
	s.schemaCircles(c)
	s.activityRules(c)
	s.partyRules(c)
	for _, a := range s.accept {
		if a.Reason == "" || a.By == "" || a.Expires == "" {
			c.at(a.Origin, "E501", `"accept" needs "reason", "by" and "expires"`)
		}
	}
}

// at reports at a place written as file:line or file:line:column.
func (c *checker) at(place, code, msg string) {
	file, line, col := splitPlace(place)
	c.report.add(file, line, col, code, msg, "")
}

// splitPlace reads file:line or file:line:column; what is missing is 1.
func splitPlace(place string) (file string, line, col int) {
	file, line, col = place, 1, 1
	rest, last, ok := cutLast(place)
	v, number := atoi(last)
	if !ok || !number {
		return file, line, col
	}
	file, line = rest, max(v, 1)
	if rest, last, ok := cutLast(file); ok {
		if w, number := atoi(last); number {
			return rest, max(w, 1), max(v, 1)
		}
	}
	return file, line, col
}

func cutLast(s string) (before, after string, ok bool) {
	i := strings.LastIndexByte(s, ':')
	if i < 0 {
		return s, "", false
	}
	return s[:i], s[i+1:], true
}

func (s *Set) resourceRules(r *resource, c *checker) {
	if r.none {
		place := r.places["data"]
		switch {
		case r.match.broadNone():
			c.at(place, "E305", `"data: none" needs an exact target, or a kind and a name with a literal prefix of 4 characters`)
		case r.reason == "" || r.review.Expires == "":
			c.at(place, "E306", `"data: none" needs "reason" and "review.expires"`)
		}
		if r.schema != "" || len(r.fields) > 0 {
			c.at(place, "E307", `"data: none" and "fields"/"schema" exclude each other`)
		}
	}
	if slices.Contains(r.subjects, "anonymous_user") {
		for _, f := range append(s.flatten(r.schema, map[string]bool{}), r.fields...) {
			for _, k := range f.categories {
				if s.tax.flags(k).ID == "direct" {
					c.at(r.places["subjects"], "W309", fmt.Sprintf(`subject "anonymous_user" but field %q identifies directly`, f.path))
				}
			}
		}
	}
	for _, p := range r.protects {
		s.protectionRules(p, c)
	}
}

// guessable are categories whose values can be tried out, so that a hash of one is
// never anonymous.
var guessable = []string{"user.contact.email", "user.contact.phone_number", "user.government_id", "user.unique_id"}

func (s *Set) protectionRules(p Protection, c *checker) {
	if p.State == "anonymised" && strings.Contains(strings.ToLower(p.Method), "hash") {
		for _, in := range p.Inputs {
			if slices.ContainsFunc(guessable, func(g string) bool { return Covers(g, in) }) {
				c.at(p.Origin, "E412", fmt.Sprintf(`a hash of %q can be guessed; use "hashed" or "pseudonymised"`, in))
			}
		}
	}
	have := map[string]string{"method": p.Method, "key_or_table_location": p.Key, "reviewer": p.Reviewer, "expires": p.Expires, "vault": p.Key, "key": p.Key}
	for _, need := range s.tax.Protection[p.State].Proof {
		if v, known := have[need]; known && v == "" {
			c.at(p.Origin, "E413", fmt.Sprintf("protection %q needs %q", p.State, need))
		}
	}
}

func (s *Set) schemaCircles(c *checker) {
	for _, name := range slices.Sorted(maps.Keys(s.schemas)) {
		path := []string{name}
		for next := s.schemas[name].extends; next != "" && s.schemas[next] != nil; next = s.schemas[next].extends {
			if next == name {
				c.at(s.schemas[name].origin, "E207", fmt.Sprintf("schema %q extends itself through %s", name, strings.Join(append(path, next), " -> ")))
				break
			}
			if slices.Contains(path, next) {
				break
			}
			path = append(path, next)
		}
	}
}

func (s *Set) activityRules(c *checker) {
	for _, k := range slices.Sorted(maps.Keys(s.activities)) {
		a := s.activities[k]
		if a.Basis == "" {
			c.at(a.Origin, "E401", fmt.Sprintf(`activity %q needs "lawful_basis"`, k))
		}
		if a.Use == "collect" {
			c.at(a.Origin, "W417", `use "collect" says that the purpose is not settled`)
		}
		if a.Basis == "consent" && slices.Contains(a.Subjects, "minor") {
			c.at(a.Origin, "W416", `subject "minor" with consent: note age check and parental consent (Art. 8)`)
		}
		if a.Basis == "consent" && slices.Contains(a.Subjects, "employee") {
			c.at(a.Origin, "W419", "consent of employees is rarely free; check the basis")
		}
	}
}

func (s *Set) partyRules(c *checker) {
	for _, k := range slices.Sorted(maps.Keys(s.parties)) {
		p := s.parties[k]
		if p.Role == "processor" && p.Contract == "" {
			c.at(p.Origin, "E409", fmt.Sprintf(`processor %q has no "contract" (Art. 28(3))`, k))
		}
		if co, ok := s.places.Countries[p.Country]; ok && co.Adequacy == "none" && p.Tool == "" {
			c.at(p.Origin, "E410", fmt.Sprintf(`%q is in %s: no adequacy decision and no "transfer.tool"`, k, p.Country))
		}
	}
}

// CheckAgainst checks the set against the resources that are really there: entries
// that match nothing, equally exact entries that disagree, reviews that ran out.
func (s *Set) CheckAgainst(targets []Target, now time.Time) []Diagnostic {
	c := &checker{report: &reporter{}, tax: s.tax, places: s.places}
	used := map[*resource]bool{}
	for _, t := range targets {
		list := s.matching(t)
		for _, r := range list {
			used[r] = true
		}
		s.conflicts(list, t, c)
	}
	for _, r := range s.resources {
		if !used[r] {
			hint := "; nothing was scanned"
			if near := nearest(r.match, targets); near != "" {
				hint = "; nearest is " + near
			}
			c.report.add(r.file, r.line, r.col, "W302", "no resource matches"+hint, "")
		}
		if r.review.Expired(now) {
			c.at(r.places["review"], "W415", fmt.Sprintf("review expired on %s; treated as stale", r.review.Expires))
		}
	}
	return c.report.sorted()
}

// conflicts reports single-value properties on which two equally exact entries differ.
func (s *Set) conflicts(list []*resource, t Target, c *checker) {
	for i := 1; i < len(list); i++ {
		a, b := list[i-1], list[i]
		if a.match.class() != b.match.class() || a.match.letters() != b.match.letters() {
			continue
		}
		if a.owner != "" && b.owner != "" && a.owner != b.owner {
			c.at(b.places["owner"], "E301", fmt.Sprintf(`"owner" of %s is %s here and %s at %s; both match equally well`, t.ARN, b.owner, a.owner, a.places["owner"]))
		}
		if a.retention != nil && b.retention != nil && a.retention.Period != b.retention.Period {
			c.at(b.places["retention"], "E301", fmt.Sprintf(`"retention" of %s is %s here and %s at %s; both match equally well`, t.ARN, b.retention.Period, a.retention.Period, a.places["retention"]))
		}
	}
}

// nearest names the resource whose ARN or name is most like what a pattern says.
func nearest(m Match, targets []Target) string {
	want := m.ARN
	if want == "" {
		want = m.Name
	}
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
