package report

import (
	"bytes"
	"encoding/csv"
	"strings"

	"github.com/flowdeed/flowdeed/check"
	"github.com/flowdeed/flowdeed/graph"
	"github.com/flowdeed/flowdeed/report/doc"
)

// csv prints what failed, was accepted or is unknown, one finding a row
// (RFC 4180, UTF-8, first row the column keys).
func (b *builder) csv() []byte {
	var out bytes.Buffer
	w := csv.NewWriter(&out)
	w.UseCRLF = true
	rows := [][]string{{"severity", "status", "control", "title", "articles", "subject", "name", "kind", "account", "region",
		"data", "owner", "reason", "facts", "read_from", "fix"}}
	for _, f := range b.answers {
		if f.Status == check.Fail || f.Status == check.Accepted || f.Status == check.Unknown {
			rows = append(rows, b.csvRow(f))
		}
	}
	for _, r := range rows {
		for i := range r {
			r[i] = cellText(r[i])
		}
		if err := w.Write(r); err != nil {
			panic(err) // writing to memory does not fail
		}
	}
	w.Flush()
	return out.Bytes()
}

func (b *builder) csvRow(f check.Finding) []string {
	c := controlOf(f)
	kind, account, region, owner := "", "", "", ""
	if f.Node != nil {
		kind, account, region, owner = f.Node.Kind, f.Node.Account, f.Node.Region, b.in.Labels.At(f.Node.ID).Owner
	} else if f.Flow != nil {
		kind = string(f.Flow.Kind)
	}
	facts, from := factColumns(f.Facts)
	return []string{f.Severity.String(), string(f.Status), c.ID, c.Title, strings.Join(c.Articles, ", "), f.Subject,
		b.subjectName(f), kind, account, region, f.Profile.String(), owner, f.Reason, facts, from, c.Fix}
}

func factColumns(facts []graph.Fact) (values, sources string) {
	var v, s []string
	for _, x := range facts {
		if x.Known {
			v = append(v, x.Name+": "+factValue(x))
		} else {
			v = append(v, x.Name+": not known ("+x.Why+")")
		}
		if x.Source != "" {
			s = append(s, string(x.Source))
		}
	}
	return strings.Join(v, "; "), strings.Join(s, "; ")
}

// cellText cleans a cell and takes the meaning of a formula from it: a spreadsheet
// runs what starts with one of = + - @.
func cellText(s string) string {
	s = doc.Clean(s)
	if strings.TrimLeft(s, " ") != "" && strings.ContainsRune("=+-@", rune(strings.TrimLeft(s, " ")[0])) {
		return "'" + s
	}
	return s
}
