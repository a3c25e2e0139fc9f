package main

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"github.com/flowdeed/flowdeed/classify/detect"
)

func newClassify(s *streams) *cobra.Command {
	c := &cobra.Command{
		Use:   "classify",
		Short: "Guess which personal data fields hold, with reasons",
		Long: `Tries the detectors on names or data that you hand over. A guess is a proposal for a
person to look at; nothing found never means that nothing is there.`,
	}
	c.AddCommand(newClassifyFields(s), newClassifyValues(s), newClassifyRecipients(s))
	return c
}

func newClassifyFields(s *streams) *cobra.Command {
	var o output
	var threshold float64
	c := &cobra.Command{
		Use:   "fields FILE.csv",
		Short: "Guess categories from the names of fields",
		Long: `Reads a CSV table with the columns id, kind, resource and field ("-" is standard
input) and prints a line for each of its rows:

  id<TAB>category[;category]<TAB>confidence<TAB>reason

The category is empty where nothing reaches the threshold; the confidence is then that
of the best guess. Rows of one resource are context for each other. The columns source,
lang and type are used when they are there, others are ignored.`,
		Example: "  flowdeed classify fields schema.csv\n  flowdeed classify fields --threshold 0.3 - < schema.csv",
		Args:    cobra.ExactArgs(1),
	}
	c.RunE = func(_ *cobra.Command, args []string) error {
		if !(threshold >= 0 && threshold <= 1) {
			return usagef(c.CommandPath()+" --help", "the threshold must be from 0 to 1, not %v", threshold)
		}
		rows, err := readRows(s, args[0])
		if err != nil {
			return err
		}
		d, err := detect.New()
		if err != nil {
			return failf("report this as a bug", "the built-in tables: %w", err)
		}
		return o.print(s, func(w io.Writer) error { return printGuesses(w, rows, d.Rows(rows, threshold)) })
	}
	c.Flags().Float64Var(&threshold, "threshold", 0.6, "least confidence of a category that is printed")
	addOutput(c, &o, "text", "text")
	return c
}

// readRows reads the table of fields from a file or from standard input.
func readRows(s *streams, path string) ([]detect.Row, error) {
	in := s.in
	name := "standard input"
	if path != "-" {
		f, err := os.Open(path)
		if err != nil {
			return nil, failf("check the name and the permissions", "reading %s: %w", path, plain(err))
		}
		defer f.Close()
		in, name = f, path
	}
	rows, err := detect.ReadRows(in)
	if err != nil {
		return nil, failf("flowdeed classify fields --help says what the table must look like", "%s: %w", name, plain(err))
	}
	return rows, nil
}

var oneLine = strings.NewReplacer("\t", " ", "\n", " ", "\r", " ")

func printGuesses(w io.Writer, rows []detect.Row, results []detect.Result) error {
	b := bufio.NewWriter(w)
	for i, r := range results {
		fmt.Fprintf(b, "%s\t%s\t%.2f\t%s\n", oneLine.Replace(rows[i].ID), r.Category, r.Confidence, oneLine.Replace(r.Reason()))
	}
	return b.Flush()
}
