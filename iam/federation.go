package iam

import (
	"slices"
	"strings"
)

var webIdentity = compileAction("sts:AssumeRoleWithWebIdentity")

const cognitoProvider = "cognito-identity.amazonaws.com"

// LooseFederation returns the statements of a trust policy that admit web identities
// without both a fixed audience and a bounded subject (IAM User Guide, "Create a role
// for OpenID Connect federation"). For Amazon Cognito identity pools the two are the
// pool id (aud) and the kind of sign-in (amr).
func LooseFederation(p *Policy) []StatementRef {
	loose := []StatementRef{}
	for i := range p.Statements {
		s := &p.Statements[i]
		if !s.mayAllow() || s.coverAction(webIdentity) == apart || s.Principals == nil {
			continue
		}
		providers := s.Principals.Federated
		if s.Principals.Any {
			providers = append([]string{"*"}, providers...)
		}
		if slices.ContainsFunc(providers, func(x string) bool { return !s.boundsIdentity(x) }) {
			loose = append(loose, p.ref(s))
		}
	}
	return loose
}

// issuer returns the name under which a provider's claims are condition keys: the
// part of the ARN after "oidc-provider/", or the provider itself.
func issuer(provider string) string {
	if _, url, ok := strings.Cut(provider, ":oidc-provider/"); ok {
		return strings.ToLower(url)
	}
	return strings.ToLower(provider)
}

func (s *Statement) boundsIdentity(provider string) bool {
	if strings.Contains(provider, ":saml-provider/") {
		return true // not a web identity
	}
	name := issuer(provider)
	audience, subject := false, false
	for i := range s.Conditions {
		c := &s.Conditions[i]
		claim, ok := strings.CutPrefix(strings.ToLower(c.Key), name+":")
		if !ok || !s.demands(c) {
			continue
		}
		switch claim {
		case "aud", "oaud", "app_id", "azp", "client_id":
			audience = audience || s.fixes(c)
		case "amr":
			subject = subject || name == cognitoProvider && s.fixes(c)
		case "sub":
			subject = subject || boundedValues(c, boundedSubject)
		case "repository", "repository_owner", "job_workflow_ref":
			subject = subject || boundedValues(c, boundedSubject)
		case "repository_id", "repository_owner_id", "id", "user_id", "actor_id":
			subject = subject || s.fixes(c)
		}
	}
	return audience && subject
}

func boundedValues(c *Condition, bounded func(pattern) bool) bool {
	for _, t := range c.texts {
		if p, plain := t.fixed(); !plain || !bounded(p) {
			return false
		}
	}
	return true
}

// kindWords are segments of a subject that say what follows instead of who it is:
// "repo:ORG/NAME", "system:serviceaccount:NAMESPACE:NAME", "organization:ORG".
var kindWords = []string{"repo", "repository", "organization", "org", "project", "project_path", "group",
	"namespace", "system", "serviceaccount", "user", "team", "workspace", "auth0", "sub", "account", "https", ""}

// boundedSubject tells whether a subject pattern holds the caller to somebody: it has
// no wildcard, or a whole segment that names somebody stands before the first one.
// "repo:octo-org/*" is bounded, "repo:octo*" and "repo:*" are not.
func boundedSubject(p pattern) bool {
	if p.literal() {
		return p != ""
	}
	head := p.prefix()
	for head != "" {
		i := strings.IndexAny(head, ":/|")
		if i < 0 {
			return false
		}
		if !slices.Contains(kindWords, strings.ToLower(head[:i])) {
			return true
		}
		head = head[i+1:]
	}
	return false
}
