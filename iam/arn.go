package iam

import "strings"

// arnParts splits an ARN into partition, service, region, account and resource
// after the "arn" word. The resource keeps its colons.
func arnParts(arn string) (parts [6]string, ok bool) {
	s := strings.SplitN(arn, ":", 6)
	if len(s) != 6 || s[0] != "arn" {
		return parts, false
	}
	copy(parts[:], s)
	return parts, true
}

// Account returns the account of an ARN or of a bare account id; empty where there
// is none ("arn:aws:s3:::bucket", "*").
func Account(principal string) string {
	if isAccountID(principal) {
		return principal
	}
	if parts, ok := arnParts(principal); ok {
		return parts[4]
	}
	return ""
}

func isAccountID(s string) bool {
	if len(s) != 12 {
		return false
	}
	for _, c := range s {
		if c < '0' || c > '9' {
			return false
		}
	}
	return true
}

// accountPrincipal returns the account that a principal delegates to: "123456789012"
// and "arn:aws:iam::123456789012:root" mean the same in every partition.
func accountPrincipal(principal string) (string, bool) {
	if isAccountID(principal) {
		return principal, true
	}
	if p, ok := arnParts(principal); ok && p[2] == "iam" && p[5] == "root" && isAccountID(p[4]) {
		return p[4], true
	}
	return "", false
}

// bucketOf returns the bucket name of an S3 ARN without account.
func bucketOf(arn string) (string, bool) {
	p, ok := arnParts(arn)
	if !ok || p[2] != "s3" || p[4] != "" {
		return "", false
	}
	name, _, _ := strings.Cut(p[5], "/")
	return name, name != ""
}

// arnPattern is an ARN with wildcards. Each of the six components is compared by
// itself, so that a wildcard never eats a colon, except in the last component,
// which may hold colons (IAM User Guide, "Condition operators: ARN" and "Resource").
type arnPattern struct {
	parts [6]pattern
	n     int // components written; a shorter pattern extends to the right
}

func splitARN(p pattern) arnPattern {
	s := strings.SplitN(string(p), ":", 6)
	a := arnPattern{n: len(s)}
	for i := range a.parts {
		a.parts[i] = pattern([]byte{anyRun})
		if i < len(s) {
			a.parts[i] = pattern(s[i])
		}
	}
	return a
}

// covers tells whether the pattern matches all that q matches.
func (a arnPattern) covers(q arnPattern) bool {
	for i := range a.parts {
		if !a.parts[i].covers(q.parts[i]) {
			return false
		}
	}
	return true
}

// overlaps tells whether some ARN is matched by both.
func (a arnPattern) overlaps(q arnPattern) bool {
	for i := range a.parts {
		if !a.parts[i].overlaps(q.parts[i]) {
			return false
		}
	}
	return true
}

// resourcePattern is one value of a Resource or NotResource element.
type resourcePattern struct {
	text text
	arn  arnPattern // of a text without variables
	all  bool       // "*"
	// fixed is false when a variable has to be resolved first.
	fixed bool
}

// partial tells an ARN that ends early, without a wildcard that would say so.
func (r *resourcePattern) partial() bool {
	return r.fixed && r.arn.n < 6 && !strings.ContainsAny(r.text.raw, "*?")
}

// compileResource reads a resource. Variables count only after the fifth colon;
// before it they are plain text and match nothing (IAM User Guide, "Variables").
func compileResource(raw string, variables bool) resourcePattern {
	head, tail := raw, ""
	if s := strings.SplitAfterN(raw, ":", 6); len(s) == 6 {
		tail = s[5]
		head = raw[:len(raw)-len(tail)]
	}
	t := compileText(head, true, false)
	t.raw = raw
	for _, p := range compileText(tail, true, variables).parts {
		if p.name == "" {
			t.add(p.pattern)
		} else {
			t.parts = append(t.parts, p)
		}
	}
	r := resourcePattern{text: t}
	if p, ok := t.fixed(); ok {
		r.fixed, r.all, r.arn = true, p.everything(), splitARN(p)
	}
	return r
}
