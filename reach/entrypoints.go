package reach

import (
	"slices"
	"strings"

	"github.com/flowdeed/flowdeed/graph"
	"github.com/flowdeed/flowdeed/iam"
)

// Entry is an entry point from which configured events lead to a process that may use
// a store by its own permissions, whatever proof the entry asks for and whatever the
// patterns of rules let through.
type Entry struct {
	Entry string
	Via   []string // the processes, sorted
}

// entryClasses are where callers come in.
var entryClasses = []graph.Class{graph.API, graph.GraphQLAPI, graph.LoadBalancer, graph.CDN, graph.UserPool, graph.InternetClass}

// EntryPoints lists the entry points that lead to a store along the event edges, with
// the processes at their end.
func (f *Finder) EntryPoints(arn string, access ...iam.Access) []Entry {
	via := map[string]map[string]bool{}
	for _, p := range f.users(arn, access) {
		for _, entry := range f.startedFrom(p) {
			if via[entry] == nil {
				via[entry] = map[string]bool{}
			}
			via[entry][string(p)] = true
		}
	}
	var out []Entry
	for entry, list := range via {
		e := Entry{Entry: entry}
		for p := range list {
			e.Via = append(e.Via, p)
		}
		slices.Sort(e.Via)
		out = append(out, e)
	}
	slices.SortFunc(out, func(x, y Entry) int { return strings.Compare(x.Entry, y.Entry) })
	return out
}

// users are the processes whose role may use a store.
func (f *Finder) users(arn string, access []iam.Access) []graph.ID {
	a := f.assets[arn]
	if a == nil {
		return nil
	}
	var out []graph.ID
	for _, h := range f.byAccount[a.Account] {
		may := slices.ContainsFunc(access, func(x iam.Access) bool {
			s := &search{Finder: f, asset: a, access: x}
			return s.byItself(&direct{caller: callerOf(h)})
		})
		for _, w := range f.workloads(h.Principal.ARN) {
			if may {
				out = append(out, graph.ID(w))
			}
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// startedFrom walks backwards from a process along what starts or feeds it.
func (f *Finder) startedFrom(p graph.ID) []string {
	var out []string
	seen, queue := map[graph.ID]bool{p: true}, []graph.ID{p}
	for len(queue) > 0 {
		at := queue[0]
		queue = queue[1:]
		n := f.graph.Node(at)
		if n != nil && slices.Contains(entryClasses, n.Class) {
			out = append(out, string(at))
		}
		for _, fl := range f.graph.In(at) {
			if !starts(fl.Kind) || off(fl) || seen[fl.From] || fl.Confidence() < configured {
				continue
			}
			if fl.Kind == graph.Exposes && n != nil && n.Class != graph.Function {
				continue // the entry itself says it, not the internet before it
			}
			seen[fl.From] = true
			queue = append(queue, fl.From)
		}
	}
	return out
}

// configured is the confidence of a flow that configuration states.
const configured = 0.98

// starts tells flows that start or feed what they lead to. What merely writes to a
// store starts who reads its changes.
func starts(k graph.FlowKind) bool {
	switch k {
	case graph.Triggers, graph.Invokes, graph.Delivers, graph.RoutesTo, graph.Publishes, graph.Streams, graph.Writes, graph.Accesses, graph.Exposes:
		return true
	}
	return false
}
