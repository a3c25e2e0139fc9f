package main

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/flowdeed/flowdeed/annotations"
	"github.com/flowdeed/flowdeed/aws"
	"github.com/flowdeed/flowdeed/classify"
	"github.com/flowdeed/flowdeed/graph"
)

func newAnnotateInit(s *streams) *cobra.Command {
	var in input
	c := &cobra.Command{
		Use:   "init",
		Short: "Write annotation entries to fill in, one for each resource nobody spoke of",
		Long: `Writes an entry for every store, channel and process of the snapshot that has no
statement yet, into one file for each kind. Every known field is "unknown" until you
say what it holds; suggestions stand beside it as comments. An entry that is not
filled in says nothing and covers nothing.

Running it again adds only what is new. What stands in the files, comments and order
included, stays as it is.`,
		Example: "  flowdeed annotate init\n  flowdeed annotate init --annotations infra/annotations prod.snapshot",
	}
	c.RunE = func(_ *cobra.Command, args []string) error {
		in.take(args)
		dir := cmp.Or(in.annotations, "annotations")
		a, err := in.loadFor(s, dir)
		if err != nil {
			return err
		}
		return a.writeSkeletons(s, dir)
	}
	addInput(c, &in, 0)
	return c
}

// loadFor is load with a folder that need not be there yet.
func (in *input) loadFor(s *streams, dir string) (*analysis, error) {
	if _, err := os.Stat(dir); !errors.Is(err, fs.ErrNotExist) {
		in.annotations = dir
		return in.load(s)
	}
	snap, err := aws.ReadFile(in.snapshot)
	if err != nil {
		return nil, snapshotFault(in.snapshot, err)
	}
	return analyse(s, snap, annotations.Empty(), nil, nil)
}

// nodeID is the node a target describes.
func nodeID(t annotations.Target) graph.ID { return graph.ID(t.ARN) }

// writeSkeletons writes one file for each kind with resources nobody spoke of.
func (a *analysis) writeSkeletons(s *streams, dir string) error {
	byKind := map[string][]annotations.Target{}
	var kinds []string
	total := 0
	for _, n := range a.sys.Graph.Nodes() {
		role := n.Class.Role()
		if n.External || role != graph.RoleStore && role != graph.RoleChannel && role != graph.RoleProcess {
			continue
		}
		if t := classify.Target(n); a.set.Unstated(t) {
			if byKind[t.Kind] == nil {
				kinds = append(kinds, t.Kind)
			}
			byKind[t.Kind] = append(byKind[t.Kind], t)
			total++
		}
	}
	if total == 0 {
		fmt.Fprintln(s.out, "nothing to add: every resource has an entry or a tag")
		return nil
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return failf("name a folder that can be written with --annotations", "cannot make %s: %w", dir, plain(err))
	}
	slices.Sort(kinds)
	taken := a.set.IDs()
	for _, kind := range kinds {
		path, err := a.writeKind(s, dir, kind, byKind[kind], taken)
		if err != nil {
			return err
		}
		fmt.Fprintf(s.out, "%s: %d added\n", path, len(byKind[kind]))
	}
	return nil
}

// writeKind adds entries to the file of a kind, or to the next one where the text of
// that file cannot be added to.
func (a *analysis) writeKind(s *streams, dir, kind string, list []annotations.Target, taken map[string]bool) (string, error) {
	slices.SortFunc(list, func(x, y annotations.Target) int {
		return cmp.Or(cmp.Compare(x.Name, y.Name), cmp.Compare(x.ARN, y.ARN))
	})
	base := strings.NewReplacer(".", "-", "_", "-", "/", "-").Replace(kind)
	for n := 1; ; n++ {
		name := base + ".yaml"
		if n > 1 {
			name = fmt.Sprintf("%s-%d.yaml", base, n)
		}
		path := filepath.Join(dir, name)
		old, err := os.ReadFile(path)
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return "", failf("check the permissions", "reading %s: %w", path, plain(err))
		}
		ids := cloneIDs(taken)
		text, ok := a.set.Extend(old, list, ids)
		if !ok {
			continue
		}
		for id := range ids {
			taken[id] = true
		}
		return path, inAnnotations(s.writeFile(path, func(w io.Writer) error { _, err := w.Write(text); return err }))
	}
}

func cloneIDs(ids map[string]bool) map[string]bool {
	out := make(map[string]bool, len(ids))
	for k := range ids {
		out[k] = true
	}
	return out
}
