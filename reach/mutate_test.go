package reach

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/flowdeed/flowdeed/iam"
	"github.com/flowdeed/flowdeed/reach/proof"
	"github.com/flowdeed/flowdeed/reach/proof/verify"
)

func clone(t testing.TB, p *proof.Proof) *proof.Proof {
	data, err := json.Marshal(p)
	if err != nil {
		t.Fatal(err)
	}
	out := &proof.Proof{}
	if err := json.Unmarshal(data, out); err != nil {
		t.Fatal(err)
	}
	return out
}

// leaves lists the cases of a proof that hold derivations.
func leaves(c *proof.Case) []*proof.Case {
	if c.Split != nil {
		return append(leaves(c.Holds), leaves(c.Fails)...)
	}
	if c.Impossible {
		return nil
	}
	return []*proof.Case{c}
}

// mutations are edits of a proof; each tells whether it found something to edit.
var mutations = map[string]func(d *drawn, p *proof.Proof, c *proof.Case) bool{
	"hash": func(d *drawn, _ *proof.Proof, c *proof.Case) bool {
		return d.ref(c, func(r *proof.Ref) { r.SHA256 = proof.Hash(r.SHA256) })
	},
	"policy": func(d *drawn, _ *proof.Proof, c *proof.Case) bool {
		return d.ref(c, func(r *proof.Ref) { r.Policy += "x" })
	},
	"pointer": func(d *drawn, _ *proof.Proof, c *proof.Case) bool {
		return d.cite(c, func(x *proof.Cite) { x.Pointer += "0" })
	},
	"statement": func(d *drawn, _ *proof.Proof, c *proof.Case) bool {
		return d.cite(c, func(x *proof.Cite) { x.Statement++ })
	},
	"sid": func(d *drawn, _ *proof.Proof, c *proof.Case) bool {
		return d.cite(c, func(x *proof.Cite) { x.Sid += "x" })
	},
	"because": func(d *drawn, _ *proof.Proof, c *proof.Case) bool {
		return d.cite(c, func(x *proof.Cite) { x.Because += "x" })
	},
	"document": func(d *drawn, _ *proof.Proof, c *proof.Case) bool {
		return d.cite(c, func(x *proof.Cite) { x.Document++ })
	},
	"no layer": func(d *drawn, _ *proof.Proof, c *proof.Case) bool {
		r := &c.Requests[d.IntN(len(c.Requests))]
		if len(r.Gates) == 0 {
			return false
		}
		i := d.IntN(len(r.Gates))
		r.Gates = slices.Delete(r.Gates, i, i+1)
		return true
	},
	"no document": func(d *drawn, _ *proof.Proof, c *proof.Case) bool {
		return d.gate(c, func(g *proof.Gate) bool { return len(g.Documents) > 0 }, func(g *proof.Gate) { g.Documents = g.Documents[1:] })
	},
	"no allow": func(d *drawn, _ *proof.Proof, c *proof.Case) bool {
		return d.gate(c, func(g *proof.Gate) bool { return len(g.Allows) > 0 }, func(g *proof.Gate) { g.Allows = g.Allows[1:] })
	},
	"no deny": func(d *drawn, _ *proof.Proof, c *proof.Case) bool {
		return d.gate(c, func(g *proof.Gate) bool { return len(g.Denies) > 0 }, func(g *proof.Gate) { g.Denies = g.Denies[1:] })
	},
	"no request": func(d *drawn, _ *proof.Proof, c *proof.Case) bool {
		c.Requests = c.Requests[1:]
		return true
	},
	"decision": func(_ *drawn, p *proof.Proof, _ *proof.Case) bool {
		p.Answer.Decision = map[string]string{"allowed": "allowed-if", "allowed-if": "allowed"}[p.Answer.Decision]
		return true
	},
	"principal": func(_ *drawn, p *proof.Proof, c *proof.Case) bool {
		p.Answer.Principal, p.Steps[0].Principal = mallory, mallory
		for _, g := range p.Steps[0].Grants {
			for i := range g.Alternatives {
				for _, leaf := range leaves(&g.Alternatives[i].Case) {
					for k := range leaf.Requests {
						leaf.Requests[k].Principal = mallory
					}
				}
			}
		}
		return true
	},
	"impossible": func(_ *drawn, _ *proof.Proof, c *proof.Case) bool {
		*c = proof.Case{Impossible: true}
		return true
	},
	"target": func(_ *drawn, p *proof.Proof, _ *proof.Case) bool {
		p.Answer.Target = pointARN
		return true
	},
}

const mallory = "arn:aws:iam::111122223333:user/mallory"

func (d *drawn) gate(c *proof.Case, fits func(*proof.Gate) bool, edit func(*proof.Gate)) bool {
	var list []*proof.Gate
	for i := range c.Requests {
		for j := range c.Requests[i].Gates {
			if g := &c.Requests[i].Gates[j]; fits(g) {
				list = append(list, g)
			}
		}
	}
	if len(list) == 0 {
		return false
	}
	edit(list[d.IntN(len(list))])
	return true
}

func (d *drawn) ref(c *proof.Case, edit func(*proof.Ref)) bool {
	return d.gate(c, func(g *proof.Gate) bool { return len(g.Documents) > 0 }, func(g *proof.Gate) { edit(&g.Documents[d.IntN(len(g.Documents))]) })
}

func (d *drawn) cite(c *proof.Case, edit func(*proof.Cite)) bool {
	return d.gate(c, func(g *proof.Gate) bool { return len(g.Allows)+len(g.Denies) > 0 }, func(g *proof.Gate) {
		if i := d.IntN(len(g.Allows) + len(g.Denies)); i < len(g.Allows) {
			edit(&g.Allows[i])
		} else {
			edit(&g.Denies[i-len(g.Allows)])
		}
	})
}

// TestMutatedProofs edits proofs, one place at a time. None may be accepted any more.
func TestMutatedProofs(t *testing.T) {
	want, done, by := 1200, 0, map[string]int{}
	names := make([]string, 0, len(mutations))
	for name := range mutations {
		names = append(names, name)
	}
	slices.Sort(names)
	for seed := uint64(0); done < want; seed++ {
		d := draw(seed)
		p, ok, err := d.answer(t)
		if !ok {
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		inv := d.inventory()
		stranger := draw(seed + 1)
		for h, text := range stranger.inventory().Documents {
			inv.Documents[h] = text
		}
		m := stranger.inventory().Holders[stranger.name()]
		inv.Holders[mallory] = proof.Holder{Kind: "user", Account: own, Keys: proof.HolderKeys(mallory, proof.Facts{Account: own, OrgKnown: true, TagsKnown: true}), Policies: m.Policies}
		for range 4 {
			q := clone(t, p)
			g := &q.Steps[0].Grants[d.IntN(len(q.Steps[0].Grants))]
			list := leaves(&g.Alternatives[d.IntN(len(g.Alternatives))].Case)
			if len(list) == 0 {
				continue
			}
			name := names[d.IntN(len(names))]
			if !mutations[name](d, q, list[d.IntN(len(list))]) {
				continue
			}
			if err := verify.New(inv).Check(q); err == nil {
				t.Fatalf("seed %d: accepted after %q\n%s", seed, name, d.show())
			}
			done, by[name] = done+1, by[name]+1
		}
	}
	for _, name := range names {
		if by[name] < 20 {
			t.Errorf("only %d mutations of kind %q", by[name], name)
		}
	}
	t.Logf("%d mutations rejected: %v", done, by)
}

// edit changes one statement of one document of the world.
func (d *drawn) edit() {
	lists := [][]string{d.identity, d.boundary}
	lists = append(append(lists, d.scps...), d.rcps...)
	var docs []*string
	for _, l := range lists {
		for i := range l {
			docs = append(docs, &l[i])
		}
	}
	for _, x := range []*string{&d.bucket, &d.key} {
		if *x != "" {
			docs = append(docs, x)
		}
	}
	x := docs[d.IntN(len(docs))]
	var doc struct {
		Version   string
		Statement []map[string]any
	}
	if err := json.Unmarshal([]byte(*x), &doc); err != nil {
		panic(err)
	}
	s := doc.Statement[d.IntN(len(doc.Statement))]
	switch d.IntN(4) {
	case 0:
		s["Effect"] = map[any]string{"Allow": "Deny", "Deny": "Allow"}[s["Effect"]]
	case 1:
		op, key, v := d.condition()
		s["Condition"] = map[string]any{op: map[string]any{key: v}}
	case 2:
		delete(s, "Condition")
	case 3:
		delete(s, "NotResource")
		s["Resource"] = d.some("*", records+"/a/*", keyARN)
	}
	data, err := json.Marshal(doc)
	if err != nil {
		panic(err)
	}
	*x = string(data)
}

// TestEditedPolicies changes a policy so that the answer changes, and signs the old
// proof anew: the hashes are right again, what it says is not.
func TestEditedPolicies(t *testing.T) {
	want, done := 120, 0
	for seed := uint64(0); done < want; seed++ {
		d := draw(seed)
		p, ok, err := d.answer(t)
		if !ok {
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		before, old := d.decide(t), d.inventory()
		d.edit()
		after, inv := d.decide(t), d.inventory()
		if after.Outcome.Reaches() && fmt.Sprint(after.If, after.Parts) == fmt.Sprint(before.If, before.Parts) {
			continue
		}
		q := resigned(t, p, old, inv)
		if err := verify.New(inv).Check(p); err == nil && !after.Outcome.Reaches() {
			t.Fatalf("seed %d: the old proof is accepted, the answer is %s now\n%s", seed, after.Outcome, d.show())
		}
		if err := verify.New(inv).Check(q); err == nil {
			if !after.Outcome.Reaches() {
				t.Fatalf("seed %d: accepted, the answer is %s now\n%s", seed, after.Outcome, d.show())
			}
			if !d.keyed {
				d.sample(t, q) // what is still true may be accepted
			}
			continue
		}
		done++
	}
	t.Logf("%d edits that change the answer rejected", done)
}

// resigned replaces the hashes of the documents that changed.
func resigned(t testing.TB, p *proof.Proof, old, inv *proof.Inventory) *proof.Proof {
	data, err := json.Marshal(p)
	if err != nil {
		t.Fatal(err)
	}
	text := string(data)
	pairs := func(a, b []proof.Ref) {
		for i := range a {
			if i < len(b) {
				text = strings.ReplaceAll(text, a[i].SHA256, b[i].SHA256)
			}
		}
	}
	for name, h := range old.Holders {
		pairs(h.Policies, inv.Holders[name].Policies)
		pairs(h.Boundary, inv.Holders[name].Boundary)
	}
	for id, a := range old.Accounts {
		for i := range a.SCPs {
			pairs(a.SCPs[i].Policies, inv.Accounts[id].SCPs[i].Policies)
		}
		for i := range a.RCPs {
			pairs(a.RCPs[i].Policies, inv.Accounts[id].RCPs[i].Policies)
		}
	}
	for arn, a := range old.Assets {
		if a.Policy != nil {
			pairs([]proof.Ref{*a.Policy}, []proof.Ref{*inv.Assets[arn].Policy})
		}
	}
	out := &proof.Proof{}
	if err := json.Unmarshal([]byte(text), out); err != nil {
		t.Fatal(err)
	}
	return out
}

// sample draws complete requests that meet the conditions of a proof and asks the
// evaluator about each: all must be allowed.
func (d *drawn) sample(t testing.TB, p *proof.Proof) int {
	met := 0
	for _, g := range p.Steps[0].Grants {
		for range 30 {
			ctx := d.context()
			res := strings.NewReplacer("*", d.of("a/1", "b/x", "z", "a/b/1"), "?", "x").Replace(g.Resource)
			if slices.ContainsFunc(g.Except, func(x string) bool { return inPattern(x, res) }) {
				continue
			}
			for _, alt := range g.Alternatives {
				if !d.holds(t, alt.If, ctx) {
					continue
				}
				met++
				if o := d.concrete(t, ctx, res, g.Through); o != iam.Allowed {
					t.Fatalf("the proof says allowed on %s under %v, the evaluator %s in %v\n%s", res, alt.If, o, ctx, d.show())
				}
			}
		}
	}
	return met
}
