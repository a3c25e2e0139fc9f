package diagram

import (
	"strings"
	"sync"

	"codeberg.org/go-fonts/liberation/liberationsansbold"
	"codeberg.org/go-fonts/liberation/liberationsansregular"
	"golang.org/x/image/font"
	"golang.org/x/image/font/sfnt"
	"golang.org/x/image/math/fixed"
)

// ruler measures text in the fonts the pictures are drawn with.
type ruler struct {
	mu            sync.Mutex
	regular, bold *sfnt.Font
	buf           sfnt.Buffer
}

var newRuler = sync.OnceValue(func() *ruler {
	r := &ruler{}
	for _, f := range []struct {
		at   **sfnt.Font
		data []byte
	}{{&r.regular, liberationsansregular.TTF}, {&r.bold, liberationsansbold.TTF}} {
		parsed, err := sfnt.Parse(f.data)
		if err != nil {
			panic("diagram: the built-in font: " + err.Error()) // embedded, held by every test
		}
		*f.at = parsed
	}
	return r
})

// width returns the width of a text in points.
func (r *ruler) width(s string, size float64, bold bool) float64 {
	r.mu.Lock()
	defer r.mu.Unlock()
	f := r.regular
	if bold {
		f = r.bold
	}
	const ppem = 1000
	total := fixed.Int26_6(0)
	for _, c := range s {
		g, err := f.GlyphIndex(&r.buf, c)
		if err != nil {
			continue
		}
		a, err := f.GlyphAdvance(&r.buf, g, fixed.I(ppem), font.HintingNone)
		if err == nil {
			total += a
		}
	}
	return float64(total) / 64 / ppem * size
}

// end cuts a text at its end until it fits.
func (r *ruler) end(s string, size float64, bold bool, room float64) string {
	runes := []rune(s)
	for n := len(runes); n > 1; n-- {
		t := string(runes[:n])
		if n < len(runes) {
			t = strings.TrimRight(t, " …") + " …"
		}
		if r.width(t, size, bold) <= room {
			return t
		}
	}
	return "…"
}

// wrap breaks a text into rows that fit: after spaces, and a word that is too long by
// itself after the signs of names, else anywhere. Nothing is left out.
func (r *ruler) wrap(s string, size float64, bold bool, room float64) []string {
	fits := func(t string) bool { return r.width(strings.TrimRight(t, " "), size, bold) <= room }
	var out []string
	row := ""
	for _, piece := range r.pieces(s, fits) {
		if row != "" && !fits(row+piece) {
			out, row = append(out, strings.TrimRight(row, " ")), ""
		}
		row += piece
	}
	return append(out, strings.TrimRight(row, " "))
}

// pieces cuts a text where a row may end, so that every piece fits a row.
func (r *ruler) pieces(s string, fits func(string) bool) []string {
	var out []string
	for _, word := range strings.SplitAfter(s, " ") {
		if fits(word) {
			out = append(out, word)
			continue
		}
		piece := ""
		for _, c := range word {
			if piece != "" && !fits(piece+string(c)) {
				out, piece = append(out, piece), ""
			}
			piece += string(c)
			if strings.ContainsRune("/:.,=_-", c) {
				out, piece = append(out, piece), ""
			}
		}
		out = append(out, piece)
	}
	return out
}

// middle cuts a text in the middle until it fits.
func (r *ruler) middle(s string, size float64, bold bool, room float64) string {
	runes := []rune(s)
	if r.width(s, size, bold) <= room {
		return s
	}
	for n := len(runes) - 1; n > 4; n-- {
		head := (n + 1) / 2
		t := string(runes[:head]) + "…" + string(runes[len(runes)-(n-head):])
		if r.width(t, size, bold) <= room {
			return t
		}
	}
	return string(runes[:min(len(runes), 3)]) + "…"
}
