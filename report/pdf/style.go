package pdf

import (
	"github.com/flowdeed/flowdeed/report/doc"
)

// Lengths in this package are points (1/72 inch). Colours and their contrast on
// white and on the fills used here are 4.5 or more for text.

type face uint8

const (
	sans face = iota
	bold
	mono
	faces
)

// style is how a run of text looks.
type style struct {
	face   face
	size   float64
	colour doc.Colour
}

var (
	ink      = doc.Colour{R: 0x1A, G: 0x1A, B: 0x1A}
	second   = doc.Colour{R: 0x37, G: 0x47, B: 0x4F}
	blue     = doc.Colour{R: 0x15, G: 0x54, B: 0x85}
	red      = doc.Colour{R: 0xB7, G: 0x1C, B: 0x1C}
	darkRed  = doc.Colour{R: 0x7B, G: 0x11, B: 0x13}
	brown    = doc.Colour{R: 0x7A, G: 0x4F, B: 0x00}
	slate    = doc.Colour{R: 0x45, G: 0x5A, B: 0x64}
	grey     = doc.Colour{R: 0x4A, G: 0x4A, B: 0x4A}
	grey2    = doc.Colour{R: 0x5F, G: 0x63, B: 0x68}
	violet   = doc.Colour{R: 0x5B, G: 0x3E, B: 0x96}
	rule     = doc.Colour{R: 0xCF, G: 0xD8, B: 0xDC}
	zebra    = doc.Colour{R: 0xF5, G: 0xF7, B: 0xF8}
	headFill = doc.Colour{R: 0xE3, G: 0xE9, B: 0xED}
	noteFill = doc.Colour{R: 0xEE, G: 0xF4, B: 0xF9}
	warnFill = doc.Colour{R: 0xFD, G: 0xEE, B: 0xEE}
	gapFill  = doc.Colour{R: 0xF3, G: 0xF3, B: 0xF3}
)

var severityColours = map[string]doc.Colour{
	"critical": darkRed, "high": red, "medium": brown, "low": blue, "info": slate,
}

var statusColours = map[string]doc.Colour{
	"pass": blue, "fail": red, "unknown": grey, "not-applicable": grey2, "accepted": violet,
}

// calloutLook gives bar and fill of a callout.
var calloutLook = map[doc.CalloutKind][2]doc.Colour{
	doc.Note: {blue, noteFill}, doc.Warning: {red, warnFill}, doc.Gap: {grey, gapFill},
}

const (
	bodySize  = 9.5
	tableSize = 8.0
	smallSize = 7.0
	leading   = 1.3 // line height by size
	ascent    = 0.905
	extent    = 1.117 // ascent and descent of the font by size
)

// headingLook gives size, space before and space after of each heading level.
var headingLook = [4]struct{ size, before, after float64 }{
	{}, {17, 20, 7}, {12.5, 15, 5}, {10.5, 12, 4},
}

// format is a page size with its margins.
type format struct{ w, h float64 }

var (
	portrait    = format{595.28, 841.89}
	landscape   = format{841.89, 595.28}
	a3landscape = format{1190.55, 841.89}
	a3portrait  = format{841.89, 1190.55}
)

const (
	marginX  = 54.0
	headTop  = 26.0 // top of the running head
	headRows = 34.0 // height of the running head with the gap under it
	footRows = 22.0 // height of the running foot with the gap over it
	footEnd  = 26.0 // space under the running foot
)

func (f format) bodyWidth() float64  { return f.w - 2*marginX }
func (f format) bodyHeight() float64 { return f.h - headTop - headRows - footRows - footEnd }
