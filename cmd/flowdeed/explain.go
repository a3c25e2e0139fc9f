package main

import (
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"github.com/flowdeed/flowdeed/check"
	"github.com/flowdeed/flowdeed/classify"
	"github.com/flowdeed/flowdeed/graph"
)

func newExplain(s *streams) *cobra.Command {
	var in input
	var o output
	c := &cobra.Command{
		Use:     "explain NODE",
		Short:   "Say everything that is known about one node",
		Long:    "Prints facts with their sources, what flows in and out, which personal data is there and how it came, and every answer of every control. NODE is an ARN, a name, or part of one.",
		Example: "  flowdeed explain orders\n  flowdeed explain arn:aws:sqs:eu-west-1:111122223333:email-queue prod.snapshot",
	}
	c.RunE = func(_ *cobra.Command, args []string) error {
		a, err := in.open(s, args[1:])
		if err != nil {
			return err
		}
		n, err := a.find(args[0])
		if err != nil {
			return err
		}
		return o.print(s, func(w io.Writer) error { a.explain(w, n); return nil })
	}
	addOutput(c, &o, "text", "text")
	addInput(c, &in, 1)
	return c
}

func (a *analysis) explain(w io.Writer, n *graph.Node) {
	h := a.labels.At(n.ID)
	fmt.Fprintf(w, "%s\n%s %s, account %s, region %s\n", n.ID, n.Kind, n.Name, n.Account, n.Region)
	fmt.Fprintf(w, "\nPersonal data: %s %s\n", h.State, h.Why)
	a.explainLabels(w, h)
	a.explainDetected(w, n)
	fmt.Fprintln(w, "\nFacts")
	for _, x := range n.Facts.All() {
		fmt.Fprintf(w, "  %s  [%s]\n", x, x.Source)
	}
	for _, side := range []struct {
		title string
		flows []*graph.Flow
		other func(*graph.Flow) graph.ID
	}{
		{"Flows in", a.sys.Graph.In(n.ID), func(f *graph.Flow) graph.ID { return f.From }},
		{"Flows out", a.sys.Graph.Out(n.ID), func(f *graph.Flow) graph.ID { return f.To }},
	} {
		fmt.Fprintf(w, "\n%s\n", side.title)
		for _, f := range side.flows {
			fmt.Fprintf(w, "  %-13s %s %s (%.2f: %s)\n", f.Kind, nameOf(a.sys.Graph, side.other(f)), f.Via, f.Confidence(), f.Evidence[0].Source)
		}
	}
	fmt.Fprintln(w, "\nControls")
	for _, f := range a.ordered() {
		about := f.Node == n || f.Flow != nil && (f.Flow.From == n.ID || f.Flow.To == n.ID)
		if about && f.Status != check.NotApplicable {
			fmt.Fprintf(w, "  %-8s %-8s %-17s %s: %s\n", f.Status, f.Severity, f.Control.ID, f.Control.Title, f.Reason)
		}
	}
}

// labelGroups keep what people say apart from what may be there.
var labelGroups = []struct {
	title string
	has   func(classify.Label) bool
}{
	{"Stated here", classify.Label.Stated},
	{"May hold: it arrives along flows or evidence says so, and nobody has confirmed it", classify.Label.MayHold},
	{"Hints too weak to rely on", func(l classify.Label) bool { return !l.Stated() && !l.MayHold() }},
}

// explainLabels prints every label with the way it came by.
func (a *analysis) explainLabels(w io.Writer, h *classify.Held) {
	for _, g := range labelGroups {
		title := g.title
		for _, l := range h.Labels {
			if !g.has(l) {
				continue
			}
			if title != "" {
				fmt.Fprintf(w, "  %s\n", title)
				title = ""
			}
			more := ""
			if l.MayContain {
				more += ", possible in free text"
			}
			if l.Passing {
				more += ", passes through"
			}
			if len(l.Subjects) > 0 {
				more += ", of " + strings.Join(l.Subjects, " and ")
			}
			fmt.Fprintf(w, "    %-34s %s%s  (%s)\n", l.Category, l.State, more, l.Origin)
			if len(l.Flows) > 0 {
				fmt.Fprintf(w, "      came by: %s\n", a.way(l))
			}
		}
	}
}

// way writes a path with what moves the data at each hop. A flow that reads is walked
// against its direction.
func (a *analysis) way(l classify.Label) string {
	var out strings.Builder
	out.WriteString(nameOf(a.sys.Graph, l.Path[0]))
	for i, id := range l.Path[1:] {
		kind := strings.TrimPrefix(l.Flows[i], string(l.Path[i])+" -")
		if kind == l.Flows[i] {
			kind = strings.TrimPrefix(l.Flows[i], string(id)+" -")
		}
		kind, _, _ = strings.Cut(kind, "-> ")
		fmt.Fprintf(&out, " -%s- %s", kind, nameOf(a.sys.Graph, id))
	}
	return out.String()
}

// explainDetected prints what the detectors guess of a node, and why.
func (a *analysis) explainDetected(w io.Writer, n *graph.Node) {
	title := "\nDetected by name (proposals to look at; nothing here proves that anything is absent)\n"
	for _, e := range a.detected {
		if e.Resource != string(n.ID) {
			continue
		}
		fmt.Fprint(w, title)
		title = ""
		fmt.Fprintf(w, "  %-20s %-34s %.2f  %s  [%s, %s]\n", or(e.Field, "-"), e.Category, e.Confidence, e.Reason, e.Detector, e.Source)
	}
}
