package aws

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/service/organizations"
)

var organizationsService = &Service{
	Name:   "organizations",
	Doc:    "The accounts of the organisation, so that they count as known. Answers only from the management or a delegated account.",
	Global: true,
	Calls: []Call{
		{Operation: "DescribeOrganization", Action: "organizations:DescribeOrganization", Optional: true, Drop: []string{"Organization.MasterAccountEmail"}},
		{Operation: "ListAccounts", Action: "organizations:ListAccounts", Optional: true, Drop: []string{"Accounts[].Email"}},
	},
	Collect: func(ctx context.Context, c *Collector) {
		api := organizations.NewFromConfig(c.Config)
		if ask(ctx, c, "DescribeOrganization", "", api.DescribeOrganization, &organizations.DescribeOrganizationInput{}) != nil {
			pages(ctx, c, "ListAccounts", "", organizations.NewListAccountsPaginator(api, &organizations.ListAccountsInput{}))
		}
	},
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
