package check

import (
	_ "embed"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"
	"time"
)

// RuntimeTable says until when the managed runtimes of AWS Lambda are supported. The
// dates move, so the table carries the day it was taken down and can be replaced.
type RuntimeTable struct {
	AsOf time.Time
	rows map[string]runtimeDates
}

// runtimeDates are the days a runtime stops being patched and stops being
// changeable. A zero blocked means that no day is published.
type runtimeDates struct{ deprecated, blocked time.Time }

//go:embed runtimes.csv
var runtimesFile string

var builtinRuntimes = sync.OnceValue(func() *RuntimeTable {
	t, err := ReadRuntimes(strings.NewReader(runtimesFile))
	if err != nil {
		panic("check: the built-in table of runtimes: " + err.Error()) // held by a test
	}
	return t
})

// BuiltinRuntimes returns the table this release carries.
// Source: AWS Lambda Developer Guide, "Lambda runtimes".
func BuiltinRuntimes() *RuntimeTable { return builtinRuntimes() }

// errNoDate is given for a table whose age cannot be told.
var errNoDate = errors.New(`the table of runtimes names no day: its first line must read "as of,2026-08-22,"`)

// ReadRuntimes reads a table: comma-separated lines of identifier, day of
// deprecation and day from which functions cannot be updated ("-" where none is
// published). Lines that begin with # are remarks; the first other line is
// "as of,DAY,".
func ReadRuntimes(r io.Reader) (*RuntimeTable, error) {
	in := csv.NewReader(r)
	in.Comment, in.FieldsPerRecord = '#', 3
	t := &RuntimeTable{rows: map[string]runtimeDates{}}
	for {
		rec, err := in.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, fmt.Errorf("the table of runtimes: %w", err)
		}
		line, _ := in.FieldPos(0)
		if err := t.row(rec); err != nil {
			return nil, fmt.Errorf("the table of runtimes, line %d: %w", line, err)
		}
	}
	if t.AsOf.IsZero() {
		return nil, errNoDate
	}
	return t, nil
}

func (t *RuntimeTable) row(rec []string) error {
	first, err := time.Parse(time.DateOnly, rec[1])
	if err != nil {
		return fmt.Errorf("%q is no day; write it as 2026-08-22", rec[1])
	}
	if t.AsOf.IsZero() {
		if rec[0] != "as of" {
			return errNoDate
		}
		t.AsOf = first
		return nil
	}
	if _, twice := t.rows[rec[0]]; twice || rec[0] == "" {
		return fmt.Errorf("runtime %q stands there twice or has no name", rec[0])
	}
	d := runtimeDates{deprecated: first}
	if rec[2] != "-" {
		if d.blocked, err = time.Parse(time.DateOnly, rec[2]); err != nil {
			return fmt.Errorf("%q is no day; write it as 2026-08-22, or - where none is published", rec[2])
		}
	}
	t.rows[rec[0]] = d
	return nil
}

// tableAgeDays is the age from which the table of runtimes should be replaced.
const tableAgeDays = 90

// remark names the day of the table, with a warning when it is old.
func (t *RuntimeTable) remark(now time.Time) string {
	s := "table of " + t.AsOf.Format(time.DateOnly)
	if now.Sub(t.AsOf) > tableAgeDays*24*time.Hour {
		s += fmt.Sprintf(", older than %d days: replace it", tableAgeDays)
	}
	return s
}

// runtimes returns the table in force.
func (in *Input) runtimes() *RuntimeTable {
	if in.Runtimes != nil {
		return in.Runtimes
	}
	return BuiltinRuntimes()
}
