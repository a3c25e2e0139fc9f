package aws

import (
	"context"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/glue"

	"github.com/flowdeed/flowdeed/graph"
)

var glueService = &Service{
	Name: "glue",
	Doc:  "Crawlers and jobs: what they read, under which role. Tables of the catalog and registered schemas: names and types of fields, where the data is. Data is never read.",
	Calls: []Call{
		{Operation: "GetCrawlers", Action: "glue:GetCrawlers", Optional: true},
		{Operation: "GetJobs", Action: "glue:GetJobs", Optional: true, Values: []string{"Jobs[].DefaultArguments{}", "Jobs[].NonOverridableArguments{}"}},
		{Operation: "GetDatabases", Action: "glue:GetDatabases", Optional: true, Prune: keepDatabaseNames},
		{Operation: "GetTables", Action: "glue:GetTables", Optional: true, Prune: keepColumns},
		{Operation: "GetConnections", Action: "glue:GetConnections", Optional: true, Prune: keepConnections, Values: []string{"ConnectionList[].ConnectionProperties{}"}},
		{Operation: "ListSchemas", Action: "glue:ListSchemas", Optional: true, Prune: keepSchemaNames},
		{Operation: "GetSchemaVersion", Action: "glue:GetSchemaVersion", Optional: true, Prune: keepSchemaFields},
	},
	Collect: func(ctx context.Context, c *Collector) {
		api := glue.NewFromConfig(c.Config)
		pages(ctx, c, "GetCrawlers", "", glue.NewGetCrawlersPaginator(api, &glue.GetCrawlersInput{}))
		pages(ctx, c, "GetJobs", "", glue.NewGetJobsPaginator(api, &glue.GetJobsInput{}))
		collectGlueTables(ctx, c, api)
		collectGlueSchemas(ctx, c, api)
	},
	Build: buildGlue,
}

func buildGlue(r *Region) {
	r.afterNodes(func() {
		found := findings{}
		r.catalogTables(found)
		r.registrySchemas(found)
		found.put()
	})
	const op = "GetCrawlers"
	for _, a := range r.each(op) {
		for _, c := range decode[struct {
			Crawlers []struct {
				Name, Role string
				Targets    *struct {
					S3Targets       []struct{ Path string }
					DynamoDBTargets []struct{ Path string }
				}
			}
		}](a).Crawlers {
			n := r.node(graph.Node{ID: graph.ID(r.arn("glue", "crawler/"+c.Name)), Class: graph.ETLJob, Kind: "glue.crawler", Type: "AWS::Glue::Crawler", Name: c.Name})
			r.glueRole(n, c.Role, nil, r.source(op, "Crawlers[].Role"))
			if c.Targets == nil {
				continue
			}
			for _, t := range c.Targets.S3Targets {
				bucket, _, _ := strings.Cut(strings.TrimPrefix(t.Path, "s3://"), "/")
				r.flow(graph.Streams, ARN{r.Partition, "s3", "", "", bucket}.String(), string(n.ID), "crawl", r.source(op, "Crawlers[].Targets.S3Targets[].Path"), "")
			}
			for _, t := range c.Targets.DynamoDBTargets {
				r.flow(graph.Streams, r.arn("dynamodb", "table/"+t.Path), string(n.ID), "crawl", r.source(op, "Crawlers[].Targets.DynamoDBTargets[].Path"), "")
			}
		}
	}
	for _, a := range r.each("GetJobs") {
		for _, j := range decode[struct {
			Jobs []struct {
				Name, Role       string
				DefaultArguments map[string]Value
			}
		}](a).Jobs {
			n := r.node(graph.Node{ID: graph.ID(r.arn("glue", "job/"+j.Name)), Class: graph.ETLJob, Kind: "glue.job", Type: "AWS::Glue::Job", Name: j.Name})
			r.lookedLike(n, j.DefaultArguments, r.source("GetJobs", "Jobs[].DefaultArguments{}"))
			r.glueRole(n, j.Role, j.DefaultArguments, r.source("GetJobs", "Jobs[].DefaultArguments{}"))
		}
	}
}

// glueRole: the API gives a role's ARN or its name.
func (r *Region) glueRole(n *graph.Node, role string, variables map[string]Value, src graph.Source) {
	if role != "" && !strings.HasPrefix(role, "arn:") {
		role = ARN{r.Partition, "iam", "", r.Account, "role/" + role}.String()
	}
	r.runsAs(n, role, variables, src)
}
