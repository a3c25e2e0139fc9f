package report

import (
	"encoding/json"
	"fmt"
	"io"

	"github.com/flowdeed/flowdeed/report/doc"
)

// Blocks prints a document as a tree of blocks in JSON. A cell or paragraph is a
// list of pieces; a table gives its cells by column key.
func Blocks(w io.Writer, d *doc.Document) error {
	blocks := []any{}
	for _, b := range d.Blocks {
		x, err := blockJSON(b, &d.Words)
		if err != nil {
			return err
		}
		blocks = append(blocks, x)
	}
	enc := json.NewEncoder(w)
	enc.SetIndent("", " ")
	return enc.Encode(object{"format": "flowdeed-blocks", "version": 1, "title": d.Title, "organisation": d.Organisation,
		"confidentiality": d.Confidentiality, "lang": d.Lang, "tool": d.Tool, "as_of": stamp(d.AsOf), "foot": d.Foot, "blocks": blocks})
}

// object is a JSON object; encoding/json sorts its keys.
type object = map[string]any

func blockJSON(b doc.Block, w *doc.Words) (object, error) {
	switch b := b.(type) {
	case *doc.Heading:
		return object{"kind": "heading", "id": b.ID, "level": b.Level, "number": b.Number, "title": b.Title}, nil
	case *doc.Contents:
		return object{"kind": "contents", "depth": b.Depth}, nil
	case *doc.Paragraph:
		return object{"kind": "paragraph", "text": textJSON(b.Text)}, nil
	case *doc.List:
		return object{"kind": "list", "ordered": b.Ordered, "items": textsJSON(b.Items)}, nil
	case *doc.Table:
		return tableJSON(b), nil
	case *doc.Figure:
		return object{"kind": "figure", "id": b.ID, "caption": textJSON(b.Caption), "alt": b.Alt, "long": b.Long, "file": b.File}, nil
	case *doc.Callout:
		return object{"kind": "callout", "about": [...]string{"note", "warning", "gap"}[b.Kind], "title": b.Title, "body": textsJSON(b.Body)}, nil
	case *doc.Definition:
		items := []any{}
		for _, t := range b.Items {
			items = append(items, object{"name": t.Name, "text": textJSON(t.Text)})
		}
		return object{"kind": "definition", "items": items}, nil
	case *doc.Evidence:
		x := tableJSON(b.Table(w))
		x["kind"] = "evidence"
		return x, nil
	case *doc.PageBreak:
		return object{"kind": "page-break"}, nil
	}
	return nil, fmt.Errorf("the block printer has no form for a block of type %T", b)
}

func tableJSON(t *doc.Table) object {
	columns, rows := []any{}, []any{}
	for _, c := range t.Columns {
		columns = append(columns, object{"key": c.Key, "title": c.Title})
	}
	for _, r := range t.Rows {
		cells := object{}
		for i := range min(len(r.Cells), len(t.Columns)) {
			cells[t.Columns[i].Key] = textJSON(r.Cells[i])
		}
		row := object{"cells": cells}
		if r.ID != "" {
			row["id"] = r.ID
		}
		rows = append(rows, row)
	}
	return object{"kind": "table", "id": t.ID, "caption": t.Caption, "columns": columns, "rows": rows}
}

func textsJSON(list []doc.Text) []any {
	out := []any{}
	for _, t := range list {
		out = append(out, textJSON(t))
	}
	return out
}

var inlineNames = map[doc.InlineKind]string{doc.Plain: "text", doc.Strong: "strong", doc.Code: "code", doc.Link: "link", doc.LinkOut: "link-out",
	doc.Status: "status", doc.Severity: "severity", doc.Break: "break", doc.Quiet: "quiet"}

func textJSON(t doc.Text) []any {
	out := []any{}
	for _, x := range t {
		o := object{"kind": inlineNames[x.Kind]}
		if x.Text != "" {
			o["text"] = x.Text
		}
		if x.Target != "" {
			o["target"] = x.Target
		}
		out = append(out, o)
	}
	return out
}
