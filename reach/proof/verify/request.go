package verify

import (
	"slices"
	"strings"

	"github.com/flowdeed/flowdeed/reach/proof"
)

// ask is one request under one set of literals.
type ask struct {
	proof.Request
	*Checker
	who     proof.Holder
	asset   proof.Asset
	about   string // ARN of the asset
	except  []string
	given   proof.Keys
	closed  bool
	lits    []proof.Literal
	stuck   *proof.Literal // the first one that neither follows nor is ruled out
	partial []string       // parts of the resource that the last Deny is about
	narrow  []string       // parts that an Allow spares
}

// atom says what follows for a literal.
func (a *ask) atom(l proof.Literal) truth {
	for _, t := range []truth{no, yes} {
		l.Holds = t == no
		if Impossible(append(slices.Clone(a.lits), l)) || l.Holds && len(l.Values) == 0 && strings.HasPrefix(l.Operator, "ForAnyValue:") {
			return t
		}
	}
	if l.Holds = true; a.stuck == nil {
		a.stuck = &l
	}
	return open
}

func (a *ask) present(key string) truth {
	if _, _, there := a.value(key); there != open {
		return there
	}
	return a.atom(proof.Literal{Key: key, Operator: "Present"})
}

// value is what is known of a key of the request. many: it can hold several values.
func (a *ask) value(key string) (v []string, many bool, there truth) {
	key = strings.ToLower(key)
	begin, _, _ := strings.Cut(key, "/")
	for _, keys := range []proof.Keys{a.given, a.who.Keys, a.asset.Keys} {
		for _, k := range []string{key, key + "[]", begin + "/*"} {
			if list, ok := keys[k]; ok {
				return list, k != key, truthOf(len(list) > 0)
			}
		}
		if a.closed {
			return nil, false, no
		}
	}
	return nil, false, open
}

func (a *ask) person() bool {
	return slices.Contains([]string{"user", "role", "session", "root"}, a.who.Kind)
}

// ways lists how a principal element takes the caller in: by "any", the "account", the
// "role", or by the caller's own "name".
func (a *ask) ways(list [][2]string) map[string]truth {
	out := map[string]truth{}
	mine := strings.FieldsFunc(a.Principal, func(r rune) bool { return r == ':' || r == '/' }) // arn aws iam account role path name
	for _, x := range list {
		kind, v := x[0], x[1]
		his := strings.FieldsFunc(v, func(r rune) bool { return r == ':' || r == '/' })
		switch {
		case kind == "aws" && v == "*":
			out["any"] = yes
		case kind == "service" && a.who.Kind == "service" && v == a.Principal, kind == "federated" && a.who.Kind == "provider" && v == a.Principal:
			out["name"] = yes
		case kind != "aws" || !a.person():
		case v == a.who.Account || strings.HasPrefix(v, "arn:") && strings.HasSuffix(v, ":iam::"+a.who.Account+":root"):
			out[map[bool]string{true: "name", false: "account"}[a.who.Kind == "root"]] = yes
		case v == a.Principal:
			out[map[bool]string{true: "role", false: "name"}[a.who.Kind == "role"]] = yes
		case a.who.Kind == "session" && strings.Contains(v, ":iam::"+a.who.Account+":role/") && his[len(his)-1] == mine[len(mine)-2]:
			out["role"] = yes
		case a.who.Kind == "role" && strings.Contains(v, ":sts::"+a.who.Account+":assumed-role/") && len(his) > 6 && his[len(his)-2] == mine[len(mine)-1]:
			if t := a.atom(proof.Literal{Key: "role session name", Operator: "StringEquals", Values: his[len(his)-1:]}); out["name"] == open || t == yes {
				out["name"] = t // an entry that is not there reads as open
			}
		}
	}
	return out
}
