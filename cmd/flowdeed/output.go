package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
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
	return writeFile(o.file, write)
}

// writeFile writes a file so that it is there whole or not at all: into a temporary
// file beside it, synced, then renamed.
func writeFile(path string, write func(io.Writer) error) (err error) {
	dir := filepath.Dir(path)
	tmp, err := os.CreateTemp(dir, "."+filepath.Base(path)+".*")
	if err != nil {
		return failf("choose a folder that exists and can be written with --output", "cannot write %s: %w", path, plain(err))
	}
	defer func() {
		if err != nil {
			tmp.Close()
			os.Remove(tmp.Name())
		}
	}()
	if err = write(tmp); err != nil {
		return fileFault(path, err)
	}
	if err = tmp.Chmod(0o644); err != nil {
		return fileFault(path, err)
	}
	if err = tmp.Sync(); err != nil {
		return fileFault(path, err)
	}
	if err = tmp.Close(); err != nil {
		return fileFault(path, err)
	}
	if err = os.Rename(tmp.Name(), path); err != nil {
		return fileFault(path, err)
	}
	return nil
}

func fileFault(path string, err error) error {
	if errors.Is(err, syscall.ENOSPC) {
		return failf("free some space, or write elsewhere with --output; nothing was left behind", "cannot write %s: the disk is full", path)
	}
	return failf("nothing was left behind; write elsewhere with --output", "cannot write %s: %w", path, plain(err))
}

// plain takes the path out of a file error: the message names it already.
func plain(err error) error {
	var pe *os.PathError
	if errors.As(err, &pe) {
		return pe.Err
	}
	var le *os.LinkError
	if errors.As(err, &le) {
		return le.Err
	}
	return err
}

// paint colours a word when the output takes colours.
func (s *streams) paint(colour, word string) string {
	if !s.colour {
		return word
	}
	return fmt.Sprintf("\x1b[%sm%s\x1b[0m", colour, word)
}
