package main

import (
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"github.com/flowdeed/flowdeed/aws"
)

func newServices(s *streams) *cobra.Command {
	var o output
	c := &cobra.Command{
		Use: "services", Short: "List the services and calls a scan uses", Args: cobra.NoArgs, Example: "  flowdeed services --format md",
		RunE: func(*cobra.Command, []string) error {
			return o.print(s, func(w io.Writer) error { return writeServices(w, o.format) })
		},
	}
	addOutput(c, &o, "text", "text", "md")
	return c
}

// writeServices prints the list of services from their declarations.
func writeServices(w io.Writer, format string) error {
	if format == "md" {
		fmt.Fprint(w, "# Services\n\nPrinted from the declarations by `flowdeed services --format md`.\n")
	}
	for _, svc := range aws.Services() {
		switch format {
		case "md":
			fmt.Fprintf(w, "\n## %s\n\n%s\n\n| Operation | IAM action | |\n|---|---|---|\n", svc.Name, svc.Doc)
			for _, c := range svc.Calls {
				note := ""
				if c.Optional {
					note = "refines only"
				}
				fmt.Fprintf(w, "| %s | `%s` | %s |\n", c.Operation, c.Action, note)
			}
		default:
			fmt.Fprintf(w, "%-26s %3d calls  %s\n", svc.Name, len(svc.Calls), svc.Doc)
		}
	}
	return nil
}
