package main

import "github.com/spf13/cobra"

func newLayout(s *streams) *cobra.Command {
	return &cobra.Command{Use: "layout", Hidden: true}
}
