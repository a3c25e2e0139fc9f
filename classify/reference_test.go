package classify

import (
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/flowdeed/flowdeed/annotations"
	"github.com/flowdeed/flowdeed/graph"
)

func referenceFile(t *testing.T, name string) []string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("testdata", "reference", name))
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for line := range strings.Lines(string(text)) {
		if line = strings.TrimSpace(line); line != "" && line[0] != '#' {
			out = append(out, line)
		}
	}
	return out
}

// reference builds the reference system.
func reference(t *testing.T) *graph.Model {
	t.Helper()
	var lines, facts []string
	for _, line := range referenceFile(t, "system.txt") {
		if strings.Contains(line, " ? ") {
			facts = append(facts, line)
		} else {
			lines = append(lines, strings.Replace(line, "internet -", "front -", 1))
		}
	}
	m := system(t, strings.Join(lines, "\n"))
	m.AddNode(graph.Node{ID: graph.Internet, Class: graph.InternetClass, External: true})
	for _, f := range m.Out("id:front") {
		m.AddFlow(graph.Flow{From: graph.Internet, To: f.To, Kind: f.Kind, Evidence: f.Evidence})
	}
	m.Freeze()
	for _, line := range facts {
		about, value, _ := strings.Cut(line, " ? ")
		setFact(t, m, strings.Fields(about), strings.Fields(value))
	}
	for _, n := range m.Nodes() {
		n.External = n.External || n.Class == graph.ExternalEndpoint
	}
	return m
}

func setFact(t *testing.T, m *graph.Model, about, value []string) {
	t.Helper()
	var x *graph.Facts
	if len(about) == 1 {
		x = &m.Node(graph.ID("id:" + about[0])).Facts
	} else {
		for _, f := range m.Out(graph.ID("id:" + about[0])) {
			if f.To == graph.ID("id:"+about[1]) {
				x = &f.Facts
			}
		}
	}
	list := append([]string{}, value[1:]...)
	switch value[0] {
	case graph.StreamView.Name:
		graph.StreamView.Set(x, list[0], "here")
	case graph.DebugLogging.Name:
		graph.DebugLogging.Set(x, list[0] == "true", "here")
	case graph.ReturnsResult.Name:
		graph.ReturnsResult.Set(x, list[0] == "true", "here")
	case graph.KeyAttributes.Name:
		graph.KeyAttributes.Set(x, list, "here")
	case graph.LogFields.Name:
		graph.LogFields.Set(x, list, "here")
	case graph.Transformed.Name:
		graph.Transformed.Set(x, list, "here")
	default:
		t.Fatalf("no fact %q", value[0])
	}
}

// truth reads the labels that are really there, as "node category".
func truth(t *testing.T) map[string]bool {
	short := map[string]string{"ip": "device.ip_address", "agent": "device.user_agent", "log": "telemetry.request_log"}
	out := map[string]bool{}
	for _, line := range referenceFile(t, "truth.txt") {
		i := strings.LastIndex(line, ": ")
		for _, c := range strings.Fields(line[i+1:]) {
			if long, ok := short[c]; ok {
				c = long
			}
			out[line[:i]+" user."+c] = true
		}
	}
	return out
}

// TestReferenceSystem holds the labels of sixty nodes, of which people described five and
// one flow, to what is really there.
func TestReferenceSystem(t *testing.T) {
	m, want := reference(t), truth(t)
	set, diags := annotations.Load(filepath.Join("testdata", "reference"))
	for _, d := range diags {
		t.Error(d)
	}
	DeclareFlows(m, set)
	l := Propagate(m, set, today)
	got := map[string]bool{}
	nodes := 0
	for _, n := range m.Nodes() {
		if n.Class == graph.InternetClass || n.ID == "id:front" {
			continue
		}
		nodes++
		for _, c := range l.Categories(n.ID) {
			got[strings.TrimPrefix(string(n.ID), "id:")+" "+c] = true
		}
		for _, x := range l.At(n.ID).Labels {
			if x.Path[len(x.Path)-1] != n.ID || len(x.Flows) != len(x.Path)-1 || x.Origin == "" {
				t.Errorf("%s at %s does not explain its path: %+v", x.Category, n.ID, x)
			}
		}
	}
	var missing, invented []string
	for _, k := range slices.Sorted(maps.Keys(want)) {
		if !got[k] {
			missing = append(missing, k)
		}
	}
	for _, k := range slices.Sorted(maps.Keys(got)) {
		if !want[k] {
			invented = append(invented, k)
		}
	}
	found := len(want) - len(missing)
	recall, precision := float64(found)/float64(len(want)), float64(found)/float64(len(got))
	t.Logf("%d nodes, 6 statements of people, %d labels: recall %.3f, precision %.3f", nodes, len(want), recall, precision)
	t.Logf("missing: %s", strings.Join(missing, "; "))
	t.Logf("invented: %s", strings.Join(invented, "; "))
	if len(missing) > 0 || precision < 0.95 {
		t.Error("all labels are to be found, and 95 in 100 are to be right")
	}
	if nodes < 58 || nodes > 62 {
		t.Errorf("%d nodes", nodes)
	}
	if crm := l.At("id:external:crm"); !crm.UnknownRecipient {
		t.Error("nobody says who the CRM is")
	}
}

// TestReferenceBypass finds the export that goes around the pseudonymiser, and nothing else.
func TestReferenceBypass(t *testing.T) {
	m := reference(t)
	set, _ := annotations.Load(filepath.Join("testdata", "reference"))
	DeclareFlows(m, set)
	var got []string
	for _, s := range Propagate(m, set, today).Shields() {
		for _, x := range s.Targets {
			for _, b := range x.Bypass {
				if b.State != Weak {
					got = append(got, b.Category+" "+wayOf(b.Path))
				}
			}
		}
	}
	want := []string{
		"user.contact.email appointments>nightly-export>lake", "user.unique_id appointments>nightly-export>lake",
		"user.contact.email appointments>nightly-export>lake>analysts>results", "user.unique_id appointments>nightly-export>lake>analysts>results",
	}
	if !slices.Equal(got, want) {
		t.Errorf("around the pseudonymiser:\n%s\nwant:\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}
