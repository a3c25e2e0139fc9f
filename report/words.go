package report

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/flowdeed/flowdeed/classify"
	"github.com/flowdeed/flowdeed/graph"
	"github.com/flowdeed/flowdeed/report/doc"
)

// printerWords are the words printers need, in English.
func printerWords() doc.Words {
	return doc.Words{
		Contents: "Contents", Continued: "(continued)", PageOf: "page %d of %d", Figure: "Figure",
		More: "%d more rows are not shown here; the PDF edition of this report holds them all.",
		Status: map[string]string{
			"pass": "PASS", "fail": "FAIL", "unknown": "UNKNOWN", "not-applicable": "NOT APPLICABLE", "accepted": "ACCEPTED",
		},
		Severity: map[string]string{"critical": "critical", "high": "high", "medium": "medium", "low": "low", "info": "info"},
		Callout:  map[doc.CalloutKind]string{doc.Note: "Note", doc.Warning: "Attention", doc.Gap: "Not known"},
		Fact:     [4]string{"Subject", "Fact", "Value", "Read from"},
		NotKnown: "not known: ",
	}
}

// profileWords say which data a subject holds or passes on.
var profileWords = map[classify.Profile]string{
	classify.ProfileUnlabelled: "not known", classify.ProfileNone: "declared to hold none", classify.ProfilePersonal: "personal data",
	classify.ProfileChildren: "children's data", classify.ProfileCriminal: "criminal data (Art.\u00a010)", classify.ProfileSpecial: "special categories (Art.\u00a09)",
}

// stateWords say how much is known about the data at a node. The order is that of
// the tables.
var stateWords = []struct {
	state classify.State
	word  string
	means string
}{
	{classify.Declared, "declared", "a person named the data, and the review has not expired"},
	{classify.Inferred, "may be held", "data arrives along flows, or strong evidence says so; nobody has confirmed it"},
	{classify.Disputed, "disputed", "a person removed the label, strong evidence speaks against it"},
	{classify.Stale, "review expired", "was declared once; the review has expired"},
	{classify.Weak, "weak hint", "evidence that is too weak to rely on"},
	{classify.Unreadable, "unreadable", "the description could not be read"},
	{classify.Unknown, "unknown", "no statement and no evidence"},
	{classify.None, "none, declared", "a person said that no personal data is kept here"},
}

func stateWord(s classify.State) string {
	for _, x := range stateWords {
		if x.state == s {
			return x.word
		}
	}
	return string(s)
}

var keyWords = map[graph.KeyClass]string{
	graph.KeyNone: "no key", graph.KeyProviderOwned: "AWS-owned key", graph.KeyAWSManaged: "AWS-managed key",
	graph.KeyCustomer: "own KMS key", graph.KeyCustomerForeign: "KMS key of another account", graph.KeyExternal: "key held outside AWS",
}

var transitWords = map[graph.Transit]string{
	graph.TransitEnforced: "TLS enforced", graph.TransitOffered: "TLS offered, not enforced", graph.TransitPlain: "PLAINTEXT",
	graph.TransitInternal: "inside AWS", graph.TransitUnknown: "not known",
}

var outcomeWords = map[string]string{
	"denied": "denied", "throttled": "given up after throttling", "unsupported": "not supported by the endpoint",
	"malformed": "unreadable answer", "unavailable": "no answer",
}

func outcomeWord(s string) string {
	if w, ok := outcomeWords[s]; ok {
		return w
	}
	return s
}

// number prints a count with commas between thousands.
func number(n int) string {
	s := strconv.Itoa(n)
	if n < 0 {
		return s
	}
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

// count prints a number with its noun, "1 store" or "3 stores".
func count(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return number(n) + " " + many
}

// share prints a part of a whole in per cent. It never rounds something up to all
// or down to nothing.
func share(part, whole int) string {
	if whole == 0 {
		return "0 %"
	}
	p := (part*100 + whole/2) / whole
	switch {
	case part > 0 && p == 0:
		return "under 1 %"
	case part < whole && p == 100:
		return "over 99 %"
	}
	return fmt.Sprintf("%d %%", p)
}

// moment prints a time in UTC, to the minute.
func moment(t time.Time) string {
	if t.IsZero() {
		return "time not known"
	}
	return t.UTC().Format("2006-01-02 15:04") + " UTC"
}

func sentence(s string) string {
	s = strings.TrimSpace(s)
	if s == "" {
		return ""
	}
	if last := s[len(s)-1]; last != '.' && last != '!' && last != '?' {
		s += "."
	}
	return s
}

// articles prints the articles of a control: "Art. 5(1)(f), 32(1)(a) GDPR".
func articles(list []string) string {
	if len(list) == 0 {
		return ""
	}
	return "Art. " + strings.Join(list, ", ") + " GDPR"
}

// factName turns the name of a fact into words.
func factName(s string) string { return strings.ReplaceAll(s, "_", " ") }

// factValue prints the value of a known fact.
func factValue(x graph.Fact) string {
	switch v := x.Value.(type) {
	case bool:
		if v {
			return "yes"
		}
		return "no"
	case []string:
		if len(v) == 0 {
			return "none"
		}
		return strings.Join(v, ", ")
	case string:
		if v == "" {
			return "none"
		}
		return v
	}
	return fmt.Sprint(x.Value)
}

func orText(s, otherwise string) string {
	if s == "" {
		return otherwise
	}
	return s
}

// middle cuts the middle out of a text longer than the given number of runes; 0 cuts nothing.
func middle(s string, longest int) string {
	r := []rune(s)
	if longest == 0 || len(r) <= longest {
		return s
	}
	tail := (longest - 1) / 2
	return string(r[:longest-1-tail]) + "…" + string(r[len(r)-tail:])
}
