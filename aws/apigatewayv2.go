package aws

import (
	"context"
	"maps"
	"slices"
	"strings"

	awssdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/apigatewayv2"

	"github.com/flowdeed/flowdeed/graph"
)

var apigatewayv2Service = &Service{
	Name: "apigatewayv2",
	Doc:  "HTTP and WebSocket APIs: routes with their authorisation and integration, stages, authorisers.",
	Calls: []Call{
		{Operation: "GetApis", Action: "apigateway:GET", PerSecond: 10},
		{Operation: "GetRoutes", Action: "apigateway:GET", PerSecond: 10},
		{Operation: "GetIntegrations", Action: "apigateway:GET", PerSecond: 10},
		{Operation: "GetStages", Action: "apigateway:GET", PerSecond: 10, Values: []string{"Items[].StageVariables{}"}},
		{Operation: "GetAuthorizers", Action: "apigateway:GET", PerSecond: 10, Optional: true},
		{Operation: "GetDomainNames", Action: "apigateway:GET", PerSecond: 10, Optional: true},
		{Operation: "GetApiMappings", Action: "apigateway:GET", PerSecond: 10, Optional: true},
	},
	Collect: collectAPIGatewayV2,
	Build:   buildAPIGatewayV2,
}

func collectAPIGatewayV2(ctx context.Context, c *Collector) {
	api := apigatewayv2.NewFromConfig(c.Config)
	var ids []string
	for _, p := range tokens(ctx, c, "GetApis", "", func(ctx context.Context, t *string) (*apigatewayv2.GetApisOutput, *string, error) {
		out, err := api.GetApis(ctx, &apigatewayv2.GetApisInput{NextToken: t})
		if err != nil {
			return nil, nil, err
		}
		return out, out.NextToken, nil
	}) {
		for _, a := range p.Items {
			ids = append(ids, awssdk.ToString(a.ApiId))
		}
	}
	if len(ids) > 0 {
		collectDomainsV2(ctx, c, api)
	}
	each(ctx, ids, func(id string) {
		of := awssdk.String(id)
		tokens(ctx, c, "GetRoutes", id, func(ctx context.Context, t *string) (*apigatewayv2.GetRoutesOutput, *string, error) {
			out, err := api.GetRoutes(ctx, &apigatewayv2.GetRoutesInput{ApiId: of, NextToken: t})
			if err != nil {
				return nil, nil, err
			}
			return out, out.NextToken, nil
		})
		tokens(ctx, c, "GetIntegrations", id, func(ctx context.Context, t *string) (*apigatewayv2.GetIntegrationsOutput, *string, error) {
			out, err := api.GetIntegrations(ctx, &apigatewayv2.GetIntegrationsInput{ApiId: of, NextToken: t})
			if err != nil {
				return nil, nil, err
			}
			return out, out.NextToken, nil
		})
		tokens(ctx, c, "GetStages", id, func(ctx context.Context, t *string) (*apigatewayv2.GetStagesOutput, *string, error) {
			out, err := api.GetStages(ctx, &apigatewayv2.GetStagesInput{ApiId: of, NextToken: t})
			if err != nil {
				return nil, nil, err
			}
			return out, out.NextToken, nil
		})
		tokens(ctx, c, "GetAuthorizers", id, func(ctx context.Context, t *string) (*apigatewayv2.GetAuthorizersOutput, *string, error) {
			out, err := api.GetAuthorizers(ctx, &apigatewayv2.GetAuthorizersInput{ApiId: of, NextToken: t})
			if err != nil {
				return nil, nil, err
			}
			return out, out.NextToken, nil
		})
	})
}

func collectDomainsV2(ctx context.Context, c *Collector, api *apigatewayv2.Client) {
	for _, p := range tokens(ctx, c, "GetDomainNames", "", func(ctx context.Context, t *string) (*apigatewayv2.GetDomainNamesOutput, *string, error) {
		out, err := api.GetDomainNames(ctx, &apigatewayv2.GetDomainNamesInput{NextToken: t})
		if err != nil {
			return nil, nil, err
		}
		return out, out.NextToken, nil
	}) {
		for _, d := range p.Items {
			tokens(ctx, c, "GetApiMappings", awssdk.ToString(d.DomainName), func(ctx context.Context, t *string) (*apigatewayv2.GetApiMappingsOutput, *string, error) {
				out, err := api.GetApiMappings(ctx, &apigatewayv2.GetApiMappingsInput{DomainName: d.DomainName, NextToken: t})
				if err != nil {
					return nil, nil, err
				}
				return out, out.NextToken, nil
			})
		}
	}
}

// httpDomains gives APIs the names under which they are called, so that a call of
// one's own API is no recipient outside.
func (r *Region) httpDomains() {
	for _, m := range r.each("GetApiMappings") {
		for _, x := range decode[struct{ Items []struct{ ApiId string } }](m).Items {
			for _, kind := range []string{"/apis/", "/restapis/"} {
				if n := r.sys.Graph.Node(graph.ID(ARN{r.Partition, "apigateway", r.Region, "", kind + x.ApiId}.String())); n != nil {
					n.Aliases = append(n.Aliases, strings.ToLower(m.Subject))
				}
			}
		}
	}
}

type httpIntegration struct {
	IntegrationId, IntegrationType, IntegrationSubtype, IntegrationUri, CredentialsArn, ConnectionType string
	RequestParameters                                                                                  map[string]string
	TlsConfig                                                                                          *struct{ ServerNameToVerify string }
}

func buildAPIGatewayV2(r *Region) {
	const op = "GetApis"
	for _, list := range r.each(op) {
		for _, a := range decode[struct {
			Items []struct {
				ApiId, Name, ProtocolType, ApiEndpoint string
				DisableExecuteApiEndpoint              *bool
				CorsConfiguration                      *struct{ AllowOrigins []string }
				Tags                                   map[string]string
			}
		}](list).Items {
			kind := "apigateway.http_api"
			if a.ProtocolType == "WEBSOCKET" {
				kind = "apigateway.websocket_api"
			}
			n := r.node(graph.Node{
				ID: graph.ID(ARN{r.Partition, "apigateway", r.Region, "", "/apis/" + a.ApiId}.String()), Class: graph.API,
				Kind: kind, Type: "AWS::ApiGatewayV2::Api", Name: a.Name,
				Aliases: []string{a.ApiId, hostOf(a.ApiEndpoint), a.ApiId + ".execute-api." + r.Region + ".amazonaws.com", r.arn("execute-api", a.ApiId)},
			})
			tagNode(n, a.Tags)
			x := &n.Facts
			graph.InternetFacing.SetNote(x, true, "HTTP and WebSocket APIs are regional and public", r.source(op, "Items[].ApiEndpoint"))
			graph.TLSOnlyService.SetNote(x, true, "API Gateway answers HTTPS only", "Amazon API Gateway Developer Guide, \"Data protection in Amazon API Gateway\"")
			// Source: Amazon API Gateway Developer Guide, "Security policies": HTTP APIs accept TLS 1.2 and later only.
			graph.TLSMinimum.SetNote(x, "1.2", "HTTP and WebSocket APIs accept TLS 1.2 and later", r.source(op, "Items[].ProtocolType"))
			graph.CORSAnyOrigin.Set(x, a.CorsConfiguration != nil && contains(a.CorsConfiguration.AllowOrigins, "*"), r.source(op, "Items[].CorsConfiguration.AllowOrigins"))
			r.httpRoutes(n, a.ApiId, r.httpStages(n, a.ApiId))
		}
	}
	r.httpDomains()
}

func (r *Region) httpRoutes(n *graph.Node, id string, variables stageVariables) {
	const op = "GetRoutes"
	integrations := map[string]httpIntegration{}
	for _, i := range decode[struct{ Items []httpIntegration }](r.answer("GetIntegrations", id)).Items {
		integrations[i.IntegrationId] = i
	}
	for _, i := range slices.Sorted(maps.Keys(integrations)) {
		addNames(n, "request parameter", requestParts(slices.Collect(maps.Values(integrations[i].RequestParameters))...), r.source("GetIntegrations", "Items[].RequestParameters{}"))
	}
	authorizers := map[string]struct{ Name, AuthorizerUri string }{}
	for _, a := range decode[struct {
		Items []struct {
			AuthorizerId, Name, AuthorizerUri string
			IdentitySource                    []string
		}
	}](r.answer("GetAuthorizers", id)).Items {
		addNames(n, "identity source", requestParts(a.IdentitySource...), r.source("GetAuthorizers", "Items[].IdentitySource[]"))
		authorizers[a.AuthorizerId] = struct{ Name, AuthorizerUri string }{a.Name, a.AuthorizerUri}
	}
	got := r.answer(op, id)
	src := r.source(op, "Items[].AuthorizationType")
	for _, rt := range decode[struct {
		Items []struct {
			RouteKey, AuthorizationType, AuthorizerId, Target string
			ApiKeyRequired                                    *bool
		}
	}](got).Items {
		addNames(n, "path", pathParameters(rt.RouteKey), r.source(op, "Items[].RouteKey"))
		f := r.flow(graph.Exposes, string(graph.Internet), string(n.ID), rt.RouteKey, src, rt.AuthorizationType)
		switch rt.AuthorizationType {
		case "AWS_IAM":
			graph.EntryAuth.Set(&f.Facts, graph.AuthIAM, src)
		case "JWT", "CUSTOM":
			graph.EntryAuth.Set(&f.Facts, graph.AuthToken, src)
		case "NONE", "": // the documented default of a route is NONE
			auth := graph.AuthNone
			if on(rt.ApiKeyRequired) {
				auth = graph.AuthAPIKey
			}
			graph.EntryAuth.Set(&f.Facts, auth, src)
		default:
			graph.EntryAuth.Unknown(&f.Facts, op+" reported authorisation "+rt.AuthorizationType, src)
		}
		if fn := integrationFunction(authorizers[rt.AuthorizerId].AuthorizerUri); fn != "" {
			r.flow(graph.AuthenticatesWith, string(n.ID), fn, rt.RouteKey, r.source("GetAuthorizers", "Items[].AuthorizerUri"), authorizers[rt.AuthorizerId].Name)
		}
		if i, ok := integrations[strings.TrimPrefix(rt.Target, "integrations/")]; ok {
			for _, uri := range variables.expand(i.IntegrationUri) {
				at := i
				at.IntegrationUri = uri
				r.httpIntegration(n, at, rt.RouteKey)
			}
		}
	}
	if !got.OK() {
		f := r.flow(graph.Exposes, string(graph.Internet), string(n.ID), "", src, "")
		graph.EntryAuth.Unknown(&f.Facts, r.why(op, got), src)
	}
}

// subtypes are the first-class integrations of HTTP APIs, with the parameter that
// names the target. Source: Amazon API Gateway Developer Guide, "Integration subtype
// reference".
var subtypes = map[string]struct {
	param, service, prefix string
	kind                   graph.FlowKind
}{
	"SQS-SendMessage":                  {"QueueUrl", "", "", graph.Publishes},
	"EventBridge-PutEvents":            {"EventBusName", "events", "event-bus/", graph.Publishes},
	"Kinesis-PutRecord":                {"StreamName", "kinesis", "stream/", graph.Publishes},
	"StepFunctions-StartExecution":     {"StateMachineArn", "", "", graph.Invokes},
	"StepFunctions-StartSyncExecution": {"StateMachineArn", "", "", graph.Invokes},
	"SQS-ReceiveMessage":               {"QueueUrl", "", "", graph.Reads},
	"AppConfig-GetConfiguration":       {"Application", "", "", ""},
}

func (r *Region) httpIntegration(n *graph.Node, i httpIntegration, route string) {
	src := r.source("GetIntegrations", "Items[].IntegrationUri")
	if s, ok := subtypes[i.IntegrationSubtype]; ok {
		target := strings.Trim(i.RequestParameters[s.param], "'")
		if s.kind == "" || strings.HasPrefix(target, "$") {
			return
		}
		if s.service != "" && !strings.HasPrefix(target, "arn:") {
			if target == "" {
				target = "default"
			}
			target = r.arn(s.service, s.prefix+target)
		}
		if target != "" {
			r.flow(s.kind, string(n.ID), target, route, r.source("GetIntegrations", "Items[].RequestParameters{}"), i.IntegrationSubtype)
		}
		return
	}
	switch {
	case i.IntegrationUri == "" || i.IntegrationType == "MOCK":
		return
	case integrationFunction(i.IntegrationUri) != "":
		r.flow(graph.Invokes, string(n.ID), integrationFunction(i.IntegrationUri), route, src, "")
	default:
		f := r.flow(graph.Invokes, string(n.ID), i.IntegrationUri, route, src, "")
		r.privateLeg(f, i)
	}
}

// privateLeg: a private integration without a TLS block talks plain HTTP to its
// load balancer.
func (r *Region) privateLeg(f *graph.Flow, i httpIntegration) {
	src := r.source("GetIntegrations", "Items[].TlsConfig.ServerNameToVerify")
	if i.ConnectionType == "VPC_LINK" {
		verdict := graph.TransitPlain
		if i.TlsConfig != nil && i.TlsConfig.ServerNameToVerify != "" {
			verdict = graph.TransitEnforced
		}
		graph.InTransit.SetNote(&f.Facts, verdict, "private integration", src)
	}
}

func (r *Region) httpStages(n *graph.Node, id string) stageVariables {
	const op = "GetStages"
	got := r.answer(op, id)
	targets := []string{}
	payload := false
	variables, named := map[string]Value{}, stageVariables{}
	for _, s := range decode[struct {
		Items []struct {
			StageName            string
			AccessLogSettings    *struct{ DestinationArn, Format string }
			DefaultRouteSettings *struct{ DataTraceEnabled bool }
			StageVariables       map[string]Value
		}
	}](got).Items {
		if l := s.AccessLogSettings; l != nil && l.DestinationArn != "" {
			targets = append(targets, l.DestinationArn)
			f := r.flow(graph.LogsTo, string(n.ID), l.DestinationArn, "access log "+s.StageName, r.source(op, "Items[].AccessLogSettings.DestinationArn"), "")
			accessLogFields(f, l.Format, r.source(op, "Items[].AccessLogSettings.Format"))
			r.loggedClaims(f, l.DestinationArn, "access log format of stage "+s.StageName, r.source(op, "Items[].AccessLogSettings.Format"))
		}
		payload = payload || s.DefaultRouteSettings != nil && s.DefaultRouteSettings.DataTraceEnabled
		addNames(n, "stage variable", slices.Collect(maps.Keys(s.StageVariables)), r.source(op, "Items[].StageVariables{}"))
		for k, v := range s.StageVariables {
			variables[s.StageName+" "+k] = v
			named.add(k, v)
		}
	}
	if got.OK() {
		r.lookedLike(n, variables, r.source(op, "Items[].StageVariables{}"))
	}
	fact(r, &n.Facts, graph.LoggingOn, when(got.OK(), len(targets) > 0), op, got, "Items[].AccessLogSettings.DestinationArn")
	fact(r, &n.Facts, graph.LogTargets, when(got.OK(), targets), op, got, "Items[].AccessLogSettings.DestinationArn")
	fact(r, &n.Facts, graph.PayloadLogging, when(got.OK(), payload), op, got, "Items[].DefaultRouteSettings.DataTraceEnabled")
	graph.WebFirewall.SetNote(&n.Facts, false, "HTTP APIs cannot attach a web ACL", r.source("GetApis", "Items[].ProtocolType"))
	return named
}
