package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"github.com/flowdeed/flowdeed/iam"
)

func newSimulate(s *streams) *cobra.Command {
	var o output
	var table string
	c := &cobra.Command{
		Use:   "simulate FILE...",
		Short: "Answer decision cases: may this principal do this to that",
		Long: `Reads decision cases, one JSON object a line: a request with all policies that take part.
Answers each with one JSON object a line, in the same order: the decision (Allowed,
AllowedIf, ImplicitlyDenied, ExplicitlyDenied, NotDecided), the conditions left over, the
statements that decide, the layer that blocks, and the reason. FILE may be "-" for
standard input.

A line that is no case is reported with its place, and the others are answered all the
same. Cases with a field "expected" are held against it: a unit test of your policies.

Exit status: 0 all answered and as expected, 2 a line or a file could not be read,
3 an answer differs from what was expected.`,
		Example: "  flowdeed simulate cases.jsonl\n  jq -c . case.json | flowdeed simulate --format text -",
		Args:    cobra.MinimumNArgs(1),
	}
	c.RunE = func(_ *cobra.Command, args []string) error {
		run := simulation{s: s, text: o.format == "text"}
		var err error
		if run.actions, err = actionData(table); err != nil {
			return err
		}
		if err := o.print(s, func(w io.Writer) error { return run.files(w, args) }); err != nil {
			return err
		}
		return run.status()
	}
	addActionData(c, &table)
	addOutput(c, &o, "json", "json", "text")
	return c
}

// simulation is one run over case files.
type simulation struct {
	s       *streams
	text    bool
	actions *iam.ActionData
	faults  int      // lines and files that could not be read
	held    int      // cases with an expected answer
	differs []string // ids of those answered otherwise
}

// status turns what happened into an exit status and a summary.
func (r *simulation) status() error {
	if r.held > 0 {
		fmt.Fprintf(r.s.err, "flowdeed: %d of %d cases are answered as expected\n", r.held-len(r.differs), r.held)
	}
	if len(r.differs) > 0 {
		fmt.Fprintf(r.s.err, "differ: %s\n", strings.Join(r.differs, " "))
	}
	switch {
	case r.faults > 0:
		fmt.Fprintln(r.s.err, "next: mend the files or lines named above; flowdeed simulate --help says what a case looks like")
		return &failure{status: statusError, err: errors.New("not all cases could be read"), silent: true}
	case len(r.differs) > 0:
		return &failure{status: statusFindings, err: errors.New("answers differ"), silent: true}
	}
	return nil
}

// files answers file after file. One that cannot be read does not keep the others back.
func (r *simulation) files(w io.Writer, names []string) error {
	for _, name := range names {
		in, closer := r.s.in, func() error { return nil }
		if name != "-" {
			f, err := os.Open(name)
			if err != nil {
				r.fault("cannot read %s: %v", name, plain(err))
				continue
			}
			in, closer = f, f.Close
		}
		if err := r.lines(w, name, in); err != nil {
			return err
		}
		if err := closer(); err != nil {
			return err
		}
	}
	return nil
}

func (r *simulation) fault(format string, args ...any) {
	r.faults++
	fmt.Fprintf(r.s.err, "flowdeed: "+format+"\n", args...)
}

// lines answers the cases of one file. Lines may have any length. The error is of
// writing only.
func (r *simulation) lines(w io.Writer, name string, in io.Reader) error {
	lines := bufio.NewReaderSize(in, 1<<16)
	for number := 1; ; number++ {
		line, readErr := lines.ReadBytes('\n')
		if number == 1 {
			line = bytes.TrimPrefix(line, []byte("\ufeff"))
		}
		if line = bytes.TrimSpace(line); len(line) > 0 {
			if err := r.answer(w, fmt.Sprintf("%s:%d", name, number), line); err != nil {
				return err
			}
		}
		switch {
		case errors.Is(readErr, io.EOF):
			return nil
		case readErr != nil:
			r.fault("cannot read %s from line %d on: %v", name, number, plain(readErr))
			return nil
		}
	}
}

// answer answers one line. A case whose policies cannot be read is reported, and
// answered by NotDecided, so that nobody takes its absence for anything else.
func (r *simulation) answer(w io.Writer, place string, line []byte) error {
	c, err := iam.ParseCase(line)
	if err != nil {
		r.fault("%s: %v", place, err)
	}
	if c == nil {
		return nil
	}
	c.Environment.Actions = r.actions
	a := c.Answer()
	if c.Expected != "" {
		r.held++
		if a.Decision != c.Expected {
			r.differs = append(r.differs, a.ID)
		}
	}
	if r.text {
		_, err = io.WriteString(w, answerText(a, c.Expected))
		return err
	}
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	return enc.Encode(a)
}

// answerText prints an answer for people.
func answerText(a iam.Answer, expected string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s  %s", a.ID, a.Decision)
	if expected != "" && expected != a.Decision {
		fmt.Fprintf(&b, "  (expected %s)", expected)
	}
	fmt.Fprintf(&b, "\n  %s\n", a.Why)
	for i, alternative := range a.If {
		fmt.Fprintf(&b, "  %s %s\n", [...]string{"if", "or if"}[min(i, 1)], alternative)
	}
	if len(a.Patterns) > 0 {
		fmt.Fprintf(&b, "  on %s\n", strings.Join(a.Patterns, ", "))
	}
	if len(a.Except) > 0 {
		fmt.Fprintf(&b, "  but not on %s\n", strings.Join(a.Except, ", "))
	}
	if a.BlockedBy != "" {
		fmt.Fprintf(&b, "  blocked by %s\n", a.BlockedBy)
	}
	for _, x := range a.Because {
		fmt.Fprintf(&b, "  because of %s: %s statement %d", x.Layer, x.Policy, x.Statement)
		if x.Sid != "" {
			fmt.Fprintf(&b, " %q", x.Sid)
		}
		b.WriteByte('\n')
	}
	return b.String()
}
