package annotations

// kindOf says what a value must be. A key's rule is read by the checker, printed as
// JSON Schema, and nothing else knows the keys of the format.
type kindOf int

const (
	anything      kindOf = iota
	text                 // any scalar
	flag                 // true or false
	number               // an integer
	date                 // 2026-01-31
	duration             // ISO 8601
	country              // ISO 3166 code
	account              // quoted string of 12 digits
	category             // taxonomy: data category
	use                  // taxonomy: data use
	subject              // taxonomy: data subject
	basis                // taxonomy: lawful basis
	special              // taxonomy: Art. 9(2) condition
	criminal             // taxonomy: Art. 10 condition
	tool                 // taxonomy: transfer tool
	role                 // taxonomy: role of a party
	protection           // taxonomy: protection state
	measure              // taxonomy: security measure of Art. 32
	glob                 // pattern of section 4
	arnGlob              // pattern of an ARN
	toActivity           // reference to an activity
	toParty              // reference to a party, or the organisation
	toSchema             // reference to a schema
	toPerson             // reference to a role of people
	toResource           // reference to a resource
	object               // a map with the keys given
	objects              // a list of such maps
	mapOf                // a map of any keys to values of the rule under "*"
	fieldMap             // the fields of a schema or resource
	enum                 // one of the words given
	dataList             // list of categories, or none
	restWord             // what a schema says of the rest: none, unknown or a category
	carried              // list of categories, or schema:<key>
	fraction             // a number from 0 to 1
	area                 // a country, or EEA
	selector             // the id of a resource entry, or a map that picks resources
	consentRecord        // a reference in words, or {resource: <id>}
)

// rule is what a key may hold.
type rule struct {
	kind     kindOf
	many     bool            // a list of such values; a single one counts as a list
	keys     map[string]rule // of object, objects, selector; "*" for mapOf
	ids      bool            // of mapOf: the keys are account ids
	words    []string        // of enum
	required []string        // keys an object must have
}

func one(k kindOf) rule             { return rule{kind: k} }
func several(k kindOf) rule         { return rule{kind: k, many: true} }
func words(w ...string) rule        { return rule{kind: enum, words: w} }
func fields(k map[string]rule) rule { return rule{kind: object, keys: k} }

var reviewRule = fields(map[string]rule{"by": one(toPerson), "on": one(date), "expires": one(date), "note": one(text)})

var retentionKeys = map[string]rule{
	"period": one(duration), "from": one(text), "law": one(text), "note": one(text), "categories": several(category),
	"enforce": words("ttl", "lifecycle", "log_retention", "queue_retention", "stream_retention", "backup_lifecycle", "job", "manual"),
}

var matchRule = rule{kind: object, keys: matchKeys(true)}

func matchKeys(withNot bool) map[string]rule {
	k := map[string]rule{
		"arn": one(arnGlob), "kind": one(glob), "name": one(glob), "stack": one(glob), "logical_id": one(glob),
		"tag": {kind: mapOf, keys: map[string]rule{"*": one(text)}}, "account": one(account), "region": one(glob),
	}
	if withNot {
		k["not"] = fields(matchKeys(false))
	}
	return k
}

var selectorKeys = func() map[string]rule {
	k := matchKeys(true)
	k["party"] = one(toParty)
	return k
}()

var protectsRule = rule{kind: objects, required: []string{"state"}, keys: map[string]rule{
	"state": one(protection), "inputs": several(category), "becomes": several(category), "drops": several(category), "on": several(toResource),
	"method": one(text), "key_or_table_location": one(text), "key": one(text), "holders": several(text), "vault": one(text), "salted_or_keyed": one(text),
	"fields": several(text), "minimum_group_size": one(number), "reidentification_test": one(text), "retention": one(text),
	"reviewer": one(toPerson), "expires": one(date),
}}

var resourceRule = rule{kind: object, required: []string{"match"}, keys: map[string]rule{
	"id": one(text), "match": matchRule, "schema": one(toSchema), "fields": one(fieldMap), "data": one(dataList),
	"not": {kind: objects, required: []string{"reason", "by", "expires"}, keys: map[string]rule{
		"category": one(category), "field": one(text), "reason": one(text), "by": one(toPerson), "on": one(date), "expires": one(date), "proof": one(text),
	}},
	"subjects": several(subject), "activities": several(toActivity), "retention": fields(retentionKeys),
	"volume":   fields(map[string]rule{"subjects": one(number), "records": one(number), "as_of": one(date), "source": words("measured", "estimate")}),
	"protects": protectsRule, "passes": several(category), "identity_key": one(text),
	"erasure": fields(map[string]rule{
		"how": words("delete", "anonymise", "expire", "crypto_shred", "not_possible"), "by": one(text), "lag": one(duration), "reason": one(text),
	}),
	"owner": one(toPerson), "review": reviewRule, "reason": one(text), "system": one(text), "needs": several(category),
	"readers": several(text), "about": one(text), "fides": one(anything),
}}

var schemaRule = rule{kind: object, keys: map[string]rule{
	"subjects": several(subject), "fields": one(fieldMap), "rest": one(restWord), "extends": one(toSchema), "drop": several(text), "review": reviewRule,
	"about": one(text),
}}

var partyRule = rule{kind: object, required: []string{"name", "role", "country"}, keys: map[string]rule{
	"name": one(text), "role": one(role), "country": one(country), "contact": one(text), "address": one(text), "note": one(text),
	"about": one(text), "fides": one(anything),
	"accounts": several(account), "hosts": several(text), "external_id": one(flag),
	"contract":       fields(map[string]rule{"ref": one(text), "signed": one(date), "expires": one(date), "art28": one(flag)}),
	"sub_processors": fields(map[string]rule{"list": one(text), "checked": one(date)}),
	"transfer": fields(map[string]rule{
		"tool": one(tool), "decision": one(text), "module": one(number), "signed": one(date), "tia": one(text), "reference": one(text),
		"authorisation": one(text), "consent_record": one(text), "assessment": one(text), "notified": one(text),
		"certification": fields(map[string]rule{"list_checked": one(date), "active": one(flag), "covers_hr": one(flag)}),
		"fallback":      fields(map[string]rule{"tool": one(tool), "module": one(number), "signed": one(date), "tia": one(text), "reference": one(text)}),
	}),
}}

var activityRule = rule{kind: object, required: []string{"name"}, keys: map[string]rule{
	"name": one(text), "use": one(use), "details": one(text), "controller": one(toParty), "joint_controllers": several(toParty), "arrangement": one(text),
	"acts_as": words("processor", "controller"), "for": several(toParty), "lawful_basis": one(basis), "interest": one(text), "balancing_test": one(text),
	"law": one(text), "consent_record": one(consentRecord), "special_condition": one(special), "criminal_condition": one(criminal), "subjects": several(subject),
	"sources": several(text), "recipients": several(toParty), "processors": several(toParty), "retention": {kind: objects, keys: retentionKeys},
	"automated_decisions": fields(map[string]rule{"logic": one(text), "effect": one(text), "safeguard": one(text)}),
	"dpia":                fields(map[string]rule{"ref": one(text), "date": one(date), "outcome": one(text)}),
	"notice":              one(text), "measures": several(measure), "review": reviewRule, "categories": several(category), "owner": one(toPerson),
	"fides": one(anything),
}}

var flowRule = rule{kind: object, required: []string{"from", "to"}, keys: map[string]rule{
	"from": {kind: selector, keys: selectorKeys}, "to": {kind: selector, keys: selectorKeys},
	"via": one(text), "carries": one(carried), "purpose": one(toActivity), "frequency": one(text), "review": reviewRule,
	"fides": one(anything),
	"transport": fields(map[string]rule{
		"tls": words("required", "offered", "none"), "authentication": words("none", "key", "token", "iam", "mutual_tls"),
	}),
}}

var organisationRule = rule{kind: object, required: []string{"name"}, keys: map[string]rule{
	"key": one(text), "name": one(text), "address": one(text), "contact": one(text), "country": one(country), "lead_authority": one(text),
	"dpo":            fields(map[string]rule{"name": one(text), "contact": one(text), "phone": one(text), "address": one(text)}),
	"representative": fields(map[string]rule{"name": one(text), "contact": one(text), "phone": one(text), "country": one(country), "address": one(text)}),
	"notice":         one(text), "about": one(text), "contact_name": one(text), "phone": one(text), "security_policy": one(text), "fides": one(anything),
}}

var acceptRule = rule{kind: object, required: []string{"finding"}, keys: map[string]rule{
	"finding": one(text), "on": {kind: selector, keys: matchRule.keys}, "reason": one(text), "by": one(toPerson), "expires": one(date),
}}

var settingsRule = rule{kind: object, keys: map[string]rule{
	"tag_prefix": one(text), "small_group": one(number), "include": several(text),
	"tag_aliases": {kind: objects, required: []string{"key", "means"}, keys: map[string]rule{
		"key": one(text), "value": one(text),
		"means": fields(map[string]rule{"data": several(category), "hint": one(text), "confidence": one(fraction), "subjects": several(subject), "owner": one(text)}),
	}},
	"imports": fields(map[string]rule{
		"dbt_meta": several(text), "openmetadata_classes": several(text), "means": {kind: mapOf, keys: map[string]rule{"*": one(anything)}},
	}),
	"home":     fields(map[string]rule{"countries": several(area), "regions": several(text)}),
	"defaults": fields(map[string]rule{"review_after": one(duration), "unknown_after": one(duration)}),
	"accounts": {kind: mapOf, ids: true, keys: map[string]rule{"*": one(text)}},
}}

var certainty = words("never", "possible", "always")

var taxonomyRule = rule{kind: object, keys: map[string]rule{
	"data_categories": {kind: mapOf, keys: map[string]rule{"*": fields(map[string]rule{
		"label": one(text), "about": one(text), "origin": one(text), "fallback": one(category), "aliases": several(text),
		"flags": fields(map[string]rule{
			"art9": certainty, "art10": certainty, "id": words("direct", "indirect", "quasi", "attribute", "none"),
			"context": words("none", "simple", "behavioural", "financial", "sensitive"), "sensitivity": words("0", "1", "2", "3", "4"),
		}),
	})}},
	"data_uses": {kind: mapOf, keys: map[string]rule{"*": fields(map[string]rule{"label": one(text), "about": one(text), "origin": one(text), "fallback": one(use)})}},
	"data_subjects": {kind: mapOf, keys: map[string]rule{"*": fields(map[string]rule{
		"label": one(text), "about": one(text), "origin": one(text), "fallback": one(subject), "vulnerable": one(flag), "child": one(flag),
	})}},
}}

// queryPart is one side of a saved query.
func queryPart(k kindOf) rule {
	return fields(map[string]rule{"matches": words("any", "all", "none", "other"), "values": several(k)})
}

// queryRule is a saved query: no path from a store that holds the categories to an
// activity with the uses for the subjects.
var queryRule = rule{kind: objects, keys: map[string]rule{
	"policy": one(text), "name": one(text), "categories": queryPart(category), "uses": queryPart(use), "subjects": queryPart(subject), "fides": one(anything),
}}

// importedRule marks a file an import wrote: its statements rank as that import.
var importedRule = rule{kind: object, required: []string{"from"}, keys: map[string]rule{
	"from": words("fides", "dbt", "threagile", "openmetadata", "macie", "logs"),
}}

// sections are the top-level keys of a file.
var sections = map[string]rule{
	"version":         words("1"),
	"organisation":    organisationRule,
	"parties":         {kind: mapOf, keys: map[string]rule{"*": partyRule}},
	"roles_of_people": {kind: mapOf, keys: map[string]rule{"*": fields(map[string]rule{"name": one(text), "contact": one(text), "note": one(text)})}},
	"activities":      {kind: mapOf, keys: map[string]rule{"*": activityRule}},
	"schemas":         {kind: mapOf, keys: map[string]rule{"*": schemaRule}},
	"resources":       {kind: objects, keys: resourceRule.keys, required: resourceRule.required},
	"flows":           {kind: objects, keys: flowRule.keys, required: flowRule.required},
	"accept":          {kind: objects, keys: acceptRule.keys, required: acceptRule.required},
	"taxonomy":        taxonomyRule,
	"settings":        settingsRule,
	"use":             several(text),
	"queries":         queryRule,
	"imported":        importedRule,
}
