package main

import (
	"encoding/json"
	"io"
	"slices"

	"github.com/spf13/cobra"

	"github.com/flowdeed/flowdeed/aws"
)

func newPolicy(s *streams) *cobra.Command {
	var o output
	var all bool
	c := &cobra.Command{
		Use:   "policy",
		Short: "Print the least IAM policy a scan needs",
		Long: `Prints an IAM policy with exactly the read actions a scan uses, from the same table
the scan calls from. --needed leaves out the actions that only refine the result.`,
		Example: "  flowdeed policy > flowdeed-policy.json\n  aws iam create-policy --policy-name flowdeed --policy-document file://flowdeed-policy.json",
		Args:    cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			return o.print(s, func(w io.Writer) error { return writePolicy(w, !all) })
		},
	}
	c.Flags().BoolVar(&all, "needed", false, "only the actions without which facts are missing")
	addOutput(c, &o, "json", "json")
	return c
}

func writePolicy(w io.Writer, optional bool) error {
	actions := []string{"ec2:DescribeRegions", "sts:GetCallerIdentity"}
	for _, svc := range aws.Services() {
		for _, c := range svc.Calls {
			if optional || !c.Optional {
				actions = append(actions, c.Action)
			}
		}
	}
	slices.Sort(actions)
	actions = slices.Compact(actions)
	enc := json.NewEncoder(w)
	enc.SetIndent("", "  ")
	return enc.Encode(map[string]any{
		"Version": "2012-10-17",
		"Statement": []map[string]any{{
			"Sid": "FlowdeedRead", "Effect": "Allow", "Action": actions, "Resource": "*",
		}},
	})
}
