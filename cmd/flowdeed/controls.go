package main

import (
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"github.com/flowdeed/flowdeed/check"
)

func newControls(s *streams) *cobra.Command {
	var o output
	c := &cobra.Command{
		Use: "controls [ID]", Short: "List the controls, or explain one", Args: cobra.MaximumNArgs(1),
		Example: "  flowdeed controls\n  flowdeed controls ENC-REST-009\n  flowdeed controls --format md",
		ValidArgsFunction: func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
			var ids []string
			for _, c := range check.All() {
				ids = append(ids, c.ID+"\t"+c.Title)
			}
			return ids, cobra.ShellCompDirectiveNoFileComp
		},
		RunE: func(_ *cobra.Command, args []string) error {
			list := check.All()
			if len(args) == 1 {
				c, ok := check.ByID(args[0])
				if !ok {
					return usagef("flowdeed controls", "there is no control %q", args[0])
				}
				list = []*check.Control{c}
			}
			return o.print(s, func(w io.Writer) error { writeControls(w, list, o.format, len(args) == 1); return nil })
		},
	}
	addOutput(c, &o, "text", "text", "md")
	return c
}

var moves = map[check.Moves]string{
	check.Fixed: "does not move", check.WithData: "rises with personal data", check.OnlyWithData: "asked only where personal data is known",
}

func writeControls(w io.Writer, list []*check.Control, format string, whole bool) {
	if format == "md" {
		fmt.Fprintf(w, "# Controls\n\n%d controls, printed from their declarations by `flowdeed controls --format md`.\n", len(list))
	}
	for _, c := range list {
		switch {
		case format == "md":
			fmt.Fprintf(w, "\n## %s %s\n\n%s\n\n- Why: %s\n- Severity: %s, %s\n- GDPR: Art. %s\n- Fix: %s\n- Reads: %s\n",
				c.ID, c.Title, c.Doc, c.Why, c.Severity, moves[c.Moves], strings.Join(c.Articles, ", "), c.Fix, strings.Join(readsOf(c), "; "))
		case whole:
			fmt.Fprintf(w, "%s  %s\n\n%s\n\nWhy:       %s\nSeverity:  %s, %s\nGDPR:      Art. %s\nFix:       %s\nReads:     %s\n",
				c.ID, c.Title, c.Doc, c.Why, c.Severity, moves[c.Moves], strings.Join(c.Articles, ", "), c.Fix, strings.Join(readsOf(c), "\n           "))
		default:
			fmt.Fprintf(w, "%-17s %-9s %s\n", c.ID, c.Severity, c.Title)
		}
	}
}

func readsOf(c *check.Control) []string {
	var out []string
	for _, r := range c.Reads {
		out = append(out, strings.TrimSpace(r.Operation+" "+r.Field))
	}
	return out
}
