package reach

import (
	"slices"
	"strings"

	"github.com/flowdeed/flowdeed/iam"
	"github.com/flowdeed/flowdeed/reach/proof"
)

// Form is the machine-readable form of who can reach a target.
type Form struct {
	Target    string       `json:"target"`
	Answers   []FormAnswer `json:"answers"`
	Undecided []FormAnswer `json:"undecided"`
}

// FormAnswer is one answer. If lists alternatives, one of which must hold; Path begins
// with the principal and ends with the store.
type FormAnswer struct {
	Principal string       `json:"principal"`
	Access    []iam.Access `json:"access"`
	Decision  iam.Outcome  `json:"decision"`
	If        []string     `json:"if"`
	Via       Via          `json:"via"`
	Path      []string     `json:"path"`
	// Statements are those that decide, hop by hop; Proof is the derivation, with every
	// gate. It is missing where none was found, and Unproven says why.
	Statements []Statement  `json:"statements"`
	Proof      *proof.Proof `json:"proof"`
	Unproven   string       `json:"unproven,omitempty"`
	Why        string       `json:"why,omitempty"`
	// Otherwise is, of an undecided answer, what it would be if the control policies of the
	// account ControlPoliciesOf, which were not read, allowed everything.
	Otherwise         string `json:"otherwise,omitempty"`
	ControlPoliciesOf string `json:"controlPoliciesOf,omitempty"`
}

// Form turns a result into its machine-readable form. With denied it lists those who
// are kept out as well. With a certifier, every answer carries its proof.
func (f *Finder) Form(target string, r Result, denied bool, c *Certifier) Form {
	out := Form{Target: target, Answers: f.formOf(r.Answers), Undecided: f.formOf(r.Undecided)}
	for i := range r.Answers {
		if c == nil {
			break
		}
		p, err := c.Prove(&r.Answers[i])
		if err != nil {
			out.Answers[i].Unproven = err.Error()
			continue
		}
		out.Answers[i].Proof = p
	}
	if denied {
		out.Answers = append(out.Answers, f.formOf(r.Denied)...)
	}
	return out
}

func (f *Finder) formOf(list []Answer) []FormAnswer {
	out := []FormAnswer{}
	for i := range list {
		a := &list[i]
		x := FormAnswer{
			Principal: a.Principal, Access: a.Access, Decision: a.Decision, If: slices.Clone(a.If), Via: a.Via, Path: a.Path(), Statements: f.Proof(a), Why: a.Why,
		}
		if a.Decision == iam.Unknown && a.Otherwise.Reaches() {
			x.Otherwise, x.ControlPoliciesOf = a.Otherwise.String(), a.Limits
		}
		if x.If == nil {
			x.If = []string{}
		}
		out = append(out, x)
	}
	return out
}

// Kinds reads kinds of access as people write them: "read", "read,write".
func Kinds(text string) ([]iam.Access, bool) {
	var out []iam.Access
	for _, w := range strings.Split(text, ",") {
		if !slices.Contains(AllKinds, iam.Access(w)) {
			return nil, false
		}
		out = append(out, iam.Access(w))
	}
	return out, true
}

// AllKinds are the kinds of access, in the order of questions.
var AllKinds = []iam.Access{iam.Read, iam.Write, iam.Delete, iam.List, iam.Stream, iam.Invoke, iam.Decrypt, iam.Admin}
