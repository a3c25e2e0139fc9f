package aws

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
)

// TestValuesReduced: what of a variable's value is kept. Nothing personal and no
// secret survives, references do.
func TestValuesReduced(t *testing.T) {
	seen := map[string]bool{"users": true, "orders-prod": true, "worker": true, "prod/db": true, "eu-west-1_AbCdEfGhI": true, "Zx9Kq2Lm7Pw4Rt8Vb3Nc": true}
	for _, x := range []struct {
		name, variable, raw string
		refs                []string
		looks               []string // that must be there
		gone                []string // parts of the value that must not survive
	}{
		{"ARN", "T", "arn:aws:dynamodb:eu-west-1:123456789012:table/users", []string{"arn:aws:dynamodb:eu-west-1:123456789012:table/users"}, []string{"arn"}, nil},
		{"two ARNs", "T", "arn:aws:sns:eu-west-1:123456789012:a,arn:aws:sns:eu-west-1:123456789012:b", []string{"arn:aws:sns:eu-west-1:123456789012:a", "arn:aws:sns:eu-west-1:123456789012:b"}, nil, nil},
		{"ARN under a secret's name", "DB_SECRET", "arn:aws:secretsmanager:eu-west-1:123456789012:secret:prod/db-AbCdEf", []string{"arn:aws:secretsmanager:eu-west-1:123456789012:secret:prod/db-AbCdEf"}, nil, nil},
		{"GovCloud ARN", "T", "arn:aws-us-gov:s3:::bucket", []string{"arn:aws-us-gov:s3:::bucket"}, nil, nil},
		{"queue URL", "Q", "https://sqs.eu-west-1.amazonaws.com/123456789012/jobs", []string{"https://sqs.eu-west-1.amazonaws.com/123456789012/jobs"}, []string{"url"}, nil},
		{"queue with a name that looks random", "Q", "https://sqs.eu-west-1.amazonaws.com/123456789012/aB3-cD4_eF5-gH6_iJ7-kL8", []string{"https://sqs.eu-west-1.amazonaws.com/123456789012/aB3-cD4_eF5-gH6_iJ7-kL8"}, nil, nil},
		{"URL with a key in its query", "U", "https://api.vendor.example/v1?key=topsecretvalue&user=anna", []string{"https://api.vendor.example/v1"}, nil, []string{"topsecretvalue", "anna"}},
		{"URL with a password", "U", "https://anna:hunter2pass@api.vendor.example/v1", []string{"https://api.vendor.example/v1"}, []string{"secret"}, []string{"hunter2pass", "anna"}},
		{"URL with a token in its path", "U", "https://hooks.chat.example/services/aB3cD4eF5gH6iJ7kL8mN9", []string{"https://hooks.chat.example/services/•••"}, nil, []string{"aB3cD4eF5gH6iJ7kL8mN9"}},
		{"list of URLs", "U", "https://a.example/x,https://b.example/y", []string{"https://a.example/x", "https://b.example/y"}, nil, nil},
		{"connection string", "DATABASE_URL", "postgres://app:hunter2pass@db.cluster-x.eu-west-1.rds.amazonaws.com:5432/shop", []string{"postgres://db.cluster-x.eu-west-1.rds.amazonaws.com:5432/shop"}, []string{"secret"}, []string{"hunter2pass", "app:"}},
		{"connection string of words", "CONN", "Server=db.example.com;User Id=anna;Password=hunter2pass;", nil, []string{"secret"}, []string{"hunter2pass", "anna"}},
		{"host", "DB_HOST", "Main-DB.abc.eu-west-1.rds.amazonaws.com", []string{"main-db.abc.eu-west-1.rds.amazonaws.com"}, []string{"host"}, nil},
		{"host and port", "DB", "main-db.abc.eu-west-1.rds.amazonaws.com:5432", []string{"main-db.abc.eu-west-1.rds.amazonaws.com:5432"}, []string{"host"}, nil},
		{"host of somebody else", "SMTP_HOST", "smtp.mail.example", []string{"smtp.mail.example"}, []string{"host"}, nil},
		{"person's name with a dot", "ADMIN", "anna.muster", nil, nil, []string{"anna"}},
		{"person's name that is a user", "dbUser", "Anna.Muster", nil, nil, []string{"nna"}},
		{"password with a dot", "PASSWORD", "hunter2.pass", nil, []string{"secret"}, []string{"hunter2"}},
		{"name that was seen", "TABLE", "users", []string{"users"}, []string{"reference"}, nil},
		{"seen name under a secret's name", "SECRET_NAME", "prod/db", []string{"prod/db"}, []string{"reference"}, nil},
		{"seen name that looks random", "POOL", "Zx9Kq2Lm7Pw4Rt8Vb3Nc", []string{"Zx9Kq2Lm7Pw4Rt8Vb3Nc"}, []string{"reference"}, nil},
		{"name nobody saw", "X", "something-else", nil, nil, []string{"something-else"}},
		{"list of names", "X", "users,orders-prod;other", []string{"orders-prod", "users"}, nil, []string{"other"}},
		{"partial ARN of a function", "F", "123456789012:function:worker", []string{"123456789012:function:worker"}, nil, nil},
		{"function with alias", "F", "worker:live", []string{"worker"}, nil, []string{"live"}},
		{"bucket with a prefix", "DATA", "orders-prod/raw/2026", []string{"orders-prod"}, nil, []string{"2026"}},
		{"path of something else", "DATA", "other/raw/2026", nil, nil, []string{"other", "2026"}},
		{"password", "DB_PASSWORD", "hunter2pass", nil, []string{"secret"}, []string{"hunter2pass"}},
		{"camel case", "dbPassword", "hunter2pass", nil, []string{"secret"}, []string{"hunter2pass"}},
		{"access key", "X", "AKIAIOSFODNN7EXAMPLE", nil, []string{"secret"}, []string{"AKIA"}},
		{"payment key", "X", "sk_live_4eC39HqLyjWDarjtT1zdp7dc", nil, []string{"secret"}, []string{"4eC39"}},
		{"signed token", "X", "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.abcdefghijk", nil, []string{"secret"}, []string{"eyJ"}},
		{"private key", "X", "-----BEGIN RSA PRIVATE KEY-----\nMIIEow\n-----END RSA PRIVATE KEY-----", nil, []string{"secret"}, []string{"MIIEow"}},
		{"random", "SALT", "kJ8hG5fD2sA9pO6iU3yT", nil, []string{"secret"}, []string{"kJ8hG5"}},
		{"e-mail", "FROM", "anna.muster@shop.example", nil, []string{"email"}, []string{"anna", "muster"}},
		{"phone", "HELP", "+49 30 901820", nil, []string{"phone"}, []string{"901820"}},
		{"bank account", "ACCOUNT", "DE89 3704 0044 0532 0130 00", nil, []string{"iban"}, []string{"3704"}},
		{"card", "X", "4111 1111 1111 1111", nil, []string{"card"}, []string{"1111"}},
		{"flag", "DEBUG", "true", nil, nil, nil},
		{"empty", "X", "", nil, nil, nil},
		{"text that is neither", "GREETING", "Hello dear Mrs Example, welcome", nil, nil, []string{"Mrs", "welcome"}},
	} {
		t.Run(x.name, func(t *testing.T) {
			s := &scrubber{salt: "s"}
			v := s.reduce(x.variable, x.raw, func(w string) bool { return seen[w] })
			if !slices.Equal(v.Refs, x.refs) {
				t.Errorf("references %q, want %q", v.Refs, x.refs)
			}
			for _, m := range x.looks {
				if !v.Is(m) {
					t.Errorf("looks like %q, want %s among them", v.Looks, m)
				}
			}
			b, _ := json.Marshal(v)
			for _, part := range x.gone {
				if strings.Contains(string(b), part) {
					t.Errorf("%q survives in %s", part, b)
				}
			}
			if v.Is("secret") && v.Hash != "" {
				t.Error("a secret has a hash that could be tried against a dictionary")
			}
		})
	}
}

// TestValuesStayApart: equal values have equal hashes, with another salt other ones.
func TestValuesStayApart(t *testing.T) {
	never := func(string) bool { return false }
	a, b := (&scrubber{salt: "a"}), (&scrubber{salt: "b"})
	if a.reduce("X", "some value", never).Hash != a.reduce("Y", "some value", never).Hash {
		t.Error("equal values have different hashes")
	}
	if a.reduce("X", "some value", never).Hash == b.reduce("X", "some value", never).Hash || a.reduce("X", "some value", never).Hash == a.reduce("X", "another value", never).Hash {
		t.Error("the hash of a value does not depend on the value and the salt")
	}
}

// TestFieldsScrubbed: strings outside of declared values keep what they mean and lose
// what is secret or personal.
func TestFieldsScrubbed(t *testing.T) {
	for _, x := range []struct{ name, field, text, want string }{
		{"key alias of a queue", "KmsMasterKeyId", "alias/messaging", "alias/messaging"},
		{"key alias of a bucket", "KMSMasterKeyID", "alias/customer-master-key", "alias/customer-master-key"},
		{"key id", "KmsMasterKeyId", "1234abcd-12ab-34cd-56ef-1234567890ab", "1234abcd-12ab-34cd-56ef-1234567890ab"},
		{"multi-region key", "KmsMasterKeyId", "mrk-1234abcd12ab34cd56ef1234567890ab", "mrk-1234abcd12ab34cd56ef1234567890ab"},
		{"free text under such a name", "KmsMasterKeyId", "correct horse battery staple", "•••• (28 characters)"},
		{"alias under another name", "MASTER_KEY", "alias/looks-like-one", "•••• (20 characters)"},
		{"password", "MasterUserPassword", "hunter2pass", "•••• (11 characters)"},
		{"e-mail in a description", "Description", "ask anna@shop.example", "ask a***"},
		{"endpoint with a query", "Endpoint", "https://pager.example/hook?token=abc&team=icu", "https://pager.example/hook"},
		{"endpoint with a token", "Endpoint", "https://hooks.chat.example/aB3cD4eF5gH6iJ7kL8mN9", "https://hooks.chat.example/•••"},
		{"address with a placeholder", "Uri", "http://old.example:8080/{proxy}", "http://old.example:8080/{proxy}"},
		{"function's integration", "Uri", "arn:aws:apigateway:eu-west-1:lambda:path/2015-03-31/functions/arn:aws:lambda:eu-west-1:123456789012:function:f/invocations", ""},
		{"queue URL", "QueueUrls", "https://sqs.eu-west-1.amazonaws.com/123456789012/aB3-cD4_eF5-gH6_iJ7-kL8", ""},
		{"policy", "Policy", `{"Statement":[{"Effect":"Allow","Principal":"*","Action":"sqs:*","Resource":"*"}]}`, ""},
		{"secret in a document", "Definition", `{"Parameters":{"ApiKey":"hunter2pass","Url":"https://x.example/a?b=c"}}`, `{"Parameters":{"ApiKey":"•••• (11 characters)","Url":"https://x.example/a"}}`},
	} {
		want := x.want
		if want == "" {
			want = x.text
		}
		got := (&scrubber{salt: "s"}).field(x.field, x.text)
		if got != want && !(strings.HasSuffix(want, "***") && strings.HasPrefix(got, want) && strings.HasSuffix(got, "@shop.example")) {
			t.Errorf("%s: %q, want %q", x.name, got, want)
		}
	}
}

// TestTagsScrubbed: people put anything into tags.
func TestTagsScrubbed(t *testing.T) {
	for text, kept := range map[string]bool{
		"personal": true, "name contact address": true, "team-orders": true, "arn:aws:sns:eu-west-1:123456789012:t": true,
		"anna@shop.example": false, "+49 30 901820": false, "kJ8hG5fD2sA9pO6iU3yT": false, "4111 1111 1111 1111": false, "DE89 3704 0044 0532 0130 00": false,
	} {
		if got := (&scrubber{salt: "s"}).tag("note", text); (got == text) != kept {
			t.Errorf("tag %q became %q", text, got)
		}
	}
}

// TestTemplatesKeepTheirPaths: of the template of a transformer the names of fields are
// kept, and nothing of its text.
func TestTemplatesKeepTheirPaths(t *testing.T) {
	s, nothing := &scrubber{}, func(string) bool { return false }
	for raw, want := range map[string][]string{
		`{"a": <name>}`: {}, `"plain"`: {}, `{"a": <$.body.items[0].id>, "b": "<$.detail.email>"}`: {"$.body.items[0].id", "$.detail.email"},
		`{"all": <aws.events.event.json>}`: {"$"}, `<aws.pipes.event.json>`: {"$"}, `<$>`: {"$"}, `<jane@shop.example>`: {},
	} {
		if got := s.reduce("InputTemplate", raw, nothing).Paths; !slices.Equal(got, want) || got == nil {
			t.Errorf("%s: %q, want %q", raw, got, want)
		}
	}
	if got := s.reduce("OTHER", "<$.a>", nothing).Paths; got != nil {
		t.Errorf("a value that is no template has the paths %q", got)
	}
}
