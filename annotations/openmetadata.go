package annotations

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// Reading OpenMetadata entities as its API and exports give them: tables with columns,
// topics with a message schema, storage containers with a data model. Source:
// OpenMetadata standards, "TagLabel", "Table", "Topic", "Container". Tags of other
// classes are listed.

func looksOpenMetadata(n *node) bool {
	list := openMetadataEntities(n)
	return len(list) > 0
}

// openMetadataEntities finds the entities in a single answer, a page of answers, a list,
// or a sample file.
func openMetadataEntities(n *node) []*node {
	if n.kind == mapNode && isEntity(n) {
		return []*node{n}
	}
	lists := []*node{n}
	for _, key := range []string{"data", "tables", "topics", "containers"} {
		lists = append(lists, n.get(key))
	}
	var out []*node
	for _, l := range lists {
		if l == nil || l.kind != listNode {
			continue
		}
		for _, x := range l.items {
			if x.kind == mapNode && isEntity(x) {
				out = append(out, x)
			}
		}
	}
	return out
}

// isEntity asks for a name and either columns or what the API writes for every entity.
func isEntity(n *node) bool {
	if n.str("name") == "" {
		return false
	}
	return n.get("columns") != nil && n.get("columns").kind == listNode || n.get("messageSchema") != nil || n.get("dataModel") != nil || n.str("fullyQualifiedName") != ""
}

func readOpenMetadata(r *reading) {
	list := openMetadataEntities(r.root)
	if len(list) == 0 {
		r.note(r.root, "E105", "no table, topic or container found")
		return
	}
	for _, n := range list {
		r.openMetadataEntity(n)
	}
	r.unread(r.root, "", func(_, k string) bool { return k == "tagFQN" })
}

// openMetadataKinds are the node kinds of services whose names are those of AWS.
var openMetadataKinds = map[string]string{"DynamoDB": "dynamodb.table", "Glue": "glue.table", "Kinesis": "kinesis.stream", "S3": "s3.bucket"}

func (r *reading) openMetadataEntity(n *node) {
	name := n.str("name")
	res := r.table(n, "OpenMetadata entity", name)
	if kind := openMetadataKinds[n.str("serviceType")]; kind != "" {
		res.get("match").put("kind", textAt(n, kind))
	}
	res.put("about", describe(n))
	whole := r.openMetadataTags(n)
	res.put("data", textList(n, distinct(whole.categories)))
	if whole.hint != "" {
		r.left(n.get("tags"), whole.hint)
	}
	fields := mapAt(n)
	for _, l := range []*node{n.get("columns"), n.get("dataModel").get("columns"), n.get("messageSchema").get("schemaFields")} {
		r.openMetadataColumns(fields, "", l, 0)
	}
	res.put("fields", fields)
	if len(whole.categories) > 0 || len(fields.items) > 0 {
		r.out.add("resources", res)
	}
}

func (r *reading) openMetadataColumns(fields *node, prefix string, list *node, depth int) {
	for _, c := range entries(list) {
		name := c.str("name")
		if name == "" || depth > maxDepth {
			continue
		}
		path := prefix + fieldStep(name)
		if strings.EqualFold(c.str("dataType"), "ARRAY") {
			path += "[]"
		}
		says := r.openMetadataTags(c)
		says.kind, says.about = textNode(c, "dataType"), describe(c)
		below := cmp.Or(c.get("children"), &node{kind: listNode})
		if (len(below.items) == 0 || len(says.categories) > 0) && fields.get(path) == nil {
			says.put(fields, c, path)
		}
		r.openMetadataColumns(fields, path+".", below, depth+1)
	}
}

func (r *reading) classes() []string {
	if len(r.own.classes) > 0 {
		return r.own.classes
	}
	return []string{"PII"}
}

// openMetadataTags reads the tags of an entity or column. A tag that a person has not
// confirmed counts less.
func (r *reading) openMetadataTags(n *node) column {
	var c column
	for _, t := range n.list("tags") {
		fqn := t.get("tagFQN")
		if t.kind != mapNode || fqn == nil || fqn.kind != scalarNode {
			continue
		}
		r.used[fqn] = true
		class, word, _ := strings.Cut(fqn.text, ".")
		to, known := r.cross("openmetadata", fqn.text)
		if !known && !slices.Contains(r.classes(), class) {
			r.left(fqn, fqn.text)
			continue
		}
		suggested := strings.EqualFold(t.str("state"), "Suggested")
		switch {
		case known && to == "none", !known && strings.EqualFold(word, "None"):
			c.hint = "OpenMetadata says " + fqn.text
			continue
		case known:
		default:
			if _, _, ok := r.tax.canonicalCategory(word); ok {
				to = r.category(textAt(fqn, word)).text
			} else {
				to = "user"
			}
		}
		c.categories = append(c.categories, textAt(fqn, to))
		c.reason = fmt.Sprintf("OpenMetadata tag %s", fqn.text)
		if suggested {
			c.reason += ", suggested"
			if c.confidence == "" {
				c.confidence = "0.6"
			}
		} else {
			c.confidence = "0.8"
		}
	}
	if c.confidence == "0.8" {
		c.confidence = "" // what the layer has anyway
	}
	return c
}
