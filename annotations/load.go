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
	files := readUsed(fsys, name, readAll(fsys, name, report), report)
	c := &checker{report: report, tax: s.tax, places: places}
	files, others := s.splitForeign(fsys, name, files, report)
	s.trees = slices.Clone(files)
	for _, f := range files {
		c.version(f)
	}
	for _, f := range others {
		s.trees = append(s.trees, f.source)
	}
	c.ownTaxonomy(s.trees)
	c.collectDefinitions(files)
	c.alsoDefined(others)
	for _, f := range files {
		c.checkFile(f)
	}
	s.take(files, c)
	s.rules(files, c)
	s.addForeign(others, c, report)
	s.locked = readLock(fsys, name, c)
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

// readUsed adds the files that others name under "use", relative to where they stand,
// each once. A file outside the folder can be named when the folder is on disk.
func readUsed(fsys fs.FS, name string, files []source, report *reporter) []source {
	have := map[string]bool{}
	for _, f := range files {
		have[f.file] = true
	}
	for i := 0; i < len(files); i++ {
		f := files[i]
		for _, u := range f.root.list("use") {
			full := path.Join(path.Dir(f.file), u.text)
			if u.kind != scalarNode || have[full] {
				continue
			}
			have[full] = true
			b, err := readNamed(fsys, name, full)
			if err != nil {
				report.wide(f.file, u.line, u.column, u.width, "E101", "cannot read "+full+": "+plainReason(err), "name a file relative to this one")
				continue
			}
			if root := readTree(full, b, report); root != nil {
				files = append(files, source{full, root})
			}
		}
	}
	slices.SortStableFunc(files, func(a, b source) int { return cmp.Compare(a.file, b.file) })
	return files
}

func readNamed(fsys fs.FS, name, full string) ([]byte, error) {
	if _, disk := fsys.(onDisk); disk {
		return os.ReadFile(full)
	}
	inside := full
	if name != "" && name != "." {
		rest, ok := strings.CutPrefix(full, name+"/")
		if !ok {
			return nil, fs.ErrNotExist
		}
		inside = rest
	}
	return fs.ReadFile(fsys, inside)
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

// definitions are the sections whose entries references may name, with what they are.
var definitions = []struct{ section, what string }{
	{"activities", "activity"}, {"parties", "party"}, {"schemas", "schema"}, {"roles_of_people", "person"},
}

// collectDefinitions gathers the keys references may name, and reports entries that
// are defined twice.
func (c *checker) collectDefinitions(files []source) {
	c.defined = map[string]map[string]bool{"activity": {}, "party": {}, "schema": {}, "person": {}, "resource": {}}
	for _, f := range files {
		c.file = f.file
		for _, d := range definitions {
			if m := f.root.get(d.section); m != nil && m.kind == mapNode {
				for _, k := range m.keys {
					c.once(d.section, k)
					c.defined[d.what][k.text] = true
				}
			}
		}
		if l := f.root.get("resources"); l != nil && l.kind == listNode {
			for _, r := range l.items {
				if id := r.get("id"); id != nil && id.kind == scalarNode {
					c.once("resources", id)
					c.defined["resource"][id.text] = true
				}
			}
		}
		for _, section := range []string{"organisation", "settings"} {
			if m := f.root.get(section); m != nil && m.kind == mapNode {
				c.onceEach(section, m)
			}
		}
		if k := f.root.get("organisation").str("key"); k != "" {
			c.defined["party"][k] = true
		}
	}
}

// onceEach reports what two files say of the organisation or the settings; lists add up.
func (c *checker) onceEach(section string, m *node) {
	for i, k := range m.keys {
		if m.items[i].kind == scalarNode {
			c.once(section, k)
		}
	}
}

// once reports a key of a section that was defined before.
func (c *checker) once(section string, k *node) (first bool) {
	key := section + " " + k.text
	if at, ok := c.place[key]; ok {
		c.add(k, "E103", fmt.Sprintf("%s %q is already defined at %s", section, k.text, at), "")
		return false
	}
	if c.place == nil {
		c.place = map[string]string{}
	}
	c.place[key] = fmt.Sprintf("%s:%d:%d", c.file, k.line, k.column)
	return true
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
