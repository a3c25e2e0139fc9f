package iam

import "slices"

const (
	// maxCrossings bounds the patterns that stand for what two patterns share.
	maxCrossings = 16
	// maxCrossingCells bounds the work on one pair; real patterns need some thousands.
	maxCrossingCells = 1 << 18
	maxCrossingSteps = 1 << 12
)

// crossings lists patterns inside both p and q: all strings that both match where they
// are few, and some of them where they are many. "a*" and "*b" share "a*b" and "ab",
// if a ends as b begins. complete is false when something may be missing.
func (p pattern) crossings(q pattern) (list []pattern, complete bool) {
	switch {
	case p.covers(q):
		return []pattern{q}, true
	case q.covers(p):
		return []pattern{p}, true
	}
	c := crossing{a: withoutRepeats(p.elements()), b: withoutRepeats(q.elements())}
	if (len(c.a)+1)*(len(c.b)+1) > maxCrossingCells {
		return nil, false
	}
	c.reach()
	c.walk(0, 0, nil)
	return widestPatterns(c.found), c.steps <= maxCrossingSteps && len(c.found) < maxCrossings
}

// widestPatterns drops the patterns inside another one.
func widestPatterns(list []pattern) []pattern {
	var out []pattern
	for i, p := range list {
		if !slices.ContainsFunc(list, func(q pattern) bool { return q != list[i] && q.covers(p) }) {
			out = append(out, p)
		}
	}
	return out
}

// withoutRepeats drops stars that follow a star.
func withoutRepeats(list []rune) []rune {
	out := list[:0:0]
	for i, r := range list {
		if r != runElement || i == 0 || list[i-1] != runElement {
			out = append(out, r)
		}
	}
	return out
}

// crossing walks two patterns at once.
type crossing struct {
	a, b  []rune
	meet  [][]bool // meet[i][j]: what is left of a and of b have a string in common
	found []pattern
	steps int
}

// reach fills the table from the ends.
func (c *crossing) reach() {
	c.meet = make([][]bool, len(c.a)+1)
	for i := len(c.a); i >= 0; i-- {
		c.meet[i] = make([]bool, len(c.b)+1)
		for j := len(c.b); j >= 0; j-- {
			c.meet[i][j] = c.meets(i, j)
		}
	}
}

func (c *crossing) meets(i, j int) bool {
	starA, starB := i < len(c.a) && c.a[i] == runElement, j < len(c.b) && c.b[j] == runElement
	switch {
	case i == len(c.a) && j == len(c.b):
		return true
	case starA:
		return c.meet[i+1][j] || j < len(c.b) && c.meet[i][j+1]
	case starB:
		return c.meet[i][j+1] || i < len(c.a) && c.meet[i+1][j]
	}
	return i < len(c.a) && j < len(c.b) && sharedElement(c.a[i], c.b[j]) != 0 && c.meet[i+1][j+1]
}

// sharedElement is the narrower of two elements that are no stars; 0 when they differ.
func sharedElement(x, y rune) rune {
	switch {
	case x == y || y == charElement:
		return x
	case x == charElement:
		return y
	}
	return 0
}

// walk writes what both match, and branches where a star may end or go on.
func (c *crossing) walk(i, j int, done []rune) {
	if c.steps++; c.steps > maxCrossingSteps || len(c.found) >= maxCrossings || !c.meet[i][j] {
		return
	}
	starA, starB := i < len(c.a) && c.a[i] == runElement, j < len(c.b) && c.b[j] == runElement
	switch {
	case i == len(c.a) && j == len(c.b):
		if p := patternOf(done); !slices.Contains(c.found, p) {
			c.found = append(c.found, p)
		}
	case starA && starB: // one of them ends first
		done = append(done, runElement)
		c.walk(i+1, j, done)
		c.walk(i, j+1, done)
	case starA:
		c.walk(i+1, j, done)
		if j < len(c.b) {
			c.walk(i, j+1, append(done, c.b[j]))
		}
	case starB:
		c.walk(i, j+1, done)
		if i < len(c.a) {
			c.walk(i+1, j, append(done, c.a[i]))
		}
	default:
		c.walk(i+1, j+1, append(done, sharedElement(c.a[i], c.b[j])))
	}
}

// patternOf puts elements together again.
func patternOf(list []rune) pattern {
	var b []byte
	for i, r := range list {
		switch r {
		case runElement:
			if i == 0 || list[i-1] != runElement {
				b = append(b, anyRun)
			}
		case charElement:
			b = append(b, anyChar)
		default:
			b = append(b, string(r)...)
		}
	}
	return pattern(b)
}
