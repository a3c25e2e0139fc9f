package aws

import (
	"context"
	"slices"
	"strings"

	awssdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"

	"github.com/flowdeed/flowdeed/graph"
	policy "github.com/flowdeed/flowdeed/iam"
)

var iamService = &Service{
	Name:   "iam",
	Doc:    "Users, groups, roles and all their policies in one paged call, and how users sign in. Credentials are never read.",
	Global: true,
	Calls: []Call{
		{Operation: "GetAccountAuthorizationDetails", Action: "iam:GetAccountAuthorizationDetails", Prune: pruneUnusedPolicies},
		{Operation: "ListAccountAliases", Action: "iam:ListAccountAliases", Optional: true},
		{Operation: "ListOpenIDConnectProviders", Action: "iam:ListOpenIDConnectProviders", Optional: true},
		{Operation: "GenerateCredentialReport", Action: "iam:GenerateCredentialReport", Optional: true},
		{Operation: "GetCredentialReport", Action: "iam:GetCredentialReport", Optional: true},
	},
	Collect: func(ctx context.Context, c *Collector) {
		api := iam.NewFromConfig(c.Config)
		pages(ctx, c, "GetAccountAuthorizationDetails", "", iam.NewGetAccountAuthorizationDetailsPaginator(api, &iam.GetAccountAuthorizationDetailsInput{MaxItems: awssdk.Int32(1000)}))
		pages(ctx, c, "ListAccountAliases", "", iam.NewListAccountAliasesPaginator(api, &iam.ListAccountAliasesInput{}))
		ask(ctx, c, "ListOpenIDConnectProviders", "", api.ListOpenIDConnectProviders, &iam.ListOpenIDConnectProvidersInput{})
		credentialReports(ctx, c, api)
	},
	Build: buildIAM,
}

const authorization = "GetAccountAuthorizationDetails"

type namedPolicy struct{ PolicyName, PolicyDocument string }

type attachedPolicy struct{ PolicyName, PolicyArn string }

type principalDetail struct {
	Arn, RoleName, UserName, GroupName string
	RolePolicyList                     []namedPolicy
	UserPolicyList                     []namedPolicy
	GroupPolicyList                    []namedPolicy
	AttachedManagedPolicies            []attachedPolicy
	GroupList                          []string
	AssumeRolePolicyDocument           string
	PermissionsBoundary                *struct{ PermissionsBoundaryArn string }
	Tags                               []keyValue
}

func (d principalDetail) inline() []namedPolicy {
	return slices.Concat(d.RolePolicyList, d.UserPolicyList, d.GroupPolicyList)
}

type managedPolicy struct {
	Arn               string
	PolicyVersionList []struct {
		Document         string
		IsDefaultVersion bool
		VersionId        string
	}
}

type authorizationDetails struct {
	RoleDetailList, UserDetailList, GroupDetailList []principalDetail
	Policies                                        []managedPolicy
}

func buildIAM(r *Region) {
	var users []*graph.Node
	for _, a := range r.each(authorization) {
		d := decode[authorizationDetails](a)
		managed := map[string]readPolicy{}
		for _, m := range d.Policies {
			for _, v := range m.PolicyVersionList {
				if v.IsDefaultVersion {
					managed[m.Arn] = parsePolicy(v.Document).named(m.Arn + " " + v.VersionId)
				}
			}
		}
		groups := map[string]principalDetail{}
		for _, g := range d.GroupDetailList {
			groups[g.GroupName] = g
			r.group(g, managed)
		}
		for _, role := range d.RoleDetailList {
			n := r.principal(role, role.RoleName, "iam.role", "AWS::IAM::Role")
			r.identity(n, role, managed, nil)
			r.trust(n, role, a)
		}
		for _, u := range d.UserDetailList {
			n := r.principal(u, u.UserName, "iam.user", "AWS::IAM::User")
			users = append(users, n)
			var of []principalDetail
			for _, name := range u.GroupList {
				g := groups[name]
				g.GroupName = name
				of = append(of, g)
			}
			r.identity(n, u, managed, of)
		}
	}
	r.signIns(users)
}

func (r *Region) principal(d principalDetail, name, kind, typ string) *graph.Node {
	n := r.node(graph.Node{ID: graph.ID(d.Arn), Class: graph.Principal, Kind: kind, Type: typ, Name: name})
	tagNode(n, keyValues(d.Tags))
	return n
}

// trust sets the facts about who may become a role.
func (r *Region) trust(n *graph.Node, d principalDetail, a *Answer) {
	src := r.source(authorization, "RoleDetailList[].AssumeRolePolicyDocument")
	p, err := policy.ParsePolicy(d.AssumeRolePolicyDocument)
	if err != nil {
		r.resourceSide(n.ID).unread = "the trust policy cannot be read: " + err.Error()
		r.trustUnknown(n, "the trust policy cannot be read: "+err.Error(), src)
		return
	}
	p = p.Named(d.Arn + " trust")
	r.resourceSide(n.ID).policy = p
	r.afterNodes(func() { r.trustFacts(n, p, src) })
	r.namedTrust(n, p, src)
	if slices.ContainsFunc([]string{"/aws-service-role/", "/aws-reserved/"}, func(s string) bool { return strings.Contains(d.Arn, s) }) {
		graph.ManagedBy.Set(&n.Facts, "AWS", r.source(authorization, "RoleDetailList[].Arn"))
	}
}

// namedTrust draws who a trust policy names: inside one account a principal named by
// its ARN may assume the role without any further grant. Source: IAM User Guide,
// "Policy evaluation logic". Trust in a whole account is decided with the identity
// policies of that account and is no fact of this policy alone.
func (r *Region) namedTrust(n *graph.Node, p *policy.Policy, src graph.Source) {
	for i := range p.Statements {
		s := &p.Statements[i]
		if s.Effect != policy.Allow || s.Principals == nil {
			continue
		}
		for _, who := range s.Principals.AWS {
			if a, ok := parseARN(who); ok && a.Account == n.Account && a.Resource != "root" && !strings.ContainsAny(who, "*?") {
				detail := ""
				if len(s.Conditions) > 0 {
					detail = "under conditions"
				}
				r.flow(graph.CanAssume, who, string(n.ID), "", src, detail)
			}
		}
	}
}

// pruneUnusedPolicies leaves out managed policies that nobody has, and versions that
// are not in force.
func pruneUnusedPolicies(answer map[string]any) {
	list, _ := answer["Policies"].([]any)
	var used []any
	for _, x := range list {
		p, ok := x.(map[string]any)
		if !ok || unused(p) {
			continue
		}
		if versions, ok := p["PolicyVersionList"].([]any); ok {
			p["PolicyVersionList"] = slices.DeleteFunc(versions, func(v any) bool {
				m, _ := v.(map[string]any)
				current, _ := m["IsDefaultVersion"].(bool)
				return !current
			})
		}
		used = append(used, p)
	}
	answer["Policies"] = used
}

// unused tells whether a policy is attached to nobody and is nobody's boundary. A
// policy whose use is not reported is kept, unless it is AWS's own.
func unused(p map[string]any) bool {
	attached, known := p["AttachmentCount"].(int64)
	boundary, _ := p["PermissionsBoundaryUsageCount"].(int64)
	arn, _ := p["Arn"].(string)
	return known && attached == 0 && boundary == 0 && strings.Contains(arn, ":iam::aws:policy/")
}
