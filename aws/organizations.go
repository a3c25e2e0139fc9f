package aws

import (
	"context"

	awssdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/organizations"
	"github.com/aws/aws-sdk-go-v2/service/organizations/types"
)

var organizationsService = &Service{
	Name: "organizations",
	Doc: "The accounts of the organisation, so that they count as known, its units, and the service and resource control policies that limit them. " +
		"Accounts and policies answer only from the management or a delegated account.",
	Global: true,
	Calls: []Call{
		{Operation: "DescribeOrganization", Action: "organizations:DescribeOrganization", Optional: true, Absent: "AWSOrganizationsNotInUseException", Drop: []string{"Organization.MasterAccountEmail"}},
		{Operation: "ListAccounts", Action: "organizations:ListAccounts", Optional: true, Drop: []string{"Accounts[].Email"}},
		{Operation: "ListRoots", Action: "organizations:ListRoots", Optional: true},
		{Operation: "ListParents", Action: "organizations:ListParents", Optional: true},
		{Operation: "ListPolicies", Action: "organizations:ListPolicies", Optional: true},
		{Operation: "DescribePolicy", Action: "organizations:DescribePolicy", Optional: true},
		{Operation: "ListTargetsForPolicy", Action: "organizations:ListTargetsForPolicy", Optional: true},
	},
	Collect: collectOrganizations,
	Build: func(r *Region) {
		for _, a := range r.each("ListAccounts") {
			for _, x := range decode[struct{ Accounts []struct{ Id, Name string } }](a).Accounts {
				if r.sys.Accounts[x.Id] == "" {
					r.sys.Accounts[x.Id] = "same organisation: " + x.Name
				}
			}
		}
	},
}

func collectOrganizations(ctx context.Context, c *Collector) {
	api := organizations.NewFromConfig(c.Config)
	if ask(ctx, c, "DescribeOrganization", "", api.DescribeOrganization, &organizations.DescribeOrganizationInput{}) == nil {
		return
	}
	list := pages(ctx, c, "ListAccounts", "", organizations.NewListAccountsPaginator(api, &organizations.ListAccountsInput{}))
	if len(list) == 0 {
		return // a member account: it may not read the organisation
	}
	pages(ctx, c, "ListRoots", "", organizations.NewListRootsPaginator(api, &organizations.ListRootsInput{}))
	var accounts []string
	for _, p := range list {
		for _, a := range p.Accounts {
			accounts = append(accounts, awssdk.ToString(a.Id))
		}
	}
	collectParents(ctx, c, api, accounts)
	for _, kind := range []types.PolicyType{types.PolicyTypeServiceControlPolicy, types.PolicyTypeResourceControlPolicy} {
		collectControlPolicies(ctx, c, api, kind)
	}
}

// collectParents asks for the unit of every account, and for the unit above each, up
// to the root.
func collectParents(ctx context.Context, c *Collector, api *organizations.Client, children []string) {
	asked := map[string]bool{}
	for len(children) > 0 {
		above := make([]string, len(children))
		index := map[string]int{}
		for i, id := range children {
			index[id], asked[id] = i, true
		}
		each(ctx, children, func(id string) {
			for _, p := range pages(ctx, c, "ListParents", id, organizations.NewListParentsPaginator(api, &organizations.ListParentsInput{ChildId: awssdk.String(id)})) {
				for _, x := range p.Parents {
					if x.Type == types.ParentTypeOrganizationalUnit {
						above[index[id]] = awssdk.ToString(x.Id)
					}
				}
			}
		})
		children = nil
		for _, id := range above {
			if id != "" && !asked[id] {
				asked[id] = true
				children = append(children, id)
			}
		}
	}
}

func collectControlPolicies(ctx context.Context, c *Collector, api *organizations.Client, kind types.PolicyType) {
	var ids []string
	for _, p := range pages(ctx, c, "ListPolicies", string(kind), organizations.NewListPoliciesPaginator(api, &organizations.ListPoliciesInput{Filter: kind})) {
		for _, x := range p.Policies {
			ids = append(ids, awssdk.ToString(x.Id))
		}
	}
	each(ctx, ids, func(id string) {
		ask(ctx, c, "DescribePolicy", id, api.DescribePolicy, &organizations.DescribePolicyInput{PolicyId: awssdk.String(id)})
		pages(ctx, c, "ListTargetsForPolicy", id, organizations.NewListTargetsForPolicyPaginator(api, &organizations.ListTargetsForPolicyInput{PolicyId: awssdk.String(id)}))
	})
}
