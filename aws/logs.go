package aws

import (
	"context"
	"encoding/json"
	"strconv"
	"strings"

	awssdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs/types"

	"github.com/flowdeed/flowdeed/graph"
)

var logsService = &Service{
	Name: "logs",
	Doc:  "Log groups: key, retention, data protection, subscriptions and exports; names of fields in metric filters and saved queries. Log events are never read.",
	Calls: []Call{
		{Operation: "DescribeLogGroups", Action: "logs:DescribeLogGroups"},
		{Operation: "DescribeSubscriptionFilters", Action: "logs:DescribeSubscriptionFilters"},
		{Operation: "DescribeResourcePolicies", Action: "logs:DescribeResourcePolicies", Optional: true},
		{Operation: "DescribeAccountPolicies", Action: "logs:DescribeAccountPolicies", Optional: true},
		{Operation: "DescribeExportTasks", Action: "logs:DescribeExportTasks", Optional: true},
		{Operation: "DescribeMetricFilters", Action: "logs:DescribeMetricFilters", Optional: true, Prune: keepMetricFilters},
		{Operation: "DescribeQueryDefinitions", Action: "logs:DescribeQueryDefinitions", Optional: true, Prune: keepQueries},
	},
	Collect: collectLogs,
	Build:   buildLogs,
}

func collectLogs(ctx context.Context, c *Collector) {
	api := cloudwatchlogs.NewFromConfig(c.Config)
	var groups []string
	for _, p := range pages(ctx, c, "DescribeLogGroups", "", cloudwatchlogs.NewDescribeLogGroupsPaginator(api, &cloudwatchlogs.DescribeLogGroupsInput{})) {
		for _, g := range p.LogGroups {
			groups = append(groups, awssdk.ToString(g.LogGroupName))
		}
	}
	if len(groups) == 0 {
		return
	}
	each(ctx, groups, func(name string) {
		pages(ctx, c, "DescribeSubscriptionFilters", name, cloudwatchlogs.NewDescribeSubscriptionFiltersPaginator(api, &cloudwatchlogs.DescribeSubscriptionFiltersInput{LogGroupName: awssdk.String(name)}))
	})
	tokens(ctx, c, "DescribeResourcePolicies", "", func(ctx context.Context, token *string) (*cloudwatchlogs.DescribeResourcePoliciesOutput, *string, error) {
		out, err := api.DescribeResourcePolicies(ctx, &cloudwatchlogs.DescribeResourcePoliciesInput{NextToken: token})
		if err != nil {
			return nil, nil, err
		}
		return out, out.NextToken, nil
	})
	for _, kind := range []types.PolicyType{types.PolicyTypeDataProtectionPolicy, types.PolicyTypeSubscriptionFilterPolicy} {
		tokens(ctx, c, "DescribeAccountPolicies", string(kind), func(ctx context.Context, token *string) (*cloudwatchlogs.DescribeAccountPoliciesOutput, *string, error) {
			out, err := api.DescribeAccountPolicies(ctx, &cloudwatchlogs.DescribeAccountPoliciesInput{PolicyType: kind, NextToken: token})
			if err != nil {
				return nil, nil, err
			}
			return out, out.NextToken, nil
		})
	}
	tokens(ctx, c, "DescribeExportTasks", "", func(ctx context.Context, token *string) (*cloudwatchlogs.DescribeExportTasksOutput, *string, error) {
		out, err := api.DescribeExportTasks(ctx, &cloudwatchlogs.DescribeExportTasksInput{NextToken: token})
		if err != nil {
			return nil, nil, err
		}
		return out, out.NextToken, nil
	})
	collectLogNames(ctx, c, api)
}

func buildLogs(r *Region) {
	r.afterNodes(r.logFieldNames)
	const op = "DescribeLogGroups"
	for _, list := range r.each(op) {
		for _, g := range decode[struct {
			LogGroups []struct {
				LogGroupName, Arn, KmsKeyId, DataProtectionStatus string
				RetentionInDays                                   *int
			}
		}](list).LogGroups {
			n := r.node(graph.Node{
				ID: graph.ID(r.arn("logs", "log-group:"+g.LogGroupName)), Class: graph.LogGroup, Kind: "logs.group", Type: "AWS::Logs::LogGroup", Name: g.LogGroupName,
			})
			src := r.source(op, "logGroups[].kmsKeyId")
			graph.ProviderEnforced.Set(&n.Facts, true, src)
			if g.KmsKeyId != "" {
				r.encrypted(n, "KMS", g.KmsKeyId, src)
			} else {
				// Source: Amazon CloudWatch Logs User Guide, "Encrypt log data in CloudWatch Logs using AWS KMS".
				r.encryptedBy(n, "default", graph.KeyProviderOwned, "no key associated: the service's own key", src)
			}
			// A group without a retention setting keeps events for ever.
			setting(r, &n.Facts, graph.RetentionDays, g.RetentionInDays, 0, op, list, "logGroups[].retentionInDays")
			r.groupMasking(n, g.DataProtectionStatus, list)
			r.groupSubscriptions(n)
		}
	}
	r.accountSubscriptions()
	r.logExports()
}

// accountSubscriptions draws the subscriptions that hold for every group of an account
// and Region. Source: Amazon CloudWatch Logs User Guide, "Account-level subscription
// filters". Groups that a policy selects out are left out.
func (r *Region) accountSubscriptions() {
	const op = "DescribeAccountPolicies"
	a := r.answer(op, "SUBSCRIPTION_FILTER_POLICY")
	for _, p := range decode[struct {
		AccountPolicies []struct{ PolicyName, PolicyDocument, SelectionCriteria string }
	}](a).AccountPolicies {
		var doc struct{ DestinationArn, FilterPattern string }
		if json.Unmarshal([]byte(p.PolicyDocument), &doc) != nil || doc.DestinationArn == "" {
			continue
		}
		src := r.source(op, "accountPolicies[].policyDocument")
		r.afterNodes(func() {
			for _, n := range r.index.placed[place{r.Account, r.Region}] {
				if n.Class != graph.LogGroup || n.External || strings.Contains(p.SelectionCriteria, strconv.Quote(n.Name)) {
					continue
				}
				if string(n.ID) == canonicalARN(doc.DestinationArn) || strings.HasSuffix(doc.DestinationArn, ":function:"+strings.TrimPrefix(n.Name, "/aws/lambda/")) {
					continue // the log of the destination itself would go round in a ring
				}
				fl := r.flow(graph.Streams, string(n.ID), doc.DestinationArn, p.PolicyName, src, "account policy")
				graph.Asynchronous.Set(&fl.Facts, true, src)
				if doc.FilterPattern != "" {
					graph.Filtered.Set(&fl.Facts, doc.FilterPattern, src)
				}
			}
		})
	}
}

// groupMasking: a group is masked by its own policy or by one of the account.
func (r *Region) groupMasking(n *graph.Node, status string, list *Answer) {
	src := r.source("DescribeLogGroups", "logGroups[].dataProtectionStatus")
	account := r.answer("DescribeAccountPolicies", "DATA_PROTECTION_POLICY")
	whole := decode[struct{ AccountPolicies []struct{ PolicyName string } }](account).AccountPolicies
	switch {
	case status == "ACTIVATED":
		graph.DataProtection.Set(&n.Facts, true, src)
	case len(whole) > 0:
		graph.DataProtection.Set(&n.Facts, true, r.source("DescribeAccountPolicies", "accountPolicies[].policyName"))
	case account.OK() || account.Absent():
		graph.DataProtection.Set(&n.Facts, false, src)
	default:
		graph.DataProtection.Unknown(&n.Facts, r.why("DescribeAccountPolicies", account), src)
	}
}

func (r *Region) groupSubscriptions(n *graph.Node) {
	const op = "DescribeSubscriptionFilters"
	for _, f := range decode[struct {
		SubscriptionFilters []struct{ FilterName, FilterPattern, DestinationArn string }
	}](r.answer(op, n.Name)).SubscriptionFilters {
		kind := graph.Streams
		if strings.Contains(f.DestinationArn, ":lambda:") {
			kind = graph.Triggers
		}
		fl := r.flow(kind, string(n.ID), f.DestinationArn, f.FilterName, r.source(op, "subscriptionFilters[].destinationArn"), "")
		graph.Asynchronous.Set(&fl.Facts, true, r.source(op, "subscriptionFilters[].destinationArn"))
		if f.FilterPattern != "" {
			graph.Filtered.Set(&fl.Facts, f.FilterPattern, r.source(op, "subscriptionFilters[].filterPattern"))
		}
	}
}

func (r *Region) logExports() {
	const op = "DescribeExportTasks"
	for _, a := range r.each(op) {
		for _, t := range decode[struct {
			ExportTasks []struct{ LogGroupName, Destination, TaskId string }
		}](a).ExportTasks {
			from := r.arn("logs", "log-group:"+t.LogGroupName)
			r.flow(graph.Exports, from, ARN{r.Partition, "s3", "", "", t.Destination}.String(), "export task", r.source(op, "exportTasks[].destination"), "")
		}
	}
}
