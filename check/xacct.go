package check

import (
	"net"
	"net/url"
	"slices"
	"strings"

	"github.com/flowdeed/flowdeed/graph"
)

const xacctWhy = "Art. 28 and 30(1)(d): whoever else gets at the data must be known, bound by contract and named in the record."

var xacctControls = []*Control{
	{
		ID: "XACCT-FN-001", Title: "No unknown cross-account access to functions", Severity: High, Moves: WithData, Articles: []string{"28", "32(1)(b)"},
		Doc: "Accounts, roles and organisations outside that the function's policy admits.", Why: xacctWhy,
		Fix:     "Remove the permission, or declare the account as a party with its role and contract.",
		Reads:   []Read{{"lambda:GetPolicy", "Policy"}},
		Classes: []graph.Class{graph.Function}, Never: everyNode,
		Node: func(in *Input, n *graph.Node) Result {
			return foreign(in, graph.ForeignPrincipals.Get(&n.Facts), "may invoke it")
		},
	},
	{
		ID: "XACCT-RES-001", Title: "No unknown account in any data-bearing resource policy or share", Severity: High, Moves: WithData, Articles: []string{"28", "32(1)(b)", "44"},
		Doc: "Accounts outside that a resource policy or a snapshot's sharing admits to read, write, decrypt or administer.", Why: xacctWhy,
		Fix: "Remove the grant, or declare the recipient with contract and country.",
		Reads: []Read{
			{"s3:GetBucketPolicy", "Policy"}, {"sqs:GetQueueAttributes", "Attributes.Policy"}, {"sns:GetTopicAttributes", "Attributes.Policy"}, {"events:DescribeEventBus", "Policy"},
			{"dynamodb:GetResourcePolicy", "Policy"}, {"secretsmanager:GetResourcePolicy", "ResourcePolicy"}, {"rds:DescribeDBSnapshotAttributes", "DBSnapshotAttributesResult.DBSnapshotAttributes[].AttributeValues[]"},
		},
		Classes: []graph.Class{graph.Bucket, graph.Queue, graph.Topic, graph.EventBus, graph.Stream, graph.Table, graph.Secret, graph.Snapshot},
		Node: func(in *Input, n *graph.Node) Result {
			if n.Class != graph.Snapshot {
				return foreign(in, graph.ForeignPrincipals.Get(&n.Facts), "may come in")
			}
			with := graph.SharedWith.Get(&n.Facts)
			if with.Known && slices.Contains(with.V, "all") {
				return doesNotApply("shared with everybody: EXPOSE-SNAP-001 decides", with.Fact)
			}
			return foreign(in, with, "may restore it")
		},
	},
	{
		ID: "XACCT-ROLE-001", Title: "Roles trust only known accounts and bounded identities", Severity: High, Moves: WithData, Articles: []string{"28", "32(1)(b)"},
		Doc: "Reads the trust policy of every role: unknown accounts, any principal, third parties without an external id, web identities without a bounded subject.", Why: xacctWhy,
		Fix:     "Add sts:ExternalId or a subject condition to the trust policy, or remove the principal.",
		Reads:   []Read{{"iam:GetAccountAuthorizationDetails", "RoleDetailList[].AssumeRolePolicyDocument"}},
		Classes: []graph.Class{graph.Principal}, Node: roleTrust,
	},
	{
		ID: "XACCT-SVC-001", Title: "Service grants name their source (confused deputy)", Severity: Medium, Moves: WithData, Articles: []string{"32(1)(b)"},
		Doc:     "A service principal that is admitted without naming the account or resource it acts for can be made to act for somebody else.",
		Why:     "Art. 32(1)(b): otherwise another customer of the same service may use it to reach in.",
		Fix:     "Add aws:SourceArn and aws:SourceAccount to the statement.",
		Reads:   []Read{{"lambda:GetPolicy", "Policy"}, {"sqs:GetQueueAttributes", "Attributes.Policy"}},
		Classes: []graph.Class{graph.Function, graph.Queue, graph.Topic, graph.Bucket},
		Node: func(_ *Input, n *graph.Node) Result {
			s := graph.UnboundServices.Get(&n.Facts)
			switch {
			case !s.Known:
				return missing(s.Fact)
			case len(s.V) > 0:
				return fails("admitted without a source: "+strings.Join(s.V, ", "), s.Fact)
			case graph.Is(graph.HasPolicy.Get(&n.Facts), false):
				return doesNotApply("no resource policy", s.Fact)
			}
			return passes("every service is held to a source", s.Fact)
		},
	},
	{
		ID: "XACCT-SAAS-001", Title: "Every SaaS recipient of personal data is in the processor register", Severity: High, Moves: OnlyWithData, Articles: []string{"28", "30(1)(d)", "44"},
		Doc: "Compares the host or account of every place outside that personal data is sent to with the declared parties: addresses, mailboxes, and resources of other accounts.", Why: xacctWhy,
		Fix:   "Declare the recipient under parties: with hosts, role, country and contract.",
		Reads: []Read{{"events:ListApiDestinations", "ApiDestinations[].InvocationEndpoint"}, {"sns:ListSubscriptions", "Subscriptions[].Endpoint"}, {"firehose:DescribeDeliveryStream", "DeliveryStreamDescription.Destinations[]"}},
		Kinds: []graph.FlowKind{
			graph.Delivers, graph.Invokes, graph.Publishes, graph.Exports, graph.Writes, graph.Accesses, graph.Triggers, graph.Streams, graph.Replicates, graph.LogsTo, graph.DeadLetters,
		},
		Flow: declaredRecipient,
	},
}

func roleTrust(in *Input, n *graph.Node) Result {
	if n.Kind != "iam.role" {
		return doesNotApply("only roles are assumed")
	}
	if m := graph.ManagedBy.Get(&n.Facts); m.Known {
		return doesNotApply("a role that AWS manages", m.Fact)
	}
	anyone, loose := graph.TrustsAnyone.Get(&n.Facts), graph.TrustLooseFederation.Get(&n.Facts)
	others, bare := graph.ForeignPrincipals.Get(&n.Facts), graph.TrustWithoutExternalID.Get(&n.Facts)
	switch {
	case anyone.Known && len(anyone.V) > 0:
		return fails("anybody may assume it: "+strings.Join(anyone.V, ", "), anyone.Fact)
	case loose.Known && len(loose.V) > 0:
		return fails("web identities are admitted without a bounded subject: "+strings.Join(loose.V, ", "), loose.Fact)
	case !anyone.Known || !loose.Known || !others.Known || !bare.Known:
		return missing(unread(anyone.Fact, loose.Fact, others.Fact, bare.Fact)...)
	}
	r := foreign(in, others, "may assume it")
	if r.Status != Pass {
		return r
	}
	for _, p := range bare.V {
		// Accounts of the same organisation are not third parties.
		if who := in.knownAs(p); !strings.HasPrefix(who, "scanned") && !strings.HasPrefix(who, "same organisation") {
			return fails(p+" may assume it without an external id", bare.Fact)
		}
	}
	return passes(r.Reason, anyone.Fact, loose.Fact, others.Fact, bare.Fact)
}

func declaredRecipient(in *Input, f *graph.Flow) Result {
	from, to := in.Graph.Node(f.From), in.Graph.Node(f.To)
	switch {
	case to == nil || !to.External:
		return doesNotApply("does not leave the scanned accounts")
	case strings.HasPrefix(string(to.ID), "party:"):
		return passes("declared as " + to.Name)
	case to.Account != "":
		return declaredAccount(in, from, to)
	case to.Class != graph.ExternalEndpoint && to.Class != graph.ExternalAccount:
		return doesNotApply("a resource of AWS without an account in its name")
	}
	for h := hostName(to); h != ""; h = parentHost(h) {
		if who := in.Recipients[h]; who != "" {
			return passes("declared as " + who)
		}
	}
	return fails(to.Name + " receives personal data and no party is declared for it")
}

// declaredAccount is the decision on what was only seen from outside and belongs to an
// account: who holds the account decides.
func declaredAccount(in *Input, from, to *graph.Node) Result {
	who := in.knownAs(to.Account)
	switch {
	case to.Class == graph.ExternalEndpoint && strings.HasPrefix(string(to.ID), "arn:") && who == "scanned":
		return cannotTell("what is behind " + string(to.ID) + " was not read")
	case from != nil && from.Account == to.Account:
		return doesNotApply("stays in account " + to.Account)
	case strings.HasPrefix(who, "scanned"):
		return doesNotApply("does not leave the scanned accounts: " + to.Name + " is of account " + to.Account)
	case who != "":
		return passes("account " + to.Account + ", known as " + who)
	}
	return fails(to.Name + " of account " + to.Account + " receives personal data and no party is declared for it")
}

// hostName is the host of an outside address: of a URL, or the domain of an e-mail.
func hostName(n *graph.Node) string {
	address := strings.TrimPrefix(string(n.ID), "external:")
	if u, err := url.Parse(address); err == nil && u.Host != "" {
		return strings.ToLower(u.Hostname())
	}
	if i := strings.LastIndexByte(address, '@'); i >= 0 {
		return strings.ToLower(address[i+1:])
	}
	if host, _, err := net.SplitHostPort(address); err == nil {
		address = host
	}
	return strings.ToLower(address)
}

func parentHost(h string) string {
	_, rest, ok := strings.Cut(h, ".")
	if !ok || !strings.Contains(rest, ".") {
		return ""
	}
	return rest
}
