package main

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/flowdeed/flowdeed/aws"
	"github.com/flowdeed/flowdeed/graph"
	"github.com/flowdeed/flowdeed/iam"
	"github.com/flowdeed/flowdeed/reach"
	"github.com/flowdeed/flowdeed/report/diagram"
)

// dataKinds are the kinds of access that questions about a principal cover.
var dataKinds = []iam.Access{iam.Read, iam.Write, iam.Delete, iam.List, iam.Stream, iam.Decrypt}

// answerFormats are the formats of an answer about access.
var answerFormats = append([]string{"text", "json"}, pictureFormats...)

// reach prepares questions about permissions, once.
func (a *analysis) reach() *reach.Finder {
	if a.finder == nil {
		a.finder = reach.New(a.sys.World, a.sys.Graph)
	}
	return a.finder
}

// printReach prints an answer in the format that was asked for. about is what its
// machine-readable form calls the target.
func (a *analysis) printReach(s *streams, o *output, about string, q diagram.Question, denied bool, text func(io.Writer)) error {
	switch o.format {
	case "text":
		return o.print(s, func(w io.Writer) error { text(w); return nil })
	case "json":
		form := a.reach().Form(about, q.Result, denied, reach.Certify(a.reach(), aws.Inventory(a.snap, a.sys)))
		return o.print(s, func(w io.Writer) error { return writeJSON(w, form) })
	}
	return o.accessPicture(s, a, q)
}

// groups are the headings of answers, in the order a reader needs them.
var groups = []struct {
	via   reach.Via
	title string
}{
	{reach.Public, "From the internet"}, {reach.Direct, "By their own permissions"}, {reach.ViaRole, "By assuming roles"},
	{reach.Escalation, "By getting rights they were not given"}, {reach.ViaService, "As a service that may act for anybody"},
}

// by keeps the answers of one way.
func by(list []reach.Answer, via reach.Via) []reach.Answer {
	return slices.DeleteFunc(slices.Clone(list), func(x reach.Answer) bool { return x.Via != via })
}

// count is how many principals answers speak of.
func count(list []reach.Answer) int {
	seen := map[string]bool{}
	for _, x := range list {
		seen[x.Principal] = true
	}
	return len(seen)
}

// conditionsText prints alternatives, one of which must hold, one a line.
func conditionsText[T any](w io.Writer, indent string, list []T) {
	word := "if"
	for _, c := range list {
		fmt.Fprintf(w, "%s%s %v\n", indent, word, c)
		word = "or if"
	}
}

// hopsText prints the way of an answer that has more than one hop, to what end says.
func (a *analysis) hopsText(w io.Writer, x *reach.Answer, end string) {
	if len(x.Steps) < 2 {
		return
	}
	fmt.Fprintf(w, "      %s", a.title(x.Principal))
	for i, s := range x.Steps {
		to := a.title(s.To)
		if i == len(x.Steps)-1 {
			to = end
		}
		fmt.Fprintf(w, " -[%s]-> %s", s.How, to)
	}
	fmt.Fprintln(w)
}

// undecidedText lists what is not decided. What hangs on nothing but the organisation's
// policies is said once for each account.
func (a *analysis) undecidedText(w io.Writer, list []reach.Answer) {
	pending, rest := reach.SplitUndecided(list)
	for i := range pending {
		fmt.Fprintf(w, "\n%s\n  %s\n", pending[i].Text(), a.pendingNames(pending[i].Answers, words))
	}
	a.reasonsText(w, "Not decided: an input is missing", rest)
}

// reasonsText prints answers that give no access, with the reason.
func (a *analysis) reasonsText(w io.Writer, title string, list []reach.Answer) {
	if len(list) == 0 {
		return
	}
	fmt.Fprintf(w, "\n%s (%d)\n", title, count(list))
	for i := range list {
		x := &list[i]
		fmt.Fprintf(w, "  %-34s %s  %s: %s\n", a.title(x.Principal), words(x.Access), a.short(x.Store), x.Why)
	}
}

func words(kinds []iam.Access) string {
	out := make([]string, 0, len(kinds))
	for _, k := range kinds {
		out = append(out, string(k))
	}
	return strings.Join(out, ", ")
}

// title names a principal or node for people: its kind and name, with the account
// where that is not the only one scanned.
func (a *analysis) title(id string) string {
	n := a.sys.Graph.Node(graph.ID(id))
	switch {
	case n == nil, id == string(graph.Internet):
		return id
	case n.Class == graph.Principal:
		name := strings.TrimPrefix(n.Kind, "iam.") + " " + n.Name
		if len(a.sys.World.Accounts) > 1 {
			name += " (" + n.Account + ")"
		}
		return name
	}
	return n.Name
}

func (a *analysis) short(id string) string { return nameOf(a.sys.Graph, graph.ID(id)) }

func nameOf(g *graph.Model, id graph.ID) string {
	if n := g.Node(id); n != nil && n.Name != "" {
		return n.Name
	}
	return string(id)
}

// or gives a word for nothing.
func or(s, nothing string) string {
	if s == "" {
		return nothing
	}
	return s
}
