package main

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/flowdeed/flowdeed/classify"
	"github.com/flowdeed/flowdeed/graph"
	"github.com/flowdeed/flowdeed/reach"
)

func newCut(s *streams) *cobra.Command {
	var in input
	var o output
	var access string
	var keep []string
	c := &cobra.Command{
		Use:   "cut TARGET",
		Short: "Find the fewest policy statements to change so that only declared access is left",
		Long: `Finds the smallest set of policy statements whose removal or narrowing ends every unintended
way to TARGET, by own permissions, by roles and by escalation, and keeps what is declared:
the readers that annotations name for a store, the principals at the other end of declared
flows, and those named with --keep. It prints a lower bound, and by how much the answer may
miss the least one.

TARGET is an ARN, a name, or all stores of personal data of one kind:
category:user.contact.email, category:special, category:personal.`,
		Example: "  flowdeed cut customers --keep data-admin\n  flowdeed cut category:special --access read,write --format json prod.snapshot",
	}
	c.RunE = func(_ *cobra.Command, args []string) error {
		kinds, ok := reach.Kinds(access)
		if !ok {
			return usagef("flowdeed cut "+args[0]+" --access read", "%q is no kind of access", access)
		}
		a, err := in.open(s, args[1:])
		if err != nil {
			return err
		}
		targets, err := a.targetsOf(args[0])
		if err != nil {
			return err
		}
		meant, err := a.meant(targets, keep)
		if err != nil {
			return err
		}
		r := a.reach().Sever(targets, kinds, func(who, store string) bool { return meant[[2]string{who, store}] })
		return o.print(s, func(w io.Writer) error {
			if o.format == "json" {
				return writeJSON(w, r)
			}
			a.cutText(w, args[0], r)
			return nil
		})
	}
	addOutput(c, &o, "text", "text", "json")
	addInput(c, &in, 1)
	c.Flags().StringVar(&access, "access", "read", "kinds of access to end, with commas")
	c.Flags().StringSliceVar(&keep, "keep", nil, "principals that are meant to have access, beside those that annotations declare")
	return c
}

// meant collects the declared pairs of principal and store: readers, the principals at
// the other end of declared flows, and those named on the command line.
func (a *analysis) meant(stores, keep []string) (map[[2]string]bool, error) {
	out := map[[2]string]bool{}
	for _, store := range stores {
		id := graph.ID(store)
		for _, who := range a.set.For(classify.Target(a.sys.Graph.Node(id))).Readers {
			for _, p := range a.principalsOf(who) {
				out[[2]string{p, store}] = true
			}
		}
		for _, who := range keep {
			list := a.principalsOf(who)
			if len(list) == 0 {
				return nil, usagef("flowdeed who-can read "+store+" lists the principals", "no principal is called %q", who)
			}
			for _, p := range list {
				out[[2]string{p, store}] = true
			}
		}
		for _, f := range slices.Concat(a.sys.Graph.In(id), a.sys.Graph.Out(id)) {
			other := f.From
			if other == id {
				other = f.To
			}
			if f.Layers&graph.Declared != 0 {
				for _, p := range a.actsAs(other) {
					out[[2]string{p, store}] = true
				}
			}
		}
	}
	return out, nil
}

func (a *analysis) cutText(w io.Writer, target string, r *reach.Severance) {
	fmt.Fprintf(w, "Cut: %s of %s\n", strings.Join(r.Access, ", "), target)
	fmt.Fprintf(w, "  %d stores, %d unintended ways of access, %d declared\n", len(r.Stores), r.Unintended, r.Declared)
	if r.Declared == 0 {
		fmt.Fprintln(w, "  Nothing is declared: everybody's access is ended. Name readers in annotations, or with --keep.")
	}
	fmt.Fprintf(w, "  %d statements to change, at least %d in any solution (gap %d)\n", len(r.Changes), r.Lower, r.Gap)
	for i, c := range r.Changes {
		name := c.Sid
		if name == "" {
			name = "no Sid"
		}
		fmt.Fprintf(w, "\n%d. %s %s%s (%s, %s)\n", i+1, c.Do, c.Policy, c.Pointer, name, c.Layer)
		for _, x := range c.TooWide {
			fmt.Fprintf(w, "     ends  %s\n", x)
		}
		for _, x := range c.Keep {
			fmt.Fprintf(w, "     keeps %s\n", x)
		}
		fmt.Fprintf(w, "     %s\n", c.Instead)
	}
	fmt.Fprintln(w, "\nNot weighed: who may change policies, keys or stores themselves, and what code does for others; who-can lists them.")
	if len(r.Left) > 0 {
		fmt.Fprintln(w, "\nLeft: no change of a statement ends these without ending something declared")
	}
	for _, p := range r.Left {
		fmt.Fprintf(w, "  %-34s %s\n", a.title(p.Principal), a.title(p.Store))
	}
}
