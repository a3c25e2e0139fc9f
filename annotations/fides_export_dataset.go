package annotations

import (
	"cmp"
	"slices"
	"strings"
)

// storeOut writes a resource that holds data as a data set.
func (x *fidesExport) storeOut(e exported) {
	keep := e.n.get("fides")
	if t := keep.str("type"); t != "dataset" && (t != "" || !holdsData(e.n)) {
		return
	}
	n := headOut(e.n, e.key, keep)
	var tags []string
	name := keep.get("name")
	if keep == nil {
		name = textOr(e.n, unescapeGlob(e.n.get("match").str("name")))
	}
	n.put("name", name)
	if arn := e.n.get("match").str("arn"); unescapeGlob(arn) != "" {
		meta := mapAt(e.n)
		meta.put("resource_id", textAt(e.n, unescapeGlob(arn)))
		e.takeAll(e.n, "match")
		n.put("fides_meta", meta)
	} else if m := e.n.get("match"); m != nil && unescapeGlob(m.str("name")) != "" && len(m.keys) == 1 {
		e.takeAll(e.n, "match")
	}
	e.take(e.n, "id")
	e.take(e.n, "identity_key") // the fields say it
	if o := e.text(e.n, "owner"); o != nil {
		e.left(o, "owner")
	}
	if e.n.get("data") != nil && e.n.str("data") == "none" {
		e.left(e.take(e.n, "data"), "none") // fideslang cannot say that nothing is there
	}
	schema := x.schemaOf(e)
	n.put("description", schema.about)
	n.put("data_subjects", x.subjectsOut(e.n, schema.subjects, "data_subjects", &tags))
	d := &dataSetOut{fidesExport: x, keep: keep, tags: &tags, lists: map[*node]*node{}, key: e.key}
	n.put("data_categories", d.coarse(e, schema))
	d.fill(e.n, schema)
	n.force("collections", listAt(e.n, d.collections...))
	tagsOut(n, keep, tags)
	x.out.add("dataset", n)
	x.datasets[e.n.str("id")] = n
}

func holdsData(n *node) bool {
	return slices.ContainsFunc([]string{"schema", "fields", "data"}, func(k string) bool { return n.get(k) != nil })
}

// force adds a key even when there is nothing in it.
func (n *node) force(key string, v *node) {
	n.keys, n.items = append(n.keys, textAt(v, key)), append(n.items, v)
}

// flatSchema is a schema with what it extends, less what it drops.
type flatSchema struct {
	about    *node
	subjects []*node
	rest     *node
	paths    []string
	values   map[string]*node
	readers  map[string]*reading
}

func (x *fidesExport) schemaOf(e exported) *flatSchema {
	out := &flatSchema{values: map[string]*node{}, readers: map[string]*reading{}}
	if name := e.text(e.n, "schema"); name != nil {
		x.flatten(name.text, out, map[string]bool{})
	}
	out.add(e.reading, e.take(e.n, "fields"), "")
	if s := e.texts(e.n, "subjects"); len(s) > 0 {
		out.subjects = s
	}
	if out.about == nil {
		out.about = e.text(e.n, "about")
	}
	return out
}

func (x *fidesExport) flatten(name string, out *flatSchema, seen map[string]bool) {
	e, ok := x.schemas[name]
	if !ok || seen[name] {
		return
	}
	seen[name] = true
	if up := e.text(e.n, "extends"); up != nil {
		x.flatten(up.text, out, seen)
	}
	for _, d := range e.texts(e.n, "drop") {
		out.paths = slices.DeleteFunc(out.paths, func(p string) bool { return p == d.text || strings.HasPrefix(p, d.text+".") })
	}
	out.about = e.text(e.n, "about")
	if s := e.texts(e.n, "subjects"); len(s) > 0 {
		out.subjects = s
	}
	out.rest = e.text(e.n, "rest")
	out.add(e.reading, e.take(e.n, "fields"), "")
}

// add flattens a field list into paths.
func (s *flatSchema) add(r *reading, m *node, prefix string) {
	if m == nil || m.kind != mapNode {
		return
	}
	for i, k := range m.keys {
		v, path := m.items[i], prefix+k.text
		r.used[v] = true
		if v.kind == mapNode && v.get("category") == nil {
			s.add(r, v, path+".")
			continue
		}
		if _, again := s.values[path]; !again || !slices.Contains(s.paths, path) {
			s.paths = append(s.paths, path)
		}
		s.values[path], s.readers[path] = v, r
	}
}

type dataSetOut struct {
	*fidesExport
	key         string
	keep        *node
	tags        *[]string
	collections []*node
	lists       map[*node]*node // list of fields of a collection or field
}

// coarse writes the categories of the whole.
func (d *dataSetOut) coarse(e exported, s *flatSchema) *node {
	list := slices.Clone(e.texts(e.n, "data"))
	list = slices.DeleteFunc(list, func(n *node) bool { return n.text == "none" })
	if s.rest != nil && s.rest.text != "unknown" && s.rest.text != "none" {
		list = append(list, s.rest)
	}
	if said := d.keep.get("categories"); said != nil { // collections said some of them
		list = slices.Clone(said.list("*"))
	}
	return d.categoriesOut(e.n, list, "data_categories", d.tags)
}

// fill makes the collections and puts each field into its own.
func (d *dataSetOut) fill(at *node, s *flatSchema) {
	names := texts(d.keep.list("collections"))
	if len(names) == 0 && len(s.paths) > 0 {
		names = []string{d.key}
	}
	byName := map[string]*node{}
	for _, name := range names {
		c := mapAt(at)
		c.put("name", textAt(at, name))
		c.put("description", d.keep.get("about").get(fieldStep(name)))
		c.put("data_categories", d.categoriesOut(at, d.keep.get("categories").list(name), name+".data_categories", d.tags))
		c.force("fields", listAt(at))
		d.lists[c] = c.get("fields")
		byName[fieldSteps(fieldStep(name))[0]] = c
		d.collections = append(d.collections, c)
	}
	for _, path := range s.paths {
		steps, at := fieldSteps(path), d.collections[0]
		prefix := ""
		if len(names) > 1 {
			if c, ok := byName[steps[0]]; ok && len(steps) > 1 {
				at, prefix, steps = c, fieldStep(steps[0])+".", steps[1:]
			}
		}
		d.place(at, prefix, steps, path, s)
	}
}

// place walks the groups of a path, making them as needed, and writes the field.
func (d *dataSetOut) place(at *node, prefix string, steps []string, path string, s *flatSchema) {
	for i, step := range steps {
		name, isList := strings.CutSuffix(step, "[]")
		prefix += fieldStep(name)
		if isList {
			prefix += "[]"
		}
		f := d.fieldNamed(at, cmp.Or(d.keep.get("names").str(prefix), name))
		if i == len(steps)-1 {
			d.field(f, s.values[path], s.readers[path], path, isList)
			return
		}
		if d.lists[f] == nil {
			d.group(f, prefix, isList)
		}
		at = f
		prefix += "."
	}
}

func (d *dataSetOut) fieldNamed(at *node, name string) *node {
	for _, f := range d.lists[at].items {
		if f.str("name") == name {
			return f
		}
	}
	f := mapAt(at)
	f.force("name", textAt(at, name))
	d.lists[at].items = append(d.lists[at].items, f)
	return f
}

// group makes a field that holds others.
func (d *dataSetOut) group(f *node, path string, isList bool) {
	kind := "object"
	if isList {
		kind = "object[]"
	}
	if slices.Contains(texts(d.keep.list("untyped")), path) || f.get("fides_meta").str("data_type") != "" {
		kind = ""
	}
	if f.get("description") == nil {
		f.put("description", d.keep.get("about").get(path))
	}
	d.meta(f, d.keep.get("groups").get(path), kind)
	f.force("fields", listAt(f))
	d.lists[f] = f.get("fields")
}

func (d *dataSetOut) field(f, v *node, r *reading, path string, isList bool) {
	var categories []*node
	var details *node
	switch {
	case v.kind == mapNode:
		details = v
		categories = r.texts(v, "category")
		f.put("description", r.text(v, "about"))
	case v.kind == listNode:
		categories = v.items
	default:
		categories = []*node{v}
	}
	if len(categories) == 1 && categories[0].text == "none" {
		r.left(categories[0], "none")
	}
	categories = slices.DeleteFunc(slices.Clone(categories), func(n *node) bool { return n.text == "none" || n.text == "unknown" || n.kind != scalarNode })
	f.put("data_categories", d.categoriesOut(v, categories, path, d.tags))
	kind := ""
	if details != nil {
		kind = r.str(details, "type")
		f.put("data_subjects", d.subjectsOut(v, r.texts(details, "subjects"), path+":data_subjects", d.tags))
	}
	if isList {
		kind += "[]"
		if kind == "[]" {
			kind = "string[]"
		}
	}
	if details != nil {
		for _, k := range []string{"identifier", "primary_key", "refers_to"} {
			r.takeAll(details, k)
		}
	}
	d.meta(f, details, kind)
}

// meta writes what fideslang keeps beside the categories of a field.
func (d *dataSetOut) meta(f, details *node, kind string) {
	m := f.under("fides_meta", f)
	m.put("data_type", textOr(f, kind))
	m.put("identity", details.get("identifier"))
	m.put("primary_key", details.get("primary_key"))
	for _, to := range details.list("refers_to") {
		way, rest, ok := strings.Cut(to.text, " ")
		if !ok {
			way, rest = "", to.text
		}
		set, field, _ := strings.Cut(rest, ":")
		ref := mapAt(to)
		ref.put("dataset", textAt(to, set))
		ref.put("field", textAt(to, field))
		ref.put("direction", textOr(to, way))
		m.add("references", ref)
	}
	if len(m.items) == 0 { // nothing to say
		for i, k := range f.keys {
			if k.text == "fides_meta" {
				f.keys, f.items = slices.Delete(f.keys, i, i+1), slices.Delete(f.items, i, i+1)
				break
			}
		}
	}
}
