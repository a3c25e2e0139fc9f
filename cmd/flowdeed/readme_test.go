package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/flowdeed/flowdeed/annotations"
)

// TestReadme runs what the README shows: its annotations hold, and every command it
// lists is there.
func TestReadme(t *testing.T) {
	raw, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	text := string(raw)
	_, yaml, _ := strings.Cut(text, "```yaml\n")
	yaml, _, ok := strings.Cut(yaml, "```")
	if !ok {
		t.Fatal("no annotations in the README")
	}
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "a.yaml"), []byte(yaml), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, diags := annotations.LoadFS(os.DirFS(dir), "annotations"); len(diags) > 0 {
		t.Errorf("the annotations of the README: %v", diags)
	}
	for line := range strings.Lines(text) {
		rest, ok := strings.CutPrefix(line, "| `")
		if !ok {
			continue
		}
		for _, name := range strings.FieldsFunc(strings.SplitN(rest, "|", 2)[0], func(r rune) bool { return strings.ContainsRune("`, ", r) }) {
			if strings.ToLower(name) != name {
				continue // an argument
			}
			if status := run(t.Context(), []string{name, "--help"}, &streams{out: &bytes.Buffer{}, err: &bytes.Buffer{}, in: strings.NewReader("")}); status != 0 {
				t.Errorf("%s --help: exit status %d", name, status)
			}
		}
	}
}
