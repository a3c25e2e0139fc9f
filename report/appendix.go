package report

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/flowdeed/flowdeed/check"
	"github.com/flowdeed/flowdeed/report/doc"
)

// controls is the table of every control with its answers.
func (b *builder) controls() {
	b.appendix("controls", "Results by control")
	tallies := b.tallies()
	if len(tallies) == 0 {
		b.para("No control was asked. " + b.whyEmpty())
		return
	}
	t := &doc.Table{ID: "controls-list", Columns: []doc.Column{
		{Key: "control", Title: "Control", Share: 21},
		{Key: "title", Title: "Holds when it passes", Share: 31},
		{Key: "articles", Title: "GDPR", Share: 13},
		{Key: "pass", Title: "Pass", Kind: doc.Number, Share: 7},
		{Key: "fail", Title: "Fail", Kind: doc.Number, Share: 7},
		{Key: "unknown", Title: "Unknown", Kind: doc.Number, Share: 10},
		{Key: "not_applicable", Title: "N/A", Kind: doc.Number, Share: 7},
		{Key: "accepted", Title: "Accepted", Kind: doc.Number, Share: 10},
	}}
	for _, x := range tallies {
		cells := []doc.Text{doc.C(x.control.ID), doc.T(x.control.Title), doc.T(strings.Join(x.control.Articles, ", "))}
		for _, s := range []check.Status{check.Pass, check.Fail, check.Unknown, check.NotApplicable, check.Accepted} {
			cells = append(cells, doc.T(number(x.n[s])))
		}
		t.Rows = append(t.Rows, doc.Row{Cells: cells})
	}
	b.para("N/A: the control does not apply to the subject; it is left out of every ratio.")
	b.add(t)
}

// tally counts the answers of a control.
type tally struct {
	control *check.Control
	n       map[check.Status]int
}

func (b *builder) tallies() []*tally {
	by := map[string]*tally{}
	var out []*tally
	for _, f := range b.answers {
		id := controlID(f)
		if by[id] == nil {
			by[id] = &tally{control: controlOf(f), n: map[check.Status]int{}}
			out = append(out, by[id])
		}
		by[id].n[f.Status]++
	}
	slices.SortFunc(out, func(x, y *tally) int { return cmp.Compare(x.control.ID, y.control.ID) })
	return out
}

// unknowns lists every answer that is not known, with what is missing.
func (b *builder) unknowns() {
	b.appendix("unknown", "What is not known")
	b.omissions()
	gaps := b.gaps()
	if len(gaps) == 0 {
		b.para("No answer of a control is unknown.")
		return
	}
	b.para(fmt.Sprintf("%s. Each row names what is missing and whom it concerns.", count(b.counts()[check.Unknown], "answer is unknown", "answers are unknown")))
	t := &doc.Table{ID: "unknown-list", Columns: []doc.Column{
		{Key: "control", Title: "Control", Share: 26},
		{Key: "missing", Title: "What is missing", Share: 42},
		{Key: "subjects", Title: "Concerns", Share: 32},
	}}
	for _, g := range gaps {
		missing := []doc.Text{doc.T(sentence(g.reason))}
		missing = append(missing, missingCalls(g.list, g.control)...)
		var who []doc.Text
		for _, f := range g.list {
			who = append(who, b.shortSubject(f))
		}
		t.Rows = append(t.Rows, doc.Row{Cells: []doc.Text{
			doc.Lines(doc.B(g.control.ID), doc.T(g.control.Title)), doc.Lines(missing...), doc.Lines(who...)}})
	}
	b.add(t)
}

// gap is what one control does not know, for one reason.
type gap struct {
	control *check.Control
	reason  string
	list    []check.Finding
}

// gaps groups the unknown answers by control and reason.
func (b *builder) gaps() []*gap {
	by := map[string]*gap{}
	var out []*gap
	for _, f := range b.answers {
		if f.Status != check.Unknown {
			continue
		}
		key := controlID(f) + "\x00" + f.Reason
		if by[key] == nil {
			by[key] = &gap{control: controlOf(f), reason: f.Reason}
			out = append(out, by[key])
		}
		by[key].list = append(by[key].list, f)
	}
	slices.SortStableFunc(out, func(x, y *gap) int {
		return cmp.Or(cmp.Compare(x.control.ID, y.control.ID), cmp.Compare(x.reason, y.reason))
	})
	return out
}

// missingCalls names the calls whose answers are missing: those of the facts that
// are not known, else those the control reads.
func missingCalls(list []check.Finding, c *check.Control) []doc.Text {
	var out []string
	for _, f := range list {
		for _, x := range f.Facts {
			if !x.Known && x.Source != "" {
				out = append(out, string(x.Source))
			}
		}
	}
	if len(out) == 0 {
		for _, r := range c.Reads {
			out = append(out, strings.TrimSpace(r.Operation+" "+r.Field))
		}
	}
	slices.Sort(out)
	var texts []doc.Text
	for _, s := range slices.Compact(out) {
		texts = append(texts, doc.C(s))
	}
	return texts
}

// shortSubject names a subject by its inventory number.
func (b *builder) shortSubject(f check.Finding) doc.Text {
	switch {
	case f.Node != nil:
		return b.nodeShort(f.Node.ID)
	case f.Flow != nil:
		return doc.Join(b.nodeShort(f.Flow.From), doc.T(" → "), b.nodeShort(f.Flow.To))
	}
	return doc.C(f.Subject)
}

// omissions lists what was not asked at all.
func (b *builder) omissions() {
	if len(b.in.Completeness.NotAsked) == 0 {
		return
	}
	t := &doc.Table{ID: "not-asked", Caption: "Not asked", Columns: []doc.Column{
		{Key: "what", Title: "What", Share: 40}, {Key: "why", Title: "Why", Share: 60}}}
	for _, o := range b.in.Completeness.NotAsked {
		t.Rows = append(t.Rows, doc.Row{Cells: []doc.Text{doc.T(o.What), doc.T(o.Why)}})
	}
	b.add(t)
}

// refusals lists the calls without an answer, and the permission each needs.
func (b *builder) refusals() {
	b.appendix("refused", "Calls without an answer")
	list := b.in.Completeness.Refused
	if len(list) == 0 {
		b.para("Every call that was made was answered.")
	} else {
		if actions := deniedActions(list); len(actions) > 0 {
			b.add(&doc.Paragraph{KeepNext: true, Text: doc.T("To close the gaps that a permission closes, allow the identity of the scan these actions, all of them read-only:")})
			b.add(&doc.List{Items: actions})
		}
		t := &doc.Table{ID: "refused-list", Columns: []doc.Column{
			{Key: "operation", Title: "Call", Share: 28},
			{Key: "place", Title: "Account, Region", Share: 18},
			{Key: "subject", Title: "Asked about", Share: 26},
			{Key: "outcome", Title: "Outcome", Share: 28},
		}}
		for _, r := range list {
			outcome := doc.Lines(doc.B(outcomeWord(r.Outcome)), quiet(r.Why))
			if r.Action != "" && r.Outcome == "denied" {
				outcome = doc.Lines(outcome, doc.Join(doc.T("allow "), doc.C(r.Action)))
			}
			t.Rows = append(t.Rows, doc.Row{Cells: []doc.Text{doc.C(r.Operation),
				doc.Lines(doc.C(r.Account), plain(r.Region)), doc.C(r.Subject), outcome}})
		}
		b.add(t)
	}
	b.operations()
}

func quiet(s string) doc.Text {
	if s == "" {
		return nil
	}
	return doc.Q(s)
}

func plain(s string) doc.Text {
	if s == "" {
		return nil
	}
	return doc.T(s)
}

// deniedActions lists each missing permission once.
func deniedActions(list []Refusal) []doc.Text {
	var actions []string
	for _, r := range list {
		if r.Outcome == "denied" && r.Action != "" {
			actions = append(actions, r.Action)
		}
	}
	slices.Sort(actions)
	var out []doc.Text
	for _, a := range slices.Compact(actions) {
		out = append(out, doc.C(a))
	}
	return out
}

// operations is the table of what was asked, a service a row.
func (b *builder) operations() {
	if len(b.in.Completeness.Operations) == 0 {
		return
	}
	t := &doc.Table{ID: "operations", Caption: "What was asked, in all accounts and Regions", Columns: []doc.Column{
		{Key: "service", Title: "Service", Share: 16},
		{Key: "operations", Title: "Operations", Share: 51},
		{Key: "asked", Title: "Asked", Kind: doc.Number, Share: 9},
		{Key: "answered", Title: "Answered", Kind: doc.Number, Share: 11},
		{Key: "refused", Title: "Without answer", Kind: doc.Number, Share: 13},
	}}
	for _, s := range byService(b.in.Completeness.Operations) {
		t.Rows = append(t.Rows, doc.Row{Cells: []doc.Text{doc.C(s.name), doc.C(strings.Join(s.operations, ", ")),
			doc.T(number(s.asked)), doc.T(number(s.answered)), doc.T(number(s.refused))}})
	}
	b.add(t)
}

// asked is what was asked of a service.
type asked struct {
	name                     string
	operations               []string
	asked, answered, refused int
}

// byService adds up the calls by service. An operation without a prefix of its own has
// that of its service.
func byService(list []Operation) []*asked {
	by := map[string]*asked{}
	for _, o := range list {
		service, operation, ok := strings.Cut(o.Operation, ":")
		if !ok {
			service, operation = o.Service, o.Operation
		}
		s := by[service]
		if s == nil {
			s = &asked{name: service}
			by[service] = s
		}
		s.operations = append(s.operations, operation)
		s.asked, s.answered, s.refused = s.asked+o.Asked, s.answered+o.Answered, s.refused+o.Refused
	}
	out := slices.SortedFunc(maps.Values(by), func(x, y *asked) int { return cmp.Compare(x.name, y.name) })
	for _, s := range out {
		slices.Sort(s.operations)
		s.operations = slices.Compact(s.operations)
	}
	return out
}

// people prints what was declared about parties and activities.
func (b *builder) people() {
	if len(b.in.Activities)+len(b.in.Parties) == 0 {
		return
	}
	b.appendix("declared", "Declared activities and parties")
	b.para("As people declared it. The report does not judge whether a declared basis holds.")
	if len(b.in.Activities) > 0 {
		t := &doc.Table{ID: "activities", Caption: "Processing activities", Columns: []doc.Column{
			{Key: "name", Title: "Activity", Share: 22}, {Key: "purpose", Title: "Purpose", Share: 32},
			{Key: "basis", Title: "Declared basis", Share: 18}, {Key: "subjects", Title: "Whose data", Share: 16}, {Key: "owner", Title: "Owner", Share: 12}}}
		for _, a := range b.in.Activities {
			t.Rows = append(t.Rows, doc.Row{Cells: []doc.Text{doc.B(orText(a.Name, a.Key)), missing(a.Purpose), missing(a.Basis),
				missing(strings.Join(a.Subjects, ", ")), missing(a.Owner)}})
		}
		b.add(t)
	}
	if len(b.in.Parties) > 0 {
		t := &doc.Table{ID: "parties", Caption: "Recipients and processors", Columns: []doc.Column{
			{Key: "name", Title: "Party", Share: 26}, {Key: "role", Title: "Role", Share: 18}, {Key: "country", Title: "Country", Share: 12},
			{Key: "contract", Title: "Contract", Share: 22}, {Key: "nodes", Title: "Seen as", Share: 22}}}
		for _, p := range b.in.Parties {
			var seen []doc.Text
			for _, id := range p.Nodes {
				seen = append(seen, b.nodeLink(id))
			}
			if len(seen) == 0 {
				seen = append(seen, doc.Q("not seen in the account"))
			}
			t.Rows = append(t.Rows, doc.Row{Cells: []doc.Text{doc.B(p.Name), missing(p.Role), missing(p.Country), missing(p.Contract), doc.Lines(seen...)}})
		}
		b.add(t)
	}
}

func missing(s string) doc.Text {
	if s == "" {
		return doc.Q("not declared")
	}
	return doc.T(s)
}

// inventory lists every node.
func (b *builder) inventory() {
	b.appendix("inventory", "Inventory")
	nodes := b.in.Graph.Nodes()
	if len(nodes) == 0 {
		b.para("No resource was found. " + b.whyEmpty())
		return
	}
	b.para(fmt.Sprintf("All %s of the map. The numbers are those used in the tables of this report.", count(len(nodes), "node", "nodes")))
	t := &doc.Table{ID: "inventory-list", Columns: []doc.Column{
		{Key: "number", Title: "No.", Share: 7},
		{Key: "name", Title: "Name", Share: 21},
		{Key: "kind", Title: "Kind", Share: 15},
		{Key: "id", Title: "Identifier", Share: 43},
		{Key: "place", Title: "Account, Region", Share: 14},
	}}
	for i, n := range nodes {
		kind := doc.T(orText(n.Kind, string(n.Class)))
		if n.External {
			kind = doc.Lines(kind, doc.Q("seen from outside only"))
		}
		t.Rows = append(t.Rows, doc.Row{ID: nodeAnchor(i + 1), Cells: []doc.Text{
			doc.T(fmt.Sprintf("N%d", i+1)), doc.T(nodeName(n)), kind, doc.C(string(n.ID)), placeOf(n)}})
	}
	b.add(t)
}
