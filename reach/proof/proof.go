// Package proof is the form in which flowdeed hands out the derivation of an answer
// about access: who may do what, under which conditions, along which steps, by which
// statements of which documents, and which denials were weighed.
//
// A proof holds no judgement of its own. Documents are named by policy, version and
// SHA-256; everything else in it can be derived again from the documents and from the
// inventory of who has which policy. Package verify does that without the evaluator
// that gave the answer.
package proof

import (
	"crypto/sha256"
	"encoding/hex"
)

// Format names the form of proofs written by this release.
const Format = "flowdeed-proof/1"

// Proof is the derivation of one answer: the first principal can use the last asset.
type Proof struct {
	Format   string `json:"format"`
	Snapshot string `json:"snapshot,omitempty"` // identity of the snapshot the answer was taken from
	Answer   Answer `json:"answer"`
	Steps    []Step `json:"steps"`
}

// Answer is what is proven.
type Answer struct {
	// Principal is an ARN, a service name, "*" for anybody without credentials, the root of
	// account "*" for any principal of any account, or SignedIn.
	Principal string `json:"principal"`
	Target    string `json:"target"` // ARN of the asset
	// Access is the kinds of access that are proven; empty when a single action is.
	Access []string `json:"access,omitempty"`
	// Decision is "allowed" when no condition is left over on any step, else "allowed-if".
	Decision string `json:"decision"`
}

// AnyAccount is the principal that stands for whoever has an AWS account.
const AnyAccount = "arn:aws:iam::*:root"

// SignedIn is the principal that stands for everybody who signed in at an entry point.
const SignedIn = "signed-in users"

// Step is one move: a principal uses an asset, and may act as another principal from
// there on.
type Step struct {
	// Kind says what the step rests on.
	//
	//   - "access": Principal uses Asset; the last step.
	//   - "assume-role": the trust policy of Asset, a role, lets Principal in.
	//   - "escalation": Principal gets the rights of Becomes by Rule; Requires are the
	//     permissions and the trust that the rule takes. By some rules it gives itself
	//     every permission, or gives them to Becomes before it becomes that, and the next
	//     step is Lifted; by another it joins the group Workload.
	//   - "opening": Principal opens Asset, or copies its data out, by the action Rule;
	//     Requires are the use of its key, or a role that is handed over. The last step.
	//   - "flow": what starts at Principal, a node of the graph, goes on to Asset by Flow.
	//   - "runs-under": the code of Asset does for whoever starts it what its role Becomes
	//     may; that it does is the assumption in If.
	//   - "permission", in Requires only: Principal may do something where its own side
	//     decides.
	Kind      string  `json:"kind"`
	Principal string  `json:"principal"`
	Asset     string  `json:"asset"`
	Becomes   string  `json:"becomes,omitempty"` // ARN of the role; empty for the last step
	Grants    []Grant `json:"grants,omitempty"`  // each one is proven

	Rule     string `json:"rule,omitempty"`
	Workload string `json:"workload,omitempty"` // what runs under the role and is taken over
	Requires []Step `json:"requires,omitempty"`
	// Lifted: the principal has given itself a policy that allows everything. Opened: the
	// asset has been given a policy that lets everybody in, so that its key alone counts.
	Lifted bool `json:"lifted,omitempty"`
	Opened bool `json:"opened,omitempty"`
	// Listed: the access lists of the asset name everybody who has an account.
	Listed bool `json:"listed,omitempty"`
	// Joined is the group that the principal has put itself into.
	Joined string    `json:"joined,omitempty"`
	Flow   *Flow     `json:"flow,omitempty"`
	If     []Literal `json:"if,omitempty"` // what is assumed
}

// Flow is a way from one node to another, as configuration or inference names it.
type Flow struct {
	From string `json:"from"`
	To   string `json:"to"`
	Kind string `json:"kind"`
	Via  string `json:"via,omitempty"` // route, mapping, subscription
	// Auth is the proof of identity that an entry point asks for, as far as it is known.
	Auth       string   `json:"auth,omitempty"`
	Off        bool     `json:"off,omitempty"`   // switched off
	Async      bool     `json:"async,omitempty"` // hands no answer back
	Confidence float64  `json:"confidence"`      // 0 to 1; 0.98 and above is configuration or observation
	Evidence   []string `json:"evidence"`        // operations and fields, sorted
}

// Grant is one request the principal may make, in one of the alternatives.
type Grant struct {
	Action   string   `json:"action"`
	Resource string   `json:"resource"`         // ARN or pattern
	Except   []string `json:"except,omitempty"` // patterns left out of the pattern
	Through  string   `json:"through,omitempty"`
	// Given are condition keys of the request as the question states them. An empty
	// list says that the key is absent.
	Given map[string][]string `json:"given,omitempty"`
	// Closed: keys neither given nor known from the inventory are absent.
	Closed       bool          `json:"closed,omitempty"`
	Alternatives []Alternative `json:"alternatives"`
}

// Alternative is a set of conditions under which every request is allowed.
type Alternative struct {
	If   []Literal `json:"if,omitempty"`
	Case Case      `json:"case"`
}

// Literal is one condition on a key of the request, or its contrary.
type Literal struct {
	Key string `json:"key"`
	// Operator is a positive operator of the policy language ("StringEquals": the key is
	// there and matches one of the values), "ForAnyValue:" or "ForAnyValueNot:" before
	// one (some value matches, or matches none), "Present", "resolves" (the variable Key
	// makes the text in Values match), or "allows" (the account Key lets the caller).
	Operator string   `json:"operator"`
	Values   []string `json:"values,omitempty"`
	Holds    bool     `json:"holds"`
}

// Case is a derivation, or a split: with the condition and without it. A case whose
// conditions exclude each other needs no derivation.
type Case struct {
	Split      *Literal  `json:"split,omitempty"`
	Holds      *Case     `json:"holds,omitempty"`
	Fails      *Case     `json:"fails,omitempty"`
	Impossible bool      `json:"impossible,omitempty"`
	Requests   []Request `json:"requests,omitempty"`
}

// Request is one question to AWS with every gate it passes: the action itself, the
// use of the key, the passage through an access point.
type Request struct {
	Principal string `json:"principal"`
	Action    string `json:"action"`
	Resource  string `json:"resource"`
	Owner     string `json:"owner"` // account
	Gates     []Gate `json:"gates"`
}

// Gate is one layer of policies.
type Gate struct {
	Layer     string `json:"layer"`
	Level     string `json:"level,omitempty"` // of a control policy
	Documents []Ref  `json:"documents"`       // all there are, in order
	Allows    []Cite `json:"allows,omitempty"`
	// Denies are those that name action, resource and principal, and do not apply
	// because of the condition at Because.
	Denies []Cite `json:"denies,omitempty"`
}

// Ref names a document.
type Ref struct {
	Policy  string `json:"policy"`
	Version string `json:"version,omitempty"`
	SHA256  string `json:"sha256"`
}

// Cite points at a statement.
type Cite struct {
	Document  int    `json:"document"` // in Documents of the gate, from 0
	Statement int    `json:"statement"`
	Sid       string `json:"sid,omitempty"`
	Pointer   string `json:"pointer"`           // JSON pointer into the document
	By        string `json:"by,omitempty"`      // how the principal element takes the caller in
	Because   string `json:"because,omitempty"` // JSON pointer of the condition that fails
}

// Bundle is proofs with all they rest on.
type Bundle struct {
	Proofs    []*Proof   `json:"proofs"`
	Inventory *Inventory `json:"inventory"`
}

// Inventory is who has which policies, as the account said. It is read without the
// evaluator.
type Inventory struct {
	Snapshot  string             `json:"snapshot,omitempty"`
	Documents map[string]string  `json:"documents"` // by SHA-256
	Holders   map[string]Holder  `json:"holders"`   // by ARN, service name, or "*"
	Assets    map[string]Asset   `json:"assets"`    // by ARN
	Accounts  map[string]Account `json:"accounts"`  // that were scanned, by id
	Groups    map[string]Group   `json:"groups,omitempty"`
	Flows     []Flow             `json:"flows,omitempty"`
	Nodes     map[string]Node    `json:"nodes,omitempty"` // ends of the flows
	// Never lists, by action in lower case, condition keys that some document asks for and
	// that no request for the action carries (Service Authorization Reference).
	Never map[string][]string `json:"never,omitempty"`
}

// Node is something a flow begins or ends at.
type Node struct {
	Class string `json:"class"`
	Keeps bool   `json:"keeps,omitempty"` // holds data: a store or a channel
}

// Keys are condition keys, in lower case, that follow from who asks or what is asked.
// An empty list says that the key is absent; "aws:principaltag/*" speaks of all keys
// with that beginning that are not listed. The name of a key that can hold several
// values ends in "[]".
type Keys map[string][]string

// Holder is somebody who can call.
type Holder struct {
	// Kind is "user", "role", "session", "root", "service", "provider" or "anonymous".
	Kind    string `json:"kind"`
	Account string `json:"account,omitempty"`
	// Away: its account was not scanned, and decides about it by itself.
	Away     bool  `json:"away,omitempty"`
	Keys     Keys  `json:"keys,omitempty"`
	Policies []Ref `json:"policies"`           // inline, attached, and those of groups
	Boundary []Ref `json:"boundary,omitempty"` // none: no boundary
	Sessions []Ref `json:"sessions,omitempty"`
	// Groups are the ARNs of the groups of a user; their policies are among Policies.
	Groups []string `json:"groups,omitempty"`
	Unread string   `json:"unread,omitempty"` // why some of it is not known
}

// Group is a group of users.
type Group struct {
	Account  string `json:"account"`
	Policies []Ref  `json:"policies"`
	Unread   string `json:"unread,omitempty"`
}

// Asset is something with data, a key, or a role.
type Asset struct {
	Account string `json:"account"`
	Keys    Keys   `json:"keys,omitempty"`
	Policy  *Ref   `json:"policy,omitempty"` // of a role, its trust policy
	Key     string `json:"key,omitempty"`    // ARN of the key that has to be asked
	// AWSKey: the key, or the asset that is one, belongs to AWS and serves the account's
	// own principals.
	AWSKey bool       `json:"awsKey,omitempty"`
	Grants []KeyGrant `json:"grants,omitempty"`
	ACL    []ACLEntry `json:"acl,omitempty"` // entries that count
	// ListsOff: access lists do not count, or it is not known whether they do.
	ListsOff bool `json:"listsOff,omitempty"`
	// BlockPublic: a policy that is open to everybody serves the owner's account only.
	BlockPublic bool `json:"blockPublic,omitempty"`
	// VPC is, of an access point, the only one it takes requests from.
	VPC          string           `json:"vpc,omitempty"`
	AccessPoints map[string]Asset `json:"accessPoints,omitempty"` // by ARN
	Unread       string           `json:"unread,omitempty"`
}

// KeyGrant is a grant of a key.
type KeyGrant struct {
	ID         string            `json:"id"`
	Grantee    string            `json:"grantee"`
	Operations []string          `json:"operations"`
	Context    map[string]string `json:"context,omitempty"` // demanded of the encryption context
}

// ACLEntry is an entry of an access-control list.
type ACLEntry struct {
	Grantee    string `json:"grantee"` // "AllUsers" or "AuthenticatedUsers"; others are not proven
	Permission string `json:"permission"`
	Object     bool   `json:"object,omitempty"`
}

// Account is the place of an account in its organization.
type Account struct {
	Management bool    `json:"management,omitempty"` // no control policy limits it
	SCPs       []Level `json:"scps,omitempty"`       // from the root to the account
	RCPs       []Level `json:"rcps,omitempty"`
	// SCPsUnread and RCPsUnread say why control policies are not known.
	SCPsUnread string `json:"scpsUnread,omitempty"`
	RCPsUnread string `json:"rcpsUnread,omitempty"`
}

// Level is the control policies of one level.
type Level struct {
	ID       string `json:"id"`
	Policies []Ref  `json:"policies"`
}

// Everything and Everybody are the policies that a lifted principal gives itself, and
// that an opened asset is taken to have.
const (
	Everything = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}`
	Everybody  = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":"*","Resource":"*"}]}`
)

// ListedToAll is what a listed asset is taken to have in its access lists.
var ListedToAll = []ACLEntry{
	{Grantee: "AuthenticatedUsers", Permission: "READ", Object: true}, {Grantee: "AuthenticatedUsers", Permission: "READ"}, {Grantee: "AuthenticatedUsers", Permission: "WRITE"},
}

// Supposed names a policy that somebody could write.
func Supposed(document string) Ref { return Ref{Policy: "supposed", SHA256: Hash(document)} }

// Hash is the SHA-256 of a document as the account returned it.
func Hash(document string) string {
	sum := sha256.Sum256([]byte(document))
	return hex.EncodeToString(sum[:])
}
