// Package graph is the data-flow graph: typed nodes, typed flows and the facts
// known about each of them. It knows nothing of AWS calls and nothing of the GDPR.
//
// A Model is built once, by one goroutine, and is read-only after Freeze. The
// zero value of every fact is "not known": a fact nobody set is never good news.
//
// Two words are used as in program analysis. A flow set is sound when it holds
// every flow that can happen; it is precise when it holds few that cannot.
// The model aims at soundness for configured flows and says, by confidence and
// evidence, how precise an inferred one is.
package graph

// ID names a node: the ARN where AWS gives one, otherwise a stable name such as
// "internet" or "external:https://api.example.com/v1".
type ID string

// Internet is the node that stands for anybody on the internet.
const Internet ID = "internet"

// Schedule is the node that stands for the passing of time: what starts a rule or
// a schedule that no event triggers.
const Schedule ID = "schedule"

// Class says what a node is, in the vocabulary that controls and drawings use.
type Class string

// The classes of nodes.
const (
	Function         Class = "function"
	FunctionLayer    Class = "layer"
	Image            Class = "image"
	ContainerService Class = "container-service"
	Instance         Class = "instance"
	ETLJob           Class = "etl-job"
	StateMachine     Class = "state-machine"
	API              Class = "api"
	GraphQLAPI       Class = "graphql-api"
	LoadBalancer     Class = "lb"
	CDN              Class = "cdn"
	EventRule        Class = "event-rule"
	ScheduleClass    Class = "schedule"
	Pipe             Class = "pipe"
	Queue            Class = "queue"
	Topic            Class = "topic"
	EventBus         Class = "event-bus"
	Stream           Class = "stream"
	DeliveryStream   Class = "delivery-stream"
	Archive          Class = "archive"
	Bucket           Class = "bucket"
	Table            Class = "table"
	Database         Class = "database"
	DatabaseProxy    Class = "db-proxy"
	Cache            Class = "cache"
	Search           Class = "search"
	FileSystem       Class = "filesystem"
	OtherStore       Class = "other-store"
	Catalog          Class = "catalog"
	QueryWorkgroup   Class = "query-workgroup"
	UserPool         Class = "user-pool"
	IdentityPool     Class = "identity-pool"
	LogGroup         Class = "log-group"
	Trail            Class = "trail"
	Snapshot         Class = "snapshot"
	Backup           Class = "backup"
	EncryptionKey    Class = "key"
	Secret           Class = "secret"
	Parameter        Class = "parameter"
	Certificate      Class = "certificate"
	Principal        Class = "principal"
	AccountClass     Class = "account"
	RegionClass      Class = "region"
	VPC              Class = "vpc"
	Subnet           Class = "subnet"
	SecurityGroup    Class = "security-group"
	VPCEndpoint      Class = "vpc-endpoint"
	InternetClass    Class = "internet"
	ExternalEndpoint Class = "external-endpoint"
	ExternalAccount  Class = "external-account"
)

// Role is the part a node plays in a data-flow diagram.
type Role string

// The roles: outside parties, processes, channels that carry, stores that keep,
// and what supports or holds the others and carries no data itself.
const (
	RoleExternal Role = "external"
	RoleProcess  Role = "process"
	RoleChannel  Role = "channel"
	RoleStore    Role = "store"
	RoleSupport  Role = "support"
	RolePlace    Role = "place"
)

var roles = map[Class]Role{
	Function: RoleProcess, ContainerService: RoleProcess, Instance: RoleProcess, ETLJob: RoleProcess,
	StateMachine: RoleProcess, API: RoleProcess, GraphQLAPI: RoleProcess, LoadBalancer: RoleProcess, CDN: RoleProcess,
	EventRule: RoleProcess, ScheduleClass: RoleProcess, Pipe: RoleProcess, DatabaseProxy: RoleProcess,
	Queue: RoleChannel, Topic: RoleChannel, EventBus: RoleChannel, Stream: RoleChannel, DeliveryStream: RoleChannel,
	Archive: RoleStore, Bucket: RoleStore, Table: RoleStore, Database: RoleStore, Cache: RoleStore, Search: RoleStore,
	FileSystem: RoleStore, OtherStore: RoleStore, Catalog: RoleStore, QueryWorkgroup: RoleProcess,
	UserPool: RoleStore, LogGroup: RoleStore, Snapshot: RoleStore, Backup: RoleStore, Trail: RoleProcess,
	InternetClass: RoleExternal, ExternalEndpoint: RoleExternal, ExternalAccount: RoleExternal,
	AccountClass: RolePlace, RegionClass: RolePlace, VPC: RolePlace, Subnet: RolePlace,
}

// Role returns the part a node of this class plays in a data-flow diagram.
func (c Class) Role() Role {
	if r, ok := roles[c]; ok {
		return r
	}
	return RoleSupport
}

// KeepsData tells whether data stays in a node of this class, for good or until it
// is consumed: stores, and the channels that buffer (queues, streams, topics, buses).
func (c Class) KeepsData() bool {
	r := c.Role()
	return r == RoleStore || r == RoleChannel
}

// Node is one thing in the graph.
type Node struct {
	ID    ID
	Class Class
	Kind  string // dotted form that annotations match on: "sqs.queue"
	Type  string // CloudFormation type name: "AWS::SQS::Queue"
	Name  string // short name a person would use

	Account string // 12 digits, empty when not known
	Region  string // "eu-west-1", "global", empty when not known
	Stack   string // CloudFormation stack, from the tag the service sets
	Logical string // logical id in that stack

	Tags  map[string]string
	Facts Facts

	// Aliases are the other strings by which configuration refers to this node:
	// its short name, URL, host name, id. They resolve references, nothing else.
	Aliases []string
	// Fields are the names of data fields the configuration reveals (key
	// attributes of a table, attributes of a user pool).
	Fields []Field
	// Names are what else configuration calls things by, and what may speak of the data
	// without being a field of what the node keeps: variables, paths, patterns.
	Names []Named
	// External is true for what was only seen from outside: an unresolved
	// reference, a recipient, another account's resource.
	External bool
}

// Field is the name of a data field that configuration reveals, with its source.
type Field struct {
	// Path is unique at a node. Where a field belongs to one of several data sets of a
	// bucket, the folder comes before it: "customers/**:email".
	Path string
	Type string
	// Record is the table, model or type the field is one of: fields of one record are
	// about one thing. Empty where the node has one kind of record.
	Record string
	// Name is what the record calls the field, where Path says more than that.
	Name string
	// Of says what kind of a field it is, in words: "column", "event field". Empty for a
	// field of the node's own schema.
	Of string
	// Comment is what a schema says beside the name, in a few words.
	Comment string
	Source  Source
}

// Named is a name configuration uses, with what it is a name of: "environment variable",
// "stage variable", "path", "event pattern", "state".
type Named struct {
	Name   string
	Of     string
	Source Source
}
