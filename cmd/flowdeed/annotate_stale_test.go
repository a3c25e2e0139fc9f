package main

import (
	"slices"
	"strings"
	"testing"

	"github.com/flowdeed/flowdeed/annotations"
)

// TestStaleAnnotations deletes, renames and re-types every annotated resource of the web
// shop, each in turn: exactly one finding must say so, and without a change none.
func TestStaleAnnotations(t *testing.T) {
	s := &streams{out: &strings.Builder{}, err: &strings.Builder{}}
	a, err := example(s)
	if err != nil {
		t.Fatal(err)
	}
	set, diags := annotations.Load("../../examples/webshop/annotations")
	if len(diags) > 0 {
		t.Fatal(diags)
	}
	targets := a.targets()
	findings := func(list []annotations.Target) []annotations.Diagnostic {
		return slices.DeleteFunc(set.CheckAgainst(list, a.snap.Run.Finished), func(d annotations.Diagnostic) bool {
			return d.Code != "W302" && d.Code != "W303" && d.Code != "W415"
		})
	}
	if got := findings(targets); len(got) > 0 {
		t.Fatalf("unchanged: %v", got)
	}
	annotated := 0
	for i, x := range targets {
		if !set.For(x).Stated {
			continue
		}
		annotated++
		change := func(name string, to ...annotations.Target) {
			t.Helper()
			list := slices.Concat(targets[:i:i], to, targets[i+1:])
			if got := findings(list); len(got) != 1 || !strings.Contains(got[0].Message, x.ARN) {
				t.Errorf("%s %s: %d findings: %v", name, x.ARN, len(got), got)
			}
		}
		change("deleted")
		renamed := x
		renamed.Name, renamed.ARN = x.Name+"-2", x.ARN+"-2"
		change("renamed", renamed)
		retyped := x
		retyped.Kind = "other.kind"
		change("re-typed", retyped)
		for j, f := range x.Fields {
			field := x
			field.Fields = slices.Clone(x.Fields)
			field.Fields[j].Type += "X"
			change("re-typed the field "+f.Path+" of", field)
			field.Fields = slices.Delete(slices.Clone(x.Fields), j, j+1)
			change("deleted the field "+f.Path+" of", field)
		}
		added := x
		added.Fields = append(slices.Clone(x.Fields), annotations.Field{Path: "addedLater", Type: "S"})
		change("added a field to", added)
	}
	t.Logf("%d annotated resources", annotated)
	if annotated < 10 {
		t.Errorf("only %d annotated resources", annotated)
	}
}
