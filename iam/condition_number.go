package iam

import (
	"math"
	"strconv"
	"strings"
	"time"
)

// parseNumber reads an integer or a decimal. Words that Go would take for numbers
// ("inf", hexadecimal) are none.
func parseNumber(s string) (float64, bool) {
	s = strings.TrimSpace(s)
	if s == "" || strings.Trim(s, "0123456789.+-eE") != "" {
		return 0, false
	}
	v, err := strconv.ParseFloat(s, 64)
	return v, err == nil && !math.IsInf(v, 0)
}

func (o order) holds(v, limit float64) bool {
	switch o {
	case less:
		return v < limit
	case lessEqual:
		return v <= limit
	case greater:
		return v > limit
	case greaterEqual:
		return v >= limit
	}
	return v == limit
}

func compareNumbers(o order, policy, value string) (match, valid bool) {
	limit, ok := parseNumber(policy)
	v, okValue := parseNumber(value)
	return ok && okValue && o.holds(v, limit), ok && okValue
}

// dateForms are the ISO 8601 forms of the W3C profile, widest last (IAM User Guide,
// "Condition operators: Date"). Without a zone a time is UTC.
var dateForms = []string{
	"2006-01-02T15:04:05Z07:00", "2006-01-02T15:04Z07:00", "2006-01-02T15:04:05", "2006-01-02T15:04",
	"2006-01-02", "2006-01", "20060102T150405Z0700", "20060102T150405Z",
}

// milliseconds is the number from which a count since 1970 cannot be of seconds: as
// seconds it lies beyond the year 5138.
const milliseconds = 1e11

// parseDate reads a date, or seconds or milliseconds since 1970, as seconds.
func parseDate(s string) (float64, bool) {
	s = strings.TrimSpace(s)
	for _, form := range dateForms {
		if t, err := time.Parse(form, s); err == nil {
			return float64(t.Unix()) + float64(t.Nanosecond())/1e9, true
		}
	}
	if len(s) == 4 { // a year by itself; 4-digit seconds would be in 1970
		if t, err := time.Parse("2006", s); err == nil {
			return float64(t.Unix()), true
		}
	}
	v, ok := parseNumber(s)
	if math.Abs(v) >= milliseconds {
		v /= 1000
	}
	return v, ok
}

func compareDates(o order, policy, value string) (match, valid bool) {
	limit, ok := parseDate(policy)
	v, okValue := parseDate(value)
	return ok && okValue && o.holds(v, limit), ok && okValue
}
