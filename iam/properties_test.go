package iam

import (
	"encoding/json"
	"slices"
	"strings"
	"sync"
	"testing"
)

// reach orders outcomes by what they let through, for one complete request.
func reach(o Outcome) bool { return o == Allowed }

// TestProperties holds drawn questions to what must be true of every engine: a further
// Deny opens nothing, a further Allow closes nothing, and neither the order of
// statements nor the numbers of accounts matter.
func TestProperties(t *testing.T) {
	for seed := range uint64(700) {
		d := newDice(seed)
		c, req := d.caseOf(), d.request()
		req.Context = NewContext(d.context(), true)
		before := Decide(req, c.environment(t)).Outcome

		extra := d.statement(false)
		extra["Effect"] = "Deny"
		if after := Decide(req, c.with(extra).environment(t)).Outcome; reach(after) && !reach(before) {
			t.Fatalf("seed %d: a Deny opened: %s to %s", seed, before, after)
		}
		extra["Effect"] = "Allow"
		if after := Decide(req, c.with(extra).environment(t)).Outcome; reach(before) && !reach(after) || before == ExplicitlyDenied && after != before {
			t.Fatalf("seed %d: an Allow closed: %s to %s", seed, before, after)
		}
		if after := Decide(req, c.turned().environment(t)).Outcome; after != before {
			t.Fatalf("seed %d: the order of statements matters: %s to %s", seed, before, after)
		}
		other, there := renamed(t, c, req, seed)
		if after := Decide(other, there).Outcome; after != before {
			t.Fatalf("seed %d: the number of the account matters: %s to %s", seed, before, after)
		}
	}
}

// with adds a statement to the first identity policy.
func (c oracleCase) with(s obj) oracleCase {
	first := obj{"Version": "2012-10-17", "Statement": append(slices.Clone(c.identity[0]["Statement"].([]any)), s)}
	c.identity = append([]obj{first}, c.identity[1:]...)
	return c
}

// turned reverses the statements of all policies without levels.
func (c oracleCase) turned() oracleCase {
	turn := func(docs []obj) []obj {
		if docs == nil {
			return nil
		}
		out := []obj{}
		for _, d := range docs {
			list := slices.Clone(d["Statement"].([]any))
			slices.Reverse(list)
			out = append(out, obj{"Version": d["Version"], "Statement": list})
		}
		slices.Reverse(out)
		return out
	}
	c.identity, c.boundary, c.session, c.endpoint = turn(c.identity), turn(c.boundary), turn(c.session), turn(c.endpoint)
	if c.resource != nil {
		c.resource = turn([]obj{c.resource})[0]
	}
	return c
}

// renamed is the same question with other account numbers.
func renamed(t *testing.T, c oracleCase, req Request, seed uint64) (Request, Environment) {
	rename := strings.NewReplacer(own, "222233334444", other, "333344445555").Replace
	data, err := json.Marshal(map[string]any{"i": c.identity, "b": c.boundary, "s": c.session, "e": c.endpoint, "r": c.resource, "scp": c.scps, "rcp": c.rcps})
	if err != nil {
		t.Fatal(err)
	}
	var back struct {
		I, B, S, E []obj
		R          obj
		SCP, RCP   [][]obj
	}
	if err := json.Unmarshal([]byte(rename(string(data))), &back); err != nil {
		t.Fatal(err)
	}
	d := newDice(seed)
	d.caseOf()
	d.request()
	ctx := d.context()
	for k, v := range ctx {
		for i := range v.Values {
			v.Values[i] = rename(v.Values[i])
		}
		ctx[k] = v
	}
	req.Principal.ARN, req.Principal.Account = rename(req.Principal.ARN), rename(req.Principal.Account)
	req.Resource.ARN, req.Resource.Account = rename(req.Resource.ARN), rename(req.Resource.Account)
	req.Context = NewContext(ctx, true)
	return req, oracleCase{identity: back.I, boundary: back.B, session: back.S, endpoint: back.E, resource: back.R, scps: back.SCP, rcps: back.RCP}.environment(t)
}

// TestSharedPolicies decides from many goroutines over the same policies: the answers
// are the same as one after the other, and the race detector has something to see.
func TestSharedPolicies(t *testing.T) {
	d := newDice(42)
	c := d.caseOf()
	env := c.environment(t)
	var reqs []Request
	for range 50 {
		r := d.request()
		r.Context = NewContext(nil, false)
		reqs = append(reqs, r)
	}
	say := func(r Request) string {
		data, err := json.Marshal(Decide(r, env))
		if err != nil {
			t.Error(err)
		}
		return string(data)
	}
	var want []string
	for _, r := range reqs {
		want = append(want, say(r))
	}
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for i, r := range reqs {
				if got := say(r); got != want[i] {
					t.Errorf("request %d: %s, want %s", i, got, want[i])
				}
			}
		})
	}
	wg.Wait()
}

func TestServiceAccount(t *testing.T) {
	if what, ok := ServiceAccount("054676820928"); !ok || !strings.Contains(what, "eu-central-1") {
		t.Errorf("log delivery of Frankfurt: %q", what)
	}
	if _, ok := ServiceAccount(own); ok {
		t.Error("a customer's account is no service account")
	}
	for id := range logDelivery {
		if !isAccountID(id) {
			t.Errorf("%q is no account id", id)
		}
	}
}
