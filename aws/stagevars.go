package aws

import (
	"net/url"
	"regexp"
	"slices"
	"strings"
)

// stageVariables are the variables of an API's stages with the references each value
// holds; the same variable may mean another resource in each stage.
type stageVariables map[string][]string

func (s stageVariables) add(name string, v Value) {
	for _, ref := range v.Refs {
		if !slices.Contains(s[name], ref) {
			s[name] = append(s[name], ref)
		}
	}
}

// stageVariable is a variable in an integration's address. Source: Amazon API Gateway
// Developer Guide, "API Gateway stage variables reference".
var stageVariable = regexp.MustCompile(`\$\{stageVariables\.([A-Za-z0-9_]+)\}`)

// expand puts the values of the stages into an address, once for each reference.
// An address whose variables nobody knows stays as it is.
func (s stageVariables) expand(address string) []string {
	m := stageVariable.FindStringSubmatchIndex(address)
	if m == nil {
		return []string{address}
	}
	refs := slices.Sorted(slices.Values(s[address[m[2]:m[3]]]))
	if len(refs) == 0 {
		return []string{address}
	}
	var out []string
	for _, ref := range refs {
		before := address[:m[0]]
		// A variable may hold the whole ARN or address where a name would do.
		if i := strings.LastIndex(before, "arn:"); strings.HasPrefix(ref, "arn:") && i >= 0 && !strings.Contains(before[i:], "/functions/") {
			before = before[:i]
		}
		if _, _, whole := strings.Cut(ref, "://"); whole && strings.HasSuffix(before, "://") {
			before = ""
		}
		out = append(out, s.expand(before+ref+address[m[1]:])...)
	}
	return slices.Compact(out)
}

// formNames are the parameters of query services that name a resource.
var formNames = []string{"TopicArn", "TargetArn", "QueueUrl"}

// fromForm reads the target out of a template in form encoding, also where the
// template encodes a literal: TopicArn=$util.urlEncode('arn:...').
func fromForm(template string, named map[string]string) {
	for _, line := range strings.FieldsFunc(template, func(r rune) bool { return r == '&' || r == '\n' }) {
		name, value, ok := strings.Cut(strings.TrimSpace(line), "=")
		if !ok || !slices.Contains(formNames, name) {
			continue
		}
		if plain, err := url.QueryUnescape(value); err == nil {
			value = plain
		}
		if i := strings.IndexAny(value, "'\""); i >= 0 && strings.HasPrefix(value, "$") {
			value, _, _ = strings.Cut(value[i+1:], value[i:i+1])
		}
		if name == "TargetArn" {
			name = "TopicArn"
		}
		if named[name] == "" && !strings.Contains(value, "$") {
			named[name] = value
		}
	}
}
