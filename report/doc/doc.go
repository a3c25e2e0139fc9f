// Package doc is the document every report format is printed from: a short list
// of block kinds and inline kinds. It knows no format and nothing of the GDPR.
//
// Text that comes from outside (names, tags, policies, annotations) is cleaned
// once, by the constructors of this package, when it enters a block. Escaping is
// the duty of each printer.
package doc

import "time"

// Document is a report before it has a format. Its zero value prints as an empty
// report.
type Document struct {
	Title           string
	Organisation    string
	Confidentiality string // the word that stands on every page, such as "Confidential"
	Lang            string // BCP 47: "en"
	Tool            string // name and version of the program
	// AsOf is the time of the snapshot. It is the only time in the report.
	AsOf time.Time
	// Foot is the as-of line that stands on every page.
	Foot string
	// Words are the few words printers need of their own, in the language of the report.
	Words  Words
	Blocks []Block
	// Attachments travel with the report in formats that can carry files.
	Attachments []Attachment
}

// Attachment is a file that belongs to the report.
type Attachment struct {
	Name        string
	Description string
	Content     []byte
}

// Block is one of the block kinds of this package.
type Block interface{ block() }

// Heading opens a chapter or section. ID is unique in the document and stable
// from run to run, so that links and bookmarks keep working.
type Heading struct {
	ID     string
	Level  int    // 1 for chapters, then 2 and 3
	Number string // "2.1", empty for none
	Title  string
}

// Contents stands for the table of contents, down to the given heading level.
type Contents struct{ Depth int }

// Paragraph is running text.
type Paragraph struct {
	Text Text
	// KeepNext asks a paged format not to part it from what follows.
	KeepNext bool
}

// List is a list of items, numbered when Ordered.
type List struct {
	Ordered bool
	Items   []Text
}

// Kind says what a column holds, which decides alignment and face.
type Kind int

// The kinds of columns.
const (
	Prose    Kind = iota // running words
	Number               // digits, aligned at the right
	Ident                // identifiers, broken after their separators
	Judgment             // a status or a severity
)

// Column is declared once and read by every printer.
type Column struct {
	Key   string  // stable name for machine formats
	Title string  // what stands in the head
	Kind  Kind    //
	Share float64 // part of the width, relative to the other columns
}

// Table is rows under declared columns. A row may have fewer cells than there are
// columns, never more.
type Table struct {
	ID      string // stable name, also the anchor
	Caption string
	Columns []Column
	Rows    []Row
}

// Row is one row of a table. ID is an anchor, empty for none.
type Row struct {
	ID    string
	Cells []Text
}

// Figure is a picture with what a reader who cannot see it needs.
type Figure struct {
	ID      string
	Caption Text
	Alt     string // the picture in a sentence
	Long    string // the picture in words, empty when a table says the same
	// Width and Height are the natural size in points (1/72 inch).
	Width, Height float64
	// Paint draws the picture with its top left corner at (0, 0). Nil when there is no picture.
	Paint func(Canvas)
	// File is a relative path under which formats that link pictures find it, empty for none.
	File string
	// Mermaid is the picture as a Mermaid flowchart, for formats that draw it themselves; empty for none.
	Mermaid string
}

// CalloutKind says what a callout is about.
type CalloutKind int

// The kinds of callouts.
const (
	Note    CalloutKind = iota // good to know
	Warning                    // something must be done
	Gap                        // something is not known
)

// Callout is a short text set apart.
type Callout struct {
	Kind  CalloutKind
	Title string
	Body  []Text // one paragraph each
}

// Definition is a list of terms with what they mean or are.
type Definition struct {
	// Compact asks for short terms and values side by side, as on a title page.
	Compact bool
	Items   []Term
}

// Term is one entry of a Definition.
type Term struct {
	Name string
	Text Text
}

// PageBreak starts a new page where there are pages.
type PageBreak struct{}

// Evidence is the record behind a statement: what was read, where, and with which value.
type Evidence struct {
	ID    string
	Items []Observed
}

// Observed is one value that was read, or could not be.
type Observed struct {
	Subject string // whose value it is, empty when the context says so
	Name    string
	Value   string // as read; the reason when Known is false
	Known   bool
	Source  string // operation and field, or file and line
}

func (*Heading) block()    {}
func (*Contents) block()   {}
func (*Paragraph) block()  {}
func (*List) block()       {}
func (*Table) block()      {}
func (*Figure) block()     {}
func (*Callout) block()    {}
func (*Definition) block() {}
func (*PageBreak) block()  {}
func (*Evidence) block()   {}

// Words are the words that printers need of their own.
type Words struct {
	Contents  string            // heading of the table of contents
	Continued string            // after a repeated caption or head
	PageOf    string            // "page %d of %d"
	Figure    string            // "Figure"
	More      string            // "%d more rows are not shown here."
	Status    map[string]string // word for each stored status
	Severity  map[string]string // word for each stored severity
	Callout   map[CalloutKind]string
	Fact      [4]string // heads of an evidence table: subject, fact, value, read from
	NotKnown  string    // before the reason of a value that is not known
}
