package annotations

import (
	"cmp"
	"slices"
)

// merge groups what was said by category and field and gives each group its state.
func (c *collected) merge() []Stated {
	slices.SortStableFunc(c.said, func(a, b said) int {
		return cmp.Or(cmp.Compare(a.Category, b.Category), cmp.Compare(a.Field, b.Field), FalseFirst(a.MayContain, b.MayContain), a.Rank-b.Rank, cmp.Compare(a.Origin, b.Origin))
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

// FalseFirst compares for sorting: what is certain stands before what may be.
func FalseFirst(a, b bool) int {
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
