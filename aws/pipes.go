package aws

import (
	"context"

	awssdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/pipes"

	"github.com/flowdeed/flowdeed/graph"
)

var pipesService = &Service{
	Name: "pipes",
	Doc:  "Pipes: source, enrichment, target, filter and payload logging.",
	Calls: []Call{
		{Operation: "ListPipes", Action: "pipes:ListPipes"},
		{Operation: "DescribePipe", Action: "pipes:DescribePipe", Values: []string{"TargetParameters.InputTemplate", "EnrichmentParameters.InputTemplate", "EnrichmentParameters.HttpParameters.HeaderParameters{}", "TargetParameters.HttpParameters.HeaderParameters{}"}},
	},
	Collect: func(ctx context.Context, c *Collector) {
		api := pipes.NewFromConfig(c.Config)
		var names []string
		for _, p := range pages(ctx, c, "ListPipes", "", pipes.NewListPipesPaginator(api, &pipes.ListPipesInput{})) {
			for _, x := range p.Pipes {
				names = append(names, awssdk.ToString(x.Name))
			}
		}
		each(ctx, names, func(name string) {
			ask(ctx, c, "DescribePipe", name, api.DescribePipe, &pipes.DescribePipeInput{Name: awssdk.String(name)})
		})
	},
	Build: buildPipes,
}

type pipe struct {
	Name, Arn, Source, Enrichment, Target, RoleArn, KmsKeyIdentifier, CurrentState string
	LogConfiguration                                                               *struct {
		Level, CloudwatchLogsLogDestination string
		IncludeExecutionData                []string
	}
	SourceParameters *struct {
		FilterCriteria           *struct{ Filters []struct{ Pattern string } }
		KinesisStreamParameters  *struct{ DeadLetterConfig *struct{ Arn string } }
		DynamoDBStreamParameters *struct{ DeadLetterConfig *struct{ Arn string } }
	}
	EnrichmentParameters, TargetParameters *struct{ InputTemplate *Value }
	Tags                                   map[string]string
}

func buildPipes(r *Region) {
	const op = "DescribePipe"
	for _, list := range r.each("ListPipes") {
		for _, x := range decode[struct {
			Pipes []struct{ Name, Arn, Source, Target, Enrichment string }
		}](list).Pipes {
			a := r.answer(op, x.Name)
			p := decode[pipe](a)
			n := r.node(graph.Node{ID: graph.ID(x.Arn), Class: graph.Pipe, Kind: "pipes.pipe", Type: "AWS::Pipes::Pipe", Name: x.Name})
			tagNode(n, p.Tags)
			src := r.source(op, "KmsKeyIdentifier")
			graph.ProviderEnforced.Set(&n.Facts, true, src)
			switch {
			case p.KmsKeyIdentifier != "":
				r.encrypted(n, "KMS", p.KmsKeyIdentifier, src)
			case a.OK():
				r.encryptedBy(n, "default", graph.KeyProviderOwned, "no key named: the service's own key", src)
			default:
				r.restUnknown(n, r.why(op, a), src)
			}
			// The list names both ends, so that the flows stand even when the description was refused.
			r.pipeFlows(n, x.Source, orElse(p.Enrichment, x.Enrichment), x.Target, p, a)
			r.pipeLogging(n, p, a)
			if p.RoleArn != "" {
				r.flow(graph.Assumes, x.Arn, p.RoleArn, "", r.source(op, "RoleArn"), "")
			}
		}
	}
}

func (r *Region) pipeFlows(n *graph.Node, source, enrichment, target string, p pipe, a *Answer) {
	const op = "DescribePipe"
	f := r.flow(graph.Triggers, source, string(n.ID), "source", r.source("ListPipes", "Pipes[].Source"), p.CurrentState)
	dlq := ""
	if s := p.SourceParameters; s != nil {
		if s.FilterCriteria != nil && len(s.FilterCriteria.Filters) > 0 {
			graph.Filtered.Set(&f.Facts, s.FilterCriteria.Filters[0].Pattern, r.source(op, "SourceParameters.FilterCriteria.Filters[].Pattern"))
		}
		if k := s.KinesisStreamParameters; k != nil && k.DeadLetterConfig != nil {
			dlq = k.DeadLetterConfig.Arn
		}
		if d := s.DynamoDBStreamParameters; d != nil && d.DeadLetterConfig != nil {
			dlq = d.DeadLetterConfig.Arn
		}
	}
	if dlq != "" {
		r.flow(graph.DeadLetters, string(n.ID), dlq, "dead-letter queue", r.source(op, "SourceParameters.DeadLetterConfig.Arn"), "")
	}
	fact(r, &f.Facts, graph.FailureTarget, when(a.OK(), dlq), op, a, "SourceParameters.DeadLetterConfig.Arn")
	if enrichment != "" {
		e := r.flow(graph.Invokes, string(n.ID), enrichment, "enrichment", r.source(op, "Enrichment"), "")
		graph.ReturnsResult.Set(&e.Facts, true, r.source(op, "Enrichment"))
		if t := p.EnrichmentParameters; t != nil && t.InputTemplate != nil && t.InputTemplate.Paths != nil {
			graph.Transformed.Set(&e.Facts, append([]string{}, t.InputTemplate.Paths...), r.source(op, "EnrichmentParameters.InputTemplate"))
		}
	}
	to := r.flow(graph.Delivers, string(n.ID), target, "target", r.source("ListPipes", "Pipes[].Target"), "")
	if t := p.TargetParameters; t != nil && t.InputTemplate != nil && t.InputTemplate.Paths != nil && enrichment == "" {
		// Behind an enrichment the template takes parts of the answer, not of the event.
		graph.Transformed.Set(&to.Facts, append([]string{}, t.InputTemplate.Paths...), r.source(op, "TargetParameters.InputTemplate"))
	}
}

func (r *Region) pipeLogging(n *graph.Node, p pipe, a *Answer) {
	const op = "DescribePipe"
	l := p.LogConfiguration
	fact(r, &n.Facts, graph.LoggingOn, when(a.OK(), l != nil && l.Level != "OFF"), op, a, "LogConfiguration.Level")
	fact(r, &n.Facts, graph.PayloadLogging, when(a.OK(), l != nil && l.Level != "OFF" && len(l.IncludeExecutionData) > 0), op, a, "LogConfiguration.IncludeExecutionData[]")
}
