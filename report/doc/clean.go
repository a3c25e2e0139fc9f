package doc

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// longest is the number of runes foreign text may have in a block.
const longest = 2000

// Clean makes foreign text safe to stand in a block: valid UTF-8, composed (NFC),
// on one line, without control characters. Characters that cannot be seen but
// change what is seen (controls, bidirectional overrides, zero-width spaces) are
// written out as U+202E. Text longer than 2,000 runes is cut and says so.
func Clean(s string) string {
	if isPlain(s) {
		return s
	}
	return cut(norm.NFC.String(visible(strings.ToValidUTF8(s, "\uFFFD"))))
}

// isPlain tells whether s is short printable ASCII, which needs no cleaning.
func isPlain(s string) bool {
	if len(s) > longest {
		return false
	}
	for i := range len(s) {
		if s[i] < ' ' || s[i] > '~' {
			return false
		}
	}
	return true
}

func visible(s string) string {
	var b strings.Builder
	b.Grow(len(s))
	for _, r := range s {
		switch {
		case r == '\n', r == '\r', r == '\t', r == '\u2028', r == '\u2029', r == '\u0085':
			b.WriteByte(' ')
		case hidden(r):
			fmt.Fprintf(&b, "U+%04X", r)
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}

// hidden tells whether a rune leaves no mark of its own. The two joiners are kept:
// several scripts need them to be written right.
func hidden(r rune) bool {
	return unicode.IsControl(r) || unicode.Is(unicode.Cf, r) && r != '\u200C' && r != '\u200D'
}

func cut(s string) string {
	n := utf8.RuneCountInString(s)
	if n <= longest {
		return s
	}
	i := 0
	for at := range s {
		if i == longest {
			return fmt.Sprintf("%s… [cut: %d of %d characters shown]", s[:at], longest, n)
		}
		i++
	}
	return s
}
