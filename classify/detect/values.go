package detect

import (
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"time"
)

// The rule of a column: so many distinct values must be there, and such a share of the
// values must pass. Source: detectors, "Value evidence".
const (
	leastDistinct = 20
	leastShare    = 0.8
	leastText     = 0.5 // of free text
)

// Column is one column of data a person hands over. Values live in memory only.
type Column struct {
	Name   string
	Values []string
}

// Proposal is what the values of a column say. It holds no value: counts and the shape.
type Proposal struct {
	Column     string
	Category   string // empty when nothing is proposed
	Confidence float64
	Detector   string // "value-iban/1"
	Seen       int    // non-empty values
	Distinct   int
	Passed     int
	TestData   int    // values that are published for tests or stand for nobody
	Shape      string // the most frequent: N for a digit, A for a letter
	Reason     string
}

// check is a detector of values: a column is of its category when the values pass it.
type check struct {
	id, category, doc string
	confidence        float64
	valid             func(string) bool
	test              func(string) bool // a value for tests, which proves nothing
	share             float64           // 0: leastShare
	whole             func(*columnStat) bool
	needs             string // words one of which the name must have; numbers only
}

// checks lists the detectors of values beside identity numbers, the surest first.
var checks = []check{
	{id: "email", category: "user.contact.email", doc: "local part, one @, a domain", confidence: .9, valid: isEmail, test: exampleMail},
	{id: "iban", category: "user.financial.bank_account.iban", doc: "country, length, modulo 97", confidence: .95, valid: isIBAN},
	{id: "card", category: "user.financial.credit_card.number", doc: "13 to 19 digits, range of an issuer, Luhn", confidence: .9, valid: isCard, test: testCard},
	{id: "ip", category: "user.device.ip_address", doc: "public IPv4 or IPv6 address", confidence: .75, valid: isPublicIP},
	{id: "mac", category: "user.device.mac_address", doc: "six bytes", confidence: .6, valid: isMAC},
	{id: "jwt", category: "user.authorization.token", doc: "three parts, the first a JSON header", confidence: .85, valid: isJWT},
	{id: "phone", category: "user.contact.phone_number", doc: "international number with +", confidence: .8, valid: isPhone},
	{id: "vin", category: "user.government_id.vehicle_registration", doc: "17 characters without I, O, Q", confidence: .6, valid: isVIN},
	{id: "date-of-birth", category: "user.demographic.date_of_birth", doc: "dates of the last 110 years, spread over more than 20 years, without a time", confidence: .7, valid: isDate, whole: birthDates},
	{id: "free-text", category: "user.content.free_text", doc: "more than 40 characters and 6 words on average", confidence: .6, valid: isProse, share: leastText, whole: longText},
}

// columnStat is a column with what is counted of it.
type columnStat struct {
	name     string
	tokens   map[string]bool
	values   []string
	distinct int
	now      time.Time
}

// Values judges columns of data by their values, and by their names where numbers alone
// prove too little. now is the time against which ages are reckoned.
func (d *Detector) Values(columns []Column, now time.Time) []Proposal {
	var rows []Row
	for _, c := range columns {
		rows = append(rows, Row{ID: c.Name, Field: Field{Kind: "sample", Resource: "sample", Name: c.Name}})
	}
	var out []Proposal
	iban := false
	for i, c := range columns {
		p := d.column(c, now)
		iban = iban || strings.HasPrefix(p.Detector, "value-iban")
		if p.Category == "" && p.Distinct > 0 {
			if r := d.Rows(rows[i:i+1], .6); r[0].Category != "" && p.Reason == "" {
				p.Reason = "the name speaks of " + r[0].Category + ", the values prove nothing"
			}
		}
		out = append(out, p)
	}
	for i, c := range columns {
		if iban && out[i].Category == "" && out[i].Distinct >= leastDistinct {
			d.bic(&out[i], c)
		}
	}
	return out
}

// bic proposes bank codes only where an IBAN column is near: many words look like them.
func (d *Detector) bic(p *Proposal, c Column) {
	passed := 0
	for _, v := range c.Values {
		if isBIC(strings.TrimSpace(v)) {
			passed++
		}
	}
	if float64(passed) >= leastShare*float64(p.Seen) {
		p.Category, p.Confidence, p.Detector, p.Passed = "user.financial.bank_account", .7, "value-bic/1", passed
		p.Reason = "8 or 11 characters with a country, beside a column of IBANs"
	}
}

func (d *Detector) column(c Column, now time.Time) Proposal {
	s := &columnStat{name: c.Name, tokens: map[string]bool{}, now: now}
	seen := map[string]bool{}
	for _, v := range c.Values {
		if v = strings.TrimSpace(v); v != "" {
			s.values = append(s.values, v)
			seen[v] = true
		}
	}
	s.distinct = len(seen)
	blocked := false
	for _, t := range d.tokensOf(c.Name) {
		s.tokens[t.text] = true
		t.settle(tongueEnglish)
		blocked = blocked || t.is.has(d.a.block) || t.is.has(d.a.flag)
	}
	s.tokens[strings.ToLower(strings.NewReplacer("_", "", "-", "", " ", "").Replace(c.Name))] = true
	p := Proposal{Column: c.Name, Seen: len(s.values), Distinct: s.distinct, Shape: shapeOf(s.values)}
	switch {
	case s.distinct < leastDistinct:
		p.Reason = "fewer than " + strconv.Itoa(leastDistinct) + " distinct values"
		return p
	case blocked:
		p.Reason = "the name says that it is about something else"
		return p
	}
	for i := range numbers {
		n := &numbers[i]
		if slices.ContainsFunc(strings.Fields(n.words), func(w string) bool { return s.tokens[w] }) {
			x := check{id: n.id, category: n.key, doc: n.doc, confidence: .95, valid: func(v string) bool { v = bare(v); return n.shape(v) && n.valid(v) }}
			if p.apply(&x, s) {
				return p
			}
		}
	}
	for i := range checks {
		if p.apply(&checks[i], s) {
			return p
		}
	}
	return p
}

// apply tries a check on a column.
func (p *Proposal) apply(x *check, s *columnStat) bool {
	passed, test := 0, 0
	for _, v := range s.values {
		if x.valid(v) {
			passed++
			if x.test != nil && x.test(v) {
				test++
			}
		}
	}
	share := x.share
	if share == 0 {
		share = leastShare
	}
	if float64(passed) < share*float64(len(s.values)) || x.whole != nil && !x.whole(s) {
		return false
	}
	p.Passed, p.TestData, p.Detector = passed, test, "value-"+x.id+"/1"
	p.Reason = x.doc
	if test == passed {
		p.Reason = x.doc + "; all of them are test data"
		return true
	}
	p.Category, p.Confidence = x.category, x.confidence
	return true
}

// bare takes out what people put between the digits of a number.
func bare(v string) string {
	return strings.ToUpper(strings.NewReplacer(" ", "", "-", "", ".", "", "/", "").Replace(v))
}

// shapeOf is the most frequent shape of the values: what they look like, not what they are.
func shapeOf(values []string) string {
	count := map[string]int{}
	for _, v := range values {
		count[shape(v)]++
	}
	best := ""
	for s, n := range count {
		if n > count[best] || n == count[best] && s < best {
			best = s
		}
	}
	return best
}

func shape(v string) string {
	var b strings.Builder
	n := 0
	for _, r := range v {
		if n++; n > 24 {
			b.WriteString("...")
			break
		}
		switch {
		case r >= '0' && r <= '9':
			b.WriteByte('N')
		case r == ' ', r < 0x80 && strings.ContainsRune("-_./:@+,;()#", r):
			b.WriteRune(r)
		default:
			b.WriteByte('A')
		}
	}
	return b.String()
}

func isEmail(v string) bool {
	local, domain, ok := strings.Cut(v, "@")
	if !ok || local == "" || len(v) > 254 || strings.ContainsAny(v, " \t,;<>") || strings.Contains(domain, "@") {
		return false
	}
	dot := strings.LastIndexByte(domain, '.')
	if dot <= 0 || len(domain)-dot < 3 {
		return false
	}
	for _, r := range domain[dot+1:] {
		if r < 'A' || r > 'Z' && r < 'a' || r > 'z' && r < 0x80 {
			return strings.HasPrefix(domain[dot+1:], "xn--")
		}
	}
	return true
}

// exampleMail are addresses of domains kept for examples. Source: RFC 2606, RFC 6761.
func exampleMail(v string) bool {
	_, domain, _ := strings.Cut(strings.ToLower(v), "@")
	for _, d := range []string{"example.com", "example.org", "example.net"} {
		if domain == d || strings.HasSuffix(domain, "."+d) {
			return true
		}
	}
	return strings.HasSuffix(domain, ".example") || strings.HasSuffix(domain, ".test") || strings.HasSuffix(domain, ".invalid")
}

// ibanLength by country. Source: SWIFT, "IBAN Registry".
var ibanLength = map[string]int{
	"AD": 24, "AT": 20, "BE": 16, "BG": 22, "CH": 21, "CY": 28, "CZ": 24, "DE": 22, "DK": 18, "EE": 20, "ES": 24, "FI": 18, "FR": 27,
	"GB": 22, "GI": 23, "GR": 27, "HR": 21, "HU": 28, "IE": 22, "IS": 26, "IT": 27, "LI": 21, "LT": 20, "LU": 20, "LV": 21, "MC": 27,
	"MT": 31, "NL": 18, "NO": 15, "PL": 28, "PT": 25, "RO": 24, "SE": 24, "SI": 19, "SK": 24, "SM": 27,
}

func isIBAN(v string) bool {
	v = bare(v)
	if len(v) < 15 || ibanLength[v[:2]] != len(v) {
		return false
	}
	n := 0
	for _, c := range []byte(v[4:] + v[:4]) {
		switch {
		case digit(c):
			n = (n*10 + int(c-'0')) % 97
		case upper(c):
			n = (n*100 + int(c-'A') + 10) % 97
		default:
			return false
		}
	}
	return n == 1
}

func isBIC(v string) bool {
	if len(v) != 8 && len(v) != 11 {
		return false
	}
	for i := range len(v) {
		if !upper(v[i]) && !(i >= 6 && digit(v[i])) {
			return false
		}
	}
	return ibanLength[v[4:6]] != 0 || strings.Contains(" US CA JP AU CN IN BR ", " "+v[4:6]+" ")
}

func isCard(v string) bool {
	v = bare(v)
	if len(v) < 13 || len(v) > 19 || !allDigits(v) || !luhn(v) {
		return false
	}
	two, four := atoi(v[:2]), atoi(v[:4])
	return v[0] == '4' || two >= 51 && two <= 55 || four >= 2221 && four <= 2720 || two == 34 || two == 37 || two == 36 || two == 38 || two == 39 ||
		four == 6011 || two == 65 || four >= 3528 && four <= 3589 || two == 62 || two == 50 || two >= 56 && two <= 58
}

// testCard are numbers that payment providers publish for tests.
func testCard(v string) bool {
	return slices.Contains([]string{"4111111111111111", "4242424242424242", "5555555555554444", "5105105105105100", "378282246310005", "371449635398431", "4000056655665556", "6011111111111117", "3530111333300000", "4012888888881881"}, bare(v))
}

func isPublicIP(v string) bool {
	a, err := netip.ParseAddr(v)
	if err != nil {
		return false
	}
	a = a.Unmap()
	for _, kept := range documentation {
		if kept.Contains(a) {
			return false
		}
	}
	return a.IsGlobalUnicast() && !a.IsPrivate()
}

// documentation are networks for examples. Source: RFC 5737, RFC 3849.
var documentation = []netip.Prefix{
	netip.MustParsePrefix("192.0.2.0/24"), netip.MustParsePrefix("198.51.100.0/24"), netip.MustParsePrefix("203.0.113.0/24"), netip.MustParsePrefix("2001:db8::/32"),
}

func isMAC(v string) bool {
	v = strings.ToLower(strings.NewReplacer(":", "", "-", "").Replace(v))
	if len(v) != 12 {
		return false
	}
	return strings.Trim(v, "0123456789abcdef") == ""
}

// isJWT looks at the header's first characters only: base64 of {" and no further.
func isJWT(v string) bool {
	return strings.Count(v, ".") == 2 && strings.HasPrefix(v, "eyJ") && len(v) > 40 && !strings.ContainsAny(v, " \t")
}

func isPhone(v string) bool {
	v = strings.NewReplacer(" ", "", "-", "", ".", "", "/", "", "(", "", ")", "").Replace(v)
	return len(v) >= 9 && len(v) <= 16 && v[0] == '+' && v[1] != '0' && allDigits(v[1:])
}

func isVIN(v string) bool {
	if len(v) != 17 {
		return false
	}
	letters := 0
	for i := range len(v) {
		switch {
		case upper(v[i]) && !strings.ContainsRune("IOQ", rune(v[i])):
			letters++
		case !digit(v[i]):
			return false
		}
	}
	return letters >= 3
}

func parseDate(v string) (time.Time, bool) {
	for _, layout := range []string{"2006-01-02", "02.01.2006", "02/01/2006", "20060102", "2006/01/02"} {
		if t, err := time.Parse(layout, v); err == nil {
			return t, true
		}
	}
	return time.Time{}, false
}

func isDate(v string) bool {
	_, ok := parseDate(v)
	return ok
}

// birthDates tells dates of birth from dates of creation: those cluster in recent years.
func birthDates(s *columnStat) bool {
	var years []int
	for _, v := range s.values {
		t, ok := parseDate(v)
		if age := s.now.Year() - t.Year(); ok && age >= 0 && age <= 110 {
			years = append(years, t.Year())
		}
	}
	if float64(len(years)) < leastShare*float64(len(s.values)) {
		return false
	}
	slices.Sort(years)
	// The spread of the middle nine tenths: single old dates are typing errors.
	n := len(years)
	return years[n-1-n/20]-years[n/20] > 20
}

func isProse(v string) bool { return len(v) > 40 && len(strings.Fields(v)) > 6 }

func longText(s *columnStat) bool {
	letters, words := 0, 0
	for _, v := range s.values {
		letters += len(v)
		words += len(strings.Fields(v))
	}
	return letters > 40*len(s.values) && words > 6*len(s.values)
}
