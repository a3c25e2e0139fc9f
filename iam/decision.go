package iam

import (
	"fmt"
	"slices"
	"strings"
)

// Outcome is the answer to a question. The zero value is Unknown.
type Outcome uint8

// The outcomes.
const (
	// Unknown: an input is missing, or a policy holds something not understood.
	Unknown Outcome = iota
	// Allowed in every request the principal can make.
	Allowed
	// AllowedIf: allowed in requests that meet one of the alternatives.
	AllowedIf
	// Denied: nothing allows it.
	Denied
	// ExplicitlyDenied: a Deny applies to every request that would be allowed.
	ExplicitlyDenied
)

// String gives the stored value: "allowed-if".
func (o Outcome) String() string {
	return [...]string{"unknown", "allowed", "allowed-if", "denied", "explicitly-denied"}[o]
}

// MarshalText prints the stored value.
func (o Outcome) MarshalText() ([]byte, error) { return []byte(o.String()), nil }

// Reaches tells whether at least some request comes through.
func (o Outcome) Reaches() bool { return o == Allowed || o == AllowedIf }

// Decision is the answer with its proof.
type Decision struct {
	Outcome Outcome
	// If are the alternatives of an AllowedIf; one of them must hold in full.
	If []Alternative
	// Truncated: there were more alternatives than are kept.
	Truncated bool
	// Because are the statements that decide: those that allow for Allowed and
	// AllowedIf, those that deny for ExplicitlyDenied.
	Because []Reason
	// BlockedBy is the layer that stops the request, or the one that is missing.
	BlockedBy Layer
	Why       string // one sentence

	// Patterns says, when a pattern was asked, on which part the answer holds, and
	// Except what is left out of it.
	Patterns []string
	Except   []string
	// Parts are the questions behind an answer that lets something through, each with
	// its own conditions: If is the union of theirs.
	Parts []Part
}

// Part is a resource, or a pattern, on which an answer holds by itself.
type Part struct {
	Resource string
	Except   []string
	If       []Alternative // empty: allowed without condition
	Through  string        // ARN of the access point that is used
}

// Alternative is a set of conditions that must hold together.
type Alternative []Residual

// Reason is a statement that takes part, with the layer it belongs to.
type Reason struct {
	Layer Layer
	Level string // of an SCP or RCP
	StatementRef
	Effect      Effect
	Conditional bool // applies under conditions only
}

// Residual is one condition left over: what is not known about a request.
type Residual struct {
	Class    Class
	Key      string // as the policy writes it
	Operator string // "StringEquals", "ForAnyValue:StringLike", "Null", ...
	Values   []string
	Text     string // the same as a sentence
}

// String gives the condition as a sentence.
func (r Residual) String() string { return r.Text }

// String prints an alternative for people.
func (a Alternative) String() string {
	parts := make([]string, 0, len(a))
	for _, r := range a {
		parts = append(parts, r.Text)
	}
	return strings.Join(parts, " and ")
}

// residual turns a literal into a condition in the words of the policy language.
func (g *algebra) residual(lit int32) Residual {
	a, yes := g.atom(lit), lit > 0
	r := Residual{Key: a.shown, Class: a.class(), Values: a.shownValues()}
	switch a.kind {
	case presentAtom:
		r.Operator, r.Values = "Null", []string{fmt.Sprint(!yes)}
	case accountAtom:
		r.Operator, r.Key = "allows", a.shown
	case variableAtom:
		r.Operator = "resolves"
	case matchAtom:
		r.Operator = a.op.name
		if !yes {
			r.Operator = a.op.opposite()
		}
		if a.op.family == boolFamily && !yes && len(r.Values) == 1 {
			r.Operator, r.Values = "BoolIfExists", []string{fmt.Sprint(r.Values[0] != "true")}
			if alwaysThere(a.key) {
				r.Operator = "Bool"
			}
		}
	case anyValueAtom, noneValueAtom:
		r.Operator = a.setOperator(yes)
	}
	r.Text = r.sentence(yes)
	return r
}

// opposite names the operator that holds when this one does not; it holds for a
// missing key, as the negation does.
func (o operator) opposite() string {
	switch o.family {
	case boolFamily:
		return "BoolIfExists not"
	case binaryFamily:
		return "BinaryEquals not"
	}
	for _, p := range operators {
		switch {
		case p.family != o.family:
		case o.order == equal && p.order == equal && p.negated != o.negated:
			return p.name
		case o.order != equal && p.order == o.order.opposite():
			return p.name + "IfExists"
		}
	}
	return o.name + " not"
}

// setOperator writes "some value matches (none)" and its negation with set operators.
func (a *atom) setOperator(yes bool) string {
	inner := a.op.name
	if (a.kind == noneValueAtom) == yes {
		inner = a.op.opposite()
	}
	if yes {
		return string(ForAnyValue) + ":" + inner
	}
	return string(ForAllValues) + ":" + inner
}

func (a *atom) shownValues() []string {
	if a.opaque || len(a.values) == 0 {
		return slices.Clone(a.raw)
	}
	out := make([]string, 0, len(a.values))
	for _, v := range a.values {
		out = append(out, v.String())
	}
	return out
}

func (r Residual) sentence(yes bool) string {
	values := strings.Join(r.Values, ", ")
	switch r.Operator {
	case "Null":
		if r.Values[0] == "false" {
			return r.Key + " is set"
		}
		return r.Key + " is not set"
	case "allows":
		return r.Key + " allows it"
	case "resolves":
		if yes {
			return r.Key + " makes " + values + " match"
		}
		return r.Key + " does not make " + values + " match"
	}
	return r.Key + " " + r.Operator + " [" + values + "]"
}
