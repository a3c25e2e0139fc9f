package classify

import (
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/flowdeed/flowdeed/annotations"
	"github.com/flowdeed/flowdeed/graph"
)

// sameLabels compares everything labels say, shields and flows included.
func sameLabels(t *testing.T, what string, m *graph.Model, got, want *Labels) {
	t.Helper()
	for _, n := range m.Nodes() {
		if p, q := got.Profile(n.ID), want.Profile(n.ID); p != q {
			t.Fatalf("%s: %s is graded %s, anew %s", what, n.ID, p, q)
		}
		if x, y := got.At(n.ID), want.At(n.ID); !reflect.DeepEqual(x, y) {
			t.Fatalf("%s: %s\n  has  %+v\n  anew %+v", what, n.ID, *x, *y)
		}
	}
	for _, f := range m.Flows() {
		if x, y := got.Carries(f), want.Carries(f); !slices.Equal(x, y) {
			t.Fatalf("%s: %s carries %v, anew %v", what, f.ID(), x, y)
		}
	}
	if x, y := got.Shields(), want.Shields(); !reflect.DeepEqual(x, y) {
		t.Fatalf("%s: shields %+v, anew %+v", what, x, y)
	}
}

// entry is one thing said, and the node it is said of.
type entry struct {
	text string
	node graph.ID
}

// entries splits random statements into entries.
func entries(r *rand.Rand, m *graph.Model, k int) []entry {
	var out []entry
	for line := range strings.Lines(randomStatements(r, m, k)) {
		if _, rest, ok := strings.Cut(line, `arn: "`); ok {
			id, _, _ := strings.Cut(rest, `"`)
			out = append(out, entry{line, graph.ID(id)})
		}
	}
	return out
}

func setOf(list []entry, flows string) *annotations.Set {
	text := "resources:\n"
	for _, e := range list {
		text += e.text
	}
	return loose(text + flows)
}

// TestUpdateEqualsPropagate changes annotations, declared carriage and facts of random
// systems again and again, and compares with labels found anew.
func TestUpdateEqualsPropagate(t *testing.T) {
	changes := 0
	for seed := range uint64(80) {
		r := rand.New(rand.NewPCG(seed, 21))
		m := mixedSystem(seed, 8+int(seed%30), 14+int(seed))
		said := entries(r, m, 6)
		flows := ""
		l := Propagate(m, setOf(said, flows), today)
		for step := range 8 {
			c := Change{}
			switch r.IntN(4) {
			case 0: // an entry goes
				if len(said) > 0 {
					i := r.IntN(len(said))
					c.Nodes = []graph.ID{said[i].node}
					said[i].text = "  #\n" // the others stay on their lines
				}
			case 1: // what a flow carries
				f := m.Flows()[r.IntN(len(m.Flows()))]
				flows = fmt.Sprintf("flows:\n  - {from: {arn: %q}, to: {arn: %q}, carries: [user.name]}\n", f.From, f.To)
				if r.IntN(3) == 0 {
					flows = ""
				}
			case 2: // a fact of a flow, or its evidence
				f := m.Flows()[r.IntN(len(m.Flows()))]
				if r.IntN(2) == 0 {
					graph.Transformed.Set(&f.Facts, [][]string{{}, {"$.detail.x"}}[r.IntN(2)], "here")
				} else {
					f.Evidence[0].Confidence = []float64{0.99, 0.7, 0.45, 0.1}[r.IntN(4)]
				}
				c.Flows = []*graph.Flow{f}
			default: // an entry comes
				more := entries(r, m, 1)
				c.Nodes = []graph.ID{more[0].node}
				said = append(said, more...)
			}
			c.Set = setOf(said, flows)
			if err := l.Update(c); err != nil {
				t.Fatal(err)
			}
			sameLabels(t, fmt.Sprintf("seed %d, change %d", seed, step), m, l, Propagate(m, setOf(said, flows), today))
			changes++
		}
	}
	t.Logf("%d changes, all as found anew", changes)
}

// TestUpdateOfFacts changes a node's own fact.
func TestUpdateOfFacts(t *testing.T) {
	m := system(t, "a table\nf function\nl log-group\nf -reads-> a\nf -logs-to-> l")
	set := said(t, "resources:\n"+holds("a", "data: [user.name]"))
	l := Propagate(m, set, today)
	graph.DebugLogging.Set(&m.Node("id:f").Facts, true, "here")
	if err := l.Update(Change{Nodes: []graph.ID{"id:f"}}); err != nil {
		t.Fatal(err)
	}
	if got := show(l, "l"); got != "inferred: inferred name" {
		t.Errorf("the log holds %q", got)
	}
}

func TestUpdateRefusesAnotherGraph(t *testing.T) {
	m := system(t, "a table\nf function\nf -reads-> a")
	l := Propagate(m, annotations.Empty(), today)
	if err := l.Update(Change{Nodes: []graph.ID{"id:nobody"}}); err == nil {
		t.Error("a node that is not there was taken")
	}
	m.AddNode(graph.Node{ID: "id:b"})
	m.Freeze()
	if err := l.Update(Change{}); err == nil {
		t.Error("a graph of more nodes was taken")
	}
	if err := NewLabels(nil, nil).Update(Change{}); err == nil {
		t.Error("labels that were given were taken")
	}
}
