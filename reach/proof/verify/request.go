package verify

import (
	"slices"
	"strings"

	"github.com/flowdeed/flowdeed/reach/proof"
	"github.com/flowdeed/flowdeed/reach/proof/terms"
)

// ask is one request, with the gates it has passed so far.
type ask struct {
	*Checker
	terms.Request
	out    proof.Request
	who    proof.Holder
	asset  proof.Asset
	about  string // ARN of the asset
	given  proof.Keys
	closed bool
}

// value is what is known of a key of the request. many: it can hold several values.
func (a *ask) value(key string) (v []string, many bool, there terms.Truth) {
	key = strings.ToLower(key)
	begin, _, _ := strings.Cut(key, "/")
	for _, keys := range []proof.Keys{a.given, a.who.Keys, a.asset.Keys} {
		for _, k := range []string{key, key + "[]", begin + "/*"} {
			if list, ok := keys[k]; ok {
				return list, k != key, terms.TruthOf(len(list) > 0)
			}
		}
		if a.closed {
			return nil, false, terms.No
		}
	}
	return nil, false, min(terms.Open, -terms.TruthOf(slices.Contains(a.inv.Never[strings.ToLower(a.Action)], key)))
}
