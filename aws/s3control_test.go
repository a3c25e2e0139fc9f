package aws_test

import (
	"strings"
	"testing"

	"github.com/flowdeed/flowdeed/aws"
	"github.com/flowdeed/flowdeed/graph"
	"github.com/flowdeed/flowdeed/iam"
)

const (
	pointBucket = "arn:aws:s3:::b"
	anyoneReads = `{"Policy":"{\"Statement\":[{\"Effect\":\"Allow\",\"Principal\":\"*\",\"Action\":\"s3:GetObject\",\"Resource\":\"*\"}]}"}`
	annaReads   = `{"Policy":"{\"Statement\":[{\"Effect\":\"Allow\",\"Principal\":{\"AWS\":\"arn:aws:iam::111111111111:user/anna\"},\"Action\":\"s3:GetObject\",\"Resource\":\"*\"}]}"}`
	toPoints    = `{"Policy":"{\"Statement\":[{\"Effect\":\"Allow\",\"Principal\":\"*\",\"Action\":\"s3:*\",\"Resource\":\"arn:aws:s3:::b/*\",\"Condition\":{\"StringEquals\":{\"s3:DataAccessPointAccount\":\"111111111111\"}}}]}"}`
	onePoint    = `{"AccessPointList":[{"Name":"p","AccessPointArn":"arn:aws:s3:eu-west-1:111111111111:accesspoint/p","Bucket":"b","NetworkOrigin":"Internet"}]}`
	vpcPoint    = `{"AccessPointList":[{"Name":"p","AccessPointArn":"arn:aws:s3:eu-west-1:111111111111:accesspoint/p","Bucket":"b","NetworkOrigin":"VPC","VpcConfiguration":{"VpcId":"vpc-1"}}]}`
	blockOn     = `{"PublicAccessBlockConfiguration":{"RestrictPublicBuckets":true}}`
	blockOff    = `{"PublicAccessBlockConfiguration":{"RestrictPublicBuckets":false}}`
)

// pointScene is a bucket without public access block, a user without permissions, and
// what is said about access points.
func pointScene(bucketPolicy string, control ...aws.Answer) []aws.Shard {
	off := aws.Answer{Operation: "s3:GetPublicAccessBlock", Subject: "b", Outcome: aws.OutcomeNotFound}
	bucket := answersOf("s3", said("s3:ListBuckets", "", `{"Buckets":[{"Name":"b","BucketRegion":"eu-west-1"}]}`), off,
		said("s3:GetBucketAcl", "b", `{}`), said("s3:GetBucketEncryption", "b", `{"ServerSideEncryptionConfiguration":{"Rules":[{"ApplyServerSideEncryptionByDefault":{"SSEAlgorithm":"AES256"}}]}}`),
		said("s3:GetBucketPolicy", "b", bucketPolicy))
	accountOff := aws.Answer{Operation: "s3control:GetPublicAccessBlock", Subject: homeAccount, Outcome: aws.OutcomeNotFound}
	points := answersOf("s3control", append(control, accountOff)...)
	users := answersOf("iam", said("iam:GetAccountAuthorizationDetails", "", `{"UserDetailList":[{"Arn":"arn:aws:iam::111111111111:user/anna","UserName":"anna"},{"Arn":"arn:aws:iam::111111111111:user/bert","UserName":"bert"}]}`))
	org := answersOf("organizations", aws.Answer{Operation: "organizations:DescribeOrganization", Outcome: aws.OutcomeNotFound})
	for _, s := range []*aws.Shard{&bucket, &points, &users, &org} {
		s.Region = aws.GlobalRegion
	}
	return []aws.Shard{users, bucket, points, org}
}

func TestAccessPoints(t *testing.T) {
	list := func(v string) aws.Answer { return said("s3control:ListAccessPoints", "eu-west-1", v) }
	doc := func(v string) aws.Answer { return said("s3control:GetAccessPointPolicy", "eu-west-1 p", v) }
	block := func(v string) aws.Answer { return said("s3control:GetAccessPoint", "eu-west-1 p", v) }
	noDoc := aws.Answer{Operation: "s3control:GetAccessPointPolicy", Subject: "eu-west-1 p", Outcome: aws.OutcomeNotFound}
	for _, x := range []struct {
		name, bucketPolicy string
		control            []aws.Answer
		points, public     string // the facts; "?" before the call that is missing
		anna, bert         iam.Outcome
		if_                string
	}{
		{"none", toPoints, []aws.Answer{list(`{}`)}, "", "", iam.Denied, iam.Denied, ""},
		{"for one", toPoints, []aws.Answer{list(onePoint), block(blockOff), doc(annaReads)}, "p", "", iam.Allowed, iam.Denied, ""},
		{"for one, bucket does not leave it to points", annaReads, []aws.Answer{list(onePoint), block(blockOff), noDoc}, "p", "", iam.Allowed, iam.Denied, ""},
		{"from a VPC", toPoints, []aws.Answer{list(vpcPoint), block(blockOff), doc(anyoneReads)}, "p from vpc-1 only", "", iam.AllowedIf, iam.AllowedIf, "aws:SourceVpc StringEquals [vpc-1]"},
		{"open", toPoints, []aws.Answer{list(onePoint), block(blockOff), doc(anyoneReads)}, "p", "p", iam.Allowed, iam.Allowed, ""},
		{"open and blocked", toPoints, []aws.Answer{list(onePoint), block(blockOn), doc(anyoneReads)}, "p", "", iam.Allowed, iam.Allowed, ""},
		{"without policy", toPoints, []aws.Answer{list(onePoint), block(blockOn), noDoc}, "p", "", iam.Denied, iam.Denied, ""},
		{"list refused", toPoints, []aws.Answer{refusedCall("s3control:ListAccessPoints", "eu-west-1")}, "?s3control:ListAccessPoints", "?s3control:ListAccessPoints", iam.Unknown, iam.Unknown, ""},
		{"list never asked", toPoints, nil, "?were not asked for", "?were not asked for", iam.Unknown, iam.Unknown, ""},
		{"list refused, policy without points", annaReads, []aws.Answer{refusedCall("s3control:ListAccessPoints", "eu-west-1")}, "?s3control:ListAccessPoints", "?s3control:ListAccessPoints", iam.Allowed, iam.Denied, ""},
		{"policy refused", toPoints, []aws.Answer{list(onePoint), block(blockOff), refusedCall("s3control:GetAccessPointPolicy", "eu-west-1 p")}, "p", "?s3control:GetAccessPointPolicy", iam.Unknown, iam.Unknown, ""},
		{"policy broken", toPoints, []aws.Answer{list(onePoint), block(blockOff), doc(`{"Policy":"nonsense"}`)}, "p", "?cannot be read", iam.Unknown, iam.Unknown, ""},
		{"block refused", toPoints, []aws.Answer{list(onePoint), refusedCall("s3control:GetAccessPoint", "eu-west-1 p"), doc(anyoneReads)}, "p", "?s3control:GetAccessPoint", iam.Allowed, iam.Allowed, ""},
		{"block refused, policy not public", toPoints, []aws.Answer{list(onePoint), refusedCall("s3control:GetAccessPoint", "eu-west-1 p"), doc(annaReads)}, "p", "", iam.Allowed, iam.Denied, ""},
	} {
		t.Run(x.name, func(t *testing.T) {
			sys := systemOf(pointScene(x.bucketPolicy, x.control...)...)
			n := sys.Graph.Node(pointBucket)
			wantList(t, graph.AccessPoints.Get(&n.Facts), x.points)
			wantList(t, graph.PublicAccessPoints.Get(&n.Facts), x.public)
			w := sys.World
			for i, want := range []iam.Outcome{x.anna, x.bert} {
				d := w.Decide(w.Holders[i], w.Asset(pointBucket), iam.DataAction{Access: iam.Read, Action: "s3:GetObject", Suffix: "/*"})
				if d.Outcome != want || want == iam.AllowedIf && (len(d.If) != 1 || d.If[0].String() != x.if_) {
					t.Errorf("%s: %s if %v because %s, want %s if %q", w.Holders[i].Principal.ARN, d.Outcome, d.If, d.Why, want, x.if_)
				}
			}
		})
	}
}

func wantList(t *testing.T, a graph.Answer[[]string], want string) {
	t.Helper()
	if call, unknown := strings.CutPrefix(want, "?"); unknown {
		if a.Known || !strings.Contains(a.Why, call) {
			t.Errorf("%s, want not known because of %q", a.Fact, call)
		}
	} else if !a.Known || strings.Join(a.V, ", ") != want {
		t.Errorf("%s, want %q", a.Fact, want)
	}
}
