package main

import (
	"fmt"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/flowdeed/flowdeed/annotations"
	"github.com/flowdeed/flowdeed/aws"
	"github.com/flowdeed/flowdeed/examples"
	"github.com/flowdeed/flowdeed/report"
)

func newDemo(s *streams) *cobra.Command {
	var dir string
	c := &cobra.Command{
		Use:   "demo",
		Short: "Show everything on a built-in example account, offline",
		Long: `Runs the whole chain on a small web shop that comes with the program: no account, no
credentials, no network. Prints where the report and the map are.`,
		Example: "  flowdeed demo\n  flowdeed demo --output /tmp/shop",
		Args:    cobra.NoArgs,
		RunE:    func(*cobra.Command, []string) error { return demo(s, dir) },
	}
	c.Flags().StringVarP(&dir, "output", "o", "flowdeed-demo", "folder to write to")
	return c
}

func demo(s *streams, dir string) error {
	a, err := example(s)
	if err != nil {
		return err
	}
	if err := folder(dir); err != nil {
		return err
	}
	var made []string
	for _, name := range []string{"pdf", "md"} {
		f, err := report.ByName(name)
		if err != nil {
			return err
		}
		file := filepath.Join(dir, "report"+f.Ext)
		if err := a.writeReport(s, f, file); err != nil {
			return err
		}
		made = append(made, file)
	}
	file := filepath.Join(dir, "map.svg")
	o := output{format: "svg", file: file}
	if err := o.picture(s, a.pictures(s)); err != nil {
		return err
	}
	for _, m := range append(made, file) {
		fmt.Fprintln(s.out, m)
	}
	return nil
}

// example analyses the web shop that comes with the program.
func example(s *streams) (*analysis, error) {
	snap, err := aws.Read(examples.WebshopSnapshot)
	if err != nil {
		return nil, failf("this is a fault of this build", "the built-in example: %w", err)
	}
	set, diags := annotations.LoadFS(examples.WebshopAnnotations(), "annotations")
	return analyse(s, snap, set, diags, nil)
}
