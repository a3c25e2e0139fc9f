package annotations

import (
	"slices"
	"strings"
)

// Trees that stand for an annotation file are not only read, importers grow them: every
// node keeps the place in the file it came from, so that whatever is wrong with it is
// reported there.

// textAt is a text that stands where another node stands.
func textAt(at *node, text string) *node {
	return &node{kind: scalarNode, text: text, quoted: true, line: at.line, column: at.column}
}

// rawAt is a word written without quotes: true, false, a number.
func rawAt(at *node, text string) *node {
	return &node{kind: scalarNode, text: text, line: at.line, column: at.column}
}

func mapAt(at *node) *node { return &node{kind: mapNode, line: at.line, column: at.column} }

func listAt(at *node, items ...*node) *node {
	return &node{kind: listNode, items: items, line: at.line, column: at.column}
}

// textsAt is a list of texts.
func textsAt(at *node, list ...string) *node {
	out := listAt(at)
	for _, t := range list {
		out.items = append(out.items, textAt(at, t))
	}
	return out
}

// put adds a key to a map; nothing, an empty text and an empty container are left out.
func (n *node) put(key string, v *node) {
	if v == nil || v.kind == nullNode || v.kind == scalarNode && v.text == "" || v.kind != scalarNode && len(v.items) == 0 {
		return
	}
	n.keys = append(n.keys, textAt(v, key))
	n.items = append(n.items, v)
}

// add appends to the list under a key, made when it is not there.
func (n *node) add(key string, v *node) {
	l := n.get(key)
	if l == nil {
		n.put(key, listAt(v, v))
		return
	}
	l.items = append(l.items, v)
}

// under returns the map under a key, made when it is not there. It may stay empty.
func (n *node) under(key string, at *node) *node {
	if m := n.get(key); m != nil && m.kind == mapNode {
		return m
	}
	m := mapAt(at)
	n.keys, n.items = append(n.keys, textAt(at, key)), append(n.items, m)
	return m
}

// oneOrMany is a single node as it is, several as a list.
func oneOrMany(at *node, list []*node) *node {
	if len(list) == 1 {
		return list[0]
	}
	return listAt(at, list...)
}

// distinct drops texts that came before.
func distinct(list []*node) []*node {
	var seen []string
	var out []*node
	for _, n := range list {
		if !slices.Contains(seen, n.text) {
			seen, out = append(seen, n.text), append(out, n)
		}
	}
	return out
}

// literalGlob writes a name as a pattern that means this name only.
func literalGlob(name string) string {
	var b strings.Builder
	for _, r := range name {
		if strings.ContainsRune(`*?{}\`, r) {
			b.WriteByte('\\')
		}
		b.WriteRune(r)
	}
	return b.String()
}

// unescapeGlob is the name a pattern without wildcards means, or "".
func unescapeGlob(p string) string {
	var b strings.Builder
	for i := 0; i < len(p); i++ {
		switch {
		case p[i] == '\\' && i+1 < len(p):
			i++
		case strings.IndexByte(`*?{}`, p[i]) >= 0:
			return ""
		}
		b.WriteByte(p[i])
	}
	return b.String()
}

// fieldStep writes one step of a field path; a name that holds a dot, a quote or one of
// the signs of patterns stands in quotes.
func fieldStep(name string) string {
	name = strings.ReplaceAll(name, `"`, "'")
	if name == "" || strings.ContainsAny(name, ".:*?{}[]\\ ") {
		return `"` + name + `"`
	}
	return name
}

// fieldSteps splits a path at the dots outside quotes; a step loses its quotes and keeps
// the brackets that say "list".
func fieldSteps(path string) []string {
	var out []string
	var b strings.Builder
	quoted := false
	for _, r := range path {
		switch {
		case r == '"':
			quoted = !quoted
		case r == '.' && !quoted:
			out = append(out, b.String())
			b.Reset()
		default:
			b.WriteRune(r)
		}
	}
	return append(out, b.String())
}
