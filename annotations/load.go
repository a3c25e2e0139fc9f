package annotations

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"slices"
	"strings"
)

// Load reads every .yaml and .yml file below a folder. All problems of all files come
// back in one list, sorted; with errors among them the set holds what could be read.
// A folder that does not exist gives an empty set.
func Load(dir string) (*Set, []Diagnostic) {
	if _, err := os.Stat(dir); errors.Is(err, fs.ErrNotExist) {
		return Empty(), nil
	}
	return LoadFS(onDisk{os.DirFS(dir)}, dir)
}

// Empty returns a set without any statement.
func Empty() *Set {
	s, _ := LoadFS(nil, "")
	return s
}

// source is one file as it was read.
type source struct {
	file string
	root *node
}

// LoadFS is Load over any file system; name is put before the file names.
func LoadFS(fsys fs.FS, name string) (*Set, []Diagnostic) {
	tax, err := BuiltinTaxonomy()
	places, err2 := BuiltinRegions()
	if err := cmp.Or(err, err2); err != nil {
		return &Set{}, []Diagnostic{{File: name, Line: 1, Column: 1, Code: "E101", Severity: Error, Message: err.Error()}}
	}
	report := &reporter{}
	s := &Set{tax: tax.clone(), places: places, byID: map[string]*resource{}}
	files := readAll(fsys, name, report)
	c := &checker{report: report, tax: s.tax, places: places}
	files, others := s.splitForeign(fsys, name, files, report)
	s.trees = slices.Clone(files)
	for _, f := range files {
		c.version(f)
	}
	for _, f := range others {
		s.trees = append(s.trees, f.source)
	}
	for _, f := range s.trees {
		c.ownTaxonomy(f)
	}
	c.collectDefinitions(files)
	c.alsoDefined(others)
	for _, f := range files {
		c.checkFile(f)
	}
	s.take(files, c)
	s.rules(c)
	s.addForeign(others, c, report)
	return s, report.sorted()
}

// readAll reads the files of a folder in order of their names.
func readAll(fsys fs.FS, name string, report *reporter) []source {
	if fsys == nil {
		return nil
	}
	var out []source
	err := fs.WalkDir(fsys, ".", func(p string, d fs.DirEntry, err error) error {
		full := path.Join(name, p)
		if err != nil {
			report.add(full, 1, 1, "E101", "cannot read: "+plainReason(err), "check the permissions")
			return nil
		}
		if d.IsDir() || strings.HasPrefix(path.Base(p), ".") || !slices.Contains([]string{".yaml", ".yml"}, path.Ext(p)) {
			return nil
		}
		b, err := fs.ReadFile(fsys, p)
		if err != nil {
			report.add(full, 1, 1, "E101", "cannot read: "+plainReason(err), "check the permissions")
			return nil
		}
		if root := readTree(full, b, report); root != nil {
			out = append(out, source{full, root})
		}
		return nil
	})
	if err != nil {
		report.add(name, 1, 1, "E101", "cannot read: "+plainReason(err), "check the permissions")
	}
	return out
}

func plainReason(err error) string {
	var pe *fs.PathError
	if errors.As(err, &pe) {
		return pe.Err.Error()
	}
	return err.Error()
}

func (c *checker) version(f source) {
	c.file = f.file
	if f.root.kind != mapNode {
		if f.root.kind != nullNode {
			c.add(f.root, "E105", fmt.Sprintf("a file must be a map, found %s", f.root.kind), "")
		}
		return
	}
	switch v := f.root.get("version"); {
	case v == nil:
		c.add(f.root, "E106", `file needs "version"`, "add the line: version: 1")
	case v.text != "1":
		c.add(v, "E107", fmt.Sprintf("version %s is not supported; this release reads version 1", v.text), "")
	}
}

// collectDefinitions gathers the keys references may name, and reports entries that
// are defined twice.
func (c *checker) collectDefinitions(files []source) {
	c.defined = map[string]map[string]bool{"activity": {}, "party": {}, "schema": {}, "person": {}, "resource": {}}
	place := map[string]string{}
	define := func(what, section string, k *node) {
		key := section + " " + k.text
		if at, ok := place[key]; ok {
			c.add(k, "E103", fmt.Sprintf("%s %q is already defined at %s", section, k.text, at), "")
			return
		}
		place[key] = fmt.Sprintf("%s:%d:%d", c.file, k.line, k.column)
		c.defined[what][k.text] = true
	}
	for _, f := range files {
		c.file = f.file
		for section, what := range map[string]string{"activities": "activity", "parties": "party", "schemas": "schema", "roles_of_people": "person"} {
			if m := f.root.get(section); m != nil && m.kind == mapNode {
				for _, k := range m.keys {
					define(what, section, k)
				}
			}
		}
		if l := f.root.get("resources"); l != nil && l.kind == listNode {
			for _, r := range l.items {
				if id := r.get("id"); id != nil && id.kind == scalarNode {
					define("resource", "resources", id)
				}
			}
		}
		if o := f.root.get("organisation"); o != nil {
			if k := o.get("key"); k != nil {
				c.defined["party"][k.text] = true
			}
		}
	}
}

// contactSections are where contact data of the organisation belongs.
var contactSections = []string{"organisation", "parties", "roles_of_people"}

func (c *checker) checkFile(f source) {
	c.file = f.file
	if f.root.kind != mapNode {
		return
	}
	for i, k := range f.root.keys {
		r, ok := sections[k.text]
		if !ok {
			var names []string
			for n := range sections {
				names = append(names, n)
			}
			slices.Sort(names)
			c.add(k, "E104", fmt.Sprintf("unknown key %q in file", k.text), didYouMean(k.text, names))
			continue
		}
		c.contact = slices.Contains(contactSections, k.text)
		if v := f.root.items[i]; v.kind != nullNode && k.text != "version" {
			c.value(v, r, k.text)
		}
	}
	c.contact = false
}

// ownTaxonomy adds the keys of a file's taxonomy section.
func (c *checker) ownTaxonomy(f source) {
	c.file = f.file
	t := f.root.get("taxonomy")
	add := func(section string, has func(string) bool, put func(string, *node)) {
		m := t.get(section)
		if m == nil || m.kind != mapNode {
			return
		}
		for i, k := range m.keys {
			switch p := parentOf(k.text); {
			case has(k.text):
				c.add(k, "E206", fmt.Sprintf("%q is built in", k.text), "")
			case section != "data_subjects" && (p == "" || !has(p)):
				c.add(k, "E206", fmt.Sprintf("key %q needs its parent %q", k.text, p), "")
			default:
				put(k.text, m.items[i])
			}
		}
	}
	add("data_categories", func(k string) bool { _, ok := c.tax.Categories[k]; return ok }, func(k string, v *node) {
		own := *c.tax.Categories[parentOf(k)]
		own.Key, own.Origin, own.Fallback, own.Aliases = k, "own", parentOf(k), nil
		own.Label, own.About = cmp.Or(v.str("label"), k), v.str("about")
		if fl := v.get("flags"); fl != nil {
			own.Flags.Art9, own.Flags.Art10 = cmp.Or(fl.str("art9"), own.Flags.Art9), cmp.Or(fl.str("art10"), own.Flags.Art10)
		}
		c.tax.Categories[k] = &own
	})
	add("data_uses", func(k string) bool { _, ok := c.tax.Uses[k]; return ok }, func(k string, v *node) { c.tax.Uses[k] = Term{About: v.str("about")} })
	add("data_subjects", func(k string) bool { _, ok := c.tax.Subjects[k]; return ok }, func(k string, v *node) { c.tax.Subjects[k] = Subject{About: v.str("about")} })
}
