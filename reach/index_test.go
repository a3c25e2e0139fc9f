package reach_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/flowdeed/flowdeed/aws/environments"
	"github.com/flowdeed/flowdeed/iam"
	"github.com/flowdeed/flowdeed/reach"
)

// TestIndexOfEnvironments holds the index of permissions against the question asked pair
// by pair, on every environment.
func TestIndexOfEnvironments(t *testing.T) {
	for _, name := range environments.Names {
		t.Run(name, func(t *testing.T) {
			sys, _ := scanned(t, name)
			w := sys.World
			ix := iam.NewIndex(w)
			reaching := 0
			for _, a := range w.Assets {
				var got, want []string
				for _, r := range ix.WhoCan(a) {
					got = append(got, fmt.Sprint(r.Holder.Principal.ARN, r.Action, r.Outcome, r.If))
				}
				for _, h := range w.Holders {
					for _, d := range iam.DataActions(a.ARN) {
						if x := w.Decide(h, a, d); x.Outcome.Reaches() || x.Outcome == iam.Unknown {
							want = append(want, fmt.Sprint(h.Principal.ARN, d, x.Outcome, x.If))
						}
					}
				}
				reaching += len(want)
				if !slices.Equal(got, want) {
					t.Errorf("%s\nindex %q\nnaive %q", a.ARN, got, want)
				}
			}
			if reaching == 0 {
				t.Error("nobody reaches anything")
			}
		})
	}
}

// TestRightsOfEnvironments holds the rights of every principal against the answers pair
// by pair, on every environment.
func TestRightsOfEnvironments(t *testing.T) {
	for _, name := range environments.Names {
		t.Run(name, func(t *testing.T) {
			sys, _ := scanned(t, name)
			if reach.ComparePairByPair(t, sys.World, sys.Graph) == 0 {
				t.Error("nobody has a right")
			}
		})
	}
}
