package aws

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/service/sts"
)

var stsService = &Service{
	Name:   "sts",
	Doc:    "Who the scan is in each account; goes into the head of every report.",
	Global: true,
	Calls:  []Call{{Operation: "GetCallerIdentity", Action: "sts:GetCallerIdentity"}},
	Collect: func(ctx context.Context, c *Collector) {
		ask(ctx, c, "GetCallerIdentity", "", sts.NewFromConfig(c.Config).GetCallerIdentity, &sts.GetCallerIdentityInput{})
	},
}
