package aws

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"sync"
	"time"

	awssdk "github.com/aws/aws-sdk-go-v2/aws"
)

// Collector asks one service in one account and region and keeps the ledger.
type Collector struct {
	Config    awssdk.Config
	Account   string
	Region    string // "global" for global services
	Partition string
	Regions   []string // all that are scanned, for global services that ask each of them

	service *Service
	scan    *scan
	pace    *pace
	mu      sync.Mutex
	answers []Answer
}

// scanLimit is what one account may have in flight.
const inFlightPerAccount = 16

// each runs f for every item, several at a time, and waits. The order of calls does
// not matter: the ledger is sorted.
func each[T any](ctx context.Context, items []T, f func(T)) {
	gate := make(chan struct{}, inFlightPerAccount)
	var wg sync.WaitGroup
	for _, x := range items {
		if ctx.Err() != nil {
			break
		}
		gate <- struct{}{}
		wg.Go(func() {
			defer func() { <-gate }()
			f(x)
		})
	}
	wg.Wait()
}

// ask makes one call and records it. subject says what it was asked about: an ARN,
// a name, or "" for the whole region. It returns nil when there is no answer.
func ask[I, O, P any](ctx context.Context, c *Collector, operation, subject string,
	method func(context.Context, *I, ...func(*P)) (*O, error), in *I,
) *O {
	var out *O
	c.record(ctx, operation, subject, func(ctx context.Context, add func(any)) error {
		o, err := method(ctx, in)
		if err != nil {
			return err
		}
		out = o
		add(o)
		return nil
	})
	return out
}

// paginator is what the SDK's paginators have in common.
type paginator[O, P any] interface {
	HasMorePages() bool
	NextPage(context.Context, ...func(*P)) (*O, error)
}

// pages asks all pages and records them as one answer. The pages read before a
// failure are kept, with the outcome of the failure.
func pages[O, P any](ctx context.Context, c *Collector, operation, subject string, p paginator[O, P]) []*O {
	var out []*O
	c.record(ctx, operation, subject, func(ctx context.Context, add func(any)) error {
		for p.HasMorePages() {
			o, err := p.NextPage(ctx)
			if err != nil {
				return err
			}
			out = append(out, o)
			add(o)
		}
		return nil
	})
	return out
}

// tokens asks all pages of an operation for which the SDK has no paginator: page
// makes one call with the token and returns the next one.
func tokens[O any](ctx context.Context, c *Collector, operation, subject string,
	page func(ctx context.Context, token *string) (*O, *string, error),
) []*O {
	var out []*O
	c.record(ctx, operation, subject, func(ctx context.Context, add func(any)) error {
		var token *string
		for {
			o, next, err := page(ctx, token)
			if err != nil {
				return err
			}
			out = append(out, o)
			add(o)
			if next == nil || *next == "" {
				return nil
			}
			if token != nil && *next == *token {
				return fmt.Errorf("the page token does not move on: %w", errEmptyBody)
			}
			token = next
		}
	})
	return out
}

// record runs one call (all its pages) under the limits and writes the ledger line.
func (c *Collector) record(ctx context.Context, operation, subject string, run func(context.Context, func(any)) error) {
	decl, ok := c.service.call(operation)
	if !ok {
		panic("aws: " + c.service.Name + ":" + operation + " is not in the service's call table")
	}
	release := c.scan.enter(ctx, c.Account)
	defer release()
	a := Answer{Operation: c.service.Name + ":" + operation, Subject: subject, Time: c.scan.now()}
	tree := map[string]any{}
	pages := 0
	err := c.pace.wait(ctx, decl)
	if err == nil {
		callCtx, cancel := context.WithTimeout(ctx, c.scan.callLimit)
		err = run(callCtx, func(page any) {
			pages++
			if m, ok := plain(page).(map[string]any); ok {
				joinPages(tree, m)
			}
		})
		cancel()
	}
	a.Outcome, a.Error = outcomeOf(err, decl.Absent)
	a.Error = c.scan.scrubber.text(a.Error)
	a.Requests = max(pages, 1)
	if a.Outcome == OutcomeThrottled {
		c.pace.slower(decl)
	}
	if pages > 0 {
		a.Value = canonical(c.scan.scrubber.answer(decl, tree))
	}
	c.mu.Lock()
	c.answers = append(c.answers, a)
	c.mu.Unlock()
	c.scan.report(c, a)
}

// errEmptyBody is a success without a body, which no read operation sends.
var errEmptyBody = errors.New("the answer was empty")

// Answer is one call as it went: a line of the ledger with what came back.
type Answer struct {
	Operation string          `json:"op"`
	Subject   string          `json:"subject,omitempty"`
	Outcome   Outcome         `json:"outcome"`
	Error     string          `json:"error,omitempty"`
	Value     json.RawMessage `json:"value,omitempty"`
	Time      time.Time       `json:"-"` // kept apart, so that equal answers have equal bytes
	Requests  int             `json:"requests,omitempty"`
}

// OK tells whether the whole answer was read.
func (a *Answer) OK() bool { return a != nil && a.Outcome == OutcomeValue }

// Absent tells that the service said: there is none.
func (a *Answer) Absent() bool { return a != nil && a.Outcome == OutcomeNotFound }

// Why says, for a fact that could not be had, which call is missing.
func (a *Answer) Why(operation string) string {
	switch {
	case a == nil:
		return operation + " was not asked"
	case a.OK():
		return operation + " did not say"
	}
	return fmt.Sprintf("%s: %s (%s)", a.Operation, a.Outcome, a.Error)
}
