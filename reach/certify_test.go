package reach_test

import (
	"errors"
	"testing"

	"github.com/flowdeed/flowdeed/aws"
	"github.com/flowdeed/flowdeed/iam"
	"github.com/flowdeed/flowdeed/reach"
	"github.com/flowdeed/flowdeed/reach/proof/verify"
)

// TestProofsOfEnvironments demands a proof of every answer of every environment but
// escalations, and that the checker accepts it with an inventory of its own.
func TestProofsOfEnvironments(t *testing.T) {
	for _, name := range environments {
		t.Run(name, func(t *testing.T) {
			snap, _ := snapshot(t, name)
			sys, again := aws.Build(snap), aws.Build(snap)
			f := reach.New(sys.World, sys.Graph)
			other := aws.Inventory(snap, again)
			c, v := reach.Certify(f, aws.Inventory(snap, sys)), verify.New(other)
			proven, conditional, rules, failed := 0, 0, 0, 0
			for _, a := range sys.World.Assets {
				for _, x := range f.WhoCan(a.ARN, iam.Read, iam.Write, iam.Delete, iam.List, iam.Stream, iam.Invoke, iam.Decrypt, iam.Admin).Answers {
					p, err := c.Prove(&x)
					if errors.Is(err, reach.ErrNotPolicy) && (x.Via == reach.Escalation || len(x.Steps) > 1 || x.Principal == reach.SignedIn) {
						rules++
						continue
					}
					if err == nil {
						for _, s := range p.Steps {
							other.Admit(s.Principal)
						}
						err = v.Check(p)
					}
					if err != nil {
						if failed++; failed < 6 {
							t.Errorf("%s %v %s by %v if %v: %v", x.Principal, x.Access, x.Store, x.Path(), x.If, err)
						}
						continue
					}
					if proven++; x.Decision == iam.AllowedIf {
						conditional++
					}
				}
			}
			t.Logf("%d answers proven and accepted, %d of them under conditions; %d take a step that is no matter of policies; %d not proven", proven, conditional, rules, failed)
		})
	}
}
