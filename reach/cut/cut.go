// Package cut finds the fewest policy statements whose removal or narrowing ends every
// unintended way and keeps every declared one.
//
// The question is abstract: nodes, and edges that stand as long as each of their needs
// is met by one of several statements. A statement that is touched goes on to support
// the edges of declared ways and no others, which is removal where there are none.
// Finding the least is hard in general (it holds hitting set and multicut), so that the
// answer comes with a lower bound: a dual solution of the linear relaxation.
package cut

import (
	"cmp"
	"slices"
)

// Edge leads from one node to another while every need is met.
type Edge struct {
	From, To int
	// Needs are lists of statements; one of each list has to stand. An edge without needs
	// always stands, and so does one with a need that holds no statement.
	Needs [][]int
}

// Pair is a way from a node to a node.
type Pair struct{ From, To int }

// Problem is what is there, what must end and what must stay.
type Problem struct {
	Nodes      int
	Edges      []Edge
	Costs      []int // of touching a statement, by its number; at least 1
	Unintended []Pair
	Declared   []Pair
	// Keep are edges that stay whatever is chosen, beside a way for each declared pair.
	Keep []int
}

// Result is a cut.
type Result struct {
	Touched []int // statements, sorted
	Kept    []int // edges of the declared ways, sorted: touched statements go on to support them
	// Left are unintended pairs that stand on declared ways and unchangeable edges only:
	// no statement ends them.
	Left []Pair
	// Broken are declared pairs that are not connected to begin with.
	Broken []Pair
	Cost   int // of Touched
	Lower  int // no cut costs less
}

// Gap is by how much the cut may miss the least one.
func (r *Result) Gap() int { return r.Cost - r.Lower }

// The bounds of the search for an exact answer, in steps and not in time, so that every
// machine gives the same answer.
const (
	maxChoices = 64      // ways of keeping the declared pairs that are all tried; fewer of large problems
	maxWork    = 2 << 20 // edges looked at by the search for the least cut
)

// Solve finds a cut. The same problem gives the same answer.
func Solve(p *Problem) *Result {
	g := newNet(p)
	choices, all, broken := g.choices(max(1, min(maxChoices, 1<<16/(len(p.Edges)+1))))
	var results []*Result
	for _, kept := range choices {
		results = append(results, g.cut(union(kept, p.Keep)))
	}
	best := slices.MinFunc(results, func(a, b *Result) int {
		return cmp.Or(cmp.Compare(len(a.Left), len(b.Left)), cmp.Compare(a.Cost, b.Cost))
	})
	lower := best.Lower
	if !all {
		lower = g.relaxed(best.Left)
	}
	for _, r := range results {
		if all && len(r.Left) == len(best.Left) {
			lower = min(lower, r.Lower)
		}
	}
	best.Lower, best.Broken = min(lower, best.Cost), broken
	return best
}
