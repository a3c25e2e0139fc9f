package aws

import (
	"context"
	"strings"

	awssdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/appsync"
	"github.com/aws/aws-sdk-go-v2/service/appsync/types"

	"github.com/flowdeed/flowdeed/graph"
)

var appsyncService = &Service{
	Name: "appsync",
	Doc:  "GraphQL APIs: how callers prove themselves, data sources, resolvers, logging.",
	Calls: []Call{
		{Operation: "ListGraphqlApis", Action: "appsync:ListGraphqlApis"},
		{Operation: "ListDataSources", Action: "appsync:ListDataSources"},
		{Operation: "ListTypes", Action: "appsync:ListTypes", Optional: true, Prune: keepTypeFields},
		{Operation: "ListResolvers", Action: "appsync:ListResolvers", Optional: true, Drop: []string{
			"Resolvers[].Code", "Resolvers[].RequestMappingTemplate", "Resolvers[].ResponseMappingTemplate",
		}},
	},
	Collect: func(ctx context.Context, c *Collector) {
		api := appsync.NewFromConfig(c.Config)
		for _, p := range pages(ctx, c, "ListGraphqlApis", "", appsync.NewListGraphqlApisPaginator(api, &appsync.ListGraphqlApisInput{})) {
			for _, a := range p.GraphqlApis {
				collectGraphQL(ctx, c, api, awssdk.ToString(a.ApiId))
			}
		}
	},
	Build: buildAppSync,
}

func collectGraphQL(ctx context.Context, c *Collector, api *appsync.Client, id string) {
	of := awssdk.String(id)
	pages(ctx, c, "ListDataSources", id, appsync.NewListDataSourcesPaginator(api, &appsync.ListDataSourcesInput{ApiId: of}))
	pages(ctx, c, "ListTypes", id, appsync.NewListTypesPaginator(api, &appsync.ListTypesInput{ApiId: of, Format: types.TypeDefinitionFormatSdl}))
	for _, root := range []string{"Query", "Mutation", "Subscription"} {
		pages(ctx, c, "ListResolvers", id+" "+root, appsync.NewListResolversPaginator(api, &appsync.ListResolversInput{ApiId: of, TypeName: awssdk.String(root)}))
	}
}

type dataSource struct {
	Name, Type, ServiceRoleArn string
	DynamodbConfig             *struct{ TableName, AwsRegion string }
	LambdaConfig               *struct{ LambdaFunctionArn string }
	HttpConfig                 *struct{ Endpoint string }
	EventBridgeConfig          *struct{ EventBusArn string }
	ElasticsearchConfig        *struct{ Endpoint string }
	OpenSearchServiceConfig    *struct{ Endpoint string }
	RelationalDatabaseConfig   *struct {
		RdsHttpEndpointConfig *struct{ DbClusterIdentifier, AwsSecretStoreArn string }
	}
}

// graphQLFields adds the fields of the types of an API.
func (r *Region) graphQLFields(n *graph.Node, id string) {
	const op = "ListTypes"
	for _, t := range decode[struct {
		Types []struct {
			Fields []struct{ Path, Type string }
		}
	}](r.answer(op, id)).Types {
		for _, f := range t.Fields {
			record, _, _ := strings.Cut(f.Path, ".")
			addField(n, graph.Field{Path: f.Path, Type: f.Type, Record: record, Source: r.source(op, "types[].definition")})
		}
	}
}

func buildAppSync(r *Region) {
	const op = "ListGraphqlApis"
	for _, list := range r.each(op) {
		for _, a := range decode[struct {
			GraphqlApis []struct {
				ApiId, Name, Arn, AuthenticationType, WafWebAclArn, Visibility string
				XrayEnabled                                                    bool
				Uris                                                           map[string]string
				UserPoolConfig                                                 *struct{ UserPoolId string }
				LogConfig                                                      *struct {
					FieldLogLevel         string
					ExcludeVerboseContent bool
				}
				AdditionalAuthenticationProviders []struct{ AuthenticationType string }
				Tags                              map[string]string
			}
		}](list).GraphqlApis {
			n := r.node(graph.Node{
				ID: graph.ID(r.arn("appsync", "apis/"+a.ApiId)), Class: graph.GraphQLAPI, Kind: "appsync.api", Type: "AWS::AppSync::GraphQLApi", Name: a.Name,
				Aliases: []string{a.ApiId, hostOf(a.Uris["GRAPHQL"])},
			})
			tagNode(n, a.Tags)
			r.graphQLFields(n, a.ApiId)
			x := &n.Facts
			graph.TLSOnlyService.SetNote(x, true, "AppSync answers HTTPS only", "AWS AppSync Developer Guide, \"Data protection in AWS AppSync\"")
			graph.InternetFacing.Set(x, a.Visibility != "PRIVATE", r.source(op, "graphqlApis[].visibility"))
			graph.Tracing.Set(x, a.XrayEnabled, r.source(op, "graphqlApis[].xrayEnabled"))
			graph.WebFirewall.Set(x, a.WafWebAclArn != "", r.source(op, "graphqlApis[].wafWebAclArn"))
			graph.LoggingOn.Set(x, a.LogConfig != nil && a.LogConfig.FieldLogLevel != "NONE", r.source(op, "graphqlApis[].logConfig.fieldLogLevel"))
			graph.PayloadLogging.Set(x, a.LogConfig != nil && a.LogConfig.FieldLogLevel != "NONE" && !a.LogConfig.ExcludeVerboseContent, r.source(op, "graphqlApis[].logConfig.excludeVerboseContent"))
			if a.LogConfig != nil {
				r.logsTo(n, "/aws/appsync/apis/"+a.ApiId, r.source(op, "graphqlApis[].logConfig"))
			}
			if a.UserPoolConfig != nil {
				r.flow(graph.AuthenticatesWith, string(n.ID), a.UserPoolConfig.UserPoolId, "", r.source(op, "graphqlApis[].userPoolConfig.userPoolId"), "")
			}
			providers := []string{a.AuthenticationType}
			for _, p := range a.AdditionalAuthenticationProviders {
				providers = append(providers, p.AuthenticationType)
			}
			r.graphQLEntries(n, providers)
			r.dataSources(n, a.ApiId)
		}
	}
}

// graphQLEntries draws one entry for each way a caller may prove itself: any of them
// is enough.
func (r *Region) graphQLEntries(n *graph.Node, providers []string) {
	src := r.source("ListGraphqlApis", "graphqlApis[].authenticationType")
	for _, p := range providers {
		f := r.flow(graph.Exposes, string(graph.Internet), string(n.ID), "GraphQL "+p, src, "")
		switch p {
		case "API_KEY":
			graph.EntryAuth.Set(&f.Facts, graph.AuthAPIKey, src)
		case "AWS_IAM":
			graph.EntryAuth.Set(&f.Facts, graph.AuthIAM, src)
		case "AMAZON_COGNITO_USER_POOLS", "OPENID_CONNECT", "AWS_LAMBDA":
			graph.EntryAuth.Set(&f.Facts, graph.AuthToken, src)
		default:
			graph.EntryAuth.Unknown(&f.Facts, "appsync:ListGraphqlApis reported authentication "+p, src)
		}
	}
}

func (r *Region) dataSources(n *graph.Node, id string) {
	const op, at = "ListDataSources", "dataSources[]."
	used := r.resolverKinds(id)
	for _, d := range decode[struct{ DataSources []dataSource }](r.answer(op, id)).DataSources {
		if d.ServiceRoleArn != "" {
			r.flow(graph.Assumes, string(n.ID), d.ServiceRoleArn, d.Name, r.source(op, at+"serviceRoleArn"), "")
		}
		store := graph.Accesses
		if k, ok := used[d.Name]; ok {
			store = k
		}
		switch {
		case d.DynamodbConfig != nil:
			table := ARN{r.Partition, "dynamodb", orElse(d.DynamodbConfig.AwsRegion, r.Region), r.Account, "table/" + d.DynamodbConfig.TableName}.String()
			r.flow(store, string(n.ID), table, d.Name, r.source(op, at+"dynamodbConfig.tableName"), "")
		case d.LambdaConfig != nil:
			r.flow(graph.Invokes, string(n.ID), d.LambdaConfig.LambdaFunctionArn, d.Name, r.source(op, at+"lambdaConfig.lambdaFunctionArn"), "")
		case d.HttpConfig != nil:
			r.flow(graph.Invokes, string(n.ID), d.HttpConfig.Endpoint, d.Name, r.source(op, at+"httpConfig.endpoint"), "")
		case d.EventBridgeConfig != nil:
			r.flow(graph.Publishes, string(n.ID), d.EventBridgeConfig.EventBusArn, d.Name, r.source(op, at+"eventBridgeConfig.eventBusArn"), "")
		case d.OpenSearchServiceConfig != nil:
			r.flow(store, string(n.ID), d.OpenSearchServiceConfig.Endpoint, d.Name, r.source(op, at+"openSearchServiceConfig.endpoint"), "")
		case d.ElasticsearchConfig != nil:
			r.flow(store, string(n.ID), d.ElasticsearchConfig.Endpoint, d.Name, r.source(op, at+"elasticsearchConfig.endpoint"), "")
		case d.RelationalDatabaseConfig != nil && d.RelationalDatabaseConfig.RdsHttpEndpointConfig != nil:
			h := d.RelationalDatabaseConfig.RdsHttpEndpointConfig
			r.flow(store, string(n.ID), h.DbClusterIdentifier, d.Name, r.source(op, at+"relationalDatabaseConfig.rdsHttpEndpointConfig.dbClusterIdentifier"), "")
			r.flow(graph.UsesSecret, string(n.ID), h.AwsSecretStoreArn, d.Name, r.source(op, at+"relationalDatabaseConfig.rdsHttpEndpointConfig.awsSecretStoreArn"), "")
		}
	}
}

// resolverKinds tells, by data source, whether only queries or only mutations use it.
func (r *Region) resolverKinds(id string) map[string]graph.FlowKind {
	out := map[string]graph.FlowKind{}
	for _, a := range r.each("ListResolvers") {
		of, root, _ := strings.Cut(a.Subject, " ")
		if of != id {
			continue
		}
		kind := graph.Reads
		if root == "Mutation" {
			kind = graph.Writes
		}
		for _, x := range decode[struct {
			Resolvers []struct{ DataSourceName string }
		}](a).Resolvers {
			if have, ok := out[x.DataSourceName]; ok && have != kind {
				kind = graph.Accesses
			}
			out[x.DataSourceName] = kind
		}
	}
	return out
}
