package main

import (
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"github.com/flowdeed/flowdeed/classify"
)

func newClassifyRecipients(s *streams) *cobra.Command {
	var in input
	var o output
	c := &cobra.Command{
		Use:   "recipients",
		Short: "List who else gets data, compared with the declared parties",
		Long: `Lists hosts, addresses and accounts outside that data flows to or that policies admit,
and companies that names of variables, secrets and buses hint at. Company, country and
role of what is not declared are proposals, to be confirmed: the contract decides.`,
		Example: "  flowdeed classify recipients\n  flowdeed classify recipients prod.snapshot --format json",
	}
	c.RunE = func(_ *cobra.Command, args []string) error {
		a, err := in.open(s, args)
		if err != nil {
			return err
		}
		return o.print(s, func(w io.Writer) error { return printRecipients(w, a.recipients(), o.format) })
	}
	addOutput(c, &o, "text", "text", "json")
	addInput(c, &in, 0)
	return c
}

// recipients are those who get data beside the accounts themselves.
func (a *analysis) recipients() []classify.Recipient {
	known := map[string]string{}
	for id, who := range a.sys.Accounts {
		known[id] = who
	}
	for id, who := range a.set.Settings().Accounts {
		known[id] = "declared: " + who
	}
	return classify.Recipients(a.sys.Graph, a.set, known)
}

func printRecipients(w io.Writer, list []classify.Recipient, format string) error {
	if format == "json" {
		type recipient struct {
			ID       string   `json:"id"`
			Name     string   `json:"name"`
			Declared string   `json:"declared"`
			Known    string   `json:"known"`
			Party    string   `json:"party"`
			Country  string   `json:"country"`
			Role     string   `json:"role"`
			Evidence []string `json:"evidence"`
			Hint     bool     `json:"hint"`
		}
		out := []recipient{}
		for _, r := range list {
			out = append(out, recipient(r))
		}
		return writeJSON(w, map[string]any{"recipients": out})
	}
	if len(list) == 0 {
		fmt.Fprintln(w, "nobody outside is seen to get data")
	}
	for _, r := range list {
		fmt.Fprintf(w, "%s\n  %s\n", r.Name, verdictOn(r))
		for _, e := range r.Evidence {
			fmt.Fprintf(w, "  by: %s\n", e)
		}
	}
	return nil
}

// verdictOn says in a line what is known of a recipient.
func verdictOn(r classify.Recipient) string {
	about := strings.Trim(strings.Join([]string{r.Party, r.Country, r.Role}, ", "), ", ")
	switch {
	case r.Declared != "":
		return fmt.Sprintf("declared as %s: %s", r.Declared, about)
	case r.Known != "":
		return "not declared as a party; the account is known: " + r.Known
	case r.Hint:
		return fmt.Sprintf("only a name hints at it; to be confirmed: %s", about)
	case r.Party != "":
		return fmt.Sprintf("not declared; to be confirmed: %s", about)
	}
	return "not declared: who it is, where and in which role is not known"
}
