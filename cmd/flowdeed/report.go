package main

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/flowdeed/flowdeed/graph"
	"github.com/flowdeed/flowdeed/iam"
	"github.com/flowdeed/flowdeed/report"
)

func newReport(s *streams) *cobra.Command {
	var in input
	var o output
	c := &cobra.Command{
		Use:   "report",
		Short: "Write the compliance report",
		Long: `Writes the report for a data protection officer: one page to begin with, then the
findings, then the evidence. Without --output it goes to flowdeed-report.pdf (or the
ending of the format); "-" is standard output.`,
		Example: "  flowdeed report\n  flowdeed report --format md --output report.md prod.snapshot",
	}
	var formats []string
	for _, f := range report.Formats {
		formats = append(formats, f.Name)
	}
	c.RunE = func(_ *cobra.Command, args []string) error {
		a, err := in.open(s, args)
		if err != nil {
			return err
		}
		f, err := report.ByName(o.format)
		if err != nil {
			return usagef("flowdeed report --help", "%v", err)
		}
		if o.file == "" {
			o.file = "flowdeed-report" + f.Ext
		}
		if err := a.writeReport(s, f, o.file); err != nil {
			return err
		}
		if o.file != "-" {
			fmt.Fprintln(s.out, o.file)
		}
		return nil
	}
	addOutput(c, &o, "pdf", formats...)
	addInput(c, &in, 0)
	return c
}

// writeReport prints the report in one format. Pictures that a format links to go
// beside it.
func (a *analysis) writeReport(s *streams, f report.Format, file string) error {
	var linked []report.Figure
	for _, p := range a.figures(s) {
		if f.Name == "md" && file != "-" {
			p.figure.File = strings.TrimSuffix(filepath.Base(file), filepath.Ext(file)) + "-" + p.figure.ID + ".svg"
			if err := s.writeFile(filepath.Join(filepath.Dir(file), p.figure.File), p.svg); err != nil {
				return err
			}
		}
		linked = append(linked, p.figure)
	}
	in := a.reportInput()
	in.Figures = linked
	o := output{file: file}
	return o.print(s, func(w io.Writer) error { return f.Print(w, report.Build(in)) })
}

// reportInput gathers what the report says about the scan and the annotations.
func (a *analysis) reportInput() report.Input {
	org := a.set.Organisation()
	in := report.Input{
		Organisation: org.Name, Tool: a.snap.Run.Tool, Graph: a.sys.Graph, Labels: a.labels, Findings: a.findings,
		CategoryName: a.set.Taxonomy().Label, Access: a.accessSheets(), Detected: a.detected, Recipients: a.recipients(),
		Scan: report.Scan{
			Regions: a.snap.Run.Regions, Started: a.snap.Run.Started, Finished: a.snap.Run.Finished, Requests: a.snap.Run.Requests,
			Endpoint: a.snap.Run.Endpoint, SnapshotHash: a.snap.Hash(),
		},
	}
	in.Actions = a.actionTable()
	for _, c := range a.snap.Run.Callers {
		in.Scan.Accounts = append(in.Scan.Accounts, report.Account{ID: c.Account})
		if c.ARN != "" {
			in.Scan.Callers = append(in.Scan.Callers, c.ARN)
		}
		if c.Error != "" {
			in.Completeness.NotAsked = append(in.Completeness.NotAsked, report.Omission{What: "account " + c.Account, Why: c.Error})
		}
	}
	for _, f := range a.files {
		in.Scan.Annotations = append(in.Scan.Annotations, report.File{Path: filepath.ToSlash(f.path), Hash: f.hash})
	}
	for _, l := range a.sys.Ledger {
		in.Completeness.Operations = append(in.Completeness.Operations, report.Operation{Service: l.Service, Operation: l.Operation, Asked: l.Asked, Answered: l.Answered + l.Absent, Refused: l.Refused})
	}
	for _, r := range a.sys.Refusals {
		in.Completeness.Refused = append(in.Completeness.Refused, report.Refusal{
			Operation: r.Operation, Account: r.Account, Region: r.Region, Subject: r.Subject, Outcome: string(r.Outcome), Why: r.Error, Action: r.Action,
		})
	}
	for _, p := range a.set.Parties() {
		in.Parties = append(in.Parties, report.Party{Name: p.Name, Role: p.Role, Country: p.Country, Contract: p.Contract, Nodes: a.nodesOf(p.Hosts, p.Accounts)})
	}
	for _, x := range a.set.Activities() {
		in.Activities = append(in.Activities, report.Activity{Key: x.Key, Name: x.Name, Purpose: x.Use, Basis: x.Basis, Subjects: x.Subjects, Owner: x.Owner})
	}
	return in
}

// actionTable names the table of AWS actions that permissions were judged with.
func (a *analysis) actionTable() report.ActionTable {
	t := a.sys.World.Actions
	if t == nil {
		t = iam.BuiltInActions()
	}
	return report.ActionTable{Date: t.Date, Source: t.Source, File: filepath.ToSlash(a.actionsFile)}
}

// nodesOf are the outside nodes that belong to a party.
func (a *analysis) nodesOf(hosts, accounts []string) []graph.ID {
	var out []graph.ID
	for _, n := range a.sys.Graph.Nodes() {
		if !n.External {
			continue
		}
		id := strings.ToLower(string(n.ID))
		if slices.ContainsFunc(hosts, func(h string) bool {
			h = strings.ToLower(h)
			return strings.Contains(id, "//"+h) || strings.Contains(id, "."+h) || strings.HasSuffix(id, "@"+h)
		}) ||
			n.Account != "" && slices.Contains(accounts, n.Account) {
			out = append(out, n.ID)
		}
	}
	return out
}

// folder makes sure a folder is there.
func folder(path string) error {
	if err := os.MkdirAll(path, 0o755); err != nil {
		return failf("name another folder with --output", "cannot make the folder %s: %w", path, plain(err))
	}
	return nil
}
