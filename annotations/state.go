package annotations

// State says how much is known about a category of a field, or a field as a whole.
// Source: privacy model, "States of a field".
type State string

// The states.
const (
	Declared   State = "declared"   // a person named it, review not expired
	Inferred   State = "inferred"   // it may be held: it arrives along flows, or strong evidence says so
	Weak       State = "weak"       // evidence too weak to rely on
	None       State = "none"       // a person said: no personal data, with a reason
	Unknown    State = "unknown"    // no statement and no evidence
	Disputed   State = "disputed"   // removed by a person, contradicted by strong evidence
	Stale      State = "stale"      // was declared or none; the review has expired
	Unreadable State = "unreadable" // the description of the node could not be read
)
