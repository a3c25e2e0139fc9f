package reach

import (
	"slices"
	"strings"
	"testing"

	"github.com/flowdeed/flowdeed/graph"
	"github.com/flowdeed/flowdeed/iam"
	"github.com/flowdeed/flowdeed/reach/proof"
	"github.com/flowdeed/flowdeed/reach/proof/verify"
)

// listed writes down who has which policies in a world made by hand.
func listed(w *iam.World, m *graph.Model) *proof.Inventory {
	inv := &proof.Inventory{Documents: map[string]string{}, Holders: map[string]proof.Holder{}, Assets: map[string]proof.Asset{}, Accounts: map[string]proof.Account{}, Groups: map[string]proof.Group{}, Nodes: map[string]proof.Node{}}
	refs := func(list ...*iam.Policy) []proof.Ref {
		out := []proof.Ref{}
		for _, p := range list {
			name, _, _ := strings.Cut(p.ID, " v")
			text := proof.Plain(p.Document)
			out = append(out, proof.Ref{Policy: name, SHA256: proof.Hash(text)})
			inv.Documents[proof.Hash(text)] = text
		}
		return out
	}
	for id := range w.Accounts {
		inv.Accounts[id] = proof.Account{}
	}
	for _, h := range w.Holders {
		inv.Holders[h.Principal.ARN] = proof.Holder{Kind: string(h.Principal.Kind), Account: h.Principal.Account, Policies: refs(h.Policies...), Groups: h.Groups, Boundary: refs(h.Boundaries...),
			Keys: proof.HolderKeys(h.Principal.ARN, proof.Facts{Account: h.Principal.Account, OrgKnown: true, TagsKnown: true})}
	}
	for _, g := range w.Groups {
		inv.Groups[g.ARN] = proof.Group{Account: g.Account, Policies: refs(g.Policies...)}
	}
	for _, a := range w.Assets {
		x := proof.Asset{Account: a.Account, Key: a.Key, AWSKey: a.AWSManagedKey, ListsOff: a.S3.ACLsDisabled || a.S3.ACLsUnread != "", Keys: proof.AssetKeys(a.ARN, proof.Facts{Account: a.Account, OrgKnown: true})}
		if a.Policy != nil {
			x.Policy = &refs(a.Policy)[0]
		}
		for _, e := range a.S3.ACL {
			x.ACL = append(x.ACL, proof.ACLEntry{Grantee: e.Grantee, Permission: e.Permission, Object: e.Object})
		}
		for _, p := range a.AccessPoints {
			x.AccessPoints = map[string]proof.Asset{p.ARN: {Account: p.Account, VPC: p.VPC, BlockPublic: p.Block, Policy: &refs(p.Policy)[0], Keys: proof.AssetKeys(p.ARN, proof.Facts{Account: p.Account, OrgKnown: true})}}
		}
		for _, k := range proof.PointKeys {
			if a.PointsRead {
				x.Keys[k] = []string{}
			}
		}
		inv.Assets[a.ARN] = x
	}
	for _, f := range m.Flows() {
		inv.Flows = append(inv.Flows, proof.Flow{From: string(f.From), To: string(f.To), Kind: string(f.Kind), Via: f.Via, Auth: string(graph.EntryAuth.Get(&f.Facts).V),
			Off: off(f), Async: graph.Is(graph.Asynchronous.Get(&f.Facts), true), Evidence: []string{}})
		for _, id := range []graph.ID{f.From, f.To} {
			if n := m.Node(id); n != nil {
				inv.Nodes[string(id)] = proof.Node{Class: string(n.Class), Keeps: n.Class.KeepsData()}
			}
		}
	}
	return inv
}

// provesAll demands proofs of all answers about kinds of access to an asset, which the checker accepts with
// an inventory of its own; it counts the kinds of steps in them.
func provesAll(t *testing.T, f *Finder, arn string, access ...iam.Access) map[string]int {
	t.Helper()
	c, inv, kinds := Certify(f, listed(f.world, f.graph)), listed(f.world, f.graph), map[string]int{}
	for _, a := range f.WhoCan(arn, access...).Answers {
		p, err := c.Prove(&a)
		if err == nil {
			inv.AdmitAll(p)
			err = verify.New(inv).Check(p)
		}
		if err == nil && p.Answer.Decision != a.Decision.String() {
			t.Errorf("the proof says %s: %v", p.Answer.Decision, says([]Answer{a}))
		}
		if err != nil {
			t.Errorf("%v: %v", says([]Answer{a}), err)
			continue
		}
		for _, s := range p.Steps {
			kinds[s.Kind]++
			kinds[s.Rule]++
		}
	}
	return kinds
}

// TestEveryRuleIsProven: an answer by any of the rules has a proof, and with one
// permission less in the documents that proof, signed anew, is not accepted.
func TestEveryRuleIsProven(t *testing.T) {
	for _, r := range slices.Concat(passRules, workloadRules, becomeRules) {
		f := stage(t, r, actionsOf(r))
		if provesAll(t, f, table, AllKinds...)[r.ID] == 0 {
			t.Errorf("%s: no proof by it", r.ID)
		}
		c := Certify(f, listed(f.world, f.graph))
		for _, a := range f.WhoCan(table, iam.Read).Answers {
			for i := range actionsOf(r) {
				p, err := c.Prove(&a)
				if err != nil || a.Via != Escalation || a.Steps[0].Rule != r.ID {
					continue
				}
				less := slices.Delete(actionsOf(r), i, i+1)
				g := stage(t, r, append(less, "s3:ListAllMyBuckets"))
				v := verify.New(listed(g.world, g.graph))
				q := clone(t, p)
				for j := range q.Steps[0].Requires {
					s := &q.Steps[0].Requires[j]
					for k := range s.Grants {
						if requests, _, err := v.Derive(s, &s.Grants[k], nil); err == nil {
							s.Grants[k].Alternatives = []proof.Alternative{{Case: proof.Case{Requests: requests}}}
						}
					}
				}
				if v.Check(p) == nil || v.Check(q) == nil {
					t.Errorf("%s: accepted without %s", r.ID, actionsOf(r)[i])
				}
			}
		}
	}
}

// TestSignedUpAnywhere: who is let in by holding any AWS account at all.
func TestSignedUpAnywhere(t *testing.T) {
	bucket := "arn:aws:s3:::b"
	s := newSmall(t)
	s.asset(bucket, "").S3.ACL = []iam.ACLGrant{{Grantee: "AuthenticatedUsers", Permission: "READ"}}
	f := s.finder()
	expect(t, f.WhoCan(bucket, iam.List).Answers, "public [list] allowed-if root>b if the caller's own account allows it")
	provesAll(t, f, bucket, iam.List)
}
