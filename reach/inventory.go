package reach

import (
	"strings"

	"github.com/flowdeed/flowdeed/reach/proof"
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

// holderKind reads what kind of principal a name is.
func holderKind(who string) string {
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
func HolderKeys(who string, f Facts) proof.Keys {
	kind := holderKind(who)
	keys := proof.Keys{"aws:principalservicename": {}, "aws:principalservicenameslist": {}, "aws:username": {}}
	if t := map[string]string{"user": "User", "role": "AssumedRole", "session": "AssumedRole", "root": "Account", "anonymous": "Anonymous"}[kind]; t != "" {
		keys["aws:principaltype"] = []string{t}
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
func AssetKeys(arn string, f Facts) proof.Keys {
	keys := proof.Keys{"aws:resourceaccount": {f.Account}}
	p := strings.SplitN(arn, ":", 6)
	if len(p) == 6 && p[3] != "" {
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

func (f Facts) tags(keys proof.Keys, begin string) {
	if !f.TagsKnown {
		return
	}
	keys[begin+"*"] = []string{}
	for k, v := range f.Tags {
		keys[strings.ToLower(begin+k)] = []string{v}
	}
}

func (f Facts) organization(keys proof.Keys, begin string) {
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
