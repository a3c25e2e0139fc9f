package main

import (
	"github.com/spf13/cobra"

	"github.com/flowdeed/flowdeed/report/layout"
)

// layoutCommand is the hidden command by which flowdeed runs itself to place the boxes
// of a picture, so that a layout that takes too long can be ended.
const layoutCommand = "place-boxes"

func newLayout(s *streams) *cobra.Command {
	return &cobra.Command{
		Use: layoutCommand, Hidden: true, Args: cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error { return layout.Serve(s.in, s.out) },
	}
}
