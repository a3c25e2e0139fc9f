package pdf

import (
	"math"
	"strings"
	"testing"

	"codeberg.org/go-pdf/fpdf"
)

func testMetrics(t testing.TB) *metrics {
	t.Helper()
	m, err := newMetrics(fpdf.New("P", "pt", "A4", ""))
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func lineTexts(list []textLine) []string {
	var out []string
	for _, l := range list {
		var b strings.Builder
		for _, f := range l.frags {
			b.WriteString(f.text)
		}
		out = append(out, b.String())
	}
	return out
}

func TestWrapIdentifierKeepsEveryCharacter(t *testing.T) {
	m := testMetrics(t)
	arn := "arn:aws:lambda:eu-central-1:111122223333:function:orders-handler-with-a-rather-long-name?x=1&y=2_z"
	for _, width := range []float64{400, 120, 60, 20, 3} {
		got := lineTexts(m.wrap([]run{{text: arn, style: style{mono, 8, ink}, ident: true}}, width))
		if joined := strings.Join(got, ""); joined != arn {
			t.Errorf("width %v: joined lines are %q", width, joined)
		}
	}
}

func TestWrapBreaksAfterSeparators(t *testing.T) {
	m := testMetrics(t)
	st := style{mono, 10, ink} // every character 6 points wide
	got := lineTexts(m.wrap([]run{{text: "arn:aws:sqs:eu-west-1:111122223333:orders", style: st, ident: true}}, 13*6+1))
	want := []string{"arn:aws:sqs:", "eu-west-1:", "111122223333:", "orders"}
	if strings.Join(got, "|") != strings.Join(want, "|") {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestWrapKeepsProseTogether(t *testing.T) {
	m := testMetrics(t)
	st := style{mono, 10, ink}
	for _, c := range []struct {
		text  string
		chars float64
		want  string
	}{
		{"Art. 32(1)(a), v1.2 of it", 12, "Art.|32(1)(a),|v1.2 of it"},
		{"well-known names", 7, "well-|known|names"},
		{"a verylongwordindeed here", 8, "a|verylong|wordinde|ed here"},
		{"see sns:ListTopics.Items now", 9, "see sns:|ListTopic|s.Items|now"},
		{"", 10, ""},
		{"   ", 10, ""},
		{"a  b", 10, "a b"},
	} {
		got := strings.Join(lineTexts(m.wrap([]run{{text: c.text, style: st}}, c.chars*6+1)), "|")
		if got != c.want {
			t.Errorf("%q in %v characters: got %q, want %q", c.text, c.chars, got, c.want)
		}
	}
}

func TestWrapDoesNotPartWordsOfTwoLooks(t *testing.T) {
	m := testMetrics(t)
	code, text := style{mono, 10, ink}, style{mono, 10, red}
	got := lineTexts(m.wrap([]run{{text: "call ", style: text}, {text: "Describe", style: code, ident: true}, {text: ", then stop", style: text}}, 13*6+1))
	if want := "call|Describe,|then stop"; strings.Join(got, "|") != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestShowable(t *testing.T) {
	m := testMetrics(t)
	for in, want := range map[string]string{
		"Łódź Αθήνα София": "Łódź Αθήνα София", "🔒vault": "U+1F512vault", "中文": "U+4E2D U+6587", "\uFFFD": "U+FFFD", "■▲●▼□○×◊–": "■▲●▼□○×◊–",
	} {
		if got := m.showable(sans, in); got != want {
			t.Errorf("showable(%q) = %q, want %q", in, got, want)
		}
	}
}

// TestMeasuringKeepsTheFont holds that a letter measured for the first time between two
// texts leaves the size of the second as it was.
func TestMeasuringKeepsTheFont(t *testing.T) {
	m := testMetrics(t)
	m.pdf.AddPage()
	m.pdf.SetFont(family[bold], fontStyle[bold], 8.2)
	m.per(sans, 'q')
	if pt, _ := m.pdf.GetFontSize(); pt != 8.2 || m.pdf.GetFontStyle() != "B" {
		t.Errorf("after measuring the font is %s%s %v, want bold 8.2", m.pdf.GetFontFamily(), m.pdf.GetFontStyle(), pt)
	}
}

func TestVisualOrder(t *testing.T) {
	if got, want := visual("abc אבג def"), "abc גבא def"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if s := "arn:aws:sqs"; visual(s) != s {
		t.Error("left-to-right text was changed")
	}
}

func FuzzWrap(f *testing.F) {
	m := testMetrics(f)
	f.Add("arn:aws:s3:::bucket/with a space and 🔒", "prose of another look", uint16(90))
	f.Add("", " ", uint16(1))
	f.Add("\u0301\u0301a", "אבג", uint16(5))
	f.Fuzz(func(t *testing.T, a, b string, w uint16) {
		width := float64(w%600) + 1
		in := []run{{text: a, style: style{mono, 8, ink}, ident: true}, {text: b, style: style{sans, 9, ink}}}
		list := m.wrap(in, width)
		strip := func(s string) string { return strings.ReplaceAll(s, " ", "") }
		if got, want := strip(strings.Join(lineTexts(list), "")), strip(m.showable(mono, a)+m.showable(sans, b)); got != want {
			t.Fatalf("text was changed:\n%q\n%q", got, want)
		}
		for _, l := range list {
			if l.w > width+0.1 && !narrow(l) {
				t.Fatalf("line of %v in %v: %q", l.w, width, lineTexts([]textLine{l}))
			}
			for _, f := range l.frags {
				if math.Abs(m.width(f.style, f.text)-f.w) > 0.1 {
					t.Fatalf("fragment %q is said to be %v wide, is %v", f.text, f.w, m.width(f.style, f.text))
				}
			}
		}
	})
}

// narrow tells whether a line has only one character that takes room: it could
// not be made shorter.
func narrow(l textLine) bool {
	n := 0
	for _, f := range l.frags {
		n += len([]rune(f.text))
	}
	return n <= 1
}

// TestLongestEndsAtBreaks: what stands in two lines is no word.
func TestLongestEndsAtBreaks(t *testing.T) {
	m := testMetrics(t)
	st := style{mono, 10, ink}
	word, part := m.longest([]run{{text: "other accounts", style: st}, {brk: true, style: st}, {text: "111122223333", style: st}})
	if want := m.width(st, "111122223333"); word != want || part != want {
		t.Errorf("the longest word is %v wide and its longest part %v, want %v", word, part, want)
	}
}
