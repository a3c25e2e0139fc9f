package detect

import "strings"

// token is one word of a name with all it may mean.
type token struct {
	text      string
	senses    []sense
	is        atoms // of the senses that count in the language of the resource
	unsure    bool  // only a sense that another language contests, and English is spoken
	contested bool  // the same in any language
	part      bool  // cut out of a longer token
}

// known tells whether the token is in the dictionary.
func (t *token) known() bool { return !t.is.empty() }

// step is one step of a path: the tokens of "shippingAddress" in "order.shippingAddress.city".
type step struct{ from, end int }

// parsed is a name in tokens.
type parsed struct {
	tokens []token
	steps  []step
}

// parse cuts a name into steps and tokens. The result is overwritten by the next call
// with the same buffer.
func (d *Detector) parse(p *parsed, name string) {
	p.tokens, p.steps = p.tokens[:0], p.steps[:0]
	d.segs = segments(d.segs[:0], name)
	for _, seg := range d.segs {
		from := len(p.tokens)
		p.tokens = append(p.tokens, d.tokensOf(seg)...)
		if len(p.tokens) > from {
			p.steps = append(p.steps, step{from, len(p.tokens)})
		}
	}
}

// remembered bounds the memory of steps already cut.
const remembered = 1 << 16

// tokensOf cuts one step; steps repeat, so what was cut once is kept.
func (d *Detector) tokensOf(seg string) []token {
	if t, ok := d.cut[seg]; ok {
		return t
	}
	var out []token
	for _, run := range runs(nil, fold(seg)) {
		out = d.run(out, strings.ToLower(run))
	}
	if len(d.cut) >= remembered {
		clear(d.cut)
	}
	d.cut[strings.Clone(seg)] = out
	return out
}

// run adds the tokens of a run of letters and digits: the whole where the dictionary
// knows it, its letters and digits apart, or the dictionary words it is made of.
func (d *Detector) run(out []token, w string) []token {
	if s := d.lex.look(w); s != nil {
		return append(out, token{text: w, senses: s})
	}
	for i := 0; i < len(w); {
		j := i
		for j < len(w) && digit(w[j]) == digit(w[i]) {
			j++
		}
		part := w[i:j]
		i = j
		if digit(part[0]) {
			out = append(out, token{text: part})
			continue
		}
		if s := d.lex.look(part); s != nil {
			out = append(out, token{text: part, senses: s})
			continue
		}
		pieces := d.lex.split(part)
		if pieces == nil {
			out = d.keyed(out, part)
		}
		for _, x := range pieces {
			out = append(out, token{text: x, senses: d.lex.words[x], part: true})
		}
	}
	return out
}

// keyed adds a word no dictionary knows; where it starts or ends like a key ("idzona",
// "vtrid", "codalmacen") the key is a token of its own. Words that do so by chance are
// in the dictionary.
func (d *Detector) keyed(out []token, w string) []token {
	for _, k := range []string{"id", "cod", "fk"} {
		if rest, ok := strings.CutPrefix(w, k); ok && len(rest) >= 4 {
			return append(out, token{text: k, senses: d.lex.words[k], part: true}, token{text: rest, senses: d.lex.look(rest), part: true})
		}
	}
	if rest, ok := strings.CutSuffix(w, "id"); ok && len(rest) >= 2 {
		return append(out, token{text: rest, senses: d.lex.look(rest), part: true}, token{text: "id", senses: d.lex.words["id"], part: true})
	}
	return append(out, token{text: w})
}

// vote counts the tokens that one language alone can claim.
func (t *token) vote(votes *[len16]int) {
	var langs tongues
	for _, s := range t.senses {
		if s.unsure || s.lang&1 != 0 {
			if s.lang&1 != 0 {
				return
			}
			continue
		}
		langs |= s.lang
	}
	if langs == tongueEnglish {
		votes[1] += englishVote
		return
	}
	if langs == 0 || langs&tongueEnglish != 0 {
		return
	}
	for i := range votes {
		if langs&(1<<i) != 0 {
			votes[i] += 12 / popcount(langs)
		}
	}
}

const (
	len16            = 16
	tongueAny        = tongues(1)
	tongueEnglish    = tongues(2)
	tongueGerman     = tongues(1 << 2)
	tongueFrench     = tongues(1 << 3)
	tongueSpanish    = tongues(1 << 4)
	tongueItalian    = tongues(1 << 5)
	tongueDutch      = tongues(1 << 6)
	tonguePortuguese = tongues(1 << 7)
	tonguePolish     = tongues(1 << 8)
	tonguesRomance   = tongueFrench | tongueSpanish | tongueItalian | tonguePortuguese
)

func popcount(t tongues) int {
	n := 0
	for ; t != 0; t &= t - 1 {
		n++
	}
	return n
}

// englishVote is the vote of a word of English alone, a third of another language's: every
// schema has some.
const englishVote = 4

// elect gives the language of a resource: the one with the most votes, English where
// nobody votes. A stated language counts as one vote more than all others.
func elect(votes *[len16]int, stated tongues) tongues {
	if stated&^tongueAny != 0 {
		return stated
	}
	best, top := tongueEnglish, max(5, votes[1])
	for i, v := range votes {
		if i != 1 && v > top {
			best, top = 1<<i, v
		} else if i != 1 && v == top && best != tongueEnglish {
			best |= 1 << i
		}
	}
	return best
}

// settle picks the senses of a token in the language of its resource: those of that
// language if there are any, otherwise those nobody contests.
func (t *token) settle(lang tongues) {
	t.is, t.unsure, t.contested = atoms{}, false, false
	home, own := false, false
	for _, s := range t.senses {
		if s.lang&(lang|tongueAny) != 0 {
			t.is.join(s.is)
			home = home || !s.unsure
			own = own || s.lang&lang != 0
		}
	}
	if !own && !t.is.empty() { // English words stand among those of other languages
		for _, s := range t.senses {
			if s.lang&tongueEnglish != 0 && !s.unsure {
				t.is.join(s.is)
			}
		}
	}
	if !t.is.empty() {
		t.contested = !home
		t.unsure = !home && lang&tongueEnglish != 0
		return
	}
	for _, s := range t.senses {
		if !s.unsure {
			t.is.join(s.is)
		}
	}
}
