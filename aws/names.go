package aws

import (
	"encoding/json"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/flowdeed/flowdeed/graph"
)

// deepest bounds how far nested schemas and patterns are followed.
const deepest = 12

// addField adds a data field to a node, once.
func addField(n *graph.Node, f graph.Field) {
	if f.Path != "" && !slices.ContainsFunc(n.Fields, func(x graph.Field) bool { return x.Path == f.Path }) {
		n.Fields = append(n.Fields, f)
	}
}

// addNames adds names of one sort to a node, sorted, each once.
func addNames(n *graph.Node, of string, names []string, src graph.Source) {
	names = slices.Compact(slices.Sorted(slices.Values(names)))
	for _, name := range names {
		x := graph.Named{Name: name, Of: of, Source: src}
		if name != "" && !slices.ContainsFunc(n.Names, func(y graph.Named) bool { return y.Name == name && y.Of == of }) {
			n.Names = append(n.Names, x)
		}
	}
}

// schemaFields lists the fields a JSON Schema describes, as paths with their types.
func schemaFields(schema string) []graph.Field {
	var doc map[string]any
	if json.Unmarshal([]byte(schema), &doc) != nil {
		return nil
	}
	return properties(nil, "", doc, 0)
}

func properties(out []graph.Field, path string, schema map[string]any, depth int) []graph.Field {
	if depth > deepest {
		return out
	}
	props, _ := schema["properties"].(map[string]any)
	for _, name := range slices.Sorted(maps.Keys(props)) {
		sub, _ := props[name].(map[string]any)
		here := name
		if path != "" {
			here = path + "." + name
		}
		kind, _ := sub["type"].(string)
		if items, ok := sub["items"].(map[string]any); ok && kind == "array" {
			sub, here = items, here+"[]"
		}
		if _, nested := sub["properties"]; nested {
			out = properties(out, here, sub, depth+1)
			continue
		}
		out = append(out, graph.Field{Path: here, Type: kind})
	}
	for _, word := range []string{"allOf", "anyOf", "oneOf"} {
		list, _ := schema[word].([]any)
		for _, x := range list {
			if sub, ok := x.(map[string]any); ok {
				out = properties(out, path, sub, depth+1)
			}
		}
	}
	if items, ok := schema["items"].(map[string]any); ok && path == "" {
		out = properties(out, "[]", items, depth+1)
	}
	return out
}

// patternPaths lists what an event pattern looks at in the detail of an event; the rest
// of an event is its envelope. Source: Amazon EventBridge User Guide, "Event patterns".
func patternPaths(pattern string) []string {
	var doc map[string]any
	if json.Unmarshal([]byte(pattern), &doc) != nil {
		return nil
	}
	detail, _ := doc["detail"].(map[string]any)
	return keysBelow(nil, "detail", detail, 0)
}

func keysBelow(out []string, path string, tree map[string]any, depth int) []string {
	if depth > deepest {
		return out
	}
	for _, k := range slices.Sorted(maps.Keys(tree)) {
		if strings.HasPrefix(k, "$") {
			continue // $or and the like are operators
		}
		if sub, ok := tree[k].(map[string]any); ok {
			out = keysBelow(out, path+"."+k, sub, depth+1)
		} else {
			out = append(out, path+"."+k)
		}
	}
	return out
}

// inputPaths lists the paths into its input that a state machine's definition uses:
// values that start with "$.", but not those of the context object "$$.".
// Source: Amazon States Language, "Paths".
func inputPaths(out []string, doc any, depth int) []string {
	if depth > 64 {
		return out
	}
	switch x := doc.(type) {
	case map[string]any:
		for _, k := range slices.Sorted(maps.Keys(x)) {
			out = inputPaths(out, x[k], depth+1)
		}
	case []any:
		for _, v := range x {
			out = inputPaths(out, v, depth+1)
		}
	case string:
		if plainPath.MatchString(x) {
			out = append(out, x)
		}
	}
	return out
}

// plainPath is a path without filters: those may hold values.
var plainPath = regexp.MustCompile(`^\$(\.[A-Za-z_][\w-]*|\[\d*\*?\])+$`)

// graphqlField is a field or input value in a type definition, with its type.
var graphqlField = regexp.MustCompile(`(?m)^\s*([A-Za-z_]\w*)\s*(?:\([^)]*\))?\s*:\s*\[?([A-Za-z_]\w*)`)

// graphqlType is the head of a type definition.
var graphqlType = regexp.MustCompile(`(?m)^\s*(type|input|interface)\s+([A-Za-z_]\w*)`)

// typeFields lists the fields of the types, inputs and interfaces in GraphQL definitions,
// as Type.field. Queries and mutations are operations, not data.
func typeFields(definition string) []graph.Field {
	heads := graphqlType.FindAllStringSubmatchIndex(definition, -1)
	var out []graph.Field
	for i, h := range heads {
		end := len(definition)
		if i+1 < len(heads) {
			end = heads[i+1][0]
		}
		name := definition[h[4]:h[5]]
		if name == "Query" || name == "Mutation" || name == "Subscription" {
			continue
		}
		body := definition[h[1]:end]
		if k := strings.IndexByte(body, '}'); k >= 0 {
			body = body[:k]
		}
		for _, m := range graphqlField.FindAllStringSubmatch(body, -1) {
			out = append(out, graph.Field{Path: name + "." + m[1], Type: m[2]})
		}
	}
	return out
}

// pathParameters lists the parameters in a route: "{userId}" in "GET /users/{userId}".
func pathParameters(route string) []string {
	var out []string
	for _, part := range strings.Split(route, "{")[1:] {
		if name, _, ok := strings.Cut(part, "}"); ok {
			out = append(out, strings.TrimSuffix(name, "+"))
		}
	}
	return out
}

// keepTypeFields leaves of a GraphQL type definition the names of its fields: what it
// says beside them, descriptions and directives, is nobody's data.
func keepTypeFields(answer map[string]any) {
	list, _ := answer["Types"].([]any)
	for _, x := range list {
		t, ok := x.(map[string]any)
		if !ok {
			continue
		}
		definition, _ := t["Definition"].(string)
		delete(t, "Definition")
		fields := []any{}
		for _, f := range typeFields(definition) {
			fields = append(fields, map[string]any{"Path": f.Path, "Type": f.Type})
		}
		if len(fields) > 0 {
			t["Fields"] = fields
		}
	}
}
