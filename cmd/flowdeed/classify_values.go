package main

import (
	"fmt"
	"io"
	"os"
	"time"
	"unicode/utf8"

	"github.com/spf13/cobra"

	"github.com/flowdeed/flowdeed/classify/detect"
)

func newClassifyValues(s *streams) *cobra.Command {
	var o output
	var sample string
	c := &cobra.Command{
		Use:   "values --sample FILE",
		Short: "Guess categories from data you hand over",
		Long: `Looks at up to 200 records of a CSV file (with a first line of column names) or of a file
with one JSON object a line, and says per column what its values look like. At least 20
distinct values are needed, and 80 in 100 must pass a check; identity numbers count only
where the column's name speaks of them.

This is processing of personal data: do it where you may. Values stay in memory; what is
printed are counts and the shape of the values, never a value.`,
		Example: "  flowdeed classify values --sample customers.csv\n  flowdeed classify values --sample events.jsonl --format json",
		Args:    cobra.NoArgs,
	}
	c.RunE = func(*cobra.Command, []string) error {
		if sample == "" {
			return usagef(c.CommandPath()+" --help", "name the data with --sample; without it no data is looked at")
		}
		columns, err := readSample(s, sample)
		if err != nil {
			return err
		}
		d, err := detect.New()
		if err != nil {
			return failf("report this as a bug", "the built-in tables: %w", err)
		}
		return o.print(s, func(w io.Writer) error { return printProposals(w, d.Values(columns, time.Now()), o.format) })
	}
	c.Flags().StringVar(&sample, "sample", "", `CSV or JSON lines file to look at ("-" is standard input)`)
	addOutput(c, &o, "text", "text", "json")
	return c
}

func readSample(s *streams, path string) ([]detect.Column, error) {
	in, name := s.in, "standard input"
	if path != "-" {
		f, err := os.Open(path)
		if err != nil {
			return nil, failf("check the name and the permissions", "reading %s: %w", path, plain(err))
		}
		defer f.Close()
		in, name = f, path
	}
	columns, err := detect.ReadSample(in)
	if err != nil {
		return nil, failf("hand over CSV with column names in the first line, or one JSON object a line", "%s: %w", name, plain(err))
	}
	for _, c := range columns {
		if !utf8.ValidString(c.Name) {
			return nil, failf("hand over CSV with column names in the first line, or one JSON object a line", "%s is no text in UTF-8", name)
		}
	}
	return columns, nil
}

func printProposals(w io.Writer, list []detect.Proposal, format string) error {
	if format == "json" {
		type column struct {
			Column     string  `json:"column"`
			Category   string  `json:"category"`
			Confidence float64 `json:"confidence"`
			Detector   string  `json:"detector"`
			Seen       int     `json:"seen"`
			Distinct   int     `json:"distinct"`
			Passed     int     `json:"passed"`
			TestData   int     `json:"test_data"`
			Shape      string  `json:"shape"`
			Reason     string  `json:"reason"`
		}
		out := []column{}
		for _, p := range list {
			out = append(out, column(p))
		}
		return writeJSON(w, map[string]any{"columns": out})
	}
	for _, p := range list {
		fmt.Fprintf(w, "%s\t%s\t%.2f\t%d of %d pass, %d distinct, shape %s; %s", oneLine.Replace(p.Column), p.Category, p.Confidence, p.Passed, p.Seen, p.Distinct, p.Shape, p.Reason)
		if p.Detector != "" {
			fmt.Fprintf(w, " [%s]", p.Detector)
		}
		if p.TestData > 0 {
			fmt.Fprintf(w, "; %d are test data", p.TestData)
		}
		fmt.Fprintln(w)
	}
	return nil
}
