package main

import (
	"fmt"
	"runtime/debug"

	"github.com/spf13/cobra"

	"github.com/flowdeed/flowdeed/aws"
)

// release is the version of this release.
const release = "0.1.0"

func tool() string { return "flowdeed " + release }

func newVersion(s *streams) *cobra.Command {
	return &cobra.Command{
		Use: "version", Short: "Print the version", Args: cobra.NoArgs, Example: "  flowdeed version",
		RunE: func(*cobra.Command, []string) error {
			fmt.Fprintf(s.out, "%s, snapshot format %d\n", tool(), aws.SnapshotFormat)
			if b, ok := debug.ReadBuildInfo(); ok {
				fmt.Fprintf(s.out, "built with %s\n", b.GoVersion)
			}
			return nil
		},
	}
}
