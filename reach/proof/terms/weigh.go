package terms

import (
	"fmt"
	"slices"
	"sort"
	"strings"

	"github.com/flowdeed/flowdeed/reach/proof"
)

// Weigh tells whether a statement applies, where it fails if it is by a condition, and
// how it takes the caller in.
func (a *Request) Weigh(s *proof.Statement, principals bool) (t Truth, failing string, by []string) {
	if t = a.Takes(s); t == No && !s.Unread {
		return No, "", nil
	}
	ways := map[string]Truth{"": Yes}
	if not, inverted := s.Principals["notprincipal"]; inverted && principals {
		spared := No
		for way, x := range a.Ways(not) {
			if way != "account" {
				spared = max(spared, x)
			}
		}
		if s.Effect == "deny" && a.Bounded && a.Kind != "root" {
			spared = No
		}
		ways = map[string]Truth{"any": -spared}
	} else if principals {
		ways = a.Ways(s.Principals["principal"])
	}
	for _, want := range []Truth{Yes, Open} {
		for way, x := range ways {
			if x == want && (want == Yes || len(by) == 0) {
				by, t = append(by, way), min(t, want)
			}
		}
	}
	if sort.Strings(by); len(by) == 0 && !s.Unread {
		return No, "", nil
	}
	for i := range s.Conditions {
		x := a.Condition(&s.Conditions[i], s.Variables)
		if t = min(t, x); x == No && failing == "" {
			failing = s.Conditions[i].Pointer
		}
	}
	if s.Unread || !principals && s.Elements["resource"] == nil && s.Elements["notresource"] == nil {
		t = min(t, Open)
	}
	return t, failing, by
}

// Beside lists what lets the caller in beside the policy: grants of a key,
// access-control lists.
func (a *Request) Beside(asset *proof.Asset, service, operation string) (out []proof.Cite) {
	for i, x := range asset.Grants {
		ways := a.Ways([][2]string{{"aws", x.Grantee}, {"service", x.Grantee}})
		t := max(ways["name"], ways["role"])
		for k, v := range x.Context {
			c := proof.Condition{Operator: "StringEquals", Key: "kms:EncryptionContext:" + k, Values: []string{v}}
			t = min(t, a.Condition(&c, false))
		}
		if service == "kms" && t == Yes && slices.ContainsFunc(x.Operations, func(o string) bool { return strings.EqualFold(o, operation) }) {
			out = append(out, proof.Cite{Statement: i, Pointer: "grant " + x.ID})
		}
	}
	for i, x := range asset.ACL {
		actions := map[string]string{"READ false": "listbucket listbucketversions listbucketmultipartuploads", "WRITE false": "putobject deleteobject",
			"READ true": "getobject getobjectversion"}[fmt.Sprint(x.Permission, " ", x.Object)]
		meant := x.Grantee == "AllUsers" || x.Grantee == "AuthenticatedUsers" && a.Person()
		if meant && service == "s3" && slices.Contains(strings.Fields(actions), operation) {
			out = append(out, proof.Cite{Statement: i, Pointer: "acl " + x.Grantee})
		}
	}
	return out
}
