package main

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/flowdeed/flowdeed/classify"
	"github.com/flowdeed/flowdeed/graph"
)

func newMap(s *streams) *cobra.Command {
	var in input
	var o output
	c := &cobra.Command{
		Use:   "map",
		Short: "Print the data map: nodes, flows, labels and facts",
		Long: `Prints the graph: as tables, as JSON for other programs (schema: flowdeed schema map),
or as a picture of the personal data.`,
		Example: "  flowdeed map\n  flowdeed map --format json --output map.json prod.snapshot\n  flowdeed map --format svg --output map.svg",
	}
	c.RunE = func(_ *cobra.Command, args []string) error {
		a, err := in.open(s, args)
		if err != nil {
			return err
		}
		switch o.format {
		case "json":
			return o.print(s, func(w io.Writer) error { return writeMapJSON(w, a) })
		case "text":
			return o.print(s, func(w io.Writer) error { return writeMapText(w, s, a) })
		}
		return o.picture(s, a.pictures(s))
	}
	addOutput(c, &o, "text", answerFormats...)
	addInput(c, &in, 0)
	return c
}

type mapJSON struct {
	Nodes []nodeJSON `json:"nodes"`
	Flows []flowJSON `json:"flows"`
}

type nodeJSON struct {
	ID       graph.ID            `json:"id"`
	Kind     string              `json:"kind"`
	Class    graph.Class         `json:"class"`
	Type     string              `json:"type"`
	Name     string              `json:"name"`
	Account  string              `json:"account"`
	Region   string              `json:"region"`
	Role     graph.Role          `json:"role"`
	External bool                `json:"external,omitempty"`
	State    classify.State      `json:"state"`
	Labels   []labelJSON         `json:"labels"`
	Facts    map[string]factJSON `json:"facts"`
}

type labelJSON struct {
	Category string         `json:"category"`
	State    classify.State `json:"state"`
	MayHold  bool           `json:"may_hold"`
	Subjects []string       `json:"subjects,omitempty"`
	// FreeText is true where free text may hold the category, Passing where the node
	// forwards it and does not keep it.
	FreeText bool       `json:"possible_in_free_text,omitempty"`
	Passing  bool       `json:"passing,omitempty"`
	Origin   string     `json:"origin,omitempty"`
	Path     []graph.ID `json:"path"`
	Flows    []string   `json:"flows,omitempty"`
}

type factJSON struct {
	Value  any          `json:"value"`
	Known  bool         `json:"known"`
	Why    string       `json:"why,omitempty"`
	Source graph.Source `json:"source,omitempty"`
}

type flowJSON struct {
	From       graph.ID            `json:"from"`
	To         graph.ID            `json:"to"`
	Kind       graph.FlowKind      `json:"kind"`
	Via        string              `json:"via"`
	Layers     []string            `json:"layers"`
	Confidence float64             `json:"confidence"`
	Evidence   []evidenceJSON      `json:"evidence"`
	Facts      map[string]factJSON `json:"facts"`
}

type evidenceJSON struct {
	Source     graph.Source `json:"source"`
	Detail     string       `json:"detail,omitempty"`
	Kind       string       `json:"kind"`
	Confidence float64      `json:"confidence"`
}

func factsJSON(f *graph.Facts) map[string]factJSON {
	out := map[string]factJSON{}
	for _, x := range f.All() {
		out[x.Name] = factJSON{x.Value, x.Known, x.Why, x.Source}
	}
	return out
}

// round keeps two decimals: a confidence is no measurement.
func round(v float64) float64 { return float64(int(v*100+0.5)) / 100 }

func writeMapJSON(w io.Writer, a *analysis) error {
	out := mapJSON{Nodes: []nodeJSON{}, Flows: []flowJSON{}}
	for _, n := range a.sys.Graph.Nodes() {
		h := a.labels.At(n.ID)
		x := nodeJSON{
			ID: n.ID, Kind: n.Kind, Class: n.Class, Type: n.Type, Name: n.Name, Account: n.Account, Region: n.Region, Role: n.Class.Role(),
			External: n.External, State: h.State, Labels: []labelJSON{}, Facts: factsJSON(&n.Facts),
		}
		for _, l := range h.Labels {
			x.Labels = append(x.Labels, labelJSON{
				Category: l.Category, State: l.State, MayHold: l.MayHold(), Subjects: l.Subjects, FreeText: l.MayContain, Passing: l.Passing,
				Origin: l.Origin, Path: l.Path, Flows: l.Flows,
			})
		}
		out.Nodes = append(out.Nodes, x)
	}
	for _, f := range a.sys.Graph.Flows() {
		x := flowJSON{From: f.From, To: f.To, Kind: f.Kind, Via: f.Via, Layers: f.Layers.Names(), Confidence: round(f.Confidence()), Evidence: []evidenceJSON{}, Facts: factsJSON(&f.Facts)}
		for _, e := range f.Evidence {
			x.Evidence = append(x.Evidence, evidenceJSON{e.Source, e.Detail, e.Kind, round(e.Confidence)})
		}
		out.Flows = append(out.Flows, x)
	}
	return writeJSON(w, out)
}

// writeMapText prints stores and flows that carry data as two tables.
func writeMapText(w io.Writer, s *streams, a *analysis) error {
	g := a.sys.Graph
	fmt.Fprintf(w, "%-46s %-10s %-22s %-62s %s\n", "STORE", "DATA", "KEY", "STATED", "MAY HOLD")
	for _, n := range g.Nodes() {
		if n.External || !n.Class.KeepsData() {
			continue
		}
		h := a.labels.At(n.ID)
		key := graph.KeyOwner.Get(&n.Facts)
		word := string(key.V)
		if !key.Known {
			word = "?"
		}
		fmt.Fprintf(w, "%-46s %-10s %-22s %-62s %s\n", clip(n.Kind+" "+n.Name, 46), h.State, word, categoriesOf(h, classify.Label.Stated), categoriesOf(h, classify.Label.MayHold))
	}
	fmt.Fprintf(w, "\n%-40s %-13s %-40s %-18s %s\n", "FROM", "KIND", "TO", "IN TRANSIT", "SURE")
	for _, f := range g.Flows() {
		if !f.Kind.Carries() {
			continue
		}
		t := graph.InTransit.Get(&f.Facts)
		word := string(t.V)
		if !t.Known {
			word = "unknown"
		}
		if t.V == graph.TransitPlain {
			word = s.paint("31", fmt.Sprintf("%-18s", word))
		}
		fmt.Fprintf(w, "%-40s %-13s %-40s %-18s %.2f\n", clip(nameOf(g, f.From), 40), f.Kind, clip(nameOf(g, f.To), 40), word, f.Confidence())
	}
	return nil
}

// categoriesOf lists the categories of the labels a column is for.
func categoriesOf(h *classify.Held, column func(classify.Label) bool) string {
	var out []string
	for _, l := range h.Labels {
		if column(l) {
			out = append(out, l.Category)
		}
	}
	slices.Sort(out)
	return clip(strings.Join(slices.Compact(out), " "), 60)
}

// clip shortens a text in the middle, where names differ least.
func clip(s string, n int) string {
	r := []rune(s)
	if len(r) <= n {
		return s
	}
	head := (n - 1) * 2 / 3
	return string(r[:head]) + "…" + string(r[len(r)-(n-1-head):])
}
