package reach_test

import (
	"encoding/json"
	"maps"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"

	"github.com/flowdeed/flowdeed/aws"
	"github.com/flowdeed/flowdeed/aws/environments"
	"github.com/flowdeed/flowdeed/reach"
	"github.com/flowdeed/flowdeed/reach/proof"
	"github.com/flowdeed/flowdeed/reach/proof/verify"
)

// forger edits proofs of ways that policies alone do not decide.
type forger struct {
	*rand.Rand
	inv   *proof.Inventory
	roles []string
}

func of[T any](r *forger, list []T) *T { return &list[r.IntN(len(list))] }

// some picks one of the steps that fit; nil when none does.
func (r *forger) some(list []proof.Step, fits func(s *proof.Step) bool) *proof.Step {
	var out []*proof.Step
	for i := range list {
		if fits(&list[i]) {
			out = append(out, &list[i])
		}
	}
	if len(out) == 0 {
		return nil
	}
	return *of(r, out)
}

func kind(k string) func(s *proof.Step) bool {
	return func(s *proof.Step) bool { return s.Kind == k }
}

func byRule(s *proof.Step) bool { return s.Rule != "" }
func byFlow(s *proof.Step) bool { return s.Flow != nil }

// required picks a step that a step by a rule requires.
func (r *forger) required(p *proof.Proof, fits func(s *proof.Step) bool) *proof.Step {
	if s := r.some(p.Steps, func(s *proof.Step) bool {
		return slices.ContainsFunc(s.Requires, func(x proof.Step) bool { return len(x.Grants) > 0 && fits(&x) })
	}); s != nil {
		return r.some(s.Requires, func(x *proof.Step) bool { return len(x.Grants) > 0 && fits(x) })
	}
	return nil
}

func on(s *proof.Step, edit func(s *proof.Step)) bool {
	if s != nil {
		edit(s)
	}
	return s != nil
}

// become leads a step, and the one after it, to another principal.
func (r *forger) become(p *proof.Proof, k string) bool {
	i := slices.IndexFunc(p.Steps, func(s proof.Step) bool { return s.Kind == k && s.Becomes != s.Principal })
	if i < 0 || i == len(p.Steps)-1 {
		return false
	}
	other := *of(r, r.roles)
	if other == p.Steps[i].Becomes || other == p.Steps[i].Principal {
		return false
	}
	if p.Steps[i].Asset == p.Steps[i].Becomes {
		p.Steps[i].Asset = other
	}
	p.Steps[i].Becomes, p.Steps[i+1].Principal = other, other
	for j := range p.Steps[i+1].Grants {
		rename(p.Steps[i+1].Grants[j].Alternatives, other)
	}
	return true
}

// rename puts another principal into all derivations.
func rename(list []proof.Alternative, who string) {
	var in func(c *proof.Case)
	in = func(c *proof.Case) {
		if c == nil {
			return
		}
		for i := range c.Requests {
			c.Requests[i].Principal = who
		}
		in(c.Holds)
		in(c.Fails)
	}
	for i := range list {
		in(&list[i].Case)
	}
}

func names[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }

// wayMutations are edits, each of which makes a proof wrong; they tell whether they
// found something to edit.
var wayMutations = map[string]func(r *forger, p *proof.Proof) bool{
	"other rule": func(r *forger, p *proof.Proof) bool {
		return on(r.some(p.Steps, byRule), func(s *proof.Step) {
			list := slices.DeleteFunc(slices.Concat(names(proof.Rules), names(proof.Openings)), func(x string) bool { return x == s.Rule })
			s.Rule = *of(r, list)
		})
	},
	"missing permission": func(r *forger, p *proof.Proof) bool {
		return on(r.some(p.Steps, func(s *proof.Step) bool { return byRule(s) && len(s.Requires) > 0 }), func(s *proof.Step) {
			i := r.IntN(len(s.Requires))
			s.Requires = slices.Delete(s.Requires, i, i+1)
		})
	},
	"one permission twice": func(r *forger, p *proof.Proof) bool {
		return on(r.some(p.Steps, func(s *proof.Step) bool { return byRule(s) && len(s.Requires) > 0 }), func(s *proof.Step) {
			s.Requires = append(s.Requires, *of(r, s.Requires))
		})
	},
	"permission of somebody else": func(r *forger, p *proof.Proof) bool {
		return on(r.required(p, func(s *proof.Step) bool { return true }), func(s *proof.Step) {
			s.Principal = "arn:aws:iam::999999999999:user/mallory"
			for i := range s.Grants {
				rename(s.Grants[i].Alternatives, s.Principal)
			}
		})
	},
	"permission on something else": func(r *forger, p *proof.Proof) bool {
		return on(r.required(p, kind("permission")), func(s *proof.Step) { s.Asset = "arn:aws:iam::999999999999:role/other" })
	},
	"wider permission": func(r *forger, p *proof.Proof) bool {
		return on(r.required(p, kind("permission")), func(s *proof.Step) { of(r, s.Grants).Resource = "*" })
	},
	"other permission": func(r *forger, p *proof.Proof) bool {
		return on(r.required(p, kind("permission")), func(s *proof.Step) { of(r, s.Grants).Action = "iam:ListRoles" })
	},
	"other question": func(r *forger, p *proof.Proof) bool {
		return on(r.required(p, kind("permission")), func(s *proof.Step) {
			of(r, s.Grants).Given = map[string][]string{"aws:securetransport": {"true"}, "aws:requesttag/x": {"y"}}
		})
	},
	"no grant": func(r *forger, p *proof.Proof) bool {
		return on(r.required(p, func(s *proof.Step) bool { return true }), func(s *proof.Step) { s.Grants = nil })
	},
	"other statement": func(r *forger, p *proof.Proof) bool {
		s := r.required(p, func(s *proof.Step) bool { return true })
		if s == nil {
			return false
		}
		c := &of(r, of(r, s.Grants).Alternatives).Case
		if c.Split != nil || c.Impossible || len(c.Requests) == 0 {
			return false
		}
		for i := range c.Requests[0].Gates {
			if g := &c.Requests[0].Gates[i]; len(g.Allows) > 0 {
				g.Allows[0].Statement++
				return true
			}
		}
		return false
	},
	"not opened": func(r *forger, p *proof.Proof) bool {
		return on(r.required(p, func(s *proof.Step) bool { return s.Opened }), func(s *proof.Step) { s.Opened = false })
	},
	"opened": func(r *forger, p *proof.Proof) bool {
		return on(r.some(p.Steps, kind("access")), func(s *proof.Step) { s.Opened = true })
	},
	"trust of everybody": func(r *forger, p *proof.Proof) bool {
		return on(r.required(p, kind("assume-role")), func(s *proof.Step) { s.Opened = true })
	},
	"permission it gives itself": func(r *forger, p *proof.Proof) bool {
		return on(r.required(p, func(s *proof.Step) bool { return true }), func(s *proof.Step) { s.Lifted = true })
	},
	"own side only": func(r *forger, p *proof.Proof) bool {
		return on(r.some(p.Steps, func(s *proof.Step) bool { return s.Kind == "access" || s.Kind == "assume-role" }), func(s *proof.Step) { s.Kind = "permission" })
	},
	"becomes more": func(r *forger, p *proof.Proof) bool {
		return on(r.required(p, func(s *proof.Step) bool { return s.Kind != "assume-role" }), func(s *proof.Step) { s.Becomes = *of(r, r.roles) })
	},
	"joined": func(r *forger, p *proof.Proof) bool {
		return on(r.some(p.Steps, kind("access")), func(s *proof.Step) { s.Joined += "x" })
	},
	"listed": func(r *forger, p *proof.Proof) bool {
		return on(r.some(p.Steps, kind("access")), func(s *proof.Step) { s.Listed = true })
	},
	"lifted": func(r *forger, p *proof.Proof) bool {
		return on(r.some(p.Steps, func(s *proof.Step) bool { return len(s.Grants) > 0 }), func(s *proof.Step) { s.Lifted = !s.Lifted })
	},
	"other target": func(r *forger, p *proof.Proof) bool { return r.become(p, "escalation") },
	"other workload": func(r *forger, p *proof.Proof) bool {
		return on(r.some(p.Steps, kind("escalation")), func(s *proof.Step) { s.Workload += "x" })
	},
	"other service": func(r *forger, p *proof.Proof) bool {
		return on(r.required(p, kind("assume-role")), func(s *proof.Step) {
			s.Principal = "batch.amazonaws.com"
			for i := range s.Grants {
				rename(s.Grants[i].Alternatives, s.Principal)
			}
		})
	},
	"other flow": func(r *forger, p *proof.Proof) bool {
		return on(r.some(p.Steps, byFlow), func(s *proof.Step) {
			f := *of(r, r.inv.Flows)
			for reflect.DeepEqual(f, *s.Flow) {
				f = *of(r, r.inv.Flows)
			}
			s.Flow = &f
		})
	},
	"way by another flow": func(r *forger, p *proof.Proof) bool {
		i := slices.IndexFunc(p.Steps, func(s proof.Step) bool { return s.Flow != nil && s.Becomes != "" })
		if i < 0 {
			return false
		}
		f := *of(r, r.inv.Flows)
		if f.From == p.Steps[i].Principal && f.To == p.Steps[i].Asset || f.To == p.Steps[i].Asset && f.Kind == p.Steps[i].Flow.Kind {
			return false
		}
		p.Steps[i].Flow, p.Steps[i].Principal = &f, f.From
		p.Steps[i].Asset, p.Steps[i].Becomes = f.To, f.To
		return true
	},
	"flow via":      flowFact(func(f *proof.Flow) { f.Via += "x" }),
	"flow kind":     flowFact(func(f *proof.Flow) { f.Kind = map[bool]string{true: "writes", false: "invokes"}[f.Kind == "invokes"] }),
	"flow auth":     flowFact(func(f *proof.Flow) { f.Auth = map[string]string{"none": "token", "token": "none", "": "none"}[f.Auth] }),
	"flow async":    flowFact(func(f *proof.Flow) { f.Async = !f.Async }),
	"flow off":      flowFact(func(f *proof.Flow) { f.Off = !f.Off }),
	"flow evidence": flowFact(func(f *proof.Flow) { f.Evidence = append(f.Evidence, "sts:GetCallerIdentity") }),
	"flow belief":   flowFact(func(f *proof.Flow) { f.Confidence /= 2 }),
	"no flow":       flowStep(func(s *proof.Step) { s.Flow = nil }),
	"missing step": func(r *forger, p *proof.Proof) bool {
		if len(p.Steps) < 2 {
			return false
		}
		i := r.IntN(len(p.Steps))
		p.Steps = slices.Delete(p.Steps, i, i+1)
		return true
	},
	"dropped assumption": func(r *forger, p *proof.Proof) bool {
		return on(r.some(p.Steps, kind("runs-under")), func(s *proof.Step) { s.If = nil })
	},
	"other assumption": func(r *forger, p *proof.Proof) bool {
		return on(r.some(p.Steps, kind("runs-under")), func(s *proof.Step) { s.If[0].Values = []string{"something else"} })
	},
	"contrary assumption": func(r *forger, p *proof.Proof) bool {
		return on(r.some(p.Steps, kind("runs-under")), func(s *proof.Step) { s.If[0].Holds = false })
	},
	"assumption untold": func(r *forger, p *proof.Proof) bool {
		return on(r.some(p.Steps, kind("runs-under")), func(*proof.Step) { p.Answer.Decision = "allowed" })
	},
	"other role": func(r *forger, p *proof.Proof) bool { return r.become(p, "runs-under") },
	"other code": func(r *forger, p *proof.Proof) bool {
		return on(r.some(p.Steps, kind("runs-under")), func(s *proof.Step) { s.Asset += "x" })
	},
	"other callers": func(r *forger, p *proof.Proof) bool {
		was := p.Answer.Principal
		p.Answer.Principal = map[bool]string{true: proof.SignedIn, false: "*"}[was == "*"]
		return p.Steps[0].Flow != nil
	},
	"more access": func(r *forger, p *proof.Proof) bool {
		if slices.Contains(p.Answer.Access, "admin") {
			return false
		}
		p.Answer.Access = append(p.Answer.Access, "admin")
		return true
	},
	"no access": func(r *forger, p *proof.Proof) bool {
		p.Answer.Access = nil
		return p.Steps[len(p.Steps)-1].Kind != "access" || slices.ContainsFunc(p.Steps, func(s proof.Step) bool { return s.Kind == "runs-under" })
	},
	"other kind": func(r *forger, p *proof.Proof) bool {
		s := of(r, p.Steps)
		list := slices.DeleteFunc([]string{"access", "assume-role", "escalation", "opening", "flow", "runs-under", "permission"}, func(k string) bool { return k == s.Kind })
		s.Kind = *of(r, list)
		return true
	},
}

func flowStep(edit func(s *proof.Step)) func(r *forger, p *proof.Proof) bool {
	return func(r *forger, p *proof.Proof) bool { return on(r.some(p.Steps, byFlow), edit) }
}

func flowFact(edit func(f *proof.Flow)) func(r *forger, p *proof.Proof) bool {
	return flowStep(func(s *proof.Step) { edit(s.Flow) })
}

func copied(t *testing.T, p *proof.Proof) *proof.Proof {
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

// resign derives every grant again that can be derived as the step now is, so that an
// edit does not stand out by what the gates say.
func resign(v *verify.Checker, steps []proof.Step) {
	for i := range steps {
		s := &steps[i]
		resign(v, s.Requires)
		for j := range s.Grants {
			if requests, _, err := v.Derive(s, &s.Grants[j], nil); err == nil {
				s.Grants[j].Alternatives = []proof.Alternative{{Case: proof.Case{Requests: requests}}}
			}
		}
	}
}

// TestMutatedWays edits the proofs of all environments that take a step beside policies,
// one place at a time, and what the inventory says about their flows. None may be
// accepted any more.
func TestMutatedWays(t *testing.T) {
	done, by := 0, map[string]int{}
	for _, name := range environments.Names {
		snap, _ := snapshot(t, name)
		sys := aws.Build(snap)
		f := reach.New(sys.World, sys.Graph)
		inv := aws.Inventory(snap, sys)
		c, v := reach.Certify(f, inv), verify.New(inv)
		r := &forger{Rand: rand.New(rand.NewPCG(1, 2)), inv: inv}
		for _, h := range sys.World.Holders {
			r.roles = append(r.roles, h.Principal.ARN)
		}
		for _, a := range sys.World.Assets {
			for _, x := range f.WhoCan(a.ARN, reach.AllKinds...).Answers {
				p, err := c.Prove(&x)
				if err != nil {
					t.Fatal(err)
				}
				if !slices.ContainsFunc(p.Steps, func(s proof.Step) bool { return byRule(&s) || byFlow(&s) }) {
					continue
				}
				for _, m := range names(wayMutations) {
					if by[m] >= 40 {
						continue
					}
					q := copied(t, p)
					if !wayMutations[m](r, q) {
						continue
					}
					inv.AdmitAll(q)
					if err := v.Check(q); err == nil {
						t.Errorf("%s: accepted after %q: %s %v by %v", name, m, x.Principal, x.Access, x.Path())
					}
					if m != "other statement" { // signed anew it is the true one again
						resign(v, q.Steps)
						if err := v.Check(q); err == nil {
							t.Errorf("%s: accepted after %q and signed anew: %s %v by %v", name, m, x.Principal, x.Access, x.Path())
						}
						done++
					}
					done, by[m] = done+1, by[m]+1
				}
				if by["changed flow"] < 40 && byFlow(&p.Steps[0]) {
					r.changedFlow(t, p)
					done, by["changed flow"] = done+1, by["changed flow"]+1
				}
			}
		}
	}
	for _, m := range names(wayMutations) {
		if by[m] < 10 {
			t.Errorf("only %d mutations of kind %q", by[m], m)
		}
	}
	t.Logf("%d mutations rejected: %v", done, by)
}

// changedFlow changes one flow that a proof rests on in the inventory, in proof and
// inventory alike where it is what makes the flow open, or where a role hangs on it.
func (r *forger) changedFlow(t *testing.T, p *proof.Proof) {
	inv := *r.inv
	inv.Flows = slices.Clone(r.inv.Flows)
	q := copied(t, p)
	s := r.some(q.Steps, func(s *proof.Step) bool { return byFlow(s) || s.Kind == "runs-under" })
	i := slices.IndexFunc(inv.Flows, func(f proof.Flow) bool {
		return s.Flow != nil && reflect.DeepEqual(f, *s.Flow) || s.Flow == nil && f.Kind == "assumes" && f.From == s.Asset && f.To == s.Becomes
	})
	switch n := r.IntN(3); {
	case n == 0 || s.Flow == nil:
		inv.Flows = slices.Delete(inv.Flows, i, i+1)
	case n == 1:
		inv.Flows[i].Off, s.Flow.Off = true, true
	default:
		first := slices.IndexFunc(inv.Flows, func(f proof.Flow) bool { return reflect.DeepEqual(f, *q.Steps[0].Flow) })
		inv.Flows[first].Auth, q.Steps[0].Flow.Auth = "iam", "iam"
	}
	if err := verify.New(&inv).Check(q); err == nil {
		t.Errorf("accepted after the flow %v changed", inv.Flows[min(i, len(inv.Flows)-1)])
	}
}
