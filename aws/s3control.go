package aws

import (
	"context"

	awssdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3control"
)

var s3controlService = &Service{
	Name:   "s3control",
	Doc:    "The public access block of the account, which holds for every bucket in it.",
	Global: true,
	Calls: []Call{
		{Operation: "GetPublicAccessBlock", Action: "s3:GetAccountPublicAccessBlock"},
	},
	Collect: func(ctx context.Context, c *Collector) {
		api := s3control.NewFromConfig(c.Config)
		ask(ctx, c, "GetPublicAccessBlock", c.Account, api.GetPublicAccessBlock, &s3control.GetPublicAccessBlockInput{AccountId: awssdk.String(c.Account)})
	},
	Build: func(*Region) {}, // read by the buckets
}
