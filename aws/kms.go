package aws

import (
	"context"
	"slices"
	"strings"

	awssdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/kms"

	"github.com/flowdeed/flowdeed/graph"
	"github.com/flowdeed/flowdeed/iam"
)

var kmsService = &Service{
	Name: "kms",
	Doc:  "Keys: who manages them, state, rotation, policy and grants. Key material and cryptographic operations are never touched.",
	Calls: []Call{
		{Operation: "ListKeys", Action: "kms:ListKeys"},
		{Operation: "ListAliases", Action: "kms:ListAliases"},
		{Operation: "DescribeKey", Action: "kms:DescribeKey"},
		{Operation: "GetKeyPolicy", Action: "kms:GetKeyPolicy"},
		{Operation: "GetKeyRotationStatus", Action: "kms:GetKeyRotationStatus"},
		{Operation: "ListGrants", Action: "kms:ListGrants"},
		{Operation: "ListResourceTags", Action: "kms:ListResourceTags", Optional: true},
		{Operation: "DescribeCustomKeyStores", Action: "kms:DescribeCustomKeyStores", Optional: true},
	},
	Collect: collectKMS,
	Build:   buildKMS,
}

func collectKMS(ctx context.Context, c *Collector) {
	api := kms.NewFromConfig(c.Config)
	pages(ctx, c, "ListAliases", "", kms.NewListAliasesPaginator(api, &kms.ListAliasesInput{}))
	var ids []string
	for _, p := range pages(ctx, c, "ListKeys", "", kms.NewListKeysPaginator(api, &kms.ListKeysInput{})) {
		for _, k := range p.Keys {
			ids = append(ids, awssdk.ToString(k.KeyId))
		}
	}
	if len(ids) > 0 {
		pages(ctx, c, "DescribeCustomKeyStores", "", kms.NewDescribeCustomKeyStoresPaginator(api, &kms.DescribeCustomKeyStoresInput{}))
	}
	each(ctx, ids, func(id string) {
		key := awssdk.String(id)
		d := ask(ctx, c, "DescribeKey", id, api.DescribeKey, &kms.DescribeKeyInput{KeyId: key})
		ask(ctx, c, "GetKeyPolicy", id, api.GetKeyPolicy, &kms.GetKeyPolicyInput{KeyId: key, PolicyName: awssdk.String("default")})
		pages(ctx, c, "ListGrants", id, kms.NewListGrantsPaginator(api, &kms.ListGrantsInput{KeyId: key}))
		if d == nil || d.KeyMetadata == nil || d.KeyMetadata.KeyManager == "CUSTOMER" {
			ask(ctx, c, "GetKeyRotationStatus", id, api.GetKeyRotationStatus, &kms.GetKeyRotationStatusInput{KeyId: key})
			pages(ctx, c, "ListResourceTags", id, kms.NewListResourceTagsPaginator(api, &kms.ListResourceTagsInput{KeyId: key}))
		}
	})
}

type keyMetadata struct {
	Arn, KeyId, AWSAccountId, KeyManager, KeyState, Origin, KeySpec, CustomKeyStoreId, Description, ValidTo, DeletionDate string
	MultiRegion                                                                                                           bool
	MultiRegionConfiguration                                                                                              *struct{ ReplicaKeys []struct{ Region string } }
}

func buildKMS(r *Region) {
	aliases := map[string][]string{}
	for _, a := range r.each("ListAliases") {
		for _, x := range decode[struct {
			Aliases []struct{ AliasName, AliasArn, TargetKeyId string }
		}](a).Aliases {
			aliases[x.TargetKeyId] = append(aliases[x.TargetKeyId], x.AliasName, x.AliasArn)
		}
	}
	listAliases := r.answer("ListAliases", "")
	stores := map[string]string{}
	for _, a := range r.each("DescribeCustomKeyStores") {
		for _, s := range decode[struct {
			CustomKeyStores []struct{ CustomKeyStoreId, ConnectionState string }
		}](a).CustomKeyStores {
			stores[s.CustomKeyStoreId] = s.ConnectionState
		}
	}
	for _, list := range r.each("ListKeys") {
		for _, k := range decode[struct {
			Keys []struct{ KeyId, KeyArn string }
		}](list).Keys {
			n := r.key(k.KeyId, k.KeyArn, aliases[k.KeyId], listAliases, stores)
			r.keyPolicy(n, k.KeyId)
		}
	}
}

func (r *Region) key(id, arn string, aliases []string, listAliases *Answer, stores map[string]string) *graph.Node {
	const op = "DescribeKey"
	a := r.answer(op, id)
	m := decode[struct{ KeyMetadata *keyMetadata }](a).KeyMetadata
	n := r.node(graph.Node{
		ID: graph.ID(arn), Class: graph.EncryptionKey, Kind: "kms.key", Type: "AWS::KMS::Key",
		Name: keyName(id, aliases), Aliases: append([]string{id}, aliases...),
	})
	for _, t := range r.each("ListResourceTags") {
		if t.Subject == id {
			tags := map[string]string{}
			for _, x := range decode[struct {
				Tags []struct{ TagKey, TagValue string }
			}](t).Tags {
				tags[x.TagKey] = x.TagValue
			}
			tagNode(n, tags)
		}
	}
	x := &n.Facts
	if m == nil {
		m = &keyMetadata{}
	}
	manager := m.KeyManager
	if manager != "" && slices.ContainsFunc(aliases, isAWSAlias) {
		manager = "AWS" // the alias decides: emulators report these keys as customer keys
	}
	if manager == "CUSTOMER" && !listAliases.OK() && m.Description == "" {
		// Without aliases a key that only its alias marks as AWS-managed cannot be told apart on emulators; on AWS the manager is right.
		manager = m.KeyManager
	}
	fact(r, x, graph.KeyManager, nilIfEmpty(manager), op, a, "KeyMetadata.KeyManager")
	fact(r, x, graph.KeyState, nilIfEmpty(m.KeyState), op, a, "KeyMetadata.KeyState")
	fact(r, x, graph.KeyOrigin, nilIfEmpty(m.Origin), op, a, "KeyMetadata.Origin")
	fact(r, x, graph.KeySpec, nilIfEmpty(m.KeySpec), op, a, "KeyMetadata.KeySpec")
	setting(r, x, graph.KeyExpires, nilIfEmpty(m.ValidTo), "", op, a, "KeyMetadata.ValidTo")
	setting(r, x, graph.KeyDeletion, nilIfEmpty(m.DeletionDate), "", op, a, "KeyMetadata.DeletionDate")
	if m.CustomKeyStoreId != "" {
		stores := stores[m.CustomKeyStoreId]
		if stores == "" {
			graph.KeyStoreUp.Unknown(x, r.why("DescribeCustomKeyStores", r.answer("DescribeCustomKeyStores", "")), r.source("DescribeCustomKeyStores", "CustomKeyStores[].ConnectionState"))
		} else {
			graph.KeyStoreUp.Set(x, stores == "CONNECTED", r.source("DescribeCustomKeyStores", "CustomKeyStores[].ConnectionState"))
		}
	}
	regions := []string{}
	if m.MultiRegionConfiguration != nil {
		for _, k := range m.MultiRegionConfiguration.ReplicaKeys {
			regions = append(regions, k.Region)
		}
	}
	if a.OK() {
		graph.KeyRegions.Set(x, regions, r.source(op, "KeyMetadata.MultiRegionConfiguration.ReplicaKeys[].Region"))
	} else {
		graph.KeyRegions.Unknown(x, r.why(op, a), r.source(op, "KeyMetadata.MultiRegionConfiguration"))
	}
	r.keyRotation(n, id)
	return n
}

func keyName(id string, aliases []string) string {
	for _, a := range aliases {
		if strings.HasPrefix(a, "alias/") {
			return strings.TrimPrefix(a, "alias/")
		}
	}
	return id
}

func (r *Region) keyRotation(n *graph.Node, id string) {
	const op = "GetKeyRotationStatus"
	a := r.answer(op, id)
	got := decode[struct {
		KeyRotationEnabled   *bool
		RotationPeriodInDays *int
	}](a)
	fact(r, &n.Facts, graph.KeyRotates, boolOf(a.OK(), got.KeyRotationEnabled), op, a, "KeyRotationEnabled")
	// A key that rotates without a reported period rotates every year.
	// Source: AWS KMS Developer Guide, "Rotate AWS KMS keys".
	setting(r, &n.Facts, graph.KeyPeriod, got.RotationPeriodInDays, 365, op, a, "RotationPeriodInDays")
}

// boolOf reads a flag that the SDK leaves out when it is false.
func boolOf(answered bool, v *bool) *bool {
	if v == nil && answered {
		f := false
		return &f
	}
	return v
}

// keyPolicy reads the policy and the grants: who from outside comes near the key.
func (r *Region) keyPolicy(n *graph.Node, id string) {
	const op = "GetKeyPolicy"
	a := r.answer(op, id)
	doc := decode[struct{ Policy *string }](a).Policy
	r.resourcePolicy(n, doc, op, a, "Policy")
	grants := r.answer("ListGrants", id)
	r.keyGrants(n, grants)
	src := r.source(op, "Policy")
	r.afterNodes(func() {
		if doc == nil || !grants.OK() {
			why := r.why(op, a)
			if doc != nil {
				why = r.why("ListGrants", grants)
			}
			graph.ForeignDecrypt.Unknown(&n.Facts, why, src)
			return
		}
		p, err := iam.ParsePolicy(*doc)
		if err != nil {
			graph.ForeignDecrypt.Unknown(&n.Facts, "the policy cannot be read: "+err.Error(), src)
			return
		}
		if unread := p.Undecided(); unread != "" {
			graph.ForeignDecrypt.Unknown(&n.Facts, "the policy cannot be read whole: "+unread, src)
			return
		}
		found := iam.ForeignDecrypt(p, r.owner(n))
		for _, g := range decode[struct {
			Grants []struct {
				GranteePrincipal string
				Operations       []string
			}
		}](grants).Grants {
			if who := foreignPrincipal(g.GranteePrincipal, n.Account); who != "" && slices.ContainsFunc(g.Operations, opensData) {
				found = append(found, who)
			}
		}
		slices.Sort(found)
		graph.ForeignDecrypt.Set(&n.Facts, slices.Compact(found), src)
	})
}

// keyGrants keeps the grants of a key for decisions.
func (r *Region) keyGrants(n *graph.Node, a *Answer) {
	side := r.resourceSide(n.ID)
	if !a.OK() {
		side.missing = missing(side.missing, iam.LayerGrant, r.why("ListGrants", a))
	}
	for _, g := range decode[struct {
		Grants []struct {
			GrantId, GranteePrincipal string
			Operations                []string
			Constraints               *struct{ EncryptionContextEquals, EncryptionContextSubset map[string]string }
		}
	}](a).Grants {
		k := iam.KeyGrant{ID: g.GrantId, Grantee: g.GranteePrincipal, Operations: g.Operations}
		if c := g.Constraints; c != nil {
			k.Equals, k.Subset = c.EncryptionContextEquals, c.EncryptionContextSubset
		}
		side.grants = append(side.grants, k)
	}
}

func opensData(op string) bool {
	return op == "Decrypt" || op == "CreateGrant" || strings.HasPrefix(op, "ReEncrypt")
}

// foreignPrincipal returns the principal when it belongs to another account.
func foreignPrincipal(p, account string) string {
	if a, ok := parseARN(p); ok && a.Account != "" && a.Account != account {
		return p
	}
	return ""
}
