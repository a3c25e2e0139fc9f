package aws

import (
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/flowdeed/flowdeed/graph"
)

// This file reads what configuration says of the parts of a message that pass: templates
// of rules, pipes and workflows, formats of access logs. What cannot be read stays not
// known, which counts as "everything passes".

// templatePath is a path into the event, as a template writes it.
var templatePath = regexp.MustCompile(`<(\$(?:\.[A-Za-z0-9_-]+|\[[0-9*]+\])*)>`)

// wholeEvent are the words of a template that stand for the event with its content.
// Sources: Amazon EventBridge user guide, "Amazon EventBridge input transformation" and
// "Amazon EventBridge Pipes input transformation".
var wholeEvent = []string{"<aws.events.event.json>", "<aws.pipes.event.json>"}

// templatePaths lists the paths of an event that a template of a rule or pipe takes; "$"
// stands for the whole event.
func templatePaths(template string) []string {
	out := []string{}
	for _, m := range templatePath.FindAllStringSubmatch(template, -1) {
		out = append(out, m[1])
	}
	if slices.ContainsFunc(wholeEvent, func(w string) bool { return strings.Contains(template, w) }) {
		out = append(out, "$")
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// contextVariable is a variable of the request in a format; a property with a colon in its
// name stands in brackets.
var contextVariable = regexp.MustCompile(`\$context\.([A-Za-z0-9_.-]*[A-Za-z0-9_])(?:\['([A-Za-z0-9_:.-]+)'\])?`)

// accessLogFields notes what a line of an access log holds.
func accessLogFields(f *graph.Flow, format string, src graph.Source) {
	if format == "" {
		return
	}
	out := []string{}
	for _, m := range contextVariable.FindAllStringSubmatch(format, -1) {
		out = append(out, strings.TrimSuffix(m[1]+"."+m[2], "."))
	}
	slices.Sort(out)
	graph.LogFields.Set(&f.Facts, slices.Compact(out), src)
}

// callerPassed tells whether an integration hands on who called. One that hands on the
// request as it is does; a mapping does where it takes the caller's identity or all
// headers. Source: Amazon API Gateway developer guide, "Mapping template reference".
func callerPassed(in *restIntegration) bool {
	if strings.HasSuffix(in.Type, "_PROXY") {
		return true
	}
	takes := func(s string) bool {
		return strings.Contains(s, "context.identity") || strings.Contains(s, "$input.params()") || strings.Contains(s, "X-Forwarded-For") || strings.Contains(s, "User-Agent")
	}
	for _, m := range []map[string]string{in.RequestTemplates, in.RequestParameters} {
		for _, s := range m {
			if takes(s) {
				return true
			}
		}
	}
	return false
}

// handed says what of the data of a workflow a task gets, and whether its result goes on.
type handed struct {
	paths   []string // "$" is everything
	known   bool     // false: everything, for all the definition says
	dropped bool     // the result is thrown away
}

var (
	jsonPath     = regexp.MustCompile(`\$\$?(?:\.[A-Za-z0-9_-]+|\[[^\]]*\]|\.\*)*`)
	statesInput  = regexp.MustCompile(`\$states\.input((?:\.[A-Za-z0-9_-]+)*)`)
	anyVariable  = regexp.MustCompile(`\$[A-Za-z_]`)
	statesResult = "$states.result"
)

// handedTo reads the input and output fields of a Task state. Source: Amazon States
// Language specification, "Input and Output Processing".
func handedTo(s map[string]any) handed {
	h := handed{dropped: dropsResult(s)}
	params, given := s["Parameters"]
	if !given {
		params, given = s["Arguments"]
	}
	input, narrowed := s["InputPath"]
	path, isPath := input.(string)
	switch {
	case narrowed && input == nil:
		h.known = true // the task gets an empty object, and its parameters take from that
		h.paths = contextPaths(params)
		return h
	case !given && (!narrowed || path == "$" || !isPath):
		return h
	case !given:
		h.paths, h.known = []string{path}, true
		return h
	}
	h.known = true
	for _, p := range references(params) {
		if isPath && path != "$" && strings.HasPrefix(p, "$") {
			p = path + strings.TrimPrefix(p, "$")
		}
		h.paths = append(h.paths, p)
	}
	slices.Sort(h.paths)
	h.paths = slices.Compact(h.paths)
	return h
}

// contextPaths is what parameters take from outside the input: the input of the whole
// execution is in the context object.
func contextPaths(params any) []string {
	out := []string{}
	eachExpression(params, func(s string) {
		if strings.Contains(s, "Execution.Input") || strings.HasPrefix(s, "{%") {
			out = append(out, "$")
		}
	})
	slices.Sort(out)
	return slices.Compact(out)
}

// references lists the paths of the input that parameters take.
func references(params any) []string {
	out := []string{}
	eachExpression(params, func(s string) {
		if strings.HasPrefix(s, "{%") {
			out = append(out, queryPaths(s)...)
			return
		}
		for _, p := range jsonPath.FindAllString(s, -1) {
			switch {
			case strings.HasPrefix(p, "$$.Execution.Input"):
				out = append(out, "$")
			case !strings.HasPrefix(p, "$$"):
				out = append(out, p)
			}
		}
	})
	return out
}

// queryPaths lists what a JSONata expression takes; of other variables than the input
// nothing is known, so they stand for everything.
func queryPaths(s string) []string {
	var out []string
	for _, m := range statesInput.FindAllStringSubmatch(s, -1) {
		out = append(out, "$"+m[1])
	}
	if rest := statesInput.ReplaceAllString(s, ""); anyVariable.MatchString(rest) {
		out = append(out, "$")
	}
	return out
}

// eachExpression calls f for every value that is computed: those of keys that end in
// ".$", and JSONata anywhere.
func eachExpression(v any, f func(string)) {
	switch v := v.(type) {
	case map[string]any:
		for _, k := range slices.Sorted(maps.Keys(v)) {
			if s, ok := v[k].(string); ok && (strings.HasSuffix(k, ".$") || strings.HasPrefix(s, "{%")) {
				f(s)
				continue
			}
			eachExpression(v[k], f)
		}
	case []any:
		for _, x := range v {
			eachExpression(x, f)
		}
	case string:
		if strings.HasPrefix(v, "{%") {
			f(v)
		}
	}
}

// dropsResult tells whether nothing of a task's result goes on.
func dropsResult(s map[string]any) bool {
	if path, given := s["ResultPath"]; given && path == nil {
		return true
	}
	if out, given := s["Output"]; given {
		used := false
		eachExpression(out, func(e string) { used = used || strings.Contains(e, statesResult) || !strings.Contains(e, "$states.") })
		return !used && s["Assign"] == nil
	}
	return false
}

// answers tells whether a task gives back what its target answers, and not only that it
// was started.
func (t task) answers() bool {
	started := strings.Contains(t.resource, "states:startExecution") || strings.Contains(t.resource, "sfn:startExecution")
	waits := strings.Contains(t.resource, ".sync") || strings.HasSuffix(t.resource, ".waitForTaskToken")
	return !t.handed.dropped && (!started || waits) && !strings.EqualFold(t.param("InvocationType"), "Event")
}

// narrow notes on the flow of a task what it carries.
func (t task) narrow(f *graph.Flow, src graph.Source) {
	forward, backward := f.Kind.DataMoves()
	switch {
	case forward && backward || t.store:
		return
	case backward && t.handed.dropped:
		graph.Transformed.SetNote(&f.Facts, []string{}, "the result is thrown away", src)
	case forward && t.handed.known && !slices.Contains(t.handed.paths, "$"):
		paths := t.handed.paths
		if paths == nil {
			paths = []string{}
		}
		graph.Transformed.Set(&f.Facts, paths, src)
	}
	if f.Kind == graph.Invokes {
		graph.ReturnsResult.Set(&f.Facts, t.answers(), src)
	}
}
