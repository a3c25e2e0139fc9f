package iam

import (
	"strings"
	"unicode"
)

// actionPattern is one value of an Action or NotAction element, in lower case:
// action names have no case (IAM User Guide, "IAM JSON policy elements: Action").
type actionPattern struct {
	all     bool // "*"
	service string
	name    pattern
}

// compileAction reads an action. The service prefix has no wildcards. A value that
// breaks the form, as by white space, matches nothing: AWS compares it as it stands.
func compileAction(raw string) actionPattern {
	if raw == "*:*" || raw != "" && strings.Trim(raw, "*") == "" {
		return actionPattern{all: true}
	}
	service, name, ok := strings.Cut(strings.ToLower(raw), ":")
	if !ok || strings.ContainsAny(service, "*?") || strings.ContainsFunc(raw, unicode.IsSpace) {
		return actionPattern{}
	}
	return actionPattern{service: service, name: globOf(name)}
}

// covers tells whether a matches all actions that q matches.
func (a actionPattern) covers(q actionPattern) bool {
	switch {
	case a.all:
		return true
	case q.all || a.service == "" || a.service != q.service:
		return false
	}
	return a.name.covers(q.name)
}

func (a actionPattern) overlaps(q actionPattern) bool {
	switch {
	case a.all || q.all:
		return a.all && (q.all || q.service != "") || q.all && a.service != ""
	case a.service == "" || a.service != q.service:
		return false
	}
	return a.name.overlaps(q.name)
}

// cover says how much of what is asked a statement element takes in.
type cover uint8

const (
	apart  cover = iota // nothing of it
	partly              // some of it
	wholly              // all of it
)

// coverAction says how much of an action (which may be a pattern) the statement
// takes in. NotAction inverts the element, not the statement.
func (s *Statement) coverAction(q actionPattern) cover {
	best := apart
	for _, a := range s.actions {
		switch {
		case a.covers(q):
			best = wholly
		case best == apart && a.overlaps(q):
			best = partly
		}
	}
	if s.NotActions == nil {
		return best
	}
	return wholly - best
}

// resolver turns a text with variables into a pattern. ok is false when a variable
// has no value; unsure when its value is not known, and the pattern then is the
// widest it can be.
type resolver func(text) (p pattern, ok, unsure bool)

// widest resolves every variable to anything.
func widest(t text) (pattern, bool, bool) { return t.anyValue(), true, true }

// coverResource says how much of a resource (which may be a pattern) the statement
// takes in. sure is false when a variable could change the answer. A statement
// without Resource, as in trust policies, is about the resource it hangs on.
func (s *Statement) coverResource(q resourceQuery, resolve resolver) (c cover, sure bool) {
	if !s.hasResource {
		return wholly, true
	}
	best, sure := apart, true
	for i := range s.resources {
		x, certain := s.resources[i].cover(q, resolve)
		if x > best {
			best, sure = x, certain
		} else if x == best && x != apart {
			sure = sure || certain
		}
		if best == wholly && sure {
			break
		}
	}
	if s.NotResources != nil {
		best = wholly - best
	}
	return best, sure
}

// resourceQuery is the resource asked about: an ARN, an ARN with wildcards ("any
// object under p/"), or nothing for actions that have no resource.
type resourceQuery struct {
	arn  arnPattern
	none bool // the action takes no resource: only "*" matches
}

func queryResource(arn string) resourceQuery {
	return resourceQuery{arn: splitARN(globOf(arn))}
}

func (r *resourcePattern) cover(q resourceQuery, resolve resolver) (c cover, sure bool) {
	if r.fixed && r.all {
		return wholly, true
	}
	arn, unsure := r.arn, false
	if !r.fixed {
		p, ok, guess := resolve(r.text)
		if !ok {
			return apart, true
		}
		arn, unsure = splitARN(p), guess
	}
	switch {
	case q.none:
		return apart, true
	case arn.covers(q.arn):
		return wholly, !unsure
	case arn.overlaps(q.arn):
		return partly, !unsure
	}
	return apart, true
}
