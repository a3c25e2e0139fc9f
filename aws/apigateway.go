package aws

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	awssdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/apigateway"

	"github.com/flowdeed/flowdeed/graph"
)

var apigatewayService = &Service{
	Name: "apigateway",
	Doc:  "REST APIs: routes with their authorisation and integration, stages, authorisers, models, domains. API keys are never read.",
	Calls: []Call{
		{Operation: "GetRestApis", Action: "apigateway:GET", PerSecond: 10},
		{Operation: "GetResources", Action: "apigateway:GET", PerSecond: 2.5},
		{Operation: "GetStages", Action: "apigateway:GET", PerSecond: 10, Values: []string{"Item[].Variables{}"}},
		{Operation: "GetAuthorizers", Action: "apigateway:GET", PerSecond: 10},
		{Operation: "GetModels", Action: "apigateway:GET", PerSecond: 10, Optional: true},
		{Operation: "GetRequestValidators", Action: "apigateway:GET", PerSecond: 10, Optional: true},
		{Operation: "GetDomainNames", Action: "apigateway:GET", PerSecond: 10, Optional: true},
		{Operation: "GetBasePathMappings", Action: "apigateway:GET", PerSecond: 10, Optional: true},
	},
	Collect: collectAPIGateway,
	Build:   buildAPIGateway,
}

func collectAPIGateway(ctx context.Context, c *Collector) {
	api := apigateway.NewFromConfig(c.Config)
	var ids []string
	for _, p := range pages(ctx, c, "GetRestApis", "", apigateway.NewGetRestApisPaginator(api, &apigateway.GetRestApisInput{})) {
		for _, a := range p.Items {
			ids = append(ids, awssdk.ToString(a.Id))
		}
	}
	if len(ids) == 0 {
		return
	}
	each(ctx, ids, func(id string) {
		rest := awssdk.String(id)
		pages(ctx, c, "GetResources", id, apigateway.NewGetResourcesPaginator(api, &apigateway.GetResourcesInput{RestApiId: rest, Embed: []string{"methods"}}))
		ask(ctx, c, "GetStages", id, api.GetStages, &apigateway.GetStagesInput{RestApiId: rest})
		tokens(ctx, c, "GetAuthorizers", id, func(ctx context.Context, token *string) (*apigateway.GetAuthorizersOutput, *string, error) {
			out, err := api.GetAuthorizers(ctx, &apigateway.GetAuthorizersInput{RestApiId: rest, Position: token})
			if err != nil {
				return nil, nil, err
			}
			return out, out.Position, nil
		})
		pages(ctx, c, "GetModels", id, apigateway.NewGetModelsPaginator(api, &apigateway.GetModelsInput{RestApiId: rest}))
	})
	for _, p := range pages(ctx, c, "GetDomainNames", "", apigateway.NewGetDomainNamesPaginator(api, &apigateway.GetDomainNamesInput{})) {
		for _, d := range p.Items {
			name := awssdk.ToString(d.DomainName)
			pages(ctx, c, "GetBasePathMappings", name, apigateway.NewGetBasePathMappingsPaginator(api, &apigateway.GetBasePathMappingsInput{DomainName: d.DomainName}))
		}
	}
}

type restAPI struct {
	Id, Name, Policy          string
	SecurityPolicy            string
	DisableExecuteApiEndpoint *bool
	EndpointConfiguration     *struct{ Types []string }
	Tags                      map[string]string
}

func buildAPIGateway(r *Region) {
	const op = "GetRestApis"
	for _, list := range r.each(op) {
		for _, a := range decode[struct{ Items []restAPI }](list).Items {
			n := r.node(graph.Node{
				ID: graph.ID(ARN{r.Partition, "apigateway", r.Region, "", "/restapis/" + a.Id}.String()), Class: graph.API,
				Kind: "apigateway.rest_api", Type: "AWS::ApiGateway::RestApi", Name: a.Name,
				Aliases: []string{a.Id, a.Id + ".execute-api." + r.Region + ".amazonaws.com", r.arn("execute-api", a.Id)},
			})
			tagNode(n, a.Tags)
			private := a.EndpointConfiguration != nil && len(a.EndpointConfiguration.Types) == 1 && a.EndpointConfiguration.Types[0] == "PRIVATE"
			graph.InternetFacing.Set(&n.Facts, !private, r.source(op, "items[].endpointConfiguration.types[]"))
			graph.TLSOnlyService.SetNote(&n.Facts, true, "API Gateway answers HTTPS only", "Amazon API Gateway Developer Guide, \"Data protection in Amazon API Gateway\"")
			policy := strings.ReplaceAll(a.Policy, `\"`, `"`)
			r.resourcePolicy(n, nilIfEmpty(policy), op, list, "items[].policy")
			r.restRoutes(n, a, private, r.restStages(n, a))
			r.restModels(n, a.Id)
		}
	}
	r.restDomains()
}

type restMethod struct {
	HttpMethod, AuthorizationType, AuthorizerId, RequestValidatorId string
	ApiKeyRequired                                                  *bool
	RequestParameters                                               map[string]bool
	MethodIntegration                                               *restIntegration
}

type restIntegration struct {
	Type, Uri, Credentials, ConnectionType string
	RequestTemplates, RequestParameters    map[string]string
	TlsConfig                              *struct{ InsecureSkipVerification bool }
}

// restRoutes draws one exposes flow and one integration flow for every method.
func (r *Region) restRoutes(n *graph.Node, a restAPI, private bool, variables stageVariables) {
	const op = "GetResources"
	got := r.answer(op, a.Id)
	authorizers := r.restAuthorizers(a.Id)
	for _, id := range slices.Sorted(maps.Keys(authorizers)) {
		addNames(n, "identity source", requestParts(authorizers[id].IdentitySource), r.source("GetAuthorizers", "items[].identitySource"))
	}
	for _, res := range decode[struct {
		Items []struct {
			Path            string
			ResourceMethods map[string]restMethod
		}
	}](got).Items {
		for _, verb := range slices.Sorted(maps.Keys(res.ResourceMethods)) {
			m := res.ResourceMethods[verb]
			route := verb + " " + res.Path
			addNames(n, "path", pathParameters(res.Path), r.source(op, "items[].path"))
			for _, p := range slices.Sorted(maps.Keys(m.RequestParameters)) {
				addNames(n, "request parameter", []string{strings.TrimPrefix(p, "method.request.")}, r.source(op, "items[].resourceMethods{}.requestParameters"))
			}
			if in := m.MethodIntegration; in != nil {
				addNames(n, "mapping template", mappedInputs(in.RequestTemplates), r.source(op, "items[].resourceMethods{}.methodIntegration.requestTemplates{}"))
			}
			if verb != "OPTIONS" {
				r.restEntry(n, m, route, private, authorizers)
			}
			if m.MethodIntegration != nil && verb != "OPTIONS" {
				for _, uri := range variables.expand(m.MethodIntegration.Uri) {
					in := *m.MethodIntegration
					in.Uri = uri
					r.restIntegration(n, &in, route)
				}
			}
		}
	}
	if !got.OK() {
		f := r.flow(graph.Exposes, string(graph.Internet), string(n.ID), "", r.source(op, "items[].resourceMethods"), "")
		graph.EntryAuth.Unknown(&f.Facts, r.why(op, got), r.source(op, "items[].resourceMethods{}.authorizationType"))
	}
}

// restModels adds the fields of the models of an API.
func (r *Region) restModels(n *graph.Node, id string) {
	const op = "GetModels"
	for _, m := range decode[struct {
		Items []struct{ Name, Schema string }
	}](r.answer(op, id)).Items {
		for _, f := range schemaFields(m.Schema) {
			f.Record, f.Path, f.Source = m.Name, m.Name+"."+f.Path, r.source(op, "items[].schema")
			addField(n, f)
		}
	}
	slices.SortStableFunc(n.Fields, func(a, b graph.Field) int { return strings.Compare(a.Path, b.Path) })
}

type restAuthorizer struct {
	Id, Name, Type, AuthorizerUri, IdentitySource string
	ProviderARNs                                  []string
}

func (r *Region) restAuthorizers(id string) map[string]restAuthorizer {
	out := map[string]restAuthorizer{}
	for _, a := range decode[struct{ Items []restAuthorizer }](r.answer("GetAuthorizers", id)).Items {
		out[a.Id] = a
	}
	return out
}

func (r *Region) restEntry(n *graph.Node, m restMethod, route string, private bool, authorizers map[string]restAuthorizer) {
	const op = "GetResources"
	src := r.source(op, "items[].resourceMethods{}.authorizationType")
	from := graph.Internet
	if private {
		from = graph.ID("external:private network of " + r.Account + " " + r.Region)
	}
	f := r.flow(graph.Exposes, string(from), string(n.ID), route, src, m.AuthorizationType)
	switch {
	case m.AuthorizationType == "AWS_IAM":
		graph.EntryAuth.Set(&f.Facts, graph.AuthIAM, src)
	case m.AuthorizationType == "COGNITO_USER_POOLS", m.AuthorizationType == "CUSTOM":
		graph.EntryAuth.Set(&f.Facts, graph.AuthToken, src)
	case m.AuthorizationType == "NONE" && m.ApiKeyRequired != nil && *m.ApiKeyRequired:
		graph.EntryAuth.Set(&f.Facts, graph.AuthAPIKey, r.source(op, "items[].resourceMethods{}.apiKeyRequired"))
	case m.AuthorizationType == "NONE":
		graph.EntryAuth.Set(&f.Facts, graph.AuthNone, src)
	default:
		graph.EntryAuth.Unknown(&f.Facts, op+" reported authorisation "+cmp.Or(m.AuthorizationType, "nothing")+" for "+route, src)
	}
	if m.MethodIntegration != nil && m.MethodIntegration.Type == "MOCK" {
		graph.AnswersItself.Set(&f.Facts, true, r.source(op, "items[].resourceMethods{}.methodIntegration.type"))
	}
	if a, ok := authorizers[m.AuthorizerId]; ok {
		for _, p := range a.ProviderARNs {
			r.flow(graph.AuthenticatesWith, string(n.ID), p, route, r.source("GetAuthorizers", "items[].providerARNs[]"), a.Name)
		}
		if target := integrationFunction(a.AuthorizerUri); target != "" {
			r.flow(graph.AuthenticatesWith, string(n.ID), target, route, r.source("GetAuthorizers", "items[].authorizerUri"), a.Name)
		}
	}
}

var functionInURI = regexp.MustCompile(`arn:aws[a-z-]*:lambda:[a-z0-9-]+:[0-9]{12}:function:[A-Za-z0-9_-]+`)

// integrationFunction finds the function in an invocation URI.
func integrationFunction(uri string) string { return functionInURI.FindString(uri) }

// restIntegration draws what a method calls.
func (r *Region) restIntegration(n *graph.Node, in *restIntegration, route string) {
	src := r.source("GetResources", "items[].resourceMethods{}.methodIntegration.uri")
	switch {
	case in.Type == "MOCK" || in.Uri == "":
		return
	case in.Type == "HTTP" || in.Type == "HTTP_PROXY":
		f := r.flow(graph.Invokes, string(n.ID), in.Uri, route, src, "")
		graph.VerifyTLS.Set(&f.Facts, in.TlsConfig == nil || !in.TlsConfig.InsecureSkipVerification, r.source("GetResources", "items[].resourceMethods{}.methodIntegration.tlsConfig.insecureSkipVerification"))
		return
	}
	if fn := integrationFunction(in.Uri); fn != "" {
		f := r.flow(graph.Invokes, string(n.ID), fn, route, src, "")
		graph.PassesCaller.Set(&f.Facts, callerPassed(in), r.source("GetResources", "items[].resourceMethods{}.methodIntegration.type"))
		graph.Asynchronous.Set(&f.Facts, strings.Contains(in.RequestParameters["integration.request.header.X-Amz-Invocation-Type"], "Event"), src)
		return
	}
	if in.Credentials != "" && strings.HasPrefix(in.Credentials, "arn:") {
		r.flow(graph.Assumes, string(n.ID), in.Credentials, "", r.source("GetResources", "items[].resourceMethods{}.methodIntegration.credentials"), "")
	}
	r.serviceIntegration(n, in, route, src)
}

// serviceIntegration draws an integration that calls a service without a function:
// the target stands in the path or in the request template.
func (r *Region) serviceIntegration(n *graph.Node, in *restIntegration, route string, src graph.Source) {
	a, ok := parseARN(in.Uri) // arn:aws:apigateway:REGION:SERVICE:path/... or action/...
	if !ok {
		return
	}
	service, region := a.Account, a.Region
	kind, target, sure := integrationTarget(r, service, region, a.Resource, in)
	if kind == "" {
		return
	}
	f := r.flow(kind, string(n.ID), target, route, src, service+" "+a.Resource)
	if !sure {
		f.Evidence[0].Confidence = 0.6 // the name is a variable or comes out of a template
	}
}

var templateName = regexp.MustCompile(`"(TableName|StreamName|StreamARN|QueueUrl|TopicArn|EventBusName|stateMachineArn|DeliveryStreamName)"\s*:\s*"([^"$]+)"`)

// integrationTarget finds the resource a service integration writes to or reads.
func integrationTarget(r *Region, service, region, resource string, in *restIntegration) (kind graph.FlowKind, target string, sure bool) {
	named := map[string]string{}
	for _, t := range slices.Sorted(maps.Values(in.RequestTemplates)) {
		for _, m := range templateName.FindAllStringSubmatch(t, -1) {
			named[m[1]] = m[2]
		}
		fromForm(t, named)
	}
	for k, v := range in.RequestParameters {
		name := k[strings.LastIndexByte(k, '.')+1:]
		if lit := strings.Trim(v, "'"); lit != v {
			named[name] = lit
		}
	}
	arn := func(svc, res string) string {
		if i := strings.Index(res, "arn:"); i >= 0 {
			return res[i:] // the parameter holds the whole ARN
		}
		return ARN{r.Partition, svc, region, r.Account, res}.String()
	}
	path, isPath := strings.CutPrefix(resource, "path/")
	action := strings.TrimPrefix(resource, "action/")
	switch service {
	case "sqs":
		if isPath {
			return graph.Publishes, arn("sqs", shortName(path)), !strings.Contains(path, "{")
		}
		return graph.Publishes, named["QueueUrl"], true
	case "sns":
		return graph.Publishes, named["TopicArn"], true
	case "events":
		return graph.Publishes, arn("events", "event-bus/"+cmp.Or(named["EventBusName"], "default")), named["EventBusName"] != ""
	case "kinesis":
		name := cmp.Or(named["StreamName"], named["StreamARN"])
		if name == "" {
			return "", "", false
		}
		return writeKind(action, graph.Publishes), arn("kinesis", "stream/"+name), true
	case "firehose":
		if named["DeliveryStreamName"] == "" {
			return "", "", false
		}
		return graph.Publishes, arn("firehose", "deliverystream/"+named["DeliveryStreamName"]), true
	case "dynamodb":
		if named["TableName"] == "" {
			return "", "", false
		}
		return writeKind(action, graph.Writes), arn("dynamodb", "table/"+named["TableName"]), true
	case "states":
		return graph.Invokes, named["stateMachineArn"], true
	case "s3":
		bucket, _, _ := strings.Cut(strings.TrimPrefix(path, "/"), "/")
		if bucket == "" || strings.Contains(bucket, "{") {
			return "", "", false
		}
		return graph.Accesses, ARN{r.Partition, "s3", "", "", bucket}.String(), true
	}
	return "", "", false
}

var readVerbs = regexp.MustCompile(`^(?i:get|query|scan|batchget|list|describe|receive|head|select)`)

// writeKind is the kind for an action: reads for reading verbs, otherwise write.
func writeKind(action string, write graph.FlowKind) graph.FlowKind {
	if readVerbs.MatchString(action) {
		return graph.Reads
	}
	return write
}

type restStage struct {
	StageName, WebAclArn string
	TracingEnabled       bool
	AccessLogSettings    *struct{ DestinationArn, Format string }
	MethodSettings       map[string]struct {
		DataTraceEnabled, CachingEnabled, CacheDataEncrypted bool
		LoggingLevel                                         string
	}
	Variables map[string]Value
}

func (r *Region) restStages(n *graph.Node, a restAPI) stageVariables {
	const op = "GetStages"
	got := r.answer(op, a.Id)
	stages := decode[struct{ Item []restStage }](got).Item
	tracing, waf, targets, payload := len(stages) > 0, len(stages) > 0, []string{}, false
	variables, named := map[string]Value{}, stageVariables{}
	for _, s := range stages {
		n.Aliases = append(n.Aliases, ARN{r.Partition, "apigateway", r.Region, "", "/restapis/" + a.Id + "/stages/" + s.StageName}.String())
		tracing = tracing && s.TracingEnabled
		waf = waf && s.WebAclArn != ""
		if l := s.AccessLogSettings; l != nil && l.DestinationArn != "" {
			targets = append(targets, l.DestinationArn)
			f := r.flow(graph.LogsTo, string(n.ID), l.DestinationArn, "access log "+s.StageName, r.source(op, "item[].accessLogSettings.destinationArn"), "")
			accessLogFields(f, l.Format, r.source(op, "item[].accessLogSettings.format"))
			r.loggedClaims(f, l.DestinationArn, "access log format of stage "+s.StageName, r.source(op, "item[].accessLogSettings.format"))
		}
		for _, m := range s.MethodSettings {
			payload = payload || m.DataTraceEnabled && m.LoggingLevel != "OFF"
		}
		addNames(n, "stage variable", slices.Collect(maps.Keys(s.Variables)), r.source(op, "item[].variables{}"))
		for k, v := range s.Variables {
			variables[s.StageName+" "+k] = v
			named.add(k, v)
		}
	}
	if got.OK() {
		r.lookedLike(n, variables, r.source(op, "item[].variables{}"))
	}
	x := &n.Facts
	fact(r, x, graph.Tracing, when(got.OK(), tracing), op, got, "item[].tracingEnabled")
	fact(r, x, graph.WebFirewall, when(got.OK(), waf), op, got, "item[].webAclArn")
	fact(r, x, graph.PayloadLogging, when(got.OK(), payload), op, got, "item[].methodSettings{}.dataTraceEnabled")
	fact(r, x, graph.LoggingOn, when(got.OK(), len(targets) > 0), op, got, "item[].accessLogSettings.destinationArn")
	fact(r, x, graph.LogTargets, when(got.OK(), targets), op, got, "item[].accessLogSettings.destinationArn")
	if payload {
		for _, s := range stages {
			r.logsTo(n, fmt.Sprintf("API-Gateway-Execution-Logs_%s/%s", a.Id, s.StageName), r.source(op, "item[].methodSettings{}.dataTraceEnabled"))
		}
	}
	// The regional default endpoint accepts TLS 1.0 and later unless the API names a policy.
	r.restTLS(n, a)
	return named
}

// tlsVersions maps security policies of API Gateway to the lowest TLS version they
// accept. Source: Amazon API Gateway Developer Guide, "Security policies".
var tlsVersions = map[string]string{"TLS_1_0": "1.0", "TLS_1_2": "1.2"}

func tlsOfPolicy(name string) string {
	if v, ok := tlsVersions[name]; ok {
		return v
	}
	for _, v := range []string{"1_3", "1_2"} {
		if strings.Contains(name, "TLS13_"+v) || strings.Contains(name, "TLS_"+v) || strings.HasPrefix(name, "SecurityPolicy_TLS13_"+v) {
			return strings.ReplaceAll(v, "_", ".")
		}
	}
	return ""
}

func (r *Region) restTLS(n *graph.Node, a restAPI) {
	src := r.source("GetRestApis", "items[].securityPolicy")
	if v := tlsOfPolicy(a.SecurityPolicy); v != "" {
		graph.TLSMinimum.Set(&n.Facts, v, src)
		return
	}
	graph.TLSMinimum.Unknown(&n.Facts, "apigateway:GetRestApis reported no security policy for the default endpoint", src)
}

func (r *Region) restDomains() {
	const op, mapOp = "GetDomainNames", "GetBasePathMappings"
	for _, list := range r.each(op) {
		for _, d := range decode[struct {
			Items []struct {
				DomainName, SecurityPolicy string
				MutualTlsAuthentication    *struct{ TruststoreUri string }
			}
		}](list).Items {
			for _, m := range decode[struct{ Items []struct{ RestApiId string } }](r.answer(mapOp, d.DomainName)).Items {
				id := graph.ID(ARN{r.Partition, "apigateway", r.Region, "", "/restapis/" + m.RestApiId}.String())
				n := r.sys.Graph.Node(id)
				if n == nil {
					continue
				}
				n.Aliases = append(n.Aliases, strings.ToLower(d.DomainName))
				if v := tlsOfPolicy(d.SecurityPolicy); v != "" {
					graph.TLSMinimum.Set(&n.Facts, v, r.source(op, "items[].securityPolicy"))
				}
				for _, a := range decode[struct{ Items []restAPI }](r.answer("GetRestApis", "")).Items {
					if a.Id == m.RestApiId {
						graph.DefaultEndpointOpen.Set(&n.Facts, !on(a.DisableExecuteApiEndpoint), r.source("GetRestApis", "items[].disableExecuteApiEndpoint"))
					}
				}
			}
		}
	}
}
