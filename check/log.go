package check

import (
	"github.com/flowdeed/flowdeed/graph"
)

var logControls = []*Control{
	accountRecorded, auditStoreProtected,
	{
		ID: "LOG-DATA-001", Title: "Reads and writes of personal-data stores are recorded",
		Doc:      "The selectors of every trail of the account are matched against the ARN of the store. Writes without reads, or only the access logs of a bucket, count as low. Reads of secrets are management events and belong to LOG-TRAIL-001. Which records were read is in the events, not looked at here.",
		Why:      "Art. 33 asks whose data a breach touched. Without data events nobody can say which objects or rows were read, and every person in the store has to be told.",
		Severity: Medium, Moves: OnlyWithData, Articles: []string{"32(1)(d)", "33", "5(2)", "30"},
		Fix:   "Add data events for the stores that hold personal data: aws cloudtrail put-event-selectors with an advanced selector on resources.type and resources.ARN, without readOnly. Data events are billed by the event.",
		Reads: []Read{{"cloudtrail:GetEventSelectors", "EventSelectors[].DataResources[].Values[]"}, {"cloudtrail:GetEventSelectors", "AdvancedEventSelectors[].FieldSelectors[].Equals[]"}, {"s3:GetBucketLogging", "LoggingEnabled.TargetBucket"}},

		Classes: []graph.Class{graph.Bucket, graph.Table, graph.Function, graph.Stream, graph.Queue, graph.Topic}, Node: dataRecorded,
	},
	{
		ID: "LOG-DB-001", Title: "Databases and search keep an audit trail",
		Doc:      "An audit-class log is exported, or the activity stream runs. Error and slow-query logs are no audit trail. Whether the audit extension inside the engine is configured is not seen. Stores declared to hold no personal data are left out.",
		Why:      "Art. 32(1)(d) and 33: statements inside a database never reach the account's trail. Without the engine's own audit log nobody can say who read which rows.",
		Severity: Low, Moves: WithData, Articles: []string{"32(1)(d)", "33"},
		Fix:   "Export the audit log (aws rds modify-db-instance --cloudwatch-logs-export-configuration EnableLogTypes=audit) after switching auditing on in the parameter or option group, or start a database activity stream.",
		Reads: []Read{{"rds:DescribeDBInstances", "DBInstances[].EnabledCloudwatchLogsExports[]"}, {"rds:DescribeDBClusters", "DBClusters[].ActivityStreamStatus"}, {"redshift:DescribeLoggingStatus", "LoggingEnabled"}, {"opensearch:DescribeDomains", "DomainStatusList[].LogPublishingOptions{}"}},

		Classes: []graph.Class{graph.Database, graph.Search}, Node: switchedOn(graph.AuditExport, "an audit log is exported", "no audit log is exported"),
	},
	{
		ID: "LOG-ENTRY-001", Title: "Entry points write access logs",
		Doc:      "APIs, load balancers and content networks write an access log on every stage or listener. Entry points declared to pass no personal data are left out. What the log format holds is not looked at; addresses of visitors are personal data too, so LOG retention applies.",
		Why:      "Art. 33: the access log is the only place that shows who called from outside, and often the only trace of an intrusion.",
		Severity: Low, Moves: WithData, Articles: []string{"32(1)(d)", "33"},
		Fix:   "Name a log destination: accessLogSettings on the stage, access_logs.s3.enabled on the load balancer, Logging on the distribution.",
		Reads: []Read{{"apigateway:GetStages", "item[].accessLogSettings.destinationArn"}, {"apigatewayv2:GetStages", "Items[].AccessLogSettings.DestinationArn"}, {"elbv2:DescribeLoadBalancerAttributes", "Attributes[].Value"}, {"cloudfront:GetDistributionConfig", "DistributionConfig.Logging.Bucket"}, {"appsync:ListGraphqlApis", "graphqlApis[].logConfig.fieldLogLevel"}},

		Classes: []graph.Class{graph.API, graph.GraphQLAPI, graph.LoadBalancer, graph.CDN}, Node: switchedOn(graph.LoggingOn, "access logs are written", "no access log is written"),
	},
	{
		ID: "LOG-FN-001", Title: "Functions and workflows can write their logs",
		Doc:      "The role of a function may create log streams and put events; a workflow or container service has logging switched on. What is logged is not looked at.",
		Why:      "Art. 32(1)(d) and 33: a function that cannot log fails silently and leaves nothing to investigate.",
		Severity: Low, Moves: WithData, Articles: []string{"32(1)(d)", "33"},
		Fix:   "Allow logs:CreateLogStream and logs:PutLogEvents on the function's log group to its role; set the logging level of the workflow to ERROR or ALL without execution data.",
		Reads: []Read{{"iam:GetAccountAuthorizationDetails", "RoleDetailList[].RolePolicyList[].PolicyDocument"}, {"lambda:ListFunctions", "Functions[].LoggingConfig.LogGroup"}, {"stepfunctions:DescribeStateMachine", "loggingConfiguration.level"}, {"ecs:DescribeTaskDefinition", "taskDefinition.containerDefinitions[].logConfiguration.logDriver"}},

		Classes: []graph.Class{graph.Function, graph.StateMachine, graph.ContainerService}, Node: canLog,
	},
	{
		ID: "LOG-PAYLOAD-001", Title: "Payloads with personal data are not logged",
		Doc:      "Full request, event or execution data is not written to a log on a node that carries personal data. Log lines that code writes itself are not seen.",
		Why:      "Art. 5(1)(c) and (e): a log with payloads is a second, unplanned copy of the data with other readers and another period of storage.",
		Severity: Medium, Moves: OnlyWithData, Articles: []string{"5(1)(c)", "5(1)(e)", "25"},
		Fix:   "Turn payload logging off outside debugging: dataTraceEnabled=false on the stage, includeExecutionData=false on workflow and pipe, excludeVerboseContent=true on the GraphQL API.",
		Reads: []Read{{"apigateway:GetStages", "item[].methodSettings{}.dataTraceEnabled"}, {"stepfunctions:DescribeStateMachine", "loggingConfiguration.includeExecutionData"}, {"pipes:DescribePipe", "LogConfiguration.IncludeExecutionData[]"}, {"appsync:ListGraphqlApis", "graphqlApis[].logConfig.excludeVerboseContent"}, {"events:DescribeEventBus", "LogConfig.IncludeDetail"}},

		Classes: []graph.Class{graph.API, graph.StateMachine, graph.Pipe, graph.GraphQLAPI, graph.EventBus}, Node: payloadsKeptOut,
	},
	{
		ID: "LOG-MASK-001", Title: "Log groups fed by personal-data nodes mask it",
		Doc:      "A data-protection policy with a de-identify statement is in force on the group or the account. Groups that nothing with personal data writes to are left out.",
		Why:      "Art. 25 asks for data minimisation by design: masking keeps an e-mail address that slips into a log line from everybody who reads logs.",
		Severity: Low, Moves: OnlyWithData, Articles: []string{"5(1)(c)", "25", "32(1)(a)"},
		Fix:   "Attach a policy: aws logs put-data-protection-policy --log-group-identifier GROUP --policy-document file://policy.json with a Deidentify operation.",
		Reads: []Read{{"logs:DescribeLogGroups", "logGroups[].dataProtectionStatus"}, {"logs:GetDataProtectionPolicy", "policyDocument"}},

		Classes: []graph.Class{graph.LogGroup}, Node: switchedOn(graph.DataProtection, "a data-protection policy masks personal data", "nothing masks personal data"),
	},
}

// switchedOn is the rule of a setting that must be on wherever personal data may be.
func switchedOn(k graph.Key[bool], on, off string) func(*Input, *graph.Node) Result {
	return func(in *Input, n *graph.Node) Result {
		if !in.mayHandle(n.ID) {
			return doesNotApply("it is declared to hold and pass no personal data")
		}
		a := k.Get(&n.Facts)
		switch {
		case !a.Known:
			return missing(a.Fact)
		case a.V:
			return passes(on, a.Fact)
		}
		return fails(off, a.Fact)
	}
}

func dataRecorded(in *Input, n *graph.Node) Result {
	if !in.mayHandle(n.ID) {
		return doesNotApply("it is declared to hold no personal data")
	}
	reads, writes := graph.DataReads.Get(&n.Facts), graph.DataWrites.Get(&n.Facts)
	access := graph.LoggingOn.Get(&n.Facts)
	byAccessLog := n.Class == graph.Bucket && graph.Is(access, true)
	switch {
	case graph.Is(reads, true) && graph.Is(writes, true):
		return passes("a trail records reads and writes", reads.Fact, writes.Fact)
	case byAccessLog && (graph.Is(reads, false) || graph.Is(writes, false)):
		return failsBy(-1, "only the access logs of the bucket record who reads and writes it", reads.Fact, writes.Fact, access.Fact)
	case graph.Is(writes, false) && graph.Is(reads, false):
		return fails("no trail records who reads or writes it", reads.Fact, writes.Fact)
	case graph.Is(writes, false):
		return fails("no trail records who writes to it", reads.Fact, writes.Fact)
	case graph.Is(reads, false):
		return failsBy(-1, "no trail records who reads it", reads.Fact, writes.Fact)
	}
	return missing(reads.Fact, writes.Fact)
}

func canLog(_ *Input, n *graph.Node) Result {
	if by := graph.ManagedBy.Get(&n.Facts); by.Known && by.V != "" {
		return doesNotApply("it is managed by "+by.V, by.Fact)
	}
	k, off := graph.LoggingOn, "logging is off"
	if n.Class == graph.Function {
		k, off = graph.LogRights, "its role may not write log events"
	}
	a := k.Get(&n.Facts)
	switch {
	case !a.Known:
		return missing(a.Fact)
	case a.V:
		return passes(k.Doc, a.Fact)
	}
	return fails(off, a.Fact)
}

func payloadsKeptOut(in *Input, n *graph.Node) Result {
	if !in.mayHandle(n.ID) {
		return doesNotApply("it is declared to pass no personal data")
	}
	a := graph.PayloadLogging.Get(&n.Facts)
	switch {
	case !a.Known:
		return missing(a.Fact)
	case a.V:
		return fails("requests or events are written to the log in full", a.Fact)
	}
	return passes("payloads are not written to the log", a.Fact)
}
