package reach_test

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/goccy/go-yaml"

	"github.com/flowdeed/flowdeed/aws"
	"github.com/flowdeed/flowdeed/aws/replay"
)

// environments are the ready-made AWS environments, as recorded for package aws.
var environments = []string{"webshop", "airline", "shopcart", "unicorn", "refarch", "clinic", "startup"}

var folder = filepath.Join("..", "aws", "testdata")

type accessEntry struct {
	Principal, Store string
	Access           []string
}

// truth is what is really in an environment, as far as access goes.
type truth struct {
	Nodes  []struct{ ID, Type, Name string }
	Access []accessEntry
	Reach  []struct {
		Store      string
		Principals []struct {
			Principal string
			Access    []string
		}
		EntryPoints []struct {
			Entry string
			Via   []string
		} `yaml:"entry_points"`
		BlockedByKey []string `yaml:"blocked_by_key"`
	}
	CanReach []struct {
		Principal, Store, Access, How string
	} `yaml:"can_reach"`
	CannotReach []struct {
		Principal, Store string
		WhyNot           string `yaml:"why_not"`
	} `yaml:"cannot_reach"`
}

func readTruth(t testing.TB, name string) truth {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(folder, "environments", name, "truth.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	var out truth
	if err := yaml.NewDecoder(bytes.NewReader(b)).Decode(&out); err != nil {
		t.Fatal(err)
	}
	return out
}

func readIDs(t testing.TB, name string) map[string]map[string]string {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(folder, "environments", name, "ids.json"))
	if err != nil {
		t.Fatal(err)
	}
	var ids map[string]map[string]string
	if err := json.Unmarshal(b, &ids); err != nil {
		t.Fatal(err)
	}
	return ids
}

// member is the second account of an environment, found among its ids.
func member(ids map[string]map[string]string) string {
	for _, attrs := range ids {
		for _, v := range attrs {
			if p := strings.Split(v, ":"); len(p) == 6 && p[0] == "arn" && len(p[4]) == 12 && p[4] != "123456789012" && p[4] != "999999999999" {
				return p[4]
			}
		}
	}
	return ""
}

// scanned builds the system of an environment from its recorded answers.
func scanned(t testing.TB, name string) (*aws.System, map[string]map[string]string) {
	t.Helper()
	snap, ids := snapshot(t, name)
	return aws.Build(snap), ids
}

// snapshot scans the recorded answers of an environment.
func snapshot(t testing.TB, name string) (*aws.Snapshot, map[string]map[string]string) {
	t.Helper()
	rec, err := replay.Load(filepath.Join(folder, "recorded", name+".jsonl.zst"))
	if err != nil {
		t.Fatal(err)
	}
	srv := httptest.NewServer(rec)
	t.Cleanup(srv.Close)
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
	ids := readIDs(t, name)
	opt := aws.Options{
		Endpoint: srv.URL, Regions: []string{"eu-west-1", "us-east-1"}, Role: "audit", Tool: "flowdeed test",
		Attempts: 1, NoPacing: true, Now: func() time.Time { return time.Date(2026, 11, 1, 12, 0, 0, 0, time.UTC) },
	}
	if m := member(ids); m != "" {
		opt.Accounts = []string{"123456789012", m}
	}
	snap, err := aws.Scan(context.Background(), opt)
	if err != nil {
		t.Fatal(err)
	}
	return snap, ids
}
