package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync/atomic"

	"github.com/spf13/cobra"
)

// streams are the three streams of a run and what they are connected to.
type streams struct {
	out, err io.Writer
	in       io.Reader
	terminal bool // err is a terminal: progress may be shown
	colour   bool // out takes colours
	// self is the path of this program, for the process that places boxes; empty:
	// they are placed in this one.
	self string
	// orderly says that the command ends by itself, and soon, when it is interrupted.
	orderly    atomic.Bool
	unfinished unfinished
}

// The exit statuses. When several apply, the first of error, incomplete, findings,
// expired wins.
const (
	statusClean      = 0
	statusUsage      = 1
	statusError      = 2
	statusFindings   = 3
	statusIncomplete = 4
	statusExpired    = 5
)

// failure is an error for people: what happened and where, and what to do next.
type failure struct {
	status int
	err    error
	next   string // what to type or look at
	silent bool   // everything was said already
}

func (f *failure) Error() string { return f.err.Error() }
func (f *failure) Unwrap() error { return f.err }

// failf makes an error of status 2 with a next step.
func failf(next, format string, args ...any) error {
	return &failure{status: statusError, err: fmt.Errorf(format, args...), next: next}
}

// usagef makes an error of status 1.
func usagef(next, format string, args ...any) error {
	return &failure{status: statusUsage, err: fmt.Errorf(format, args...), next: next}
}

// run executes one command line and returns the exit status.
func run(ctx context.Context, args []string, s *streams) int {
	root := newRoot(s)
	root.SetArgs(args)
	asked, err := root.ExecuteContextC(ctx)
	if err == nil {
		return statusClean
	}
	var f *failure
	if !errors.As(err, &f) {
		// What cobra itself refuses is a wrong command line.
		f = &failure{status: statusUsage, err: err, next: asked.CommandPath() + " --help"}
	}
	if !f.silent {
		fmt.Fprintf(s.err, "flowdeed: %s\n", strings.TrimSuffix(f.err.Error(), "."))
		if f.next != "" {
			fmt.Fprintf(s.err, "next: %s\n", f.next)
		}
	}
	return f.status
}

func newRoot(s *streams) *cobra.Command {
	root := &cobra.Command{
		Use:   "flowdeed",
		Short: "Map where personal data flows in AWS and write the GDPR papers",
		Long: `flowdeed reads an AWS account, joins event sources, functions, queues, streams and
stores into one graph, adds what you say about your data, judges every store and
every flow, and writes the report a data protection officer can sign.

Start with:   flowdeed demo
Then:         flowdeed scan            (writes flowdeed.snapshot)
              flowdeed report          (reads it; no account needed any more)

Exit status: 0 clean, 1 wrong usage, 2 error, 3 findings at or above the gate,
4 incomplete (needed facts are missing), 5 expired acceptance or review.`,
		SilenceErrors: true,
		SilenceUsage:  true,
	}
	root.SetOut(s.out)
	root.SetErr(s.err)
	root.SetIn(s.in)
	root.SetFlagErrorFunc(func(c *cobra.Command, err error) error {
		text, _, _ := strings.Cut(err.Error(), ": strconv.") // "invalid argument "x" for "--min" flag" says it all
		return usagef(c.CommandPath()+" --help", "%s", text)
	})
	root.AddCommand(
		newDemo(s), newScan(s), newMap(s), newCheck(s), newReport(s), newExplain(s), newSimulate(s),
		newWhoCan(s), newReach(s), newPath(s), newBlast(s), newVerifyProof(s), newCut(s),
		newAnnotate(s), newClassify(s),
		newControls(s), newServices(s), newPolicy(s), newSchema(s), newVersion(s), newLayout(s),
	)
	return root
}
