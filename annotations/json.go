package annotations

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
)

// maxImportBytes is the limit of a file of another tool: catalogues and finding exports
// are larger than what people write.
const maxImportBytes = 64 << 20

// jsonReader turns JSON into a tree with places. One document, or several one after
// the other as log exports have them, which become a list.
type jsonReader struct {
	file   string
	report *reporter
	data   []byte
	dec    *json.Decoder
	offset int // end of the last token
	line   int // of offset, from 1
	start  int // offset of the first byte of that line
}

func readJSON(file string, b []byte, report *reporter) *node {
	b = bytes.TrimPrefix(b, []byte("\xef\xbb\xbf"))
	r := &jsonReader{file: file, report: report, data: b, dec: json.NewDecoder(bytes.NewReader(b)), line: 1}
	r.dec.UseNumber()
	var docs []*node
	for {
		n, err := r.value(0)
		if errors.Is(err, io.EOF) && len(docs) > 0 {
			break
		}
		if err != nil {
			r.fault(err)
			return nil
		}
		docs = append(docs, n)
	}
	if len(docs) == 1 {
		return docs[0]
	}
	return &node{kind: listNode, items: docs, line: docs[0].line, column: docs[0].column}
}

func (r *jsonReader) fault(err error) {
	at := r.here()
	why := err.Error()
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		why = "the file ends too early"
	}
	r.report.add(r.file, at.line, at.column, "E101", "cannot parse: "+why, "")
}

// here moves over what stands between tokens and says where the next one begins.
func (r *jsonReader) here() *node {
	for ; r.offset < len(r.data) && bytes.IndexByte([]byte(" \t\r\n,:"), r.data[r.offset]) >= 0; r.offset++ {
		if r.data[r.offset] == '\n' {
			r.line, r.start = r.line+1, r.offset+1
		}
	}
	return &node{line: r.line, column: r.offset - r.start + 1}
}

func (r *jsonReader) token() (json.Token, *node, error) {
	at := r.here()
	t, err := r.dec.Token()
	if err == nil {
		r.offset = int(r.dec.InputOffset()) // a token holds no line end
	}
	return t, at, err
}

func (r *jsonReader) value(depth int) (*node, error) {
	t, at, err := r.token()
	if err != nil {
		return nil, err
	}
	if depth > maxDepth {
		return nil, fmt.Errorf("nested deeper than %d", maxDepth)
	}
	switch x := t.(type) {
	case json.Delim:
		if x == '{' {
			return r.object(mapAt(at), depth)
		}
		return r.list(listAt(at), depth)
	case string:
		return textAt(at, x), nil
	case nil:
		at.kind = nullNode
		return at, nil
	}
	return rawAt(at, fmt.Sprint(t)), nil
}

func (r *jsonReader) list(n *node, depth int) (*node, error) {
	for r.dec.More() {
		v, err := r.value(depth + 1)
		if err != nil {
			return nil, err
		}
		n.items = append(n.items, v)
	}
	_, _, err := r.token()
	return n, err
}

func (r *jsonReader) object(n *node, depth int) (*node, error) {
	first := map[string]int{}
	for r.dec.More() {
		t, at, err := r.token()
		if err != nil {
			return nil, err
		}
		k := textAt(at, fmt.Sprint(t))
		v, err := r.value(depth + 1)
		if err != nil {
			return nil, err
		}
		if line, ok := first[k.text]; ok {
			r.report.add(r.file, k.line, k.column, "E102", fmt.Sprintf("key %q given twice, first at line %d", k.text, line), "")
			continue
		}
		first[k.text] = k.line
		n.keys, n.items = append(n.keys, k), append(n.items, v)
	}
	_, _, err := r.token()
	return n, err
}
