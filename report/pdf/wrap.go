package pdf

import (
	"strings"

	"github.com/flowdeed/flowdeed/report/doc"
)

// run is text of one look before it is broken into lines.
type run struct {
	text  string
	style style
	ident bool   // an identifier: may break after its separators
	link  string // id in the document, or https address
	brk   bool   // a forced line break
}

// frag is text of one look at its place in a line.
type frag struct {
	text  string
	style style
	link  string
	x, w  float64
}

// textLine is a line of text ready to be drawn.
type textLine struct {
	frags []frag
	w     float64
}

// separators are the characters after which an identifier or an over-long word
// may be parted. Nothing is ever inserted, so that what is copied is what it was.
const separators = " :/-.,_?&="

// piece is a stretch that stays together, made of parts of one or more runs.
type piece struct {
	parts []frag  // x unused
	w     float64 // without trailing spaces
	trail float64 // width of trailing spaces
	long  bool    // prose that may be parted after separators when it does not fit
}

// wrap breaks runs into lines of at most the given width.
func (m *metrics) wrap(runs []run, width float64) []textLine {
	w := &wrapper{m: m, width: max(width, 1)}
	start := 0
	for i := range runs {
		if runs[i].brk {
			w.addRuns(runs[start:i])
			w.newline()
			start = i + 1
		}
	}
	w.addRuns(runs[start:])
	w.newline()
	return w.lines
}

type wrapper struct {
	m     *metrics
	width float64
	lines []textLine
	cur   textLine
	gap   float64 // trailing space of the current line, drawn only when something follows
}

func (w *wrapper) newline() {
	w.lines = append(w.lines, w.cur)
	w.cur, w.gap = textLine{}, 0
}

func (w *wrapper) addRuns(runs []run) {
	for _, p := range w.m.pieces(runs, false) {
		w.add(p)
	}
}

func (w *wrapper) add(p piece) {
	if w.cur.w+w.gap+p.w <= w.width+0.01 {
		w.put(p)
		return
	}
	if p.long && p.w > w.width {
		for _, q := range w.m.pieces(runsOf(p), true) {
			w.add(q)
		}
		return
	}
	if len(w.cur.frags) > 0 {
		w.newline()
	}
	if p.w > w.width {
		w.addAnywhere(p)
		return
	}
	w.put(p)
}

// put appends a piece that fits to the current line.
func (w *wrapper) put(p piece) {
	for _, f := range p.parts {
		f.x = w.cur.w + w.gap
		w.append(f)
	}
	if len(w.cur.frags) == 0 {
		return
	}
	w.gap += p.trail
}

func (w *wrapper) append(f frag) {
	if n := len(w.cur.frags); n > 0 {
		last := &w.cur.frags[n-1]
		if last.style == f.style && last.link == f.link && (w.gap == 0 || w.gap == w.spaces(f.style)) {
			if w.gap > 0 {
				last.text += " "
			}
			last.text += f.text
			last.w = f.x + f.w - last.x
			w.cur.w, w.gap = f.x+f.w, 0
			return
		}
	}
	w.cur.frags = append(w.cur.frags, f)
	w.cur.w, w.gap = f.x+f.w, 0
}

func (w *wrapper) spaces(st style) float64 { return w.m.width(st, " ") }

// addAnywhere parts a piece that has no separator and is wider than the line.
func (w *wrapper) addAnywhere(p piece) {
	for _, f := range p.parts {
		rest := f.text
		for rest != "" {
			n, width := w.m.fit(f.style, rest, w.width-w.cur.w)
			if n == 0 && len(w.cur.frags) > 0 {
				w.newline()
				continue
			}
			if n == 0 { // not even one character fits: one a line
				n = len(firstRune(rest))
				width = w.m.width(f.style, rest[:n])
			}
			w.append(frag{text: rest[:n], style: f.style, link: f.link, x: w.cur.w, w: width})
			rest = rest[n:]
			if rest != "" {
				w.newline()
			}
		}
	}
	w.gap = p.trail
}

func firstRune(s string) string {
	for i := range s {
		if i > 0 {
			return s[:i]
		}
	}
	return s
}

// fit returns how many bytes of s fit into the width, and how wide they are.
func (m *metrics) fit(st style, s string, width float64) (int, float64) {
	used := 0.0
	for i, r := range s {
		per, _ := m.per(st.face, r)
		w := float64(per) * st.size / 1000
		if used+w > width {
			return i, used
		}
		used += w
	}
	return len(s), used
}

// pieces cuts runs where a line may end. With all set, prose is cut after
// separators too.
func (m *metrics) pieces(runs []run, all bool) []piece {
	var out []piece
	var cur piece
	flush := func() {
		if len(cur.parts) > 0 || cur.trail > 0 {
			out = append(out, cur)
		}
		cur = piece{}
	}
	for _, r := range runs {
		if r.brk {
			flush() // no word goes on in the next line
		}
		rest := m.showable(r.style.face, r.text)
		for rest != "" {
			n := cutAt(rest, r.ident || all)
			word := strings.TrimRight(rest[:n], " ")
			spaces := n - len(word)
			if word != "" {
				f := frag{text: word, style: r.style, link: r.link, w: m.width(r.style, word)}
				cur.parts = append(cur.parts, f)
				cur.w += f.w
				cur.long = cur.long || !r.ident && !all
			}
			cur.trail = float64(min(spaces, 1)) * m.width(r.style, " ")
			if endsPiece(rest[:n], r.ident || all) {
				flush()
			}
			rest = rest[n:]
		}
	}
	flush()
	return out
}

// cutAt returns the length of the first stretch of s up to and with a character
// after which a line may end, and the spaces that follow it.
func cutAt(s string, ident bool) int {
	for i := range len(s) {
		if s[i] == ' ' || ident && strings.IndexByte(separators, s[i]) >= 0 || !ident && breaksProse(s, i) {
			n := i + 1
			for n < len(s) && s[n] == ' ' {
				n++
			}
			return n
		}
	}
	return len(s)
}

// breaksProse tells whether a line of prose may end after s[i]: after a hyphen or
// slash between two letters.
func breaksProse(s string, i int) bool {
	return (s[i] == '-' || s[i] == '/') && i > 0 && i+1 < len(s) && isLetter(s[i-1]) && isLetter(s[i+1])
}

func isLetter(c byte) bool { return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= 0x80 }

// endsPiece tells whether a line may end behind the stretch.
func endsPiece(s string, ident bool) bool {
	last := s[len(s)-1]
	if last == ' ' {
		return true
	}
	if ident {
		return strings.IndexByte(separators, last) >= 0
	}
	return last == '-' || last == '/'
}

func runsOf(p piece) []run {
	var out []run
	for i, f := range p.parts {
		t := f.text
		if i == len(p.parts)-1 && p.trail > 0 {
			t += " "
		}
		out = append(out, run{text: t, style: f.style, link: f.link})
	}
	return out
}

// runs turns inline pieces into runs of the given size and colour.
func runs(t doc.Text, base style, words *doc.Words) []run {
	out := make([]run, 0, len(t))
	for _, x := range t {
		out = append(out, runOf(x, base, words))
	}
	return out
}

func runOf(x doc.Inline, base style, words *doc.Words) run {
	r := run{text: x.Text, style: base}
	switch x.Kind {
	case doc.Strong:
		r.style.face = bold
	case doc.Code:
		r.style.face, r.style.size, r.ident = mono, base.size-0.6, true
	case doc.Link:
		r.style.colour, r.link, r.ident = blue, "#"+x.Target, !strings.Contains(x.Text, " ")
	case doc.LinkOut:
		r.style.colour, r.link, r.ident = blue, x.Target, true
	case doc.Status:
		r.text = strings.TrimSpace(doc.Sign(x.Kind, x.Text) + "\u00A0" + words.Word(x.Kind, x.Text))
		r.style.face, r.style.colour = bold, colourOf(statusColours, x.Text)
	case doc.Severity:
		r.text = strings.TrimSpace(doc.Sign(x.Kind, x.Text) + "\u00A0" + words.Word(x.Kind, x.Text))
		r.style.face, r.style.colour = bold, colourOf(severityColours, x.Text)
	case doc.Break:
		r.brk = true
	case doc.Quiet:
		r.style.colour, r.style.size = second, base.size-0.4
	}
	return r
}

func colourOf(m map[string]doc.Colour, key string) doc.Colour {
	if c, ok := m[key]; ok {
		return c
	}
	return ink
}
