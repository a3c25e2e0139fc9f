package annotations

import (
	"regexp"
	"strings"
)

var (
	emailInText = regexp.MustCompile(`(?:^|[\s<("'=,;:])[A-Za-z0-9._%+-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*\.[A-Za-z]{2,}(?:$|[\s>)"',;.])`)
	// phoneInText is a number in international form, grouped or not. Source: ITU-T E.164.
	phoneInText = regexp.MustCompile(`(?:^|[\s("'])\+[1-9]\d{0,2}[ ()/-]{0,2}(?:\d[ ()/-]?){6,11}\d(?:$|[\s)"',;.])`)
	ibanInText  = regexp.MustCompile(`\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]){11,30}\b`)
)

// personalCategory tells which personal data a text seems to hold, or "". Only forms
// that hardly mean anything else count.
func personalCategory(text string) string {
	switch {
	case strings.Contains(text, "@") && emailInText.MatchString(text):
		return "user.contact.email"
	case strings.Contains(text, "+") && phoneInText.MatchString(text):
		return "user.contact.phone_number"
	}
	for _, m := range ibanInText.FindAllString(text, 4) {
		if validIBAN(strings.ReplaceAll(m, " ", "")) {
			return "user.financial.bank_account.iban"
		}
	}
	return ""
}

// validIBAN tells whether the check digits hold. Source: ISO 13616, modulo 97.
func validIBAN(s string) bool {
	if len(s) < 15 || len(s) > 34 {
		return false
	}
	rest := 0
	for _, r := range s[4:] + s[:4] {
		if r >= 'A' {
			rest = (rest*100 + int(r-'A') + 10) % 97
		} else {
			rest = (rest*10 + int(r-'0')) % 97
		}
	}
	return rest == 1
}

const keepOut = "keep personal data out of tags and annotation files"

// personal warns of data of people where no contact is asked for.
func (c *checker) personal(n *node) {
	if c.contact {
		return
	}
	if k := personalCategory(n.text); k != "" {
		c.add(n, "W405", "value looks like "+k+"; "+keepOut, "")
	}
}
