package check

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/flowdeed/flowdeed/classify"
	"github.com/flowdeed/flowdeed/graph"
)

var funcControls = []*Control{
	{
		ID: "FUNC-RUNTIME-001", Title: "Runtime is supported",
		Doc:      "The runtime identifier of a function is looked up in a dated table of managed runtimes. Past the day of deprecation nobody mends flaws in it; past the second day the function cannot even be changed. A runtime that is deprecated within 180 days, and updates pinned to Manual, count as low. Container images are left out: what they run is inside the image.",
		Why:      "Art. 32 asks for measures that fit the state of the art and are kept up to date. A runtime without security updates leaves known holes open in the code that handles the data.",
		Severity: High, Moves: WithData, Articles: []string{"32(1)(b)", "32(1)(d)"},
		Fix:   "Move the function to a current runtime: aws lambda update-function-configuration --function-name NAME --runtime RUNTIME, after a test. Set runtime updates to Auto: aws lambda put-runtime-management-config --function-name NAME --update-runtime-on Auto.",
		Reads: []Read{{"lambda:ListFunctions", "Functions[].Runtime"}, {"lambda:ListFunctions", "Functions[].PackageType"}, {"lambda:GetRuntimeManagementConfig", "UpdateRuntimeOn"}},

		Classes: []graph.Class{graph.Function}, Node: runtimeSupported,
	},
	{
		ID: "FUNC-TRACE-001", Title: "Tracing enabled along the path",
		Doc:      "Functions, REST APIs, workflows and GraphQL APIs trace the requests that pass through them. HTTP and WebSocket APIs cannot trace; their functions do. Nodes declared to hold and pass no personal data are left out.",
		Why:      "After a breach Art. 33 leaves 72 hours to say what happened. Without traces nobody can follow a request through functions and queues to the records it touched.",
		Severity: Low, Moves: WithData, Articles: []string{"32(1)(d)", "33"},
		Fix:   "Turn active tracing on (function: --tracing-config Mode=Active; stage: tracingEnabled; workflow: tracingConfiguration.enabled) and keep personal data out of annotations and metadata of the traces.",
		Reads: []Read{{"lambda:ListFunctions", "Functions[].TracingConfig.Mode"}, {"apigateway:GetStages", "item[].tracingEnabled"}, {"stepfunctions:DescribeStateMachine", "tracingConfiguration.enabled"}, {"appsync:ListGraphqlApis", "graphqlApis[].xrayEnabled"}},

		Classes: []graph.Class{graph.Function, graph.API, graph.StateMachine, graph.GraphQLAPI}, Node: traced,
	},
	{
		ID: "FUNC-VPC-001", Title: "Function reaches private resources through a VPC",
		Doc:      "A function that handles personal data and uses a store inside a VPC, or sends to an address on the internet, is attached to a VPC with subnets in two zones. A function that calls only managed AWS APIs gains nothing from a VPC and is left out.",
		Why:      "Art. 32 asks that systems stay confidential and resilient. Outside a VPC nothing limits where a function may send data, and a store it reaches must be open to the internet.",
		Severity: Low, Moves: WithData, Articles: []string{"32(1)(b)"},
		Fix:   "Attach the function to private subnets in two zones (aws lambda update-function-configuration --function-name NAME --vpc-config SubnetIds=A,B,SecurityGroupIds=G), add VPC endpoints for the AWS services it uses and restrict what leaves.",
		Reads: []Read{{"lambda:ListFunctions", "Functions[].VpcConfig.VpcId"}, {"lambda:ListFunctions", "Functions[].VpcConfig.SubnetIds[]"}, {"ec2:DescribeSubnets", "Subnets[].AvailabilityZone"}},

		Classes: []graph.Class{graph.Function}, Node: reachesPrivately,
	},
	failedEventsKept, failedRecordsKept, failureTargetsProtected,
	{
		ID: "FUNC-INTEG-001", Title: "Function code and configuration match the approved baseline",
		Doc:      "The hashes of code and configuration of a function are compared with those somebody approved. Without a baseline the answer is unknown. Which code is in the approved package is not looked at.",
		Why:      "Art. 5(1)(f) asks for integrity. Code that was changed without anybody's approval may copy personal data wherever it likes.",
		Severity: Medium, Moves: WithData, Articles: []string{"32(1)(b)", "32(1)(d)", "5(1)(f)"},
		Fix:   "Find out who deployed the change. Approve it by making this run the new baseline, or deploy the approved version again.",
		Reads: []Read{{"lambda:ListFunctions", "Functions[].CodeSha256"}, {"lambda:ListFunctions", "Functions[].ConfigSha256"}},

		Classes: []graph.Class{graph.Function}, Node: matchesBaseline,
	},
	{
		ID: "FUNC-SINGLE-001", Title: "Function has a single responsibility",
		Doc:      "Counted are the kinds of triggers of a function, the personal-data stores it uses and the processing activities it is named in. More kinds of triggers or stores than the policy allows, or more than two activities, fail. What the code does inside is not seen.",
		Why:      "Art. 25 asks for data protection by design and Art. 5(1)(b) for purposes that are not mixed. A function that does everything needs the rights for everything, and whoever takes it over has them.",
		Severity: Low, Moves: WithData, Articles: []string{"25", "5(1)(b)", "5(1)(c)"},
		Fix:   "Split the function by purpose and give each part its own role with the rights for its own stores.",
		Reads: []Read{{"lambda:ListEventSourceMappings", "EventSourceMappings[].EventSourceArn"}, {"lambda:GetPolicy", "Policy"}, {"iam:GetAccountAuthorizationDetails", "RoleDetailList[].RolePolicyList[].PolicyDocument"}},

		Classes: []graph.Class{graph.Function}, Node: singleResponsibility,
	},
}

// deprecationNotice is how long before deprecation a runtime is reported.
const deprecationNotice = 180 * 24 * time.Hour

func runtimeSupported(in *Input, n *graph.Node) Result {
	pack, runtime, update := graph.PackageType.Get(&n.Facts), graph.Runtime.Get(&n.Facts), graph.RuntimeUpdate.Get(&n.Facts)
	switch {
	case graph.Is(pack, "Image"):
		return doesNotApply("it runs a container image, whose runtime is inside the image", pack.Fact)
	case !runtime.Known:
		return missing(runtime.Fact)
	case in.Now.IsZero():
		return cannotTell("the day of the scan is not known", runtime.Fact)
	}
	table := in.runtimes()
	day, ok := table.rows[runtime.V]
	switch {
	case !ok:
		return cannotTell(fmt.Sprintf("runtime %q is not in the %s", runtime.V, table.remark(in.Now)), runtime.Fact)
	case !day.blocked.IsZero() && !in.Now.Before(day.blocked):
		return failsBy(1, fmt.Sprintf("runtime %s is deprecated since %s and functions on it cannot be updated since %s (%s)", runtime.V, day.deprecated.Format(time.DateOnly), day.blocked.Format(time.DateOnly), table.remark(in.Now)), runtime.Fact)
	case !in.Now.Before(day.deprecated):
		return fails(fmt.Sprintf("runtime %s is deprecated since %s (%s)", runtime.V, day.deprecated.Format(time.DateOnly), table.remark(in.Now)), runtime.Fact)
	}
	t := tally{facts: []graph.Fact{runtime.Fact}}
	if day.deprecated.Sub(in.Now) <= deprecationNotice {
		t.against(-2, fmt.Sprintf("runtime %s is deprecated on %s (%s)", runtime.V, day.deprecated.Format(time.DateOnly), table.remark(in.Now)))
	}
	if t.known(update.Fact) && update.V == "Manual" {
		t.against(-2, "updates of the runtime are pinned to Manual")
	}
	r := t.result(fmt.Sprintf("runtime %s is supported until %s (%s)", runtime.V, day.deprecated.Format(time.DateOnly), table.remark(in.Now)))
	if r.Status == Unknown {
		r.Lift = -2 // what may still come out is a light point
		r.Reason = fmt.Sprintf("runtime %s is supported until %s; %s", runtime.V, day.deprecated.Format(time.DateOnly), r.Reason)
	}
	return r
}

func traced(in *Input, n *graph.Node) Result {
	switch {
	case n.Class == graph.API && strings.HasPrefix(n.Kind, "apigatewayv2."):
		return doesNotApply("an HTTP or WebSocket API cannot trace; its functions do")
	case !in.mayHandle(n.ID):
		return doesNotApply("it is declared to hold and pass no personal data")
	}
	a := graph.Tracing.Get(&n.Facts)
	switch {
	case !a.Known:
		return missing(a.Fact)
	case a.V:
		return passes("active tracing is on", a.Fact)
	}
	return fails("active tracing is off", a.Fact)
}

// zonesAtLeast is the number of availability zones that survives the loss of one.
const zonesAtLeast = 2

func reachesPrivately(in *Input, n *graph.Node) Result {
	attached := graph.InVPC.Get(&n.Facts)
	if graph.Is(attached, true) {
		t := tally{facts: []graph.Fact{attached.Fact}}
		if zones := graph.Zones.Get(&n.Facts); t.known(zones.Fact) && zones.V < zonesAtLeast {
			t.against(0, fmt.Sprintf("its subnets are in %s only", plural(zones.V, "availability zone")))
		}
		return t.result("it is attached to a VPC in two zones or more")
	}
	private, unsure, outside := privateTargets(in, n)
	why := ""
	switch {
	case len(private) > 0:
		why = "it uses " + private[0] + ", which lives in a VPC"
	case len(outside) > 0:
		why = "it sends to " + outside[0] + " on the internet"
	case len(unsure) > 0:
		return missing(unsure...)
	case !attached.Known:
		return missing(attached.Fact)
	default:
		return doesNotApply("it calls managed AWS APIs only, for which a VPC adds nothing", attached.Fact)
	}
	switch {
	case !attached.Known:
		return missing(attached.Fact)
	case in.Labels.Profile(n.ID).Personal():
		return fails(why+" and is not attached to a VPC", attached.Fact)
	case !in.mayHandle(n.ID):
		return doesNotApply("it is declared to handle no personal data", attached.Fact)
	}
	return cannotTell(why+" and is not attached to a VPC; nobody says whether it handles personal data", attached.Fact)
}

// vpcClasses are the classes of stores that live in a VPC where they live in one at all.
var vpcClasses = []graph.Class{graph.Database, graph.Cache, graph.Search, graph.FileSystem}

// privateTargets lists what a function uses inside a VPC and outside AWS, and the
// facts that would tell for the rest.
func privateTargets(in *Input, n *graph.Node) (private []string, unsure []graph.Fact, outside []string) {
	for _, f := range in.Graph.Out(n.ID) {
		to := in.Graph.Node(f.To)
		if to == nil || !f.Kind.Carries() {
			continue
		}
		switch {
		case to.Class == graph.ExternalEndpoint:
			outside = append(outside, name(in, to.ID))
		case slices.Contains(vpcClasses, to.Class):
			vpc := graph.VPCID.Get(&to.Facts)
			if vpc.Known && vpc.V != "" {
				private = append(private, name(in, to.ID))
			} else if !vpc.Known {
				unsure = append(unsure, vpc.Fact)
			}
		}
	}
	return private, unsure, outside
}

func matchesBaseline(in *Input, n *graph.Node) Result {
	code, conf := graph.CodeHash.Get(&n.Facts), graph.ConfigHash.Get(&n.Facts)
	if by := graph.ManagedBy.Get(&n.Facts); by.Known && by.V != "" {
		return doesNotApply("it is managed by "+by.V+", which changes it", by.Fact)
	}
	if in.Approved == nil {
		return cannotTell("no approved baseline was given", code.Fact)
	}
	want, ok := in.Approved[n.ID]
	if !ok {
		return fails("it is not in the approved baseline", code.Fact)
	}
	t := tally{}
	if t.known(code.Fact) && code.V != want.Code {
		t.against(0, "its code differs from the approved version")
	}
	if want.Configuration != "" && t.known(conf.Fact) && conf.V != want.Configuration {
		t.against(0, "its configuration differs from the approved one")
	}
	return t.result("code and configuration are as approved")
}

// purposesMax is how many processing activities one function may serve.
const purposesMax = 2

func singleResponsibility(in *Input, n *graph.Node) Result {
	kinds := map[graph.Class]bool{}
	for _, f := range in.Graph.In(n.ID) {
		switch f.Kind {
		case graph.Triggers, graph.Delivers, graph.Invokes, graph.RoutesTo, graph.Exposes:
			if from := in.Graph.Node(f.From); from != nil && !graph.Is(graph.StateOn.Get(&f.Facts), false) {
				kinds[from.Class] = true
			}
		}
	}
	used := storesUsed(in, n.ID)
	role := graph.RoleARN.Get(&n.Facts)
	t := tally{}
	if len(kinds) > in.Policy.TriggerKinds {
		t.against(0, fmt.Sprintf("%d kinds of triggers start it: %s", len(kinds), joinClasses(kinds)))
	}
	if len(used.personal) > in.Policy.BlastStores {
		t.against(0, fmt.Sprintf("it uses %s: %s", plural(len(used.personal), "personal-data store"), names(in, used.personal)))
	} else if len(used.personal)+len(used.unlabelled) > in.Policy.BlastStores {
		t.gap(fmt.Sprintf("it uses %s of which nobody says what they hold: %s", plural(len(used.unlabelled), "store"), names(in, used.unlabelled)))
	}
	if acts := in.Labels.At(n.ID).Activities; len(acts) > purposesMax {
		t.against(0, fmt.Sprintf("it serves %d processing activities: %s", len(acts), strings.Join(acts, ", ")))
	}
	if t.known(role.Fact) && !in.roleRead(role.V) {
		t.gap("the policies of its role " + role.V + " were not read, so the stores it may use are not all known")
	}
	if lost := in.lost(n.Account, n.Region, triggerLists); lost != "" {
		t.gap("not every trigger is known: " + lost)
	}
	if len(kinds)+used.total() == 0 && len(t.gaps) == 0 && len(t.points) == 0 {
		return doesNotApply("nothing triggers it and it uses no store", t.facts...)
	}
	return t.result(fmt.Sprintf("kinds of triggers: %d, personal-data stores used: %d", len(kinds), len(used.personal)))
}

// roleRead tells whether the policies of a role were read.
func (in *Input) roleRead(arn string) bool {
	role := in.Graph.Node(graph.ID(arn))
	return role != nil && !role.External
}

// mayHandle tells whether personal data may be at a node: it does, or nobody says
// that it does not.
func (in *Input) mayHandle(id graph.ID) bool { return in.Labels.Profile(id) != classify.ProfileNone }

func joinClasses(set map[graph.Class]bool) string {
	var out []string
	for _, c := range slices.Sorted(maps.Keys(set)) {
		out = append(out, string(c))
	}
	return strings.Join(out, ", ")
}

// shown is how many names a sentence lists before it counts the rest.
const shown = 5

// names lists nodes by name, the first few of them.
func names(in *Input, ids []graph.ID) string {
	var out []string
	for i, id := range ids {
		if i == shown {
			out = append(out, fmt.Sprintf("and %d more", len(ids)-shown))
			break
		}
		out = append(out, name(in, id))
	}
	return strings.Join(out, ", ")
}

// triggerLists are the calls that show what triggers a function.
var triggerLists = []string{
	"lambda:ListEventSourceMappings", "lambda:ListFunctionUrlConfigs", "lambda:GetPolicy", "events:ListEventBuses", "events:ListRules", "events:ListTargetsByRule", "sns:ListSubscriptions", "pipes:ListPipes",
	"scheduler:ListSchedules", "s3:GetBucketNotificationConfiguration", "apigateway:GetRestApis", "apigateway:GetResources", "apigatewayv2:GetApis",
	"apigatewayv2:GetIntegrations", "elbv2:DescribeLoadBalancers", "elbv2:DescribeListeners", "elbv2:DescribeTargetGroups", "elbv2:DescribeTargetHealth",
	"cognito-idp:ListUserPools", "cognito-idp:DescribeUserPool", "logs:DescribeSubscriptionFilters", "stepfunctions:ListStateMachines", "stepfunctions:DescribeStateMachine",
}

// lost names a call of a list that gave no answer, or "".
func (in *Input) lost(account, region string, operations []string) string {
	if in.Lost == nil {
		return ""
	}
	for _, op := range operations {
		if why := in.Lost(account, region, op); why != "" {
			return why
		}
	}
	return ""
}
