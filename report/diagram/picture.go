// Package diagram turns the graph into pictures a person can read: data-flow diagrams
// with trust boundaries, small by rule, that say the same in black and white.
//
// Build chooses what is in a picture and lays it out; Paint draws it on any canvas;
// SVG, PNG, Mermaid and DOT are printers of the same picture.
package diagram

import (
	"github.com/flowdeed/flowdeed/graph"
	"github.com/flowdeed/flowdeed/report/layout"
)

// Picture is one drawing with its caption and the table of its lines.
type Picture struct {
	ID      string // "map-1"
	About   string // what all pictures of a file are about
	Title   string
	Caption string
	W, H    float64 // points
	Boxes   []Box
	Zones   []Zone
	Lines   []Line
	// Plain is true when Graphviz could not be used.
	Plain bool

	rooms     []room // of the pages it is for
	legend    legend
	footnotes []string // what was too long for its line, by number
	notes     []string // rows of text under the legend
}

// Box is a node of the graph in a picture, or several that are drawn as one.
type Box struct {
	Node    graph.ID
	Role    graph.Role // gives the shape: a role of the graph, rolePrincipal or roleKey
	Service string     // first line
	Name    string     // second line
	More    []string   // further lines
	Mark    string     // START or TARGET of what was asked, before the service
	Outside bool       // a principal that is not of a scanned account
	Rest    string     // encryption at rest, in words
	Clear   bool       // not encrypted
	Badge   string     // PERSONAL, ART. 9, CHILDREN, DATA ?
	Worst   string     // severity word of the worst failing finding, "" for none
	Off     string     // where the lines go that are in other pictures
	Zone    int
	X, Y    float64
	W, H    float64

	members []string // the nodes it stands for when they are several
}

// Zone is a trust boundary.
type Zone struct {
	Title   string
	Parent  int
	Third   bool // a third country, or the country is not known
	Account bool
	Rect    layout.Rect
}

// Line is all flows between two boxes in one direction, or a permission.
type Line struct {
	From, To int

	// Access is true of a permission: nothing flows, somebody may. Gained is one that
	// rests on a right that was not given, Conditional one that hangs on conditions.
	Access, Gained, Conditional bool
	// Relation is true of what is neither: a key and what it encrypts.
	Relation bool

	Verdict  graph.Transit
	Word     string   // TLS, PLAINTEXT, ... or what may be done
	Data     string   // categories, or what the flow does
	More     []string // further lines: conditions
	Count    int      // flows or hops it stands for
	Both     bool     // data moves both ways
	Back     bool     // data moves from To to From
	Declared bool     // declared only
	Kinds    []string // kinds of the flows
	Points   []layout.Point
	Label    layout.Point
	LW, LH   float64

	words, by       string   // of a permission, before they are laid out
	may, conditions []string // kinds of access; alternatives
}

// The sizes of text in points. They are printed as they are: a picture is made small
// enough for its page, its text never.
const (
	nameSize  = 9.5
	smallSize = 8.2
	pad       = 6.0
)

// The parts that only pictures of access know.
const (
	rolePrincipal graph.Role = "principal"
	roleKey       graph.Role = "key"
)

// transitWords are what stands at a line.
var transitWords = map[graph.Transit]string{
	graph.TransitEnforced: "TLS", graph.TransitOffered: "TLS optional", graph.TransitPlain: "PLAINTEXT", graph.TransitInternal: "AWS-internal", graph.TransitUnknown: "TLS ?",
}

// badness orders verdicts: of several flows between two boxes the worst counts.
var badness = []graph.Transit{graph.TransitEnforced, graph.TransitInternal, graph.TransitOffered, graph.TransitUnknown, graph.TransitPlain}
