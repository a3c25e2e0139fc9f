package iam

import (
	"bufio"
	"bytes"
	"os"
	"path/filepath"
	"testing"
)

// TestCases decides every case in testdata and holds the answer against the expected
// one.
func TestCases(t *testing.T) {
	files, err := filepath.Glob("testdata/cases-*.jsonl")
	if err != nil || len(files) == 0 {
		t.Fatalf("no case files: %v", err)
	}
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		n := 0
		lines := bufio.NewScanner(bytes.NewReader(data))
		lines.Buffer(nil, 1<<20)
		for lines.Scan() {
			c, err := ParseCase(lines.Bytes())
			if err != nil {
				t.Fatalf("%s line %d: %v", file, n+1, err)
			}
			if got := c.Answer(); got.Decision != c.Expected || c.Expected == "" {
				t.Errorf("%s %s: %s, want %s: %+v", file, c.ID, got.Decision, c.Expected, got)
			}
			n++
		}
		if n == 0 {
			t.Errorf("%s holds no case", file)
		}
	}
}
