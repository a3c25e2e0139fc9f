package check

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"github.com/flowdeed/flowdeed/classify"
	"github.com/flowdeed/flowdeed/graph"
)

// Run asks every control about every subject of its classes and kinds. The findings
// are sorted by control, then subject.
func Run(in *Input, controls []*Control) []Finding {
	var out []Finding
	byClass, byKind := subjects(in.Graph)
	for _, c := range controls {
		switch {
		case c.Node != nil:
			for _, class := range c.Classes {
				for _, n := range byClass[class] {
					out = append(out, nodeFinding(in, c, n))
				}
			}
		case c.Flow != nil:
			for _, kind := range c.Kinds {
				for _, f := range byKind[kind] {
					out = append(out, flowFinding(in, c, f))
				}
			}
		case c.System != nil:
			out = append(out, systemFindings(in, c)...)
		}
	}
	slices.SortFunc(out, func(a, b Finding) int {
		return cmp.Or(cmp.Compare(a.Control.ID, b.Control.ID), cmp.Compare(a.Subject, b.Subject))
	})
	return out
}

func subjects(m *graph.Model) (map[graph.Class][]*graph.Node, map[graph.FlowKind][]*graph.Flow) {
	byClass, byKind := map[graph.Class][]*graph.Node{}, map[graph.FlowKind][]*graph.Flow{}
	for _, n := range m.Nodes() {
		if !n.External { // what was only seen from outside was not read, so nothing can be said of it
			byClass[n.Class] = append(byClass[n.Class], n)
		}
	}
	for _, f := range m.Flows() {
		byKind[f.Kind] = append(byKind[f.Kind], f)
	}
	return byClass, byKind
}

func nodeFinding(in *Input, c *Control, n *graph.Node) Finding {
	r := guarded(func() Result { return c.Node(in, n) })
	return grade(c, string(n.ID), r, in.Labels.Profile(n.ID), Finding{Node: n})
}

func flowFinding(in *Input, c *Control, f *graph.Flow) Finding {
	r := guarded(func() Result { return c.Flow(in, f) })
	return grade(c, f.ID(), r, in.flowProfile(f), Finding{Flow: f})
}

// flowProfile is the grade of what a flow carries. A relation carries nothing: it
// counts as much as what it starts from holds, so that the key of a store of health
// data is graded like the store. A way in counts as much as what it opens.
func (in *Input) flowProfile(f *graph.Flow) classify.Profile {
	switch {
	case f.Kind == graph.Exposes:
		return in.behind(f)
	case f.Kind.Carries():
		return in.Labels.FlowProfile(f)
	}
	return in.Labels.Profile(f.From)
}

// behind is the grade of what an entry leads to: what its route calls, or the whole
// node when no call is known of the route.
func (in *Input) behind(entry *graph.Flow) classify.Profile {
	var found []classify.Profile
	for _, f := range in.Graph.Out(entry.To) {
		if entry.Via != "" && f.Via == entry.Via && f.Kind.Carries() {
			found = append(found, in.Labels.Profile(f.To))
		}
	}
	if len(found) == 0 {
		return in.Labels.Profile(entry.To)
	}
	if top := slices.Max(found); top != classify.ProfileNone || !slices.Contains(found, classify.ProfileUnlabelled) {
		return top
	}
	return classify.ProfileUnlabelled // one target holds nothing, of another nobody knows
}

func systemFindings(in *Input, c *Control) []Finding {
	var results []SystemResult
	if r := guarded(func() Result { results = c.System(in); return Result{Status: Pass} }); r.Status == Unknown {
		results = []SystemResult{{Subject: "scan", Result: r}}
	}
	var out []Finding
	for _, r := range results {
		// A subject that is a node after all is graded by what the node holds.
		n, p := in.Graph.Node(graph.ID(r.Subject)), classify.ProfileUnlabelled
		if n != nil {
			p = in.Labels.Profile(n.ID)
		}
		out = append(out, grade(c, r.Subject, r.Result, p, Finding{Node: n}))
	}
	return out
}

// guarded turns a fault in a control into an unknown, so that one cannot hide the
// answers of the others.
func guarded(f func() Result) (r Result) {
	defer func() {
		if p := recover(); p != nil {
			r = cannotTell(fmt.Sprintf("the control failed on this subject: %v", p))
		}
	}()
	return f()
}

// grade makes a finding of a result: the personal-data rule decides whether it counts
// and how much.
func grade(c *Control, subject string, r Result, p classify.Profile, f Finding) Finding {
	if r.Status == Pass {
		if gaps := unread(r.Facts...); len(gaps) > 0 {
			r = missing(gaps...) // a pass never rests on a fact that is not known
		}
	}
	if c.Moves == OnlyWithData && !p.Personal() && r.Status != NotApplicable {
		why := "no personal data is known here"
		if p == classify.ProfileNone {
			why = "it is declared to hold no personal data"
		}
		r = doesNotApply(why, r.Facts...)
	}
	f.Control, f.Subject, f.Status, f.Profile = c, subject, r.Status, p
	f.Reason, f.Facts, f.Path = r.Reason, r.Facts, r.Path
	f.Severity = severity(c, r, p)
	return f
}

// severity applies the rules P+, P! and P0 of the control catalogue, within info and
// critical.
func severity(c *Control, r Result, p classify.Profile) Severity {
	s := int(c.Severity) + r.Lift
	switch c.Moves {
	case WithData:
		switch {
		case p.Special():
			s += 2
		case p.Personal():
			s++
		case p == classify.ProfileNone:
			s--
		}
	case OnlyWithData:
		if p.Special() {
			s++
		}
	}
	return Severity(min(max(s, int(Info)), int(Critical)))
}

// Acceptance is a dated and reasoned exception.
type Acceptance struct {
	Finding string // control id
	Subject string // node or flow id; empty means Matches decides
	Matches func(*graph.Node) bool
	Reason  string
	By      string
	Expires time.Time
}

// Accept marks failing findings that somebody accepted. An acceptance that has
// expired, that names an unknown, or that meets nothing is returned as unused.
func Accept(findings []Finding, list []Acceptance, now time.Time) (unused []Acceptance) {
	for _, a := range list {
		used := false
		if now.After(a.Expires) {
			unused = append(unused, a)
			continue
		}
		for i := range findings {
			f := &findings[i]
			if f.Control.ID != a.Finding || f.Status != Fail || !a.covers(f) {
				continue
			}
			f.Status, used = Accepted, true
			f.Reason = fmt.Sprintf("accepted by %s until %s: %s. Seen: %s", a.By, a.Expires.Format(time.DateOnly), a.Reason, f.Reason)
		}
		if !used {
			unused = append(unused, a)
		}
	}
	return unused
}

func (a Acceptance) covers(f *Finding) bool {
	if a.Subject != "" {
		return a.Subject == f.Subject
	}
	return a.Matches != nil && f.Node != nil && a.Matches(f.Node)
}

// Summary counts findings.
type Summary struct {
	ByStatus   map[Status]int
	BySeverity map[string]int // failing ones
	// Unknown is the share of answers that evidence was missing for, among those
	// that apply, 0 to 1.
	Unknown float64
}

// Summarise counts findings by status and severity.
func Summarise(findings []Finding) Summary {
	s := Summary{ByStatus: map[Status]int{}, BySeverity: map[string]int{}}
	for i := range findings {
		s.ByStatus[findings[i].Status]++
		if findings[i].Status == Fail {
			s.BySeverity[findings[i].Severity.String()]++
		}
	}
	if apply := len(findings) - s.ByStatus[NotApplicable]; apply > 0 {
		s.Unknown = float64(s.ByStatus[Unknown]) / float64(apply)
	}
	return s
}
