package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"syscall"

	"github.com/spf13/cobra"
)

// output is where a command prints and in which format.
type output struct {
	format string
	file   string
}

// addOutput adds --format and --output.
func addOutput(c *cobra.Command, o *output, byDefault string, formats ...string) {
	c.Flags().StringVarP(&o.format, "format", "f", byDefault, "one of "+strings.Join(formats, ", "))
	c.Flags().StringVarP(&o.file, "output", "o", "", "file to write instead of standard output")
	cobra.CheckErr(c.RegisterFlagCompletionFunc("format", cobra.FixedCompletions(formats, cobra.ShellCompDirectiveNoFileComp)))
	run := c.RunE
	c.RunE = func(c *cobra.Command, args []string) error {
		if !slices.Contains(formats, o.format) {
			return usagef(c.CommandPath()+" --help", "unknown format %q; expected one of %s", o.format, strings.Join(formats, ", "))
		}
		return run(c, args)
	}
}

// print writes to the file, whole or not at all, or to standard output.
func (o *output) print(s *streams, write func(io.Writer) error) error {
	if o.file == "" || o.file == "-" {
		var b bytes.Buffer
		if err := write(&b); err != nil {
			return err
		}
		if _, err := s.out.Write(b.Bytes()); err != nil && !errors.Is(err, syscall.EPIPE) {
			return failf("check where standard output goes", "writing: %w", err)
		}
		return nil
	}
	return s.writeFile(o.file, write)
}

// writeJSON prints a value as all JSON of this program is printed.
func writeJSON(w io.Writer, v any) error {
	enc := json.NewEncoder(w)
	enc.SetIndent("", " ")
	enc.SetEscapeHTML(false)
	return enc.Encode(v)
}

// paint colours a word when the output takes colours.
func (s *streams) paint(colour, word string) string {
	if !s.colour {
		return word
	}
	return fmt.Sprintf("\x1b[%sm%s\x1b[0m", colour, word)
}
