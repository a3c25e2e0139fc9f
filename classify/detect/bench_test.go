package detect_test

import (
	"testing"

	"github.com/flowdeed/flowdeed/classify/detect"
)

// BenchmarkRows judges the fields of both labelled sets. Aim: 200,000 names a second on
// one core (detectors page, "Measuring"); what the note says is names per second.
func BenchmarkRows(b *testing.B) {
	var rows []detect.Row
	for _, name := range []string{"dev", "heldout"} {
		for _, l := range readSet(b, name) {
			rows = append(rows, l.Row)
		}
	}
	d, err := detect.New()
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		d.Rows(rows, .6)
	}
	b.ReportMetric(float64(len(rows))*float64(b.N)/b.Elapsed().Seconds(), "names/s")
}
