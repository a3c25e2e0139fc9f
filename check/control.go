// Package check holds the controls: one declaration each, with its documentation
// in it, judged over nodes and flows. A control reads facts and labels; it does no
// I/O and has never heard of an AWS call.
//
// Every control is asked about every node or flow of the classes it names and
// always answers. A fact that is not known can never lead to a pass.
package check

import (
	"time"

	"github.com/flowdeed/flowdeed/classify"
	"github.com/flowdeed/flowdeed/graph"
)

// Status is the result of a control for a subject.
type Status string

// The statuses.
const (
	Pass          Status = "pass"
	Fail          Status = "fail"
	Unknown       Status = "unknown"
	NotApplicable Status = "not-applicable"
	Accepted      Status = "accepted"
)

// Severity says how much a failing control matters.
type Severity int

// The severities.
const (
	Info Severity = iota
	Low
	Medium
	High
	Critical
)

func (s Severity) String() string {
	return [...]string{"info", "low", "medium", "high", "critical"}[s]
}

// MarshalText prints the severity as its word.
func (s Severity) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// Moves says how severity follows the personal data at the subject.
type Moves int

// The rules of the control catalogue.
const (
	Fixed        Moves = iota // P0: does not move
	WithData                  // P+: up one with personal data, up two with Art. 9 or 10 data, down one when declared to hold none
	OnlyWithData              // P!: asked only where personal data is present; up one with Art. 9 or 10 data
)

// Read is one place a control's evidence comes from.
type Read struct{ Operation, Field string }

// Control is one rule. Exactly one of Node, Flow and System is set.
type Control struct {
	ID    string // "ENC-REST-009"
	Title string // what holds when it passes: "Queue encrypted"
	Doc   string // what is looked at, and what is not, in a few sentences
	Why   string // what the article asks and what can go wrong, in a sentence a DPO can read

	Severity Severity
	Moves    Moves
	Articles []string // "32(1)(a)"
	Fix      string   // what to type or set
	Reads    []Read

	// Never lists the answers the rule has no room for: it fits every node of its
	// classes, or the provider leaves no way to break it.
	Never []Status

	Classes []graph.Class    // nodes it is asked about, with Node
	Kinds   []graph.FlowKind // flows it is asked about, with Flow

	Node   func(*Input, *graph.Node) Result
	Flow   func(*Input, *graph.Flow) Result
	System func(*Input) []SystemResult // asked once; names its own subjects (an account, the scan)
}

// Result is the answer of a control for one subject.
type Result struct {
	Status Status
	Reason string       // what was seen, in one sentence; for unknown: which fact is missing and why
	Facts  []graph.Fact // the facts it rests on
	// Lift moves the base severity of this result, for rows that name two grades
	// ("low: only one zone"). It is added before the personal-data rule.
	Lift int
	Path []graph.ID // for path controls
}

// SystemResult is the answer of a control about a subject that is no node.
type SystemResult struct {
	Subject string
	Result
}

// Input is all a control may look at.
type Input struct {
	Graph  *graph.Model
	Labels *classify.Labels
	Policy Policy
	// Now is the time of the snapshot, never the clock.
	Now time.Time
	// Known accounts: scanned, in the same organisation, or declared as a party.
	KnownAccounts map[string]string // account id -> who it is
	// Recipients are the hosts and accounts declared as parties, with the party's name.
	Recipients map[string]string

	// Area says in which country a region is and what Chapter V GDPR says of that
	// country: eea, adequate, partial, none. Nil: nothing is known of any region.
	Area func(region string) (country, status string, known bool)
	// AllowedAreas are the statuses, countries and regions personal data may be in
	// without a transfer tool; empty means EEA and adequate countries.
	AllowedAreas []string
	// TransferTools are the declared tools of Art. 46 or 49 for a region or country.
	TransferTools map[string]string
	// Party says where a declared party is and under which transfer tool it gets
	// data, by the name Recipients gives. Nil: no party's country is known.
	Party func(name string) (country, status, tool string, known bool)
	// Certified is what is declared of a party's place on the list of an adequacy
	// framework, by the name Recipients gives. Nil: nothing is declared of any party.
	Certified func(name string) (c Certification, declared bool)
	// Register is what the processor register says of a declared party, by the name
	// Recipients gives. Nil: there is no register.
	Register func(name string) (entry RegisterEntry, known bool)
	// Refused tells whether a read operation ("cloudtrail:DescribeTrails") gave no
	// answer in an account and region, or was never asked there, and why. An empty
	// region means any. Nil: it is not known which calls were answered.
	Refused func(account, region, operation string) (why string, refused bool)
	// Rights lists what a role or user may do to stores, keys and secrets by its
	// permissions (who may use a key or fetch a secret may read it), whether or not a
	// flow shows that it does, sorted by store. complete is false when the permissions
	// could not be read or decided whole. Nil: nobody worked them out.
	Rights func(principal graph.ID) (rights []Right, complete bool)
	// Users lists who may use a node by permissions somebody gave: "read" of a store,
	// "invoke" and "admin" of a function; undecided says of whom it is not known, and
	// why. Nil: nobody worked them out.
	Users func(node graph.ID, access string) (users []User, undecided []string)
	// Powers are the rights of a role or user that are too wide whatever is asked
	// about; complete is false when not all of its policies were read. Nil: nobody
	// worked them out.
	Powers func(principal graph.ID) (p Powers, complete bool)
	// DeclaredUsers are the principals declared to use a node, by name or ARN; a node
	// without an entry declares none.
	DeclaredUsers map[graph.ID][]string
	// Lost tells why a call that was made in an account and region gave no answer, or
	// "" when all of its calls were answered or none was needed. An empty account or
	// region means any; "sqs:*" means every call of a service that a fact or the map
	// needs. Nil: nothing was lost.
	Lost func(account, region, operation string) string
	// Needs are the data categories a processor is declared to need, by node; a node
	// without an entry declares none.
	Needs map[graph.ID][]string
	// Condition gives the conditions of Art. 9(2) and Art. 10 that an activity names,
	// empty for none. Nil: the activities were not read.
	Condition func(activity string) (special, criminal string)
	// Kept gives the periods that an activity declares. Nil: the activities were not read.
	Kept func(activity string) []Period
	// Erasure names the declared job that erases records of a store, by node.
	Erasure map[graph.ID]string
	// Approved is the baseline: the hashes of code and configuration that somebody
	// approved, by function. Nil: there is no baseline.
	Approved map[graph.ID]Approved
	// Runtimes is the table of supported runtimes; nil means the built-in one.
	Runtimes *RuntimeTable
}

// RegisterEntry is what is declared of a party: its role (processor, controller, ...),
// its country and the reference of the contract with it; empty where nothing is said.
type RegisterEntry struct{ Role, Country, Contract string }

// Certification is the place of a recipient on the list of an adequacy framework, as a
// person looked it up. A decision that covers certified recipients only allows a transfer
// while the recipient is on that list (Art. 45).
type Certification struct {
	Checked  string // the day somebody looked, YYYY-MM-DD
	Active   bool
	Fallback string // a second transfer tool, empty for none
}

// Right is what permissions let a principal do to a store.
type Right struct {
	Store       graph.ID
	Read, Write bool
	// Conditional: the right hangs on conditions of a request that are not known.
	Conditional bool
}

// User is somebody who may use a node.
type User struct {
	Principal string // ARN, "internet", an account, a service
	// Conditional: the right hangs on conditions of a request that are not known.
	Conditional bool
}

// Powers are rights that are too wide, each as a phrase.
type Powers struct {
	Admin       []string // everything, or everything but IAM
	Wild        []string // all actions of a data service, or data actions on everything
	Escalations []string // how it gets rights it was not given
}

// Approved are the hashes of a function as they were approved.
type Approved struct{ Code, Configuration string }

// Policy holds the thresholds. DefaultPolicy gives the catalogue's values.
type Policy struct {
	// KeyFor is the weakest key class that is good enough for personal and for special-category data.
	KeyForPersonal, KeyForSpecial graph.KeyClass
	RotationDays                  int // longest rotation period of a customer key
	LogDaysMax, LogDaysMin        int // bounds of log retention where none is declared
	BlastStores                   int // personal-data stores one node may read
	TriggerKinds                  int
	SnapshotDays                  int // age after which a manual snapshot needs a reason
	CertificationDays             int // age after which a look at the list of an adequacy framework says nothing
}

// DefaultPolicy is the policy of the control catalogue.
func DefaultPolicy() Policy {
	return Policy{
		KeyForPersonal: graph.KeyAWSManaged, KeyForSpecial: graph.KeyCustomer,
		RotationDays: 365, LogDaysMax: 400, LogDaysMin: 7, BlastStores: 3, TriggerKinds: 2, SnapshotDays: 365, CertificationDays: 365,
	}
}

// Finding is the answer of a control for a subject, graded and ready to print.
type Finding struct {
	Control  *Control
	Subject  string // node or flow id
	Node     *graph.Node
	Flow     *graph.Flow
	Status   Status
	Severity Severity
	Profile  classify.Profile
	Reason   string
	Facts    []graph.Fact
	Path     []graph.ID
}
