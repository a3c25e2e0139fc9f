package iam

import (
	"fmt"
	"slices"
	"testing"
)

func TestDecryptReadings(t *testing.T) {
	tests := map[string]struct {
		doc, public string
		foreign     []string
	}{
		"default":         {stmt(`"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::111122223333:root"},"Action":"kms:*","Resource":"*"`), "", nil},
		"foreign decrypt": {stmt(`"Effect":"Allow","Principal":{"AWS":"999999999999"},"Action":["kms:Decrypt","kms:DescribeKey"],"Resource":"*"`), "", []string{"999999999999"}},
		"foreign all":     {stmt(`"Effect":"Allow","Principal":{"AWS":"999999999999"},"Action":"kms:*","Resource":"*"`), "", []string{"999999999999"}},
		"foreign re-encrypt": {stmt(`"Effect":"Allow","Principal":{"AWS":"999999999999"},"Action":"kms:ReEncrypt*","Resource":"*"`), "",
			[]string{"999999999999"}},
		"foreign grant":     {stmt(`"Effect":"Allow","Principal":{"AWS":"999999999999"},"Action":"kms:CreateGrant","Resource":"*"`), "", []string{"999999999999"}},
		"foreign encrypt":   {stmt(`"Effect":"Allow","Principal":{"AWS":"999999999999"},"Action":["kms:Encrypt","kms:GenerateDataKey*","kms:DescribeKey"],"Resource":"*"`), "", nil},
		"public":            {stmt(`"Effect":"Allow","Principal":"*","Action":"kms:Decrypt","Resource":"*"`), "Statement[0]", nil},
		"public describe":   {stmt(`"Effect":"Allow","Principal":"*","Action":"kms:DescribeKey","Resource":"*"`), "", nil},
		"managed-key style": {stmt(`"Effect":"Allow","Principal":"*","Action":"kms:Decrypt","Resource":"*","Condition":{"StringEquals":{"kms:CallerAccount":"111122223333","kms:ViaService":"sqs.eu-west-1.amazonaws.com"}}`), "", nil},
		"foreign caller":    {stmt(`"Effect":"Allow","Principal":"*","Action":"kms:Decrypt","Resource":"*","Condition":{"StringEquals":{"kms:CallerAccount":"999999999999"}}`), "", []string{"999999999999"}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			p := must(t, tt.doc)
			if got := refs(PublicDecrypt(p, owner)); got != tt.public {
				t.Errorf("public %q, want %q", got, tt.public)
			}
			if got := ForeignDecrypt(p, owner); !slices.Equal(got, tt.foreign) {
				t.Errorf("foreign %q, want %q", got, tt.foreign)
			}
		})
	}
}

func TestTrust(t *testing.T) {
	trust := func(principal, condition string) string {
		return stmt(`"Effect":"Allow","Action":"sts:AssumeRole","Principal":` + principal + condition)
	}
	const external = `,"Condition":{"StringEquals":{"sts:ExternalId":"secret"}}`
	tests := map[string]struct {
		doc, anyone, foreign string
	}{
		"service":                 {trust(`{"Service":"lambda.amazonaws.com"}`, ``), "", "[]"},
		"own account":             {trust(`{"AWS":"arn:aws:iam::111122223333:root"}`, ``), "", "[]"},
		"anyone":                  {trust(`"*"`, ``), "Statement[0]", "[]"},
		"anyone with external id": {trust(`{"AWS":"*"}`, external), "Statement[0]", "[]"},
		"organization":            {trust(`{"AWS":"*"}`, `,"Condition":{"StringEquals":{"aws:PrincipalOrgID":"o-other00001"}}`), "", "[{o-other00001 false}]"},
		"own organization":        {trust(`{"AWS":"*"}`, `,"Condition":{"StringEquals":{"aws:PrincipalOrgID":"o-own1234567"}}`), "", "[]"},
		"foreign":                 {trust(`{"AWS":"999999999999"}`, ``), "", "[{999999999999 false}]"},
		"foreign with id":         {trust(`{"AWS":"arn:aws:iam::999999999999:root"}`, external), "", "[{999999999999 true}]"},
		"any external id":         {trust(`{"AWS":"999999999999"}`, `,"Condition":{"StringLike":{"sts:ExternalId":"*"}}`), "", "[{999999999999 false}]"},
		"id if exists":            {trust(`{"AWS":"999999999999"}`, `,"Condition":{"StringEqualsIfExists":{"sts:ExternalId":"s"}}`), "", "[{999999999999 false}]"},
		"tag only":                {stmt(`"Effect":"Allow","Action":"sts:TagSession","Principal":{"AWS":"999999999999"}`), "", "[]"},
		"one of two without": {`{"Statement":[{"Effect":"Allow","Action":"sts:AssumeRole","Principal":{"AWS":"999999999999"}` + external + `},
			{"Effect":"Allow","Action":"sts:*","Principal":{"AWS":"999999999999"}}]}`, "", "[{999999999999 false}]"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			p := must(t, tt.doc)
			if got := refs(TrustsAnyone(p, owner)); got != tt.anyone {
				t.Errorf("anyone %q, want %q", got, tt.anyone)
			}
			if got := fmt.Sprint(TrustedForeign(p, owner)); got != tt.foreign {
				t.Errorf("foreign %s, want %s", got, tt.foreign)
			}
		})
	}
	p := must(t, trust(`{"AWS":"*"}`, `,"Condition":{"ForAnyValue:StringLike":{"aws:PrincipalOrgPaths":["o-b0000000000/r-1/*","o-a0000000000/*"]}}`))
	if got := PrincipalOrgConditions(p); !slices.Equal(got, []string{"o-a0000000000", "o-b0000000000"}) {
		t.Errorf("organizations %q", got)
	}
}

func TestLooseFederation(t *testing.T) {
	const github = "arn:aws:iam::111122223333:oidc-provider/token.actions.githubusercontent.com"
	const eks = "oidc.eks.eu-west-1.amazonaws.com/id/ABC"
	trust := func(provider, condition string) string {
		return stmt(`"Effect":"Allow","Action":"sts:AssumeRoleWithWebIdentity","Principal":{"Federated":"` + provider + `"},"Condition":{` + condition + `}`)
	}
	hub := func(op, sub string) string {
		return trust(github, `"StringEquals":{"token.actions.githubusercontent.com:aud":"sts.amazonaws.com"},"`+op+`":{"token.actions.githubusercontent.com:sub":`+sub+`}`)
	}
	tests := map[string]struct {
		doc   string
		loose bool
	}{
		"exact subject":     {hub("StringEqualsIgnoreCase", `"repo:octo-org/app:ref:refs/heads/main"`), false},
		"one organization":  {hub("StringLike", `"repo:octo-org/*"`), false},
		"one repository":    {hub("StringLike", `"repo:octo-org/app:*"`), false},
		"prefix of a name":  {hub("StringLike", `"repo:octo*"`), true},
		"any repository":    {hub("StringLike", `"repo:*"`), true},
		"any":               {hub("StringLike", `"*"`), true},
		"one of two is any": {hub("StringLike", `["repo:octo-org/*","repo:*/app:*"]`), true},
		"star by equality":  {hub("StringEqualsIgnoreCase", `"repo:octo-org/*"`), false},
		"if exists":         {hub("StringLikeIfExists", `"repo:octo-org/*"`), true},
		"negated":           {hub("StringNotLike", `"repo:octo-org/*"`), true},
		"for all values":    {hub("ForAllValues:StringLike", `"repo:octo-org/*"`), true},
		"no audience":       {trust(github, `"StringLike":{"token.actions.githubusercontent.com:sub":"repo:octo-org/*"}`), true},
		"audience only":     {trust(github, `"StringEquals":{"token.actions.githubusercontent.com:aud":"sts.amazonaws.com"}`), true},
		"any audience":      {trust(github, `"StringLike":{"token.actions.githubusercontent.com:aud":"*","token.actions.githubusercontent.com:sub":"repo:octo-org/*"}`), true},
		"claims of another": {trust(github, `"StringEquals":{"accounts.google.com:aud":"x","accounts.google.com:sub":"y"}`), true},
		"owner claim":       {trust(github, `"StringEquals":{"token.actions.githubusercontent.com:aud":"sts.amazonaws.com","token.actions.githubusercontent.com:repository_owner_id":"12345"}`), false},
		"service account":   {trust("arn:aws:iam::111122223333:oidc-provider/"+eks, `"StringEquals":{"`+eks+`:aud":"sts.amazonaws.com","`+eks+`:sub":"system:serviceaccount:app:api"}`), false},
		"one namespace":     {trust("arn:aws:iam::111122223333:oidc-provider/"+eks, `"StringLike":{"`+eks+`:aud":"sts.amazonaws.com","`+eks+`:sub":"system:serviceaccount:app:*"}`), false},
		"whole cluster":     {trust("arn:aws:iam::111122223333:oidc-provider/"+eks, `"StringLike":{"`+eks+`:aud":"sts.amazonaws.com","`+eks+`:sub":"system:serviceaccount:*:*"}`), true},
		"pool and sign-in":  {trust(cognitoProvider, `"StringEquals":{"cognito-identity.amazonaws.com:aud":"eu-west-1:1"},"ForAnyValue:StringLike":{"cognito-identity.amazonaws.com:amr":"authenticated"}`), false},
		"pool only":         {trust(cognitoProvider, `"StringEquals":{"cognito-identity.amazonaws.com:aud":"eu-west-1:1"}`), true},
		"sign-in only":      {trust(cognitoProvider, `"ForAnyValue:StringLike":{"cognito-identity.amazonaws.com:amr":"authenticated"}`), true},
		"saml":              {trust("arn:aws:iam::111122223333:saml-provider/x", `"StringEquals":{"SAML:aud":"x"}`), false},
		"other action":      {stmt(`"Effect":"Allow","Action":"sts:AssumeRoleWithSAML","Principal":{"Federated":"` + github + `"}`), false},
		"anyone":            {stmt(`"Effect":"Allow","Action":"sts:*","Principal":"*"`), true},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			if got := len(LooseFederation(must(t, tt.doc))) > 0; got != tt.loose {
				t.Errorf("loose %v, want %v", got, tt.loose)
			}
		})
	}
}
