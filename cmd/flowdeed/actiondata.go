package main

import (
	"os"

	"github.com/spf13/cobra"

	"github.com/flowdeed/flowdeed/iam"
)

// addActionData adds the flag that replaces the built-in table of AWS actions.
func addActionData(c *cobra.Command, file *string) {
	c.Flags().StringVar(file, "action-data", "", "table of AWS actions to use instead of the built-in one (CONTRIBUTING.md says how to make one)")
	cobra.CheckErr(c.MarkFlagFilename("action-data"))
}

// actionData reads the table a person named. Without a name it is nil: the built-in one,
// read when it is first asked.
func actionData(file string) (*iam.ActionData, error) {
	if file == "" {
		return nil, nil
	}
	f, err := os.Open(file)
	if err != nil {
		return nil, failf("name a table made by iam/actiondata, or leave --action-data away", "cannot read %s: %w", file, plain(err))
	}
	defer f.Close()
	d, err := iam.ReadActionData(f)
	if err != nil {
		return nil, failf("name a table made by iam/actiondata, or leave --action-data away", "%s: %w", file, err)
	}
	return d, nil
}
