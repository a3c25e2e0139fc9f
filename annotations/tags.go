package annotations

import (
	"cmp"
	"strings"
)

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
