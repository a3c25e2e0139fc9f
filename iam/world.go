package iam

import (
	"slices"
	"strings"
)

// World is what a scan knows about permissions: who may call, what may be called, and
// every policy between them. It is filled once and then only read; any number of
// questions may share it.
//
// Lists are sorted by ARN, so that the same scan gives the same answers in the same
// order.
type World struct {
	Holders  []*Holder
	Groups   []*Group
	Assets   []*Asset
	Accounts map[string]*AccountLimits // by account id; accounts that were not scanned are missing
	Actions  *ActionData               // nil: the built-in table

	// permissive: control policies that were not read count as if they allowed everything.
	permissive bool
}

// Permissive is the same world, for questions about what would be the answer if control
// policies that could not be read stood in nobody's way.
func (w *World) Permissive() *World {
	p := *w
	p.permissive = true
	return &p
}

// UnreadLimits says why control policies of an account are not known; empty when they are,
// or when they are taken to stand in nobody's way.
func (w *World) UnreadLimits(account string) string {
	if w.permissive {
		return ""
	}
	l := w.limits(account)
	if why := l.Missing[LayerSCP]; why != "" {
		return why
	}
	return l.Missing[LayerRCP]
}

// Asset finds an asset by its ARN; nil when the scan knows none.
func (w *World) Asset(arn string) *Asset {
	i, ok := slices.BinarySearchFunc(w.Assets, arn, func(a *Asset, arn string) int { return strings.Compare(a.ARN, arn) })
	if !ok {
		return nil
	}
	return w.Assets[i]
}

// Holder is a principal with the policies that bind it.
type Holder struct {
	Principal Principal
	// Tags are aws:PrincipalTag, without session tags. Nil says that they are not known.
	Tags map[string]string
	// Policies are the inline, managed and group policies. Boundaries is nil when no
	// boundary is set.
	Policies, Boundaries []*Policy
	Trust                *Policy // who may become it; of roles only
	// Groups are the ARNs of the groups of a user; their policies are among Policies.
	Groups []string
	// Missing says which of its layers could not be read, and why.
	Missing map[Layer]string
}

// Group is a group of users.
type Group struct {
	ARN, Account string
	Policies     []*Policy
	Missing      string // why not all of them could be read
}

// Asset is something that holds or opens data: a store, a channel, a function, a key, a
// secret, a role.
type Asset struct {
	ARN, Account string
	// Region is where it is, for those whose ARN does not say it; empty when not known.
	Region string
	// Tags are aws:ResourceTag. Nil says that they are not known.
	Tags   map[string]string
	Policy *Policy // its resource policy; nil when it has none. Of a role, its trust policy.
	// Key is the ARN of the asset that decrypts what is here. Empty when no key has to
	// be asked: none, or one that belongs to the provider.
	Key string
	// AWSManagedKey: the key of the store is an AWS-managed one, or, of a key, it is one.
	AWSManagedKey bool
	Grants        []KeyGrant // of a key
	S3            S3Settings // of a bucket, without access point
	AccessPoints  []*AccessPoint
	// PointsRead: AccessPoints are all there are, so that other requests come through
	// none.
	PointsRead bool
	// Missing says which of its layers could not be read, and why.
	Missing map[Layer]string
}

// AccountLimits are the limits an organization sets on an account.
type AccountLimits struct {
	Org        string // id of the organization, empty when there is none
	OrgPath    string // "o-1/r-1/ou-1/", empty when not known
	Management bool   // the account manages its organization
	SCPs, RCPs []Level
	Missing    map[Layer]string
	// Unlisted says why the users and roles of the account are not all known; empty when
	// they are.
	Unlisted string
}

// Access is what a request does with data, in the words of answers.
type Access string

// The kinds of access. Stream is reading changes as they happen; Decrypt is the use of
// a key; Admin opens access to others or makes copies (control plane).
const (
	Read    Access = "read"
	Write   Access = "write"
	Delete  Access = "delete"
	List    Access = "list"
	Stream  Access = "stream"
	Invoke  Access = "invoke"
	Decrypt Access = "decrypt"
	Admin   Access = "admin"
)

// DataAction is an action on data, with what it does.
type DataAction struct {
	Access Access
	Action string // "s3:GetObject"
	// Suffix is what the ARN of the asset gets to name what the action is asked on:
	// "/*" for the objects of a bucket.
	Suffix string
}
