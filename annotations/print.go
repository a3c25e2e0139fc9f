package annotations

import (
	"bytes"
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode"
)

// printer writes a tree as YAML that reads back as the same tree.
type printer struct {
	b bytes.Buffer
	// from says where an entry came from; nil: no comments.
	from func(n *node) string
}

var (
	plainText = regexp.MustCompile(`^[A-Za-z_/][A-Za-z0-9_./-]*$`)
	// plainValue is what a tree may hold without quotes.
	plainValue = regexp.MustCompile(`^(true|false|-?[0-9]+(\.[0-9]+)?)$`)
	// notText are the words YAML readers take for something else than a text.
	notText = []string{"true", "false", "null", "yes", "no", "on", "off", "y", "n"}
)

// scalarText writes a text so that it stays a text.
func scalarText(n *node) string {
	if !n.quoted && plainValue.MatchString(n.text) {
		return n.text
	}
	if plainText.MatchString(n.text) && !slices.Contains(notText, strings.ToLower(n.text)) {
		return n.text
	}
	if strings.Contains(n.text, `"`) && !strings.ContainsFunc(n.text, func(r rune) bool { return r == '\'' || !unicode.IsPrint(r) }) {
		return "'" + n.text + "'"
	}
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(n.text); err != nil { // a text always encodes
		return fmt.Sprintf("%q", n.text)
	}
	return quoteControls(strings.TrimSuffix(b.String(), "\n"))
}

// quoteControls escapes what JSON leaves and YAML does not print.
func quoteControls(s string) string {
	if !strings.ContainsFunc(s, func(r rune) bool { return !unicode.IsPrint(r) && r != ' ' }) {
		return s
	}
	var b strings.Builder
	for _, r := range s {
		switch {
		case r == ' ' || unicode.IsPrint(r):
			b.WriteRune(r)
		case r < 0x10000:
			fmt.Fprintf(&b, `\u%04x`, r)
		default:
			fmt.Fprintf(&b, `\U%08x`, r)
		}
	}
	return b.String()
}

func flat(n *node) bool {
	if n.kind == scalarNode {
		return true
	}
	return n.kind == listNode && !slices.ContainsFunc(n.items, func(x *node) bool { return x.kind != scalarNode })
}

// flow writes a value on one line.
func flow(n *node) string {
	switch n.kind {
	case scalarNode:
		return scalarText(n)
	case listNode:
		var parts []string
		for _, x := range n.items {
			parts = append(parts, flow(x))
		}
		return "[" + strings.Join(parts, ", ") + "]"
	case mapNode:
		var parts []string
		for i, k := range n.keys {
			parts = append(parts, scalarText(k)+": "+flow(n.items[i]))
		}
		return "{" + strings.Join(parts, ", ") + "}"
	}
	return "null"
}

// short tells whether a map reads better on one line.
func short(n *node) bool {
	return n.kind == mapNode && !slices.ContainsFunc(n.items, func(x *node) bool { return !flat(x) }) && len(flow(n)) <= 160
}

// pairs writes the entries of a map, one a line or block each.
func (p *printer) pairs(n *node, indent string, remark bool) {
	for i, k := range n.keys {
		p.pair(k, n.items[i], indent, remark)
	}
}

func (p *printer) pair(k, v *node, indent string, remark bool) {
	fmt.Fprintf(&p.b, "%s%s:", indent, scalarText(k))
	switch {
	case v.kind == nullNode || flat(v) || len(v.items) == 0 || short(v) && k.text != "fields":
		fmt.Fprintf(&p.b, " %s", flow(v))
		if remark && p.from != nil {
			fmt.Fprintf(&p.b, "  # line %d", k.line)
		}
		p.b.WriteByte('\n')
	case v.kind == listNode:
		p.b.WriteByte('\n')
		p.list(v, indent+"  ")
	default:
		p.b.WriteByte('\n')
		p.pairs(v, indent+"  ", k.text == "fields")
	}
}

func (p *printer) list(n *node, indent string) {
	for _, x := range n.items {
		if x.kind != mapNode || len(x.keys) == 0 {
			fmt.Fprintf(&p.b, "%s- %s\n", indent, flow(x))
			continue
		}
		start := p.b.Len()
		p.pairs(x, indent+"  ", false)
		p.b.Bytes()[start+len(indent)] = '-' // the first key stands behind the dash
	}
}

// comment writes where an entry came from, on one line whatever its name holds.
func (p *printer) comment(indent string, n *node) {
	if p.from != nil {
		fmt.Fprintf(&p.b, "%s# from %s\n", indent, oneLine(p.from(n)))
	}
}

func oneLine(s string) string {
	return strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) {
			return '?'
		}
		return r
	}, s)
}
