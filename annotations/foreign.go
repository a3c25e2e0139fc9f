package annotations

import (
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
)

// foreign is a file of another tool that the annotations take in: one that
// settings.include or use names, or one that an import wrote and nobody has made their own.
type foreign struct {
	source
	from *Importer
}

// splitForeign takes the imported files out of the files of a folder and reads those
// that settings.include and use name.
func (s *Set) splitForeign(fsys fs.FS, name string, files []source, report *reporter) (own []source, out []foreign) {
	var written []foreign
	for _, f := range files {
		s.words.take(f.root.get("settings").get("imports"))
	}
	for _, f := range files {
		if from := importerNamed(f.root.get("imported").str("from")); from != nil {
			written = append(written, foreign{f, from})
			continue
		}
		own = append(own, f)
		for _, pattern := range f.root.get("settings").list("include") {
			if pattern.kind == scalarNode {
				out = append(out, s.include(fsys, name, f.file, pattern, report)...)
			}
		}
		for _, u := range f.root.list("use") {
			if u.kind == scalarNode && s.usesForeign(fsys, name, f.file, u) {
				out = append(out, s.include(fsys, name, f.file, u, report)...)
			}
		}
	}
	included := map[string]bool{} // it may lie in the folder, and is no annotation file
	for _, f := range out {
		included[f.file] = true
	}
	own = slices.DeleteFunc(own, func(f source) bool { return included[f.file] })
	return own, append(out, written...)
}

func (w *importWords) take(n *node) {
	if n == nil || n.kind != mapNode {
		return
	}
	w.meta = append(w.meta, texts(n.list("dbt_meta"))...)
	w.classes = append(w.classes, texts(n.list("openmetadata_classes"))...)
	if m := n.get("means"); m != nil && m.kind == mapNode {
		if w.means == nil {
			w.means = map[string]string{}
		}
		for i, k := range m.keys {
			w.means[k.text] = m.items[i].text
		}
	}
}

// include reads the files a pattern names, relative to the file that holds it. Files of
// one kind are read together, since they may name each other.
func (s *Set) include(fsys fs.FS, name, at string, pattern *node, report *reporter) []foreign {
	full := path.Join(path.Dir(at), pattern.text)
	found, err := findFiles(fsys, name, full)
	if err == nil && len(found) == 0 && !literal(pattern.text) {
		return nil // a pattern may match nothing yet
	}
	if err != nil || len(found) == 0 {
		why := "no file matches"
		if err != nil {
			why = plainReason(err)
		}
		report.add(at, pattern.line, pattern.column, "E101", "cannot read "+full+": "+why, "name files relative to this one")
		return nil
	}
	byKind := map[string][]*reading{}
	for _, f := range found {
		root := readForeign(f.Name, f.Data, report)
		if root == nil {
			continue
		}
		from := kindOfFile(root)
		if from == nil {
			report.add(f.Name, root.line, root.column, "I601", f.Name+`: "the file" has no counterpart and was left out`, "no importer knows this kind of file")
			continue
		}
		byKind[from.Name] = append(byKind[from.Name], newReading(s, f.Name, root, report))
	}
	var out []foreign
	for _, from := range Importers() {
		if list := byKind[from.Name]; len(list) > 0 {
			for _, t := range grow(from, list) {
				out = append(out, foreign{t, from})
			}
		}
	}
	return out
}

// usesForeign tells whether "use" names files of another tool. What else it names is an
// annotation file.
func (s *Set) usesForeign(fsys fs.FS, name, at string, u *node) bool {
	found, err := findFiles(fsys, name, path.Join(path.Dir(at), u.text))
	if err != nil {
		return false
	}
	return slices.ContainsFunc(found, func(f ImportFile) bool {
		root := readForeign(f.Name, f.Data, &reporter{})
		return root != nil && kindOfFile(root) != nil && root.get("resources") == nil
	})
}

func kindOfFile(root *node) *Importer {
	for _, i := range Importers() {
		if i.looks(root) {
			return i
		}
	}
	return nil
}

// onDisk is a folder that patterns may lead out of.
type onDisk struct{ fs.FS }

// findFiles reads what a pattern names: inside the folder, or beside it when the folder
// is on disk. Names come back sorted.
func findFiles(fsys fs.FS, name, full string) ([]ImportFile, error) {
	read, names := fs.ReadFile, []string(nil)
	var err error
	_, disk := fsys.(onDisk)
	if disk {
		names, err = filepath.Glob(filepath.FromSlash(full))
		read = func(_ fs.FS, n string) ([]byte, error) { return os.ReadFile(n) }
	} else if inside, ok := strings.CutPrefix(full, strings.TrimSuffix(name+"/", "/")+"/"); ok && name != "" {
		names, err = fs.Glob(fsys, inside)
	} else if name == "" {
		names, err = fs.Glob(fsys, full)
	}
	if err != nil {
		return nil, err
	}
	slices.Sort(names)
	var out []ImportFile
	for _, n := range names {
		b, err := read(fsys, n)
		if err != nil {
			return nil, err
		}
		shown := filepath.ToSlash(n)
		if !disk {
			shown = path.Join(name, n)
		}
		out = append(out, ImportFile{shown, b})
	}
	return out, nil
}

// alsoDefined lets references name what other tools define. The same key in an own file
// wins and is no fault.
func (c *checker) alsoDefined(list []foreign) {
	var trees []source
	for _, f := range list {
		trees = append(trees, f.source)
	}
	other := &checker{report: &reporter{}, tax: c.tax, places: c.places}
	other.collectDefinitions(trees)
	for what, keys := range other.defined {
		for k := range keys {
			c.defined[what][k] = true
		}
	}
}

// addForeign checks what other tools say and adds it below what people say.
func (s *Set) addForeign(list []foreign, c *checker, report *reporter) {
	for _, f := range list {
		mine := &reporter{}
		check := &checker{report: mine, tax: s.tax, places: s.places, defined: c.defined}
		check.checkFile(f.source)
		says := s.spoken(f.source, check)
		for _, d := range mine.sorted() {
			report.list = append(report.list, soften(d)...)
		}
		s.files = append(s.files, f.file)
		s.Add(says.asImport(s, f))
		for _, r := range says.resources {
			if r.id != "" && s.byID[r.id] == nil {
				s.byID[r.id] = r // flows may name it
			}
		}
	}
	slices.Sort(s.files)
	s.files = slices.Compact(s.files)
}

// spoken reads one tree as a set of its own.
func (s *Set) spoken(f source, c *checker) *Set {
	out := &Set{tax: s.tax, places: s.places, byID: map[string]*resource{}}
	out.take([]source{f}, c)
	out.rules([]source{f}, c)
	return out
}

// asImport turns the statements of a set into evidence and claims of a layer.
func (s *Set) asImport(into *Set, f foreign) Import {
	out := Import{File: f.file, Organisation: s.organisation, Parties: s.Parties(), Activities: s.Activities(), Flows: s.flows}
	for k, p := range s.people {
		if _, ok := into.people[k]; !ok {
			into.people[k] = p
		}
	}
	for _, r := range s.resources {
		t := Evidence{Resource: unescapeGlob(r.match.ARN), Kind: r.match.Kind, Name: unescapeGlob(r.match.Name), Rank: f.from.Rank, Detector: f.from.Name}
		if t.Resource == "" && t.Name == "" {
			continue // an import matches exactly; a person's pattern belongs into an own file
		}
		out.Evidence = append(out.Evidence, s.evidenceOf(r, t)...)
		out.Resources = append(out.Resources, Claim{
			Resource: t.Resource, Kind: t.Kind, Name: t.Name, Subjects: r.subjects, Activities: r.activities, Owner: r.owner, IdentityKey: r.identity,
			System: r.system, Retention: r.retention, Passes: r.passes, Rank: f.from.Rank, Source: r.origin,
		})
	}
	return out
}

func (s *Set) evidenceOf(r *resource, t Evidence) []Evidence {
	var out []Evidence
	add := func(category, field, origin, reason string, confidence float64, may bool, subjects []string) {
		e := t
		e.Category, e.Field, e.Source, e.Reason, e.Confidence, e.MayContain, e.Subjects = category, field, origin, reason, confidence, may, subjects
		out = append(out, e)
	}
	subjects := r.subjects
	if len(subjects) == 0 {
		subjects = s.schemaSubjects(r.schema)
	}
	for _, c := range r.data {
		add(c, "", r.origin, "", 0, false, subjects)
	}
	if sc := s.schemas[r.schema]; sc != nil {
		if to, _, ok := s.tax.canonicalCategory(sc.rest); ok {
			add(to, "", sc.origin, "of the data set as a whole", 0, false, subjects)
		}
	}
	for _, f := range append(s.flatten(r.schema, map[string]bool{}), r.fields...) {
		who := f.subjects
		if len(who) == 0 {
			who = subjects
		}
		for _, c := range f.categories {
			add(c, f.path, f.origin, f.reason, f.confidence, false, who)
		}
		for _, c := range f.may {
			add(c, f.path, f.origin, f.reason, f.confidence, true, who)
		}
		if len(f.categories) == 0 && strings.Contains(f.reason, " says ") {
			add("none", f.path, f.origin, f.reason, 0, false, nil) // a hint, never believed
		}
	}
	return out
}
