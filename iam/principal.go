package iam

import "strings"

// how says by which of its names a principal element takes in the caller. The
// identity side may limit the one and not the other.
type how uint8

const (
	byNobody    how = iota
	byAccount       // the account: delegates, and grants nothing by itself inside the account
	byAnybody       // "*", or everybody but some
	byUser          // the ARN of an IAM user
	byRole          // the ARN of a role, for its sessions
	bySession       // the ARN of this session
	byFederated     // the ARN of this federated user
	byParent        // the ARN of the IAM user behind a federated user
	byRoot          // the account, for its root user
	byService
	byProvider
)

// admission is one way in which a principal element takes in the caller.
type admission struct {
	how  how
	when formula
}

// admissions lists the ways in which a statement of a resource policy takes in the
// caller; none when it does not. A statement without principal takes in nobody (IAM
// User Guide, "AWS JSON policy elements: Principal" and "NotPrincipal").
func (e *eval) admissions(p *Policy, s *Statement) []admission {
	switch {
	case s.unread&principalElement != 0:
		return []admission{{byAnybody, e.gap("the principal of " + where(p, s) + " cannot be read")}}
	case s.NotPrincipals != nil:
		return e.everybodyBut(s)
	case s.Principals == nil:
		return nil
	}
	list := s.Principals
	var out []admission
	if list.Any {
		out = append(out, admission{byAnybody, truth(true)})
	}
	switch e.req.Principal.Kind {
	case Anonymous:
	case Service:
		if containsString(list.Service, e.req.Principal.ARN) {
			out = append(out, admission{byService, truth(true)})
		}
	case Provider:
		if containsString(list.Federated, e.req.Principal.ARN) {
			out = append(out, admission{byProvider, truth(true)})
		}
	default:
		for _, v := range list.AWS {
			if a := e.named(v); a.how != byNobody {
				out = append(out, a)
			}
		}
	}
	return out
}

func containsString(list []string, v string) bool {
	for _, x := range list {
		if x == v {
			return true
		}
	}
	return false
}

// everybodyBut evaluates NotPrincipal. An account in the list shields the account
// itself, which is its root user, and not the users and roles in it. A Deny always
// hits a caller that has a permissions boundary, whatever the list says.
func (e *eval) everybodyBut(s *Statement) []admission {
	p := e.req.Principal
	if s.Effect == Deny && e.env.Boundaries != nil && p.hasIdentity() && p.Kind != Root {
		return []admission{{byAnybody, truth(true)}}
	}
	n := s.NotPrincipals
	shielded := truth(n.Any)
	switch p.Kind {
	case Anonymous:
	case Service:
		shielded = e.or(shielded, truth(containsString(n.Service, p.ARN)))
	case Provider:
		shielded = e.or(shielded, truth(containsString(n.Federated, p.ARN)))
	default:
		for _, v := range n.AWS {
			if a := e.named(v); a.how > byAccount {
				shielded = e.or(shielded, a.when)
			}
		}
	}
	if rest := e.not(shielded); !rest.never() {
		return []admission{{byAnybody, rest}}
	}
	return nil
}

// hasIdentity tells whether identity policies exist for the principal.
func (p Principal) hasIdentity() bool {
	switch p.Kind {
	case User, Role, RoleSession, FederatedUser, Root:
		return true
	}
	return false
}

// named tells how one AWS principal of a policy takes in the caller. Names are
// compared with case and without wildcards; the unique id of a deleted principal is
// nobody's.
func (e *eval) named(v string) admission {
	p := e.req.Principal
	if account, ok := accountPrincipal(v); ok {
		switch {
		case account != p.Account:
			return admission{}
		case p.Kind == Root:
			return admission{byRoot, truth(true)}
		}
		return admission{byAccount, truth(true)}
	}
	switch p.Kind {
	case User:
		return admission{byUser, truth(v == p.ARN)}.orNone()
	case FederatedUser:
		if v == p.ARN {
			return admission{byFederated, truth(true)}
		}
		return admission{byParent, truth(p.Parent != "" && v == p.Parent)}.orNone()
	case Role, RoleSession:
		return e.namedRole(v)
	}
	return admission{}
}

func (a admission) orNone() admission {
	if a.when.never() {
		return admission{}
	}
	return a
}

// namedRole compares roles by account and name, because the ARN of a session has no
// path, and sessions by account, role name and session name.
func (e *eval) namedRole(v string) admission {
	p := e.req.Principal
	name, session, ok := roleName(p.ARN)
	if !ok {
		return admission{}
	}
	other, otherSession, ok := roleName(v)
	if !ok || other != name || Account(v) != p.Account {
		return admission{}
	}
	switch {
	case otherSession == "":
		if p.Kind == Role && v != p.ARN {
			return admission{} // both have a path, so that it counts
		}
		return admission{byRole, truth(true)}
	case p.Kind == RoleSession:
		return admission{bySession, truth(otherSession == session)}.orNone()
	case strings.ContainsAny(otherSession, "*?"):
		return admission{} // no session can have that name
	}
	return admission{bySession, e.match(&atom{kind: matchAtom, key: sessionKey, shown: sessionKey,
		op: operator{name: "StringEquals", family: stringFamily}, values: []pattern{pattern(otherSession)}, raw: []string{otherSession}})}
}

// roleName takes the name of the role out of the ARN of a role or of a session.
func roleName(arn string) (role, session string, ok bool) {
	p, ok := arnParts(arn)
	if !ok {
		return "", "", false
	}
	if rest, ok := strings.CutPrefix(p[5], "role/"); ok && p[2] == "iam" {
		return rest[strings.LastIndexByte(rest, '/')+1:], "", true
	}
	if rest, ok := strings.CutPrefix(p[5], "assumed-role/"); ok && p[2] == "sts" {
		role, session, _ = strings.Cut(rest, "/")
		return role, session, session != ""
	}
	return "", "", false
}
