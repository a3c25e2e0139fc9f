package annotations

import (
	"encoding/json"
	"maps"
	"slices"
)

// JSONSchema is the JSON Schema of an annotation file, made from the rules the checker
// reads, so that editors complete and mark the keys that flowdeed knows. Keys of the
// taxonomy are offered; own keys below them are let through.
func JSONSchema() ([]byte, error) {
	tax, err := BuiltinTaxonomy()
	if err != nil {
		return nil, err
	}
	w := &schemaWriter{tax}
	root := w.object(rule{kind: object, keys: sections, required: []string{"version"}})
	root["$schema"] = "https://json-schema.org/draft/2020-12/schema"
	root["title"] = "flowdeed annotation file"
	root["description"] = "What people say about the personal data in their resources. Keys of the taxonomy that are offered are those of this release; own keys go into the section taxonomy."
	root["$defs"] = w.definitions()
	b, err := json.MarshalIndent(root, "", " ")
	return append(b, '\n'), err
}

type schemaWriter struct{ tax *Taxonomy }

type jsonMap = map[string]any

// anyScalar is any scalar: YAML reads 2026 as a number and yes as a text.
var anyScalar = jsonMap{"type": []string{"string", "number", "boolean"}}

func reference(name string) jsonMap { return jsonMap{"$ref": "#/$defs/" + name} }

func (w *schemaWriter) definitions() jsonMap {
	open := func(list []string, pattern string) jsonMap {
		return jsonMap{"anyOf": []any{jsonMap{"enum": list}, jsonMap{"type": "string", "pattern": pattern}}}
	}
	field := jsonMap{"anyOf": []any{
		jsonMap{"enum": []string{"none", "unknown"}}, reference("category"), jsonMap{"type": "array", "items": reference("category")},
		w.object(rule{keys: fieldDetail, required: []string{"category"}}), reference("fields"),
	}}
	return jsonMap{
		"category": open(slices.Sorted(maps.Keys(w.tax.Categories)), `^(user|system)(\.[^.\s]+)+$`),
		"use":      open(slices.Sorted(maps.Keys(w.tax.Uses)), `^[^.\s]+(\.[^.\s]+)+$`),
		"subject":  open(slices.Sorted(maps.Keys(w.tax.Subjects)), `^[a-z][a-z0-9_]*$`),
		"fields":   jsonMap{"type": "object", "additionalProperties": field},
		"match":    w.object(rule{keys: matchRule.keys}),
	}
}

// object writes a map with known keys, or with any keys of one rule.
func (w *schemaWriter) object(r rule) jsonMap {
	if any, ok := r.keys["*"]; ok {
		out := jsonMap{"type": []string{"object", "null"}, "additionalProperties": w.value(any)}
		if r.ids {
			out["propertyNames"] = jsonMap{"pattern": `^\d{12}$`}
		}
		return out
	}
	properties := jsonMap{}
	for k, sub := range r.keys {
		properties[k] = w.value(sub)
	}
	out := jsonMap{"type": "object", "properties": properties, "additionalProperties": false}
	if len(r.required) > 0 {
		out["required"] = r.required
	}
	return out
}

func (w *schemaWriter) value(r rule) jsonMap {
	one := w.single(r)
	if r.many {
		return jsonMap{"anyOf": []any{one, jsonMap{"type": "array", "items": one}}}
	}
	return one
}

func (w *schemaWriter) single(r rule) jsonMap {
	list := func(item jsonMap) jsonMap {
		return jsonMap{"anyOf": []any{item, jsonMap{"type": "array", "items": item}}}
	}
	terms := func(m map[string]Term) jsonMap { return jsonMap{"enum": slices.Sorted(maps.Keys(m))} }
	switch r.kind {
	case anything:
		return jsonMap{}
	case flag:
		return jsonMap{"type": "boolean"}
	case number:
		return jsonMap{"type": "integer"}
	case fraction:
		return jsonMap{"type": "number", "minimum": 0, "maximum": 1}
	case date:
		return jsonMap{"type": "string", "pattern": datePattern.String()}
	case duration:
		return jsonMap{"type": "string", "pattern": `^P\d`}
	case country:
		return jsonMap{"type": "string", "pattern": `^[A-Z]{2}$`}
	case area:
		return jsonMap{"type": "string", "pattern": `^(EEA|[A-Z]{2})$`}
	case account:
		return jsonMap{"type": "string"}
	case category:
		return reference("category")
	case use:
		return reference("use")
	case subject:
		return reference("subject")
	case basis:
		return terms(w.tax.Bases)
	case special:
		return terms(w.tax.Special)
	case criminal:
		return terms(w.tax.Criminal)
	case tool:
		return terms(w.tax.Tools)
	case role:
		return terms(w.tax.Roles)
	case protection:
		return terms(w.tax.Protection)
	case measure:
		return terms(w.tax.Measures)
	case glob, arnGlob, toActivity, toParty, toSchema, toPerson, toResource:
		return jsonMap{"type": "string"}
	case enum:
		return wordsOf(r.words)
	case object, mapOf:
		return w.object(r)
	case objects:
		return jsonMap{"type": "array", "items": w.object(rule{keys: r.keys, required: r.required})}
	case fieldMap:
		return reference("fields")
	case dataList:
		return jsonMap{"anyOf": []any{jsonMap{"const": "none"}, list(reference("category"))}}
	case restWord:
		return jsonMap{"anyOf": []any{jsonMap{"enum": []string{"none", "unknown"}}, reference("category")}}
	case carried:
		return jsonMap{"anyOf": []any{jsonMap{"type": "string", "pattern": "^schema:"}, list(reference("category"))}}
	case selector:
		return jsonMap{"anyOf": []any{jsonMap{"type": "string"}, w.object(rule{keys: r.keys})}}
	case consentRecord:
		return jsonMap{"anyOf": []any{jsonMap{"type": "string"}, w.object(rule{keys: map[string]rule{"resource": one(toResource)}, required: []string{"resource"}})}}
	}
	return anyScalar
}

// wordsOf offers words; those that are digits YAML reads as numbers.
func wordsOf(words []string) jsonMap {
	list := []any{}
	for _, word := range words {
		list = append(list, word)
		if v, ok := atoi(word); ok {
			list = append(list, v)
		}
	}
	return jsonMap{"enum": list}
}
