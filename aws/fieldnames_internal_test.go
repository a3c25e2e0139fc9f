package aws

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/flowdeed/flowdeed/graph"
)

// schemaSeeds are bodies of all forms, whole and broken.
var schemaSeeds = []string{
	`{"properties":{"email":{"type":"string","example":"x"},"a":{"$ref":"#/definitions/A"}},"definitions":{"A":{"properties":{"b":{"$ref":"#"}}}}}`,
	`{"openapi":"3.0.0","components":{"schemas":{"AWSEvent":{"properties":{"detail":{"$ref":"#/components/schemas/A"},"detail-type":{}}},"A":{"properties":{"x":{"items":{}}}}}}}`,
	`{"type":"record","name":"A","fields":[{"name":"b","type":["null","A",{"type":"array","items":{"type":"map","values":"A"}}]}]}`,
	`message A { oneof b { string c = 1; } message D { map<string, A> e = 2; } }`, `struct<a:array<struct<b:map<string,int>>>,c:decimal(1,2)>`,
	`}{;=`, `struct<struct<`, `[{"items":[{"$ref":"#/0"}]}]`,
}

// FuzzSchemaBodies: a body of any form ends, gives no more than is bounded, gives nothing but
// names that stand in it, and the same each time.
func FuzzSchemaBodies(f *testing.F) {
	for _, s := range schemaSeeds {
		f.Add(s)
	}
	f.Fuzz(checkBody)
}

// TestBrokenSchemaBodies does so with cut and mixed seeds.
func TestBrokenSchemaBodies(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 2))
	part := func() string {
		s := schemaSeeds[rnd.IntN(len(schemaSeeds))]
		from := rnd.IntN(len(s))
		return s[from : from+rnd.IntN(len(s)-from)+1]
	}
	for range 20000 {
		s := schemaSeeds[rnd.IntN(len(schemaSeeds))]
		at := rnd.IntN(len(s))
		checkBody(t, s[:at]+part()+s[min(len(s), at+rnd.IntN(6)):])
	}
}

func checkBody(t *testing.T, body string) {
	read := func() [][]graph.Field {
		return [][]graph.Field{schemaFields(body), eventFields(body).Fields, avroFields(body), protobufFields(body), hiveFields("column", body)}
	}
	again := read()
	for i, list := range read() {
		if !slices.Equal(list, again[i]) {
			t.Errorf("reader %d gives two answers", i)
		}
		if len(list) > mostFields && (i == 0 || i == 2 || i == 3) {
			t.Errorf("reader %d gives %d fields", i, len(list))
		}
		for _, x := range list {
			if x.Path == "" || utf8.ValidString(body) && !utf8.ValidString(x.Path) {
				t.Errorf("reader %d gives path %q of %q", i, x.Path, body)
			}
			if i == 3 && !strings.Contains(body, x.Name) {
				t.Errorf("%q does not stand in %q", x.Name, body)
			}
		}
	}
}

// FuzzLogPatterns: filters and queries give names that stand in them, sorted, each once, and
// nothing of a value in quotes.
func FuzzLogPatterns(f *testing.F) {
	for _, s := range []string{
		`{ $.user.email = "SECRETVALUE" && $.['a b'] = 1 }`, `[ip, user="SECRETVALUE", ...]`, "fields a.b, `c-d` | filter e = \"SECRETVALUE\" | parse f /SECRETVALUE (?<g>x)/",
		`{ $.a = "x\"SECRETVALUE" }`, `fields 'SECRETVALUE`, `$[`, `"`,
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		for _, list := range [][]string{filterFields(s), queryFields(s)} {
			if !slices.IsSorted(list) || len(slices.Compact(slices.Clone(list))) != len(list) {
				t.Errorf("%q: not sorted or twice: %q", s, list)
			}
		}
		value := `"SECRET` + strings.NewReplacer(`"`, "", `\`, "", "\n", "", "#", "", "'", "", "/", "", "`", "").Replace(s) + `VALUE"`
		for _, list := range [][]string{filterFields("{ $.a = " + value + " }"), queryFields("filter a = " + value)} {
			if !slices.Equal(list, []string{"a"}) {
				t.Errorf("%q gives %q, want the name alone", value, list)
			}
		}
	})
}
