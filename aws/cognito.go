package aws

import (
	"context"
	"maps"
	"slices"
	"strings"

	awssdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentity"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"

	"github.com/flowdeed/flowdeed/graph"
)

var cognitoIDPService = &Service{
	Name: "cognito-idp",
	Doc:  "User pools: attributes, triggers, senders, sign-in strength. Users are never listed.",
	Calls: []Call{
		{Operation: "ListUserPools", Action: "cognito-idp:ListUserPools"},
		{Operation: "DescribeUserPool", Action: "cognito-idp:DescribeUserPool", Drop: []string{
			"UserPool.EmailVerificationMessage", "UserPool.SmsVerificationMessage", "UserPool.SmsAuthenticationMessage", "UserPool.VerificationMessageTemplate",
			"UserPool.AdminCreateUserConfig.InviteMessageTemplate", "UserPool.EmailConfiguration.From", "UserPool.EmailConfiguration.ReplyToEmailAddress",
		}},
		{Operation: "ListUserPoolClients", Action: "cognito-idp:ListUserPoolClients", Optional: true},
		{Operation: "ListIdentityProviders", Action: "cognito-idp:ListIdentityProviders", Optional: true},
	},
	Collect: func(ctx context.Context, c *Collector) {
		api := cognitoidentityprovider.NewFromConfig(c.Config)
		var ids []string
		for _, p := range pages(ctx, c, "ListUserPools", "", cognitoidentityprovider.NewListUserPoolsPaginator(api, &cognitoidentityprovider.ListUserPoolsInput{MaxResults: awssdk.Int32(60)})) {
			for _, u := range p.UserPools {
				ids = append(ids, awssdk.ToString(u.Id))
			}
		}
		each(ctx, ids, func(id string) {
			pool := awssdk.String(id)
			ask(ctx, c, "DescribeUserPool", id, api.DescribeUserPool, &cognitoidentityprovider.DescribeUserPoolInput{UserPoolId: pool})
			pages(ctx, c, "ListUserPoolClients", id, cognitoidentityprovider.NewListUserPoolClientsPaginator(api, &cognitoidentityprovider.ListUserPoolClientsInput{UserPoolId: pool, MaxResults: awssdk.Int32(60)}))
			pages(ctx, c, "ListIdentityProviders", id, cognitoidentityprovider.NewListIdentityProvidersPaginator(api, &cognitoidentityprovider.ListIdentityProvidersInput{UserPoolId: pool, MaxResults: awssdk.Int32(60)}))
		})
	},
	Build: buildUserPools,
}

type userPool struct {
	Id, Name, Arn, MfaConfiguration, DeletionProtection, Domain string
	SchemaAttributes                                            []struct{ Name, AttributeDataType string }
	LambdaConfig                                                map[string]any
	AdminCreateUserConfig                                       *struct{ AllowAdminCreateUserOnly bool }
	EmailConfiguration                                          *struct{ SourceArn string }
	SmsConfiguration                                            *struct{ SnsRegion string }
	UserPoolTags                                                map[string]string
}

func buildUserPools(r *Region) {
	const op = "DescribeUserPool"
	for _, list := range r.each("ListUserPools") {
		for _, u := range decode[struct{ UserPools []struct{ Id, Name string } }](list).UserPools {
			a := r.answer(op, u.Id)
			p := decode[struct{ UserPool userPool }](a).UserPool
			n := r.node(graph.Node{
				ID: graph.ID(r.arn("cognito-idp", "userpool/"+u.Id)), Class: graph.UserPool, Kind: "cognito.user_pool", Type: "AWS::Cognito::UserPool",
				Name: u.Name, Aliases: []string{u.Id, "https://cognito-idp." + r.Region + ".amazonaws.com/" + u.Id, "cognito-idp." + r.Region + ".amazonaws.com/" + u.Id},
			})
			tagNode(n, p.UserPoolTags)
			for _, f := range p.SchemaAttributes {
				n.Fields = append(n.Fields, graph.Field{Path: f.Name, Type: f.AttributeDataType, Source: r.source(op, "UserPool.SchemaAttributes[].Name")})
			}
			x := &n.Facts
			// Pool storage uses the service's own key and there is no customer-key option.
			r.encryptedBy(n, "default", graph.KeyProviderOwned, "user pools are always encrypted by the service", "Amazon Cognito Developer Guide, \"Data protection in Amazon Cognito\"")
			graph.ProviderEnforced.Set(x, true, "Amazon Cognito Developer Guide, \"Data protection in Amazon Cognito\"")
			graph.TLSOnlyService.SetNote(x, true, "Cognito answers HTTPS only", "Amazon Cognito Developer Guide, \"Data protection in Amazon Cognito\"")
			fact(r, x, graph.MFA, nilIfEmpty(p.MfaConfiguration), op, a, "UserPool.MfaConfiguration")
			fact(r, x, graph.DeleteProtect, when(a.OK(), p.DeletionProtection == "ACTIVE"), op, a, "UserPool.DeletionProtection")
			r.poolEntries(n, p, a)
			r.poolTriggers(n, p)
		}
	}
}

func (r *Region) poolEntries(n *graph.Node, p userPool, a *Answer) {
	const op = "DescribeUserPool"
	open := p.AdminCreateUserConfig == nil || !p.AdminCreateUserConfig.AllowAdminCreateUserOnly
	if a.OK() && open {
		f := r.flow(graph.Exposes, string(graph.Internet), string(n.ID), "sign-up", r.source(op, "UserPool.AdminCreateUserConfig.AllowAdminCreateUserOnly"), "anybody may sign up")
		graph.EntryAuth.Set(&f.Facts, graph.AuthToken, r.source(op, "UserPool.AdminCreateUserConfig.AllowAdminCreateUserOnly"))
	}
	if p.EmailConfiguration != nil && p.EmailConfiguration.SourceArn != "" {
		r.flow(graph.Delivers, string(n.ID), p.EmailConfiguration.SourceArn, "e-mail sender", r.source(op, "UserPool.EmailConfiguration.SourceArn"), "")
	}
	if p.SmsConfiguration != nil && p.SmsConfiguration.SnsRegion != "" {
		graph.SMSRegion.Set(&n.Facts, p.SmsConfiguration.SnsRegion, r.source(op, "UserPool.SmsConfiguration.SnsRegion"))
	}
	for _, i := range decode[struct {
		Providers []struct{ ProviderName, ProviderType string }
	}](r.answer("ListIdentityProviders", p.Id)).Providers {
		r.flow(graph.AuthenticatesWith, string(n.ID), "external:identity provider "+i.ProviderType+" "+i.ProviderName, "", r.source("ListIdentityProviders", "Providers[].ProviderName"), "")
	}
}

// poolTriggers draws the functions a pool calls: plain ARNs, and structs with a
// LambdaArn for the configurable ones.
func (r *Region) poolTriggers(n *graph.Node, p userPool) {
	const op = "DescribeUserPool"
	seen := map[string]bool{}
	for _, name := range slices.Sorted(maps.Keys(p.LambdaConfig)) {
		arn, _ := p.LambdaConfig[name].(string)
		if m, ok := p.LambdaConfig[name].(map[string]any); ok {
			arn, _ = m["LambdaArn"].(string)
			name = strings.TrimSuffix(name, "Config")
		}
		if !strings.HasPrefix(arn, "arn:") || !strings.Contains(arn, ":lambda:") || seen[name+arn] {
			continue
		}
		seen[name+arn] = true
		r.flow(graph.Triggers, string(n.ID), arn, name, r.source(op, "UserPool.LambdaConfig."+name), "")
	}
}

var cognitoIdentityService = &Service{
	Name: "cognito-identity",
	Doc:  "Identity pools: whether guests get credentials, and which roles are handed out.",
	Calls: []Call{
		{Operation: "ListIdentityPools", Action: "cognito-identity:ListIdentityPools"},
		{Operation: "DescribeIdentityPool", Action: "cognito-identity:DescribeIdentityPool"},
		{Operation: "GetIdentityPoolRoles", Action: "cognito-identity:GetIdentityPoolRoles"},
	},
	Collect: func(ctx context.Context, c *Collector) {
		api := cognitoidentity.NewFromConfig(c.Config)
		var ids []string
		for _, p := range pages(ctx, c, "ListIdentityPools", "", cognitoidentity.NewListIdentityPoolsPaginator(api, &cognitoidentity.ListIdentityPoolsInput{MaxResults: awssdk.Int32(60)})) {
			for _, i := range p.IdentityPools {
				ids = append(ids, awssdk.ToString(i.IdentityPoolId))
			}
		}
		each(ctx, ids, func(id string) {
			ask(ctx, c, "DescribeIdentityPool", id, api.DescribeIdentityPool, &cognitoidentity.DescribeIdentityPoolInput{IdentityPoolId: awssdk.String(id)})
			ask(ctx, c, "GetIdentityPoolRoles", id, api.GetIdentityPoolRoles, &cognitoidentity.GetIdentityPoolRolesInput{IdentityPoolId: awssdk.String(id)})
		})
	},
	Build: buildIdentityPools,
}

func buildIdentityPools(r *Region) {
	const op = "DescribeIdentityPool"
	for _, list := range r.each("ListIdentityPools") {
		for _, i := range decode[struct {
			IdentityPools []struct{ IdentityPoolId, IdentityPoolName string }
		}](list).IdentityPools {
			a := r.answer(op, i.IdentityPoolId)
			p := decode[struct {
				AllowUnauthenticatedIdentities *bool
				CognitoIdentityProviders       []struct{ ProviderName string }
				IdentityPoolTags               map[string]string
			}](a)
			n := r.node(graph.Node{
				ID: graph.ID(r.arn("cognito-identity", "identitypool/"+i.IdentityPoolId)), Class: graph.IdentityPool, Kind: "cognito.identity_pool",
				Type: "AWS::Cognito::IdentityPool", Name: i.IdentityPoolName, Aliases: []string{i.IdentityPoolId},
			})
			tagNode(n, p.IdentityPoolTags)
			fact(r, &n.Facts, graph.GuestsAllowed, boolOf(a.OK(), p.AllowUnauthenticatedIdentities), op, a, "AllowUnauthenticatedIdentities")
			for _, x := range p.CognitoIdentityProviders {
				r.flow(graph.AuthenticatesWith, string(n.ID), x.ProviderName, "", r.source(op, "CognitoIdentityProviders[].ProviderName"), "")
			}
			roles := decode[struct{ Roles map[string]string }](r.answer("GetIdentityPoolRoles", i.IdentityPoolId)).Roles
			for _, who := range slices.Sorted(maps.Keys(roles)) {
				r.flow(graph.Assumes, string(n.ID), roles[who], who, r.source("GetIdentityPoolRoles", "Roles{}"), "")
			}
		}
	}
}
