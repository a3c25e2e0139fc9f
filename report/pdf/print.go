// Package pdf prints a document as PDF: maroto's component tree, drawn by our own
// provider on the fpdf engine, with our own pagination. It knows nothing of what
// the document is about.
//
// The text is broken into lines and placed on pages first and drawn once, so that
// page numbers in the table of contents are those the headings really stand on.
package pdf

import (
	"fmt"
	"io"
	"strings"
	"time"

	"codeberg.org/go-pdf/fpdf"
	"github.com/johnfercher/maroto/v2/pkg/components/col"
	"github.com/johnfercher/maroto/v2/pkg/components/line"
	"github.com/johnfercher/maroto/v2/pkg/components/page"
	"github.com/johnfercher/maroto/v2/pkg/components/row"
	"github.com/johnfercher/maroto/v2/pkg/components/text"
	"github.com/johnfercher/maroto/v2/pkg/consts/align"
	"github.com/johnfercher/maroto/v2/pkg/consts/fontstyle"
	"github.com/johnfercher/maroto/v2/pkg/core"
	"github.com/johnfercher/maroto/v2/pkg/core/entity"
	"github.com/johnfercher/maroto/v2/pkg/props"

	"github.com/flowdeed/flowdeed/report/doc"
)

// Print writes the document as PDF. The same document gives the same bytes.
func Print(w io.Writer, d *doc.Document) error {
	p, err := newProvider(d)
	if err != nil {
		return err
	}
	l := &layout{m: p.m, doc: d, width: portrait.bodyWidth()}
	if err := l.blocks(); err != nil {
		return err
	}
	g := paginate(l.chunks)
	p.where, p.last = g.where, g.current().format
	for i, s := range g.sheets {
		p.startPage(s.format)
		p.drawSheet(d, s, i+1, len(g.sheets))
	}
	out, err := p.GenerateBytes()
	if err != nil {
		return engineError(err)
	}
	_, err = w.Write(out)
	return err
}

func newProvider(d *doc.Document) (*provider, error) {
	pdf := fpdf.New("P", "pt", "A4", "")
	pdf.SetAutoPageBreak(false, 0)
	pdf.SetMargins(0, 0, 0)
	pdf.SetCatalogSort(true)
	pdf.SetCreationDate(asOf(d))
	pdf.SetModificationDate(asOf(d))
	pdf.SetProducer(d.Tool, true)
	pdf.SetTitle(d.Title, true)
	pdf.SetAuthor(d.Organisation, true)
	pdf.SetLang(lang(d.Lang))
	var files []fpdf.Attachment
	for _, a := range d.Attachments {
		files = append(files, fpdf.Attachment{Content: a.Content, Filename: a.Name, Description: a.Description})
	}
	pdf.SetAttachments(files)
	m, err := newMetrics(pdf)
	if err != nil {
		return nil, err
	}
	return &provider{pdf: pdf, m: m, links: map[string]int{}}, nil
}

// asOf is the time written into the file: that of the snapshot, never the clock's.
func asOf(d *doc.Document) time.Time {
	if d.AsOf.IsZero() {
		return time.Unix(0, 0).UTC()
	}
	return d.AsOf.UTC()
}

// lang returns a language tag that can stand in the file as it is.
func lang(s string) string {
	for _, r := range s {
		if r != '-' && (r < '0' || r > '9') && (r < 'A' || r > 'Z') && (r < 'a' || r > 'z') {
			return ""
		}
	}
	return s
}

// drawSheet draws a page: running head, rows, running foot, as one maroto page.
func (p *provider) drawSheet(d *doc.Document, s *sheet, n, total int) {
	pg := page.New()
	pg.Add(p.runningHead(d, s.format)...)
	pg.Add(s.rows...)
	if rest := s.room(); rest > 0 {
		pg.Add(space(rest))
	}
	pg.Add(p.runningFoot(d, s.format, n, total)...)
	pg.SetConfig(&entity.Config{
		MaxGridSize: grid,
		DefaultFont: &props.Font{Family: family[sans], Style: fontstyle.Normal, Size: smallSize, Color: prop(second)},
		Margins:     &entity.Margins{Left: marginX, Right: marginX, Top: headTop, Bottom: footEnd},
	})
	pg.Render(p, entity.Cell{Width: s.format.bodyWidth(), Height: s.format.bodyHeight() + headRows + footRows})
}

func (p *provider) runningHead(d *doc.Document, f format) []core.Row {
	left := joinNonEmpty(" · ", d.Organisation, d.Title)
	return []core.Row{
		p.twoSides(left, d.Confidentiality, f, 0.75),
		row.New(headRows - 12).Add(col.New(grid).Add(line.New(props.Line{Color: prop(rule), Thickness: 0.6, SizePercent: 100}))),
	}
}

func (p *provider) runningFoot(d *doc.Document, f format, n, total int) []core.Row {
	pages := d.Words.PageOf
	if pages == "" {
		pages = "%d / %d"
	}
	return []core.Row{
		row.New(footRows - 12).Add(col.New(grid).Add(line.New(props.Line{Color: prop(rule), Thickness: 0.6, SizePercent: 100, OffsetPercent: 60}))),
		p.twoSides(d.Foot, fmt.Sprintf(pages, n, total), f, 0.84),
	}
}

// twoSides is a row with text at the left and at the right, each cut to fit.
func (p *provider) twoSides(left, right string, f format, part float64) core.Row {
	st := style{sans, smallSize, second}
	width := f.bodyWidth()
	left = p.m.shorten(st, doc.Clean(left), width*part-8)
	right = p.m.shorten(style{bold, smallSize, second}, doc.Clean(right), width*(1-part)-1)
	size := int(grid * part)
	return row.New(12).Add(
		text.NewCol(size, left, props.Text{}),
		text.NewCol(grid-size, right, props.Text{Align: align.Right, Style: fontstyle.Bold}))
}

// shorten cuts the middle out of a text that is too wide.
func (m *metrics) shorten(st style, s string, width float64) string {
	s = m.showable(st.face, s)
	if m.width(st, s) <= width {
		return s
	}
	runes := []rune(s)
	left, right := 0, len(runes)
	room := width - m.width(st, "…")
	for left < right {
		w := m.width(st, string(runes[left]))
		fromRight := left > len(runes)-right
		if fromRight {
			w = m.width(st, string(runes[right-1]))
		}
		if room -= w; room < 0 {
			break
		}
		if fromRight {
			right--
		} else {
			left++
		}
	}
	return string(runes[:left]) + "…" + string(runes[right:])
}

func joinNonEmpty(sep string, parts ...string) string {
	var out []string
	for _, s := range parts {
		if s != "" {
			out = append(out, s)
		}
	}
	return strings.Join(out, sep)
}
