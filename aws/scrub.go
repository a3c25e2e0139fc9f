package aws

import (
	"cmp"
	"encoding/json"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
)

// scrubber takes secrets and personal values out of what goes to the snapshot.
//
// Strings under a call's Values paths are set aside in memory and reduced at the end
// of the scan, when all names are known. Every other string is searched for e-mail
// addresses, keys in known formats and literals under secret-sounding names.
type scrubber struct {
	salt string

	mu  sync.Mutex
	raw []rawValue
}

type rawValue struct{ name, text string }

// placeholder marks, in canonical JSON, where a reduced value goes. The scan's own
// strings cannot hold the control character.
const placeholder = "\x01value:"

func itoa(n int) string { return strconv.Itoa(n) }

// answer scrubs the answer of a call in place and returns it.
func (s *scrubber) answer(c Call, tree map[string]any) any {
	if c.Prune != nil {
		c.Prune(tree)
	}
	for _, p := range c.Drop {
		walkPath(tree, strings.Split(p, "."), "", func(string, string) any { return nil })
	}
	for _, p := range c.Values {
		walkPath(tree, strings.Split(p, "."), "", func(name, text string) any { return s.setAside(name, text) })
	}
	return s.tree("", tree)
}

func (s *scrubber) setAside(name, text string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.raw = append(s.raw, rawValue{name, text})
	return placeholder + itoa(len(s.raw)-1)
}

// walkPath visits the strings at a path: "A[].B.C{}" is list A, field B, every entry
// of map C. replace returning nil removes the entry.
func walkPath(v any, path []string, name string, replace func(name, text string) any) any {
	switch x := v.(type) {
	case string:
		if len(path) == 0 {
			return replace(name, x)
		}
	case []any:
		for i := range x {
			x[i] = walkPath(x[i], path, name, replace)
		}
	case map[string]any:
		if len(path) == 0 { // a whole subtree: every string in it
			for k := range x {
				setOrDelete(x, k, walkPath(x[k], nil, k, replace))
			}
			break
		}
		key, everyEntry := strings.CutSuffix(strings.TrimSuffix(path[0], "[]"), "{}")
		sub, ok := x[key]
		if !ok {
			break
		}
		if m, isMap := sub.(map[string]any); isMap && everyEntry {
			for k := range m {
				setOrDelete(m, k, walkPath(m[k], path[1:], k, replace))
			}
			break
		}
		setOrDelete(x, key, walkPath(sub, path[1:], key, replace))
	}
	return v
}

func setOrDelete(m map[string]any, k string, v any) {
	if v == nil {
		delete(m, k)
		return
	}
	m[k] = v
}

// tree scrubs every string of a plain tree. key is the field or map key above it;
// a list of {Key, Value} pairs, as tags are, passes the value of Key on.
func (s *scrubber) tree(key string, v any) any {
	switch x := v.(type) {
	case string:
		return s.field(key, x)
	case []any:
		for i := range x {
			x[i] = s.tree(key, x[i])
		}
	case map[string]any:
		pair := pairName(x)
		for k := range x {
			if t, ok := x[k].(string); ok && (key == "Tags" || pair != "" && (k == "Value" || k == "TagValue")) {
				x[k] = s.tag(cmp.Or(pair, k), t)
				continue
			}
			x[k] = s.tree(k, x[k])
		}
	}
	return v
}

func pairName(m map[string]any) string {
	for _, k := range []string{"Key", "TagKey", "key"} {
		if n, ok := m[k].(string); ok {
			return n
		}
	}
	return ""
}

// field scrubs one string that stands under a name.
func (s *scrubber) field(name, text string) string {
	if strings.HasPrefix(text, placeholder) {
		return text
	}
	if t := strings.TrimSpace(text); len(t) > 1 && (t[0] == '{' || t[0] == '[') {
		if doc, ok := s.document(text); ok {
			return doc
		}
	}
	if soundsSecret(name) && secretLiteral(name, text) {
		return mask(text)
	}
	return s.text(text)
}

// document scrubs JSON inside a string, such as a workflow definition or a policy,
// and leaves the bytes alone when nothing had to go.
func (s *scrubber) document(text string) (string, bool) {
	var v any
	if json.Unmarshal([]byte(text), &v) != nil {
		return "", false
	}
	before := string(canonical(v))
	after := string(canonical(s.tree("", v)))
	if before == after {
		return text, true
	}
	return after, true
}

// apiWords are field names of AWS APIs that sound secret and hold settings.
var apiWords = []string{
	"TokenType", "TokenValidityUnits", "AccessToken", "IdToken", "RefreshToken", "AuthorizationType", "AuthType", "AuthenticationType", "TokenKey",
	"Auth", "Secret", "SecretId", "SecretName", "IdentitySource", "AuthParameters", "TokenSigningKeyType", "PasswordPolicy",
}

// secretLiteral tells whether a string under a secret-sounding name is the secret
// itself rather than a reference, an identifier of the API or a plain word.
func secretLiteral(name, text string) bool {
	if isReference(text) || isKeyReference(name, text) || plainWord.MatchString(text) || slices.Contains(apiWords, name) || strings.HasPrefix(text, "{") {
		return false
	}
	return !arnPattern.MatchString(text) && !urlPattern.MatchString(text) && !strings.HasPrefix(name, "aws:")
}

// keyReference is how an API names a KMS key other than by ARN.
var keyReference = regexp.MustCompile(`^(?:alias/[A-Za-z0-9/_-]{1,250}|mrk-[0-9a-f]{32}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})$`)

// isKeyReference tells whether a field of an API such as KmsMasterKeyId names a key:
// "master key" sounds secret, the alias or id of one is not. Free text stays masked.
func isKeyReference(name, text string) bool {
	return strings.Contains(strings.ToLower(name), "kms") && keyReference.MatchString(text)
}

// webAddress is an address in configuration; its query often carries a key.
var webAddress = regexp.MustCompile(`https?://[^\s"'<>\\]+`)

// cleanAddress drops the query of an address and masks what looks like a key in its
// path. The names of queues and buckets stay, however random they look.
func cleanAddress(a string) string {
	a, _, _ = strings.Cut(a, "?")
	host, _, _ := strings.Cut(a[strings.Index(a, "://")+3:], "/")
	if queueURL.MatchString(a) || bucketPath.MatchString(strings.ToLower(host)) {
		return a
	}
	parts := strings.Split(a, "/")
	for i := 3; i < len(parts); i++ {
		if looksRandom(parts[i]) {
			parts[i] = "•••"
		}
	}
	return strings.Join(parts, "/")
}

// text masks e-mail addresses and key formats inside any string.
func (s *scrubber) text(t string) string {
	if strings.ContainsRune(t, '@') {
		t = emailPattern.ReplaceAllStringFunc(t, s.maskEmail)
		t = userInfo.ReplaceAllString(t, "${1}•••@")
	}
	if strings.Contains(t, "://") {
		t = webAddress.ReplaceAllStringFunc(t, cleanAddress)
	}
	if len(t) >= 8 {
		t = secretFormats.ReplaceAllString(t, "•••")
		if !strings.Contains(t, "arn:") { // "secret:" inside an ARN is no assignment
			t = assigned.ReplaceAllString(t, "${1}${2}•••")
		}
	}
	return t
}

// tag scrubs the value of a resource tag: people put anything there, so that what
// looks like key material goes too. Tags that AWS sets are names and stay.
func (s *scrubber) tag(key, text string) string {
	if strings.HasPrefix(key, "aws:") || strings.HasPrefix(text, "arn:") {
		return s.text(text)
	}
	if looksRandom(text) || phonePattern.MatchString(text) || ibanValid(text) || luhn(text) {
		return mask(text)
	}
	return s.field(key, text)
}

// maskEmail keeps the first letter, the domain and a short salted hash, so that two
// addresses stay apart: "o***1a2b@shop.example".
func (s *scrubber) maskEmail(m string) string {
	local, domain, _ := strings.Cut(m, "@")
	if strings.HasSuffix(local, "•••") {
		return m
	}
	first := []rune(local)[0]
	return string(first) + "***" + s.hash(strings.ToLower(m))[:4] + "@" + domain
}

// finish replaces the placeholders in all answers by their reduced values. A word of
// a value counts as seen when it stands as a whole string somewhere in the answers.
func (s *scrubber) finish(shards []Shard) {
	wanted := map[string]bool{}
	for _, r := range s.raw {
		for _, w := range words(r.text) {
			wanted[w] = false
		}
	}
	for i := range shards {
		for j := range shards[i].Answers {
			markSeen(shards[i].Answers[j].Value, wanted)
		}
	}
	seen := func(w string) bool { return wanted[w] }
	for i := range shards {
		for j := range shards[i].Answers {
			a := &shards[i].Answers[j]
			if strings.Contains(string(a.Value), `\u0001value:`) {
				a.Value = s.fill(a.Value, seen)
			}
		}
	}
	s.raw = nil
}

// markSeen goes over the strings of a JSON text and marks those that are wanted.
func markSeen(doc []byte, wanted map[string]bool) {
	for i := 0; i < len(doc); i++ {
		if doc[i] != '"' {
			continue
		}
		start, escaped := i+1, false
		for i++; i < len(doc) && doc[i] != '"'; i++ {
			if doc[i] == '\\' {
				escaped = true
				i++
			}
		}
		if i > len(doc) {
			return
		}
		word := doc[start:min(i, len(doc))]
		if _, ok := wanted[string(word)]; ok && !escaped && !isKey(doc, i) {
			wanted[string(word)] = true
		}
	}
}

func isKey(doc []byte, end int) bool { return end+1 < len(doc) && doc[end+1] == ':' }

func (s *scrubber) fill(doc json.RawMessage, seen func(string) bool) json.RawMessage {
	var v any
	if err := json.Unmarshal(doc, &v); err != nil {
		return doc
	}
	return canonical(s.fillTree(v, seen))
}

func (s *scrubber) fillTree(v any, seen func(string) bool) any {
	switch x := v.(type) {
	case string:
		n, ok := strings.CutPrefix(x, placeholder)
		if !ok {
			return x
		}
		i, err := strconv.Atoi(n)
		if err != nil || i < 0 || i >= len(s.raw) {
			return Value{Masked: "•••"}
		}
		return s.reduce(s.raw[i].name, s.raw[i].text, seen)
	case []any:
		for i := range x {
			x[i] = s.fillTree(x[i], seen)
		}
	case map[string]any:
		for k := range x {
			x[k] = s.fillTree(x[k], seen)
		}
	}
	return v
}
