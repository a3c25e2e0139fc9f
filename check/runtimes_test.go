package check

import (
	"strings"
	"testing"
	"time"
)

func TestBuiltinRuntimes(t *testing.T) {
	table := BuiltinRuntimes()
	if got := table.AsOf.Format(time.DateOnly); got != "2026-08-22" {
		t.Errorf("as of %s", got)
	}
	if len(table.rows) != 52 {
		t.Errorf("%d runtimes", len(table.rows))
	}
	for id, d := range table.rows {
		if !d.blocked.IsZero() && d.blocked.Before(d.deprecated) {
			t.Errorf("%s is blocked before it is deprecated", id)
		}
	}
}

func TestReadRuntimesRefuses(t *testing.T) {
	for _, c := range []struct{ name, text, says string }{
		{"nothing", "", "names no day"},
		{"remarks only", "# nothing\n", "names no day"},
		{"no day of the table", "java21,2029-06-30,-\n", "names no day"},
		{"two columns", "as of,2026-08-22,\njava21,2029-06-30\n", "wrong number of fields"},
		{"no day", "as of,2026-08-22,\njava21,soon,-\n", `line 2: "soon" is no day`},
		{"no second day", "as of,2026-08-22,\n# x\njava21,2029-06-30,later\n", `line 3: "later" is no day`},
		{"twice", "as of,2026-08-22,\njava21,2029-06-30,-\njava21,2029-06-30,-\n", "twice"},
	} {
		_, err := ReadRuntimes(strings.NewReader(c.text))
		if err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: got %v, want %q", c.name, err, c.says)
		}
	}
}

func FuzzReadRuntimes(f *testing.F) {
	f.Add(runtimesFile)
	f.Add("as of,2026-08-22,\njava21,2029-06-30,-\n")
	f.Add("as of,0001-01-01,\n,,\n")
	f.Fuzz(func(t *testing.T, text string) {
		table, err := ReadRuntimes(strings.NewReader(text))
		if (table == nil) == (err == nil) {
			t.Fatalf("table %v, error %v", table, err)
		}
		if err == nil && table.AsOf.IsZero() {
			t.Fatal("a table without a day was accepted")
		}
	})
}
