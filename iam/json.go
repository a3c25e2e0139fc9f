package iam

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"sort"
	"strconv"
	"strings"
)

// MaxPolicyBytes is the longest policy document that is read. The longest that AWS
// stores are below 50 kB (IAM and AWS STS quotas; bucket policies 20 kB, key
// policies 32 kB), so that a longer text is no policy.
const MaxPolicyBytes = 256 << 10

// maxPolicyDepth bounds nesting; a policy needs six levels.
const maxPolicyDepth = 64

// node is a JSON value with its place in the document. Members keep their order,
// because evidence points at places.
type node struct {
	kind    nodeKind
	text    string // strings, numbers, true and false
	items   []node // of an array
	members []member
	offset  int
	pointer string
}

type member struct {
	name  string
	value node
}

type nodeKind uint8

const (
	nullNode nodeKind = iota
	scalarNode
	arrayNode
	objectNode
)

var errDepth = fmt.Errorf("nested deeper than %d levels", maxPolicyDepth)

// readJSON reads one JSON value with places. rest is what follows it.
func readJSON(doc string) (root node, rest string, err error) {
	d := json.NewDecoder(strings.NewReader(doc))
	d.UseNumber()
	root, err = readValue(d, "", 0)
	if err != nil {
		return node{}, "", placed(doc, d, err)
	}
	return root, strings.TrimSpace(doc[d.InputOffset():]), nil
}

func placed(doc string, d *json.Decoder, err error) error {
	off := int(d.InputOffset())
	var syntax *json.SyntaxError
	if errors.As(err, &syntax) {
		off = int(syntax.Offset)
	}
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		err, off = errors.New("it ends too early"), len(doc)
	}
	line, column := linesOf(doc).at(off)
	return fmt.Errorf("policy is no JSON at line %d column %d: %w", line, column, err)
}

// lines holds the offset at which each line of a document starts.
type lines []int

func linesOf(doc string) lines {
	starts := lines{0}
	for i := range len(doc) {
		if doc[i] == '\n' {
			starts = append(starts, i+1)
		}
	}
	return starts
}

// at turns a byte offset into line and column, both from 1.
func (l lines) at(offset int) (line, column int) {
	n := sort.Search(len(l), func(i int) bool { return l[i] > offset })
	return n, offset - l[n-1] + 1
}

func readValue(d *json.Decoder, pointer string, depth int) (node, error) {
	if depth > maxPolicyDepth {
		return node{}, errDepth
	}
	n := node{pointer: pointer}
	t, err := d.Token()
	if err != nil {
		return node{}, err
	}
	// The decoder tells where a token ends; a place within the token serves as well.
	n.offset = int(d.InputOffset())
	switch v := t.(type) {
	case json.Delim:
		n.offset--
		if v == '[' {
			return n, readArray(d, &n, depth)
		}
		return n, readObject(d, &n, depth)
	case string:
		n.kind, n.text = scalarNode, v
	case json.Number:
		n.kind, n.text = scalarNode, v.String()
	case bool:
		n.kind, n.text = scalarNode, strconv.FormatBool(v)
	}
	return n, nil
}

func readArray(d *json.Decoder, n *node, depth int) error {
	n.kind = arrayNode
	for i := 0; d.More(); i++ {
		item, err := readValue(d, n.pointer+"/"+strconv.Itoa(i), depth+1)
		if err != nil {
			return err
		}
		n.items = append(n.items, item)
	}
	_, err := d.Token()
	return err
}

func readObject(d *json.Decoder, n *node, depth int) error {
	n.kind = objectNode
	for d.More() {
		t, err := d.Token()
		if err != nil {
			return err
		}
		name, ok := t.(string)
		if !ok {
			return fmt.Errorf("a member name is %v instead of a string", t)
		}
		value, err := readValue(d, n.pointer+"/"+pointerEscape.Replace(name), depth+1)
		if err != nil {
			return err
		}
		n.members = append(n.members, member{name, value})
	}
	_, err := d.Token()
	return err
}

// pointerEscape writes a member name as a JSON pointer segment (RFC 6901).
var pointerEscape = strings.NewReplacer("~", "~0", "/", "~1")
