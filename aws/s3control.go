package aws

import (
	"context"
	"fmt"
	"slices"
	"strings"

	awssdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3control"

	"github.com/flowdeed/flowdeed/graph"
	policy "github.com/flowdeed/flowdeed/iam"
)

var s3controlService = &Service{
	Name: "s3control",
	Doc: "The public access block of the account, which holds for every bucket in it, and the access points of buckets with their policies. " +
		"Access points of several Regions and of S3 Object Lambda are not read.",
	Global: true,
	Calls: []Call{
		{Operation: "GetPublicAccessBlock", Action: "s3:GetAccountPublicAccessBlock"},
		{Operation: "ListAccessPoints", Action: "s3:ListAccessPoints"},
		{Operation: "GetAccessPoint", Action: "s3:GetAccessPoint"},
		{Operation: "GetAccessPointPolicy", Action: "s3:GetAccessPointPolicy"},
	},
	Collect: collectS3Control,
	Build:   buildS3Control,
}

func collectS3Control(ctx context.Context, c *Collector) {
	api := s3control.NewFromConfig(c.Config)
	ask(ctx, c, "GetPublicAccessBlock", c.Account, api.GetPublicAccessBlock, &s3control.GetPublicAccessBlockInput{AccountId: awssdk.String(c.Account)})
	each(ctx, c.Regions, func(region string) {
		cfg := c.Config.Copy()
		cfg.Region = region
		collectAccessPoints(ctx, c, s3control.NewFromConfig(cfg), region)
	})
}

// collectAccessPoints asks one Region, which keeps the access points of its buckets.
func collectAccessPoints(ctx context.Context, c *Collector, api *s3control.Client, region string) {
	account := awssdk.String(c.Account)
	for _, p := range pages(ctx, c, "ListAccessPoints", region, s3control.NewListAccessPointsPaginator(api, &s3control.ListAccessPointsInput{AccountId: account})) {
		for _, x := range p.AccessPointList {
			subject := region + " " + awssdk.ToString(x.Name) // names are unique in an account and Region
			ask(ctx, c, "GetAccessPoint", subject, api.GetAccessPoint, &s3control.GetAccessPointInput{AccountId: account, Name: x.Name})
			ask(ctx, c, "GetAccessPointPolicy", subject, api.GetAccessPointPolicy, &s3control.GetAccessPointPolicyInput{AccountId: account, Name: x.Name})
		}
	}
}

// bucketPoint is an access point as its account reports it.
type bucketPoint struct {
	policy.AccessPoint
	bucketOwner, name string
	unread            string // why its policy is not known whole, for the facts
}

// pointLists are the access points of all accounts.
type pointLists struct {
	byBucket map[string][]*bucketPoint // by name of the bucket
	// buckets are the names of the buckets behind ARNs and aliases of access points.
	buckets map[string]string
	// unread says why a list is not whole; a Region that is not there was not asked.
	unread map[place]string
}

func buildS3Control(r *Region) {
	for _, list := range r.each("ListAccessPoints") {
		at := place{r.Account, list.Subject}
		if r.points.unread[at] = ""; !list.OK() {
			r.points.unread[at] = r.why("ListAccessPoints", list)
		}
		for _, x := range decode[struct {
			AccessPointList []struct {
				Name, Alias, AccessPointArn, Bucket, BucketAccountId, NetworkOrigin string
				VpcConfiguration                                                    *struct{ VpcId string }
			}
		}](list).AccessPointList {
			p := &bucketPoint{name: x.Name, bucketOwner: x.BucketAccountId}
			p.Account = r.Account
			p.ARN = ARN{r.Partition, "s3", list.Subject, r.Account, "accesspoint/" + x.Name}.String()
			for _, name := range []string{p.ARN, x.AccessPointArn, x.Alias} {
				r.points.buckets[name] = x.Bucket
			}
			if p.bucketOwner == "" {
				p.bucketOwner = r.Account
			}
			if p.VPC = ""; x.VpcConfiguration != nil {
				p.VPC = x.VpcConfiguration.VpcId
			}
			r.readPoint(p, list.Subject+" "+x.Name)
			r.points.add(x.Bucket, p)
		}
	}
}

func (l *pointLists) add(bucket string, p *bucketPoint) {
	if !slices.ContainsFunc(l.byBucket[bucket], func(o *bucketPoint) bool { return o.name == p.name && o.Account == p.Account }) {
		l.byBucket[bucket] = append(l.byBucket[bucket], p)
	}
}

// bucketByPoint finds the bucket behind the ARN or the alias of an access point, which
// clients take in place of a bucket's name. Source: Amazon S3 User Guide, "Using access
// points with compatible API operations".
func (b *Builder) bucketByPoint(r reference) *graph.Node {
	name := r.text
	if head, rest, ok := strings.Cut(name, ":accesspoint/"); ok {
		point, _, _ := strings.Cut(rest, "/")
		name = head + ":accesspoint/" + point
	}
	bucket := b.points.buckets[name]
	if name == "" || bucket == "" {
		return nil
	}
	return b.bucketNamed(bucket)
}

// readPoint reads the block settings and the policy of an access point.
func (r *Region) readPoint(p *bucketPoint, subject string) {
	settings, doc := r.answer("GetAccessPoint", subject), r.answer("GetAccessPointPolicy", subject)
	block := decode[struct{ PublicAccessBlockConfiguration *accessBlock }](settings).PublicAccessBlockConfiguration
	switch {
	case block != nil && block.RestrictPublicBuckets != nil:
		p.Block = *block.RestrictPublicBuckets
	default:
		p.BlockUnread = r.why("GetAccessPoint", settings)
	}
	text := decode[struct{ Policy string }](doc).Policy
	switch {
	case doc.OK() && strings.TrimSpace(text) != "":
		x, err := policy.ParsePolicy(text)
		if err != nil {
			p.Missing = "s3control:GetAccessPointPolicy: the policy cannot be read: " + err.Error()
			break
		}
		p.Policy = x.Named(p.ARN + " policy")
		p.unread = x.Undecided()
	case !doc.OK() && !doc.Absent():
		p.Missing = r.why("GetAccessPointPolicy", doc)
	}
	if p.unread == "" {
		p.unread = p.Missing
	}
}

// bucketPoints sets the access points of a bucket, when those of all accounts are known.
func (r *Region) bucketPoints(n *graph.Node) {
	r.afterNodes(func() {
		side := r.resourceSide(n.ID)
		whole := r.points.whyUnread(n.Account, n.Region)
		for _, p := range r.points.byBucket[n.Name] {
			if p.bucketOwner == n.Account {
				if n.Region != "" { // an access point is in the Region of its bucket, whichever list named it
					p.ARN = ARN{r.Partition, "s3", n.Region, p.Account, "accesspoint/" + p.name}.String()
					r.points.buckets[p.ARN] = n.Name
				}
				r.closePoint(p, side)
				side.points = append(side.points, &p.AccessPoint)
			}
		}
		slices.SortFunc(side.points, func(x, y *policy.AccessPoint) int { return strings.Compare(x.ARN, y.ARN) })
		r.pointFacts(n, whole)
		side.unseenPoints(r.points, n, whole)
	})
}

// closePoint adds what bucket and account block: each setting holds when it is on
// anywhere.
func (r *Region) closePoint(p *bucketPoint, side *resourceSide) {
	switch why := side.missing[policy.LayerPublicBlock]; {
	case p.Block || side.s3.BlockPublic:
		p.Block, p.BlockUnread = true, ""
	case p.BlockUnread == "":
		p.BlockUnread = why
	}
}

// whyUnread says why the access points of an account in a Region are not known; empty
// when they are.
func (l *pointLists) whyUnread(account, region string) string {
	why, asked := l.unread[place{account, region}]
	switch {
	case !asked && region == "":
		return "the Region of the bucket is not known"
	case !asked:
		return fmt.Sprintf("the access points of account %s in %s were not asked for", account, region)
	}
	return why
}

// unseenPoints adds, for a policy that speaks of access points, those that may be there
// and could not be listed. Other policies give nobody more through an access point than
// without it.
func (s *resourceSide) unseenPoints(lists pointLists, n *graph.Node, whole string) {
	s.pointsRead = whole == ""
	if s.policy == nil {
		return
	}
	asked := s.policy.AccessPointAccounts()
	for _, account := range slices.Compact(slices.Sorted(slices.Values(append(slices.Clone(asked), n.Account)))) {
		why := "the policy does not say of which account"
		if account != "" {
			why = lists.whyUnread(account, n.Region)
		}
		if why == "" || len(asked) == 0 {
			continue
		}
		s.pointsRead = true
		s.points = append(s.points, &policy.AccessPoint{Account: account, Missing: why})
	}
}

// pointFacts says which access points there are, and which of them let anybody in.
// Source: Amazon S3 User Guide, "Managing public access to access points".
func (r *Region) pointFacts(n *graph.Node, whole string) {
	list, open := []string{}, []string{}
	unsure := whole
	for _, p := range r.points.byBucket[n.Name] {
		if p.bucketOwner != n.Account {
			continue
		}
		if p.VPC != "" {
			list = append(list, p.name+" from "+p.VPC+" only")
			continue
		}
		list = append(list, p.name)
		public := p.Policy != nil && len(policy.PublicStatements(p.Policy, r.owner(n))) > 0
		switch {
		case p.Block || !public && p.unread == "":
		case public && p.BlockUnread == "" && p.unread == "":
			open = append(open, p.name)
		default:
			unsure = strings.Trim(unsure+"; "+p.name+": "+strings.Trim(p.unread+"; "+p.BlockUnread, "; "), "; ")
		}
	}
	slices.Sort(list)
	slices.Sort(open)
	src, doc := graph.From("s3control:ListAccessPoints", "AccessPointList[].Name"), graph.From("s3control:GetAccessPointPolicy", "Policy")
	if whole != "" {
		graph.AccessPoints.Unknown(&n.Facts, whole, src)
	} else {
		graph.AccessPoints.Set(&n.Facts, list, src)
	}
	if unsure != "" && len(open) == 0 {
		graph.PublicAccessPoints.Unknown(&n.Facts, unsure, doc)
		return
	}
	graph.PublicAccessPoints.Set(&n.Facts, open, doc)
}
