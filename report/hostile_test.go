package report

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"unicode/utf8"
)

// hostileStrings are names nobody chooses with good intent, or by good luck.
var hostileStrings = []string{
	strings.TrimSpace(strings.Repeat("lorem ipsum ", 450)), // 900 words
	strings.Repeat("W", 60),
	"🔒🧑‍⚕️ vault 💊",
	"\u202Egpj.exe \u2066hidden\u2069",
	"שלום עולם العربية",
	"nul\x00bell\a esc\x1b[31m vt\v",
	"</script><script>alert(1)</script>",
	"<img src=x onerror=alert(1)>",
	"a|b||c | d",
	"=cmd|' /C calc'!A0",
	"+1+1", "-2+3", "@SUM(A1)", "\t=1", " =1",
	"[click](javascript:alert(1))",
	"`code` ``two`` ```three",
	"# heading\n- list\n1. one\n> quote",
	"**bold** _it_ ~~x~~ $x$ &lt;b&gt; \\",
	"\xff\xfe\xc3\x28 not utf-8",
	"(a) \\( \\) ) ( Tj ET",
	strings.Repeat("e\u0301\u0302", 80),
	"",
	" ",
	"中文名字很长很长很长很长很长很长很长很长",
}

func hostile() Input {
	return estate{systems: 12, findings: 260, rename: func(i int, s string) string {
		return hostileStrings[(i+len(s))%len(hostileStrings)] + fmt.Sprint(i)
	}}.build()
}

func TestHostileNamesBreakNoFormat(t *testing.T) {
	in := hostile()
	in.Title, in.Confidentiality = hostileStrings[0], hostileStrings[6]
	in.Findings[0].Reason = hostileStrings[9]
	d := Build(in)
	for _, f := range Formats {
		out := printed(t, f.Name, d)
		if f.Name == "pdf" {
			continue // looked at with poppler in another test
		}
		if !utf8.Valid(out) {
			t.Errorf("%s is not UTF-8", f.Name)
		}
		if f.Name != "csv" && bytes.Contains(out, []byte("<script")) && !bytes.Contains(out, []byte("\\<script")) {
			t.Errorf("%s has a bare <script", f.Name)
		}
	}
	checkCSV(t, printed(t, "csv", d))
	checkMarkdown(t, string(printed(t, "md", d)))
	for _, name := range []string{"json", "blocks"} {
		if !json.Valid(printed(t, name, d)) {
			t.Errorf("%s is not JSON", name)
		}
	}
}

func checkCSV(t *testing.T, out []byte) {
	t.Helper()
	rows, err := csv.NewReader(bytes.NewReader(out)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	for i, r := range rows {
		for j, c := range r {
			if s := strings.TrimLeft(c, " \t\r\n"); s != "" && strings.ContainsRune("=+-@", rune(s[0])) {
				t.Errorf("row %d, column %s starts a formula: %q", i, rows[0][j], c)
			}
			if strings.ContainsAny(c, "\n\r\t\x00") {
				t.Errorf("row %d, column %s has a control character: %q", i, rows[0][j], c)
			}
		}
	}
}

// checkMarkdown reads the page as GitHub does: every table row has as many cells
// as its head, and outside of code spans nothing has a special meaning that the
// printer did not write.
func checkMarkdown(t *testing.T, md string) {
	t.Helper()
	columns := 0
	for i, l := range strings.Split(md, "\n") {
		if !strings.HasPrefix(l, "|") {
			columns = 0
			continue
		}
		n := bars(l)
		if columns == 0 {
			columns = n
		}
		if n != columns {
			t.Errorf("line %d has %d bars, the head of its table %d: %s", i+1, n, columns, l[:min(len(l), 200)])
		}
	}
	bare := withoutCode(md)
	for _, bad := range []string{"<script", "<img", "](javascript:"} {
		if i := strings.Index(bare, bad); i >= 0 && !escapedAt(bare, i) {
			t.Errorf("unescaped %q in: %s", bad, bare[max(0, i-40):min(len(bare), i+40)])
		}
	}
}

// bars counts the bars that part cells: GitHub cuts at every bar without a backslash, code or not.
func bars(l string) int {
	n := 0
	for i := range len(l) {
		if l[i] == '|' && !escapedAt(l, i) {
			n++
		}
	}
	return n
}

func escapedAt(s string, i int) bool {
	n := 0
	for i-n-1 >= 0 && s[i-n-1] == '\\' {
		n++
	}
	return n%2 == 1
}

// withoutCode removes code spans: a run of backticks up to the next run of the same length.
func withoutCode(s string) string {
	var b strings.Builder
	for i := 0; i < len(s); {
		if s[i] != '`' || escapedAt(s, i) {
			b.WriteByte(s[i])
			i++
			continue
		}
		n := 0
		for i+n < len(s) && s[i+n] == '`' {
			n++
		}
		end := closing(s[i+n:], n)
		if end < 0 {
			b.WriteString(s[i : i+n])
			i += n
			continue
		}
		i += n + end + n
	}
	return b.String()
}

func closing(s string, n int) int {
	for i := 0; i < len(s); {
		if s[i] != '`' {
			i++
			continue
		}
		m := 0
		for i+m < len(s) && s[i+m] == '`' {
			m++
		}
		if m == n {
			return i
		}
		i += m
	}
	return -1
}

func TestEscape(t *testing.T) {
	for in, want := range map[string]string{
		"plain text, 32(1)(a).": "plain text, 32(1)(a).", "a|b": "a\\|b", "[x](y)": "\\[x\\](y)", "<b>": "\\<b\\>", "a_b*c": "a\\_b\\*c", "`x`": "\\`x\\`", "\\": "\\\\", "&lt;": "\\&lt;",
	} {
		if got := escape(in); got != want {
			t.Errorf("escape(%q) = %q, want %q", in, got, want)
		}
	}
	for in, want := range map[string]string{"a": "`a`", "a`b": "``a`b``", "`a": "`` `a ``", "a|b": "`a\\|b`", "": ""} {
		if got := codeSpan(in); got != want {
			t.Errorf("codeSpan(%q) = %q, want %q", in, got, want)
		}
	}
	for in, want := range map[string]string{"- a": "\\- a", "12. a": "12\\. a", "1) a": "1\\) a", "12 a": "12 a", "": ""} {
		if got := guard(in); got != want {
			t.Errorf("guard(%q) = %q, want %q", in, got, want)
		}
	}
	for in, want := range map[string]string{"3.1 High (32)": "31-high-32", "A1 What is not known": "a1-what-is-not-known", "a_b – c": "a_b--c"} {
		if got := githubAnchor(in); got != want {
			t.Errorf("githubAnchor(%q) = %q, want %q", in, got, want)
		}
	}
	for in, want := range map[string]string{"=1": "'=1", " =1": "' =1", "@x": "'@x", "a=1": "a=1", "\t-1": "' -1", "": ""} {
		if got := cellText(in); got != want {
			t.Errorf("cellText(%q) = %q, want %q", in, got, want)
		}
	}
}
