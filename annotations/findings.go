package annotations

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// Reading what other scanners of AWS saw: Macie findings (as GetFindings gives them, as
// EventBridge events, as discovery results) and audit findings of CloudWatch Logs data
// protection. Sources: Amazon Macie API Reference, "Finding"; Amazon Macie User Guide,
// "Schema for reporting the location of sensitive data"; CloudWatch Logs User Guide,
// "Audit findings reports". No finding holds the data itself.

// observed collects what findings say of a resource, each statement once.
type observed struct {
	*reading
	byARN map[string]*node
	order []string
	seen  map[string]bool
}

func newObserved(r *reading) *observed {
	return &observed{r, map[string]*node{}, nil, map[string]bool{}}
}

func (o *observed) resource(at *node, arn string) *node {
	if res, ok := o.byARN[arn]; ok {
		return res
	}
	res := mapAt(at)
	res.put("match", matchARN(textAt(at, arn)))
	o.byARN[arn] = res
	o.order = append(o.order, arn)
	return res
}

// saw notes a category of a resource, or of a field of it.
func (o *observed) saw(at *node, arn, field, category, who string) {
	key := arn + "\n" + field + "\n" + category
	if o.seen[key] {
		return
	}
	o.seen[key] = true
	res := o.resource(at, arn)
	if field == "" {
		res.add("data", textAt(at, category))
		return
	}
	fields := res.under("fields", at)
	detail := fields.get(field)
	if detail == nil {
		detail = mapAt(at)
		detail.put("category", listAt(at, textAt(at, category)))
		detail.put("reason", textAt(at, who))
		fields.put(field, detail)
		return
	}
	detail.get("category").items = append(detail.get("category").items, textAt(at, category))
	if !strings.Contains(detail.str("reason"), who) {
		detail.get("reason").text += ", " + who
	}
}

func (o *observed) finish() {
	slices.Sort(o.order)
	for _, arn := range o.order {
		for _, detail := range entries(o.byARN[arn].get("fields")) {
			for i, k := range detail.keys {
				if k.text == "category" {
					detail.items[i] = oneOrMany(detail, detail.items[i].items)
				}
			}
		}
		o.out.add("resources", o.byARN[arn])
	}
}

// findingList finds the findings in an answer, an event, a list, or lines.
func findingList(n *node) []*node {
	switch {
	case n.kind == listNode:
		var out []*node
		for _, x := range n.items {
			out = append(out, findingList(x)...)
		}
		return out
	case n.kind != mapNode:
		return nil
	}
	for _, key := range []string{"findings", "Findings", "events", "detail", "records"} {
		if v := n.get(key); v != nil && (v.kind == listNode || v.kind == mapNode) {
			return findingList(v)
		}
	}
	if m := n.get("message"); m != nil && m.kind == scalarNode && n.get("dataIdentifiers") == nil {
		return inside(m)
	}
	return []*node{n}
}

// inside reads a finding that is the text of a log event. Its parts stand where the
// text stands.
func inside(m *node) []*node {
	root := readJSON("", []byte(m.text), &reporter{})
	if root == nil {
		return nil
	}
	move(root, m)
	return findingList(root)
}

func move(n, to *node) {
	n.line, n.column = to.line, to.column
	for _, k := range n.keys {
		k.line, k.column = to.line, to.column
	}
	for _, x := range n.items {
		move(x, to)
	}
}

func looksMacie(n *node) bool {
	return slices.ContainsFunc(findingList(n), func(f *node) bool { return f.get("classificationDetails") != nil })
}

// macieFallback is what a whole category of Macie says where the crosswalk does not know
// the kind of data.
var macieFallback = map[string]string{"PERSONAL_INFORMATION": "user", "FINANCIAL_INFORMATION": "user.financial"}

// findings are the findings of a file; that there is none is noted.
func (r *reading) findings() []*node {
	list := findingList(r.root)
	if len(list) == 0 {
		r.note(r.root, "E105", "no finding found")
	}
	return list
}

func readMacie(r *reading) {
	o := newObserved(r)
	for _, f := range r.findings() {
		o.macie(f)
	}
	o.finish()
}

func (o *observed) macie(f *node) {
	bucket := f.get("resourcesAffected").get("s3Bucket")
	result := f.get("classificationDetails").get("result")
	name := bucket.str("name")
	if result == nil || name == "" && !isARN(bucket.str("arn")) {
		what := f.str("type")
		if what == "" {
			what = "finding"
		}
		o.left(f, what) // a policy finding, or no finding at all
		return
	}
	arn := bucket.str("arn")
	if !isARN(arn) {
		arn = "arn:" + partitionOf(f.str("region")) + ":s3:::" + name
	}
	where := prefixOf(f.get("resourcesAffected").get("s3Object").str("key"))
	for _, group := range entries(result.get("sensitiveData")) {
		for _, d := range entries(group.get("detections")) {
			o.macieDetection(d, arn, where, group.str("category"))
		}
	}
	for _, d := range entries(result.get("customDataIdentifiers").get("detections")) {
		if to, ok := o.own.means[d.str("name")]; ok && to != "none" {
			o.places(d, arn, where, to, "Macie saw "+d.str("name"))
			continue
		}
		o.left(d, d.str("name"))
	}
}

// partitionOf is the partition a region belongs to. Source: AWS General Reference, "ARN
// format".
func partitionOf(region string) string {
	switch {
	case strings.HasPrefix(region, "cn-"):
		return "aws-cn"
	case strings.HasPrefix(region, "us-gov-"):
		return "aws-us-gov"
	}
	return "aws"
}

func (o *observed) macieDetection(d *node, arn, where, group string) {
	word := d.str("type")
	to, ok := o.cross("macie", word)
	if !ok {
		to, ok = macieFallback[group]
		if !ok {
			o.left(d, word)
			return
		}
	}
	if to != "none" {
		o.places(d, arn, where, to, "Macie saw "+word)
	}
}

// places notes the columns and JSON fields a detection names; without one, the whole
// bucket holds the category.
func (o *observed) places(d *node, arn, where, category, who string) {
	at := d.get("occurrences")
	found := false
	for _, c := range entries(at.get("cells")) {
		if col := c.str("columnName"); col != "" {
			o.saw(d, arn, where+":"+fieldStep(col), category, who)
			found = true
		}
	}
	for _, rec := range entries(at.get("records")) {
		if path := jsonPath(rec.str("jsonPath")); path != "" {
			o.saw(d, arn, where+":"+path, category, who)
			found = true
		}
	}
	if !found {
		o.saw(d, arn, "", category, who)
	}
}

// personalPart are parts of keys that may themselves be about a person.
var personalPart = regexp.MustCompile(`@|^\+?[0-9]{5,}$|^[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-`)

// prefixOf is the data set an object belongs to: its folder. A part that may name a
// person, or a day, becomes a star.
func prefixOf(key string) string {
	parts := strings.Split(key, "/")
	for i, p := range parts[:len(parts)-1] {
		if personalPart.MatchString(p) {
			p = "*"
		}
		parts[i] = strings.ReplaceAll(literalGlobStar(p), ":", "?")
	}
	return strings.Join(append(parts[:len(parts)-1], "**"), "/")
}

func literalGlobStar(p string) string {
	if p == "*" {
		return p
	}
	return literalGlob(p)
}

// jsonPath turns "$['user']['emails'][0]" or "$.user.emails[0]" into a field path.
func jsonPath(p string) string {
	p, ok := strings.CutPrefix(p, "$")
	if !ok {
		return ""
	}
	var out strings.Builder
	step := func(name string) {
		if out.Len() > 0 {
			out.WriteByte('.')
		}
		out.WriteString(fieldStep(name))
	}
	for p != "" {
		switch {
		case strings.HasPrefix(p, "['"):
			end := strings.Index(p, "']")
			if end < 0 {
				return ""
			}
			step(p[2:end])
			p = p[end+2:]
		case p[0] == '[':
			end := strings.IndexByte(p, ']')
			if end < 0 {
				return ""
			}
			out.WriteString("[]")
			p = p[end+1:]
		default:
			p = strings.TrimPrefix(p, ".")
			end := strings.IndexAny(p, ".[")
			if end < 0 {
				end = len(p)
			}
			if end == 0 {
				return ""
			}
			step(p[:end])
			p = p[end:]
		}
	}
	return out.String()
}

func looksLogs(n *node) bool {
	return slices.ContainsFunc(findingList(n), func(f *node) bool { return f.get("dataIdentifiers") != nil && f.get("resourceArn") != nil })
}

func readLogs(r *reading) {
	o := newObserved(r)
	for _, f := range r.findings() {
		arn := strings.TrimSuffix(f.str("resourceArn"), ":*")
		if !isARN(arn) {
			o.left(f, "finding without resourceArn")
			continue
		}
		for _, d := range entries(f.get("dataIdentifiers")) {
			o.logs(d, arn)
		}
	}
	o.finish()
}

// logs reads one identifier, such as EmailAddress or PassportNumber-DE.
func (o *observed) logs(d *node, arn string) {
	word := d.str("name")
	to, ok := o.cross("logs", word)
	if !ok {
		bare, _, _ := strings.Cut(word, "-")
		to, ok = o.cross("logs", bare)
	}
	switch {
	case !ok:
		o.left(d, word)
	case to != "none":
		o.saw(d, arn, "", to, fmt.Sprintf("CloudWatch Logs saw %s", word))
	}
}
