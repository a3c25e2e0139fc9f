package check

import (
	"cmp"
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
		Doc: "A service principal that is admitted without naming the account or resource it acts for can be made to act for somebody else. " +
			"Asked of resource policies and of the trust policies of roles; a role for EC2 instances is not held to it, because that service names no source.",
		Why:     "Art. 32(1)(b): otherwise another customer of the same service may use it to reach in.",
		Fix:     "Add aws:SourceArn or aws:SourceAccount to the statement, after a look at whether the service hands it over.",
		Reads:   []Read{{"lambda:GetPolicy", "Policy"}, {"sqs:GetQueueAttributes", "Attributes.Policy"}, {"iam:GetAccountAuthorizationDetails", "RoleDetailList[].AssumeRolePolicyDocument"}},
		Classes: []graph.Class{graph.Function, graph.Queue, graph.Topic, graph.Bucket, graph.Principal}, Node: boundServices,
	},
	{
		ID: "XACCT-SAAS-001", Title: "Every SaaS recipient of personal data is in the processor register", Severity: High, Moves: OnlyWithData, Articles: []string{"28", "30(1)(d)", "44"},
		Doc: "Compares the host or account of every place outside that personal data is sent to with the declared parties: addresses, mailboxes, and resources of other accounts. " +
			"A party counts as registered with its country and, if it is a processor, its contract.",
		Why:   xacctWhy,
		Fix:   "Declare the recipient under parties: with hosts, role, country and contract.",
		Reads: []Read{{"events:ListApiDestinations", "ApiDestinations[].InvocationEndpoint"}, {"sns:ListSubscriptions", "Subscriptions[].Endpoint"}, {"firehose:DescribeDeliveryStream", "DeliveryStreamDescription.Destinations[]"}},
		Kinds: []graph.FlowKind{
			graph.Delivers, graph.Invokes, graph.Publishes, graph.Exports, graph.Writes, graph.Accesses, graph.Triggers, graph.Streams, graph.Replicates, graph.LogsTo, graph.DeadLetters,
		},
		Flow: declaredRecipient,
	},
}

// namesNoSource are the services that take a role without saying for what: a condition
// on the source would lock them out. Source: IAM User Guide, "The confused deputy
// problem", and Amazon EC2 User Guide, "IAM roles for Amazon EC2".
var namesNoSource = []string{"ec2.amazonaws.com", "ec2.amazonaws.com.cn"}

func boundServices(_ *Input, n *graph.Node) Result {
	if n.Class == graph.Principal {
		if r, done := ownTrust(n); done {
			return r
		}
	}
	s := graph.UnboundServices.Get(&n.Facts)
	if !s.Known {
		return missing(s.Fact)
	}
	unbound := slices.DeleteFunc(slices.Clone(s.V), func(service string) bool {
		return n.Class == graph.Principal && slices.Contains(namesNoSource, service)
	})
	switch {
	case len(unbound) > 0:
		return fails("admitted without a source: "+strings.Join(unbound, ", "), s.Fact)
	case len(s.V) > 0:
		return doesNotApply("instances take the role, and their service names no source", s.Fact)
	case graph.Is(graph.HasPolicy.Get(&n.Facts), false):
		return doesNotApply("no resource policy", s.Fact)
	}
	return passes("no service is admitted without a source", s.Fact)
}

// ownTrust answers for principals whose trust policy is none, or not the customer's.
func ownTrust(n *graph.Node) (r Result, done bool) {
	if n.Kind != "iam.role" {
		return doesNotApply("only roles are assumed"), true
	}
	if m := graph.ManagedBy.Get(&n.Facts); m.Known {
		return doesNotApply("a role that AWS manages", m.Fact), true
	}
	return Result{}, false
}

func roleTrust(in *Input, n *graph.Node) Result {
	if r, done := ownTrust(n); done {
		return r
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
		if in.thirdParty(p) {
			return fails(p+" may assume it without an external id", bare.Fact)
		}
	}
	return passes(r.Reason, anyone.Fact, loose.Fact, others.Fact, bare.Fact)
}

// thirdParty tells whether a principal is of somebody else: neither of a scanned
// account nor of the same organisation nor of a service of AWS.
func (in *Input) thirdParty(principal string) bool {
	who := in.KnownAccounts[cmp.Or(accountOf(principal), principal)]
	if who == "" {
		return in.knownAs(principal) == ""
	}
	return !strings.HasPrefix(who, "scanned") && !strings.HasPrefix(who, "same organisation")
}

func declaredRecipient(in *Input, f *graph.Flow) Result {
	from, to := in.Graph.Node(f.From), in.Graph.Node(f.To)
	switch {
	case to == nil || !to.External:
		return doesNotApply("does not leave the scanned accounts")
	case strings.HasPrefix(string(to.ID), "party:"):
		return in.registered(to.Name)
	case to.Account != "":
		return declaredAccount(in, from, to)
	case to.Class != graph.ExternalEndpoint && to.Class != graph.ExternalAccount:
		return doesNotApply("a resource of AWS without an account in its name")
	}
	for h := hostName(to); h != ""; h = parentHost(h) {
		if who := in.Recipients[h]; who != "" {
			return in.registered(who)
		}
	}
	return fails(to.Name + " receives personal data and no party is declared for it")
}

// partyPrefix marks known accounts that belong to a declared party, before its name.
const partyPrefix = "party: "

// registered is the decision on a declared recipient: the register names its country
// (Art. 30(1)(e)) and, for a processor, the contract (Art. 28(3)).
func (in *Input) registered(who string) Result {
	if in.Register == nil {
		return cannotTell("declared as " + who + "; what the register says of it is not known")
	}
	switch e, known := in.Register(who); {
	case !known:
		return cannotTell("declared as " + who + ", of which the register has no entry")
	case e.Country == "":
		return cannotTell("declared as " + who + ", but nobody says in which country it is")
	case e.Contract == "" && e.Role == "processor":
		return cannotTell("declared as processor " + who + ", but no contract is named")
	default:
		return passes("declared as " + who + " (" + e.Country + ")")
	}
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
	case strings.HasPrefix(who, partyPrefix):
		return in.registered(strings.TrimPrefix(who, partyPrefix))
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
