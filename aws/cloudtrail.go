package aws

import (
	"context"
	"slices"
	"strings"

	awssdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudtrail"

	"github.com/flowdeed/flowdeed/graph"
)

var cloudtrailService = &Service{
	Name: "cloudtrail",
	Doc:  "Trails: what they record, where they deliver, whether the files are signed. Events are never read.",
	Calls: []Call{
		{Operation: "DescribeTrails", Action: "cloudtrail:DescribeTrails"},
		{Operation: "GetTrailStatus", Action: "cloudtrail:GetTrailStatus"},
		{Operation: "GetEventSelectors", Action: "cloudtrail:GetEventSelectors"},
	},
	Collect: func(ctx context.Context, c *Collector) {
		api := cloudtrail.NewFromConfig(c.Config)
		// Shadow trails are those of other Regions that record this one as well. Each
		// trail is asked at home, or from here when its home is not scanned.
		out := ask(ctx, c, "DescribeTrails", "", api.DescribeTrails, &cloudtrail.DescribeTrailsInput{IncludeShadowTrails: awssdk.Bool(true)})
		if out == nil {
			return
		}
		for _, t := range out.TrailList {
			arn, home := awssdk.ToString(t.TrailARN), awssdk.ToString(t.HomeRegion)
			if home != "" && home != c.Region && (len(c.scan.opt.Regions) == 0 || slices.Contains(c.scan.opt.Regions, home)) {
				continue
			}
			ask(ctx, c, "GetTrailStatus", arn, api.GetTrailStatus, &cloudtrail.GetTrailStatusInput{Name: t.TrailARN})
			ask(ctx, c, "GetEventSelectors", arn, api.GetEventSelectors, &cloudtrail.GetEventSelectorsInput{TrailName: t.TrailARN})
		}
	},
	Build: buildCloudTrail,
}

type trail struct {
	Name, TrailARN, S3BucketName, KmsKeyId, CloudWatchLogsLogGroupArn, HomeRegion string
	IsMultiRegionTrail, LogFileValidationEnabled, IsOrganizationTrail             *bool
}

type fieldSelector struct {
	Field                                                               string
	Equals, NotEquals, StartsWith, EndsWith, NotStartsWith, NotEndsWith []string
}

type eventSelectors struct {
	EventSelectors []struct {
		ReadWriteType           string
		IncludeManagementEvents *bool
		DataResources           []struct {
			Type   string
			Values []string
		}
	}
	AdvancedEventSelectors []struct{ FieldSelectors []fieldSelector }
}

func buildCloudTrail(r *Region) {
	for _, list := range r.each("DescribeTrails") {
		for _, t := range decode[struct{ TrailList []trail }](list).TrailList {
			if t.HomeRegion == "" || t.HomeRegion == r.Region || !r.scanned[place{r.Account, t.HomeRegion}] {
				r.trail(t, list)
			}
		}
	}
	r.afterNodes(r.recordedStores)
}

func (r *Region) trail(t trail, list *Answer) {
	const op = "DescribeTrails"
	n := r.node(graph.Node{ID: graph.ID(t.TrailARN), Class: graph.Trail, Kind: "cloudtrail.trail", Type: "AWS::CloudTrail::Trail", Name: t.Name, Region: t.HomeRegion})
	x := &n.Facts
	// An organisation's trail is listed in every member account and records them all.
	accounts := append(slices.Clone(graph.RecordsAccounts.Get(x).V), r.Account)
	slices.Sort(accounts)
	graph.RecordsAccounts.Set(x, slices.Compact(accounts), r.source(op, "trailList[].TrailARN"))
	fact(r, x, graph.MultiRegion, boolOf(list.OK(), t.IsMultiRegionTrail), op, list, "trailList[].IsMultiRegionTrail")
	fact(r, x, graph.Validation, boolOf(list.OK(), t.LogFileValidationEnabled), op, list, "trailList[].LogFileValidationEnabled")
	src := r.source(op, "trailList[].KmsKeyId")
	if t.KmsKeyId != "" {
		r.encrypted(n, "SSE-KMS", t.KmsKeyId, src)
	} else {
		// Source: AWS CloudTrail User Guide, "Encrypting CloudTrail log files": without a key SSE-S3 is used.
		r.encryptedBy(n, "SSE-S3", graph.KeyProviderOwned, "no key named: SSE-S3", src)
	}
	status := r.answer("GetTrailStatus", t.TrailARN)
	fact(r, x, graph.LoggingOn, boolOf(status.OK(), decode[struct{ IsLogging *bool }](status).IsLogging), "GetTrailStatus", status, "IsLogging")
	targets := []string{}
	if t.S3BucketName != "" {
		bucket := ARN{r.Partition, "s3", "", "", t.S3BucketName}.String()
		targets = append(targets, bucket)
		r.flow(graph.LogsTo, t.TrailARN, bucket, "trail delivery", r.source(op, "trailList[].S3BucketName"), "")
		r.afterNodes(func() {
			if b := r.sys.Graph.Node(graph.ID(bucket)); b != nil {
				graph.AuditStore.Set(&b.Facts, true, r.source(op, "trailList[].S3BucketName"))
			}
		})
	}
	if t.CloudWatchLogsLogGroupArn != "" {
		targets = append(targets, t.CloudWatchLogsLogGroupArn)
		r.flow(graph.LogsTo, t.TrailARN, t.CloudWatchLogsLogGroupArn, "trail delivery", r.source(op, "trailList[].CloudWatchLogsLogGroupArn"), "")
	}
	graph.LogTargets.Set(x, targets, r.source(op, "trailList[].S3BucketName"))
	r.trailSelectors(n, t)
}

// trailSelectors reads which management and data events a trail records. A pattern
// is "read|write|all TYPE PREFIX".
func (r *Region) trailSelectors(n *graph.Node, t trail) {
	const op = "GetEventSelectors"
	a := r.answer(op, t.TrailARN)
	if !a.OK() {
		graph.ManagementEvents.Unknown(&n.Facts, r.why(op, a), r.source(op, "EventSelectors[].IncludeManagementEvents"))
		graph.DataEventsFor.Unknown(&n.Facts, r.why(op, a), r.source(op, "EventSelectors[].DataResources[].Values[]"))
		return
	}
	s := decode[eventSelectors](a)
	var reads, writes bool
	patterns := []string{}
	for _, e := range s.EventSelectors {
		if e.IncludeManagementEvents == nil || *e.IncludeManagementEvents {
			reads = reads || e.ReadWriteType != "WriteOnly"
			writes = writes || e.ReadWriteType != "ReadOnly"
		}
		for _, d := range e.DataResources {
			for _, v := range d.Values {
				patterns = append(patterns, modeOf(e.ReadWriteType)+" "+d.Type+" "+v)
			}
		}
	}
	for _, e := range s.AdvancedEventSelectors {
		p, management := advanced(e.FieldSelectors)
		if management != "" {
			reads = reads || management != "write"
			writes = writes || management != "read"
		}
		patterns = append(patterns, p...)
	}
	graph.ManagementEvents.Set(&n.Facts, map[[2]bool]string{{true, true}: "all", {true, false}: "read-only", {false, true}: "write-only", {false, false}: "none"}[[2]bool{reads, writes}], r.source(op, "EventSelectors[].IncludeManagementEvents"))
	slices.Sort(patterns)
	graph.DataEventsFor.Set(&n.Facts, patterns, r.source(op, "EventSelectors[].DataResources[].Values[]"))
	r.audits = append(r.audits, auditTrail{n, patterns})
}

func modeOf(readWriteType string) string {
	switch readWriteType {
	case "ReadOnly":
		return "read"
	case "WriteOnly":
		return "write"
	}
	return "all"
}

// advanced reads one advanced selector: the data patterns, or the mode of the
// management events it records. A selector narrowed by event names or in any other
// way than by resource records a part only, which is not counted as coverage.
func advanced(fields []fieldSelector) (patterns []string, management string) {
	mode, typ := "all", ""
	prefixes := []string{""}
	category, narrowed := "", false
	for _, f := range fields {
		switch f.Field {
		case "eventCategory":
			category = strings.Join(f.Equals, ",")
		case "readOnly":
			if contains(f.Equals, "true") {
				mode = "read"
			} else {
				mode = "write"
			}
		case "resources.type":
			typ = strings.Join(f.Equals, ",")
		case "resources.ARN":
			prefixes = slices.Concat(f.Equals, f.StartsWith)
			narrowed = narrowed || len(prefixes) == 0 || len(f.NotEquals)+len(f.NotStartsWith)+len(f.EndsWith)+len(f.NotEndsWith) > 0
		default:
			narrowed = true
		}
	}
	switch {
	case category == "Management" && !narrowed:
		return nil, mode
	case category != "Data" || narrowed:
		return nil, ""
	}
	for _, p := range prefixes {
		patterns = append(patterns, mode+" "+typ+" "+p)
	}
	return patterns, ""
}

// dataTypes are the resource types of data events by class of store.
// Source: AWS CloudTrail User Guide, "Logging data events".
var dataTypes = map[graph.Class]string{
	graph.Bucket: "AWS::S3::Object", graph.Table: "AWS::DynamoDB::Table", graph.Function: "AWS::Lambda::Function",
	graph.Queue: "AWS::SQS::Queue", graph.Topic: "AWS::SNS::Topic", graph.Stream: "AWS::Kinesis::Stream",
}

// recordedStores says of every store of the account whether a trail records reads and
// writes of its data. It stays unknown when any trail of the account could not be read.
func (r *Region) recordedStores() {
	src := r.source("GetEventSelectors", "EventSelectors[].DataResources[].Values[]")
	unread := r.trailsUnread()
	for _, n := range r.index.placed[place{r.Account, r.Region}] {
		typ, ok := dataTypes[n.Class]
		if !ok || n.External {
			continue
		}
		reads, writes := covered(r.Builder, n, typ)
		switch {
		case (!reads || !writes) && unread != "":
			graph.DataReads.Unknown(&n.Facts, unread, src)
			graph.DataWrites.Unknown(&n.Facts, unread, src)
		default:
			graph.DataReads.Set(&n.Facts, reads, src)
			graph.DataWrites.Set(&n.Facts, writes, src)
		}
	}
}

// trailsUnread says which call about trails of the account failed, or "".
func (r *Region) trailsUnread() string {
	for _, o := range r.index.regions[inAccount{r.Account, "cloudtrail"}] {
		for _, op := range []string{"DescribeTrails", "GetEventSelectors"} {
			for _, a := range o.each(op) {
				if !known(a) {
					return a.Why("cloudtrail:" + op)
				}
			}
		}
	}
	return ""
}

func covered(b *Builder, n *graph.Node, typ string) (reads, writes bool) {
	for _, t := range b.index.audits[n.Account] {
		home := t.node.Region == n.Region || graph.Is(graph.MultiRegion.Get(&t.node.Facts), true)
		if !home || graph.Is(graph.LoggingOn.Get(&t.node.Facts), false) {
			continue
		}
		for _, p := range t.patterns {
			f := strings.SplitN(p, " ", 3)
			if len(f) < 3 || f[1] != typ || !coversARN(f[2], string(n.ID)) {
				continue
			}
			reads = reads || f[0] != "write"
			writes = writes || f[0] != "read"
		}
	}
	return reads, writes
}

// coversARN tells whether a selector's value covers a whole resource: "arn:aws:s3" all
// buckets, "arn:aws:s3:::b/" one, a function's own ARN, "" everything of the type.
func coversARN(value, arn string) bool {
	if value == "" || value == arn || value == arn+"/" {
		return true
	}
	prefix := strings.TrimSuffix(value, "/")
	return strings.Count(value, ":") <= 5 && strings.HasPrefix(arn, prefix) && (len(prefix) == len(arn) || strings.HasSuffix(prefix, ":") || arn[len(prefix)] == ':')
}
