package annotations

import (
	"slices"
	"strings"
)

// missingProofs lists what the state of a protection asks for and its entry does not
// give. Source: taxonomy, "protections": a state is believed only with all its proofs.
func (t taker) missingProofs(x *node, p Protection) []string {
	var out []string
	for _, need := range t.s.tax.Protection[p.State].Proof {
		given := x.get(need) != nil
		switch need {
		case "key_or_table_location", "key", "vault": // the words for the place of what can undo it
			given = p.Key != ""
		}
		if !given {
			out = append(out, need)
		}
	}
	return out
}

// Acts tells whether the protection changes or stops a category. Fields it does not
// name pass through it. Source: privacy model, "Propagation and declassification".
func (p Protection) Acts(category string) bool {
	covers := func(c string) bool { return Covers(c, category) }
	if slices.ContainsFunc(p.Drops, covers) {
		return true
	}
	if len(p.Inputs) > 0 && !slices.ContainsFunc(p.Inputs, covers) {
		return false
	}
	return p.Effect == "drop" && !p.guessed(category) || p.Effect == "reduce" && len(p.Becomes) > 0
}

// guessed tells whether the protection is no more than a hash of values that can be
// tried out, which is never anonymous (E412).
func (p Protection) guessed(category string) bool {
	method := strings.ToLower(p.Method)
	hash := slices.ContainsFunc([]string{"hash", "sha-", "sha1", "sha2", "sha3", "sha5", "md5"}, func(h string) bool { return strings.Contains(method, h) })
	return p.State == "anonymised" && hash && slices.ContainsFunc(guessable, func(g string) bool { return Covers(g, category) || Covers(category, g) })
}
