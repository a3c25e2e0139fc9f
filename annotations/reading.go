package annotations

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// reading is one file of another tool while it is turned into annotations. It remembers
// which parts were taken, so that the rest can be listed and nothing is lost in silence.
type reading struct {
	file   string
	root   *node
	out    *node
	report *reporter
	tax    *Taxonomy
	own    importWords
	used   map[*node]bool
}

// importWords is what settings.imports says about the words of other tools.
type importWords struct {
	// means turns a word of another tool into a category, or "none".
	means map[string]string
	// meta are the dbt meta keys that speak of personal data; empty: the usual ones.
	meta []string
	// classes are the OpenMetadata classes that do; empty: PII.
	classes []string
}

func newReading(s *Set, file string, root *node, report *reporter) *reading {
	return &reading{file: file, root: root, out: mapAt(root), report: report, tax: s.tax, own: s.words, used: map[*node]bool{}}
}

func (r *reading) note(at *node, code, msg string) {
	r.report.add(r.file, at.line, at.column, code, msg, "")
}

// left lists something that has no counterpart.
func (r *reading) left(at *node, what string) {
	r.note(at, "I601", fmt.Sprintf("%s: %q has no counterpart and was left out", r.file, what))
}

// take returns the value under a key and counts it as read.
func (r *reading) take(n *node, key string) *node {
	v := n.get(key)
	if v == nil {
		return nil
	}
	r.used[v] = true
	return v
}

// takeAll returns a value and counts all below it as read.
func (r *reading) takeAll(n *node, key string) *node {
	v := r.take(n, key)
	r.mark(v)
	return v
}

func (r *reading) mark(n *node) {
	if n == nil {
		return
	}
	r.used[n] = true
	for _, x := range n.items {
		r.mark(x)
	}
}

// text returns a scalar under a key, or nil. Anything else is reported.
func (r *reading) text(n *node, key string) *node {
	switch v := r.take(n, key); {
	case v == nil || v.kind == nullNode:
		return nil
	case v.kind != scalarNode:
		r.note(v, "E105", fmt.Sprintf("%s must be a text, found %s", key, v.kind))
		r.mark(v)
		return nil
	default:
		return v
	}
}

func (r *reading) str(n *node, key string) string {
	if v := r.text(n, key); v != nil {
		return v.text
	}
	return ""
}

// texts returns the scalars of a list under a key; one alone counts as a list.
func (r *reading) texts(n *node, key string) []*node {
	v := r.take(n, key)
	if v == nil {
		return nil
	}
	var out []*node
	for _, x := range n.list(key) {
		if x.kind == scalarNode {
			out = append(out, x)
			continue
		}
		if x.kind != nullNode {
			r.note(x, "E105", fmt.Sprintf("%s must be a list of texts, found %s", key, x.kind))
		}
		r.mark(x)
	}
	if v.kind == mapNode {
		r.note(v, "E105", fmt.Sprintf("%s must be a list of texts, found map", key))
		r.mark(v)
	}
	return out
}

// maps returns the maps of a list under a key, or the one map there.
func (r *reading) maps(n *node, key string) []*node {
	v := r.take(n, key)
	if v == nil || v.kind == nullNode {
		return nil
	}
	list := []*node{v}
	if v.kind == listNode {
		list = v.items
	}
	var out []*node
	for _, x := range list {
		switch x.kind {
		case mapNode:
			out = append(out, x)
		case nullNode:
		default:
			r.note(x, "E105", fmt.Sprintf("%s must be a list of maps, found %s", key, x.kind))
			r.mark(x)
		}
	}
	return out
}

// child returns the map under a key, or nil.
func (r *reading) child(n *node, key string) *node {
	v := r.take(n, key)
	if v == nil || v.kind == nullNode {
		return nil
	}
	if v.kind != mapNode {
		r.note(v, "E105", fmt.Sprintf("%s must be a map, found %s", key, v.kind))
		r.mark(v)
		return nil
	}
	return v
}

// leftovers lists every key that was not read, at its highest place. Nothing and empty
// containers say nothing; saysNothing knows the defaults of the other tool.
func (r *reading) leftovers(n *node, saysNothing func(key string, v *node) bool) {
	switch n.kind {
	case mapNode:
		for i, k := range n.keys {
			v := n.items[i]
			switch {
			case v.kind == nullNode || v.kind != scalarNode && len(v.items) == 0 || saysNothing != nil && saysNothing(k.text, v):
			case !r.used[v]:
				r.left(k, k.text)
			default:
				r.leftovers(v, saysNothing)
			}
		}
	case listNode:
		for _, x := range n.items {
			r.leftovers(x, saysNothing)
		}
	}
}

// category returns a category under its present name. What is not known stays as it is
// and is reported when the tree is checked.
func (r *reading) category(n *node) *node {
	to, renamed, ok := r.tax.canonicalCategory(n.text)
	if !ok || !renamed {
		return textAt(n, n.text)
	}
	r.note(n, "W210", fmt.Sprintf("%q is now %q", n.text, to))
	return textAt(n, to)
}

func (r *reading) categories(list []*node) []*node {
	var out []*node
	for _, n := range list {
		out = append(out, r.category(n))
	}
	return distinct(out)
}

// use returns a purpose under its present name. An old key may be the head of a longer
// one.
func (r *reading) use(n *node) *node {
	if _, ok := r.tax.Uses[n.text]; ok {
		return textAt(n, n.text)
	}
	for head := n.text; head != ""; head = parentOf(head) {
		to, ok := r.tax.Renamed[head]
		if !ok {
			continue
		}
		to += strings.TrimPrefix(n.text, head)
		if _, ok := r.tax.Uses[to]; ok {
			r.note(n, "W210", fmt.Sprintf("%q is now %q", n.text, to))
			return textAt(n, to)
		}
	}
	return textAt(n, n.text)
}

// cross turns a word of another vocabulary into a category with its crosswalk: words of
// the settings first, then a literal entry, then the pattern with most letters.
func (r *reading) cross(vocabulary, word string) (string, bool) {
	if to, ok := r.own.means[word]; ok {
		return to, true
	}
	table := r.tax.Crosswalk[vocabulary]
	if to, ok := table[word]; ok {
		return to, true
	}
	best := ""
	for _, p := range slices.Sorted(maps.Keys(table)) {
		if globMatch(p, word) && (best == "" || literalLength(p) > literalLength(best)) {
			best = p
		}
	}
	to, ok := table[best]
	return to, ok
}

// matchName is a match by name only.
func matchName(at *node, name string) *node {
	m := mapAt(at)
	m.put("name", textAt(at, literalGlob(name)))
	return m
}

// matchARN is a match of one resource.
func matchARN(at *node) *node {
	m := mapAt(at)
	m.put("arn", textAt(at, literalGlob(at.text)))
	return m
}

func isARN(s string) bool { return strings.HasPrefix(s, "arn:") && strings.Count(s, ":") >= 5 }
