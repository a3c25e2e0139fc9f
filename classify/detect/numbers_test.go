package detect

import (
	"encoding/csv"
	"math/rand/v2"
	"os"
	"strings"
	"testing"
)

// The vectors were computed by another implementation of the rules, from dates that do
// not exist and serial numbers that are not issued; each has a twin with a wrong check.
func TestNumbers(t *testing.T) {
	f, err := os.Open("testdata/numbers.csv")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	recs, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	tried := map[string]bool{}
	for _, r := range recs[1:] {
		tried[r[0]] = true
		for _, n := range numbers {
			if n.id != r[0] {
				continue
			}
			if !n.shape(r[1]) || !n.valid(r[1]) {
				t.Errorf("%s: %s must pass", n.id, r[1])
			}
			if n.shape(r[2]) && n.valid(r[2]) {
				t.Errorf("%s: %s must fail", n.id, r[2])
			}
		}
	}
	for _, n := range numbers {
		if !tried[n.id] {
			t.Errorf("%s has no vector", n.id)
		}
	}
}

// Of random numbers of the right shape so many pass. Source: detectors, section 3.1,
// column "Pass"; those not compared there are left out.
func TestPassRates(t *testing.T) {
	rates := map[string]float64{
		"at-svnr": .097, "be-nrn": .019, "bg-egn": .10, "hr-oib": .10, "cz-rc": .096, "dk-cpr": .09, "ee-ik": .10, "fr-spi": .001, "gr-amka": .098,
		"gr-afm": .094, "hu-tax": .09, "lv-pk": .10, "lu-nin": .01, "nl-bsn": .092, "pl-pesel": .097, "pl-nip": .095, "pt-nif": .10, "ro-cnp": .106,
		"si-emso": .09, "is-kt": .096, "no-fnr": .009, "ch-ahv": .10, "gb-nhs": .097, "es-dni": .044,
	}
	rng := rand.New(rand.NewPCG(7, 7))
	for _, n := range numbers {
		want, ok := rates[n.id]
		if !ok {
			continue
		}
		shaped, passed := 0, 0
		for tries := 0; shaped < 6000 && tries < 1_000_000; tries++ {
			v := randomOf(rng, n.id)
			if n.shape(v) {
				shaped++
				if n.valid(v) {
					passed++
				}
			}
		}
		got := float64(passed) / float64(shaped)
		if got < want*.75-.003 || got > want*1.25+.003 {
			t.Errorf("%s: %.3f of %d random numbers pass, expected about %.3f", n.id, got, shaped, want)
		}
	}
}

func randomOf(rng *rand.Rand, id string) string {
	length := map[string]int{"nl-bsn": 9, "gr-afm": 9, "pt-nif": 9, "es-dni": 8, "fr-spi": 13, "lu-nin": 13, "ro-cnp": 13, "si-emso": 13, "ch-ahv": 13,
		"at-svnr": 10, "bg-egn": 10, "cz-rc": 10, "dk-cpr": 10, "hu-tax": 10, "pl-nip": 10, "is-kt": 10, "gb-nhs": 10}[id]
	if length == 0 {
		length = 11
	}
	var b strings.Builder
	for range length {
		b.WriteByte(byte('0' + rng.IntN(10)))
	}
	s := b.String()
	switch id {
	case "ch-ahv":
		return "756" + s[3:]
	case "hu-tax":
		return "8" + s[1:]
	case "es-dni":
		return s + string(rune('A'+rng.IntN(26)))
	}
	return s
}

func FuzzNumbers(f *testing.F) {
	f.Add("12345678901")
	f.Add("XXXXXX00A00Z000Y")
	f.Fuzz(func(t *testing.T, s string) {
		for _, n := range numbers {
			if v := bare(s); n.shape(v) {
				n.valid(v)
			}
		}
		for _, c := range checks {
			c.valid(s)
		}
		isBIC(s)
		shape(s)
	})
}
