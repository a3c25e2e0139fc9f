package annotations

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
)

// Limits of an annotation file.
const (
	maxBytes = 5 << 20
	maxDepth = 64
	maxNodes = 1 << 20 // after anchors are followed, against alias chains that explode
)

type nodeKind uint8

const (
	scalarNode nodeKind = iota
	listNode
	mapNode
	nullNode
)

func (k nodeKind) String() string { return [...]string{"text", "list", "map", "nothing"}[k] }

// node is a YAML value with its place in the file. Text is the raw scalar, so that
// account numbers keep their zeros.
type node struct {
	kind   nodeKind
	text   string
	quoted bool
	items  []*node
	keys   []*node // of a map, beside items
	line   int
	column int
	width  int  // of a scalar on one line
	faulty bool // stands for what could not be read and was reported
}

// get returns the value under a key of a map, or nil.
func (n *node) get(key string) *node {
	if n == nil || n.kind != mapNode {
		return nil
	}
	for i, k := range n.keys {
		if k.text == key {
			return n.items[i]
		}
	}
	return nil
}

// str returns the scalar under a key, or "".
func (n *node) str(key string) string {
	if v := n.get(key); v != nil && v.kind == scalarNode {
		return v.text
	}
	return ""
}

// list returns the scalars under a key; a single scalar counts as a list of one.
func (n *node) list(key string) []*node {
	switch v := n.get(key); {
	case v == nil:
		return nil
	case v.kind == listNode:
		return v.items
	case v.kind == scalarNode:
		return []*node{v}
	}
	return nil
}

func texts(list []*node) []string {
	var out []string
	for _, n := range list {
		if n.kind == scalarNode {
			out = append(out, n.text)
		}
	}
	return out
}

// reader turns one file into a tree.
type reader struct {
	file    string
	report  *reporter
	anchors map[string]ast.Node
	nodes   int
	lines   int
}

// readTree parses a file. A nil tree means that it could not be read at all.
func readTree(file string, b []byte, report *reporter) *node {
	report.measure(file, b)
	if len(b) > maxBytes {
		report.add(file, 1, 1, "E109", "file is larger than 5 MiB", "")
		return nil
	}
	if i := firstInvalid(b); i >= 0 {
		line, col := position(b, i)
		report.add(file, line, col, "E109", fmt.Sprintf("not valid UTF-8 at byte %d", i), "")
		return nil
	}
	f, err := safeParse(b)
	if err != nil {
		line, col, why := parserError(err, b)
		report.add(file, line, col, "E101", "cannot parse: "+why, "")
		return nil
	}
	r := &reader{file: file, report: report, anchors: map[string]ast.Node{}, lines: strings.Count(string(b), "\n") + 1}
	var root *node
	for _, d := range f.Docs {
		if d.Body == nil {
			continue
		}
		if root != nil {
			report.add(file, r.line(d.Body), 1, "E101", "cannot parse: one document a file, found a second", "")
			break
		}
		root = r.convert(d.Body, 0)
	}
	return root
}

func firstInvalid(b []byte) int {
	for i := 0; i < len(b); {
		r, n := utf8.DecodeRune(b[i:])
		if r == utf8.RuneError && n == 1 {
			return i
		}
		i += n
	}
	return -1
}

func position(b []byte, offset int) (line, col int) {
	before := string(b[:offset])
	return 1 + strings.Count(before, "\n"), 1 + utf8.RuneCountInString(before[strings.LastIndexByte(before, '\n')+1:])
}

// safeParse keeps a fault of the parser from ending the program.
func safeParse(b []byte) (f *ast.File, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("[1:1] the file is not YAML")
		}
	}()
	return parser.ParseBytes(b, 0, parser.AllowDuplicateMapKey())
}

// parserError reads "[line:column] reason" off the parser's message.
func parserError(err error, b []byte) (line, col int, why string) {
	msg, _, _ := strings.Cut(err.Error(), "\n")
	line, col = 1, 1
	if _, e := fmt.Sscanf(msg, "[%d:%d]", &line, &col); e == nil {
		if _, rest, ok := strings.Cut(msg, "] "); ok {
			msg = rest
		}
	}
	line = min(max(line, 1), strings.Count(string(b), "\n")+1)
	return line, max(col, 1), msg
}

func (r *reader) line(n ast.Node) int {
	if t := n.GetToken(); t != nil && t.Position != nil {
		return min(max(t.Position.Line, 1), r.lines)
	}
	return 1
}

func (r *reader) column(n ast.Node) int {
	if t := n.GetToken(); t != nil && t.Position != nil {
		return max(t.Position.Column, 1)
	}
	return 1
}

func (r *reader) fault(n ast.Node, code, msg string) *node {
	r.report.add(r.file, r.line(n), r.column(n), code, msg, "")
	return &node{kind: nullNode, line: r.line(n), column: r.column(n), faulty: true}
}

func (r *reader) convert(n ast.Node, depth int) *node {
	r.nodes++
	switch {
	case depth > maxDepth:
		return r.fault(n, "E109", "nested deeper than 64")
	case r.nodes > maxNodes:
		if r.nodes == maxNodes+1 {
			return r.fault(n, "E101", "cannot parse: excessive aliasing")
		}
		return &node{kind: nullNode, line: r.line(n), column: r.column(n)}
	}
	at := &node{line: r.line(n), column: r.column(n)}
	switch x := n.(type) {
	case *ast.MappingNode:
		if len(x.Values) > 0 {
			at.line, at.column = r.line(x.Values[0].Key), r.column(x.Values[0].Key)
		}
		at.kind = mapNode
		r.mapping(at, x.Values, depth)
	case *ast.MappingValueNode:
		at.kind = mapNode
		at.line, at.column = r.line(x.Key), r.column(x.Key)
		r.mapping(at, []*ast.MappingValueNode{x}, depth)
	case *ast.SequenceNode:
		at.kind = listNode
		for _, v := range x.Values {
			at.items = append(at.items, r.convert(v, depth+1))
		}
	case *ast.AnchorNode:
		if x.Name != nil {
			r.anchors[x.Name.String()] = x.Value
		}
		return r.convert(x.Value, depth+1)
	case *ast.AliasNode:
		target, ok := r.anchors[x.Value.String()]
		if !ok {
			return r.fault(n, "E101", "cannot parse: alias *"+x.Value.String()+" has no anchor")
		}
		return r.convert(target, depth+1)
	case *ast.TagNode:
		return r.convert(x.Value, depth+1)
	case *ast.NullNode:
		at.kind = nullNode
	case *ast.LiteralNode:
		at.text = x.Value.Value
	case *ast.StringNode:
		at.text = x.Value
		at.quoted = x.Token != nil && x.Token.Type.String() != "String"
	default:
		at.text = n.String()
		if t := n.GetToken(); t != nil {
			at.text = t.Value
		}
	}
	if at.kind == scalarNode {
		at.width = utf8.RuneCountInString(at.text)
		if at.quoted {
			at.width += 2
		}
	}
	return at
}

func (r *reader) mapping(at *node, values []*ast.MappingValueNode, depth int) {
	first := map[string]int{}
	for _, v := range values {
		if _, merge := v.Key.(*ast.MergeKeyNode); merge {
			r.merge(at, v.Value, depth)
			continue
		}
		k := r.convert(v.Key, depth+1)
		if k.faulty {
			continue
		}
		if k.kind != scalarNode {
			r.fault(v.Key, "E105", "a key must be a text, found "+k.kind.String())
			continue
		}
		if line, ok := first[k.text]; ok {
			r.report.add(r.file, k.line, k.column, "E102", fmt.Sprintf("key %q given twice, first at line %d", k.text, line), "")
			continue
		}
		first[k.text] = k.line
		value := r.convert(v.Value, depth+1)
		if value.kind == nullNode || value.kind == mapNode && len(value.keys) == 0 {
			value.line, value.column = k.line, k.column
		}
		at.keys, at.items = append(at.keys, k), append(at.items, value)
	}
}

// merge takes over the entries of a merged map (<<) that are not given here.
func (r *reader) merge(at *node, v ast.Node, depth int) {
	from := r.convert(v, depth+1)
	for i, k := range from.keys {
		if at.get(k.text) == nil {
			at.keys, at.items = append(at.keys, k), append(at.items, from.items[i])
		}
	}
}
