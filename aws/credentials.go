package aws

import (
	"bytes"
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"

	"github.com/flowdeed/flowdeed/graph"
)

// credentialUser is what is kept of a line of the credential report: how a user proves
// who it is. Nothing of a credential itself is in the report (IAM User Guide, "Get
// credential reports for your AWS account").
type credentialUser struct {
	Arn             string
	PasswordEnabled bool
	MFAActive       bool
	ActiveKeys      int
}

type credentialReport struct{ Users []credentialUser }

// credentialReports asks IAM to write the report and reads it. IAM says "not ready" for
// some seconds after the first request in four hours.
func credentialReports(ctx context.Context, c *Collector, api *iam.Client) {
	ask(ctx, c, "GenerateCredentialReport", "", api.GenerateCredentialReport, &iam.GenerateCredentialReportInput{})
	c.record(ctx, "GetCredentialReport", "", func(ctx context.Context, add func(any)) error {
		for pause := time.Second; ; pause *= 2 {
			o, err := api.GetCredentialReport(ctx, &iam.GetCredentialReportInput{})
			if err == nil {
				report, err := readCredentialReport(o.Content)
				if err == nil {
					add(report)
				}
				return err
			}
			var early *types.CredentialReportNotReadyException
			if !errors.As(err, &early) || pause > 8*time.Second {
				return err
			}
			select {
			case <-ctx.Done():
				return ctx.Err()
			case <-time.After(pause):
			}
		}
	})
}

// readCredentialReport reads the table that the report is. The root user, whose
// password cannot be seen there, is left out.
func readCredentialReport(content []byte) (*credentialReport, error) {
	rows, err := csv.NewReader(bytes.NewReader(content)).ReadAll()
	if err != nil {
		return nil, fmt.Errorf("the credential report is no table: %w", err)
	}
	if len(rows) == 0 {
		return nil, errEmptyBody
	}
	at := map[string]int{}
	for i, name := range rows[0] {
		at[name] = i
	}
	for _, name := range []string{"user", "arn", "password_enabled", "mfa_active", "access_key_1_active", "access_key_2_active"} {
		if _, ok := at[name]; !ok {
			return nil, fmt.Errorf("the credential report has no column %s", name)
		}
	}
	out := &credentialReport{Users: []credentialUser{}}
	for _, row := range rows[1:] {
		yes := func(column string) bool { return row[at[column]] == "true" || row[at[column]] == "TRUE" }
		if row[at["user"]] == "<root_account>" {
			continue
		}
		u := credentialUser{Arn: row[at["arn"]], PasswordEnabled: yes("password_enabled"), MFAActive: yes("mfa_active")}
		for _, key := range []string{"access_key_1_active", "access_key_2_active"} {
			if yes(key) {
				u.ActiveKeys++
			}
		}
		out.Users = append(out.Users, u)
	}
	return out, nil
}

// signIns sets how the users of an account sign in.
func (r *Region) signIns(users []*graph.Node) {
	const operation = "GetCredentialReport"
	a := r.answer(operation, "")
	known := map[string]credentialUser{}
	for _, u := range decode[credentialReport](a).Users {
		known[u.Arn] = u
	}
	for _, n := range users {
		src := func(field string) graph.Source { return r.source(operation, "Content "+field) }
		u, ok := known[string(n.ID)]
		if !ok {
			why := r.why(operation, a)
			if a.OK() {
				why = "the credential report does not list the user"
			}
			graph.ConsolePassword.Unknown(&n.Facts, why, src("password_enabled"))
			graph.SecondFactor.Unknown(&n.Facts, why, src("mfa_active"))
			graph.ActiveKeys.Unknown(&n.Facts, why, src("access_key_1_active"))
			continue
		}
		graph.ConsolePassword.Set(&n.Facts, u.PasswordEnabled, src("password_enabled"))
		graph.SecondFactor.Set(&n.Facts, u.MFAActive, src("mfa_active"))
		graph.ActiveKeys.Set(&n.Facts, u.ActiveKeys, src("access_key_1_active"))
	}
}
