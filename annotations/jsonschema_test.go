package annotations

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"
	"github.com/santhosh-tekuri/jsonschema/v6"
)

func compiled(t *testing.T) *jsonschema.Schema {
	t.Helper()
	b, err := JSONSchema()
	if err != nil {
		t.Fatal(err)
	}
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(b))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	if err := c.AddResource("annotations.json", doc); err != nil {
		t.Fatal(err)
	}
	s, err := c.Compile("annotations.json")
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// valid tells whether a file fits the schema, as an editor sees it.
func valid(t *testing.T, s *jsonschema.Schema, b []byte) error {
	t.Helper()
	asJSON, err := yaml.YAMLToJSON(b)
	if err != nil {
		t.Fatal(err)
	}
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(asJSON))
	if err != nil {
		t.Fatal(err)
	}
	return s.Validate(doc)
}

func TestJSONSchemaTakesTheExamples(t *testing.T) {
	s := compiled(t)
	for _, pattern := range []string{"testdata/shop/*.yaml", "../examples/webshop/annotations/[a-z]*.yaml"} {
		files, err := filepath.Glob(pattern)
		if err != nil || len(files) == 0 {
			t.Fatal(pattern, files, err)
		}
		for _, f := range files {
			b, err := os.ReadFile(f)
			if err != nil {
				t.Fatal(err)
			}
			if err := valid(t, s, b); err != nil {
				t.Errorf("%s: %v", f, err)
			}
		}
	}
}

// TestJSONSchemaRefuses has what an editor must mark.
func TestJSONSchemaRefuses(t *testing.T) {
	s := compiled(t)
	for _, text := range []string{
		"resources: []",
		"version: 2",
		"version: 1\nresource: []",
		"version: 1\nresources: {}",
		"version: 1\nresources: [{id: x}]",
		"version: 1\nresources: [{match: {name: x}, data: [contact.email]}]",
		"version: 1\nresources: [{match: {name: x}, retention: {period: 3 years}}]",
		"version: 1\nresources: [{match: {name: x}, retention: {enforce: hope}}]",
		"version: 1\nactivities: {a: {name: A, lawful_basis: because}}",
		"version: 1\nparties: {a: {name: A, role: recipient, country: Germany}}",
		"version: 1\nschemas: {a: {rest: maybe}}",
		"version: 1\nsettings: {accounts: {12: x}}",
	} {
		if valid(t, s, []byte(text)) == nil {
			t.Errorf("the schema takes %q", text)
		}
	}
}

// TestJSONSchemaKnowsEveryKey compares the keys of the schema with those of the rules.
func TestJSONSchemaKnowsEveryKey(t *testing.T) {
	b, err := JSONSchema()
	if err != nil {
		t.Fatal(err)
	}
	var walk func(r rule)
	walk = func(r rule) {
		for k, sub := range r.keys {
			if k != "*" && !strings.Contains(string(b), `"`+k+`": {`) {
				t.Errorf("the schema has no key %q", k)
			}
			walk(sub)
		}
	}
	walk(rule{keys: sections})
	again, err := JSONSchema()
	if err != nil || !bytes.Equal(b, again) {
		t.Errorf("not the same bytes twice: %v", err)
	}
}
