package iam

import (
	"sort"
	"strings"
)

// KeyGrant is a grant of a KMS key: a third way to use it beside key policy and
// identity policies (KMS Developer Guide, "Grants in AWS KMS").
type KeyGrant struct {
	ID         string
	Grantee    string   // ARN of a principal, or a service principal
	Operations []string // "Decrypt", "GenerateDataKey"
	// Equals and Subset constrain the encryption context.
	Equals, Subset map[string]string
}

// keyGrants returns the grants that cover the request.
func (e *eval) keyGrants() []hit {
	if e.req.service() != "kms" {
		return nil
	}
	_, operation, _ := strings.Cut(e.req.Action, ":")
	var out []hit
	for i, g := range e.env.Grants {
		if !containsFold(g.Operations, operation) || !e.isGrantee(g.Grantee) {
			continue
		}
		when := e.and(e.encryptionContext(g.Equals), e.encryptionContext(g.Subset))
		if !when.never() {
			out = append(out, hit{layer: LayerGrant, ref: StatementRef{Policy: "grant " + g.ID, Index: i}, when: when})
		}
	}
	return out
}

func containsFold(list []string, v string) bool {
	for _, x := range list {
		if strings.EqualFold(x, v) {
			return true
		}
	}
	return false
}

func (e *eval) isGrantee(v string) bool {
	if e.req.Principal.Kind == Service {
		return v == e.req.Principal.ARN
	}
	a := e.named(v)
	return a.how > byAnybody && a.when.always()
}

// encryptionContext demands that the request carries these pairs.
func (e *eval) encryptionContext(pairs map[string]string) formula {
	keys := make([]string, 0, len(pairs))
	for k := range pairs {
		keys = append(keys, k)
	}
	sort.Strings(keys)
	f := truth(true)
	_, op, _ := parseOperator("StringEquals")
	for _, k := range keys {
		key := "kms:EncryptionContext:" + k
		c := Condition{Operator: "StringEquals", Key: key, lower: strings.ToLower(key), Values: []string{pairs[k]}, op: op,
			texts: []text{compileText(pairs[k], false, false)}}
		f = e.and(f, e.condition(&c, &Policy{ID: "grant"}, &Statement{}))
	}
	return f
}

// KeyEnvironment is the key that has to decrypt what is read. The caller's own
// policies, SCPs and limits are those of the request.
type KeyEnvironment struct {
	ARN     string
	Account string
	Policy  *Policy
	Grants  []KeyGrant
	RCPs    []Level
	// ManagementAccount: the owner manages its organization, RCPs do not apply.
	ManagementAccount bool
	// AWSManaged: a key like alias/aws/s3. Every principal of its account may use it
	// through the service, and nobody else.
	AWSManaged bool
	// Actions are what has to be done with the key; kms:Decrypt when empty.
	Actions []string
	Missing string // why the key policy could not be read; empty when it was
	// Known are condition keys that say something about the key: its tags. Those of the
	// request are about what is encrypted.
	Known map[string]Value
	// TagsKnown: Known holds all tags of the key.
	TagsKnown bool
}

// key weighs the use of the key as a further gate: reading an encrypted object takes
// the permission on the object and on the key (KMS Developer Guide, "kms:ViaService").
func (e *eval) key(v *verdict) {
	k := e.env.Key
	if k == nil {
		return
	}
	pass := truth(false)
	switch {
	case k.AWSManaged:
		pass = truth(e.req.Principal.hasIdentity() && e.req.Principal.Account == e.keyOwner())
	default:
		pass = truth(true)
		for _, action := range k.actions() {
			w := e.keyQuestion(action).judge()
			v.take(hits{allow: relabel(w.allows, LayerKey), deny: relabel(w.denies, LayerKey)})
			pass = e.and(pass, w.passes(e))
		}
	}
	v.gates = append(v.gates, gate{LayerKey, "", pass, "the key " + k.ARN + " does not let the caller decrypt"})
}

func (e *eval) keyOwner() string {
	if k := e.env.Key; k.Account != "" {
		return k.Account
	}
	return Account(e.env.Key.ARN)
}

func (k *KeyEnvironment) actions() []string {
	if len(k.Actions) == 0 {
		return []string{"kms:Decrypt"}
	}
	return k.Actions
}

// keyQuestion is the same caller asking for the key, through the service.
func (e *eval) keyQuestion(action string) *eval {
	k := e.env.Key
	req := e.req
	req.Action, req.NoResource = action, false
	req.Resource = Resource{ARN: k.ARN, Account: k.Account, ManagementAccount: k.ManagementAccount}
	more := map[string]Value{"aws:ResourceAccount": One(e.keyOwner()), "aws:ViaAWSService": One("true")}
	if a := req.Principal.Account; a != "" {
		more["kms:CallerAccount"] = One(a)
	}
	if parts, ok := arnParts(k.ARN); ok && parts[3] != "*" {
		more["kms:ViaService"] = One(e.req.service() + "." + parts[3] + ".amazonaws.com")
	}
	req.Context = e.req.Context.ofOther().with(k.Known).with(more)
	if k.TagsKnown {
		req.Context.complete = append(req.Context.complete, "aws:resourcetag/")
	}
	env := *e.env
	env.Key, env.Resource, env.Grants, env.RCPs, env.S3 = nil, k.Policy, k.Grants, k.RCPs, S3Settings{}
	env.Missing = e.env.missingResource(k.Missing)
	return newEval(e.algebra, req, &env)
}

// missingResource replaces what is said about the resource policy.
func (env *Environment) missingResource(why string) map[Layer]string {
	out := map[Layer]string{}
	for layer, w := range env.Missing {
		if layer != LayerResource {
			out[layer] = w
		}
	}
	if why != "" {
		out[LayerResource] = why
	}
	return out
}

// relabel says of hits on a further resource which one it was.
func relabel(list []hit, layer Layer) []hit {
	for i := range list {
		if list[i].layer == LayerResource {
			list[i].layer = layer
		}
	}
	return list
}
