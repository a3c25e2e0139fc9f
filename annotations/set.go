package annotations

import (
	"maps"
	"slices"
	"strings"
	"time"
)

// Set is everything people said, ready to be asked about resources.
type Set struct {
	tax    *Taxonomy
	places *Regions
	files  []string

	organisation Organisation
	parties      map[string]Party
	activities   map[string]Activity
	people       map[string]Person
	schemas      map[string]*schema
	resources    []*resource
	byID         map[string]*resource
	flows        []FlowRule
	accept       []Acceptance
	settings     Settings

	byARN  map[string][]*resource // literal ARN -> entries
	byKind map[string][]*resource // literal kind -> entries
	rest   []*resource

	evidence *evidenceIndex
	trees    []source    // as read, imports last, for exports
	words    importWords // what the words of other tools mean
	locked   *lock
	now      time.Time // zero: nothing is expired
}

// Organisation is the controller.
type Organisation struct{ Key, Name, Address, Contact, Country, DPO, DPOContact, Representative, LeadAuthority string }

// Party is somebody outside: recipient, processor, controller.
type Party struct {
	Key, Name, Role, Country, Contract, Tool, Origin string
	Address, Contact, Note                           string
	Accounts, Hosts                                  []string
	ContractSigned, ContractExpires, ContractPlace   string // dates; file:line:column
	SubProcessors, SubProcessorsChecked              string // where the list is, and when somebody looked
	Transfer                                         Transfer
}

// Transfer is what allows data to leave the EEA for a party (Chapter V GDPR).
type Transfer struct {
	Tool, Decision, Module, Signed, Assessment, Reference string
	ListChecked                                           string // when somebody looked the recipient up in the list of an adequacy framework
	Active, CoversHR                                      bool
	Fallback                                              string // a second tool
}

// Person is a role of people, with a contact.
type Person struct{ Key, Name, Contact string }

// Activity is one line of the record of processing (Art. 30).
type Activity struct {
	Key, Name, Use, Basis, Details, Owner, SpecialCondition, CriminalCondition, DPIA, Notice, Origin string
	Subjects, Recipients, Processors, Categories                                                     []string
	Retention                                                                                        []Retention

	Controller, Arrangement        string
	JointControllers               []string
	ActsAs                         string   // "processor": a line of Art. 30(2)
	For                            []string // the controllers it is then done for
	Interest, BalancingTest, Law   string
	ConsentRecord, ConsentResource string // in words, or the id of the resource entry that keeps them
	Sources, Measures              []string
	Logic, Effect, Safeguard       string // of automated decisions (Art. 22)
	DPIADate, DPIAOutcome          string
	Review                         Review
	ReviewPlace, CategoriesPlace   string // file:line:column
}

// Retention is how long data is kept.
type Retention struct {
	Period     string // ISO 8601
	Days       int
	From       string
	Enforce    string
	Law        string
	Categories []string
	Origin     string
}

// Settings are the choices of an organisation.
type Settings struct {
	TagPrefix   string
	Aliases     []TagAlias
	Home        []string // countries data may stay in; "EEA" stands for all of them
	HomeRegions []string
	Accounts    map[string]string // known accounts, with who they are
	ReviewDays  int               // how long a review without an end holds; 0: not said
	UnknownDays int               // after how long "none" without a new review is unknown; 0: not said
	SmallGroup  int               // smallest group that is not personal any more; 0: not said
	Include     []string          // files of other tools, as the settings name them
}

// TagAlias reads a tag convention that is already in use.
type TagAlias struct {
	Key, Value string
	Data       []string
	Subjects   []string
	Hint       string
	Owner      string
	Confidence float64
}

// Review says who looked at a statement, when, and until when it holds.
type Review struct{ By, On, Expires string }

// Expired tells whether the review has run out.
func (r Review) Expired(now time.Time) bool { return expired(r.Expires, now) }

// expired tells whether a date is past; at the zero time nothing is.
func expired(date string, now time.Time) bool {
	t, err := time.Parse(time.DateOnly, date)
	return err == nil && !now.IsZero() && !now.Before(t.AddDate(0, 0, 1))
}

// Removal takes a category or field away.
type Removal struct{ Category, Field, Reason, By, On, Expires, Proof, Origin, Place string }

// Protection says that a node changes or stops categories.
type Protection struct {
	State                          string
	Inputs, Becomes, Drops, On     []string
	Method, Key, Reviewer, Expires string
	Effect                         string   // keep, reduce, drop; from the taxonomy
	Group                          int      // smallest number of people in what leaves; 0: not said
	Missing                        []string // proofs its state asks for that are not given
	Origin                         string
	Place                          string // file:line:column of the date it ends on
}

// Believed tells whether the protection has a reviewer, an unexpired date and all the
// proofs of its state; without them it is a proposal and changes nothing.
func (p Protection) Believed(now time.Time) bool { return p.Doubt(now) == "" }

// Doubt says why the protection is not believed; empty when it is.
func (p Protection) Doubt(now time.Time) string {
	switch {
	case p.Reviewer == "" || p.Expires == "":
		return "it is a proposal: nobody vouches for it until a date"
	case expired(p.Expires, now):
		return "its review expired on " + p.Expires
	case len(p.Missing) > 0:
		return "it lacks " + strings.Join(p.Missing, ", ")
	}
	return ""
}

// Erasure says how data is erased.
type Erasure struct{ How, By, Lag, Reason string }

// Volume is how many people and records.
type Volume struct {
	Subjects, Records int
	AsOf, Source      string
}

// Acceptance is an exception for a finding.
type Acceptance struct {
	Finding, Reason, By, Expires string
	Resource                     string // id of a resource entry, or
	Match                        *Match // a pattern
	Origin                       string
	Place                        string // file:line:column
}

// FlowRule is a declared flow.
type FlowRule struct {
	From, To Selector
	Via      string
	Carries  []string // categories; nil when not said
	Purpose  string
	TLS      string
	Origin   string

	fromPlace, toPlace string
}

// Selector names an end of a declared flow: an entry, a party or a pattern.
type Selector struct {
	Resource, Party string
	Match           *Match
}

// schema is a named field list, flattened.
type schema struct {
	fields   []fieldStatement
	subjects []string
	rest     string
	extends  string
	drop     []string
	origin   string
	review   Review

	reviewPlace string
}

type fieldStatement struct {
	path       string
	categories []string // empty with none and unknown
	state      string   // "", none, unknown
	may        []string
	subjects   []string
	reason     string
	confidence float64 // 0: that of the layer
	origin     string
}

// resource is one entry of the resources section.
type resource struct {
	id         string
	match      Match
	schema     string
	fields     []fieldStatement
	data       []string
	none       bool
	reason     string
	not        []Removal
	subjects   []string
	activities []string
	retention  *Retention
	owner      string
	review     Review
	protects   []Protection
	passes     []string
	identity   string
	erasure    *Erasure
	volume     *Volume
	needs      []string
	readers    []string
	system     string
	origin     string
	file       string
	line, col  int
	places     map[string]string // property -> file:line:col
	node       *node             // as it was written
}

// Taxonomy returns the words in force, own keys included.
func (s *Set) Taxonomy() *Taxonomy { return s.tax }

// Regions returns the table of places.
func (s *Set) Regions() *Regions { return s.places }

// Organisation returns the controller as declared.
func (s *Set) Organisation() Organisation { return s.organisation }

// Parties returns the declared parties, sorted by key.
func (s *Set) Parties() []Party { return sortedValues(s.parties) }

// Activities returns the declared activities, sorted by key.
func (s *Set) Activities() []Activity { return sortedValues(s.activities) }

// Flows returns the declared flows.
func (s *Set) Flows() []FlowRule { return s.flows }

// Acceptances returns the accepted findings.
func (s *Set) Acceptances() []Acceptance { return s.accept }

// Settings returns the settings.
func (s *Set) Settings() Settings { return s.settings }

// Files lists the files that were read, sorted.
func (s *Set) Files() []string { return s.files }

// Person returns a role of people by key.
func (s *Set) Person(key string) (Person, bool) { p, ok := s.people[key]; return p, ok }

// Party returns a party by key.
func (s *Set) Party(key string) (Party, bool) { p, ok := s.parties[key]; return p, ok }

func keys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }

func sortedValues[V any](m map[string]V) []V {
	out := make([]V, 0, len(m))
	for _, k := range slices.Sorted(maps.Keys(m)) {
		out = append(out, m[k])
	}
	return out
}
