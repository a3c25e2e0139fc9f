package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/flowdeed/flowdeed/annotations"
	"github.com/flowdeed/flowdeed/aws"
)

// annotationFolder names the annotation files a command works on.
type annotationFolder struct{ dir string }

func (f *annotationFolder) add(c *cobra.Command) {
	c.Flags().StringVarP(&f.dir, "annotations", "a", "annotations", "folder with annotation files")
}

// load reads the folder, which must be there.
func (f *annotationFolder) load() (*annotations.Set, []annotations.Diagnostic, error) {
	if info, err := os.Stat(f.dir); err != nil || !info.IsDir() {
		return nil, nil, failf("name a folder with --annotations, or make one: flowdeed annotate init", "there is no folder %s", f.dir)
	}
	set, diags := annotations.Load(f.dir)
	return set, diags, nil
}

// day is a date a command may be told, today where it is not.
type day struct{ text string }

func (d *day) add(c *cobra.Command) {
	c.Flags().StringVar(&d.text, "date", "", "the day on which reviews are looked at, such as 2026-01-31 (default today)")
}

func (d *day) time() (time.Time, error) {
	if d.text == "" {
		return time.Now().UTC(), nil
	}
	t, err := time.Parse(time.DateOnly, d.text)
	if err != nil {
		return t, usagef("--date 2026-01-31", "%q is no date", d.text)
	}
	return t, nil
}

func newAnnotateLint(s *streams) *cobra.Command {
	var in annotationFolder
	var o output
	var on day
	var strict, asJSON bool
	c := &cobra.Command{
		Use: "lint [SNAPSHOT]", Aliases: []string{"validate"},
		Short: "Check annotation files",
		Long: `Checks every annotation file below a folder and prints all that is wrong in one
run, as file:line:column: severity CODE: message. It needs no account and no
snapshot. With a snapshot the files are held against the resources too: entries that
match nothing, resources that changed since their review, acceptances that meet
nothing.

Exit status 2 when there are errors, 3 when there are only warnings and --strict.`,
		Example: "  flowdeed annotate lint\n  flowdeed annotate lint --strict --json -a infra/annotations\n  flowdeed annotate lint prod.snapshot",
		Args:    cobra.MaximumNArgs(1),
	}
	c.RunE = func(_ *cobra.Command, args []string) error {
		if asJSON {
			o.format = "json"
		}
		now, err := on.time()
		if err != nil {
			return err
		}
		set, diags, err := in.load()
		if err != nil {
			return err
		}
		if diags, err = moreDiagnostics(s, set, diags, now, args); err != nil {
			return err
		}
		if err := o.print(s, func(w io.Writer) error { return writeDiagnostics(w, diags, o.format) }); err != nil {
			return err
		}
		return lintVerdict(s, diags, strict)
	}
	c.Flags().BoolVar(&strict, "strict", false, "warnings give exit status 3")
	c.Flags().BoolVar(&asJSON, "json", false, "the same as --format json")
	on.add(c)
	in.add(c)
	addOutput(c, &o, "text", "text", "json")
	return c
}

// moreDiagnostics adds what the files alone do not show: what ran out, and with a
// snapshot, what the resources say.
func moreDiagnostics(s *streams, set *annotations.Set, diags []annotations.Diagnostic, now time.Time, args []string) ([]annotations.Diagnostic, error) {
	if len(args) == 0 {
		return annotations.Merge(diags, set.CheckDates(now)), nil
	}
	snap, err := aws.ReadFile(args[0])
	if err != nil {
		return nil, snapshotFault(args[0], err)
	}
	if annotations.HasErrors(diags) {
		return annotations.Merge(diags, set.CheckDates(now)), nil // what follows from files with errors misleads
	}
	a, err := analyse(&streams{out: io.Discard, err: io.Discard}, snap, set, nil, nil)
	if err != nil {
		return nil, err
	}
	return annotations.Merge(diags, a.warnings, set.CheckDates(now)), nil
}

func writeDiagnostics(w io.Writer, diags []annotations.Diagnostic, format string) error {
	if format == "json" {
		return writeJSON(w, slices.Concat([]annotations.Diagnostic{}, diags))
	}
	for _, d := range diags {
		fmt.Fprintln(w, d)
	}
	return nil
}

func lintVerdict(s *streams, diags []annotations.Diagnostic, strict bool) error {
	count := map[annotations.Severity]int{}
	for _, d := range diags {
		count[d.Severity]++
	}
	fmt.Fprintf(s.err, "%s, %s\n", plural(count[annotations.Error], "error"), plural(count[annotations.Warning], "warning"))
	switch {
	case count[annotations.Error] > 0:
		return &failure{status: statusError, err: errors.New("the annotations have errors"), silent: true}
	case strict && count[annotations.Warning] > 0:
		return &failure{status: statusFindings, err: errors.New("the annotations have warnings"), silent: true}
	}
	return nil
}

func plural(n int, word string) string {
	if n == 1 {
		return "1 " + word
	}
	return fmt.Sprintf("%d %ss", n, strings.TrimSuffix(word, "s"))
}
