package main

import (
	"bytes"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/klauspost/compress/zstd"

	"github.com/flowdeed/flowdeed/aws/replay"
	"github.com/flowdeed/flowdeed/report"
)

// planted are values that must not come out anywhere.
var planted = []string{"hunter2-Plan7ed-S3cret!", "jane.doe@planted.example", "sk_live_PlantedKey0123456789"}

// TestPlantedValues plants a secret and an e-mail address in variables, rule inputs and
// tags of the recorded web shop and looks for them in every byte we write.
func TestPlantedValues(t *testing.T) {
	rec, err := replay.Load(webshopRecording)
	if err != nil {
		t.Fatal(err)
	}
	plant := func(after, text string) int {
		return rec.Amend(func(x replay.Exchange) bool { return strings.Contains(x.Body, after) }, func(x *replay.Exchange) {
			x.Body = strings.Replace(x.Body, after, after+text, 1)
		})
	}
	n := plant(`"Environment": {"Variables": {`, `"PLANTED_PASSWORD": "`+planted[0]+`", "PLANTED_MAIL": "`+planted[1]+`", "PLANTED_TEXT": "call me `+planted[2]+` now", `)
	n += plant(`"Targets": [{`, `"Input": "{\"to\": \"`+planted[1]+`\", \"password\": \"`+planted[0]+`\"}", `)
	n += plant(`"Tags": [{"Key": `, `"contact", "Value": "`+planted[1]+`"}, {"Key": "password", "Value": "`+planted[0]+`"}, {"Key": "note", "Value": "`+planted[2]+`"}, {"Key": `)
	if n < 3 {
		t.Fatalf("planted in %d answers only", n)
	}
	srv := httptest.NewServer(rec)
	defer srv.Close()
	credentials(t)
	snap, err := scanWebshop(srv.URL, nil, callLimit)
	if err != nil {
		t.Fatal(err)
	}
	outputs := map[string][]byte{}
	var b bytes.Buffer
	if err := snap.Write(&b); err != nil {
		t.Fatal(err)
	}
	dec, err := zstd.NewReader(bytes.NewReader(b.Bytes()))
	if err != nil {
		t.Fatal(err)
	}
	var open bytes.Buffer
	if _, err := open.ReadFrom(dec); err != nil {
		t.Fatal(err)
	}
	outputs["snapshot"] = open.Bytes()
	if !strings.Contains(open.String(), "PLANTED_PASSWORD") {
		t.Error("the name of the planted variable is not in the snapshot: was it planted at all?")
	}
	dir := t.TempDir()
	file := filepath.Join(dir, "s")
	if err := os.WriteFile(file, b.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, args := range map[string][]string{
		"map": {"map", "--format", "json", file}, "map text": {"map", file}, "map svg": {"map", "--format", "svg", file}, "ways svg": {"who-can", "read", "customers", "--format", "svg", file},
		"check": {"check", "--format", "json", file}, "check text": {"check", file}, "explain": {"explain", "order-create", file},
	} {
		var out, errs bytes.Buffer
		run(t.Context(), args, &streams{out: &out, err: &errs, in: strings.NewReader("")})
		outputs[name] = append(out.Bytes(), errs.Bytes()...)
	}
	a, err := webshopAnalysis(snap)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range report.Formats {
		var out bytes.Buffer
		in := a.reportInput()
		if err := f.Print(&out, report.Build(in)); err != nil {
			t.Fatal(err)
		}
		outputs["report "+f.Name] = out.Bytes()
	}
	for name, b := range outputs {
		for _, p := range planted {
			if bytes.Contains(b, []byte(p)) {
				t.Errorf("%q comes out in %s", p, name)
			}
		}
		if len(b) == 0 {
			t.Errorf("%s is empty", name)
		}
	}
}
