package iam

import (
	"net/url"
	"strings"
	"testing"
)

// must reads a policy that a test relies on.
func must(t testing.TB, doc string) *Policy {
	t.Helper()
	p, err := ParsePolicy(doc)
	if err != nil {
		t.Fatalf("ParsePolicy: %v\n%s", err, doc)
	}
	return p
}

const sample = `{"Version": "2012-10-17",
 "Statement": {"Sid": "One", "Effect": "Allow", "Principal": {"AWS": ["*", 123456789012], "Service": "sns.amazonaws.com"},
  "Action": "s3:GetObject", "NotResource": ["arn:aws:s3:::b"],
  "Condition": {"ForAllValues:StringLikeIfExists": {"aws:TagKeys": "a*"}, "Bool": {"aws:SecureTransport": false}, "NumericLessThan": {"s3:TlsVersion": 1.2}}}}`

func TestParseKeepsEverything(t *testing.T) {
	encodings := map[string]string{
		"plain":   sample,
		"percent": strings.ReplaceAll(url.QueryEscape(sample), "+", "%20"),
		"escaped": strings.ReplaceAll(strings.ReplaceAll(sample, "\n", ""), `"`, `\"`),
		"bom":     "\ufeff " + sample,
	}
	for name, doc := range encodings {
		t.Run(name, func(t *testing.T) {
			p := must(t, doc)
			if len(p.Problems) != 0 {
				t.Errorf("problems: %v", p.Problems)
			}
			s := p.Statements[0]
			if s.Sid != "One" || s.Effect != Allow || s.Pointer != "/Statement" || s.Index != 0 {
				t.Errorf("statement: %+v", s)
			}
			if !s.Principals.Any || s.Principals.AWS[0] != "123456789012" || s.Principals.Service[0] != "sns.amazonaws.com" {
				t.Errorf("principals: %+v", s.Principals)
			}
			if s.Actions[0] != "s3:GetObject" || s.NotResources[0] != "arn:aws:s3:::b" || s.Resources != nil {
				t.Errorf("action, resource: %v %v %v", s.Actions, s.Resources, s.NotResources)
			}
			c := s.Conditions[0]
			if c.Set != ForAllValues || c.Operator != "StringLike" || !c.IfExists || c.Key != "aws:TagKeys" || c.Values[0] != "a*" {
				t.Errorf("condition: %+v", c)
			}
			if c.Pointer != "/Statement/Condition/ForAllValues:StringLikeIfExists/aws:TagKeys" {
				t.Errorf("pointer: %s", c.Pointer)
			}
			if s.Conditions[1].Values[0] != "false" || s.Conditions[2].Values[0] != "1.2" {
				t.Errorf("booleans and numbers as values: %+v", s.Conditions)
			}
		})
	}
}

func TestParseErrors(t *testing.T) {
	tests := map[string]struct{ doc, want string }{
		"empty":     {" ", "empty"},
		"array":     {"[]", "no JSON object"},
		"scalar":    {"12", "no JSON object"},
		"cut":       {`{"Version": "2012-10-17"`, "too early"},
		"syntax":    {"{\n \"Version\" 1}", "line 2"},
		"deep":      {strings.Repeat(`{"a":`, 10000) + "1" + strings.Repeat("}", 10000), "nested deeper"},
		"deep list": {`{"Statement":` + strings.Repeat("[", 10000) + strings.Repeat("]", 10000) + "}", "nested deeper"},
		"long":      {`{"Version": "` + strings.Repeat("x", 1<<20) + `"}`, "more than"},
		"percent":   {"%zz", "percent-encoded"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			_, err := ParsePolicy(tt.doc)
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Fatalf("error %v, want one with %q", err, tt.want)
			}
		})
	}
}

func TestParseProblems(t *testing.T) {
	tests := map[string]struct {
		doc, want string
		undecided bool
	}{
		"no statement":     {`{}`, "no Statement", false},
		"unknown operator": {`{"Statement": [{"Effect":"Allow","Action":"*","Resource":"*","Condition":{"StringMaybe":{"a":"b"}}}]}`, `unknown condition operator "StringMaybe"`, true},
		"null if exists":   {`{"Statement": [{"Effect":"Allow","Action":"*","Resource":"*","Condition":{"NullIfExists":{"a":"b"}}}]}`, `unknown condition operator`, true},
		"effect":           {`{"Statement": [{"Effect":"Permit","Action":"*","Resource":"*"}]}`, `Effect is "Permit"`, true},
		"effect case":      {`{"Statement": [{"Effect":"allow","Action":"*","Resource":"*"}]}`, `read as Allow`, false},
		"no effect":        {`{"Statement": [{"Action":"*","Resource":"*"}]}`, `Effect is missing`, true},
		"no action":        {`{"Statement": [{"Effect":"Deny","Resource":"*"}]}`, `Action is missing`, true},
		"template leftover": {`{"Statement": [{"Effect":"Allow","Action":"s3:*","Resource":{"Fn::GetAtt":["B","Arn"]}}]}`,
			`a value is no string`, true},
		"statement":      {`{"Statement": ["x"]}`, `no object`, true},
		"both":           {`{"Statement": [{"Effect":"Allow","Action":"*","NotAction":"*","Resource":"*"}]}`, `exclude each other`, true},
		"element":        {`{"Statement": [{"Effect":"Allow","Action":"*","Resource":"*","Conditon":{}}]}`, `unknown element "Conditon"`, true},
		"action form":    {`{"Statement": [{"Effect":"Allow","Action":"GetObject","Resource":"*"}]}`, `matches nothing`, false},
		"action service": {`{"Statement": [{"Effect":"Allow","Action":"s*:GetObject","Resource":"*"}]}`, `matches nothing`, false},
		"twice":          {`{"Statement": [], "Statement": []}`, `written twice`, false},
		"trailing":       {`{"Statement": []} x`, `after the end`, false},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			p := must(t, tt.doc)
			if len(p.Problems) == 0 || !strings.Contains(p.Problems[0].Message, tt.want) {
				t.Fatalf("problems %v, want %q", p.Problems, tt.want)
			}
			if got := p.Undecided() != ""; got != tt.undecided {
				t.Errorf("undecided %v, want %v", got, tt.undecided)
			}
		})
	}
}

func TestProblemPlace(t *testing.T) {
	p := must(t, "{\"Statement\": [\n  {\"Effect\": \"Allow\", \"Action\": \"*\", \"Resource\": \"*\",\n   \"Condition\": {\"Foo\": {\"k\": \"v\"}}}]}")
	x := p.Problems[0]
	if x.Line != 3 || x.Pointer != "/Statement/0/Condition/Foo/k" {
		t.Errorf("place: %s", x)
	}
}

func FuzzParsePolicy(f *testing.F) {
	f.Add(sample)
	f.Add(`{"Statement":[{"NotPrincipal":{"AWS":["1"]},"NotAction":[],"Resource":["arn:aws:s3:::${aws:username}/*","${*}"],"Condition":{"ForAnyValue:ArnLike":{"aws:SourceArn":["arn:*",1,null,true]}}}]}`)
	f.Add(strings.Repeat("[", 100))
	f.Add("%7B%7D")
	f.Fuzz(func(t *testing.T, doc string) {
		p, err := ParsePolicy(doc)
		if err != nil {
			return
		}
		o := Owner{Account: "111122223333", OwnBuckets: map[string]bool{"b": true}}
		PublicStatements(p, o)
		ForeignPrincipals(p, o)
		UnboundServices(p, o)
		ForeignSources(p, o)
		PublicDecrypt(p, o)
		TrustedForeign(p, o)
		LooseFederation(p)
		RequiresTLS(p, "arn:aws:s3:::b", "arn:aws:s3:::b/*")
		Identity{ARN: "arn:aws:iam::111122223333:role/r", Policies: []*Policy{p}, Boundary: p}.Grants("s3:GetObject", "arn:aws:s3:::b/*")
		if _, err := ParsePolicy(doc); err != nil {
			t.Error("the second reading failed")
		}
	})
}
