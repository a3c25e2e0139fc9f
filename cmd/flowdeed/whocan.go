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
	"github.com/flowdeed/flowdeed/report/diagram"
)

func newWhoCan(s *streams) *cobra.Command {
	var in input
	var o output
	var denied bool
	c := &cobra.Command{
		Use:   "who-can ACCESS TARGET",
		Short: "Say who can reach a store, and how",
		Long: `Lists who can read, write, delete, list, stream, invoke, decrypt or administer TARGET: by
their own permissions, by assuming roles, by getting rights they were not given, from the
internet, as a service. Every layer counts: identity and resource policies, boundaries,
control policies of the organisation, keys and grants, public access block.

TARGET is an ARN, a name, or all stores of personal data of one kind:
category:user.contact.email, category:special, category:personal. ACCESS may name several kinds: read,write.`,
		Example: "  flowdeed who-can read customers\n  flowdeed who-can read,write category:special --format json\n  flowdeed who-can read customers --format svg --output customers.svg\n  flowdeed who-can decrypt arn:aws:kms:eu-west-1:111122223333:key/1234 prod.snapshot",
	}
	c.RunE = func(_ *cobra.Command, args []string) error {
		kinds, ok := reach.Kinds(args[0])
		if !ok {
			return usagef("flowdeed who-can read "+args[1], "%q is no kind of access; expected read, write, delete, list, stream, invoke, decrypt, admin, or several with commas", args[0])
		}
		a, err := in.open(s, args[2:])
		if err != nil {
			return err
		}
		targets, err := a.targetsOf(args[1])
		if err != nil {
			return err
		}
		name := args[1]
		if len(targets) == 1 && !strings.HasPrefix(name, "category:") {
			name = targets[0]
		}
		q := diagram.Question{Title: "Who can " + words(kinds) + " " + a.title(name), To: targets, Result: a.whoCan(targets, kinds)}
		return a.printReach(s, &o, name, q, denied, func(w io.Writer) { a.whoCanText(w, q, denied) })
	}
	addOutput(c, &o, "text", answerFormats...)
	addInput(c, &in, 2)
	c.Flags().BoolVar(&denied, "denied", false, "list those who are kept out, with what keeps them out")
	return c
}

// whoCan asks for every target. Asked who can decrypt a store, it asks its key.
func (a *analysis) whoCan(targets []string, kinds []iam.Access) reach.Result {
	var all reach.Result
	for _, t := range targets {
		if x := a.reach().Asset(t); x != nil && x.Key != "" && slices.Equal(kinds, []iam.Access{iam.Decrypt}) {
			t = x.Key
		}
		r := a.reach().WhoCan(t, kinds...)
		all.Answers = append(all.Answers, r.Answers...)
		all.Undecided = append(all.Undecided, r.Undecided...)
		all.Denied = append(all.Denied, r.Denied...)
	}
	return all
}

func (a *analysis) whoCanText(w io.Writer, q diagram.Question, denied bool) {
	r := q.Result
	fmt.Fprintln(w, q.Title)
	for _, t := range q.To {
		n := a.sys.Graph.Node(graph.ID(t))
		fmt.Fprintf(w, "  %s, account %s, region %s, personal data: %s%s\n", t, n.Account, n.Region, a.labels.Profile(n.ID), keyWords(a.reach().Asset(t)))
	}
	for _, g := range groups {
		a.answersText(w, g.title, by(r.Answers, g.via), len(q.To) > 1)
	}
	if len(r.Answers) == 0 {
		fmt.Fprintln(w, "\nNobody who was found by this scan.")
	}
	a.network(w, q.To)
	a.undecidedText(w, r.Undecided)
	if denied {
		a.reasonsText(w, "Kept out", r.Denied)
	} else if len(r.Denied) > 0 {
		fmt.Fprintf(w, "\n%d principals that some policy speaks of are kept out; --denied lists them.\n", count(r.Denied))
	}
}

// network says who can connect to stores that are reached by socket.
func (a *analysis) network(w io.Writer, targets []string) {
	for _, t := range targets {
		list := a.reach().Network(t)
		if len(list) > 0 {
			fmt.Fprintf(w, "\nNetwork of %s (a connection is no permission: credentials of the store are asked for on top)\n", a.title(t))
		}
		for _, c := range list {
			fmt.Fprintf(w, "  %-34s %s\n", a.title(c.From), c.How)
		}
	}
}

func keyWords(x *iam.Asset) string {
	switch {
	case x == nil:
		return ""
	case x.Key != "":
		return ", key " + x.Key
	case x.AWSManagedKey:
		return ", an AWS-managed key"
	}
	return ""
}

// answersText prints answers; those that differ in the store alone share an entry.
func (a *analysis) answersText(w io.Writer, title string, list []reach.Answer, stores bool) {
	if len(list) == 0 {
		return
	}
	fmt.Fprintf(w, "\n%s (%d)\n", title, count(list))
	for _, alike := range a.alike(list) {
		x := alike[0]
		var names []string
		var proof []reach.Statement
		for _, o := range alike {
			names = append(names, a.short(o.Store))
			proof = append(proof, a.reach().Proof(o)...)
		}
		target := ""
		if stores {
			target = "  " + strings.Join(names, ", ")
		}
		fmt.Fprintf(w, "  %-34s %s%s\n", a.title(x.Principal), words(x.Access), target)
		conditionsText(w, "      ", x.If)
		a.hopsText(w, x, strings.Join(names, ", "))
		if len(proof) > 0 {
			fmt.Fprintf(w, "      by %s\n", proofText(proof))
		}
	}
}

// alike puts answers together that say the same of different stores, in the order of
// the first of them.
func (a *analysis) alike(list []reach.Answer) [][]*reach.Answer {
	var out [][]*reach.Answer
	at := map[string]int{}
	for i := range list {
		x := &list[i]
		key := fmt.Sprint(x.Principal, words(x.Access), x.If)
		for n, s := range x.Steps {
			key += "\n" + s.How
			if n < len(x.Steps)-1 {
				key += " " + s.To
			}
		}
		if _, ok := at[key]; !ok {
			at[key] = len(out)
			out = append(out, nil)
		}
		out[at[key]] = append(out[at[key]], x)
	}
	return out
}

// proofText names the statements that decide, each once, the first few of them.
func proofText(list []reach.Statement) string {
	var parts []string
	for _, x := range list {
		if s := fmt.Sprintf("%s %s%s", x.Layer, x.Policy, x.Pointer); !slices.Contains(parts, s) {
			parts = append(parts, s)
		}
	}
	if n := len(parts) - 3; n > 0 {
		parts = append(parts[:3], fmt.Sprintf("%d more", n))
	}
	return strings.Join(parts, "; ")
}
