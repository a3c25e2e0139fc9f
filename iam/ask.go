package iam

import "strings"

// Decide answers whether a holder may do an action to the data of an asset, by all
// that the scan knows. Where the data is encrypted the use of the key is part of the
// question, and where a bucket has access points the answer is that of the best way in.
//
// Requests are taken to use TLS: whoever calls can choose that, so that a demand for it
// keeps nobody out.
func (w *World) Decide(h *Holder, a *Asset, d DataAction) Decision {
	req, env := w.question(h, a, d)
	best := Decide(req, env)
	if d.Access == Admin {
		return best // access points pass on data, not settings
	}
	for _, point := range a.AccessPoints {
		through := env
		through.S3.AccessPoint = point
		if x := Decide(req, through); x.Outcome.Reaches() || x.Outcome == Unknown {
			best = best.or(x)
		}
	}
	return best
}

// or is the answer when there are two ways to ask.
func (d Decision) or(o Decision) Decision {
	switch {
	case o.Outcome.rank() > d.Outcome.rank():
		return o
	case o.Outcome == AllowedIf && d.Outcome == AllowedIf:
		d.Truncated = d.Truncated || o.Truncated
		d = d.join(o)
		d.Patterns = widestOnly(d.Patterns)
	}
	return d
}

// question puts together the request and all policies that take part in it.
func (w *World) question(h *Holder, a *Asset, d DataAction) (Request, Environment) {
	req := Request{Principal: w.principal(h), Action: d.Action, Context: NewContext(w.known(h, a), false),
		Resource: Resource{ARN: a.ARN + d.Suffix, Account: a.Account, ManagementAccount: w.limits(a.owner()).Management}}
	req.NoResource = w.actionData().WithoutResource(d.Action)
	if h.fixedTags() {
		req.Context.complete = append(req.Context.complete, "aws:principaltag/")
	}
	if a.Tags != nil {
		req.Context.complete = append(req.Context.complete, resourceTagKeys(a.ARN)...)
	}
	env := Environment{Identity: h.Policies, Boundaries: h.Boundaries, SCPs: w.limits(h.Principal.Account).SCPs, RCPs: w.limits(a.owner()).RCPs,
		Resource: a.Policy, Grants: a.Grants, S3: a.S3, Missing: w.missing(h, a), Actions: w.Actions}
	env.AWSManagedKey = a.AWSManagedKey && strings.HasPrefix(strings.ToLower(d.Action), "kms:")
	if actions := keyActions[d.Action]; actions != nil {
		env.Key = w.key(a, actions)
	}
	return req, env
}

func (w *World) actionData() *ActionData {
	if w.Actions != nil {
		return w.Actions
	}
	return BuiltInActions()
}

// keyActions says what an action on encrypted data takes of the key, by the names in
// the pages "How ... uses AWS KMS" and "Data encryption" of the services. What is not
// listed needs no key, or the service uses it in its own name.
var keyActions = map[string][]string{
	"s3:GetObject": {"kms:Decrypt"}, "s3:GetObjectVersion": {"kms:Decrypt"}, "s3:GetObjectTorrent": {"kms:Decrypt"},
	"s3:PutObject":     {"kms:GenerateDataKey"},
	"dynamodb:GetItem": {"kms:Decrypt"}, "dynamodb:BatchGetItem": {"kms:Decrypt"}, "dynamodb:Query": {"kms:Decrypt"},
	"dynamodb:Scan": {"kms:Decrypt"}, "dynamodb:PartiQLSelect": {"kms:Decrypt"}, "dynamodb:ConditionCheckItem": {"kms:Decrypt"},
	"dynamodb:GetRecords": {"kms:Decrypt"}, "dynamodb:PutItem": {"kms:Decrypt"}, "dynamodb:UpdateItem": {"kms:Decrypt"},
	"dynamodb:BatchWriteItem": {"kms:Decrypt"}, "dynamodb:PartiQLInsert": {"kms:Decrypt"}, "dynamodb:PartiQLUpdate": {"kms:Decrypt"},
	"dynamodb:DeleteItem": {"kms:Decrypt"}, "dynamodb:PartiQLDelete": {"kms:Decrypt"},
	"sqs:ReceiveMessage": {"kms:Decrypt"}, "sqs:SendMessage": {"kms:GenerateDataKey", "kms:Decrypt"},
	"sns:Publish":        {"kms:GenerateDataKey", "kms:Decrypt"},
	"kinesis:GetRecords": {"kms:Decrypt"}, "kinesis:SubscribeToShard": {"kms:Decrypt"},
	"kinesis:PutRecord": {"kms:GenerateDataKey"}, "kinesis:PutRecords": {"kms:GenerateDataKey"},
	"secretsmanager:GetSecretValue": {"kms:Decrypt"}, "secretsmanager:PutSecretValue": {"kms:GenerateDataKey", "kms:Decrypt"},
	"ssm:GetParameter": {"kms:Decrypt"}, "ssm:GetParameters": {"kms:Decrypt"}, "ssm:GetParametersByPath": {"kms:Decrypt"},
	"ssm:GetParameterHistory": {"kms:Decrypt"}, "ssm:PutParameter": {"kms:Encrypt"},
}

// key is the key that encrypts an asset; nil when nobody has to be asked.
func (w *World) key(a *Asset, actions []string) *KeyEnvironment {
	switch why := a.Missing[LayerKey]; {
	case a.Key != "":
	case why != "":
		return &KeyEnvironment{ARN: a.someKey(), Account: a.owner(), Actions: actions, Missing: why}
	case a.AWSManagedKey:
		return &KeyEnvironment{ARN: "managed by AWS", Account: a.owner(), AWSManaged: true}
	default:
		return nil
	}
	k := &KeyEnvironment{ARN: a.Key, Account: Account(a.Key), Actions: actions, AWSManaged: a.AWSManagedKey}
	key := w.Asset(a.Key)
	if key == nil {
		k.Missing = "the key " + a.Key + " was not scanned"
		return k
	}
	limits := w.limits(key.owner())
	k.Known, k.TagsKnown = w.knownOf(key), key.Tags != nil
	k.Account, k.Policy, k.Grants, k.RCPs = key.owner(), key.Policy, key.Grants, limits.RCPs
	k.AWSManaged, k.ManagementAccount = k.AWSManaged || key.AWSManagedKey, limits.Management
	k.Missing = key.Missing[LayerResource]
	if k.Missing == "" && !w.permissive && limits.Missing[LayerRCP] != "" {
		k.Missing = "resource control policies of account " + key.owner() + ": " + limits.Missing[LayerRCP]
	}
	return k
}

// someKey stands for a key of which only the place is known: any key of the region, of
// any account. What a policy says of one of them may be said of the key that is meant.
func (a *Asset) someKey() string {
	partition, region := "*", a.Region
	if parts, ok := arnParts(a.ARN); ok {
		partition = parts[1]
		if region == "" {
			region = parts[3]
		}
	}
	if region == "" {
		region = "*"
	}
	return "arn:" + partition + ":kms:" + region + ":*:key/*"
}

func (a *Asset) owner() string {
	if a.Account != "" {
		return a.Account
	}
	return Account(a.ARN)
}

// limits are those of an account; of one that was not scanned nothing is known.
func (w *World) limits(account string) *AccountLimits {
	if l := w.Accounts[account]; l != nil {
		return l
	}
	why := "account " + account + " was not scanned"
	return &AccountLimits{Missing: map[Layer]string{LayerSCP: why, LayerRCP: why}}
}

// principal completes a holder by what is known of its account.
func (w *World) principal(h *Holder) Principal {
	p := h.Principal
	if l := w.Accounts[p.Account]; l != nil && p.hasIdentity() {
		p.ManagementAccount = p.ManagementAccount || l.Management
		if p.Org == "" {
			p.Org = l.Org
		}
	}
	p.ServiceLinkedRole = p.ServiceLinkedRole || strings.Contains(p.ARN, ":role/aws-service-role/")
	return p
}

// missing says which layers of the question were not read. Policies of an account that
// was not scanned are that account's decision, its control policies among them.
func (w *World) missing(h *Holder, a *Asset) map[Layer]string {
	out := map[Layer]string{}
	for layer, why := range h.Missing {
		out[layer] = why
	}
	for layer, why := range a.Missing {
		out[layer] = why
	}
	foreign := h.Principal.Account != a.owner()
	if w.permissive {
		return out
	}
	if why := w.limits(h.Principal.Account).Missing[LayerSCP]; why != "" && h.Principal.hasIdentity() && !(foreign && h.Missing[LayerIdentity] != "") {
		out[LayerSCP] = why
	}
	if why := w.limits(a.owner()).Missing[LayerRCP]; why != "" {
		out[LayerRCP] = why
	}
	return out
}

// known lists the condition keys of a request that follow from the scan.
func (w *World) known(h *Holder, a *Asset) map[string]Value {
	out := map[string]Value{"aws:SecureTransport": One("true")}
	if h.fixedTags() {
		for k, v := range h.Tags {
			out["aws:PrincipalTag/"+k] = One(v)
		}
	}
	for k, v := range w.knownOf(a) {
		out[k] = v
	}
	if a.PointsRead {
		for _, k := range pointKeys {
			out[k] = Value{}
		}
	}
	if h.Principal.hasIdentity() {
		w.organization(out, h.Principal.Account, "aws:PrincipalOrgID", "aws:PrincipalOrgPaths")
	}
	return out
}

// knownOf lists the condition keys that say something about an asset.
func (w *World) knownOf(a *Asset) map[string]Value {
	out := map[string]Value{}
	for k, v := range a.Tags {
		for _, begin := range resourceTagKeys(a.ARN) {
			out[begin+k] = One(v)
		}
	}
	if a.Region != "" {
		out["aws:RequestedRegion"] = One(a.Region)
	}
	w.organization(out, a.owner(), "aws:ResourceOrgID", "aws:ResourceOrgPaths")
	return out
}

func (w *World) organization(out map[string]Value, account, id, paths string) {
	l := w.limits(account)
	switch {
	case l.Org != "":
		out[id] = One(l.Org)
		if l.OrgPath != "" {
			out[paths] = Many(l.OrgPath)
		}
	case l.Missing[LayerSCP] == "" && l.Missing[LayerRCP] == "":
		out[id], out[paths] = Value{}, Value{}
	}
}

// fixedTags tells whether the tags of a holder are those of every request it makes.
// Tags of a session come on top of those of a role, where its trust policy lets them
// (IAM User Guide, "Pass session tags in AWS STS").
func (h *Holder) fixedTags() bool {
	if h.Tags == nil {
		return false
	}
	if k := h.Principal.Kind; k != Role && k != RoleSession {
		return true
	}
	if h.Trust == nil {
		return false
	}
	for i := range h.Trust.Statements {
		s := &h.Trust.Statements[i]
		if s.mayAllow() && (s.unread&actionElement != 0 || s.coverAction(tagSession) != apart) {
			return false
		}
	}
	return true
}

var tagSession = compileAction("sts:TagSession")

// resourceTagKeys lists how the condition keys of tags of a resource begin, in lower
// case: the general form and the service's own.
func resourceTagKeys(arn string) []string {
	keys := []string{"aws:resourcetag/"}
	parts, _ := arnParts(arn)
	switch parts[2] {
	case "secretsmanager", "ssm", "iam", "ec2":
		keys = append(keys, parts[2]+":resourcetag/")
	case "s3":
		keys = append(keys, "s3:buckettag/")
	}
	return keys
}
