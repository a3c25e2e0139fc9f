package aws

import (
	"context"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/ssm"

	"github.com/flowdeed/flowdeed/graph"
)

var ssmService = &Service{
	Name: "ssm",
	Doc:  "Parameters: name, type and key. Values are never asked for.",
	Calls: []Call{
		{Operation: "DescribeParameters", Action: "ssm:DescribeParameters", Drop: []string{"Parameters[].LastModifiedUser"}},
	},
	Collect: func(ctx context.Context, c *Collector) {
		pages(ctx, c, "DescribeParameters", "", ssm.NewDescribeParametersPaginator(ssm.NewFromConfig(c.Config), &ssm.DescribeParametersInput{}))
	},
	Build: buildSSM,
}

func buildSSM(r *Region) {
	const op = "DescribeParameters"
	for _, list := range r.each(op) {
		for _, p := range decode[struct {
			Parameters []struct{ Name, ARN, Type, KeyId string }
		}](list).Parameters {
			arn := r.arn("ssm", "parameter/"+strings.TrimPrefix(p.Name, "/"))
			n := r.node(graph.Node{
				ID: graph.ID(arn), Class: graph.Parameter, Kind: "ssm.parameter", Type: "AWS::SSM::Parameter", Name: p.Name,
				Aliases: []string{strings.TrimPrefix(p.Name, "/"), p.ARN},
			})
			src := r.source(op, "Parameters[].Type")
			fact(r, &n.Facts, graph.ParameterType, nilIfEmpty(p.Type), op, list, "Parameters[].Type")
			switch {
			case p.Type == "SecureString" && p.KeyId != "":
				r.encrypted(n, "KMS", p.KeyId, r.source(op, "Parameters[].KeyId"))
			case p.Type == "SecureString":
				r.encryptedBy(n, "KMS", graph.KeyAWSManaged, "no key named: aws/ssm", src)
			case p.Type != "":
				// Source: AWS Systems Manager User Guide, "What is a parameter?": only
				// SecureString is encrypted with KMS.
				r.encryptedBy(n, "plain parameter", graph.KeyProviderOwned, "stored by the service, readable in clear by everybody who may read it", src)
			default:
				r.restUnknown(n, r.why(op, list), src)
			}
		}
	}
}
