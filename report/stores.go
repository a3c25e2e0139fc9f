package report

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/flowdeed/flowdeed/classify"
	"github.com/flowdeed/flowdeed/graph"
	"github.com/flowdeed/flowdeed/report/doc"
)

// stores is the table of everything that keeps data.
func (b *builder) stores() {
	b.appendix("stores", "Where data is kept")
	keep := b.keepers()
	if len(keep) == 0 {
		b.para("No store, queue, topic, stream or bus was found. " + b.whyEmpty())
		return
	}
	b.para("Stores, and the channels that hold data until it is consumed. Those with the most protected data come first.")
	slices.SortStableFunc(keep, func(x, y *graph.Node) int {
		return int(b.in.Labels.Profile(y.ID)) - int(b.in.Labels.Profile(x.ID))
	})
	t := &doc.Table{ID: "stores-list", Columns: []doc.Column{
		{Key: "store", Title: "Store or channel", Share: 27},
		{Key: "data", Title: "Personal data", Share: 31},
		{Key: "at_rest", Title: "At rest and key", Share: 14},
		{Key: "retention", Title: "Kept for", Share: 13},
		{Key: "outside", Title: "Access from outside", Share: 15},
	}}
	for _, n := range keep {
		t.Rows = append(t.Rows, doc.Row{Cells: []doc.Text{
			doc.Lines(b.nodeCell(n), doc.Q(placeLine(n)), b.owner(n.ID)), b.dataCell(n.ID), atRestCell(n), b.keptFor(n), outsideCell(n)}})
	}
	b.add(t)
}

func placeLine(n *graph.Node) string {
	var parts []string
	for _, s := range []string{n.Account, n.Region} {
		if s != "" {
			parts = append(parts, s)
		}
	}
	return strings.Join(parts, ", ")
}

// dataCell says what is known about the data of a node.
func (b *builder) dataCell(id graph.ID) doc.Text {
	h := b.in.Labels.At(id)
	state := h.State
	if state == "" {
		state = classify.Unknown
	}
	parts := []doc.Text{doc.B(stateWord(state))}
	if p := b.in.Labels.Profile(id); p.Personal() && p != classify.ProfilePersonal {
		parts = append(parts, doc.B(profileWords[p]))
	}
	if h.Why != "" {
		parts = append(parts, doc.Q(h.Why))
	}
	for _, s := range b.categories(h.Labels) {
		line := doc.T(strings.Join(s.names, ", "))
		if s.sure != stateWord(state) {
			line = doc.Join(doc.B(capital(s.sure)+": "), line)
		}
		parts = append(parts, line)
	}
	return doc.Lines(parts...)
}

// sureness is the categories that are equally sure.
type sureness struct {
	sure  string
	names []string
}

// categories lists each category once, under the surest of the ways it is known. The
// order is that of the states, then that of the labels.
func (b *builder) categories(labels []classify.Label) []sureness {
	var out []sureness
	seen := map[string]bool{}
	for _, w := range stateWords {
		for _, free := range []bool{false, true} {
			s := sureness{sure: w.word}
			if free {
				s.sure += ", possibly in free text"
			}
			for _, l := range labels {
				name := b.category(l.Category)
				if cmp.Or(l.State, classify.Declared) == w.state && l.MayContain == free && !seen[name] {
					seen[name] = true
					s.names = append(s.names, name)
				}
			}
			if len(s.names) > 0 {
				out = append(out, s)
			}
		}
	}
	return out
}

func notKnown(why string) doc.Text {
	return doc.Lines(doc.T("not known"), doc.Q(orText(why, "nothing was read about it")))
}

// atRestCell says whether a node is encrypted, and who holds the key.
func atRestCell(n *graph.Node) doc.Text {
	rest := graph.AtRest.Get(&n.Facts)
	if !rest.Known {
		return notKnown(rest.Why)
	}
	if rest.V == graph.NotEncrypted {
		return doc.B("NOT ENCRYPTED")
	}
	parts := []doc.Text{doc.T("encrypted")}
	if how := graph.AtRestHow.Get(&n.Facts); how.Known && how.V != "" {
		parts[0] = doc.T("encrypted, " + how.V)
	}
	key := graph.KeyOwner.Get(&n.Facts)
	if !key.Known {
		return doc.Lines(append(parts, doc.T("key: not known"), doc.Q(key.Why))...)
	}
	return doc.Lines(append(parts, doc.T(orText(keyWords[key.V], string(key.V))))...)
}

// keptFor compares how long data stays with how long it was declared to.
func (b *builder) keptFor(n *graph.Node) doc.Text {
	declared := b.in.Labels.At(n.ID).Retention
	real := graph.RetentionDays.Get(&n.Facts)
	var parts []doc.Text
	switch {
	case !real.Known:
		parts = append(parts, doc.T("not known"), doc.Q(real.Why))
	case real.V == 0:
		parts = append(parts, doc.T("no end"))
	default:
		parts = append(parts, doc.T(count(real.V, "day", "days")))
	}
	if ttl := graph.TTLOn.Get(&n.Facts); graph.Is(ttl, true) {
		parts = append(parts, doc.T("rows expire"))
	}
	if declared > 0 {
		parts = append(parts, doc.T("declared: "+count(declared, "day", "days")))
		if real.Known && (real.V == 0 || real.V > declared) {
			parts = append(parts, doc.B("longer than declared"))
		}
	} else {
		parts = append(parts, doc.Q("none declared"))
	}
	return doc.Lines(parts...)
}

// openings are the facts that let somebody in from outside, with the words for it.
var openings = []struct {
	key  graph.Key[[]string]
	word string
}{
	{graph.PublicStatements, "anybody, by policy"},
	{graph.PublicACL, "anybody, by access list"},
	{graph.PublicAccessPoints, "anybody, by access point"},
	{graph.OpenIngress, "whole internet, by security group"},
	{graph.SharedWith, "shared with"},
	{graph.ForeignPrincipals, "other accounts"},
	{graph.UnboundServices, "services without a bound source"},
}

var doors = []struct {
	key  graph.Key[bool]
	word string
}{
	{graph.InternetFacing, "address on the internet"},
	{graph.Website, "website"},
	{graph.GuestsAllowed, "guests without sign-in"},
}

// outsideCell says who may come in from outside.
func outsideCell(n *graph.Node) doc.Text {
	var open, unknown []doc.Text
	asked := false
	note := func(x graph.Fact) {
		_, set := n.Facts.Lookup(x.Name)
		asked = asked || set
		if set && !x.Known {
			unknown = append(unknown, doc.Q(factName(x.Name)+" not known: "+x.Why))
		}
	}
	for _, o := range openings {
		a := o.key.Get(&n.Facts)
		note(a.Fact)
		if len(a.V) > 0 {
			open = append(open, doc.Lines(doc.B(o.word), doc.C(strings.Join(a.V, ", "))))
		}
	}
	for _, d := range doors {
		a := d.key.Get(&n.Facts)
		note(a.Fact)
		if a.V {
			open = append(open, doc.B(d.word))
		}
	}
	if a := graph.PublicBlocked.Get(&n.Facts); graph.Is(a, true) && len(open) > 0 {
		open = append(open, doc.T("public access is blocked whatever these say"))
	}
	switch {
	case len(open) > 0 || len(unknown) > 0:
		return doc.Lines(append(open, unknown...)...)
	case !asked:
		return notKnown("")
	}
	return doc.T("none seen")
}

// flows is the table of everything that moves data.
func (b *builder) flows() {
	b.appendix("flows", "Flows")
	t := &doc.Table{ID: "flows-list", Columns: []doc.Column{
		{Key: "flow", Title: "From → to", Share: 28},
		{Key: "kind", Title: "What it does", Share: 16},
		{Key: "transit", Title: "In transit", Share: 13},
		{Key: "data", Title: "Carries", Share: 13},
		{Key: "evidence", Title: "Layers, confidence and evidence", Share: 30},
	}}
	for _, f := range b.in.Graph.Flows() {
		if f.Kind.Carries() {
			t.Rows = append(t.Rows, b.flowRow(f))
		}
	}
	if len(t.Rows) == 0 {
		b.para("No flow that moves data was found. " + b.emptyGraph())
		return
	}
	b.para("A flow exists in up to three layers: declared by people, possible by configuration and permissions, observed by telemetry. " +
		"Confidence says how sure it is that the flow exists; 98 % and more stands for a fact of the configuration.")
	b.add(t)
}

func (b *builder) flowRow(f *graph.Flow) doc.Row {
	transit := graph.InTransit.Get(&f.Facts)
	verdict := doc.T(orText(transitWords[transit.V], string(transit.V)))
	switch {
	case !transit.Known:
		verdict = notKnown(transit.Why)
	case transit.V == graph.TransitPlain:
		verdict = doc.B(transitWords[transit.V])
	}
	evidence := []doc.Text{doc.T(fmt.Sprintf("%s, %d %%", orText(strings.Join(f.Layers.Names(), ", "), "no layer"), int(f.Confidence()*100+0.5)))}
	for _, e := range f.Evidence {
		evidence = append(evidence, doc.Join(doc.C(string(e.Source)), doc.Q(" "+e.Detail)))
	}
	kind := doc.Lines(doc.T(strings.ReplaceAll(string(f.Kind), "-", " ")), doc.Q(f.Via))
	if f.Via == "" {
		kind = kind[:1]
	}
	return doc.Row{Cells: []doc.Text{
		doc.Lines(b.nodeShort(f.From), doc.Join(doc.T("→ "), b.nodeShort(f.To))),
		kind, verdict, doc.T(profileWords[b.in.Labels.FlowProfile(f)]), doc.Lines(evidence...)}}
}

// labels is the table of every label with the way it came by.
func (b *builder) labels() {
	b.appendix("labels", "Data labels, and how each came by")
	t := &doc.Table{ID: "labels-list", Columns: []doc.Column{
		{Key: "node", Title: "Where", Share: 18},
		{Key: "category", Title: "Categories", Share: 30},
		{Key: "state", Title: "State", Share: 11},
		{Key: "origin", Title: "Stated at", Share: 19},
		{Key: "path", Title: "Came by", Share: 22},
	}}
	for _, n := range b.in.Graph.Nodes() {
		for _, together := range arrivals(b.in.Labels.At(n.ID).Labels) {
			t.Rows = append(t.Rows, b.labelRow(n, together))
		}
	}
	if len(t.Rows) == 0 {
		b.para("There is no label: nobody has said which data is where, and no evidence was strong enough to say so. " +
			"Name the data of one store in the annotations, and the labels follow the flows from there.")
		return
	}
	b.para("A label is a category of data at a node. It stands where a person named it, and is carried along the flows from there. Labels that came the same way share a line.")
	b.add(t)
}

// arrivals puts together the labels of a node that came the same way, in the same
// state and of the same people: they are one line for a reader.
func arrivals(labels []classify.Label) [][]classify.Label {
	var out [][]classify.Label
	at := map[string]int{}
	for _, l := range labels {
		k := fmt.Sprint(l.State, l.MayContain, l.Subjects, l.Path)
		if i, ok := at[k]; ok {
			out[i] = append(out[i], l)
			continue
		}
		at[k] = len(out)
		out = append(out, []classify.Label{l})
	}
	return out
}

func (b *builder) labelRow(n *graph.Node, together []classify.Label) doc.Row {
	first := together[0]
	state := []doc.Text{doc.T(stateWord(first.State))}
	if first.MayContain {
		state = append(state, doc.Q("possible in free text"))
	}
	var categories, origins []doc.Text
	seen := map[string]bool{}
	for _, l := range together {
		line := doc.C(l.Category)
		if name := b.category(l.Category); name != l.Category {
			line = doc.Join(doc.T(name+" "), line)
		}
		categories = append(categories, line)
		if !seen[l.Origin] {
			origins = append(origins, doc.C(l.Origin))
		}
		seen[l.Origin] = true
	}
	if len(first.Subjects) > 0 {
		categories = append(categories, doc.Q("of "+strings.Join(first.Subjects, ", ")))
	}
	path := doc.T("stated here")
	if len(first.Path) > 1 {
		path = b.pathText(first.Path)
	}
	return doc.Row{Cells: []doc.Text{b.nodeShort(n.ID), doc.Lines(categories...), doc.Lines(state...), doc.Lines(origins...), path}}
}
