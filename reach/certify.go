package reach

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/flowdeed/flowdeed/graph"
	"github.com/flowdeed/flowdeed/iam"
	"github.com/flowdeed/flowdeed/reach/proof"
	"github.com/flowdeed/flowdeed/reach/proof/verify"
)

// Certifier writes proofs of answers. Its inventory may grow by outsiders whom answers
// name; it must not be shared between goroutines.
type Certifier struct {
	finder    *Finder
	inventory *proof.Inventory
	checker   *verify.Checker
	grants    map[string][]proof.Grant // by principal, asset and action
}

// Certify prepares proofs of the answers of a finder.
func Certify(f *Finder, inv *proof.Inventory) *Certifier {
	return &Certifier{finder: f, inventory: inv, checker: verify.New(inv), grants: map[string][]proof.Grant{}}
}

// ErrNotPolicy says that a step of an answer is no matter of policies: it follows a rule
// about what a service does, or the flow of data, or what somebody's code does.
var ErrNotPolicy = errors.New("a step is no matter of policies")

// Prove writes the derivation of an answer: for every hop the requests that make it,
// each with all gates it passes. An answer with a step that policies do not decide is
// ErrNotPolicy.
func (c *Certifier) Prove(a *Answer) (*proof.Proof, error) {
	p := &proof.Proof{Format: proof.Format, Snapshot: c.inventory.Snapshot, Answer: proof.Answer{Principal: proofName(a.Principal), Target: a.Store}}
	who := p.Answer.Principal
	for i, s := range a.Steps {
		switch {
		case s.Rule != "":
			return nil, fmt.Errorf("%w: the step to %s follows the rule %s", ErrNotPolicy, s.To, s.Rule)
		case who == SignedIn, i < len(a.Steps)-1 && s.How != assumes, c.finder.Asset(s.To) == nil:
			return nil, fmt.Errorf("%w: %s from %s to %s", ErrNotPolicy, s.How, who, s.To)
		}
		step := proof.Step{Kind: "access", Principal: who, Asset: s.To}
		actions := c.actions(s.To, a.Access)
		if i < len(a.Steps)-1 {
			step.Kind, step.Becomes = "assume-role", s.To
			actions = []iam.DataAction{{Access: iam.Invoke, Action: "sts:AssumeRole"}}
			if proof.KindOf(who) == "provider" {
				actions = []iam.DataAction{{Access: iam.Invoke, Action: "sts:AssumeRoleWithWebIdentity"}, {Access: iam.Invoke, Action: "sts:AssumeRoleWithSAML"}}
			}
		}
		if err := c.step(&step, actions); err != nil {
			return nil, err
		}
		p.Steps = append(p.Steps, step)
		who = s.To
	}
	p.Answer.Decision = iam.Allowed.String()
	for _, s := range p.Steps {
		for _, g := range s.Grants {
			if slices.ContainsFunc(g.Alternatives, func(x proof.Alternative) bool { return len(x.If) > 0 }) {
				p.Answer.Decision = iam.AllowedIf.String()
			}
		}
	}
	return p, nil
}

// proofName is how proofs call a principal: everybody is "*".
func proofName(who string) string {
	if who == string(graph.Internet) || who == anyAccount {
		return "*"
	}
	return who
}

func (c *Certifier) actions(arn string, access []iam.Access) []iam.DataAction {
	return slices.DeleteFunc(slices.Clone(iam.DataActions(arn)), func(d iam.DataAction) bool { return !slices.Contains(access, d.Access) })
}

// step proves those of the actions that the principal may do: one at least of each
// kind of access.
func (c *Certifier) step(s *proof.Step, actions []iam.DataAction) error {
	asset := c.finder.Asset(s.Asset)
	if asset == nil || !c.inventory.Admit(s.Principal) {
		return fmt.Errorf("%w: nothing is known of %s or %s", ErrUnproven, s.Principal, s.Asset)
	}
	done, asked := map[iam.Access]bool{}, map[iam.Access]bool{}
	best := map[iam.Access]iam.Outcome{}
	who := c.caller(s.Principal)
	decided := make([]iam.Decision, len(actions))
	for i, d := range actions {
		decided[i] = c.finder.decide(who, asset, d)
		if rank(decided[i].Outcome) > rank(best[d.Access]) {
			best[d.Access] = decided[i].Outcome
		}
	}
	for i, d := range actions {
		asked[d.Access] = true
		if decided[i].Outcome != best[d.Access] || !decided[i].Outcome.Reaches() {
			continue // the answer rests on the better one
		}
		g, err := c.prove(s, d, decided[i])
		if err != nil {
			return err
		}
		s.Grants, done[d.Access] = append(s.Grants, g...), true
	}
	for access := range asked {
		if !done[access] {
			return fmt.Errorf("%w: %s of %s by %s", ErrUnproven, access, s.Asset, s.Principal)
		}
	}
	return nil
}

func (c *Certifier) prove(s *proof.Step, d iam.DataAction, dec iam.Decision) ([]proof.Grant, error) {
	key := strings.Join([]string{s.Principal, s.Asset, d.Action, d.Suffix}, "\x00")
	if g, ok := c.grants[key]; ok {
		return g, nil
	}
	q := Question{Principal: s.Principal, Asset: s.Asset, Action: d.Action, Given: map[string][]string{"aws:SecureTransport": {"true"}}}
	g, err := Grants(c.checker, q, dec)
	if err == nil {
		c.grants[key] = g
	}
	return g, err
}

// caller is the principal of a name, as the finder asks for it.
func (c *Certifier) caller(who string) caller {
	if h := c.finder.Holder(who); h != nil {
		return callerOf(h)
	}
	switch h := c.inventory.Holders[who]; h.Kind {
	case "anonymous":
		return caller{principal: iam.Principal{Kind: iam.Anonymous}}
	case "service":
		return caller{principal: iam.Principal{Kind: iam.Service, ARN: who}}
	case "provider":
		return caller{principal: iam.Principal{Kind: iam.Provider, ARN: who}}
	case "session":
		return caller{principal: iam.Principal{Kind: iam.RoleSession, ARN: who, Account: h.Account}}
	default:
		p := iam.Principal{Kind: iam.Kind(h.Kind), ARN: who, Account: h.Account}
		if !h.Away { // some principal of a scanned account, without a permission of its own
			return caller{principal: p, holder: &iam.Holder{Principal: p, Trust: &iam.Policy{}}}
		}
		return caller{principal: p}
	}
}
