package main

import (
	"bytes"
	"encoding/json"
	"flag"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/flowdeed/flowdeed/aws"
	"github.com/flowdeed/flowdeed/aws/replay"
	"github.com/flowdeed/flowdeed/report"
)

var update = flag.Bool("update", false, "write golden files anew")

func TestMain(m *testing.M) {
	if len(os.Args) > 1 && os.Args[1] == layoutCommand {
		main() // the program runs itself to place boxes; here it is the test program
	}
	testscript.Main(m, map[string]func(){"flowdeed": main})
}

// TestScripts runs the command as a person does: wrong input, missing files, every
// command on the example.
func TestScripts(t *testing.T) {
	webshop, err := filepath.Abs("../../examples/webshop")
	if err != nil {
		t.Fatal(err)
	}
	rec, err := replay.Load(webshopRecording)
	if err != nil {
		t.Fatal(err)
	}
	account := httptest.NewServer(rec)
	t.Cleanup(account.Close)
	schemas := httptest.NewServer(described(rec))
	t.Cleanup(schemas.Close)
	nothing := emptyAccount(t)
	testscript.Run(t, testscript.Params{
		Dir: "testdata/script", UpdateScripts: *update,
		Setup: func(e *testscript.Env) error {
			e.Setenv("WEBSHOP", webshop)
			e.Setenv("SNAPSHOT", filepath.Join(webshop, "flowdeed.snapshot"))
			e.Setenv("ACCOUNT", account.URL)
			e.Setenv("DESCRIBED", schemas.URL)
			e.Setenv("NOTHING", nothing)
			for name, value := range offline {
				e.Setenv(name, value)
			}
			return nil
		},
	})
}

// emptyAccount writes the snapshot of an account that has nothing in it.
func emptyAccount(t *testing.T) string {
	t.Helper()
	when := time.Date(2026, 11, 25, 10, 0, 0, 0, time.UTC)
	snap := &aws.Snapshot{}
	snap.Run.Format, snap.Run.Started, snap.Run.Finished = aws.SnapshotFormat, when, when
	snap.Run.Callers = []aws.Identity{{Account: "111122223333", ARN: "arn:aws:iam::111122223333:user/audit"}}
	var b bytes.Buffer
	if err := snap.Write(&b); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "nothing.snapshot")
	if err := os.WriteFile(file, b.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

// TestWebshopReport makes the example's report anew and compares the bytes, and makes
// every format twice.
func TestWebshopReport(t *testing.T) {
	first, second := webshopReports(t), webshopReports(t)
	for _, f := range report.Formats {
		if !bytes.Equal(first[f.Name], second[f.Name]) {
			t.Errorf("two reports as %s differ", f.Name)
		}
	}
	for name, golden := range map[string]string{
		"pdf": "../../examples/webshop/report.pdf", "md": "../../examples/webshop/report.md", "csv": "../../examples/webshop/report.csv",
		"map": "../../docs/map.svg",
	} {
		if *update {
			if err := os.WriteFile(golden, first[name], 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(golden)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(first[name], want) {
			t.Errorf("the %s of the web shop is not %s; if the change is meant: go test ./cmd/flowdeed -run TestWebshopReport -update", name, golden)
		}
	}
}

// readmePart is the part of the web shop's map that the README shows.
const readmePart = "customer-events"

// webshopReports prints the report of the web shop in every format, and the README's
// picture as "map".
func webshopReports(t *testing.T) map[string][]byte {
	t.Helper()
	s := &streams{out: &bytes.Buffer{}, err: &bytes.Buffer{}}
	a, err := example(s)
	if err != nil {
		t.Fatal(err)
	}
	out := map[string][]byte{}
	in := a.reportInput()
	for _, p := range a.figures(s) {
		in.Figures = append(in.Figures, p.figure)
		var svg bytes.Buffer
		if err := p.svg(&svg); err != nil {
			t.Fatal(err)
		}
		if out["map"] == nil && bytes.Contains(svg.Bytes(), []byte(readmePart)) {
			out["map"] = svg.Bytes()
		}
	}
	for _, f := range report.Formats {
		var b bytes.Buffer
		if err := f.Print(&b, report.Build(in)); err != nil {
			t.Fatal(err)
		}
		out[f.Name] = b.Bytes()
	}
	return out
}

// TestSchemas holds the machine-readable forms to their schemas.
func TestSchemas(t *testing.T) {
	for name, args := range map[string][]string{"map": {"map", "--format", "json"}, "check": {"check", "--format", "json"}, "who-can": {"who-can", "--denied", "--format", "json", "read,write", "category:personal"},
		"cut": {"cut", "--format", "json", "customers"}, "proof": {"who-can", "--format", "json", "read,write", "category:personal"}} {
		raw, err := schemas.ReadFile("schemas/" + name + ".json")
		if err != nil {
			t.Fatal(err)
		}
		doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(raw))
		if err != nil {
			t.Fatal(err)
		}
		c := jsonschema.NewCompiler()
		if err := c.AddResource("s.json", doc); err != nil {
			t.Fatal(err)
		}
		schema, err := c.Compile("s.json")
		if err != nil {
			t.Fatal(err)
		}
		var out bytes.Buffer
		run(t.Context(), append(args, "--annotations", "../../examples/webshop/annotations", "../../examples/webshop/flowdeed.snapshot"), &streams{out: &out, err: &bytes.Buffer{}, in: strings.NewReader("")})
		var v any
		if err := json.Unmarshal(out.Bytes(), &v); err != nil {
			t.Fatal(err)
		}
		list := []any{v}
		if name == "proof" {
			list = nil
			for _, a := range v.(map[string]any)["answers"].([]any) {
				list = append(list, a.(map[string]any)["proof"])
			}
		}
		for i, x := range list {
			if err := schema.Validate(x); err != nil {
				t.Errorf("%s %d: %v", name, i, err)
				break
			}
		}
		if len(list) == 0 {
			t.Errorf("nothing was printed to hold to the schema of %s", name)
		}
	}
}
