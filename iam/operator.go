package iam

import "strings"

// SetQualifier is the prefix of a condition operator for keys with many values.
type SetQualifier string

// The set qualifiers (IAM User Guide, "Set operators for multivalued context keys").
const (
	ForAnyValue  SetQualifier = "ForAnyValue"
	ForAllValues SetQualifier = "ForAllValues"
)

// Condition is one operator and key of a Condition element. All conditions of a
// statement must hold; of the values one must match, or none for a negated operator.
type Condition struct {
	Set      SetQualifier
	Operator string // base operator in AWS's spelling, "StringEquals"; as written when unknown
	IfExists bool
	Key      string
	Values   []string
	Pointer  string
	Offset   int

	lower  string // Key in lower case
	op     operator
	texts  []text // compiled Values
	unread bool   // a value could not be read
}

// family is how the values of an operator are compared.
type family uint8

const (
	unknownFamily family = iota
	stringFamily
	foldFamily // strings without regard to case
	likeFamily
	numericFamily
	dateFamily
	boolFamily
	binaryFamily
	ipFamily
	arnFamily
	nullFamily
)

// order is the comparison of numeric and date operators.
type order uint8

const (
	equal order = iota
	less
	lessEqual
	greater
	greaterEqual
)

type operator struct {
	name    string
	family  family
	order   order
	negated bool
}

func (o operator) known() bool { return o.family != unknownFamily }

// operators is every condition operator of the language (IAM User Guide, "IAM JSON
// policy elements: Condition operators").
var operators = []operator{
	{name: "StringEquals", family: stringFamily},
	{name: "StringNotEquals", family: stringFamily, negated: true},
	{name: "StringEqualsIgnoreCase", family: foldFamily},
	{name: "StringNotEqualsIgnoreCase", family: foldFamily, negated: true},
	{name: "StringLike", family: likeFamily},
	{name: "StringNotLike", family: likeFamily, negated: true},
	{name: "NumericEquals", family: numericFamily},
	{name: "NumericNotEquals", family: numericFamily, negated: true},
	{name: "NumericLessThan", family: numericFamily, order: less},
	{name: "NumericLessThanEquals", family: numericFamily, order: lessEqual},
	{name: "NumericGreaterThan", family: numericFamily, order: greater},
	{name: "NumericGreaterThanEquals", family: numericFamily, order: greaterEqual},
	{name: "DateEquals", family: dateFamily},
	{name: "DateNotEquals", family: dateFamily, negated: true},
	{name: "DateLessThan", family: dateFamily, order: less},
	{name: "DateLessThanEquals", family: dateFamily, order: lessEqual},
	{name: "DateGreaterThan", family: dateFamily, order: greater},
	{name: "DateGreaterThanEquals", family: dateFamily, order: greaterEqual},
	{name: "Bool", family: boolFamily},
	{name: "BinaryEquals", family: binaryFamily},
	{name: "IpAddress", family: ipFamily},
	{name: "NotIpAddress", family: ipFamily, negated: true},
	{name: "ArnLike", family: arnFamily},
	{name: "ArnEquals", family: arnFamily},
	{name: "ArnNotLike", family: arnFamily, negated: true},
	{name: "ArnNotEquals", family: arnFamily, negated: true},
	{name: "Null", family: nullFamily},
}

// parseOperator splits an operator as written into its parts. An unknown operator
// comes back with the zero operator: its condition is undecided, never false.
func parseOperator(written string) (set SetQualifier, op operator, ifExists bool) {
	base := written
	if prefix, rest, ok := strings.Cut(base, ":"); ok {
		switch {
		case strings.EqualFold(prefix, string(ForAnyValue)):
			set, base = ForAnyValue, rest
		case strings.EqualFold(prefix, string(ForAllValues)):
			set, base = ForAllValues, rest
		default:
			return "", operator{}, false
		}
	}
	const suffix = "IfExists"
	if len(base) > len(suffix) && strings.EqualFold(base[len(base)-len(suffix):], suffix) {
		ifExists, base = true, base[:len(base)-len(suffix)]
	}
	for _, o := range operators {
		if !strings.EqualFold(o.name, base) {
			continue
		}
		if o.family == nullFamily && (ifExists || set != "") {
			break // the language has no such form
		}
		return set, o, ifExists
	}
	return "", operator{}, false
}

// variablesAllowed tells whether values of the operator may hold policy variables
// (IAM User Guide, "IAM policy elements: Variables and tags").
func (o operator) variablesAllowed() bool {
	switch o.family {
	case stringFamily, foldFamily, likeFamily, arnFamily, boolFamily:
		return true
	}
	return false
}

// wildcards tells whether "*" and "?" in values are patterns.
func (o operator) wildcards() bool { return o.family == likeFamily || o.family == arnFamily }
