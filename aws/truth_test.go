package aws_test

import (
	"bytes"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"

	"github.com/flowdeed/flowdeed/aws"
	"github.com/flowdeed/flowdeed/aws/environments"
	"github.com/flowdeed/flowdeed/graph"
)

// truth is what is really in an environment.
type truth struct {
	Nodes []struct {
		ID, Type, Name, Account, Region string
	}
	Edges []struct {
		From, To, Kind, Evidence string
	}
	// NotServable are flows that moto cannot serve; the recordings can.
	NotServable []struct {
		From, To, Kind, Why string
	} `yaml:"not_servable"`
	AtRest []struct {
		ID, State, Key string
	} `yaml:"at_rest"`
	Access []struct {
		Principal string
		UsedBy    []string `yaml:"used_by"`
		Store     string
	}
}

func readTruth(t testing.TB, name string) truth {
	b, err := os.ReadFile(filepath.Join(environmentFolder, name, "truth.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	var out truth
	if err := yaml.NewDecoder(bytes.NewReader(b)).Decode(&out); err != nil {
		t.Fatal(err)
	}
	return out
}

// unservable names truths that moto cannot serve, with the reason given by MOTO.md
// (data sources of AppSync, EventBridge setting of notifications) or because the
// value is only known at deployment. They are left out of recall and printed.
var unservable = map[string]string{
	"datasource": "appsync list_data_sources is not implemented",
}

// comparer maps the ids of a truth file to nodes of a graph.
type comparer struct {
	t   testing.TB
	m   *graph.Model
	ids map[string]map[string]string
	tr  truth
	of  map[string]*graph.Node // truth id -> node
	// live says that the answers come from moto as it is, without amendments.
	live bool
}

func newComparer(t testing.TB, m *graph.Model, tr truth, ids map[string]map[string]string) *comparer {
	c := &comparer{t: t, m: m, ids: ids, tr: tr, of: map[string]*graph.Node{}}
	for _, n := range tr.Nodes {
		c.of[n.ID] = c.find(n.ID, n.Type, n.Name)
	}
	return c
}

// find looks for the node of a truth id by what the loader got back for it, or by
// type and name.
func (c *comparer) find(id, typ, name string) *graph.Node {
	values := map[string]bool{}
	for _, v := range c.ids[id] {
		values[v] = true
	}
	for _, n := range c.m.Nodes() {
		if typ != "" && n.Type != typ || n.External {
			continue
		}
		if values[string(n.ID)] {
			return n
		}
	}
	for _, n := range c.m.Nodes() {
		if typ != "" && n.Type != typ || n.External {
			continue
		}
		if name != "" && n.Name == name || slices.ContainsFunc(n.Aliases, func(a string) bool { return values[a] }) {
			return n
		}
	}
	return nil
}

// end maps one end of a truth edge.
func (c *comparer) end(id string) string {
	switch {
	case id == "internet":
		return string(graph.Internet)
	case id == "schedule":
		return string(graph.Schedule)
	case strings.HasPrefix(id, "bus:"):
		for _, n := range c.m.Nodes() {
			if n.Class == graph.EventBus && n.Name == strings.TrimPrefix(id, "bus:") && n.Region == "eu-west-1" {
				return string(n.ID)
			}
		}
		return id
	case strings.HasPrefix(id, "arn:"): // outside the environment
		return id
	case strings.HasPrefix(id, "external:"):
		return c.external(strings.TrimPrefix(id, "external:"))
	}
	if n, ok := c.of[id]; ok {
		if n == nil {
			return "missing " + id
		}
		return string(n.ID)
	}
	if n := c.find(id, "", ""); n != nil {
		return string(n.ID)
	}
	return "missing " + id
}

// external finds an outside address; e-mail addresses are masked in the graph.
func (c *comparer) external(address string) string {
	for _, n := range c.m.Nodes() {
		id := string(n.ID)
		if id == "external:"+address || id == "external:mailto:"+address {
			return id
		}
		local, domain, ok := strings.Cut(address, "@")
		if ok && strings.HasPrefix(id, "external:") && strings.HasSuffix(id, "@"+domain) && strings.Contains(id, local[:1]+"***") {
			return id
		}
	}
	return "missing external:" + address
}

type score struct{ found, missing, invented []string }

func (s score) recall() float64    { return ratio(len(s.found), len(s.found)+len(s.missing)) }
func (s score) precision() float64 { return ratio(len(s.found), len(s.found)+len(s.invented)) }

func ratio(a, b int) float64 {
	if b == 0 {
		return 1
	}
	return float64(a) / float64(b)
}

// beyondTruth are kinds of flow the truth files do not list: relations, and the
// flows that every account has (a function to its log group, the internet to an API).
// They are counted apart.
func beyondTruth(f *graph.Flow) bool {
	switch f.Kind {
	case graph.EncryptsWith, graph.Assumes, graph.UsesLayer, graph.RunsImage, graph.AttachedTo, graph.Records, graph.AuthenticatesWith:
		return true
	case graph.CanAssume, graph.SharesWith:
		return true
	}
	return false
}

func (c *comparer) edges() (s score, apart []string, unserved []string) {
	want, optional := map[string]string{}, map[string]bool{}
	for _, e := range c.tr.NotServable {
		key, label := c.end(e.From)+" -> "+c.end(e.To), e.From+" -> "+e.To+" ("+e.Kind+")"
		if c.live {
			optional[key] = true
			unserved = append(unserved, label+": "+e.Why)
			continue
		}
		want[key] = label
	}
	for _, e := range c.tr.Edges {
		key := c.end(e.From) + " -> " + c.end(e.To)
		label := e.From + " -> " + e.To + " (" + e.Kind + ")"
		why, ok := unservable[e.Kind]
		if strings.HasPrefix(e.To, "external:payment API") {
			why, ok = "the address is an output of a nested application that cannot be loaded", true
		}
		if ok {
			unserved = append(unserved, label+": "+why)
			continue
		}
		want[key] = label
	}
	possible := c.possible()
	have := map[string][]string{}
	for _, f := range c.m.Flows() {
		key := string(f.From) + " -> " + string(f.To)
		if _, ok := want[key]; !ok {
			switch {
			case optional[key]:
				continue
			case beyondTruth(f):
				continue
			case f.Kind == graph.LogsTo, f.Kind == graph.Exposes:
				apart = append(apart, f.ID())
				continue
			case c.outside(f):
				apart = append(apart, f.ID()+" (not a node of the truth)")
				continue
			case possible[key]:
				apart = append(apart, f.ID()+" (access section)")
				continue
			}
		}
		have[key] = append(have[key], f.ID()+fmt.Sprintf(" %.2f", f.Confidence()))
	}
	for k, label := range want {
		if _, ok := have[k]; ok {
			s.found = append(s.found, label)
		} else {
			s.missing = append(s.missing, label+" ["+k+"]")
		}
	}
	for k, fl := range have {
		if _, ok := want[k]; !ok {
			s.invented = append(s.invented, fl[0])
		}
	}
	slices.Sort(s.missing)
	slices.Sort(s.invented)
	return s, apart, unserved
}

// outside tells whether a flow ends at a resource that the truth file does not list
// at all, such as a snapshot: it says nothing about such flows.
func (c *comparer) outside(f *graph.Flow) bool {
	for _, id := range []graph.ID{f.From, f.To} {
		n := c.m.Node(id)
		listed := n.External || slices.ContainsFunc(c.tr.Nodes, func(x struct{ ID, Type, Name, Account, Region string }) bool {
			return c.of[x.ID] == n
		})
		if !listed {
			return true
		}
	}
	return false
}

// possible are the pairs of a workload and a store its role may use, by the access
// section: a flow inferred from permissions alone is right when it is one of them.
func (c *comparer) possible() map[string]bool {
	out := map[string]bool{}
	for _, a := range c.tr.Access {
		for _, u := range a.UsedBy {
			out[c.end(u)+" -> "+c.end(a.Store)] = true
		}
	}
	return out
}

func (c *comparer) nodes() score {
	var s score
	for id, n := range c.of {
		if n == nil {
			s.missing = append(s.missing, id)
		} else {
			s.found = append(s.found, id)
		}
	}
	slices.Sort(s.missing)
	return s
}

// atRest compares states of encryption; unknown is counted apart and must name a call.
func (c *comparer) atRest() (right, unknown int, wrong []string) {
	for _, w := range c.tr.AtRest {
		n := c.of[w.ID]
		if n == nil {
			continue
		}
		rest, owner := graph.AtRest.Get(&n.Facts), graph.KeyOwner.Get(&n.Facts)
		if !rest.Known || !owner.Known {
			if !strings.Contains(rest.Why+owner.Why, ":") {
				wrong = append(wrong, w.ID+": unknown without the missing call: "+rest.Why+owner.Why)
			}
			unknown++
			continue
		}
		if got, want := string(owner.V), stateOf(w.State, w.Key); got != want {
			wrong = append(wrong, fmt.Sprintf("%s: %s, want %s (%s)", w.ID, got, want, w.State))
			continue
		}
		if key := graph.KeyID.Get(&n.Facts); c.of[w.Key] != nil && key.V != string(c.of[w.Key].ID) {
			wrong = append(wrong, w.ID+": key "+key.V+", want "+w.Key)
			continue
		}
		right++
	}
	return right, unknown, wrong
}

// stateOf turns the truth's word into a key class.
func stateOf(state, key string) string {
	switch {
	case strings.HasPrefix(state, "kms:"):
		if strings.Contains(key+state, "alias/aws/") {
			return string(graph.KeyAWSManaged)
		}
		return string(graph.KeyCustomer)
	case state == "none":
		return string(graph.KeyNone)
	}
	return string(graph.KeyProviderOwned)
}

// TestEnvironments replays the recorded answers of every environment through the
// whole scan and compares the graph with the truth.
func TestEnvironments(t *testing.T) {
	for _, name := range environments.Names {
		t.Run(name, func(t *testing.T) {
			endpoint, rec, ids := replayed(t, name)
			snap := environments.Scan(t, endpoint, ids)
			if missed := rec.Missed(); len(missed) > 0 {
				t.Errorf("calls that are not in the recording (make it anew with -record): %v", missed)
			}
			compare(t, name, snap, ids, false)
		})
	}
}

// TestEnvironmentsLive does the same against a moto server.
func TestEnvironmentsLive(t *testing.T) {
	if testing.Short() {
		t.Skip("live servers are not started with -short")
	}
	for _, name := range environments.Names {
		t.Run(name, func(t *testing.T) {
			moto := startMoto(t)
			ids := loadEnvironment(t, moto, name)
			compare(t, name, environments.Scan(t, startLikeAWS(t, moto, ""), ids), ids, true)
		})
	}
}

func compare(t *testing.T, name string, snap *aws.Snapshot, ids map[string]map[string]string, live bool) {
	t.Helper()
	sys := aws.Build(snap)
	c := newComparer(t, sys.Graph, readTruth(t, name), ids)
	c.live = live
	nodes := c.nodes()
	edges, apart, unserved := c.edges()
	right, unknown, wrong := c.atRest()
	t.Logf("%s nodes: found %d, missing %d (recall %.3f)", name, len(nodes.found), len(nodes.missing), nodes.recall())
	t.Logf("%s flows: found %d, missing %d, invented %d; recall %.3f, precision %.3f; apart %d; not servable %d", name,
		len(edges.found), len(edges.missing), len(edges.invented), edges.recall(), edges.precision(), len(apart), len(unserved))
	t.Logf("%s at rest: right %d, unknown %d, wrong %d", name, right, unknown, len(wrong))
	for _, x := range slices.Concat(nodes.missing, edges.missing) {
		t.Logf("  missing  %s", x)
	}
	for _, x := range edges.invented {
		t.Logf("  invented %s", x)
	}
	for _, x := range unserved {
		t.Logf("  not servable %s", x)
	}
	if nodes.recall() < 1 {
		t.Errorf("nodes missing: %v", nodes.missing)
	}
	if edges.recall() < 0.95 || edges.precision() < 0.95 {
		t.Errorf("flows: recall %.3f, precision %.3f, want 0.95 of each", edges.recall(), edges.precision())
	}
	if len(wrong) > 0 {
		t.Errorf("at rest wrong: %s", strings.Join(wrong, "; "))
	}
}

var _ = maps.Keys[map[string]int]
