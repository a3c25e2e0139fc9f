package annotations

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"path"
	"slices"
	"strconv"
	"strings"
)

// LockName is the file beside the annotations that keeps what reviewed resources looked
// like.
const LockName = ".lock.yaml"

// lock is what was seen of annotated resources when they were reviewed.
type lock struct {
	file      string
	resources map[string]locked // by ARN
}

// locked is one resource as it was reviewed.
type locked struct {
	entry, kind, fingerprint string
	fields                   map[string]string // path -> type
	line, column             int
}

var lockRule = rule{kind: object, required: []string{"version", "resources"}, keys: map[string]rule{
	"version": words("1"),
	"resources": {kind: mapOf, keys: map[string]rule{"*": {kind: object, required: []string{"entry", "kind", "fingerprint"}, keys: map[string]rule{
		"entry": one(text), "kind": one(text), "fingerprint": one(text), "fields": {kind: mapOf, keys: map[string]rule{"*": one(text)}},
	}}}},
}}

// newField tells whether a field was not there when its resource was reviewed.
func (l *lock) newField(arn, path string) bool {
	if l == nil {
		return false
	}
	was, ok := l.resources[arn]
	_, had := was.fields[path]
	return ok && !had
}

// readLock reads the lock file of a folder, nil when there is none.
func readLock(fsys fs.FS, name string, c *checker) *lock {
	if fsys == nil {
		return nil
	}
	c.file = path.Join(name, LockName)
	b, err := fs.ReadFile(fsys, LockName)
	if err != nil {
		if !errors.Is(err, fs.ErrNotExist) {
			c.report.add(c.file, 1, 1, "E101", "cannot read: "+plainReason(err), "check the permissions")
		}
		return nil
	}
	root := readTree(c.file, b, c.report)
	if root == nil {
		return nil
	}
	c.value(root, lockRule, "lock")
	l := &lock{c.file, map[string]locked{}}
	m := root.get("resources")
	if m == nil || m.kind != mapNode {
		return l
	}
	for i, k := range m.keys {
		n := m.items[i]
		x := locked{entry: n.str("entry"), kind: n.str("kind"), fingerprint: n.str("fingerprint"), fields: map[string]string{}, line: k.line, column: k.column}
		if f := n.get("fields"); f != nil && f.kind == mapNode {
			for j, name := range f.keys {
				x.fields[name.text] = f.items[j].text
			}
		}
		l.resources[k.text] = x
	}
	return l
}

// Fingerprint is a hash over sorted field names and types. Source: privacy model,
// "Review and expiry".
func Fingerprint(fields []Field) string {
	var lines []string
	for _, f := range fields {
		lines = append(lines, f.Path+"\t"+f.Type+"\n")
	}
	slices.Sort(lines)
	sum := sha256.Sum256([]byte(strings.Join(slices.Compact(lines), "")))
	return hex.EncodeToString(sum[:16])
}

// Lock writes the lock file: what every resource that an entry speaks of looks like
// now. Signing a review means writing it.
func (s *Set) Lock(targets []Target) []byte {
	var b bytes.Buffer
	b.WriteString("# What annotated resources looked like when they were reviewed. Written by: flowdeed annotate review --lock\n")
	b.WriteString("# Keep it beside the annotation files, under version control.\nversion: 1\nresources:\n")
	sorted := slices.SortedFunc(slices.Values(targets), func(a, b Target) int { return cmp.Compare(a.ARN, b.ARN) })
	any := false
	for _, t := range sorted {
		list := s.matching(t)
		if len(list) == 0 {
			continue
		}
		any = true
		fmt.Fprintf(&b, "  %s:\n    entry: %s\n    kind: %s\n    fingerprint: %s\n", strconv.Quote(t.ARN), strconv.Quote(list[0].name()), t.Kind, strconv.Quote(Fingerprint(t.Fields)))
		types := map[string]string{}
		for _, f := range t.Fields {
			types[f.Path] = f.Type
		}
		if len(types) > 0 {
			b.WriteString("    fields:\n")
		}
		for _, k := range slices.Sorted(maps.Keys(types)) {
			fmt.Fprintf(&b, "      %s: %s\n", strconv.Quote(k), strconv.Quote(types[k]))
		}
	}
	if !any {
		return bytes.Replace(b.Bytes(), []byte("resources:\n"), []byte("resources: {}\n"), 1)
	}
	return b.Bytes()
}

// stale reports what no longer is as it was: for each reviewed resource that is gone,
// is something else now or has other fields, and each entry that matches nothing, one
// finding.
func (s *Set) stale(targets []Target, used map[*resource][][]*resource, c *checker) {
	byARN := map[string]*Target{}
	for i := range targets {
		byARN[targets[i].ARN] = &targets[i]
	}
	reported := map[*resource]bool{}
	if s.locked != nil {
		for _, arn := range slices.Sorted(maps.Keys(s.locked.resources)) {
			s.changed(arn, byARN[arn], targets, reported, c)
		}
	}
	for _, r := range s.resources {
		if len(used[r]) == 0 && !reported[r] {
			c.report.add(r.file, r.line, r.col, "W302", "no resource matches"+nearestWords(r.match, targets), "")
		}
	}
	for _, t := range targets {
		s.unlisted(t, c)
	}
}

// changed compares a resource with how it was reviewed.
func (s *Set) changed(arn string, now *Target, targets []Target, reported map[*resource]bool, c *checker) {
	was := s.locked.resources[arn]
	say := func(code, msg string) {
		file, line, col := s.locked.file, was.line, was.column
		for _, r := range s.resources {
			if r.name() == was.entry {
				file, line, col = r.file, r.line, r.col
				reported[r] = true
			}
		}
		c.report.add(file, line, col, code, msg, "")
	}
	switch {
	case now == nil:
		m := Match{ARN: arn}
		say("W302", arn+" was reviewed and is not there any more"+nearestWords(m, targets))
	case now.Kind != was.kind:
		say("W302", fmt.Sprintf("%s was reviewed as %s and is now %s", arn, was.kind, now.Kind))
	case Fingerprint(now.Fields) != was.fingerprint:
		say("W303", fieldChanges(now, was))
	}
}

// fieldChanges says what is new, gone or of another type among the fields.
func fieldChanges(now *Target, was locked) string {
	var added, other []string
	have := map[string]bool{}
	for _, f := range slices.SortedFunc(slices.Values(now.Fields), func(a, b Field) int { return cmp.Compare(a.Path, b.Path) }) {
		have[f.Path] = true
		switch old, ok := was.fields[f.Path]; {
		case !ok:
			added = append(added, f.Path)
		case old != f.Type:
			other = append(other, fmt.Sprintf("%s was %s and is %s", f.Path, cmp.Or(old, "untyped"), cmp.Or(f.Type, "untyped")))
		}
	}
	for _, k := range slices.Sorted(maps.Keys(was.fields)) {
		if !have[k] {
			other = append(other, k+" is gone")
		}
	}
	var parts []string
	if len(added) > 0 {
		parts = append(parts, listed(now.ARN, added))
	}
	if len(other) > 0 {
		parts = append(parts, now.ARN+" has changed since its review: "+strings.Join(other, ", "))
	}
	if len(parts) == 0 {
		return now.ARN + " has another fingerprint than its fields in the lock file; write it anew with flowdeed annotate review --lock"
	}
	return strings.Join(parts, "; ")
}

func listed(resource string, fields []string) string {
	words := "fields"
	if len(fields) == 1 {
		words = "field" // "1 fields" reads badly
	}
	return fmt.Sprintf("%s has %d %s the reviewed schema does not list: %s", resource, len(fields), words, strings.Join(fields, ", "))
}

// unlisted reports the fields of a resource without a lock that a reviewed schema does
// not list.
func (s *Set) unlisted(t Target, c *checker) {
	if s.locked != nil {
		if _, ok := s.locked.resources[t.ARN]; ok {
			return
		}
	}
	for _, r := range s.matching(t) {
		sc := s.schemas[r.schema]
		if sc == nil || r.review == (Review{}) && sc.review == (Review{}) {
			continue
		}
		known := s.fieldsOf(r)
		var added []string
		for _, f := range t.Fields {
			if !slices.ContainsFunc(known, func(x fieldStatement) bool { return fieldMatch(x.path, f.Path) }) {
				added = append(added, f.Path)
			}
		}
		if slices.Sort(added); len(added) > 0 {
			c.at(r.places["schema"], "W303", listed(t.ARN, slices.Compact(added)))
		}
		return
	}
}
