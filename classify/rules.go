package classify

import (
	"slices"
	"strings"

	"github.com/flowdeed/flowdeed/annotations"
	"github.com/flowdeed/flowdeed/graph"
)

// The bands of confidence. Source: privacy model, "Confidence".
const (
	strong = 0.6 // good enough to infer a label
	floor  = 0.3 // below it nothing is recorded
	sure   = 0.9
)

// addressCategory is what an access log holds of everybody who calls: Recital 30 GDPR
// names internet protocol addresses as identifiers of people.
const addressCategory = "user.device.ip_address"

// verbatim kinds copy what is there before any program or annotation of the source
// touches it: a dead-letter queue gets the event that came in, not what the function
// made of it; a replica gets all that the store holds, fields added later included.
var verbatim = map[graph.FlowKind]bool{
	graph.DeadLetters: true, graph.LogsTo: true, graph.Replicates: true, graph.BacksUp: true, graph.Archives: true, graph.Exports: true,
}

// programs are the classes whose code may change, or leave out, what comes in.
var programs = map[graph.Class]bool{
	graph.Function: true, graph.ContainerService: true, graph.Instance: true, graph.ETLJob: true, graph.StateMachine: true,
	graph.QueryWorkgroup: true, graph.GraphQLAPI: true, graph.API: true, graph.LoadBalancer: true, graph.CDN: true,
}

// envelope are the parts of an event that hold nothing of its content. Source: Amazon
// EventBridge user guide, "Events in Amazon EventBridge".
var envelope = []string{"$.version", "$.id", "$.detail-type", "$.source", "$.account", "$.time", "$.region"}

// carriesContent applies the carry rules that depend on a flow alone. Source: privacy
// model, "Propagation and declassification".
func carriesContent(m *graph.Model, f *graph.Flow) bool {
	from := m.Node(f.From)
	if from == nil || m.Node(f.To) == nil || !f.Kind.Carries() || graph.Is(graph.StateOn.Get(&f.Facts), false) {
		return false
	}
	switch f.Kind {
	case graph.Exposes:
		return false // what comes in from outside is not known
	case graph.LogsTo:
		// Request metadata always, the body only where it is logged.
		return graph.Is(graph.PayloadLogging.Get(&from.Facts), true)
	case graph.Triggers, graph.Delivers, graph.Invokes:
		if from.Class == graph.Bucket && !declaredOnly(f) {
			return false // an object notification names the object, it does not hold it
		}
	}
	if t := graph.Transformed.Get(&f.Facts); t.Known {
		return !withoutContent(from.Class, t.V)
	}
	return true
}

// declaredOnly tells whether nothing but an annotation speaks of a flow: then a person
// said that data moves there.
func declaredOnly(f *graph.Flow) bool { return f.Layers == graph.Declared }

// withoutContent tells whether an input transformer lets nothing of the event's content
// through: a constant, or parts of the envelope. Other paths cannot be mapped to
// categories, so everything is taken to pass.
func withoutContent(from graph.Class, paths []string) bool {
	if len(paths) == 0 {
		return true
	}
	return from == graph.EventRule && !slices.ContainsFunc(paths, func(p string) bool { return !slices.Contains(envelope, p) })
}

// logsCallers tells whether a flow writes an access log: addresses of callers and what
// they asked for, not the content.
func logsCallers(f *graph.Flow) bool {
	return f.Kind == graph.LogsTo && strings.Contains(f.Via, "access log")
}

// facesInternet tells whether anybody on the internet may call a node.
func facesInternet(m *graph.Model, n *graph.Node) bool {
	if n.Class == graph.CDN || graph.Is(graph.InternetFacing.Get(&n.Facts), true) {
		return true
	}
	return slices.ContainsFunc(m.In(n.ID), func(f *graph.Flow) bool { return f.Kind == graph.Exposes && f.From == graph.Internet })
}

// confidence is Flow.Confidence, without its work for the usual single piece.
func confidence(f *graph.Flow) float64 {
	switch len(f.Evidence) {
	case 0:
		return floor // drawn without a reason: shown, not relied on
	case 1:
		if c := f.Evidence[0].Confidence; c >= 0.98 || c <= 0.95 {
			return c
		}
	}
	return f.Confidence()
}

// narrowing is what an annotation says a declared flow carries.
type narrowing struct {
	from, to []bool // by node number
	carries  []string
}

// narrowings reads the flow rules that name categories.
func (p *propagation) narrowings() []narrowing {
	var out []narrowing
	for _, r := range p.set.Flows() {
		if r.Carries != nil {
			out = append(out, narrowing{p.selected(r.From), p.selected(r.To), r.Carries})
		}
	}
	return out
}

func (p *propagation) selected(s annotations.Selector) []bool {
	out := make([]bool, len(p.nodes))
	for i, n := range p.nodes {
		if s.Party != "" {
			out[i] = n.ID == PartyNode(s.Party)
		} else {
			out[i] = p.set.Selects(s, p.targets[i])
		}
	}
	return out
}

// ruleOf says what becomes of a category on a step, or nil when all pass as they are.
func (p *propagation) ruleOf(f *graph.Flow, from, to int32) func(string) []string {
	if f.Kind == graph.LogsTo && !carriesContent(p.m, f) {
		// Whose data passes here, from there the request came.
		return func(string) []string { return []string{addressCategory} }
	}
	only, narrowed := p.carried(from, to)
	st := &p.statements[from]
	raw := verbatim[f.Kind]
	protects := p.protectionsOn(st, to, raw)
	passes := st.Passes
	if raw {
		passes = nil
	}
	filter := p.keeps(f, from)
	if !narrowed && len(protects) == 0 && len(passes) == 0 && filter == nil {
		return nil
	}
	return func(c string) []string {
		if filter != nil && !filter(c) {
			return nil
		}
		out := []string{c}
		if narrowed {
			out = limit(out, only)
		}
		if len(passes) > 0 {
			out = limit(out, passes)
		}
		return protect(out, protects)
	}
}

// carried is the union of what annotations say passes from one node to another.
func (p *propagation) carried(from, to int32) (only []string, narrowed bool) {
	for _, n := range p.narrow {
		if n.from[from] && n.to[to] {
			only, narrowed = append(only, n.carries...), true
		}
	}
	return only, narrowed
}

// limit lets through what a list covers. A category that is coarser than the list
// becomes the parts of it that the list names.
func limit(categories, list []string) []string {
	var out []string
	for _, c := range categories {
		if covered(list, c) {
			out = append(out, c)
			continue
		}
		for _, l := range list {
			if annotations.Covers(c, l) && !slices.Contains(out, l) {
				out = append(out, l)
			}
		}
	}
	return out
}

// protectionsOn lists the protections that a person vouches for and that act on what
// leaves for a target. On a verbatim flow only those that name the target do.
func (p *propagation) protectionsOn(st *annotations.Statement, to int32, raw bool) []*annotations.Protection {
	var out []*annotations.Protection
	for i := range st.Protects {
		pr := &st.Protects[i]
		named := slices.ContainsFunc(p.statements[to].ResourceIDs, func(id string) bool { return slices.Contains(pr.On, id) })
		if pr.Believed(p.now) && (named || len(pr.On) == 0 && !raw) {
			out = append(out, pr)
		}
	}
	return out
}

// protect applies protections; the first that speaks of a category decides.
func protect(categories []string, list []*annotations.Protection) []string {
	var out []string
next:
	for _, c := range categories {
		for _, pr := range list {
			if covered(pr.Drops, c) {
				continue next
			}
			if len(pr.Inputs) > 0 && !covered(pr.Inputs, c) {
				continue // fields not named pass through
			}
			switch {
			case pr.Effect == "drop":
				continue next
			case pr.Effect == "reduce" && len(pr.Becomes) > 0:
				out = append(out, pr.Becomes...)
				continue next
			}
		}
		out = append(out, c) // kept, or reduced to nothing that was named
	}
	return out
}

func covered(list []string, key string) bool {
	return slices.ContainsFunc(list, func(c string) bool { return annotations.Covers(c, key) })
}

// keeps is what the configuration itself holds back on a flow, nil for nothing.
func (p *propagation) keeps(f *graph.Flow, from int32) func(category string) bool {
	n := p.nodes[from]
	switch {
	case n.Class == graph.UserPool && !verbatim[f.Kind] && f.Via != "UserMigration":
		// A pool gives out attributes, never secrets; only the migration trigger gets a
		// password. Source: Amazon Cognito developer guide, "Migrate user Lambda trigger".
		return func(c string) bool {
			return !covered([]string{"user.authorization.password", "user.authorization.mfa_secret"}, c)
		}
	case n.Class == graph.Table && (f.Kind == graph.Streams || f.Kind == graph.Triggers) && graph.Is(graph.StreamView.Get(&n.Facts), "KEYS_ONLY"):
		return p.keysOnly(from)
	}
	return nil
}

// keysOnly holds back the categories that people placed in fields which are not key
// attributes. Source: Amazon DynamoDB developer guide, "Change data capture for
// DynamoDB Streams".
func (p *propagation) keysOnly(from int32) func(category string) bool {
	inKey, elsewhere := map[string]bool{}, map[string]bool{}
	for _, c := range p.statements[from].Categories {
		key := c.Field == "" || slices.ContainsFunc(p.nodes[from].Fields, func(f graph.Field) bool { return f.Path == c.Field })
		inKey[c.Category] = inKey[c.Category] || key
		elsewhere[c.Category] = true
	}
	return func(c string) bool { return inKey[c] || !elsewhere[c] }
}
