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

func newPath(s *streams) *cobra.Command {
	var in input
	var o output
	c := &cobra.Command{
		Use:   "path FROM TO",
		Short: "Show the way from a principal or entry point to a store",
		Long: `Prints the shortest way from FROM to TO, hop by hop, with every policy statement that lets it
through. FROM is a user, role, function or other node, "internet", an identity provider or an
account that a policy names; TO is a store, secret or key.`,
		Example: "  flowdeed path alice customers\n  flowdeed path alice customers --format svg --output alice.svg\n  flowdeed path internet customers prod.snapshot",
	}
	c.RunE = func(_ *cobra.Command, args []string) error {
		a, err := in.open(s, args[2:])
		if err != nil {
			return err
		}
		n, err := a.find(args[1])
		if err != nil {
			return err
		}
		to := string(n.ID)
		all := a.reach().WhoCan(to, dataKinds...)
		from, err := a.originOf(args[0], all)
		if err != nil {
			return err
		}
		q := diagram.Question{Title: "From " + a.title(from.id) + " to " + a.title(to), From: []string{from.id}, To: []string{to}, Result: a.paths(from, all)}
		return a.printReach(s, &o, to, q, true, func(w io.Writer) { a.pathsText(w, q) })
	}
	addOutput(c, &o, "text", answerFormats...)
	addInput(c, &in, 2)
	return c
}

// paths are the answers about one caller among those about a target.
func (a *analysis) paths(from origin, all reach.Result) reach.Result {
	if !from.runs {
		return all.Of(from.id)
	}
	return a.reach().Behind(graph.ID(from.id), all.Of)
}

func (a *analysis) pathsText(w io.Writer, q diagram.Question) {
	fmt.Fprintln(w, q.Title)
	for i := range q.Result.Answers {
		x := &q.Result.Answers[i]
		fmt.Fprintf(w, "\n%s (%s, %s)\n  %s\n", words(x.Access), x.Decision, x.Via, a.title(x.Principal))
		for _, s := range x.Steps {
			a.stepText(w, s)
		}
	}
	if len(q.Result.Answers) == 0 {
		fmt.Fprintln(w, "\nNo way was found.")
	}
	a.undecidedText(w, q.Result.Undecided)
	a.reasonsText(w, "Kept out", q.Result.Denied)
}

// stepText prints a hop with its conditions and the statements that decide it.
func (a *analysis) stepText(w io.Writer, s reach.Step) {
	fmt.Fprintf(w, "  -> %s: %s\n", a.title(s.To), s.How)
	conditionsText(w, "       ", s.If)
	seen := map[string]bool{}
	for _, b := range s.Because {
		line := fmt.Sprintf("%s: %s %s%s", b.Layer, strings.ToLower(string(b.Effect)), b.Policy, b.Pointer)
		if !seen[line] {
			seen[line] = true
			fmt.Fprintf(w, "       by %s\n", line)
		}
	}
}
