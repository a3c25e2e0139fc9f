package pdf

import (
	"bytes"
	"errors"
	"fmt"
	"strings"

	"codeberg.org/go-pdf/fpdf"
	"github.com/johnfercher/maroto/v2/pkg/consts/align"
	"github.com/johnfercher/maroto/v2/pkg/consts/border"
	"github.com/johnfercher/maroto/v2/pkg/consts/extension"
	"github.com/johnfercher/maroto/v2/pkg/consts/fontstyle"
	"github.com/johnfercher/maroto/v2/pkg/consts/orientation"
	"github.com/johnfercher/maroto/v2/pkg/core"
	"github.com/johnfercher/maroto/v2/pkg/core/entity"
	"github.com/johnfercher/maroto/v2/pkg/props"

	"github.com/flowdeed/flowdeed/report/doc"
)

// provider draws maroto's component tree on the fpdf engine. What maroto has no
// word for (bookmarks, links inside the document, vector figures, text of several
// looks in one line) our own components ask of it directly.
type provider struct {
	pdf  *fpdf.Fpdf
	m    *metrics
	top  float64 // where the cells of the current page start
	x, y float64 // cursor of CreateCol and CreateRow
	face face    // what was last set, to write it only when it changes
	size float64
	set  bool

	links map[string]int   // fpdf link by id of the document
	where map[string]place // where each id stands, for page numbers
	last  format           // of the last page: the engine places bookmarks by it
	page  format           // of the current page
	err   error
}

var _ core.Provider = (*provider)(nil)

// place is where an id of the document stands.
type place struct {
	page int
	y    float64 // from the top of the page
}

func (p *provider) startPage(f format) {
	p.pdf.AddPageFormat("P", fpdf.SizeType{Wd: f.w, Ht: f.h})
	p.x, p.y, p.top, p.page, p.set = 0, 0, headTop, f, false
}

func (p *provider) fail(err error) {
	if p.err == nil {
		p.err = err
	}
}

// CreateRow moves below a row.
func (p *provider) CreateRow(height float64) { p.x, p.y = 0, p.y+height }

// CreateCol paints background and border of a column and moves right.
func (p *provider) CreateCol(width, height float64, _ *entity.Config, prop *props.Cell) {
	if prop != nil {
		p.paintCell(p.x+marginX, p.y+p.top, width, height, prop)
	}
	p.x += width
}

func (p *provider) paintCell(x, y, w, h float64, prop *props.Cell) {
	if c := prop.BackgroundColor; c != nil {
		p.pdf.SetFillColor(c.Red, c.Green, c.Blue)
		p.pdf.Rect(x, y, w, h, "F")
	}
	if prop.BorderType == border.None {
		return
	}
	c := prop.BorderColor
	if c == nil {
		c = &props.BlackColor
	}
	p.stroke(doc.Pen{Colour: doc.Colour{R: uint8(c.Red), G: uint8(c.Green), B: uint8(c.Blue)}, Width: prop.BorderThickness})
	for _, side := range []struct {
		on             bool
		x1, y1, x2, y2 float64
	}{
		{prop.BorderType.HasTop(), x, y, x + w, y},
		{prop.BorderType.HasBottom(), x, y + h, x + w, y + h},
		{prop.BorderType.HasLeft(), x, y, x, y + h},
		{prop.BorderType.HasRight(), x + w, y, x + w, y + h},
	} {
		if side.on {
			p.pdf.Line(side.x1, side.y1, side.x2, side.y2)
		}
	}
}

func (p *provider) stroke(pen doc.Pen) {
	p.pdf.SetDrawColor(int(pen.Colour.R), int(pen.Colour.G), int(pen.Colour.B))
	p.pdf.SetLineWidth(pen.Width)
	p.pdf.SetDashPattern(pen.Dash, 0)
}

// AddLine draws a rule through a cell.
func (p *provider) AddLine(cell *entity.Cell, prop *props.Line) {
	c := prop.Color
	if c == nil {
		c = &props.BlackColor
	}
	p.stroke(doc.Pen{Colour: doc.Colour{R: uint8(c.Red), G: uint8(c.Green), B: uint8(c.Blue)}, Width: prop.Thickness})
	x, y := cell.X+marginX, cell.Y+p.top
	part := prop.SizePercent / 100
	if prop.Orientation == orientation.Vertical {
		at := x + cell.Width*prop.OffsetPercent/100
		from := y + cell.Height*(1-part)/2
		p.pdf.Line(at, from, at, from+cell.Height*part)
		return
	}
	at := y + cell.Height*prop.OffsetPercent/100
	from := x + cell.Width*(1-part)/2
	p.pdf.Line(from, at, from+cell.Width*part, at)
}

// AddText writes maroto's own text component, wrapped by our rule.
func (p *provider) AddText(text string, cell *entity.Cell, prop *props.Text) {
	st := styleOf(prop)
	r := run{text: text, style: st}
	if prop.Hyperlink != nil {
		r.link = *prop.Hyperlink
	}
	width := cell.Width - prop.Left - prop.Right
	lines := p.m.wrap([]run{r}, width)
	a := alignLeft
	if prop.Align == align.Right {
		a = alignRight
	}
	p.drawLines(lines, cell.X+prop.Left, cell.Y+prop.Top, width, st.size*leading+prop.VerticalPadding, st.size, a)
}

func styleOf(prop *props.Text) style {
	st := style{size: prop.Size, colour: ink}
	if prop.Family == family[mono] {
		st.face = mono
	} else if prop.Style == fontstyle.Bold {
		st.face = bold
	}
	if c := prop.Color; c != nil {
		st.colour = doc.Colour{R: uint8(c.Red), G: uint8(c.Green), B: uint8(c.Blue)}
	}
	return st
}

// GetFontHeight returns the height of a line.
func (p *provider) GetFontHeight(prop *props.Font) float64 { return prop.Size * leading }

// GetLinesQuantity returns the number of lines a text takes.
func (p *provider) GetLinesQuantity(text string, prop *props.Text, colWidth float64) int {
	return len(p.m.wrap([]run{{text: text, style: styleOf(prop)}}, colWidth))
}

type alignment uint8

const (
	alignLeft alignment = iota
	alignRight
)

// drawLines writes lines one under the other; x and y are relative to the cells of the page.
func (p *provider) drawLines(lines []textLine, x, y, width, height, size float64, a alignment) {
	x, y = x+marginX, y+p.top
	for i, l := range lines {
		left := x
		if a == alignRight {
			left += width - l.w
		}
		top := y + float64(i)*height
		base := top + (height-extent*size)/2 + ascent*size
		for _, f := range l.frags {
			p.drawFrag(f, left+f.x, base)
			if f.link != "" {
				p.drawLink(f, left+f.x, top, base, height)
			}
		}
	}
}

func (p *provider) drawFrag(f frag, x, base float64) {
	p.setFont(f.style)
	p.pdf.Text(x, base, visual(f.text))
}

func (p *provider) setFont(st style) {
	if !p.set || st.face != p.face || st.size != p.size {
		p.pdf.SetFont(family[st.face], fontStyle[st.face], st.size)
		p.face, p.size, p.set = st.face, st.size, true
	}
	p.pdf.SetTextColor(int(st.colour.R), int(st.colour.G), int(st.colour.B))
}

func (p *provider) drawLink(f frag, x, top, base, height float64) {
	if !p.link(x, top, f.w, height, f.link) {
		return
	}
	p.stroke(doc.Pen{Colour: f.style.colour, Width: 0.4})
	p.pdf.Line(x, base+1.4, x+f.w, base+1.4)
}

// link makes a rectangle lead to "#id" or an https address.
func (p *provider) link(x, y, w, h float64, target string) bool {
	id, inside := strings.CutPrefix(target, "#")
	if !inside {
		p.pdf.LinkString(x, y, w, h, target)
		return true
	}
	n, ok := p.links[id]
	if !ok {
		at, known := p.where[id]
		if !known {
			return false
		}
		n = p.pdf.AddLink()
		p.pdf.SetLink(n, at.y, at.page)
		p.links[id] = n
	}
	p.pdf.Link(x, y, w, h, n)
	return true
}

// bookmark enters a heading in the outline. The engine measures its height from
// the bottom of the last page of the document, whatever page it stands on.
func (p *provider) bookmark(title string, level int, y float64) {
	p.setFont(style{face: sans, size: bodySize})
	p.pdf.Bookmark(title, level, p.last.h-p.page.h+y+p.top)
}

// GenerateBytes writes the PDF.
func (p *provider) GenerateBytes() ([]byte, error) {
	if p.err != nil {
		return nil, p.err
	}
	var b bytes.Buffer
	err := p.pdf.Output(&b)
	return b.Bytes(), err
}

// SetMetadata is unused: Print sets title, dates and producer.
func (p *provider) SetMetadata(*entity.Metadata) {}

// SetCompression switches compression of page contents.
func (p *provider) SetCompression(on bool) { p.pdf.SetCompression(on) }

// SetProtection refuses: the engine would encrypt with RC4, which protects nothing.
func (p *provider) SetProtection(prot *entity.Protection) {
	if prot != nil {
		p.fail(errors.New("a password in the PDF is not offered: encrypt the file with the tool your organisation uses"))
	}
}

var errNoImages = errors.New("the report has no raster images and no codes: figures are vectors")

// The raster images and codes of maroto are not used in reports.

func (p *provider) AddMatrixCode(string, *entity.Cell, *props.Rect) { p.fail(errNoImages) }
func (p *provider) AddQrCode(string, *entity.Cell, *props.Rect)     { p.fail(errNoImages) }
func (p *provider) AddBarCode(string, *entity.Cell, *props.Barcode) { p.fail(errNoImages) }
func (p *provider) AddImageFromFile(string, *entity.Cell, *props.Rect) {
	p.fail(errNoImages)
}
func (p *provider) AddImageFromBytes([]byte, *entity.Cell, *props.Rect, extension.Type) {
	p.fail(errNoImages)
}
func (p *provider) AddBackgroundImageFromBytes([]byte, *entity.Cell, *props.Rect, extension.Type) {
	p.fail(errNoImages)
}
func (p *provider) GetDimensionsByMatrixCode(string) (*entity.Dimensions, error) {
	return nil, errNoImages
}
func (p *provider) GetDimensionsByQrCode(string) (*entity.Dimensions, error) { return nil, errNoImages }
func (p *provider) GetDimensionsByImage(string) (*entity.Dimensions, error)  { return nil, errNoImages }
func (p *provider) GetDimensionsByImageByte([]byte, extension.Type) (*entity.Dimensions, error) {
	return nil, errNoImages
}

// errorf wraps an error of the engine.
func engineError(err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("writing the PDF: %w", err)
}
