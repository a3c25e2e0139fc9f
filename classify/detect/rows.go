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

// group is the rows of one resource of one source.
type group struct {
	source string
	rows   []int
}

// groups puts the rows of a resource together, in the order they come.
func groups(rows []Row) []group {
	type name struct{ source, resource string }
	at := map[name]int{}
	kinds := map[string]source{}
	var out []group
	for i, r := range rows {
		n := name{r.Source, r.Resource}
		s, ok := kinds[r.Kind]
		if !ok {
			s, _ = sourceOf(r.Kind)
			kinds[strings.Clone(r.Kind)] = s
		}
		if s == resourceName {
			n.resource += "\x00" + r.Name // names of resources are no siblings
		}
		k, ok := at[n]
		if !ok {
			k = len(out)
			at[n], out = k, append(out, group{source: r.Source})
		}
		out[k].rows = append(out[k].rows, i)
	}
	return out
}

// Rows judges every row, with the rows of the same source and resource as its context;
// a key of a record about a person is one wherever else its name appears in the source.
// Results are in the order of the rows.
func (d *Detector) Rows(rows []Row, threshold float64) []Result {
	list := groups(rows)
	keys, records, people := map[string]map[string]bool{}, map[string]map[string]bool{}, map[string][]folk{}
	sections, care := map[string]int{}, map[string]bool{}
	var fields []Field
	take := func(g group) []Field {
		fields = fields[:0]
		for _, i := range g.rows {
			fields = append(fields, rows[i].Field)
		}
		return fields
	}
	d.forget()
	for _, g := range list {
		names, called, patients := d.ownKeys(take(g))
		d.recordKeys(g.source, records)
		care[g.source] = care[g.source] || patients
		if d.isSection() {
			sections[g.source]++
		}
		for _, w := range called {
			people[g.source] = append(people[g.source], folk{w, patients})
		}
		for _, name := range names {
			if keys[g.source] == nil {
				keys[g.source] = map[string]bool{}
			}
			keys[g.source][name] = keys[g.source][name] || patients
		}
	}
	out := make([]Result, len(rows))
	for _, g := range list {
		d.keys, d.records, d.people = keys[g.source], records[g.source], people[g.source]
		d.care, d.resume = care[g.source], sections[g.source] >= resumeSections
		for k, res := range d.Table(take(g), threshold) {
			out[g.rows[k]] = res
		}
	}
	d.forget()
	return out
}

// forget drops what was learned of the source read last.
func (d *Detector) forget() {
	d.keys, d.records, d.people, d.care, d.resume = nil, nil, nil, false, false
}

// resumeSections is how many resources of a source must be called like the sections of a
// curriculum vitae ("education", "work", "skills") before it is taken for one.
const resumeSections = 4

// isSection tells whether the resource at hand is called like a section of a curriculum vitae.
func (d *Detector) isSection() bool {
	n := len(d.res.tokens)
	return n > 0 && d.res.tokens[n-1].is.has(d.a.section)
}

// ownKeys are the names of the keys of a resource that is about a person, by which
// other resources may refer to it, what its name calls the people, and whether they are
// patients.
func (d *Detector) ownKeys(fields []Field) (names, called []string, patients bool) {
	d.read(fields)
	c := d.surroundings(fields[0])
	d.last = c
	if c.circle != aboutPerson {
		return nil, nil, false
	}
	for i := range d.res.tokens {
		if t := &d.res.tokens[i]; c.sure && !t.known() && len(t.text) >= 4 {
			called = append(called, t.text)
		}
	}
	for i := range fields {
		e := &d.table[i]
		if len(e.p.steps) != 1 || !strings.Contains(strings.ToLower(fields[i].Name), "id") && !e.has.has(d.a.national) {
			continue
		}
		if n := len(e.p.tokens); n == 1 && e.p.tokens[0].known() && !e.has.has(d.a.national) || n > 3 {
			continue // "id" is the name of every key
		}
		if r := d.judge(&fields[i], e, c, .6); r.Category == keyRule.category || r.Category == keyOfState || r.Category == recordKey.category {
			names = append(names, fields[i].Name)
		}
	}
	return names, called, c.about.has(d.a.patient)
}

// recordKeys notes the names of the keys of the resource at hand where it keeps records
// of a special category: what else has "encounter_id" is about the same patient.
func (d *Detector) recordKeys(source string, to map[string]map[string]bool) {
	if th := &d.last.theme; th.rule == nil || !th.strong || !special(th.rule.category) {
		return
	}
	for i := range d.table[:d.fields] {
		e := &d.table[i]
		if e.key || len(e.p.tokens) < 2 || !e.has.has(d.a.id) || !d.allOwn(e) {
			continue
		}
		if to[source] == nil {
			to[source] = map[string]bool{}
		}
		to[source][e.name] = d.last.health
	}
}

// keyOfState is the category of a number that many tables use as their key.
const keyOfState = "user.government_id.national_identification_number"
