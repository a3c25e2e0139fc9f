package annotations

import (
	"cmp"
	"slices"
	"strings"
)

// Said is what one layer says about a field of a resource, or about the resource as a
// whole, and what became of it.
type Said struct {
	Rank       int     `json:"rank"`
	Layer      string  `json:"layer"`
	Field      string  `json:"field,omitempty"`
	Says       string  `json:"says"` // a category, "none", "not user.name", or a property with its value
	Confidence float64 `json:"confidence,omitempty"`
	By         string  `json:"by,omitempty"` // a role of people, or a detector
	On         string  `json:"on,omitempty"`
	Expires    string  `json:"expires,omitempty"`
	Place      string  `json:"place"` // where it stands
	Reason     string  `json:"reason,omitempty"`
	// Counts says what became of it: "counts", or why it does not.
	Counts string `json:"counts"`
}

var layerNames = map[int]string{
	RankExact: "file, exact target", RankPattern: "file, pattern", RankTag: "resource tag", RankTemplate: "template metadata", RankImport: "import",
	RankObserved: "observed by another scanner", RankSchema: "schema evidence", RankName: "name evidence",
}

// Explain lists what every layer says about a target, the best first; with a field only
// what bears on it.
func (s *Set) Explain(t Target, field string) []Said {
	c := s.collect(t)
	var out []Said
	bears := func(f string) bool { return field == "" || f == "" || f == field || fieldMatch(f, field) }
	for i := range c.said {
		y := &c.said[i]
		if bears(y.Field) {
			out = append(out, c.explainStatement(y))
		}
	}
	for i := range c.removals {
		x := &c.removals[i]
		if bears(x.Field) {
			out = append(out, c.explainRemoval(x))
		}
	}
	if field == "" {
		out = append(out, c.explainValues()...)
	}
	slices.SortStableFunc(out, func(a, b Said) int {
		return cmp.Or(cmp.Compare(a.Field, b.Field), a.Rank-b.Rank, cmp.Compare(a.Says, b.Says), cmp.Compare(a.Place, b.Place))
	})
	return out
}

func (c *collected) explainStatement(y *said) Said {
	x := Said{Rank: y.Rank, Layer: layerNames[y.Rank], Field: y.Field, Says: y.Category, Confidence: y.Confidence, Place: y.Origin, Counts: "counts"}
	if y.MayContain {
		x.Says = "may hold " + x.Says
	}
	if y.entry != nil {
		v := c.set.lasting(y.entry.review)
		x.By, x.On, x.Expires = v.By, v.On, v.Expires
		if y.stale {
			x.Counts = "counts as stale: the review has expired"
		}
	} else {
		x.By, x.Reason = y.piece.Detector, y.piece.Reason
		if y.Confidence < Hint {
			x.Counts = "too weak alone to be recorded"
		}
	}
	for i := range c.removals {
		if r := &c.removals[i]; !r.expired && r.takes(y) {
			x.Counts = "taken away at " + r.Origin
			if y.Rank > RankPattern && contradicts(c.piecesOf(y)) {
				x.Counts = "disputes what is said at " + r.Origin
			}
		}
	}
	return x
}

// piecesOf is the evidence about the same category of the same field.
func (c *collected) piecesOf(y *said) []Evidence {
	var out []Evidence
	for i := range c.said {
		if z := &c.said[i]; z.Rank > RankPattern && z.Category == y.Category && z.Field == y.Field && z.MayContain == y.MayContain {
			out = append(out, z.piece)
		}
	}
	return out
}

func (c *collected) explainRemoval(x *removal) Said {
	out := Said{
		Rank: x.by.rank(), Layer: layerNames[x.by.rank()], Field: x.Field, Says: "none", Confidence: 1, By: x.By, On: x.On, Expires: x.Expires, Place: x.Origin,
		Reason: x.Reason, Counts: "counts",
	}
	if x.Category != "" {
		out.Says = "not " + x.Category
	}
	if x.expired {
		out.Counts = "does not count: it has expired"
	}
	return out
}

// explainValues lists the single-value properties of the entries; the first of each
// counts.
func (c *collected) explainValues() []Said {
	var out []Said
	won := map[string]string{}
	for _, r := range c.entries {
		v := c.set.lasting(r.review)
		for _, x := range []struct{ property, value string }{
			{"owner", r.owner}, {"retention", r.retention.words()}, {"volume", r.volume.words()}, {"protects", protectionWords(r.protects)},
			{"erasure", r.erasure.words()}, {"identity_key", r.identity}, {"system", r.system},
		} {
			if x.value == "" {
				continue
			}
			said := Said{Rank: r.rank(), Layer: layerNames[r.rank()], Says: x.property + ": " + x.value, By: v.By, On: v.On, Expires: v.Expires, Place: r.places[x.property], Counts: "counts"}
			if by, ok := won[x.property]; ok {
				said.Counts = "overridden at " + by
			} else {
				won[x.property] = r.places[x.property]
			}
			out = append(out, said)
		}
		if list := strings.Join(r.activities, ", "); list != "" {
			out = append(out, Said{Rank: r.rank(), Layer: layerNames[r.rank()], Says: "activities: " + list, By: v.By, On: v.On, Expires: v.Expires, Place: r.places["activities"], Counts: "counts"})
		}
	}
	if c.st.Hint != "" {
		out = append(out, Said{Rank: RankTag, Layer: layerNames[RankTag], Says: c.st.Hint, Place: "tags", Counts: "a hint: it never clears anything"})
	}
	return out
}
