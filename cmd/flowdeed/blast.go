package main

import (
	"encoding/json"
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
)

func newBlast(s *streams) *cobra.Command {
	var in input
	var o output
	c := &cobra.Command{
		Use:   "blast",
		Short: "Say what somebody reaches who takes over a node",
		Long: `Counts the stores of personal data, categories, accounts and regions within reach of NODE: of a
principal by all its ways, of a function or other process by its role and its flows, of a key by
what it encrypts. It says what each limit keeps out.`,
		Example: "  flowdeed blast legacy-export\n  flowdeed blast alice --format json prod.snapshot",
	}
	c.RunE = func(_ *cobra.Command, args []string) error {
		in.take(args[1:])
		a, err := in.load(s)
		if err != nil {
			return err
		}
		n, err := a.find(args[0])
		if err != nil {
			who, e := a.principal(args[0])
			if e != nil {
				return err
			}
			n = a.sys.Graph.Node(graph.ID(who))
		}
		b := a.blast(n)
		return o.print(s, func(w io.Writer) error {
			if o.format == "json" {
				e := json.NewEncoder(w)
				e.SetEscapeHTML(false)
				e.SetIndent("", "  ")
				return e.Encode(b)
			}
			a.blastText(w, n, b)
			return nil
		})
	}
	addOutput(c, &o, "text", "text", "json")
	addInput(c, &in)
	c.Use = "blast NODE [SNAPSHOT]"
	c.Args = cobra.RangeArgs(1, 2)
	return c
}

// blastForm is what is within reach of a node.
type blastForm struct {
	Node       string             `json:"node"`
	Stores     []blastStore       `json:"stores"`
	Categories []string           `json:"categories"`
	Accounts   []string           `json:"accounts"`
	Regions    []string           `json:"regions"`
	KeptOut    map[string]int     `json:"kept_out"` // stores by the layer that keeps the node out
	Undecided  []reach.FormAnswer `json:"undecided"`
}

type blastStore struct {
	Store    string       `json:"store"`
	Data     string       `json:"data"`
	Access   []iam.Access `json:"access"`
	Decision iam.Outcome  `json:"decision"`
	Via      reach.Via    `json:"via"`
}

func (a *analysis) blast(n *graph.Node) blastForm {
	r := a.within(n)
	b := blastForm{Node: string(n.ID), Stores: []blastStore{}, KeptOut: map[string]int{}, Undecided: a.reach().Form("", reach.Result{Undecided: r.Undecided}, false, nil).Undecided}
	categories, accounts, regions := map[string]bool{}, map[string]bool{}, map[string]bool{}
	for _, x := range r.Answers {
		id := graph.ID(x.Store)
		store := a.sys.Graph.Node(id)
		if store == nil || !store.Class.KeepsData() && store.Class != graph.Secret && store.Class != graph.Parameter {
			continue
		}
		b.Stores = append(b.Stores, blastStore{x.Store, a.labels.Profile(id).String(), x.Access, x.Decision, x.Via})
		accounts[store.Account], regions[store.Region] = true, true
		for _, l := range a.labels.At(id).Labels {
			if l.State != classify.Weak {
				categories[l.Category] = true
			}
		}
	}
	b.Categories, b.Accounts, b.Regions = slices.Sorted(maps.Keys(categories)), slices.Sorted(maps.Keys(accounts)), slices.Sorted(maps.Keys(regions))
	for layer, stores := range keptOut(r) {
		b.KeptOut[layer] = len(stores)
	}
	return b
}

// keptOut are the stores that nothing opens, by the layer that keeps the node out.
func keptOut(r reach.Result) map[string]map[string]bool {
	open := map[string]bool{}
	for _, x := range r.Answers {
		open[x.Store] = true
	}
	out := map[string]map[string]bool{}
	for _, x := range r.Denied {
		if open[x.Store] {
			continue
		}
		if out[string(x.BlockedBy)] == nil {
			out[string(x.BlockedBy)] = map[string]bool{}
		}
		out[string(x.BlockedBy)][x.Store] = true
	}
	return out
}

// within is what is in reach of a node: of a principal, of what runs under roles, of a key.
func (a *analysis) within(n *graph.Node) reach.Result {
	if a.reach().Holder(string(n.ID)) != nil {
		return a.reach().ReachOf(string(n.ID), dataKinds...)
	}
	var r reach.Result
	if role := a.roleOf(n); role != "" {
		r = a.behind(n, a.reach().ReachOf(role, dataKinds...))
	}
	for _, f := range a.sys.Graph.Out(n.ID) {
		to := a.sys.Graph.Node(f.To)
		if to == nil || !to.Class.KeepsData() || a.reach().Asset(string(to.ID)) != nil && len(r.Answers) > 0 {
			continue
		}
		if forward, backward := f.Kind.DataMoves(); backward || forward {
			kinds := []iam.Access{iam.Write}
			if backward {
				kinds = []iam.Access{iam.Read}
			}
			r.Answers = append(r.Answers, flowAnswer(n, to, kinds, string(f.Kind)))
		}
	}
	if n.Class == graph.EncryptionKey {
		for _, f := range a.sys.Graph.In(n.ID) {
			if to := a.sys.Graph.Node(f.From); f.Kind == graph.EncryptsWith && to != nil {
				r.Answers = append(r.Answers, flowAnswer(n, to, []iam.Access{iam.Decrypt}, "encrypts"))
			}
		}
	}
	return r
}

func flowAnswer(n, to *graph.Node, kinds []iam.Access, how string) reach.Answer {
	return reach.Answer{
		Principal: string(n.ID), Store: string(to.ID), Access: kinds, Decision: iam.Allowed, Via: reach.Direct, Steps: []reach.Step{{To: string(to.ID), How: how}},
	}
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
	fmt.Fprintf(w, "Within reach of %s\n  %s\n", a.title(string(n.ID)), n.ID)
	fmt.Fprintf(w, "\n%d stores, %d of them with personal data; accounts: %s; regions: %s\n", len(seen), personal, orNone(b.Accounts), orNone(b.Regions))
	fmt.Fprintf(w, "categories: %s\n\n", orNone(b.Categories))
	for _, x := range b.Stores {
		fmt.Fprintf(w, "  %-34s %-10s %-28s %s, %s\n", a.title(x.Store), x.Data, strings.Join(words(x.Access), ", "), x.Via, x.Decision)
	}
	for _, layer := range slices.Sorted(maps.Keys(b.KeptOut)) {
		fmt.Fprintf(w, "\nkept out of %d by %s", b.KeptOut[layer], layerWords(iam.Layer(layer)))
	}
	if len(b.Undecided) > 0 {
		fmt.Fprintf(w, "\nnot decided: %d", len(b.Undecided))
	}
	fmt.Fprintln(w)
}

func orNone(list []string) string {
	if len(list) == 0 {
		return "none"
	}
	return strings.Join(list, ", ")
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
