package aws

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"

	"github.com/flowdeed/flowdeed/graph"
)

// This file reads the names of fields out of schema bodies: JSON Schema, OpenAPI and Avro.
// Bodies also hold examples and default values; those are never kept.

// A schema may refer to itself and branch at every step: what is read of one is bounded.
const (
	mostFields = 2000
	mostSteps  = 20000
)

// schemaFields lists the fields a JSON Schema describes, as paths with their types.
func schemaFields(schema string) []graph.Field {
	var doc map[string]any
	if json.Unmarshal([]byte(schema), &doc) != nil {
		return nil
	}
	w := schemaWalk{root: doc}
	w.properties("", doc, 0)
	return w.out
}

// schemaWalk goes through a JSON Schema.
type schemaWalk struct {
	root  map[string]any
	out   []graph.Field
	open  []string // references on the way here: none is followed twice
	steps int
}

// properties adds the fields of an object. Source: JSON Schema draft 4 and OpenAPI 3.0,
// "properties", "items", "allOf", "$ref".
func (w *schemaWalk) properties(path string, schema map[string]any, depth int) {
	if w.steps++; depth > deepest || w.steps > mostSteps || len(w.out) >= mostFields {
		return
	}
	if ref, ok := schema["$ref"].(string); ok {
		if target := w.target(ref); target != nil && !slices.Contains(w.open, ref) {
			w.open = append(w.open, ref)
			w.properties(path, target, depth+1)
			w.open = w.open[:len(w.open)-1]
		}
		return
	}
	props, _ := schema["properties"].(map[string]any)
	for _, name := range slices.Sorted(maps.Keys(props)) {
		sub, _ := props[name].(map[string]any)
		w.property(below(path, name), sub, depth)
	}
	for _, word := range []string{"allOf", "anyOf", "oneOf"} {
		list, _ := schema[word].([]any)
		for _, x := range list {
			if sub, ok := x.(map[string]any); ok {
				w.properties(path, sub, depth+1)
			}
		}
	}
	if items, ok := schema["items"].(map[string]any); ok && path == "" {
		w.properties("[]", items, depth+1)
	}
}

// property adds one property: the fields below it, or itself where it has none.
func (w *schemaWalk) property(path string, schema map[string]any, depth int) {
	kind := plainType(schema["type"])
	if items, ok := schema["items"].(map[string]any); ok && (kind == "array" || kind == "") {
		schema, path = items, path+"[]"
	}
	if target := w.target(text(schema["$ref"])); kind == "" && target != nil {
		kind = plainType(target["type"])
	}
	before := len(w.out)
	w.properties(path, schema, depth+1)
	if len(w.out) == before && len(w.out) < mostFields {
		w.out = append(w.out, graph.Field{Path: path, Type: kind})
	}
}

// target finds what a reference inside the document means.
func (w *schemaWalk) target(ref string) map[string]any {
	rest, ok := strings.CutPrefix(ref, "#/")
	if !ok {
		return nil
	}
	here := w.root
	for _, step := range strings.Split(rest, "/") {
		next, ok := here[unescapePointer.Replace(step)].(map[string]any)
		if !ok {
			return nil
		}
		here = next
	}
	return here
}

// unescapePointer undoes the escapes of RFC 6901, "JSON Pointer".
var unescapePointer = strings.NewReplacer("~1", "/", "~0", "~")

// plainType is the declared type; of a list of types the first that is not "null".
func plainType(v any) string {
	if list, ok := v.([]any); ok {
		for _, x := range list {
			if s := text(x); s != "null" {
				return s
			}
		}
	}
	return text(v)
}

func text(v any) string {
	s, _ := v.(string)
	return s
}

// below appends a step to a path. A name that has the separators of paths in it is quoted.
func below(path, name string) string {
	if strings.ContainsAny(name, ".:*?{}[]\\ ") {
		name = `"` + strings.ReplaceAll(name, `"`, "'") + `"`
	}
	if path == "" {
		return name
	}
	return path + "." + name
}

// eventSchema is what the schema of an event says: of whom it is, what it tells, and the
// fields of its content. The envelope around it is the same for all events.
type eventSchema struct {
	Source, DetailType string
	Fields             []graph.Field
}

// eventFields reads the content of an EventBridge schema. Source: Amazon EventBridge user
// guide, "Amazon EventBridge schemas": OpenAPI 3 documents with a schema AWSEvent, and
// JSON Schema draft 4; both name source and detail type by an extension.
func eventFields(content string) eventSchema {
	var doc map[string]any
	if json.Unmarshal([]byte(content), &doc) != nil {
		return eventSchema{}
	}
	w := schemaWalk{root: doc}
	event := w.target("#/components/schemas/AWSEvent")
	if event == nil {
		event = doc
	}
	out := eventSchema{Source: text(event["x-amazon-events-source"]), DetailType: text(event["x-amazon-events-detail-type"])}
	if components := w.target("#/components/schemas"); components != nil && components["AWSEvent"] == nil {
		out.Fields = componentFields(doc, components)
		return out
	}
	props, _ := event["properties"].(map[string]any)
	if detail, ok := props["detail"].(map[string]any); ok && props["detail-type"] != nil {
		w.properties("", detail, 0)
	} else {
		w.properties("", event, 0)
	}
	out.Fields = w.out
	return out
}

// componentFields lists the fields of every schema of an OpenAPI document, each a record.
func componentFields(doc, components map[string]any) []graph.Field {
	var out []graph.Field
	for _, name := range slices.Sorted(maps.Keys(components)) {
		sub, ok := components[name].(map[string]any)
		if !ok {
			continue
		}
		w := schemaWalk{root: doc}
		w.properties("", sub, 0)
		for _, f := range w.out {
			f.Record, f.Name, f.Path = name, f.Path, below("", name)+"."+f.Path
			out = append(out, f)
		}
	}
	return out
}

// registryFields reads a schema of the Glue registry by its format. Source: AWS Glue
// developer guide, "AWS Glue Schema registry".
func registryFields(format, body string) []graph.Field {
	switch format {
	case "JSON":
		return schemaFields(body)
	case "AVRO":
		return avroFields(body)
	case "PROTOBUF":
		return protobufFields(body)
	}
	return nil
}

// avroFields lists the fields of an Avro schema. Source: Apache Avro specification,
// "Schema Declaration".
func avroFields(body string) []graph.Field {
	var doc any
	if json.Unmarshal([]byte(body), &doc) != nil {
		return nil
	}
	w := avroWalk{named: map[string]map[string]any{}}
	w.name(doc, 0)
	w.schema("", doc, 0)
	return w.out
}

type avroWalk struct {
	named map[string]map[string]any
	out   []graph.Field
	open  []string
	steps int
}

// name remembers the records by their names, with and without their namespace.
func (w *avroWalk) name(v any, depth int) {
	if w.steps++; depth > 4*deepest || w.steps > mostSteps {
		return
	}
	switch x := v.(type) {
	case []any:
		for _, y := range x {
			w.name(y, depth+1)
		}
	case map[string]any:
		if n := text(x["name"]); n != "" && x["fields"] != nil {
			w.named[n] = x
			w.named[text(x["namespace"])+"."+n] = x
		}
		for _, k := range []string{"fields", "type", "items", "values"} {
			w.name(x[k], depth+1)
		}
	}
}

// schema adds the fields below a path and tells the type of what is there.
func (w *avroWalk) schema(path string, v any, depth int) (kind string) {
	if w.steps++; depth > deepest || w.steps > 2*mostSteps || len(w.out) >= mostFields {
		return ""
	}
	switch x := v.(type) {
	case string:
		if r := w.named[x]; r != nil {
			return w.record(path, x, r, depth)
		}
		return x
	case []any:
		for _, y := range x {
			if k := w.schema(path, y, depth+1); k != "null" && kind == "" {
				kind = k
			}
		}
		return kind
	case map[string]any:
		switch t := x["type"].(type) {
		case string:
			switch t {
			case "record", "error":
				return w.record(path, text(x["name"]), x, depth)
			case "array":
				return w.schema(path+"[]", x["items"], depth+1)
			case "map":
				w.schema(path, x["values"], depth+1)
			}
			return t
		default:
			return w.schema(path, t, depth+1)
		}
	}
	return ""
}

func (w *avroWalk) record(path, name string, r map[string]any, depth int) string {
	if slices.Contains(w.open, name) {
		return "record"
	}
	w.open = append(w.open, name)
	defer func() { w.open = w.open[:len(w.open)-1] }()
	list, _ := r["fields"].([]any)
	for _, x := range list {
		f, ok := x.(map[string]any)
		if !ok || text(f["name"]) == "" {
			continue
		}
		here, before := below(path, text(f["name"])), len(w.out)
		kind := w.schema(here, f["type"], depth+1)
		if len(w.out) == before && len(w.out) < mostFields {
			w.out = append(w.out, graph.Field{Path: here, Type: kind})
		}
	}
	return "record"
}
