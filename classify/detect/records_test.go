package detect

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// The categories that count as special here are those the taxonomy marks as such always.
func TestSpecials(t *testing.T) {
	b, err := os.ReadFile(filepath.Join("..", "..", "annotations", "taxonomy.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	key, seen := "", 0
	for _, line := range strings.Split(string(b), "\n") {
		if strings.HasPrefix(line, "  user") && strings.HasSuffix(line, ":") {
			key = strings.TrimSuffix(strings.TrimSpace(line), ":")
		}
		if !strings.Contains(line, "art9: always") && !strings.Contains(line, "art10: always") {
			continue
		}
		seen++
		if !special(key) {
			t.Errorf("%s is always special in the taxonomy, not here", key)
		}
	}
	if seen < 20 {
		t.Errorf("%d special categories read, more are in the taxonomy", seen)
	}
	for _, key := range []string{"user.name", "user.demographic.age", "user.financial.income", "user.contact.email"} {
		if special(key) {
			t.Errorf("%s is not special", key)
		}
	}
}

// A broken line of a table is named by its number.
func TestThemesRefused(t *testing.T) {
	l, err := readLexicon()
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ text, want string }{
		{"user.name linked", "themes.txt:1: a theme needs"},
		{"# fine\nuser.name sometimes PERSON", `themes.txt:2: unknown need "sometimes"`},
		{"user.name of NOSUCHATOM", `themes.txt:1: unknown atom or condition "NOSUCHATOM"`},
		{"user.name of PERSON near:NAME", `themes.txt:1: unknown atom or condition "near:NAME"`},
	} {
		if _, err := parseThemes(l, c.text); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%q: got %v, want %q", c.text, err, c.want)
		}
	}
}

// Words are the same where only their endings differ.
func TestSameWord(t *testing.T) {
	for _, c := range []struct {
		a, b string
		want bool
	}{
		{"detenidos", "detenido", true}, {"bewoner", "bewoners", true}, {"pasientes", "pasiente", true},
		{"order", "ordinance", false}, {"cat", "cats", false}, {"person", "personal", true}, {"visit", "visitors", false},
	} {
		if got := sameWord(c.a, c.b); got != c.want {
			t.Errorf("%s, %s: got %v", c.a, c.b, got)
		}
	}
}
