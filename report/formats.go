package report

import (
	"bytes"
	"fmt"
	"io"

	"github.com/flowdeed/flowdeed/report/doc"
	"github.com/flowdeed/flowdeed/report/pdf"
)

// Format is a form a report can be printed in.
type Format struct {
	Name  string // what a person types
	Ext   string // of the file, with the dot
	Doc   string // for whom it is, in one sentence
	Write func(io.Writer, *doc.Document) error
}

// Formats lists every format. A new one is a file and a line here.
var Formats = []Format{
	{"pdf", ".pdf", "The report for people: one page, findings, appendix, with the findings and the evidence attached.", pdf.Print},
	{"md", ".md", "The report for a repository, a pull request or a wiki, in the dialect of GitHub.", Markdown},
	{"json", ".json", "Findings, nodes, flows, facts and labels for other programs.", attachment(dataFile)},
	{"csv", ".csv", "Findings that failed, were accepted or are unknown, one a row, for spreadsheets and ticket systems.", attachment(findingsFile)},
	{"blocks", ".blocks.json", "The document as a tree of blocks, for programs that print it in a form of their own.", Blocks},
}

// ByName finds a format.
func ByName(name string) (Format, error) {
	var names []string
	for _, f := range Formats {
		if f.Name == name {
			return f, nil
		}
		names = append(names, f.Name)
	}
	return Format{}, fmt.Errorf("there is no report format %q; choose one of %s", name, listOr(names, ""))
}

// Print writes a document in this format. A printer that fails, or crashes, gives
// an error and writes nothing, so that the other formats can still be written.
func (f Format) Print(w io.Writer, d *doc.Document) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("printing the report as %s crashed: %v; the other formats are not affected", f.Name, r)
		}
	}()
	var b bytes.Buffer
	if err := f.Write(&b, d); err != nil {
		return fmt.Errorf("printing the report as %s: %w", f.Name, err)
	}
	_, err = w.Write(b.Bytes())
	return err
}

// attachment prints one of the files that belong to the report.
func attachment(name string) func(io.Writer, *doc.Document) error {
	return func(w io.Writer, d *doc.Document) error {
		for _, a := range d.Attachments {
			if a.Name == name {
				_, err := w.Write(a.Content)
				return err
			}
		}
		return fmt.Errorf("the document carries no file %s", name)
	}
}
