package check

import (
	"slices"
	"strconv"
	"strings"

	"github.com/flowdeed/flowdeed/graph"
)

// carriers are the protocols by which a topic hands a message to somebody's mailbox or
// phone, tlsDeliveries those on which the service itself uses TLS.
// Source: Amazon SNS Developer Guide, "Amazon SNS event destinations".
var (
	carriers      = []string{"email", "email-json", "sms"}
	tlsDeliveries = []string{"https", "sqs", "lambda", "firehose", "application"}
)

const transitWhy = "Art. 32(1)(a): data that travels in clear can be read and changed by whoever sits on the way."

var encTransitControls = []*Control{
	{
		ID: "ENC-TRANSIT-001", Title: "Bucket refuses requests without TLS", Severity: Medium, Moves: WithData, Articles: []string{"32(1)(a)"},
		Doc: "Looks for a deny for all principals, on the bucket and its objects, when a request comes without TLS. SDKs use TLS by themselves; the deny makes sure of the rest.",
		Why: transitWhy, Fix: "Add a deny statement with the condition Bool aws:SecureTransport=false for the bucket and bucket/*.",
		Reads:   []Read{{"s3:GetBucketPolicy", "Policy"}},
		Classes: []graph.Class{graph.Bucket}, Node: tlsRequired, Never: everyNode,
	},
	{
		ID: "ENC-TRANSIT-002", Title: "Queue and topic refuse requests without TLS", Severity: Low, Moves: WithData, Articles: []string{"32(1)(a)"},
		Doc: "Looks for a deny when a request comes without TLS. Queues and topics answer plain HTTP otherwise.",
		Why: transitWhy, Fix: "Add a deny statement with the condition Bool aws:SecureTransport=false to the queue or topic policy.",
		Reads:   []Read{{"sqs:GetQueueAttributes", "Attributes.Policy"}, {"sns:GetTopicAttributes", "Attributes.Policy"}},
		Classes: []graph.Class{graph.Queue, graph.Topic}, Node: tlsRequired, Never: everyNode,
	},
	{
		ID: "ENC-TRANSIT-003", Title: "Topic does not deliver over plain HTTP", Severity: High, Moves: WithData, Articles: []string{"32(1)(a)", "5(1)(f)"},
		Doc: "Reads the protocol of every subscription.", Why: transitWhy, Fix: "Move the subscriber to an HTTPS endpoint and delete the http subscription.",
		Reads: []Read{{"sns:ListSubscriptions", "Subscriptions[].Protocol"}},
		Kinds: []graph.FlowKind{graph.Delivers, graph.Triggers},
		Flow: func(in *Input, f *graph.Flow) Result {
			p := graph.ProtocolName.Get(&f.Facts)
			switch {
			case !fromClass(in, f, graph.Topic):
				return doesNotApply("not a delivery of a topic")
			case !p.Known:
				return missing(p.Fact)
			case p.V == "http":
				return fails("delivered over plain HTTP", p.Fact)
			case slices.Contains(carriers, p.V):
				return doesNotApply("delivered by "+p.V+": ENC-TRANSIT-004 decides", p.Fact)
			case slices.Contains(tlsDeliveries, p.V):
				return passes("delivered by "+p.V, p.Fact)
			}
			return cannotTell("nothing is known of deliveries by "+p.V, p.Fact)
		},
	},
	{
		ID: "ENC-TRANSIT-004", Title: "Personal data is not pushed by e-mail or SMS", Severity: Medium, Moves: OnlyWithData, Articles: []string{"5(1)(c)", "32(1)(a)"},
		Doc:   "An e-mail or text message has no end-to-end protection and adds a recipient. Asked of subscriptions of topics that carry personal data.",
		Why:   "Art. 5(1)(c): a notice that something happened rarely needs the data itself.",
		Fix:   "Send a reference and let the reader sign in, or take the personal fields out of the message.",
		Reads: []Read{{"sns:ListSubscriptions", "Subscriptions[].Protocol"}},
		Kinds: []graph.FlowKind{graph.Delivers, graph.Triggers},
		Flow: func(in *Input, f *graph.Flow) Result {
			p := graph.ProtocolName.Get(&f.Facts)
			switch {
			case !fromClass(in, f, graph.Topic):
				return doesNotApply("not a delivery of a topic")
			case !p.Known:
				return missing(p.Fact)
			case slices.Contains(carriers, p.V):
				return fails("personal data leaves by "+p.V, p.Fact)
			case p.V == "http" || slices.Contains(tlsDeliveries, p.V):
				return passes("delivered by "+p.V, p.Fact)
			}
			return cannotTell("nothing is known of deliveries by "+p.V, p.Fact)
		},
	},
	{
		ID: "ENC-TRANSIT-005", Title: "Load balancer listener uses TLS", Severity: High, Moves: WithData, Articles: []string{"32(1)(a)"},
		Doc: "Reads the protocol of every listener; plain HTTP whose every action redirects to HTTPS passes.", Why: transitWhy,
		Fix:     "Add an HTTPS listener and let the HTTP one redirect: aws elbv2 modify-listener.",
		Reads:   []Read{{"elbv2:DescribeListeners", "Listeners[].Protocol"}, {"elbv2:DescribeListeners", "Listeners[].DefaultActions[].Type"}},
		Classes: []graph.Class{graph.LoadBalancer}, Node: clientLeg, Never: everyNode,
	},
	{
		ID: "ENC-TRANSIT-006", Title: "TLS policy is 1.2 or later at every entry point", Severity: Medium, Moves: WithData, Articles: []string{"32(1)(a)"},
		Doc: "Reads the lowest TLS version an entry point accepts. A policy that is not in the table gives unknown.", Why: transitWhy,
		Fix:     "Choose a current security policy on the listener, distribution or custom domain.",
		Reads:   []Read{{"elbv2:DescribeListeners", "Listeners[].SslPolicy"}, {"cloudfront:GetDistributionConfig", "DistributionConfig.ViewerCertificate.MinimumProtocolVersion"}, {"apigateway:GetDomainNames", "items[].securityPolicy"}},
		Classes: []graph.Class{graph.LoadBalancer, graph.CDN, graph.API},
		Node: func(_ *Input, n *graph.Node) Result {
			v := graph.TLSMinimum.Get(&n.Facts)
			if n.Class == graph.LoadBalancer && !v.Known && graph.Is(graph.ClientTransit.Get(&n.Facts), graph.TransitPlain) {
				return doesNotApply("no listener uses TLS: ENC-TRANSIT-005 decides")
			}
			switch {
			case !v.Known:
				return missing(v.Fact)
			case slices.Contains([]string{"1.2", "1.3"}, v.V):
				return passes("accepts TLS "+v.V+" and later", v.Fact)
			case slices.Contains([]string{"1.0", "1.1"}, v.V):
				return fails("accepts TLS "+v.V, v.Fact)
			}
			return cannotTell("nothing is known of TLS version "+v.V, v.Fact)
		},
	},
	{
		ID: "ENC-TRANSIT-007", Title: "Load balancer to target leg uses TLS", Severity: Low, Moves: WithData, Articles: []string{"32(1)(a)"},
		Doc: "Reads the protocol of the target group behind every listener. Functions as targets are reached inside AWS. Instances and addresses are no nodes of the map and are not asked about.", Why: transitWhy,
		Fix:   "Create a target group with protocol HTTPS or TLS and move the listener to it.",
		Reads: []Read{{"elbv2:DescribeTargetGroups", "TargetGroups[].Protocol"}, {"elbv2:DescribeTargetGroups", "TargetGroups[].TargetType"}},
		Kinds: []graph.FlowKind{graph.RoutesTo},
		Flow: func(in *Input, f *graph.Flow) Result {
			if !fromClass(in, f, graph.LoadBalancer) {
				return doesNotApply("not behind a load balancer")
			}
			return transitOf(f)
		},
	},
	{
		ID: "ENC-TRANSIT-008", Title: "CDN viewers and origins use HTTPS", Severity: High, Moves: WithData, Articles: []string{"32(1)(a)"},
		Doc: "Reads the viewer protocol of every behaviour and the protocol towards every origin.", Why: transitWhy,
		Fix:     "Set ViewerProtocolPolicy to redirect-to-https in every behaviour and OriginProtocolPolicy to https-only.",
		Reads:   []Read{{"cloudfront:GetDistributionConfig", "DistributionConfig.DefaultCacheBehavior.ViewerProtocolPolicy"}, {"cloudfront:GetDistributionConfig", "DistributionConfig.Origins.Items[].CustomOriginConfig.OriginProtocolPolicy"}},
		Classes: []graph.Class{graph.CDN}, Never: everyNode,
		Node: func(_ *Input, n *graph.Node) Result {
			viewer, origin := decided(graph.ClientTransit.Get(&n.Facts)), decided(graph.OriginTransit.Get(&n.Facts))
			switch {
			case viewer.Known && (viewer.V == graph.TransitOffered || viewer.V == graph.TransitPlain):
				return fails("viewers may use plain HTTP", viewer.Fact)
			case origin.Known && (origin.V == graph.TransitOffered || origin.V == graph.TransitPlain):
				return fails("an origin is reached over plain HTTP", origin.Fact)
			case !viewer.Known || !origin.Known:
				return missing(viewer.Fact, origin.Fact)
			}
			return passes("viewers use HTTPS, origins HTTPS or the bucket itself", viewer.Fact, origin.Fact)
		},
	},
	{
		ID: "ENC-TRANSIT-009", Title: "API integration does not call plain HTTP", Severity: High, Moves: WithData, Articles: []string{"32(1)(a)"},
		Doc: "Reads the address of every integration and whether certificates are checked.", Why: transitWhy,
		Fix:   "Use an https:// address and check the server name; give private integrations a TLS block.",
		Reads: []Read{{"apigateway:GetResources", "items[].resourceMethods{}.methodIntegration.uri"}, {"apigatewayv2:GetIntegrations", "Items[].IntegrationUri"}, {"apigatewayv2:GetIntegrations", "Items[].TlsConfig.ServerNameToVerify"}},
		Kinds: []graph.FlowKind{graph.Invokes, graph.Publishes, graph.Writes, graph.Reads, graph.Accesses},
		Flow: func(in *Input, f *graph.Flow) Result {
			if !fromClass(in, f, graph.API) && !fromClass(in, f, graph.GraphQLAPI) {
				return doesNotApply("not an integration of an API")
			}
			v, r := graph.VerifyTLS.Get(&f.Facts), transitOf(f)
			switch {
			case v.Known && !v.V:
				return fails("certificates of the endpoint are not checked", v.Fact)
			case r.Status == Pass && askedInVain(&f.Facts, v.Name):
				return missing(v.Fact)
			case r.Status == Pass && v.Known:
				return passes(r.Reason, append(r.Facts, v.Fact)...)
			}
			return r
		},
	},
	{
		ID: "ENC-TRANSIT-011", Title: "Database requires TLS from clients", Severity: High, Moves: WithData, Articles: []string{"32(1)(a)"},
		Doc: "Reads the parameter by which the engine refuses clients without TLS, or the default of the engine version.", Why: transitWhy,
		Fix:     "Set rds.force_ssl=1 (PostgreSQL, SQL Server), require_secure_transport=ON (MySQL, MariaDB) or tls=enabled (DocumentDB) in an own parameter group.",
		Reads:   []Read{{"rds:DescribeDBParameters", "Parameters[].ParameterValue"}, {"rds:DescribeDBClusterParameters", "Parameters[].ParameterValue"}},
		Classes: []graph.Class{graph.Database}, Node: clientLeg, Never: everyNode,
	},
	{
		ID: "ENC-TRANSIT-012", Title: "In-memory store requires TLS and authentication", Severity: High, Moves: WithData, Articles: []string{"32(1)(a)", "32(1)(b)"},
		Doc: "Reads whether clients must use TLS and present a token or user.", Why: transitWhy,
		Fix:     "Set TransitEncryptionMode=required and attach a user group: aws elasticache modify-replication-group.",
		Reads:   []Read{{"elasticache:DescribeReplicationGroups", "ReplicationGroups[].TransitEncryptionMode"}, {"elasticache:DescribeReplicationGroups", "ReplicationGroups[].AuthTokenEnabled"}},
		Classes: []graph.Class{graph.Cache}, Never: everyNode,
		Node: func(in *Input, n *graph.Node) Result {
			return alsoTrue(clientLeg(in, n), graph.ClientAuth.Get(&n.Facts), "clients need neither token nor user", "TLS and authentication are required")
		},
	},
	{
		ID: "ENC-TRANSIT-013", Title: "Search domain enforces HTTPS and node-to-node TLS", Severity: High, Moves: WithData, Articles: []string{"32(1)(a)"},
		Doc: "Reads whether plain HTTP is refused and whether the members of the domain talk TLS to each other.", Why: transitWhy,
		Fix:     "aws opensearch update-domain-config --domain-endpoint-options EnforceHTTPS=true --node-to-node-encryption-options Enabled=true.",
		Reads:   []Read{{"opensearch:DescribeDomains", "DomainStatusList[].DomainEndpointOptions.EnforceHTTPS"}, {"opensearch:DescribeDomains", "DomainStatusList[].NodeToNodeEncryptionOptions.Enabled"}},
		Classes: []graph.Class{graph.Search}, Never: everyNode,
		Node: func(in *Input, n *graph.Node) Result {
			return alsoTrue(clientLeg(in, n), graph.NodeToNode.Get(&n.Facts), "members of the domain talk to each other in clear", "clients and members use TLS")
		},
	},
	{
		ID: "ENC-TRANSIT-017", Title: "Egress to SaaS and web hooks uses HTTPS", Severity: High, Moves: WithData, Articles: []string{"32(1)(a)"},
		Doc: "Reads the scheme of every address outside AWS that configuration names. From an environment variable the flow is inferred, and so is this.", Why: transitWhy,
		Fix:   "Use the TLS address of the endpoint.",
		Reads: []Read{{"events:ListApiDestinations", "ApiDestinations[].InvocationEndpoint"}, {"firehose:DescribeDeliveryStream", "DeliveryStreamDescription.Destinations[].HttpEndpointDestinationDescription.EndpointConfiguration.Url"}, {"lambda:ListFunctions", "Functions[].Environment.Variables{}"}},
		Kinds: []graph.FlowKind{graph.Delivers, graph.Invokes, graph.Publishes, graph.Exports},
		Flow: func(in *Input, f *graph.Flow) Result {
			to := in.Graph.Node(f.To)
			switch {
			case to == nil || to.Class != graph.ExternalEndpoint || !to.External:
				return doesNotApply("does not leave AWS")
			case strings.HasPrefix(string(to.ID), "arn:"):
				return cannotTell("what is behind " + string(to.ID) + " was not read")
			case fromClass(in, f, graph.Topic) || fromClass(in, f, graph.API) || fromClass(in, f, graph.GraphQLAPI):
				return doesNotApply("ENC-TRANSIT-003 or ENC-TRANSIT-009 decides")
			}
			return transitOf(f)
		},
	},
}

func fromClass(in *Input, f *graph.Flow, class graph.Class) bool {
	n := in.Graph.Node(f.From)
	return n != nil && n.Class == class
}

func tlsRequired(_ *Input, n *graph.Node) Result {
	t := graph.TLSRequired.Get(&n.Facts)
	switch {
	case !t.Known:
		return missing(t.Fact)
	case !t.V:
		return fails("requests without TLS are answered", t.Fact)
	}
	return passes("requests without TLS are refused", t.Fact)
}

// clientLeg is the decision on clients that connect to a node over a socket.
func clientLeg(_ *Input, n *graph.Node) Result {
	t := decided(graph.ClientTransit.Get(&n.Facts))
	switch {
	case !t.Known:
		return missing(t.Fact)
	case t.V == graph.TransitEnforced || t.V == graph.TransitInternal:
		return passes(strings.TrimSpace("clients must use TLS. "+t.Why), t.Fact)
	case t.V == graph.TransitOffered:
		return fails(strings.TrimSpace("TLS is offered, not required. "+t.Why), t.Fact)
	}
	return fails(strings.TrimSpace("clients connect without TLS. "+t.Why), t.Fact)
}

// alsoTrue adds a second condition to a first answer: both must hold.
func alsoTrue(first Result, second graph.Answer[bool], not, both string) Result {
	switch {
	case first.Status == Fail:
		return first
	case second.Known && !second.V:
		return fails(not, second.Fact)
	case first.Status != Pass:
		return first
	case !second.Known:
		return missing(second.Fact)
	}
	return passes(both, append(first.Facts, second.Fact)...)
}

// decided takes the verdict "unknown", and words that are no verdict, for what is not known.
func decided(t graph.Answer[graph.Transit]) graph.Answer[graph.Transit] {
	switch t.V {
	case graph.TransitEnforced, graph.TransitOffered, graph.TransitPlain, graph.TransitInternal:
		return t
	}
	if t.Known && t.Why == "" {
		t.Why = "the verdict is " + strconv.Quote(string(t.V))
	}
	t.Known = false
	t.Fact.Known, t.Fact.Value = false, nil
	return t
}

// transitOf is the decision on the verdict of a flow.
func transitOf(f *graph.Flow) Result {
	t := decided(graph.InTransit.Get(&f.Facts))
	switch {
	case !t.Known:
		return missing(t.Fact)
	case t.V == graph.TransitPlain:
		return fails(strings.TrimSpace("the way is not encrypted. "+t.Why), t.Fact)
	}
	return passes(strings.TrimSpace(string(t.V)+". "+t.Why), t.Fact)
}
