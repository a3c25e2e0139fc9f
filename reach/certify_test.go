package reach_test

import (
	"fmt"
	"testing"

	"github.com/flowdeed/flowdeed/aws"
	"github.com/flowdeed/flowdeed/aws/environments"
	"github.com/flowdeed/flowdeed/iam"
	"github.com/flowdeed/flowdeed/reach"
	"github.com/flowdeed/flowdeed/reach/proof/verify"
)

// TestProofsOfEnvironments demands a proof of every answer of every environment, and that
// the checker accepts it with an inventory of its own.
func TestProofsOfEnvironments(t *testing.T) {
	for _, name := range environments.Names {
		t.Run(name, func(t *testing.T) {
			snap, _ := snapshot(t, name)
			sys, again := aws.Build(snap), aws.Build(snap)
			f := reach.New(sys.World, sys.Graph)
			other := aws.Inventory(snap, again)
			c, v := reach.Certify(f, aws.Inventory(snap, sys)), verify.New(other)
			proven, conditional, failed, kinds := 0, 0, 0, map[string]int{}
			for _, a := range sys.World.Assets {
				for _, x := range f.WhoCan(a.ARN, reach.AllKinds...).Answers {
					p, err := c.Prove(&x)
					if err == nil {
						other.AdmitAll(p)
						err = v.Check(p)
					}
					if err == nil && p.Answer.Decision != x.Decision.String() {
						err = fmt.Errorf("the proof says %s, the answer %s", p.Answer.Decision, x.Decision)
					}
					if err != nil {
						if failed++; failed < 12 {
							t.Errorf("%s %v %s (%s) by %v if %v: %v", x.Principal, x.Access, x.Store, x.Via, x.Path(), x.If, err)
						}
						continue
					}
					for _, s := range p.Steps {
						kinds[s.Kind]++
					}
					if proven++; p.Answer.Decision == iam.AllowedIf.String() {
						conditional++
					}
				}
			}
			t.Logf("%d answers proven and accepted, %d of them under conditions, with steps %v; %d not proven", proven, conditional, kinds, failed)
		})
	}
}
