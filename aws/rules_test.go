package aws_test

import (
	"strings"
	"testing"

	"github.com/flowdeed/flowdeed/aws"
	"github.com/flowdeed/flowdeed/graph"
)

// TestRestDefaults: what a service says, or does not say, about encryption at rest.
func TestRestDefaults(t *testing.T) {
	const notKnown graph.KeyClass = ""
	table := func(sse string) aws.Shard {
		return answersOf("dynamodb", said("dynamodb:ListTables", "", `{"TableNames":["x"]}`), said("dynamodb:DescribeTable", "x", `{"Table":{"TableName":"x"`+sse+`}}`))
	}
	stream := func(enc string) aws.Shard {
		return answersOf("kinesis", said("kinesis:ListStreams", "", `{"StreamNames":["x"]}`), said("kinesis:DescribeStreamSummary", "x", `{"StreamDescriptionSummary":{`+enc+`}}`))
	}
	queue := func(attributes string) aws.Shard {
		url := "https://sqs.eu-west-1.amazonaws.com/111111111111/x"
		return answersOf("sqs", said("sqs:ListQueues", "", `{"QueueUrls":["`+url+`"]}`), said("sqs:GetQueueAttributes", url, `{"Attributes":{`+attributes+`}}`))
	}
	topic := func(attributes string) aws.Shard {
		arn := "arn:aws:sns:eu-west-1:111111111111:x"
		return answersOf("sns", said("sns:ListTopics", "", `{"Topics":[{"TopicArn":"`+arn+`"}]}`), said("sns:GetTopicAttributes", arn, `{"Attributes":{`+attributes+`}}`))
	}
	bucket := func(encryption aws.Answer) aws.Shard {
		sh := answersOf("s3", said("s3:ListBuckets", "", `{"Buckets":[{"Name":"x","BucketRegion":"eu-west-1"}]}`), encryption)
		sh.Region = "global"
		return sh
	}
	rule := func(s string) aws.Answer {
		return said("s3:GetBucketEncryption", "x", `{"ServerSideEncryptionConfiguration":{"Rules":[{"ApplyServerSideEncryptionByDefault":{`+s+`}}]}}`)
	}
	none := aws.Answer{Operation: "s3:GetBucketEncryption", Subject: "x", Outcome: aws.OutcomeNotFound}
	delivery := func(s string) aws.Shard {
		return answersOf("firehose", said("firehose:ListDeliveryStreams", "", `{"DeliveryStreamNames":["x"]}`), said("firehose:DescribeDeliveryStream", "x", `{"DeliveryStreamDescription":{`+s+`}}`))
	}
	parameter := func(s string) aws.Shard {
		return answersOf("ssm", said("ssm:DescribeParameters", "", `{"Parameters":[{"Name":"/x",`+s+`}]}`))
	}
	secret := func(s string) aws.Shard {
		return answersOf("secretsmanager", said("secretsmanager:ListSecrets", "", `{"SecretList":[{"ARN":"arn:aws:secretsmanager:eu-west-1:111111111111:secret:x-AbCdEf","Name":"x"`+s+`}]}`))
	}
	group := func(s string) aws.Shard {
		return answersOf("logs", said("logs:DescribeLogGroups", "", `{"LogGroups":[{"LogGroupName":"x"`+s+`}]}`))
	}
	database := func(s string) aws.Shard {
		return answersOf("rds", said("rds:DescribeDBInstances", "", `{"DBInstances":[{"DBInstanceIdentifier":"x","DBInstanceArn":"arn:aws:rds:eu-west-1:111111111111:db:x","Engine":"postgres"`+s+`}]}`))
	}
	const foreign = `arn:aws:kms:eu-west-1:999999999999:key/11111111-2222-3333-4444-555555555555`
	for _, x := range []struct {
		name  string
		class graph.Class
		shard aws.Shard
		want  graph.KeyClass
	}{
		{"bucket, SSE-S3", graph.Bucket, bucket(rule(`"SSEAlgorithm":"AES256"`)), graph.KeyProviderOwned},
		{"bucket, KMS without a key", graph.Bucket, bucket(rule(`"SSEAlgorithm":"aws:kms"`)), graph.KeyAWSManaged},
		{"bucket, double KMS with another account's key", graph.Bucket, bucket(rule(`"SSEAlgorithm":"aws:kms:dsse","KMSMasterKeyID":"` + foreign + `"`)), graph.KeyCustomerForeign},
		{"bucket, alias of AWS", graph.Bucket, bucket(rule(`"SSEAlgorithm":"aws:kms","KMSMasterKeyID":"alias/aws/s3"`)), graph.KeyAWSManaged},
		{"bucket, no setting of its own", graph.Bucket, bucket(none), graph.KeyProviderOwned},
		{"bucket, refused", graph.Bucket, bucket(refusedCall("s3:GetBucketEncryption", "x")), notKnown},
		{"table, nothing said", graph.Table, table(``), graph.KeyProviderOwned},
		{"table, KMS", graph.Table, table(`,"SSEDescription":{"Status":"ENABLED","SSEType":"KMS","KMSMasterKeyArn":"` + foreign + `"}`), graph.KeyCustomerForeign},
		{"table, being switched on", graph.Table, table(`,"SSEDescription":{"Status":"UPDATING","SSEType":"KMS"}`), graph.KeyAWSManaged},
		{"table, switched off", graph.Table, table(`,"SSEDescription":{"Status":"DISABLED"}`), graph.KeyProviderOwned},
		{"stream, none", graph.Stream, stream(`"EncryptionType":"NONE"`), graph.KeyNone},
		{"stream, KMS", graph.Stream, stream(`"EncryptionType":"KMS","KeyId":"alias/aws/kinesis"`), graph.KeyAWSManaged},
		{"stream, nothing said", graph.Stream, stream(`"StreamName":"x"`), notKnown},
		{"queue, managed", graph.Queue, queue(`"SqsManagedSseEnabled":"true"`), graph.KeyProviderOwned},
		{"queue, off", graph.Queue, queue(`"SqsManagedSseEnabled":"false"`), graph.KeyNone},
		{"queue, key and managed", graph.Queue, queue(`"SqsManagedSseEnabled":"true","KmsMasterKeyId":"alias/aws/sqs"`), graph.KeyAWSManaged},
		{"queue, nothing said", graph.Queue, queue(`"VisibilityTimeout":"30"`), notKnown},
		{"queue, an alias nobody listed", graph.Queue, queue(`"KmsMasterKeyId":"alias/gone"`), notKnown},
		{"topic, nothing said", graph.Topic, topic(`"DisplayName":"x"`), graph.KeyNone},
		{"topic, key", graph.Topic, topic(`"KmsMasterKeyId":"` + foreign + `"`), graph.KeyCustomerForeign},
		{"delivery stream, nothing said", graph.DeliveryStream, delivery(`"DeliveryStreamType":"DirectPut"`), graph.KeyNone},
		{"delivery stream, own key of the service", graph.DeliveryStream, delivery(`"DeliveryStreamEncryptionConfiguration":{"Status":"ENABLED","KeyType":"AWS_OWNED_CMK"}`), graph.KeyProviderOwned},
		{"delivery stream, being switched off", graph.DeliveryStream, delivery(`"DeliveryStreamEncryptionConfiguration":{"Status":"DISABLING","KeyType":"CUSTOMER_MANAGED_CMK","KeyARN":"` + foreign + `"}`), graph.KeyCustomerForeign},
		{"delivery stream, switched off", graph.DeliveryStream, delivery(`"DeliveryStreamEncryptionConfiguration":{"Status":"DISABLED"}`), graph.KeyNone},
		{"delivery stream, switching on failed", graph.DeliveryStream, delivery(`"DeliveryStreamEncryptionConfiguration":{"Status":"ENABLING_FAILED","KeyType":"CUSTOMER_MANAGED_CMK","KeyARN":"` + foreign + `"}`), graph.KeyNone},
		{"delivery stream of a stream nobody read", graph.DeliveryStream, delivery(`"Source":{"KinesisStreamSourceDescription":{"KinesisStreamARN":"arn:aws:kinesis:eu-west-1:111111111111:stream/y"}}`), notKnown},
		{"secure parameter", graph.Parameter, parameter(`"Type":"SecureString"`), graph.KeyAWSManaged},
		{"plain parameter", graph.Parameter, parameter(`"Type":"String"`), graph.KeyProviderOwned},
		{"secret", graph.Secret, secret(``), graph.KeyAWSManaged},
		{"secret with a foreign key", graph.Secret, secret(`,"KmsKeyId":"` + foreign + `"`), graph.KeyCustomerForeign},
		{"log group", graph.LogGroup, group(``), graph.KeyProviderOwned},
		{"log group with a key", graph.LogGroup, group(`,"KmsKeyId":"` + foreign + `"`), graph.KeyCustomerForeign},
		{"database, off", graph.Database, database(`,"StorageEncrypted":false`), graph.KeyNone},
		{"database, on", graph.Database, database(`,"StorageEncrypted":true,"KmsKeyId":"` + foreign + `"`), graph.KeyCustomerForeign},
		{"database, on without a key", graph.Database, database(`,"StorageEncrypted":true`), notKnown},
		{"database, key of the service", graph.Database, database(`,"StorageEncrypted":true,"StorageEncryptionType":"sse-rds"`), graph.KeyProviderOwned},
	} {
		var n *graph.Node
		for _, y := range built(x.shard).Nodes() {
			if y.Class == x.class && !y.External {
				n = y
			}
		}
		if n == nil {
			t.Errorf("%s: no node", x.name)
			continue
		}
		got := graph.KeyOwner.Get(&n.Facts)
		if x.want == notKnown {
			if got.Known || got.Why == "" {
				t.Errorf("%s: %v, want not known with a reason", x.name, got.Fact)
			}
		} else if !graph.Is(got, x.want) {
			t.Errorf("%s: %v, want %s", x.name, got.Fact, x.want)
		}
	}
}

// TestDatabaseCopies: replicas are drawn from either side, copies of a global database
// from its writer, logs where a group of their name exists.
func TestDatabaseCopies(t *testing.T) {
	const db, eu, us = "arn:aws:rds:eu-west-1:111111111111:db:", "arn:aws:rds:eu-west-1:111111111111:cluster:shop", "arn:aws:rds:us-east-1:111111111111:cluster:shop-us"
	m := built(
		answersOf("logs", said("logs:DescribeLogGroups", "", `{"LogGroups":[{"LogGroupName":"/aws/rds/instance/main/postgresql"}]}`)),
		answersOf("rds",
			said("rds:DescribeDBInstances", "", `{"DBInstances":[
				{"DBInstanceIdentifier":"main","DBInstanceArn":"`+db+`main","Engine":"postgres","ReadReplicaDBInstanceIdentifiers":["copy"],"EnabledCloudwatchLogsExports":["postgresql","upgrade"],
				 "DBInstanceAutomatedBackupsReplications":[{"DBInstanceAutomatedBackupsArn":"arn:aws:rds:us-east-1:111111111111:auto-backup:ab-1"}]},
				{"DBInstanceIdentifier":"copy","DBInstanceArn":"`+db+`copy","Engine":"postgres","ReadReplicaSourceDBInstanceIdentifier":"main"},
				{"DBInstanceIdentifier":"far","DBInstanceArn":"`+db+`far","Engine":"postgres","ReadReplicaSourceDBInstanceIdentifier":"arn:aws:rds:us-west-2:111111111111:db:origin"}]}`),
			said("rds:DescribeDBClusters", "", `{"DBClusters":[{"DBClusterIdentifier":"shop","DBClusterArn":"`+eu+`","Engine":"aurora-mysql"}]}`),
			said("rds:DescribeGlobalClusters", "", `{"GlobalClusters":[{"GlobalClusterMembers":[{"DBClusterArn":"`+eu+`","IsWriter":true},{"DBClusterArn":"`+us+`","IsWriter":false}]}]}`),
		))
	wantFlows(t, m, db+"main", "replicates "+db+"copy via read replica", "backs-up arn:aws:rds:us-east-1:111111111111:auto-backup:ab-1 via automated backups in another Region",
		"logs-to arn:aws:logs:eu-west-1:111111111111:log-group:/aws/rds/instance/main/postgresql")
	wantFlows(t, m, "arn:aws:rds:us-west-2:111111111111:db:origin", "replicates "+db+"far via read replica")
	wantFlows(t, m, eu, "replicates "+us+" via global database")
}

// TestDatabaseProxy: TLS is what the proxy demands; behind it stands the cluster.
func TestDatabaseProxy(t *testing.T) {
	const proxy, secret = "arn:aws:rds:eu-west-1:111111111111:db-proxy:prx-1", "arn:aws:secretsmanager:eu-west-1:111111111111:secret:db-AbCdEf"
	for _, x := range []struct {
		tls  string
		want graph.Transit
	}{{`"RequireTLS":true,`, graph.TransitEnforced}, {`"RequireTLS":false,`, graph.TransitOffered}} {
		m := built(
			answersOf("lambda", said("lambda:ListFunctions", "", `{"Functions":[{"FunctionName":"f","FunctionArn":"arn:aws:lambda:eu-west-1:111111111111:function:f","Environment":{"Variables":{"DB_HOST":{"masked":"","refs":["p.proxy-abc.eu-west-1.rds.amazonaws.com"]}}}}]}`)),
			answersOf("rds",
				said("rds:DescribeDBInstances", "", `{}`), said("rds:DescribeDBClusters", "", `{}`),
				said("rds:DescribeDBProxies", "", `{"DBProxies":[{"DBProxyName":"p","DBProxyArn":"`+proxy+`","EngineFamily":"POSTGRESQL",`+x.tls+`"Endpoint":"P.proxy-abc.eu-west-1.rds.amazonaws.com","Auth":[{"SecretArn":"`+secret+`"}]}]}`),
				said("rds:DescribeDBProxyTargets", "p", `{"Targets":[{"Type":"TRACKED_CLUSTER","RdsResourceId":"shop"},{"Type":"RDS_INSTANCE","RdsResourceId":"one"}]}`),
			))
		wantFlows(t, m, proxy, "uses-secret "+secret+" via proxy authentication", "accesses arn:aws:rds:eu-west-1:111111111111:cluster:shop via proxy target", "accesses arn:aws:rds:eu-west-1:111111111111:db:one via proxy target")
		f := theFlow(t, m, "arn:aws:lambda:eu-west-1:111111111111:function:f", proxy, graph.Accesses)
		wantFact(t, &f.Facts, graph.InTransit, x.want)
	}
}

// TestAccountSubscription: a policy of the account sends the events of every group on,
// but of those it selects out and of the destination's own.
func TestAccountSubscription(t *testing.T) {
	const head = "arn:aws:logs:eu-west-1:111111111111:log-group:"
	m := built(answersOf("logs",
		said("logs:DescribeLogGroups", "", `{"LogGroups":[{"LogGroupName":"app"},{"LogGroupName":"quiet"},{"LogGroupName":"/aws/lambda/ship"}]}`),
		said("logs:DescribeAccountPolicies", "SUBSCRIPTION_FILTER_POLICY", `{"AccountPolicies":[{"PolicyName":"all","PolicyDocument":"{\"DestinationArn\":\"arn:aws:lambda:eu-west-1:111111111111:function:ship\",\"FilterPattern\":\"ERROR\"}","SelectionCriteria":"LogGroupName NOT IN [\"quiet\"]"}]}`),
	))
	wantFlows(t, m, head+"app", "streams arn:aws:lambda:eu-west-1:111111111111:function:ship via all")
	wantFlows(t, m, head+"quiet")
	wantFlows(t, m, head+"/aws/lambda/ship")
}

// TestUniversalTargets: a schedule that calls an SDK operation reaches what its input
// names, as far as that is of the operation's kind.
func TestUniversalTargets(t *testing.T) {
	const schedule = "arn:aws:scheduler:eu-west-1:111111111111:schedule/default/s"
	for _, x := range []struct {
		name, target, refs string
		want               []string
	}{
		{"queue by URL", "sqs:sendMessage", `"https://sqs.eu-west-1.amazonaws.com/999999999999/q"`, []string{"publishes arn:aws:sqs:eu-west-1:999999999999:q via schedule"}},
		{"table by name", "dynamodb:putItem", `"users"`, []string{"writes arn:aws:dynamodb:eu-west-1:111111111111:table/users via schedule"}},
		{"table read", "dynamodb:query", `"users"`, []string{"reads arn:aws:dynamodb:eu-west-1:111111111111:table/users via schedule"}},
		{"another kind in the input", "sns:publish", `"users","https://sqs.eu-west-1.amazonaws.com/999999999999/q"`, nil},
		{"a service without data", "ec2:stopInstances", `"i-1"`, nil},
		{"nothing in the input", "sqs:sendMessage", ``, nil},
	} {
		m := built(
			answersOf("dynamodb", said("dynamodb:ListTables", "", `{"TableNames":["users"]}`), said("dynamodb:DescribeTable", "users", `{"Table":{}}`)),
			answersOf("scheduler",
				said("scheduler:ListSchedules", "", `{"Schedules":[{"Name":"s","GroupName":"default","Arn":"`+schedule+`"}]}`),
				said("scheduler:GetSchedule", "default/s", `{"Target":{"Arn":"arn:aws:scheduler:::aws-sdk:`+x.target+`","Input":{"masked":"","refs":[`+x.refs+`]}}}`),
			))
		t.Run(x.name, func(t *testing.T) { wantFlows(t, m, schedule, x.want...) })
	}
}

// TestApiDestinationTransit: a rule hands over inside AWS; only the call of the
// destination has an address with a scheme.
func TestApiDestinationTransit(t *testing.T) {
	const rule, dest = "arn:aws:events:eu-west-1:111111111111:rule/r", "arn:aws:events:eu-west-1:111111111111:api-destination/crm/11111111-2222-3333-4444-555555555555"
	m := built(answersOf("events",
		said("events:ListEventBuses", "", `{"EventBuses":[{"Name":"default","Arn":"arn:aws:events:eu-west-1:111111111111:event-bus/default"}]}`),
		said("events:ListRules", "default", `{"Rules":[{"Name":"r","Arn":"`+rule+`","EventPattern":"{}"}]}`),
		said("events:ListTargetsByRule", "default/r", `{"Targets":[{"Id":"1","Arn":"`+dest+`"},{"Id":"2","Arn":"arn:aws:events:eu-west-1:111111111111:api-destination/gone"}]}`),
		said("events:ListApiDestinations", "", `{"ApiDestinations":[{"Name":"crm","ApiDestinationArn":"`+dest+`","InvocationEndpoint":"https://api.crm.example/x","HttpMethod":"POST"}]}`),
	))
	for _, to := range []string{dest, "arn:aws:events:eu-west-1:111111111111:api-destination/gone"} {
		wantFact(t, &theFlow(t, m, rule, to, graph.Delivers).Facts, graph.InTransit, graph.TransitInternal)
	}
	wantFact(t, &theFlow(t, m, dest, "external:https://api.crm.example/x", graph.Delivers).Facts, graph.InTransit, graph.TransitEnforced)
}

// TestVariableReferences: what the value of a variable draws, and what it does not.
func TestVariableReferences(t *testing.T) {
	const fn, table = "arn:aws:lambda:eu-west-1:111111111111:function:f", "arn:aws:dynamodb:eu-west-1:111111111111:table/"
	bucket := answersOf("s3", said("s3:ListBuckets", "", `{"Buckets":[{"Name":"production","BucketRegion":"us-east-1"},{"Name":"my.assets","BucketRegion":"eu-west-1"}]}`))
	bucket.Region = "global"
	far := answersOf("dynamodb", said("dynamodb:ListTables", "", `{"TableNames":["audit-log","users"]}`))
	far.Region = "us-east-1"
	shards := []aws.Shard{
		bucket, far,
		answersOf("dynamodb", said("dynamodb:ListTables", "", `{"TableNames":["orders","users","customer-data"]}`)),
		answersOf("sns", said("sns:ListTopics", "", `{"Topics":[{"TopicArn":"arn:aws:sns:eu-west-1:111111111111:order-events"}]}`)),
		answersOf("sqs", said("sqs:ListQueues", "", `{"QueueUrls":["https://sqs.eu-west-1.amazonaws.com/111111111111/jobs"]}`)),
		answersOf("rds", said("rds:DescribeDBInstances", "", `{"DBInstances":[{"DBInstanceIdentifier":"main-db","DBInstanceArn":"arn:aws:rds:eu-west-1:111111111111:db:main-db","Engine":"mysql","Endpoint":{"Address":"main-db.abc.eu-west-1.rds.amazonaws.com","Port":3306}}]}`)),
	}
	for _, x := range []struct {
		variable, ref string
		want          string // target, empty: nothing
	}{
		{"TABLE", "users", table + "users"}, {"UsersTableName", "users", table + "users"}, {"SERVICE", "orders", ""}, {"DATA", "customer-data", table + "customer-data"},
		{"AUDIT_TABLE", "audit-log", ""}, // in another region: no client finds it by this name
		{"STAGE", "production", ""}, {"BUCKET", "production", "arn:aws:s3:::production"},
		{"ASSETS", "https://my.assets.s3.eu-west-1.amazonaws.com/img", "arn:aws:s3:::my.assets"}, {"ASSETS", "https://my.assets.s3.dualstack.eu-west-1.amazonaws.com/img", "arn:aws:s3:::my.assets"},
		{"ASSETS", "https://s3.eu-west-1.amazonaws.com/my.assets/img", "arn:aws:s3:::my.assets"}, {"ASSETS", "s3://my.assets/img", "arn:aws:s3:::my.assets"},
		{"NOTIFY", "order-events", ""}, {"NOTIFY_TOPIC", "order-events", "arn:aws:sns:eu-west-1:111111111111:order-events"},
		{"Q", "https://sqs.eu-west-1.amazonaws.com/111111111111/jobs", "arn:aws:sqs:eu-west-1:111111111111:jobs"}, {"Q", "https://eu-west-1.queue.amazonaws.com/111111111111/jobs", "arn:aws:sqs:eu-west-1:111111111111:jobs"},
		{"Q", "https://sqs.eu-west-1.amazonaws.com/999999999999/theirs", "arn:aws:sqs:eu-west-1:999999999999:theirs"},
		{"DB_NAME", "main-db", ""}, {"DB_HOST", "main-db.abc.eu-west-1.rds.amazonaws.com", "arn:aws:rds:eu-west-1:111111111111:db:main-db"},
		{"DB", "mysql://main-db.abc.eu-west-1.rds.amazonaws.com:3306/x", "arn:aws:rds:eu-west-1:111111111111:db:main-db"},
		{"API", "https://api.vendor.example/v1", "external:https://api.vendor.example/v1"}, {"SMTP_HOST", "smtp.mail.example", "external:smtp.mail.example"},
		{"ALLOWED_ORIGINS", "https://app.example", ""}, {"jwtIssuer", "https://login.example/", ""}, {"API", "http://localhost:3000", ""}, {"API", "http://10.0.0.1/x", ""},
		{"ENDPOINT", "https://dynamodb.eu-west-1.amazonaws.com", ""}, {"MAIL_DOMAIN", "shop.example", ""},
		{"ROLE", "arn:aws:iam::111111111111:role/x", ""}, {"ANY", "arn:aws:s3:::*", ""}, {"GONE", table + "gone", table + "gone"},
	} {
		list := append([]aws.Shard{answersOf("lambda", said("lambda:ListFunctions", "", `{"Functions":[{"FunctionName":"f","FunctionArn":"`+fn+`","Environment":{"Variables":{"`+x.variable+`":{"masked":"","refs":["`+x.ref+`"]}}}}]}`))}, shards...)
		var got []string
		for _, f := range flowsFrom(built(list...), fn) {
			_, to, _ := strings.Cut(f, " ")
			got = append(got, to)
		}
		if strings.Join(got, " ") != x.want {
			t.Errorf("%s=%s draws %q, want %q", x.variable, x.ref, got, x.want)
		}
	}
}
