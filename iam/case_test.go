package iam

import (
	"bufio"
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestCases decides every case in testdata and holds the answer against the expected
// one.
func TestCases(t *testing.T) {
	files, err := filepath.Glob("testdata/cases-*.jsonl")
	if err != nil || len(files) == 0 {
		t.Fatalf("no case files: %v", err)
	}
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		n := 0
		lines := bufio.NewScanner(bytes.NewReader(data))
		lines.Buffer(nil, 1<<20)
		for lines.Scan() {
			c, err := ParseCase(lines.Bytes())
			if err != nil {
				t.Fatalf("%s line %d: %v", file, n+1, err)
			}
			if got := c.Answer(); got.Decision != c.Expected || c.Expected == "" {
				t.Errorf("%s %s: %s, want %s: %+v", file, c.ID, got.Decision, c.Expected, got)
			}
			n++
		}
		if n == 0 {
			t.Errorf("%s holds no case", file)
		}
	}
}

func TestParseCaseErrors(t *testing.T) {
	const rest = `"action":"s3:GetObject","resource":{"arn":"arn:aws:s3:::b/k","account":"111122223333"}}`
	tests := map[string]struct{ line, want string }{
		"no JSON":        {`{`, "not a decision case"},
		"a list":         {`[]`, "not a decision case"},
		"no kind":        {`{"request":{"principal":{},` + rest + `}`, `request.principal.kind is ""`},
		"odd kind":       {`{"request":{"principal":{"kind":"group"},` + rest + `}`, `kind is "group"`},
		"no action":      {`{"request":{"principal":{"kind":"anonymous"},"resource":{"arn":"*"}}}`, "request.action is missing"},
		"no resource":    {`{"request":{"principal":{"kind":"anonymous"},"action":"s3:GetObject"}}`, "request.resource.arn is missing"},
		"odd mode":       {`{"request":{"principal":{"kind":"anonymous"},` + rest + `,"settings":{"mode":"lax"}}`, `settings.mode is "lax"`},
		"odd context":    {`{"request":{"principal":{"kind":"anonymous"},"context":{"a:k":{}},` + rest + `}`, `request.context["a:k"]`},
		"nested context": {`{"request":{"principal":{"kind":"anonymous"},"context":{"a:k":[[]]},` + rest + `}`, "no string"},
		"odd policy":     {`{"request":{"principal":{"kind":"anonymous"},` + rest + `,"identityPolicies":[[]]}`, "identityPolicies[0]"},
		"odd level":      {`{"request":{"principal":{"kind":"anonymous"},` + rest + `,"scps":[{"id":"root","policies":[7]}]}`, "scps root[0]"},
		"odd bucket":     {`{"request":{"principal":{"kind":"anonymous"},` + rest + `,"resourcePolicy":"no"}`, "resourcePolicy"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			if _, err := ParseCase([]byte(tt.line)); err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("error %v, want one with %q", err, tt.want)
			}
		})
	}
}

// TestUnreadPolicy: a case with a policy that cannot be read is reported and not
// decided, whatever the other policies say.
func TestUnreadPolicy(t *testing.T) {
	for name, policy := range map[string]string{
		"no JSON":      `"{\"Statement\":[{\"Effect\":\"Allow\""`,
		"too long":     `{"Statement":[{"Sid":"` + strings.Repeat("a", 1<<20) + `","Effect":"Allow","Action":"*","Resource":"*"}]}`,
		"too deep":     `{"Statement":` + strings.Repeat("[", 200) + strings.Repeat("]", 200) + `}`,
		"far too deep": `"` + strings.Repeat("[", 10_000) + strings.Repeat("]", 10_000) + `"`,
		"no object":    `7`,
	} {
		t.Run(name, func(t *testing.T) {
			c, err := ParseCase([]byte(`{"id":"x","request":{"principal":{"kind":"user","arn":"` + ana + `"},"action":"s3:GetObject",
				"resource":{"arn":"arn:aws:s3:::b/k","account":"111122223333"}},"identityPolicies":[{"Statement":{"Effect":"Allow","Action":"*","Resource":"*"}},` + policy + `]}`))
			if err == nil || c == nil {
				t.Fatalf("case %v, error %v", c, err)
			}
			if a := c.Answer(); a.Decision != "NotDecided" || !strings.Contains(a.Why, "identityPolicies[1]") {
				t.Errorf("%+v", a)
			}
		})
	}
}

func TestParseCaseForms(t *testing.T) {
	c, err := ParseCase([]byte(`{"id":7,"request":{"principal":{"kind":"user","arn":"` + ana + `"},"action":"s3:GetObject",
		"resource":{"arn":"arn:aws:s3:::b/k","account":"111122223333"},"context":{"AWS:SecureTransport":true,"aws:TagKeys":["a"],"s3:TlsVersion":1.2,"a:none":null}},
		"identityPolicies":[{"name":"team","policy":"{\"Version\":\"2012-10-17\",\"Statement\":{\"Sid\":\"S\",\"Effect\":\"Allow\",\"Action\":\"*\",\"Resource\":\"*\",\"Condition\":{\"Bool\":{\"aws:SecureTransport\":\"true\"}}}}"}],
		"scps":[{"policies":[{"Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}]}],"settings":{"mode":"strict"}}`))
	if err != nil {
		t.Fatal(err)
	}
	got, err := json.Marshal(c.Answer())
	if err != nil {
		t.Fatal(err)
	}
	want := `{"id":"7","decision":"Allowed","because":[{"layer":"scp","policy":"scps 0[0]","statement":0,"pointer":"/Statement"},` +
		`{"layer":"identity","policy":"identityPolicies[0] team","statement":0,"sid":"S","pointer":"/Statement"}],"why":"allowed"}`
	if string(got) != want {
		t.Errorf("answer\n%s\nwant\n%s", got, want)
	}
}

func FuzzParseCase(f *testing.F) {
	data, err := os.ReadFile("testdata/cases-example.jsonl")
	if err != nil {
		f.Fatal(err)
	}
	for line := range bytes.Lines(data) {
		f.Add(line)
	}
	f.Fuzz(func(t *testing.T, line []byte) {
		c, err := ParseCase(line)
		if err != nil {
			return
		}
		if a := c.Answer(); a.Decision == "" || a.Why == "" {
			t.Errorf("an answer without decision or reason: %+v", a)
		}
	})
}
