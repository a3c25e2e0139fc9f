package detect

import (
	"bufio"
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"strings"
)

// Row is one line of a table of fields.
type Row struct {
	ID     string
	Source string // where the schema comes from, when the table says so
	Field
}

// required are the columns a table of fields must have, by the name in its first line.
var required = []string{"id", "kind", "resource", "field"}

// ReadRows reads a table of fields: CSV with a first line of column names, among them
// id, kind, resource and field. The columns source, lang and type are used when they are
// there, others are ignored. Errors name the line.
func ReadRows(r io.Reader) ([]Row, error) {
	br := bufio.NewReader(r)
	if mark, err := br.Peek(3); err == nil && bytes.Equal(mark, []byte("\ufeff")) {
		if _, err := br.Discard(3); err != nil {
			return nil, err
		}
	}
	in := csv.NewReader(br)
	in.ReuseRecord = true
	head, err := in.Read()
	if errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("line 1: the table is empty; its first line must name the columns %s", strings.Join(required, ", "))
	} else if err != nil {
		return nil, broken(err)
	}
	at := map[string]int{}
	for i, name := range head {
		name = strings.ToLower(strings.TrimSpace(name))
		if _, twice := at[name]; twice {
			return nil, fmt.Errorf("line 1: column %q is there twice", name)
		}
		at[name] = i
	}
	for _, name := range required {
		if _, ok := at[name]; !ok {
			return nil, fmt.Errorf("line 1: there is no column %q; needed are %s", name, strings.Join(required, ", "))
		}
	}
	var out []Row
	for {
		rec, err := in.Read()
		if errors.Is(err, io.EOF) {
			return out, nil
		}
		if err != nil {
			return nil, broken(err)
		}
		get := func(name string) string {
			if i, ok := at[name]; ok {
				return strings.Clone(strings.TrimSpace(rec[i]))
			}
			return ""
		}
		out = append(out, Row{get("id"), get("source"), Field{get("kind"), get("resource"), get("field"), get("type"), get("lang")}})
	}
}

// broken words an error of the CSV reader.
func broken(err error) error {
	var p *csv.ParseError
	if !errors.As(err, &p) {
		return err
	}
	switch {
	case errors.Is(p.Err, csv.ErrFieldCount):
		return fmt.Errorf("line %d: another number of cells than the first line has", p.Line)
	case errors.Is(p.Err, csv.ErrQuote), errors.Is(p.Err, csv.ErrBareQuote):
		return fmt.Errorf("line %d, column %d: a quotation mark out of place", p.Line, p.Column)
	}
	return fmt.Errorf("line %d: %w", p.Line, p.Err)
}

// Rows judges every row, with the rows of the same source and resource as its context.
// Results are in the order of the rows.
func (d *Detector) Rows(rows []Row, threshold float64) []Result {
	type group struct{ source, resource string }
	at := map[group][]int{}
	var order []group
	for i, r := range rows {
		g := group{r.Source, r.Resource}
		if sourceOfRow(r) == resourceName {
			g.resource += "\x00" + r.Name // names of resources are no siblings
		}
		if _, ok := at[g]; !ok {
			order = append(order, g)
		}
		at[g] = append(at[g], i)
	}
	out := make([]Result, len(rows))
	var fields []Field
	for _, g := range order {
		fields = fields[:0]
		for _, i := range at[g] {
			fields = append(fields, rows[i].Field)
		}
		for k, res := range d.Table(fields, threshold) {
			out[at[g][k]] = res
		}
	}
	return out
}

func sourceOfRow(r Row) source {
	s, _ := sourceOf(r.Kind)
	return s
}
