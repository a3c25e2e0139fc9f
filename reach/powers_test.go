package reach

import (
	"slices"
	"testing"

	"github.com/flowdeed/flowdeed/iam"
)

// TestEverythingBut: an Allow by exclusion is a wildcard when it leaves an action on data.
func TestEverythingBut(t *testing.T) {
	const excepted = `{"Effect":"Allow","NotAction":["iam:*","kms:*"],"Resource":"*"`
	onlyLists := func(s *small) []*iam.Policy { return []*iam.Policy{s.policy("b", allow("*", "ec2:DescribeVpcs"))} }
	for _, x := range []struct {
		name, statement string
		boundary        func(*small) []*iam.Policy
		want            []string
	}{
		{"leaves data", excepted + `}`, nil, []string{"everything but iam:*, kms:* on *"}},
		{"under a condition", excepted + `,"Condition":{"Bool":{"aws:MultiFactorAuthPresent":"true"}}}`, nil, nil},
		{"in a boundary that takes the data away", excepted + `}`, onlyLists, nil},
		{"on one resource", `{"Effect":"Allow","NotAction":"iam:*","Resource":"arn:aws:sqs:eu-west-1:111122223333:q"}`, nil, nil},
		{"leaves none", `{"Effect":"Allow","NotAction":["s3:*","dynamodb:*","sqs:*","sns:*","kinesis:*","firehose:*","events:*","secretsmanager:*","ssm:*","logs:*","cognito-*:*","kms:*","lambda:*"],"Resource":"*"}`, nil, nil},
		{"all resources but one", `{"Effect":"Allow","Action":"dynamodb:GetItem","NotResource":"` + table + `"}`, nil, []string{"dynamodb:GetItem on everything but " + table}},
	} {
		s := newSmall(t)
		h := s.user("ann", x.statement)
		if x.boundary != nil {
			h.Boundaries = x.boundary(s)
		}
		p, _ := s.finder().Powers(h.Principal.ARN)
		if !slices.Equal(p.Wild, x.want) {
			t.Errorf("%s: %q, want %q", x.name, p.Wild, x.want)
		}
	}
}
