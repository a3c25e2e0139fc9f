package check

import (
	"cmp"
	"slices"
	"strings"

	"github.com/flowdeed/flowdeed/graph"
)

const exposeWhy = "Art. 5(1)(f) and 32(1)(b): confidentiality ends where anybody may come in; Art. 25(2) asks that data is not open to everybody by default."

var exposeControls = []*Control{
	{
		ID: "EXPOSE-FN-001", Title: "Function is not exposed to everyone", Severity: Critical, Moves: Fixed, Articles: []string{"32(1)(b)", "5(1)(f)", "25"},
		Doc: "Looks for statements of the function's policy that let any principal invoke it without a pinned account, organisation or source.", Why: exposeWhy,
		Fix:     "aws lambda remove-permission --statement-id <sid>, or add it again with --source-account and --source-arn.",
		Reads:   []Read{{"lambda:GetPolicy", "Policy"}},
		Classes: []graph.Class{graph.Function},
		Never:   everyNode,
		Node:    func(_ *Input, n *graph.Node) Result { return publicStatements(n, "the function policy") },
	},
	{
		ID: "EXPOSE-FN-002", Title: "Function URL requires authentication", Severity: High, Moves: WithData, Articles: []string{"32(1)(b)", "25"},
		Doc: "A function URL with AuthType NONE answers anybody on the internet.", Why: exposeWhy,
		Fix:     "aws lambda update-function-url-config --auth-type AWS_IAM, or put an API with an authoriser in front.",
		Reads:   []Read{{"lambda:ListFunctionUrlConfigs", "FunctionUrlConfigs[].AuthType"}, {"lambda:ListFunctionUrlConfigs", "FunctionUrlConfigs[].Cors.AllowOrigins[]"}},
		Classes: []graph.Class{graph.Function}, Node: functionURL, Never: everyNode,
	},
	{
		ID: "EXPOSE-API-001", Title: "API routes require authorisation", Severity: High, Moves: WithData, Articles: []string{"32(1)(b)", "25"},
		Doc: "Asked of every route an API offers; OPTIONS is left out. A private API and a resource policy that admits nobody unnamed count as authorisation. " +
			"A default endpoint that stays open behind a custom domain fails two grades lower: it bypasses the firewall, mutual TLS and TLS policy of the domain. " +
			"A route that asks for an API key and nothing else is left to EXPOSE-API-002.",
		Why:   exposeWhy,
		Fix:   "Attach an authoriser to the route: user pool, JWT, Lambda or IAM. Close the default endpoint with disableExecuteApiEndpoint=true.",
		Reads: []Read{{"apigateway:GetResources", "items[].resourceMethods{}.authorizationType"}, {"apigateway:GetRestApis", "items[].policy"}, {"apigateway:GetRestApis", "items[].disableExecuteApiEndpoint"}, {"apigatewayv2:GetRoutes", "Items[].AuthorizationType"}},
		Kinds: []graph.FlowKind{graph.Exposes}, Flow: routeAuth,
	},
	{
		ID: "EXPOSE-API-002", Title: "Static API keys are not the only authentication", Severity: Medium, Moves: WithData, Articles: []string{"32(1)(b)"},
		Doc: "An API key names a client, not a person; it is shared, copied and rarely changed.", Why: exposeWhy,
		Fix:   "Use user tokens or IAM; keep the key for usage plans.",
		Reads: []Read{{"apigateway:GetResources", "items[].resourceMethods{}.apiKeyRequired"}, {"appsync:ListGraphqlApis", "graphqlApis[].authenticationType"}},
		Kinds: []graph.FlowKind{graph.Exposes},
		Flow: func(in *Input, f *graph.Flow) Result {
			to := in.Graph.Node(f.To)
			auth := graph.EntryAuth.Get(&f.Facts)
			switch {
			case to == nil || to.Class != graph.API && to.Class != graph.GraphQLAPI:
				return doesNotApply("not an API")
			case !auth.Known:
				return missing(auth.Fact)
			case auth.V == graph.AuthAPIKey:
				return fails("only an API key guards it", auth.Fact)
			case auth.V == graph.AuthNone:
				return doesNotApply("nothing guards it: EXPOSE-API-001 decides", auth.Fact)
			case slices.Contains(proofs, auth.V):
				return passes("guarded by "+string(auth.V), auth.Fact)
			}
			return cannotTell("nothing is known of authorisation "+string(auth.V), auth.Fact)
		},
	},
	{
		ID: "EXPOSE-S3-001", Title: "Bucket and its access points are not public", Severity: Critical, Moves: Fixed, Articles: []string{"32(1)(b)", "5(1)(f)", "25"},
		Doc: "Joins policy, access list, website hosting and the public access block of bucket and account. A public policy that a block makes void does not fail. " +
			"A bucket of personal data that hosts a website fails unless all public access is blocked. An access point that takes requests from the internet and admits anybody fails as well, unless a block of its own, of the bucket or of the account holds.",
		Why:     exposeWhy,
		Fix:     "Turn all four blocks on for the account: aws s3control put-public-access-block.",
		Reads:   []Read{{"s3:GetBucketPolicy", "Policy"}, {"s3:GetBucketAcl", "Grants[].Grantee.URI"}, {"s3:GetPublicAccessBlock", "PublicAccessBlockConfiguration"}, {"s3control:GetPublicAccessBlock", "PublicAccessBlockConfiguration"}, {"s3control:GetAccessPointPolicy", "Policy"}, {"s3:GetBucketWebsite", "IndexDocument.Suffix"}},
		Classes: []graph.Class{graph.Bucket}, Node: publicBucket, Never: everyNode,
	},
	{
		ID: "EXPOSE-MSG-001", Title: "Queue, topic, bus and stream policies are not public", Severity: Critical, Moves: Fixed, Articles: []string{"32(1)(b)", "5(1)(f)"},
		Doc: "Looks for statements that let anybody send, receive or administer. The default topic policy, held to the owner's account, passes.", Why: exposeWhy,
		Fix:     "Name the principals, or add a condition on aws:SourceAccount or aws:SourceArn.",
		Reads:   []Read{{"sqs:GetQueueAttributes", "Attributes.Policy"}, {"sns:GetTopicAttributes", "Attributes.Policy"}, {"events:DescribeEventBus", "Policy"}, {"kinesis:GetResourcePolicy", "Policy"}},
		Classes: []graph.Class{graph.Queue, graph.Topic, graph.EventBus, graph.Stream},
		Never:   everyNode,
		Node:    func(_ *Input, n *graph.Node) Result { return publicStatements(n, "the policy") },
	},
	{
		ID: "EXPOSE-RES-001", Title: "No other resource policy is public", Severity: High, Moves: WithData, Articles: []string{"32(1)(b)", "5(1)(f)"},
		Doc: "The same reading for secrets and tables.", Why: exposeWhy, Fix: "Name the principals in the resource policy.",
		Reads:   []Read{{"secretsmanager:GetResourcePolicy", "ResourcePolicy"}, {"dynamodb:GetResourcePolicy", "Policy"}},
		Classes: []graph.Class{graph.Secret, graph.Table},
		Never:   everyNode,
		Node:    func(_ *Input, n *graph.Node) Result { return publicStatements(n, "the resource policy") },
	},
	{
		ID: "EXPOSE-DB-001", Title: "Data stores are not reachable from the internet", Severity: Critical, Moves: Fixed, Articles: []string{"32(1)(b)", "5(1)(f)"},
		Doc: "A public address together with a security group that admits the whole internet on the port of the store.", Why: exposeWhy,
		Fix:     "aws rds modify-db-instance --no-publicly-accessible, and take 0.0.0.0/0 out of the security group.",
		Reads:   []Read{{"rds:DescribeDBInstances", "DBInstances[].PubliclyAccessible"}, {"ec2:DescribeSecurityGroups", "SecurityGroups[].IpPermissions[].IpRanges[].CidrIp"}},
		Classes: []graph.Class{graph.Database}, Node: publicDatabase,
	},
	{
		ID: "EXPOSE-SNAP-001", Title: "Snapshots are not shared with everyone", Severity: Critical, Moves: Fixed, Articles: []string{"32(1)(b)", "5(1)(f)"},
		Doc:     "A snapshot whose restore right is given to all can be copied by any AWS customer.",
		Why:     "This is a personal data breach until disproved: Art. 33 sets 72 hours.",
		Fix:     "aws rds modify-db-snapshot-attribute --attribute-name restore --values-to-remove all; treat as a breach until disproved.",
		Reads:   []Read{{"rds:DescribeDBSnapshotAttributes", "DBSnapshotAttributesResult.DBSnapshotAttributes[].AttributeValues[]"}},
		Classes: []graph.Class{graph.Snapshot}, Never: everyNode,
		Node: func(_ *Input, n *graph.Node) Result {
			with := graph.SharedWith.Get(&n.Facts)
			switch {
			case !with.Known:
				return missing(with.Fact)
			case slices.Contains(with.V, "all"):
				return fails("anybody with an AWS account may restore it", with.Fact)
			}
			return passes("not shared with everybody", with.Fact)
		},
	},
	{
		ID: "EXPOSE-ID-001", Title: "Guest identities cannot reach personal data", Severity: High, Moves: WithData, Articles: []string{"32(1)(b)", "25"},
		Doc: "An identity pool that hands credentials to visitors who did not sign in. The grade is high when the guest role may read or write a store of personal data, and one lower when nothing shows that it may.", Why: exposeWhy,
		Fix:     "aws cognito-identity update-identity-pool --no-allow-unauthenticated-identities, or empty the guest role.",
		Reads:   []Read{{"cognito-identity:DescribeIdentityPool", "AllowUnauthenticatedIdentities"}, {"cognito-identity:GetIdentityPoolRoles", "Roles{}"}},
		Classes: []graph.Class{graph.IdentityPool}, Never: everyNode, Node: guests,
	},
}

// proofs are the ways of proof that name the caller.
var proofs = []graph.Auth{graph.AuthToken, graph.AuthIAM, graph.AuthMTLS}

func routeAuth(in *Input, f *graph.Flow) Result {
	to := in.Graph.Node(f.To)
	auth := graph.EntryAuth.Get(&f.Facts)
	switch {
	case to == nil || to.Class != graph.API && to.Class != graph.GraphQLAPI:
		return doesNotApply("not an API")
	case strings.HasPrefix(f.Via, "OPTIONS "):
		return doesNotApply("preflight requests carry no data")
	case f.From != graph.Internet:
		return passes("the API is private: it answers " + name(in, f.From) + ", not the internet")
	case graph.Is(graph.AnswersItself.Get(&f.Facts), true):
		return doesNotApply("the API answers with a fixed text: nothing is behind the route", graph.AnswersItself.Get(&f.Facts).Fact)
	case !auth.Known:
		return missing(auth.Fact)
	case auth.V == graph.AuthNone:
		return policyInstead(to, auth.Fact)
	case auth.V == graph.AuthAPIKey:
		return behindDomain(to, doesNotApply("only an API key is asked for: EXPOSE-API-002 decides", auth.Fact))
	case slices.Contains(proofs, auth.V):
		return behindDomain(to, passes("the caller must prove itself: "+string(auth.V), auth.Fact))
	}
	return cannotTell("nothing is known of authorisation "+string(auth.V), auth.Fact)
}

// policyInstead is the decision on a route without an authoriser: the resource policy
// of the API may still say who may come. With a policy, a caller it does not admit is
// refused. Source: Amazon API Gateway Developer Guide, "How API Gateway resource
// policies affect authorization workflow".
func policyInstead(to *graph.Node, auth graph.Fact) Result {
	has, open := graph.HasPolicy.Get(&to.Facts), graph.PublicStatements.Get(&to.Facts)
	switch {
	case askedInVain(&to.Facts, has.Name) || graph.Is(has, true) && !open.Known:
		return cannotTell("nothing is asked of the caller, and the resource policy that may still hold callers back is not known: "+cmp.Or(has.Why, open.Why), auth, has.Fact, open.Fact)
	case graph.Is(has, true) && len(open.V) == 0:
		return behindDomain(to, passes("the resource policy admits nobody unnamed", auth, has.Fact, open.Fact))
	}
	return fails("anybody may call it", auth)
}

// behindDomain looks at the default endpoint of an API whose routes are guarded.
func behindDomain(to *graph.Node, guarded Result) Result {
	if open := graph.DefaultEndpointOpen.Get(&to.Facts); graph.Is(open, true) {
		return failsBy(-2, guarded.Reason+"; but the default endpoint is open beside the custom domain", append(guarded.Facts, open.Fact)...)
	}
	return guarded
}

// functionURL judges all addresses of a function: aliases have their own.
func functionURL(in *Input, n *graph.Node) Result {
	facing := graph.InternetFacing.Get(&n.Facts)
	switch {
	case !facing.Known:
		return missing(facing.Fact)
	case !facing.V:
		return passes("no function URL", facing.Fact)
	}
	t, urls := tally{facts: []graph.Fact{facing.Fact}}, 0
	pass := "the function URL demands proof of who calls"
	for _, f := range in.Graph.In(n.ID) {
		if f.Kind != graph.Exposes {
			continue
		}
		urls++
		if on := graph.StateOn.Get(&f.Facts); graph.Is(on, false) {
			t.facts = append(t.facts, on.Fact)
			pass = cmp.Or(on.Why, "the function URL is switched off")
			continue
		}
		auth, cors := graph.EntryAuth.Get(&f.Facts), graph.CORSAnyOrigin.Get(&f.Facts)
		switch {
		case !t.known(auth.Fact):
		case !slices.Contains(proofs, auth.V):
			t.against(0, "the function URL asks nobody who they are")
		case graph.Is(cors, true):
			t.facts = append(t.facts, cors.Fact)
			t.against(-1, "any web page may call the function URL")
		}
	}
	if urls == 0 {
		t.gap(graph.EntryAuth.Name + " is not known: the URL has no entry in the graph")
	}
	return t.result(pass)
}

// publicBucket joins what opens a bucket with what makes it void: RestrictPublicBuckets
// takes the effect from a public policy, IgnorePublicAcls from a public list.
// Source: Amazon S3 User Guide, "Blocking public access to your Amazon S3 storage".
func publicBucket(in *Input, n *graph.Node) Result {
	policy, acl := graph.PublicStatements.Get(&n.Facts), graph.PublicACL.Get(&n.Facts)
	blocked, gaps, site := graph.PublicBlocked.Get(&n.Facts), graph.PublicBlockGaps.Get(&n.Facts), graph.Website.Get(&n.Facts)
	byPolicy, byList := policy.Known && len(policy.V) > 0, acl.Known && len(acl.V) > 0
	points, off := graph.PublicAccessPoints.Get(&n.Facts), strings.Join(gaps.V, ", ")+" off"
	switch {
	case graph.Is(blocked, true) && gaps.Known && len(gaps.V) == 0:
		return passes("public access is blocked whatever policy and list say", blocked.Fact, gaps.Fact)
	case byPolicy && gaps.Known && slices.Contains(gaps.V, "RestrictPublicBuckets"), byList && gaps.Known && slices.Contains(gaps.V, "IgnorePublicAcls"):
		return fails("open to everybody: "+strings.Join(slices.Concat(policy.V, acl.V), ", "), policy.Fact, acl.Fact, gaps.Fact)
	case points.Known && len(points.V) > 0:
		return fails("an access point admits anybody: "+strings.Join(points.V, ", "), points.Fact)
	case graph.Is(site, true) && in.Labels.Profile(n.ID).Personal():
		return fails("it holds personal data and hosts a website", site.Fact)
	case !blocked.Known || !policy.Known || !acl.Known || !gaps.Known || !points.Known:
		return missing(policy.Fact, acl.Fact, points.Fact, blocked.Fact, gaps.Fact)
	case !site.Known && in.Labels.Profile(n.ID).Personal():
		return missing(site.Fact)
	case byPolicy || byList:
		return failsBy(-3, "the policy or list is public and only part of the block holds it back: "+off, gaps.Fact, policy.Fact, acl.Fact)
	case len(gaps.V) > 0:
		return failsBy(-3, "not public, but nothing prevents it: "+off, gaps.Fact)
	}
	return passes("neither policy nor list nor access point is public", policy.Fact, acl.Fact, points.Fact, blocked.Fact, gaps.Fact)
}

// guests looks at what the role of visitors may reach.
func guests(in *Input, n *graph.Node) Result {
	g := graph.GuestsAllowed.Get(&n.Facts)
	switch {
	case !g.Known:
		return missing(g.Fact)
	case !g.V:
		return passes("guests get no credentials", g.Fact)
	}
	role, stores, whole := in.guestReach(n)
	const open = "visitors get credentials without signing in; "
	switch {
	case len(stores) > 0:
		return fails(open+"their role may reach "+strings.Join(stores, ", "), g.Fact)
	case role == "":
		return failsBy(-1, open+"no role for them is known", g.Fact)
	case !whole:
		return failsBy(-1, open+"what their role reaches is not known whole", g.Fact)
	}
	return failsBy(-1, open+"their role reaches no store of personal data", g.Fact)
}

// guestReach names the role of visitors and the stores of personal data it may reach.
func (in *Input) guestReach(n *graph.Node) (role graph.ID, stores []string, whole bool) {
	for _, f := range in.Graph.Out(n.ID) {
		if f.Kind == graph.Assumes && f.Via == "unauthenticated" {
			role = f.To
		}
	}
	if role == "" || in.Rights == nil {
		return role, nil, false
	}
	rights, whole := in.Rights(role)
	for _, r := range rights {
		if (r.Read || r.Write) && in.Labels.Profile(r.Store).Personal() {
			stores = append(stores, name(in, r.Store))
		}
	}
	return role, stores, whole
}

func publicDatabase(_ *Input, n *graph.Node) Result {
	if n.Kind == "rds.cluster" {
		return doesNotApply("the members of a cluster have the addresses")
	}
	facing, open := graph.InternetFacing.Get(&n.Facts), graph.OpenIngress.Get(&n.Facts)
	switch {
	case !facing.Known:
		return missing(facing.Fact)
	case !facing.V:
		return passes("no public address", facing.Fact)
	case !open.Known:
		return missing(open.Fact)
	case len(open.V) > 0:
		return fails("public address, and the security group admits the internet: "+strings.Join(open.V, ", "), facing.Fact, open.Fact)
	}
	return failsBy(-2, "public address; no security-group rule opens it now", facing.Fact, open.Fact)
}
