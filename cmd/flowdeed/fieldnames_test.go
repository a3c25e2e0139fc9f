package main

import (
	"fmt"
	"net/http"
	"strings"

	"github.com/flowdeed/flowdeed/aws/replay"
)

// schemasOf are hand-written answers, in the form of the services, of an account that
// describes its data: a table over a folder, a schema in each registry, a metric filter, a
// saved query, the format of an access log. Each also holds what must not be kept.
var schemasOf = map[string]string{
	"glue GetDatabases":   `{"DatabaseList":[{"Name":"crm","Description":"ask jane@shop.example"}]}`,
	"glue GetTables":      `{"TableList":[{"Name":"customers","DatabaseName":"crm","Owner":"jane","Description":"of jane@shop.example","TableType":"EXTERNAL_TABLE","Parameters":{"classification":"parquet","contact":"jane"},"StorageDescriptor":{"Location":"s3://shop-exports-prod/crm/customers/","Columns":[{"Name":"customer_id","Type":"bigint"},{"Name":"email","Type":"string"},{"Name":"batch","Type":"string","Comment":"asked for by jane@shop.example"}]},"PartitionKeys":[{"Name":"dt","Type":"string"}]}]}`,
	"glue GetConnections": `{"ConnectionList":[]}`,
	"glue ListSchemas":    `{"Schemas":[{"SchemaName":"clickstream","RegistryName":"web","SchemaArn":"arn:aws:glue:eu-west-1:123456789012:schema/web/clickstream","Description":"jane"}]}`,
	"glue GetSchemaVersion": `{"DataFormat":"AVRO","SchemaArn":"arn:aws:glue:eu-west-1:123456789012:schema/web/clickstream","VersionNumber":1,"Status":"AVAILABLE",
		"SchemaDefinition":"{\"type\":\"record\",\"name\":\"Click\",\"fields\":[{\"name\":\"visitor\",\"type\":{\"type\":\"record\",\"name\":\"Visitor\",\"fields\":[{\"name\":\"ip_address\",\"type\":\"string\",\"default\":\"jane\"}]}}]}"}`,
	"schemas GET /v1/registries":                                 `{"Registries":[{"RegistryName":"aws.events"},{"RegistryName":"discovered-schemas"}]}`,
	"schemas GET /v1/discoverers":                                `{"Discoverers":[{"DiscovererId":"d","SourceArn":"arn:aws:events:eu-west-1:123456789012:event-bus/shop-bus","State":"STARTED"}]}`,
	"schemas GET /v1/registries/name/discovered-schemas/schemas": `{"Schemas":[{"SchemaName":"shop.newsletter@SignedUp","VersionCount":1}]}`,
	"schemas GET /v1/registries/name/discovered-schemas/schemas/name/shop.newsletter@SignedUp": `{"SchemaName":"shop.newsletter@SignedUp","SchemaVersion":"1","Type":"OpenApi3",
		"Content":"{\"openapi\":\"3.0.0\",\"components\":{\"schemas\":{\"AWSEvent\":{\"x-amazon-events-source\":\"shop.newsletter\",\"x-amazon-events-detail-type\":\"SignedUp\",\"properties\":{\"detail\":{\"$ref\":\"#/components/schemas/SignedUp\"},\"detail-type\":{\"type\":\"string\"},\"account\":{\"type\":\"string\"}}},\"SignedUp\":{\"properties\":{\"subscriber\":{\"properties\":{\"date_of_birth\":{\"type\":\"string\",\"example\":\"jane\"}}}}}}}}"}`,
	"logs DescribeMetricFilters":    `{"metricFilters":[{"filterName":"vip","logGroupName":"/aws/lambda/profile-api","filterPattern":"{ $.customer.phoneNumber = \"jane\" }","metricTransformations":[{"metricName":"vip","metricNamespace":"shop","metricValue":"1"}]}]}`,
	"logs DescribeQueryDefinitions": `{"queryDefinitions":[{"name":"q","logGroupNames":["/aws/lambda/profile-api"],"queryString":"fields @timestamp, customerEmail | filter customerEmail = 'jane' | limit 5"}]}`,
	"apigateway GET /stages":        `{"item":[{"stageName":"prod","accessLogSettings":{"destinationArn":"arn:aws:logs:eu-west-1:123456789012:log-group:/aws/lambda/order-create","format":"{\"ip\":\"$context.identity.sourceIp\",\"who\":\"$context.authorizer.claims.email\"}"}}]}`,
}

// described answers by schemasOf where that has an answer for eu-west-1, and by the
// recording of the web shop elsewhere.
func described(rec http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		c, _, err := replay.Identify(r)
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		what := c.Service + " " + c.Operation
		if c.Service == "apigateway" && strings.HasPrefix(c.Operation, "GET /restapis/") && strings.HasSuffix(c.Operation, "/stages") {
			what = "apigateway GET /stages"
		}
		answer, ok := schemasOf[what]
		if !ok || c.Region != "eu-west-1" {
			rec.ServeHTTP(w, r)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		fmt.Fprint(w, answer)
	})
}
