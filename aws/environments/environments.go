// Package environments is how tests scan the ready-made AWS environments: from their
// recorded answers, or at an endpoint that was filled with them.
package environments

import (
	"context"
	"encoding/json"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/flowdeed/flowdeed/aws"
	"github.com/flowdeed/flowdeed/aws/replay"
)

// Names are the environments that are recorded.
var Names = []string{"webshop", "airline", "shopcart", "unicorn", "refarch", "clinic", "startup"}

// IDs are what AWS called the things of an environment: by thing, then by attribute.
type IDs map[string]map[string]string

// ReadIDs reads the ids that were written when the environment was filled.
func ReadIDs(t testing.TB, path string) IDs {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var ids IDs
	if err := json.Unmarshal(b, &ids); err != nil {
		t.Fatal(err)
	}
	return ids
}

// home is the account the environments are in, stranger one that is never scanned.
const (
	home     = "123456789012"
	stranger = "999999999999"
)

// Member is the second account of an environment, found among its ids; "" for none.
func (ids IDs) Member() string {
	for _, attrs := range ids {
		for _, v := range attrs {
			if p := strings.Split(v, ":"); len(p) == 6 && p[0] == "arn" && len(p[4]) == 12 && p[4] != home && p[4] != stranger {
				return p[4]
			}
		}
	}
	return ""
}

// Options are how the environments are meant to be scanned at an endpoint. They set the
// variables that keep the credentials of whoever runs the test out.
func Options(t testing.TB, endpoint string, ids IDs) aws.Options {
	t.Helper()
	for k, v := range map[string]string{
		"AWS_ACCESS_KEY_ID": "AKIAIOSFODNN7EXAMPLE", "AWS_SECRET_ACCESS_KEY": "example", "AWS_REGION": "eu-west-1",
		"AWS_CONFIG_FILE": os.DevNull, "AWS_SHARED_CREDENTIALS_FILE": os.DevNull, "AWS_EC2_METADATA_DISABLED": "true", "AWS_SESSION_TOKEN": "",
	} {
		if tt, ok := t.(*testing.T); ok {
			tt.Setenv(k, v)
		} else {
			os.Setenv(k, v)
		}
	}
	opt := aws.Options{
		Endpoint: endpoint, Regions: []string{"eu-west-1", "us-east-1"}, Role: "audit", Tool: "flowdeed test",
		Attempts: 1, NoPacing: true, Now: func() time.Time { return time.Date(2026, 11, 1, 12, 0, 0, 0, time.UTC) },
	}
	if m := ids.Member(); m != "" {
		opt.Accounts = []string{home, m}
	}
	return opt
}

// Scan scans an endpoint as the environments are meant to be scanned.
func Scan(t testing.TB, endpoint string, ids IDs) *aws.Snapshot {
	t.Helper()
	snap, err := aws.Scan(context.Background(), Options(t, endpoint, ids))
	if err != nil {
		t.Fatal(err)
	}
	return snap
}

// Serve gives the recorded answers of an environment back over HTTP, until the test ends.
func Serve(t testing.TB, recording string) (endpoint string, rec *replay.Recording) {
	t.Helper()
	rec, err := replay.Load(recording)
	if err != nil {
		t.Fatal(err)
	}
	srv := httptest.NewServer(rec)
	t.Cleanup(srv.Close)
	return srv.URL, rec
}
