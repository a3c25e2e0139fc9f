package aws

import (
	"strings"

	"github.com/flowdeed/flowdeed/graph"
)

// keyUse is a store that encrypts, with the key as configuration names it.
type keyUse struct {
	region *Region
	node   *graph.Node
	ref    string
	source graph.Source
}

// encrypted records that a node is encrypted under a reported key: id, alias or ARN.
// The class of the key is decided when all keys are known.
func (r *Region) encrypted(n *graph.Node, how, key string, source graph.Source) {
	graph.AtRest.Set(&n.Facts, graph.Encrypted, source)
	if how != "" {
		graph.AtRestHow.Set(&n.Facts, how, source)
	}
	r.keys = append(r.keys, keyUse{r, n, key, source})
}

// encryptedBy records that a node is encrypted under a key the customer has no part in.
func (r *Region) encryptedBy(n *graph.Node, how string, class graph.KeyClass, note string, source graph.Source) {
	graph.AtRest.SetNote(&n.Facts, graph.Encrypted, note, source)
	graph.KeyOwner.SetNote(&n.Facts, class, note, source)
	if how != "" {
		graph.AtRestHow.Set(&n.Facts, how, source)
	}
}

// clear records that a node keeps its data unencrypted.
func (r *Region) clear(n *graph.Node, source graph.Source) {
	graph.AtRest.Set(&n.Facts, graph.NotEncrypted, source)
	graph.KeyOwner.Set(&n.Facts, graph.KeyNone, source)
}

// restUnknown records that nothing is known about encryption at rest.
func (r *Region) restUnknown(n *graph.Node, why string, source graph.Source) {
	graph.AtRest.Unknown(&n.Facts, why, source)
	graph.KeyOwner.Unknown(&n.Facts, why, source)
}

// resolveKeys decides the key class of every store. Source: collection catalogue,
// "Key ownership: decision tree".
func (b *Builder) resolveKeys() {
	for _, u := range b.keys {
		key := b.keyNode(u)
		class, why := keyClassOf(u, key)
		if key != nil {
			graph.KeyID.Set(&u.node.Facts, string(key.ID), u.source)
			u.region.flow(graph.EncryptsWith, string(u.node.ID), string(key.ID), "", u.source, u.ref)
		} else if u.ref != "" {
			graph.KeyID.Set(&u.node.Facts, u.ref, u.source)
		}
		if class == "" {
			graph.KeyOwner.Unknown(&u.node.Facts, why, u.source)
			continue
		}
		graph.KeyOwner.SetNote(&u.node.Facts, class, why, u.source)
	}
}

// keyNode finds the key a store names: by ARN, key id or alias, in the store's account.
func (b *Builder) keyNode(u keyUse) *graph.Node {
	if isAWSAlias(u.ref) {
		return nil // the alias decides the class; emulators call these keys customer keys
	}
	if n := b.resolve(reference{u.ref, u.node.Account, u.node.Region}); n != nil && n.Class == graph.EncryptionKey {
		return n
	}
	if a, ok := parseARN(u.ref); ok && a.Service == "kms" {
		if n := b.resolve(reference{strings.TrimPrefix(a.Resource, "key/"), a.Account, a.Region}); n != nil && n.Class == graph.EncryptionKey {
			return n
		}
		if !strings.HasPrefix(a.Resource, "alias/") {
			return b.end(reference{u.ref, u.node.Account, u.node.Region})
		}
	}
	return nil
}

func isAWSAlias(ref string) bool {
	return strings.HasPrefix(ref, "alias/aws/") || strings.Contains(ref, ":alias/aws/")
}

func keyClassOf(u keyUse, key *graph.Node) (graph.KeyClass, string) {
	if isAWSAlias(u.ref) {
		return graph.KeyAWSManaged, "alias of an AWS-managed key"
	}
	if key == nil {
		return "", "key " + u.ref + " could not be found: kms:ListKeys and kms:ListAliases did not show it"
	}
	for _, a := range key.Aliases {
		if isAWSAlias(a) {
			return graph.KeyAWSManaged, "key behind " + a
		}
	}
	if key.External {
		if key.Account != "" && key.Account != u.node.Account {
			return graph.KeyCustomerForeign, "the key belongs to account " + key.Account
		}
		return "", "the key was not described"
	}
	manager := graph.KeyManager.Get(&key.Facts)
	if !manager.Known {
		return "", manager.Why
	}
	if manager.V == "AWS" {
		return graph.KeyAWSManaged, "key manager AWS"
	}
	if o := graph.KeyOrigin.Get(&key.Facts); o.Known && o.V == "EXTERNAL_KEY_STORE" {
		return graph.KeyExternal, "the key lives in an external key store"
	}
	if key.Account != u.node.Account {
		return graph.KeyCustomerForeign, "the key belongs to account " + key.Account
	}
	return graph.KeyCustomer, ""
}
