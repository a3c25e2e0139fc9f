package main

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/flowdeed/flowdeed/graph"
	"github.com/flowdeed/flowdeed/iam"
	"github.com/flowdeed/flowdeed/reach"
)

// dataKinds are the kinds of access that questions about a principal cover.
var dataKinds = []iam.Access{iam.Read, iam.Write, iam.Delete, iam.List, iam.Stream, iam.Decrypt}

func newReach(s *streams) *cobra.Command {
	var in input
	var o output
	var denied bool
	c := &cobra.Command{
		Use:     "reach",
		Short:   "Say what a principal can reach",
		Long:    "Lists the stores, secrets and keys that PRINCIPAL gets at: by its own permissions, by assuming roles, and by getting rights it was not given. PRINCIPAL is the ARN or name of a user or role.",
		Example: "  flowdeed reach support\n  flowdeed reach arn:aws:iam::111122223333:user/alice --format json prod.snapshot",
	}
	c.RunE = func(_ *cobra.Command, args []string) error {
		in.take(args[1:])
		a, err := in.load(s)
		if err != nil {
			return err
		}
		who, err := a.principal(args[0])
		if err != nil {
			return err
		}
		r := a.reach().ReachOf(who, dataKinds...)
		return a.printReach(s, &o, who, r, denied, func(w io.Writer) { a.reachText(w, who, r, denied) })
	}
	addOutput(c, &o, "text", "text", "json", "mermaid")
	addInput(c, &in)
	c.Flags().BoolVar(&denied, "denied", false, "list what it is kept out of, with what keeps it out")
	c.Use = "reach PRINCIPAL [SNAPSHOT]"
	c.Args = cobra.RangeArgs(1, 2)
	return c
}

// principal resolves what a person typed to a scanned user or role.
func (a *analysis) principal(what string) (string, error) {
	if a.reach().Holder(what) != nil {
		return what, nil
	}
	var found []string
	for _, h := range a.sys.World.Holders {
		if strings.EqualFold(h.Principal.ARN[strings.LastIndexByte(h.Principal.ARN, '/')+1:], what) {
			found = append(found, h.Principal.ARN)
		}
	}
	switch len(found) {
	case 0:
		return "", usagef("name a user or role by its name or ARN; flowdeed map --format json lists them", "no user or role is called %q", what)
	case 1:
		return found[0], nil
	}
	return "", usagef("name one of them by its ARN", "%q fits %d principals: %s", what, len(found), strings.Join(found, ", "))
}

func (a *analysis) reachText(w io.Writer, who string, r reach.Result, denied bool) {
	fmt.Fprintf(w, "What %s can reach\n  %s\n", a.title(who), who)
	for _, g := range groups {
		list := slices.DeleteFunc(slices.Clone(r.Answers), func(x reach.Answer) bool { return x.Via != g.via })
		if len(list) == 0 {
			continue
		}
		fmt.Fprintf(w, "\n%s\n", strings.Replace(g.title, "their own permissions", "its own permissions", 1))
		for i := range list {
			x := &list[i]
			fmt.Fprintf(w, "  %-34s %-10s %s\n", a.title(x.Store), a.labels.Profile(graph.ID(x.Store)), strings.Join(words(x.Access), ", "))
			for j, c := range x.If {
				fmt.Fprintf(w, "      %s %s\n", [...]string{"if", "or if"}[min(j, 1)], c)
			}
			if len(x.Steps) > 1 {
				fmt.Fprintf(w, "      %s\n", a.pathText(x))
			}
		}
	}
	if len(r.Answers) == 0 {
		fmt.Fprintln(w, "\nNothing that this scan found.")
	}
	a.reasonsText(w, "Not decided: an input is missing", r.Undecided)
	if denied {
		a.reasonsText(w, "Kept out of", r.Denied)
	}
}
