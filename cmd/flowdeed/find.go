package main

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/flowdeed/flowdeed/annotations"
	"github.com/flowdeed/flowdeed/classify"
	"github.com/flowdeed/flowdeed/graph"
	"github.com/flowdeed/flowdeed/reach"
)

// find resolves what a person typed to one node.
func (a *analysis) find(what string) (*graph.Node, error) {
	if n := a.sys.Graph.Node(graph.ID(what)); n != nil {
		return n, nil
	}
	var exact, part []*graph.Node
	for _, n := range a.sys.Graph.Nodes() {
		switch {
		case strings.EqualFold(n.Name, what) || slices.Contains(n.Aliases, what):
			exact = append(exact, n)
		case strings.Contains(strings.ToLower(string(n.ID)), strings.ToLower(what)):
			part = append(part, n)
		}
	}
	list := exact
	if len(list) == 0 {
		list = part
	}
	switch len(list) {
	case 0:
		return nil, a.unfound("flowdeed map lists the nodes", "no node is called %q", what)
	case 1:
		return list[0], nil
	}
	var names []string
	for _, n := range list[:min(len(list), 8)] {
		names = append(names, string(n.ID))
	}
	return nil, usagef("name one of them by its ARN", "%q fits %d nodes: %s", what, len(list), strings.Join(names, ", "))
}

// unfound is the error for a name that nothing has, with the name that may be meant.
func (a *analysis) unfound(next, message, what string) error {
	var names []string
	for _, n := range a.sys.Graph.Nodes() {
		names = append(names, n.Name)
	}
	message = fmt.Sprintf(message, what)
	if near := annotations.Nearest(what, names); near != "" {
		message += fmt.Sprintf("; did you mean %q?", near)
	}
	return usagef(next, "%s", message)
}

// findAny resolves what a person typed to one node, a principal by its name alone as well.
func (a *analysis) findAny(what string) (*graph.Node, error) {
	n, err := a.find(what)
	if err == nil {
		return n, nil
	}
	if who, e := a.principal(what); e == nil {
		return a.sys.Graph.Node(graph.ID(who)), nil
	}
	return nil, err
}

// principal resolves what a person typed to a scanned user or role.
func (a *analysis) principal(what string) (string, error) {
	found := a.holders(what)
	switch len(found) {
	case 0:
		return "", a.unfound("name a user or role by its name or ARN; flowdeed map --format json lists them", "no user or role is called %q", what)
	case 1:
		return found[0], nil
	}
	return "", usagef("name one of them by its ARN", "%q fits %d principals: %s", what, len(found), strings.Join(found, ", "))
}

// holders are the scanned users and roles that an ARN or a name means: "support",
// "role/support", or "role support (111122223333)" as answers print it.
func (a *analysis) holders(what string) []string {
	if a.reach().Holder(what) != nil {
		return []string{what}
	}
	var out []string
	for _, h := range a.sys.World.Holders {
		arn := h.Principal.ARN
		name, kind := arn[strings.LastIndexByte(arn, '/')+1:], string(h.Principal.Kind)
		if slices.ContainsFunc([]string{name, kind + "/" + name, kind + " " + name, a.title(arn)}, func(s string) bool { return strings.EqualFold(s, what) }) {
			out = append(out, arn)
		}
	}
	return out
}

// principalsOf resolves the name or ARN of a principal, or of something that runs as one.
func (a *analysis) principalsOf(who string) []string {
	out := a.holders(who)
	if len(out) > 0 {
		return out
	}
	for _, n := range a.sys.Graph.Nodes() {
		if string(n.ID) == who || n.Name == who {
			out = append(out, a.actsAs(n.ID)...)
		}
	}
	return out
}

// actsAs lists the principals with whose rights a node works: itself, or its roles.
func (a *analysis) actsAs(id graph.ID) []string {
	if a.reach().Holder(string(id)) != nil {
		return []string{string(id)}
	}
	var out []string
	for _, f := range a.sys.Graph.Out(id) {
		if f.Kind == graph.Assumes {
			out = append(out, string(f.To))
		}
	}
	return out
}

// targetsOf resolves what a person typed to one node, or a category to all that hold it.
func (a *analysis) targetsOf(what string) ([]string, error) {
	key, ok := strings.CutPrefix(what, "category:")
	if !ok {
		n, err := a.find(what)
		if err != nil {
			return nil, err
		}
		return []string{string(n.ID)}, nil
	}
	if key != "special" && key != "personal" {
		if _, known := a.set.Taxonomy().Category(key); !known {
			if near := annotations.Nearest(key, slices.Sorted(maps.Keys(a.set.Taxonomy().Categories))); near != "" {
				return nil, usagef("flowdeed who-can read category:"+near, "there is no data category %q; did you mean %q?", key, near)
			}
			return nil, usagef("flowdeed who-can read category:special, or a key of the taxonomy such as category:user.contact.email", "there is no data category %q", key)
		}
	}
	var out []string
	for _, n := range a.sys.Graph.Nodes() {
		if !n.External && (n.Class.KeepsData() || n.Class == graph.Secret || n.Class == graph.Parameter) && a.holds(n.ID, key) {
			out = append(out, string(n.ID))
		}
	}
	if len(out) == 0 {
		return nil, usagef("flowdeed map shows which categories are where", "no store is known to hold %q", key)
	}
	return out, nil
}

// holds tells whether a category, or one under it, is at a node.
func (a *analysis) holds(id graph.ID, key string) bool {
	switch key {
	case "personal":
		return a.labels.Profile(id).Personal()
	case "special":
		return a.labels.Profile(id).Special()
	}
	return slices.ContainsFunc(a.labels.At(id).Labels, func(l classify.Label) bool {
		return l.State != classify.Weak && (l.Category == key || strings.HasPrefix(l.Category, key+"."))
	})
}

// origin is who asks at the beginning of a path: anybody, a principal, or something that
// runs under roles.
type origin struct {
	id   string
	runs bool
}

// originOf resolves what a person typed as the beginning of a path. known are answers,
// whose callers count as well: providers and accounts that only a policy names.
func (a *analysis) originOf(what string, known reach.Result) (origin, error) {
	anybody := what == string(graph.Internet) || what == reach.SignedIn
	if who, err := a.principal(what); err == nil {
		return origin{id: who}, nil
	}
	n, err := a.find(what)
	if err == nil && !anybody && a.reach().RunsAsPrincipal(n.ID) {
		return origin{string(n.ID), true}, nil
	}
	id := what
	if err == nil && !anybody {
		id = string(n.ID)
	}
	if r := known.Of(id); len(r.Answers)+len(r.Undecided)+len(r.Denied) > 0 {
		return origin{id: id}, nil
	}
	for _, x := range known.Answers {
		if strings.Contains(x.Principal, what) {
			return origin{id: x.Principal}, nil
		}
	}
	if err != nil && !anybody {
		return origin{}, usagef("flowdeed map lists the nodes", "no principal or node is called %q", what)
	}
	return origin{id: id}, nil
}
