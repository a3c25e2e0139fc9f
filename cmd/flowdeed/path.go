package main

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/flowdeed/flowdeed/graph"
	"github.com/flowdeed/flowdeed/reach"
)

func newPath(s *streams) *cobra.Command {
	var in input
	var o output
	c := &cobra.Command{
		Use:   "path",
		Short: "Show the way from a principal or entry point to a store",
		Long: `Prints the shortest way from FROM to TO, hop by hop, with every policy statement that lets it
through. FROM is a user, role, function or other node, "internet", an identity provider or an
account that a policy names; TO is a store, secret or key.`,
		Example: "  flowdeed path alice customers\n  flowdeed path internet customers prod.snapshot",
	}
	c.RunE = func(_ *cobra.Command, args []string) error {
		in.take(args[2:])
		a, err := in.load(s)
		if err != nil {
			return err
		}
		to, err := a.find(args[1])
		if err != nil {
			return err
		}
		r, from, err := a.paths(args[0], string(to.ID))
		if err != nil {
			return err
		}
		return a.printReach(s, &o, string(to.ID), r, true, func(w io.Writer) { a.pathsText(w, from, string(to.ID), r) })
	}
	addOutput(c, &o, "text", "text", "json", "mermaid")
	addInput(c, &in)
	c.Use = "path FROM TO [SNAPSHOT]"
	c.Args = cobra.RangeArgs(2, 3)
	return c
}

// paths are the answers about one caller and one target.
func (a *analysis) paths(from, to string) (reach.Result, string, error) {
	all := a.reach().WhoCan(to, dataKinds...)
	id, known := from, from == string(graph.Internet) || from == reach.SignedIn
	if who, err := a.principal(from); err == nil {
		id, known = who, true
	} else if n, err := a.find(from); err == nil && !known {
		if role := a.roleOf(n); role != "" {
			return a.behind(n, only(all, role)), string(n.ID), nil
		}
		id, known = string(n.ID), true
	}
	r := only(all, id)
	if len(r.Answers)+len(r.Undecided)+len(r.Denied) == 0 {
		for _, x := range all.Answers {
			if strings.Contains(x.Principal, from) {
				return only(all, x.Principal), x.Principal, nil
			}
		}
		if !known {
			return r, "", usagef("flowdeed map lists the nodes", "no principal or node is called %q", from)
		}
	}
	return r, id, nil
}

func only(r reach.Result, who string) reach.Result {
	keep := func(list []reach.Answer) []reach.Answer {
		return slices.DeleteFunc(slices.Clone(list), func(x reach.Answer) bool { return x.Principal != who })
	}
	return reach.Result{Answers: keep(r.Answers), Undecided: keep(r.Undecided), Denied: keep(r.Denied)}
}

// roleOf is the role that something runs under, or "".
func (a *analysis) roleOf(n *graph.Node) string {
	for _, f := range a.sys.Graph.Out(n.ID) {
		if f.Kind == graph.Assumes && a.reach().Holder(string(f.To)) != nil {
			return string(f.To)
		}
	}
	return ""
}

// behind puts the step from what runs to its role before the paths of the role.
func (a *analysis) behind(n *graph.Node, r reach.Result) reach.Result {
	for _, list := range []*[]reach.Answer{&r.Answers, &r.Undecided, &r.Denied} {
		for i := range *list {
			x := &(*list)[i]
			x.Steps = append([]reach.Step{{To: x.Principal, How: "runs under"}}, x.Steps...)
			x.Principal = string(n.ID)
			if x.Via == reach.Direct {
				x.Via = reach.ViaRole
			}
		}
	}
	return r
}

func (a *analysis) pathsText(w io.Writer, from, to string, r reach.Result) {
	fmt.Fprintf(w, "From %s to %s\n", a.title(from), a.title(to))
	for i := range r.Answers {
		x := &r.Answers[i]
		fmt.Fprintf(w, "\n%s (%s, %s)\n  %s\n", strings.Join(words(x.Access), ", "), x.Decision, x.Via, a.title(x.Principal))
		for _, s := range x.Steps {
			fmt.Fprintf(w, "  -> %s: %s\n", a.title(s.To), s.How)
			for j, c := range s.If {
				fmt.Fprintf(w, "       %s %s\n", [...]string{"if", "or if"}[min(j, 1)], c)
			}
			seen := map[string]bool{}
			for _, b := range s.Because {
				line := fmt.Sprintf("%s: %s %s%s", b.Layer, strings.ToLower(string(b.Effect)), b.Policy, b.Pointer)
				if !seen[line] {
					seen[line] = true
					fmt.Fprintf(w, "       by %s\n", line)
				}
			}
		}
	}
	if len(r.Answers) == 0 {
		fmt.Fprintln(w, "\nNo way was found.")
	}
	a.reasonsText(w, "Not decided: an input is missing", r.Undecided)
	a.reasonsText(w, "Kept out", r.Denied)
}
