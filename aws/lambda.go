package aws

import (
	"context"
	"maps"
	"slices"
	"strings"

	awssdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/lambda"

	"github.com/flowdeed/flowdeed/graph"
	policy "github.com/flowdeed/flowdeed/iam"
)

var lambdaService = &Service{
	Name: "lambda",
	Doc: "Functions: triggers, policy, URL, destinations, role, network, layers and the names of environment variables. " +
		"Code is never fetched, values of variables are matched in memory and dropped.",
	Calls: []Call{
		{Operation: "ListFunctions", Action: "lambda:ListFunctions", PerSecond: 15, Values: []string{"Functions[].Environment.Variables{}"}},
		{Operation: "GetPolicy", Action: "lambda:GetPolicy", PerSecond: 15},
		{Operation: "ListFunctionUrlConfigs", Action: "lambda:ListFunctionUrlConfigs", PerSecond: 15},
		{Operation: "GetFunctionUrlConfig", Action: "lambda:GetFunctionUrlConfig", PerSecond: 15, Optional: true},
		{Operation: "ListEventSourceMappings", Action: "lambda:ListEventSourceMappings", PerSecond: 15},
		{Operation: "ListFunctionEventInvokeConfigs", Action: "lambda:ListFunctionEventInvokeConfigs", PerSecond: 15},
		{Operation: "GetRuntimeManagementConfig", Action: "lambda:GetRuntimeManagementConfig", PerSecond: 15, Optional: true},
	},
	Collect: collectLambda,
	Build:   buildLambda,
}

func collectLambda(ctx context.Context, c *Collector) {
	api := lambda.NewFromConfig(c.Config)
	var names []string
	for _, p := range pages(ctx, c, "ListFunctions", "", lambda.NewListFunctionsPaginator(api, &lambda.ListFunctionsInput{})) {
		for _, f := range p.Functions {
			names = append(names, awssdk.ToString(f.FunctionName))
		}
	}
	pages(ctx, c, "ListEventSourceMappings", "", lambda.NewListEventSourceMappingsPaginator(api, &lambda.ListEventSourceMappingsInput{}))
	each(ctx, names, func(name string) { collectFunction(ctx, c, api, name) })
}

func collectFunction(ctx context.Context, c *Collector, api *lambda.Client, name string) {
	fn := awssdk.String(name)
	ask(ctx, c, "GetPolicy", name, api.GetPolicy, &lambda.GetPolicyInput{FunctionName: fn})
	urls := pages(ctx, c, "ListFunctionUrlConfigs", name, lambda.NewListFunctionUrlConfigsPaginator(api, &lambda.ListFunctionUrlConfigsInput{FunctionName: fn}))
	if urls == nil {
		// The list names the URLs of aliases too; without it the function's own URL is better than nothing.
		ask(ctx, c, "GetFunctionUrlConfig", name, api.GetFunctionUrlConfig, &lambda.GetFunctionUrlConfigInput{FunctionName: fn})
	}
	pages(ctx, c, "ListFunctionEventInvokeConfigs", name, lambda.NewListFunctionEventInvokeConfigsPaginator(api, &lambda.ListFunctionEventInvokeConfigsInput{FunctionName: fn}))
	ask(ctx, c, "GetRuntimeManagementConfig", name, api.GetRuntimeManagementConfig, &lambda.GetRuntimeManagementConfigInput{FunctionName: fn})
}

type functionConfig struct {
	FunctionName, FunctionArn, Runtime, Role, PackageType, KMSKeyArn, CodeSha256, ConfigSha256 string
	Environment                                                                                *struct{ Variables map[string]Value }
	TracingConfig                                                                              *struct{ Mode string }
	VpcConfig                                                                                  *struct {
		VpcId                       string
		SubnetIds, SecurityGroupIds []string
	}
	DeadLetterConfig  *struct{ TargetArn string }
	LoggingConfig     *struct{ LogGroup, LogFormat, ApplicationLogLevel string }
	Layers            []struct{ Arn string }
	FileSystemConfigs []struct{ Arn string }
}

func buildLambda(r *Region) {
	for _, list := range r.each("ListFunctions") {
		for _, f := range decode[struct{ Functions []functionConfig }](list).Functions {
			n := r.function(f, list)
			r.functionPolicy(n, f)
			r.functionURLs(n, f)
			r.functionFailures(n, f, list)
			r.functionLinks(n, f)
			r.runsAs(n, f.Role, f.variables(), r.source("ListFunctions", "Functions[].Environment.Variables"))
		}
	}
	r.eventSources()
}

func (f functionConfig) variables() map[string]Value {
	if f.Environment == nil {
		return nil
	}
	return f.Environment.Variables
}

func (r *Region) function(f functionConfig, list *Answer) *graph.Node {
	const op = "ListFunctions"
	src := func(field string) graph.Source { return r.source(op, "Functions[]."+field) }
	n := r.node(graph.Node{
		ID: graph.ID(f.FunctionArn), Class: graph.Function, Kind: "lambda.function", Type: "AWS::Lambda::Function", Name: f.FunctionName,
	})
	x := &n.Facts
	setting(r, x, graph.PackageType, nilIfEmpty(f.PackageType), "Zip", op, list, "Functions[].PackageType")
	fact(r, x, graph.Runtime, nilIfEmpty(f.Runtime), op, list, "Functions[].Runtime")
	fact(r, x, graph.RoleARN, nilIfEmpty(f.Role), op, list, "Functions[].Role")
	fact(r, x, graph.CodeHash, nilIfEmpty(f.CodeSha256), op, list, "Functions[].CodeSha256")
	fact(r, x, graph.ConfigHash, nilIfEmpty(f.ConfigSha256), op, list, "Functions[].ConfigSha256")
	graph.Tracing.Set(x, f.TracingConfig != nil && f.TracingConfig.Mode == "Active", src("TracingConfig.Mode"))
	graph.HasVariables.Set(x, len(f.variables()) > 0, src("Environment.Variables"))
	addNames(n, "environment variable", slices.Collect(maps.Keys(f.variables())), src("Environment.Variables"))
	r.lookedLike(n, f.variables(), src("Environment.Variables"))
	if f.VpcConfig != nil && f.VpcConfig.VpcId != "" {
		graph.InVPC.Set(x, true, src("VpcConfig.VpcId"))
		graph.VPCID.Set(x, f.VpcConfig.VpcId, src("VpcConfig.VpcId"))
		graph.SubnetIDs.Set(x, f.VpcConfig.SubnetIds, src("VpcConfig.SubnetIds"))
		graph.SecurityGroups.Set(x, f.VpcConfig.SecurityGroupIds, src("VpcConfig.SecurityGroupIds"))
	} else {
		graph.InVPC.Set(x, false, src("VpcConfig.VpcId"))
	}
	r.functionKey(n, f, src("KMSKeyArn"))
	if a := r.answer("GetRuntimeManagementConfig", f.FunctionName); true {
		got := decode[struct{ UpdateRuntimeOn string }](a)
		fact(r, x, graph.RuntimeUpdate, nilIfEmpty(got.UpdateRuntimeOn), "GetRuntimeManagementConfig", a, "UpdateRuntimeOn")
	}
	return n
}

// functionKey: the environment is always encrypted; without an own key under the
// AWS-managed key aws/lambda. Source: AWS Lambda Developer Guide, "Securing
// environment variables".
func (r *Region) functionKey(n *graph.Node, f functionConfig, src graph.Source) {
	graph.ProviderEnforced.Set(&n.Facts, true, src)
	if f.KMSKeyArn != "" {
		r.encrypted(n, "KMS", f.KMSKeyArn, src)
		return
	}
	r.encryptedBy(n, "KMS", graph.KeyAWSManaged, "default key aws/lambda", src)
}

func (r *Region) functionPolicy(n *graph.Node, f functionConfig) {
	a := r.answer("GetPolicy", f.FunctionName)
	doc := decode[struct{ Policy *string }](a).Policy
	if doc != nil {
		moved := conditionsInPlace(*doc)
		doc = &moved
	}
	r.resourcePolicy(n, doc, "GetPolicy", a, "Policy")
}

type functionURL struct {
	FunctionArn, FunctionUrl, AuthType string
	Cors                               *struct{ AllowOrigins []string }
}

func (r *Region) functionURLs(n *graph.Node, f functionConfig) {
	op := "ListFunctionUrlConfigs"
	a := r.answer(op, f.FunctionName)
	urls := decode[struct{ FunctionUrlConfigs []functionURL }](a).FunctionUrlConfigs
	if !a.OK() && !a.Absent() {
		if own := r.answer("GetFunctionUrlConfig", f.FunctionName); own.OK() {
			op, a, urls = "GetFunctionUrlConfig", own, []functionURL{decode[functionURL](own)}
		} else if own.Absent() {
			op, a = "GetFunctionUrlConfig", own
		}
	}
	facing := len(urls) > 0
	switch {
	case a.OK() || a.Absent():
		graph.InternetFacing.Set(&n.Facts, facing, r.source(op, "FunctionUrlConfigs[].FunctionUrl"))
	default:
		graph.InternetFacing.Unknown(&n.Facts, r.why(op, a), r.source(op, "FunctionUrlConfigs[].FunctionUrl"))
	}
	for _, u := range urls {
		n.Aliases = append(n.Aliases, hostOf(u.FunctionUrl))
		fl := r.flow(graph.Exposes, string(graph.Internet), string(n.ID), "function URL", r.source(op, "FunctionUrlConfigs[].FunctionUrl"), "")
		auth := graph.AuthNone
		if u.AuthType == "AWS_IAM" {
			auth = graph.AuthIAM
		}
		graph.EntryAuth.Set(&fl.Facts, auth, r.source(op, "FunctionUrlConfigs[].AuthType"))
		if auth == graph.AuthNone && u.FunctionArn == f.FunctionArn && r.refusesUnsigned(n, f) {
			graph.StateOn.SetNote(&fl.Facts, false, "the function's policy lets nobody without credentials call its URL", r.source("GetPolicy", "Policy"))
		}
		open := u.Cors != nil && contains(u.Cors.AllowOrigins, "*")
		graph.CORSAnyOrigin.Set(&fl.Facts, open, r.source(op, "FunctionUrlConfigs[].Cors.AllowOrigins"))
	}
}

// refusesUnsigned tells whether the policy of a function is known to keep out calls of
// its URL without credentials: type NONE asks for no proof, and who may call is still for
// the policy to say. Source: AWS Lambda Developer Guide, "Control access to Lambda
// function URLs", "Using the NONE auth type".
func (r *Region) refusesUnsigned(n *graph.Node, f functionConfig) bool {
	a, side := r.answer("GetPolicy", f.FunctionName), r.resourceSide(n.ID)
	if !a.OK() || side.unread != "" || side.policy == nil {
		return a.Absent()
	}
	d := policy.Decide(policy.Request{
		Principal: policy.Principal{Kind: policy.Anonymous}, Action: "lambda:InvokeFunctionUrl", Resource: policy.Resource{ARN: f.FunctionArn, Account: n.Account},
		Context: policy.NewContext(map[string]policy.Value{"lambda:FunctionUrlAuthType": policy.One("NONE"), "aws:SecureTransport": policy.One("true")}, false),
	}, policy.Environment{Resource: side.policy})
	return d.Outcome == policy.Denied || d.Outcome == policy.ExplicitlyDenied
}

// functionFailures: where failed asynchronous events go, and where successes go.
func (r *Region) functionFailures(n *graph.Node, f functionConfig, list *Answer) {
	const op = "ListFunctionEventInvokeConfigs"
	type destination struct{ Destination string }
	a := r.answer(op, f.FunctionName)
	got := decode[struct {
		FunctionEventInvokeConfigs []struct {
			DestinationConfig *struct{ OnSuccess, OnFailure *destination }
		}
	}](a)
	target := ""
	if f.DeadLetterConfig != nil && f.DeadLetterConfig.TargetArn != "" {
		target = f.DeadLetterConfig.TargetArn
		r.flow(graph.DeadLetters, string(n.ID), target, "dead-letter queue", r.source("ListFunctions", "Functions[].DeadLetterConfig.TargetArn"), "")
	}
	for _, c := range got.FunctionEventInvokeConfigs {
		if c.DestinationConfig == nil {
			continue
		}
		if d := c.DestinationConfig.OnFailure; d != nil && d.Destination != "" {
			target = d.Destination
			r.flow(graph.DeadLetters, string(n.ID), target, "on failure", r.source(op, "FunctionEventInvokeConfigs[].DestinationConfig.OnFailure.Destination"), "")
		}
		if d := c.DestinationConfig.OnSuccess; d != nil && d.Destination != "" {
			r.flow(graph.Delivers, string(n.ID), d.Destination, "on success", r.source(op, "FunctionEventInvokeConfigs[].DestinationConfig.OnSuccess.Destination"), "")
		}
	}
	setting(r, &n.Facts, graph.FailureTarget, nilIfEmpty(target), "", op, a, "FunctionEventInvokeConfigs[].DestinationConfig.OnFailure.Destination")
}

func (r *Region) functionLinks(n *graph.Node, f functionConfig) {
	for _, l := range f.Layers {
		r.flow(graph.UsesLayer, string(n.ID), l.Arn, "", r.source("ListFunctions", "Functions[].Layers[].Arn"), "")
	}
	for _, fs := range f.FileSystemConfigs {
		r.flow(graph.Mounts, string(n.ID), fs.Arn, "", r.source("ListFunctions", "Functions[].FileSystemConfigs[].Arn"), "")
	}
	if l := f.LoggingConfig; l != nil && l.LogFormat == "JSON" { // text logs have no level
		graph.DebugLogging.Set(&n.Facts, l.ApplicationLogLevel == "DEBUG" || l.ApplicationLogLevel == "TRACE", r.source("ListFunctions", "Functions[].LoggingConfig.ApplicationLogLevel"))
	}
	group := "/aws/lambda/" + f.FunctionName
	field := "Functions[].FunctionName"
	if f.LoggingConfig != nil && f.LoggingConfig.LogGroup != "" {
		group, field = f.LoggingConfig.LogGroup, "Functions[].LoggingConfig.LogGroup"
	}
	r.logsTo(n, group, r.source("ListFunctions", field))
	r.logRights(n, f.Role, group)
}

// eventSources draws the pollers that feed functions from queues and streams.
func (r *Region) eventSources() {
	const op = "ListEventSourceMappings"
	type mapping struct {
		UUID, EventSourceArn, FunctionArn, State string
		DestinationConfig                        *struct{ OnFailure *struct{ Destination string } }
		FilterCriteria                           *struct{ Filters []struct{ Pattern string } }
		SelfManagedEventSource                   *struct{ Endpoints map[string][]string }
		SourceAccessConfigurations               []struct{ Type string }
	}
	for _, a := range r.each(op) {
		for _, m := range decode[struct{ EventSourceMappings []mapping }](a).EventSourceMappings {
			src := r.source(op, "EventSourceMappings[].EventSourceArn")
			from := m.EventSourceArn
			if from == "" && m.SelfManagedEventSource != nil {
				from = firstBroker(m.SelfManagedEventSource.Endpoints)
			}
			fl := r.flow(graph.Triggers, from, m.FunctionArn, m.UUID, src, m.State)
			graph.StateOn.Set(&fl.Facts, m.State != "Disabled" && m.State != "Disabling", r.source(op, "EventSourceMappings[].State"))
			if m.FilterCriteria != nil && len(m.FilterCriteria.Filters) > 0 {
				graph.Filtered.Set(&fl.Facts, m.FilterCriteria.Filters[0].Pattern, r.source(op, "EventSourceMappings[].FilterCriteria.Filters[].Pattern"))
			}
			target := ""
			if m.DestinationConfig != nil && m.DestinationConfig.OnFailure != nil {
				target = m.DestinationConfig.OnFailure.Destination
			}
			graph.FailureTarget.Set(&fl.Facts, target, r.source(op, "EventSourceMappings[].DestinationConfig.OnFailure.Destination"))
			if target != "" {
				r.flow(graph.DeadLetters, m.FunctionArn, target, "on failure of "+m.UUID, r.source(op, "EventSourceMappings[].DestinationConfig.OnFailure.Destination"), "")
			}
			if m.EventSourceArn == "" {
				brokerTransit(fl, len(m.SourceAccessConfigurations) > 0, src)
			}
		}
	}
}

func firstBroker(endpoints map[string][]string) string {
	for _, k := range []string{"KAFKA_BOOTSTRAP_SERVERS"} {
		if len(endpoints[k]) > 0 {
			return "external:" + endpoints[k][0]
		}
	}
	return ""
}

// brokerTransit: a poller that authenticates to a self-managed broker uses TLS;
// without authentication nothing says so.
func brokerTransit(f *graph.Flow, authenticated bool, src graph.Source) {
	if authenticated {
		graph.InTransit.Set(&f.Facts, graph.TransitEnforced, src)
		return
	}
	graph.InTransit.Unknown(&f.Facts, "no authentication is configured towards the brokers, so TLS is not shown", src)
}

func contains(list []string, s string) bool {
	for _, x := range list {
		if strings.EqualFold(x, s) {
			return true
		}
	}
	return false
}
