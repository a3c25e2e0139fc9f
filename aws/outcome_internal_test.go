package aws

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"testing"
	"time"

	"github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"
)

// apiError is what a service answered, with its HTTP status.
func apiError(status int, code string) error {
	return withStatus(status, &smithy.GenericAPIError{Code: code, Message: "why"})
}

func withStatus(status int, err error) error {
	return &smithy.OperationError{ServiceID: "S", OperationName: "O", Err: &smithyhttp.ResponseError{
		Response: &smithyhttp.Response{Response: &http.Response{StatusCode: status}}, Err: err,
	}}
}

// TestOutcomes: every class of error has its outcome. Only two outcomes are facts;
// a code nobody foresaw is none.
func TestOutcomes(t *testing.T) {
	unreadable := &smithy.DeserializationError{Err: errors.New("invalid character")}
	for _, x := range []struct {
		name   string
		err    error
		absent string
		want   Outcome
	}{
		{"answered", nil, "", OutcomeValue},

		{"no bucket policy", apiError(404, "NoSuchBucketPolicy"), "", OutcomeNotFound},
		{"no encryption setting", apiError(404, "ServerSideEncryptionConfigurationNotFoundError"), "", OutcomeNotFound},
		{"no block of public access", apiError(404, "NoSuchPublicAccessBlockConfiguration"), "", OutcomeNotFound},
		{"no function policy", apiError(404, "ResourceNotFoundException"), "", OutcomeNotFound},
		{"no table policy", apiError(400, "PolicyNotFoundException"), "", OutcomeNotFound},
		{"the call's own code", apiError(400, "SomethingElse"), "SomethingElse", OutcomeNotFound},
		{"another call's code", apiError(400, "SomethingElse"), "OtherThing", OutcomeUnsupported},

		{"the bucket went", apiError(404, "NoSuchBucket"), "", OutcomeUnavailable},
		{"the queue went", apiError(400, "AWS.SimpleQueueService.NonExistentQueue"), "", OutcomeUnavailable},

		{"denied, JSON", apiError(400, "AccessDeniedException"), "", OutcomeDenied},
		{"denied, XML", apiError(403, "AccessDenied"), "", OutcomeDenied},
		{"denied, EC2", apiError(403, "UnauthorizedOperation"), "", OutcomeDenied},
		{"denied, KMS", apiError(400, "KMSAccessDeniedException"), "", OutcomeDenied},
		{"expired credentials", apiError(400, "ExpiredTokenException"), "", OutcomeDenied},
		{"unknown credentials", apiError(403, "InvalidClientTokenId"), "", OutcomeDenied},
		{"bad signature", apiError(403, "SignatureDoesNotMatch"), "", OutcomeDenied},
		{"region switched off", apiError(403, "OptInRequired"), "", OutcomeDenied},

		{"throttled, JSON", apiError(400, "ThrottlingException"), "", OutcomeThrottled},
		{"throttled, query", apiError(400, "Throttling"), "", OutcomeThrottled},
		{"throttled, EC2", apiError(503, "RequestLimitExceeded"), "", OutcomeThrottled},
		{"throttled, S3", apiError(503, "SlowDown"), "", OutcomeThrottled},
		{"throttled, Lambda", apiError(429, "TooManyRequestsException"), "", OutcomeThrottled},

		{"server error", apiError(500, "InternalFailure"), "", OutcomeUnavailable},
		{"server error that says not found", apiError(503, "EndpointNotFound"), "", OutcomeUnavailable},
		{"server error without a body", withStatus(502, errors.New("bad gateway")), "", OutcomeUnavailable},

		{"unknown operation", apiError(400, "UnknownOperationException"), "", OutcomeUnsupported},
		{"not implemented", apiError(400, "NotImplemented"), "", OutcomeUnsupported},
		{"a code nobody foresaw", apiError(400, "KMSInvalidStateException"), "", OutcomeUnsupported},

		{"unreadable answer", withStatus(200, unreadable), "", OutcomeMalformed},
		{"cut answer", withStatus(200, io.ErrUnexpectedEOF), "", OutcomeMalformed},
		{"empty answer", withStatus(200, errEmptyBody), "", OutcomeMalformed},
		{"error page of a gateway", withStatus(502, unreadable), "", OutcomeUnavailable},
		{"error page of a guard", withStatus(403, unreadable), "", OutcomeDenied},
		{"error page of a limiter", withStatus(429, unreadable), "", OutcomeThrottled},
		{"error page of a server that has no such path", withStatus(404, unreadable), "", OutcomeUnsupported},
		{"another error page", withStatus(418, unreadable), "", OutcomeUnsupported},

		{"time-out", fmt.Errorf("calling: %w", context.DeadlineExceeded), "", OutcomeUnavailable},
		{"time-out of the network", &net.OpError{Op: "read", Err: timeout{}}, "", OutcomeUnavailable},
		{"interrupted", fmt.Errorf("calling: %w", context.Canceled), "", OutcomeUnavailable},
		{"no such host", &net.DNSError{Err: "no such host", Name: "x", IsNotFound: true}, "", OutcomeUnavailable},
		{"refused connection", &net.OpError{Op: "dial", Err: errors.New("connection refused")}, "", OutcomeUnavailable},
	} {
		got, why := outcomeOf(x.err, x.absent)
		if got != x.want || (why == "") != (x.err == nil) {
			t.Errorf("%s: %s (%q), want %s with a reason", x.name, got, why, x.want)
		}
	}
}

type timeout struct{}

func (timeout) Error() string   { return "i/o timeout" }
func (timeout) Timeout() bool   { return true }
func (timeout) Temporary() bool { return true }

// TestPace: half the published rate, halved again by a throttle, one bucket an operation.
func TestPace(t *testing.T) {
	list, get := Call{Operation: "List", PerSecond: 5}, Call{Operation: "Get"}
	p := newPace(false)
	if got := p.bucket(list).Limit(); got != 2.5 {
		t.Errorf("published 5 a second: %v, want 2.5", got)
	}
	if got := p.bucket(get).Limit(); got != unpublished {
		t.Errorf("nothing published: %v, want %v", got, unpublished)
	}
	p.slower(list)
	if got := p.bucket(list).Limit(); got != 1.25 {
		t.Errorf("after a throttle: %v, want 1.25", got)
	}
	if got := p.bucket(get).Limit(); got != unpublished {
		t.Errorf("a throttle of List slowed Get to %v", got)
	}
	for range 20 {
		p.slower(list)
	}
	if got := p.bucket(list).Limit(); got != 0.1 {
		t.Errorf("after many throttles: %v, want 0.1 at the least", got)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	for name, p := range map[string]*pace{"on": newPace(false), "off": newPace(true)} {
		if err := p.wait(ctx, get); !errors.Is(err, context.Canceled) {
			t.Errorf("pacing %s, cancelled: %v", name, err)
		}
	}
	// A deadline that is nearer than the next place in the queue ends the wait at once.
	soon, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	begin := time.Now()
	for range 3 {
		_ = p.wait(soon, list)
	}
	if took := time.Since(begin); took > 500*time.Millisecond {
		t.Errorf("waited %s for a place that could not come in time", took)
	}
}
