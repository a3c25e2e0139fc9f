package classify

import (
	"fmt"
	"math/rand/v2"
	"runtime"
	"strings"
	"testing"

	"github.com/flowdeed/flowdeed/annotations"
	"github.com/flowdeed/flowdeed/graph"
)

// cloud is a graph of functions, stores and channels in the proportions of an account,
// in applications of 40 nodes that share few things, and annotations of 64 categories
// at every step-th store.
func cloud(nodes, step int) (*graph.Model, *annotations.Set) {
	r := rand.New(rand.NewPCG(uint64(nodes), 5))
	m := graph.NewModel()
	classes := []graph.Class{graph.Function, graph.Function, graph.Function, graph.Table, graph.Bucket, graph.Queue, graph.Topic, graph.LogGroup}
	id := func(i int) graph.ID { return graph.ID(fmt.Sprintf("arn:aws:x:eu-west-1:111122223333:n%07d", i)) }
	for i := range nodes {
		m.AddNode(graph.Node{ID: id(i), Class: classes[i%len(classes)], Kind: "kind." + string(classes[i%len(classes)]), Name: fmt.Sprintf("n%07d", i)})
	}
	add := func(from, to int, k graph.FlowKind, c float64) {
		m.AddFlow(graph.Flow{From: id(from), To: id(to), Kind: k, Layers: graph.Possible, Evidence: []graph.Evidence{{Source: "here", Kind: "policy", Confidence: c}}})
	}
	for i := range nodes {
		if classes[i%len(classes)] != graph.Function {
			continue
		}
		for range 6 {
			to := i/40*40 + r.IntN(40)
			if r.IntN(20) == 0 {
				to = r.IntN(nodes)
			}
			if to >= nodes || to == i {
				continue
			}
			c := []float64{0.99, 0.7, 0.7, 0.45}[r.IntN(4)]
			switch classes[to%len(classes)] {
			case graph.Table, graph.Bucket:
				add(i, to, []graph.FlowKind{graph.Reads, graph.Writes, graph.Accesses}[r.IntN(3)], c)
			case graph.Queue, graph.Topic:
				add(i, to, graph.Publishes, c)
				add(to, i/40*40+r.IntN(min(40, nodes-i/40*40)), graph.Triggers, 0.99)
			case graph.LogGroup:
				add(i, to, graph.LogsTo, 0.99)
			default:
				add(i, to, graph.Invokes, c)
			}
		}
	}
	m.Freeze()
	return m, categoriesAt(m, step)
}

func categoriesAt(m *graph.Model, step int) *annotations.Set { return loose(statements(m, step)) }

// statements is the text of annotations of two of 64 categories at every step-th store.
func statements(m *graph.Model, step int) string {
	t, err := annotations.BuiltinTaxonomy()
	if err != nil {
		panic(err)
	}
	var keys []string
	for k := range t.Categories {
		if annotations.Personal(k) {
			keys = append(keys, k)
		}
	}
	keys = sorted(keys)[:64]
	var b strings.Builder
	b.WriteString("resources:\n")
	k := 0
	for i, n := range m.Nodes() {
		if i%step == 3 && n.Class == graph.Table || i%step == 5 {
			fmt.Fprintf(&b, "  - {match: {arn: %q}, data: [%s, %s]}\n", n.ID, keys[k%64], keys[(k*7+1)%64])
			k++
		}
	}
	return b.String()
}

var sizes = []int{1_000, 10_000, 100_000}

// BenchmarkPropagate finds the labels; BenchmarkHeld also writes all of them out, with
// their paths.
func BenchmarkPropagate(b *testing.B) {
	for _, n := range sizes {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			m, set := cloud(n, 50)
			for b.Loop() {
				Propagate(m, set, today)
			}
			b.ReportMetric(float64(len(m.Flows()))/float64(n), "flows/node")
		})
	}
}

func BenchmarkHeld(b *testing.B) {
	for _, n := range sizes {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			m, set := cloud(n, 50)
			var before, after runtime.MemStats
			runtime.GC()
			runtime.ReadMemStats(&before)
			l, labels := Propagate(m, set, today), 0
			for b.Loop() {
				l, labels = Propagate(m, set, today), 0
				for _, x := range m.Nodes() {
					labels += len(l.At(x.ID).Labels)
				}
			}
			runtime.GC()
			runtime.ReadMemStats(&after)
			b.ReportMetric(float64(after.HeapAlloc-before.HeapAlloc)/float64(n), "live-B/node")
			b.ReportMetric(float64(labels)/float64(n), "labels/node")
			runtime.KeepAlive(l)
		})
	}
}

// BenchmarkUpdate changes what is said of one store, back and forth, and reports how
// many times as long it takes to find all labels anew in the same run. "data" names
// another category, "passes" also changes what becomes of data at a node.
func BenchmarkUpdate(b *testing.B) {
	for _, n := range sizes {
		for _, what := range []string{"data: [user.name]", "data: [user.name], passes: [user.name]"} {
			b.Run(fmt.Sprintf("%d/%s", n, what[len("data: [user.name"):]), func(b *testing.B) {
				m, set := cloud(n, 50)
				id := m.Nodes()[n/2/8*8].ID
				other := loose(statements(m, 50) + fmt.Sprintf("  - {match: {arn: %q}, %s}\n", id, what))
				l := Propagate(m, set, today)
				at := 0
				for b.Loop() {
					at++
					if err := l.Update(Change{Set: []*annotations.Set{set, other}[at%2], Nodes: []graph.ID{id}}); err != nil {
						b.Fatal(err)
					}
				}
				ours := timed(func() { _ = l.Update(Change{Set: other, Nodes: []graph.ID{id}}) })
				anew := timed(func() { Propagate(m, other, today) })
				b.ReportMetric(anew.Seconds()/ours.Seconds(), "anew/update")
			})
		}
	}
}

// BenchmarkExplain asks for the ways of all labels of one node after the other, in a
// graph in which nobody asked before.
func BenchmarkExplain(b *testing.B) {
	for _, n := range sizes {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			m, set := cloud(n, 50)
			l := Propagate(m, set, today)
			at, labels := 0, 0
			for b.Loop() {
				at = (at + 7919) % n
				labels += len(l.At(m.Nodes()[at].ID).Labels)
			}
			b.ReportMetric(float64(labels)/float64(b.N), "labels/node")
		})
	}
}
