package annotations

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"golang.org/x/text/language"
)

// checker walks the trees of all files against the rules.
type checker struct {
	report *reporter
	tax    *Taxonomy
	places *Regions
	// defined are the keys that references may name, by what they are.
	defined map[string]map[string]bool
	file    string
	// place is where each entry is defined, by section and key.
	place map[string]string
	// contact is set inside sections where contact data belongs.
	contact bool
	// coarse is set where "user" as a whole is a fair answer.
	coarse bool
}

func (c *checker) add(n *node, code, msg, hint string) {
	c.report.wide(c.file, n.line, n.column, n.width, code, msg, hint)
}

// value checks one value against its rule. path names it in messages.
func (c *checker) value(n *node, r rule, path string) {
	switch r.kind {
	case anything:
		return
	case object, mapOf, fieldMap:
		c.object(n, r, path)
		return
	case objects:
		c.objects(n, r, path)
		return
	case selector:
		c.selector(n, r, path)
		return
	case consentRecord:
		if n.kind == mapNode {
			c.object(n, rule{kind: object, keys: map[string]rule{"resource": one(toResource)}, required: []string{"resource"}}, path)
			return
		}
		r = one(text)
	case dataList:
		if n.kind == scalarNode && n.text == "none" {
			return
		}
		r = several(category)
	case carried:
		if key, ok := strings.CutPrefix(n.text, "schema:"); ok && n.kind == scalarNode {
			c.reference(&node{kind: scalarNode, text: key, line: n.line, column: n.column, width: n.width}, "schema")
			return
		}
		r = several(category)
	}
	if r.many && n.kind == listNode {
		for _, x := range n.items {
			c.scalar(x, r, path)
		}
		return
	}
	c.scalar(n, r, path)
}

func (c *checker) object(n *node, r rule, path string) {
	if n.kind != mapNode {
		c.add(n, "E105", fmt.Sprintf("%s must be a map, found %s", path, n.kind), "")
		return
	}
	if r.kind == fieldMap {
		c.fields(n, path)
		return
	}
	for i, k := range n.keys {
		sub, ok := r.keys[k.text]
		if r.kind == mapOf {
			sub, ok = r.keys["*"], true
			if r.ids {
				c.account(k)
			}
		}
		if !ok {
			c.add(k, "E104", fmt.Sprintf("unknown key %q in %s", k.text, path), didYouMean(k.text, slices.Sorted(maps.Keys(r.keys))))
			continue
		}
		name := path + "." + k.text
		if n.items[i].kind == nullNode {
			if sub.kind == object || sub.kind == mapOf || sub.kind == objects {
				continue // an empty section says nothing
			}
		}
		c.value(n.items[i], sub, name)
	}
	for _, k := range r.required {
		if n.get(k) == nil {
			c.add(n, "E106", fmt.Sprintf("%s needs %q", entryName(path), k), "")
		}
	}
}

// entryName writes the path of an entry as people name it: parties "mailer".
func entryName(path string) string {
	if section, key, ok := strings.Cut(path, "."); ok && sections[section].kind == mapOf {
		return fmt.Sprintf("%s %q", section, key)
	}
	return path
}

// selector checks what picks resources: the id of an entry, or patterns.
func (c *checker) selector(n *node, r rule, path string) {
	if n.kind == scalarNode {
		c.reference(n, "resource")
		return
	}
	c.object(n, rule{kind: object, keys: r.keys}, path)
}

func (c *checker) objects(n *node, r rule, path string) {
	if n.kind != listNode {
		c.add(n, "E105", fmt.Sprintf("%s must be a list, found %s", path, n.kind), "")
		return
	}
	for i, x := range n.items {
		name := fmt.Sprintf("%s[%d]", path, i)
		if id := x.str("id"); id != "" {
			name = fmt.Sprintf("%s %q", path, id)
		}
		c.object(x, rule{kind: object, keys: r.keys, required: r.required}, name)
	}
}

var (
	datePattern     = regexp.MustCompile(`^\d{4}-\d{2}-\d{2}$`)
	durationPattern = regexp.MustCompile(`^P(?:(\d+)Y)?(?:(\d+)M)?(?:(\d+)W)?(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?)?$`)
	accountPattern  = regexp.MustCompile(`^\d{12}$`)
	numberPattern   = regexp.MustCompile(`^-?\d+$`)
)

func (c *checker) scalar(n *node, r rule, path string) {
	if n.kind != scalarNode {
		want := "text"
		if r.many {
			want = "list of texts"
		}
		c.add(n, "E105", fmt.Sprintf("%s must be a %s, found %s", path, want, n.kind), "")
		return
	}
	c.personal(n)
	switch r.kind {
	case flag:
		if n.text != "true" && n.text != "false" {
			c.add(n, "E105", fmt.Sprintf("%s must be true or false, found %q", path, n.text), "")
		}
	case number:
		if !numberPattern.MatchString(n.text) {
			c.add(n, "E105", fmt.Sprintf("%s must be a number, found %q", path, n.text), "")
		}
	case date:
		if _, err := time.Parse(time.DateOnly, n.text); err != nil || !datePattern.MatchString(n.text) {
			c.add(n, "E208", fmt.Sprintf("%q is not a date like 2026-01-31", n.text), "")
		}
	case duration:
		if _, ok := days(n.text); !ok {
			c.add(n, "E208", fmt.Sprintf("%q is not an ISO 8601 duration", n.text), "such as P30D or P3Y")
		}
	case country:
		c.country(n)
	case area:
		if n.text != "EEA" {
			c.country(n)
		}
	case account:
		c.account(n)
	case fraction:
		if v, err := strconv.ParseFloat(n.text, 64); err != nil || v < 0 || v > 1 {
			c.add(n, "E105", fmt.Sprintf("%s must be a number from 0 to 1, found %q", path, n.text), "")
		}
	case restWord:
		if n.text != string(None) && n.text != string(Unknown) {
			c.category(n)
		}
	case glob, arnGlob:
		if why, at := badGlob(n.text); why != "" {
			c.add(n, "E209", fmt.Sprintf("bad pattern: %s at character %d", why, at), "")
		} else if r.kind == arnGlob && strings.Count(n.text, ":") < 5 {
			c.add(n, "E209", "bad pattern: an ARN has six parts at character "+fmt.Sprint(len(n.text)+1), "")
		}
	case enum:
		if !slices.Contains(r.words, n.text) {
			c.add(n, "E204", fmt.Sprintf("unknown %s %q; expected one of %s", path[strings.LastIndexByte(path, '.')+1:], n.text, strings.Join(r.words, ", ")), "")
		}
	case toActivity:
		c.reference(n, "activity")
	case toParty:
		c.reference(n, "party")
	case toSchema:
		c.reference(n, "schema")
	case toPerson:
		c.reference(n, "person")
	case toResource:
		c.reference(n, "resource")
	default:
		// A retention or an alias may speak of all personal data; what a resource holds may not.
		c.coarse = strings.HasSuffix(path, ".categories") || strings.HasSuffix(path, "means.data")
		c.word(n, r.kind)
		c.coarse = false
	}
}

func (c *checker) account(n *node) {
	if !n.quoted && numberPattern.MatchString(n.text) || !accountPattern.MatchString(n.text) && !strings.ContainsAny(n.text, "*?{") {
		c.add(n, "E108", "account must be a quoted string of 12 digits", "")
	}
}

func (c *checker) country(n *node) {
	if !validCountry(n.text) {
		c.add(n, "E208", fmt.Sprintf("%q is not an ISO 3166 country code", n.text), "")
	}
}

// validCountry tells whether a text is a code of ISO 3166-1 alpha-2.
func validCountry(code string) bool {
	r, err := language.ParseRegion(code)
	return err == nil && len(code) == 2 && r.IsCountry() && r.Canonicalize().String() == code
}

// word checks a key of the taxonomy.
func (c *checker) word(n *node, k kindOf) {
	switch k {
	case category:
		c.category(n)
	case use:
		if _, ok := c.tax.Uses[n.text]; !ok {
			if to, old := c.tax.Renamed[n.text]; old {
				c.add(n, "W210", fmt.Sprintf("%q is now %q", n.text, to), "")
				return
			}
			c.add(n, "E202", fmt.Sprintf("unknown data use %q", n.text), didYouMean(n.text, slices.Sorted(maps.Keys(c.tax.Uses))))
		}
	case subject:
		if _, ok := c.tax.Subjects[n.text]; !ok {
			c.add(n, "E203", fmt.Sprintf("unknown data subject %q", n.text), didYouMean(n.text, slices.Sorted(maps.Keys(c.tax.Subjects))))
		}
	case basis:
		c.term(n, "lawful basis", c.tax.Bases)
	case special:
		c.term(n, "special condition", c.tax.Special)
	case criminal:
		c.term(n, "criminal condition", c.tax.Criminal)
	case tool:
		c.term(n, "transfer tool", c.tax.Tools)
	case role:
		c.term(n, "role", c.tax.Roles)
	case protection:
		c.term(n, "protection", c.tax.Protection)
	case measure:
		c.term(n, "measure", c.tax.Measures)
	}
}

func (c *checker) term(n *node, what string, known map[string]Term) {
	if _, ok := known[n.text]; !ok {
		c.add(n, "E204", fmt.Sprintf("unknown %s %q; expected one of %s", what, n.text, strings.Join(slices.Sorted(maps.Keys(known)), ", ")), "")
	}
}

func (c *checker) category(n *node) {
	to, renamed, ok := c.tax.canonicalCategory(n.text)
	switch {
	case !ok:
		c.add(n, "E201", fmt.Sprintf("unknown data category %q", n.text), didYouMean(n.text, slices.Sorted(maps.Keys(c.tax.Categories))))
	case renamed:
		c.add(n, "W210", fmt.Sprintf("%q is now %q", n.text, to), "")
	case n.text == "user" && !c.coarse:
		c.add(n, "W308", `"user" says only "personal data"; name the category`, "")
	}
}

func (c *checker) reference(n *node, what string) {
	if !c.defined[what][n.text] {
		c.add(n, "E205", fmt.Sprintf("%s %q is not defined", what, n.text), didYouMean(n.text, slices.Sorted(maps.Keys(c.defined[what]))))
	}
}

// fields checks a field list: nested maps whose leaves are categories, lists of
// categories, none, unknown, or a map with "category".
func (c *checker) fields(n *node, path string) {
	for i, k := range n.keys {
		v := n.items[i]
		name := path + "." + k.text
		switch {
		case v.kind == scalarNode && (v.text == "none" || v.text == "unknown"):
		case v.kind == scalarNode:
			c.category(v)
		case v.kind == listNode:
			for _, x := range v.items {
				if x.kind != scalarNode {
					c.add(x, "E105", fmt.Sprintf("%s must be a text, found %s", name, x.kind), "")
					continue
				}
				c.category(x)
			}
		case v.kind == mapNode && v.get("category") != nil:
			c.fieldDetail(v, name)
		case v.kind == mapNode:
			c.fields(v, name)
		default:
			c.add(v, "E105", fmt.Sprintf("%s must be a category, found %s", name, v.kind), "")
		}
	}
}

var fieldDetail = map[string]rule{
	"category": one(anything), "subjects": several(subject), "may_contain": several(category), "identifier": one(text), "about": one(text), "type": one(text), "primary_key": one(flag), "refers_to": several(text), "reason": one(text), "confidence": one(fraction),
}

func (c *checker) fieldDetail(v *node, name string) {
	c.object(v, rule{kind: object, keys: fieldDetail}, name)
	for _, x := range v.list("category") {
		if x.kind == scalarNode && x.text != "none" && x.text != "unknown" {
			c.category(x)
		}
	}
}

// Days reads an ISO 8601 duration as days: a year counts 365, a month 30.
func Days(duration string) (n int, ok bool) { return days(duration) }

// days reads an ISO 8601 duration as days: a year counts 365, a month 30; less than
// a day counts as one.
func days(s string) (int, bool) {
	m := durationPattern.FindStringSubmatch(s)
	if m == nil || s == "P" || strings.HasSuffix(s, "T") {
		return 0, false
	}
	total, hours := 0, 0
	for i, unit := range []int{365, 30, 7, 1} {
		if n, ok := atoi(m[i+1]); ok {
			total += n * unit
		}
	}
	for i := 5; i <= 7; i++ {
		if n, ok := atoi(m[i]); ok && n > 0 {
			hours++
		}
	}
	if hours > 0 {
		total++
	}
	return total, true
}

func atoi(s string) (int, bool) {
	if s == "" || len(s) > 6 {
		return 0, false
	}
	n := 0
	for _, r := range s {
		if r < '0' || r > '9' {
			return 0, false
		}
		n = n*10 + int(r-'0')
	}
	return n, true
}
