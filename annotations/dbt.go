package annotations

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// Reading dbt properties files (models, sources, seeds, snapshots) and the compiled
// manifest.json. Source: dbt documentation, "Model properties", "meta", "tags". Only
// meta keys and tags of columns and tables speak of personal data; those that do not are
// not statements about it and are listed where they stand beside one that does.

// dbtMeta are the meta keys teams use; settings.imports.dbt_meta replaces them.
var dbtMeta = []string{"contains_pii", "pii", "gdpr", "data_category"}

// dbtTags are the column tags that say the same in one word.
var dbtTags = []string{"pii", "contains_pii", "gdpr", "personal_data"}

var dbtSections = []string{"models", "sources", "seeds", "snapshots"}

func looksDBT(n *node) bool {
	for _, s := range dbtSections {
		if l := n.get(s); l != nil && l.kind == listNode && slices.ContainsFunc(l.items, func(x *node) bool { return x.get("columns") != nil || x.get("tables") != nil }) {
			return true
		}
	}
	return n.get("metadata").get("dbt_schema_version") != nil
}

func readDBT(r *reading) {
	if r.root.kind != mapNode {
		r.note(r.root, "E105", fmt.Sprintf("a dbt file must be a map, found %s", r.root.kind))
		return
	}
	for _, section := range dbtSections {
		for _, n := range entries(r.root.get(section)) {
			if section == "sources" && n.get("columns") == nil {
				all := r.dbtSays(n) // of every table of the source
				for _, t := range entries(n.get("tables")) {
					r.dbtTable(t, cmp.Or(t.str("identifier"), t.str("name")), all)
				}
				continue
			}
			r.dbtTable(n, cmp.Or(n.str("alias"), n.get("config").str("alias"), n.str("identifier"), n.str("name")), column{})
		}
	}
	for _, n := range entries(r.root.get("nodes")) {
		if slices.Contains([]string{"model", "seed", "snapshot"}, n.str("resource_type")) {
			r.dbtTable(n, cmp.Or(n.str("alias"), n.str("name")), column{})
		}
	}
	r.unread(r.root, "", func(under, k string) bool {
		return strings.TrimPrefix(under, "+") == "meta" && slices.Contains(r.metaKeys(), k)
	})
}

// unread lists statements that stand where this importer does not look, such as the meta
// of an exposure. Those it looked at are marked.
func (r *reading) unread(n *node, under string, speaks func(under, key string) bool) {
	for i, k := range n.keys {
		if v := n.items[i]; speaks(under, k.text) && !r.used[v] && v.kind != nullNode {
			r.left(k, k.text)
		}
	}
	for i, x := range n.items {
		if n.kind == mapNode {
			r.unread(x, n.keys[i].text, speaks)
		} else {
			r.unread(x, under, speaks)
		}
	}
}

// entries are the maps of a list, or of a map by key as compiled manifests have them.
func entries(n *node) []*node {
	if n == nil {
		return nil
	}
	var out []*node
	for _, x := range n.items {
		if x.kind == mapNode {
			out = append(out, x)
		}
	}
	return out
}

func (r *reading) dbtTable(n *node, name string, source column) {
	columns := entries(n.get("columns"))
	whole := r.dbtSays(n)
	whole.categories = append(whole.categories, source.categories...)
	if name == "" || len(columns) == 0 && len(whole.categories) == 0 && whole.hint == "" {
		return
	}
	res := r.table(n, "dbt model", name)
	res.put("about", describe(n))
	res.put("data", textList(n, distinct(whole.categories)))
	if whole.hint != "" {
		r.left(n, whole.hint)
	}
	fields := mapAt(n)
	for _, c := range columns {
		col := c.str("name")
		if col == "" || fields.get(fieldStep(col)) != nil {
			continue
		}
		says := r.dbtSays(c)
		says.kind, says.about = textNode(c, "data_type"), describe(c)
		says.put(fields, c, fieldStep(col))
	}
	res.put("fields", fields)
	r.out.add("resources", res)
}

func textNode(n *node, key string) *node {
	if s := n.str(key); s != "" {
		return textAt(n.get(key), s)
	}
	return nil
}

// describe is a description, unless it is a macro that only dbt can fill in.
func describe(n *node) *node {
	d := textNode(n, "description")
	if d == nil || strings.Contains(d.text, "{{") {
		return nil
	}
	d.text = strings.Join(strings.Fields(d.text), " ")
	return d
}

// dbtSays reads meta and tags of a column or table, under config or beside it.
func (r *reading) dbtSays(n *node) column {
	var c column
	for _, meta := range []*node{n.get("meta"), n.get("config").get("meta")} {
		if meta == nil || meta.kind != mapNode {
			continue
		}
		for i, k := range meta.keys {
			r.mark(meta.items[i])
			if slices.Contains(r.metaKeys(), k.text) {
				r.dbtValue(&c, k, meta.items[i])
			} else {
				r.left(k, k.text)
			}
		}
	}
	for _, t := range append(n.list("tags"), n.get("config").list("tags")...) {
		if t.kind == scalarNode {
			r.dbtTag(&c, t)
		}
	}
	return c
}

func (r *reading) metaKeys() []string {
	if len(r.own.meta) > 0 {
		return r.own.meta
	}
	return dbtMeta
}

// dbtValue reads one value. The key data_category must name a category; the others may
// hold yes or no, a category, or a team's own word, which means "personal data".
func (r *reading) dbtValue(c *column, k, v *node) {
	switch v.kind {
	case nullNode:
		return
	case listNode:
		for _, x := range v.items {
			r.dbtValue(c, k, x)
		}
		return
	case mapNode:
		c.categories = append(c.categories, textAt(k, "user"))
		c.reason = "dbt meta " + k.text
		r.left(k, k.text)
		return
	}
	if k.text == "data_category" {
		if to, ok := r.cross("dbt", v.text); ok && to != "none" {
			c.categories = append(c.categories, textAt(v, to))
			return
		}
		c.categories = append(c.categories, r.category(v)) // unknown ones are E201
		return
	}
	category, no := r.said(v, "dbt")
	if no {
		c.hint = "dbt meta " + k.text + " says " + v.text
		return
	}
	if category.text == "user" {
		c.reason = "dbt meta " + k.text + " says " + v.text
	}
	c.categories = append(c.categories, category)
}

func (r *reading) dbtTag(c *column, t *node) {
	if to, ok := r.cross("dbt", t.text); ok {
		if to == "none" {
			c.hint = "dbt tag " + t.text
			return
		}
		c.categories = append(c.categories, textAt(t, to))
		return
	}
	if slices.Contains(dbtTags, strings.ToLower(t.text)) {
		c.categories = append(c.categories, textAt(t, "user"))
		c.reason = "dbt tag " + t.text
		return
	}
	if _, _, ok := r.tax.canonicalCategory(t.text); ok {
		c.categories = append(c.categories, r.category(t))
		return
	}
	r.left(t, t.text)
}
