package reach

import (
	"slices"
	"strings"

	"github.com/flowdeed/flowdeed/iam"
)

// openings finds those who may open the store or its key, or copy the data out.
func (s *search) openings(goals map[string]goal) {
	for i := range openings {
		o := &openings[i]
		if !slices.Contains(o.Gives, s.access) || !o.about(s.asset.ARN) {
			continue
		}
		for _, c := range s.insiders() {
			if s.sure[c.id()] {
				continue
			}
			d, how, role := s.opens(c, o)
			steps := []Step{{To: s.asset.ARN, How: how, If: d.If, Because: d.Because, Rule: o.Action, on: role}}
			if d.Outcome == iam.Unknown && how != "" && !s.has[c.id()] {
				s.out.Undecided = append(s.out.Undecided, s.make(c, Escalation, steps, d))
			}
			if d.Outcome.Reaches() {
				s.answer(c, Escalation, steps, d)
				if _, there := goals[c.id()]; !there {
					goals[c.id()] = goal{steps: steps, sure: d.Outcome == iam.Allowed, via: Escalation}
				}
			}
		}
	}
}

func (s *search) insiders() []caller {
	var out []caller
	for _, h := range s.byAccount[s.asset.Account] {
		out = append(out, callerOf(h))
	}
	return out
}

// on is the action of an opening on a store.
func (o *Opening) on(arn string) iam.DataAction {
	for _, d := range iam.DataActions(arn) {
		if d.Action == o.Action {
			return d
		}
	}
	return iam.DataAction{Access: iam.Admin, Action: o.Action}
}

// opens weighs all it takes to get at the data by an opening, and names the role that is
// handed over for it.
func (s *search) opens(c caller, o *Opening) (total iam.Decision, how, role string) {
	action := o.on(s.asset.ARN)
	if !s.possible(c, s.asset, action) {
		return iam.Decision{Outcome: iam.Denied}, "", ""
	}
	total = s.decide(c, s.asset, action)
	if !total.Outcome.Reaches() {
		return total, "", ""
	}
	how = o.Action
	total = and(total, s.settings(o))
	for _, n := range o.needs {
		if total.Outcome.Reaches() {
			total = and(total, s.decideWith(c, s.object(c, n), n.action, nil))
		}
	}
	if total.Outcome.Reaches() && o.Lists {
		total = and(total, s.listed())
	}
	if total.Outcome.Reaches() && o.Key {
		total = and(total, s.keyAlone(c))
	}
	if total.Outcome.Reaches() && o.Pass != "" {
		var d iam.Decision
		d, role = s.passes(c, o.Pass)
		total = and(total, d)
		how += " with iam:PassRole on " + role
	}
	return total, how, role
}

// settings is whether the store is of the make that an opening needs, apart from who asks.
func (s *search) settings(o *Opening) iam.Decision {
	a := s.asset
	switch {
	case o.Lists && a.S3.ACLsDisabled, o.Plain && (a.Key != "" || a.AWSManagedKey):
		return iam.Decision{Outcome: iam.Denied}
	case o.Lists && a.S3.ACLsUnread != "":
		return unknown(iam.LayerACL, "whether access lists count is not known: "+a.S3.ACLsUnread)
	case o.Plain && a.Missing[iam.LayerKey] != "":
		return unknown(iam.LayerKey, "whether a key encrypts it is not known: "+a.Missing[iam.LayerKey])
	}
	return iam.Decision{Outcome: iam.Allowed}
}

// object is what a permission of an opening is asked on.
func (s *search) object(c caller, n need) string {
	if n.object == onStore {
		return s.asset.ARN + n.on
	}
	return s.Finder.objects(c, n, nil, "")[0]
}

// listed is whether somebody of another account gets in when the access list names
// everybody: the policy of the bucket, its key and control policies still count.
func (s *search) listed() iam.Decision {
	d, asked := s.Finder.access(caller{principal: iam.Principal{Kind: iam.Role, ARN: anyAccount, Account: noAccount}}, listedToAll(s.asset), s.access)
	if !asked {
		return iam.Decision{Outcome: iam.Denied}
	}
	return d
}

// listedToAll is a bucket as if its lists, and those of its objects, named everybody who
// has an account.
func listedToAll(a *iam.Asset) *iam.Asset {
	open := *a
	open.S3.IgnorePublicACLs, open.AccessPoints = false, nil
	for _, g := range []iam.ACLGrant{{Permission: "READ", Object: true}, {Permission: "READ"}, {Permission: "WRITE"}} {
		g.Grantee = "AuthenticatedUsers"
		open.S3.ACL = append(open.S3.ACL[:len(open.S3.ACL):len(open.S3.ACL)], g)
	}
	return &open
}

// opened is a store as if it let everybody in, so that its key alone counts.
func (f *Finder) opened(a *iam.Asset) *iam.Asset {
	open := *a
	open.Policy, open.Missing = f.everybodyIn, nil
	if why := a.Missing[iam.LayerKey]; why != "" {
		open.Missing = map[iam.Layer]string{iam.LayerKey: why}
	}
	return &open
}

// keyAlone is whether the caller may use the key of the store as the access takes it:
// the question about the data, asked of a store that lets its whole account in.
func (s *search) keyAlone(c caller) iam.Decision {
	d, asked := s.Finder.access(c, s.opened(s.asset), s.access)
	if !asked {
		return iam.Decision{Outcome: iam.Allowed}
	}
	return d
}

// passes finds a role that the caller may hand to a service and that reaches the store
// itself.
func (s *search) passes(c caller, service string) (iam.Decision, string) {
	for _, h := range s.byAccount[s.asset.Account] {
		if h.Principal.Kind != iam.Role || !s.mayEverPass(c, h.Principal.ARN) || !s.trusts(h, service) {
			continue
		}
		if d, asked := s.Finder.access(callerOf(h), s.asset, s.access); !asked || !d.Outcome.Reaches() {
			continue
		}
		d := s.decideWith(c, h.Principal.ARN, "iam:PassRole", map[string]iam.Value{"iam:PassedToService": iam.One(service)})
		if d.Outcome.Reaches() {
			return d, h.Principal.ARN
		}
	}
	return iam.Decision{Outcome: iam.Denied}, ""
}

// about tells whether an opening is about a store.
func (o *Opening) about(arn string) bool {
	parts := strings.SplitN(arn, ":", 6)
	return serviceOf(arn) == o.service() && len(parts) == 6 && strings.HasPrefix(parts[5], o.Kind)
}

func (o *Opening) service() string {
	for i := range o.Action {
		if o.Action[i] == ':' {
			return o.Action[:i]
		}
	}
	return o.Action
}
