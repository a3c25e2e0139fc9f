// Package classify says which personal data may be where, and how it got there.
// It carries the categories people declared along the flows of the graph and
// keeps, for every label, the path it came by.
package classify

import (
	"github.com/flowdeed/flowdeed/annotations"
	"github.com/flowdeed/flowdeed/graph"
)

// State says how much is known about a category at a node.
type State = annotations.State

// The states of a label, and (None, Unknown, Unreadable) of a store as a whole.
const (
	Declared   = annotations.Declared
	Inferred   = annotations.Inferred
	Weak       = annotations.Weak
	None       = annotations.None
	Unknown    = annotations.Unknown
	Disputed   = annotations.Disputed
	Stale      = annotations.Stale
	Unreadable = annotations.Unreadable
)

// Label is a data category at a node.
type Label struct {
	Category string // taxonomy key: "user.contact.email"
	Subjects []string
	State    State
	// MayContain is true where free text may hold the category.
	MayContain bool
	// Passing is true where a person says that the node forwards the category and does not keep it.
	Passing bool
	// Origin is where the statement stands from which the label comes: file:line, tag, or the kind of evidence.
	Origin string
	// Path is the way the label came by, from the node where it was stated to this one, both included.
	Path []graph.ID
	// Flows are the ids of the flows along Path, one fewer than nodes.
	Flows []string
}

// Stated tells whether a person says so at the node itself: declared, past its review,
// or contradicted. What arrives there is never merged with it.
func (l Label) Stated() bool { return l.State == Declared || l.State == Stale || l.State == Disputed }

// MayHold tells whether the label arrives along flows, or good evidence shows it, and
// nobody has confirmed it.
func (l Label) MayHold() bool { return l.State == Inferred }

// Held is what is known about one node.
type Held struct {
	Labels []Label // sorted by category, then origin
	State  State   // of the node as a whole
	Why    string  // for none: the reason given; for unreadable: the call that failed
	// Retention is the declared period in days, 0 when none is declared.
	Retention int
	// Activities are the processing activities that name this node.
	Activities []string
	Owner      string
	// UnknownRecipient is true for somebody outside who gets personal data and whom no
	// declared party stands for.
	UnknownRecipient bool
	// Stated is true when an annotation or tag speaks of this node itself.
	Stated bool
}

// Profile is the coarse grade of what a node holds, which severity follows.
type Profile uint8

// The profiles, from nothing known to special-category data.
const (
	ProfileUnlabelled Profile = iota // nothing is known
	ProfileNone                      // declared to hold no personal data
	ProfilePersonal
	ProfileChildren
	ProfileCriminal // Art. 10
	ProfileSpecial  // Art. 9
)

func (p Profile) String() string {
	return [...]string{"unlabelled", "none", "personal", "children", "criminal", "special"}[p]
}

// Personal tells whether the profile means that personal data is present.
func (p Profile) Personal() bool { return p >= ProfilePersonal }

// Special tells whether data of Art. 9 or Art. 10 GDPR is present.
func (p Profile) Special() bool { return p >= ProfileCriminal }

// Labels is what is known about every node and flow of a graph. It may be read by any
// number of goroutines; what it returns must not be changed.
type Labels struct {
	nodes  map[graph.ID]*Held
	grade  func(Label) Profile
	source *answer // in place of nodes where the labels were carried
}

// NewLabels returns labels over the given nodes; grade gives the profile of one label.
func NewLabels(nodes map[graph.ID]*Held, grade func(Label) Profile) *Labels {
	return &Labels{nodes: nodes, grade: grade}
}

// At returns what is known about a node; never nil.
func (l *Labels) At(id graph.ID) *Held {
	if l.source != nil {
		if v, ok := l.source.rank[id]; ok {
			return l.source.hold(v)
		}
	} else if h, ok := l.nodes[id]; ok {
		return h
	}
	return &Held{State: Unknown}
}

// Profile returns the grade of what a node holds or passes on.
func (l *Labels) Profile(id graph.ID) Profile {
	if l.source != nil {
		if v, ok := l.source.rank[id]; ok {
			return l.source.gradeOf(v)
		}
		return ProfileUnlabelled
	}
	h := l.At(id)
	return profileOf(h.State, h.Labels, l.grade)
}

// Gravity is the grade of a label's category by itself: as if it were there for sure,
// and whoever it is about.
func (l *Labels) Gravity(x Label) Profile {
	x.MayContain, x.Subjects = false, nil
	return l.grade(x)
}

func profileOf(s State, labels []Label, grade func(Label) Profile) Profile {
	top := ProfileUnlabelled
	if s == None {
		top = ProfileNone
	}
	for _, x := range labels {
		if x.State != Weak {
			top = max(top, grade(x))
		}
	}
	return top
}

// FlowProfile returns the grade of what a flow carries: what its data source
// holds, seen in the direction the data moves, less what does not take this flow.
func (l *Labels) FlowProfile(f *graph.Flow) Profile {
	forward, backward := f.Kind.DataMoves()
	top := ProfileUnlabelled
	if forward {
		top = max(top, l.moves(f, f.From, f.To))
	}
	if backward {
		top = max(top, l.moves(f, f.To, f.From))
	}
	return top
}

// moves grades what a flow carries from one node to another.
func (l *Labels) moves(f *graph.Flow, from, to graph.ID) Profile {
	whole := l.Profile(from)
	if l.source == nil || !whole.Personal() || confidence(f) < floor {
		return whole // of a flow that is hardly believed nothing better is known
	}
	top := ProfileUnlabelled
	for _, x := range l.source.moved(f, from, to) {
		top = max(top, l.grade(x))
	}
	return top
}
