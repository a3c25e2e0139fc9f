package terms

import (
	"slices"
	"strings"

	"github.com/flowdeed/flowdeed/reach/proof"
)

// Request is one request in the eyes of a statement, under the literals that are taken
// to hold.
type Request struct {
	Principal, Kind, Account string
	Action, Resource         string
	Except                   []string // parts of the resource that the claim leaves out
	// Value is what is known of a condition key. many: it can hold several values.
	Value func(key string) (v []string, many bool, there Truth)
	Given []proof.Literal
	// Bounded: the principal has a permissions boundary.
	Bounded bool

	Stuck   *proof.Literal // the first literal that neither follows nor is ruled out
	Partial []string       // parts of the resource that the last Deny is about
	Narrow  []string       // parts that an Allow spares
}

// Atom says what follows for a literal.
func (a *Request) Atom(l proof.Literal) Truth {
	for _, t := range []Truth{No, Yes} {
		l.Holds = t == No
		if Impossible(append(slices.Clone(a.Given), l)) || l.Holds && len(l.Values) == 0 && strings.HasPrefix(l.Operator, "ForAnyValue:") {
			return t
		}
	}
	if l.Holds = true; a.Stuck == nil {
		a.Stuck = &l
	}
	return Open
}

func (a *Request) present(key string) Truth {
	if _, _, there := a.Value(key); there != Open {
		return there
	}
	return a.Atom(proof.Literal{Key: key, Operator: "Present"})
}

// Person tells whether the principal belongs to an account and has policies of its own.
func (a *Request) Person() bool {
	return slices.Contains([]string{"user", "role", "session", "root"}, a.Kind)
}

// Ways lists how a principal element takes the caller in: by "any", the "account", the
// "role", or by the caller's own "name".
func (a *Request) Ways(list [][2]string) map[string]Truth {
	out := map[string]Truth{}
	mine := strings.FieldsFunc(a.Principal, func(r rune) bool { return r == ':' || r == '/' }) // arn aws iam account role path name
	for _, x := range list {
		kind, v := x[0], x[1]
		his := strings.FieldsFunc(v, func(r rune) bool { return r == ':' || r == '/' })
		switch {
		case kind == "aws" && v == "*":
			out["any"] = Yes
		case kind == "service" && a.Kind == "service" && v == a.Principal, kind == "federated" && a.Kind == "provider" && v == a.Principal:
			out["name"] = Yes
		case kind != "aws" || !a.Person():
		case v == a.Account || strings.HasPrefix(v, "arn:") && strings.HasSuffix(v, ":iam::"+a.Account+":root"):
			out[map[bool]string{true: "name", false: "account"}[a.Kind == "root"]] = Yes
		case v == a.Principal:
			out[map[bool]string{true: "role", false: "name"}[a.Kind == "role"]] = Yes
		case a.Kind == "session" && strings.Contains(v, ":iam::"+a.Account+":role/") && his[len(his)-1] == mine[len(mine)-2]:
			out["role"] = Yes
		case a.Kind == "role" && strings.Contains(v, ":sts::"+a.Account+":assumed-role/") && len(his) > 6 && his[len(his)-2] == mine[len(mine)-1]:
			if t := a.Atom(proof.Literal{Key: "role session name", Operator: "StringEquals", Values: his[len(his)-1:]}); out["name"] == Open || t == Yes {
				out["name"] = t // an entry that is not there reads as open
			}
		}
	}
	return out
}
