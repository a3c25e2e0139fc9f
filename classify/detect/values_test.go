package detect_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/flowdeed/flowdeed/classify/detect"
)

var now = time.Date(2026, 11, 25, 0, 0, 0, 0, time.UTC)

func column(name string, n int, f func(int) string) detect.Column {
	c := detect.Column{Name: name}
	for i := range n {
		c.Values = append(c.Values, f(i))
	}
	return c
}

// luhnNumber adds the check digit, so that an order number looks like a card.
func luhnNumber(prefix string) string {
	sum := 0
	for i := range len(prefix) {
		n := int(prefix[len(prefix)-1-i] - '0')
		if i%2 == 0 {
			if n *= 2; n > 9 {
				n -= 9
			}
		}
		sum += n
	}
	return prefix + fmt.Sprint((10-sum%10)%10)
}

func TestValues(t *testing.T) {
	day := func(years, i int) string { return now.AddDate(-years, 0, -i).Format(time.DateOnly) }
	prose := "This is a sentence of more than six words that somebody wrote about a matter, number "
	for _, c := range []struct {
		name string
		col  detect.Column
		want string
	}{
		{"addresses", column("contact", 30, func(i int) string { return fmt.Sprintf("p%d@mail%d.de", i, i) }), "user.contact.email"},
		{"too few", column("contact", 19, func(i int) string { return fmt.Sprintf("p%d@mail.de", i) }), ""},
		{"few distinct", column("contact", 100, func(i int) string { return fmt.Sprintf("p%d@mail.de", i%10) }), ""},
		{"under the share", column("contact", 100, func(i int) string {
			if i%4 == 0 {
				return fmt.Sprint("none", i)
			}
			return fmt.Sprintf("p%d@mail.de", i)
		}), ""},
		{"example domains", column("contact", 30, func(i int) string { return fmt.Sprintf("p%d@example.com", i) }), ""},
		{"a template's name", column("email_template", 30, func(i int) string { return fmt.Sprintf("p%d@mail.de", i) }), ""},
		{"cards", column("pan", 30, func(i int) string { return luhnNumber(fmt.Sprintf("45320000000%04d", i)) }), "user.financial.credit_card.number"},
		{"orders with Luhn digits", column("order_no", 30, func(i int) string { return luhnNumber(fmt.Sprintf("99320000000%04d", i)) }), ""},
		{"PESEL with a name", column("pesel", 30, func(i int) string { return pesel(i) }), "user.government_id.national_identification_number"},
		{"PESEL without", column("value", 30, func(i int) string { return pesel(i) }), ""},
		{"numbers that do not check", column("pesel", 30, func(i int) string { return fmt.Sprintf("509232%05d", i) }), ""},
		{"private addresses", column("addr", 30, func(i int) string { return fmt.Sprintf("10.0.0.%d", i) }), ""},
		{"public addresses", column("addr", 30, func(i int) string { return fmt.Sprintf("93.184.216.%d", i) }), "user.device.ip_address"},
		{"births", column("d", 60, func(i int) string { return day(20+i, i) }), "user.demographic.date_of_birth"},
		{"creations", column("d", 60, func(i int) string { return day(0, i) }), ""},
		{"UUIDs", column("key", 30, func(i int) string { return fmt.Sprintf("00000000-0000-4000-8000-%012d", i) }), ""},
		{"phones", column("no", 30, func(i int) string { return fmt.Sprintf("+49 30 901820 %02d", i) }), "user.contact.phone_number"},
		{"text", column("remarks", 30, func(i int) string { return prose + fmt.Sprint(i) }), "user.content.free_text"},
		{"IBANs", column("account", 30, iban), "user.financial.bank_account.iban"},
	} {
		d, err := detect.New()
		if err != nil {
			t.Fatal(err)
		}
		got := d.Values([]detect.Column{c.col}, now)[0]
		if got.Category != c.want {
			t.Errorf("%s: got %q (%s, %d of %d), want %q", c.name, got.Category, got.Reason, got.Passed, got.Seen, c.want)
		}
		for _, v := range c.col.Values {
			if strings.Contains(fmt.Sprintf("%+v", got), v) {
				t.Fatalf("%s: a value is in the result", c.name)
			}
		}
	}
}

func pesel(i int) string {
	p := fmt.Sprintf("509232%04d", i) // the 32nd of December 1850 is no date
	sum := 0
	for k, w := range []int{1, 3, 7, 9, 1, 3, 7, 9, 1, 3} {
		sum += w * int(p[k]-'0')
	}
	return p + fmt.Sprint((10-sum%10)%10)
}

func iban(i int) string {
	bban := fmt.Sprintf("00000000%010d", i)
	n := 0
	for _, c := range bban + "131400" { // D E 0 0
		n = (n*10 + int(c-'0')) % 97
	}
	return fmt.Sprintf("DE%02d%s", 98-n, bban)
}

func TestReadSample(t *testing.T) {
	var csv, lines strings.Builder
	csv.WriteString("id,email\n")
	for i := range 1000 {
		fmt.Fprintf(&csv, "%d,p%d@mail.de\n", i, i)
		fmt.Fprintf(&lines, `{"id":%d,"who":{"email":"p%d@mail.de"},"tags":["a"]}`+"\n", i, i)
	}
	for name, in := range map[string]string{"csv": csv.String(), "lines": lines.String()} {
		got, err := detect.ReadSample(strings.NewReader(in))
		if err != nil {
			t.Fatal(err)
		}
		again, _ := detect.ReadSample(strings.NewReader(in))
		if fmt.Sprint(got) != fmt.Sprint(again) {
			t.Errorf("%s: two samples of one file differ", name)
		}
		if n := len(got[0].Values); n != 200 {
			t.Errorf("%s: %d records, want 200", name, n)
		}
		late := 0
		for _, v := range got[0].Values {
			if len(v) == 3 && v >= "500" {
				late++
			}
		}
		if late < 60 || late > 140 {
			t.Errorf("%s: %d of 200 records are from the second half", name, late)
		}
	}
	for in, want := range map[string]string{"": "line 1", "a,b\n1,secret,3\n": "line 2", "{\"a\":1}\n{secret": "line 2"} {
		_, err := detect.ReadSample(strings.NewReader(in))
		if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "secret") {
			t.Errorf("%q: %v, want an error at %s without the value", in, err, want)
		}
	}
}
