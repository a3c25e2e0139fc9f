// Package verify checks proofs of access answers without the evaluator that gave them.
// It derives every cited gate again from the documents and the inventory, and demands
// that the proof says the same: every document of every layer is there with its hash,
// every cited Allow is at its place and applies, and no Deny does, in every request that
// meets the stated conditions.
//
// It shares no code with package iam, and says no where it is not sure.
package verify

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"

	"github.com/flowdeed/flowdeed/reach/proof"
	"github.com/flowdeed/flowdeed/reach/proof/terms"
	"github.com/flowdeed/flowdeed/reach/proof/ways"
)

// Checker holds proofs against one inventory. It is not for several goroutines at once.
type Checker struct {
	inv  *proof.Inventory
	read map[string][]proof.Statement // documents by hash
	ways *ways.Map
	// conditional: something that was proven on the way holds under conditions only.
	conditional bool
}

// New returns a checker for an inventory, which must not change any more.
func New(inv *proof.Inventory) *Checker {
	return &Checker{inv: inv, read: map[string][]proof.Statement{}, ways: ways.Of(inv)}
}

// Rejection says what is wrong with a proof, and where in it.
type Rejection struct{ Place, Reason string }

func (r *Rejection) Error() string { return r.Place + ": " + r.Reason }

// Check returns nil when the proof holds, and a *Rejection otherwise.
func (x *Checker) Check(p *proof.Proof) error {
	reject := func(place, format string, args ...any) error { return &Rejection{place, fmt.Sprintf(format, args...)} }
	switch {
	case p.Format != proof.Format:
		return reject("/format", "the form %q is not known", p.Format)
	case p.Snapshot != x.inv.Snapshot:
		return reject("/snapshot", "the proof is about another snapshot")
	case len(p.Steps) == 0 || p.Steps[len(p.Steps)-1].Asset != p.Answer.Target || ways.Starter(&p.Steps[0]) != p.Answer.Principal:
		return reject("/steps", "the steps do not lead from the principal to the target")
	}
	w := x.ways.From(p.Answer.Access)
	x.conditional = false
	for i := range p.Steps {
		s, place := &p.Steps[i], fmt.Sprintf("/steps/%d", i)
		if i < len(p.Steps)-1 && (s.Becomes == "" || s.Becomes != p.Steps[i+1].Principal) || i == len(p.Steps)-1 && s.Becomes != "" {
			return reject(place, "the next step is taken by somebody else")
		}
		if err := w.Take(s); err != nil {
			return reject(place, "%v", err)
		}
		if where, err := x.granted(s); err != nil {
			return reject(place+where, "%v", err)
		}
	}
	if want := map[bool]string{true: "allowed-if", false: "allowed"}[x.conditional || w.Assumed]; p.Answer.Decision != want {
		return reject("/answer/decision", "the steps show %s", want)
	}
	return nil
}

// granted proves the grants of a step and of all it requires.
func (x *Checker) granted(s *proof.Step) (where string, err error) {
	for i := range s.Requires {
		if where, err := x.granted(&s.Requires[i]); err != nil {
			return fmt.Sprintf("/requires/%d%s", i, where), err
		}
	}
	for j, g := range s.Grants {
		where := fmt.Sprintf("/grants/%d", j)
		if len(g.Alternatives) == 0 {
			return where, errors.New("no alternative")
		}
		for k, alt := range g.Alternatives {
			where := fmt.Sprintf("%s/alternatives/%d", where, k)
			if x.conditional = x.conditional || len(alt.If) > 0; terms.Impossible(alt.If) {
				return where + "/if", errors.New("no request can meet the conditions")
			}
			if in, err := x.checkCase(s, &g, &alt.Case, alt.If); err != nil {
				return where + "/case" + in, err
			}
		}
	}
	return "", nil
}

func (x *Checker) checkCase(s *proof.Step, g *proof.Grant, c *proof.Case, lits []proof.Literal) (where string, err error) {
	switch {
	case c.Split != nil:
		if c.Holds == nil || c.Fails == nil || c.Impossible || c.Requests != nil {
			return "", errors.New("a split needs both sides, and nothing else")
		}
		for i, side := range []*proof.Case{c.Holds, c.Fails} {
			l := *c.Split
			l.Holds = i == 0
			if where, err := x.checkCase(s, g, side, append(slices.Clone(lits), l)); err != nil {
				return []string{"/holds", "/fails"}[i] + where, err
			}
		}
		return "", nil
	case c.Impossible:
		if !terms.Impossible(lits) || c.Requests != nil {
			return "", errors.New("the case is possible")
		}
		return "", nil
	}
	found, _, err := x.Derive(s, g, lits)
	for i := 0; err == nil && i < max(len(found), len(c.Requests)); i++ {
		switch where := fmt.Sprintf("/requests/%d", i); {
		case i >= len(found) || i >= len(c.Requests) || len(found[i].Gates) != len(c.Requests[i].Gates):
			return where, errors.New("a request or a layer is missing, or one too many")
		default:
			for j := range found[i].Gates {
				if !reflect.DeepEqual(found[i].Gates[j], c.Requests[i].Gates[j]) {
					return fmt.Sprintf("%s/gates/%d", where, j), fmt.Errorf("the documents say something else: %+v", found[i].Gates[j])
				}
			}
			if !reflect.DeepEqual(found[i], c.Requests[i]) {
				return where, errors.New("another request is derived")
			}
		}
	}
	return "", err
}

// Open is what keeps a derivation from being made: a literal that neither follows nor
// is ruled out, or parts of the resource that are denied.
type Open struct {
	Literal *proof.Literal
	Parts   []string
}

// Derive weighs all requests that a grant of a step takes, under the literals: the
// action, the passage through an access point, the use of the key.
func (x *Checker) Derive(s *proof.Step, g *proof.Grant, lits []proof.Literal) ([]proof.Request, Open, error) {
	inv, who, about := x.inv, s.Principal, s.Asset
	asset, ok := inv.Assets[about]
	holder, known := inv.Holders[who]
	if s.Kind == "permission" { // the caller's own side decides
		asset, ok = proof.Asset{Account: holder.Account, Keys: proof.AssetKeys(about, proof.Facts{Account: holder.Account})}, true
	}
	if !ok || !known || !terms.Within(about, g.Resource) && !strings.HasPrefix(g.Resource, about) {
		return nil, Open{}, fmt.Errorf("the inventory does not know %s or %s, or %s is no part of it", who, about, g.Resource)
	}
	if s.Lifted {
		holder.Policies = append(slices.Clone(holder.Policies), proof.Supposed(proof.Everything))
	}
	if s.Joined != "" {
		g, ok := inv.Groups[s.Joined]
		if !ok || g.Unread != "" {
			return nil, Open{}, fmt.Errorf("the inventory does not know the group %s: %s", s.Joined, g.Unread)
		}
		holder.Policies = append(slices.Clone(holder.Policies), g.Policies...)
	}
	if s.Listed && asset.ListsOff {
		return nil, Open{}, errors.New("access lists do not count for " + about)
	}
	if s.Listed {
		asset.ACL = append(slices.Clone(asset.ACL), proof.ListedToAll...)
	}
	if s.Opened {
		ref := proof.Supposed(proof.Everybody)
		asset.Policy, asset.Unread = &ref, ""
	}
	var out []proof.Request
	one := func(action, resource, about string, asset proof.Asset, given proof.Keys) (Open, error) {
		a := &ask{Checker: x, out: proof.Request{Principal: who, Action: action, Resource: resource, Owner: asset.Account}, who: holder, asset: asset, about: about,
			given: given, closed: g.Closed}
		a.Request = terms.Request{Principal: who, Kind: holder.Kind, Account: holder.Account, Action: action, Resource: resource, Except: g.Except, Given: lits, Value: a.value,
			Bounded: len(holder.Boundary) > 0}
		err := a.stated()
		if err == nil {
			err = a.derive()
		}
		out = append(out, a.out)
		return Open{a.Stuck, a.Partial}, err
	}
	given := proof.Keys{}
	for k, v := range g.Given {
		given[k] = v
	}
	if point, ok := asset.AccessPoints[g.Through]; ok {
		asset.Keys = maps.Clone(asset.Keys)
		for i, v := range []string{g.Through, point.Account, map[bool]string{true: "Internet", false: "VPC"}[point.VPC == ""]} {
			delete(asset.Keys, proof.PointKeys[i])
			given[proof.PointKeys[i]] = []string{v}
		}
		resource := g.Through + strings.Replace(strings.TrimPrefix(g.Resource, about), "/", "/object/", 1)
		if open, err := one(g.Action, resource, g.Through, point, given); err != nil {
			return nil, open, err
		}
	} else if g.Through != "" {
		return nil, Open{}, errors.New("no such access point")
	}
	if open, err := one(g.Action, g.Resource, about, asset, given); err != nil {
		return nil, open, err
	}
	service, _, _ := strings.Cut(strings.ToLower(g.Action), ":")
	key, scanned := inv.Assets[asset.Key]
	switch needs := terms.KeyUse(g.Action); {
	case len(needs) == 0:
	case asset.AWSKey || key.AWSKey:
		if holder.Account != cmp.Or(key.Account, asset.Account) {
			return nil, Open{}, errors.New("a key that AWS manages serves its own account only")
		}
	case asset.Key != "" && !scanned:
		return nil, Open{}, errors.New("the inventory does not know the key " + asset.Key)
	case asset.Key != "":
		through := proof.Keys{}
		for k, v := range given {
			through[k] = v
		}
		through["aws:viaawsservice"] = []string{"true"}
		through["kms:viaservice"] = []string{service + "." + strings.Split(asset.Key, ":")[3] + ".amazonaws.com"}
		for _, action := range needs {
			if open, err := one(action, asset.Key, asset.Key, key, through); err != nil {
				return nil, open, fmt.Errorf("%s: %w", action, err)
			}
		}
	}
	return out, Open{}, nil
}

// stated refuses a question that states what only the inventory can say.
func (a *ask) stated() error {
	for key, list := range a.given {
		begin, _, _ := strings.Cut(key, "/")
		said, known := a.asset.Keys[key], strings.HasPrefix(key, "aws:principal") || strings.HasPrefix(key, "aws:resource")
		for _, k := range []string{begin + "/*", key} {
			for _, keys := range []proof.Keys{a.who.Keys, a.asset.Keys} {
				if v, ok := keys[k]; ok {
					said, known = v, true
				}
			}
		}
		if known && !slices.Equal(said, list) {
			return fmt.Errorf("the question states %s as %q, the inventory as %q", key, list, said)
		}
	}
	return nil
}
