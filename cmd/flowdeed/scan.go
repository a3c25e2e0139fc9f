package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/schollz/progressbar/v3"
	"github.com/spf13/cobra"

	"github.com/flowdeed/flowdeed/aws"
)

func newScan(s *streams) *cobra.Command {
	var opt aws.Options
	var file string
	c := &cobra.Command{
		Use:   "scan",
		Short: "Read AWS accounts into one snapshot file",
		Long: `Asks AWS about the services flowdeed knows, with read calls only, and writes what it
was told into one file. Every command after this one works from that file.

Nothing that customers put into the account is read: no object, item, message,
record, log event, secret or parameter value. Values of variables are matched in
memory and dropped. "flowdeed policy" prints the permissions needed.`,
		Example: `  flowdeed scan
  flowdeed scan --regions eu-west-1,eu-central-1 --output prod.snapshot
  flowdeed scan --accounts 111122223333,444455556666 --role audit`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error { return scan(c, s, opt, file) },
	}
	c.Flags().StringSliceVar(&opt.Accounts, "accounts", nil, "account ids to enter by assuming --role (default: the account of the credentials)")
	c.Flags().StringVar(&opt.Role, "role", "", "name of the role to assume in --accounts")
	c.Flags().StringSliceVar(&opt.Regions, "regions", nil, "regions to read (default: every region enabled for the account)")
	c.Flags().StringVar(&opt.Profile, "profile", "", "profile of the AWS configuration to use")
	c.Flags().StringVar(&opt.Endpoint, "endpoint-url", "", "another endpoint than AWS, for an emulator")
	c.Flags().IntVar(&opt.Attempts, "attempts", 8, "how often a call is tried")
	c.Flags().DurationVar(&opt.CallLimit, "call-limit", time.Minute, "longest time for one call with all its pages")
	c.Flags().StringVarP(&file, "output", "o", defaultSnapshot, "file to write")
	return c
}

func scan(c *cobra.Command, s *streams, opt aws.Options, file string) error {
	for _, id := range opt.Accounts {
		if len(id) != 12 || strings.Trim(id, "0123456789") != "" {
			return usagef("flowdeed scan --accounts 111122223333 --role audit", "account %q is not an id of 12 digits", id)
		}
	}
	if err := writable(file); err != nil {
		return err // before an hour of calls, not after
	}
	s.orderly.Store(true)
	defer s.orderly.Store(false)
	opt.Tool = tool()
	opt.NoPacing = opt.Endpoint != ""
	show := newProgress(s)
	opt.OnProgress = show.update
	started := time.Now()
	snap, err := aws.Scan(c.Context(), opt)
	show.done()
	if err != nil {
		if c.Context().Err() != nil {
			return failf("run the command again; no file was written", "the scan was interrupted")
		}
		if errors.Is(err, aws.ErrCredentials) {
			return failf("aws sso login, or set AWS_PROFILE; test with: aws sts get-caller-identity", "%w", err)
		}
		return failf("check the credentials, --role and the network", "scanning: %w", err)
	}
	if snap.Run.Incomplete != "" {
		return failf("run the command again; no file was written", "%s after %d calls", snap.Run.Incomplete, snap.Run.Requests)
	}
	err = s.writeFile(file, func(w io.Writer) error {
		b := bufio.NewWriterSize(w, 1<<20)
		if err := snap.Write(b); err != nil {
			return err
		}
		return b.Flush()
	})
	if err != nil {
		return err
	}
	return summarise(s, snap, file, time.Since(started))
}

// summarise says what was seen and what was not, with the permissions to add.
func summarise(s *streams, snap *aws.Snapshot, file string, took time.Duration) error {
	sys := aws.Build(snap)
	nodes := 0
	for _, n := range sys.Graph.Nodes() {
		if !n.External {
			nodes++
		}
	}
	fmt.Fprintf(s.out, "%s\n", file)
	fmt.Fprintf(s.out, "  %d resources, %d flows, %d calls in %s\n", nodes, len(sys.Graph.Flows()), snap.Run.Requests, took.Round(100*time.Millisecond))
	if nodes == 0 {
		fmt.Fprintf(s.out, "  nothing was found in %s; were these the right regions?\n", strings.Join(snap.Run.Regions, ", "))
	}
	var actions []string
	needed := 0
	for _, r := range sys.Refusals {
		if r.Optional {
			continue
		}
		needed++
		if r.Outcome == aws.OutcomeDenied && r.Action != "" {
			actions = append(actions, r.Action)
		}
	}
	if needed == 0 {
		return nil
	}
	slices.Sort(actions)
	actions = slices.Compact(actions)
	fmt.Fprintf(s.out, "  incomplete: %d calls gave no answer; what depends on them is unknown\n", needed)
	for _, line := range worst(sys.Refusals) {
		fmt.Fprintf(s.out, "    %s\n", line)
	}
	if len(actions) > 0 {
		fmt.Fprintf(s.out, "  allow these actions and scan again: %s\n", strings.Join(actions, ", "))
	}
	return &failure{status: statusIncomplete, err: errors.New("the scan is incomplete"), silent: true}
}

// worst lists the refused operations, each once with a count and the first reason.
func worst(list []aws.Refusal) []string {
	count := map[string]int{}
	first := map[string]aws.Refusal{}
	var names []string
	for _, r := range list {
		if r.Optional {
			continue
		}
		if count[r.Operation] == 0 {
			names = append(names, r.Operation)
			first[r.Operation] = r
		}
		count[r.Operation]++
	}
	slices.Sort(names)
	var out []string
	for _, n := range names {
		out = append(out, fmt.Sprintf("%s: %d, %s (%s)", n, count[n], first[n].Outcome, first[n].Error))
	}
	return out
}

// progress shows a bar on a terminal and nothing in a pipe.
type progress struct{ bar *progressbar.ProgressBar }

func newProgress(s *streams) *progress {
	if !s.terminal {
		return &progress{}
	}
	return &progress{progressbar.NewOptions(-1, progressbar.OptionSetWriter(s.err), progressbar.OptionClearOnFinish(), progressbar.OptionSetWidth(24), progressbar.OptionShowCount())}
}

func (p *progress) update(x aws.Progress) {
	if p.bar == nil {
		return
	}
	if x.Total > 0 && p.bar.GetMax() != x.Total {
		p.bar.ChangeMax(x.Total)
	}
	p.bar.Describe(fmt.Sprintf("%s %s %s, %d calls, %d refused", x.Account, x.Region, x.Service, x.Calls, x.Refused))
	_ = p.bar.Set(x.Done) // a bar that cannot be drawn is no reason to stop
}

func (p *progress) done() {
	if p.bar != nil {
		_ = p.bar.Finish()
	}
}
