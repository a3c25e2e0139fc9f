package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/flowdeed/flowdeed/aws"
)

// calls answers what controls ask about the calls of a scan: whether a fact can be
// missing because a call gave none. Controls ask about many nodes, so the calls are
// kept by account and every question is answered once. It is not safe for concurrent use.
type calls struct {
	all      []aws.Refusal            // sorted as the system lists them
	refusals map[string][]aws.Refusal // by account, in the same order
	asked    map[askedOf][]string     // the Regions an operation was asked in
	answered map[question]string
}

type askedOf struct{ account, operation string }

type question struct{ account, region, operation string }

func callsOf(sys *aws.System) *calls {
	c := &calls{all: sys.Refusals, refusals: map[string][]aws.Refusal{}, asked: map[askedOf][]string{}, answered: map[question]string{}}
	for _, r := range sys.Refusals {
		c.refusals[r.Account] = append(c.refusals[r.Account], r)
	}
	for _, l := range sys.Ledger {
		key := askedOf{l.Account, l.Operation}
		c.asked[key] = append(c.asked[key], l.Region)
	}
	return c
}

// refused tells whether an operation gave no answer in an account and region.
func (c *calls) refused(account, region, operation string) (string, bool) {
	for _, r := range c.refusals[account] {
		if r.Operation == operation && (region == "" || r.Region == region) {
			return refusal(r), true
		}
	}
	asked := c.asked[askedOf{account, operation}]
	if len(asked) == 0 || region != "" && !slices.Contains(asked, region) && !slices.Contains(asked, aws.GlobalRegion) {
		return operation + " was not asked", true
	}
	return "", false
}

// lost tells why a call that was made gave no answer, or "". Its parameters mean what
// check.Input.Lost says.
func (c *calls) lost(account, region, operation string) string {
	q := question{account, region, operation}
	why, ok := c.answered[q]
	if !ok {
		why = c.search(q)
		c.answered[q] = why
	}
	return why
}

func (c *calls) search(q question) string {
	list := c.refusals[q.account]
	if q.account == "" {
		list = c.all
	}
	service, any := strings.CutSuffix(q.operation, ":*")
	for _, r := range list {
		if any && (r.Optional || !strings.HasPrefix(r.Operation, service+":")) || !any && r.Operation != q.operation {
			continue
		}
		if q.region == "" || r.Region == q.region || r.Region == aws.GlobalRegion {
			return refusal(r)
		}
	}
	return ""
}

func refusal(r aws.Refusal) string {
	return fmt.Sprintf("%s: %s (%s)", r.Operation, r.Outcome, r.Error)
}
