package iam

import (
	"fmt"
	"strings"
)

// Policy is one policy document, compiled. It must not be changed; any number of
// evaluations may share it.
type Policy struct {
	// ID names the policy in evidence: an ARN, "inline/name", a file. The parser
	// leaves it empty; see Named.
	ID         string
	Version    string // "2012-10-17" and "2008-10-17" differ: only the first has variables
	Statements []Statement
	// Problems lists what the document holds that cannot be used as written.
	Problems []Problem
	// Document is the plain JSON text that was read, and Hash its SHA-256 in
	// hexadecimal: what a proof cites.
	Document, Hash string

	denies []int // indexes of the Deny statements
}

// Named returns a copy of the policy that carries an id for evidence.
func (p *Policy) Named(id string) *Policy {
	c := *p
	c.ID = id
	return &c
}

// Problem is something in a document that AWS would refuse or that this package
// cannot read, with its place.
type Problem struct {
	Pointer      string // JSON pointer
	Line, Column int    // from 1
	Message      string
	// Undecided is true when an answer may hang on it: a statement that could not
	// be read, an unknown operator. Otherwise the meaning is clear in spite of it.
	Undecided bool
}

// String gives place and message.
func (p Problem) String() string {
	return fmt.Sprintf("line %d column %d (%s): %s", p.Line, p.Column, p.Pointer, p.Message)
}

// Undecided says which parts of the policy could not be understood, in a sentence
// for a fact that stays unknown. It is empty when all of it was.
func (p *Policy) Undecided() string {
	var parts []string
	for _, x := range p.Problems {
		if x.Undecided {
			parts = append(parts, x.String())
		}
	}
	return strings.Join(parts, "; ")
}

// Effect is what a statement does. The zero value means it could not be read.
type Effect string

// The effects.
const (
	Allow Effect = "Allow"
	Deny  Effect = "Deny"
)

// Statement is one statement of a policy.
type Statement struct {
	Sid     string
	Index   int    // from 0
	Pointer string // "/Statement/0"
	Offset  int    // byte offset in the document
	Effect  Effect

	// At most one of each pair is set. Nil principals mean the element is missing.
	Principals, NotPrincipals *Principals
	Actions, NotActions       []string
	Resources, NotResources   []string
	Conditions                []Condition

	hasAction, hasResource bool // either element of the pair is there
	// unread elements exist but hold something that cannot be read (an unresolved
	// template reference), so that "does not match" is not certain.
	unread    element
	actions   []actionPattern   // compiled Actions or NotActions
	resources []resourcePattern // compiled Resources or NotResources
}

type element uint8

const (
	principalElement element = 1 << iota
	actionElement
	resourceElement
	conditionElement
)

// Principals is a Principal or NotPrincipal element.
type Principals struct {
	Any       bool     // "*" or {"AWS": "*"}: everybody, also without credentials
	AWS       []string // account ids, ARNs and unique ids as written; without "*"
	Service   []string
	Federated []string
	Canonical []string // canonical user ids of S3
}

// StatementRef points at a statement for evidence.
type StatementRef struct {
	Policy  string // Policy.ID
	Index   int
	Sid     string
	Pointer string
}

// String names the statement as people find it again: by Sid, or by number from 0.
func (r StatementRef) String() string {
	if r.Sid != "" {
		return r.Sid
	}
	return fmt.Sprintf("Statement[%d]", r.Index)
}

func (p *Policy) ref(s *Statement) StatementRef {
	return StatementRef{Policy: p.ID, Index: s.Index, Sid: s.Sid, Pointer: s.Pointer}
}

// mayAllow is true for Allow and for a statement whose effect cannot be read: a
// reading that looks for exposure must not overlook it.
func (s *Statement) mayAllow() bool { return s.Effect != Deny }
