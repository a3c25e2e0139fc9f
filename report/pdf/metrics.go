package pdf

import (
	"fmt"
	"strings"
	"unicode"

	"codeberg.org/go-fonts/liberation/liberationmonoregular"
	"codeberg.org/go-fonts/liberation/liberationsansbold"
	"codeberg.org/go-fonts/liberation/liberationsansregular"
	"codeberg.org/go-pdf/fpdf"
	"golang.org/x/image/font/sfnt"
	"golang.org/x/text/unicode/bidi"
)

// family and fontStyle are the names of a face in the PDF engine.
var (
	family    = [faces]string{"sans", "sans", "mono"}
	fontStyle = [faces]string{"", "B", ""}
)

func fontData(f face) []byte {
	switch f {
	case bold:
		return liberationsansbold.TTF
	case mono:
		return liberationmonoregular.TTF
	}
	return liberationsansregular.TTF
}

// metrics knows which runes each face can show and how wide they are.
type metrics struct {
	pdf    *fpdf.Fpdf
	fonts  [faces]*sfnt.Font
	buf    sfnt.Buffer
	widths [faces][]uint16 // per mille of the size plus one; 0: not asked yet; blank: no glyph
}

const blank = 0xFFFF

func newMetrics(pdf *fpdf.Fpdf) (*metrics, error) {
	m := &metrics{pdf: pdf}
	for f := range faces {
		data := fontData(f)
		font, err := sfnt.Parse(data)
		if err != nil {
			return nil, fmt.Errorf("reading the built-in font %s%s: %w", family[f], fontStyle[f], err)
		}
		m.fonts[f] = font
		m.widths[f] = make([]uint16, 0x10000)
		pdf.AddUTF8FontFromBytes(family[f], fontStyle[f], data)
	}
	return m, pdf.Error()
}

// per returns the width of a rune in thousandths of the size, and whether the
// face has a glyph for it. Runes above U+FFFF never have one: the PDF engine
// cannot carry them.
func (m *metrics) per(f face, r rune) (int, bool) {
	if r < 0 || r > 0xFFFE {
		return 0, false
	}
	w := m.widths[f][r]
	if w == 0 {
		w = m.measure(f, r)
		m.widths[f][r] = w
	}
	if w == blank {
		return 0, false
	}
	return int(w - 1), true
}

func (m *metrics) measure(f face, r rune) uint16 {
	if g, err := m.fonts[f].GlyphIndex(&m.buf, r); err != nil || g == 0 {
		return blank
	}
	// The engine measures with the font it writes with: what was set is set again, or
	// the next text would come out in the size of the measuring.
	was, wasStyle := m.pdf.GetFontFamily(), m.pdf.GetFontStyle()
	wasSize, _ := m.pdf.GetFontSize()
	m.pdf.SetFont(family[f], fontStyle[f], 10)
	w := m.pdf.GetStringSymbolWidth(string(r))
	if was != "" {
		m.pdf.SetFont(was, wasStyle, wasSize)
	}
	return uint16(w + 1)
}

// width returns the width of a string that has only runes with a glyph.
func (m *metrics) width(st style, s string) float64 {
	n := 0
	for _, r := range s {
		w, _ := m.per(st.face, r)
		n += w
	}
	return float64(n) * st.size / 1000
}

// showable replaces every rune the face cannot show by its code, "U+1F512", so
// that nothing is lost and nothing breaks the PDF.
func (m *metrics) showable(f face, s string) string {
	bad := false
	for _, r := range s {
		if _, ok := m.per(f, r); !ok {
			bad = true
			break
		}
	}
	if !bad {
		return s
	}
	var b strings.Builder
	after := false
	for _, r := range s {
		if _, ok := m.per(f, r); ok {
			b.WriteRune(r)
			after = false
			continue
		}
		if after {
			b.WriteByte(' ')
		}
		fmt.Fprintf(&b, "U+%04X", r)
		after = true
	}
	return b.String()
}

// boxed replaces every rune the face cannot show by a box, for pictures, where a
// text may not grow.
func (m *metrics) boxed(f face, s string) string {
	return strings.Map(func(r rune) rune {
		if _, ok := m.per(f, r); !ok {
			return '□'
		}
		return r
	}, s)
}

// visual puts a line into the order in which it is seen: right-to-left runs are
// reversed, since the PDF engine writes from left to right.
func visual(s string) string {
	if !strings.ContainsFunc(s, func(r rune) bool { return r >= 0x590 && r <= 0x8FF || r >= 0xFB1D && r <= 0xFEFC }) {
		return s
	}
	var p bidi.Paragraph
	if _, err := p.SetString(s); err != nil {
		return s
	}
	order, err := p.Order()
	if err != nil {
		return s
	}
	var b strings.Builder
	for i := range order.NumRuns() {
		run := order.Run(i)
		if run.Direction() == bidi.RightToLeft {
			b.WriteString(reversed(run.String()))
			continue
		}
		b.WriteString(run.String())
	}
	return b.String()
}

// reversed turns a string round, each base character with the marks that follow it.
func reversed(s string) string {
	runes := []rune(s)
	out := make([]rune, 0, len(runes))
	for end := len(runes); end > 0; {
		start := end - 1
		for start > 0 && unicode.Is(unicode.Mn, runes[start]) {
			start--
		}
		out = append(out, runes[start:end]...)
		end = start
	}
	return string(out)
}
