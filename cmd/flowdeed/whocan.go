package main

import (
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/flowdeed/flowdeed/aws"
	"github.com/flowdeed/flowdeed/classify"
	"github.com/flowdeed/flowdeed/graph"
	"github.com/flowdeed/flowdeed/iam"
	"github.com/flowdeed/flowdeed/reach"
)

func newWhoCan(s *streams) *cobra.Command {
	var in input
	var o output
	var denied bool
	c := &cobra.Command{
		Use:   "who-can",
		Short: "Say who can reach a store, and how",
		Long: `Lists who can read, write, delete, list, stream, invoke, decrypt or administer TARGET: by
their own permissions, by assuming roles, by getting rights they were not given, from the
internet, as a service. Every layer counts: identity and resource policies, boundaries,
control policies of the organisation, keys and grants, public access block.

TARGET is an ARN, a name, or all stores of personal data of one kind:
category:user.contact.email, category:special, category:personal. ACCESS may name several kinds: read,write.`,
		Example: "  flowdeed who-can read customers\n  flowdeed who-can read,write category:special --format json\n  flowdeed who-can decrypt arn:aws:kms:eu-west-1:111122223333:key/1234 prod.snapshot",
	}
	c.RunE = func(_ *cobra.Command, args []string) error {
		kinds, ok := reach.Kinds(args[0])
		if !ok {
			return usagef("flowdeed who-can read "+args[1], "%q is no kind of access; expected read, write, delete, list, stream, invoke, decrypt, admin, or several with commas", args[0])
		}
		in.take(args[2:])
		a, err := in.load(s)
		if err != nil {
			return err
		}
		targets, err := a.targetsOf(args[1])
		if err != nil {
			return err
		}
		r, name := a.whoCan(targets, kinds), args[1]
		if len(targets) == 1 && !strings.HasPrefix(name, "category:") {
			name = targets[0]
		}
		return a.printReach(s, &o, name, r, denied, func(w io.Writer) {
			a.whoCanText(w, "Who can "+strings.Join(words(kinds), ", ")+" "+a.title(name), targets, r, denied)
		})
	}
	addOutput(c, &o, "text", "text", "json", "mermaid")
	addInput(c, &in)
	c.Flags().BoolVar(&denied, "denied", false, "list those who are kept out, with what keeps them out")
	c.Use = "who-can ACCESS TARGET [SNAPSHOT]"
	c.Args = cobra.RangeArgs(2, 3)
	return c
}

// reach prepares questions about permissions, once.
func (a *analysis) reach() *reach.Finder {
	if a.finder == nil {
		a.finder = reach.New(a.sys.World, a.sys.Graph)
	}
	return a.finder
}

// targetsOf resolves what a person typed to one node, or a category to all that hold it.
func (a *analysis) targetsOf(what string) ([]string, error) {
	key, ok := strings.CutPrefix(what, "category:")
	if !ok {
		n, err := a.find(what)
		if err != nil {
			return nil, err
		}
		return []string{string(n.ID)}, nil
	}
	if key != "special" && key != "personal" {
		if _, known := a.set.Taxonomy().Category(key); !known {
			return nil, usagef("flowdeed who-can read category:special, or a key of the taxonomy such as category:user.contact.email", "there is no data category %q", key)
		}
	}
	var out []string
	for _, n := range a.sys.Graph.Nodes() {
		if !n.External && (n.Class.KeepsData() || n.Class == graph.Secret || n.Class == graph.Parameter) && a.holds(n.ID, key) {
			out = append(out, string(n.ID))
		}
	}
	if len(out) == 0 {
		return nil, usagef("flowdeed map shows which categories are where", "no store is known to hold %q", key)
	}
	return out, nil
}

// holds tells whether a category, or one under it, is at a node.
func (a *analysis) holds(id graph.ID, key string) bool {
	switch key {
	case "personal":
		return a.labels.Profile(id).Personal()
	case "special":
		return a.labels.Profile(id).Special()
	}
	return slices.ContainsFunc(a.labels.At(id).Labels, func(l classify.Label) bool {
		return l.State != classify.Weak && (l.Category == key || strings.HasPrefix(l.Category, key+"."))
	})
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

// printReach prints a result in the format that was asked for.
func (a *analysis) printReach(s *streams, o *output, target string, r reach.Result, denied bool, text func(io.Writer)) error {
	return o.print(s, func(w io.Writer) error {
		switch o.format {
		case "json":
			e := json.NewEncoder(w)
			e.SetEscapeHTML(false)
			e.SetIndent("", "  ")
			return e.Encode(a.reach().Form(target, r, denied, reach.Certify(a.reach(), aws.Inventory(a.snap, a.sys))))
		case "mermaid":
			a.mermaidPaths(w, r.Answers)
			return nil
		}
		text(w)
		return nil
	})
}

// groups are the headings of answers, in the order a reader needs them.
var groups = []struct {
	via   reach.Via
	title string
}{
	{reach.Public, "From the internet"}, {reach.Direct, "By their own permissions"}, {reach.ViaRole, "By assuming roles"},
	{reach.Escalation, "By getting rights they were not given"}, {reach.ViaService, "As a service that may act for anybody"},
}

func (a *analysis) whoCanText(w io.Writer, title string, targets []string, r reach.Result, denied bool) {
	fmt.Fprintln(w, title)
	for _, t := range targets {
		n := a.sys.Graph.Node(graph.ID(t))
		fmt.Fprintf(w, "  %s, account %s, region %s, personal data: %s%s\n", t, n.Account, n.Region, a.labels.Profile(n.ID), keyWords(a.reach().Asset(t)))
	}
	for _, g := range groups {
		list := slices.DeleteFunc(slices.Clone(r.Answers), func(x reach.Answer) bool { return x.Via != g.via })
		a.answersText(w, g.title, list, len(targets) > 1)
	}
	if len(r.Answers) == 0 {
		fmt.Fprintln(w, "\nNobody who was found by this scan.")
	}
	a.network(w, targets)
	a.reasonsText(w, "Not decided: an input is missing", r.Undecided)
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

func count(list []reach.Answer) int {
	seen := map[string]bool{}
	for _, x := range list {
		seen[x.Principal] = true
	}
	return len(seen)
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

func (a *analysis) answersText(w io.Writer, title string, list []reach.Answer, stores bool) {
	if len(list) == 0 {
		return
	}
	fmt.Fprintf(w, "\n%s (%d)\n", title, count(list))
	for i := range list {
		x := &list[i]
		target := ""
		if stores {
			target = "  " + a.short(x.Store)
		}
		fmt.Fprintf(w, "  %-34s %s%s\n", a.title(x.Principal), strings.Join(words(x.Access), ", "), target)
		for j, c := range x.If {
			fmt.Fprintf(w, "      %s %s\n", [...]string{"if", "or if"}[min(j, 1)], c)
		}
		if len(x.Steps) > 1 {
			fmt.Fprintf(w, "      %s\n", a.pathText(x))
		}
		if p := a.reach().Proof(x); len(p) > 0 {
			fmt.Fprintf(w, "      by %s\n", proofText(p))
		}
	}
}

// proofText names the statements that decide, the first few of them.
func proofText(list []reach.Statement) string {
	var parts []string
	for _, x := range list[:min(len(list), 3)] {
		parts = append(parts, fmt.Sprintf("%s %s%s", x.Layer, x.Policy, x.Pointer))
	}
	if n := len(list) - len(parts); n > 0 {
		parts = append(parts, fmt.Sprintf("%d more", n))
	}
	return strings.Join(parts, "; ")
}

// pathText writes the hops of an answer with what makes each possible.
func (a *analysis) pathText(x *reach.Answer) string {
	var b strings.Builder
	b.WriteString(a.title(x.Principal))
	for _, s := range x.Steps {
		fmt.Fprintf(&b, " -[%s]-> %s", s.How, a.title(s.To))
	}
	return b.String()
}

func (a *analysis) reasonsText(w io.Writer, title string, list []reach.Answer) {
	if len(list) == 0 {
		return
	}
	fmt.Fprintf(w, "\n%s (%d)\n", title, count(list))
	for i := range list {
		x := &list[i]
		fmt.Fprintf(w, "  %-34s %s  %s: %s\n", a.title(x.Principal), strings.Join(words(x.Access), ", "), a.short(x.Store), x.Why)
	}
}

func words(kinds []iam.Access) []string {
	out := make([]string, 0, len(kinds))
	for _, k := range kinds {
		out = append(out, string(k))
	}
	return out
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

// mermaidPaths draws the paths of all answers as one picture.
func (a *analysis) mermaidPaths(w io.Writer, list []reach.Answer) {
	fmt.Fprintln(w, "flowchart LR")
	ids := map[string]string{}
	node := func(id string) string {
		if ids[id] == "" {
			ids[id] = fmt.Sprintf("n%d", len(ids)+1)
			fmt.Fprintf(w, "  %s[\"%s\"]\n", ids[id], strings.ReplaceAll(a.title(id), `"`, "#quot;"))
		}
		return ids[id]
	}
	drawn := map[string]bool{}
	for i := range list {
		x := &list[i]
		from := x.Principal
		for _, s := range x.Steps {
			arrow := "-->"
			if len(s.If) > 0 {
				arrow = "-.->"
			}
			line := fmt.Sprintf("  %s %s|\"%s\"| %s", node(from), arrow, strings.ReplaceAll(s.How, `"`, "#quot;"), node(s.To))
			if !drawn[line] {
				drawn[line] = true
				fmt.Fprintln(w, line)
			}
			from = s.To
		}
	}
}
