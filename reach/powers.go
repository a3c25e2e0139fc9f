package reach

import (
	"path"
	"slices"
	"strings"

	"github.com/flowdeed/flowdeed/iam"
)

// Powers are the rights of a principal that are too wide whatever store is asked about.
type Powers struct {
	Admin       []string // statements and policies that let it do everything, or everything but IAM
	Wild        []string // "dynamodb:* on *": all actions of a data service, or data actions on everything
	Escalations []string // how it gets rights it was not given
}

// adminPolicies are the policies of AWS that make an administrator, or one who can
// become it (IAM User Guide, "AWS managed policies for job functions").
var adminPolicies = []string{"AdministratorAccess", "PowerUserAccess", "IAMFullAccess"}

// Powers reads what a scanned principal may do at large, within its boundary. whole is
// false when not all of its policies are known.
func (f *Finder) Powers(principal string) (p Powers, whole bool) {
	h := f.holders[principal]
	if h == nil {
		return p, false
	}
	for _, x := range h.Policies {
		arn, _, _ := strings.Cut(x.ID, " ")
		if strings.Contains(arn, ":iam::aws:policy/") && slices.Contains(adminPolicies, arn[strings.LastIndexByte(arn, '/')+1:]) && h.Boundaries == nil {
			p.Admin = append(p.Admin, arn)
			continue
		}
		for i := range x.Statements {
			f.wide(h, x, &x.Statements[i], &p)
		}
	}
	f.escalations(h, &p)
	slices.Sort(p.Admin)
	slices.Sort(p.Wild)
	p.Admin, p.Wild = slices.Compact(p.Admin), slices.Compact(p.Wild)
	return p, len(h.Missing) == 0 && !f.escalationOpen(h, &p)
}

// escalationOpen tells whether rules fit a principal of which control policies that
// were not read may take the permissions away.
func (f *Finder) escalationOpen(h *iam.Holder, p *Powers) bool {
	l := f.world.Accounts[h.Principal.Account]
	if len(p.Escalations) > 0 || l != nil && l.Missing[iam.LayerSCP] == "" {
		return false
	}
	may := f.plausible(callerOf(h))
	return slices.ContainsFunc(allRules, func(r *Rule) bool { return may[r] })
}

// wide notes what a statement without conditions gives too much.
func (f *Finder) wide(h *iam.Holder, x *iam.Policy, s *iam.Statement, p *Powers) {
	if s.Effect != iam.Allow || len(s.Conditions) > 0 {
		return
	}
	all, on := slices.Contains(s.Resources, "*") || len(s.NotResources) > 0, strings.Join(s.Resources, ", ")
	if len(s.NotResources) > 0 {
		on = "everything but " + strings.Join(s.NotResources, ", ")
	}
	if all && len(s.NotActions) > 0 && f.leavesData(h, s.NotActions) {
		p.Wild = append(p.Wild, "everything but "+strings.Join(s.NotActions, ", ")+" on "+on)
	}
	if slices.Contains(s.Actions, "*") || slices.Contains(s.Actions, "*:*") {
		if slices.Contains(s.Resources, "*") && (h.Boundaries == nil || slices.ContainsFunc(h.Boundaries, unbounded)) {
			p.Admin = append(p.Admin, x.ID+s.Pointer)
		}
		return
	}
	for _, a := range s.Actions {
		service, name, _ := strings.Cut(strings.ToLower(a), ":")
		if !f.dataServices()[service] || h.Boundaries != nil && !slices.ContainsFunc(h.Boundaries, func(b *iam.Policy) bool { return b.MayAllow(a, "*") }) {
			continue
		}
		if name == "*" || all && f.touchesData(a) {
			p.Wild = append(p.Wild, a+" on "+on)
		}
	}
}

// leavesData tells whether an Allow of everything but some actions gives an action on
// data that the boundary lets through.
func (f *Finder) leavesData(h *iam.Holder, but []string) bool {
	f.dataServices()
	for d := range f.dataActions {
		excluded := slices.ContainsFunc(but, func(pattern string) bool {
			match, err := path.Match(strings.ToLower(pattern), d)
			return err == nil && match
		})
		if !excluded && (h.Boundaries == nil || slices.ContainsFunc(h.Boundaries, func(b *iam.Policy) bool { return b.MayAllow(d, "*") })) {
			return true
		}
	}
	return false
}

func unbounded(b *iam.Policy) bool {
	return slices.ContainsFunc(b.Statements, func(s iam.Statement) bool {
		return s.Effect == iam.Allow && slices.Contains(s.Actions, "*") && slices.Contains(s.Resources, "*")
	})
}

// dataARNs are one ARN for each service whose stores and channels hold data. They do
// not hang on what the scan found, so that a lost call makes no wildcard look harmless.
var dataARNs = []string{
	"arn:aws:s3:::x", "arn:aws:dynamodb:::table/x", "arn:aws:sqs:::x", "arn:aws:sns:::x", "arn:aws:kinesis:::stream/x", "arn:aws:firehose:::deliverystream/x",
	"arn:aws:events:::event-bus/x", "arn:aws:secretsmanager:::secret:x", "arn:aws:ssm:::parameter/x", "arn:aws:logs:::log-group:x", "arn:aws:cognito-idp:::userpool/x",
}

// dataServices are the services that hold data, with their actions on it.
func (f *Finder) dataServices() map[string]bool {
	if f.services != nil {
		return f.services
	}
	f.services, f.dataActions = map[string]bool{}, map[string]bool{}
	for _, arn := range dataARNs {
		f.services[serviceOf(arn)] = true
		for _, d := range iam.DataActions(arn) {
			// Every function writes its log; AWS's own policy for it names no group.
			if d.Access != iam.Admin && d.Action != "logs:PutLogEvents" {
				f.dataActions[strings.ToLower(d.Action)] = true
			}
		}
	}
	return f.services
}

// touchesData tells whether an action of a policy takes in an action on data.
func (f *Finder) touchesData(action string) bool {
	begin, _, wild := strings.Cut(strings.ToLower(action), "*")
	if !wild {
		return f.dataActions[begin]
	}
	for d := range f.dataActions {
		if strings.HasPrefix(d, begin) {
			return true
		}
	}
	return false
}

// maxEscalations bounds how many targets are named.
const maxEscalations = 5

func (f *Finder) escalations(h *iam.Holder, p *Powers) {
	for _, e := range f.lifts(h.Principal.Account) {
		if e.to == h.Principal.ARN {
			p.Escalations = append(p.Escalations, e.how)
		}
	}
	c := callerOf(h)
	may := f.plausible(c)
	if !slices.ContainsFunc(slices.Concat(passRules, workloadRules, becomeRules), func(r *Rule) bool { return may[r] }) {
		return
	}
	n := 0
	for _, t := range f.byAccount[h.Principal.Account] {
		if t == h {
			continue
		}
		e, ok := f.escalation(c, t, f.workloads(t.Principal.ARN))
		if !ok {
			continue
		}
		if n++; n > maxEscalations {
			p.Escalations = append(p.Escalations, "and others in the same way")
			return
		}
		p.Escalations = append(p.Escalations, e.how+" to become "+t.Principal.ARN)
	}
}
