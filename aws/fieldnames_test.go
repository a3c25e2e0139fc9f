package aws_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/flowdeed/flowdeed/aws"
	"github.com/flowdeed/flowdeed/graph"
)

// bucketNamed is the answer about a bucket and nothing more.
func bucketNamed(name string) aws.Shard {
	return answersOf("s3", said("s3:ListBuckets", "", fmt.Sprintf(`{"Buckets":[{"Name":%q,"BucketRegion":%q}]}`, name, homeRegion)))
}

// wantFields compares the fields of a node that schemas outside it show, as "path type of
// record".
func wantFields(t *testing.T, m *graph.Model, id string, want ...string) {
	t.Helper()
	n := m.Node(graph.ID(id))
	if n == nil {
		t.Fatalf("no node %s", id)
	}
	got := []string{}
	for _, f := range n.Fields {
		if f.Of != "" {
			got = append(got, strings.TrimSpace(fmt.Sprintf("%s %s of %s", f.Path, f.Type, f.Record)))
		}
		if f.Of != "" && f.Source == "" {
			t.Errorf("%s has no source", f.Path)
		}
	}
	if !slices.Equal(got, want) {
		t.Errorf("fields of %s:\n got %q\nwant %q", id, got, want)
	}
}

func sources(m *graph.Model, id string) graph.Answer[[]string] {
	return graph.FieldSources.Get(&m.Node(graph.ID(id)).Facts)
}

const crm = `{"TableList":[
	{"Name":"customers","DatabaseName":"crm","TableType":"EXTERNAL_TABLE","PartitionKeys":[{"Name":"country","Type":"string"}],"StorageDescriptor":{
		"Location":"s3://lake/crm/customers/","Columns":[{"Name":"email","Type":"string"},{"Name":"home","Type":"struct<street:string,city:string>"},{"Name":"c7","Type":"string","Comment":"phone number"}]}},
	{"Name":"emails","DatabaseName":"crm","TableType":"VIRTUAL_VIEW","StorageDescriptor":{"Location":"","Columns":[{"Name":"email","Type":"string"}]}},
	{"Name":"all","DatabaseName":"crm","StorageDescriptor":{"Location":"s3a://lake","Columns":[{"Name":"iban","Type":"string"}]}},
	{"Name":"elsewhere","DatabaseName":"crm","StorageDescriptor":{"Location":"s3://nobodys/x","Columns":[{"Name":"email","Type":"string"}]}},
	{"Name":"profiles","DatabaseName":"crm","Parameters":{"classification":"dynamodb"},"StorageDescriptor":{"Location":"arn:aws:dynamodb:eu-west-1:111111111111:table/profiles","Columns":[{"Name":"birthday","Type":"string"}]}},
	{"Name":"clicks","DatabaseName":"crm","StorageDescriptor":{"Location":"clicks","Parameters":{"typeOfData":"kinesis","streamARN":"arn:aws:kinesis:eu-west-1:111111111111:stream/clicks"},"Columns":[],"SchemaReference":{"SchemaVersionId":"v-1"}}},
	{"Name":"hr_staff","DatabaseName":"crm","Parameters":{"connectionName":"hr","classification":"postgresql"},"StorageDescriptor":{"Location":"hr.public.staff","Columns":[{"Name":"salary","Type":"int"}]}}]}`

func catalogAnswers(more ...aws.Answer) aws.Shard {
	return answersOf("glue", append(more,
		said("glue:GetDatabases", "", `{"DatabaseList":[{"Name":"crm"}]}`), said("glue:GetTables", "crm", crm),
		said("glue:GetConnections", "", `{"ConnectionList":[{"Name":"hr","ConnectionProperties":{"JDBC_CONNECTION_URL":{"masked":"••••","looks":["url"],"refs":["postgresql://hr.abc.eu-west-1.rds.amazonaws.com:5432/hr"]}}}]}`),
		said("glue:GetSchemaVersion", "arn:aws:glue:eu-west-1:111111111111:schema/r/clicks-v1", `{"SchemaVersionId":"v-1","Fields":[{"Path":"visitor.ip","Type":"string"}]}`))...)
}

// TestColumnsBelongToWhatKeepsTheData puts columns of the catalog where the data is.
func TestColumnsBelongToWhatKeepsTheData(t *testing.T) {
	m := built(catalogAnswers(), bucketNamed("lake"),
		answersOf("dynamodb", said("dynamodb:ListTables", "", `{"TableNames":["profiles"]}`)),
		answersOf("kinesis", said("kinesis:ListStreams", "", `{"StreamNames":["clicks"]}`)),
		answersOf("rds", said("rds:DescribeDBInstances", "", `{"DBInstances":[{"DBInstanceIdentifier":"hr","DBInstanceArn":"arn:aws:rds:eu-west-1:111111111111:db:hr","Engine":"postgres","Endpoint":{"Address":"hr.abc.eu-west-1.rds.amazonaws.com","Port":5432}}]}`)))
	wantFields(t, m, "arn:aws:s3:::lake",
		"crm/customers/**:c7 string of customers", "crm/customers/**:country string of customers", "crm/customers/**:email string of customers",
		"crm/customers/**:home.city string of customers", "crm/customers/**:home.street string of customers", "iban string of all")
	wantFields(t, m, "arn:aws:dynamodb:eu-west-1:111111111111:table/profiles", "birthday string of profiles")
	wantFields(t, m, "arn:aws:kinesis:eu-west-1:111111111111:stream/clicks", "visitor.ip string of clicks")
	wantFields(t, m, "arn:aws:rds:eu-west-1:111111111111:db:hr", "staff.salary int of hr_staff")
	if got := sources(m, "arn:aws:s3:::lake"); !slices.Equal(got.V, []string{"Glue table crm.all", "Glue table crm.customers"}) || got.Why != "" {
		t.Errorf("sources %q, %q", got.V, got.Why)
	}
}

// TestCatalogRefused: what is not read is named, and what is known stays.
func TestCatalogRefused(t *testing.T) {
	m := built(answersOf("glue", refusedCall("glue:GetDatabases", "")), bucketNamed("lake"))
	wantUnknown(t, &m.Node("arn:aws:s3:::lake").Facts, "glue:GetDatabases", graph.FieldSources.Name)

	m = built(catalogAnswers(refusedCall("glue:GetTables", "sales")), bucketNamed("lake"))
	if got := sources(m, "arn:aws:s3:::lake"); len(got.V) != 2 || !strings.HasPrefix(got.Why, "not all: glue:GetTables") {
		t.Errorf("sources %v, want two and a remark", got)
	}
	if _, set := built(answersOf("glue", said("glue:GetDatabases", "", `{}`)), bucketNamed("lake")).Node("arn:aws:s3:::lake").Facts.Lookup(graph.FieldSources.Name); set {
		t.Error("a catalog without tables says something of a bucket")
	}
}

// TestConversionOfADeliveryStream: records are those of a table of the catalog.
func TestConversionOfADeliveryStream(t *testing.T) {
	stream := func(enabled bool) aws.Shard {
		return answersOf("firehose", said("firehose:ListDeliveryStreams", "", `{"DeliveryStreamNames":["out"]}`), said("firehose:DescribeDeliveryStream", "out",
			fmt.Sprintf(`{"DeliveryStreamDescription":{"Destinations":[{"ExtendedS3DestinationDescription":{"BucketARN":"arn:aws:s3:::lake","DataFormatConversionConfiguration":{"Enabled":%t,"SchemaConfiguration":{"DatabaseName":"crm","TableName":"all"}}}}]}}`, enabled)))
	}
	const id = "arn:aws:firehose:eu-west-1:111111111111:deliverystream/out"
	wantFields(t, built(catalogAnswers(), stream(true)), id, "iban string of all")
	wantFields(t, built(catalogAnswers(), stream(false)), id)
	m := built(answersOf("glue", said("glue:GetDatabases", "", `{"DatabaseList":[{"Name":"crm"}]}`), refusedCall("glue:GetTables", "crm")), stream(true))
	wantUnknown(t, &m.Node(id).Facts, "glue:GetTables", graph.FieldSources.Name)
}

// TestSchemasOfStreams: a registered schema is that of the stream of its name.
func TestSchemasOfStreams(t *testing.T) {
	schema := func(name string) string { return "arn:aws:glue:eu-west-1:111111111111:schema/shop/" + name }
	list := said("glue:ListSchemas", "", fmt.Sprintf(`{"Schemas":[{"SchemaName":"orders","RegistryName":"shop","SchemaArn":%q},{"SchemaName":"nothing-of-ours","RegistryName":"shop","SchemaArn":%q}]}`, schema("orders"), schema("x")))
	streams := answersOf("kinesis", said("kinesis:ListStreams", "", `{"StreamNames":["orders","other"]}`))
	fields := said("glue:GetSchemaVersion", schema("orders"), `{"Fields":[{"Path":"buyer.email","Type":"string"}]}`)
	const id = "arn:aws:kinesis:eu-west-1:111111111111:stream/"
	m := built(answersOf("glue", list, fields), streams)
	wantFields(t, m, id+"orders", "buyer.email string of orders")
	wantFields(t, m, id+"other")
	m = built(answersOf("glue", list, refusedCall("glue:GetSchemaVersion", schema("orders"))), streams)
	wantUnknown(t, &m.Node(id+"orders").Facts, "glue:GetSchemaVersion", graph.FieldSources.Name)
	m = built(answersOf("glue", refusedCall("glue:ListSchemas", "")), streams)
	wantUnknown(t, &m.Node(id+"other").Facts, "glue:ListSchemas", graph.FieldSources.Name)
}

// TestSchemasOfEvents: fields of events are those of the buses the events pass.
func TestSchemasOfEvents(t *testing.T) {
	bus := func(name, rule, pattern string) []aws.Answer {
		return []aws.Answer{said("events:DescribeEventBus", name, `{}`), said("events:ListRules", name, fmt.Sprintf(`{"Rules":[{"Name":%q,"Arn":"arn:aws:events:eu-west-1:111111111111:rule/%s/%s","State":"ENABLED","EventPattern":%s}]}`, rule, name, rule, quoted(pattern)))}
	}
	events := func(rule string) aws.Shard {
		answers := append(bus("shop", "a", rule), bus("other", "b", `{"source":["com.other"]}`)...)
		return answersOf("events", append(answers, said("events:ListEventBuses", "", `{"EventBuses":[{"Name":"shop","Arn":"arn:aws:events:eu-west-1:111111111111:event-bus/shop"},{"Name":"other","Arn":"arn:aws:events:eu-west-1:111111111111:event-bus/other"}]}`))...)
	}
	registry := func(name string, more ...aws.Answer) aws.Shard {
		return answersOf("schemas", append(more, said("schemas:DescribeSchema", name+"/com.shop@Order Placed", `{"SchemaName":"com.shop@Order Placed","Fields":[{"Path":"customer.email","Type":"string"}]}`))...)
	}
	const shop, other = "arn:aws:events:eu-west-1:111111111111:event-bus/shop", "arn:aws:events:eu-west-1:111111111111:event-bus/other"
	const field = `"Order Placed".customer.email string of Order Placed`
	for _, c := range []struct {
		name, rule string
		schemas    aws.Shard
		shop       bool
		other      bool
	}{
		{"a rule is after them", `{"source":["com.shop"],"detail-type":["Order Placed"]}`, registry("own"), true, false},
		{"by prefix", `{"source":[{"prefix":"com."}]}`, registry("own"), true, false},
		{"a rule after other events", `{"source":["com.shop"],"detail-type":["Order Paid"]}`, registry("own"), false, false},
		{"a rule after all events says nothing", `{"account":["111111111111"]}`, registry("own"), false, false},
		{"learned on one bus", `{"source":["x"]}`, registry("discovered-schemas", said("schemas:ListDiscoverers", "", `{"Discoverers":[{"SourceArn":"`+other+`"}]}`)), false, true},
		{"learned on two", `{"source":["x"]}`, registry("discovered-schemas", said("schemas:ListDiscoverers", "", `{"Discoverers":[{"SourceArn":"`+other+`"},{"SourceArn":"`+shop+`"}]}`)), false, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			m := built(events(c.rule), c.schemas)
			for id, there := range map[string]bool{shop: c.shop, other: c.other} {
				if there {
					wantFields(t, m, id, field)
				} else {
					wantFields(t, m, id)
				}
			}
		})
	}
	const rule = "arn:aws:events:eu-west-1:111111111111:rule/"
	for pattern, goes := range map[string]bool{
		`{"source":["com.shop"],"detail-type":["Order Placed","Order Paid"]}`:        true,
		`{"source":["com.shop"],"detail-type":[{"anything-but":["Order Paid"]}]}`:    true, // not read: it may be
		`{"source":["com.shop"],"detail-type":["x",{"equals-ignore-case":"order"}]}`: true,
		`{"source":["com.shop"],"detail-type":["Order Paid"]}`:                       false,
		`{"source":["com.bank",{"prefix":"org."}]}`:                                  false,
		`{"detail":{"total":[{"exists":true}]}}`:                                     true,
	} {
		learned := registry("discovered-schemas", said("schemas:ListDiscoverers", "", `{"Discoverers":[{"SourceArn":"`+shop+`"}]}`))
		if m := built(events(pattern), learned); goes {
			wantFields(t, m, rule+"shop/a", field)
		} else {
			wantFields(t, m, rule+"shop/a")
			wantFields(t, m, shop, field)
		}
	}
	m := built(events(`{"source":["x"]}`), answersOf("schemas", refusedCall("schemas:ListRegistries", "")))
	wantUnknown(t, &m.Node(shop).Facts, "schemas:ListRegistries", graph.FieldSources.Name)
}

// TestNamesOfLogFields: filters, queries and access logs name fields of log events.
func TestNamesOfLogFields(t *testing.T) {
	groups := said("logs:DescribeLogGroups", "", `{"LogGroups":[{"LogGroupName":"app"},{"LogGroupName":"access"}]}`)
	filters := said("logs:DescribeMetricFilters", "", `{"MetricFilters":[{"FilterName":"f","LogGroupName":"app","Fields":["latency","user.email"]},{"FilterName":"g","LogGroupName":"gone","Fields":["x"]}]}`)
	queries := said("logs:DescribeQueryDefinitions", "", `{"QueryDefinitions":[{"LogGroupNames":["app"],"Fields":["customerPhone"]},{"Fields":["email"]}]}`)
	format, _ := json.Marshal(`{"ip":"$context.identity.sourceIp","mail":"$context.authorizer.claims.email","u":"$context.authorizer.claims['cognito:username']","e":"$context.authorizer.error"}`)
	api := answersOf("apigateway", said("apigateway:GetRestApis", "", `{"Items":[{"Id":"a","Name":"shop"}]}`), said("apigateway:GetStages", "a",
		`{"Item":[{"StageName":"prod","AccessLogSettings":{"DestinationArn":"arn:aws:logs:eu-west-1:111111111111:log-group:access","Format":`+string(format)+`}}]}`))
	m := built(answersOf("logs", groups, filters, queries), api)
	const id = "arn:aws:logs:eu-west-1:111111111111:log-group:"
	wantFields(t, m, id+"app", "latency  of", "user.email  of")
	wantFields(t, m, id+"access", "authorizer.claims.cognito:username  of claims", "authorizer.claims.email  of claims")
	if got := m.Node(id + "app").Names; len(got) != 1 || got[0].Name != "customerPhone" || got[0].Of != "saved query" {
		t.Errorf("names %+v", got)
	}
	if got := sources(m, id+"access"); !slices.Equal(got.V, []string{"access log format of stage prod"}) {
		t.Errorf("sources %v", got)
	}
	m = built(answersOf("logs", groups, refusedCall("logs:DescribeMetricFilters", "")), api)
	wantUnknown(t, &m.Node(id+"app").Facts, "logs:DescribeMetricFilters", graph.FieldSources.Name)
	if got := sources(m, id+"access"); len(got.V) != 1 || !strings.Contains(got.Why, "logs:DescribeMetricFilters") {
		t.Errorf("sources %v, want one and a remark", got)
	}
}

// TestPartsOfRequests: names in mappings and identity sources of APIs.
func TestPartsOfRequests(t *testing.T) {
	rest := answersOf("apigateway", said("apigateway:GetRestApis", "", `{"Items":[{"Id":"a","Name":"shop"}]}`),
		said("apigateway:GetAuthorizers", "a", `{"Items":[{"Id":"z","Name":"z","IdentitySource":"method.request.querystring.email"}]}`),
		said("apigateway:GetResources", "a", `{"Items":[{"Path":"/x","ResourceMethods":{"POST":{"AuthorizationType":"NONE","MethodIntegration":{"Type":"AWS","Uri":"arn:aws:apigateway:eu-west-1:sqs:path/1/q","RequestTemplates":{"application/json":"{\"p\": $input.json('$.phone')}"}}}}}]}`))
	http := answersOf("apigatewayv2", said("apigatewayv2:GetApis", "", `{"Items":[{"ApiId":"h","Name":"web","ProtocolType":"HTTP"}]}`),
		said("apigatewayv2:GetAuthorizers", "h", `{"Items":[{"AuthorizerId":"z","IdentitySource":["$request.header.X-Passport"]}]}`),
		said("apigatewayv2:GetRoutes", "h", `{"Items":[{"RouteKey":"GET /users/{userId}"}]}`),
		said("apigatewayv2:GetIntegrations", "h", `{"Items":[{"IntegrationId":"i","RequestParameters":{"MessageBody":"$request.body.iban"}}]}`))
	m := built(rest, http)
	for id, want := range map[string][]string{
		"arn:aws:apigateway:eu-west-1::/restapis/a": {"identity source email", "mapping template phone"},
		"arn:aws:apigateway:eu-west-1::/apis/h":     {"identity source X-Passport", "path userId", "request parameter iban"},
	} {
		var got []string
		for _, x := range m.Node(graph.ID(id)).Names {
			got = append(got, x.Of+" "+x.Name)
		}
		slices.Sort(got)
		if !slices.Equal(got, want) {
			t.Errorf("%s: got %q, want %q", id, got, want)
		}
	}
}

// TestFlowLogs: lines of flow logs hold addresses, by the format or by default.
func TestFlowLogs(t *testing.T) {
	m := built(bucketNamed("lake"), answersOf("logs", said("logs:DescribeLogGroups", "", `{"LogGroups":[{"LogGroupName":"vpc"}]}`)),
		answersOf("ec2", said("ec2:DescribeFlowLogs", "", `{"FlowLogs":[
			{"FlowLogId":"fl-1","LogGroupName":"vpc","LogDestinationType":"cloud-watch-logs"},
			{"FlowLogId":"fl-2","LogDestination":"arn:aws:s3:::lake/net/","LogDestinationType":"s3","LogFormat":"${action} ${pkt-srcaddr}"},
			{"FlowLogId":"fl-3","LogDestination":"arn:aws:s3:::gone"}]}`)))
	wantFields(t, m, "arn:aws:logs:eu-west-1:111111111111:log-group:vpc", "dstaddr  of flow log", "srcaddr  of flow log")
	wantFields(t, m, "arn:aws:s3:::lake", "net/AWSLogs/**:pkt-srcaddr  of flow log")
}
