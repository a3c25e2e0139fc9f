package annotations

import (
	"fmt"
	"strings"
)

// Reading Threagile models. Source: Threagile documentation, "Data assets", "Technical
// assets". Its data assets have no words for categories: one comes from a tag that is a
// key of the taxonomy, from settings.imports.means under the id of the asset, or from
// the privacy fork's "dataassettype: pi". What has none is listed and stays unknown.

func looksThreagile(n *node) bool {
	return n.get("threagile_version") != nil || n.get("data_assets") != nil && n.get("technical_assets") != nil
}

// threagileAsset is a data asset with the categories it stands for.
type threagileAsset struct{ categories []string }

func readThreagile(r *reading) {
	if r.root.kind != mapNode {
		r.note(r.root, "E105", fmt.Sprintf("a model must be a map, found %s", r.root.kind))
		return
	}
	r.mark(r.take(r.root, "threagile_version"))
	assets := map[string]threagileAsset{}
	r.threagileEach("data_assets", func(title *node, n *node, id string) {
		assets[id] = r.threagileData(title, n, id)
	})
	r.threagileEach("technical_assets", func(title *node, n *node, id string) {
		r.threagileTechnical(title, n, id, assets)
	})
	r.leftovers(r.root, nil)
}

func (r *reading) threagileEach(section string, f func(title, n *node, id string)) {
	m := r.child(r.root, section)
	if m == nil {
		return
	}
	for i, k := range m.keys {
		n := m.items[i]
		r.used[n] = true
		if n.kind != mapNode {
			if n.kind != nullNode {
				r.note(n, "E105", fmt.Sprintf("%s must be a map, found %s", section, n.kind))
				r.mark(n)
			}
			continue
		}
		id := r.str(n, "id")
		if id == "" {
			id = slug(k.text)
		}
		f(k, n, id)
	}
}

func (r *reading) threagileData(title, n *node, id string) threagileAsset {
	var a threagileAsset
	if to, ok := r.own.means[id]; ok && to != "none" {
		a.categories = append(a.categories, to)
	}
	for _, t := range r.texts(n, "tags") {
		if to, _, ok := r.tax.canonicalCategory(t.text); ok {
			a.categories = append(a.categories, to)
		} else {
			r.left(t, t.text)
		}
	}
	if t := r.text(n, "dataassettype"); t != nil && strings.EqualFold(t.text, "pi") && len(a.categories) == 0 {
		a.categories = append(a.categories, "user")
	}
	s := mapAt(n)
	about := title.text
	if d := r.str(n, "description"); d != "" && d != about {
		about += ": " + strings.Join(strings.Fields(d), " ")
	}
	s.put("about", textAt(title, about))
	switch len(a.categories) {
	case 0:
		s.put("rest", textAt(n, "unknown"))
		r.left(title, title.text+" (no category)")
	case 1:
		s.put("rest", textAt(n, a.categories[0]))
	default:
		s.put("fields", fieldOf(n, id, a.categories))
	}
	schemas := r.out.under("schemas", n)
	if schemas.get(id) != nil {
		r.note(n, "E103", fmt.Sprintf("data asset %q is already defined", id))
		return a
	}
	schemas.put(id, s)
	return a
}

// fieldOf stands for an asset of several categories: one field named after it.
func fieldOf(at *node, name string, categories []string) *node {
	m := mapAt(at)
	m.put(fieldStep(name), textsAt(at, categories...))
	return m
}

func (r *reading) threagileTechnical(title, n *node, id string, assets map[string]threagileAsset) {
	stored := r.threagileRefs(n, "data_assets_stored", assets)
	processed := r.threagileRefs(n, "data_assets_processed", assets)
	res := mapAt(n)
	res.put("match", matchName(n, id))
	about := title.text
	if d := r.str(n, "description"); d != "" {
		about += ": " + strings.Join(strings.Fields(d), " ")
	}
	res.put("about", textAt(title, about))
	if len(stored) == 1 {
		res.put("schema", textAt(stored[0], stored[0].text))
	}
	data := threagileCategories(stored, assets)
	res.put("data", textList(n, data))
	var passes []*node
	for _, c := range threagileCategories(processed, assets) {
		if !contains(data, c.text) {
			passes = append(passes, c)
		}
	}
	res.put("passes", textList(n, passes))
	if len(stored)+len(processed) > 0 {
		r.note(n, "W211", fmt.Sprintf("technical asset %q has no resource id; matched by name %q", id, id))
		r.out.add("resources", res)
	}
}

func contains(list []*node, text string) bool {
	for _, n := range list {
		if n.text == text {
			return true
		}
	}
	return false
}

// threagileRefs are the assets named under a key that exist.
func (r *reading) threagileRefs(n *node, key string, assets map[string]threagileAsset) []*node {
	var out []*node
	for _, x := range r.texts(n, key) {
		if _, ok := assets[x.text]; !ok {
			r.note(x, "E205", fmt.Sprintf("data asset %q is not defined", x.text))
			continue
		}
		out = append(out, x)
	}
	return distinct(out)
}

func threagileCategories(refs []*node, assets map[string]threagileAsset) []*node {
	var out []*node
	for _, x := range refs {
		for _, c := range assets[x.text].categories {
			out = append(out, textAt(x, c))
		}
	}
	return distinct(out)
}
