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
		"no JSON":         {`{`, "not a decision case"},
		"a list":          {`[]`, "not a decision case"},
		"no kind":         {`{"request":{"principal":{},` + rest + `}`, `request.principal.kind is ""`},
		"odd kind":        {`{"request":{"principal":{"kind":"group"},` + rest + `}`, `kind is "group"`},
		"no action":       {`{"request":{"principal":{"kind":"anonymous"},"resource":{"arn":"*"}}}`, "request.action is missing"},
		"no resource":     {`{"request":{"principal":{"kind":"anonymous"},"action":"s3:GetObject"}}`, "request.resource.arn is missing"},
		"odd mode":        {`{"request":{"principal":{"kind":"anonymous"},` + rest + `,"settings":{"mode":"lax"}}`, `settings.mode is "lax"`},
		"odd context":     {`{"request":{"principal":{"kind":"anonymous"},"context":{"a:k":{}},` + rest + `}`, `request.context["a:k"]`},
		"nested context":  {`{"request":{"principal":{"kind":"anonymous"},"context":{"a:k":[[]]},` + rest + `}`, "no string"},
		"odd policy":      {`{"request":{"principal":{"kind":"anonymous"},` + rest + `,"identityPolicies":[[]]}`, "identityPolicies[0]"},
		"odd level":       {`{"request":{"principal":{"kind":"anonymous"},` + rest + `,"scps":[{"id":"root","policies":[7]}]}`, "scps root[0]"},
		"no ARN":          {`{"request":{"principal":{"kind":"user","account":"111122223333"},` + rest + `}`, "request.principal.arn is missing"},
		"service no ARN":  {`{"request":{"principal":{"kind":"service"},` + rest + `}`, "request.principal.arn is missing"},
		"role as user":    {`{"request":{"principal":{"kind":"user","arn":"` + reader + `"},` + rest + `}`, "is no ARN of a user"},
		"two accounts":    {`{"request":{"principal":{"kind":"user","arn":"` + ana + `","account":"999999999999"},` + rest + `}`, "is of account 111122223333"},
		"no resource ARN": {`{"request":{"principal":{"kind":"anonymous"},"action":"s3:GetObject","resource":{"arn":"b/k"}}}`, "which is no ARN"},
		"partial ARN":     {`{"request":{"principal":{"kind":"anonymous"},"action":"s3:GetObject","resource":{"arn":"arn:aws:s3"}}}`, "which is no ARN"},
		"many actions":    {`{"request":{"principal":{"kind":"anonymous"},"action":"s3:*","resource":{"arn":"*"}}}`, "one action at a time"},
		"one key twice":   {`{"request":{"principal":{"kind":"anonymous"},"context":{"aws:x":"1","AWS:X":"2"},` + rest + `}`, "which are one key"},
		"two cases":       {`{"request":{"principal":{"kind":"anonymous"},` + rest + `} {}`, "one case a line"},
		"odd type":        {`{"request":{"principal":{"kind":"anonymous"},"action":"s3:GetObject","resource":"arn"}}`, "request.resource cannot be a JSON string"},
		"level no list":   {`{"request":{"principal":{"kind":"anonymous"},` + rest + `,"scps":[{"id":"root"}]}`, "scps root: policies is missing"},
		"odd identity":    {`{"request":{"principal":{"kind":"anonymous"},` + rest + `,"identityPolicies":[7]}`, "identityPolicies[0]"},
		"odd bucket":      {`{"request":{"principal":{"kind":"anonymous"},` + rest + `,"resourcePolicy":"no"}`, "resourcePolicy"},
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

// TestCaseReadings: what a case leaves out, and what its ARN says better than its kind.
func TestCaseReadings(t *testing.T) {
	const statement = `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*"`
	admit := func(arn string) string {
		return `,"identityPolicies":[],"resourcePolicy":` + statement + `,"Principal":{"AWS":"` + arn + `"}}}`
	}
	const allow = `,"identityPolicies":[` + statement + `}}]`
	tests := map[string]struct{ principal, rest, want string }{
		"no identity policies named":     {`"kind":"user","arn":"` + ana + `"`, ``, "NotDecided"},
		"no identity policies":           {`"kind":"user","arn":"` + ana + `"`, `,"identityPolicies":null`, "ImplicitlyDenied"},
		"none named of another account":  {`"kind":"user","arn":"` + eve + `"`, `,"resourcePolicy":` + statement + `,"Principal":{"AWS":"999999999999"}}}`, "AllowedIf"},
		"none named of a service":        {`"kind":"service","arn":"sns.amazonaws.com"`, `,"resourcePolicy":` + statement + `,"Principal":{"Service":"sns.amazonaws.com"}}}`, "Allowed"},
		"empty boundary list":            {`"kind":"user","arn":"` + ana + `"`, allow + `,"permissionBoundaries":[]`, "Allowed"},
		"empty session list":             {`"kind":"role","arn":"` + reader + `"`, allow + `,"sessionPolicies":[]`, "Allowed"},
		"empty endpoint list":            {`"kind":"user","arn":"` + ana + `"`, allow + `,"vpcEndpointPolicies":[]`, "Allowed"},
		"empty level":                    {`"kind":"user","arn":"` + ana + `"`, allow + `,"scps":[{"id":"root","policies":[]}]`, "ImplicitlyDenied"},
		"root by account":                {`"kind":"root","account":"111122223333"`, `,"identityPolicies":[]`, "Allowed"},
		"session said to be a role":      {`"kind":"role","arn":"` + session + `"`, admit(session), "Allowed"},
		"role of a service":              {`"kind":"role","arn":"arn:aws:iam::111122223333:role/aws-service-role/x.amazonaws.com/AWSServiceRoleForX"`, allow + `,"scps":[{"id":"root","policies":[]}]`, "Allowed"},
		"role said to be a session":      {`"kind":"role-session","arn":"` + reader + `"`, admit(reader), "Allowed"},
		"user behind a federated user":   {`"kind":"federated-user","arn":"` + fed + `"`, admit("arn:aws:iam::111122223333:user/fay"), "Allowed"},
		"another user":                   {`"kind":"federated-user","arn":"` + fed + `"`, admit(ana), "ImplicitlyDenied"},
		"another user, named as parent":  {`"kind":"federated-user","arn":"` + fed + `","parent":"` + ana + `"`, admit(ana), "Allowed"},
		"limits of the user's own grant": {`"kind":"federated-user","arn":"` + fed + `"`, admit("arn:aws:iam::111122223333:user/fay") + `,"sessionPolicies":[{"Statement":[]}]`, "ImplicitlyDenied"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			c, err := ParseCase([]byte(`{"request":{"principal":{` + tt.principal + `},"action":"s3:GetObject","resource":{"arn":"` + object + `","account":"111122223333"}}` + tt.rest + `}`))
			if err != nil {
				t.Fatal(err)
			}
			if a := c.Answer(); a.Decision != tt.want {
				t.Errorf("%s, want %s: %s", a.Decision, tt.want, a.Why)
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
