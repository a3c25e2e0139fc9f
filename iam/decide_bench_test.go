package iam

import (
	"fmt"
	"testing"
)

// BenchmarkDecide asks one store for many principals with usual policies.
func BenchmarkDecide(b *testing.B) {
	managed := must(b, document(ss(s3All, st("Allow", "logs:*", "*"), st("Deny", "s3:DeleteBucket", "*"))))
	full := must(b, document(ss(all)))
	bucket := must(b, document(ss(to(aws(ana)), from(anybody, cond(`"Bool":{"aws:SecureTransport":"false"}`)))))
	var ids [][]*Policy
	for i := range 1000 {
		ids = append(ids, []*Policy{managed, must(b, document(ss(
			st("Allow", "dynamodb:*", fmt.Sprintf("arn:aws:dynamodb:*:*:table/t%d", i)),
			st("Allow", "sqs:SendMessage", fmt.Sprintf("arn:aws:sqs:*:*:q%d", i)))))})
	}
	ctx := NewContext(nil, false)
	b.ReportAllocs()
	i := 0
	for b.Loop() {
		req := Request{Principal: Principal{Kind: Role, ARN: reader, Account: own}, Action: "s3:GetObject",
			Resource: Resource{ARN: object, Account: own}, Context: ctx}
		d := Decide(req, Environment{Identity: ids[i%len(ids)], Resource: bucket, SCPs: []Level{{ID: "root", Policies: []*Policy{full}}}})
		if d.Outcome != AllowedIf {
			b.Fatal(d)
		}
		i++
	}
}
