package aws

import (
	"maps"
	"slices"
	"strings"

	"github.com/flowdeed/flowdeed/graph"
	"github.com/flowdeed/flowdeed/iam"
)

// Which function talks to which store is not in any configuration: the call is in
// the code, which is never read. It is inferred from the values of environment
// variables and from the role's policies, with a confidence and the evidence.
// Source of the numbers: collection catalogue, "Function to store: inference
// without reading code".
const (
	envARN       = 0.6  // a variable holds the ARN
	envAddress   = 0.7  // a variable holds the queue URL, host name or address
	envName      = 0.45 // a variable equals a unique name of that account and region
	envShortName = 0.3  // the same for a short name or a single word that nothing else confirms
	policyExact  = 0.7  // a policy of the role names the exact ARN
	policyPrefix = 0.4  // a policy names a prefix of it
	both         = 0.9  // exact ARN in the policy and reference in the environment

	// drawFrom is the confidence from which an inferred flow is in the graph at all.
	drawFrom = 0.4
)

// workload is code that runs under a role with variables.
type workload struct {
	region    *Region
	node      *graph.Node
	role      string
	variables map[string]Value
	source    graph.Source
}

// runsAs records that code runs at a node, under a role and with variables.
func (r *Region) runsAs(n *graph.Node, role string, variables map[string]Value, source graph.Source) {
	if role != "" {
		r.flow(graph.Assumes, string(n.ID), role, "", source, "")
	}
	w := &workload{r, n, role, variables, source}
	r.workloads = append(r.workloads, w)
}

// lookedLike sets the facts about literals in configuration: their names, never
// their values.
func (r *Region) lookedLike(n *graph.Node, values map[string]Value, source graph.Source) {
	secrets, personal := []string{}, []string{}
	for _, name := range slices.Sorted(maps.Keys(values)) {
		v := values[name]
		if v.Is("secret") {
			secrets = append(secrets, name)
		}
		for _, m := range []string{"email", "phone", "iban", "card"} {
			if v.Is(m) {
				personal = append(personal, name+" ("+m+")")
			}
		}
	}
	graph.SecretVariables.Set(&n.Facts, secrets, source)
	graph.PersonalVariables.Set(&n.Facts, personal, source)
}

// access is what a class of node can be asked for, with the actions that ask it.
type access struct {
	read, write []string
	readKind    graph.FlowKind
	writeKind   graph.FlowKind
	// unsure is the kind when the direction is not known.
	unsure graph.FlowKind
	// suffix makes the ARN the actions apply to: objects of a bucket.
	suffix string
}

var accesses = map[graph.Class]access{
	graph.Table: {
		read: []string{"dynamodb:GetItem", "dynamodb:Query", "dynamodb:Scan", "dynamodb:BatchGetItem", "dynamodb:PartiQLSelect"},
		write: []string{
			"dynamodb:PutItem", "dynamodb:UpdateItem", "dynamodb:DeleteItem", "dynamodb:BatchWriteItem",
			"dynamodb:PartiQLInsert", "dynamodb:PartiQLUpdate", "dynamodb:PartiQLDelete",
		},
		readKind: graph.Reads, writeKind: graph.Writes, unsure: graph.Accesses,
	},
	graph.Bucket: {
		read: []string{"s3:GetObject", "s3:GetObjectVersion"}, write: []string{"s3:PutObject", "s3:DeleteObject"},
		readKind: graph.Reads, writeKind: graph.Writes, unsure: graph.Accesses, suffix: "/*",
	},
	graph.Queue: {
		read: []string{"sqs:ReceiveMessage"}, write: []string{"sqs:SendMessage"},
		readKind: graph.Reads, writeKind: graph.Publishes, unsure: graph.Publishes,
	},
	graph.Topic:    {write: []string{"sns:Publish"}, writeKind: graph.Publishes, unsure: graph.Publishes},
	graph.EventBus: {write: []string{"events:PutEvents"}, writeKind: graph.Publishes, unsure: graph.Publishes},
	graph.Stream: {
		read: []string{"kinesis:GetRecords", "kinesis:SubscribeToShard"}, write: []string{"kinesis:PutRecord", "kinesis:PutRecords"},
		readKind: graph.Reads, writeKind: graph.Publishes, unsure: graph.Publishes,
	},
	graph.DeliveryStream: {write: []string{"firehose:PutRecord", "firehose:PutRecordBatch"}, writeKind: graph.Publishes, unsure: graph.Publishes},
	graph.Secret:         {read: []string{"secretsmanager:GetSecretValue"}, readKind: graph.UsesSecret, unsure: graph.UsesSecret},
	graph.Parameter:      {read: []string{"ssm:GetParameter", "ssm:GetParameters", "ssm:GetParametersByPath"}, readKind: graph.UsesSecret, unsure: graph.UsesSecret},
	graph.Function:       {write: []string{"lambda:InvokeFunction"}, writeKind: graph.Invokes, unsure: graph.Invokes},
	graph.StateMachine:   {write: []string{"states:StartExecution", "states:StartSyncExecution"}, writeKind: graph.Invokes, unsure: graph.Invokes},
	graph.UserPool: {
		read:     []string{"cognito-idp:AdminGetUser", "cognito-idp:ListUsers", "cognito-idp:ListUsersInGroup"},
		write:    []string{"cognito-idp:AdminCreateUser", "cognito-idp:AdminUpdateUserAttributes", "cognito-idp:AdminDeleteUser"},
		readKind: graph.Reads, writeKind: graph.Writes, unsure: graph.AuthenticatesWith,
	},
	graph.API:              {write: []string{"execute-api:Invoke"}, writeKind: graph.Invokes, unsure: graph.Invokes},
	graph.GraphQLAPI:       {write: []string{"appsync:GraphQL"}, writeKind: graph.Invokes, unsure: graph.Invokes},
	graph.Database:         {unsure: graph.Accesses},
	graph.DatabaseProxy:    {unsure: graph.Accesses},
	graph.Cache:            {unsure: graph.Accesses},
	graph.Search:           {read: []string{"es:ESHttpGet"}, write: []string{"es:ESHttpPost", "es:ESHttpPut"}, readKind: graph.Reads, writeKind: graph.Writes, unsure: graph.Accesses},
	graph.FileSystem:       {unsure: graph.Mounts},
	graph.LoadBalancer:     {unsure: graph.Invokes},
	graph.CDN:              {unsure: graph.Invokes},
	graph.ExternalEndpoint: {unsure: graph.Invokes},
	graph.Catalog:          {unsure: graph.Accesses},
	graph.OtherStore:       {unsure: graph.Accesses},
	graph.QueryWorkgroup:   {unsure: graph.Invokes},
	graph.EncryptionKey:    {unsure: graph.EncryptsWith},
	graph.IdentityPool:     {unsure: graph.AuthenticatesWith},
	graph.LogGroup:         {unsure: graph.LogsTo},
}

// infer draws the flows of all workloads. It runs when all nodes are there and the
// configured flows are pending, so that a permission that a configured flow explains
// draws nothing twice.
func (b *Builder) infer() {
	explained := b.configuredPairs()
	known := map[string]*roleReach{}
	reachOf := func(arn string) *roleReach {
		if known[arn] == nil {
			known[arn] = b.roleReach(arn)
		}
		return known[arn]
	}
	b.inferDynamic(reachOf)
	found := map[*workload]map[*graph.Node][]graph.Evidence{}
	sharing := map[string][]*workload{}
	for _, w := range b.workloads {
		found[w] = map[*graph.Node][]graph.Evidence{}
		role := reachOf(w.role)
		b.fromVariables(w, role, found[w])
		b.fromNetwork(w, role, found[w])
		sharing[w.role] = append(sharing[w.role], w)
	}
	// meant tells whether something else says that a workload works with a node.
	meant := func(w *workload, n *graph.Node) bool {
		return len(found[w][n]) > 0 || explained[[2]graph.ID{w.node.ID, n.ID}] || explained[[2]graph.ID{n.ID, w.node.ID}]
	}
	for _, role := range slices.Sorted(maps.Keys(sharing)) {
		users := sharing[role]
		for n, grade := range reachOf(role).named {
			for w, g := range grantedTo(users, n, grade, meant) {
				if n == w.node || explained[[2]graph.ID{w.node.ID, n.ID}] || explained[[2]graph.ID{n.ID, w.node.ID}] && len(found[w][n]) == 0 {
					continue
				}
				found[w][n] = append(found[w][n], g)
			}
		}
	}
	for _, w := range b.workloads {
		for _, n := range slices.SortedFunc(maps.Keys(found[w]), func(a, c *graph.Node) int { return strings.Compare(string(a.ID), string(c.ID)) }) {
			b.drawInferred(w, n, found[w][n], reachOf(w.role).identity)
		}
	}
}

// grantedTo says which users of a role a grant on a node is evidence for. A role that
// several share is granted what one of them needs: where something else says which,
// the others are left out; where nothing does, the grant proves less about each.
func grantedTo(users []*workload, n *graph.Node, grade graph.Evidence, meant func(*workload, *graph.Node) bool) map[*workload]graph.Evidence {
	out := map[*workload]graph.Evidence{}
	for _, w := range users {
		if len(users) == 1 || meant(w, n) {
			out[w] = grade
		}
	}
	if len(out) == 0 {
		grade.Confidence = policyPrefix
		grade.Detail += "; " + itoa(len(users)) + " share the role"
		for _, w := range users {
			out[w] = grade
		}
	}
	return out
}

// configuredPairs are the pairs of nodes that a configured flow joins.
func (b *Builder) configuredPairs() map[[2]graph.ID]bool {
	out := map[[2]graph.ID]bool{}
	for _, p := range b.pending {
		if !p.flow.Kind.Carries() {
			continue
		}
		from, to := b.resolve(p.from), b.resolve(p.to)
		if from != nil && to != nil {
			out[[2]graph.ID{from.ID, to.ID}] = true
		}
	}
	return out
}

// fromVariables collects what the variables of a workload point at.
func (b *Builder) fromVariables(w *workload, role *roleReach, found map[*graph.Node][]graph.Evidence) {
	for _, name := range slices.Sorted(maps.Keys(w.variables)) {
		for _, ref := range w.variables[name].Refs {
			n, c := b.variableTarget(w, role, name, ref)
			if n == nil || n == w.node {
				continue
			}
			if _, ok := accesses[n.Class]; !ok {
				continue
			}
			found[n] = append(found[n], graph.Evidence{Source: w.source, Detail: "variable " + name, Kind: byEnvironment, Confidence: c})
		}
	}
}

func (b *Builder) variableTarget(w *workload, role *roleReach, name, ref string) (*graph.Node, float64) {
	at := reference{ref, w.node.Account, w.node.Region}
	isARN, isAddress := strings.HasPrefix(ref, "arn:"), strings.Contains(ref, "://") || hostPattern.MatchString(ref)
	n := b.resolve(at)
	switch {
	case isARN && n == nil:
		return b.outsideARN(at), envARN
	case isARN, partialFunction.MatchString(ref):
		return n, envARN
	case n != nil && isAddress && n.Name != ref:
		return n, envAddress
	case n == nil && strings.Contains(ref, "://"):
		return b.outsideAddress(at, name), envAddress
	case n == nil:
		if n = b.byHint(at, name); n != nil {
			return n, envName
		}
		if n = b.byRole(at, role); n != nil {
			return n, envName
		}
		return b.outsideAddress(at, name), envAddress
	case !inReach(at, n):
		return nil, 0
	}
	_, named := role.named[n]
	if c := nameConfidence(name, ref, n, named); c > envShortName {
		return n, c
	}
	if other := b.byHint(at, name); other != nil {
		return other, envName
	}
	return n, envShortName
}

// byRole decides between several resources of one name by the policies of the role: only
// one of them is named there.
func (b *Builder) byRole(at reference, role *roleReach) *graph.Node {
	var hit []*graph.Node
	for _, n := range b.index.aliases[inAccount{at.account, at.text}] {
		if _, named := role.named[n]; named && inReach(at, n) {
			hit = append(hit, n)
		}
	}
	if len(hit) != 1 {
		return nil
	}
	return hit[0]
}

// byHint decides between several resources of one name by the name of the variable.
func (b *Builder) byHint(at reference, variable string) *graph.Node {
	var hit []*graph.Node
	for _, n := range b.index.aliases[inAccount{at.account, at.text}] {
		if n.Region != at.region && n.Region != GlobalRegion {
			continue
		}
		if hinted(variable, n.Class) {
			hit = append(hit, n)
		}
	}
	if len(hit) != 1 {
		return nil
	}
	return hit[0]
}

// drawInferred adds the flows from a workload to a node for the evidence found. The
// role's permissions give the direction; without them it stays open.
func (b *Builder) drawInferred(w *workload, n *graph.Node, evidence []graph.Evidence, role *iam.Identity) {
	evidence = strengthen(evidence)
	probe := graph.Flow{Evidence: evidence}
	if probe.Confidence() < drawFrom {
		return
	}
	for _, kind := range kindsOf(n, role) {
		for _, e := range evidence {
			w.region.addFlow(kind, string(w.node.ID), string(n.ID), "", e)
		}
	}
}

// strengthen adds the joint evidence of an exact grant and a variable.
func strengthen(list []graph.Evidence) []graph.Evidence {
	env, exact := false, false
	for _, e := range list {
		env = env || e.Kind == byEnvironment
		exact = exact || e.Kind == byPermission && e.Confidence >= policyExact
	}
	if env && exact {
		e := list[0]
		e.Kind, e.Confidence, e.Detail = "environment and permission", both, "variable and policy name the same resource"
		list = append(list, e)
	}
	return list
}

// kindsOf gives the kinds of flow a role's permissions allow towards a node.
func kindsOf(n *graph.Node, role *iam.Identity) []graph.FlowKind {
	a := accesses[n.Class]
	if role == nil || n.External {
		return []graph.FlowKind{a.unsure}
	}
	var out []graph.FlowKind
	if grants(role, a.read, string(n.ID)+a.suffix) {
		out = append(out, a.readKind)
	}
	if grants(role, a.write, string(n.ID)+a.suffix) && !slices.Contains(out, a.writeKind) {
		out = append(out, a.writeKind)
	}
	if len(out) == 0 {
		return []graph.FlowKind{a.unsure}
	}
	return out
}

func grants(role *iam.Identity, actions []string, resource string) bool {
	for _, a := range actions {
		if g := role.Grants(a, resource); g.Allowed && !g.Denied {
			return true
		}
	}
	return false
}
