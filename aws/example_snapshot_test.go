package aws_test

import (
	"bytes"
	"os"
	"testing"

	"github.com/flowdeed/flowdeed/aws/environments"
)

// TestWebshopExample keeps the example's snapshot equal to a scan of the recorded web
// shop. Write it anew with -update.
func TestWebshopExample(t *testing.T) {
	endpoint, _, ids := replayed(t, "webshop")
	snap := environments.Scan(t, endpoint, ids)
	snap.Run.Endpoint, snap.Run.Tool = "", "flowdeed 0.1.0"
	var b bytes.Buffer
	if err := snap.Write(&b); err != nil {
		t.Fatal(err)
	}
	const path = "../examples/webshop/flowdeed.snapshot"
	if *update {
		if err := os.WriteFile(path, b.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(b.Bytes(), want) {
		t.Errorf("the example's snapshot is not what the scan gives now; run: go test ./aws -run TestWebshopExample -update")
	}
}
