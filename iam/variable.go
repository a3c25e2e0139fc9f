package iam

import "strings"

// resolve fills the variables of a text with the values of this request. The text
// itself stays as it is: the next request has other values. A variable without value
// and without default has no meaning (ok false), as has one with many values; a value
// that is not known becomes a wildcard (unsure). Wildcard characters in a value are
// plain characters.
func (e *eval) resolve(t text) (p pattern, ok, unsure bool) {
	if fixed, plain := t.fixed(); plain {
		return fixed, true, false
	}
	var b strings.Builder
	for _, x := range t.parts {
		if x.name == "" {
			b.WriteString(string(x.pattern))
			continue
		}
		v, there := e.lookup(strings.ToLower(x.name))
		switch {
		case there == presentKey && !v.Multi:
			b.WriteString(strings.ToValidUTF8(v.Values[0], "\ufffd"))
		case there == unknownKey:
			b.WriteByte(anyRun)
			unsure = true
		case there == absentKey && x.hasDefault:
			b.WriteString(x.fallback)
		default:
			return "", false, false
		}
	}
	return pattern(b.String()), true, unsure
}
