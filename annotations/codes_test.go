package annotations

import (
	"encoding/json"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"
)

// codesDay is the day on which the files below testdata/codes are read.
var codesDay = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

// TestCodeFiles reads one file for each code. Comments in a file say which resources
// there are ("target", JSON), what controls answered ("answer"), and which importer the
// file is for ("import"); the trailing
// comments are the lines it must give, all of them and no other.
func TestCodeFiles(t *testing.T) {
	files, err := filepath.Glob("testdata/codes/*.yaml")
	if err != nil || len(files) == 0 {
		t.Fatal(files, err)
	}
	seen := map[string]bool{}
	for _, f := range files {
		name := filepath.Base(f)
		code := name[:4]
		seen[code] = true
		t.Run(name, func(t *testing.T) {
			b, err := os.ReadFile(f)
			if err != nil {
				t.Fatal(err)
			}
			want := directive(string(b), "expect")
			got := lintText(t, name, string(b))
			if len(want) == 0 || !slices.Equal(got, want) {
				t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
			}
			if !strings.Contains(strings.Join(got, "\n"), " "+code+": ") {
				t.Errorf("no line has the code %s", code)
			}
		})
	}
	for _, code := range allCodes(t) {
		if !seen[code] {
			t.Errorf("the code %s has no file", code)
		}
	}
}

// allCodes are the codes that the source gives.
func allCodes(t *testing.T) []string {
	t.Helper()
	var out []string
	sources, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range sources {
		if strings.HasSuffix(f, "_test.go") {
			continue
		}
		b, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range regexp.MustCompile(`"([EWI]\d{3})"`).FindAllStringSubmatch(string(b), -1) {
			out = append(out, m[1])
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

func directive(text, what string) []string {
	var out []string
	for line := range strings.SplitSeq(text, "\n") {
		if v, ok := strings.CutPrefix(line, "# "+what+": "); ok {
			out = append(out, v)
		}
	}
	return out
}

func lintText(t *testing.T, name, text string) []string {
	t.Helper()
	fsys := fs.FS(fstest.MapFS{name: {Data: []byte(text)}})
	set, diags := LoadFS(fsys, "")
	for _, from := range directive(text, "import") {
		_, diags = Empty().Import(from, []ImportFile{{name, []byte(text)}})
		set = Empty()
	}
	var targets []Target
	for _, d := range directive(text, "target") {
		var x Target
		if err := json.Unmarshal([]byte(d), &x); err != nil {
			t.Fatal(d, err)
		}
		targets = append(targets, x)
	}
	var answers []Answer
	for _, d := range directive(text, "answer") {
		var x Answer
		if err := json.Unmarshal([]byte(d), &x); err != nil {
			t.Fatal(d, err)
		}
		answers = append(answers, x)
	}
	if len(targets) > 0 {
		diags = append(diags, set.CheckAgainst(targets, codesDay)...)
	} else {
		diags = append(diags, set.CheckDates(codesDay)...)
	}
	if len(answers) > 0 {
		diags = append(diags, set.CheckAcceptances(answers)...)
	}
	slices.SortStableFunc(diags, compareDiagnostics)
	var out []string
	for _, d := range diags {
		out = append(out, d.String())
	}
	return out
}

// TestTooLarge has no file: it would have to be of 5 MiB.
func TestTooLarge(t *testing.T) {
	_, diags := LoadFS(file("version: 1\n#"+strings.Repeat("x", maxBytes)), "")
	if len(diags) != 1 || diags[0].String() != "a.yaml:1:1: error E109: file is larger than 5 MiB" {
		t.Error(diags)
	}
}
