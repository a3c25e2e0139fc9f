package iam

import (
	"fmt"
	"slices"
	"strings"
)

// settle completes the principal of a case from its ARN, and refuses one that
// contradicts itself. A federated user without parent comes from the user of its name.
func (p *Principal) settle() error {
	if p.Kind == Anonymous {
		return nil
	}
	if p.Kind == Root && p.ARN == "" && p.Account != "" {
		p.ARN = "arn:aws:iam::" + p.Account + ":root"
	}
	if p.ARN == "" {
		return fmt.Errorf("request.principal.arn is missing; a %s has one", p.Kind)
	}
	parts, ok := arnParts(p.ARN)
	if !p.hasIdentity() {
		return nil
	}
	kind, name, _ := strings.Cut(parts[5], "/")
	if want := arnKinds[kind]; !ok || !slices.Contains(want, p.Kind) {
		return fmt.Errorf("request.principal.arn is %q, which is no ARN of a %s", p.ARN, p.Kind)
	}
	switch {
	case p.Account == "":
		p.Account = parts[4]
	case p.Account != parts[4]:
		return fmt.Errorf("request.principal.account is %s, and %s is of account %s", p.Account, p.ARN, parts[4])
	}
	switch {
	case kind == "assumed-role":
		p.Kind = RoleSession // its name is known
	case kind == "role":
		p.Kind = Role
		// The path is kept for such roles (IAM User Guide, "Create a service-linked role").
		p.ServiceLinkedRole = p.ServiceLinkedRole || strings.HasPrefix(name, "aws-service-role/")
	case p.Kind == FederatedUser && p.Parent == "":
		p.Parent = "arn:" + parts[1] + ":iam::" + parts[4] + ":user/" + name
	}
	return nil
}

// arnKinds says what the principals are whose ARN begins so, after the account.
var arnKinds = map[string][]Kind{
	"user": {User}, "role": {Role, RoleSession}, "assumed-role": {RoleSession, Role}, "federated-user": {FederatedUser}, "root": {Root},
}
