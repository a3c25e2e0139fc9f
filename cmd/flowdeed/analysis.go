package main

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"github.com/flowdeed/flowdeed/annotations"
	"github.com/flowdeed/flowdeed/aws"
	"github.com/flowdeed/flowdeed/check"
	"github.com/flowdeed/flowdeed/classify"
	"github.com/flowdeed/flowdeed/graph"
	"github.com/flowdeed/flowdeed/iam"
	"github.com/flowdeed/flowdeed/reach"
	"github.com/flowdeed/flowdeed/report/diagram"
)

const defaultSnapshot = "flowdeed.snapshot"

// input is what every offline command reads.
type input struct {
	snapshot    string
	annotations string
	actions     string // table of AWS actions
}

// addInput adds --annotations and the snapshot argument after so many of the command.
func addInput(c *cobra.Command, in *input, before int) {
	c.Use += " [SNAPSHOT]"
	c.Flags().StringVarP(&in.annotations, "annotations", "a", "", `folder with annotation files (default "annotations" if it is there)`)
	addActionData(c, &in.actions)
	c.Args = cobra.RangeArgs(before, before+1)
}

func (in *input) take(args []string) {
	in.snapshot = defaultSnapshot
	if len(args) > 0 {
		in.snapshot = args[0]
	}
}

// open reads the snapshot that the last arguments name, and what belongs to it.
func (in *input) open(s *streams, last []string) (*analysis, error) {
	in.take(last)
	return in.load(s)
}

// analysis is a snapshot with everything that follows from it.
type analysis struct {
	snap     *aws.Snapshot
	sys      *aws.System
	set      *annotations.Set
	labels   *classify.Labels
	findings []check.Finding
	summary  check.Summary
	unused   []check.Acceptance
	warnings []annotations.Diagnostic
	files    []annotationFile
	// actionsFile is the table of AWS actions a person named; empty: the built-in one.
	actionsFile string
	finder      *reach.Finder          // made when first asked for
	detected    []annotations.Evidence // what names and schemas say, by node
	painted     []diagram.Picture      // made when first asked for: placing boxes is the slowest step
}

type annotationFile struct{ path, hash string }

// load reads a snapshot and the annotations and runs the whole chain.
func (in *input) load(s *streams) (*analysis, error) {
	snap, err := aws.ReadFile(in.snapshot)
	if err != nil {
		return nil, snapshotFault(in.snapshot, err)
	}
	actions, err := actionData(in.actions)
	if err != nil {
		return nil, err
	}
	set, diags, files, err := in.readAnnotations()
	if err != nil {
		return nil, err
	}
	a, err := analyseWith(s, snap, actions, set, diags, files)
	if err == nil && actions != nil {
		a.actionsFile = in.actions
	}
	return a, err
}

func snapshotFault(path string, err error) error {
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return failf("flowdeed scan --output "+path+", or name the snapshot file", "there is no snapshot %s", path)
	case errors.Is(err, syscall.EISDIR):
		return failf("name a file that flowdeed scan wrote", "%s is a folder, not a snapshot", path)
	case errors.Is(err, aws.ErrNewer):
		return failf("update flowdeed, or scan again with this release", "%w", err)
	case errors.Is(err, aws.ErrTruncated):
		return failf("copy it again from where it was written, or run: flowdeed scan", "%w", err)
	case errors.Is(err, aws.ErrNotSnapshot):
		return failf("name a file that flowdeed scan wrote", "%w", err)
	case errors.Is(err, aws.ErrAltered):
		return failf("take the file as it was written; an altered snapshot is no evidence", "%w", err)
	}
	return failf("check the name and the permissions", "%w", err)
}

// readAnnotations reads the folder that was named, or the default one if it is there.
func (in *input) readAnnotations() (*annotations.Set, []annotations.Diagnostic, []annotationFile, error) {
	dir := in.annotations
	if dir == "" {
		dir = "annotations"
		if _, err := os.Stat(dir); err != nil {
			return annotations.Empty(), nil, nil, nil
		}
	} else if info, err := os.Stat(dir); err == nil && !info.IsDir() {
		return nil, nil, nil, failf("name the folder it is in with --annotations", "%s is no folder", dir)
	} else if err != nil {
		return nil, nil, nil, failf("name a folder with --annotations", "there is no folder %s", dir)
	}
	set, diags := annotations.Load(dir)
	var files []annotationFile
	for _, f := range set.Files() {
		b, err := os.ReadFile(f)
		if err != nil {
			return nil, nil, nil, failf("check the permissions", "reading %s: %w", f, plain(err))
		}
		sum := sha256.Sum256(b)
		files = append(files, annotationFile{f, hex.EncodeToString(sum[:])})
	}
	return set, diags, files, nil
}

// analyse builds the graph, spreads the labels and asks the controls.
func analyse(s *streams, snap *aws.Snapshot, set *annotations.Set, diags []annotations.Diagnostic, files []annotationFile) (*analysis, error) {
	return analyseWith(s, snap, nil, set, diags, files)
}

// analyseWith does so by a table of AWS actions; nil is the built-in one.
func analyseWith(s *streams, snap *aws.Snapshot, actions *iam.ActionData, set *annotations.Set, diags []annotations.Diagnostic, files []annotationFile) (*analysis, error) {
	for _, d := range diags {
		fmt.Fprintln(s.err, d)
	}
	if annotations.HasErrors(diags) {
		return nil, &failure{status: statusError, err: errors.New("the annotations have errors (above)"), next: "mend them and run the command again"}
	}
	a := &analysis{snap: snap, set: set, files: files, sys: aws.BuildBy(snap, actions)}
	classify.DeclareFlows(a.sys.Graph, set)
	if err := a.detect(); err != nil {
		return nil, err
	}
	now := snap.Run.Finished
	a.labels = classify.Propagate(a.sys.Graph, set, now)
	a.findings = check.Run(a.checkInput(now), check.All())
	a.unused = check.Accept(a.findings, a.acceptances(), now)
	a.summary = check.Summarise(a.findings)
	a.warnings = annotations.Merge(set.CheckAgainst(a.targets(), now), set.CheckAcceptances(a.answers()), set.CheckArrivals(a.arrivals()))
	return a, nil
}

// detect hands what schemas surely enough show to the annotations, where it becomes
// inferred labels that follow the flows. What is weaker, and what only names hint at,
// stays at its node, to be looked at: spread along every flow it would drown the rest.
func (a *analysis) detect() error {
	list, err := classify.Detected(a.sys.Graph)
	if err != nil {
		return failf("report this as a bug", "the detectors: %w", err)
	}
	a.detected = list
	for _, e := range list {
		if e.Rank == annotations.RankSchema && e.Confidence >= annotations.Likely {
			a.set.AddEvidence(e)
		}
	}
	return nil
}

func (a *analysis) targets() []annotations.Target {
	var out []annotations.Target
	for _, n := range a.sys.Graph.Nodes() {
		if !n.External {
			out = append(out, classify.Target(n))
		}
	}
	return out
}

func (a *analysis) checkInput(now time.Time) *check.Input {
	calls := callsOf(a.sys)
	in := &check.Input{
		Graph: a.sys.Graph, Labels: a.labels, Policy: check.DefaultPolicy(), Now: now,
		KnownAccounts: map[string]string{}, Recipients: map[string]string{}, Area: a.set.Regions().Area,
		Refused: calls.refused, Lost: calls.lost, Needs: map[graph.ID][]string{}, Erasure: map[graph.ID]string{}, AllowedAreas: a.homeAreas(),
	}
	for id, who := range a.sys.Accounts {
		in.KnownAccounts[id] = who
	}
	for id, who := range a.set.Settings().Accounts {
		in.KnownAccounts[id] = "declared: " + who
	}
	for _, p := range a.set.Parties() {
		for _, id := range p.Accounts {
			in.KnownAccounts[id] = "party: " + p.Name
		}
		for _, h := range p.Hosts {
			in.Recipients[strings.ToLower(h)] = p.Name
		}
	}
	in.Party, in.Certified, in.Register, in.Rights = a.party, a.certified, a.register, askedOnce(a.rights)
	in.Condition, in.Kept = a.conditions, a.kept
	in.Users, in.Powers, in.DeclaredUsers = a.users, a.powers, map[graph.ID][]string{}
	for _, n := range a.sys.Graph.Nodes() {
		st := a.set.For(classify.Target(n))
		if len(st.Needs) > 0 {
			in.Needs[n.ID] = st.Needs
		}
		if len(st.Readers) > 0 {
			in.DeclaredUsers[n.ID] = st.Readers
		}
		if st.Erasure != nil && st.Erasure.By != "" {
			in.Erasure[n.ID] = st.Erasure.By
		}
	}
	return in
}

// askedOnce keeps the rights of every principal: several controls ask for the same, and
// deciding them is most of the work of a check.
func askedOnce(rights func(graph.ID) ([]check.Right, bool)) func(graph.ID) ([]check.Right, bool) {
	type answer struct {
		list     []check.Right
		complete bool
	}
	known := map[graph.ID]answer{}
	return func(principal graph.ID) ([]check.Right, bool) {
		x, ok := known[principal]
		if !ok {
			x.list, x.complete = rights(principal)
			known[principal] = x
		}
		return x.list, x.complete
	}
}

// rights are what a principal may do to stores by its own permissions.
func (a *analysis) rights(principal graph.ID) (out []check.Right, complete bool) {
	list, complete := a.reach().Rights(string(principal), iam.Read, iam.Stream, iam.Write, iam.Delete)
	for _, x := range list {
		r := check.Right{
			Store: graph.ID(x.Asset), Conditional: x.Decision == iam.AllowedIf,
			Read: x.Access == iam.Read || x.Access == iam.Stream, Write: x.Access == iam.Write || x.Access == iam.Delete,
		}
		if n := len(out); n > 0 && out[n-1].Store == r.Store && out[n-1].Conditional == r.Conditional {
			out[n-1].Read, out[n-1].Write = out[n-1].Read || r.Read, out[n-1].Write || r.Write
			continue
		}
		out = append(out, r)
	}
	return out, complete
}

// users are those who may use a node because somebody gave them the right.
func (a *analysis) users(id graph.ID, access string) (out []check.User, undecided []string) {
	r := a.reach().Granted(string(id), iam.Access(access))
	seen := map[string]int{}
	for _, x := range r.Answers {
		i, there := seen[x.Principal]
		if !there {
			seen[x.Principal] = len(out)
			out = append(out, check.User{Principal: x.Principal, Conditional: x.Decision == iam.AllowedIf})
			continue
		}
		out[i].Conditional = out[i].Conditional && x.Decision == iam.AllowedIf
	}
	for _, x := range r.Undecided {
		if _, there := seen[x.Principal]; !there {
			undecided = append(undecided, a.title(x.Principal)+": "+x.Why)
		}
	}
	return out, undecided
}

func (a *analysis) powers(principal graph.ID) (check.Powers, bool) {
	p, complete := a.reach().Powers(string(principal))
	return check.Powers{Admin: p.Admin, Wild: p.Wild, Escalations: p.Escalations}, complete
}

// homeAreas are the places personal data may be in, as the settings say.
func (a *analysis) homeAreas() []string {
	var out []string
	for _, c := range a.set.Settings().Home {
		if c == "EEA" {
			c = "eea"
		}
		out = append(out, c)
	}
	return append(out, a.set.Settings().HomeRegions...)
}

// conditions are what an activity says of Art. 9(2) and Art. 10.
func (a *analysis) conditions(activity string) (special, criminal string) {
	for _, x := range a.set.Activities() {
		if x.Key == activity {
			return x.SpecialCondition, x.CriminalCondition
		}
	}
	return "", ""
}

// kept are the periods an activity declares.
func (a *analysis) kept(activity string) (out []check.Period) {
	for _, x := range a.set.Activities() {
		if x.Key != activity {
			continue
		}
		for _, r := range x.Retention {
			out = append(out, check.Period{Categories: r.Categories, Days: r.Days})
		}
	}
	return out
}

func (a *analysis) party(name string) (country, status, tool string, known bool) {
	for _, p := range a.set.Parties() {
		if p.Name == name {
			return p.Country, a.set.Regions().Countries[p.Country].Adequacy, p.Tool, true
		}
	}
	return "", "", "", false
}

func (a *analysis) certified(name string) (check.Certification, bool) {
	for _, p := range a.set.Parties() {
		if p.Name == name {
			return check.Certification{Checked: p.Transfer.ListChecked, Active: p.Transfer.Active, Fallback: p.Transfer.Fallback}, true
		}
	}
	return check.Certification{}, false
}

func (a *analysis) register(name string) (check.RegisterEntry, bool) {
	for _, p := range a.set.Parties() {
		if p.Name == name {
			return check.RegisterEntry{Role: p.Role, Country: p.Country, Contract: p.Contract}, true
		}
	}
	return check.RegisterEntry{}, false
}

func (a *analysis) acceptances() []check.Acceptance {
	var out []check.Acceptance
	for _, x := range a.set.Acceptances() {
		expires, err := time.Parse(time.DateOnly, x.Expires)
		if err != nil {
			continue // reported as E208 or E501 when the file was read
		}
		acc := check.Acceptance{Finding: x.Finding, Reason: x.Reason, By: x.By, Expires: expires.Add(24*time.Hour - time.Second)}
		sel := annotations.Selector{Resource: x.Resource, Match: x.Match}
		acc.Matches = func(n *graph.Node) bool { return a.set.Selects(sel, classify.Target(n)) }
		out = append(out, acc)
	}
	return out
}

// answers are the answers that acceptances speak of.
func (a *analysis) answers() []annotations.Answer {
	asked := map[string]bool{}
	for _, x := range a.set.Acceptances() {
		asked[x.Finding] = true
	}
	var out []annotations.Answer
	for i := range a.findings {
		f := &a.findings[i]
		if f.Node == nil || !asked[f.Control.ID] || f.Status == check.Pass || f.Status == check.NotApplicable {
			continue
		}
		x := annotations.Answer{Finding: f.Control.ID, Target: classify.Target(f.Node), Failed: f.Status != check.Unknown}
		if !x.Failed {
			x.Missing = a.permissionFor(f)
		}
		out = append(out, x)
	}
	return out
}

// permissionFor names the permission whose lack left a finding open, or "".
func (a *analysis) permissionFor(f *check.Finding) string {
	for _, r := range a.sys.Refusals {
		named := func(text string) bool { return strings.Contains(text, r.Operation) }
		if named(f.Reason) || slices.ContainsFunc(f.Facts, func(x graph.Fact) bool { return !x.Known && named(x.Why) }) {
			return cmp.Or(r.Action, r.Operation)
		}
	}
	return ""
}

// arrivals lists which personal data is where an activity says that it works.
func (a *analysis) arrivals() []annotations.Arrival {
	var out []annotations.Arrival
	for _, n := range a.sys.Graph.Nodes() {
		h := a.labels.At(n.ID)
		if len(h.Activities) == 0 {
			continue
		}
		for _, l := range h.Labels {
			if l.State != classify.Weak && !l.MayContain {
				out = append(out, annotations.Arrival{Resource: string(n.ID), Category: l.Category, Activities: h.Activities})
			}
		}
	}
	return out
}

// needed are the refused calls that leave facts missing which controls or the map need.
func (a *analysis) needed() []aws.Refusal {
	return slices.DeleteFunc(slices.Clone(a.sys.Refusals), func(r aws.Refusal) bool { return r.Optional })
}

// expired tells whether an acceptance or a review has run out.
func (a *analysis) expired() bool {
	return slices.ContainsFunc(a.warnings, func(d annotations.Diagnostic) bool { return d.Code == "W415" }) ||
		slices.ContainsFunc(a.unused, func(x check.Acceptance) bool { return a.snap.Run.Finished.After(x.Expires) })
}
