package doc

import "strings"

// InlineKind is the kind of a piece of text.
type InlineKind int

// The inline kinds.
const (
	Plain    InlineKind = iota
	Strong              // stands out
	Code                // an identifier or a literal value
	Link                // to a heading, table or row of this document: Target is its id
	LinkOut             // to the outside: Target is an https address
	Status              // Text is a stored status: "fail"
	Severity            // Text is a stored severity: "high"
	Break               // a new line inside a cell or paragraph
	Quiet               // second text, less important
)

// Inline is a piece of text of one kind.
type Inline struct {
	Kind   InlineKind
	Text   string
	Target string
}

// Text is a run of inline pieces.
type Text []Inline

// T returns cleaned plain text.
func T(s string) Text { return Text{{Kind: Plain, Text: Clean(s)}} }

// B returns cleaned text that stands out.
func B(s string) Text { return Text{{Kind: Strong, Text: Clean(s)}} }

// C returns a cleaned identifier or literal.
func C(s string) Text {
	if s == "" {
		return nil
	}
	return Text{{Kind: Code, Text: Clean(s)}}
}

// Q returns cleaned second text.
func Q(s string) Text { return Text{{Kind: Quiet, Text: Clean(s)}} }

// To returns a link to an id of this document.
func To(s, id string) Text { return Text{{Kind: Link, Text: Clean(s), Target: id}} }

// Out returns a link to an https address; any other address becomes plain text.
func Out(s, url string) Text {
	if !strings.HasPrefix(url, "https://") {
		return T(s)
	}
	return Text{{Kind: LinkOut, Text: Clean(s), Target: Clean(url)}}
}

// S returns a status by its stored value.
func S(status string) Text { return Text{{Kind: Status, Text: Clean(status)}} }

// Sev returns a severity by its stored value.
func Sev(severity string) Text { return Text{{Kind: Severity, Text: Clean(severity)}} }

// NL is a line break.
func NL() Text { return Text{{Kind: Break}} }

// Join puts texts one after the other.
func Join(parts ...Text) Text {
	var out Text
	for _, p := range parts {
		out = append(out, p...)
	}
	return out
}

// Lines puts texts one under the other, leaving out the empty ones.
func Lines(parts ...Text) Text {
	var out Text
	for _, p := range parts {
		if len(p) == 0 {
			continue
		}
		if len(out) > 0 {
			out = append(out, Inline{Kind: Break})
		}
		out = append(out, p...)
	}
	return out
}

// String returns the text without any marks, lines parted by a space. Status and
// severity give their stored value.
func (t Text) String() string {
	var b strings.Builder
	for _, x := range t {
		if x.Kind == Break {
			b.WriteByte(' ')
			continue
		}
		b.WriteString(x.Text)
	}
	return b.String()
}

// Sign returns the shape that stands beside a status or severity, so that neither
// depends on colour. All shapes are in the report's font.
func Sign(kind InlineKind, value string) string {
	switch kind {
	case Severity:
		return severitySigns[value]
	case Status:
		return statusSigns[value]
	}
	return ""
}

var severitySigns = map[string]string{"critical": "■", "high": "▲", "medium": "●", "low": "▼", "info": "□"}

var statusSigns = map[string]string{"pass": "○", "fail": "×", "unknown": "?", "not-applicable": "–", "accepted": "◊"}

// Word returns the word for a stored status or severity, the stored value itself
// where the language has none.
func (w *Words) Word(kind InlineKind, value string) string {
	names := w.Status
	if kind == Severity {
		names = w.Severity
	}
	if s, ok := names[value]; ok {
		return s
	}
	return value
}
