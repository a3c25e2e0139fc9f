package main

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/flowdeed/flowdeed/aws"
	"github.com/flowdeed/flowdeed/check"
)

func newCheck(s *streams) *cobra.Command {
	var in input
	var o output
	var gate string
	var partial bool
	c := &cobra.Command{
		Use:   "check",
		Short: "Ask every control about every store and flow",
		Long: `Asks all controls and prints what fails and what is not known. JSON holds every
answer, passes included (schema: flowdeed schema check).

Exit status 3 when a finding is at or above --gate, 4 when facts are missing,
5 when an acceptance or review has expired.`,
		Example: "  flowdeed check\n  flowdeed check --gate critical prod.snapshot\n  flowdeed check --format json --output findings.json",
	}
	c.RunE = func(_ *cobra.Command, args []string) error {
		if !slices.Contains(gates, gate) {
			return usagef("flowdeed check --help", "unknown gate %q; expected one of %s", gate, strings.Join(gates, ", "))
		}
		a, err := in.open(s, args)
		if err != nil {
			return err
		}
		for _, d := range a.warnings {
			fmt.Fprintln(s.err, d)
		}
		err = o.print(s, func(w io.Writer) error {
			switch o.format {
			case "json":
				return writeCheckJSON(w, a)
			case "csv":
				return writeCheckCSV(w, a)
			}
			writeCheckText(w, s, a)
			return nil
		})
		if err != nil {
			return err
		}
		return a.verdict(gate, partial)
	}
	c.Flags().StringVar(&gate, "gate", "high", "lowest severity that gives exit status 3: "+strings.Join(gates, ", "))
	c.Flags().BoolVar(&partial, "allow-incomplete", false, "missing facts do not change the exit status")
	addOutput(c, &o, "text", "text", "json", "csv")
	addInput(c, &in, 0)
	return c
}

var gates = []string{"none", "info", "low", "medium", "high", "critical"}

// verdict turns what was found into the exit status: incomplete before findings
// before expired.
func (a *analysis) verdict(gate string, partial bool) error {
	said := func(status int, why string) error {
		return &failure{status: status, err: errors.New(why), silent: true}
	}
	if len(a.needed()) > 0 && !partial || a.snap.Run.Incomplete != "" {
		return said(statusIncomplete, "facts are missing")
	}
	if level := slices.Index(gates, gate); level > 0 {
		for i := range a.findings {
			if f := &a.findings[i]; f.Status == check.Fail && int(f.Severity) >= level-1 {
				return said(statusFindings, "findings at or above the gate")
			}
		}
	}
	if a.expired() {
		return said(statusExpired, "an acceptance or review has expired")
	}
	return nil
}

type checkJSON struct {
	Findings     []findingJSON    `json:"findings"`
	Completeness completenessJSON `json:"completeness"`
}

type findingJSON struct {
	Control  string              `json:"control"`
	Title    string              `json:"title"`
	Subject  string              `json:"subject"`
	Status   check.Status        `json:"status"`
	Severity string              `json:"severity"`
	Data     string              `json:"data"`
	Reason   string              `json:"reason"`
	Facts    map[string]factJSON `json:"facts"`
	Articles []string            `json:"articles"`
	Fix      string              `json:"fix"`
	Path     []string            `json:"path,omitempty"`
}

type completenessJSON struct {
	Answers       int           `json:"answers"`
	Unknown       int           `json:"unknown"`
	ShareUnknown  float64       `json:"share_unknown"`
	CallsAsked    int           `json:"calls_asked"`
	CallsRefused  int           `json:"calls_refused"`
	Refused       []refusedJSON `json:"refused"`
	Complete      bool          `json:"complete"`
	AccountsAsked int           `json:"accounts_asked"`
	AccountsRead  int           `json:"accounts_read"`
}

type refusedJSON struct {
	Operation string      `json:"operation"`
	Account   string      `json:"account"`
	Region    string      `json:"region"`
	Subject   string      `json:"subject,omitempty"`
	Outcome   aws.Outcome `json:"outcome"`
	Error     string      `json:"error"`
	Action    string      `json:"action,omitempty"`
	Optional  bool        `json:"optional,omitempty"`
}

func (a *analysis) completeness() completenessJSON {
	c := completenessJSON{
		Answers: len(a.findings) - a.summary.ByStatus[check.NotApplicable], Unknown: a.summary.ByStatus[check.Unknown], ShareUnknown: round(a.summary.Unknown),
		Refused: []refusedJSON{}, Complete: len(a.needed()) == 0 && a.snap.Run.Incomplete == "",
	}
	for _, l := range a.sys.Ledger {
		c.CallsAsked += l.Asked
		c.CallsRefused += l.Refused
	}
	for _, r := range a.sys.Refusals {
		c.Refused = append(c.Refused, asRefused(r))
	}
	for _, x := range a.snap.Run.Callers {
		c.AccountsAsked++
		if x.Error == "" {
			c.AccountsRead++
		}
	}
	return c
}

func writeCheckJSON(w io.Writer, a *analysis) error {
	out := checkJSON{Findings: []findingJSON{}, Completeness: a.completeness()}
	for i := range a.findings {
		f := &a.findings[i]
		x := findingJSON{
			Control: f.Control.ID, Title: f.Control.Title, Subject: f.Subject, Status: f.Status, Severity: f.Severity.String(), Data: f.Profile.String(),
			Reason: f.Reason, Facts: map[string]factJSON{}, Articles: f.Control.Articles, Fix: f.Control.Fix,
		}
		for _, y := range f.Facts {
			x.Facts[y.Name] = factJSON{y.Value, y.Known, y.Why, y.Source}
		}
		for _, id := range f.Path {
			x.Path = append(x.Path, string(id))
		}
		out.Findings = append(out.Findings, x)
	}
	return writeJSON(w, out)
}

func writeCheckCSV(w io.Writer, a *analysis) error {
	out := csv.NewWriter(w)
	rows := [][]string{{"status", "severity", "control", "title", "subject", "data", "reason", "articles", "fix"}}
	for _, f := range a.ordered() {
		rows = append(rows, []string{
			string(f.Status), f.Severity.String(), f.Control.ID, f.Control.Title, cell(f.Subject), f.Profile.String(), cell(f.Reason), strings.Join(f.Control.Articles, " "), f.Control.Fix,
		})
	}
	return out.WriteAll(rows)
}

// cell keeps a spreadsheet from reading a text as a formula.
func cell(s string) string {
	if s != "" && strings.ContainsRune("=+-@\t\r", rune(s[0])) {
		return "'" + s
	}
	return s
}

// ordered sorts findings as people read them: what fails first, the worst and most
// personal on top.
func (a *analysis) ordered() []*check.Finding {
	var out []*check.Finding
	for i := range a.findings {
		out = append(out, &a.findings[i])
	}
	rank := []check.Status{check.Fail, check.Unknown, check.Accepted, check.Pass, check.NotApplicable}
	slices.SortStableFunc(out, func(x, y *check.Finding) int {
		if d := slices.Index(rank, x.Status) - slices.Index(rank, y.Status); d != 0 {
			return d
		}
		if d := int(y.Severity) - int(x.Severity); d != 0 {
			return d
		}
		return int(y.Profile) - int(x.Profile)
	})
	return out
}

var severityColour = map[check.Severity]string{check.Critical: "1;31", check.High: "31", check.Medium: "33", check.Low: "34", check.Info: "2"}

func writeCheckText(w io.Writer, s *streams, a *analysis) {
	for _, f := range a.ordered() {
		if f.Status != check.Fail {
			break
		}
		fmt.Fprintf(w, "%s %-17s %s\n", s.paint(severityColour[f.Severity], fmt.Sprintf("%-8s", f.Severity)), f.Control.ID, f.Control.Title)
		fmt.Fprintf(w, "         %s\n         %s\n", f.Subject, f.Reason)
	}
	c := a.completeness()
	fmt.Fprintf(w, "\n%d answers: %d pass, %d fail, %d unknown, %d accepted; %d do not apply\n", c.Answers,
		a.summary.ByStatus[check.Pass], a.summary.ByStatus[check.Fail], a.summary.ByStatus[check.Unknown], a.summary.ByStatus[check.Accepted], a.summary.ByStatus[check.NotApplicable])
	fmt.Fprintf(w, "%d calls asked, %d without an answer\n", c.CallsAsked, c.CallsRefused)
	for _, line := range worst(a.sys.Refusals) {
		fmt.Fprintf(w, "  not read: %s\n", line)
	}
}

func asRefused(r aws.Refusal) refusedJSON {
	return refusedJSON{r.Operation, r.Account, r.Region, r.Subject, r.Outcome, r.Error, r.Action, r.Optional}
}
