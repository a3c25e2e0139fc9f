package reach_test

import (
	"slices"
	"testing"

	"github.com/flowdeed/flowdeed/aws"
	"github.com/flowdeed/flowdeed/aws/environments"
	"github.com/flowdeed/flowdeed/iam"
	"github.com/flowdeed/flowdeed/reach"
)

// ways are the answers that a cut is about: by own permissions and by roles that are
// assumed.
func ways(f *reach.Finder, store string) (out []string) {
	for _, a := range f.WhoCan(store, iam.Read).Answers {
		flows := slices.ContainsFunc(a.Steps[:len(a.Steps)-1], func(s reach.Step) bool { return s.How != "assumes" })
		if !flows && (a.Via == reach.Direct || a.Via == reach.ViaRole) {
			out = append(out, a.Principal)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// TestSeverEnvironments cuts every store of every environment off, first from everybody,
// then from all but one, and asks again.
func TestSeverEnvironments(t *testing.T) {
	for _, name := range environments.Names {
		t.Run(name, func(t *testing.T) {
			snap, _ := snapshot(t, name)
			sys := aws.Build(snap)
			f := reach.New(sys.World, sys.Graph)
			stores, changes, gaps, left := 0, 0, 0, 0
			for _, a := range sys.World.Assets {
				before := ways(f, a.ARN)
				if len(before) == 0 {
					continue
				}
				r := f.Sever([]string{a.ARN}, []iam.Access{iam.Read}, func(string, string) bool { return false })
				after := ways(reach.New(f.Without(r.Changes), sys.Graph), a.ARN)
				after = slices.DeleteFunc(after, func(who string) bool {
					return slices.ContainsFunc(r.Left, func(p reach.LeftPair) bool { return p.Principal == who })
				})
				if len(after) > 0 {
					t.Errorf("%s is still read by %v after %d changes", a.ARN, after, len(r.Changes))
				}
				stores, changes, gaps, left = stores+1, changes+len(r.Changes), gaps+r.Gap, left+len(r.Left)

				keep := before[0]
				r = f.Sever([]string{a.ARN}, []iam.Access{iam.Read}, func(who, _ string) bool { return who == keep })
				for _, c := range r.Changes {
					if c.Do != "remove" && c.Do != "narrow" || c.Instead == "" || len(c.TooWide) == 0 {
						t.Errorf("%s: a change without words: %+v", a.ARN, c)
					}
				}
			}
			t.Logf("%d stores cut off from everybody by %d changes, gap %d, %d pairs left", stores, changes, gaps, left)
		})
	}
}
