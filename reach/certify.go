package reach

import (
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
	flows     map[string]*proof.Flow   // by name in the graph
}

// Certify prepares proofs of the answers of a finder.
func Certify(f *Finder, inv *proof.Inventory) *Certifier {
	c := &Certifier{finder: f, inventory: inv, checker: verify.New(inv), grants: map[string][]proof.Grant{}, flows: map[string]*proof.Flow{}}
	for i := range inv.Flows {
		x := &inv.Flows[i]
		c.flows[(&graph.Flow{From: graph.ID(x.From), To: graph.ID(x.To), Kind: graph.FlowKind(x.Kind), Via: x.Via}).ID()] = x
	}
	return c
}

// Prove writes the derivation of an answer: for every hop what it rests on, and the
// requests that make it, each with all gates it passes.
func (c *Certifier) Prove(a *Answer) (*proof.Proof, error) {
	p := &proof.Proof{Format: proof.Format, Snapshot: c.inventory.Snapshot, Answer: proof.Answer{Principal: proofName(a.Principal), Target: a.Store}}
	for _, x := range a.Access {
		p.Answer.Access = append(p.Answer.Access, string(x))
	}
	who, lifted, joined := p.Answer.Principal, false, ""
	if len(a.Steps) > 0 && a.Steps[0].flow != nil {
		who = string(graph.Internet)
	}
	for i := range a.Steps {
		s := proof.Step{Principal: who, Asset: a.Steps[i].To, Lifted: lifted, Joined: joined}
		if i < len(a.Steps)-1 {
			s.Becomes = s.Asset
		}
		if err := c.hop(&s, &a.Steps[i], a.Access); err != nil {
			return nil, err
		}
		lifted, joined = false, ""
		if r := ruleNamed(s.Rule); r != nil && s.Kind == "escalation" {
			lifted = slices.Contains(liftRules, r) || slices.Contains(raiseRules, r)
			if slices.Contains(joinRules, r) {
				joined = s.Workload
			}
		}
		who = s.Becomes
		p.Steps = append(p.Steps, s)
	}
	p.Answer.Decision = iam.Allowed.String()
	if conditional(p.Steps) {
		p.Answer.Decision = iam.AllowedIf.String()
	}
	return p, nil
}

func conditional(steps []proof.Step) bool {
	return slices.ContainsFunc(steps, func(s proof.Step) bool {
		return len(s.If) > 0 || conditional(s.Requires) || slices.ContainsFunc(s.Grants, func(g proof.Grant) bool {
			return slices.ContainsFunc(g.Alternatives, func(x proof.Alternative) bool { return len(x.If) > 0 })
		})
	})
}

// hop writes one step.
func (c *Certifier) hop(s *proof.Step, of *Step, access []iam.Access) error {
	last := s.Becomes == ""
	switch {
	case of.flow != nil:
		return c.flow(s, of, access)
	case of.How == runsUnder:
		s.Kind, s.Asset = "runs-under", s.Principal
		s.If = []proof.Literal{{Key: "code", Operator: "does", Values: []string{s.Asset}, Holds: true}}
		return nil
	case of.Rule != "" && last:
		return c.opening(s, of, access)
	case of.Rule != "":
		return c.escalation(s, of)
	case last:
		s.Kind = "access"
		return c.step(s, c.actions(s.Asset, access))
	}
	return c.assume(s)
}

// assume proves that a trust policy lets somebody in.
func (c *Certifier) assume(s *proof.Step) error {
	s.Kind, s.Becomes = "assume-role", s.Asset
	actions := []iam.DataAction{{Access: iam.Invoke, Action: "sts:AssumeRole"}}
	if proof.KindOf(s.Principal) == "provider" {
		actions = []iam.DataAction{{Access: iam.Invoke, Action: "sts:AssumeRoleWithWebIdentity"}, {Access: iam.Invoke, Action: "sts:AssumeRoleWithSAML"}}
	}
	return c.step(s, actions)
}

// proofName is how proofs call a principal: everybody is "*", and whoever has an AWS
// account is the root of account "*".
func proofName(who string) string {
	if who == string(graph.Internet) {
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
	if s.Lifted {
		who.lift = everything()
	}
	for _, g := range c.finder.world.Groups {
		if g.ARN == s.Joined {
			who.lift = g.Policies
		}
	}
	if s.Opened {
		asset = c.finder.opened(asset)
	}
	if s.Listed {
		asset = listedToAll(asset)
	}
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
	key := strings.Join([]string{s.Principal, s.Asset, d.Action, d.Suffix, fmt.Sprint(s.Lifted, s.Opened, s.Joined, s.Listed)}, "\x00")
	if g, ok := c.grants[key]; ok {
		return g, nil
	}
	q := Question{Principal: s.Principal, Asset: s.Asset, Action: d.Action, Given: map[string][]string{"aws:SecureTransport": {"true"}}, Step: *s}
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
	if who == anyAccount {
		return caller{principal: iam.Principal{Kind: iam.Role, ARN: who, Account: noAccount}}
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
