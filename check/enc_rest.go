package check

import (
	"github.com/flowdeed/flowdeed/graph"
)

// restRule is how a family of stores is judged at rest: what it is called, how much it
// matters, where it is read. The decision is the same for all of them.
type restRule struct {
	id, title string
	severity  Severity
	moves     Moves
	articles  []string
	classes   []graph.Class
	reads     []Read
	fix       string
}

// everyNode says that a rule fits every node of its classes.
var everyNode = []Status{NotApplicable}

var encRestControls = restControls([]restRule{
	{"ENC-REST-001", "Bucket encrypted by default", Medium, WithData, []string{"32(1)(a)", "5(1)(f)"}, []graph.Class{graph.Bucket},
		[]Read{{"s3:GetBucketEncryption", "ServerSideEncryptionConfiguration.Rules[].ApplyServerSideEncryptionByDefault.SSEAlgorithm"}},
		"Set default encryption with a customer key and bucket keys on: aws s3api put-bucket-encryption; block SSE-C in the same call."},
	{"ENC-REST-002", "Key-value table encrypted, key class known", Info, Fixed, []string{"32(1)(a)"}, []graph.Class{graph.Table},
		[]Read{{"dynamodb:DescribeTable", "Table.SSEDescription.SSEType"}},
		"Switch the table and its replicas to a customer key: aws dynamodb update-table --sse-specification."},
	{"ENC-REST-003", "Relational, document or graph database storage encrypted", High, WithData, []string{"32(1)(a)"}, []graph.Class{graph.Database},
		[]Read{{"rds:DescribeDBInstances", "DBInstances[].StorageEncrypted"}, {"rds:DescribeDBClusters", "DBClusters[].StorageEncrypted"}},
		"Copy a snapshot with a key (aws rds copy-db-snapshot --kms-key-id), restore from it, retire the clear database."},
	{"ENC-REST-004", "Database and volume snapshots encrypted", High, WithData, []string{"32(1)(a)"}, []graph.Class{graph.Snapshot, graph.Backup},
		[]Read{{"rds:DescribeDBSnapshots", "DBSnapshots[].Encrypted"}, {"rds:DescribeDBClusterSnapshots", "DBClusterSnapshots[].StorageEncrypted"}},
		"Copy the snapshot with a key and delete the clear copy."},
	{"ENC-REST-005", "In-memory store encrypted at rest", Medium, WithData, []string{"32(1)(a)"}, []graph.Class{graph.Cache},
		[]Read{{"elasticache:DescribeReplicationGroups", "ReplicationGroups[].AtRestEncryptionEnabled"}, {"elasticache:DescribeServerlessCaches", "ServerlessCaches[].KmsKeyId"}},
		"Create the cache anew with at-rest encryption and a customer key; it cannot be switched on later."},
	{"ENC-REST-006", "Search domain or collection encrypted", High, WithData, []string{"32(1)(a)"}, []graph.Class{graph.Search},
		[]Read{{"opensearch:DescribeDomains", "DomainStatusList[].EncryptionAtRestOptions.Enabled"}, {"opensearch:DescribeDomains", "DomainStatusList[].EncryptionAtRestOptions.KmsKeyId"}},
		"aws opensearch update-domain-config --encryption-at-rest-options Enabled=true,KmsKeyId=<key>."},
	{"ENC-REST-008", "File system and block volume encrypted", High, WithData, []string{"32(1)(a)"}, []graph.Class{graph.FileSystem},
		[]Read{{"efs:DescribeFileSystems", "FileSystems[].Encrypted"}, {"efs:DescribeFileSystems", "FileSystems[].KmsKeyId"}},
		"Create the file system anew with --encrypted --kms-key-id <key> and move the data; it cannot be switched on later."},
	{"ENC-REST-009", "Queue encrypted", Medium, WithData, []string{"32(1)(a)"}, []graph.Class{graph.Queue},
		[]Read{{"sqs:GetQueueAttributes", "Attributes.KmsMasterKeyId"}, {"sqs:GetQueueAttributes", "Attributes.SqsManagedSseEnabled"}},
		"aws sqs set-queue-attributes --attributes KmsMasterKeyId=<key>; at least SqsManagedSseEnabled=true."},
	{"ENC-REST-010", "Topic encrypted with KMS", Medium, WithData, []string{"32(1)(a)"}, []graph.Class{graph.Topic},
		[]Read{{"sns:GetTopicAttributes", "Attributes.KmsMasterKeyId"}},
		"aws sns set-topic-attributes --attribute-name KmsMasterKeyId; give publishers kms:GenerateDataKey on the key."},
	{"ENC-REST-011", "Stream and delivery stream encrypted", Medium, WithData, []string{"32(1)(a)"}, []graph.Class{graph.Stream, graph.DeliveryStream},
		[]Read{{"kinesis:DescribeStreamSummary", "StreamDescriptionSummary.EncryptionType"}, {"firehose:DescribeDeliveryStream", "DeliveryStreamDescription.DeliveryStreamEncryptionConfiguration.Status"}},
		"aws kinesis start-stream-encryption --encryption-type KMS --key-id <key>; aws firehose start-delivery-stream-encryption."},
	{"ENC-REST-012", "Bus, archive, pipe, schedule and workflow payloads encrypted, key class known", Info, Fixed, []string{"32(1)(a)"},
		[]graph.Class{graph.EventBus, graph.Archive, graph.Pipe, graph.ScheduleClass, graph.StateMachine},
		[]Read{{"events:DescribeEventBus", "KmsKeyIdentifier"}, {"events:DescribeArchive", "KmsKeyIdentifier"}, {"pipes:DescribePipe", "KmsKeyIdentifier"}, {"scheduler:GetSchedule", "KmsKeyArn"}, {"stepfunctions:DescribeStateMachine", "encryptionConfiguration.kmsKeyId"}},
		"Set a customer key on the bus, archive, pipe, schedule or state machine."},
	{"ENC-REST-015", "Log group and trace data encrypted, key class known", Info, Fixed, []string{"32(1)(a)"}, []graph.Class{graph.LogGroup},
		[]Read{{"logs:DescribeLogGroups", "logGroups[].kmsKeyId"}},
		"aws logs associate-kms-key --log-group-name <group> --kms-key-id <key>."},
	{"ENC-REST-018", "Long-tail stores encrypted, key class known", Low, WithData, []string{"32(1)(a)"},
		[]graph.Class{graph.UserPool, graph.Secret, graph.Parameter, graph.OtherStore},
		[]Read{{"secretsmanager:ListSecrets", "SecretList[].KmsKeyId"}, {"ssm:DescribeParameters", "Parameters[].KeyId"}, {"cognito-idp:DescribeUserPool", "UserPool"}},
		"Choose a customer key where the service offers one."},
})

func restControls(rules []restRule) []*Control {
	var out []*Control
	for _, r := range rules {
		c := &Control{
			ID: r.id, Title: r.title, Severity: r.severity, Moves: r.moves, Articles: r.articles, Classes: r.classes, Reads: r.reads, Fix: r.fix,
			Doc: "Reads whether what is kept is encrypted and in which form. Whose key it is, and whether that is good enough for the data, is decided by KMS-OWN-001. " +
				"Services that always encrypt pass with the remark that the provider enforces it.",
			Why:  "Art. 32(1)(a) names encryption first among the measures: without it, whoever gets at a disk, a copy or a backup can read the data.",
			Node: atRest, Never: everyNode,
		}
		switch c.ID {
		case "ENC-REST-001":
			c.Node = bucketAtRest
			c.Doc += " A bucket that also takes objects under keys the client supplies (SSE-C) fails a grade lower: such a key is nowhere on record."
		case "ENC-REST-008":
			c.Doc += " Block volumes are not read."
		case "ENC-REST-015":
			c.Doc += " How X-Ray encrypts traces is not read."
		case "ENC-REST-018":
			c.Never = nil
		}
		out = append(out, c)
	}
	out = append(out, functionEnvironment)
	return out
}

// atRest is the one decision of the ENC-REST rows.
func atRest(_ *Input, n *graph.Node) Result {
	rest, owner := graph.AtRest.Get(&n.Facts), graph.KeyOwner.Get(&n.Facts)
	if n.Class == graph.Parameter && graph.Is(graph.ParameterType.Get(&n.Facts), "String") {
		return doesNotApply("a plain parameter is meant for settings; SECRET-STORE-001 asks whether it holds a secret", rest.Fact)
	}
	switch {
	case !rest.Known:
		return missing(rest.Fact)
	case rest.V == graph.NotEncrypted:
		return fails("what is kept here is not encrypted", rest.Fact)
	case !owner.Known && graph.Is(graph.ProviderEnforced.Get(&n.Facts), true):
		// Encrypted for certain, whose key is not: the row asks for the class too.
		return missing(owner.Fact)
	}
	reason := "encrypted"
	if how := graph.AtRestHow.Get(&n.Facts); how.Known {
		reason += " (" + how.V + ")"
	}
	if owner.Known {
		reason += ", key: " + string(owner.V)
	}
	if graph.Is(graph.ProviderEnforced.Get(&n.Facts), true) {
		reason += "; provider-enforced"
	}
	return passes(reason, rest.Fact)
}

// bucketAtRest adds client-supplied keys to the decision: nobody but the client who
// wrote an object knows its key, so nobody else can show who may read it, or restore it.
func bucketAtRest(in *Input, n *graph.Node) Result {
	r := atRest(in, n)
	if r.Status != Pass {
		return r
	}
	switch own := graph.SSECBlocked.Get(&n.Facts); {
	case !own.Known:
		return missing(own.Fact)
	case !own.V:
		return failsBy(-1, r.Reason+"; but objects under keys supplied by clients (SSE-C) are accepted too", append(r.Facts, own.Fact)...)
	default:
		return passes(r.Reason, append(r.Facts, own.Fact)...)
	}
}

var functionEnvironment = &Control{
	ID: "ENC-REST-014", Title: "Function environment encrypted, key class known", Severity: Info, Moves: Fixed, Articles: []string{"32(1)(a)"},
	Doc:     "The environment of a function is always encrypted; the row shows under whose key. What the variables hold is judged by SECRET-ENV-001 and SECRET-PII-001.",
	Why:     "Art. 32(1)(a): variables often hold addresses and keys that open personal data.",
	Fix:     "aws lambda update-function-configuration --kms-key-arn <key>; move secrets to a secret store.",
	Reads:   []Read{{"lambda:ListFunctions", "Functions[].KMSKeyArn"}, {"lambda:ListFunctions", "Functions[].Environment.Variables{}"}},
	Classes: []graph.Class{graph.Function},
	Node: func(in *Input, n *graph.Node) Result {
		has := graph.HasVariables.Get(&n.Facts)
		switch {
		case !has.Known:
			return missing(has.Fact)
		case !has.V:
			return doesNotApply("no environment variables are set", has.Fact)
		}
		return atRest(in, n)
	},
}
