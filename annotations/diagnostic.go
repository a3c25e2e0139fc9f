package annotations

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"
)

// Severity of a diagnostic.
type Severity string

// The severities.
const (
	Error   Severity = "error"
	Warning Severity = "warning"
	Note    Severity = "info"
)

// Diagnostic is one thing wrong, or worth a look, in an annotation file.
type Diagnostic struct {
	File     string   `json:"file"`
	Line     int      `json:"line"`   // from 1
	Column   int      `json:"column"` // from 1, in characters
	EndLine  int      `json:"end_line"`
	EndCol   int      `json:"end_column"` // one past the last character
	Code     string   `json:"code"`       // "E201"
	Severity Severity `json:"severity"`
	Message  string   `json:"message"`
	Hint     string   `json:"hint"` // "did you mean ..."
}

func (d Diagnostic) String() string {
	s := fmt.Sprintf("%s:%d:%d: %s %s: %s", d.File, d.Line, d.Column, d.Severity, d.Code, d.Message)
	if d.Hint != "" {
		s += "; " + d.Hint
	}
	return s
}

// HasErrors tells whether any diagnostic is an error.
func HasErrors(list []Diagnostic) bool {
	return slices.ContainsFunc(list, func(d Diagnostic) bool { return d.Severity == Error })
}

// reporter collects the diagnostics of a run: all of them, never just the first.
type reporter struct {
	list []Diagnostic
	// width holds, for each file, how many characters each line has.
	width map[string][]int
}

func (r *reporter) add(file string, line, col int, code, msg, hint string) {
	r.wide(file, line, col, 1, code, msg, hint)
}

// wide reports something some characters wide. A parser may place a fault behind the
// end; it is moved to where an editor can jump to.
func (r *reporter) wide(file string, line, col, width int, code, msg, hint string) {
	if lines, ok := r.width[file]; ok {
		line = min(max(line, 1), len(lines))
		col = min(max(col, 1), lines[line-1]+1)
		width = min(width, lines[line-1]+1-col)
	}
	sev := Error
	switch code[0] {
	case 'W':
		sev = Warning
	case 'I':
		sev = Note
	}
	r.list = append(r.list, Diagnostic{File: file, Line: line, Column: col, EndLine: line, EndCol: col + max(width, 0), Code: code, Severity: sev, Message: msg, Hint: hint})
}

// sorted returns the diagnostics by file, line, column, code, each once.
func (r *reporter) sorted() []Diagnostic {
	slices.SortStableFunc(r.list, compareDiagnostics)
	return slices.Compact(r.list)
}

// Merge joins lists of diagnostics, sorted, each once.
func Merge(lists ...[]Diagnostic) []Diagnostic {
	r := reporter{list: slices.Concat(lists...)}
	return r.sorted()
}

// measure keeps the widths of a file's lines.
func (r *reporter) measure(file string, b []byte) {
	if r.width == nil {
		r.width = map[string][]int{}
	}
	lines := []int{}
	for line := range strings.SplitSeq(string(b), "\n") {
		lines = append(lines, utf8.RuneCountInString(line))
	}
	r.width[file] = lines
}

func compareDiagnostics(a, b Diagnostic) int {
	return cmp.Or(cmp.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column), cmp.Compare(a.Code, b.Code), cmp.Compare(a.Message, b.Message))
}

// didYouMean asks for the nearest of the words; empty when none is near enough.
func didYouMean(word string, words []string) string {
	best := Nearest(word, words)
	if best == "" {
		return ""
	}
	return fmt.Sprintf("did you mean %q?", best)
}

// Nearest returns the word that may have been meant by a misspelt one: it is at most two
// edits away, or a third of the length; empty when there is none.
func Nearest(word string, words []string) string {
	best, near := "", max(2, len(word)/3)+1
	for _, w := range words {
		if d := distance(word, w, near); d < near {
			best, near = w, d
		}
	}
	return best
}

// distance is the edit distance of two words, or limit when it is at least that.
func distance(a, b string, limit int) int {
	if abs(len(a)-len(b)) >= limit {
		return limit
	}
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := 1; i <= len(a); i++ {
		prev := row[0]
		row[0] = i
		for j := 1; j <= len(b); j++ {
			cost := prev
			if a[i-1] != b[j-1] {
				cost++
			}
			prev = row[j]
			row[j] = min(cost, row[j]+1, row[j-1]+1)
		}
	}
	return min(row[len(b)], limit)
}

func abs(n int) int {
	if n < 0 {
		return -n
	}
	return n
}
