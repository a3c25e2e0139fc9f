package report

import (
	"fmt"
	"strings"

	"github.com/flowdeed/flowdeed/classify"
	"github.com/flowdeed/flowdeed/graph"
	"github.com/flowdeed/flowdeed/report/doc"
)

// detected is the table of what detectors guess from names, for a person to look at.
func (b *builder) detected() {
	if len(b.in.Detected) == 0 {
		return
	}
	b.appendix("detected", "Detected by name, to look at")
	t := &doc.Table{ID: "detected-list", Columns: []doc.Column{
		{Key: "node", Title: "Where", Share: 20},
		{Key: "field", Title: "Field", Share: 15},
		{Key: "category", Title: "Category", Share: 20},
		{Key: "confidence", Title: "Sure", Kind: doc.Number, Share: 8},
		{Key: "reason", Title: "Why", Share: 37},
	}}
	for _, e := range b.in.Detected {
		field := e.Field
		if field == "" {
			field = "(its names)"
		}
		t.Rows = append(t.Rows, doc.Row{Cells: []doc.Text{
			b.nodeLink(graph.ID(e.Resource)), doc.C(field), doc.T(b.category(e.Category)), doc.T(fmt.Sprintf("%.2f", e.Confidence)),
			doc.Lines(doc.T(e.Reason), doc.C(e.Detector+", "+e.Source)),
		}})
	}
	b.para("Names of fields, variables, paths, queues and the like were compared with words of eight languages. A guess is a proposal: name the data in the annotations, or say with a reason that it is none. From 0.60 on, a field that a schema shows counts as inferred. That nothing was found proves nothing.")
	b.add(t)
}

// recipients is the table of who else gets data.
func (b *builder) recipients() {
	if len(b.in.Recipients) == 0 {
		return
	}
	b.appendix("recipients", "Recipients, and whether they are declared")
	t := &doc.Table{ID: "recipients-list", Columns: []doc.Column{
		{Key: "recipient", Title: "Recipient", Share: 24},
		{Key: "declared", Title: "Declared", Share: 14},
		{Key: "party", Title: "Who, where, role", Share: 26},
		{Key: "evidence", Title: "Seen by", Share: 36},
	}}
	for _, r := range b.in.Recipients {
		declared := r.Declared
		switch {
		case declared != "":
		case r.Known != "":
			declared = "no; known account"
		case r.Hint:
			declared = "no; a name hints at it"
		default:
			declared = "no"
		}
		var seen []doc.Text
		for _, e := range r.Evidence {
			seen = append(seen, doc.T(e))
		}
		t.Rows = append(t.Rows, doc.Row{Cells: []doc.Text{doc.C(r.Name), doc.T(declared), doc.T(whoIs(r)), doc.Lines(seen...)}})
	}
	b.para("Hosts, addresses and accounts outside that data flows to or that a policy admits, and companies that names hint at. Company, country and role of whoever is not declared are proposals, to be confirmed: the contract decides.")
	b.add(t)
}

// whoIs words what is known or proposed about a recipient.
func whoIs(r classify.Recipient) string {
	words := strings.Trim(strings.Join([]string{r.Party, r.Country, r.Role}, ", "), ", ")
	switch {
	case words == "" && r.Known != "":
		return r.Known
	case words == "":
		return "not known"
	case r.Declared == "":
		return "to be confirmed: " + words
	}
	return words
}
