package main

import (
	"bytes"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"
)

// The recipients of the web shop's truth file are all found; what is found beyond them
// is printed.
func TestRecipientsOfTheTruth(t *testing.T) {
	b, err := os.ReadFile(filepath.Join("..", "..", "aws", "testdata", "environments", "webshop", "truth.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	var truth struct {
		Recipients []struct{ Recipient, Channel string }
	}
	if err := yaml.Unmarshal(b, &truth); err != nil {
		t.Fatal(err)
	}
	if len(truth.Recipients) < 9 {
		t.Fatalf("the truth names %d recipients", len(truth.Recipients))
	}
	webshop := filepath.Join("..", "..", "examples", "webshop")
	in := input{snapshot: filepath.Join(webshop, "flowdeed.snapshot"), annotations: filepath.Join(webshop, "annotations")}
	a, err := in.load(&streams{out: &bytes.Buffer{}, err: &bytes.Buffer{}})
	if err != nil {
		t.Fatal(err)
	}
	found := map[string]bool{} // id -> named by the truth
	for _, r := range a.recipients() {
		found[r.ID] = false
		if len(r.Evidence) == 0 {
			t.Errorf("%s has no evidence", r.ID)
		}
	}
	for _, want := range truth.Recipients {
		ok := false
		for id := range found {
			if isRecipient(a, id, want.Recipient) {
				found[id], ok = true, true
			}
		}
		if !ok {
			t.Errorf("%s (%s) is not found", want.Recipient, want.Channel)
		}
	}
	for id, named := range found {
		if !named {
			t.Logf("beyond the truth: %s", id)
		}
	}
}

// isRecipient compares an id with the words of the truth file: a URL, a mail address
// (its name is masked in a snapshot), an account by number or as "account B".
func isRecipient(a *analysis, id, words string) bool {
	if u, err := url.Parse(words); err == nil && u.Host != "" {
		return id == "host:"+u.Host
	}
	if _, domain, ok := strings.Cut(words, "@"); ok {
		return strings.HasPrefix(id, "address:") && strings.HasSuffix(id, "@"+domain)
	}
	account, ok := strings.CutPrefix(id, "account:")
	if words == "account B" {
		_, scanned := a.sys.Accounts[account]
		return ok && scanned && account != "123456789012"
	}
	return ok && words == "account "+account
}
