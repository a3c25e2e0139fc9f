package detect

import "strings"

// number is an identity number of a state: its shape and its check. Source: detectors,
// "Identity numbers of EEA states, Switzerland and the United Kingdom".
type number struct {
	id      string // "pl-pesel"
	doc     string
	country string // ISO 3166, by which the name or a sibling must speak of it
	words   string // names it goes by, one of which is needed for a proposal
	key     string // category
	shape   func(string) bool
	valid   func(string) bool
}

const nationalNumber = "user.government_id.national_identification_number"
const taxNumber = "user.government_id.tax_id"
const healthNumber = "user.health_and_medical.insurance_beneficiary_id"

// numbers lists the identity numbers. Lengths are after taking out separators.
var numbers = []number{
	{"at-svnr", "Austrian insurance number", "AT", "svnr sozialversicherungsnummer svnummer versicherungsnummer", nationalNumber, digits(10), atInsurance},
	{"be-nrn", "Belgian national register number", "BE", "rijksregister rijksregisternummer nrn niss insz", nationalNumber, digits(11), beRegister},
	{"bg-egn", "Bulgarian EGN", "BG", "egn", nationalNumber, digits(10), weighted([]int{2, 4, 8, 5, 10, 9, 7, 3, 6}, 11, 10)},
	{"hr-oib", "Croatian OIB", "HR", "oib", nationalNumber, digits(11), mod1110},
	{"cy-tic", "Cypriot tax code", "CY", "tic", taxNumber, func(s string) bool { return len(s) == 9 && allDigits(s[:8]) && isUpper(s[8]) }, cyTax},
	{"cz-rc", "Czech or Slovak birth number", "CZ", "rodnecislo rc", nationalNumber, digits(10), birthNumber},
	{"dk-cpr", "Danish CPR", "DK", "cpr", nationalNumber, digits(10), sumIsZero([]int{4, 3, 2, 7, 6, 5, 4, 3, 2, 1}, 11)},
	{"ee-ik", "Estonian or Lithuanian personal code", "EE", "isikukood asmenskodas", nationalNumber, digits(11), balticCode},
	{"fi-hetu", "Finnish HETU", "FI", "hetu", nationalNumber, func(s string) bool { return len(s) == 11 }, fiHetu},
	{"fr-nir", "French NIR", "FR", "nir insee secu numsecu nss", nationalNumber, frNIRShape, frNIR},
	{"fr-spi", "French tax number", "FR", "spi", taxNumber, func(s string) bool { return digits(13)(s) && s[0] <= '3' }, func(s string) bool { return atoi(s[:10])%511 == atoi(s[10:]) }},
	{"de-idnr", "German tax id", "DE", "steuerid idnr steuernummer", taxNumber, func(s string) bool { return digits(11)(s) && s[0] != '0' }, func(s string) bool { return oneRepeats(s[:10]) && mod1110(s) }},
	{"de-rvnr", "German pension number", "DE", "rentenversicherungsnummer rvnummer sozialversicherungsnummer", nationalNumber, func(s string) bool { return len(s) == 12 && allDigits(s[:8]) && isUpper(s[8]) && allDigits(s[9:]) }, dePension},
	{"de-kvnr", "German health insurance number", "DE", "kvnr versichertennummer krankenversicherungsnummer", healthNumber, func(s string) bool { return len(s) == 10 && isUpper(s[0]) && allDigits(s[1:]) }, deHealth},
	{"gr-amka", "Greek AMKA", "GR", "amka", nationalNumber, digits(11), luhn},
	{"gr-afm", "Greek tax number", "GR", "afm", taxNumber, digits(9), weighted([]int{256, 128, 64, 32, 16, 8, 4, 2}, 11, 10)},
	{"hu-tax", "Hungarian tax id", "HU", "adoazonosito", taxNumber, func(s string) bool { return digits(10)(s) && s[0] == '8' }, huTax},
	{"hu-taj", "Hungarian TAJ", "HU", "taj", healthNumber, digits(9), weighted([]int{3, 7, 3, 7, 3, 7, 3, 7}, 10, 10)},
	{"ie-pps", "Irish PPS number", "IE", "pps ppsn", nationalNumber, iePPSShape, iePPS},
	{"it-cf", "Italian codice fiscale", "IT", "codicefiscale codfiscale cf codfisc", nationalNumber, itShape, itCode},
	{"lv-pk", "Latvian personas kods", "LV", "personaskods", nationalNumber, digits(11), lvCode},
	{"lu-nin", "Luxembourg matricule", "LU", "matricule", nationalNumber, digits(13), luNumber},
	{"nl-bsn", "Dutch BSN", "NL", "bsn burgerservicenummer sofinummer", nationalNumber, digits(9), func(s string) bool { return s != "000000000" && sumIsZero([]int{9, 8, 7, 6, 5, 4, 3, 2, -1}, 11)(s) }},
	{"pl-pesel", "Polish PESEL", "PL", "pesel", nationalNumber, digits(11), plPesel},
	{"pl-nip", "Polish NIP", "PL", "nip", taxNumber, digits(10), weightedNoTen([]int{6, 5, 7, 2, 3, 4, 5, 6, 7}, 11)},
	{"pt-nif", "Portuguese NIF", "PT", "nif contribuinte", taxNumber, func(s string) bool { return digits(9)(s) && s[0] >= '1' && s[0] <= '3' }, ptNIF},
	{"ro-cnp", "Romanian CNP", "RO", "cnp", nationalNumber, digits(13), roCNP},
	{"si-emso", "Slovenian EMŠO", "SI", "emso", nationalNumber, digits(13), siEMSO},
	{"es-dni", "Spanish DNI or NIE", "ES", "dni nie nif dninie", nationalNumber, esShape, esDNI},
	{"se-pnr", "Swedish personnummer", "SE", "personnummer", nationalNumber, func(s string) bool { return digits(10)(s) || digits(12)(s) }, func(s string) bool { return luhn(s[len(s)-10:]) }},
	{"is-kt", "Icelandic kennitala", "IS", "kennitala", nationalNumber, digits(10), func(s string) bool { return sumIsZero([]int{3, 2, 7, 6, 5, 4, 3, 2, 1}, 11)(s[:9]) }},
	{"no-fnr", "Norwegian fødselsnummer", "NO", "fodselsnummer fnr", nationalNumber, digits(11), noNumber},
	{"ch-ahv", "Swiss AHV number", "CH", "ahv ahvnummer avs", nationalNumber, func(s string) bool { return digits(13)(s) && strings.HasPrefix(s, "756") }, ean13},
	{"gb-nhs", "British NHS number", "GB", "nhs nhsnumber", healthNumber, digits(10), gbNHS},
	{"gb-nino", "British national insurance number", "GB", "nino nin", nationalNumber, gbNinoShape, func(string) bool { return true }},
}

func digits(n int) func(string) bool {
	return func(s string) bool { return len(s) == n && allDigits(s) }
}

func allDigits(s string) bool {
	for i := 0; i < len(s); i++ {
		if !digit(s[i]) {
			return false
		}
	}
	return s != ""
}

func isUpper(c byte) bool { return upper(c) }

// atoi reads digits; it is never asked for more than 18 of them.
func atoi(s string) int {
	n := 0
	for i := 0; i < len(s); i++ {
		n = n*10 + int(s[i]-'0')
	}
	return n
}

// weigh sums digits by weights.
func weigh(s string, weights []int) int {
	sum := 0
	for i, w := range weights {
		sum += w * int(s[i]-'0')
	}
	return sum
}

// weighted checks that the sum modulo m, and then modulo top, is the digit that follows.
func weighted(weights []int, m, top int) func(string) bool {
	return func(s string) bool { return weigh(s, weights)%m%top == int(s[len(weights)]-'0') }
}

// weightedNoTen is weighted where a remainder of ten is not issued.
func weightedNoTen(weights []int, m int) func(string) bool {
	return func(s string) bool { return weigh(s, weights)%m == int(s[len(weights)]-'0') }
}

func sumIsZero(weights []int, m int) func(string) bool {
	return func(s string) bool { return weigh(s, weights)%m == 0 }
}

// luhn is ISO/IEC 7812-1 annex B.
func luhn(s string) bool {
	sum := 0
	for i := range len(s) {
		n := int(s[len(s)-1-i] - '0')
		if i%2 == 1 {
			if n *= 2; n > 9 {
				n -= 9
			}
		}
		sum += n
	}
	return sum%10 == 0
}

// mod1110 is ISO 7064 mod 11,10.
func mod1110(s string) bool {
	p := 10
	for i := 0; i < len(s)-1; i++ {
		if p = (p + int(s[i]-'0')) % 10; p == 0 {
			p = 10
		}
		p = p * 2 % 11
	}
	return (p+int(s[len(s)-1]-'0'))%10 == 1
}

func ean13(s string) bool {
	sum := 0
	for i := range 12 {
		sum += int(s[i]-'0') * (1 + 2*(i%2))
	}
	return (10-sum%10)%10 == int(s[12]-'0')
}

func atInsurance(s string) bool {
	sum := weigh(s, []int{3, 7, 9, 0, 5, 8, 4, 2, 1, 6}) % 11
	return sum == int(s[3]-'0') // ten is not issued and equals no digit
}

func beRegister(s string) bool {
	check := atoi(s[9:])
	return 97-atoi(s[:9])%97 == check || 97-atoi("2"+s[:9])%97 == check
}

func cyTax(s string) bool {
	odd := []int{1, 0, 5, 7, 9, 13, 15, 17, 19, 21}
	sum := 0
	for i := range 8 {
		n := int(s[i] - '0')
		if i%2 == 0 {
			n = odd[n]
		}
		sum += n
	}
	return byte('A'+sum%26) == s[8]
}

func birthNumber(s string) bool {
	return atoi(s)%11 == 0 || atoi(s[:9])%11 == 10 && s[9] == '0'
}

func balticCode(s string) bool {
	n := weigh(s, []int{1, 2, 3, 4, 5, 6, 7, 8, 9, 1}) % 11
	if n == 10 {
		n = weigh(s, []int{3, 4, 5, 6, 7, 8, 9, 1, 2, 3}) % 11 % 10
	}
	return n == int(s[10]-'0')
}

func fiHetu(s string) bool {
	if !allDigits(s[:6]) || !strings.ContainsRune("+-YXWVUABCDEF", rune(s[6])) || !allDigits(s[7:10]) {
		return false
	}
	return "0123456789ABCDEFHJKLMNPRSTUVWXY"[atoi(s[:6]+s[7:10])%31] == s[10]
}

func frNIRShape(s string) bool {
	if len(s) != 15 || !(s[0] == '1' || s[0] == '2') {
		return false
	}
	return allDigits(corsica(s))
}

// corsica replaces the departments 2A and 2B by 19 and 18.
func corsica(s string) string {
	switch s[5:7] {
	case "2A":
		return s[:5] + "19" + s[7:]
	case "2B":
		return s[:5] + "18" + s[7:]
	}
	return s
}

func frNIR(s string) bool {
	s = corsica(s)
	return 97-atoi(s[:13])%97 == atoi(s[13:])
}

// oneRepeats tells whether exactly one digit is there twice or three times.
func oneRepeats(s string) bool {
	var count [10]int
	for i := range len(s) {
		count[s[i]-'0']++
	}
	more := 0
	for _, c := range count {
		if c > 3 {
			return false
		}
		if c > 1 {
			more++
		}
	}
	return more == 1
}

func digitSum(n int) int { return n/10 + n%10 }

func dePension(s string) bool {
	letter := int(s[8]-'A') + 1
	all := s[:8] + string(rune('0'+letter/10)) + string(rune('0'+letter%10)) + s[9:]
	sum := 0
	for i, w := range []int{2, 1, 2, 5, 7, 1, 2, 1, 2, 1, 2, 1} {
		sum += digitSum(w * int(all[i]-'0'))
	}
	return sum%10 == int(s[11]-'0')
}

func deHealth(s string) bool {
	letter := int(s[0]-'A') + 1
	all := string(rune('0'+letter/10)) + string(rune('0'+letter%10)) + s[1:9]
	sum := 0
	for i := range 10 {
		sum += digitSum((1 + i%2) * int(all[i]-'0'))
	}
	return sum%10 == int(s[9]-'0')
}

func huTax(s string) bool {
	n := weigh(s, []int{1, 2, 3, 4, 5, 6, 7, 8, 9}) % 11
	return n != 10 && n == int(s[9]-'0')
}

func iePPSShape(s string) bool {
	return (len(s) == 8 || len(s) == 9) && allDigits(s[:7]) && isUpper(s[7]) && (len(s) == 8 || isUpper(s[8]))
}

func iePPS(s string) bool {
	sum := weigh(s, []int{8, 7, 6, 5, 4, 3, 2})
	if len(s) == 9 && s[8] != 'W' {
		sum += 9 * (int(s[8]-'A') + 1)
	}
	return "WABCDEFGHIJKLMNOPQRSTUV"[sum%23] == s[7]
}

func itShape(s string) bool {
	if len(s) != 16 {
		return false
	}
	for i := range 16 {
		letterPlace := i < 6 || i == 8 || i == 11 || i == 15
		if letterPlace && !isUpper(s[i]) || !letterPlace && !digit(s[i]) && !strings.ContainsRune("LMNPQRSTUV", rune(s[i])) {
			return false
		}
	}
	return true
}

// itOdd is the value of a character in an odd place; digits count as A to J.
var itOdd = []int{1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 2, 4, 18, 20, 11, 3, 6, 8, 12, 14, 16, 10, 22, 25, 24, 23}

func itCode(s string) bool {
	sum := 0
	for i := range 15 {
		n := int(s[i] - 'A')
		if digit(s[i]) {
			n = int(s[i] - '0')
		}
		if i%2 == 0 {
			n = itOdd[n]
		}
		sum += n
	}
	return byte('A'+sum%26) == s[15]
}

func lvCode(s string) bool {
	if strings.HasPrefix(s, "32") {
		return true // since 2017 without a check
	}
	return (1101-weigh(s, []int{1, 6, 3, 7, 9, 10, 5, 8, 4, 2}))%11%10 == int(s[10]-'0')
}

// verhoeff tables: multiplication in D5 and the permutation.
var (
	verhoeffD = [10]string{"0123456789", "1234067895", "2340178956", "3401289567", "4012395678", "5987604321", "6598710432", "7659821043", "8765932104", "9876543210"}
	verhoeffP = [8]string{"0123456789", "1576283094", "5803796142", "8916043527", "9453126870", "4286573901", "2793806415", "7046913258"}
)

func verhoeff(s string) bool {
	c := 0
	for i := range len(s) {
		n := int(s[len(s)-1-i] - '0')
		c = int(verhoeffD[c][verhoeffP[i%8][n]-'0'] - '0')
	}
	return c == 0
}

func luNumber(s string) bool { return luhn(s[:12]) && verhoeff(s[:11]+s[12:]) }

func plPesel(s string) bool {
	return (10-weigh(s, []int{1, 3, 7, 9, 1, 3, 7, 9, 1, 3})%10)%10 == int(s[10]-'0')
}

func ptNIF(s string) bool {
	n := 11 - weigh(s, []int{9, 8, 7, 6, 5, 4, 3, 2})%11
	if n > 9 {
		n = 0
	}
	return n == int(s[8]-'0')
}

func roCNP(s string) bool {
	n := weigh(s, []int{2, 7, 9, 1, 4, 6, 3, 5, 8, 2, 7, 9}) % 11
	if n == 10 {
		n = 1
	}
	return n == int(s[12]-'0')
}

func siEMSO(s string) bool {
	n := 11 - weigh(s, []int{7, 6, 5, 4, 3, 2, 7, 6, 5, 4, 3, 2})%11
	if n == 11 {
		n = 0
	}
	return n == int(s[12]-'0')
}

func esShape(s string) bool {
	if len(s) != 9 || !isUpper(s[8]) || !allDigits(s[1:8]) {
		return false
	}
	return digit(s[0]) || strings.ContainsRune("XYZ", rune(s[0]))
}

func esDNI(s string) bool {
	if i := strings.IndexByte("XYZ", s[0]); i >= 0 {
		s = string(rune('0'+i)) + s[1:]
	}
	return "TRWAGMYFPDXBNJZSQVHLCKE"[atoi(s[:8])%23] == s[8]
}

func noNumber(s string) bool {
	return sumIsZero([]int{3, 7, 6, 1, 8, 9, 4, 5, 2, 1}, 11)(s) && sumIsZero([]int{5, 4, 3, 2, 7, 6, 5, 4, 3, 2, 1}, 11)(s)
}

func gbNHS(s string) bool {
	n := 11 - weigh(s, []int{10, 9, 8, 7, 6, 5, 4, 3, 2})%11
	if n == 11 {
		n = 0
	}
	return n == int(s[9]-'0') // ten is not issued and equals no digit
}

func gbNinoShape(s string) bool {
	if len(s) != 9 || !isUpper(s[0]) || !isUpper(s[1]) || !allDigits(s[2:8]) || s[8] < 'A' || s[8] > 'D' {
		return false
	}
	return !strings.ContainsRune("DFIQUV", rune(s[0])) && !strings.ContainsRune("DFIQUVO", rune(s[1])) && !strings.Contains(" BG GB NK KN TN NT ZZ ", " "+s[:2]+" ")
}
