package classify

import (
	"slices"
	"strings"

	"github.com/flowdeed/flowdeed/annotations"
	"github.com/flowdeed/flowdeed/graph"
)

// What comes with a request beside its content. Source: Recital 30 GDPR, which names
// internet protocol addresses as identifiers of people.
const (
	addressCategory = "user.device.ip_address"
	agentCategory   = "user.device.user_agent"
	requestCategory = "user.telemetry.request_log"
	personCategory  = "user.unique_id"
)

// lineCategories is what a line of an access log holds where its format is fixed or not
// known. Sources: Elastic Load Balancing, Amazon CloudFront and Amazon S3 user guides,
// on the fields of access logs.
var lineCategories = []string{addressCategory, agentCategory, requestCategory}

// callerFields are the variables of an access log format that tell something of the
// caller, by the beginning of their name; the first that fits counts. Sources: Amazon API
// Gateway developer guide, "Variables for access logging" and "Customize HTTP API access
// logs".
var callerFields = []struct{ prefix, category string }{
	{"identity.sourceIp", addressCategory}, {"identity.userAgent", agentCategory},
	{"identity.user", personCategory}, {"identity.caller", personCategory},
	{"identity.cognitoAuthenticationType", ""}, {"identity.cognitoIdentityPoolId", ""}, {"identity.cognito", personCategory},
	{"identity.clientCert.clientCertPem", personCategory}, {"identity.clientCert.subjectDN", personCategory},
	{"authorizer.principalId", personCategory},
}

// callerField is what a variable of an access log format tells of the caller. What tokens
// and authorisers add to that is judged by its name, as the fields of any schema are.
func callerField(variable string) string {
	if name, ok := strings.CutPrefix(variable, "authorizer.claims."); ok {
		return attributeCategories[strings.ToLower(name)]
	}
	for _, x := range callerFields {
		if strings.HasPrefix(variable, x.prefix) {
			return x.category
		}
	}
	return ""
}

// logsCallers tells whether a flow writes an access log: addresses of callers and what
// they asked for, not the content.
func logsCallers(f *graph.Flow) bool {
	return f.Kind == graph.LogsTo && strings.Contains(f.Via, "access log")
}

// loggedOf lists what a line of an access log tells of the caller.
func loggedOf(f *graph.Flow) []string {
	fields := graph.LogFields.Get(&f.Facts)
	if !fields.Known {
		return lineCategories
	}
	out := []string{requestCategory}
	for _, v := range fields.V {
		if c := callerField(v); c != "" {
			out = append(out, c)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// namesObject tells whether a flow only tells of an object: its name, its size, who
// wrote it from which address; not what is in it.
func namesObject(from *graph.Node, f *graph.Flow) bool {
	switch f.Kind {
	case graph.Triggers, graph.Delivers, graph.Invokes:
		return from.Class == graph.Bucket && f.Layers != graph.Declared // there a person said that data moves
	}
	return false
}

// facesInternet tells whether anybody on the internet may call a node.
func facesInternet(m *graph.Model, n *graph.Node) bool {
	if n.Class == graph.CDN || graph.Is(graph.InternetFacing.Get(&n.Facts), true) {
		return true
	}
	return slices.ContainsFunc(m.In(n.ID), func(f *graph.Flow) bool { return f.Kind == graph.Exposes && f.From == graph.Internet })
}

// fronts are the classes that hand a caller's request on to a program.
var fronts = map[graph.Class]bool{graph.API: true, graph.GraphQLAPI: true, graph.LoadBalancer: true}

// handsCallersOn tells whether a flow brings the requests of people to a program, with
// their addresses: from a front door, or straight from the internet.
func handsCallersOn(m *graph.Model, f *graph.Flow) bool {
	from, to := m.Node(f.From), m.Node(f.To)
	switch {
	case from == nil || to == nil || !programs[to.Class] || fronts[to.Class] || to.Class == graph.CDN:
		return false
	case graph.Is(graph.StateOn.Get(&f.Facts), false) || graph.Is(graph.PassesCaller.Get(&f.Facts), false):
		return false
	case f.Kind == graph.Exposes:
		return f.From == graph.Internet
	}
	return (f.Kind == graph.Invokes || f.Kind == graph.RoutesTo || f.Kind == graph.Triggers) && fronts[from.Class] && facesInternet(m, from)
}

// accompany lists what comes with requests: at a program behind a front door the
// address and agent of the caller, in an access log what its lines hold.
//
// A program surely gets them and hardly ever keeps them: behind it they are weak hints.
func (p *propagation) accompany(f *graph.Flow) {
	from, to := p.m.Node(f.From), p.m.Node(f.To)
	if from == nil || to == nil {
		return
	}
	node := p.rank[f.To]
	switch {
	case logsCallers(f) && !carriesContent(p.m, f) && facesInternet(p.m, from):
		for _, c := range loggedOf(f) {
			p.seeds = append(p.seeds, seed{node: node, atom: p.atoms.of(atom{category: c}), state: Inferred, origin: "access log of " + from.Name, removable: true, via: f})
		}
	case handsCallersOn(p.m, f):
		for _, c := range []string{addressCategory, agentCategory} {
			s := seed{node: node, origin: "requests to " + nameOr(from), passing: true, removable: true, via: f}
			s.state, s.atom = Inferred, p.atoms.of(atom{category: c, local: true})
			p.seeds = append(p.seeds, s)
			s.state, s.atom = Weak, p.atoms.of(atom{category: c})
			p.seeds = append(p.seeds, s)
		}
	}
}

func nameOr(n *graph.Node) string {
	if n.Name != "" {
		return n.Name
	}
	return string(n.ID)
}

// variableCategories is what a literal in the configuration looks like, by the matcher
// that fired on it.
var variableCategories = map[string]string{
	"email": "user.contact.email", "phone": "user.contact.phone_number", "iban": "user.financial.bank_account.iban", "card": "user.financial.credit_card.number",
}

// variables lists what stands in the configuration of a node in plain text. It stays
// there, and may be the address of a team: a weak hint.
func (p *propagation) variables(node int32, n *graph.Node) {
	for _, v := range graph.PersonalVariables.Get(&n.Facts).V {
		name, matcher, _ := strings.Cut(v, " (")
		c, ok := variableCategories[strings.TrimSuffix(matcher, ")")]
		if !ok {
			c = "user"
		}
		p.seeds = append(p.seeds, seed{
			node: node, atom: p.atoms.of(atom{category: c, local: true}), state: Weak, origin: "variable " + name + " looks like it", removable: true,
		})
	}
}

// recipientOf names the declared party or account an outside node belongs to.
func recipientOf(set *annotations.Set, n *graph.Node) (string, bool) {
	if key, ok := strings.CutPrefix(string(n.ID), "party:"); ok {
		return key, true
	}
	if who, ok := set.Settings().Accounts[n.Account]; ok && n.Account != "" {
		return who, true
	}
	for _, p := range set.Parties() {
		if n.Account != "" && slices.Contains(p.Accounts, n.Account) {
			return p.Key, true
		}
		for _, h := range p.Hosts {
			h = strings.ToLower(h)
			if host := hostOf(n); host == h || strings.HasSuffix(host, "."+h) {
				return p.Key, true
			}
		}
	}
	return "", false
}

// hostOf is the host name of an outside address: "external:https://api.example.com/v1".
func hostOf(n *graph.Node) string {
	s := strings.TrimPrefix(string(n.ID), "external:")
	if _, rest, ok := strings.Cut(s, "://"); ok {
		s = rest
	}
	if i := strings.LastIndexByte(s, '@'); i >= 0 {
		s = s[i+1:]
	}
	if i := strings.IndexAny(s, "/:?"); i >= 0 {
		s = s[:i]
	}
	return strings.ToLower(s)
}
