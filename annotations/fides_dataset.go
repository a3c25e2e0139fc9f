package annotations

import (
	"cmp"
	"slices"
	"strings"
)

// dataSet is one data set on its way to a schema and a resource.
type dataSet struct {
	*fides
	n, schema, res, keep *node
	fields               *node
	at                   map[string]int // field path -> index in fields
	several              bool           // more than one collection: paths begin with its name
	coarse               []*node        // categories of the whole, not of a field
	identity, primary    []string
	originals            map[string][]string
}

func (f *fides) dataset(n *node) {
	key := n.str("fides_key")
	d := &dataSet{fides: f, n: n, schema: mapAt(n), res: mapAt(n), keep: mapAt(n), fields: mapAt(n), at: map[string]int{}, originals: originalKeys(n)}
	d.keep.put("type", textAt(n, "dataset"))
	d.keep.put("name", f.text(n, "name"))
	d.common(n, d.keep)
	meta := cmp.Or(f.child(n, "fides_meta"), f.child(n, "fidesops_meta"))
	if id := resourceID(n, "dataset"); id != nil {
		f.take(meta, "resource_id")
	}
	t := f.things["dataset "+key]
	d.res.put("id", textAt(n, key))
	d.res.put("match", t.match)
	f.warnName(n, "data set", key, t.match)
	d.schema.put("about", f.text(n, "description"))
	d.subjects(n)
	d.collections()
	d.finish(key)
}

// subjects of the whole data set are subjects of the schema.
func (d *dataSet) subjects(n *node) {
	d.schema.put("subjects", textList(n, d.subjectWords(d.texts(n, "data_subjects"), "data_subjects", d.originals)))
}

func (d *dataSet) collections() {
	list := d.maps(d.n, "collections")
	d.several = len(list) > 1
	said := mapAt(d.n) // which collection said which coarse category
	own := d.coarseOf(d.n, "data_categories")
	for _, c := range list {
		name := d.str(c, "name")
		if name == "" {
			d.note(c, "E106", `collection needs "name"`)
		}
		d.keep.add("collections", textAt(c, name))
		if about := d.text(c, "description"); about != nil {
			d.keep.under("about", c).put(fieldStep(name), about)
		}
		said.put(name, textList(c, d.coarseOf(c, name+".data_categories")))
		if sub := d.texts(c, "data_subjects"); len(sub) > 0 && !d.several && d.schema.get("subjects") == nil {
			d.schema.put("subjects", listAt(c, sub...))
		} else if len(sub) > 0 {
			d.left(c.get("data_subjects"), "data_subjects")
		}
		prefix := ""
		if d.several {
			prefix = fieldStep(name) + "."
		}
		for _, x := range d.maps(c, "fields") {
			d.field(prefix, x)
		}
		cmp.Or(d.child(c, "fides_meta"), d.child(c, "fidesops_meta")) // its keys are listed as left out
	}
	if len(said.items) > 0 {
		said.put("*", textList(d.n, own))
		d.keep.put("categories", said)
	}
}

// coarseOf reads categories of a whole data set or collection: a fallback for its
// fields, which does not make them declared.
func (d *dataSet) coarseOf(n *node, path string) []*node {
	list := d.words(d.texts(n, "data_categories"), path, d.originals)
	d.coarse = append(d.coarse, list...)
	return list
}

// field reads a field and what is below it. A field that only groups others says
// nothing by itself.
func (d *dataSet) field(prefix string, x *node) {
	name := d.str(x, "name")
	if name == "" {
		d.note(x, "E106", `field needs "name"`)
	}
	meta := cmp.Or(d.child(x, "fides_meta"), d.child(x, "fidesops_meta"))
	kind, isList := strings.CutSuffix(d.str(meta, "data_type"), "[]")
	path := prefix + fieldStep(name)
	if isList {
		path += "[]"
	}
	if strings.Contains(name, `"`) {
		d.keep.under("names", x).put(path, textAt(x, name)) // paths have no way to write a quote
	}
	below := d.maps(x, "fields")
	categories := d.words(d.texts(x, "data_categories"), path, d.originals)
	about := d.text(x, "description")
	more := d.details(x, meta, path)
	if len(below) > 0 && kind == "" {
		d.keep.add("untyped", textAt(x, path))
	}
	if len(below) > 0 && len(categories) == 0 {
		if about != nil {
			d.keep.under("about", x).put(path, about)
		}
		if len(more.items) > 0 {
			d.keep.under("groups", x).put(path, more)
		}
	} else {
		more.put("type", textOr(x, kind))
		more.put("about", about)
		d.put(path, d.statement(x, categories, more))
	}
	for _, y := range below {
		d.field(path+".", y)
	}
}

func textOr(at *node, text string) *node {
	if text == "" {
		return nil
	}
	return textAt(at, text)
}

// details reads what is said of a field beside its categories.
func (d *dataSet) details(x, meta *node, path string) *node {
	more := mapAt(x)
	more.put("subjects", textList(x, d.subjectWords(d.texts(x, "data_subjects"), path+":data_subjects", d.originals)))
	if id := d.text(meta, "identity"); id != nil {
		more.put("identifier", id)
		d.identity = append(d.identity, path)
	}
	if p := d.text(meta, "primary_key"); truth(p) {
		more.put("primary_key", rawAt(p, "true"))
		d.primary = append(d.primary, path)
	}
	for _, r := range d.maps(meta, "references") {
		to := d.str(r, "dataset") + ":" + d.str(r, "field")
		if way := d.str(r, "direction"); way != "" {
			to = way + " " + to
		}
		more.add("refers_to", textAt(r, to))
	}
	return more
}

// statement is what stands behind a field: a category alone where that is all.
func (d *dataSet) statement(x *node, categories []*node, more *node) *node {
	value := textAt(x, "unknown")
	if len(categories) > 0 {
		value = oneOrMany(x, categories)
	}
	if len(more.items) == 0 {
		return value
	}
	out := mapAt(x)
	out.put("category", value)
	for i, k := range more.keys {
		out.put(k.text, more.items[i])
	}
	return out
}

func (d *dataSet) put(path string, v *node) {
	if _, twice := d.at[path]; twice {
		d.note(v, "E102", "field \""+path+"\" given twice")
		return
	}
	d.at[path] = len(d.fields.items)
	d.fields.put(path, v)
}

func (d *dataSet) finish(key string) {
	d.schema.put("fields", d.fields)
	coarse := distinct(d.coarse)
	switch len(coarse) {
	case 0:
	case 1:
		d.schema.put("rest", coarse[0])
	default:
		d.res.put("data", listAt(d.n, coarse...))
	}
	if len(d.schema.items) == 0 {
		d.schema.put("rest", textAt(d.n, "unknown"))
	}
	d.res.put("schema", textAt(d.n, key))
	if id := identityKey(d.identity, d.primary, d.several); id != "" {
		d.res.put("identity_key", textAt(d.n, id))
	}
	d.res.put("fides", d.keep)
	d.out.under("schemas", d.n).put(key, d.schema)
	d.out.add("resources", d.res)
}

// identityKey is the field by which a person's records are found: the first that
// identifies people; in a single table its primary key, when nothing else does.
func identityKey(identity, primary []string, several bool) string {
	switch {
	case len(identity) > 0:
		return identity[0]
	case !several && len(primary) == 1:
		return primary[0]
	}
	return ""
}

// Tags that an export wrote carry the finer keys that fideslang does not know:
// "flowdeed:<where>=<key>+<key>".
const keyTag = "flowdeed:"

func originalKeys(n *node) map[string][]string {
	out := map[string][]string{}
	for _, t := range n.list("tags") {
		rest, ours := strings.CutPrefix(t.text, keyTag)
		if i := strings.LastIndexByte(rest, '='); ours && i > 0 {
			out[rest[:i]] = strings.Split(rest[i+1:], "+")
		}
	}
	return out
}

func dropOurs(tags []*node) []*node {
	return slices.DeleteFunc(slices.Clone(tags), func(t *node) bool { return strings.HasPrefix(t.text, keyTag) })
}

// words reads categories; where a tag holds the finer keys they came from, and nobody
// changed the manifest since, those are taken back.
func (f *fides) words(list []*node, path string, originals map[string][]string) []*node {
	out := f.categories(list)
	finer, ok := originals[path]
	if !ok || len(out) == 0 {
		return out
	}
	var back []string
	for _, k := range finer {
		if _, known := f.tax.Categories[k]; !known {
			return out
		}
		back = append(back, fidesCategory(f.tax, k))
	}
	if !sameWords(back, texts(out)) {
		return out
	}
	var restored []*node
	for _, k := range finer {
		restored = append(restored, textAt(out[0], k))
	}
	return restored
}

// subjectWords is words for data subjects.
func (f *fides) subjectWords(list []*node, path string, originals map[string][]string) []*node {
	var out []*node
	for _, n := range list {
		out = append(out, textAt(n, n.text))
	}
	var back []string
	for _, k := range originals[path] {
		back = append(back, fidesSubject(f.tax, k))
	}
	if len(out) == 0 || len(back) == 0 || !sameWords(back, texts(out)) {
		return out
	}
	return textsAt(out[0], originals[path]...).items
}

func sameWords(a, b []string) bool {
	a, b = slices.Clone(a), slices.Clone(b)
	slices.Sort(a)
	slices.Sort(b)
	return slices.Equal(slices.Compact(a), slices.Compact(b))
}
