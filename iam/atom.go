package iam

import (
	"strings"
)

// atomKind is what an atom is about.
type atomKind uint8

const (
	matchAtom     atomKind = iota // the key is there and its value matches
	anyValueAtom                  // some value of the key matches
	noneValueAtom                 // some value of the key matches none of the values
	presentAtom                   // the key is there
	variableAtom                  // a policy variable has a value that makes a pattern match
	accountAtom                   // another account allows it
	gapAtom                       // something could not be read
)

// sessionKey stands for the name of a role session, which the caller chooses.
const sessionKey = "role session name"

// atom is a statement about a request that cannot be decided from what is known.
type atom struct {
	kind   atomKind
	key    string // lower case
	shown  string // as written
	op     operator
	values []pattern // resolved values
	raw    []string  // values as written
	opaque bool      // holds a variable without known value: compared by text only
	reason string
	// orAbsent: of a variable with a default, which need not be there.
	orAbsent bool
}

func (a *atom) identity() string {
	var b strings.Builder
	b.WriteByte(byte('a' + a.kind))
	b.WriteString(a.key)
	b.WriteByte(0)
	b.WriteString(a.op.name)
	for _, v := range a.values {
		b.WriteByte(0)
		b.WriteString(string(v))
	}
	if a.opaque || len(a.values) == 0 {
		b.WriteString("\x00" + strings.Join(a.raw, "\x00"))
	}
	b.WriteString("\x00" + a.reason)
	return b.String()
}
