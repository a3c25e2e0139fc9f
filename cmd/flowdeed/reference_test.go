package main

import (
	"bytes"
	"os"
	"strings"
	"testing"
)

// TestReferencesAreCurrent compares the printed references in docs with what the
// declarations say today.
func TestReferencesAreCurrent(t *testing.T) {
	for file, args := range map[string][]string{
		"../../docs/controls.md": {"controls", "--format", "md"},
		"../../docs/services.md": {"services", "--format", "md"},
	} {
		var out bytes.Buffer
		if status := run(t.Context(), args, &streams{out: &out, err: &bytes.Buffer{}, in: strings.NewReader("")}); status != 0 {
			t.Fatalf("%v: exit status %d", args, status)
		}
		if *update {
			if err := os.WriteFile(file, out.Bytes(), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(out.Bytes(), want) {
			t.Errorf("%s is not what the code says; if the change is meant: go test ./cmd/flowdeed -run TestReferencesAreCurrent -update", file)
		}
	}
}
