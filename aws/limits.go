package aws

import (
	"maps"
	"slices"
	"strings"

	policy "github.com/flowdeed/flowdeed/iam"
)

// controlKind is a kind of policy an organization hangs on root, units and accounts.
type controlKind struct {
	name  string
	layer policy.Layer
	// always is the policy AWS hangs everywhere and that decisions leave out.
	always string
}

var controlKinds = []controlKind{
	{"SERVICE_CONTROL_POLICY", policy.LayerSCP, ""},
	{"RESOURCE_CONTROL_POLICY", policy.LayerRCP, "p-RCPFullAWSAccess"},
}

// accountLimits says for every scanned account which organization it is in and which
// control policies limit it. An organization whose policies were not read leaves the
// layers missing, apart from the management account, which no such policy limits.
// Source: Organizations User Guide, "SCP evaluation" and "RCP evaluation".
func (b *Builder) accountLimits() map[string]*policy.AccountLimits {
	if b.limits == nil {
		b.limits = b.readLimits()
	}
	return b.limits
}

func (b *Builder) readLimits() map[string]*policy.AccountLimits {
	out := map[string]*policy.AccountLimits{}
	var readers []*Region
	for _, account := range slices.Sorted(maps.Keys(b.sys.Accounts)) {
		readers = append(readers, b.index.regions[inAccount{account, "organizations"}]...)
	}
	for account, who := range b.sys.Accounts {
		if who == "scanned" {
			out[account] = limitsOf(account, readers)
			out[account].Unlisted = b.unlisted(account)
		}
	}
	return out
}

// unlisted says why the users and roles of an account are not all known.
func (b *Builder) unlisted(account string) string {
	why := "iam:" + authorization + " was not asked"
	for _, r := range b.index.regions[inAccount{account, "iam"}] {
		for _, a := range r.each(authorization) {
			if why = ""; !a.OK() {
				return r.why(authorization, a)
			}
		}
	}
	return why
}

func limitsOf(account string, readers []*Region) *policy.AccountLimits {
	l := &policy.AccountLimits{}
	for _, r := range readers {
		if slices.Contains(r.members(), account) {
			org := r.organization()
			l.Org, l.Management = org.Id, org.MasterAccountId == account
			if !l.Management {
				r.hang(l, account)
			}
			return l
		}
	}
	why := "organizations:DescribeOrganization was not asked"
	for _, r := range readers {
		if r.Account != account {
			continue
		}
		a := r.answer("DescribeOrganization", "")
		if a.Absent() {
			return l // in no organization
		}
		why = r.why("DescribeOrganization", a)
		if org := r.organization(); org.Id != "" {
			l.Org, l.Management = org.Id, org.MasterAccountId == account
			why = "the policies of organization " + org.Id + " can be read from its management account " + org.MasterAccountId + " only"
		}
	}
	if !l.Management {
		l.Missing = missing(missing(nil, policy.LayerSCP, why), policy.LayerRCP, why)
	}
	return l
}

type organizationDetail struct{ Id, MasterAccountId string }

func (r *Region) organization() organizationDetail {
	if o := decode[struct{ Organization *organizationDetail }](r.answer("DescribeOrganization", "")).Organization; o != nil {
		return *o
	}
	return organizationDetail{}
}

// members are the accounts that this reader saw in its organization.
func (r *Region) members() []string {
	var out []string
	for _, x := range decode[struct{ Accounts []struct{ Id string } }](r.answer("ListAccounts", "")).Accounts {
		out = append(out, x.Id)
	}
	return out
}

// hang sets the control policies of an account, level by level.
func (r *Region) hang(l *policy.AccountLimits, account string) {
	levels, why := r.chain(account)
	if why == "" {
		l.OrgPath = l.Org + "/" + strings.Join(levels[:len(levels)-1], "/") + "/"
	}
	for _, k := range controlKinds {
		list, missed := []policy.Level(nil), why
		if missed == "" {
			list, missed = r.levels(k, levels)
		}
		switch {
		case missed != "":
			l.Missing = missing(l.Missing, k.layer, missed)
		case k.layer == policy.LayerSCP:
			l.SCPs = list
		default:
			l.RCPs = list
		}
	}
}

// chain lists root, units and account, in this order.
func (r *Region) chain(account string) (ids []string, why string) {
	for id := account; ; {
		ids = append(ids, id)
		a := r.answer("ListParents", id)
		if !a.OK() {
			return nil, r.why("ListParents", a)
		}
		parents := decode[struct{ Parents []struct{ Id, Type string } }](a).Parents
		if len(parents) != 1 || slices.Contains(ids, parents[0].Id) {
			return nil, "organizations:ListParents names no single parent of " + id
		}
		id = parents[0].Id
		if parents[0].Type == "ROOT" {
			ids = append(ids, id)
			slices.Reverse(ids)
			return ids, ""
		}
	}
}

// levels are the policies of one kind on each level. Where the kind is not switched
// on at the root nothing is limited.
func (r *Region) levels(k controlKind, ids []string) (list []policy.Level, why string) {
	if on, why := r.switchedOn(k.name); why != "" || !on {
		return nil, why
	}
	on, why := r.attached(k)
	if why != "" {
		return nil, why
	}
	for _, id := range ids {
		level := policy.Level{ID: id, Policies: []*policy.Policy{}}
		for _, p := range slices.Sorted(maps.Keys(on[id])) {
			level.Policies = append(level.Policies, on[id][p])
		}
		list = append(list, level)
	}
	return list, ""
}

func (r *Region) switchedOn(kind string) (on bool, why string) {
	a := r.answer("ListRoots", "")
	if !a.OK() {
		return false, r.why("ListRoots", a)
	}
	for _, root := range decode[struct {
		Roots []struct {
			PolicyTypes []struct{ Type, Status string }
		}
	}](a).Roots {
		for _, t := range root.PolicyTypes {
			if t.Type == kind && t.Status == "ENABLED" {
				return true, ""
			}
		}
	}
	return false, ""
}

// attached are the policies of a kind by what they hang on, and by id.
func (r *Region) attached(k controlKind) (on map[string]map[string]*policy.Policy, why string) {
	a := r.answer("ListPolicies", k.name)
	if !a.OK() {
		return nil, r.why("ListPolicies", a)
	}
	on = map[string]map[string]*policy.Policy{}
	for _, x := range decode[struct {
		Policies []struct{ Id, Arn, Name string }
	}](a).Policies {
		if x.Id == k.always {
			continue
		}
		doc := r.answer("DescribePolicy", x.Id)
		content := decode[struct{ Policy *struct{ Content string } }](doc).Policy
		targets := r.answer("ListTargetsForPolicy", x.Id)
		if !doc.OK() || content == nil {
			return nil, r.why("DescribePolicy", doc)
		}
		if !targets.OK() {
			return nil, r.why("ListTargetsForPolicy", targets)
		}
		p, err := policy.ParsePolicy(content.Content)
		if err != nil {
			return nil, "policy " + x.Name + " cannot be read: " + err.Error()
		}
		p = p.Named(x.Arn + " " + x.Name)
		for _, t := range decode[struct{ Targets []struct{ TargetId string } }](targets).Targets {
			if on[t.TargetId] == nil {
				on[t.TargetId] = map[string]*policy.Policy{}
			}
			on[t.TargetId][x.Id] = p
		}
	}
	return on, ""
}
