package diagram

import (
	"fmt"
	"slices"
	"strings"

	"github.com/flowdeed/flowdeed/graph"
	"github.com/flowdeed/flowdeed/reach"
	"github.com/flowdeed/flowdeed/report/doc"
)

// The room for words at a line: beyond it they stand under the picture, with a number.
const (
	labelWidth = 130.0
	labelRows  = 3
)

// word writes the words of a permission at its line: what may be done, by which
// permissions it is taken, and under which conditions.
func (a *access) word(p *Picture, l *Line) {
	if !l.Access {
		l.Data = a.rule.middle(doc.Clean(l.Data), smallSize, false, labelWidth)
		return
	}
	parts := []string{l.words}
	if len(l.may) > 0 {
		parts = append(parts, "may "+strings.Join(l.may, ", "))
	}
	l.Word = strings.TrimPrefix(strings.Join(parts, ", then "), ", then ")
	if l.by != "" {
		l.More = append(l.More, a.short(p, "by", a.named(l.by))...)
	}
	if len(l.conditions) > 0 {
		l.More = append(l.More, a.short(p, "if", strings.Join(reach.Plain(l.conditions), ", or if "))...)
	}
}

// named puts the names of nodes for their ARNs.
func (a *access) named(text string) string {
	words := strings.Split(text, " ")
	for i, w := range words {
		if n := a.m.Node(graph.ID(w)); n != nil && n.Name != "" {
			words[i] = n.Name
		}
	}
	return strings.Join(words, " ")
}

// short wraps a text for a line. One that is too long gets a number and its place under
// the picture.
func (a *access) short(p *Picture, first, text string) []string {
	text = doc.Clean(text)
	if rows := a.rule.wrap(first+" "+text, smallSize, false, labelWidth); len(rows) <= labelRows {
		return rows
	}
	i := slices.Index(p.footnotes, text)
	if i < 0 {
		i = len(p.footnotes)
		p.footnotes = append(p.footnotes, text)
	}
	return []string{fmt.Sprintf("%s (%d), see below", first, i+1)}
}

// noteRows is how many rows a note under a picture may have before it is cut.
const noteRows = 3

// finish writes the caption and the notes of a picture. rest counts the ways that no
// picture shows.
func (a *access) finish(p *Picture, ways []way, rest int) {
	p.Caption = a.caption(p, ways, rest)
	notes := []string{p.Caption}
	for i, f := range p.footnotes {
		notes = append(notes, fmt.Sprintf("(%d) %s", i+1, f))
	}
	for i := range p.Boxes {
		b := &p.Boxes[i]
		if len(b.members) == 0 {
			continue
		}
		var names []string
		for _, id := range b.members {
			names = append(names, a.one(&Picture{}, id).Name)
		}
		notes = append(notes, fmt.Sprintf("%s, %s: %s.", b.Service, b.Name, strings.Join(names, ", ")))
	}
	p.footnote(notes)
}

// caption says what is drawn, how to read it, and what is left out.
func (a *access) caption(p *Picture, ways []way, rest int) string {
	starts, whole := map[string]bool{}, map[string]bool{}
	conditional := 0
	for _, x := range a.q.Result.Answers {
		whole[x.Principal] = true
	}
	for _, w := range ways {
		starts[w[0].from] = true
		if slices.ContainsFunc(w, func(h hop) bool { return len(h.if_) > 0 }) {
			conditional++
		}
	}
	out := fmt.Sprintf("%s: %s from %s", a.q.Title, several(len(ways), "way"), several(len(starts), "origin"))
	if conditional > 0 {
		out += fmt.Sprintf(", %d under conditions", conditional)
	}
	if len(ways) < len(a.ways) {
		out += fmt.Sprintf("; the whole answer has %s from %s", several(len(a.ways), "way"), several(len(whole), "origin"))
	}
	out += "."
	if folded := a.folded(p); folded > 0 {
		out += fmt.Sprintf(" %d with the same way as others are folded into boxes that say how many, and are drawn once.", folded)
	}
	if rest > 0 {
		out += fmt.Sprintf(" %s more are not drawn; --format json lists all.", several(rest, "way"))
	}
	if n := len(a.q.Result.Undecided); n > 0 {
		out += fmt.Sprintf(" Not drawn: %s not decided, because an input is missing.", several(n, "answer"))
	}
	out += " Double lines are permissions, which say who may; single lines with filled heads are flows of data."
	if a.opt.AsOf != "" {
		out += " As of " + a.opt.AsOf + "."
	}
	if p.Plain {
		out += " Plain layout: the layout program could not be used."
	}
	return out
}

// folded counts the nodes that have no box of their own.
func (a *access) folded(p *Picture) (n int) {
	for _, b := range p.Boxes {
		n += max(len(b.members)-1, 0)
	}
	return n
}

func several(n int, word string) string {
	if n == 1 {
		return "1 " + word
	}
	return fmt.Sprintf("%d %ss", n, word)
}
