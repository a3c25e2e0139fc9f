package aws_test

import (
	"strings"
	"testing"

	"github.com/flowdeed/flowdeed/aws"
	"github.com/flowdeed/flowdeed/graph"
)

// systemOf is what hand-written answers build.
func systemOf(shards ...aws.Shard) *aws.System {
	snap := &aws.Snapshot{Shards: shards}
	snap.Run.Callers = []aws.Identity{{Account: homeAccount, ARN: "arn:aws:iam::" + homeAccount + ":role/audit"}}
	return aws.Build(snap)
}

// iamShard is the authorization answer with one role.
func iamShard(trust, inline, attached, boundary, policies string) aws.Shard {
	sh := answersOf("iam", said("iam:GetAccountAuthorizationDetails", "", `{"RoleDetailList":[{"Arn":"arn:aws:iam::111111111111:role/app","RoleName":"app",
		"AssumeRolePolicyDocument":`+trust+`,"RolePolicyList":[`+inline+`],"AttachedManagedPolicies":[`+attached+`]`+boundary+`}],"Policies":[`+policies+`]}`))
	sh.Region = "global"
	return sh
}

const (
	lambdaTrust = `"{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Principal\":{\"Service\":\"lambda.amazonaws.com\"},\"Action\":\"sts:AssumeRole\"}]}"`
	goodInline  = `{"PolicyName":"p","PolicyDocument":"{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Action\":\"logs:*\",\"Resource\":\"*\"}]}"}`
)

// TestUnreadPolicies: a policy that cannot be read is never left out in silence.
func TestUnreadPolicies(t *testing.T) {
	for _, x := range []struct {
		name, inline, attached, boundary, policies string
		want                                       string // in the reason; empty: all was read
	}{
		{name: "all read", inline: goodInline},
		{name: "no policy at all"},
		{name: "broken inline document", inline: goodInline + `,{"PolicyName":"broken","PolicyDocument":"{\"Statement\":["}`, want: "policy broken cannot be read"},
		{name: "empty inline document", inline: `{"PolicyName":"empty","PolicyDocument":""}`, want: "policy empty cannot be read"},
		{name: "unheard-of effect", inline: `{"PolicyName":"odd","PolicyDocument":"{\"Statement\":[{\"Effect\":\"Maybe\",\"Action\":\"*\",\"Resource\":\"*\"}]}"}`, want: "policy odd cannot be read"},
		{name: "attached and reported", attached: `{"PolicyName":"m","PolicyArn":"arn:aws:iam::111111111111:policy/m"}`,
			policies: `{"Arn":"arn:aws:iam::111111111111:policy/m","PolicyVersionList":[{"IsDefaultVersion":true,"Document":"{\"Statement\":[]}"}]}`},
		{name: "attached and not reported", attached: `{"PolicyName":"m","PolicyArn":"arn:aws:iam::111111111111:policy/m"}`, want: "policy m is attached and was not reported"},
		{name: "broken boundary", boundary: `,"PermissionsBoundary":{"PermissionsBoundaryArn":"arn:aws:iam::111111111111:policy/b"}`,
			policies: `{"Arn":"arn:aws:iam::111111111111:policy/b","PolicyVersionList":[{"IsDefaultVersion":true,"Document":"nonsense"}]}`, want: "policy b cannot be read"},
		{name: "boundary not reported", boundary: `,"PermissionsBoundary":{"PermissionsBoundaryArn":"arn:aws:iam::111111111111:policy/b"}`, want: "policy b is the permissions boundary and was not reported"},
	} {
		t.Run(x.name, func(t *testing.T) {
			fn := answersOf("lambda", said("lambda:ListFunctions", "", `{"Functions":[{"FunctionName":"f","FunctionArn":"arn:aws:lambda:eu-west-1:111111111111:function:f","Role":"arn:aws:iam::111111111111:role/app"}]}`))
			sys := systemOf(iamShard(lambdaTrust, x.inline, x.attached, x.boundary, x.policies), fn)
			read := graph.PermissionsRead.Get(&sys.Graph.Node("arn:aws:iam::111111111111:role/app").Facts)
			rights := graph.LogRights.Get(&sys.Graph.Node("arn:aws:lambda:eu-west-1:111111111111:function:f").Facts)
			if x.want == "" {
				if !graph.Is(read, true) || !rights.Known || len(sys.Refusals) != 0 {
					t.Errorf("read %v, rights %v, missing %v, want all known", read.Fact, rights.Fact, sys.Refusals)
				}
				return
			}
			if read.Known || !strings.Contains(read.Why, x.want) || rights.Known {
				t.Errorf("read %v, rights %v, want not known because %s", read.Fact, rights.Fact, x.want)
			}
			if len(sys.Refusals) != 1 || !strings.Contains(sys.Refusals[0].Error, x.want) || sys.Refusals[0].Optional || sys.Refusals[0].Outcome != aws.OutcomeMalformed {
				t.Errorf("missing answers: %v", sys.Refusals)
			}
		})
	}
}

// TestUndecidedTrust: what a trust or key policy holds beyond understanding leaves
// the facts that follow from it unknown; what stands open without it is said.
func TestUndecidedTrust(t *testing.T) {
	odd := `{\"Effect\":\"Maybe\",\"Principal\":{\"AWS\":\"999999999999\"},\"Action\":\"sts:AssumeRole\"}`
	anyone := `{\"Effect\":\"Allow\",\"Principal\":\"*\",\"Action\":\"sts:AssumeRole\"}`
	role := func(statements string) *graph.Node {
		return systemOf(iamShard(`"{\"Version\":\"2012-10-17\",\"Statement\":[`+statements+`]}"`, goodInline, "", "", "")).Graph.Node("arn:aws:iam::111111111111:role/app")
	}
	n := role(odd)
	wantUnknown(t, &n.Facts, "cannot be read whole", graph.TrustsAnyone.Name, graph.TrustWithoutExternalID.Name, graph.TrustLooseFederation.Name, graph.ForeignPrincipals.Name, graph.UnboundServices.Name)
	n = role(odd + "," + anyone)
	wantUnknown(t, &n.Facts, "cannot be read whole", graph.TrustWithoutExternalID.Name, graph.ForeignPrincipals.Name)
	if got := graph.TrustsAnyone.Get(&n.Facts); !got.Known || len(got.V) != 1 {
		t.Errorf("trusts anyone: %v, want the open statement", got.Fact)
	}
	n = systemOf(iamShard(`"{broken"`, goodInline, "", "", "")).Graph.Node("arn:aws:iam::111111111111:role/app")
	wantUnknown(t, &n.Facts, "cannot be read", graph.TrustsAnyone.Name, graph.UnboundServices.Name)

	const key = "11111111-2222-3333-4444-555555555555"
	foreign := func(statement string) graph.Answer[[]string] {
		m := built(answersOf("kms",
			said("kms:ListKeys", "", `{"Keys":[{"KeyId":"`+key+`","KeyArn":"arn:aws:kms:eu-west-1:111111111111:key/`+key+`"}]}`),
			said("kms:GetKeyPolicy", key, `{"Policy":"{\"Statement\":[`+statement+`]}"}`), said("kms:ListGrants", key, `{"Grants":[]}`)))
		return graph.ForeignDecrypt.Get(&m.Node("arn:aws:kms:eu-west-1:111111111111:key/" + key).Facts)
	}
	if got := foreign(`{\"Effect\":\"Allow\",\"Principal\":{\"AWS\":\"arn:aws:iam::111111111111:root\"},\"Action\":\"kms:*\",\"Resource\":\"*\"}`); !got.Known {
		t.Errorf("a plain key policy: %v, want known", got.Fact)
	}
	if got := foreign(odd); got.Known || !strings.Contains(got.Why, "cannot be read whole") {
		t.Errorf("a key policy beyond understanding: %v, want not known", got.Fact)
	}
}

// TestGroups: a user has the policies of its groups, and a group that was not reported
// leaves it open what the user may.
func TestGroups(t *testing.T) {
	answer := func(groups string) aws.Shard {
		sh := answersOf("iam", said("iam:GetAccountAuthorizationDetails", "", `{"UserDetailList":[{"Arn":"arn:aws:iam::111111111111:user/ann","UserName":"ann","GroupList":["readers"]}],"GroupDetailList":[`+groups+`]}`))
		sh.Region = aws.GlobalRegion
		return sh
	}
	const readers = `{"Arn":"arn:aws:iam::111111111111:group/readers","GroupName":"readers","GroupPolicyList":[` + goodInline + `]}`
	w := systemOf(answer(readers)).World
	if h := w.Holders[0]; len(h.Policies) != 1 || len(h.Groups) != 1 || h.Groups[0] != "arn:aws:iam::111111111111:group/readers" || len(h.Missing) != 0 {
		t.Errorf("the user has %+v", h)
	}
	if len(w.Groups) != 1 || len(w.Groups[0].Policies) != 1 || w.Groups[0].Missing != "" {
		t.Errorf("groups %+v", w.Groups)
	}
	if h := systemOf(answer("")).World.Holders[0]; !strings.Contains(h.Missing["identity"], "nothing is known of the group") {
		t.Errorf("without the group: %+v", h)
	}
	broken := strings.Replace(readers, goodInline, `{"PolicyName":"broken","PolicyDocument":"{"}`, 1)
	if g := systemOf(answer(broken)).World.Groups[0]; !strings.Contains(g.Missing, "policy broken cannot be read") {
		t.Errorf("with a broken policy: %+v", g)
	}
}
