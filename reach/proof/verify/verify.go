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
	who, asset, err := x.sides(s, g)
	if err != nil {
		return nil, Open{}, err
	}
	d := &derivation{Checker: x, step: s, grant: g, lits: lits, who: who, asset: asset, given: proof.Keys{}}
	maps.Copy(d.given, g.Given)
	for _, part := range []func() (Open, error){d.point, d.action, d.key} {
		if open, err := part(); err != nil {
			return nil, open, err
		}
	}
	return d.out, Open{}, nil
}

// sides are the caller and the asset of a step, with what the step supposes of them.
func (x *Checker) sides(s *proof.Step, g *proof.Grant) (proof.Holder, proof.Asset, error) {
	asset, ok := x.inv.Assets[s.Asset]
	who, known := x.inv.Holders[s.Principal]
	if s.Kind == "permission" { // the caller's own side decides
		asset, ok = proof.Asset{Account: who.Account, Keys: proof.AssetKeys(s.Asset, proof.Facts{Account: who.Account})}, true
	}
	if !ok || !known || !terms.Within(s.Asset, g.Resource) && !strings.HasPrefix(g.Resource, s.Asset) {
		return who, asset, fmt.Errorf("the inventory does not know %s or %s, or %s is no part of it", s.Principal, s.Asset, g.Resource)
	}
	if s.Lifted {
		who.Policies = append(slices.Clone(who.Policies), proof.Supposed(proof.Everything))
	}
	if s.Joined != "" {
		joined, ok := x.inv.Groups[s.Joined]
		if !ok || joined.Unread != "" {
			return who, asset, fmt.Errorf("the inventory does not know the group %s: %s", s.Joined, joined.Unread)
		}
		who.Policies = append(slices.Clone(who.Policies), joined.Policies...)
	}
	if s.Listed && asset.ListsOff {
		return who, asset, errors.New("access lists do not count for " + s.Asset)
	}
	if s.Listed {
		asset.ACL = append(slices.Clone(asset.ACL), proof.ListedToAll...)
	}
	if s.Opened {
		ref := proof.Supposed(proof.Everybody)
		asset.Policy, asset.Unread = &ref, ""
	}
	return who, asset, nil
}

// derivation is the weighing of one grant, with the requests it took so far.
type derivation struct {
	*Checker
	step  *proof.Step
	grant *proof.Grant
	lits  []proof.Literal
	who   proof.Holder
	asset proof.Asset
	given proof.Keys
	out   []proof.Request
}

// weigh weighs one request.
func (d *derivation) weigh(action, resource, about string, asset proof.Asset, given proof.Keys) (Open, error) {
	who := d.step.Principal
	a := &ask{Checker: d.Checker, out: proof.Request{Principal: who, Action: action, Resource: resource, Owner: asset.Account}, who: d.who, asset: asset, about: about,
		given: given, closed: d.grant.Closed}
	a.Request = terms.Request{Principal: who, Kind: d.who.Kind, Account: d.who.Account, Action: action, Resource: resource, Except: d.grant.Except, Given: d.lits, Value: a.value,
		Bounded: len(d.who.Boundary) > 0}
	err := a.stated()
	if err == nil {
		err = a.derive()
	}
	d.out = append(d.out, a.out)
	return Open{a.Stuck, a.Partial}, err
}

// action weighs the action on the asset itself.
func (d *derivation) action() (Open, error) {
	return d.weigh(d.grant.Action, d.grant.Resource, d.step.Asset, d.asset, d.given)
}

// point weighs the passage through an access point, which all further requests show.
func (d *derivation) point() (Open, error) {
	g := d.grant
	if g.Through == "" {
		return Open{}, nil
	}
	point, ok := d.asset.AccessPoints[g.Through]
	if !ok {
		return Open{}, errors.New("no such access point")
	}
	d.asset.Keys = maps.Clone(d.asset.Keys)
	for i, v := range []string{g.Through, point.Account, map[bool]string{true: "Internet", false: "VPC"}[point.VPC == ""]} {
		delete(d.asset.Keys, proof.PointKeys[i])
		d.given[proof.PointKeys[i]] = []string{v}
	}
	resource := g.Through + strings.Replace(strings.TrimPrefix(g.Resource, d.step.Asset), "/", "/object/", 1)
	return d.weigh(g.Action, resource, g.Through, point, d.given)
}

// key weighs the use of the key that the action takes.
func (d *derivation) key() (Open, error) {
	key, scanned := d.inv.Assets[d.asset.Key]
	switch needs := terms.KeyUse(d.grant.Action); {
	case len(needs) == 0:
	case d.asset.AWSKey || key.AWSKey:
		if d.who.Account != cmp.Or(key.Account, d.asset.Account) {
			return Open{}, errors.New("a key that AWS manages serves its own account only")
		}
	case d.asset.Key != "" && !scanned:
		return Open{}, errors.New("the inventory does not know the key " + d.asset.Key)
	case d.asset.Key != "":
		service, _, _ := strings.Cut(strings.ToLower(d.grant.Action), ":")
		through := maps.Clone(d.given)
		through["aws:viaawsservice"] = []string{"true"}
		through["kms:viaservice"] = []string{service + "." + strings.Split(d.asset.Key, ":")[3] + ".amazonaws.com"}
		for _, action := range needs {
			if open, err := d.weigh(action, d.asset.Key, d.asset.Key, key, through); err != nil {
				return open, fmt.Errorf("%s: %w", action, err)
			}
		}
	}
	return Open{}, nil
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
