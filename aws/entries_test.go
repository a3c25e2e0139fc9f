package aws_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/flowdeed/flowdeed/aws"
	"github.com/flowdeed/flowdeed/graph"
)

// TestFunctionURLWithoutPermission: a URL that asks for no proof still answers only whom
// the policy of the function lets in; a policy that was not read may let in anybody.
func TestFunctionURLWithoutPermission(t *testing.T) {
	const fn = "arn:aws:lambda:eu-west-1:111111111111:function:f"
	policy := func(statement string) aws.Answer {
		return said("lambda:GetPolicy", "f", `{"Policy":"{\"Statement\":[`+statement+`]}"}`)
	}
	const head = `{\"Effect\":\"Allow\",\"Resource\":\"` + fn + `\",`
	for _, x := range []struct {
		name, url string
		policy    aws.Answer
		off       bool
	}{
		{"no policy", fn, aws.Answer{Operation: "lambda:GetPolicy", Subject: "f", Outcome: aws.OutcomeNotFound}, true},
		{"for anybody", fn, policy(head + `\"Principal\":\"*\",\"Action\":\"lambda:InvokeFunctionUrl\",\"Condition\":{\"StringEquals\":{\"lambda:FunctionUrlAuthType\":\"NONE\"}}}`), false},
		{"for anybody from somewhere", fn, policy(head + `\"Principal\":\"*\",\"Action\":\"lambda:InvokeFunctionUrl\",\"Condition\":{\"IpAddress\":{\"aws:SourceIp\":\"203.0.113.0/24\"}}}`), false},
		{"for signed calls", fn, policy(head + `\"Principal\":\"*\",\"Action\":\"lambda:InvokeFunctionUrl\",\"Condition\":{\"StringEquals\":{\"lambda:FunctionUrlAuthType\":\"AWS_IAM\"}}}`), true},
		{"for one account", fn, policy(head + `\"Principal\":{\"AWS\":\"444455556666\"},\"Action\":\"lambda:InvokeFunctionUrl\"}`), true},
		{"for a service that invokes", fn, policy(head + `\"Principal\":{\"Service\":\"sns.amazonaws.com\"},\"Action\":\"lambda:InvokeFunction\"}`), true},
		{"refused", fn, refusedCall("lambda:GetPolicy", "f"), false},
		{"broken", fn, said("lambda:GetPolicy", "f", `{"Policy":"nonsense"}`), false},
		{"of an alias, whose policy is another", fn + ":live", aws.Answer{Operation: "lambda:GetPolicy", Subject: "f", Outcome: aws.OutcomeNotFound}, false},
	} {
		m := built(answersOf("lambda", said("lambda:ListFunctions", "", `{"Functions":[{"FunctionName":"f","FunctionArn":"`+fn+`"}]}`), x.policy,
			said("lambda:ListFunctionUrlConfigs", "f", `{"FunctionUrlConfigs":[{"FunctionArn":"`+x.url+`","FunctionUrl":"https://abc.lambda-url.eu-west-1.on.aws/","AuthType":"NONE"}]}`)))
		f := theFlow(t, m, string(graph.Internet), fn, graph.Exposes)
		if off := graph.Is(graph.StateOn.Get(&f.Facts), false); off != x.off {
			t.Errorf("%s: off %v, want %v", x.name, off, x.off)
		}
	}
}

// TestRouteThatAnswersItself: a mock integration has nothing behind it; what was not read
// may have.
func TestRouteThatAnswersItself(t *testing.T) {
	for integration, want := range map[string]bool{
		`,"methodIntegration":{"type":"MOCK"}`:                                  true,
		`,"methodIntegration":{"type":"HTTP_PROXY","uri":"https://x.example/"}`: false,
		"": false,
	} {
		m := built(answersOf("apigateway", said("apigateway:GetRestApis", "", `{"items":[{"id":"a","name":"a"}]}`),
			said("apigateway:GetResources", "a", `{"items":[{"path":"/ping","resourceMethods":{"GET":{"authorizationType":"NONE"`+integration+`}}}]}`)))
		f := m.Out(graph.Internet)
		if len(f) != 1 || graph.Is(graph.AnswersItself.Get(&f[0].Facts), true) != want {
			t.Errorf("%s: %v, want answers itself %v", integration, f, want)
		}
	}
}

// TestRuleOfAnArchive: the rule a service makes to feed an archive is that archive, and
// no delivery to somebody outside.
func TestRuleOfAnArchive(t *testing.T) {
	const bus = "arn:aws:events:eu-west-1:111111111111:event-bus/b"
	m := built(answersOf("events", said("events:ListEventBuses", "", `{"EventBuses":[{"Name":"b","Arn":"`+bus+`"}]}`), said("events:DescribeEventBus", "b", `{"Name":"b"}`),
		said("events:ListRules", "b", `{"Rules":[{"Name":"Events-Archive-a","Arn":"arn:aws:events:eu-west-1:111111111111:rule/b/Events-Archive-a","ManagedBy":"prod.vhs.events.aws.internal","EventPattern":"{}","State":"ENABLED"}]}`),
		said("events:ListTargetsByRule", "b/Events-Archive-a", `{"Targets":[{"Id":"1","Arn":"arn:aws:events:eu-west-1:::"}]}`),
		said("events:ListArchives", "", `{"Archives":[{"ArchiveName":"a","EventSourceArn":"`+bus+`"}]}`)))
	if got := flowsFrom(m, bus); !slices.Equal(got, []string{"archives arn:aws:events:eu-west-1:111111111111:archive/a"}) {
		t.Errorf("flows of the bus: %q", got)
	}
	if n := m.Node("arn:aws:events:eu-west-1:::"); n != nil {
		t.Errorf("a node of no resource: %+v", n)
	}
}

// TestOneNameTwice: where several resources have the name in a variable, the policies of
// the role say which of them is meant, if they name one only.
func TestOneNameTwice(t *testing.T) {
	const fn, table, stream = "arn:aws:lambda:eu-west-1:111111111111:function:f", "arn:aws:dynamodb:eu-west-1:111111111111:table/patients", "arn:aws:kinesis:eu-west-1:111111111111:stream/patients"
	grant := func(action, resource string) string {
		return `{\"Effect\":\"Allow\",\"Action\":\"` + action + `\",\"Resource\":\"` + resource + `\"}`
	}
	get, put := grant("dynamodb:GetItem", table), grant("kinesis:PutRecord", stream)
	for _, x := range []struct {
		name, statements string
		want             []string
	}{
		{"one is named", get, []string{"reads " + table}},
		{"the other is named", put, []string{"publishes " + stream}},
		{"none is named", grant("logs:PutLogEvents", "*"), nil},
	} {
		m := built(iamShard(lambdaTrust, `{"PolicyName":"p","PolicyDocument":"{\"Statement\":[`+x.statements+`]}"}`, "", "", ""),
			answersOf("dynamodb", said("dynamodb:ListTables", "", `{"TableNames":["patients"]}`)),
			answersOf("kinesis", said("kinesis:ListStreams", "", `{"StreamNames":["patients"]}`)),
			answersOf("lambda", said("lambda:ListFunctions", "", `{"Functions":[
				{"FunctionName":"f","FunctionArn":"`+fn+`","Role":"arn:aws:iam::111111111111:role/app","Environment":{"Variables":{"SOURCE":{"masked":"","refs":["patients"]}}}},
				{"FunctionName":"g","FunctionArn":"`+fn+`2","Role":"arn:aws:iam::111111111111:role/app"}]}`)))
		got := slices.DeleteFunc(flowsFrom(m, fn), func(s string) bool { return s == "assumes arn:aws:iam::111111111111:role/app" })
		if !slices.Equal(got, x.want) {
			t.Errorf("%s: %q, want %q", x.name, got, x.want)
		}
		if shared := flowsFrom(m, fn+"2"); len(x.want) > 0 && len(shared) != 1 {
			t.Errorf("%s: the function without the variable: %q, want its role alone", x.name, shared)
		}
	}
}

// TestOwnOrganization: a policy that holds everybody to the organization of its own
// account admits nobody foreign.
func TestOwnOrganization(t *testing.T) {
	org := answersOf("organizations", said("organizations:DescribeOrganization", "", `{"Organization":{"Id":"o-ours","MasterAccountId":"999999999999"}}`))
	unread := answersOf("organizations", refusedCall("organizations:DescribeOrganization", ""))
	for _, x := range []struct {
		name string
		org  aws.Shard
		held string
		want []string
	}{
		{"ours", org, "o-ours", []string{}},
		{"another", org, "o-theirs", []string{"o-theirs"}},
		{"ours not known", unread, "o-ours", []string{"o-ours"}},
	} {
		bucket := answersOf("s3", said("s3:ListBuckets", "", `{"Buckets":[{"Name":"b","BucketRegion":"eu-west-1"}]}`),
			said("s3:GetBucketPolicy", "b", `{"Policy":"{\"Statement\":[{\"Effect\":\"Allow\",\"Principal\":\"*\",\"Action\":\"s3:GetObject\",\"Resource\":\"arn:aws:s3:::b/*\",\"Condition\":{\"StringEquals\":{\"aws:PrincipalOrgID\":\"`+x.held+`\"}}}]}"}`))
		x.org.Region, bucket.Region = aws.GlobalRegion, aws.GlobalRegion
		got := graph.ForeignPrincipals.Get(&built(x.org, bucket).Node("arn:aws:s3:::b").Facts)
		if !got.Known || !slices.Equal(got.V, x.want) {
			t.Errorf("%s: %v, want %v", x.name, got, x.want)
		}
	}
}

// TestNamedByItsAccessPoint: a variable that holds the ARN or the alias of an access
// point means the bucket behind it.
func TestNamedByItsAccessPoint(t *testing.T) {
	const fn, point = "arn:aws:lambda:eu-west-1:111111111111:function:f", "arn:aws:s3:eu-west-1:111111111111:accesspoint/p"
	for _, value := range []string{point, point + "/object/x", "p-abcdefghijklmnopqrstuvwxyz123456-s3alias"} {
		list := said("s3control:ListAccessPoints", "eu-west-1", `{"AccessPointList":[{"Name":"p","Alias":"p-abcdefghijklmnopqrstuvwxyz123456-s3alias","AccessPointArn":"`+point+`","Bucket":"b","NetworkOrigin":"Internet"}]}`)
		m := built(append(pointScene(toPoints, list), answersOf("lambda",
			said("lambda:ListFunctions", "", `{"Functions":[{"FunctionName":"f","FunctionArn":"`+fn+`","Environment":{"Variables":{"TARGET":{"masked":"","refs":["`+value+`"]}}}}]}`)))...)
		if got := flowsFrom(m, fn); !slices.Equal(got, []string{"accesses " + pointBucket}) {
			t.Errorf("%s: %q", value, got)
		}
	}
}

// TestPointNamedByTwoLists: an access point that the lists of two Regions name is one, in
// the Region of its bucket.
func TestPointNamedByTwoLists(t *testing.T) {
	const stray = `{"AccessPointList":[{"Name":"p","AccessPointArn":"arn:aws:s3:us-east-1:111111111111:accesspoint/p","Bucket":"b","NetworkOrigin":"Internet"}]}`
	list := func(region string) aws.Answer { return said("s3control:ListAccessPoints", region, stray) }
	sys := systemOf(pointScene(toPoints, list("eu-central-1"), list("eu-west-1"), said("s3control:GetAccessPointPolicy", "eu-central-1 p", annaReads), said("s3control:GetAccessPoint", "eu-central-1 p", blockOn))...)
	wantList(t, graph.AccessPoints.Get(&sys.Graph.Node(pointBucket).Facts), "p")
	points := sys.World.Asset(pointBucket).AccessPoints
	if len(points) != 1 || points[0].ARN != "arn:aws:s3:eu-west-1:111111111111:accesspoint/p" {
		t.Errorf("access points: %+v", points)
	}
}

// TestUnlistedPrincipals: an account whose users and roles were not read says so.
func TestUnlistedPrincipals(t *testing.T) {
	whole := said("iam:GetAccountAuthorizationDetails", "", `{}`)
	for _, x := range []struct {
		name   string
		shards []aws.Shard
		want   string
	}{
		{"read", []aws.Shard{answersOf("iam", whole)}, ""},
		{"refused", []aws.Shard{answersOf("iam", refusedCall("iam:GetAccountAuthorizationDetails", ""))}, "denied"},
		{"not asked", nil, "was not asked"},
	} {
		for i := range x.shards {
			x.shards[i].Region = aws.GlobalRegion
		}
		got := systemOf(x.shards...).World.Accounts[homeAccount].Unlisted
		if x.want == "" && got != "" || !strings.Contains(got, x.want) {
			t.Errorf("%s: %q, want %q in it", x.name, got, x.want)
		}
	}
}
