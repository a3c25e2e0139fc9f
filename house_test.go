package flowdeed_test

import (
	"encoding/json"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

const module = "github.com/flowdeed/flowdeed"

// floors say on which floor a room is; imports of ours only go down.
var floors = map[string]int{
	"cmd/flowdeed": 6, "examples": 5,
	"report": 5, "report/pdf": 4, "report/diagram": 4, "report/layout": 2, "report/layout/cachedir": 1, "report/doc": 1,
	"check": 3, "reach": 2, "aws": 2, "aws/replay": 1, "aws/environments": 3, "classify": 2, "classify/detect": 1,
	"reach/proof/verify": 1, "reach/proof/terms": 0, "reach/proof/ways": 0, "reach/proof": -1, "reach/cut": 0,
	"iam": 1, "iam/actiondata": 1, "graph": 1, "annotations": 1,
}

// outside is what each room may import from other modules, by prefix.
var outside = map[string][]string{
	"cmd/flowdeed":    {"github.com/spf13/cobra", "github.com/schollz/progressbar", "golang.org/x/term"},
	"aws":             {"github.com/aws/", "github.com/klauspost/compress", "golang.org/x/time/rate"},
	"aws/replay":      {"github.com/klauspost/compress"},
	"graph":           {"github.com/dominikbraun/graph"},
	"classify/detect": {"golang.org/x/text"},
	"annotations":     {"github.com/goccy/go-yaml", "golang.org/x/text/language"},
	"report/doc":      {"golang.org/x/text"},
	"report/pdf": {
		"codeberg.org/go-pdf/fpdf", "codeberg.org/go-fonts/liberation", "github.com/johnfercher/maroto/v2", "github.com/johnfercher/go-tree",
		"golang.org/x/image", "golang.org/x/text",
	},
	"report/diagram": {"codeberg.org/go-fonts/liberation", "golang.org/x/image", "github.com/fogleman/gg"},
	"report/layout":  {"github.com/goccy/go-graphviz"},
}

type listed struct {
	ImportPath string
	Imports    []string
}

func packages(t *testing.T) []listed {
	out, err := exec.Command("go", "list", "-json=ImportPath,Imports", "./...").Output()
	if err != nil {
		t.Fatal(err)
	}
	var list []listed
	for dec := json.NewDecoder(strings.NewReader(string(out))); dec.More(); {
		var p listed
		if err := dec.Decode(&p); err != nil {
			t.Fatal(err)
		}
		list = append(list, p)
	}
	return list
}

func TestImportsGoDown(t *testing.T) {
	for _, p := range packages(t) {
		room := strings.TrimPrefix(p.ImportPath, module+"/")
		if room == module {
			continue
		}
		floor, ok := floors[room]
		if !ok {
			t.Errorf("room %s is on no floor: add it here with a page in docs/decisions", room)
			continue
		}
		for _, i := range p.Imports {
			if below, ok := strings.CutPrefix(i, module+"/"); ok {
				if floors[below] >= floor {
					t.Errorf("%s (floor %d) imports %s (floor %d)", room, floor, below, floors[below])
				}
				continue
			}
			if first, _, _ := strings.Cut(i, "/"); strings.Contains(first, ".") && !slices.ContainsFunc(outside[room], func(a string) bool { return strings.HasPrefix(i, a) }) {
				t.Errorf("%s imports %s, which is not on its list", room, i)
			}
		}
	}
}

// TestTheCheckerStandsAlone keeps the judgement that gives an answer out of the one that
// checks its proof, and the second one small.
func TestTheCheckerStandsAlone(t *testing.T) {
	for _, p := range packages(t) {
		if room := strings.TrimPrefix(p.ImportPath, module+"/"); strings.HasPrefix(room, "reach/proof") {
			for _, i := range p.Imports {
				if strings.HasPrefix(i, module) && !strings.HasPrefix(i, module+"/reach/proof") {
					t.Errorf("%s imports %s: what checks proofs stands alone", room, i)
				}
			}
		}
	}
	for room, most := range map[string]int{"verify": 500, "ways": 500, "terms": 900} {
		if lines := linesOf(t, "reach/proof/"+room); lines == 0 || lines >= most {
			t.Errorf("%s has %d lines, fewer than %d can be read in one go", room, lines, most)
		}
	}
}

// linesOf counts the lines of a package without its tests.
func linesOf(t *testing.T, room string) (lines int) {
	files, err := filepath.Glob(room + "/*.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		if strings.HasSuffix(f, "_test.go") {
			continue
		}
		data, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		lines += strings.Count(string(data), "\n")
	}
	return lines
}

func goFiles(t *testing.T) []string {
	var out []string
	err := filepath.WalkDir(".", func(p string, d fs.DirEntry, err error) error {
		if err == nil && d.IsDir() && (d.Name() == "testdata" || strings.HasPrefix(d.Name(), ".") && p != ".") {
			return fs.SkipDir
		}
		if err == nil && strings.HasSuffix(p, ".go") {
			out = append(out, p)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func TestNoInitAndNoTemplates(t *testing.T) {
	for _, f := range goFiles(t) {
		if strings.HasSuffix(f, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), f, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range file.Decls {
			if fn, ok := d.(*ast.FuncDecl); ok && fn.Recv == nil && fn.Name.Name == "init" && filepath.Dir(f) != filepath.Join("report", "layout", "cachedir") {
				t.Errorf("%s has an init function", f)
			}
		}
		for _, i := range file.Imports {
			if p := strings.Trim(i.Path.Value, `"`); p == "text/template" || p == "html/template" {
				t.Errorf("%s imports %s, which keeps the linker from dropping unused methods", f, p)
			}
		}
	}
}

func TestEveryPackageHasADoc(t *testing.T) {
	docs := map[string]bool{}
	for _, f := range goFiles(t) {
		if strings.HasSuffix(f, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), f, nil, parser.ParseComments|parser.PackageClauseOnly)
		if err != nil {
			t.Fatal(err)
		}
		dir := filepath.Dir(f)
		docs[dir] = docs[dir] || file.Doc != nil
	}
	for dir, has := range docs {
		if !has {
			t.Errorf("package in %s has no doc comment", dir)
		}
	}
}
