package detect_test

import (
	"slices"
	"testing"

	"github.com/flowdeed/flowdeed/classify/detect"
)

// The order of the rows changes no answer: a source is read as a whole.
func TestOrder(t *testing.T) {
	d, err := detect.New()
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"dev3", "dev4", "dev5"} {
		var rows []detect.Row
		for _, l := range readSet(t, name) {
			rows = append(rows, l.Row)
		}
		want := map[string]string{}
		for i, r := range d.Rows(rows, .6) {
			want[rows[i].ID] = r.Category
		}
		slices.Reverse(rows)
		for i, r := range d.Rows(rows, .6) {
			if w := want[rows[i].ID]; r.Category != w {
				t.Errorf("%s.%s: %q, in the other order %q", rows[i].Resource, rows[i].Name, r.Category, w)
			}
		}
	}
}

// FuzzNames judges any two names side by side: no panic, and a confidence within bounds.
func FuzzNames(f *testing.F) {
	for _, s := range [][3]string{{"patients", "idzona", "vtrid"}, {"tbl_detención", "codDetenido", "$.a[0].é"}, {"", "id", "cod"}, {"日本", "fk", "__"}} {
		f.Add(s[0], s[1], s[2])
	}
	d, err := detect.New()
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, resource, one, two string) {
		rows := []detect.Row{{Field: detect.Field{Kind: "column", Resource: resource, Name: one}}, {Field: detect.Field{Kind: "column", Resource: resource, Name: two}}}
		for _, r := range d.Rows(rows, .3) {
			if r.Confidence < 0 || r.Confidence > detect.FieldNames.Cap || r.Category != "" && r.Confidence < .3 {
				t.Errorf("%q %q %q: %q %.2f", resource, one, two, r.Category, r.Confidence)
			}
		}
	})
}
