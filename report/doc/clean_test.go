package doc

import (
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"
)

func TestClean(t *testing.T) {
	for _, c := range []struct{ name, in, want string }{
		{"plain", "orders-queue", "orders-queue"},
		{"line breaks become spaces", "a\r\nb\tc\u2028d", "a  b c d"},
		{"composed", "Lo\u0301dz", "L\u00f3dz"},
		{"control", "a\x00b\x1b[31m", "aU+0000bU+001B[31m"},
		{"direction", "invoice\u202Efdp.exe", "invoiceU+202Efdp.exe"},
		{"zero width", "ad\u200Bmin\uFEFF", "adU+200BminU+FEFF"},
		{"joiner kept", "क\u094D\u200Dष", "क\u094D\u200Dष"},
		{"not UTF-8", "a\xff\xfeb", "a\uFFFDb"},
		{"emoji", "🔒 vault", "🔒 vault"},
	} {
		if got := Clean(c.in); got != c.want {
			t.Errorf("%s: Clean(%q) = %q, want %q", c.name, c.in, got, c.want)
		}
	}
}

func TestCleanCuts(t *testing.T) {
	got := Clean(strings.Repeat("é", 5000))
	if want := "… [cut: 2000 of 5000 characters shown]"; !strings.HasSuffix(got, want) || strings.Count(got, "é") != 2000 {
		t.Errorf("got %d runes ending in %q", utf8.RuneCountInString(got), got[len(got)-60:])
	}
	if exact := strings.Repeat("x", 2000); Clean(exact) != exact {
		t.Error("a text of exactly 2,000 characters was changed")
	}
}

func FuzzClean(f *testing.F) {
	for _, s := range []string{"", "a\x00", "\u202E\u2066", "\xff", strings.Repeat("ab\u0301", 1500), "👩‍👩‍👧"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		got := Clean(s)
		if !utf8.ValidString(got) {
			t.Fatalf("not valid UTF-8: %q", got)
		}
		for _, r := range got {
			if unicode.IsControl(r) || unicode.Is(unicode.Cf, r) && r != '\u200C' && r != '\u200D' {
				t.Fatalf("hidden character %U left in %q", r, got)
			}
		}
		if n := utf8.RuneCountInString(got); n > 2060 {
			t.Fatalf("%d characters", n)
		}
		if n := utf8.RuneCountInString(got); n <= 2000 && Clean(got) != got {
			t.Fatalf("cleaning twice changes %q", got)
		}
	})
}

func TestEverySignIsThere(t *testing.T) {
	for _, s := range []string{"pass", "fail", "unknown", "not-applicable", "accepted"} {
		if Sign(Status, s) == "" {
			t.Errorf("no sign for status %s", s)
		}
	}
	for _, s := range []string{"info", "low", "medium", "high", "critical"} {
		if Sign(Severity, s) == "" {
			t.Errorf("no sign for severity %s", s)
		}
	}
}

func TestOutTakesHTTPSOnly(t *testing.T) {
	for _, url := range []string{"javascript:alert(1)", "http://example.com", "file:///etc/passwd", "data:text/html,x", ""} {
		if got := Out("x", url); got[0].Kind != Plain {
			t.Errorf("%q became a link", url)
		}
	}
	if got := Out("x", "https://example.com"); got[0].Kind != LinkOut {
		t.Error("an https address did not become a link")
	}
}
