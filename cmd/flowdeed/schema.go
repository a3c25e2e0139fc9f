package main

import (
	"embed"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"github.com/flowdeed/flowdeed/annotations"
)

//go:embed schemas/*.json
var schemas embed.FS

func newSchema(s *streams) *cobra.Command {
	var o output
	c := &cobra.Command{
		Use: "schema NAME", Short: "Print the JSON Schema of a machine-readable form",
		Example: "  flowdeed schema map\n  flowdeed schema check --output check.schema.json", ValidArgs: []string{"map", "check", "who-can", "proof", "cut", "annotations"},
		Args: func(c *cobra.Command, args []string) error {
			if len(args) != 1 {
				return usagef("flowdeed schema map", "name one schema: %s", strings.Join(c.ValidArgs, ", "))
			}
			return nil
		},
		RunE: func(c *cobra.Command, args []string) error {
			b, err := schemaNamed(args[0])
			if err != nil {
				return usagef("flowdeed schema map", "there is no schema %q; expected one of %s", args[0], strings.Join(c.ValidArgs, ", "))
			}
			return o.print(s, func(w io.Writer) error { _, err := w.Write(b); return err })
		},
	}
	addOutput(c, &o, "json", "json")
	return c
}

// schemaNamed gives a schema by name; that of annotation files is made from their rules.
func schemaNamed(name string) ([]byte, error) {
	if name == "annotations" {
		return annotations.JSONSchema()
	}
	return schemas.ReadFile("schemas/" + name + ".json")
}
