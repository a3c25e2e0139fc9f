package aws

import (
	"context"
	"sync"

	"golang.org/x/time/rate"
)

// pace holds one token bucket for each rate-limited operation of a service in one
// account and region, at half the published rate, so that the account's own traffic
// keeps the other half. A throttle halves it again.
type pace struct {
	off     bool
	mu      sync.Mutex
	buckets map[string]*rate.Limiter
}

// unpublished is the rate where AWS publishes none.
const unpublished = 20.0

func newPace(off bool) *pace { return &pace{off: off, buckets: map[string]*rate.Limiter{}} }

func (p *pace) bucket(c Call) *rate.Limiter {
	p.mu.Lock()
	defer p.mu.Unlock()
	b, ok := p.buckets[c.Operation]
	if !ok {
		per := unpublished
		if c.PerSecond > 0 {
			per = c.PerSecond / 2
		}
		b = rate.NewLimiter(rate.Limit(per), max(1, int(per)))
		p.buckets[c.Operation] = b
	}
	return b
}

func (p *pace) wait(ctx context.Context, c Call) error {
	if p.off {
		return ctx.Err()
	}
	return p.bucket(c).Wait(ctx)
}

// slower halves the rate of an operation after a throttle, down to one in ten seconds.
func (p *pace) slower(c Call) {
	if p.off {
		return
	}
	b := p.bucket(c)
	b.SetLimit(max(b.Limit()/2, 0.1))
}
