package annotations

import (
	"cmp"
	"fmt"
)

// TemplateMetadata reads what a template says of a resource under Metadata: {Gdpr: ...}:
// data, fields, schema, subjects, activities, retention, owner, identity_key. resource
// is the node the template makes, source the template file with its line. What is not
// known is reported, never dropped in silence. Tags in templates are read as tags.
// Source: privacy model, "Where statements come from".
func (s *Set) TemplateMetadata(resource, source string, gdpr map[string]any) Import {
	file, line, col := splitPlace(source)
	r := &templateReader{s: s, source: source, claim: Claim{Resource: resource, Rank: RankTemplate, Source: source}}
	r.say = func(code, msg, hint string) { r.report.add(file, line, col, code, msg, hint) }
	for _, k := range keys(gdpr) {
		if !r.key(k, gdpr[k]) {
			r.say("E104", fmt.Sprintf("unknown key %q in Metadata.Gdpr", k), didYouMean(k, templateKeys))
		}
	}
	return Import{File: file, Resources: []Claim{r.claim}, Evidence: r.evidence, Notes: r.report.sorted()}
}

var templateKeys = []string{"activities", "data", "fields", "identity_key", "owner", "retention", "schema", "subjects"}

type templateReader struct {
	s        *Set
	source   string
	report   reporter
	say      func(code, msg, hint string)
	evidence []Evidence
	claim    Claim
}

// key reads one key; known is false where there is none of that name.
func (r *templateReader) key(k string, v any) (known bool) {
	switch k {
	case "data":
		r.add("", r.words(k, v), nil, false)
	case "fields":
		fields, ok := v.(map[string]any)
		if !ok {
			r.say("E105", fmt.Sprintf("Metadata.Gdpr.fields must be a map, found %T", v), "")
		}
		for _, f := range keys(fields) {
			r.add(f, r.words(k+"."+f, fields[f]), nil, false)
		}
	case "schema":
		for _, name := range r.words(k, v) {
			r.schema(name)
		}
	case "subjects":
		r.claim.Subjects = r.words(k, v)
	case "activities":
		r.claim.Activities = r.words(k, v)
	case "owner":
		r.claim.Owner = cmp.Or(r.words(k, v)...)
	case "identity_key":
		r.claim.IdentityKey = cmp.Or(r.words(k, v)...)
	case "retention":
		r.retention(v)
	default:
		return false
	}
	return true
}

func (r *templateReader) add(field string, categories, subjects []string, may bool) {
	for _, k := range categories {
		if k != string(Unknown) {
			r.evidence = append(r.evidence, Evidence{
				Resource: r.claim.Resource, Field: field, Category: k, Subjects: subjects, MayContain: may, Rank: RankTemplate, Source: r.source, Reason: "template metadata",
			})
		}
	}
}

func (r *templateReader) schema(name string) {
	if r.s.schemas[name] == nil {
		r.say("E205", fmt.Sprintf("schema %q is not defined", name), didYouMean(name, keys(r.s.schemas)))
	}
	people := r.s.schemaSubjects(name)
	for _, f := range r.s.flatten(name, map[string]bool{}) {
		r.add(f.path, f.categories, people, false)
		r.add(f.path, f.may, people, true)
	}
}

// retention takes a duration, or a map with period and enforce.
func (r *templateReader) retention(v any) {
	period, enforce := "", ""
	switch x := v.(type) {
	case string:
		period = x
	case map[string]any:
		period, _ = x["period"].(string)
		enforce, _ = x["enforce"].(string)
	}
	d, ok := days(period)
	if !ok {
		r.say("E208", fmt.Sprintf("%q is not an ISO 8601 duration", period), "such as P30D or P3Y")
		return
	}
	r.claim.Retention = &Retention{Period: period, Days: d, Enforce: enforce, Origin: r.source}
}

// words takes a text, or a list of texts.
func (r *templateReader) words(key string, v any) []string {
	switch x := v.(type) {
	case string:
		return []string{x}
	case []string:
		return x
	case []any:
		var out []string
		for _, y := range x {
			w, ok := y.(string)
			if !ok {
				r.say("E105", fmt.Sprintf("Metadata.Gdpr.%s must be a list of texts, found %T in it", key, y), "")
				continue
			}
			out = append(out, w)
		}
		return out
	}
	r.say("E105", fmt.Sprintf("Metadata.Gdpr.%s must be a list of texts, found %T", key, v), "")
	return nil
}
