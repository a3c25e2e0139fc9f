package aws

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/service/resourcegroupstaggingapi"

	"github.com/flowdeed/flowdeed/graph"
)

var tagsService = &Service{
	Name: "resourcegroupstaggingapi",
	Doc:  "Tags of almost every resource of a region in one paged call; they are joined to resources the services themselves listed.",
	Calls: []Call{
		{Operation: "GetResources", Action: "tag:GetResources"},
	},
	Collect: func(ctx context.Context, c *Collector) {
		api := resourcegroupstaggingapi.NewFromConfig(c.Config)
		pages(ctx, c, "GetResources", "", resourcegroupstaggingapi.NewGetResourcesPaginator(api, &resourcegroupstaggingapi.GetResourcesInput{}))
	},
	Build: func(r *Region) {
		for _, a := range r.each("GetResources") {
			for _, t := range decode[struct {
				ResourceTagMappingList []struct {
					ResourceARN string
					Tags        []keyValue
				}
			}](a).ResourceTagMappingList {
				r.afterNodes(func() {
					if n := r.sys.Graph.Node(graph.ID(canonicalARN(t.ResourceARN))); n != nil {
						tagNode(n, keyValues(t.Tags))
					}
				})
			}
		}
	},
}
