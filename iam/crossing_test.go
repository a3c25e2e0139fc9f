package iam

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

// words lists all words over an alphabet up to a length.
func words(alphabet string, length int) []string {
	out, last := []string{""}, []string{""}
	for range length {
		var next []string
		for _, w := range last {
			for _, c := range alphabet {
				next = append(next, w+string(c))
			}
		}
		out, last = append(out, next...), next
	}
	return out
}

// drawnPattern draws a short pattern over few letters.
func (d dice) drawnPattern() string {
	s := ""
	for range 1 + d.IntN(4) {
		s += d.of("a", "b", "/", "*", "*", "?")
	}
	return s
}

// TestCrossings holds what two patterns share against all words up to six letters.
func TestCrossings(t *testing.T) {
	all := words("ab/", 6)
	for seed := range uint64(1500) {
		d := newDice(seed)
		p, q := globOf(d.drawnPattern()), globOf(d.drawnPattern())
		list, complete := p.crossings(q)
		for _, w := range all {
			both := p.match(w) && q.match(w)
			in := slices.ContainsFunc(list, func(x pattern) bool { return x.match(w) })
			if in && !both || both && !in && complete {
				t.Fatalf("%s and %s share %q (complete %t): %q is in both %t, in the list %t", p, q, list, complete, w, both, in)
			}
		}
		if p.overlaps(q) != (len(list) > 0) {
			t.Fatalf("%s and %s overlap %t, and share %q", p, q, p.overlaps(q), list)
		}
	}
}

func TestCrossingsOfLongPatterns(t *testing.T) {
	for _, times := range []int{8, 200} {
		p, q := globOf("a"+strings.Repeat("*a*b?", times)), globOf(strings.Repeat("*b*a?", times)+"b")
		if list, complete := p.crossings(q); complete {
			t.Errorf("%d times: found %d, and says that this is all", times, len(list))
		}
	}
}

// TestPatternRequestsAgainstObjects asks about a pattern and about every object it
// matches: when one is open the pattern is, and what the answer says to be open is.
func TestPatternRequestsAgainstObjects(t *testing.T) {
	const bucket = "arn:aws:s3:::r/"
	objects := words("ab/", 5)
	for seed := range uint64(600) {
		d := newDice(seed)
		draw := func() []string {
			var out []string
			for range 1 + d.IntN(3) {
				element := d.of("Resource", "Resource", "Resource", "NotResource")
				out = append(out, fmt.Sprintf(`{"Effect":%q,"Action":"s3:*",%q:[%q,%q]}`, d.of("Allow", "Allow", "Deny"), element, bucket+d.drawnPattern(), bucket+d.drawnPattern()))
			}
			return out
		}
		a := ask{resource: bucket + d.drawnPattern() + "*", identity: draw()}
		if d.one(2) {
			a.boundary = draw()
		}
		req, env := a.question(t)
		got := Decide(req, env)
		asked, some := queryResource(a.resource).arn, false
		for _, o := range objects {
			one := req
			one.Resource.ARN = bucket + o
			if !asked.covers(splitARN(pattern(one.Resource.ARN))) {
				continue
			}
			open := Decide(one, env).Outcome == Allowed
			some = some || open
			if in := named(got.Patterns, one.Resource.ARN) && !named(got.Except, one.Resource.ARN); in && !open {
				t.Fatalf("seed %d: %s is said to be open in %v less %v: %v within %v", seed, o, got.Patterns, got.Except, a.identity, a.boundary)
			}
		}
		if some && got.Outcome != Allowed && got.Outcome != Unknown {
			t.Fatalf("seed %d: %s, and an object is open: %s by %v within %v", seed, got.Outcome, a.resource, a.identity, a.boundary)
		}
	}
}

func named(patterns []string, arn string) bool {
	return slices.ContainsFunc(patterns, func(p string) bool { return splitARN(globOf(p)).covers(splitARN(pattern(arn))) })
}
