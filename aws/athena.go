package aws

import (
	"context"
	"strings"

	awssdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/athena"

	"github.com/flowdeed/flowdeed/graph"
)

var athenaService = &Service{
	Name: "athena",
	Doc:  "Work groups: where query results go and how they are encrypted. Queries and results are never read.",
	Calls: []Call{
		{Operation: "ListWorkGroups", Action: "athena:ListWorkGroups", Optional: true},
		{Operation: "GetWorkGroup", Action: "athena:GetWorkGroup", Optional: true},
	},
	Collect: func(ctx context.Context, c *Collector) {
		api := athena.NewFromConfig(c.Config)
		for _, p := range pages(ctx, c, "ListWorkGroups", "", athena.NewListWorkGroupsPaginator(api, &athena.ListWorkGroupsInput{})) {
			for _, w := range p.WorkGroups {
				ask(ctx, c, "GetWorkGroup", awssdk.ToString(w.Name), api.GetWorkGroup, &athena.GetWorkGroupInput{WorkGroup: w.Name})
			}
		}
	},
	Build: buildAthena,
}

func buildAthena(r *Region) {
	const op = "GetWorkGroup"
	for _, list := range r.each("ListWorkGroups") {
		for _, w := range decode[struct{ WorkGroups []struct{ Name string } }](list).WorkGroups {
			a := r.answer(op, w.Name)
			g := decode[struct {
				WorkGroup *struct {
					Configuration *struct {
						EnforceWorkGroupConfiguration *bool
						ResultConfiguration           *struct {
							OutputLocation          string
							EncryptionConfiguration *struct{ EncryptionOption, KmsKey string }
						}
					}
				}
			}](a).WorkGroup
			n := r.node(graph.Node{ID: graph.ID(r.arn("athena", "workgroup/"+w.Name)), Class: graph.QueryWorkgroup, Kind: "athena.workgroup", Type: "AWS::Athena::WorkGroup", Name: w.Name})
			if g == nil || g.Configuration == nil || g.Configuration.ResultConfiguration == nil {
				continue
			}
			c := g.Configuration.ResultConfiguration
			if c.OutputLocation != "" {
				bucket, _, _ := strings.Cut(strings.TrimPrefix(c.OutputLocation, "s3://"), "/")
				r.flow(graph.Writes, string(n.ID), ARN{r.Partition, "s3", "", "", bucket}.String(), "query results", r.source(op, "WorkGroup.Configuration.ResultConfiguration.OutputLocation"), "")
			}
			src := r.source(op, "WorkGroup.Configuration.ResultConfiguration.EncryptionConfiguration.EncryptionOption")
			switch e := c.EncryptionConfiguration; {
			case e == nil || e.EncryptionOption == "":
				r.restUnknown(n, "the work group sets no encryption: the bucket's default decides", src)
			case e.KmsKey != "":
				r.encrypted(n, e.EncryptionOption, e.KmsKey, src)
			default:
				r.encryptedBy(n, e.EncryptionOption, graph.KeyProviderOwned, "", src)
			}
		}
	}
}
