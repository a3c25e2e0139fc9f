package aws

import (
	"context"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"

	"github.com/flowdeed/flowdeed/graph"
)

// This file reads the names of fields of log events that people wrote down: in patterns of
// metric filters, in saved queries, in formats of access logs. The patterns and
// queries themselves are read in memory and dropped.

func collectLogNames(ctx context.Context, c *Collector, api *cloudwatchlogs.Client) {
	pages(ctx, c, "DescribeMetricFilters", "", cloudwatchlogs.NewDescribeMetricFiltersPaginator(api, &cloudwatchlogs.DescribeMetricFiltersInput{}))
	tokens(ctx, c, "DescribeQueryDefinitions", "", func(ctx context.Context, token *string) (*cloudwatchlogs.DescribeQueryDefinitionsOutput, *string, error) {
		out, err := api.DescribeQueryDefinitions(ctx, &cloudwatchlogs.DescribeQueryDefinitionsInput{NextToken: token})
		if err != nil {
			return nil, nil, err
		}
		return out, out.NextToken, nil
	})
}

// keepMetricFilters leaves of a metric filter the fields its pattern names and those it
// counts by. What the pattern compares them with may be anybody's.
func keepMetricFilters(answer map[string]any) {
	for _, f := range entriesOf(answer, "MetricFilters") {
		names := filterFields(text(f["FilterPattern"]))
		for _, m := range entriesOf(f, "MetricTransformations") {
			names = append(names, selectors(text(m["MetricValue"]))...)
			dimensions, _ := m["Dimensions"].(map[string]any)
			for _, k := range slices.Sorted(maps.Keys(dimensions)) {
				names = append(names, selectors(text(dimensions[k]))...)
			}
		}
		keep(f, "FilterName", "LogGroupName")
		f["Fields"] = listed(names)
	}
}

// keepQueries leaves of a saved query the fields it names.
func keepQueries(answer map[string]any) {
	for _, q := range entriesOf(answer, "QueryDefinitions") {
		var names []string
		if language := text(q["QueryLanguage"]); language == "" || language == "CWLI" {
			names = queryFields(text(q["QueryString"]))
		}
		keep(q, "Name", "LogGroupNames", "QueryLanguage")
		q["Fields"] = listed(names)
	}
}

func listed(names []string) []any {
	out := []any{}
	for _, n := range slices.Compact(slices.Sorted(slices.Values(names))) {
		out = append(out, n)
	}
	return out
}

var (
	quotedText = regexp.MustCompile(`"(?:\\.|[^"\\])*"`)
	// jsonSelector is a selector, or a text in quotes, which a selector may hold and a value is.
	jsonSelector  = regexp.MustCompile(`\$(?:\.?\[(?:'[^']*'|"[^"]*"|[0-9*]+)\]|\.[\w@:-]+)+|"(?:\\.|[^"\\])*"`)
	selectorStep  = regexp.MustCompile(`\['([^']*)'\]|\["([^"]*)"\]|(\[[0-9*]+\])|\.([\w@:-]+)`)
	delimitedName = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_-]*`)
)

// filterFields lists the fields a filter pattern names. Source: Amazon CloudWatch Logs user
// guide, "Filter pattern syntax": selectors "$.a.b" in braces, names between commas in
// brackets. A pattern of words names none.
func filterFields(pattern string) []string {
	out := []string{}
	switch p := strings.TrimSpace(pattern); {
	case strings.HasPrefix(p, "{"):
		out = append(out, selectors(p)...)
	case strings.HasPrefix(p, "[") && strings.HasSuffix(p, "]"):
		for _, part := range strings.Split(quotedText.ReplaceAllString(p[1:len(p)-1], ""), ",") {
			if name := delimitedName.FindString(strings.TrimSpace(part)); name != "" {
				out = append(out, name)
			}
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// selectors lists the fields of JSON events that a text selects, without the "$.".
func selectors(s string) []string {
	var out []string
	for _, m := range jsonSelector.FindAllString(s, -1) {
		if !strings.HasPrefix(m, "$") {
			continue
		}
		path := ""
		for _, step := range selectorStep.FindAllStringSubmatch(m, -1) {
			if step[3] != "" {
				path += step[3]
			} else {
				path = below(path, step[1]+step[2]+step[4])
			}
		}
		out = append(out, path)
	}
	return out
}

var (
	queryNoise = regexp.MustCompile(`(?m)#.*$|"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'|/(?:\\.|[^/\\\n])+/`)
	queryName  = regexp.MustCompile("`([^`]+)`|[0-9][\\w.]*|([@A-Za-z_][\\w.@]*)(\\s*\\()?")
	queryWords = strings.Fields(`fields display filter stats sort limit parse dedup unmask pattern diff by as and or not in like
		asc desc is null true false regexp source namePrefix start end filterIndex anomaly join lookup unnest into SOURCE`)
)

// queryFields lists the fields a saved query names; those that begin with "@" the service
// makes itself. Source: Amazon CloudWatch Logs user guide, "CloudWatch Logs Insights
// language query syntax".
func queryFields(query string) []string {
	out := []string{}
	for _, m := range queryName.FindAllStringSubmatch(queryNoise.ReplaceAllString(query, " "), -1) {
		name := orElse(m[1], m[2])
		if name == "" || m[3] != "" || strings.HasPrefix(name, "@") || slices.Contains(queryWords, name) {
			continue
		}
		out = append(out, name)
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// logFieldNames adds to log groups the fields that filters and queries name.
func (r *Region) logFieldNames() {
	found := findings{}
	r.metricFilters(found)
	r.savedQueries()
	found.put()
}

func (r *Region) logGroup(name string) *graph.Node {
	return r.sys.Graph.Node(graph.ID(r.arn("logs", "log-group:"+name)))
}

func (r *Region) metricFilters(found findings) {
	const op = "DescribeMetricFilters"
	src := r.source(op, "metricFilters[].filterPattern")
	for _, a := range r.each(op) {
		for _, f := range decode[struct {
			MetricFilters []struct {
				FilterName, LogGroupName string
				Fields                   []string
			}
		}](a).MetricFilters {
			found.add(r.logGroup(f.LogGroupName), "metric filter "+f.FilterName, src, namedFields(f.Fields, "log field"))
		}
		if why := r.whyNot(op, a); why != "" {
			for _, n := range r.index.placed[place{r.Account, r.Region}] {
				if n.Class == graph.LogGroup {
					found.lose(n, why, src)
				}
			}
		}
	}
}

// savedQueries adds what queries ask for as names: nobody says that events have it.
func (r *Region) savedQueries() {
	const op = "DescribeQueryDefinitions"
	for _, a := range r.each(op) {
		for _, q := range decode[struct {
			QueryDefinitions []struct {
				LogGroupNames []string
				Fields        []string
			}
		}](a).QueryDefinitions {
			for _, group := range q.LogGroupNames {
				if n := r.logGroup(group); n != nil {
					addNames(n, "saved query", q.Fields, r.source(op, "queryDefinitions[].queryString"))
				}
			}
		}
	}
}

// namedFields are fields of which only names are known.
func namedFields(names []string, of string) []graph.Field {
	out := make([]graph.Field, 0, len(names))
	for _, n := range names {
		out = append(out, graph.Field{Path: n, Of: of})
	}
	return out
}

// claim is a variable of an access log format that holds what a token or an authoriser
// says of the caller. Source: Amazon API Gateway developer guide, "Variables for access
// logging" and "Customize HTTP API access logs".
var claim = regexp.MustCompile(`^authorizer\.(?:claims\.)?([A-Za-z0-9_:.-]+)$`)

// aboutAuthorizer are the variables below "authorizer" that tell of the call to it.
var aboutAuthorizer = []string{"error", "integrationLatency", "integrationStatus", "latency", "requestId", "status", "integration"}

// loggedClaims adds to the log group of an access log what its lines hold of claims.
func (r *Region) loggedClaims(f *graph.Flow, destination, log string, src graph.Source) {
	var fields []graph.Field
	for _, v := range graph.LogFields.Get(&f.Facts).V {
		m := claim.FindStringSubmatch(v)
		if m == nil || slices.Contains(aboutAuthorizer, strings.Split(m[1], ".")[0]) {
			continue
		}
		fields = append(fields, graph.Field{Path: v, Name: m[1], Record: "claims", Of: "claim"})
	}
	r.afterNodes(func() {
		if n := r.resolve(reference{destination, r.Account, r.Region}); n != nil {
			found := findings{}
			found.add(n, log, src, fields)
			found.put()
		}
	})
}
