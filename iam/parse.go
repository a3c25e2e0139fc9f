package iam

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// ParsePolicy reads a policy document: plain JSON, percent-encoded as the IAM API
// returns it, or with escaped quotes as API Gateway returns it. It refuses what is no
// JSON object and what is longer than MaxPolicyBytes; everything else it reads as far
// as it can and lists the rest in Policy.Problems.
func ParsePolicy(doc string) (*Policy, error) {
	if len(doc) > 3*MaxPolicyBytes { // percent-encoding triples a text at most
		return nil, tooLong(len(doc))
	}
	doc, err := unwrap(doc)
	if err != nil {
		return nil, err
	}
	if len(doc) > MaxPolicyBytes {
		return nil, tooLong(len(doc))
	}
	root, rest, err := readJSON(doc)
	if err != nil {
		return nil, err
	}
	if root.kind != objectNode {
		return nil, errors.New("policy is no JSON object; a policy starts with {\"Version\": ...}")
	}
	sum := sha256.Sum256([]byte(doc))
	b := &builder{lines: linesOf(doc), p: &Policy{Document: doc, Hash: hex.EncodeToString(sum[:])}}
	if rest != "" {
		b.problem(root, false, "text after the end of the policy is ignored")
	}
	b.policy(root)
	return b.p, nil
}

func tooLong(n int) error {
	return fmt.Errorf("policy has %d bytes, more than the %d any AWS policy can have", n, MaxPolicyBytes)
}

// unwrap undoes the encodings in which AWS APIs hand out policies.
func unwrap(doc string) (string, error) {
	doc = strings.TrimSpace(strings.TrimPrefix(doc, "\ufeff"))
	switch {
	case doc == "":
		return "", errors.New("policy is empty")
	case doc[0] == '%':
		plain, err := url.PathUnescape(doc)
		if err != nil {
			return "", fmt.Errorf("policy is percent-encoded but broken: %w", err)
		}
		return strings.TrimSpace(plain), nil
	case strings.HasPrefix(doc, `{\`):
		if plain, err := strconv.Unquote(`"` + strings.ReplaceAll(doc, `\/`, `/`) + `"`); err == nil {
			return plain, nil
		}
	}
	return doc, nil
}

// builder turns JSON into a Policy and notes what it cannot use.
type builder struct {
	lines     lines
	p         *Policy
	variables bool
}

func (b *builder) problem(n node, undecided bool, format string, args ...any) {
	line, column := b.lines.at(n.offset)
	b.p.Problems = append(b.p.Problems, Problem{
		Pointer: n.pointer, Line: line, Column: column,
		Message: fmt.Sprintf(format, args...), Undecided: undecided,
	})
}

// element finds a member by name. AWS compares element names without case; of
// several the last counts.
func (b *builder) element(n node, name string) (node, bool) {
	var found *node
	for i := range n.members {
		m := &n.members[i]
		if !strings.EqualFold(m.name, name) {
			continue
		}
		if found != nil {
			b.problem(m.value, false, "%s is written twice, the last one counts", name)
		}
		found = &m.value
	}
	if found == nil {
		return node{}, false
	}
	return *found, true
}

func (b *builder) policy(root node) {
	b.p.Version = "2008-10-17" // the default of the language
	if v, ok := b.element(root, "Version"); ok {
		b.p.Version = v.text
	}
	b.variables = b.p.Version == "2012-10-17"
	st, ok := b.element(root, "Statement")
	if !ok {
		b.problem(root, false, "there is no Statement, the policy says nothing")
		return
	}
	list := []node{st}
	if st.kind == arrayNode {
		list = st.items
	}
	for i, n := range list {
		s := b.statement(n, i)
		b.p.Statements = append(b.p.Statements, s)
		if s.Effect == Deny {
			b.p.denies = append(b.p.denies, i)
		}
	}
}

var statementElements = []string{"Sid", "Effect", "Principal", "NotPrincipal", "Action",
	"NotAction", "Resource", "NotResource", "Condition"}

func (b *builder) statement(n node, index int) Statement {
	s := Statement{Index: index, Pointer: n.pointer, Offset: n.offset}
	if n.kind != objectNode {
		b.problem(n, true, "the statement is no object")
		s.unread = principalElement | actionElement | resourceElement
		return s
	}
	for _, m := range n.members {
		if !slices.ContainsFunc(statementElements, func(e string) bool { return strings.EqualFold(e, m.name) }) {
			b.problem(m.value, true, "unknown element %q", m.name)
			s.unread |= conditionElement // it may have been meant to narrow the statement
		}
	}
	if v, ok := b.element(n, "Sid"); ok {
		s.Sid = v.text
	}
	b.effect(n, &s)
	b.principals(n, &s)
	b.actions(n, &s)
	b.resources(n, &s)
	if c, ok := b.element(n, "Condition"); ok {
		b.conditions(c, &s)
	}
	return s
}

func (b *builder) effect(n node, s *Statement) {
	v, ok := b.element(n, "Effect")
	switch {
	case ok && strings.EqualFold(v.text, string(Allow)):
		s.Effect = Allow
	case ok && strings.EqualFold(v.text, string(Deny)):
		s.Effect = Deny
	case ok:
		b.problem(v, true, "Effect is %q instead of Allow or Deny", v.text)
		return
	default:
		b.problem(n, true, "Effect is missing")
		return
	}
	if v.text != string(s.Effect) {
		b.problem(v, false, "Effect %q is read as %s", v.text, s.Effect)
	}
}

// strings reads a single value or a list of values. Numbers and booleans count as
// their text; anything else cannot be read.
func (b *builder) strings(n node) (values []string, complete bool) {
	complete = true
	items := []node{n}
	if n.kind == arrayNode {
		items = n.items
	}
	for _, v := range items {
		if v.kind != scalarNode {
			b.problem(v, true, "a value is no string")
			complete = false
			continue
		}
		values = append(values, v.text)
	}
	return values, complete
}

// pair reads the two forms of an element, of which one may be there.
func (b *builder) pair(n node, s *Statement, name string, e element) (plain, not []string, present bool) {
	v, ok := b.element(n, name)
	w, okNot := b.element(n, "Not"+name)
	if ok && okNot {
		b.problem(w, true, "%s and Not%s exclude each other", name, name)
		s.unread |= e
	}
	var complete, completeNot = true, true
	if ok {
		plain, complete = b.strings(v)
	}
	if okNot {
		not, completeNot = b.strings(w)
	}
	if !complete || !completeNot {
		s.unread |= e
	}
	if okNot && not == nil {
		not = []string{} // an empty exception list still inverts
	}
	return plain, not, ok || okNot
}
