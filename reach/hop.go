package reach

import (
	"slices"

	"github.com/flowdeed/flowdeed/graph"
)

// Hop says of what kind a step of a path is.
type Hop string

// The kinds of steps. Only along a flow does data move, or a call go; all others say
// what somebody may do.
const (
	AlongFlow Hop = "flow"       // along a flow of the graph
	RunsUnder Hop = "runs-under" // from what runs to its role
	Assumes   Hop = "assumes"    // from a principal to a role
	Passes    Hop = "passes"     // to a role that is handed over to a service
	Gains     Hop = "gains"      // by a right that was not given: to another principal, to itself, to the store
	Uses      Hop = "uses"       // a permission on the store
)

// Hop says of what kind the step is.
func (s *Step) Hop() Hop {
	switch {
	case s.flow != nil:
		return AlongFlow
	case s.How == runsUnder:
		return RunsUnder
	case slices.ContainsFunc(passRules, func(r *Rule) bool { return r.ID == s.Rule }):
		return Passes
	case s.Rule != "":
		return Gains
	case s.How == assumes:
		return Assumes
	}
	return Uses
}

// Flow is the flow of the graph that the step follows; nil for any other kind of step.
func (s *Step) Flow() *graph.Flow { return s.flow }
