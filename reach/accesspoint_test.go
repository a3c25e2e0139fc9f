package reach

import (
	"testing"

	"github.com/flowdeed/flowdeed/iam"
)

// TestThroughAccessPoints: a bucket that leaves access to its access points lets in whom
// they let in, and nobody besides.
func TestThroughAccessPoints(t *testing.T) {
	const bucket, point = "arn:aws:s3:::b", "arn:aws:s3:eu-west-1:111122223333:accesspoint/p"
	const delegates = `{"Effect":"Allow","Principal":"*","Action":"s3:*","Resource":"arn:aws:s3:::b/*","Condition":{"StringEquals":{"s3:DataAccessPointAccount":"111122223333"}}}`
	reads := func(who string) string {
		return `{"Effect":"Allow","Principal":` + who + `,"Action":"s3:GetObject","Resource":"` + point + `/object/*"}`
	}
	ana := `{"AWS":"arn:aws:iam::111122223333:user/ana"}`
	for _, x := range []struct {
		name, vpc, policy string
		block             bool
		want              []string
	}{
		{name: "for one", policy: reads(ana), want: []string{"direct [read] allowed ana>b"}},
		{name: "from a VPC", vpc: "vpc-1", policy: reads(ana), want: []string{"direct [read] allowed-if ana>b if aws:SourceVpc StringEquals [vpc-1]"}},
		{name: "for everybody", policy: reads(`"*"`), want: []string{"public [read] allowed internet>b"}},
		{name: "for everybody, blocked", policy: reads(`"*"`), block: true, want: []string{"direct [read] allowed root>b"}},
		{name: "for an account that was not scanned", policy: reads(`{"AWS":"` + other + `"}`), want: []string{"direct [read] allowed-if root>b if account 444455556666 allows it"}},
	} {
		t.Run(x.name, func(t *testing.T) {
			s := newSmall(t)
			s.user("ana")
			s.user("bert")
			a := s.asset(bucket, delegates)
			a.PointsRead = true
			a.AccessPoints = []*iam.AccessPoint{{ARN: point, Account: acct, VPC: x.vpc, Block: x.block, Policy: s.policy("point policy", x.policy)}}
			f := s.finder()
			expect(t, f.WhoCan(bucket, iam.Read).Answers, x.want...)
			provesAll(t, f, bucket, iam.Read)
		})
	}
}
