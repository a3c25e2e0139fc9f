package main

import (
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/flowdeed/flowdeed/aws"
)

// lostPlainly and refusedPlainly look through every call for every question.
func lostPlainly(sys *aws.System, account, region, operation string) string {
	service, any := strings.CutSuffix(operation, ":*")
	for _, r := range sys.Refusals {
		if any && (r.Optional || !strings.HasPrefix(r.Operation, service+":")) || !any && r.Operation != operation {
			continue
		}
		if (account == "" || r.Account == account) && (region == "" || r.Region == region || r.Region == aws.GlobalRegion) {
			return refusal(r)
		}
	}
	return ""
}

func refusedPlainly(sys *aws.System, account, region, operation string) (string, bool) {
	for _, r := range sys.Refusals {
		if r.Operation == operation && r.Account == account && (region == "" || r.Region == region) {
			return refusal(r), true
		}
	}
	for _, l := range sys.Ledger {
		if l.Operation == operation && l.Account == account && (region == "" || l.Region == region || l.Region == aws.GlobalRegion) {
			return "", false
		}
	}
	return operation + " was not asked", true
}

// TestCallsAnswerAsAPlainSearch holds the index of calls to a search through all of
// them, and a question asked twice to its first answer.
func TestCallsAnswerAsAPlainSearch(t *testing.T) {
	random := rand.New(rand.NewPCG(7, 11))
	pick := func(list ...string) string { return list[random.IntN(len(list))] }
	account := func() string { return pick("1", "2", "3") }
	region := func() string { return pick("eu-west-1", "us-east-1", aws.GlobalRegion) }
	operation := func() string { return pick("sqs:ListQueues", "sqs:GetQueueAttributes", "s3:ListBuckets", "sqsx:List") }
	for range 300 {
		sys := &aws.System{}
		for range random.IntN(12) {
			sys.Ledger = append(sys.Ledger, aws.LedgerLine{Account: account(), Region: region(), Operation: operation(), Asked: 1})
		}
		for range random.IntN(6) {
			sys.Refusals = append(sys.Refusals, aws.Refusal{Account: account(), Region: region(), Operation: operation(), Optional: random.IntN(3) == 0, Error: pick("a", "b", "c")})
		}
		c := callsOf(sys)
		for range 40 {
			who, where, what := pick("", "1", "2", "3", "4"), pick("", "eu-west-1", "us-east-1"), pick("sqs:*", "s3:*", "sns:*", operation())
			want := lostPlainly(sys, who, where, what)
			for range 2 {
				if got := c.lost(who, where, what); got != want {
					t.Fatalf("lost(%q, %q, %q) = %q, want %q, of %+v", who, where, what, got, want, sys.Refusals)
				}
			}
			why, refused := c.refused(who, where, what)
			if wantWhy, want := refusedPlainly(sys, who, where, what); why != wantWhy || refused != want {
				t.Fatalf("refused(%q, %q, %q) = %q %v, want %q %v, of %+v", who, where, what, why, refused, wantWhy, want, sys)
			}
		}
	}
}
