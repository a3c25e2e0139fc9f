package proof

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// Statement is one statement of a document as it is written there. Nothing is
// interpreted but the JSON.
type Statement struct {
	Sid, Pointer string
	Effect       string // in lower case
	// Elements are the values of Action, NotAction, Resource and NotResource, by name
	// in lower case; an element that is not there is missing.
	Elements map[string][]string
	// Principals are the values of Principal and NotPrincipal ("principal",
	// "notprincipal") as kind and value; "*" by itself is of kind "aws".
	Principals map[string][][2]string
	Conditions []Condition
	Variables  bool // the document's version has variables
	Unread     bool // something in it is not of the language
}

// Condition is one operator and key of a statement.
type Condition struct {
	Operator, Key, Pointer string
	Values                 []string
}

// object is a JSON object with its members in order.
type object struct {
	names  []string
	values []json.RawMessage
}

func (o *object) UnmarshalJSON(b []byte) error {
	d := json.NewDecoder(bytes.NewReader(b))
	if t, err := d.Token(); err != nil || t != json.Delim('{') {
		return errors.New("no JSON object")
	}
	for d.More() {
		t, err := d.Token()
		var v json.RawMessage
		if err == nil {
			err = d.Decode(&v)
		}
		name, ok := t.(string)
		if err != nil || !ok {
			return errors.New("no JSON object")
		}
		o.names, o.values = append(o.names, name), append(o.values, v)
	}
	return nil
}

// get finds a member: names of elements have no case, and the last one counts.
func (o object) get(name string) (v json.RawMessage) {
	for i, n := range o.names {
		if strings.EqualFold(n, name) {
			v = o.values[i]
		}
	}
	return v
}

// texts reads one value or a list of them; ok is false when something is no value.
func texts(raw json.RawMessage) (list []string, ok bool) {
	many := []json.RawMessage{raw}
	if raw[0] == '[' {
		many = nil
		if json.Unmarshal(raw, &many) != nil {
			return nil, false
		}
	}
	for _, x := range many {
		switch x[0] {
		case '"':
			var s string
			_ = json.Unmarshal(x, &s) // x was read as JSON before
			list = append(list, s)
		case '[', '{', 'n':
			return list, false
		default:
			list = append(list, string(x))
		}
	}
	return list, true
}

// Plain undoes the encodings in which AWS hands out documents: percent-encoded JSON, and
// JSON with escaped quotes. Hashes are of the plain text.
func Plain(document string) string {
	doc := strings.TrimSpace(strings.TrimPrefix(document, "\ufeff"))
	if strings.HasPrefix(doc, "%") {
		if plain, err := url.PathUnescape(doc); err == nil {
			return strings.TrimSpace(plain)
		}
	}
	if plain, err := strconv.Unquote(`"` + strings.ReplaceAll(doc, `\/`, `/`) + `"`); err == nil && strings.HasPrefix(doc, `{\`) {
		return plain
	}
	return doc
}

// Read splits a document into its statements.
func Read(document string) ([]Statement, error) {
	doc := Plain(document)
	if len(doc) > 256<<10 {
		return nil, errors.New("longer than any policy")
	}
	var root object
	if err := json.Unmarshal([]byte(doc), &root); err != nil {
		return nil, err
	}
	raw := root.get("Statement")
	if raw == nil {
		return nil, nil
	}
	list, base := []json.RawMessage{raw}, "/Statement"
	if raw[0] == '[' {
		if err := json.Unmarshal(raw, &list); err != nil {
			return nil, err
		}
		base += "/%d"
	}
	var out []Statement
	for i, x := range list {
		pointer := base
		if strings.HasSuffix(base, "%d") {
			pointer = fmt.Sprintf(base, i)
		}
		s := statementOf(x, pointer)
		s.Variables = string(root.get("Version")) == `"2012-10-17"`
		out = append(out, s)
	}
	return out, nil
}

func statementOf(raw json.RawMessage, pointer string) Statement {
	s := Statement{Pointer: pointer, Elements: map[string][]string{}, Principals: map[string][][2]string{}}
	var o object
	s.Unread = json.Unmarshal(raw, &o) != nil
	for _, n := range o.names {
		v, name := o.get(n), strings.ToLower(n)
		list, ok := texts(v)
		switch name {
		case "sid":
			s.Sid = strings.Join(list, "")
		case "effect":
			s.Effect = strings.ToLower(strings.Join(list, ""))
		case "action", "notaction", "resource", "notresource":
			s.Elements[name] = append([]string{}, list...)
		case "principal", "notprincipal":
			s.Principals[name], ok = principalsOf(v)
		case "condition":
			s.Conditions, ok = conditionsOf(v, pointer+"/"+n)
		default:
			ok = false
		}
		s.Unread = s.Unread || !ok
	}
	has := func(name string) bool { return s.Elements[name] != nil || s.Principals[name] != nil }
	s.Unread = s.Unread || !has("action") && !has("notaction") || !slices.Contains([]string{"allow", "deny"}, s.Effect)
	for _, name := range []string{"action", "resource", "principal"} {
		s.Unread = s.Unread || has(name) && has("not"+name)
	}
	return s
}

func principalsOf(raw json.RawMessage) ([][2]string, bool) {
	o := object{names: []string{"AWS"}, values: []json.RawMessage{raw}}
	if raw[0] == '{' {
		o = object{}
		if json.Unmarshal(raw, &o) != nil {
			return nil, false
		}
	}
	out, ok := [][2]string{}, true
	for i, n := range o.names {
		list, read := texts(o.values[i])
		kind := strings.ToLower(n)
		ok = ok && read && slices.Contains([]string{"aws", "service", "federated", "canonicaluser"}, kind)
		for _, v := range list {
			out = append(out, [2]string{kind, v})
		}
	}
	return out, ok
}

var escape = strings.NewReplacer("~", "~0", "/", "~1")

func conditionsOf(raw json.RawMessage, pointer string) (out []Condition, ok bool) {
	var ops object
	if json.Unmarshal(raw, &ops) != nil {
		return nil, false
	}
	ok = true
	for i, op := range ops.names {
		var keys object
		if json.Unmarshal(ops.values[i], &keys) != nil {
			ok = false
		}
		for j, key := range keys.names {
			list, read := texts(keys.values[j])
			ok = ok && read
			out = append(out, Condition{Operator: op, Key: key, Values: list, Pointer: pointer + "/" + escape.Replace(op) + "/" + escape.Replace(key)})
		}
	}
	return out, ok
}
