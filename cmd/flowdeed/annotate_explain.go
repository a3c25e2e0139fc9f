package main

import (
	"cmp"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/flowdeed/flowdeed/annotations"
	"github.com/flowdeed/flowdeed/classify"
)

func newAnnotateExplain(s *streams) *cobra.Command {
	var in input
	var o output
	c := &cobra.Command{
		Use:   "explain RESOURCE [FIELD]",
		Short: "Say who says what about a resource or a field, and what counts",
		Long: `Prints what every layer says about a resource, or one field of it: files, tags,
imports, scanners, schemas and names; who said it, when and until when, how certain it
is, and which statement counts. RESOURCE is an ARN, a name, or part of one. A last
argument that names a file, or ends in .snapshot, is the snapshot.`,
		Example: "  flowdeed annotate explain orders\n  flowdeed annotate explain orders email prod.snapshot",
	}
	c.RunE = func(_ *cobra.Command, args []string) error {
		rest := args[1:]
		field := ""
		if len(rest) > 0 && (len(rest) == 2 || !isFile(rest[0]) && filepath.Ext(rest[0]) != ".snapshot") {
			field, rest = rest[0], rest[1:]
		}
		a, err := in.open(s, rest)
		if err != nil {
			return err
		}
		n, err := a.find(args[0])
		if err != nil {
			return err
		}
		x, err := a.explainStatement(classify.Target(n), field)
		if err != nil {
			return err
		}
		return o.print(s, func(w io.Writer) error { return x.write(w, o.format) })
	}
	addOutput(c, &o, "text", "text", "json")
	addInput(c, &in, 1)
	c.Args = cobra.RangeArgs(1, 3)
	return c
}

func isFile(name string) bool {
	info, err := os.Stat(name)
	return err == nil && !info.IsDir()
}

type statementJSON struct {
	Resource string             `json:"resource"`
	Kind     string             `json:"kind"`
	State    classify.State     `json:"state"`
	Why      string             `json:"why,omitempty"`
	Fields   []fieldJSON        `json:"fields"`
	Said     []annotations.Said `json:"said"`
}

type fieldJSON struct {
	Path       string            `json:"path"`
	Type       string            `json:"type,omitempty"`
	State      annotations.State `json:"state"`
	Own        bool              `json:"own_statement"`
	Seen       bool              `json:"seen"`
	Categories []string          `json:"categories"`
}

// explainStatement gathers what is said of a target, or of one field of it.
func (a *analysis) explainStatement(t annotations.Target, field string) (*statementJSON, error) {
	held := a.labels.At(nodeID(t))
	set := a.set.AsOf(a.snap.Run.Finished)
	out := &statementJSON{Resource: t.ARN, Kind: t.Kind, State: held.State, Why: held.Why, Fields: []fieldJSON{}, Said: set.Explain(t, field)}
	var known []string
	for _, f := range set.Fields(t) {
		known = append(known, f.Path)
		if field != "" && f.Path != field {
			continue
		}
		x := fieldJSON{f.Path, f.Type, f.State, f.Own, f.Seen, []string{}}
		for _, c := range f.Stated {
			x.Categories = append(x.Categories, fmt.Sprintf("%s (%s, %.2f)", c.Category, c.State, c.Confidence))
		}
		out.Fields = append(out.Fields, x)
	}
	if field != "" && len(out.Fields) == 0 {
		next := "flowdeed annotate explain " + t.ARN
		if len(known) == 0 {
			return nil, usagef(next, "no field of %s is known", t.Name)
		}
		return nil, usagef(next, "%s has no field %q; known are %s", t.Name, field, strings.Join(known, ", "))
	}
	return out, nil
}

func (x *statementJSON) write(w io.Writer, format string) error {
	if format == "json" {
		if x.Said == nil {
			x.Said = []annotations.Said{}
		}
		return writeJSON(w, x)
	}
	fmt.Fprintf(w, "%s\n%s\nPersonal data: %s %s\n", x.Resource, x.Kind, x.State, x.Why)
	if len(x.Fields) > 0 {
		fmt.Fprintln(w, "\nFields")
	}
	for _, f := range x.Fields {
		own := "no statement of its own"
		if f.Own {
			own = "own statement"
		}
		fmt.Fprintf(w, "  %-28s %-9s %-24s %s\n", f.Path, f.State, own, strings.Join(f.Categories, ", "))
	}
	fmt.Fprintln(w, "\nWho says what, the best layer first")
	if len(x.Said) == 0 {
		fmt.Fprintln(w, "  nobody says anything")
	}
	for _, y := range x.Said {
		fmt.Fprintf(w, "  %d %-28s %-20s %s\n", y.Rank, y.Layer, cmp.Or(y.Field, "(as a whole)"), y.Says)
		fmt.Fprintf(w, "    %s\n", strings.Join(detailsOf(y), "; "))
	}
	return nil
}

func detailsOf(y annotations.Said) []string {
	out := []string{y.Counts, y.Place}
	for _, d := range []struct{ word, value string }{{"by ", y.By}, {"on ", y.On}, {"until ", y.Expires}, {"", y.Reason}} {
		if d.value != "" {
			out = append(out, d.word+d.value)
		}
	}
	if y.Confidence > 0 {
		out = append(out, fmt.Sprintf("confidence %.2f", y.Confidence))
	}
	return out
}
