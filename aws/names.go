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

var (
	inputPath  = regexp.MustCompile(`\$input\.(?:path|json)\(\s*['"]\$\.?([A-Za-z_][\w.\[\]*-]*)['"]`)
	inputParam = regexp.MustCompile(`\$input\.params\(\s*['"]([\w.-]+)['"]`)
)

// mappedInputs lists the parts of a request that mapping templates take, by name. Source:
// Amazon API Gateway developer guide, "Mapping template transformations", "$input".
func mappedInputs(templates map[string]string) []string {
	var out []string
	for _, t := range templates {
		for _, pattern := range []*regexp.Regexp{inputPath, inputParam} {
			for _, m := range pattern.FindAllStringSubmatch(t, -1) {
				out = append(out, m[1])
			}
		}
	}
	return out
}

// requestPart is a part of a request in an identity source or a mapping of parameters.
// Source: Amazon API Gateway developer guide, "Request data mapping" of REST and HTTP APIs.
var requestPart = regexp.MustCompile(`(?:method\.|\$)?request\.(?:header|querystring|path|body|cookies?)\.([A-Za-z0-9_][\w.-]*)`)

// requestParts lists the names of the parts of a request that texts refer to. The header
// that every signed-in request has tells nothing of this API.
func requestParts(texts ...string) []string {
	var out []string
	for _, t := range texts {
		for _, m := range requestPart.FindAllStringSubmatch(t, -1) {
			if !strings.EqualFold(m[1], "Authorization") {
				out = append(out, m[1])
			}
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
