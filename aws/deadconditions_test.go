package aws_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/flowdeed/flowdeed/aws"
	"github.com/flowdeed/flowdeed/graph"
	"github.com/flowdeed/flowdeed/iam"
)

// TestDeadConditions: what guards nothing is found in every place a policy hangs, and a
// policy that was not read is never taken for one without.
func TestDeadConditions(t *testing.T) {
	guard := `{\"Sid\":\"Guard\",\"Effect\":\"Deny\",\"Action\":\"s3:GetObject\",\"Resource\":\"*\",\"Condition\":{\"StringLike\":{\"s3:prefix\":\"secret/*\"}}}`
	inline := `{"PolicyName":"p","PolicyDocument":"{\"Statement\":[` + guard + `]}"}`
	trust := `"{\"Statement\":[{\"Sid\":\"Loose\",\"Effect\":\"Allow\",\"Principal\":\"*\",\"Action\":\"sts:AssumeRole\",\"Condition\":{\"StringEqualsIfExists\":{\"s3:prefix\":\"a\"}}}]}"`
	kept := func(arn string) string {
		return `{"Arn":"` + arn + `","PolicyVersionList":[{"VersionId":"v1","IsDefaultVersion":true,"Document":"{\"Statement\":[` + guard + `]}"}]}`
	}
	attached := func(arn string) string { return `{"PolicyName":"m","PolicyArn":"` + arn + `"}` }
	const own, theirs = "arn:aws:iam::111111111111:policy/m", "arn:aws:iam::aws:policy/m"
	for _, x := range []struct {
		name, trust, inline, attached, boundary, policies string
		want                                              string // the finds, or what is not known
	}{
		{name: "alive", trust: lambdaTrust, inline: goodInline},
		{name: "inline", trust: lambdaTrust, inline: inline, want: "arn:aws:iam::111111111111:role/app inline p Guard: StringLike s3:prefix never denies"},
		{name: "attached", trust: lambdaTrust, attached: attached(own), policies: kept(own), want: own + " v1 Guard: StringLike s3:prefix never denies"},
		{name: "of AWS", trust: lambdaTrust, attached: attached(theirs), policies: kept(theirs)},
		{name: "boundary", trust: lambdaTrust, boundary: `,"PermissionsBoundary":{"PermissionsBoundaryArn":"` + own + `"}`, policies: kept(own), want: own + " v1 Guard: StringLike s3:prefix never denies"},
		{name: "trust", trust: trust, want: "arn:aws:iam::111111111111:role/app trust Loose: StringEqualsIfExists s3:prefix never limits"},
		{name: "not read", trust: lambdaTrust, attached: attached(own), want: "unknown: policy m is attached and was not reported"},
		{name: "trust not read", trust: `"nonsense"`, want: "unknown: the trust policy cannot be read"},
		{name: "found, rest not read", trust: lambdaTrust, inline: inline, attached: attached(own), want: "arn:aws:iam::111111111111:role/app inline p Guard: StringLike s3:prefix never denies"},
	} {
		t.Run(x.name, func(t *testing.T) {
			sys := systemOf(iamShard(x.trust, x.inline, x.attached, x.boundary, x.policies))
			got := deadAt(sys, "arn:aws:iam::111111111111:role/app")
			if got != x.want && !(strings.HasPrefix(x.want, "unknown") && strings.HasPrefix(got, x.want)) {
				t.Errorf("got  %s\nwant %s", got, x.want)
			}
		})
	}
}

// TestDeadConditionsOfResources: the same for the policy of a resource.
func TestDeadConditionsOfResources(t *testing.T) {
	const arn = "arn:aws:sqs:eu-west-1:111111111111:q"
	queue := func(policy string) aws.Shard {
		return answersOf("sqs", said("sqs:ListQueues", "", `{"QueueUrls":["https://sqs.eu-west-1.amazonaws.com/111111111111/q"]}`),
			said("sqs:GetQueueAttributes", "https://sqs.eu-west-1.amazonaws.com/111111111111/q", fmt.Sprintf(`{"Attributes":{"QueueArn":%q%s}}`, arn, policy)))
	}
	dead := `,"Policy":"{\"Statement\":[{\"Sid\":\"Guard\",\"Effect\":\"Deny\",\"Principal\":\"*\",\"Action\":\"sqs:SendMessage\",\"Resource\":\"*\",\"Condition\":{\"StringEquals\":{\"sns:Protocol\":\"http\"}}}]}"`
	for policy, want := range map[string]string{
		"":                     "",
		dead:                   arn + " policy Guard: StringEquals sns:Protocol never denies",
		`,"Policy":"nonsense"`: "unknown: the policy cannot be read",
	} {
		if got := deadAt(systemOf(queue(policy)), arn); got != want && !(strings.HasPrefix(want, "unknown") && strings.HasPrefix(got, want)) {
			t.Errorf("policy %s\ngot  %s\nwant %s", policy, got, want)
		}
	}
}

// TestDeadConditionsByTable: another table of actions gives other answers.
func TestDeadConditionsByTable(t *testing.T) {
	table, err := iam.ReadActionData(strings.NewReader("flowdeed actions 1\ndate 2030-01-01\nsource mine\nS\ts3\nK\ts3:prefix\nA\tGetObject\tR\t\t0\n"))
	if err != nil {
		t.Fatal(err)
	}
	inline := `{"PolicyName":"p","PolicyDocument":"{\"Statement\":[{\"Effect\":\"Deny\",\"Action\":\"s3:GetObject\",\"Resource\":\"*\",\"Condition\":{\"StringLike\":{\"s3:prefix\":\"a\"}}}]}"}`
	snap := &aws.Snapshot{Shards: []aws.Shard{iamShard(lambdaTrust, inline, "", "", "")}}
	snap.Run.Callers = []aws.Identity{{Account: homeAccount, ARN: "arn:aws:iam::" + homeAccount + ":role/audit"}}
	if got := deadAt(aws.BuildBy(snap, table), "arn:aws:iam::111111111111:role/app"); got != "" {
		t.Errorf("with a table in which the action carries the key: %s", got)
	}
	if got := deadAt(aws.Build(snap), "arn:aws:iam::111111111111:role/app"); got == "" {
		t.Error("with the built-in table: nothing")
	}
}

func deadAt(sys *aws.System, id graph.ID) string {
	dead := graph.DeadConditions.Get(&sys.Graph.Node(id).Facts)
	if !dead.Known {
		return "unknown: " + dead.Why
	}
	return strings.Join(dead.V, ", ")
}
