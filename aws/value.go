package aws

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"net/url"
	"regexp"
	"slices"
	"strings"
)

// Value is what is kept of a string that may be secret or personal, such as the
// value of an environment variable: which matchers it meets, a masked form, and the
// references to resources in it. The string itself is matched in memory and dropped.
type Value struct {
	// Refs are the ARNs, host names and addresses in the value, without user
	// information and query, and those words of it that name something the scan
	// saw elsewhere (a table name, a pool id): saying them again discloses nothing.
	Refs []string `json:"refs,omitempty"`
	// Looks names the matchers that fired: arn, url, host, secret, email, phone,
	// iban, card, expression, reference.
	Looks []string `json:"looks,omitempty"`
	// Paths are the parts of an event that the value, as a template, takes: names of
	// fields, "$" for the whole event. Nil where the value is no template.
	Paths  []string `json:"paths,omitzero"`
	Masked string   `json:"masked"`
	// Hash tells whether two values are equal. It is salted, and left out for what
	// looks like a secret, so that nobody can try a dictionary on it.
	Hash string `json:"hash,omitempty"`
}

// Looks tells whether a matcher fired.
func (v Value) Is(matcher string) bool { return slices.Contains(v.Looks, matcher) }

var (
	arnPattern   = regexp.MustCompile(`arn:aws[a-z-]*:[a-z0-9-]+:[a-z0-9-]*:[0-9]*:[^\s"',;<>{}]+`)
	urlPattern   = regexp.MustCompile(`\b[a-zA-Z][a-zA-Z0-9+.-]*://[^\s"'<>]+`)
	hostPattern  = regexp.MustCompile(`^(?:[a-z0-9_](?:[a-z0-9_-]*[a-z0-9])?\.)+[a-z][a-z0-9-]*[a-z0-9](?::[0-9]{1,5})?$`)
	emailPattern = regexp.MustCompile(`[A-Za-z0-9._%+'-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*\.[A-Za-z]{2,}`)
	phonePattern = regexp.MustCompile(`(?:^|[^0-9A-Za-z.:/_-])(\+[1-9][0-9 ()./-]{6,18}[0-9])(?:$|[^0-9A-Za-z])`)
	ibanPattern  = regexp.MustCompile(`\b[A-Z]{2}[0-9]{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,4})?\b`)
	cardPattern  = regexp.MustCompile(`\b[0-9](?:[ -]?[0-9]){12,18}\b`)

	secretFormats = regexp.MustCompile(strings.Join([]string{
		`-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]*PRIVATE KEY-----|$)`,
		`\b(?:AKIA|ASIA)[0-9A-Z]{16}\b`,
		`\bgh[pousr]_[0-9A-Za-z]{20,}`, `\bgithub_pat_[0-9A-Za-z_]{20,}`, `\bglpat-[0-9A-Za-z_-]{16,}`,
		`\bxox[abposr]-[0-9A-Za-z-]{10,}`, `\b[spr]k_(?:live|test)_[0-9A-Za-z]{8,}`, `\bAIza[0-9A-Za-z_-]{30,}`,
		`\bSG\.[0-9A-Za-z_-]{16,}\.[0-9A-Za-z_-]{16,}`, `\beyJ[0-9A-Za-z_-]{8,}\.[0-9A-Za-z_-]{8,}\.[0-9A-Za-z_-]*`,
		`\bnpm_[0-9A-Za-z]{30,}`, `\bdop_v1_[0-9a-f]{40,}`,
	}, "|"))
	// userInfo is a password in an address: scheme://user:password@host.
	userInfo = regexp.MustCompile(`(://)[^\s/@:"']*:[^\s/@"']+@`)
	// assigned is a password in a connection string: "Password=...;" or "pwd=...".
	assigned = regexp.MustCompile(`(?i)\b(pass(?:word|wd|phrase)?|pwd|secret|api[_-]?key|access[_-]?key|auth[_-]?token|token)(\s*[=:]\s*)("[^"]*"|'[^']*'|[^\s;,&"']+)`)

	secretName = regexp.MustCompile(`(?i)(?:^|[^a-z])(?:pass(?:word|wd|phrase)?|pwd|secrets?|credentials?|tokens?|auth)(?:$|[^a-z])|(?:api|private|access|auth|signing|encryption|shared|service|account|master|secret|license)[_.-]?key|client[_.-]?secret|connection[_.-]?string|(?i:password|passwd|secret)$`)
	// camelHump splits camelCase so that secretName sees words.
	camelHump = regexp.MustCompile(`([a-z0-9])([A-Z])`)

	uuidPattern = regexp.MustCompile(`^[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}$`)
	expression  = regexp.MustCompile(`^(?:\{\{resolve:.*\}\}|\$\.?.*|\$\{.*\}|\{%.*%\}|<.*>|States\..*)$`)
	plainWord   = regexp.MustCompile(`^(?i:true|false|yes|no|on|off|none|null|enabled|disabled|debug|info|warn|warning|error|[0-9]{1,10}(?:\.[0-9]+)?|)$`)
)

// soundsSecret tells whether the name of a variable or field promises a secret.
func soundsSecret(name string) bool {
	return secretName.MatchString(camelHump.ReplaceAllString(name, "${1}_${2}"))
}

// looksRandom tells whether a word looks like generated key material: long, of mixed
// kinds of characters, and not an identifier people write.
func looksRandom(s string) bool {
	if len(s) < 20 || uuidPattern.MatchString(s) || strings.ContainsAny(s, " \t\n") || strings.HasPrefix(s, "arn:") || strings.Contains(s, "://") {
		return false
	}
	var upper, lower, digit, changes int
	kind, last := 0, 0
	for _, r := range s {
		switch {
		case r >= 'A' && r <= 'Z':
			upper++
			kind = 1
		case r >= 'a' && r <= 'z':
			lower++
			kind = 2
		case r >= '0' && r <= '9':
			digit++
			kind = 3
		default:
			kind = 4
		}
		if kind != last {
			changes++
		}
		last = kind
	}
	return upper > 0 && lower > 0 && digit > 0 && changes*3 >= len(s)
}

// isReference tells whether a string points at something rather than being it.
func isReference(s string) bool {
	return strings.HasPrefix(s, "arn:") || expression.MatchString(s) || strings.HasPrefix(s, "/") && strings.Count(s, "/") >= 2
}

// looks lists the matchers that fire on a value with this name.
func looks(name, s string) []string {
	var out []string
	add := func(m string, hit bool) {
		if hit {
			out = append(out, m)
		}
	}
	isARN, isURL := arnPattern.MatchString(s), urlPattern.MatchString(s)
	add("arn", isARN)
	add("card", luhn(s))
	add("email", emailPattern.MatchString(s) && !isURL)
	add("expression", expression.MatchString(s))
	add("host", !isURL && hostPattern.MatchString(strings.ToLower(s)))
	add("iban", ibanValid(s))
	add("phone", phonePattern.MatchString(s))
	secret := secretFormats.MatchString(s) || userInfo.MatchString(s) || assigned.MatchString(s) && !isReference(s) || looksRandom(s)
	named := soundsSecret(name) && !isReference(s) && !isARN && !isURL && !plainWord.MatchString(s)
	add("secret", secret || named)
	add("url", isURL)
	return out
}

func luhn(s string) bool {
	for _, m := range cardPattern.FindAllString(s, -1) {
		sum, n := 0, 0
		for i := len(m) - 1; i >= 0; i-- {
			if m[i] < '0' || m[i] > '9' {
				continue
			}
			d := int(m[i] - '0')
			if n%2 == 1 {
				if d *= 2; d > 9 {
					d -= 9
				}
			}
			sum += d
			n++
		}
		if sum%10 == 0 && sum > 0 && n >= 13 {
			return true
		}
	}
	return false
}

// ibanValid applies the check digits of ISO 13616.
func ibanValid(s string) bool {
	for _, m := range ibanPattern.FindAllString(s, -1) {
		m = strings.ReplaceAll(m, " ", "")
		if len(m) < 15 || len(m) > 34 {
			continue
		}
		rest := 0
		for _, r := range m[4:] + m[:4] {
			if r >= 'A' {
				rest = (rest*100 + int(r-'A') + 10) % 97
			} else {
				rest = (rest*10 + int(r-'0')) % 97
			}
		}
		if rest == 1 {
			return true
		}
	}
	return false
}

// reduce makes a Value of a raw string. seen tells which words the scan saw elsewhere.
func (s *scrubber) reduce(name, raw string, seen func(string) bool) Value {
	v := Value{Looks: looks(name, raw), Masked: mask(raw)}
	if name == "InputTemplate" {
		v.Paths = templatePaths(raw)
	}
	for _, w := range words(raw) {
		if seen(w) {
			v.Refs = append(v.Refs, w)
		}
	}
	for _, a := range arnPattern.FindAllString(raw, -1) {
		v.Refs = append(v.Refs, s.text(a))
	}
	for _, u := range addresses(raw) {
		if c := s.cleanURL(u); c != "" {
			v.Refs = append(v.Refs, c)
		}
	}
	if partialFunction.MatchString(raw) {
		v.Refs = append(v.Refs, raw)
	}
	if head := beforePath(raw); head != "" && seen(head) {
		v.Refs = append(v.Refs, head) // a bucket with a prefix
	}
	if m := qualifiedName.FindStringSubmatch(raw); m != nil && seen(m[1]) {
		v.Refs = append(v.Refs, m[1]) // a function with its alias
	}
	if v.Is("host") && namesHost(name, raw, v.Is("secret")) {
		v.Refs = append(v.Refs, strings.ToLower(raw))
	}
	slices.Sort(v.Refs)
	v.Refs = slices.Compact(v.Refs)
	if len(v.Refs) > 0 && slices.Contains(v.Refs, raw) {
		// The whole value is a known name: not a secret, whatever the variable is called.
		v.Looks = append(slices.DeleteFunc(v.Looks, func(m string) bool { return m == "secret" }), "reference")
		slices.Sort(v.Looks)
	}
	if !v.Is("secret") {
		v.Hash = s.hash(raw)
	}
	return v
}

var (
	awsHost  = regexp.MustCompile(`\.(?:amazonaws\.com(?:\.cn)?|api\.aws|on\.aws|cloudfront\.net|awsapprunner\.com|elasticbeanstalk\.com)(?::[0-9]+)?$`)
	withPort = regexp.MustCompile(`:[0-9]{2,5}$`)
)

// namesHost tells whether a value that has the form of a host name is one. First and
// last names with a dot between have that form too: without a port, a host of AWS or
// a variable that says host, the value is not kept.
func namesHost(variable, value string, secret bool) bool {
	if awsHost.MatchString(strings.ToLower(value)) {
		return true
	}
	return !secret && (withPort.MatchString(value) ||
		hostVariable.MatchString(strings.ToUpper(camelHump.ReplaceAllString(variable, "${1}_${2}"))))
}

var bucketAndPrefix = regexp.MustCompile(`^([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])/`)

// beforePath is what stands before the first slash where that could be a bucket.
func beforePath(raw string) string {
	if m := bucketAndPrefix.FindStringSubmatch(raw); m != nil {
		return m[1]
	}
	return ""
}

// words splits a raw value into the whole and its parts at separators of lists.
func words(raw string) []string {
	out := []string{raw}
	if parts := strings.FieldsFunc(raw, func(r rune) bool { return strings.ContainsRune(",;| \t\n\"'{}[]()=", r) }); len(parts) > 1 && len(parts) <= 64 {
		out = append(out, parts...)
	}
	if m := qualifiedName.FindStringSubmatch(raw); m != nil {
		out = append(out, m[1])
	}
	if head := beforePath(raw); head != "" {
		out = append(out, head)
	}
	return slices.DeleteFunc(out, func(w string) bool { return len(w) < 3 || len(w) > 512 || plainWord.MatchString(w) })
}

// mask shows the shape of a value and nothing of its content.
func mask(raw string) string {
	n := len([]rune(raw))
	switch {
	case n == 0:
		return ""
	case plainWord.MatchString(raw):
		return raw
	case n <= 4:
		return strings.Repeat("•", n)
	}
	return "•••• (" + itoa(n) + " characters)"
}

// cleanURL keeps scheme, host, port and path of an address; parts of the path that
// look like keys are masked.
func (s *scrubber) cleanURL(raw string) string {
	u, err := url.Parse(strings.TrimRight(raw, ".,;)"))
	if err != nil || u.Host == "" {
		return ""
	}
	parts := strings.Split(u.EscapedPath(), "/")
	named := queueURL.MatchString(u.Scheme+"://"+u.Host+u.EscapedPath()) || bucketPath.MatchString(strings.ToLower(u.Hostname()))
	for i, p := range parts {
		if named && !secretFormats.MatchString(p) {
			continue // the name of a queue or a bucket, however random it looks
		}
		if len(p) >= 20 && looksRandom(p) || secretFormats.MatchString(p) || emailPattern.MatchString(p) {
			parts[i] = "•••"
		}
	}
	return u.Scheme + "://" + strings.ToLower(u.Host) + strings.Join(parts, "/")
}

// addresses finds the addresses in a value, also several in a list.
func addresses(raw string) []string {
	var out []string
	for _, u := range urlPattern.FindAllString(raw, -1) {
		start := 0
		for _, m := range nextAddress.FindAllStringIndex(u, -1) {
			out = append(out, u[start:m[0]])
			start = m[0] + 1
		}
		out = append(out, u[start:])
	}
	return out
}

// nextAddress is the comma or semicolon between two addresses.
var nextAddress = regexp.MustCompile(`[,;|][a-zA-Z][a-zA-Z0-9+.-]*://`)

func (s *scrubber) hash(raw string) string {
	h := hmac.New(sha256.New, []byte("flowdeed value "+s.salt))
	h.Write([]byte(raw))
	return hex.EncodeToString(h.Sum(nil)[:8])
}
