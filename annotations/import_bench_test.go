package annotations

import (
	"fmt"
	"io"
	"strings"
	"testing"
)

// bigManifest has a number of data sets of 50 fields each.
func bigManifest(sets int) []byte {
	var b strings.Builder
	b.WriteString("dataset:\n")
	for i := range sets {
		fmt.Fprintf(&b, "  - fides_key: set%d\n    collections:\n      - name: t\n        fields:\n", i)
		for j := range 50 {
			fmt.Fprintf(&b, "          - {name: f%d, data_categories: [user.contact.email], fides_meta: {data_type: string}}\n", j)
		}
	}
	return []byte(b.String())
}

func BenchmarkImportFides(b *testing.B) {
	for _, n := range []int{10, 100, 1000} {
		text := bigManifest(n)
		b.Run(fmt.Sprint(n*50, "fields"), func(b *testing.B) {
			set := Empty()
			b.SetBytes(int64(len(text)))
			for b.Loop() {
				m, _ := set.Import("fides", []ImportFile{{"m.yml", text}})
				if err := m.WriteYAML(io.Discard); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkImportMacie reads findings about one bucket.
func BenchmarkImportMacie(b *testing.B) {
	for _, n := range []int{1000, 10000, 100000} {
		var s strings.Builder
		for i := range n {
			fmt.Fprintf(&s, `{"resourcesAffected":{"s3Bucket":{"name":"b%d"},"s3Object":{"key":"a/%d/x.csv"}},"classificationDetails":{"result":{"sensitiveData":[{"category":"PERSONAL_INFORMATION","detections":[{"type":"NAME","occurrences":{"cells":[{"columnName":"c%d"}]}}]}]}}}`+"\n", i%50, i%100, i%40)
		}
		text := []byte(s.String())
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			set := Empty()
			b.SetBytes(int64(len(text)))
			for b.Loop() {
				set.Import("macie", []ImportFile{{"m.json", text}})
			}
		})
	}
}
