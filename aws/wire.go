package aws

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"regexp"
	"time"

	awsmiddleware "github.com/aws/aws-sdk-go-v2/aws/middleware"
	"github.com/aws/smithy-go/middleware"
	smithyhttp "github.com/aws/smithy-go/transport/http"
)

// readOnly refuses, before anything is sent, every operation that is not in the call
// tables: the scan cannot write even if a service file tried to.
func readOnly(services []*Service) func(*middleware.Stack) error {
	allowed := map[string]bool{"AssumeRole": true, "GetCallerIdentity": true, "DescribeRegions": true}
	for _, s := range services {
		for _, c := range s.Calls {
			allowed[c.Operation] = true
		}
	}
	return func(stack *middleware.Stack) error {
		return stack.Initialize.Add(middleware.InitializeMiddlewareFunc("flowdeed read-only",
			func(ctx context.Context, in middleware.InitializeInput, next middleware.InitializeHandler) (middleware.InitializeOutput, middleware.Metadata, error) {
				if op := awsmiddleware.GetOperationName(ctx); !allowed[op] {
					return middleware.InitializeOutput{}, middleware.Metadata{}, fmt.Errorf("operation %s is not in the call table", op)
				}
				return next.HandleInitialize(ctx, in)
			}), middleware.After)
	}
}

// textDates are the operations whose dates some emulators send as text, with the field.
// The SDK expects seconds since 1970 there and reads nothing of such an answer.
var textDates = map[string]*regexp.Regexp{
	"ListFunctionEventInvokeConfigs": regexp.MustCompile(`("LastModified"\s*:\s*)"([^"]*)"`),
}

// datesInSeconds turns such dates into what AWS sends.
func datesInSeconds(stack *middleware.Stack) error {
	return stack.Deserialize.Add(middleware.DeserializeMiddlewareFunc("flowdeed dates",
		func(ctx context.Context, in middleware.DeserializeInput, next middleware.DeserializeHandler) (middleware.DeserializeOutput, middleware.Metadata, error) {
			out, md, err := next.HandleDeserialize(ctx, in)
			resp, ok := out.RawResponse.(*smithyhttp.Response)
			field := textDates[awsmiddleware.GetOperationName(ctx)]
			if err != nil || !ok || field == nil || resp.StatusCode >= 300 || resp.Body == nil {
				return out, md, err
			}
			body, err := io.ReadAll(resp.Body)
			if err != nil {
				return out, md, err
			}
			resp.Body.Close()
			resp.Body = io.NopCloser(bytes.NewReader(secondsFor(field, body)))
			return out, md, nil
		}), middleware.After)
}

func secondsFor(field *regexp.Regexp, body []byte) []byte {
	return field.ReplaceAllFunc(body, func(m []byte) []byte {
		parts := field.FindSubmatch(m)
		at, err := time.Parse(time.RFC3339, string(parts[2]))
		if err != nil {
			return m
		}
		return fmt.Appendf(nil, "%s%d.%03d", parts[1], at.Unix(), at.Nanosecond()/1e6)
	})
}

// refuseEmptyBody turns a success without a body into an error. The SDK reads such
// an answer as "nothing there", which would make a broken proxy look like an empty
// account.
func refuseEmptyBody(stack *middleware.Stack) error {
	return stack.Deserialize.Add(middleware.DeserializeMiddlewareFunc("flowdeed empty body",
		func(ctx context.Context, in middleware.DeserializeInput, next middleware.DeserializeHandler) (middleware.DeserializeOutput, middleware.Metadata, error) {
			out, md, err := next.HandleDeserialize(ctx, in)
			resp, ok := out.RawResponse.(*smithyhttp.Response)
			if err != nil || !ok || resp.StatusCode >= 300 || resp.Body == nil {
				return out, md, err
			}
			first := make([]byte, 1)
			n, readErr := io.ReadFull(resp.Body, first)
			if n == 0 {
				if readErr == nil || readErr == io.EOF {
					readErr = errEmptyBody
				}
				return out, md, readErr
			}
			resp.Body = struct {
				io.Reader
				io.Closer
			}{io.MultiReader(bytes.NewReader(first), resp.Body), resp.Body}
			return out, md, err
		}), middleware.After)
}
