package aws

import (
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/flowdeed/flowdeed/graph"
)

// task is a Task state of a workflow: what it calls and with which parameters.
type task struct {
	state    string         // path of names: "Map/Charge"
	resource string         // "arn:aws:states:::dynamodb:putItem" or a function's ARN
	params   map[string]any // Parameters (JSONPath) or Arguments (JSONata)
}

// maxNesting bounds how deep parallel and map states are followed.
const maxNesting = 64

// tasksOf collects the Task states of a definition, in nested branches too.
// Source: Amazon States Language specification, "States Structure".
func tasksOf(doc any) []task {
	var out []task
	walkStates(doc, "", 0, func(name string, s map[string]any) {
		if s["Type"] != "Task" {
			return
		}
		t := task{state: name, params: map[string]any{}}
		t.resource, _ = s["Resource"].(string)
		for _, k := range []string{"Parameters", "Arguments"} {
			if m, ok := s[k].(map[string]any); ok {
				maps.Copy(t.params, m)
			}
		}
		out = append(out, t)
	})
	return out
}

func walkStates(doc any, prefix string, depth int, visit func(string, map[string]any)) {
	m, ok := doc.(map[string]any)
	if !ok || depth > maxNesting {
		return
	}
	states, _ := m["States"].(map[string]any)
	for _, name := range slices.Sorted(maps.Keys(states)) {
		s, ok := states[name].(map[string]any)
		if !ok {
			continue
		}
		visit(prefix+name, s)
		below := prefix + name + "/"
		if branches, ok := s["Branches"].([]any); ok {
			for _, b := range branches {
				walkStates(b, below, depth+1, visit)
			}
		}
		for _, k := range []string{"ItemProcessor", "Iterator"} {
			walkStates(s[k], below, depth+1, visit)
		}
	}
}

// param returns a literal string parameter, whatever the case of its first letter.
// Values computed at run time ("Name.$", "{% ... %}") are no literals.
func (t task) param(names ...string) string {
	for _, n := range names {
		for _, k := range []string{n, strings.ToLower(n[:1]) + n[1:]} {
			if v, ok := t.params[k].(string); ok && !strings.HasPrefix(v, "{%") && !strings.HasPrefix(v, "$") {
				return v
			}
		}
	}
	return ""
}

var integration = regexp.MustCompile(`^arn:aws[a-z-]*:states:[a-z0-9-]*:[0-9]*:(?:(aws-sdk):)?([A-Za-z0-9-]+):([A-Za-z0-9]+)(?:\.[A-Za-z]+)?(?::\d+)?$`)

// taskTarget finds what a task calls. confidence is 0.99 for a literal target; a
// target computed at run time is not invented.
func (r *Region) taskTarget(t task) (kind graph.FlowKind, target string, confidence float64) {
	m := integration.FindStringSubmatch(t.resource)
	if m == nil {
		if strings.Contains(t.resource, ":function:") {
			return graph.Invokes, t.resource, configured
		}
		return "", "", 0 // an activity, or an expression
	}
	service, action := strings.ToLower(m[2]), m[3]
	kind, target = r.integrated(service, action, t)
	return kind, target, configured
}

// integrated resolves the target of a service integration by its parameters.
func (r *Region) integrated(service, action string, t task) (graph.FlowKind, string) {
	named := func(svc, prefix, name string) string {
		if name == "" || strings.HasPrefix(name, "arn:") || strings.Contains(name, "://") {
			return name
		}
		return r.arn(svc, prefix+name)
	}
	switch service {
	case "lambda":
		return graph.Invokes, r.functionARN(t.param("FunctionName"))
	case "dynamodb":
		return writeKind(action, graph.Writes), named("dynamodb", "table/", t.param("TableName"))
	case "sqs":
		return writeKind(action, graph.Publishes), t.param("QueueUrl")
	case "sns":
		return graph.Publishes, t.param("TopicArn", "TargetArn")
	case "events", "eventbridge":
		return graph.Publishes, r.busOf(t)
	case "kinesis":
		if arn := t.param("StreamARN"); arn != "" {
			return writeKind(action, graph.Publishes), arn
		}
		return writeKind(action, graph.Publishes), named("kinesis", "stream/", t.param("StreamName"))
	case "firehose":
		return graph.Publishes, named("firehose", "deliverystream/", t.param("DeliveryStreamName"))
	case "s3":
		if b := t.param("Bucket"); b != "" {
			return writeKind(action, graph.Writes), ARN{r.Partition, "s3", "", "", b}.String()
		}
	case "states", "sfn":
		return graph.Invokes, t.param("StateMachineArn")
	case "http":
		return graph.Invokes, t.param("ApiEndpoint")
	case "apigateway":
		return graph.Invokes, t.param("ApiEndpoint")
	case "secretsmanager":
		return graph.UsesSecret, t.param("SecretId")
	case "ssm":
		if n := t.param("Name"); n != "" {
			return graph.UsesSecret, r.arn("ssm", "parameter/"+strings.TrimPrefix(n, "/"))
		}
	case "glue":
		return graph.Invokes, named("glue", "job/", t.param("JobName"))
	case "athena":
		return graph.Invokes, named("athena", "workgroup/", t.param("WorkGroup"))
	case "cognitoidentityprovider":
		if id := t.param("UserPoolId"); id != "" {
			return writeKind(strings.TrimPrefix(strings.TrimPrefix(action, "admin"), "Admin"), graph.Writes), r.arn("cognito-idp", "userpool/"+id)
		}
	}
	return "", ""
}

// functionARN makes an ARN of a function's name, partial ARN or ARN.
func (r *Region) functionARN(name string) string {
	if name == "" || strings.HasPrefix(name, "arn:") {
		return name
	}
	name, _, _ = strings.Cut(name, ":")
	return r.arn("lambda", "function:"+name)
}

// busOf finds the bus of a PutEvents task: the entries name it.
func (r *Region) busOf(t task) string {
	entries, _ := t.params["Entries"].([]any)
	for _, e := range entries {
		m, _ := e.(map[string]any)
		name, _ := m["EventBusName"].(string)
		switch {
		case strings.HasPrefix(name, "arn:"):
			return name
		case name != "" && !strings.HasPrefix(name, "{%"):
			return r.arn("events", "event-bus/"+name)
		case m["EventBusName"] == nil && m["EventBusName.$"] == nil:
			return r.arn("events", "event-bus/default")
		}
	}
	return ""
}

// integratedClass is the class of what a service's tasks work on.
var integratedClass = map[string]graph.Class{
	"lambda": graph.Function, "dynamodb": graph.Table, "sqs": graph.Queue, "sns": graph.Topic, "events": graph.EventBus, "eventbridge": graph.EventBus,
	"kinesis": graph.Stream, "firehose": graph.DeliveryStream, "s3": graph.Bucket, "states": graph.StateMachine, "sfn": graph.StateMachine,
	"secretsmanager": graph.Secret, "ssm": graph.Parameter,
}

// computed is the confidence of a task whose target is only known at run time.
const computed = 0.5

// dynamicTask is a task whose target is an expression: the service and the action are
// known, the resource is whatever the role lets it be.
type dynamicTask struct {
	region *Region
	node   *graph.Node
	role   string
	class  graph.Class
	kind   graph.FlowKind
	task   task
}

// dynamic remembers a task without a literal target.
func (r *Region) dynamic(n *graph.Node, role string, t task) {
	m := integration.FindStringSubmatch(t.resource)
	if m == nil || role == "" {
		return
	}
	service := strings.ToLower(m[2])
	class, ok := integratedClass[service]
	if !ok {
		return
	}
	kind := accesses[class].writeKind
	if kind == "" {
		kind = accesses[class].unsure
	}
	r.dynamics = append(r.dynamics, dynamicTask{r, n, role, class, writeKind(m[3], kind), t})
}

// inferDynamic draws the tasks with computed targets to the resources of their class
// that the role's policies name exactly.
func (b *Builder) inferDynamic(role func(string) *roleReach) {
	for _, d := range b.dynamics {
		reach := role(d.role)
		for _, n := range slices.SortedFunc(maps.Keys(reach.named), func(a, c *graph.Node) int { return strings.Compare(string(a.ID), string(c.ID)) }) {
			if n.Class != d.class {
				continue
			}
			for _, e := range []graph.Evidence{
				{
					Source: graph.From("stepfunctions:DescribeStateMachine", "definition "+d.task.state),
					Detail: d.task.resource + " on a target computed at run time", Kind: byConfiguration, Confidence: computed,
				},
				reach.named[n],
			} {
				d.region.addFlow(d.kind, string(d.node.ID), string(n.ID), d.task.state, e)
			}
		}
	}
}
