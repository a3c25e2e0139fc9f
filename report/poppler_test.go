package report

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/flowdeed/flowdeed/report/doc"
)

// poppler runs a tool of poppler-utils on a PDF. Where the tool is not installed
// the test is skipped, but not in continuous integration.
func poppler(t *testing.T, tool, file string, args ...string) string {
	t.Helper()
	if _, err := exec.LookPath(tool); err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatalf("%s is needed: install poppler-utils", tool)
		}
		t.Skipf("%s is not installed", tool)
	}
	args = append(args, file)
	if tool == "pdftotext" {
		args = append(args, "-")
	}
	var out, errs bytes.Buffer
	cmd := exec.Command(tool, args...)
	cmd.Stdout, cmd.Stderr = &out, &errs
	if err := cmd.Run(); err != nil || errs.Len() > 0 {
		t.Fatalf("%s %s: %v %s", tool, strings.Join(args, " "), err, errs.String())
	}
	return out.String()
}

func pdfFile(t *testing.T, d *Document) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "report.pdf")
	if err := os.WriteFile(file, printed(t, "pdf", d), 0o644); err != nil {
		t.Fatal(err)
	}
	return file
}

// pageTexts returns the text of each page in the order it was written.
func pageTexts(t *testing.T, file string) []string {
	t.Helper()
	pages := strings.Split(poppler(t, "pdftotext", file, "-raw"), "\f")
	return pages[:len(pages)-1]
}

var spaces = regexp.MustCompile(`[\s\x{00A0}]+`)

func squeeze(s string) string { return spaces.ReplaceAllString(s, "") }

func TestPDFPages(t *testing.T) {
	in := estate{systems: 8, findings: 150}.build()
	d := Build(in)
	file := pdfFile(t, d)
	pages := pageTexts(t, file)
	checkPageNumbers(t, file, pages)
	checkContents(t, d, pages)
	all := squeeze(strings.Join(pages, ""))
	for _, n := range in.Graph.Nodes() {
		if !strings.Contains(all, squeeze(string(n.ID))) {
			t.Errorf("%s cannot be found in the PDF", n.ID)
		}
	}
	for _, s := range []string{"Łódź-kurier", "Αθήνα-παραγγελίες", "София-заявки", "Kurier Łódź sp. z o.o."} {
		if !strings.Contains(strings.Join(pages, "\n"), s) {
			t.Errorf("%q cannot be found in the PDF", s)
		}
	}
	if !strings.Contains(pages[1], "Contents") {
		t.Error("the first part does not fit one page")
	}
	checkRepeatedHeads(t, pages)
	checkMargins(t, file)
	checkBookmarks(t, d, file, pages)
	if list := poppler(t, "pdfdetach", file, "-list"); !strings.Contains(list, "findings.csv") || !strings.Contains(list, "evidence.json") {
		t.Errorf("attachments: %s", list)
	}
}

var bookmark = regexp.MustCompile(`(?s)<</Title .*?/Dest \[(\d+) 0 R /XYZ 0 ([-\d.]+) null\]\n/Count 0>>`)

// checkBookmarks checks that there is one bookmark a heading, on the page of the
// heading and inside of it. Page objects are numbered 3, 5, 7.
func checkBookmarks(t *testing.T, d *Document, file string, pages []string) {
	t.Helper()
	raw, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	marks := bookmark.FindAllSubmatch(raw, -1)
	i := 0
	for _, b := range d.Blocks {
		h, ok := b.(*doc.Heading)
		if !ok {
			continue
		}
		if i == len(marks) {
			t.Fatalf("%d bookmarks only", len(marks))
		}
		obj, _ := strconv.Atoi(string(marks[i][1]))
		y, _ := strconv.ParseFloat(string(marks[i][2]), 64)
		page := (obj - 1) / 2
		if page < 1 || page > len(pages) || !strings.Contains(squeeze(pages[page-1]), squeeze(h.Title)) {
			t.Errorf("the bookmark of %q leads to page %d, where it is not", h.Title, page)
		}
		if y < 40 || y > 842 {
			t.Errorf("the bookmark of %q leads to height %v", h.Title, y)
		}
		i++
	}
	if i != len(marks) {
		t.Errorf("%d bookmarks for %d headings", len(marks), i)
	}
}

// checkPageNumbers checks "page n of m" on each page, and that no page is empty.
func checkPageNumbers(t *testing.T, file string, pages []string) {
	t.Helper()
	m := regexp.MustCompile(`Pages:\s+(\d+)`).FindStringSubmatch(poppler(t, "pdfinfo", file))
	if m == nil || m[1] != strconv.Itoa(len(pages)) {
		t.Fatalf("pdfinfo counts %v pages, the text has %d", m, len(pages))
	}
	for i, p := range pages {
		if want := fmt.Sprintf("page %d of %d", i+1, len(pages)); !strings.Contains(p, want) {
			t.Errorf("page %d does not say %q", i+1, want)
		}
		if lines := strings.Count(strings.TrimSpace(p), "\n"); lines < 3 {
			t.Errorf("page %d is empty: %q", i+1, p)
		}
	}
}

// checkContents compares every entry of the table of contents with the page its heading stands on.
func checkContents(t *testing.T, d *Document, pages []string) {
	t.Helper()
	contents, last := "", 0
	for i, p := range pages {
		if strings.Contains(p, "Contents") || contents != "" && i < 6 && !strings.Contains(p, "The data map\n") {
			contents += p
			last = i
		}
		if contents != "" && strings.Contains(p, "A10") {
			break
		}
	}
	contents = squeeze(contents)
	checked := 0
	for _, b := range d.Blocks {
		h, ok := b.(*doc.Heading)
		if !ok {
			continue
		}
		title := squeeze(headingText(h, func(s string) string { return s }))
		m := regexp.MustCompile(regexp.QuoteMeta(title) + `(\d+)`).FindStringSubmatch(contents)
		if m == nil {
			t.Errorf("%q is not in the contents", title)
			continue
		}
		page := leadingPage(m[1], len(pages))
		if page != 1 && page <= last || !anyPage(pages, page, title) {
			t.Errorf("the contents say %q is on page %s, it is not there", title, m[1])
		}
		checked++
	}
	if checked < 20 {
		t.Errorf("only %d headings were checked", checked)
	}
}

// leadingPage reads the page number at the start of digits that may run into the
// number of the next entry.
func leadingPage(digits string, most int) int {
	for n := min(len(digits), len(strconv.Itoa(most))); n > 0; n-- {
		if p, err := strconv.Atoi(digits[:n]); err == nil && p <= most {
			return p
		}
	}
	return 0
}

// anyPage tells whether the heading stands on the page; the digits may have run
// into the next entry, so that a shorter number counts too.
func anyPage(pages []string, page int, title string) bool {
	for p := page; p > 0; p /= 10 {
		if p <= len(pages) && strings.Contains(squeeze(pages[p-1]), title) {
			return true
		}
	}
	return false
}

// checkRepeatedHeads checks that each page of the inventory has its head row.
func checkRepeatedHeads(t *testing.T, pages []string) {
	t.Helper()
	n, inside := 0, false
	for i, p := range pages {
		if i > 3 && strings.Contains(p, "A9 How") {
			break
		}
		if i > 3 && strings.Contains(p, "A8 Inventory") {
			inside = true
		}
		if inside {
			n++
			if !strings.Contains(p, "No. Name Kind Identifier") {
				t.Errorf("page %d shows the inventory without its head", i+1)
			}
			if n > 1 && !strings.Contains(p, "(continued)") {
				t.Errorf("page %d does not say that the table is continued", i+1)
			}
		}
	}
	if n < 2 {
		t.Error("the inventory does not continue: this test checks nothing")
	}
}

var (
	pageBox = regexp.MustCompile(`<page width="([\d.]+)" height="([\d.]+)"`)
	wordBox = regexp.MustCompile(`<word xMin="([-\d.]+)" yMin="([-\d.]+)" xMax="([-\d.]+)" yMax="([-\d.]+)">(.*)</word>`)
)

// checkMargins checks that every word of every page is inside the margins.
func checkMargins(t *testing.T, file string) {
	t.Helper()
	w, h, page, words := 0.0, 0.0, 0, 0
	num := func(s string) float64 { f, _ := strconv.ParseFloat(s, 64); return f }
	for l := range strings.SplitSeq(poppler(t, "pdftotext", file, "-bbox"), "\n") {
		if m := pageBox.FindStringSubmatch(l); m != nil {
			w, h = num(m[1]), num(m[2])
			page++
		}
		m := wordBox.FindStringSubmatch(l)
		if m == nil {
			continue
		}
		words++
		if num(m[1]) < 53.5 || num(m[3]) > w-53.5 || num(m[2]) < 20 || num(m[4]) > h-20 {
			t.Errorf("page %d: %q stands at %s..%s, %s..%s of %v x %v", page, m[5], m[1], m[3], m[2], m[4], w, h)
		}
	}
	if words < 100 {
		t.Errorf("only %d words were checked", words)
	}
}

func TestPDFOfHostileNames(t *testing.T) {
	in := hostile()
	in.Title, in.Confidentiality = hostileStrings[0], hostileStrings[1]+hostileStrings[1]
	file := pdfFile(t, Build(in))
	pages := pageTexts(t, file)
	checkPageNumbers(t, file, pages)
	checkMargins(t, file)
	all := squeeze(strings.Join(pages, ""))
	for _, s := range []string{"U+1F512", "U+202E", "U+0000", "</script><script>alert(1)</script>", "[click](javascript:alert(1))", "=cmd|'/CcalcA0",
		strings.Repeat("W", 60), "U+4E2D"} {
		if want := strings.ReplaceAll(s, "/CcalcA0", "/Ccalc'!A0"); !strings.Contains(all, want) {
			t.Errorf("%q was lost", want)
		}
	}
}

// TestPDFInk renders the pages and looks for ink outside of the margins.
func TestPDFInk(t *testing.T) {
	file := pdfFile(t, Build(estate{systems: 8, findings: 60}.build()))
	pages := strings.Count(poppler(t, "pdftotext", file), "\f")
	for p := 1; p <= pages; p++ {
		n := strconv.Itoa(p)
		img := []byte(poppler(t, "pdftoppm", file, "-r", "36", "-gray", "-f", n, "-l", n))
		w, h, px := pgm(t, img)
		inked := 0
		for y := range h {
			for x := range w {
				if px[y*w+x] > 250 {
					continue
				}
				inked++
				if x < 25 || x > w-26 || y < 11 || y > h-11 { // 36 dpi: half a pixel a point
					t.Fatalf("page %d has ink at %d,%d of %dx%d pixels", p, x, y, w, h)
				}
			}
		}
		if inked < 200 {
			t.Errorf("page %d has hardly any ink", p)
		}
	}
}

func pgm(t *testing.T, img []byte) (w, h int, px []byte) {
	t.Helper()
	var most int
	if _, err := fmt.Sscanf(string(img[:min(len(img), 40)]), "P5\n%d %d\n%d", &w, &h, &most); err != nil || len(img) < w*h {
		t.Fatalf("not a grey picture: %v", err)
	}
	return w, h, img[len(img)-w*h:]
}
