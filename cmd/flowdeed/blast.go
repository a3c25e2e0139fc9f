package main

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/flowdeed/flowdeed/classify"
	"github.com/flowdeed/flowdeed/graph"
	"github.com/flowdeed/flowdeed/iam"
	"github.com/flowdeed/flowdeed/reach"
	"github.com/flowdeed/flowdeed/report/diagram"
)

func newBlast(s *streams) *cobra.Command {
	var in input
	var o output
	c := &cobra.Command{
		Use:   "blast NODE",
		Short: "Say what somebody reaches who takes over a node",
		Long: `Counts the stores of personal data, categories, accounts and regions within reach of NODE: of a
principal by all its ways, of a function or other process by its role and its flows, of a key by
what it encrypts. It says what each limit keeps out.`,
		Example: "  flowdeed blast legacy-export\n  flowdeed blast legacy-export --format svg --output blast.svg\n  flowdeed blast alice --format json prod.snapshot",
	}
	c.RunE = func(_ *cobra.Command, args []string) error {
		a, err := in.open(s, args[1:])
		if err != nil {
			return err
		}
		n, err := a.findAny(args[0])
		if err != nil {
			return err
		}
		r := a.reach().Within(n, dataKinds...)
		b := a.blast(n, r)
		switch o.format {
		case "text":
			return o.print(s, func(w io.Writer) error { a.blastText(w, n, b); return nil })
		case "json":
			return o.print(s, func(w io.Writer) error { return writeJSON(w, b) })
		}
		return o.accessPicture(s, a, diagram.Question{Title: blastTitle + a.title(string(n.ID)), From: []string{string(n.ID)}, Result: reach.Result{Answers: a.hit(r), Undecided: r.Undecided}})
	}
	addOutput(c, &o, "text", answerFormats...)
	addInput(c, &in, 1)
	return c
}

const blastTitle = "Within reach of "

// hit keeps the answers about what keeps data or secrets.
func (a *analysis) hit(r reach.Result) []reach.Answer {
	return slices.DeleteFunc(slices.Clone(r.Answers), func(x reach.Answer) bool {
		store := a.sys.Graph.Node(graph.ID(x.Store))
		return store == nil || !store.Class.KeepsData() && store.Class != graph.Secret && store.Class != graph.Parameter
	})
}

// blastForm is what is within reach of a node.
type blastForm struct {
	Node       string             `json:"node"`
	Stores     []blastStore       `json:"stores"`
	Categories []string           `json:"categories"`
	Accounts   []string           `json:"accounts"`
	Regions    []string           `json:"regions"`
	KeptOut    map[iam.Layer]int  `json:"kept_out"` // stores by the layer that keeps the node out
	Undecided  []reach.FormAnswer `json:"undecided"`
}

type blastStore struct {
	Store    string       `json:"store"`
	Data     string       `json:"data"`
	Access   []iam.Access `json:"access"`
	Decision iam.Outcome  `json:"decision"`
	Via      reach.Via    `json:"via"`
}

func (a *analysis) blast(n *graph.Node, r reach.Result) blastForm {
	b := blastForm{Node: string(n.ID), Stores: []blastStore{}, KeptOut: r.KeptOut(), Undecided: a.reach().Form("", reach.Result{Undecided: r.Undecided}, false, nil).Undecided}
	categories, accounts, regions := map[string]bool{}, map[string]bool{}, map[string]bool{}
	for _, x := range a.hit(r) {
		id := graph.ID(x.Store)
		store := a.sys.Graph.Node(id)
		b.Stores = append(b.Stores, blastStore{x.Store, a.labels.Profile(id).String(), x.Access, x.Decision, x.Via})
		accounts[store.Account], regions[store.Region] = true, true
		for _, l := range a.labels.At(id).Labels {
			if l.State != classify.Weak {
				categories[l.Category] = true
			}
		}
	}
	b.Categories, b.Accounts, b.Regions = slices.Sorted(maps.Keys(categories)), slices.Sorted(maps.Keys(accounts)), slices.Sorted(maps.Keys(regions))
	return b
}

func (a *analysis) blastText(w io.Writer, n *graph.Node, b blastForm) {
	personal := 0
	seen := map[string]bool{}
	for _, x := range b.Stores {
		if !seen[x.Store] && a.labels.Profile(graph.ID(x.Store)).Personal() {
			personal++
		}
		seen[x.Store] = true
	}
	fmt.Fprintf(w, "%s%s\n  %s\n", blastTitle, a.title(string(n.ID)), n.ID)
	fmt.Fprintf(w, "\n%d stores, %d of them with personal data; accounts: %s; regions: %s\n", len(seen), personal, or(strings.Join(b.Accounts, ", "), "none"), or(strings.Join(b.Regions, ", "), "none"))
	fmt.Fprintf(w, "categories: %s\n\n", or(strings.Join(b.Categories, ", "), "none"))
	for _, x := range b.Stores {
		fmt.Fprintf(w, "  %-34s %-10s %-28s %s, %s\n", a.title(x.Store), x.Data, words(x.Access), x.Via, x.Decision)
	}
	for _, layer := range slices.Sorted(maps.Keys(b.KeptOut)) {
		fmt.Fprintf(w, "\nkept out of %d by %s", b.KeptOut[layer], layerWords(layer))
	}
	if len(b.Undecided) > 0 {
		fmt.Fprintf(w, "\nnot decided: %d", len(b.Undecided))
	}
	fmt.Fprintln(w)
}

// layerWords name a layer of policies for people.
func layerWords(l iam.Layer) string {
	words := map[iam.Layer]string{
		iam.LayerSCP: "a service control policy", iam.LayerRCP: "a resource control policy", iam.LayerBoundary: "the permissions boundary", iam.LayerKey: "the key",
		iam.LayerIdentity: "its own policies", iam.LayerResource: "the policy of the store", iam.LayerPublicBlock: "the public access block",
	}
	if w, ok := words[l]; ok {
		return w
	}
	return string(l)
}
