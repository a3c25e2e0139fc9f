package main

import (
	"slices"
	"strings"

	"github.com/flowdeed/flowdeed/classify"
	"github.com/flowdeed/flowdeed/graph"
	"github.com/flowdeed/flowdeed/iam"
	"github.com/flowdeed/flowdeed/reach"
	"github.com/flowdeed/flowdeed/report"
)

// accessSheets are the sheets of all stores that are known to hold personal data.
func (a *analysis) accessSheets() []report.AccessSheet {
	out := []report.AccessSheet{}
	for _, n := range a.sys.Graph.Nodes() {
		if n.External || !n.Class.KeepsData() || !a.labels.Profile(n.ID).Personal() {
			continue
		}
		s := report.AccessSheet{Store: n.ID, Declared: a.set.For(classify.Target(n)).Readers}
		r := a.reach().WhoCan(string(n.ID), iam.Read, iam.Stream, iam.Write, iam.Delete)
		for i := range r.Answers {
			s.Lines = a.accessLine(s.Lines, &r.Answers[i], s.Declared)
		}
		for _, c := range a.reach().Network(string(n.ID)) {
			s.Network = append(s.Network, a.person(c.From)+": "+c.How)
		}
		pending, rest := reach.SplitUndecided(r.Undecided)
		for i := range pending {
			s.Undecided = append(s.Undecided, report.Omission{What: pending[i].Text(), Why: a.pendingNames(pending[i].Answers, func(k []iam.Access) string { return strings.Join(mayWords(k), ", ") })})
		}
		for _, x := range rest {
			s.Undecided = append(s.Undecided, report.Omission{What: a.person(x.Principal) + ": " + strings.Join(mayWords(x.Access), ", "), Why: x.Why})
		}
		out = append(out, s)
	}
	return out
}

// pendingNames lists who would reach what if the organisation's policies let them.
func (a *analysis) pendingNames(list []reach.Answer, may func([]iam.Access) string) string {
	var parts []string
	for _, x := range list {
		part := a.person(x.Principal) + " (" + may(x.Access)
		if x.Otherwise == iam.AllowedIf {
			part += ", under conditions"
		}
		parts = append(parts, part+")")
	}
	slices.Sort(parts)
	return "then allowed: " + strings.Join(slices.Compact(parts), "; ")
}

// accessLine adds an answer to the lines; answers that differ in what may be done
// alone become one line.
func (a *analysis) accessLine(lines []report.AccessLine, x *reach.Answer, declared []string) []report.AccessLine {
	l := report.AccessLine{
		Who: a.person(x.Principal), May: mayWords(x.Access), How: a.howWords(x), If: reach.Plain(x.If), Gained: x.Via == reach.Escalation,
		Open:     x.Principal == string(graph.Internet) && len(x.If) == 0,
		Declared: slices.ContainsFunc(declared, func(d string) bool { return report.NamesPrincipal(d, x.Principal) }),
	}
	if strings.HasPrefix(x.Principal, "arn:") {
		l.ID = x.Principal
	}
	for _, f := range a.sys.Graph.In(graph.ID(x.Principal)) {
		if f.Kind == graph.Assumes && x.Via == reach.Direct {
			l.Runs = append(l.Runs, a.short(string(f.From)))
		}
	}
	slices.Sort(l.Runs)
	l.Runs = slices.Compact(l.Runs)
	for i := range lines {
		o := &lines[i]
		if o.Who == l.Who && o.ID == l.ID && o.How == l.How && slices.Equal(o.If, l.If) {
			o.May = append(o.May, l.May...)
			slices.SortFunc(o.May, func(x, y string) int { return slices.Index(mayOrder, x) - slices.Index(mayOrder, y) })
			o.May = slices.Compact(o.May)
			return lines
		}
	}
	return append(lines, l)
}

// person names a principal for somebody who knows no ARN.
func (a *analysis) person(id string) string {
	switch {
	case id == string(graph.Internet):
		return "everybody on the internet"
	case strings.HasSuffix(id, ":root"):
		return "account " + iam.Account(id)
	case strings.Contains(id, "-provider/"):
		return "people and systems signed in with " + id[strings.Index(id, "-provider/")+len("-provider/"):]
	}
	return a.title(id)
}

var mayOrder = []string{"reads", "changes", "deletes"}

func mayWords(kinds []iam.Access) []string {
	var out []string
	for _, k := range kinds {
		switch k {
		case iam.Write:
			out = append(out, "changes")
		case iam.Delete:
			out = append(out, "deletes")
		default:
			out = append(out, "reads")
		}
	}
	slices.SortFunc(out, func(x, y string) int { return slices.Index(mayOrder, x) - slices.Index(mayOrder, y) })
	return slices.Compact(out)
}

// howWords says by what somebody reaches a store.
func (a *analysis) howWords(x *reach.Answer) string {
	var through []string
	for _, s := range x.Steps[:len(x.Steps)-1] {
		through = append(through, a.title(s.To))
	}
	switch x.Via {
	case reach.Direct:
		return "by own permissions"
	case reach.ViaRole:
		return "by assuming " + strings.Join(through, ", then ")
	case reach.ViaService:
		return "as a service, for whoever it acts for"
	case reach.Escalation:
		return "by taking a right that was not given: " + a.gains(x)
	}
	if len(through) == 0 {
		return "the policy of the store lets everybody in"
	}
	return "through " + strings.Join(through, ", ")
}

// gains lists the hops of an escalation.
func (a *analysis) gains(x *reach.Answer) string {
	var parts []string
	for _, s := range x.Steps[:max(len(x.Steps)-1, 1)] {
		part := s.How
		switch {
		case s.To == x.Store || strings.HasSuffix(s.How, "itself"), s.To == x.Principal:
		case s.Rule != "":
			part += " make it " + a.title(s.To)
		default:
			part += " " + a.title(s.To)
		}
		parts = append(parts, part)
	}
	return strings.Join(parts, ", then ")
}
