package graph

import "strings"

// FlowKind says what a flow does. Kinds for which Carries is true move data; the
// others are relations (a key that encrypts, a role that is assumed).
type FlowKind string

// The kinds of flows.
const (
	Triggers    FlowKind = "triggers"     // source -> processor, polled or pushed
	Invokes     FlowKind = "invokes"      // caller -> processor or endpoint
	Reads       FlowKind = "reads"        // processor -> store; the data moves store -> processor
	Writes      FlowKind = "writes"       // processor -> store
	Accesses    FlowKind = "accesses"     // processor -> store, direction not known: read as both
	Publishes   FlowKind = "publishes"    // processor -> topic, bus, queue, stream
	Delivers    FlowKind = "delivers"     // topic, rule, stream, pipe -> target or outside
	Streams     FlowKind = "streams"      // store or stream -> consumer
	Replicates  FlowKind = "replicates"   // store -> copy
	BacksUp     FlowKind = "backs-up"     // store -> backup or snapshot
	Archives    FlowKind = "archives"     // bus -> archive
	Exports     FlowKind = "exports"      // store -> copy outside the store
	DeadLetters FlowKind = "dead-letters" // source -> failure target
	LogsTo      FlowKind = "logs-to"      // node -> log store
	Mounts      FlowKind = "mounts"       // processor -> file system
	Exposes     FlowKind = "exposes"      // internet, network or account -> entry point
	RoutesTo    FlowKind = "routes-to"    // entry -> entry or processor
	SharesWith  FlowKind = "shares-with"  // store -> account

	UsesSecret        FlowKind = "uses-secret"        // processor -> secret or parameter
	AuthenticatesWith FlowKind = "authenticates-with" // entry or processor -> user pool, function
	Assumes           FlowKind = "assumes"            // processor -> role
	CanAssume         FlowKind = "can-assume"         // principal -> role
	EncryptsWith      FlowKind = "encrypts-with"      // store -> key
	UsesLayer         FlowKind = "uses-layer"         // function -> layer
	RunsImage         FlowKind = "runs-image"         // processor -> image
	AttachedTo        FlowKind = "attached-to"        // node -> subnet, group
	Records           FlowKind = "records"            // trail -> store it covers
)

var relations = map[FlowKind]bool{
	UsesSecret: true, AuthenticatesWith: true, Assumes: true, CanAssume: true, EncryptsWith: true,
	UsesLayer: true, RunsImage: true, AttachedTo: true, Records: true,
}

// Carries tells whether a flow of this kind moves data.
func (k FlowKind) Carries() bool { return !relations[k] }

// DataMoves tells in which directions data moves along a flow of this kind:
// from From to To, from To to From, or both.
func (k FlowKind) DataMoves() (forward, backward bool) {
	switch {
	case !k.Carries():
		return false, false
	case k == Reads:
		return false, true
	case k == Accesses, k == Mounts:
		return true, true
	}
	return true, false
}

// Layer is a layer of truth a flow exists in; a flow may exist in several.
type Layer uint8

// The layers: what people declared, what configuration and permissions make
// possible, what telemetry saw.
const (
	Declared Layer = 1 << iota
	Possible
	Observed
)

// Names lists the layers by name, in fixed order.
func (l Layer) Names() []string {
	var out []string
	for i, n := range []string{"declared", "possible", "observed"} {
		if l&(1<<i) != 0 {
			out = append(out, n)
		}
	}
	return out
}

func (l Layer) String() string { return strings.Join(l.Names(), ",") }

// Evidence is one reason to believe in a flow.
type Evidence struct {
	Source     Source  // operation and field, or file and line
	Detail     string  // what was seen there, free of secrets: "POST /orders", "variable TABLE_NAME"
	Kind       string  // evidence of the same kind is not independent: "environment", "policy", "configuration"
	Confidence float64 // 0 to 1
}

// Flow is one way in which data, or a right, passes from one node to another.
type Flow struct {
	From, To ID
	Kind     FlowKind
	Via      string // what carries it: mapping id, subscription, route "POST /orders", rule target
	Layers   Layer
	Evidence []Evidence
	Facts    Facts
}

// Confidence combines the evidence: 1 - product(1 - c) over independent kinds,
// capped at 0.95 unless one piece is a configuration fact or an observation (0.98
// and above), which then stands for itself.
func (f *Flow) Confidence() float64 {
	best := map[string]float64{}
	top := 0.0
	for _, e := range f.Evidence {
		best[e.Kind] = max(best[e.Kind], e.Confidence)
		top = max(top, e.Confidence)
	}
	if top >= 0.98 {
		return top
	}
	miss := 1.0
	for _, k := range sortedKeys(best) {
		miss *= 1 - best[k]
	}
	return min(1-miss, 0.95)
}

// ID names a flow for findings and links: it is unique within a model.
func (f *Flow) ID() string {
	return string(f.From) + " -" + string(f.Kind) + "-> " + string(f.To) + via(f.Via)
}

func via(v string) string {
	if v == "" {
		return ""
	}
	return " via " + v
}
