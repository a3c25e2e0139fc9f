package aws_test

import (
	"bytes"
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/flowdeed/flowdeed/aws"
	"github.com/flowdeed/flowdeed/aws/environments"
	"github.com/flowdeed/flowdeed/aws/replay"
)

// TestTwoScansSameBytes: the same endpoint gives the same file but for times, in
// whatever order the answers come in.
func TestTwoScansSameBytes(t *testing.T) {
	endpoint, _, ids := replayed(t, "startup")
	opt := environments.Options(t, endpoint, ids)
	scan := func(now time.Time) *aws.Snapshot {
		opt.Now = func() time.Time { return now }
		s, err := aws.Scan(context.Background(), opt)
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	day := time.Date(2026, 11, 1, 12, 0, 0, 0, time.UTC)
	first, again, later := scan(day), scan(day), scan(day.Add(24*time.Hour))
	if !bytes.Equal(written(t, first), written(t, again)) {
		t.Error("two scans at the same time differ")
	}
	if first.Hash() != later.Hash() {
		t.Error("a day later the content differs")
	}
	if bytes.Equal(written(t, first), written(t, later)) {
		t.Error("the time of the scan is not in the file")
	}
}

// TestRegionTwice: a region asked for twice is scanned once.
func TestRegionTwice(t *testing.T) {
	endpoint, _, ids := replayed(t, "startup")
	opt := environments.Options(t, endpoint, ids)
	once, err := aws.Scan(context.Background(), opt)
	if err != nil {
		t.Fatal(err)
	}
	opt.Regions = append([]string{"us-east-1"}, opt.Regions...)
	opt.Accounts = []string{"123456789012", "123456789012"}
	twice, err := aws.Scan(context.Background(), opt)
	if err != nil {
		t.Fatal(err)
	}
	if once.Hash() != twice.Hash() || once.Run.Requests != twice.Run.Requests {
		t.Errorf("%d requests in %d shards, want %d in %d", twice.Run.Requests, len(twice.Shards), once.Run.Requests, len(once.Shards))
	}
}

// TestInterrupted: a scan that is cancelled ends soon, asks nothing more, and says
// that it is not whole.
func TestInterrupted(t *testing.T) {
	rec, err := replay.Load(recordingPath("startup"))
	if err != nil {
		t.Fatal(err)
	}
	ids := environments.ReadIDs(t, idsPath("startup"))
	for _, after := range []int64{5, 40, 200} {
		ctx, cancel := context.WithCancel(context.Background())
		defer cancel()
		var calls atomic.Int64
		srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if calls.Add(1) == after {
				cancel()
			}
			rec.ServeHTTP(w, r)
		}))
		defer srv.Close()
		snap, err := aws.Scan(ctx, environments.Options(t, srv.URL, ids))
		if err != nil {
			t.Fatalf("after %d calls: %v", after, err)
		}
		if snap.Run.Incomplete == "" {
			t.Errorf("cancelled after %d calls the snapshot says it is whole", after)
		}
		if n := calls.Load(); n > after+64 { // what was in flight
			t.Errorf("cancelled after %d calls, %d more were made", after, n-after)
		}
		for _, sh := range snap.Shards {
			for _, a := range sh.Answers {
				if a.Outcome == aws.OutcomeNotFound && strings.Contains(a.Error, "interrupted") {
					t.Errorf("%s: an interrupted call counts as none there", a.Operation)
				}
			}
		}
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	srv := httptest.NewServer(rec)
	defer srv.Close()
	if snap, err := aws.Scan(ctx, environments.Options(t, srv.URL, ids)); err == nil {
		t.Errorf("cancelled before it began: %d shards, want an error", len(snap.Shards))
	}
}
