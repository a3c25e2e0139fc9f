package aws

import (
	"errors"
	"testing"

	"github.com/aws/smithy-go"
)

// TestPatience: a throttled call is tried as often as allowed, another failing one
// three times, and the failure that ends it is the one the service gave.
func TestPatience(t *testing.T) {
	r := (&scan{opt: Options{Attempts: 8}}).retryer()
	broken, throttled := errors.New("HTTP 500"), &smithy.GenericAPIError{Code: "ThrottlingException"}
	for attempt := 1; attempt < 8; attempt++ {
		if _, err := r.RetryDelay(attempt, throttled); err != nil {
			t.Errorf("a throttled call is given up after %d tries", attempt)
		}
		_, err := r.RetryDelay(attempt, broken)
		if given := err != nil; given != (attempt >= faultTries) {
			t.Errorf("after %d tries a failing call is given up: %v", attempt, given)
		} else if given && !errors.Is(err, broken) {
			t.Errorf("the failure turned into %v", err)
		}
	}
}
