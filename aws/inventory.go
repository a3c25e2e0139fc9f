package aws

import (
	"maps"
	"path"
	"slices"
	"strings"

	"github.com/flowdeed/flowdeed/graph"
	policy "github.com/flowdeed/flowdeed/iam"
	"github.com/flowdeed/flowdeed/reach/proof"
)

// Inventory lists who has which policies, for the check of proofs. The policies of
// users, groups and roles are read from the answer of IAM once more, and so are the
// trust policies; no policy is evaluated. What belongs to stores and keys is taken from
// what the services of this package read.
func Inventory(snap *Snapshot, sys *System) *proof.Inventory {
	inv := &proof.Inventory{
		Snapshot: snap.Hash(), Documents: map[string]string{}, Holders: map[string]proof.Holder{}, Assets: map[string]proof.Asset{}, Accounts: map[string]proof.Account{},
		Groups: map[string]proof.Group{},
	}
	x := &inventory{Inventory: inv, sys: sys}
	for id, l := range sys.World.Accounts {
		inv.Accounts[id] = proof.Account{Management: l.Management, SCPs: x.levels(l.SCPs), RCPs: x.levels(l.RCPs),
			SCPsUnread: l.Missing[policy.LayerSCP], RCPsUnread: l.Missing[policy.LayerRCP]}
	}
	for _, a := range sys.World.Assets {
		inv.Assets[a.ARN] = x.asset(a)
	}
	for i := range snap.Shards {
		if s := &snap.Shards[i]; s.Service == "iam" {
			for j := range s.Answers {
				if a := &s.Answers[j]; a.Operation == "iam:"+authorization && a.OK() {
					x.principals(s.Account, decode[authorizationDetails](a))
				}
			}
		}
	}
	x.flows()
	inv.NoteKeys(askedActions(sys), policy.BuiltInActions().Carries)
	return inv
}

// askedActions are the actions that proofs can be about.
func askedActions(sys *System) []string {
	out := []string{"sts:AssumeRole", "sts:AssumeRoleWithWebIdentity", "sts:AssumeRoleWithSAML", "kms:Decrypt", "kms:GenerateDataKey", "kms:Encrypt"}
	for _, a := range sys.World.Assets {
		for _, d := range policy.DataActions(a.ARN) {
			out = append(out, d.Action)
		}
	}
	for _, r := range proof.Rules {
		for _, n := range r.Needs {
			out = append(out, n.Action)
		}
	}
	for action := range proof.Openings {
		out = append(out, action)
	}
	out = append(out, "iam:PassRole")
	slices.Sort(out)
	return slices.Compact(out)
}

type inventory struct {
	*proof.Inventory
	sys *System
}

func (x *inventory) document(id, text string) proof.Ref {
	name, version, _ := strings.Cut(id, " ")
	if !strings.HasPrefix(version, "v") {
		name, version = id, ""
	}
	text = proof.Plain(text)
	h := proof.Hash(text)
	x.Documents[h] = text
	return proof.Ref{Policy: name, Version: version, SHA256: h}
}

func (x *inventory) compiled(p *policy.Policy) *proof.Ref {
	if p == nil {
		return nil
	}
	r := x.document(p.ID, p.Document)
	return &r
}

func (x *inventory) levels(list []policy.Level) (out []proof.Level) {
	for _, l := range list {
		level := proof.Level{ID: l.ID, Policies: []proof.Ref{}}
		for _, p := range l.Policies {
			level.Policies = append(level.Policies, *x.compiled(p))
		}
		out = append(out, level)
	}
	return out
}

// principals reads the users and roles of an account with all that is attached to them.
func (x *inventory) principals(account string, d authorizationDetails) {
	managed := map[string]proof.Ref{}
	for _, m := range d.Policies {
		for _, v := range m.PolicyVersionList {
			if v.IsDefaultVersion {
				managed[m.Arn] = x.document(m.Arn+" "+v.VersionId, v.Document)
			}
		}
	}
	groups := map[string]principalDetail{}
	for _, g := range d.GroupDetailList {
		groups[g.GroupName] = g
	}
	for _, who := range slices.Concat(d.RoleDetailList, d.UserDetailList) {
		from := []principalDetail{who}
		for _, g := range who.GroupList {
			from = append(from, groups[g])
		}
		h := proof.Holder{Kind: proof.KindOf(who.Arn), Account: account, Policies: []proof.Ref{}}
		for _, g := range who.GroupList {
			if h.Groups = append(h.Groups, groups[g].Arn); groups[g].Arn == "" {
				h.Unread = "group " + g + " was not reported"
			}
		}
		h.Keys = proof.HolderKeys(who.Arn, x.facts(account, keyValues(who.Tags), !passesTags(who.AssumeRolePolicyDocument)))
		attached := func(arn string) (proof.Ref, bool) {
			r, ok := managed[arn]
			if !ok {
				h.Unread = "policy " + arn + " is attached and was not reported"
			}
			return r, ok
		}
		for _, f := range from {
			for _, p := range f.inline() {
				h.Policies = append(h.Policies, x.document(f.Arn+" inline "+p.PolicyName, p.PolicyDocument))
			}
			for _, p := range f.AttachedManagedPolicies {
				if r, ok := attached(p.PolicyArn); ok {
					h.Policies = append(h.Policies, r)
				}
			}
		}
		if b := who.PermissionsBoundary; b != nil {
			if r, ok := attached(b.PermissionsBoundaryArn); ok {
				h.Boundary = []proof.Ref{r}
			}
		}
		x.Holders[who.Arn] = h
	}
	for _, g := range groups {
		out := proof.Group{Account: account, Policies: []proof.Ref{}}
		for _, p := range g.inline() {
			out.Policies = append(out.Policies, x.document(g.Arn+" inline "+p.PolicyName, p.PolicyDocument))
		}
		for _, p := range g.AttachedManagedPolicies {
			r, ok := managed[p.PolicyArn]
			if !ok {
				out.Unread = "policy " + p.PolicyArn + " is attached and was not reported"
				continue
			}
			out.Policies = append(out.Policies, r)
		}
		x.Groups[g.Arn] = out
	}
}

// facts is what is known of the account of a principal or an asset, and its tags.
func (x *inventory) facts(account string, tags map[string]string, all bool) proof.Facts {
	f := proof.Facts{Account: account, Tags: tags, TagsKnown: all}
	if l := x.sys.World.Accounts[account]; l != nil {
		f.Org, f.OrgPath = l.Org, l.OrgPath
		f.OrgKnown = l.Missing[policy.LayerSCP]+l.Missing[policy.LayerRCP] == ""
	}
	return f
}

// passesTags tells whether a trust policy may let sessions bring tags of their own.
func passesTags(trust string) bool {
	if trust == "" {
		return false // a user
	}
	list, err := proof.Read(trust)
	return err != nil || slices.ContainsFunc(list, func(s proof.Statement) bool {
		named := slices.ContainsFunc(s.Elements["action"], func(a string) bool {
			ok, err := path.Match(strings.ToLower(a), "sts:tagsession")
			return ok || err != nil
		})
		return s.Effect != "deny" && (s.Unread || named || s.Elements["notaction"] != nil)
	})
}

func (x *inventory) asset(a *policy.Asset) proof.Asset {
	facts := x.facts(a.Account, a.Tags, a.Tags != nil)
	facts.BucketTags = a.S3.ABAC
	listsOff := a.S3.ACLsDisabled || a.S3.ACLsUnread != ""
	out := proof.Asset{Account: a.Account, ListsOff: listsOff, Policy: x.compiled(a.Policy), Key: a.Key, AWSKey: a.AWSManagedKey, Unread: a.Missing[policy.LayerResource],
		Keys: proof.AssetKeys(a.ARN, facts), BlockPublic: a.S3.BlockPublic || a.Missing[policy.LayerPublicBlock] != ""}
	if n := x.sys.Graph.Node(graph.ID(a.ARN)); n != nil && n.Region != "" && n.Region != GlobalRegion {
		out.Keys["aws:requestedregion"] = []string{n.Region}
	}
	if a.Missing[policy.LayerKey] != "" {
		out.Key = "unknown"
	}
	for _, g := range a.Grants {
		k := proof.KeyGrant{ID: g.ID, Grantee: g.Grantee, Operations: g.Operations, Context: maps.Clone(g.Equals)}
		if k.Context == nil {
			k.Context = map[string]string{}
		}
		maps.Copy(k.Context, g.Subset)
		out.Grants = append(out.Grants, k)
	}
	for _, e := range a.S3.ACL {
		if everybody := e.Grantee == "AllUsers" || e.Grantee == "AuthenticatedUsers"; everybody && !a.S3.ACLsDisabled && !a.S3.IgnorePublicACLs {
			out.ACL = append(out.ACL, proof.ACLEntry{Grantee: e.Grantee, Permission: e.Permission, Object: e.Object})
		}
	}
	x.accessPoints(&out, a)
	return out
}

func (x *inventory) accessPoints(out *proof.Asset, a *policy.Asset) {
	keys := maps.Clone(out.Keys)
	if a.PointsRead {
		for _, k := range proof.PointKeys {
			out.Keys[k] = []string{}
		}
	}
	for _, p := range a.AccessPoints {
		if p.ARN == "" {
			continue // one that may be there carries no proof
		}
		if out.AccessPoints == nil {
			out.AccessPoints = map[string]proof.Asset{}
		}
		own := maps.Clone(keys)
		own["aws:resourceaccount"], own["s3:resourceaccount"] = []string{p.Account}, []string{p.Account}
		out.AccessPoints[p.ARN] = proof.Asset{Account: p.Account, Policy: x.compiled(p.Policy), Keys: own, VPC: p.VPC,
			BlockPublic: p.VPC == "" && (p.Block || p.BlockUnread != ""), Unread: p.Missing}
	}
}

// flows writes the graph down as plain data.
func (x *inventory) flows() {
	x.Nodes = map[string]proof.Node{}
	for _, f := range x.sys.Graph.Flows() {
		p := proof.Flow{From: string(f.From), To: string(f.To), Kind: string(f.Kind), Via: f.Via, Auth: string(graph.EntryAuth.Get(&f.Facts).V),
			Off: graph.Is(graph.StateOn.Get(&f.Facts), false), Async: graph.Is(graph.Asynchronous.Get(&f.Facts), true), Confidence: f.Confidence(), Evidence: []string{}}
		for _, e := range f.Evidence {
			p.Evidence = append(p.Evidence, string(e.Source))
		}
		slices.Sort(p.Evidence)
		p.Evidence = slices.Compact(p.Evidence)
		x.Flows = append(x.Flows, p)
		for _, id := range []graph.ID{f.From, f.To} {
			if n := x.sys.Graph.Node(id); n != nil {
				x.Nodes[string(id)] = proof.Node{Class: string(n.Class), Keeps: n.Class.KeepsData()}
			}
		}
	}
}
