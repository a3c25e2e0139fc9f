package annotations

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// ownKey is a key that a file adds to the taxonomy.
type ownKey struct {
	file, section string
	key, value    *node
}

// ownTaxonomy adds the keys of the files' taxonomy sections, parents before children
// wherever they stand.
func (c *checker) ownTaxonomy(files []source) {
	var list []ownKey
	for _, f := range files {
		for _, section := range []string{"data_categories", "data_uses", "data_subjects"} {
			m := f.root.get("taxonomy").get(section)
			if m == nil || m.kind != mapNode {
				continue
			}
			for i, k := range m.keys {
				list = append(list, ownKey{f.file, section, k, m.items[i]})
			}
		}
	}
	slices.SortStableFunc(list, func(a, b ownKey) int {
		return cmp.Compare(strings.Count(a.key.text, "."), strings.Count(b.key.text, "."))
	})
	for _, x := range list {
		c.file = x.file
		c.addOwn(x)
	}
}

func (c *checker) addOwn(x ownKey) {
	k := x.key.text
	parent := parentOf(k)
	switch {
	case c.place["taxonomy."+x.section+" "+k] != "":
		c.once("taxonomy."+x.section, x.key)
	case c.inTaxonomy(x.section, k):
		c.add(x.key, "E206", fmt.Sprintf("%q is built in", k), "")
	case x.section != "data_subjects" && !c.inTaxonomy(x.section, parent):
		c.add(x.key, "E206", fmt.Sprintf("key %q needs its parent %q", k, cmp.Or(parent, "user or system")), "")
	default:
		c.once("taxonomy."+x.section, x.key)
		c.putOwn(x.section, k, x.value)
	}
}

func (c *checker) inTaxonomy(section, key string) bool {
	switch section {
	case "data_categories":
		_, _, ok := c.tax.canonicalCategory(key)
		return ok
	case "data_uses":
		_, ok := c.tax.Uses[key]
		return ok
	}
	_, ok := c.tax.Subjects[key]
	return ok
}

// putOwn adds a key. A category takes the flags of its parent where it gives none.
func (c *checker) putOwn(section, k string, v *node) {
	switch section {
	case "data_uses":
		c.tax.Uses[k] = Term{About: v.str("about"), Fallback: cmp.Or(v.str("fallback"), parentOf(k))}
		return
	case "data_subjects":
		child := v.str("child") == "true"
		c.tax.Subjects[k] = Subject{About: v.str("about"), Fallback: v.str("fallback"), Vulnerable: child || v.str("vulnerable") == "true", Child: child}
		return
	}
	own := Category{Key: k, Origin: "own", Fallback: cmp.Or(v.str("fallback"), parentOf(k)), Aliases: texts(v.list("aliases"))}
	own.Label, own.About, own.Flags = cmp.Or(v.str("label"), k), v.str("about"), c.tax.flags(parentOf(k))
	f := v.get("flags")
	own.Flags.Art9, own.Flags.Art10 = cmp.Or(f.str("art9"), own.Flags.Art9), cmp.Or(f.str("art10"), own.Flags.Art10)
	own.Flags.ID, own.Flags.Context = cmp.Or(f.str("id"), own.Flags.ID), cmp.Or(f.str("context"), own.Flags.Context)
	if s, ok := atoi(f.str("sensitivity")); ok {
		own.Flags.Sensitivity = s
	}
	c.tax.Categories[k] = &own
}
