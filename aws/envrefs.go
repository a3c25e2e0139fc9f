package aws

import (
	"net/netip"
	"regexp"
	"slices"
	"strings"

	"github.com/flowdeed/flowdeed/graph"
)

// What the value of a variable points at. A value that only equals a name proves
// little: "production" may be a stage and a bucket. It counts when the name of the
// variable, the way the service is called, or the role's own policies agree.

// hints are words in the name of a variable that say which class its value names.
var hints = []struct {
	word  string
	class graph.Class
}{
	{"TABLE", graph.Table}, {"DYNAMO", graph.Table}, {"DDB", graph.Table}, {"BUCKET", graph.Bucket}, {"S3", graph.Bucket},
	{"QUEUE", graph.Queue}, {"SQS", graph.Queue}, {"DLQ", graph.Queue}, {"TOPIC", graph.Topic}, {"SNS", graph.Topic}, {"BUS", graph.EventBus},
	{"EVENTBRIDGE", graph.EventBus}, {"STREAM", graph.Stream}, {"KINESIS", graph.Stream}, {"STREAM", graph.DeliveryStream}, {"DELIVERY", graph.DeliveryStream},
	{"FIREHOSE", graph.DeliveryStream}, {"SECRET", graph.Secret}, {"CREDENTIAL", graph.Secret}, {"PARAM", graph.Parameter}, {"SSM", graph.Parameter},
	{"FUNCTION", graph.Function}, {"LAMBDA", graph.Function}, {"STATE_MACHINE", graph.StateMachine}, {"STATEMACHINE", graph.StateMachine}, {"WORKFLOW", graph.StateMachine},
	{"POOL", graph.UserPool}, {"CLUSTER", graph.Database}, {"INSTANCE", graph.Database}, {"DATABASE_ID", graph.Database}, {"DB_ID", graph.Database},
	{"CACHE", graph.Cache}, {"REDIS", graph.Cache}, {"WORKGROUP", graph.QueryWorkgroup}, {"WORK_GROUP", graph.QueryWorkgroup}, {"LOG_GROUP", graph.LogGroup}, {"LOGGROUP", graph.LogGroup}, {"KEY", graph.EncryptionKey}, {"KMS", graph.EncryptionKey},
	{"GLUE", graph.Catalog}, {"CATALOG", graph.Catalog}, {"API", graph.API}, {"GRAPHQL", graph.GraphQLAPI}, {"APPSYNC", graph.GraphQLAPI}, {"DOMAIN", graph.Search}, {"SEARCH", graph.Search},
}

// hinted tells whether the name of a variable says that its value names a class.
func hinted(variable string, class graph.Class) bool {
	up := strings.ToUpper(camelHump.ReplaceAllString(variable, "${1}_${2}"))
	for _, h := range hints {
		if h.class == class && strings.Contains(up, h.word) {
			return true
		}
	}
	return false
}

// notByName are the classes that no SDK call takes by their bare name: databases are
// reached by host name, topics and workflows by ARN. Sources: Amazon SNS API
// Reference, "Publish"; AWS Step Functions API Reference, "StartExecution"; Amazon RDS
// User Guide, "Finding the connection information for a DB instance".
var notByName = []graph.Class{graph.Topic, graph.StateMachine, graph.Database, graph.DatabaseProxy, graph.Cache, graph.Search, graph.FileSystem, graph.LoadBalancer, graph.CDN, graph.API, graph.GraphQLAPI, graph.QueryWorkgroup, graph.LogGroup, graph.Catalog}

// oneWord is a name that a stage, a feature or a service may have as well.
var oneWord = regexp.MustCompile(`^[A-Za-z]+$`)

// nameConfidence is how sure a value that equals the name of a node means it.
func nameConfidence(variable, value string, n *graph.Node, named bool) float64 {
	generated := value != n.Name // an id the service made up, such as that of a user pool
	switch {
	case hinted(variable, n.Class), named, generated && len(value) > 5:
		return envName
	case slices.Contains(notByName, n.Class), oneWord.MatchString(value), len(value) <= 5:
		return envShortName
	}
	return envName
}

// inReach tells whether a bare name in a variable can mean a node: SDK clients look in
// their own account and region; the names of buckets are known everywhere.
func inReach(at reference, n *graph.Node) bool {
	if n.Class == graph.Bucket || n.Region == GlobalRegion {
		return n.Account == at.account
	}
	return n.Account == at.account && n.Region == at.region
}

// notCalled are words in the name of a variable whose address is compared, shown or
// looked up, and not sent data: allowed origins, issuers of tokens, schemas, pages.
var notCalled = []string{"ORIGIN", "ORIGINS", "CORS", "ISSUER", "ISS", "AUDIENCE", "AUD", "SCHEMA", "XMLNS", "NAMESPACE", "DOC", "DOCS", "DOCUMENTATION", "LICENSE", "REFERER", "LOGO", "ICON"}

func isCalled(variable string) bool {
	up := strings.ToUpper(camelHump.ReplaceAllString(variable, "${1}_${2}"))
	return !slices.ContainsFunc(strings.FieldsFunc(up, func(r rune) bool { return r == '_' || r == '-' || r == '.' }), func(w string) bool { return slices.Contains(notCalled, w) })
}

// outsideAddress makes a node of an address in a variable, unless it is an AWS API
// endpoint (then the service is called, no particular resource) or no endpoint at all.
func (b *Builder) outsideAddress(at reference, variable string) *graph.Node {
	if strings.HasPrefix(queueARN(at), "arn:") {
		return b.end(at)
	}
	scheme, _, ok := strings.Cut(at.text, "://")
	if !ok {
		return b.outsideHost(at, variable)
	}
	host := hostOf(at.text)
	if scheme == "arn" || scheme == "s3" || scheme == "file" || !isCalled(variable) || !isOutside(host) {
		return nil
	}
	return b.end(at)
}

// isOutside tells whether a host may belong to somebody else: no name or address of
// the machine itself, of its link or of a private network, no API of AWS.
func isOutside(host string) bool {
	if ip, err := netip.ParseAddr(host); err == nil {
		return ip.IsGlobalUnicast() && !ip.IsPrivate()
	}
	return strings.Contains(host, ".") && host != "localhost" && !isServiceEndpoint(host) && !strings.HasSuffix(host, ".local") && !strings.HasSuffix(host, ".localhost")
}

var hostVariable = regexp.MustCompile(`(?:^|_)(?:HOST|HOSTNAME|ENDPOINT|SERVER|SERVERS|BROKER|BROKERS)(?:$|_)`)

// outsideHost makes a node of a bare host name when the variable says that it is a
// host to connect to. Elsewhere a host name may be a domain, a mail domain, a bucket.
func (b *Builder) outsideHost(at reference, variable string) *graph.Node {
	up := strings.ToUpper(camelHump.ReplaceAllString(variable, "${1}_${2}"))
	host, _, _ := strings.Cut(at.text, ":")
	if !hostVariable.MatchString(up) || !hostPattern.MatchString(at.text) || !isOutside(host) || !isCalled(variable) {
		return nil
	}
	return b.end(reference{"external:" + at.text, at.account, at.region})
}

// isServiceEndpoint tells whether a host is the regional API of a service:
// sqs.eu-west-1.amazonaws.com, and not a resource of it.
func isServiceEndpoint(host string) bool {
	host = strings.TrimSuffix(host, ".cn")
	if rest, ok := strings.CutSuffix(host, ".api.aws"); ok {
		return strings.Count(rest, ".") <= 1
	}
	rest, ok := strings.CutSuffix(host, ".amazonaws.com")
	return ok && strings.Count(rest, ".") <= 1 && !strings.Contains(rest, "execute-api")
}

// outsideARN makes a node of an ARN in a variable when it names something data can be
// sent to: no role, policy, certificate or layer, and no pattern.
func (b *Builder) outsideARN(at reference) *graph.Node {
	a, ok := parseARN(canonicalARN(at.text))
	if !ok || strings.ContainsAny(at.text, "*?${}") {
		return nil
	}
	class, _, _ := guessClass(a)
	if _, ok := accesses[class]; !ok || class == graph.ExternalEndpoint && a.Service != "events" {
		return nil
	}
	return b.end(at)
}

var (
	// partialFunction is a function without the head of its ARN.
	partialFunction = regexp.MustCompile(`^(?:([0-9]{12}):)?function:([A-Za-z0-9_-]+)(?::[A-Za-z0-9$_-]+)?$`)
	// qualifiedName is a function's name with a version or an alias.
	qualifiedName = regexp.MustCompile(`^([A-Za-z0-9_-]+):([A-Za-z0-9$_-]+)$`)
	// bucketHost is the address of a bucket by host name. Source: Amazon S3 User
	// Guide, "Virtual hosting of general purpose buckets".
	bucketHost = regexp.MustCompile(`^([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])\.s3(?:-accelerate|-website)?(?:[.-](?:dualstack\.)?[a-z]{2}(?:-[a-z]+)+-[0-9]|\.dualstack)?\.amazonaws\.com(?:\.cn)?$`)
	// bucketPath is the host of addresses that name the bucket first in their path.
	bucketPath = regexp.MustCompile(`^s3(?:[.-](?:dualstack\.)?[a-z]{2}(?:-[a-z]+)+-[0-9])?\.amazonaws\.com(?:\.cn)?$`)
)

// functionByPart finds a function named by a part of its ARN.
// Source: AWS Lambda API Reference, "Invoke", parameter FunctionName.
func (b *Builder) functionByPart(r reference) *graph.Node {
	m := partialFunction.FindStringSubmatch(r.text)
	if m == nil {
		return nil
	}
	for _, n := range b.index.aliases[inAccount{orElse(m[1], r.account), m[2]}] {
		if n.Class == graph.Function && n.Region == r.region {
			return n
		}
	}
	return nil
}

// bucketByURL finds a bucket by any of its addresses.
func (b *Builder) bucketByURL(r reference) *graph.Node {
	scheme, rest, ok := strings.Cut(r.text, "://")
	host, path, _ := strings.Cut(rest, "/")
	if !ok {
		scheme, host, path = "https", r.text, ""
	}
	host, _, _ = strings.Cut(strings.ToLower(host), ":")
	name := ""
	switch m := bucketHost.FindStringSubmatch(host); {
	case scheme == "s3" || scheme == "s3a" || scheme == "s3n":
		name = host
	case m != nil:
		name = m[1]
	case bucketPath.MatchString(host):
		name, _, _ = strings.Cut(path, "/")
	}
	if name == "" {
		return nil
	}
	return b.bucketNamed(name)
}

func (b *Builder) bucketNamed(name string) *graph.Node {
	for _, partition := range []string{"aws", "aws-cn", "aws-us-gov", "aws-eusc"} {
		if n := b.sys.Graph.Node(graph.ID(ARN{partition, "s3", "", "", name}.String())); n != nil {
			return n
		}
	}
	return nil
}
