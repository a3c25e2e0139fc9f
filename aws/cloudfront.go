package aws

import (
	"context"
	"slices"
	"strings"

	awssdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudfront"

	"github.com/flowdeed/flowdeed/graph"
)

var cloudfrontService = &Service{
	Name:   "cloudfront",
	Doc:    "Distributions: viewer and origin protocol, certificate, logging, functions at the edge.",
	Global: true,
	Calls: []Call{
		{Operation: "ListDistributions", Action: "cloudfront:ListDistributions"},
		{Operation: "GetDistributionConfig", Action: "cloudfront:GetDistributionConfig", Values: []string{"DistributionConfig.Origins.Items[].CustomHeaders.Items[].HeaderValue"}},
	},
	Collect: func(ctx context.Context, c *Collector) {
		api := cloudfront.NewFromConfig(c.Config)
		for _, p := range pages(ctx, c, "ListDistributions", "", cloudfront.NewListDistributionsPaginator(api, &cloudfront.ListDistributionsInput{})) {
			if p.DistributionList == nil {
				continue
			}
			for _, d := range p.DistributionList.Items {
				ask(ctx, c, "GetDistributionConfig", awssdk.ToString(d.Id), api.GetDistributionConfig, &cloudfront.GetDistributionConfigInput{Id: d.Id})
			}
		}
	},
	Build: buildCloudFront,
}

type cacheBehavior struct {
	PathPattern, TargetOriginId, ViewerProtocolPolicy string
	LambdaFunctionAssociations                        *struct {
		Items []struct{ LambdaFunctionARN string }
	}
}

type origin struct {
	Id, DomainName, OriginAccessControlId string
	CustomOriginConfig                    *struct {
		OriginProtocolPolicy string
		OriginSslProtocols   *struct{ Items []string }
	}
	S3OriginConfig *struct{ OriginAccessIdentity string }
}

type distribution struct {
	Id, ARN, DomainName, Comment, WebACLId string
	Aliases                                *struct{ Items []string }
	Origins                                *struct{ Items []origin }
	DefaultCacheBehavior                   *cacheBehavior
	CacheBehaviors                         *struct{ Items []cacheBehavior }
	ViewerCertificate                      *struct {
		MinimumProtocolVersion       string
		CloudFrontDefaultCertificate bool
	}
	Logging *struct {
		Enabled bool
		Bucket  string
	}
}

func buildCloudFront(r *Region) {
	const op = "GetDistributionConfig"
	for _, list := range r.each("ListDistributions") {
		l := decode[struct {
			DistributionList *struct{ Items []distribution }
		}](list).DistributionList
		if l == nil {
			continue
		}
		for _, s := range l.Items {
			a := r.answer(op, s.Id)
			d := decode[struct{ DistributionConfig *distribution }](a).DistributionConfig
			if d == nil {
				d = &distribution{}
			}
			n := r.node(graph.Node{
				ID: graph.ID(ARN{r.Partition, "cloudfront", "", r.Account, "distribution/" + s.Id}.String()), Class: graph.CDN, Kind: "cloudfront.distribution",
				Type: "AWS::CloudFront::Distribution", Name: orElse(firstAlias(d), s.DomainName), Aliases: append([]string{s.Id, strings.ToLower(s.DomainName)}, aliasesOf(d)...),
			})
			r.viewers(n, d, a)
			r.origins(n, d, a)
			r.cdnLogs(n, d, a)
		}
	}
}

func aliasesOf(d *distribution) []string {
	if d.Aliases == nil {
		return nil
	}
	return d.Aliases.Items
}

func firstAlias(d *distribution) string {
	if a := aliasesOf(d); len(a) > 0 {
		return a[0]
	}
	return ""
}

func (d *distribution) behaviors() []cacheBehavior {
	var out []cacheBehavior
	if d.DefaultCacheBehavior != nil {
		out = append(out, *d.DefaultCacheBehavior)
	}
	if d.CacheBehaviors != nil {
		out = append(out, d.CacheBehaviors.Items...)
	}
	return out
}

// viewers: every behaviour must refuse or redirect plain HTTP.
func (r *Region) viewers(n *graph.Node, d *distribution, a *Answer) {
	const op = "GetDistributionConfig"
	x := &n.Facts
	src := r.source(op, "DistributionConfig.DefaultCacheBehavior.ViewerProtocolPolicy")
	graph.InternetFacing.SetNote(x, true, "distributions are public", r.source("ListDistributions", "DistributionList.Items[].DomainName"))
	verdict := graph.TransitEnforced
	for _, b := range d.behaviors() {
		if b.ViewerProtocolPolicy == "allow-all" {
			verdict = graph.TransitOffered
			if b.PathPattern != "" {
				src = r.source(op, "DistributionConfig.CacheBehaviors.Items["+b.PathPattern+"].ViewerProtocolPolicy")
			}
		}
	}
	fact(r, x, graph.ClientTransit, when(a.OK() && len(d.behaviors()) > 0, verdict), op, a, "DistributionConfig.DefaultCacheBehavior.ViewerProtocolPolicy")
	if a.OK() {
		graph.ClientTransit.Set(x, verdict, src)
	}
	minimum := ""
	if c := d.ViewerCertificate; c != nil {
		minimum = cdnTLS(c.MinimumProtocolVersion, c.CloudFrontDefaultCertificate)
	} else if a.OK() {
		minimum = "1.0" // the default certificate accepts TLS 1.0
	}
	fact(r, x, graph.TLSMinimum, nilIfEmpty(minimum), op, a, "DistributionConfig.ViewerCertificate.MinimumProtocolVersion")
	fact(r, x, graph.WebFirewall, when(a.OK(), d.WebACLId != ""), op, a, "DistributionConfig.WebACLId")
	f := r.flow(graph.Exposes, string(graph.Internet), string(n.ID), "", r.source("ListDistributions", "DistributionList.Items[].DomainName"), "")
	graph.EntryAuth.Set(&f.Facts, graph.AuthNone, r.source("ListDistributions", "DistributionList.Items[].DomainName"))
	if a.OK() {
		graph.InTransit.Set(&f.Facts, verdict, src)
	} else {
		graph.InTransit.Unknown(&f.Facts, r.why(op, a), src)
	}
}

// cdnTLS: with the default certificate CloudFront accepts TLS 1.0 whatever is set.
// Source: Amazon CloudFront Developer Guide, "Distribution settings reference".
func cdnTLS(version string, defaultCertificate bool) string {
	if defaultCertificate {
		return "1.0"
	}
	switch {
	case version == "SSLv3":
		return "1.0"
	case strings.HasPrefix(version, "TLSv1.3"):
		return "1.3"
	case strings.HasPrefix(version, "TLSv1.2"):
		return "1.2"
	case strings.HasPrefix(version, "TLSv1.1"):
		return "1.1"
	case strings.HasPrefix(version, "TLSv1"):
		return "1.0"
	}
	return ""
}

func (r *Region) origins(n *graph.Node, d *distribution, a *Answer) {
	const op = "GetDistributionConfig"
	if d.Origins == nil {
		graph.OriginTransit.Unknown(&n.Facts, r.why(op, a), r.source(op, "DistributionConfig.Origins.Items[].CustomOriginConfig.OriginProtocolPolicy"))
		return
	}
	viewer := graph.ClientTransit.Get(&n.Facts)
	worst := graph.TransitInternal
	for _, o := range d.Origins.Items {
		verdict, why := originTransit(o, viewer.V)
		worst = weaker(worst, verdict)
		target := "https://" + strings.ToLower(o.DomainName)
		if verdict == graph.TransitPlain {
			target = "http://" + strings.ToLower(o.DomainName)
		}
		f := r.flow(graph.RoutesTo, string(n.ID), target, o.Id, r.source(op, "DistributionConfig.Origins.Items[].DomainName"), "")
		graph.InTransit.SetNote(&f.Facts, verdict, why, r.source(op, "DistributionConfig.Origins.Items[].CustomOriginConfig.OriginProtocolPolicy"))
	}
	graph.OriginTransit.Set(&n.Facts, worst, r.source(op, "DistributionConfig.Origins.Items[].CustomOriginConfig.OriginProtocolPolicy"))
	for _, b := range d.behaviors() {
		if b.LambdaFunctionAssociations == nil {
			continue
		}
		for _, l := range b.LambdaFunctionAssociations.Items {
			r.flow(graph.Invokes, string(n.ID), l.LambdaFunctionARN, b.PathPattern, r.source(op, "DistributionConfig.DefaultCacheBehavior.LambdaFunctionAssociations.Items[].LambdaFunctionARN"), "at the edge")
		}
	}
}

func originTransit(o origin, viewer graph.Transit) (graph.Transit, string) {
	if o.CustomOriginConfig == nil {
		return graph.TransitInternal, "bucket origin"
	}
	switch o.CustomOriginConfig.OriginProtocolPolicy {
	case "https-only":
		return graph.TransitEnforced, "https-only"
	case "http-only":
		return graph.TransitPlain, "http-only"
	case "match-viewer":
		if viewer == graph.TransitEnforced {
			return graph.TransitEnforced, "match-viewer, and viewers use HTTPS"
		}
		return graph.TransitPlain, "match-viewer, and viewers may use HTTP"
	}
	return graph.TransitUnknown, "origin protocol policy not reported"
}

// weakness orders verdicts from best to worst.
var weakness = []graph.Transit{graph.TransitInternal, graph.TransitEnforced, graph.TransitOffered, graph.TransitUnknown, graph.TransitPlain}

func weaker(a, b graph.Transit) graph.Transit {
	if slices.Index(weakness, b) > slices.Index(weakness, a) {
		return b
	}
	return a
}

func (r *Region) cdnLogs(n *graph.Node, d *distribution, a *Answer) {
	const op = "GetDistributionConfig"
	targets := []string{}
	if d.Logging != nil && d.Logging.Enabled && d.Logging.Bucket != "" {
		bucket := ARN{r.Partition, "s3", "", "", strings.SplitN(d.Logging.Bucket, ".", 2)[0]}.String()
		targets = append(targets, bucket)
		r.flow(graph.LogsTo, string(n.ID), bucket, "access log", r.source(op, "DistributionConfig.Logging.Bucket"), "")
	}
	fact(r, &n.Facts, graph.LoggingOn, when(a.OK(), len(targets) > 0), op, a, "DistributionConfig.Logging.Bucket")
	fact(r, &n.Facts, graph.LogTargets, when(a.OK(), targets), op, a, "DistributionConfig.Logging.Bucket")
}
