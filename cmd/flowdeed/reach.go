package main

import (
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"github.com/flowdeed/flowdeed/graph"
	"github.com/flowdeed/flowdeed/reach"
	"github.com/flowdeed/flowdeed/report/diagram"
)

func newReach(s *streams) *cobra.Command {
	var in input
	var o output
	var denied bool
	c := &cobra.Command{
		Use:     "reach PRINCIPAL",
		Short:   "Say what a principal can reach",
		Long:    "Lists the stores, secrets and keys that PRINCIPAL gets at: by its own permissions, by assuming roles, and by getting rights it was not given. PRINCIPAL is the ARN or name of a user or role.",
		Example: "  flowdeed reach support\n  flowdeed reach support --format svg --output support.svg\n  flowdeed reach arn:aws:iam::111122223333:user/alice --format json prod.snapshot",
	}
	c.RunE = func(_ *cobra.Command, args []string) error {
		a, err := in.open(s, args[1:])
		if err != nil {
			return err
		}
		who, err := a.principal(args[0])
		if err != nil {
			return err
		}
		q := diagram.Question{Title: "What " + a.title(who) + " can reach", From: []string{who}, Result: a.reach().ReachOf(who, dataKinds...)}
		return a.printReach(s, &o, who, q, denied, func(w io.Writer) { a.reachText(w, who, q, denied) })
	}
	addOutput(c, &o, "text", answerFormats...)
	addInput(c, &in, 1)
	c.Flags().BoolVar(&denied, "denied", false, "list what it is kept out of, with what keeps it out")
	return c
}

func (a *analysis) reachText(w io.Writer, who string, q diagram.Question, denied bool) {
	r := q.Result
	fmt.Fprintf(w, "%s\n  %s\n", q.Title, who)
	for _, g := range groups {
		list := by(r.Answers, g.via)
		if len(list) == 0 {
			continue
		}
		fmt.Fprintf(w, "\n%s\n", strings.Replace(g.title, "their own permissions", "its own permissions", 1))
		for i := range list {
			a.reachedText(w, &list[i])
		}
	}
	if len(r.Answers) == 0 {
		fmt.Fprintln(w, "\nNothing that this scan found.")
	}
	a.undecidedText(w, r.Undecided)
	if denied {
		a.reasonsText(w, "Kept out of", r.Denied)
	}
}

func (a *analysis) reachedText(w io.Writer, x *reach.Answer) {
	fmt.Fprintf(w, "  %-34s %-10s %s\n", a.title(x.Store), a.labels.Profile(graph.ID(x.Store)), words(x.Access))
	conditionsText(w, "      ", x.If)
	a.hopsText(w, x, a.title(x.Store))
}
