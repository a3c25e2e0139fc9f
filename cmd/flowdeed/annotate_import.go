package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/flowdeed/flowdeed/annotations"
)

// defaultAnnotations is the folder commands look for when none is named.
const defaultAnnotations = "annotations"

func newAnnotateImport(s *streams) *cobra.Command {
	var dir, output string
	var kinds []string
	var about strings.Builder
	for _, i := range annotations.Importers() {
		kinds = append(kinds, i.Name)
		fmt.Fprintf(&about, "  %-13s %s\n", i.Name, i.Doc)
	}
	c := &cobra.Command{
		Use:   "import KIND FILE...",
		Short: "Take over what another tool says about data",
		Long: `Reads files of another tool and writes an annotation file of its own into the
annotations folder. Every statement carries the place it came from. What has no
counterpart is listed, with its place, never dropped in silence. The statements rank
as an import, below what people wrote, until somebody takes the key "imported" away.

KIND is one of
` + about.String() + `
Files can also be read each time, without a copy: settings.include names them.`,
		Example:   "  flowdeed annotate import fides .fides/*.yml\n  flowdeed annotate import macie findings.json --output -",
		ValidArgs: kinds,
		Args: func(_ *cobra.Command, args []string) error {
			switch {
			case len(args) == 0:
				return usagef("flowdeed annotate import fides FILE...", "name what to import: one of %s", strings.Join(kinds, ", "))
			case !slices.Contains(kinds, args[0]):
				return usagef("flowdeed annotate import --help", "there is no importer %q; expected one of %s", args[0], strings.Join(kinds, ", "))
			case len(args) == 1:
				return usagef("flowdeed annotate import "+args[0]+" FILE...", "name the files to import")
			}
			return nil
		},
		RunE: func(_ *cobra.Command, args []string) error { return s.importInto(dir, output, args[0], args[1:]) },
	}
	c.Flags().StringVarP(&dir, "annotations", "a", defaultAnnotations, "folder with annotation files: its settings and taxonomy count, and the new file goes there")
	c.Flags().StringVarP(&output, "output", "o", "", "file to write (default imported-KIND.yaml in the annotations folder; - for standard output)")
	return c
}

// outputTo is an output of one format.
func outputTo(file string) *output { return &output{file: file} }

// importInto reads the files and writes what they say, all or nothing.
func (s *streams) importInto(dir, output, kind string, names []string) error {
	files, err := readForeignFiles(names)
	if err != nil {
		return err
	}
	set, err := s.loadForImport(dir)
	if err != nil {
		return err
	}
	said, diags := set.Import(kind, files)
	for _, d := range diags {
		fmt.Fprintln(s.err, d)
	}
	switch {
	case annotations.HasErrors(diags):
		return &failure{status: statusError, err: errors.New("the files have errors (above); nothing was written"), next: "mend them, or add missing keys under taxonomy: in " + dir}
	case said.Empty():
		return failf("check that the files are of this kind: flowdeed annotate import --help", "nothing in the files speaks of personal data")
	}
	if output == "" {
		output = filepath.Join(dir, "imported-"+kind+".yaml")
		if err := os.MkdirAll(dir, 0o755); err != nil {
			return failf("name a folder that can be written with --annotations", "cannot make %s: %w", dir, plain(err))
		}
	}
	if err := replaceable(output); err != nil {
		return err
	}
	if err := outputTo(output).print(s, said.WriteYAML); err != nil {
		return err
	}
	if output != "-" {
		fmt.Fprintf(s.err, "wrote %s; look at it, then run: flowdeed check\n", output)
	}
	return nil
}

func readForeignFiles(names []string) ([]annotations.ImportFile, error) {
	var out []annotations.ImportFile
	for _, n := range names {
		b, err := os.ReadFile(n)
		switch {
		case errors.Is(err, fs.ErrNotExist):
			return nil, failf("check the name", "there is no file %s", n)
		case err != nil:
			return nil, failf("name files, not folders, that can be read", "cannot read %s: %w", n, plain(err))
		}
		out = append(out, annotations.ImportFile{Name: filepath.ToSlash(n), Data: b})
	}
	return out, nil
}

// loadForImport reads the folder for its settings and its taxonomy. Errors in it are
// said first: they may be what the import is to be read with.
func (s *streams) loadForImport(dir string) (*annotations.Set, error) {
	set, diags := annotations.Load(dir)
	if annotations.HasErrors(diags) {
		for _, d := range diags {
			if d.Severity == annotations.Error {
				fmt.Fprintln(s.err, d)
			}
		}
		return nil, &failure{status: statusError, err: fmt.Errorf("the annotations in %s have errors (above)", dir), next: "mend them and run the command again"}
	}
	return set, nil
}

// replaceable tells whether a file may be written over: one that an import wrote, and
// nobody made their own.
func replaceable(path string) error {
	if path == "-" {
		return nil
	}
	b, err := os.ReadFile(path)
	if err != nil || bytes.Contains(b, []byte("\nimported: {from: ")) {
		return nil // not there, or no ordinary file: writing says what is wrong
	}
	if info, err := os.Stat(path); err == nil && !info.Mode().IsRegular() {
		return nil
	}
	return failf("name another file with --output, or move this one away", "%s exists and no import wrote it, or somebody made it their own", path)
}

func newAnnotateExport(s *streams) *cobra.Command {
	var dir, output string
	c := &cobra.Command{
		Use:   "export fides",
		Short: "Write the annotations as a fideslang manifest",
		Long: `Writes data sets, systems, policies and own taxonomy keys as fideslang knows them. A
key that only this taxonomy has is written as its nearest fideslang key; a tag keeps the
original, and an import takes it back. What fideslang has no place for is listed.`,
		Example: "  flowdeed annotate export fides --output .fides/flowdeed.yml", ValidArgs: []string{"fides"},
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 1 || args[0] != "fides" {
				return usagef("flowdeed annotate export fides", "name what to export as: fides")
			}
			return nil
		},
		RunE: func(*cobra.Command, []string) error {
			if info, err := os.Stat(dir); err != nil || !info.IsDir() {
				return failf("name a folder with --annotations", "there is no folder %s", dir)
			}
			set, err := s.loadForImport(dir)
			if err != nil {
				return err
			}
			var b bytes.Buffer
			diags, err := set.ExportFides(&b)
			if err != nil {
				return err
			}
			for _, d := range diags {
				fmt.Fprintln(s.err, d)
			}
			return outputTo(output).print(s, func(w io.Writer) error { _, err := w.Write(b.Bytes()); return err })
		},
	}
	c.Flags().StringVarP(&dir, "annotations", "a", defaultAnnotations, "folder with annotation files")
	c.Flags().StringVarP(&output, "output", "o", "", "file to write instead of standard output")
	return c
}
