package classify

import (
	"strings"

	"github.com/flowdeed/flowdeed/annotations"
	"github.com/flowdeed/flowdeed/graph"
)

// attributeCategories maps the standard attributes of a user pool, which are those of
// OpenID Connect, to categories. Source: OpenID Connect Core 1.0, "Standard Claims".
var attributeCategories = map[string]string{
	"email": "user.contact.email", "phone_number": "user.contact.phone_number", "name": "user.name", "given_name": "user.name.first",
	"family_name": "user.name.last", "middle_name": "user.name", "nickname": "user.name", "preferred_username": "user.account.username",
	"birthdate": "user.demographic.date_of_birth", "address": "user.contact.address", "gender": "user.demographic.gender", "sub": "user.unique_id",
}

// poolAttributes are the labels a user pool has by what it is: its attributes, and
// the passwords it keeps.
func poolAttributes(n *graph.Node) []annotations.Stated {
	if n.Class != graph.UserPool {
		return nil
	}
	out := []annotations.Stated{
		{Category: "user.authorization.password", Subjects: []string{"account_holder"}, Confidence: 0.95, Origin: "user pools keep passwords", Rank: 7},
		{Category: "user.unique_id", Subjects: []string{"account_holder"}, Confidence: 0.95, Origin: "user pools give every user an id", Rank: 7},
	}
	for _, f := range n.Fields {
		if c, ok := attributeCategories[strings.ToLower(f.Path)]; ok {
			out = append(out, annotations.Stated{Category: c, Field: f.Path, Subjects: []string{"account_holder"}, Confidence: 0.95, Origin: "user pool attribute " + f.Path, Rank: 7})
		}
	}
	return out
}
