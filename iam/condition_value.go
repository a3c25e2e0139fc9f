package iam

import (
	"bytes"
	"encoding/base64"
	"net/netip"
	"strings"
)

// compareBools compares flags without case; anything else is no flag.
func compareBools(policy, value string) bool {
	v := strings.ToLower(value)
	return (v == "true" || v == "false") && strings.EqualFold(policy, v)
}

// compareBinary compares what the base64 texts stand for.
func compareBinary(policy, value string) bool {
	a, errA := base64.StdEncoding.DecodeString(policy)
	b, errB := base64.StdEncoding.DecodeString(value)
	if errA != nil || errB != nil {
		return policy == value
	}
	return bytes.Equal(a, b)
}

// compareAddresses tells whether an address lies in a range; a range without a
// length is a single address (IAM User Guide, "Condition operators: IP address").
func compareAddresses(policy, value string) (match, valid bool) {
	r, ok := parseRange(policy)
	a, err := netip.ParseAddr(value)
	if !ok || err != nil {
		return false, false
	}
	return r.Contains(a.Unmap().WithZone("")), true
}

// compareARNs compares the six components one by one. Something that is no ARN
// matches nothing, and nothing negated either; only "*" stands for any ARN.
func compareARNs(p pattern, value string) (match, valid bool) {
	if _, ok := arnParts(value); !ok {
		return false, false
	}
	if p.everything() {
		return true, true
	}
	a := splitARN(p)
	if a.n != 6 || !a.parts[0].match("arn") {
		return false, false
	}
	return a.covers(splitARN(pattern(value))), true
}
