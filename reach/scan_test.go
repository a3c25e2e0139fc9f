package reach_test

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"github.com/goccy/go-yaml"

	"github.com/flowdeed/flowdeed/aws"
	"github.com/flowdeed/flowdeed/aws/environments"
)

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

// scanned builds the system of an environment from its recorded answers.
func scanned(t testing.TB, name string) (*aws.System, environments.IDs) {
	t.Helper()
	snap, ids := snapshot(t, name)
	return aws.Build(snap), ids
}

// snapshot scans the recorded answers of an environment.
func snapshot(t testing.TB, name string) (*aws.Snapshot, environments.IDs) {
	t.Helper()
	endpoint, _ := environments.Serve(t, filepath.Join(folder, "recorded", name+".jsonl.zst"))
	ids := environments.ReadIDs(t, filepath.Join(folder, "environments", name, "ids.json"))
	return environments.Scan(t, endpoint, ids), ids
}
