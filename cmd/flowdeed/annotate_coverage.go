package main

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"math"

	"github.com/spf13/cobra"

	"github.com/flowdeed/flowdeed/annotations"
	"github.com/flowdeed/flowdeed/classify"
)

func newAnnotateCoverage(s *streams) *cobra.Command {
	var in input
	var o output
	var least float64
	c := &cobra.Command{
		Use:   "coverage",
		Short: "Say how many known fields have a statement of their own",
		Long: `Counts, for each kind of store and each account, the fields that are known and those
of them that somebody described. What is said of a store as a whole does not count:
otherwise a new field would be covered the day it appears. Stores none of whose
fields are known are listed apart, and so are those without an owner.

Exit status 3 when the share is below --min.`,
		Example: "  flowdeed annotate coverage\n  flowdeed annotate coverage --min 90 prod.snapshot",
	}
	c.RunE = func(_ *cobra.Command, args []string) error {
		if least < 0 || least > 100 {
			return usagef("flowdeed annotate coverage --min 90", "%v is no percentage", least)
		}
		a, err := in.open(s, args)
		if err != nil {
			return err
		}
		cover := a.set.Cover(a.stores())
		if err := o.print(s, func(w io.Writer) error { return writeCoverage(w, cover, o.format) }); err != nil {
			return err
		}
		own, fields := cover.Total()
		if share, known := percent(own, fields); least > 0 && (!known || share < least) {
			what := fmt.Sprintf("%.1f %% of the known fields have a statement of their own", share)
			if !known {
				what = "no field of any store is known"
			}
			fmt.Fprintf(s.err, "%s; at least %v %% are asked for\n", what, least)
			return &failure{status: statusFindings, err: errors.New(what), silent: true}
		}
		return nil
	}
	c.Flags().Float64Var(&least, "min", 0, "lowest percentage that does not give exit status 3")
	addOutput(c, &o, "text", "text", "json")
	addInput(c, &in, 0)
	return c
}

// stores are the nodes that keep data, described to the annotations.
func (a *analysis) stores() []annotations.Target {
	var out []annotations.Target
	for _, n := range a.sys.Graph.Nodes() {
		if n.Class.KeepsData() && !n.External {
			out = append(out, classify.Target(n))
		}
	}
	return out
}

// percent gives a share; known is false where there is nothing to have a share of.
func percent(part, whole int) (share float64, known bool) {
	if whole == 0 {
		return 0, false
	}
	return 100 * float64(part) / float64(whole), true
}

func percentWords(part, whole int) string {
	share, known := percent(part, whole)
	if !known {
		return "no field known"
	}
	return fmt.Sprintf("%5.1f %%", math.Floor(10*share)/10) // 99.96 is not 100
}

type coverageJSON struct {
	Own      int                       `json:"own"`
	Fields   int                       `json:"fields"`
	Percent  *float64                  `json:"percent"` // null where no field is known
	Rows     []annotations.CoverageRow `json:"rows"`
	NoFields []string                  `json:"without_known_fields"`
	NoOwner  []string                  `json:"without_owner"`
}

func writeCoverage(w io.Writer, c annotations.Coverage, format string) error {
	own, fields := c.Total()
	if format == "json" {
		out := coverageJSON{Own: own, Fields: fields, Rows: c.Rows, NoFields: arns(c.NoFields), NoOwner: arns(c.NoOwner)}
		if share, known := percent(own, fields); known {
			out.Percent = &share
		}
		if out.Rows == nil {
			out.Rows = []annotations.CoverageRow{}
		}
		return writeJSON(w, out)
	}
	fmt.Fprintf(w, "%-28s %-14s %6s %6s %6s\n", "kind", "account", "stores", "fields", "own")
	for _, r := range c.Rows {
		fmt.Fprintf(w, "%-28s %-14s %6d %6d %6d  %s\n", r.Kind, cmp.Or(r.Account, "-"), r.Resources, r.Fields, r.Own, percentWords(r.Own, r.Fields))
	}
	fmt.Fprintf(w, "%-43s %6s %6d %6d  %s\n", "all", "", fields, own, percentWords(own, fields))
	for _, part := range []struct {
		title string
		list  []annotations.Target
	}{{"stores without any known field", c.NoFields}, {"stores without an owner", c.NoOwner}} {
		fmt.Fprintf(w, "\n%s: %d\n", part.title, len(part.list))
		for _, t := range part.list {
			fmt.Fprintf(w, "  %-26s %s\n", t.Kind, t.ARN)
		}
	}
	return nil
}

func arns(list []annotations.Target) []string {
	out := []string{}
	for _, t := range list {
		out = append(out, t.ARN)
	}
	return out
}
