package aws

import (
	"cmp"
	"context"

	awssdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"github.com/flowdeed/flowdeed/graph"
	"github.com/flowdeed/flowdeed/iam"
)

var s3Service = &Service{
	Name:   "s3",
	Doc:    "Buckets: encryption, policy, lists, public access block, versions, expiry, replication, notifications and logs. Objects are never listed or read.",
	Global: true,
	Calls: []Call{
		{Operation: "ListBuckets", Action: "s3:ListAllMyBuckets", Drop: []string{"Owner.DisplayName"}},
		{Operation: "GetBucketLocation", Action: "s3:GetBucketLocation"},
		{Operation: "GetBucketEncryption", Action: "s3:GetEncryptionConfiguration"},
		{Operation: "GetBucketPolicy", Action: "s3:GetBucketPolicy"},
		{Operation: "GetPublicAccessBlock", Action: "s3:GetBucketPublicAccessBlock"},
		{Operation: "GetBucketAcl", Action: "s3:GetBucketAcl", Drop: []string{"Owner.DisplayName", "Grants[].Grantee.DisplayName", "Grants[].Grantee.EmailAddress"}},
		{Operation: "GetBucketOwnershipControls", Action: "s3:GetBucketOwnershipControls"},
		{Operation: "GetBucketVersioning", Action: "s3:GetBucketVersioning"},
		{Operation: "GetBucketLogging", Action: "s3:GetBucketLogging"},
		{Operation: "GetBucketNotificationConfiguration", Action: "s3:GetBucketNotification"},
		{Operation: "GetBucketReplication", Action: "s3:GetReplicationConfiguration"},
		{Operation: "GetBucketLifecycleConfiguration", Action: "s3:GetLifecycleConfiguration"},
		{Operation: "GetObjectLockConfiguration", Action: "s3:GetBucketObjectLockConfiguration"},
		{Operation: "GetBucketWebsite", Action: "s3:GetBucketWebsite"},
		{Operation: "GetBucketTagging", Action: "s3:GetBucketTagging"},
		{Operation: "ListBucketInventoryConfigurations", Action: "s3:GetInventoryConfiguration", Optional: true},
	},
	Collect: collectS3,
	Build:   buildS3,
}

func collectS3(ctx context.Context, c *Collector) {
	home := s3.NewFromConfig(c.Config, pathStyle(c))
	var names []string
	regions := map[string]string{}
	for _, p := range pages(ctx, c, "ListBuckets", "", s3.NewListBucketsPaginator(home, &s3.ListBucketsInput{MaxBuckets: awssdk.Int32(1000)})) {
		for _, b := range p.Buckets {
			names = append(names, awssdk.ToString(b.Name))
			regions[awssdk.ToString(b.Name)] = awssdk.ToString(b.BucketRegion)
		}
	}
	each(ctx, names, func(name string) { collectBucket(ctx, c, home, name, regions[name]) })
}

// pathStyle keeps bucket names out of host names for endpoints that are not AWS.
func pathStyle(c *Collector) func(*s3.Options) {
	return func(o *s3.Options) { o.UsePathStyle = c.Config.BaseEndpoint != nil }
}

func collectBucket(ctx context.Context, c *Collector, home *s3.Client, name, region string) {
	b := awssdk.String(name)
	if region == "" {
		if out := ask(ctx, c, "GetBucketLocation", name, home.GetBucketLocation, &s3.GetBucketLocationInput{Bucket: b}); out != nil {
			region = bucketRegion(string(out.LocationConstraint))
		}
	}
	api := s3.NewFromConfig(c.Config, pathStyle(c), func(o *s3.Options) { o.Region = cmp.Or(region, o.Region) })
	ask(ctx, c, "GetBucketEncryption", name, api.GetBucketEncryption, &s3.GetBucketEncryptionInput{Bucket: b})
	ask(ctx, c, "GetBucketPolicy", name, api.GetBucketPolicy, &s3.GetBucketPolicyInput{Bucket: b})
	ask(ctx, c, "GetPublicAccessBlock", name, api.GetPublicAccessBlock, &s3.GetPublicAccessBlockInput{Bucket: b})
	ask(ctx, c, "GetBucketAcl", name, api.GetBucketAcl, &s3.GetBucketAclInput{Bucket: b})
	ask(ctx, c, "GetBucketOwnershipControls", name, api.GetBucketOwnershipControls, &s3.GetBucketOwnershipControlsInput{Bucket: b})
	ask(ctx, c, "GetBucketVersioning", name, api.GetBucketVersioning, &s3.GetBucketVersioningInput{Bucket: b})
	ask(ctx, c, "GetBucketLogging", name, api.GetBucketLogging, &s3.GetBucketLoggingInput{Bucket: b})
	ask(ctx, c, "GetBucketNotificationConfiguration", name, api.GetBucketNotificationConfiguration, &s3.GetBucketNotificationConfigurationInput{Bucket: b})
	ask(ctx, c, "GetBucketReplication", name, api.GetBucketReplication, &s3.GetBucketReplicationInput{Bucket: b})
	ask(ctx, c, "GetBucketLifecycleConfiguration", name, api.GetBucketLifecycleConfiguration, &s3.GetBucketLifecycleConfigurationInput{Bucket: b})
	ask(ctx, c, "GetObjectLockConfiguration", name, api.GetObjectLockConfiguration, &s3.GetObjectLockConfigurationInput{Bucket: b})
	ask(ctx, c, "GetBucketWebsite", name, api.GetBucketWebsite, &s3.GetBucketWebsiteInput{Bucket: b})
	ask(ctx, c, "GetBucketTagging", name, api.GetBucketTagging, &s3.GetBucketTaggingInput{Bucket: b})
	tokens(ctx, c, "ListBucketInventoryConfigurations", name, func(ctx context.Context, token *string) (*s3.ListBucketInventoryConfigurationsOutput, *string, error) {
		out, err := api.ListBucketInventoryConfigurations(ctx, &s3.ListBucketInventoryConfigurationsInput{Bucket: b, ContinuationToken: token})
		if err != nil {
			return nil, nil, err
		}
		return out, out.NextContinuationToken, nil
	})
}

// bucketRegion reads a location constraint. Source: Amazon S3 API Reference,
// "GetBucketLocation": empty is us-east-1, EU is eu-west-1.
func bucketRegion(constraint string) string {
	switch constraint {
	case "":
		return "us-east-1"
	case "EU":
		return "eu-west-1"
	}
	return constraint
}

func buildS3(r *Region) {
	for _, list := range r.each("ListBuckets") {
		for _, b := range decode[struct {
			Buckets []struct{ Name, BucketRegion string }
		}](list).Buckets {
			r.bucket(b.Name, b.BucketRegion)
		}
	}
}

func (r *Region) bucket(name, region string) {
	if loc := r.answer("GetBucketLocation", name); region == "" && loc.OK() {
		region = bucketRegion(decode[struct{ LocationConstraint string }](loc).LocationConstraint)
	}
	n := r.node(graph.Node{
		ID: graph.ID(ARN{r.Partition, "s3", "", "", name}.String()), Class: graph.Bucket, Kind: "s3.bucket", Type: "AWS::S3::Bucket",
		Name: name, Aliases: bucketHosts(name, region),
	})
	n.Region = region // empty, not "global", when the location was refused
	tags := r.answer("GetBucketTagging", name)
	tagNode(n, keyValues(decode[struct{ TagSet []keyValue }](tags).TagSet))
	r.bucketEncryption(n)
	policy := r.answer("GetBucketPolicy", name)
	r.resourcePolicy(n, decode[struct{ Policy *string }](policy).Policy, "GetBucketPolicy", policy, "Policy")
	r.bucketLists(n)
	r.bucketBlock(n)
	r.bucketPoints(n)
	r.bucketKeeping(n)
	r.bucketLogging(n)
	r.bucketNotifications(n)
	r.bucketReplication(n)
	r.bucketInventories(n)
}

func bucketHosts(name, region string) []string {
	out := []string{"s3://" + name, name + ".s3.amazonaws.com"}
	if region != "" {
		out = append(out, name+".s3."+region+".amazonaws.com", name+".s3-website-"+region+".amazonaws.com", name+".s3-website."+region+".amazonaws.com")
	}
	return out
}

func (r *Region) bucketEncryption(n *graph.Node) {
	const op = "GetBucketEncryption"
	a := r.answer(op, n.Name)
	type rule struct {
		ApplyServerSideEncryptionByDefault *struct{ SSEAlgorithm, KMSMasterKeyID string }
		BlockedEncryptionTypes             *struct{ EncryptionType []string }
	}
	got := decode[struct {
		ServerSideEncryptionConfiguration *struct{ Rules []rule }
	}](a).ServerSideEncryptionConfiguration
	src := r.source(op, "ServerSideEncryptionConfiguration.Rules[].ApplyServerSideEncryptionByDefault.SSEAlgorithm")
	graph.SSECBlocked.Unknown(&n.Facts, r.why(op, a), r.source(op, "ServerSideEncryptionConfiguration.Rules[].BlockedEncryptionTypes"))
	switch {
	case a.Absent():
		// Source: Amazon S3 User Guide, "Setting default server-side encryption behavior
		// for Amazon S3 buckets": since January 2023 no bucket is without. AWS answers
		// with the setting; endpoints that imitate it may still say there is none.
		r.encryptedBy(n, "SSE-S3", graph.KeyProviderOwned, "no setting of its own: the base level of every bucket; objects stored before January 2023 may be clear", src)
		return
	case !a.OK() || got == nil || len(got.Rules) == 0 || got.Rules[0].ApplyServerSideEncryptionByDefault == nil:
		r.restUnknown(n, r.why(op, a), src)
		return
	}
	blocked := got.Rules[0].BlockedEncryptionTypes
	graph.SSECBlocked.Set(&n.Facts, blocked != nil && contains(blocked.EncryptionType, "SSE-C"), r.source(op, "ServerSideEncryptionConfiguration.Rules[].BlockedEncryptionTypes"))
	d := got.Rules[0].ApplyServerSideEncryptionByDefault
	switch {
	case d.SSEAlgorithm == "AES256":
		r.encryptedBy(n, "SSE-S3", graph.KeyProviderOwned, "", src)
	case d.KMSMasterKeyID != "":
		r.encrypted(n, "SSE-KMS", d.KMSMasterKeyID, r.source(op, "ServerSideEncryptionConfiguration.Rules[].ApplyServerSideEncryptionByDefault.KMSMasterKeyID"))
	default:
		r.encryptedBy(n, "SSE-KMS", graph.KeyAWSManaged, "KMS without a key id: the key aws/s3", src)
	}
}

// bucketLists reads the access control list. With lists disabled by object ownership
// it has no effect. Source: Amazon S3 User Guide, "Controlling ownership of objects
// and disabling ACLs for your bucket".
func (r *Region) bucketLists(n *graph.Node) {
	const op = "GetBucketAcl"
	a := r.answer(op, n.Name)
	src := r.source(op, "Grants[].Grantee.URI")
	side := r.resourceSide(n.ID)
	side.s3.ACLsDisabled = r.listsDisabled(n)
	if own := r.answer("GetBucketOwnershipControls", n.Name); !known(own) {
		side.s3.ACLsUnread = r.why("GetBucketOwnershipControls", own)
	}
	if !a.OK() {
		if !side.s3.ACLsDisabled {
			side.missing = missing(side.missing, iam.LayerACL, r.why(op, a))
		}
		graph.PublicACL.Unknown(&n.Facts, r.why(op, a), src)
		return
	}
	open := []string{}
	list := decode[accessList](a)
	for _, g := range list.Grants {
		if g.Grantee != nil && (contains(publicGroups, g.Grantee.URI)) {
			open = append(open, g.Permission+" to "+shortName(g.Grantee.URI))
		}
	}
	side.s3.ACL = list.entries()
	if side.s3.ACLsDisabled {
		graph.PublicACL.SetNote(&n.Facts, []string{}, "lists are disabled: bucket owner enforced", src)
		return
	}
	graph.PublicACL.Set(&n.Facts, open, src)
}

func (r *Region) listsDisabled(n *graph.Node) bool {
	own := decode[struct {
		OwnershipControls *struct {
			Rules []struct{ ObjectOwnership string }
		}
	}](r.answer("GetBucketOwnershipControls", n.Name)).OwnershipControls
	return own != nil && len(own.Rules) > 0 && own.Rules[0].ObjectOwnership == "BucketOwnerEnforced"
}

// accessList is the access control list of a bucket.
type accessList struct {
	Owner  *struct{ ID string }
	Grants []struct {
		Grantee    *struct{ URI, ID string }
		Permission string
	}
}

// entries are the grants to others than the owner.
func (l accessList) entries() []iam.ACLGrant {
	var out []iam.ACLGrant
	for _, g := range l.Grants {
		switch {
		case g.Grantee == nil:
		case g.Grantee.URI != "":
			out = append(out, iam.ACLGrant{Grantee: shortName(g.Grantee.URI), Permission: g.Permission})
		case g.Grantee.ID != "" && (l.Owner == nil || l.Owner.ID != g.Grantee.ID):
			out = append(out, iam.ACLGrant{Grantee: g.Grantee.ID, Permission: g.Permission})
		}
	}
	return out
}

var publicGroups = []string{"http://acs.amazonaws.com/groups/global/AllUsers", "http://acs.amazonaws.com/groups/global/AuthenticatedUsers"}

type accessBlock struct{ BlockPublicAcls, IgnorePublicAcls, BlockPublicPolicy, RestrictPublicBuckets *bool }

// bucketBlock joins the block settings of the bucket with those of the account: each
// holds when it is on at either level.
func (r *Region) bucketBlock(n *graph.Node) {
	const op = "GetPublicAccessBlock"
	a := r.answer(op, n.Name)
	src := r.source(op, "PublicAccessBlockConfiguration")
	own := decode[struct{ PublicAccessBlockConfiguration *accessBlock }](a).PublicAccessBlockConfiguration
	r.afterNodes(func() {
		account, accountAnswer := r.accountBlock()
		gaps, unsure := []string{}, false
		for _, f := range []struct {
			name string
			of   func(*accessBlock) *bool
		}{
			{"BlockPublicAcls", func(b *accessBlock) *bool { return b.BlockPublicAcls }},
			{"IgnorePublicAcls", func(b *accessBlock) *bool { return b.IgnorePublicAcls }},
			{"BlockPublicPolicy", func(b *accessBlock) *bool { return b.BlockPublicPolicy }},
			{"RestrictPublicBuckets", func(b *accessBlock) *bool { return b.RestrictPublicBuckets }},
		} {
			if own != nil && on(f.of(own)) || account != nil && on(f.of(account)) {
				continue
			}
			if !known(a) || !known(accountAnswer) {
				unsure = true
				continue
			}
			gaps = append(gaps, f.name)
		}
		if unsure {
			why := r.why(op, a)
			if known(a) {
				why = accountAnswer.Why("s3control:GetPublicAccessBlock")
			}
			graph.PublicBlocked.Unknown(&n.Facts, why, src)
			graph.PublicBlockGaps.Unknown(&n.Facts, why, src)
			side := r.resourceSide(n.ID)
			side.missing = missing(side.missing, iam.LayerPublicBlock, why)
			return
		}
		r.resourceSide(n.ID).s3.BlockPublic = !contains(gaps, "RestrictPublicBuckets")
		r.resourceSide(n.ID).s3.IgnorePublicACLs = !contains(gaps, "IgnorePublicAcls")
		graph.PublicBlockGaps.Set(&n.Facts, gaps, src)
		graph.PublicBlocked.Set(&n.Facts, !contains(gaps, "IgnorePublicAcls") && !contains(gaps, "RestrictPublicBuckets"), src)
	})
}

func on(b *bool) bool      { return b != nil && *b }
func known(a *Answer) bool { return a.OK() || a.Absent() }
func (r *Region) accountBlock() (*accessBlock, *Answer) {
	for _, o := range r.index.regions[inAccount{r.Account, "s3control"}] {
		if a := o.answer("GetPublicAccessBlock", o.Account); a != nil {
			return decode[struct{ PublicAccessBlockConfiguration *accessBlock }](a).PublicAccessBlockConfiguration, a
		}
	}
	return nil, nil
}

type lifecycleRule struct {
	Status                      string
	Prefix                      string
	Expiration                  *struct{ Days int }
	NoncurrentVersionExpiration *struct{ NoncurrentDays int }
	Filter                      *struct {
		Prefix                string
		Tag                   *struct{ Key string }
		And                   *struct{ Prefix string }
		ObjectSizeGreaterThan *int
		ObjectSizeLessThan    *int
	}
}

// wholeBucket tells whether a rule covers every object.
func (l lifecycleRule) wholeBucket() bool {
	f := l.Filter
	return l.Status == "Enabled" && l.Prefix == "" && (f == nil || f.Prefix == "" && f.Tag == nil && f.And == nil && f.ObjectSizeGreaterThan == nil && f.ObjectSizeLessThan == nil)
}

// bucketKeeping reads how long objects and their old versions stay.
func (r *Region) bucketKeeping(n *graph.Node) {
	const op, vop, lop, wop = "GetBucketLifecycleConfiguration", "GetBucketVersioning", "GetObjectLockConfiguration", "GetBucketWebsite"
	a := r.answer(op, n.Name)
	current, old := 0, 0
	for _, l := range decode[struct{ Rules []lifecycleRule }](a).Rules {
		if !l.wholeBucket() {
			continue
		}
		if l.Expiration != nil && l.Expiration.Days > 0 && (current == 0 || l.Expiration.Days < current) {
			current = l.Expiration.Days
		}
		if e := l.NoncurrentVersionExpiration; e != nil && e.NoncurrentDays > 0 && (old == 0 || e.NoncurrentDays < old) {
			old = e.NoncurrentDays
		}
	}
	field := "Rules[].Expiration.Days"
	if known(a) {
		graph.RetentionDays.Set(&n.Facts, current, r.source(op, field))
		graph.RetentionOld.Set(&n.Facts, old, r.source(op, "Rules[].NoncurrentVersionExpiration.NoncurrentDays"))
	} else {
		graph.RetentionDays.Unknown(&n.Facts, r.why(op, a), r.source(op, field))
		graph.RetentionOld.Unknown(&n.Facts, r.why(op, a), r.source(op, field))
	}
	v := r.answer(vop, n.Name)
	fact(r, &n.Facts, graph.Versioned, when(v.OK(), decode[struct{ Status string }](v).Status == "Enabled"), vop, v, "Status")
	l := r.answer(lop, n.Name)
	lock := decode[struct {
		ObjectLockConfiguration *struct {
			ObjectLockEnabled string
			Rule              *struct{ DefaultRetention *struct{ Days, Years int } }
		}
	}](l).ObjectLockConfiguration
	days := 0
	if lock != nil && lock.Rule != nil && lock.Rule.DefaultRetention != nil {
		days = lock.Rule.DefaultRetention.Days + 365*lock.Rule.DefaultRetention.Years
	}
	fact(r, &n.Facts, graph.ObjectLock, when(known(l), lock != nil && lock.ObjectLockEnabled == "Enabled"), lop, l, "ObjectLockConfiguration.ObjectLockEnabled")
	fact(r, &n.Facts, graph.LockDays, when(known(l), days), lop, l, "ObjectLockConfiguration.Rule.DefaultRetention.Days")
	w := r.answer(wop, n.Name)
	fact(r, &n.Facts, graph.Website, when(known(w), w.OK()), wop, w, "IndexDocument.Suffix")
}

// when returns a pointer to v if the call was answered, otherwise nil.
func when[T any](answered bool, v T) *T {
	if !answered {
		return nil
	}
	return &v
}

func (r *Region) bucketLogging(n *graph.Node) {
	const op = "GetBucketLogging"
	a := r.answer(op, n.Name)
	src := r.source(op, "LoggingEnabled.TargetBucket")
	if !a.OK() {
		graph.LoggingOn.Unknown(&n.Facts, r.why(op, a), src)
		graph.LogTargets.Unknown(&n.Facts, r.why(op, a), src)
		return
	}
	l := decode[struct {
		LoggingEnabled *struct{ TargetBucket, TargetPrefix string }
	}](a).LoggingEnabled
	targets := []string{}
	if l != nil && l.TargetBucket != "" {
		target := ARN{r.Partition, "s3", "", "", l.TargetBucket}.String()
		targets = append(targets, target)
		r.flow(graph.LogsTo, string(n.ID), target, "server access logs", src, l.TargetPrefix)
	}
	graph.LoggingOn.Set(&n.Facts, len(targets) > 0, src)
	graph.LogTargets.Set(&n.Facts, targets, src)
}

type notification struct {
	LambdaFunctionArn, QueueArn, TopicArn string
	Events                                []string
	Filter                                *struct {
		Key *struct {
			FilterRules []struct{ Name, Value string }
		}
	}
}

func (r *Region) bucketNotifications(n *graph.Node) {
	const op = "GetBucketNotificationConfiguration"
	a := r.answer(op, n.Name)
	got := decode[struct {
		LambdaFunctionConfigurations, QueueConfigurations, TopicConfigurations []notification
		EventBridgeConfiguration                                               *struct{}
	}](a)
	for _, list := range [][]notification{got.LambdaFunctionConfigurations, got.QueueConfigurations, got.TopicConfigurations} {
		for _, x := range list {
			kind, field := graph.Delivers, "QueueConfigurations[].QueueArn"
			switch {
			case x.LambdaFunctionArn != "":
				kind, field = graph.Triggers, "LambdaFunctionConfigurations[].LambdaFunctionArn"
			case x.TopicArn != "":
				field = "TopicConfigurations[].TopicArn"
			}
			f := r.flow(kind, string(n.ID), x.LambdaFunctionArn+x.QueueArn+x.TopicArn, "object notification", r.source(op, field), join(x.Events))
			graph.Asynchronous.Set(&f.Facts, true, r.source(op, field))
			if x.Filter != nil && x.Filter.Key != nil && len(x.Filter.Key.FilterRules) > 0 {
				graph.Filtered.Set(&f.Facts, x.Filter.Key.FilterRules[0].Name+" "+x.Filter.Key.FilterRules[0].Value, r.source(op, "LambdaFunctionConfigurations[].Filter.Key.FilterRules[].Value"))
			}
		}
	}
	if got.EventBridgeConfiguration != nil {
		bus := ARN{r.Partition, "events", n.Region, r.Account, "event-bus/default"}.String()
		r.flow(graph.Delivers, string(n.ID), bus, "object notification", r.source(op, "EventBridgeConfiguration"), "EventBridge")
	}
}

func join(list []string) string {
	out := ""
	for i, s := range list {
		if i > 0 {
			out += ", "
		}
		out += s
	}
	return out
}

func (r *Region) bucketReplication(n *graph.Node) {
	const op = "GetBucketReplication"
	got := decode[struct {
		ReplicationConfiguration *struct {
			Role  string
			Rules []struct {
				Status      string
				Destination *struct{ Bucket, Account string }
			}
		}
	}](r.answer(op, n.Name)).ReplicationConfiguration
	if got == nil {
		return
	}
	for _, x := range got.Rules {
		if x.Status == "Enabled" && x.Destination != nil {
			r.flow(graph.Replicates, string(n.ID), x.Destination.Bucket, "replication", r.source(op, "ReplicationConfiguration.Rules[].Destination.Bucket"), x.Destination.Account)
		}
	}
	if got.Role != "" {
		r.flow(graph.Assumes, string(n.ID), got.Role, "replication", r.source(op, "ReplicationConfiguration.Role"), "")
	}
}

func (r *Region) bucketInventories(n *graph.Node) {
	const op = "ListBucketInventoryConfigurations"
	for _, x := range decode[struct {
		InventoryConfigurationList []struct {
			Destination *struct{ S3BucketDestination *struct{ Bucket string } }
		}
	}](r.answer(op, n.Name)).InventoryConfigurationList {
		if x.Destination != nil && x.Destination.S3BucketDestination != nil {
			r.flow(graph.LogsTo, string(n.ID), x.Destination.S3BucketDestination.Bucket, "inventory", r.source(op, "InventoryConfigurationList[].Destination.S3BucketDestination.Bucket"), "")
		}
	}
}
