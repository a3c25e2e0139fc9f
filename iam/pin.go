package iam

import (
	"net/netip"
	"strings"
)

// Owner says whose resource a policy hangs on.
type Owner struct {
	Account   string // 12 digits
	Partition string // "aws", "aws-cn", "aws-us-gov"; not needed by any rule yet
	Org       string // organization id "o-..."; empty when not known
	// OwnBuckets are the names of buckets known to belong to the same owner. ARNs of
	// buckets carry no account, so that only a known name pins one.
	OwnBuckets map[string]bool
	// Canonical is the canonical user id of the account; empty when not known.
	Canonical string
}

func (o Owner) owns(account string) bool { return account != "" && account == o.Account }

// pinKind is what a condition holds the caller to.
type pinKind uint8

const (
	pinAccount pinKind = iota // callers or sources of named accounts
	pinOrg                    // of named organizations
	pinNetwork                // a VPC, an endpoint, a bounded address range
	pinService                // calls that an AWS service makes for itself
)

// pin is the guarantee a condition gives: when it holds, the caller or the source
// is one of these.
type pin struct {
	kind   pinKind
	values []string // principals as account id or ARN; organization ids; else empty
	source bool     // about the source of a service's call, not about the caller
	caller bool     // about the principal that calls
}

// pinKeys lists condition keys whose fixed values mean that not everybody comes in
// (S3 User Guide, "The meaning of public"; IAM User Guide, "AWS global condition
// context keys").
var pinKeys = []struct {
	key            string
	kind           pinKind
	form           valueForm
	caller, source bool
}{
	{"aws:principalaccount", pinAccount, accountForm, true, false},
	{"kms:calleraccount", pinAccount, accountForm, true, false},
	{"aws:principalarn", pinAccount, arnForm, true, false},
	{"aws:userid", pinAccount, userIDForm, true, false},
	{"aws:principalorgid", pinOrg, orgForm, true, false},
	{"aws:principalorgpaths", pinOrg, orgForm, true, false},
	{"aws:sourceaccount", pinAccount, accountForm, false, true},
	{"aws:sourceowner", pinAccount, accountForm, false, true},
	{"aws:sourcearn", pinAccount, arnForm, false, true},
	{"lambda:sourcefunctionarn", pinAccount, arnForm, false, true},
	{"aws:sourceorgid", pinOrg, orgForm, false, true},
	{"aws:sourceorgpaths", pinOrg, orgForm, false, true},
	{"s3:dataaccesspointaccount", pinAccount, accountForm, false, false},
	{"s3:dataaccesspointarn", pinAccount, arnForm, false, false},
	{"aws:sourcevpc", pinNetwork, fixedForm, false, false},
	{"aws:sourcevpce", pinNetwork, fixedForm, false, false},
	{"aws:sourcevpcarn", pinNetwork, arnForm, false, false},
	{"aws:ec2instancesourcevpc", pinNetwork, fixedForm, false, false},
	{"aws:vpceaccount", pinNetwork, accountForm, false, false},
	{"aws:vpceorgid", pinNetwork, orgForm, false, false},
	{"aws:vpceorgpaths", pinNetwork, orgForm, false, false},
	{"aws:sourceip", pinNetwork, rangeForm, false, false},
	{"elasticfilesystem:accessedviamounttarget", pinNetwork, trueForm, false, false},
	{"aws:principalisawsservice", pinService, trueForm, true, false},
	{"aws:principalservicename", pinService, fixedForm, true, false},
	{"aws:principalservicenameslist", pinService, fixedForm, true, false},
}

// valueForm is what a value must look like to be fixed.
type valueForm uint8

const (
	fixedForm   valueForm = iota // no wildcard
	accountForm                  // an account id
	arnForm                      // an ARN with an account, or an owned bucket
	orgForm                      // starts with an organization id
	userIDForm                   // starts with a unique id: "AROAEXAMPLE:*"
	rangeForm                    // an address range no wider than /8 (IPv6: /32)
	trueForm                     // "true"
)

// pinOf returns the guarantee that a condition of an Allow gives.
func (s *Statement) pinOf(c *Condition, o Owner) (pin, bool) {
	if c.op.negated || c.unread || (c.IfExists || c.Set == ForAllValues) && !s.demandsKey(c.Key) {
		return pin{}, false // holds as well when the key is missing
	}
	return c.pinned(o)
}

// demandsKey tells whether another condition demands that the key is there.
func (s *Statement) demandsKey(key string) bool {
	for _, c := range s.Conditions {
		if c.op.family == nullFamily && strings.EqualFold(c.Key, key) &&
			len(c.Values) == 1 && strings.EqualFold(c.Values[0], "false") {
			return true
		}
	}
	return false
}

// exceptionOf returns the guarantee that remains where a condition of a Deny does
// not hold: who is not in the organization is denied, so who is left is in it.
func (c *Condition) exceptionOf(o Owner) (pin, bool) {
	switch {
	case c.unread:
		return pin{}, false
	case c.op.family == boolFamily && c.Set == "":
		return c.falsePin()
	case !c.op.negated || c.Set == ForAnyValue:
		return pin{}, false // does not hold either when the key is missing
	}
	return c.pinned(o)
}

// falsePin reads {"Bool": {"aws:PrincipalIsAWSService": "false"}} of a Deny.
func (c *Condition) falsePin() (pin, bool) {
	if strings.EqualFold(c.Key, "aws:PrincipalIsAWSService") && len(c.Values) == 1 && strings.EqualFold(c.Values[0], "false") {
		return pin{kind: pinService, caller: true}, true
	}
	return pin{}, false
}

// pinned checks that every value is fixed and returns what they name. Whether the
// operator is negated is the caller's business.
func (c *Condition) pinned(o Owner) (pin, bool) {
	for _, k := range pinKeys {
		if !strings.EqualFold(k.key, c.Key) {
			continue
		}
		if !k.form.suits(c.op.family) || len(c.texts) == 0 {
			return pin{}, false
		}
		p := pin{kind: k.kind, caller: k.caller, source: k.source}
		for _, t := range c.texts {
			v, ok := k.form.fixed(t, c.op, o)
			if !ok {
				return pin{}, false
			}
			if v != "" && k.kind <= pinOrg {
				p.values = append(p.values, v)
			}
		}
		return p, true
	}
	return pin{}, false
}

func (f valueForm) suits(op family) bool {
	switch op {
	case stringFamily, foldFamily, likeFamily:
		return f != rangeForm
	case arnFamily:
		return f == arnForm
	case ipFamily:
		return f == rangeForm
	case boolFamily:
		return f == trueForm
	}
	return false
}

// fixed returns what a value names, and whether it is fixed at all. The result may
// be empty: a fixed value that names no account ("vpce-1", an owned bucket).
func (f valueForm) fixed(t text, op operator, o Owner) (string, bool) {
	p, plain := t.fixed()
	if !plain {
		return f.ownVariable(t, o)
	}
	switch f {
	case accountForm:
		return string(p), p.literal()
	case fixedForm:
		return string(p), p.literal() && p != ""
	case arnForm:
		return fixedARN(p, op, o)
	case orgForm:
		id, _, path := strings.Cut(p.prefix(), "/")
		return id, strings.HasPrefix(id, "o-") && (path || p.literal())
	case userIDForm:
		id, _, _ := strings.Cut(p.prefix(), ":")
		return "", len(id) >= 16
	case rangeForm:
		return "", narrowRange(string(p))
	case trueForm:
		return "", strings.EqualFold(string(p), "true")
	}
	return "", false
}

// ownVariable accepts variables that name the owner: "${aws:ResourceAccount}".
func (f valueForm) ownVariable(t text, o Owner) (string, bool) {
	if len(t.parts) != 1 {
		return "", false
	}
	switch name := strings.ToLower(t.parts[0].name); {
	case f == accountForm && (name == "aws:resourceaccount" || name == "s3:resourceaccount"):
		return o.Account, true
	case f == orgForm && name == "aws:resourceorgid":
		return o.Org, true
	}
	return "", false
}

func fixedARN(p pattern, op operator, o Owner) (string, bool) {
	a := splitARN(p)
	account := string(a.parts[4])
	switch {
	case a.n == 6 && a.parts[4].literal() && isAccountID(account):
		return p.String(), true
	case op.family == likeFamily:
		// StringLike knows no components: "*:111122223333:*" is a fixed account.
		for _, s := range strings.Split(string(p), ":") {
			if isAccountID(s) {
				return s, true
			}
		}
	}
	if name, ok := bucketOf(p.String()); ok && globOf(name).literal() && o.OwnBuckets[name] {
		return o.Account, true
	}
	return "", false
}

// narrowRange tells whether an address range is bounded (S3 User Guide, "The meaning
// of public": broader than /8 for IPv4 and /32 for IPv6 counts as public).
func narrowRange(s string) bool {
	if a, err := netip.ParseAddr(s); err == nil {
		return a.IsValid()
	}
	r, err := netip.ParsePrefix(s)
	if err != nil {
		return false
	}
	if r.Addr().Is4() {
		return r.Bits() >= 8
	}
	return r.Bits() >= 32
}
