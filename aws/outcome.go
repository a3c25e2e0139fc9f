package aws

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"slices"
	"strings"

	"github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"
)

// Outcome is how a call ended. Only Value and NotFound are facts; everything else
// leaves what was asked unknown.
type Outcome string

// The outcomes of a call.
const (
	OutcomeValue       Outcome = "value"
	OutcomeNotFound    Outcome = "not-found"   // there is none: no policy, no lifecycle
	OutcomeDenied      Outcome = "denied"      // missing permission, or credentials not accepted
	OutcomeThrottled   Outcome = "throttled"   // given up after retries
	OutcomeUnsupported Outcome = "unsupported" // the endpoint does not know the operation, or not for this resource
	OutcomeMalformed   Outcome = "malformed"   // an answer that cannot be read
	OutcomeUnavailable Outcome = "unavailable" // server error, time-out, no connection, gone meanwhile
)

var deniedCodes = []string{
	"AccessDenied", "AccessDeniedException", "UnauthorizedOperation", "AuthFailure", "Forbidden", "ForbiddenException",
	"NotAuthorized", "NotAuthorizedException", "AuthorizationError", "AuthorizationErrorException", "UnauthorizedException", "403", "401",
	"InvalidClientTokenId", "UnrecognizedClientException", "SignatureDoesNotMatch", "InvalidAccessKeyId", "MissingAuthenticationToken",
	"IncompleteSignature", "ExpiredToken", "ExpiredTokenException", "RequestExpired", "TokenRefreshRequired", "OptInRequired",
	"AWSOrganizationsNotInUseException", "SubscriptionRequiredException", "AllAccessDisabled", "AccountProblem",
}

var throttleCodes = []string{
	"Throttling", "ThrottlingException", "ThrottledException", "Throttled", "RequestThrottled", "RequestThrottledException",
	"TooManyRequests", "TooManyRequestsException", "RequestLimitExceeded", "SlowDown", "BandwidthLimitExceeded",
	"ProvisionedThroughputExceededException", "TransactionInProgressException", "PriorRequestNotComplete", "EC2ThrottledException", "429",
}

var unsupportedCodes = []string{
	"UnknownOperationException", "UnknownOperation", "UnsupportedOperation", "UnsupportedOperationException", "InvalidAction",
	"NotImplemented", "NotImplementedException", "MethodNotAllowed", "UnknownError", "404", "501",
}

// goneCodes say that the thing asked about has gone, not that a setting is absent.
var goneCodes = []string{"NoSuchBucket", "QueueDoesNotExist", "AWS.SimpleQueueService.NonExistentQueue"}

// outcomeOf sorts an error of the SDK. absent is the call's own code for "none".
func outcomeOf(err error, absent string) (Outcome, string) {
	if err == nil {
		return OutcomeValue, ""
	}
	var de *smithy.DeserializationError
	if errors.As(err, &de) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, errEmptyBody) {
		return malformedOr(err)
	}
	var ae smithy.APIError
	if errors.As(err, &ae) {
		return apiOutcome(ae, statusOf(err), absent)
	}
	var ne net.Error
	if errors.Is(err, context.DeadlineExceeded) || errors.As(err, &ne) && ne.Timeout() {
		return OutcomeUnavailable, "no answer within the time allowed"
	}
	if errors.Is(err, context.Canceled) {
		return OutcomeUnavailable, "the scan was interrupted"
	}
	if s := statusOf(err); s >= 500 {
		return OutcomeUnavailable, fmt.Sprintf("HTTP %d", s)
	}
	return OutcomeUnavailable, firstLine(rootCause(err).Error())
}

// malformedOr tells an unreadable answer of a working endpoint from an error page
// whose body is no error message of the protocol.
func malformedOr(err error) (Outcome, string) {
	switch s := statusOf(err); {
	case s == 403 || s == 401:
		return OutcomeDenied, fmt.Sprintf("HTTP %d without a readable reason", s)
	case s == 429:
		return OutcomeThrottled, "HTTP 429 without a readable reason"
	case s == 404 || s == 405 || s == 501:
		return OutcomeUnsupported, fmt.Sprintf("HTTP %d without a readable reason", s)
	case s >= 500:
		return OutcomeUnavailable, fmt.Sprintf("HTTP %d without a readable reason", s)
	case s >= 400:
		return OutcomeUnsupported, fmt.Sprintf("HTTP %d without a readable reason", s)
	}
	return OutcomeMalformed, "the answer could not be read: " + firstLine(rootCause(err).Error())
}

func apiOutcome(ae smithy.APIError, status int, absent string) (Outcome, string) {
	code := ae.ErrorCode()
	why := code
	if m := firstLine(ae.ErrorMessage()); m != "" && m != code {
		why += ": " + m
	}
	switch {
	case absent != "" && code == absent:
		return OutcomeNotFound, why
	case slices.Contains(goneCodes, code):
		return OutcomeUnavailable, why + " (gone during the scan)"
	case slices.Contains(deniedCodes, code) || strings.Contains(code, "AccessDenied"):
		return OutcomeDenied, why
	case slices.Contains(throttleCodes, code) || strings.Contains(code, "Throttl"):
		return OutcomeThrottled, why
	case status >= 500:
		return OutcomeUnavailable, why
	case slices.Contains(unsupportedCodes, code):
		return OutcomeUnsupported, why
	case strings.Contains(code, "NotFound") || strings.HasPrefix(code, "NoSuch"):
		return OutcomeNotFound, why
	}
	return OutcomeUnsupported, why
}

func statusOf(err error) int {
	var re *smithyhttp.ResponseError
	if errors.As(err, &re) && re.Response != nil && re.Response.Response != nil {
		return re.Response.StatusCode
	}
	return 0
}

func rootCause(err error) error {
	for {
		next := errors.Unwrap(err)
		if next == nil {
			return err
		}
		err = next
	}
}

func firstLine(s string) string {
	s, _, _ = strings.Cut(strings.TrimSpace(s), "\n")
	if len(s) > 200 {
		s = s[:200] + "…"
	}
	return s
}
