package aws

import (
	"cmp"
	"context"
	"encoding/json"
	"slices"
	"strings"

	awssdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/schemas"

	"github.com/flowdeed/flowdeed/graph"
)

var schemasService = &Service{
	Name: "schemas",
	Doc:  "EventBridge schema registries, discovered and your own: names and types of the fields of events. Events are never read.",
	Calls: []Call{
		{Operation: "ListRegistries", Action: "schemas:ListRegistries", Optional: true},
		{Operation: "ListDiscoverers", Action: "schemas:ListDiscoverers", Optional: true},
		{Operation: "ListSchemas", Action: "schemas:ListSchemas", Optional: true},
		{Operation: "DescribeSchema", Action: "schemas:DescribeSchema", Optional: true, Prune: keepEventFields},
	},
	Collect: collectSchemas,
	Build:   buildSchemas,
}

func collectSchemas(ctx context.Context, c *Collector) {
	api := schemas.NewFromConfig(c.Config)
	pages(ctx, c, "ListDiscoverers", "", schemas.NewListDiscoverersPaginator(api, &schemas.ListDiscoverersInput{}))
	for _, p := range pages(ctx, c, "ListRegistries", "", schemas.NewListRegistriesPaginator(api, &schemas.ListRegistriesInput{})) {
		for _, reg := range p.Registries {
			if name := awssdk.ToString(reg.RegistryName); !ofAWS(name) {
				collectRegistry(ctx, c, api, name)
			}
		}
	}
}

// ofAWS tells whether a registry holds the events of AWS's own services, which are the
// same everywhere: "aws.events".
func ofAWS(registry string) bool { return strings.HasPrefix(registry, "aws.") }

func collectRegistry(ctx context.Context, c *Collector, api *schemas.Client, registry string) {
	var names []string
	for _, p := range pages(ctx, c, "ListSchemas", registry, schemas.NewListSchemasPaginator(api, &schemas.ListSchemasInput{RegistryName: awssdk.String(registry)})) {
		for _, s := range p.Schemas {
			names = append(names, awssdk.ToString(s.SchemaName))
		}
	}
	each(ctx, names, func(name string) {
		ask(ctx, c, "DescribeSchema", registry+"/"+name, api.DescribeSchema, &schemas.DescribeSchemaInput{
			RegistryName: awssdk.String(registry), SchemaName: awssdk.String(name),
		})
	})
}

// keepEventFields leaves of a schema whose event it is and the names of its fields.
func keepEventFields(answer map[string]any) {
	s := eventFields(text(answer["Content"]))
	keep(answer, "SchemaArn", "SchemaName", "SchemaVersion", "Type")
	if s.Source != "" {
		answer["EventSource"] = s.Source
	}
	if s.DetailType != "" {
		answer["DetailType"] = s.DetailType
	}
	answer["Fields"] = fieldTree(s.Fields)
}

func buildSchemas(r *Region) {
	r.afterNodes(func() {
		found := findings{}
		r.eventSchemas(found)
		found.put()
	})
}

// eventSchemas adds the fields of an event's content to the buses it passes, and to where
// such an event goes from there: rules that are after other events do not get it.
func (r *Region) eventSchemas(found findings) {
	const op = "DescribeSchema"
	src := r.source(op, "Content")
	routes, discovered := r.busRoutes(), r.discoveredBuses()
	for _, a := range r.each(op) {
		registry, _, _ := strings.Cut(a.Subject, "/")
		s := decode[struct {
			SchemaName, EventSource, DetailType string
			Fields                              []graph.Field
		}](a)
		// Source: Amazon EventBridge user guide, "Inferring schemas from event bus events":
		// what is discovered is named source@detail-type.
		source, detail, named := strings.Cut(s.SchemaName, "@")
		if named {
			s.EventSource, s.DetailType = cmp.Or(s.EventSource, source), cmp.Or(s.DetailType, detail)
		}
		fields, by := eventRecord(s.Fields, cmp.Or(s.DetailType, s.SchemaName)), "event schema "+registry+"/"+s.SchemaName
		for _, bus := range r.busesOf(s.EventSource, s.DetailType, registry == "discovered-schemas", routes, discovered) {
			found.add(bus, by, src, fields)
			for _, n := range r.leavesBus(bus.ID) {
				if x := routes[n.ID]; x == nil || x.pattern.mayTake(s.EventSource, s.DetailType) {
					found.add(n, by, src, fields)
				}
			}
		}
	}
	for _, op := range []string{"ListRegistries", "ListSchemas", "DescribeSchema"} {
		for _, a := range r.each(op) {
			if why := r.whyNot(op, a); why != "" {
				for _, bus := range r.buses() {
					found.lose(bus, why, src)
				}
			}
		}
	}
}

// eventRecord makes the fields of a schema those of the content of one kind of event.
func eventRecord(fields []graph.Field, record string) []graph.Field {
	out := make([]graph.Field, 0, len(fields))
	for _, f := range fields {
		f.Name, f.Path = cmp.Or(f.Name, f.Path), below("", record)+"."+f.Path
		f.Record, f.Of = cmp.Or(f.Record, record), "event field"
		out = append(out, f)
	}
	return out
}

// buses are the event buses of the Region.
func (r *Region) buses() []*graph.Node {
	var out []*graph.Node
	for _, n := range r.index.placed[place{r.Account, r.Region}] {
		if n.Class == graph.EventBus && !n.External {
			out = append(out, n)
		}
	}
	return out
}

// discoveredBuses are the buses whose events the registry learns schemas from.
func (r *Region) discoveredBuses() []*graph.Node {
	var out []*graph.Node
	for _, list := range r.each("ListDiscoverers") {
		for _, d := range decode[struct{ Discoverers []struct{ SourceArn string } }](list).Discoverers {
			if n := r.resolve(reference{d.SourceArn, r.Account, r.Region}); n != nil && n.Class == graph.EventBus {
				out = append(out, n)
			}
		}
	}
	return out
}

// busRoute is what a rule of a bus takes.
type busRoute struct {
	bus     string
	pattern eventHead
}

// eventHead are the parts of a pattern that say which events are meant.
type eventHead struct {
	Source     []any `json:"source"`
	DetailType []any `json:"detail-type"`
}

// busRoutes are the rules of the Region that have a pattern.
func (r *Region) busRoutes() map[graph.ID]*busRoute {
	out := map[graph.ID]*busRoute{}
	for _, n := range r.index.placed[place{r.Account, r.Region}] {
		text := graph.EventPattern.Get(&n.Facts).V
		if n.Class != graph.EventRule || text == "" {
			continue
		}
		var head eventHead
		if json.Unmarshal([]byte(text), &head) == nil {
			out[n.ID] = &busRoute{busOfRule(string(n.ID)), head}
		}
	}
	return out
}

// leavesBus lists what events go to from a bus: rules, archives, the queue for what could
// not be delivered. All buses are read in one pass: it serves every Region.
func (b *Builder) leavesBus(bus graph.ID) []*graph.Node {
	if b.afterBus == nil {
		b.afterBus = map[graph.ID][]*graph.Node{}
		for _, p := range b.pending {
			from := graph.ID(p.from.text)
			if !strings.Contains(p.from.text, ":event-bus/") || !p.flow.Kind.Carries() {
				continue
			}
			if n := b.resolve(p.to); n != nil && !slices.Contains(b.afterBus[from], n) {
				b.afterBus[from] = append(b.afterBus[from], n)
			}
		}
	}
	return b.afterBus[bus]
}

// busOfRule is the name of the bus in the ARN of a rule: "rule/BUS/NAME" or "rule/NAME".
func busOfRule(arn string) string {
	_, rest, _ := strings.Cut(arn, ":rule/")
	if i := strings.LastIndexByte(rest, '/'); i >= 0 {
		return rest[:i]
	}
	return "default"
}

// asksFor tells whether a pattern is after events of this source and detail type by name.
func (h eventHead) asksFor(source, detail string) bool {
	if len(h.Source)+len(h.DetailType) == 0 {
		return false // every event
	}
	return admits(h.Source, source) && admits(h.DetailType, detail)
}

// admits reads exact values and prefixes of a pattern; other matchers say nothing sure.
func admits(list []any, value string) bool {
	return len(list) == 0 || value != "" && slices.ContainsFunc(list, func(x any) bool {
		m, _ := x.(map[string]any)
		prefix := text(m["prefix"])
		return x == value || prefix != "" && strings.HasPrefix(value, prefix)
	})
}

// mayTake tells whether a pattern lets events of this source and detail type through, for
// all that is known of both.
func (h eventHead) mayTake(source, detail string) bool {
	return !excludes(h.Source, source) && !excludes(h.DetailType, detail)
}

// excludes tells whether a value surely fits none of the matchers of a pattern.
func excludes(list []any, value string) bool {
	if len(list) == 0 || value == "" || admits(list, value) {
		return false
	}
	return !slices.ContainsFunc(list, func(x any) bool {
		m, _ := x.(map[string]any)
		_, exact := x.(string)
		_, prefix := m["prefix"].(string)
		return !exact && !(prefix && len(m) == 1)
	})
}

// busesOf finds the buses events of a schema pass: those with a rule that is after such
// events; else the one whose events are learned from, or the only one there is. Where
// several may be meant, none is named: a guess would put fields where they never were.
func (r *Region) busesOf(source, detail string, learned bool, routes map[graph.ID]*busRoute, discovered []*graph.Node) []*graph.Node {
	all := r.buses()
	var out []*graph.Node
	for _, bus := range all {
		for _, x := range routes {
			if x.bus == bus.Name && x.pattern.asksFor(source, detail) {
				out = append(out, bus)
				break
			}
		}
	}
	switch {
	case len(out) > 0:
		return out
	case learned && len(discovered) == 1:
		return discovered
	case len(all) == 1 && source+detail != "":
		return all
	}
	return nil
}
