package check

import (
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
		Node:    func(_ *Input, n *graph.Node) Result { return publicStatements(n, "the function policy") },
	},
	{
		ID: "EXPOSE-FN-002", Title: "Function URL requires authentication", Severity: High, Moves: WithData, Articles: []string{"32(1)(b)", "25"},
		Doc: "A function URL with AuthType NONE answers anybody on the internet.", Why: exposeWhy,
		Fix:     "aws lambda update-function-url-config --auth-type AWS_IAM, or put an API with an authoriser in front.",
		Reads:   []Read{{"lambda:ListFunctionUrlConfigs", "FunctionUrlConfigs[].AuthType"}, {"lambda:ListFunctionUrlConfigs", "FunctionUrlConfigs[].Cors.AllowOrigins[]"}},
		Classes: []graph.Class{graph.Function}, Node: functionURL,
	},
	{
		ID: "EXPOSE-API-001", Title: "API routes require authorisation", Severity: High, Moves: WithData, Articles: []string{"32(1)(b)", "25"},
		Doc: "Asked of every route an API offers to the internet; OPTIONS is left out. An API key alone is judged by EXPOSE-API-002.", Why: exposeWhy,
		Fix:   "Attach an authoriser to the route: user pool, JWT, Lambda or IAM.",
		Reads: []Read{{"apigateway:GetResources", "items[].resourceMethods{}.authorizationType"}, {"apigatewayv2:GetRoutes", "Items[].AuthorizationType"}},
		Kinds: []graph.FlowKind{graph.Exposes},
		Flow: func(in *Input, f *graph.Flow) Result {
			to := in.Graph.Node(f.To)
			auth := graph.EntryAuth.Get(&f.Facts)
			switch {
			case to == nil || to.Class != graph.API && to.Class != graph.GraphQLAPI:
				return doesNotApply("not an API")
			case f.From != graph.Internet:
				return doesNotApply("the API is private")
			case strings.HasPrefix(f.Via, "OPTIONS "):
				return doesNotApply("preflight requests carry no data")
			case !auth.Known:
				return missing(auth.Fact)
			case auth.V == graph.AuthNone:
				return fails("anybody may call it", auth.Fact)
			case auth.V == graph.AuthAPIKey:
				return passes("an API key is asked for; EXPOSE-API-002 judges whether that is enough", auth.Fact)
			}
			return passes("the caller must prove itself: "+string(auth.V), auth.Fact)
		},
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
			}
			return passes("guarded by "+string(auth.V), auth.Fact)
		},
	},
	{
		ID: "EXPOSE-S3-001", Title: "Bucket and its access points are not public", Severity: Critical, Moves: Fixed, Articles: []string{"32(1)(b)", "5(1)(f)", "25"},
		Doc: "Joins policy, access list, website hosting and the public access block of bucket and account. A public policy that a block makes void does not fail.", Why: exposeWhy,
		Fix:     "Turn all four blocks on for the account: aws s3control put-public-access-block.",
		Reads:   []Read{{"s3:GetBucketPolicy", "Policy"}, {"s3:GetBucketAcl", "Grants[].Grantee.URI"}, {"s3:GetPublicAccessBlock", "PublicAccessBlockConfiguration"}, {"s3control:GetPublicAccessBlock", "PublicAccessBlockConfiguration"}},
		Classes: []graph.Class{graph.Bucket}, Node: publicBucket,
	},
	{
		ID: "EXPOSE-MSG-001", Title: "Queue, topic, bus and stream policies are not public", Severity: Critical, Moves: Fixed, Articles: []string{"32(1)(b)", "5(1)(f)"},
		Doc: "Looks for statements that let anybody send, receive or administer. The default topic policy, held to the owner's account, passes.", Why: exposeWhy,
		Fix:     "Name the principals, or add a condition on aws:SourceAccount or aws:SourceArn.",
		Reads:   []Read{{"sqs:GetQueueAttributes", "Attributes.Policy"}, {"sns:GetTopicAttributes", "Attributes.Policy"}, {"events:DescribeEventBus", "Policy"}, {"kinesis:GetResourcePolicy", "Policy"}},
		Classes: []graph.Class{graph.Queue, graph.Topic, graph.EventBus, graph.Stream},
		Node:    func(_ *Input, n *graph.Node) Result { return publicStatements(n, "the policy") },
	},
	{
		ID: "EXPOSE-RES-001", Title: "No other resource policy is public", Severity: High, Moves: WithData, Articles: []string{"32(1)(b)", "5(1)(f)"},
		Doc: "The same reading for secrets and tables.", Why: exposeWhy, Fix: "Name the principals in the resource policy.",
		Reads:   []Read{{"secretsmanager:GetResourcePolicy", "ResourcePolicy"}, {"dynamodb:GetResourcePolicy", "Policy"}},
		Classes: []graph.Class{graph.Secret, graph.Table},
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
		Classes: []graph.Class{graph.Snapshot},
		Node: func(_ *Input, n *graph.Node) Result {
			with := graph.SharedWith.Get(&n.Facts)
			switch {
			case !with.Known:
				return missing(with.Fact)
			case containsString(with.V, "all"):
				return fails("anybody with an AWS account may restore it", with.Fact)
			}
			return passes("not shared with everybody", with.Fact)
		},
	},
	{
		ID: "EXPOSE-ID-001", Title: "Guest identities cannot reach personal data", Severity: High, Moves: WithData, Articles: []string{"32(1)(b)", "25"},
		Doc: "An identity pool that hands credentials to visitors who did not sign in.", Why: exposeWhy,
		Fix:     "aws cognito-identity update-identity-pool --no-allow-unauthenticated-identities, or empty the guest role.",
		Reads:   []Read{{"cognito-identity:DescribeIdentityPool", "AllowUnauthenticatedIdentities"}, {"cognito-identity:GetIdentityPoolRoles", "Roles{}"}},
		Classes: []graph.Class{graph.IdentityPool},
		Node: func(_ *Input, n *graph.Node) Result {
			g := graph.GuestsAllowed.Get(&n.Facts)
			switch {
			case !g.Known:
				return missing(g.Fact)
			case g.V:
				return failsBy(-1, "visitors get credentials without signing in; what their role reaches is not decided here", g.Fact)
			}
			return passes("guests get no credentials", g.Fact)
		},
	},
}

func functionURL(in *Input, n *graph.Node) Result {
	facing := graph.InternetFacing.Get(&n.Facts)
	if !facing.Known {
		return missing(facing.Fact)
	}
	if !facing.V {
		return passes("no function URL", facing.Fact)
	}
	for _, f := range in.Graph.In(n.ID) {
		if f.Kind != graph.Exposes {
			continue
		}
		auth, cors := graph.EntryAuth.Get(&f.Facts), graph.CORSAnyOrigin.Get(&f.Facts)
		switch {
		case !auth.Known:
			return missing(auth.Fact)
		case auth.V == graph.AuthNone:
			return fails("the function URL asks nobody who they are", auth.Fact)
		case cors.Known && cors.V:
			return failsBy(-1, "any web page may call the function URL", cors.Fact)
		}
		return passes("the function URL demands "+string(auth.V), facing.Fact, auth.Fact)
	}
	return missing(graph.Fact{Name: graph.EntryAuth.Name, Why: "the URL has no entry in the graph"})
}

func publicBucket(_ *Input, n *graph.Node) Result {
	policy, acl := graph.PublicStatements.Get(&n.Facts), graph.PublicACL.Get(&n.Facts)
	blocked, gaps, site := graph.PublicBlocked.Get(&n.Facts), graph.PublicBlockGaps.Get(&n.Facts), graph.Website.Get(&n.Facts)
	open := policy.Known && len(policy.V) > 0 || acl.Known && len(acl.V) > 0
	switch {
	case graph.Is(blocked, true) && gaps.Known && len(gaps.V) == 0:
		return passes("public access is blocked whatever policy and list say", blocked.Fact, gaps.Fact)
	case open && graph.Is(blocked, false):
		return fails("open to everybody: "+strings.Join(append(append([]string{}, policy.V...), acl.V...), ", "), policy.Fact, acl.Fact, blocked.Fact)
	case !blocked.Known || !policy.Known || !acl.Known || !gaps.Known:
		return missing(unread(policy.Fact, acl.Fact, blocked.Fact, gaps.Fact)...)
	case open:
		return failsBy(-3, "the policy or list is public and only part of the block holds it back: "+strings.Join(gaps.V, ", ")+" off", gaps.Fact, policy.Fact, acl.Fact)
	case graph.Is(site, true):
		return failsBy(-2, "website hosting is on", site.Fact)
	case len(gaps.V) > 0:
		return failsBy(-3, "not public, but nothing prevents it: "+strings.Join(gaps.V, ", ")+" off", gaps.Fact)
	}
	return passes("neither policy nor list is public", policy.Fact, acl.Fact, blocked.Fact, gaps.Fact)
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

func containsString(list []string, s string) bool {
	for _, x := range list {
		if x == s {
			return true
		}
	}
	return false
}
