package classify

import (
	"fmt"
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

// envelopes are the parts of an event that hold nothing of its content, by what hands it
// on. What a workflow gets has no such parts. Sources: Amazon EventBridge user guide,
// "Events in Amazon EventBridge" and "Amazon EventBridge Pipes sources".
var envelopes = map[graph.Class][]string{
	graph.EventRule: {"$.version", "$.id", "$.detail-type", "$.source", "$.account", "$.time", "$.region"},
	graph.Pipe:      {"$.eventName", "$.eventSource", "$.eventSourceARN", "$.awsRegion", "$.eventVersion", "$.messageId", "$.receiptHandle"},
}

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
		// Request metadata always, the body only where it is logged. Masking does not
		// count: it masks who reads, the log keeps the value. Source: Amazon CloudWatch
		// Logs user guide, "Help protect sensitive log data with masking".
		return graph.Is(graph.PayloadLogging.Get(&from.Facts), true) || graph.Is(graph.DebugLogging.Get(&from.Facts), true)
	}
	if namesObject(from, f) {
		return false
	}
	if t := graph.Transformed.Get(&f.Facts); t.Known {
		return !withoutContent(from.Class, t.V)
	}
	return true
}

// withoutContent tells whether an input transformer lets nothing of the event's content
// through: a constant, or parts of the envelope.
func withoutContent(from graph.Class, paths []string) bool {
	return !slices.ContainsFunc(paths, func(p string) bool { return !slices.Contains(envelopes[from], p) })
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
	from, to map[int32]bool // by node number
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

func (p *propagation) selected(s annotations.Selector) map[int32]bool {
	out := map[int32]bool{}
	for i := range p.nodes {
		p.selectNode(out, s, int32(i))
	}
	return out
}

func (p *propagation) selectNode(out map[int32]bool, s annotations.Selector, v int32) {
	delete(out, v)
	if s.Party != "" && p.nodes[v].ID == PartyNode(s.Party) || s.Party == "" && p.set.Selects(s, p.targets[v]) {
		out[v] = true
	}
}

// answersBack tells whether the target of a call gives something back that its source
// goes on with, whatever the call itself carries.
func answersBack(f *graph.Flow) bool {
	return f.Kind.Carries() && graph.Is(graph.ReturnsResult.Get(&f.Facts), true) && !graph.Is(graph.StateOn.Get(&f.Facts), false)
}

// ruleOf says what becomes of a category on a step, or nil when all pass as they are.
// filter is what the configuration holds back, nil for nothing.
func (p *propagation) ruleOf(f *graph.Flow, from, to int32, filter func(string) bool) func(string) []string {
	only, narrowed := p.carried(from, to)
	st := &p.statements[from]
	raw := verbatim[f.Kind]
	protects := p.protectionsOn(st, to, raw)
	passes := st.Passes
	if raw {
		passes = nil
	}
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
// leaves for a target.
func (p *propagation) protectionsOn(st *annotations.Statement, to int32, raw bool) []*annotations.Protection {
	var out []*annotations.Protection
	for i := range st.Protects {
		if pr := &st.Protects[i]; p.doubt(pr) == "" && p.meantFor(pr, to, raw) {
			out = append(out, pr)
		}
	}
	return out
}

// doubt says why a protection is not believed; empty when it is. Figures of groups
// smaller than the organisation's own limit are still personal.
func (p *propagation) doubt(pr *annotations.Protection) string {
	if small := p.set.Settings().SmallGroup; pr.State == "aggregated" && pr.Group < small {
		return fmt.Sprintf("its groups of %d are smaller than the %d of the settings", pr.Group, small)
	}
	return pr.Doubt(p.now)
}

// meantFor tells whether a protection acts on what leaves for a target: on a verbatim
// flow only one that names the target does.
func (p *propagation) meantFor(pr *annotations.Protection, to int32, raw bool) bool {
	named := slices.ContainsFunc(p.statements[to].ResourceIDs, func(id string) bool { return slices.Contains(pr.On, id) })
	return named || len(pr.On) == 0 && !raw
}

// protect applies protections; the first that acts on a category decides.
func protect(categories []string, list []*annotations.Protection) []string {
	var out []string
next:
	for _, c := range categories {
		for _, pr := range list {
			switch {
			case !pr.Acts(c):
				continue // fields not named pass through
			case pr.Effect == "reduce" && !covered(pr.Drops, c):
				out = append(out, pr.Becomes...)
			}
			continue next
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
	case n.Class == graph.Table && f.Kind == graph.Triggers && graph.Is(graph.StreamView.Get(&n.Facts), "KEYS_ONLY"):
		// Only the table's own stream has a view; what goes to Kinesis is the whole item.
		return p.keysOnly(from)
	}
	if t := graph.Transformed.Get(&f.Facts); t.Known {
		return p.pathsOnly(from, t.V)
	}
	return nil
}

// keysOnly holds back the categories that people placed in fields which are not key
// attributes. Source: Amazon DynamoDB developer guide, "Change data capture for
// DynamoDB Streams".
func (p *propagation) keysOnly(from int32) func(category string) bool {
	n := p.nodes[from]
	keys := graph.KeyAttributes.Get(&n.Facts)
	return onlyFields(p.statements[from].Categories, func(field string) bool {
		if keys.Known {
			return slices.Contains(keys.V, field)
		}
		return slices.ContainsFunc(n.Fields, func(f graph.Field) bool { return f.Path == field })
	})
}

// pathsOnly holds back the categories that people placed in fields of which a
// transformer takes no part. Where the node itself has no fields declared, those of
// what feeds it count: a rule passes on what its bus gets.
func (p *propagation) pathsOnly(from int32, paths []string) func(category string) bool {
	var taken []string
	for _, path := range paths {
		if slices.Contains(envelopes[p.nodes[from].Class], path) {
			continue
		}
		if path = fieldPath(path); path == "" {
			return nil // the whole event
		}
		taken = append(taken, path)
	}
	placed := p.statements[from].Categories
	if !hasFields(placed) {
		placed = nil
		for _, f := range p.m.In(p.nodes[from].ID) {
			if forward, _ := f.Kind.DataMoves(); forward {
				placed = append(placed, p.statements[p.rank[f.From]].Categories...)
			}
		}
	}
	return onlyFields(placed, func(field string) bool {
		return slices.ContainsFunc(taken, func(t string) bool { return within(field, t) || within(t, field) })
	})
}

func hasFields(list []annotations.Stated) bool {
	return slices.ContainsFunc(list, func(c annotations.Stated) bool { return c.Field != "" })
}

// onlyFields lets a category pass that somebody placed in a field that passes, or in
// the node as a whole, or that nobody placed: it is over-approximate where people are
// silent.
func onlyFields(placed []annotations.Stated, passes func(field string) bool) func(category string) bool {
	through, said := map[string]bool{}, map[string]bool{}
	for _, c := range placed {
		through[c.Category] = through[c.Category] || c.Field == "" || passes(c.Field)
		said[c.Category] = true
	}
	return func(c string) bool { return through[c] || !said[c] }
}

// wrappers are the parts of an event that hold its content whole. Sources: Amazon
// EventBridge user guide, "Events in Amazon EventBridge"; Amazon DynamoDB developer
// guide, "Change data capture for DynamoDB Streams"; AWS Lambda developer guide, on
// events of queues, streams and topics.
var wrappers = []string{"detail", "dynamodb", "NewImage", "OldImage", "Keys", "body", "data", "Message", "Sns", "Records[]", "kinesis", "value"}

// attributeTypes are the type names an item of a stream has below each attribute.
var attributeTypes = []string{"S", "N", "B", "BOOL", "M", "L", "SS", "NS", "BS"}

// fieldPath is the path of a field as annotations write it; empty for the whole event.
func fieldPath(path string) string {
	path = strings.TrimPrefix(strings.TrimPrefix(path, "$"), ".")
	inItem := false
	for path != "" {
		head, rest, _ := strings.Cut(path, ".")
		if !slices.Contains(wrappers, bare(head)) {
			break
		}
		inItem = inItem || head == "dynamodb"
		path = rest
	}
	var parts []string
	for _, part := range strings.Split(path, ".") {
		if !inItem || !slices.Contains(attributeTypes, part) {
			parts = append(parts, bare(part))
		}
	}
	return strings.Join(parts, ".")
}

// bare writes any index of a list as annotations do: "items[0]" is "items[]".
func bare(part string) string {
	if i := strings.IndexByte(part, '['); i >= 0 {
		return part[:i] + "[]"
	}
	return part
}

// within tells whether a path is another one or lies below it.
func within(path, above string) bool {
	return path == above || strings.HasPrefix(path, above) && (path[len(above)] == '.' || path[len(above)] == '[')
}
