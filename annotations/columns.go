package annotations

import (
	"fmt"
	"strings"
)

// column is what a catalogue says of one column, on its way into a field.
type column struct {
	categories []*node
	hint       string // somebody says that nothing personal is there: shown, never believed
	confidence string // where it differs from that of the layer
	reason     string
	kind       *node // data type
	about      *node
}

// put writes a column as a field; a column without a word about people stays unknown.
func (c column) put(fields *node, at *node, path string) {
	value := textAt(at, "unknown")
	if len(c.categories) > 0 {
		value = oneOrMany(at, distinct(c.categories))
	}
	more := mapAt(at)
	more.put("category", value)
	if c.confidence != "" {
		more.put("confidence", rawAt(at, c.confidence))
	}
	reason := c.reason
	if c.hint != "" && len(c.categories) == 0 {
		reason = c.hint
	}
	more.put("reason", textOr(at, reason))
	more.put("type", c.kind)
	more.put("about", c.about)
	if len(more.items) == 1 {
		fields.put(path, value)
		return
	}
	fields.put(path, more)
}

// table is a store that is known by its name only.
func (r *reading) table(at *node, kind, name string) *node {
	r.note(at, "W211", fmt.Sprintf("%s %q has no resource id; matched by name %q", kind, name, name))
	res := mapAt(at)
	res.put("match", matchName(at, name))
	return res
}

// said tells what a value of a key about personal data means: a category, "" for no,
// or user for an unspecific yes.
func (r *reading) said(v *node, vocabulary string) (category *node, no bool) {
	word := strings.TrimSpace(v.text)
	if to, ok := r.cross(vocabulary, word); ok {
		if to == "none" {
			return nil, true
		}
		return textAt(v, to), false
	}
	switch strings.ToLower(word) {
	case "false", "no", "none", "n", "0", "ignore", "public", "":
		return nil, true
	}
	if _, _, ok := r.tax.canonicalCategory(word); ok {
		return r.category(v), false
	}
	return textAt(v, "user"), false
}
