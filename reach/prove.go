package reach

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/flowdeed/flowdeed/iam"
	"github.com/flowdeed/flowdeed/reach/proof"
	"github.com/flowdeed/flowdeed/reach/proof/terms"
	"github.com/flowdeed/flowdeed/reach/proof/verify"
)

// maxSplits bounds the depth of the case distinctions of a proof.
const maxSplits = 14

// maxExcept bounds how many parts of a resource a proof leaves out beside those that
// the decision names.
const maxExcept = 16

// ErrUnproven says that an answer could not be derived a second time. The answer then
// is in doubt: evaluator and checker read the documents differently.
var ErrUnproven = errors.New("no proof found")

// Question is one request of a principal about an asset, as it was decided.
type Question struct {
	Principal string // ARN, service name, or "*"
	Asset     string // ARN of the asset
	Action    string
	// Given are condition keys that the question states about the request, beyond what
	// follows from principal and resource. An empty list says that the key is absent.
	Given map[string][]string
	// Closed: keys neither given nor known are absent.
	Closed bool
	// Step is what the question is asked for, where that changes what counts: its kind,
	// and what principal or asset are supposed to have done.
	Step proof.Step
}

func (q *Question) step() *proof.Step {
	return &proof.Step{Kind: q.Step.Kind, Principal: q.Principal, Asset: q.Asset, Lifted: q.Step.Lifted, Opened: q.Step.Opened, Joined: q.Step.Joined, Listed: q.Step.Listed}
}

// Grants writes the derivation of a decision that lets something through: one grant
// for each part of the resource on which it holds. It derives every statement from the
// documents of the inventory, so that the decision and the proof come about in two
// ways; what cannot be derived is ErrUnproven.
func Grants(x *verify.Checker, q Question, d iam.Decision) ([]proof.Grant, error) {
	if !d.Outcome.Reaches() {
		return nil, fmt.Errorf("%w: %s is %s", ErrUnproven, q.Action, d.Outcome)
	}
	var out []proof.Grant
	for _, part := range d.Parts {
		g := proof.Grant{Action: q.Action, Resource: part.Resource, Except: slices.Clone(part.Except), Through: part.Through, Given: lowerKeys(q.Given), Closed: q.Closed}
		if err := proveAll(x, q, &g, part.If); err != nil {
			return nil, fmt.Errorf("%w of %s on %s by %s %w", ErrUnproven, q.Action, part.Resource, q.Principal, err)
		}
		if !slices.ContainsFunc(out, func(o proof.Grant) bool { return reflect.DeepEqual(o, g) }) {
			out = append(out, g)
		}
	}
	return out, nil
}

func lowerKeys(m map[string][]string) proof.Keys {
	out := proof.Keys{}
	for k, v := range m {
		out[strings.ToLower(k)] = v
	}
	return out
}

// proveAll derives a grant in every alternative. Parts of the resource that a statement
// denies and the decision does not name are left out of the claim.
func proveAll(x *verify.Checker, q Question, g *proof.Grant, alternatives []iam.Alternative) error {
	if len(alternatives) == 0 {
		alternatives = []iam.Alternative{nil}
	}
	var all [][]proof.Literal
	for _, a := range alternatives {
		lits, err := Literals(a)
		if err != nil {
			return err
		}
		all = append(all, lits)
	}
again:
	for range maxExcept {
		g.Alternatives = nil
		for i, lits := range all {
			c, open, err := cases(x, q, g, lits, 0)
			switch {
			case err == nil:
				g.Alternatives = append(g.Alternatives, proof.Alternative{If: lits, Case: c})
				continue
			case len(open.Parts) == 0:
				return fmt.Errorf("where %s: %w", alternatives[i], err)
			}
			g.Except = append(g.Except, open.Parts...)
			slices.Sort(g.Except)
			g.Except = slices.Compact(g.Except)
			continue again
		}
		return nil
	}
	return errors.New("too many parts are denied")
}

// cases derives a grant under literals, and splits where something stays open.
func cases(x *verify.Checker, q Question, g *proof.Grant, lits []proof.Literal, depth int) (proof.Case, verify.Open, error) {
	if depth > 0 && terms.Impossible(lits) {
		return proof.Case{Impossible: true}, verify.Open{}, nil
	}
	requests, open, err := x.Derive(q.step(), g, lits)
	if err == nil {
		return proof.Case{Requests: requests}, open, nil
	}
	if open.Literal == nil || depth >= maxSplits {
		return proof.Case{}, open, err
	}
	split := *open.Literal
	c := proof.Case{Split: &split}
	for _, side := range []struct {
		holds bool
		to    **proof.Case
	}{{true, &c.Holds}, {false, &c.Fails}} {
		l := split
		l.Holds = side.holds
		half, open, err := cases(x, q, g, append(slices.Clone(lits), l), depth+1)
		if err != nil {
			return c, open, err
		}
		*side.to = &half
	}
	return c, verify.Open{}, nil
}

// Literals writes an alternative of a decision in the words of proofs.
func Literals(a iam.Alternative) ([]proof.Literal, error) {
	var out []proof.Literal
	for _, r := range a {
		l, err := literal(r)
		if err != nil {
			return nil, err
		}
		out = append(out, l)
	}
	return out, nil
}

// contrary gives the positive operator that an operator of a left-over condition
// negates.
var contrary = map[string]string{
	"StringNotEquals": "StringEquals", "StringNotEqualsIgnoreCase": "StringEqualsIgnoreCase", "StringNotLike": "StringLike",
	"NumericNotEquals": "NumericEquals", "DateNotEquals": "DateEquals", "NotIpAddress": "IpAddress", "ArnNotLike": "ArnLike", "ArnNotEquals": "ArnLike",
	"NumericLessThanIfExists": "NumericGreaterThanEquals", "NumericLessThanEqualsIfExists": "NumericGreaterThan",
	"NumericGreaterThanIfExists": "NumericLessThanEquals", "NumericGreaterThanEqualsIfExists": "NumericLessThan",
	"DateLessThanIfExists": "DateGreaterThanEquals", "DateLessThanEqualsIfExists": "DateGreaterThan",
	"DateGreaterThanIfExists": "DateLessThanEquals", "DateGreaterThanEqualsIfExists": "DateLessThan",
	"BoolIfExists not": "Bool", "BinaryEquals not": "BinaryEquals",
}

// literal turns a left-over condition into a positive one that holds or does not.
func literal(r iam.Residual) (proof.Literal, error) {
	l := proof.Literal{Key: r.Key, Values: slices.Clone(r.Values), Holds: true}
	set, op, isSet := strings.Cut(r.Operator, ":")
	if !isSet {
		set, op = "", r.Operator
	}
	positive, negated := contrary[op]
	if !negated {
		positive, negated = strings.CutSuffix(op, " not")
	}
	if positive == "ArnEquals" {
		positive = "ArnLike"
	}
	switch {
	case op == "Null":
		return proof.Literal{Key: r.Key, Operator: "Present", Holds: r.Values[0] == "false"}, nil
	case op == "allows":
		l.Operator, l.Values, l.Key = op, nil, strings.ReplaceAll(l.Key, noAccount, "*")
		return l, nil
	case op == "resolves":
		l.Operator, l.Holds = op, !strings.Contains(r.Text, " does not make ")
		return l, nil
	case op == "BoolIfExists" && !isSet && len(r.Values) == 1:
		l.Operator, l.Values, l.Holds = "Bool", []string{map[string]string{"true": "false", "false": "true"}[r.Values[0]]}, false
		return l, nil
	case isSet: // ForAllValues says that no value is otherwise
		l.Holds = set == string(iam.ForAnyValue)
		l.Operator = "ForAnyValue:" + positive
		if negated == l.Holds {
			l.Operator = "ForAnyValueNot:" + positive
		}
	default:
		l.Operator, l.Holds = positive, !negated
	}
	if strings.HasSuffix(l.Operator, "IfExists") {
		return l, fmt.Errorf("the condition %q has no counterpart in proofs", r.Text)
	}
	slices.Sort(l.Values)
	l.Values = slices.Compact(l.Values)
	return l, nil
}
