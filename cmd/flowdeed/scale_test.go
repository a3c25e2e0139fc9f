package main

import (
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/flowdeed/flowdeed/annotations"
	"github.com/flowdeed/flowdeed/aws"
	"github.com/flowdeed/flowdeed/check"
	"github.com/flowdeed/flowdeed/classify"
	"github.com/flowdeed/flowdeed/examples"
	"github.com/flowdeed/flowdeed/graph"
	"github.com/flowdeed/flowdeed/iam"
	"github.com/flowdeed/flowdeed/report"
)

// multiplied is the web shop so many times: in accounts of their own, with buckets and
// APIs of their own, and the same recipients outside.
func multiplied(b *testing.B, copies int) *aws.Snapshot {
	b.Helper()
	base, err := aws.Read(examples.WebshopSnapshot)
	if err != nil {
		b.Fatal(err)
	}
	out := &aws.Snapshot{Run: base.Run}
	out.Run.Callers = nil
	names := unscoped(aws.Build(base).Graph.Nodes())
	for i := range copies {
		var pairs []string
		for _, c := range base.Run.Callers {
			id := fmt.Sprintf("%s%06d", c.Account[:6], i)
			pairs = append(pairs, c.Account, id)
			out.Run.Callers = append(out.Run.Callers, aws.Identity{Account: id, ARN: strings.ReplaceAll(c.ARN, c.Account, id)})
		}
		for _, n := range names {
			pairs = append(pairs, n, fmt.Sprintf("%s%06d", n, i))
		}
		rename := strings.NewReplacer(pairs...)
		for _, sh := range base.Shards {
			copied := aws.Shard{Account: rename.Replace(sh.Account), Region: sh.Region, Service: sh.Service}
			for _, a := range sh.Answers {
				line, err := json.Marshal(a)
				if err != nil {
					b.Fatal(err)
				}
				var x aws.Answer
				if err := json.Unmarshal([]byte(rename.Replace(string(line))), &x); err != nil {
					b.Fatal(err)
				}
				copied.Answers = append(copied.Answers, x)
			}
			out.Shards = append(out.Shards, copied)
		}
	}
	return out
}

// sizes are how often the web shop is taken: about 1,000, 10,000 and 100,000 resources.
var sizes = []int{10, 100, 1000}

// stages runs f on systems of growing size. It reports the time for one resource, so
// that a stage that grows faster than its input is seen at once.
func stages(b *testing.B, f func(b *testing.B, a *analysis)) { stagesOf(b, sizes, f) }

func stagesOf(b *testing.B, sizes []int, f func(b *testing.B, a *analysis)) {
	for _, copies := range sizes {
		b.Run(fmt.Sprintf("%dx", copies), func(b *testing.B) {
			if copies > 100 && testing.Short() {
				b.Skip("left out with -short")
			}
			set, diags := annotations.LoadFS(examples.WebshopAnnotations(), "annotations")
			a, err := analyse(&streams{out: io.Discard, err: io.Discard}, multiplied(b, copies), set, diags, nil)
			if err != nil {
				b.Fatal(err)
			}
			resources := 0
			for _, n := range a.sys.Graph.Nodes() {
				if !n.External {
					resources++
				}
			}
			b.ResetTimer()
			f(b, a)
			b.ReportMetric(float64(resources), "resources")
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(resources), "ns/resource")
		})
	}
}

func BenchmarkBuild(b *testing.B) {
	stages(b, func(b *testing.B, a *analysis) {
		b.ReportAllocs()
		for b.Loop() {
			aws.Build(a.snap)
		}
	})
}

func BenchmarkLabel(b *testing.B) {
	stages(b, func(b *testing.B, a *analysis) {
		b.ReportAllocs()
		for b.Loop() {
			classify.Propagate(a.sys.Graph, a.set, a.snap.Run.Finished)
		}
	})
}

// rightsSizes grow more slowly: a step that asks every principal about every asset shows
// between any two of them.
var rightsSizes = []int{10, 20, 40, 100}

func BenchmarkCheck(b *testing.B) {
	stagesOf(b, rightsSizes, func(b *testing.B, a *analysis) {
		b.ReportAllocs()
		for b.Loop() {
			a.finder = nil // what it worked out is part of the work
			check.Run(a.checkInput(a.snap.Run.Finished), check.All())
		}
	})
}

// BenchmarkAccessSheets asks who can use every store of personal data.
func BenchmarkAccessSheets(b *testing.B) {
	stagesOf(b, rightsSizes, func(b *testing.B, a *analysis) {
		for b.Loop() {
			a.finder = nil
			a.accessSheets()
		}
	})
}

// BenchmarkWhoCan asks who can read one store: a table that only its account uses, and
// a bucket that everybody may read.
func BenchmarkWhoCan(b *testing.B) {
	for _, name := range []string{"table/customers", "shop-exports-prod"} {
		b.Run(name[strings.IndexByte(name, '/')+1:], func(b *testing.B) {
			stagesOf(b, []int{10, 100}, func(b *testing.B, a *analysis) {
				store := ""
				for _, n := range a.sys.Graph.Nodes() {
					if store == "" && strings.Contains(string(n.ID), name) {
						store = string(n.ID)
					}
				}
				for b.Loop() {
					a.finder = nil
					if len(a.reach().WhoCan(store, iam.Read).Answers) == 0 {
						b.Fatal("nobody")
					}
				}
			})
		})
	}
}

func BenchmarkReport(b *testing.B) {
	for _, f := range report.Formats {
		b.Run(f.Name, func(b *testing.B) {
			stages(b, func(b *testing.B, a *analysis) {
				b.ReportAllocs()
				for b.Loop() {
					if err := f.Print(io.Discard, report.Build(a.reportInput())); err != nil {
						b.Fatal(err)
					}
				}
			})
		})
	}
}

// unscoped are the parts of names that would be the same in every copy: of nodes whose
// id names no account.
func unscoped(nodes []*graph.Node) []string {
	seen := map[string]bool{}
	for _, n := range nodes {
		id := string(n.ID)
		if n.External || n.Account == "" || strings.Contains(id, n.Account) {
			continue
		}
		seen[id[strings.LastIndexAny(id, ":/")+1:]] = true
	}
	// Longer names first: one may be the beginning of another.
	return slices.SortedFunc(maps.Keys(seen), func(a, b string) int {
		return cmp.Or(cmp.Compare(len(b), len(a)), cmp.Compare(a, b))
	})
}
