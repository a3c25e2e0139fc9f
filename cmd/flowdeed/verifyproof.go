package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"

	"github.com/spf13/cobra"

	"github.com/flowdeed/flowdeed/aws"
	"github.com/flowdeed/flowdeed/reach/proof"
	"github.com/flowdeed/flowdeed/reach/proof/verify"
)

func newVerifyProof(s *streams) *cobra.Command {
	var bundle string
	c := &cobra.Command{
		Use:   "verify-proof FILE [SNAPSHOT]",
		Short: "Check the proofs of answers about access",
		Long: `Derives every proof in FILE once more, by a small checker that shares no code with what
gave the answer: every document of every layer must be there with its hash, every cited
statement must apply, and no denial may, in every request that meets the conditions. An
escalation must show every permission its rule takes, and a way from outside only flows
that the snapshot shows, with what is assumed about code.

FILE is what who-can or reach print with --format json, a single proof, or a bundle. The
documents come from the snapshot, or from the bundle when no snapshot is named.

Exit status: 0 all accepted, 2 one is rejected (the place and the reason are printed).`,
		Example: "  flowdeed who-can read customers --format json --output answers.json\n  flowdeed verify-proof answers.json flowdeed.snapshot\n  flowdeed verify-proof answers.json flowdeed.snapshot --bundle evidence.json\n  flowdeed verify-proof evidence.json",
		Args:    cobra.RangeArgs(1, 2),
	}
	c.RunE = func(_ *cobra.Command, args []string) error {
		data, err := os.ReadFile(args[0])
		switch {
		case errors.Is(err, fs.ErrNotExist):
			return failf("flowdeed who-can read NAME --format json --output "+args[0], "reading %s: %w", args[0], plain(err))
		case err != nil:
			return failf("name a file that flowdeed who-can --format json wrote", "reading %s: %w", args[0], plain(err))
		}
		list, inv, err := proof.ReadFile(data)
		switch {
		case err != nil && !json.Valid(data):
			return failf("name a file that flowdeed who-can --format json wrote", "%s is no JSON, or cut off: %w", args[0], err)
		case err != nil:
			return failf("name a file that flowdeed who-can --format json wrote", "%s: %w", args[0], err)
		}
		if len(args) > 1 || inv == nil {
			if inv, err = inventoryOf(args[1:]); err != nil {
				return err
			}
		}
		if err := accept(list, inv); err != nil {
			return failf("ask again with flowdeed who-can; the proof does not follow from the documents", "%s is rejected: %w", args[0], err)
		}
		if bundle != "" {
			o := output{file: bundle}
			if err := o.print(s, func(w io.Writer) error { return writeJSON(w, proof.Pack(list, inv)) }); err != nil {
				return err
			}
		}
		fmt.Fprintf(s.out, "%d proofs accepted\n", len(list))
		return nil
	}
	c.Flags().StringVar(&bundle, "bundle", "", "file to write the proofs to, with all documents they cite")
	return c
}

// inventoryOf reads the snapshot that proofs are held against.
func inventoryOf(args []string) (*proof.Inventory, error) {
	path := defaultSnapshot
	if len(args) > 0 {
		path = args[0]
	}
	snap, err := aws.ReadFile(path)
	if err != nil {
		return nil, snapshotFault(path, err)
	}
	return aws.Inventory(snap, aws.Build(snap)), nil
}

// accept checks all proofs; the error says which one is rejected, where, and why.
func accept(list []*proof.Proof, inv *proof.Inventory) error {
	x := verify.New(inv)
	for i, p := range list {
		inv.AdmitAll(p)
		if err := x.Check(p); err != nil {
			var r *verify.Rejection
			if errors.As(err, &r) {
				return fmt.Errorf("proof %d (%s to %s) at %s: %s", i+1, p.Answer.Principal, p.Answer.Target, r.Place, r.Reason)
			}
			return err
		}
	}
	return nil
}
