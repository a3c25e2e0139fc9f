package check

import (
	_ "embed"
	"slices"
	"strings"
	"testing"
)

//go:embed testdata/catalogue.tsv
var catalogueFile string

// row is a line of the control catalogue.
type row struct{ id, tier, title, severity, articles string }

func catalogue(t *testing.T) map[string]row {
	t.Helper()
	out := map[string]row{}
	for i, line := range strings.Split(strings.TrimSpace(catalogueFile), "\n") {
		if strings.HasPrefix(line, "#") {
			continue
		}
		c := strings.Split(line, "\t")
		if len(c) != 5 {
			t.Fatalf("testdata/catalogue.tsv:%d has %d columns, want 5", i+1, len(c))
		}
		out[c[0]] = row{c[0], c[1], c[2], c[3], c[4]}
	}
	return out
}

// notYet are the rows of the first release of the families below that no control
// answers, with the service that would have to be read first.
var notYet = map[string]string{
	"ENC-TRANSIT-015": "Amazon MSK is not read, so there is no Kafka cluster to ask",
}

// uncatalogued are the controls that the catalogue does not list, with where they come from.
var uncatalogued = map[string]string{
	"annotation.disputed":              "privacy model, states of a field",
	"flow.carries_more_than_declared":  "privacy model, what the tool must say about its example, 1",
	"special_category.no_condition":    "privacy model, what the tool must say about its example, 6",
	"policy.dead_condition":            "permission engine, data about actions: dead conditions are reported",
	"retention.copy_outlives_original": "privacy model, what the tool must say about its example, 8",
	"protection.bypassed":              "privacy model, rules of protections: bypass test",
	"protection.reidentification_path": "privacy model, rules of protections: key test",
}

// firstRelease are the families of which every row of tier 1 must be answered.
var firstRelease = []string{"ENC-REST", "KMS", "ENC-TRANSIT", "EXPOSE", "XACCT", "FUNC", "LOG", "RET", "FLOW"}

// TestControlsFollowTheCatalogue holds title, severity, its movement and the articles
// of every control to the catalogue.
func TestControlsFollowTheCatalogue(t *testing.T) {
	moves := map[Moves]string{Fixed: "P0", WithData: "P+", OnlyWithData: "P!"}
	rows := catalogue(t)
	for _, c := range All() {
		want, ok := rows[c.ID]
		switch {
		case ok && uncatalogued[c.ID] != "":
			t.Errorf("%s is in the catalogue after all", c.ID)
		case !ok && uncatalogued[c.ID] == "":
			t.Errorf("%s is not in the catalogue", c.ID)
		}
		if !ok {
			continue
		}
		if c.Title != want.title {
			t.Errorf("%s is called %q, want %q", c.ID, c.Title, want.title)
		}
		if got := c.Severity.String() + " " + moves[c.Moves]; got != want.severity {
			t.Errorf("%s is %s, want %s", c.ID, got, want.severity)
		}
		if got := strings.Join(c.Articles, ", "); got != want.articles {
			t.Errorf("%s names Art. %s, want %s", c.ID, got, want.articles)
		}
	}
}

// TestFirstReleaseIsComplete holds that every row of the first release has a control,
// or a reason why not.
func TestFirstReleaseIsComplete(t *testing.T) {
	for id, r := range catalogue(t) {
		i := slices.IndexFunc(firstRelease, func(f string) bool { return strings.HasPrefix(id, f+"-") })
		if i < 0 || r.tier != "1" {
			continue
		}
		_, answered := ByID(id)
		switch reason := notYet[id]; {
		case answered && reason != "":
			t.Errorf("%s has a control and is listed as missing: %s", id, reason)
		case !answered && reason == "":
			t.Errorf("%s (%s) has no control and no reason why", id, r.title)
		}
	}
}
