package aws

import (
	"math/rand/v2"
	"slices"
	"strconv"
	"testing"

	"github.com/flowdeed/flowdeed/graph"
)

// uniquePlainly looks through every node for a name.
func uniquePlainly(b *Builder, alias string, r reference) *graph.Node {
	for _, near := range []func(*graph.Node) bool{
		func(n *graph.Node) bool {
			return n.Account == r.account && (n.Region == r.region || n.Region == GlobalRegion)
		},
		func(n *graph.Node) bool { return n.Account == r.account },
		func(*graph.Node) bool { return true },
	} {
		var hit []*graph.Node
		for _, n := range b.sys.Graph.Pending() {
			if alias != "" && near(n) && (slices.Contains(n.Aliases, alias) || string(n.ID) == alias) {
				hit = append(hit, n)
			}
		}
		if len(hit) > 0 {
			if len(hit) == 1 {
				return hit[0]
			}
			return nil
		}
	}
	return nil
}

// TestNamesAreFoundAsByAPlainSearch holds the index of names to a search through all nodes.
func TestNamesAreFoundAsByAPlainSearch(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 5))
	pick := func(list ...string) string { return list[random.IntN(len(list))] }
	for range 300 {
		b := &Builder{sys: &System{Graph: graph.NewModel()}, index: newIndex()}
		for i := range random.IntN(8) {
			b.sys.Graph.AddNode(graph.Node{
				ID: graph.ID("n" + strconv.Itoa(i)), Class: graph.Queue, Account: pick("1", "2"), Region: pick("eu", "us", GlobalRegion),
				Aliases: []string{pick("a", "b", "c"), pick("a", "b", "d")},
			})
		}
		b.indexNodes()
		for range 30 {
			name, at := pick("a", "b", "c", "d", "n0", "none", ""), reference{account: pick("1", "2", "3"), region: pick("eu", "us")}
			if got, want := b.unique(name, at), uniquePlainly(b, name, at); got != want {
				t.Fatalf("unique(%q) from %+v is %v, want %v", name, at, got, want)
			}
		}
	}
}
