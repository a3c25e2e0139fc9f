package reach_test

import (
	"fmt"
	"os"
	"testing"
	"time"

	"github.com/flowdeed/flowdeed/iam"
	"github.com/flowdeed/flowdeed/reach"
)

func TestProbe(t *testing.T) {
	sys, _ := scanned(t, "webshop")
	w := sys.World
	fmt.Println(len(w.Holders), len(w.Assets))
	for id, l := range w.Accounts {
		fmt.Printf("%s %+v\n", id, *l)
	}
	for _, a := range w.Assets {
		if len(a.Missing) > 0 {
			fmt.Println(a.ARN, a.Missing)
		}
	}
	for _, h := range w.Holders {
		if len(h.Missing) > 0 {
			fmt.Println(h.Principal.ARN, h.Missing)
		}
	}
	f := reach.New(w, sys.Graph)
	start := time.Now()
	r := f.WhoCan(os.Getenv("TARGET"), iam.Read, iam.Write, iam.Delete)
	fmt.Println(time.Since(start))
	for _, l := range [][]reach.Answer{r.Answers, r.Undecided, r.Denied} {
		for _, a := range l {
			fmt.Println(" ", a.Via, a.Principal, a.Access, a.Decision, a.If, a.Path()[1:], a.Why, a.BlockedBy)
			for _, s := range a.Steps {
				fmt.Println("       ", s.How, s.Rule)
			}
		}
		fmt.Println("-----")
	}
	start = time.Now()
	for _, a := range w.Assets {
		f.WhoCan(a.ARN, iam.Read, iam.Write, iam.Delete)
	}
	fmt.Println("all", time.Since(start))
}
