package diagram

import (
	"cmp"
	"strings"

	"github.com/flowdeed/flowdeed/check"
	"github.com/flowdeed/flowdeed/graph"
	"github.com/flowdeed/flowdeed/report/doc"
)

func (v *view) box(p *Picture, n *graph.Node) Box {
	b := Box{Node: n.ID, Role: n.Class.Role(), Service: serviceWords(n), Name: doc.Clean(cmp.Or(n.Name, string(n.ID))), Zone: v.zone(p, n), Badge: v.badge(n)}
	if n.Class.KeepsData() && !n.External {
		b.Rest, b.Clear = restWords(n)
	}
	if s, ok := v.worst[n.ID]; ok && s >= check.High {
		b.Worst = s.String()
	}
	return b
}

var serviceNames = map[string]string{
	"lambda.function": "Lambda function", "dynamodb.table": "DynamoDB table", "s3.bucket": "S3 bucket", "sqs.queue": "SQS queue", "sns.topic": "SNS topic",
	"events.bus": "event bus", "events.rule": "event rule", "events.archive": "event archive", "events.api_destination": "API destination", "pipes.pipe": "pipe",
	"scheduler.schedule": "schedule", "states.state_machine": "state machine", "kinesis.stream": "Kinesis stream", "firehose.delivery_stream": "delivery stream",
	"rds.instance": "RDS database", "rds.cluster": "RDS cluster", "rds.snapshot": "RDS snapshot", "elasticache.replication_group": "cache", "logs.group": "log group",
	"cognito.user_pool": "user pool", "apigateway.rest_api": "REST API", "apigateway.http_api": "HTTP API", "apigateway.websocket_api": "WebSocket API",
	"appsync.api": "GraphQL API", "elbv2.load_balancer": "load balancer", "cloudfront.distribution": "CDN", "glue.crawler": "crawler", "glue.job": "ETL job",
	"athena.workgroup": "query work group", "iam.role": "IAM role", "iam.user": "IAM user", "kms.key": "KMS key", "secretsmanager.secret": "secret", "ssm.parameter": "parameter", "external.endpoint": "outside AWS", "party": "declared party", "internet": "anybody", "time.schedule": "clock", "account": "other account",
}

func serviceWords(n *graph.Node) string {
	if w, ok := serviceNames[n.Kind]; ok {
		return w
	}
	return strings.ReplaceAll(n.Kind, ".", " ")
}

const foreignKey = "at rest: FOREIGN KMS key"

// restWords says how a store is encrypted, in words.
func restWords(n *graph.Node) (words string, clear bool) {
	rest, key := graph.AtRest.Get(&n.Facts), graph.KeyOwner.Get(&n.Facts)
	switch {
	case rest.Known && rest.V == graph.NotEncrypted:
		return "NOT ENCRYPTED", true
	case !rest.Known || !key.Known:
		return "at rest: not known", false
	}
	return map[graph.KeyClass]string{
		graph.KeyProviderOwned: "at rest: AWS-owned key", graph.KeyAWSManaged: "at rest: AWS-managed key", graph.KeyCustomer: "at rest: own KMS key",
		graph.KeyCustomerForeign: foreignKey, graph.KeyExternal: "at rest: external key", graph.KeyNone: "NOT ENCRYPTED",
	}[key.V], key.V == graph.KeyNone
}

// footer is the last line of a box: the worst finding, and lines that lead elsewhere.
func (b *Box) footer() string {
	switch {
	case b.Worst != "" && b.Off != "":
		return severityMark[b.Worst] + " " + b.Worst + "   " + b.Off
	case b.Worst != "":
		return severityMark[b.Worst] + " " + b.Worst
	}
	return b.Off
}

var severityMark = map[string]string{"critical": "■", "high": "▲"}
