package iam_test

import (
	"fmt"

	"github.com/flowdeed/flowdeed/iam"
)

// A role may read a bucket, and the bucket refuses everybody who does not come
// through one VPC endpoint.
func ExampleDecide() {
	role, _ := iam.ParsePolicy(`{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "s3:Get*", "Resource": "arn:aws:s3:::records/*"}}`)
	bucket, _ := iam.ParsePolicy(`{"Version": "2012-10-17", "Statement": {"Sid": "OnlyHere", "Effect": "Deny", "Principal": "*", "Action": "s3:*",
		"Resource": "arn:aws:s3:::records/*", "Condition": {"StringNotEquals": {"aws:SourceVpce": "vpce-1"}}}}`)
	d := iam.Decide(iam.Request{
		Principal: iam.Principal{Kind: iam.Role, ARN: "arn:aws:iam::111122223333:role/reader", Account: "111122223333"},
		Action:    "s3:GetObject",
		Resource:  iam.Resource{ARN: "arn:aws:s3:::records/*", Account: "111122223333"},
	}, iam.Environment{Identity: []*iam.Policy{role}, Resource: bucket})
	fmt.Println(d.Outcome)
	for _, a := range d.If {
		fmt.Println(a, "-", a[0].Class)
	}
	// Output:
	// allowed-if
	// aws:SourceVpce StringEquals [vpce-1] - network
}
