package iam

import (
	"bytes"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// TestBuiltInActions reads the whole embedded table.
func TestBuiltInActions(t *testing.T) {
	d := BuiltInActions()
	if d.Date == "" || !strings.Contains(d.Source, "iam-data") {
		t.Errorf("date %q, source %q", d.Date, d.Source)
	}
	services, actions := 0, 0
	for prefix := range d.services {
		s := d.service(prefix)
		services++
		for _, a := range s.actions {
			actions++
			for _, k := range a.keys {
				if int(k) >= len(s.keys) {
					t.Errorf("%s names key %d of %d", a.Name, k, len(s.keys))
				}
			}
			for _, r := range a.ResourceTypes {
				if s.types[strings.TrimSuffix(r, "*")].ARN == "" {
					t.Errorf("%s names the unknown resource type %s", a.Name, r)
				}
			}
		}
	}
	if services < 400 || actions < 20000 {
		t.Errorf("%d services, %d actions", services, actions)
	}
}

// TestDataActionsExist holds the actions this package asks about against the table.
func TestDataActionsExist(t *testing.T) {
	d := BuiltInActions()
	for what, list := range dataActions {
		for _, a := range list {
			if _, ok := d.Action(a.Action); !ok {
				t.Errorf("%s: unknown action %s", what, a.Action)
			}
		}
	}
	for a, keys := range keyActions {
		for _, k := range append(keys, a) {
			if _, ok := d.Action(k); !ok {
				t.Errorf("%s: unknown action %s", a, k)
			}
		}
	}
	for _, list := range [][]string{policyChanges, roleChanges} {
		for _, a := range list {
			if _, ok := d.Action("iam:" + a); !ok {
				t.Errorf("unknown action iam:%s", a)
			}
		}
	}
}

// TestDataActionsFitTheirKind holds what is asked of an asset against the types of
// resources that the action takes: an action nobody can do to it is never asked.
func TestDataActionsFitTheirKind(t *testing.T) {
	names := map[string]string{
		"s3": "arn:aws:s3:::b", "dynamodb table": "arn:aws:dynamodb:r:1:table/t", "sqs": "arn:aws:sqs:r:1:q", "sns": "arn:aws:sns:r:1:t",
		"events event-bus": "arn:aws:events:r:1:event-bus/b", "kinesis": "arn:aws:kinesis:r:1:stream/s", "firehose": "arn:aws:firehose:r:1:deliverystream/s",
		"secretsmanager": "arn:aws:secretsmanager:r:1:secret:s-1", "ssm parameter": "arn:aws:ssm:r:1:parameter/p", "logs": "arn:aws:logs:r:1:log-group:g",
		"lambda": "arn:aws:lambda:r:1:function:f", "states stateMachine": "arn:aws:states:r:1:stateMachine:m", "cognito-idp": "arn:aws:cognito-idp:r:1:userpool/p",
		"kms key": "arn:aws:kms:r:1:key/k", "rds db": "arn:aws:rds:r:1:db:d", "rds cluster": "arn:aws:rds:r:1:cluster:c",
		"rds snapshot": "arn:aws:rds:r:1:snapshot:s", "rds cluster-snapshot": "arn:aws:rds:r:1:cluster-snapshot:s", "iam role": "arn:aws:iam::1:role/r",
	}
	d := BuiltInActions()
	placeholder := regexp.MustCompile(`\$\{[^}]*\}`)
	for kind, list := range dataActions {
		for _, a := range list {
			service, _, _ := strings.Cut(a.Action, ":")
			info, _ := d.Action(a.Action)
			fits := len(info.ResourceTypes) == 0
			for _, r := range d.ResourceTypes(service) {
				takes := slices.Contains(info.ResourceTypes, r.Name) || slices.Contains(info.ResourceTypes, r.Name+"*")
				fits = fits || takes && globOf(placeholder.ReplaceAllString(r.ARN, "*")).overlaps(globOf(names[kind]+a.Suffix))
			}
			if assetKind(names[kind]) != kind || !fits {
				t.Errorf("%s on %s%s, which takes %v", a.Action, names[kind], a.Suffix, info.ResourceTypes)
			}
		}
	}
}

func TestActionFacts(t *testing.T) {
	d := BuiltInActions()
	get, ok := d.Action("S3:getobject")
	if !ok || get.Name != "s3:GetObject" || get.Level != LevelRead {
		t.Errorf("%+v %v", get, ok)
	}
	for action, want := range map[string]bool{"s3:ListAllMyBuckets": true, "sts:GetCallerIdentity": true, "s3:GetObject": false, "no:Such": false} {
		if got := d.WithoutResource(action); got != want {
			t.Errorf("%s without resource: %v", action, got)
		}
	}
	for value, want := range map[string]string{
		"sqs:*Queue":  "sqs:CreateQueue sqs:DeleteQueue sqs:PurgeQueue sqs:TagQueue sqs:UntagQueue",
		"SQS:sendm*e": "sqs:SendMessage",
		"sqs:Nothing": "", "*:Get": "", "nowhere:*": "",
	} {
		if got := strings.Join(d.Expand(value), " "); got != want {
			t.Errorf("%s is %q, want %q", value, got, want)
		}
	}
	if n := len(d.Expand("*")); n < 20000 {
		t.Errorf("* is %d actions", n)
	}
	if types := d.ResourceTypes("sqs"); len(types) != 1 || types[0].ARN != "arn:${Partition}:sqs:${Region}:${Account}:${QueueName}" {
		t.Errorf("%+v", types)
	}
}

func TestCarries(t *testing.T) {
	for _, tt := range []struct {
		action, key    string
		carries, known bool
	}{
		{"s3:ListBucket", "s3:prefix", true, true},
		{"s3:GetObject", "s3:prefix", false, true},
		{"s3:GetObject", "s3:ExistingObjectTag/team", true, true},
		{"kms:Decrypt", "kms:EncryptionContext:app", true, true},
		{"kms:Decrypt", "aws:ResourceTag/team", true, true},
		{"s3:GetObject", "kms:ViaService", false, true},
		{"s3:GetObject", "aws:RequestTag/team", false, true},
		{"sqs:CreateQueue", "aws:RequestTag/team", true, true},
		{"s3:GetObject", "aws:SourceIp", false, false},
		{"s3:GetObject", "lambda:SourceFunctionArn", false, false},
		{"s3:GetObject", "token.actions.githubusercontent.com:sub", false, false},
		{"s3:GetObject", "s3:noSuchKey", false, false},
		{"s3:NoSuchAction", "s3:prefix", false, false},
		{"s3:*", "s3:prefix", false, false},
	} {
		if carries, known := BuiltInActions().Carries(tt.action, tt.key); carries != tt.carries || known != tt.known {
			t.Errorf("%s with %s: %v %v", tt.action, tt.key, carries, known)
		}
	}
	check(t,
		ask{name: "an allow that never applies", open: true, identity: ss(st("Allow", "s3:*", "*", cond(`"StringEquals":{"s3:prefix":"a"}`))), want: Denied},
		ask{name: "a deny that never applies", open: true, identity: ss(s3All, st("Deny", "s3:*", "*", cond(`"StringEquals":{"kms:ViaService":"s3.eu-west-1.amazonaws.com"}`))), want: Allowed},
		ask{name: "where it occurs", open: true, action: "s3:ListBucket", resource: "arn:aws:s3:::records", identity: ss(st("Allow", "s3:*", "*", cond(`"StringEquals":{"s3:prefix":"a"}`))), want: AllowedIf})
}

func TestDeadConditions(t *testing.T) {
	p := must(t, document(ss(
		st("Allow", "s3:GetObject", "*", `"Sid":"Read"`, cond(`"StringLike":{"s3:prefix":"home/*"}`)),
		`{"Effect":"Deny","Action":["s3:GetObject","s3:ListBucket"],"Resource":"*","Condition":{"StringNotLikeIfExists":{"s3:prefix":"home/*"}}}`,
		st("Allow", "s3:GetObject", "*", cond(`"Null":{"aws:RequestTag/x":"true"},"IpAddress":{"aws:SourceIp":"10.0.0.0/8"}`)),
		st("Allow", "s3:ListBucket", "*", cond(`"StringLike":{"s3:prefix":"home/*"}`)),
		`{"Effect":"Allow","NotAction":"s3:ListBucket","Resource":"*","Condition":{"StringLike":{"s3:prefix":"home/*"}}}`))).Named("p")
	var got []string
	for _, d := range BuiltInActions().DeadConditions(p) {
		got = append(got, strings.Join([]string{d.Statement.String(), d.Operator, d.Key, strings.Join(d.Actions, "+"), map[bool]string{true: "holds"}[d.Holds], map[bool]string{true: "all"}[d.All]}, " "))
	}
	want := "Read StringLike s3:prefix s3:GetObject  all; Statement[1] StringNotLikeIfExists s3:prefix s3:GetObject holds ; Statement[2] Null aws:RequestTag/x s3:GetObject holds all"
	if g := strings.Join(got, "; "); g != want {
		t.Errorf("got  %s\nwant %s", g, want)
	}
}

func TestDeadGuards(t *testing.T) {
	p := must(t, document(ss(
		st("Allow", "s3:GetObject", "*", cond(`"StringLike":{"s3:prefix":"home/*"}`)), // grants nothing
		st("Deny", "s3:GetObject", "*", `"Sid":"Guard"`, cond(`"StringLike":{"s3:prefix":"secret/*"}`)),
		st("Allow", "s3:GetObject", "*", `"Sid":"Limit"`, cond(`"StringLikeIfExists":{"s3:prefix":"home/*"}`)),
		st("Allow", "s3:GetObject", "*", `"Sid":"Each"`, cond(`"ForAllValues:StringLike":{"s3:prefix":"home/*"}`)),
		st("Deny", "s3:GetObject", "*", cond(`"StringNotLike":{"s3:prefix":"home/*"}`)),                                                  // denies always
		`{"Effect":"Deny","Action":["s3:GetObject","s3:ListBucket"],"Resource":"*","Condition":{"StringLike":{"s3:prefix":"secret/*"}}}`, // works for one
		st("Deny", "s3:*", "*", cond(`"StringLike":{"s3:prefix":"secret/*"}`)),                                                           // works for some
		st("Deny", "*", "*", cond(`"StringLike":{"s3:prefix":"secret/*"}`)),                                                              // works for some
		st("Deny", "s3:GetObject", "*", cond(`"StringEquals":{"aws:RequestTag/x":"1"}`)),                                                 // a global key
		st("Deny", "s3:GetObject", "*", cond(`"StringEquals":{"s3:keyOfTomorrow":"1"}`)),                                                 // not known
		`{"Effect":"Deny","Action":["s3:GetObject","s3:ActionOfTomorrow"],"Resource":"*","Condition":{"StringLike":{"s3:prefix":"a"}}}`,  // an action not known
		st("Deny", "dynamodb:GetItem", "*", cond(`"StringEquals":{"saml:sub":"1"}`)),                                                     // travels
		st("Deny", "dynamodb:GetItem", "*", `"Sid":"Tables"`, cond(`"StringEquals":{"s3:x-amz-acl":"p"}`)))),                             // of another service
	).Named("p")
	var got []string
	for _, d := range BuiltInActions().DeadGuards(p) {
		got = append(got, d.Statement.String())
	}
	if g := strings.Join(got, " "); g != "Guard Limit Each Tables" {
		t.Errorf("got %s", g)
	}
}

func TestReadActionData(t *testing.T) {
	const table = "flowdeed actions 1\ndate 2030-01-01\nsource mine\nS\ts3\nK\ts3:prefix\nT\tbucket\tarn:${Partition}:s3:::${BucketName}\t\nA\tGetObject\tR\tbucket*\t0\nA\tListAll\tL\t\t\n"
	d, err := ReadActionData(strings.NewReader(table))
	if err != nil {
		t.Fatal(err)
	}
	if c, k := d.Carries("s3:GetObject", "s3:Prefix"); !c || !k || d.Date != "2030-01-01" || d.Source != "mine" || !d.WithoutResource("s3:listall") {
		t.Errorf("%+v", d)
	}
	for name, tt := range map[string]struct{ table, want string }{
		"empty":        {"", "line 1"},
		"another file": {"{}", "line 1"},
		"a level":      {strings.Replace(table, "\tR\t", "\tX\t", 1), "line 7"},
		"a number":     {strings.Replace(table, "bucket*\t0", "bucket*\tx", 1), "line 7"},
		"fields":       {strings.Replace(table, "A\tListAll\tL", "A\tListAll", 1), "line 8"},
		"no service":   {"flowdeed actions 1\nA\tGetObject\tR\t\t\n", "line 2"},
		"cut gzip":     {string(builtInActions[:1000]), "unexpected EOF"},
	} {
		if _, err := ReadActionData(strings.NewReader(tt.table)); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: %v, want %q", name, err, tt.want)
		}
	}
}

func FuzzReadActionData(f *testing.F) {
	f.Add([]byte("flowdeed actions 1\ndate d\nsource s\nS\ts3\nK\ts3:prefix\nT\tb\tarn\t0\nA\tGet\tR\tb*\t0,9\n"))
	f.Fuzz(func(t *testing.T, table []byte) {
		d, err := ReadActionData(bytes.NewReader(table))
		if err != nil {
			return
		}
		for _, a := range d.Expand("*") {
			d.Carries(a, "s3:prefix")
			d.WithoutResource(a)
		}
	})
}

func BenchmarkCarries(b *testing.B) {
	d := BuiltInActions()
	for b.Loop() {
		d.Carries("s3:GetObject", "kms:viaservice")
	}
}
