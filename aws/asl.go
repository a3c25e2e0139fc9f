package aws

import (
	"maps"
	"slices"
	"strings"

	"github.com/flowdeed/flowdeed/graph"
)

// task is a Task state of a workflow: what it calls and with which parameters.
type task struct {
	state    string         // path of names: "Map/Charge"
	resource string         // "arn:aws:states:::dynamodb:putItem" or a function's ARN
	params   map[string]any // Parameters (JSONPath) or Arguments (JSONata)
	role     string         // role assumed for this task instead of the workflow's own
	store    bool           // where a distributed map reads its items or writes its results
	handed   handed
}

// maxNesting bounds how deep parallel and map states are followed.
const maxNesting = 64

// tasksOf collects what the states of a definition call, in nested branches too: the
// Task states, and the stores a distributed map reads from and writes to.
// Source: Amazon States Language specification, "States Structure".
func tasksOf(doc any) []task {
	var out []task
	walkStates(doc, "", 0, func(name string, s map[string]any) {
		switch s["Type"] {
		case "Task":
			out = append(out, taskOf(name, s))
		case "Map":
			// A distributed map reads its items from a store and may write its results to one.
			for _, k := range []string{"ItemReader", "ResultWriter"} {
				if m, ok := s[k].(map[string]any); ok {
					t := taskOf(name+"/"+k, m)
					t.store = true
					out = append(out, t)
				}
			}
		}
	})
	return out
}

func taskOf(name string, s map[string]any) task {
	t := task{state: name, params: map[string]any{}, handed: handedTo(s)}
	t.resource, _ = s["Resource"].(string)
	for _, k := range []string{"Parameters", "Arguments"} {
		if m, ok := s[k].(map[string]any); ok {
			maps.Copy(t.params, m)
		}
	}
	if c, ok := s["Credentials"].(map[string]any); ok {
		t.role = literal(c["RoleArn"])
	}
	return t
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
func (t task) param(names ...string) string {
	for _, n := range names {
		for _, k := range []string{n, strings.ToLower(n[:1]) + n[1:]} {
			if v := literal(t.params[k]); v != "" {
				return v
			}
		}
	}
	return ""
}

// within returns a literal string of an object among the parameters.
func (t task) within(object, name string) string {
	m, _ := t.params[object].(map[string]any)
	return literal(m[name])
}

// literal returns a string that is no expression. Values computed at run time
// ("Name.$", "{% ... %}", "$.path") are none.
func literal(v any) string {
	s, _ := v.(string)
	if strings.HasPrefix(s, "{%") || strings.HasPrefix(s, "$") {
		return ""
	}
	return s
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
