// Command flowdeed maps where personal data flows in an AWS account and writes the
// GDPR papers that follow from the map.
//
// Each subcommand is one file here. A command parses, calls and prints; what it knows
// is in the packages below.
package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"golang.org/x/term"
)

func main() {
	self, err := os.Executable()
	if err != nil {
		self = "" // boxes are placed in this process then
	}
	s := &streams{
		out: os.Stdout, err: os.Stderr, in: os.Stdin,
		terminal: term.IsTerminal(int(os.Stderr.Fd())),
		self:     self,
		colour:   term.IsTerminal(int(os.Stdout.Fd())) && os.Getenv("NO_COLOR") == "" && os.Getenv("TERM") != "dumb",
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	ended := make(chan int, 1)
	go func() { ended <- run(ctx, os.Args[1:], s) }()
	select {
	case status := <-ended:
		os.Exit(status)
	case <-ctx.Done():
	}
	stop() // a second signal ends the program at once
	if s.orderly.Load() {
		os.Exit(<-ended)
	}
	s.unfinished.abandon()
	fmt.Fprintln(os.Stderr, "flowdeed: interrupted; nothing half-written is left behind\nnext: run the command again")
	os.Exit(statusError)
}
