package reach

import (
	"fmt"
	"slices"
	"strings"

	"github.com/flowdeed/flowdeed/graph"
	"github.com/flowdeed/flowdeed/iam"
)

// Via says by what somebody reaches a store.
type Via string

// The ways, kept apart: by own permission, by assuming roles, by getting rights one
// was not given, as anybody on the internet, as a service acting for somebody.
const (
	Direct     Via = "direct"
	ViaRole    Via = "role"
	Escalation Via = "escalation"
	Public     Via = "public"
	ViaService Via = "service"
)

var vias = []Via{Public, Direct, ViaRole, Escalation, ViaService}

// Step is one hop of a path, with what decided it.
type Step struct {
	To  string // ARN or node
	How string // in words
	// If are the conditions of the hop, one alternative of which must hold.
	If      []iam.Alternative
	Because []iam.Reason
	Rule    string // of an escalation
	on      string // what the rule works on: a workload that is taken over, a role that is handed over
	by      []Step // how somebody who was given permissions is become: one step, or none
	flow    *graph.Flow
}

// Answer says that somebody has access to a store, or that it is not known.
type Answer struct {
	Principal string // ARN, "internet" for everybody, a service, a provider
	Store     string // ARN
	Access    []iam.Access
	Decision  iam.Outcome
	// If are the alternatives under which it holds, one of which must be met.
	If    []string
	Via   Via
	Steps []Step // the last one is the store
	Why   string // of what is not known or denied
	// BlockedBy is the layer that stops or is missing.
	BlockedBy iam.Layer
	// Members are, of an account that is let in as a whole, its scanned principals, sorted.
	Members []string
	// Otherwise is, of what is not known, the answer if control policies that were not read
	// let everything through; Unknown where that does not decide either. Limits is the
	// account whose control policies they are.
	Otherwise iam.Outcome
	Limits    string
}

// Pending are answers that hold only if the organization's policies let them.
type Pending struct {
	Account string // whose control policies were not read
	Answers []Answer
}

// SplitUndecided keeps apart what hangs on nothing but control policies that were not
// read, by account, sorted.
func SplitUndecided(list []Answer) (pending []Pending, rest []Answer) {
	for _, a := range list {
		if !a.Otherwise.Reaches() {
			rest = append(rest, a)
			continue
		}
		i, there := slices.BinarySearchFunc(pending, a.Limits, func(p Pending, account string) int { return strings.Compare(p.Account, account) })
		if !there {
			pending = slices.Insert(pending, i, Pending{Account: a.Limits})
		}
		pending[i].Answers = append(pending[i].Answers, a)
	}
	return pending, rest
}

// Text is the sentence about them all: "service control policies of account 111122223333
// not readable: 12 answers hold only if the organization's policies allow them".
func (p *Pending) Text() string {
	if len(p.Answers) == 1 {
		return "Control policies (SCPs, RCPs) of account " + p.Account + " not readable: 1 answer holds only if the organisation's policies allow it"
	}
	return fmt.Sprintf("Control policies (SCPs, RCPs) of account %s not readable: %d answers hold only if the organisation's policies allow them", p.Account, len(p.Answers))
}

// Path lists principal, hops and store.
func (a *Answer) Path() []string {
	out := []string{a.Principal}
	for _, s := range a.Steps {
		out = append(out, s.To)
	}
	return out
}

// Statement points at a statement that decided, with the hash of its document.
type Statement struct {
	Layer     iam.Layer `json:"layer"`
	Policy    string    `json:"policy"`
	Statement int       `json:"statement"`
	Pointer   string    `json:"pointer"`
	Hash      string    `json:"hash"`
}

// Proof lists the statements that decide an answer, hop by hop.
func (f *Finder) Proof(a *Answer) []Statement {
	out := []Statement{}
	for _, s := range a.Steps {
		for _, r := range s.Because {
			x := Statement{Layer: r.Layer, Policy: r.Policy, Statement: r.Index, Pointer: r.Pointer}
			p := f.policies[r.Policy]
			switch {
			case p != nil:
				x.Hash = p.Hash
			case r.Layer != iam.LayerGrant && r.Layer != iam.LayerACL:
				continue // a policy that is only supposed
			}
			if !slices.Contains(out, x) {
				out = append(out, x)
			}
		}
	}
	return out
}

// maxAlternatives bounds how many combinations of conditions an answer lists.
const maxAlternatives = 16

// Conditions joins the conditions of hops into alternatives, one of which must hold;
// none when the hops ask for nothing.
func Conditions(steps []Step) []string {
	all := []string{""}
	for _, s := range steps {
		if len(s.If) == 0 {
			continue
		}
		var next []string
		for _, before := range all {
			for _, a := range s.If {
				text := strings.ReplaceAll(a.String(), "account 000000000000", "the caller's own account")
				switch {
				case before == "" || strings.Contains(text, before):
				case strings.Contains(before, text):
					text = before
				default:
					text = before + " and " + text
				}
				if len(next) < maxAlternatives && !slices.Contains(next, text) {
					next = append(next, text)
				}
			}
		}
		all = next
	}
	if len(all) == 1 && all[0] == "" {
		return nil
	}
	return all
}

// merge joins answers that differ in the access alone, and sorts.
func merge(list []Answer) []Answer {
	byKey := map[string]int{}
	var out []Answer
	for _, a := range list {
		parts := append([]string{a.Store, a.Principal, string(a.Via), a.Decision.String(), strings.Join(a.If, "|"), a.Why, a.Otherwise.String(), a.Limits, strings.Join(a.Members, "|")}, a.Path()...)
		for _, s := range a.Steps {
			parts = append(parts, s.Rule, s.on) // what a rule gives is another answer than what was granted
		}
		key := strings.Join(parts, "\x00")
		if i, ok := byKey[key]; ok {
			out[i].Access = append(out[i].Access, a.Access...)
			for k := range out[i].Steps {
				out[i].Steps[k].Because = append(slices.Clone(out[i].Steps[k].Because), a.Steps[k].Because...)
			}
			continue
		}
		byKey[key] = len(out)
		a.Access = slices.Clone(a.Access)
		out = append(out, a)
	}
	for i := range out {
		slices.Sort(out[i].Access)
		out[i].Access = slices.Compact(out[i].Access)
	}
	slices.SortStableFunc(out, func(x, y Answer) int {
		if d := slices.Index(vias, x.Via) - slices.Index(vias, y.Via); d != 0 {
			return d
		}
		if d := strings.Compare(x.Store, y.Store); d != 0 {
			return d
		}
		if d := strings.Compare(x.Principal, y.Principal); d != 0 {
			return d
		}
		if d := strings.Compare(strings.Join(x.Path(), " "), strings.Join(y.Path(), " ")); d != 0 {
			return d
		}
		return slices.Compare(x.Access, y.Access)
	})
	return out
}

// Plain says the commonest conditions without the words of policies.
func Plain(conditions []string) []string {
	words := strings.NewReplacer("aws:MultiFactorAuthPresent Bool [true]", "it signed in with a second factor (MFA)",
		" StringEquals [", " is [", " StringLike [", " is like [", " ArnLike [", " is like [", " ArnEquals [", " is [")
	var out []string
	for _, x := range conditions {
		out = append(out, words.Replace(x))
	}
	return out
}
