package annotations

import (
	"bytes"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// Unstated tells whether nothing speaks of a target yet: no entry of the files, not
// even a skeleton, and no tag.
func (s *Set) Unstated(t Target) bool {
	return len(s.matching(t)) == 0 && !s.For(t).Stated
}

// Skeleton writes entries for targets, to be filled in: every field that is known is
// "unknown", what evidence suggests stands beside it as a comment. taken are ids that
// are in use; it is added to. Indent is how many spaces stand before the dash.
func (s *Set) Skeleton(targets []Target, taken map[string]bool, indent int) []byte {
	var b bytes.Buffer
	pad := strings.Repeat(" ", indent)
	for _, t := range targets {
		if b.Len() > 0 {
			b.WriteByte('\n')
		}
		s.skeletonEntry(&b, t, newID(t, taken), pad)
	}
	return b.Bytes()
}

func (s *Set) skeletonEntry(b *bytes.Buffer, t Target, id, pad string) {
	fmt.Fprintf(b, "%s# %s%s\n", pad, oneLine(t.Name), place(t))
	list := s.EvidenceFor(t)
	suggest := func(field string) []string { return suggestions(list, field) }
	for _, x := range suggest("") {
		fmt.Fprintf(b, "%s# suggestion: %s\n", pad, x)
	}
	fmt.Fprintf(b, "%s- id: %s\n%s  match: %s\n%s  fields:\n", pad, id, pad, matchFor(t), pad)
	any := false
	for _, f := range s.Fields(t) {
		any = true
		b.WriteString(pad + "    " + fieldKey(f.Path) + ": unknown")
		if x := suggest(f.Path); len(x) > 0 {
			b.WriteString("   # suggestion: " + strings.Join(x, "; or "))
		}
		b.WriteByte('\n')
	}
	if !any {
		fmt.Fprintf(b, "%s    \"**\": unknown   # no field is known: name fields, or replace this by data: [categories]\n", pad)
	}
}

func place(t Target) string {
	var out []string
	if t.Account != "" {
		out = append(out, "account "+t.Account)
	}
	if t.Region != "" {
		out = append(out, t.Region)
	}
	if len(out) == 0 {
		return ""
	}
	return " (" + strings.Join(out, ", ") + ")"
}

// suggestions are the categories evidence names for a field, the most certain first.
func suggestions(list []Evidence, field string) []string {
	by := map[string][]Evidence{}
	for _, e := range list {
		if e.Field == field && e.Category != string(None) {
			by[e.Category] = append(by[e.Category], e)
		}
	}
	names := keys(by)
	slices.SortStableFunc(names, func(a, b string) int {
		switch x, y := Combine(by[a]), Combine(by[b]); {
		case x > y:
			return -1
		case x < y:
			return 1
		}
		return 0
	})
	var out []string
	for _, k := range names {
		c := Combine(by[k])
		if c < Hint {
			continue
		}
		why := ""
		if r := by[k][0].Reason; r != "" {
			why = ", " + oneLine(r)
		}
		out = append(out, fmt.Sprintf("%s (%.2f%s)", k, c, why))
	}
	return out
}

// matchFor names exactly one resource: by stack and logical id where a template made
// it, by ARN, or by what else is known.
func matchFor(t Target) string {
	if t.Stack != "" && t.LogicalID != "" && literal(t.Stack) && literal(t.LogicalID) {
		out := fmt.Sprintf("{stack: %s, logical_id: %s", strconv.Quote(t.Stack), strconv.Quote(t.LogicalID))
		if t.Account != "" {
			out += fmt.Sprintf(", account: %q", t.Account)
		}
		if t.Region != "" {
			out += ", region: " + strconv.Quote(t.Region)
		}
		return out + "}"
	}
	if literal(t.ARN) && strings.HasPrefix(t.ARN, "arn:") && strings.Count(t.ARN, ":") >= 5 {
		return fmt.Sprintf("{arn: %s}", strconv.Quote(t.ARN))
	}
	out := fmt.Sprintf("{kind: %s, name: %s", t.Kind, strconv.Quote(escapeGlob(t.Name)))
	if accountPattern.MatchString(t.Account) {
		out += fmt.Sprintf(", account: %q", t.Account)
	}
	if t.Region != "" {
		out += ", region: " + strconv.Quote(t.Region)
	}
	return out + "}"
}

func escapeGlob(s string) string {
	var b strings.Builder
	for _, r := range s {
		if strings.ContainsRune(`*?{}\`, r) {
			b.WriteByte('\\')
		}
		b.WriteRune(r)
	}
	return b.String()
}

// fieldKey writes a path as a key: plain where YAML reads it as it stands.
func fieldKey(path string) string {
	plain := path != "" && strings.IndexFunc(path, func(r rune) bool {
		return !(r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '_' || r == '.')
	}) < 0
	if plain && path[0] > '9' && !slices.Contains([]string{"null", "true", "false", "yes", "no", "on", "off", "y", "n"}, strings.ToLower(path)) {
		return path
	}
	return strconv.Quote(path)
}

// newID makes an id from a name that nothing else has.
func newID(t Target, taken map[string]bool) string {
	var b strings.Builder
	for _, r := range strings.ToLower(t.Name) {
		switch {
		case r >= 'a' && r <= 'z' || r >= '0' && r <= '9':
			b.WriteRune(r)
		case b.Len() > 0 && !strings.HasSuffix(b.String(), "-"):
			b.WriteByte('-')
		}
	}
	base := strings.Trim(b.String(), "-")
	if base == "" || base[0] < 'a' {
		base = strings.TrimRight("r-"+base, "-") // all digits would be a number
	}
	id := base
	if taken[id] {
		_, last, _ := strings.Cut(t.Kind, ".")
		base += "-" + strings.NewReplacer(".", "-", "_", "-").Replace(last)
		id = base
	}
	for n := 2; taken[id]; n++ {
		id = fmt.Sprintf("%s-%d", base, n)
	}
	taken[id] = true
	return id
}

// IDs are the ids of entries in use.
func (s *Set) IDs() map[string]bool {
	out := map[string]bool{}
	for _, r := range s.resources {
		if r.id != "" {
			out[r.id] = true
		}
	}
	return out
}

// Extend adds skeletons for targets to a file and leaves everything that stands there,
// comments and order, as it is. Ok is false where the file's list of resources cannot
// be added to as text, such as one written in brackets: then another file is needed.
func (s *Set) Extend(old []byte, targets []Target, taken map[string]bool) (text []byte, ok bool) {
	if len(bytes.TrimSpace(old)) == 0 {
		return append([]byte("version: 1\n\nresources:\n"), s.Skeleton(targets, taken, 2)...), true
	}
	report := &reporter{}
	root := readTree("", old, report)
	if root == nil || len(report.list) > 0 || root.kind != mapNode {
		return nil, false
	}
	lines := strings.SplitAfter(strings.TrimSuffix(string(old), "\n")+"\n", "\n")
	lines = lines[:len(lines)-1] // what follows the last line break: nothing
	end, indent, ok := listEnd(root, lines)
	if !ok {
		return nil, false
	}
	var b bytes.Buffer
	b.WriteString(strings.Join(lines[:end], ""))
	if root.get("resources") == nil {
		b.WriteString("\nresources:\n")
	} else {
		b.WriteByte('\n')
	}
	b.Write(s.Skeleton(targets, taken, indent))
	if end < len(lines) {
		b.WriteString("\n" + strings.TrimLeft(strings.Join(lines[end:], ""), "\n"))
	}
	return b.Bytes(), s.extends(root, b.Bytes(), len(targets))
}

// listEnd finds the line after the last one of the list of resources, and how far its
// dashes stand in.
func listEnd(root *node, lines []string) (end, indent int, ok bool) {
	list := root.get("resources")
	if list == nil {
		return len(lines), 2, true
	}
	if list.kind != listNode || len(list.items) == 0 {
		return 0, 0, false
	}
	first := list.items[0].line - 1
	for first > 0 && !strings.HasPrefix(strings.TrimSpace(lines[first]), "- ") {
		first--
	}
	indent = len(lines[first]) - len(strings.TrimLeft(lines[first], " "))
	if !strings.HasPrefix(lines[first][indent:], "- ") {
		return 0, 0, false
	}
	end = len(lines)
	for _, k := range root.keys {
		if k.line-1 > first && k.line-1 < end {
			end = k.line - 1
		}
	}
	for end < len(lines) && end > first+1 {
		if above := strings.TrimSpace(lines[end-1]); above != "" && !strings.HasPrefix(lines[end-1], "#") {
			break
		}
		end-- // comments above the next section belong to it
	}
	return end, indent, true
}

// extends tells whether a text holds what a tree held, and the new entries after it.
func (s *Set) extends(before *node, text []byte, added int) bool {
	report := &reporter{}
	after := readTree("", text, report)
	if after == nil || len(report.list) > 0 {
		return false
	}
	for i, k := range before.keys {
		now := after.get(k.text)
		if k.text != "resources" {
			if !sameTree(before.items[i], now) {
				return false
			}
			continue
		}
		old := before.items[i].items
		if now == nil || len(now.items) != len(old)+added {
			return false
		}
		for j := range old {
			if !sameTree(old[j], now.items[j]) {
				return false
			}
		}
	}
	return true
}

func sameTree(a, b *node) bool {
	if a == nil || b == nil || a.kind != b.kind || a.text != b.text || len(a.items) != len(b.items) || len(a.keys) != len(b.keys) {
		return false
	}
	for i := range a.items {
		if len(a.keys) > 0 && a.keys[i].text != b.keys[i].text || !sameTree(a.items[i], b.items[i]) {
			return false
		}
	}
	return true
}
