package main

import "github.com/spf13/cobra"

func newAnnotate(s *streams) *cobra.Command {
	c := &cobra.Command{
		Use: "annotate", Short: "Work on what you say about your data",
		Long: "Annotation files say which personal data is where, why, and for how long. These commands write and check them.",
	}
	c.AddCommand(
		newAnnotateInit(s), newAnnotateLint(s), newAnnotateCoverage(s), newAnnotateExplain(s), newAnnotateReview(s),
		newAnnotateImport(s), newAnnotateExport(s),
	)
	return c
}
