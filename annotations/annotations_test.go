package annotations

import (
	"strings"
	"testing"
	"testing/fstest"
	"time"
)

func file(text string) fstest.MapFS { return fstest.MapFS{"a.yaml": {Data: []byte(text)}} }

func TestWorkedExampleHasNoErrors(t *testing.T) {
	set, diags := Load("testdata/shop")
	for _, d := range append(diags, set.CheckDates(codesDay)...) {
		t.Errorf("%s", d)
	}
	st := set.For(Target{ARN: "arn:aws:dynamodb:eu-central-1:111122223333:table/orders", Kind: "dynamodb.table", Name: "orders"})
	var got []string
	for _, c := range st.Categories {
		got = append(got, c.Field+"="+c.Category)
	}
	want := "user.contact.email"
	if !strings.Contains(strings.Join(got, " "), "email="+want) || len(got) != 12 {
		t.Errorf("orders: %d categories %v", len(got), got)
	}
	if st.Owner != "shop-team" || st.Activities[0] != "order-fulfilment" || st.Categories[0].Subjects[0] != "customer" {
		t.Errorf("orders: owner %q, activities %v, subjects %v", st.Owner, st.Activities, st.Categories[0].Subjects)
	}
	dlq := set.For(Target{Kind: "sqs.queue", Name: "order-pay-dlq"})
	for _, c := range dlq.Categories {
		if c.Category == "user.content.free_text" || c.Category == "user.payment.token" {
			t.Errorf("the dropped field %s is still there", c.Field)
		}
	}
	if dlq.Retention == nil || dlq.Retention.Days != 14 {
		t.Errorf("retention of the queue: %+v", dlq.Retention)
	}
	logs := set.For(Target{Kind: "logs.group", Name: "/aws/lambda/shop-pay"})
	if len(logs.Removed) != 1 || len(logs.Categories) != 3 {
		t.Errorf("log group: %+v", logs)
	}
	images := set.For(Target{ARN: "arn:aws:s3:::acme-product-images"})
	if !images.None || images.NoneReason == "" {
		t.Errorf("images: %+v", images)
	}
	if !(Review{Expires: "2026-09-10"}).Expired(time.Date(2026, 9, 11, 0, 0, 0, 0, time.UTC)) || (Review{Expires: "2026-09-10"}).Expired(time.Date(2026, 9, 10, 23, 0, 0, 0, time.UTC)) {
		t.Error("a review holds through its last day and not longer")
	}
}

// TestCodes has, for each code, a file and the line it must give.
func TestCodes(t *testing.T) {
	for _, c := range []struct{ code, text, want string }{
		{"E101", "version: 1\nresources: [", "a.yaml:2:12: error E101: cannot parse: "},
		{"E102", "version: 1\nparties:\n  a: {name: A, role: recipient, country: DE}\n  a: {name: B, role: recipient, country: DE}\n", `a.yaml:4:3: error E102: key "a" given twice, first at line 3`},
		{"E104", "version: 1\nresource: []\n", `a.yaml:2:1: error E104: unknown key "resource" in file; did you mean "resources"?`},
		{"E105", "version: 1\nresources: {}\n", "a.yaml:2:1: error E105: resources must be a list, found map"},
		{"E106", "version: 1\nresources:\n  - id: x\n    data: [user.name]\n", `a.yaml:3:5: error E106: resources "x" needs "match"`},
		{"E107", "version: 2\n", "a.yaml:1:10: error E107: version 2 is not supported; this release reads version 1"},
		{"E108", "version: 1\nresources:\n  - match: {account: 012345678901}\n", "a.yaml:3:22: error E108: account must be a quoted string of 12 digits"},
		{"E201", "version: 1\nresources:\n  - match: {name: x}\n    data: [user.contact.e-mail]\n", `a.yaml:4:12: error E201: unknown data category "user.contact.e-mail"; did you mean "user.contact.email"?`},
		{"E202", "version: 1\nactivities:\n  a: {name: A, use: analytics.reportin, lawful_basis: contract}\n", `error E202: unknown data use "analytics.reportin"; did you mean "analytics.reporting"?`},
		{"E203", "version: 1\nresources:\n  - match: {name: x}\n    data: [user.name]\n    subjects: [costumer]\n", `a.yaml:5:16: error E203: unknown data subject "costumer"; did you mean "customer"?`},
		{"E204", "version: 1\nactivities:\n  a: {name: A, lawful_basis: because}\n", `error E204: unknown lawful basis "because"; expected one of consent, contract`},
		{"E205", "version: 1\nresources:\n  - match: {name: x}\n    schema: order\n", `a.yaml:4:13: error E205: schema "order" is not defined`},
		{"E206", "version: 1\ntaxonomy: {data_categories: {user.name: {label: N}}}\n", `error E206: "user.name" is built in`},
		{"E207", "version: 1\nschemas:\n  a: {extends: b}\n  b: {extends: a}\n", `error E207: schema "a" extends itself through a -> b -> a`},
		{"E208", "version: 1\nresources:\n  - match: {name: x}\n    retention: {period: 3 years}\n", `a.yaml:4:25: error E208: "3 years" is not an ISO 8601 duration`},
		{"E209", "version: 1\nresources:\n  - match: {name: \"a{b\"}\n", "error E209: bad pattern: the brace is not closed at character 2"},
		{"W210", "version: 1\nresources:\n  - match: {name: x}\n    data: [user.ip_address]\n", `warning W210: "user.ip_address" is now "user.device.ip_address"`},
		{"E305", "version: 1\nroles_of_people: {p: {}}\nresources:\n  - match: {kind: sqs.queue}\n    data: none\n    reason: r\n    review: {by: p, expires: 2027-01-01}\n", `a.yaml:5:11: error E305: "data: none" needs an exact target`},
		{"E306", "version: 1\nresources:\n  - match: {arn: \"arn:aws:s3:::b\"}\n    data: none\n", `a.yaml:4:11: error E306: "data: none" needs "reason" and "review.expires"`},
		{"E307", "version: 1\nroles_of_people: {p: {}}\nresources:\n  - match: {arn: \"arn:aws:s3:::b\"}\n    data: none\n    reason: r\n    fields: {a: user.name}\n    review: {by: p, expires: 2027-01-01}\n", `error E307: "data: none" and "fields"/"schema" exclude each other`},
		{"W308", "version: 1\nresources:\n  - match: {name: x}\n    data: [user]\n", `warning W308: "user" says only "personal data"; name the category`},
		{"E401", "version: 1\nactivities:\n  a: {name: A}\n", `error E401: activity "a" needs "lawful_basis"`},
		{"W405", "version: 1\nresources:\n  - match: {name: jane@shop.example}\n", "warning W405: value looks like user.contact.email"},
		{"E409", "version: 1\nparties:\n  p: {name: P, role: processor, country: DE}\n", `error E409: processor "p" has no "contract" (Art. 28(3))`},
		{"E501", "version: 1\naccept:\n  - finding: KMS-ROT-001\n", `error E501: "accept" needs "reason", "by" and "expires"`},
	} {
		t.Run(c.code, func(t *testing.T) {
			_, diags := LoadFS(file(c.text), "")
			for _, d := range diags {
				if strings.Contains(d.String(), c.want) {
					return
				}
			}
			t.Errorf("want %q, got %v", c.want, diags)
		})
	}
}

func TestEntryInTwoFiles(t *testing.T) {
	fs := fstest.MapFS{
		"a.yaml": {Data: []byte("version: 1\nparties: {p: {name: P, role: recipient, country: DE}}\n")},
		"b.yaml": {Data: []byte("version: 1\nparties: {p: {name: Q, role: recipient, country: DE}}\n")},
	}
	_, diags := LoadFS(fs, "x")
	if len(diags) != 1 || diags[0].Code != "E103" || diags[0].File != "x/b.yaml" {
		t.Errorf("got %v", diags)
	}
}

func TestGlob(t *testing.T) {
	for _, c := range []struct {
		pattern, text string
		want          bool
	}{
		{"order-*-dlq", "order-pay-dlq", true}, {"order-*-dlq", "order-dlq", false}, {"*", "a/b", false}, {"**", "a/b:c", true},
		{"/aws/lambda/shop-*", "/aws/lambda/shop-pay", true}, {"/aws/lambda/shop-*", "/aws/lambda/shop-pay/x", false},
		{"a{b,c}d", "acd", true}, {"a{b,c}d", "add", false}, {"a?c", "abc", true}, {`a\*c`, "a*c", true}, {`a\*c`, "abc", false}, {"", "", true}, {"a**b*c", "axxb/yb-c", true},
	} {
		if got := globMatch(c.pattern, c.text); got != c.want {
			t.Errorf("globMatch(%q, %q) = %v", c.pattern, c.text, got)
		}
	}
}

// naiveGlob is matchHere written straight from the definition.
func naiveGlob(p, s string) bool {
	if p == "" {
		return s == ""
	}
	switch {
	case strings.HasPrefix(p, "**"):
		for i := 0; i <= len(s); i++ {
			if naiveGlob(p[2:], s[i:]) {
				return true
			}
		}
		return false
	case p[0] == '*':
		for i := 0; i <= len(s); i++ {
			if naiveGlob(p[1:], s[i:]) {
				return true
			}
			if i < len(s) && (s[i] == '/' || s[i] == ':') {
				return false
			}
		}
		return false
	case s == "":
		return false
	case p[0] == '?':
		return naiveGlob(p[1:], s[1:])
	}
	return p[0] == s[0] && naiveGlob(p[1:], s[1:])
}

func FuzzGlob(f *testing.F) {
	f.Add("a*b**c?", "axb/yc:")
	f.Fuzz(func(t *testing.T, p, s string) {
		if len(p) > 12 || len(s) > 16 || strings.ContainsAny(p, "{}\\,") {
			return
		}
		if got, want := globMatch(p, s), naiveGlob(p, s); got != want {
			t.Errorf("globMatch(%q, %q) = %v, the definition says %v", p, s, got, want)
		}
	})
}

func TestCheckAgainst(t *testing.T) {
	set, diags := LoadFS(file("version: 1\nroles_of_people: {a: {}, b: {}}\nresources:\n  - match: {name: \"ord*\"}\n    owner: a\n  - match: {name: \"*ers\"}\n    owner: b\n  - match: {name: order}\n    review: {expires: 2020-01-01}\n"), "")
	if len(diags) > 0 {
		t.Fatal(diags)
	}
	got := set.CheckAgainst([]Target{{ARN: "arn:x:orders", Name: "orders"}}, time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC))
	var codes []string
	for _, d := range got {
		codes = append(codes, d.Code)
	}
	if strings.Join(codes, " ") != "E301 W302 W415" || !strings.Contains(got[1].Message, "nearest is arn:x:orders") {
		t.Errorf("got %v", got)
	}
}
