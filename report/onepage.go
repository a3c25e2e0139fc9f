package report

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/flowdeed/flowdeed/check"
	"github.com/flowdeed/flowdeed/classify"
	"github.com/flowdeed/flowdeed/graph"
	"github.com/flowdeed/flowdeed/report/doc"
)

// topFindings is how many findings stand on the first page.
const topFindings = 3

// onePage is the first depth: what can be read in two minutes.
func (b *builder) onePage() {
	b.heading1("summary", "In one page")
	b.notKnown()
	b.scanned()
	b.results()
	b.dataStores()
	b.worst()
}

// notKnown says first what the report cannot say.
func (b *builder) notKnown() {
	body := []doc.Text{b.callsAnswered(), b.answersUnknown(), b.storesUnknown()}
	body = slices.DeleteFunc(body, func(t doc.Text) bool { return len(t) == 0 })
	b.add(&doc.Callout{Kind: doc.Gap, Title: "read this before the results", Body: append(body,
		doc.T("No program code and no stored record was read. The report states facts, gaps and unknowns; it gives no legal assessment."))})
}

func (b *builder) callsAnswered() doc.Text {
	asked := 0
	for _, o := range b.in.Completeness.Operations {
		asked += o.Asked
	}
	lost := len(b.in.Completeness.Refused)
	switch {
	case asked == 0 && len(b.in.Scan.Templates) > 0:
		return doc.T("The map was read from templates. What is really running was not asked.")
	case asked == 0 && lost == 0:
		return doc.T("The snapshot holds no calls: nothing was asked, so nothing is known.")
	case lost == 0 && asked == 1:
		return doc.T("One call was made, and it was answered.")
	case lost == 0:
		return doc.T(fmt.Sprintf("All %s calls that were made were answered.", number(asked)))
	}
	return doc.Join(
		doc.T(fmt.Sprintf("%s of %s calls were not answered, in %s. What they would have shown is not known. The permissions they need: ",
			number(lost), number(max(asked, lost)), b.lostServices())),
		doc.To("calls without an answer", "refused"), doc.T("."))
}

// lostServices names the services with unanswered calls, most first.
func (b *builder) lostServices() string {
	n := map[string]int{}
	for _, r := range b.in.Completeness.Refused {
		s, _, _ := strings.Cut(r.Operation, ":")
		n[s]++
	}
	names := sortedByCount(n)
	var out []string
	for _, s := range names[:min(len(names), 6)] {
		out = append(out, fmt.Sprintf("%s (%s)", s, number(n[s])))
	}
	if more := len(names) - len(out); more > 0 {
		out = append(out, count(more, "more service", "more services"))
	}
	return strings.Join(out, ", ")
}

func sortedByCount(n map[string]int) []string {
	var names []string
	for s := range n {
		names = append(names, s)
	}
	slices.SortFunc(names, func(x, y string) int { return cmp.Or(cmp.Compare(n[y], n[x]), cmp.Compare(x, y)) })
	return names
}

func (b *builder) answersUnknown() doc.Text {
	n := b.counts()
	total := len(b.answers)
	if total == 0 {
		return doc.T("No control was asked, because nothing was found that a control could be asked about.")
	}
	if n[check.Unknown] == 0 {
		return doc.T(fmt.Sprintf("All %s answers of controls rest on facts that were read.", number(total)))
	}
	return doc.Join(
		doc.T(fmt.Sprintf("%s of %s answers of controls (%s) are ", number(n[check.Unknown]), number(total), share(n[check.Unknown], total))),
		doc.S("unknown"), doc.T(". An unknown answer is a gap, not a pass: "), doc.To("what is not known", "unknown"), doc.T("."))
}

func (b *builder) storesUnknown() doc.Text {
	keep := b.keepers()
	n := 0
	for _, k := range keep {
		switch b.in.Labels.At(k.ID).State {
		case classify.Unknown, classify.Unreadable, classify.Weak, classify.Stale, "":
			n++
		}
	}
	if len(keep) == 0 {
		return nil
	}
	if n == 0 {
		return doc.T(fmt.Sprintf("For all %s there is a statement or evidence about personal data.", count(len(keep), "store and channel", "stores and channels")))
	}
	return doc.T(fmt.Sprintf("For %s of %s nobody has said, and no reliable evidence shows, whether personal data is in them.",
		number(n), count(len(keep), "store or channel", "stores and channels")))
}

// scanned says what was looked at.
func (b *builder) scanned() {
	s := b.in.Scan
	carrying := 0
	for _, f := range b.in.Graph.Flows() {
		if f.Kind.Carries() {
			carrying++
		}
	}
	items := []doc.Term{
		{Name: "Accounts", Text: accountList(s.Accounts)},
		{Name: "Regions", Text: doc.T(listOr(s.Regions, "none named"))},
	}
	if len(s.Templates) > 0 {
		items = append(items, doc.Term{Name: "Templates", Text: doc.T(listOr(s.Templates, ""))})
	}
	items = append(items, doc.Term{Name: "Found", Text: doc.T(fmt.Sprintf("%s and %s that move data",
		count(len(b.in.Graph.Nodes()), "resource or outside party", "resources and outside parties"), count(carrying, "flow", "flows")))})
	if len(b.in.Graph.Nodes()) > 0 {
		items = append(items, doc.Term{Name: "Art. 9 and 10 data", Text: b.specialPlaces()})
	}
	if len(b.in.Parties) > 0 {
		items = append(items, doc.Term{Name: "Declared parties", Text: doc.T(b.partyList())})
	}
	b.add(&doc.Definition{Compact: true, Items: items})
}

// specialPlaces names the places with data of Art. 9 or 10 GDPR.
func (b *builder) specialPlaces() doc.Text {
	var names []string
	for _, k := range b.keepers() {
		if b.in.Labels.Profile(k.ID).Special() {
			names = append(names, middle(nodeName(k), 40))
		}
	}
	if len(names) == 0 {
		return doc.T("no label names any; places about which nothing is known may hold some")
	}
	return doc.Join(doc.T(fmt.Sprintf("in %s: %s. ", count(len(names), "place", "places"), firstOf(names, 4))), doc.To("All places", "stores"))
}

func (b *builder) partyList() string {
	var names []string
	for _, p := range b.in.Parties {
		names = append(names, middle(p.Name, 40)+" ("+orText(p.Country, "country not declared")+")")
	}
	return firstOf(names, 4)
}

// firstOf joins the first few strings and says how many more there are.
func firstOf(list []string, most int) string {
	s := strings.Join(list[:min(len(list), most)], ", ")
	if more := len(list) - most; more > 0 {
		s += fmt.Sprintf(" and %s more", number(more))
	}
	return s
}

// accountList names at most six accounts; the method chapter lists all.
func accountList(list []Account) doc.Text {
	if len(list) == 0 {
		return doc.T("none named")
	}
	const most = 6
	var out doc.Text
	for i, a := range list[:min(len(list), most)] {
		if i > 0 {
			out = append(out, doc.T(", ")...)
		}
		out = append(out, doc.C(a.ID)...)
		if a.Alias != "" {
			out = append(out, doc.T(" "+a.Alias)...)
		}
	}
	if more := len(list) - most; more > 0 {
		out = append(out, doc.Join(doc.T(fmt.Sprintf(" and %s, listed in ", number(more)+" more")), doc.To("the method chapter", "method"))...)
	}
	return out
}

// listOr joins at most 12 strings and says how many more there are.
func listOr(list []string, otherwise string) string {
	if len(list) == 0 {
		return otherwise
	}
	return firstOf(list, 12)
}

// results is the table of findings by severity.
func (b *builder) results() {
	n := b.counts()
	if len(b.answers) == 0 {
		return
	}
	b.add(&doc.Paragraph{KeepNext: true, Text: doc.Join(
		doc.T(fmt.Sprintf("%s of controls: ", count(len(b.answers), "answer", "answers"))),
		doc.S("pass"), doc.T("\u00a0"+number(n[check.Pass])+", "), doc.S("fail"), doc.T("\u00a0"+number(n[check.Fail])+", "),
		doc.S("unknown"), doc.T("\u00a0"+number(n[check.Unknown])+", "), doc.S("not-applicable"), doc.T("\u00a0"+number(n[check.NotApplicable])+", "),
		doc.S("accepted"), doc.T("\u00a0"+number(n[check.Accepted])+"."))})
	t := &doc.Table{ID: "results", Columns: []doc.Column{
		{Key: "severity", Title: "Severity", Kind: doc.Judgment, Share: 20},
		{Key: "fail", Title: "Fail", Kind: doc.Number, Share: 14},
		{Key: "fail_personal", Title: "of which personal data", Kind: doc.Number, Share: 24},
		{Key: "unknown", Title: "Unknown", Kind: doc.Number, Share: 14},
		{Key: "accepted", Title: "Accepted", Kind: doc.Number, Share: 14},
		{Key: "pass", Title: "Pass", Kind: doc.Number, Share: 14},
	}}
	for s := check.Critical; s >= check.Info; s-- {
		t.Rows = append(t.Rows, b.severityRow(s))
	}
	b.add(t)
}

func (b *builder) severityRow(s check.Severity) doc.Row {
	n := map[check.Status]int{}
	personal := 0
	for _, f := range b.answers {
		if f.Severity != s {
			continue
		}
		n[f.Status]++
		if f.Status == check.Fail && f.Profile.Personal() {
			personal++
		}
	}
	return doc.Row{Cells: []doc.Text{doc.Sev(s.String()), doc.T(number(n[check.Fail])), doc.T(number(personal)),
		doc.T(number(n[check.Unknown])), doc.T(number(n[check.Accepted])), doc.T(number(n[check.Pass]))}}
}

// dataStores counts stores and channels by what is known of their data.
func (b *builder) dataStores() {
	keep := b.keepers()
	if len(keep) == 0 {
		b.para("No place that keeps data was found. " + b.whyEmpty())
		return
	}
	type places struct{ stores, channels, special int }
	n := map[classify.State]*places{}
	for _, k := range keep {
		s := b.in.Labels.At(k.ID).State
		if s == "" {
			s = classify.Unknown
		}
		if n[s] == nil {
			n[s] = &places{}
		}
		if k.Class.Role() == graph.RoleStore {
			n[s].stores++
		} else {
			n[s].channels++
		}
		if b.in.Labels.Profile(k.ID).Special() {
			n[s].special++
		}
	}
	t := &doc.Table{ID: "store-states", Columns: []doc.Column{
		{Key: "state", Title: "Personal data in places that keep data", Share: 40},
		{Key: "stores", Title: "Stores", Kind: doc.Number, Share: 18},
		{Key: "channels", Title: "Channels", Kind: doc.Number, Share: 18},
		{Key: "special", Title: "with Art. 9 or 10", Kind: doc.Number, Share: 24},
	}}
	for _, w := range stateWords {
		if x := n[w.state]; x != nil {
			t.Rows = append(t.Rows, doc.Row{Cells: []doc.Text{doc.B(w.word),
				doc.T(number(x.stores)), doc.T(number(x.channels)), doc.T(number(x.special))}})
		}
	}
	b.add(t)
}

// whyEmpty explains an empty result by what was asked and what was refused.
func (b *builder) whyEmpty() string {
	lost := len(b.in.Completeness.Refused)
	ops := len(b.in.Completeness.Operations)
	where := fmt.Sprintf("in %s and %s", count(len(b.in.Scan.Accounts), "account", "accounts"), count(len(b.in.Scan.Regions), "Region", "Regions"))
	switch {
	case ops == 0 && lost == 0:
		return "The snapshot holds no calls and no template: nothing was asked."
	case lost > 0:
		return fmt.Sprintf("%s were asked %s; %s not answered, so there may be more than is shown.",
			count(ops, "operation", "operations"), where, count(lost, "call was", "calls were"))
	}
	return fmt.Sprintf("%s were asked %s, and every call was answered: there was nothing to list.", count(ops, "operation", "operations"), where)
}

// worst lists the worst findings in plain words.
func (b *builder) worst() {
	if len(b.groups) == 0 {
		if len(b.answers) > 0 {
			b.para("No control failed." + b.unknownReminder())
		}
		return
	}
	b.add(&doc.Paragraph{KeepNext: true, Text: doc.B("The findings to look at first")})
	l := &doc.List{Ordered: true}
	said := map[string]bool{}
	for _, g := range b.groups {
		if len(l.Items) == topFindings || said[g.control.ID] {
			continue
		}
		said[g.control.ID] = true
		l.Items = append(l.Items, b.worstItem(g))
	}
	b.add(l)
}

func (b *builder) worstItem(g group) doc.Text {
	first := g.list[0]
	text := doc.Join(doc.Sev(g.severity.String()), doc.T(" "), doc.To(g.control.Title, g.id),
		doc.T(": fails for "+middle(b.subjectName(first), 60)))
	if more := len(g.list) - 1; more > 0 {
		text = doc.Join(text, doc.T(fmt.Sprintf(" and %s", count(more, "other", "others"))))
	}
	if first.Profile.Personal() {
		text = doc.Join(text, doc.T(" ("+profileWords[first.Profile]+")"))
	}
	return doc.Join(text, doc.T(". "+sentence(g.control.Fix)))
}

func (b *builder) unknownReminder() string {
	if n := b.counts()[check.Unknown]; n > 0 {
		return fmt.Sprintf(" %s unknown, which is not the same as a pass.", count(n, "answer is", "answers are"))
	}
	return ""
}
