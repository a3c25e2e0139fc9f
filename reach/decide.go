package reach

import (
	"cmp"
	"maps"
	"strings"

	"github.com/flowdeed/flowdeed/graph"
	"github.com/flowdeed/flowdeed/iam"
)

// caller is who asks: a scanned principal, or an outsider without a holder. lift is
// the policy it could give itself, if that is supposed.
type caller struct {
	principal iam.Principal
	holder    *iam.Holder
	lift      *iam.Policy
}

func (c caller) id() string {
	if c.principal.Kind == iam.Anonymous {
		return string(graph.Internet)
	}
	return c.principal.ARN
}

func callerOf(h *iam.Holder) caller { return caller{principal: h.Principal, holder: h} }

// decide weighs every layer for one action on an asset, its key included.
func (f *Finder) decide(c caller, a *iam.Asset, d iam.DataAction) iam.Decision {
	if !f.possible(c, a, d) {
		return iam.Decision{Outcome: iam.Denied, BlockedBy: iam.LayerIdentity, Why: "no policy of the caller allows it, and none of the resource by itself"}
	}
	req := iam.Request{
		Principal: c.principal, Action: d.Action,
		Resource: iam.Resource{ARN: a.ARN + d.Suffix, Account: a.Account, ManagementAccount: f.managing(a.Account)},
		Context:  iam.NewContext(f.context(c, a), false),
	}
	env := f.environment(c, a)
	keys := keyActions(a, d)
	if len(keys) == 0 {
		return doubted(c, a, iam.Decide(req, env))
	}
	var best iam.Decision
	for i, action := range keys {
		env.Key = f.key(a, action)
		got := iam.Decide(req, env)
		switch {
		case i == 0:
			best = got
		case best.Outcome == iam.Allowed || !got.Outcome.Reaches() && best.Outcome.Reaches():
			best = got
		case best.Outcome == iam.AllowedIf && got.Outcome == iam.AllowedIf:
			best.If = both(best.If, got.If)
		}
	}
	return doubted(c, a, best)
}

// both joins the conditions of two decisions that must both come out well.
func both(x, y []iam.Alternative) []iam.Alternative {
	var out []iam.Alternative
	for _, a := range x {
		for _, b := range y {
			joined := append(iam.Alternative{}, a...)
			for _, r := range b {
				if !strings.Contains(joined.String(), r.Text) {
					joined = append(joined, r)
				}
			}
			out = append(out, joined)
		}
	}
	return out
}

// possible is a quick no: the caller's own policies never mention the action, and
// nothing on the resource could grant it.
func (f *Finder) possible(c caller, a *iam.Asset, d iam.DataAction) bool {
	if c.holder == nil || c.lift != nil {
		return true
	}
	if f.could(c.holder, d.Action, a.ARN+d.Suffix) {
		return true
	}
	return a.Missing[iam.LayerResource] != "" || len(a.Grants) > 0 || len(a.S3.ACL) > 0 || a.Missing[iam.LayerACL] != "" || a.Missing[iam.LayerGrant] != "" ||
		a.Policy != nil && a.Policy.MayAllow(d.Action, a.ARN+d.Suffix)
}

// doubted takes back an answer that hangs on a setting of the bucket or key that was
// not read and that no policy shows.
func doubted(c caller, a *iam.Asset, d iam.Decision) iam.Decision {
	foreign := c.principal.Account != a.Account
	switch {
	case d.Outcome.Reaches() && foreign && a.Missing[iam.LayerPublicBlock] != "" && c.principal.Kind != iam.Service && len(iam.PublicStatements(orEmpty(a.Policy), iam.Owner{Account: a.Account})) > 0:
		return unknown(iam.LayerPublicBlock, "whether public access is blocked is not known: "+a.Missing[iam.LayerPublicBlock])
	case d.Outcome == iam.Denied && foreign && a.Missing[iam.LayerACL] != "":
		return unknown(iam.LayerACL, "an access list may allow it: "+a.Missing[iam.LayerACL])
	case d.Outcome == iam.Denied && d.BlockedBy == iam.LayerResource && a.Missing[iam.LayerGrant] != "":
		return unknown(iam.LayerGrant, "a grant of the key may allow it: "+a.Missing[iam.LayerGrant])
	}
	return d
}

func orEmpty(p *iam.Policy) *iam.Policy {
	if p == nil {
		return &iam.Policy{}
	}
	return p
}

func unknown(layer iam.Layer, why string) iam.Decision {
	return iam.Decision{Outcome: iam.Unknown, BlockedBy: layer, Why: why}
}

func (f *Finder) managing(account string) bool {
	l := f.world.Accounts[account]
	return l != nil && l.Management
}

// environment lists the policies that take part when the caller asks for the asset.
func (f *Finder) environment(c caller, a *iam.Asset) iam.Environment {
	env := f.callerSide(c)
	env.Resource, env.Grants, env.S3, env.AWSManagedKey = a.Policy, a.Grants, a.S3, a.AWSManagedKey && isKey(a.ARN)
	if why := a.Missing[iam.LayerResource]; why != "" {
		env.Missing[iam.LayerResource] = why
	}
	if l := f.world.Accounts[a.Account]; l != nil {
		env.RCPs = l.RCPs
		if why := l.Missing[iam.LayerRCP]; why != "" {
			env.Missing[iam.LayerRCP] = why
		}
	}
	return env
}

// callerSide is the part of the environment that comes with the caller.
func (f *Finder) callerSide(c caller) iam.Environment {
	env := iam.Environment{Missing: map[iam.Layer]string{}}
	switch {
	case c.holder != nil:
		maps.Copy(env.Missing, c.holder.Missing)
		env.Identity, env.Boundaries = c.holder.Policies, c.holder.Boundaries
		if c.lift != nil {
			env.Identity = append(env.Identity[:len(env.Identity):len(env.Identity)], c.lift)
		}
		if l := f.world.Accounts[c.principal.Account]; l != nil {
			env.SCPs = l.SCPs
			if why := l.Missing[iam.LayerSCP]; why != "" {
				env.Missing[iam.LayerSCP] = why
			}
		}
	case c.principal.Account != "":
		env.Missing[iam.LayerIdentity] = "account " + c.principal.Account + " was not scanned"
	}
	return env
}

// context is what is known of every request of the caller for the asset. Calls are
// taken to use TLS: a caller can always choose it.
func (f *Finder) context(c caller, a *iam.Asset) map[string]iam.Value {
	m := map[string]iam.Value{"aws:SecureTransport": iam.One("true")}
	if c.holder != nil {
		if fixedTags(c.holder) {
			for _, k := range f.tagKeys {
				m[k] = iam.Value{} // absent, unless set below
			}
		}
		for k, v := range c.holder.Tags {
			m["aws:principaltag/"+strings.ToLower(k)] = iam.One(v)
		}
	}
	for k, v := range a.Tags {
		m["aws:resourcetag/"+strings.ToLower(k)] = iam.One(v)
	}
	if l := f.world.Accounts[c.principal.Account]; l != nil && l.OrgPath != "" {
		m["aws:principalorgpaths"] = iam.Many(l.OrgPath)
	}
	if l := f.world.Accounts[a.Account]; l != nil {
		if l.Org != "" {
			m["aws:resourceorgid"] = iam.One(l.Org)
		}
		if l.OrgPath != "" {
			m["aws:resourceorgpaths"] = iam.Many(l.OrgPath)
		}
	}
	if n := f.graph.Node(graph.ID(a.ARN)); n != nil && n.Region != "" && n.Region != "global" {
		m["aws:requestedregion"] = iam.One(n.Region)
	}
	return m
}

// fixedTags tells whether a principal can bring no tags but its own: a user, or a role
// whose trust policy lets nobody pass session tags.
func fixedTags(h *iam.Holder) bool {
	return h.Principal.Kind == iam.User || h.Trust != nil && !h.Trust.MayAllow("sts:TagSession", h.Principal.ARN)
}

func isKey(arn string) bool { return strings.Contains(arn, ":kms:") }

// key is the key of a store as a further question.
func (f *Finder) key(a *iam.Asset, action string) *iam.KeyEnvironment {
	k := &iam.KeyEnvironment{ARN: a.Key, Account: a.Account, Actions: []string{action}}
	if a.AWSManagedKey {
		k.ARN, k.AWSManaged = "the AWS-managed key of "+a.ARN, true
		return k
	}
	if why := a.Missing[iam.LayerKey]; why != "" {
		k.ARN, k.Missing = "arn:aws:kms::"+a.Account+":key/not-known", why
		return k
	}
	asset := f.assets[a.Key]
	if asset == nil {
		k.Account = cmp.Or(iam.Account(a.Key), a.Account)
		k.Missing = "the policy of " + a.Key + " was not read"
		if !strings.HasPrefix(k.ARN, "arn:") {
			k.ARN = "arn:aws:kms::" + a.Account + ":key/not-known"
		}
		return k
	}
	k.Account, k.Policy, k.Grants, k.Missing = asset.Account, asset.Policy, asset.Grants, asset.Missing[iam.LayerResource]
	if l := f.world.Accounts[asset.Account]; l != nil {
		k.RCPs = l.RCPs
	}
	return k
}

// keyUse says which key operations the caller of an action needs on the key of the
// store. Where the service uses the key by itself (logs, buses, delivery streams,
// functions) nothing is listed. Sources: S3 User Guide, "Using server-side encryption
// with AWS KMS keys"; DynamoDB Developer Guide, "DynamoDB encryption at rest: usage
// notes"; SQS Developer Guide, "Key management"; SNS Developer Guide, "Key
// management"; Kinesis Data Streams Developer Guide, "Permissions to use user-generated
// KMS keys"; Secrets Manager User Guide, "Secret encryption and decryption"; Systems
// Manager User Guide, "How Parameter Store uses AWS KMS".
var keyUse = map[string][]string{
	"s3:GetObject": {"kms:Decrypt"}, "s3:GetObjectVersion": {"kms:Decrypt"}, "s3:GetObjectTorrent": {"kms:Decrypt"},
	"s3:PutObject":    {"kms:GenerateDataKey"},
	"sqs:SendMessage": {"kms:GenerateDataKey", "kms:Decrypt"}, "sqs:ReceiveMessage": {"kms:Decrypt"},
	"sns:Publish":       {"kms:GenerateDataKey", "kms:Decrypt"},
	"kinesis:PutRecord": {"kms:GenerateDataKey"}, "kinesis:PutRecords": {"kms:GenerateDataKey"},
	"kinesis:GetRecords": {"kms:Decrypt"}, "kinesis:SubscribeToShard": {"kms:Decrypt"},
	"secretsmanager:GetSecretValue": {"kms:Decrypt"}, "secretsmanager:PutSecretValue": {"kms:GenerateDataKey", "kms:Decrypt"},
	"ssm:GetParameter": {"kms:Decrypt"}, "ssm:GetParameters": {"kms:Decrypt"}, "ssm:GetParametersByPath": {"kms:Decrypt"}, "ssm:GetParameterHistory": {"kms:Decrypt"},
	"ssm:PutParameter": {"kms:Encrypt"},
}

// keyActions are the key operations one action takes; none when no key has to be asked.
func keyActions(a *iam.Asset, d iam.DataAction) []string {
	if isKey(a.ARN) || a.Key == "" && !a.AWSManagedKey && a.Missing[iam.LayerKey] == "" {
		return nil
	}
	if strings.HasPrefix(d.Action, "dynamodb:") && d.Access != iam.Admin {
		return []string{"kms:Decrypt"} // the table key is unwrapped for every request on items
	}
	return keyUse[d.Action]
}
