package proof

import (
	"slices"
	"strings"
)

// Facts is what a scan knows of a principal or an asset beside its policies.
type Facts struct {
	Account  string
	Org      string // empty with OrgKnown: in no organization
	OrgPath  string
	OrgKnown bool
	Tags     map[string]string
	// TagsKnown: Tags are all there are, in every request.
	TagsKnown  bool
	BucketTags bool // tags of the bucket count in conditions
}

// KindOf reads what kind of principal a name is: "*" is everybody without credentials.
func KindOf(who string) string {
	p := strings.SplitN(who, ":", 6)
	switch {
	case who == "*":
		return "anonymous"
	case len(p) < 6 && strings.HasSuffix(who, ".amazonaws.com") && who != "cognito-identity.amazonaws.com":
		return "service"
	case len(p) < 6:
		return "provider"
	case p[5] == "root":
		return "root"
	case strings.HasPrefix(p[5], "user/") || strings.HasPrefix(p[5], "role/"):
		return p[5][:4]
	case strings.HasPrefix(p[5], "assumed-role/"):
		return "session"
	}
	return "provider"
}

// HolderKeys lists the condition keys that follow from who calls (IAM User Guide, "AWS
// global condition context keys").
func HolderKeys(who string, f Facts) Keys {
	kind := KindOf(who)
	keys := Keys{"aws:principalservicename": {}, "aws:principalservicenameslist": {}, "aws:username": {}}
	if t := map[string]string{"user": "User", "role": "AssumedRole", "session": "AssumedRole", "root": "Account", "anonymous": "Anonymous"}[kind]; t != "" {
		keys["aws:principaltype"] = []string{t}
	}
	for _, k := range []string{"aws:sourcearn", "aws:sourceaccount", "aws:sourceowner", "aws:sourceorgid", "aws:sourceorgpaths"} {
		if kind != "service" { // services tell for whom they call, and nobody else does
			keys[k] = []string{}
		}
	}
	if kind != "role" && kind != "session" {
		keys["aws:sourceidentity"] = []string{} // given when a role is assumed
	}
	switch kind {
	case "service", "anonymous", "provider":
		for _, k := range []string{"aws:principalarn", "aws:principalaccount", "aws:principalorgid", "aws:principalorgpaths", "kms:calleraccount",
			"aws:multifactorauthpresent", "aws:multifactorauthage", "aws:principalisawsservice"} {
			keys[k] = []string{}
		}
		if kind != "provider" {
			keys["aws:principaltag/*"] = []string{}
		}
		if kind == "service" {
			delete(keys, "aws:principalservicenameslist")
			keys["aws:principalservicename"], keys["aws:principalisawsservice"] = []string{who}, []string{"true"}
		}
		return keys
	case "user":
		keys["aws:username"] = []string{who[strings.LastIndexByte(who, '/')+1:]}
	}
	keys["aws:principalisawsservice"] = []string{"false"}
	keys["aws:principalaccount"], keys["kms:calleraccount"] = []string{f.Account}, []string{f.Account}
	if kind != "session" {
		keys["aws:principalarn"] = []string{who}
	}
	f.organization(keys, "aws:principal")
	f.tags(keys, "aws:principaltag/")
	return keys
}

// AssetKeys lists the condition keys that follow from what is asked.
func AssetKeys(arn string, f Facts) Keys {
	keys := Keys{"aws:resourceaccount": {f.Account}}
	p := strings.SplitN(arn, ":", 6)
	if len(p) == 6 && p[3] != "" && !strings.Contains(p[3], "*") {
		keys["aws:requestedregion"] = []string{p[3]}
	}
	f.organization(keys, "aws:resource")
	begins := []string{"aws:resourcetag/"}
	switch {
	case len(p) == 6 && p[2] == "s3":
		keys["s3:resourceaccount"] = []string{f.Account}
		begins = append(begins, "s3:buckettag/")
		if !f.BucketTags {
			f.Tags, f.TagsKnown = nil, true
		}
	case len(p) == 6 && (p[2] == "secretsmanager" || p[2] == "ssm" || p[2] == "iam" || p[2] == "ec2"):
		begins = append(begins, p[2]+":resourcetag/")
	}
	for _, begin := range begins {
		f.tags(keys, begin)
	}
	return keys
}

func (f Facts) tags(keys Keys, begin string) {
	if !f.TagsKnown {
		return
	}
	keys[begin+"*"] = []string{}
	for k, v := range f.Tags {
		keys[strings.ToLower(begin+k)] = []string{v}
	}
}

func (f Facts) organization(keys Keys, begin string) {
	switch {
	case f.Org != "":
		keys[begin+"orgid"] = []string{f.Org}
		if f.OrgPath != "" {
			keys[begin+"orgpaths[]"] = []string{f.OrgPath}
		}
	case f.OrgKnown:
		keys[begin+"orgid"], keys[begin+"orgpaths"] = []string{}, []string{}
	}
}

// PointKeys are the condition keys that requests through an access point carry, and no
// others (S3 User Guide, "Configuring IAM policies for using access points").
var PointKeys = []string{"s3:dataaccesspointarn", "s3:dataaccesspointaccount", "s3:accesspointnetworkorigin"}

// Admit adds somebody who is in no scanned account: everybody, a service, an identity
// provider, a principal of another account, or some principal of an account that has no
// permission of its own. It tells whether the inventory knows the name then.
func (inv *Inventory) Admit(who string) bool {
	if _, ok := inv.Holders[who]; ok {
		return true
	}
	h := Holder{Kind: KindOf(who), Policies: []Ref{}}
	f := Facts{}
	if p := strings.SplitN(who, ":", 6); len(p) == 6 && h.Kind != "provider" {
		h.Account = p[4]
		f.Account = p[4]
	}
	_, scanned := inv.Accounts[h.Account]
	switch {
	case h.Account == "":
	case h.Kind == "root": // "account:root" stands for whoever belongs to the account
		h.Kind = "role"
	case scanned:
		return false // it was scanned and is not there
	}
	h.Away = h.Account != "" && !scanned
	h.Keys = HolderKeys(who, f)
	if h.Account != "" && strings.HasSuffix(who, ":root") {
		delete(h.Keys, "aws:principalarn")
		delete(h.Keys, "aws:principaltype")
		delete(h.Keys, "aws:username")
	}
	if h.Account == "*" { // a principal of whatever account
		delete(h.Keys, "aws:principalaccount")
		delete(h.Keys, "kms:calleraccount")
	}
	inv.Holders[who] = h
	return true
}

// NoteKeys notes which of the keys that documents ask for no request for an action
// carries. carries answers from a table of actions; known is false where it cannot say.
func (inv *Inventory) NoteKeys(actions []string, carries func(action, key string) (carries, known bool)) {
	seen := map[string]bool{}
	note := func(texts ...string) {
		for _, t := range texts {
			for _, part := range strings.Split(t, "${")[1:] {
				name, _, _ := strings.Cut(part, "}")
				name, _, _ = strings.Cut(name, ",")
				seen[strings.ToLower(strings.TrimSpace(name))] = true
			}
		}
	}
	for _, doc := range inv.Documents {
		list, err := Read(doc)
		if err != nil {
			continue // the checker says so
		}
		for _, s := range list {
			note(slices.Concat(s.Elements["resource"], s.Elements["notresource"])...)
			for _, c := range s.Conditions {
				seen[strings.ToLower(c.Key)] = true
				note(c.Values...)
			}
		}
	}
	inv.Never = map[string][]string{}
	for _, action := range actions {
		var never []string
		for key := range seen {
			if has, known := carries(action, key); known && !has {
				never = append(never, key)
			}
		}
		if slices.Sort(never); len(never) > 0 {
			inv.Never[strings.ToLower(action)] = never
		}
	}
}
