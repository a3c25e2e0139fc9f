package doc

// Table shows evidence as a table: whose fact, which, its value, and where it was
// read. The first column is left out when no item names a subject.
func (e *Evidence) Table(w *Words) *Table {
	subjects := false
	for _, x := range e.Items {
		subjects = subjects || x.Subject != ""
	}
	t := &Table{ID: e.ID, Columns: []Column{
		{Key: "subject", Title: w.Fact[0], Kind: Ident, Share: 26},
		{Key: "fact", Title: w.Fact[1], Kind: Ident, Share: 20},
		{Key: "value", Title: w.Fact[2], Kind: Ident, Share: 27},
		{Key: "source", Title: w.Fact[3], Kind: Ident, Share: 27},
	}}
	for _, x := range e.Items {
		value := C(x.Value)
		if !x.Known {
			value = Q(w.NotKnown + x.Value)
		}
		t.Rows = append(t.Rows, Row{Cells: []Text{C(x.Subject), T(x.Name), value, C(x.Source)}})
	}
	if subjects {
		return t
	}
	t.Columns = t.Columns[1:]
	for i := range t.Rows {
		t.Rows[i].Cells = t.Rows[i].Cells[1:]
	}
	return t
}
