package aws

import (
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/flowdeed/flowdeed/graph"
)

// integration is the form of a service integration's resource.
// Source: AWS Step Functions Developer Guide, "Integrating services with Step Functions".
var integration = regexp.MustCompile(`^arn:aws[a-z-]*:states:[a-z0-9-]*:[0-9]*:(?:(aws-sdk):)?([A-Za-z0-9-]+):([A-Za-z0-9]+)(?:\.[A-Za-z]+)?(?::\d+)?$`)

// aim is one thing a task does to one resource.
type aim struct {
	kind   graph.FlowKind
	target string
}

// aims finds what a task works on, as far as its parameters say so literally. A
// target computed at run time is not invented.
func (r *Region) aims(t task) []aim {
	m := integration.FindStringSubmatch(t.resource)
	if m == nil {
		if strings.Contains(t.resource, ":function:") {
			return []aim{{graph.Invokes, t.resource}}
		}
		return nil // an activity, or an expression
	}
	return slices.DeleteFunc(r.integrated(strings.ToLower(m[2]), m[3], t), func(a aim) bool { return a.target == "" })
}

// manyAtOnce are the prefixes of actions that do the same to several items, or with
// more rights; the verb stands behind them.
var manyAtOnce = regexp.MustCompile(`^(?i:batch|transact|admin)`)

// actionKind is the kind of flow for an action of a service.
func actionKind(action string, write graph.FlowKind) graph.FlowKind {
	return writeKind(manyAtOnce.ReplaceAllString(action, ""), write)
}

// integrated resolves the targets of a service integration by its parameters.
func (r *Region) integrated(service, action string, t task) []aim {
	one := func(kind graph.FlowKind, target string) []aim { return []aim{{kind, target}} }
	switch service {
	case "lambda":
		return one(graph.Invokes, r.functionARN(t.param("FunctionName")))
	case "states", "sfn":
		return one(graph.Invokes, t.param("StateMachineArn"))
	case "dynamodb":
		return r.tableAims(action, t)
	case "s3":
		return r.bucketAims(action, t)
	case "sqs":
		return one(actionKind(action, graph.Publishes), t.param("QueueUrl"))
	case "sns":
		return one(graph.Publishes, t.param("TopicArn", "TargetArn"))
	case "events", "eventbridge":
		return r.busAims(t)
	case "kinesis":
		return one(actionKind(action, graph.Publishes), orElse(t.param("StreamARN"), r.named("kinesis", "stream/", t.param("StreamName"))))
	case "firehose":
		return one(graph.Publishes, r.named("firehose", "deliverystream/", t.param("DeliveryStreamName")))
	case "http", "apigateway":
		return []aim{{graph.Invokes, httpsAddress(t.param("ApiEndpoint"))}, {graph.UsesSecret, r.connectionSecret(orElse(t.within("Authentication", "ConnectionArn"), t.within("InvocationConfig", "ConnectionArn")))}}
	}
	return r.integratedFurther(service, action, t)
}

// integratedFurther are the services that keep no messages: secrets, jobs, queries, models.
func (r *Region) integratedFurther(service, action string, t task) []aim {
	one := func(kind graph.FlowKind, target string) []aim { return []aim{{kind, target}} }
	switch service {
	case "secretsmanager":
		return one(graph.UsesSecret, t.param("SecretId"))
	case "ssm":
		return r.parameterAims(t)
	case "glue":
		return one(graph.Invokes, r.named("glue", "job/", t.param("JobName")))
	case "athena":
		return one(graph.Invokes, r.named("athena", "workgroup/", t.param("WorkGroup")))
	case "ecs":
		return one(graph.Invokes, r.named("ecs", "task-definition/", t.param("TaskDefinition")))
	case "batch":
		return one(graph.Invokes, r.named("batch", "job-queue/", t.param("JobQueue")))
	case "rdsdata":
		return []aim{{graph.Accesses, t.param("ResourceArn")}, {graph.UsesSecret, t.param("SecretArn")}}
	case "redshiftdata":
		return one(graph.UsesSecret, t.param("SecretArn"))
	case "bedrock", "bedrockruntime":
		if id := t.param("ModelId"); id != "" && !strings.HasPrefix(id, "arn:") {
			return one(graph.Invokes, ARN{r.Partition, "bedrock", r.Region, "", "foundation-model/" + id}.String())
		}
		return one(graph.Invokes, t.param("ModelId"))
	case "cognitoidentityprovider":
		if id := t.param("UserPoolId"); id != "" {
			return one(actionKind(action, graph.Writes), r.arn("cognito-idp", "userpool/"+id))
		}
	}
	return nil
}

// named makes an ARN of a name; ARNs and addresses stay as they are.
func (r *Region) named(service, prefix, name string) string {
	if name == "" || strings.HasPrefix(name, "arn:") || strings.Contains(name, "://") {
		return name
	}
	return r.arn(service, prefix+name)
}

// httpsAddress completes a host name that stands for an HTTPS address.
func httpsAddress(host string) string {
	if host == "" || strings.Contains(host, "://") || strings.HasPrefix(host, "arn:") {
		return host
	}
	return "https://" + host
}

// functionARN makes an ARN of a function's name, partial ARN or ARN.
// Source: AWS Lambda API Reference, "Invoke", parameter FunctionName.
func (r *Region) functionARN(name string) string {
	if name == "" || strings.HasPrefix(name, "arn:") {
		return name
	}
	account := r.Account
	if a, rest, ok := strings.Cut(name, ":function:"); ok {
		account, name = a, rest
	}
	name, _, _ = strings.Cut(name, ":")
	return ARN{r.Partition, "lambda", r.Region, account, "function:" + name}.String()
}

// partiQL finds the table of a PartiQL statement; its first word is the verb.
var partiQL = regexp.MustCompile(`(?is)^\s*(select|insert|update|delete)\b.*?(?:\bfrom|\binto|\bupdate)\s+["']?([A-Za-z0-9_.-]{3,255})|^\s*(update)\s+["']?([A-Za-z0-9_.-]{3,255})`)

// tableAims finds the tables of an action on one table, on several, or by statement.
func (r *Region) tableAims(action string, t task) []aim {
	kind := actionKind(action, graph.Writes)
	var out []aim
	add := func(k graph.FlowKind, name string) {
		if name != "" {
			out = append(out, aim{k, r.named("dynamodb", "table/", name)})
		}
	}
	add(kind, t.param("TableName"))
	items, _ := t.params["RequestItems"].(map[string]any)
	for _, name := range slices.Sorted(maps.Keys(items)) {
		add(kind, strings.TrimSuffix(name, ".$"))
	}
	list, _ := t.params["TransactItems"].([]any)
	for _, item := range list {
		ops, _ := item.(map[string]any)
		for _, op := range slices.Sorted(maps.Keys(ops)) {
			m, _ := ops[op].(map[string]any)
			add(kind, literal(m["TableName"]))
		}
	}
	for _, statement := range append(t.statements(), t.param("Statement")) {
		if m := partiQL.FindStringSubmatch(statement); m != nil {
			k := graph.Writes
			if strings.EqualFold(m[1], "select") {
				k = graph.Reads
			}
			add(k, m[2]+m[4])
		}
	}
	return once(out)
}

// statements are the PartiQL statements of a batch or a transaction.
func (t task) statements() []string {
	var out []string
	for _, k := range []string{"Statements", "TransactStatements"} {
		list, _ := t.params[k].([]any)
		for _, item := range list {
			m, _ := item.(map[string]any)
			out = append(out, literal(m["Statement"]))
		}
	}
	return out
}

func (r *Region) bucketAims(action string, t task) []aim {
	bucket := func(name string) string {
		if name == "" || strings.HasPrefix(name, "arn:") {
			return name
		}
		return ARN{r.Partition, "s3", "", "", name}.String()
	}
	out := []aim{{actionKind(action, graph.Writes), bucket(t.param("Bucket"))}}
	if source, _, ok := strings.Cut(strings.TrimPrefix(t.param("CopySource"), "/"), "/"); ok && !strings.Contains(source, "{") {
		out = append(out, aim{graph.Reads, bucket(source)})
	}
	return out
}

// busAims finds the buses of a PutEvents task: each entry names its own.
func (r *Region) busAims(t task) []aim {
	entries, _ := t.params["Entries"].([]any)
	var out []aim
	for _, e := range entries {
		m, ok := e.(map[string]any)
		if !ok {
			continue // the entry is an expression
		}
		name := literal(m["EventBusName"])
		if m["EventBusName"] == nil && m["EventBusName.$"] == nil {
			name = "default"
		}
		out = append(out, aim{graph.Publishes, r.named("events", "event-bus/", name)})
	}
	return once(out)
}

func (r *Region) parameterAims(t task) []aim {
	list, _ := t.params["Names"].([]any)
	names := []string{t.param("Name")}
	for _, n := range list {
		names = append(names, literal(n))
	}
	var out []aim
	for _, n := range names {
		out = append(out, aim{graph.UsesSecret, r.named("ssm", "parameter/", strings.TrimPrefix(n, "/"))})
	}
	return once(out)
}

// connectionSecret is the secret behind an EventBridge connection. It looks at what
// was read of the connections of its account, in all Regions.
func (b *Builder) connectionSecret(arn string) string {
	a, ok := parseARN(arn)
	if !ok {
		return ""
	}
	for _, r := range b.index.regions[inAccount{a.Account, eventsName}] {
		for _, a := range r.each("DescribeConnection") {
			d := decode[struct{ ConnectionArn, SecretArn string }](a)
			if d.ConnectionArn == arn {
				return d.SecretArn
			}
		}
	}
	return ""
}

const eventsName = "events"
