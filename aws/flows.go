package aws

import (
	"fmt"
	"net"
	"net/url"
	"regexp"
	"strings"

	"github.com/flowdeed/flowdeed/graph"
)

// Evidence kinds: pieces of the same kind are not independent of each other.
const (
	byConfiguration = "configuration"
	byEnvironment   = "environment"
	byPermission    = "permission"
	byNetwork       = "network"
)

// configured is the confidence of a flow that configuration states.
const configured = 0.99

// pendingFlow is a flow whose ends are still names, addresses or ARNs.
type pendingFlow struct {
	from, to reference
	flow     graph.Flow
}

// reference is how configuration names a node, and from where.
type reference struct {
	text            string
	account, region string // of the node that refers, for names without either
}

// flow adds a configured flow. from and to are node ids, ARNs, names or addresses;
// they are resolved when all nodes are known, and what stays unresolved becomes an
// external node.
func (r *Region) flow(kind graph.FlowKind, from, to, via string, source graph.Source, detail string) *graph.Flow {
	return r.addFlow(kind, from, to, via, graph.Evidence{Source: source, Detail: detail, Kind: byConfiguration, Confidence: configured})
}

// addFlow adds a flow with any evidence.
func (r *Region) addFlow(kind graph.FlowKind, from, to, via string, e graph.Evidence) *graph.Flow {
	p := &pendingFlow{
		from: reference{from, r.Account, r.Region}, to: reference{to, r.Account, r.Region},
		flow: graph.Flow{Kind: kind, Via: via, Layers: graph.Possible, Evidence: []graph.Evidence{e}},
	}
	r.pending = append(r.pending, p)
	return &p.flow
}

// resolve finds the node a reference means: by id, by canonical ARN, by an alias that
// is unique in the account and region, then in the account. It returns nil when
// nothing or more than one thing matches.
func (b *Builder) resolve(r reference) *graph.Node {
	if n := b.sys.Graph.Node(graph.ID(r.text)); n != nil {
		return n
	}
	text := canonicalARN(r.text)
	if n := b.sys.Graph.Node(graph.ID(text)); n != nil {
		return n
	}
	for _, by := range []func(reference) *graph.Node{b.queueByURL, b.bucketByURL, b.bucketByPoint, b.functionByPart} {
		if n := by(r); n != nil {
			return n
		}
	}
	for _, t := range []string{text, strings.TrimSuffix(strings.ToLower(r.text), "/"), hostOf(r.text)} {
		if n := b.unique(t, r); n != nil {
			return n
		}
	}
	return nil
}

// queueURL is the path of a queue's address, whatever host answers for it.
// Source: Amazon SQS Developer Guide, "Amazon SQS queue and message identifiers".
var queueURL = regexp.MustCompile(`^https?://[^/]+/([0-9]{12})/([A-Za-z0-9_-]+(?:\.fifo)?)$`)

var regionInHost = regexp.MustCompile(`[a-z]{2}(?:-[a-z]+)+-[0-9]`)

// queueByURL finds a queue by account and name in its address. The same queue has
// several host names (sqs.REGION, REGION.queue, a private endpoint).
func (b *Builder) queueByURL(r reference) *graph.Node {
	m := queueURL.FindStringSubmatch(r.text)
	if m == nil {
		return nil
	}
	region := orElse(regionInHost.FindString(hostOf(r.text)), r.region)
	for _, n := range b.index.aliases[inAccount{m[1], m[2]}] {
		if n.Class == graph.Queue && n.Region == region {
			return n
		}
	}
	return nil
}

// queueARN makes the ARN of a queue's address on an AWS host, so that a queue nobody
// scanned is the same node however it is named. Other references stay as they are.
func queueARN(r reference) string {
	m, host := queueURL.FindStringSubmatch(r.text), hostOf(r.text)
	if m == nil || !strings.Contains(host, ".amazonaws.com") {
		return r.text
	}
	partition := "aws"
	if strings.HasSuffix(host, ".cn") {
		partition = "aws-cn"
	}
	return ARN{partition, "sqs", orElse(regionInHost.FindString(host), r.region), m[1], m[2]}.String()
}

// hostOf returns the host name of an address, without port, or "".
func hostOf(s string) string {
	if u, err := url.Parse(s); err == nil && u.Host != "" {
		return strings.ToLower(u.Hostname())
	}
	if h, _, err := net.SplitHostPort(s); err == nil && strings.Contains(h, ".") {
		return strings.ToLower(h)
	}
	return ""
}

func (b *Builder) resolveFlows() {
	for _, p := range b.pending {
		from, to := b.end(p.from), b.end(p.to)
		if from == nil || to == nil || from == to {
			continue
		}
		f := p.flow
		f.From, f.To = from.ID, to.ID
		if from.Account != "" && to.Account != "" {
			graph.CrossAcct.Set(&f.Facts, from.Account != to.Account, "ends of the flow")
		}
		if placed(from) && placed(to) {
			graph.CrossReg.Set(&f.Facts, from.Region != to.Region, "ends of the flow")
		}
		if t := graph.InTransit.Get(&f.Facts); !t.Known && t.Why == "nothing was read about it" {
			verdict, why := defaultTransit(&f, from, to)
			if verdict == graph.TransitUnknown {
				graph.InTransit.Unknown(&f.Facts, why, "")
			} else {
				graph.InTransit.SetNote(&f.Facts, verdict, why, "decision table of the collection catalogue")
			}
		}
		b.sys.Graph.AddFlow(f)
	}
}

func placed(n *graph.Node) bool { return n.Region != "" && n.Region != GlobalRegion && !n.External }

// end resolves one end of a flow, or makes an external node of it.
func (b *Builder) end(r reference) *graph.Node {
	if r.text == "" {
		return nil
	}
	if n := b.resolve(r); n != nil {
		return n
	}
	n := external(r)
	if n == nil {
		return nil
	}
	have := b.sys.Graph.AddNode(*n)
	return have
}

var accountID = regexp.MustCompile(`^[0-9]{12}$`)

// external describes what a reference that names no scanned resource points at.
func external(r reference) *graph.Node {
	r.text = queueARN(r)
	switch t := r.text; {
	case t == string(graph.Internet):
		return &graph.Node{ID: graph.Internet, Class: graph.InternetClass, Kind: "internet", Type: "Internet", Name: "Internet", External: true}
	case t == string(graph.Schedule):
		return &graph.Node{ID: graph.Schedule, Class: graph.ScheduleClass, Kind: "time.schedule", Type: "Time", Name: "Schedule", External: true}
	case accountID.MatchString(t):
		return &graph.Node{ID: graph.ID("account:" + t), Class: graph.ExternalAccount, Kind: "account", Type: "AWS::Account", Name: t, Account: t, External: true}
	case strings.HasPrefix(t, "external:"):
		return externalEndpoint(strings.TrimPrefix(t, "external:"))
	case strings.Contains(t, "://"):
		return externalEndpoint(t)
	}
	if a, ok := parseARN(canonicalARN(r.text)); ok {
		class, kind, typ := guessClass(a)
		return &graph.Node{ID: graph.ID(a.String()), Class: class, Kind: kind, Type: typ, Name: shortName(a.Resource), Account: a.Account, Region: a.Region, External: true}
	}
	return nil
}

func externalEndpoint(address string) *graph.Node {
	name := address
	if u, err := url.Parse(address); err == nil && u.Host != "" {
		name = u.Host
	}
	return &graph.Node{
		ID: graph.ID("external:" + address), Class: graph.ExternalEndpoint, Kind: "external.endpoint", Type: "External::Endpoint",
		Name: name, External: true, Aliases: []string{address},
	}
}

func shortName(resource string) string {
	i := strings.LastIndexAny(resource, "/:")
	if i >= 0 && i < len(resource)-1 {
		return resource[i+1:]
	}
	return resource
}

// kindRow names the node kind behind an ARN of a service.
type kindRow struct {
	service, prefix string
	class           graph.Class
	kind, typ       string
}

// arnKinds is read in order; the first row that fits wins.
var arnKinds = []kindRow{
	{"lambda", "function:", graph.Function, "lambda.function", "AWS::Lambda::Function"},
	{"lambda", "layer:", graph.FunctionLayer, "lambda.layer", "AWS::Lambda::LayerVersion"},
	{"sqs", "", graph.Queue, "sqs.queue", "AWS::SQS::Queue"},
	{"sns", "", graph.Topic, "sns.topic", "AWS::SNS::Topic"},
	{"events", "event-bus/", graph.EventBus, "events.bus", "AWS::Events::EventBus"},
	{"events", "rule/", graph.EventRule, "events.rule", "AWS::Events::Rule"},
	{"events", "archive/", graph.Archive, "events.archive", "AWS::Events::Archive"},
	{"events", "api-destination/", graph.ExternalEndpoint, "events.api_destination", "AWS::Events::ApiDestination"},
	{"states", "", graph.StateMachine, "states.state_machine", "AWS::StepFunctions::StateMachine"},
	{"s3", "", graph.Bucket, "s3.bucket", "AWS::S3::Bucket"},
	{"dynamodb", "table/", graph.Table, "dynamodb.table", "AWS::DynamoDB::Table"},
	{"kinesis", "", graph.Stream, "kinesis.stream", "AWS::Kinesis::Stream"},
	{"kafka", "", graph.Stream, "kafka.cluster", "AWS::MSK::Cluster"},
	{"firehose", "", graph.DeliveryStream, "firehose.delivery_stream", "AWS::KinesisFirehose::DeliveryStream"},
	{"kms", "", graph.EncryptionKey, "kms.key", "AWS::KMS::Key"},
	{"secretsmanager", "", graph.Secret, "secretsmanager.secret", "AWS::SecretsManager::Secret"},
	{"ssm", "", graph.Parameter, "ssm.parameter", "AWS::SSM::Parameter"},
	{"rds", "db-proxy:", graph.DatabaseProxy, "rds.proxy", "AWS::RDS::DBProxy"},
	{"rds", "cluster:", graph.Database, "rds.cluster", "AWS::RDS::DBCluster"},
	{"rds", "", graph.Database, "rds.instance", "AWS::RDS::DBInstance"},
	{"elasticache", "", graph.Cache, "elasticache.replication_group", "AWS::ElastiCache::ReplicationGroup"},
	{"es", "", graph.Search, "opensearch.domain", "AWS::OpenSearchService::Domain"},
	{"logs", "destination:", graph.Stream, "logs.destination", "AWS::Logs::Destination"},
	{"logs", "", graph.LogGroup, "logs.group", "AWS::Logs::LogGroup"},
	{"iam", "", graph.Principal, "iam.role", "AWS::IAM::Role"},
	{"cognito-idp", "", graph.UserPool, "cognito.user_pool", "AWS::Cognito::UserPool"},
	{"elasticfilesystem", "", graph.FileSystem, "efs.file_system", "AWS::EFS::FileSystem"},
	{"execute-api", "", graph.API, "apigateway.rest_api", "AWS::ApiGateway::RestApi"},
	{"apigateway", "", graph.API, "apigateway.rest_api", "AWS::ApiGateway::RestApi"},
	{"appsync", "", graph.GraphQLAPI, "appsync.api", "AWS::AppSync::GraphQLApi"},
	{"ecs", "", graph.ContainerService, "ecs.service", "AWS::ECS::Service"},
	{"ecr", "", graph.Image, "ecr.repository", "AWS::ECR::Repository"},
	{"pipes", "", graph.Pipe, "pipes.pipe", "AWS::Pipes::Pipe"},
	{"glue", "job/", graph.ETLJob, "glue.job", "AWS::Glue::Job"},
	{"glue", "", graph.Catalog, "glue.database", "AWS::Glue::Database"},
	{"redshift", "", graph.Database, "redshift.cluster", "AWS::Redshift::Cluster"},
	{"batch", "", graph.ContainerService, "batch.job_queue", "AWS::Batch::JobQueue"},
}

func guessClass(a ARN) (graph.Class, string, string) {
	for _, k := range arnKinds {
		if a.Service == k.service && strings.HasPrefix(a.Resource, k.prefix) {
			return k.class, k.kind, k.typ
		}
	}
	return graph.ExternalEndpoint, "aws." + a.Service, fmt.Sprintf("AWS::%s", a.Service)
}

// defaultTransit is the decision table for encryption in transit, for flows on which
// the service file said nothing. Source: collection catalogue, "Encryption in
// transit: decision by edge".
func defaultTransit(f *graph.Flow, from, to *graph.Node) (graph.Transit, string) {
	if !f.Kind.Carries() {
		return graph.TransitInternal, "a relation, no data moves"
	}
	if addr := addressOf(to); addr != "" {
		return byScheme(addr)
	}
	switch f.Kind {
	case graph.Exposes:
		switch from.Class {
		case graph.InternetClass:
			return graph.TransitEnforced, "the service answers HTTPS only"
		}
		return graph.TransitUnknown, "no evidence on the client leg"
	case graph.Reads, graph.Writes, graph.Accesses, graph.Publishes, graph.Invokes:
		return clientTransit(to)
	}
	return graph.TransitInternal, "service to service inside AWS, not configurable"
}

func addressOf(n *graph.Node) string {
	if n.Class != graph.ExternalEndpoint {
		return ""
	}
	a, ok := strings.CutPrefix(string(n.ID), "external:")
	if !ok {
		return "" // an AWS resource outside the map, or an API destination: no address
	}
	return a
}

// clientTransit is the verdict for a client that calls this node.
func clientTransit(to *graph.Node) (graph.Transit, string) {
	switch to.Class {
	case graph.Database, graph.DatabaseProxy, graph.Cache, graph.Search, graph.FileSystem:
		t := graph.ClientTransit.Get(&to.Facts)
		if t.Known {
			return t.V, "TLS setting of the store"
		}
		return graph.TransitUnknown, t.Why
	case graph.Bucket, graph.Queue, graph.Topic:
		t := graph.TLSRequired.Get(&to.Facts)
		switch {
		case !t.Known:
			return graph.TransitUnknown, t.Why
		case t.V:
			return graph.TransitEnforced, "the resource policy refuses requests without TLS"
		}
		return graph.TransitOffered, "the endpoint answers plain HTTP too; SDKs use TLS"
	case graph.ExternalAccount:
		return graph.TransitUnknown, "the other account was not scanned"
	}
	return graph.TransitEnforced, "AWS API endpoint, TLS 1.2 or later only"
}

// byScheme is the verdict on an address by its scheme.
func byScheme(address string) (graph.Transit, string) {
	scheme, _, ok := strings.Cut(address, "://")
	if !ok {
		return graph.TransitUnknown, "the address names no scheme"
	}
	switch strings.ToLower(scheme) {
	case "https", "wss", "ftps", "sftp", "ssh", "rediss", "amqps", "ldaps", "smtps", "imaps", "mqtts", "ssl", "tls", "jdbc+ssl":
		return graph.TransitEnforced, "scheme " + scheme
	case "http", "ws", "ftp", "redis", "amqp", "ldap", "smtp", "telnet", "mqtt", "memcached":
		return graph.TransitPlain, "scheme " + scheme
	}
	return graph.TransitUnknown, "scheme " + scheme + " says nothing about TLS"
}
