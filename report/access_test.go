package report

import (
	"bytes"
	"strings"
	"testing"

	"github.com/flowdeed/flowdeed/graph"
)

// sheet is a table that two can reach, of whom one is declared.
func sheet() Input {
	m := graph.NewModel()
	m.AddNode(graph.Node{ID: "arn:aws:dynamodb:eu-west-1:111122223333:table/customers", Class: graph.Table, Name: "customers", Account: "111122223333", Region: "eu-west-1"})
	m.Freeze()
	return Input{Graph: m, Access: []AccessSheet{{
		Store:    "arn:aws:dynamodb:eu-west-1:111122223333:table/customers",
		Declared: []string{"reader", "gone"},
		Lines: []AccessLine{
			{Who: "everybody on the internet", May: []string{"reads"}, How: "the policy of the store lets everybody in", Open: true},
			{Who: "role reader", ID: "arn:aws:iam::111122223333:role/app/reader", Runs: []string{"profile-api"}, May: []string{"reads", "changes"}, How: "by own permissions", If: []string{"a", "b"}, Declared: true},
		},
		Network:   []string{"profile-api: admitted on port 5432"},
		Undecided: []Omission{{"user ann: reads", "the control policies were not read"}},
	}}}
}

func TestAccessSheet(t *testing.T) {
	var b bytes.Buffer
	if err := Markdown(&b, Build(sheet())); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"Who can reach personal data", "#### customers", "2 ways in; open to everybody; 1 not declared; declared without a right: gone.",
		"| **everybody on the internet** | reads | The policy of the store lets everybody in | **OPEN** · **NOT DECLARED** |",
		"runs: profile-api | reads, changes | By own permissions · only if a · or if b | declared |",
		"profile-api: admitted on port 5432", "user ann: reads", "the control policies were not read",
	} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("the sheet does not say %q", want)
		}
	}
}

func TestAccessSheetWithoutStores(t *testing.T) {
	var b bytes.Buffer
	if err := Markdown(&b, Build(Input{Access: []AccessSheet{}})); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(b.String(), "No store is known to hold personal data") {
		t.Error("an empty sheet gives no reason")
	}
	b.Reset()
	if err := Markdown(&b, Build(Input{})); err != nil {
		t.Fatal(err)
	}
	if strings.Contains(b.String(), "Who can reach personal data") {
		t.Error("a report without permissions has a sheet")
	}
}

// TestEqualSheetsAreOne: stores that the same people reach in the same way share a table.
func TestEqualSheetsAreOne(t *testing.T) {
	in := sheet()
	m := graph.NewModel()
	for _, name := range []string{"customers", "orders", "other"} {
		m.AddNode(graph.Node{ID: graph.ID("arn:aws:dynamodb:eu-west-1:111122223333:table/" + name), Class: graph.Table, Name: name, Account: "111122223333", Region: "eu-west-1"})
	}
	m.Freeze()
	orders, other := in.Access[0], in.Access[0]
	orders.Store, other.Store = "arn:aws:dynamodb:eu-west-1:111122223333:table/orders", "arn:aws:dynamodb:eu-west-1:111122223333:table/other"
	other.Declared = nil
	in.Graph, in.Access = m, append(in.Access, other, orders)
	var b bytes.Buffer
	if err := Markdown(&b, Build(in)); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"#### customers, orders\n", "#### other\n"} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("there is no heading %q", want)
		}
	}
}
