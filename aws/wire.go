package aws

import (
	"bytes"
	"context"
	"fmt"
	"io"

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
