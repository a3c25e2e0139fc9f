package aws

import (
	"context"

	awssdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"

	"github.com/flowdeed/flowdeed/graph"
)

var secretsmanagerService = &Service{
	Name: "secretsmanager",
	Doc:  "Secrets: key, rotation, replicas and policy. Values are never asked for.",
	Calls: []Call{
		{Operation: "ListSecrets", Action: "secretsmanager:ListSecrets"},
		{Operation: "DescribeSecret", Action: "secretsmanager:DescribeSecret", Optional: true},
		{Operation: "GetResourcePolicy", Action: "secretsmanager:GetResourcePolicy"},
	},
	Collect: func(ctx context.Context, c *Collector) {
		api := secretsmanager.NewFromConfig(c.Config)
		var arns []string
		for _, p := range pages(ctx, c, "ListSecrets", "", secretsmanager.NewListSecretsPaginator(api, &secretsmanager.ListSecretsInput{})) {
			for _, s := range p.SecretList {
				arn := awssdk.ToString(s.ARN)
				arns = append(arns, arn)
				if s.PrimaryRegion != nil {
					ask(ctx, c, "DescribeSecret", arn, api.DescribeSecret, &secretsmanager.DescribeSecretInput{SecretId: s.ARN})
				}
			}
		}
		each(ctx, arns, func(arn string) {
			ask(ctx, c, "GetResourcePolicy", arn, api.GetResourcePolicy, &secretsmanager.GetResourcePolicyInput{SecretId: awssdk.String(arn)})
		})
	},
	Build: buildSecrets,
}

func buildSecrets(r *Region) {
	const op = "ListSecrets"
	for _, list := range r.each(op) {
		for _, s := range decode[struct {
			SecretList []struct {
				ARN, Name, KmsKeyId, OwningService, RotationLambdaARN string
				RotationEnabled                                       *bool
				Tags                                                  []keyValue
			}
		}](list).SecretList {
			n := r.node(graph.Node{
				ID: graph.ID(s.ARN), Class: graph.Secret, Kind: "secretsmanager.secret", Type: "AWS::SecretsManager::Secret", Name: s.Name,
				Aliases: []string{withoutSuffix(s.ARN)},
			})
			tagNode(n, keyValues(s.Tags))
			src := r.source(op, "SecretList[].KmsKeyId")
			graph.ProviderEnforced.Set(&n.Facts, true, src)
			if s.KmsKeyId != "" {
				r.encrypted(n, "KMS", s.KmsKeyId, src)
			} else {
				// Source: AWS Secrets Manager User Guide, "Secret encryption and decryption".
				r.encryptedBy(n, "KMS", graph.KeyAWSManaged, "no key named: aws/secretsmanager", src)
			}
			setting(r, &n.Facts, graph.Rotation, s.RotationEnabled, false, op, list, "SecretList[].RotationEnabled")
			if s.RotationLambdaARN != "" && (s.RotationEnabled == nil || *s.RotationEnabled) {
				src := r.source(op, "SecretList[].RotationLambdaARN")
				f := r.flow(graph.Triggers, s.ARN, s.RotationLambdaARN, "rotation", src, "")
				graph.Transformed.SetNote(&f.Facts, []string{}, "the call names the secret and does not hold it", src)
			}
			if s.OwningService != "" {
				graph.ManagedBy.Set(&n.Facts, s.OwningService, r.source(op, "SecretList[].OwningService"))
			}
			p := r.answer("GetResourcePolicy", s.ARN)
			r.resourcePolicy(n, decode[struct{ ResourcePolicy *string }](p).ResourcePolicy, "GetResourcePolicy", p, "ResourcePolicy")
			for _, rep := range decode[struct{ ReplicationStatus []struct{ Region string } }](r.answer("DescribeSecret", s.ARN)).ReplicationStatus {
				if a, ok := parseARN(s.ARN); ok && rep.Region != r.Region {
					a.Region = rep.Region
					r.flow(graph.Replicates, s.ARN, a.String(), "secret replica", r.source("DescribeSecret", "ReplicationStatus[].Region"), rep.Region)
				}
			}
		}
	}
}

// withoutSuffix drops the six random characters Secrets Manager adds to a secret's
// ARN, because policies and variables often name it without.
func withoutSuffix(arn string) string {
	if n := len(arn); n > 7 && arn[n-7] == '-' {
		return arn[:n-7]
	}
	return arn
}
