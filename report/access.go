package report

import (
	"fmt"
	"slices"
	"strings"

	"github.com/flowdeed/flowdeed/graph"
	"github.com/flowdeed/flowdeed/report/doc"
)

// AccessSheet says who can reach one store of personal data.
type AccessSheet struct {
	Store graph.ID
	// Declared are the readers that were declared for it; empty when nobody wrote a list.
	Declared []string
	Lines    []AccessLine
	// Network says who can open a connection to it, for stores reached by socket.
	Network []string
	// Undecided are those of whom it is not known, with the reason.
	Undecided []Omission
}

// AccessLine is somebody who can reach a store.
type AccessLine struct {
	Who  string // "role order-fn", "everybody on the internet"
	ID   string // ARN, where there is one
	Runs []string
	// May are the words for what it may do: "reads", "changes", "deletes".
	May []string
	// How says by what: "by its own permissions", "as role data-admin, which it may assume".
	How string
	// If are the conditions, one of which must be met; empty when there are none.
	If []string
	// Open: everybody can, without being known. Declared: it stands in the declared list.
	Open, Declared bool
	// Gained: the right is not given, it can be taken.
	Gained bool
}

// access is the sheet of who can reach personal data, store by store.
func (b *builder) access() {
	if b.in.Access == nil {
		return
	}
	b.appendix("access", "Who can reach personal data")
	if len(b.in.Access) == 0 {
		b.para("No store is known to hold personal data, so that nobody was asked about.")
		return
	}
	b.para("For every store that is known to hold personal data: who can reach it, how, under which conditions, and whether that was declared. " +
		"All policies count: those of users and roles, of the store, of its key, permissions boundaries and control policies of the organisation. " +
		"A condition that depends on a request is named and not judged. Rights are what is possible, not what was used.")
	for _, together := range b.alikeSheets() {
		b.accessSheet(together)
	}
}

// alikeSheets puts the sheets that say the same of different stores together, in the
// order of the first of them.
func (b *builder) alikeSheets() [][]*AccessSheet {
	var out [][]*AccessSheet
	at := map[string]int{}
	for i := range b.in.Access {
		s := &b.in.Access[i]
		if b.in.Graph.Node(s.Store) == nil {
			continue
		}
		key := fmt.Sprintf("%q", []any{s.Declared, s.Lines, s.Network, s.Undecided})
		n, ok := at[key]
		if !ok {
			n = len(out)
			at[key] = n
			out = append(out, nil)
		}
		out[n] = append(out[n], s)
	}
	return out
}

// accessSheet prints what sheets say that say the same.
func (b *builder) accessSheet(together []*AccessSheet) {
	s := together[0]
	var names []string
	var lines []doc.Text
	for _, x := range together {
		n := b.in.Graph.Node(x.Store)
		names = append(names, doc.Clean(n.Name))
		lines = append(lines, doc.Q(string(n.ID)))
	}
	b.add(&doc.Heading{ID: fmt.Sprintf("access-%d", b.numbers[s.Store]), Level: 3, Title: firstOf(names, 3)})
	b.add(&doc.Paragraph{Text: doc.Lines(append(lines, doc.T(accessSummary(s)))...)})
	if len(s.Lines) > 0 {
		t := &doc.Table{ID: fmt.Sprintf("access-list-%d", b.numbers[s.Store]), Columns: []doc.Column{
			{Key: "who", Title: "Who", Share: 33}, {Key: "may", Title: "May", Share: 18}, {Key: "how", Title: "How", Share: 36}, {Key: "declared", Title: "Declared", Share: 13},
		}}
		for i := range s.Lines {
			t.Rows = append(t.Rows, doc.Row{Cells: accessCells(s, &s.Lines[i])})
		}
		b.add(t)
	}
	if len(s.Network) > 0 {
		items := []doc.Text{}
		for _, x := range s.Network {
			items = append(items, doc.T(x))
		}
		b.para("Reached over the network by the following; a connection is no permission, credentials of the store are asked for on top.")
		b.add(&doc.List{Items: items})
	}
	if len(s.Undecided) > 0 {
		items := []doc.Text{}
		for _, x := range s.Undecided {
			items = append(items, doc.Lines(doc.T(x.What), doc.Q(x.Why)))
		}
		b.add(&doc.Callout{Kind: doc.Gap, Title: "Not decided", Body: items})
	}
}

// accessSummary is one sentence on who can and what was declared.
func accessSummary(s *AccessSheet) string {
	undeclared, open, gained := 0, false, 0
	for _, l := range s.Lines {
		if !l.Declared {
			undeclared++
		}
		if l.Gained {
			gained++
		}
		open = open || l.Open
	}
	parts := []string{count(len(s.Lines), "way in", "ways in")}
	if open {
		parts = append(parts, "open to everybody")
	}
	if gained > 0 {
		parts = append(parts, fmt.Sprintf("%d by rights that can be taken", gained))
	}
	switch {
	case len(s.Lines) == 0 && len(s.Network) == 0:
		return "Nobody who was found by this scan can reach it by permissions."
	case len(s.Declared) == 0:
		parts = append(parts, "no list of readers was declared")
	case undeclared > 0:
		parts = append(parts, fmt.Sprintf("%d not declared", undeclared))
	default:
		parts = append(parts, "all declared")
	}
	if idle := idleDeclared(s); len(idle) > 0 {
		parts = append(parts, "declared without a right: "+strings.Join(idle, ", "))
	}
	return capital(strings.Join(parts, "; ")) + "."
}

// idleDeclared are the declared readers that no line is about.
func idleDeclared(s *AccessSheet) []string {
	var out []string
	for _, d := range s.Declared {
		if !slices.ContainsFunc(s.Lines, func(l AccessLine) bool { return NamesPrincipal(d, l.ID) }) {
			out = append(out, d)
		}
	}
	return out
}

// NamesPrincipal tells whether a declared reader means a principal: by ARN, by name, or
// by account.
func NamesPrincipal(declared, principal string) bool {
	short := principal[strings.LastIndexByte(principal, '/')+1:]
	return declared == principal || strings.EqualFold(declared, short) || principal == "arn:aws:iam::"+declared+":root"
}

func accessCells(s *AccessSheet, l *AccessLine) []doc.Text {
	who := []doc.Text{doc.B(l.Who)}
	if l.ID != "" {
		who = append(who, doc.Q(l.ID))
	}
	if len(l.Runs) > 0 {
		who = append(who, doc.T("runs: "+strings.Join(l.Runs, ", ")))
	}
	how := []doc.Text{doc.T(capital(l.How))}
	for i, c := range l.If {
		word := "only if "
		if i > 0 {
			word = "or if "
		}
		how = append(how, doc.T(word+c))
	}
	state := doc.B("NOT DECLARED")
	switch {
	case l.Declared:
		state = doc.T("declared")
	case len(s.Declared) == 0:
		state = doc.Q("no list")
	}
	if l.Open {
		state = doc.Lines(doc.B("OPEN"), state)
	}
	return []doc.Text{doc.Lines(who...), doc.T(strings.Join(l.May, ", ")), doc.Lines(how...), state}
}
