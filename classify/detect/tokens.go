package detect

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// folds are letters that do not decompose into a base letter and an accent.
var folds = map[rune]string{
	'ß': "ss", 'ø': "o", 'Ø': "o", 'ł': "l", 'Ł': "l", 'đ': "d", 'Đ': "d", 'æ': "ae", 'Æ': "ae", 'œ': "oe", 'Œ': "oe", 'ı': "i", 'þ': "th",
}

// fold drops accents; letters of other scripts stay as they are.
func fold(s string) string {
	ascii := true
	for i := 0; i < len(s); i++ {
		if s[i] >= 0x80 {
			ascii = false
			break
		}
	}
	if ascii {
		return s
	}
	var b strings.Builder
	for _, r := range norm.NFD.String(s) {
		if to, ok := folds[r]; ok {
			b.WriteString(to)
		} else if !unicode.Is(unicode.Mn, r) {
			b.WriteRune(r)
		}
	}
	return b.String()
}

// segments cuts a path into its steps: "$.items[].name" into items, name.
func segments(out []string, name string) []string {
	start := 0
	for i := 0; i <= len(name); i++ {
		if i < len(name) && !parts[name[i]] {
			continue
		}
		if i > start {
			out = append(out, name[start:i])
		}
		start = i + 1
	}
	return out
}

// parts are the characters between the steps of a path.
var parts = [256]bool{'.': true, '/': true, '[': true, ']': true, '>': true, '{': true, '}': true, '$': true, '"': true, '\'': true}

// runs cuts a step into runs of letters and digits, at separators and where the case
// changes; runs of capitals stay together ("HTTPCode" gives HTTP, Code).
func runs(out []string, s string) []string {
	start := -1
	var before byte
	for i := 0; i < len(s); i++ {
		c := s[i]
		if !letter(c) && !digit(c) {
			if start >= 0 {
				out = append(out, s[start:i])
			}
			start, before = -1, 0
			continue
		}
		switch {
		case start < 0:
			start = i
		case upper(c) && lower(before), upper(c) && upper(before) && i+1 < len(s) && lower(s[i+1]) && !pluralOfCapitals(s, i),
			upper(c) && digit(before):
			out = append(out, s[start:i])
			start = i
		}
		before = c
	}
	if start >= 0 {
		out = append(out, s[start:])
	}
	return out
}

// pluralOfCapitals tells whether what follows at i is the last letter of a run of
// capitals and a plural s: the D of "userIDs".
func pluralOfCapitals(s string, i int) bool {
	return s[i+1] == 's' && (i+2 == len(s) || !lower(s[i+2]))
}

func letter(c byte) bool { return lower(c) || upper(c) }
func lower(c byte) bool  { return c >= 'a' && c <= 'z' || c >= 0x80 }
func upper(c byte) bool  { return c >= 'A' && c <= 'Z' }
func digit(c byte) bool  { return c >= '0' && c <= '9' }
